//! What locals had of an account that moved goes along to where it moved: notes, blocks, mutes, follows with their
//! options, places on lists.
//!
//! In portions, each a transaction. Whoever was carried is not found again, or is left alone, so that the job may run
//! twice.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account, Follow},
    ids::{AccountId, RelationId},
};
use pouet_storage::{
    Conn, accounts, blocks, follows as follow_rows,
    follows::FollowChange,
    lists, moves as rows,
    mutes::{self, NewMute},
    notes, timelines,
};

use crate::{
    blocks::block_in,
    error::{Error, Result},
    follows::{
        Door,
        change::{BACKFILL, end_outward},
        follow_in,
    },
    instance::Instance,
};

/// Rows carried in one transaction.
const BATCH: i64 = 50;

/// Who moved and where to, as a portion finds them.
struct Pair {
    old: Account,
    new: Account,
    now: DateTime<Utc>,
}

/// Carries everything that locals had of `old` over to `new`.
pub(crate) async fn carry(instance: &Instance, old: AccountId, new: AccountId) -> Result<()> {
    // Blocks and mutes first, so that nobody sees anything of the new account meanwhile.
    in_portions(instance, old, new, carry_blocks).await?;
    in_portions(instance, old, new, carry_mutes).await?;
    in_portions(instance, old, new, carry_notes).await?;
    in_portions(instance, old, new, carry_follows).await
}

/// A portion gets the key after which it begins, and gives the key of its last row; `None` if there was none.
type Portion = fn(&mut Conn, &Instance, &Pair, i64) -> Result<Option<i64>>;

async fn in_portions(instance: &Instance, old: AccountId, new: AccountId, portion: Portion) -> Result<()> {
    let mut after = 0;
    loop {
        let writer = instance.clone();
        let last = instance
            .write(move |tx| {
                let there = |account: Option<Account>| account.filter(Account::is_active);
                let (Some(old), Some(new)) = (
                    accounts::find_account(tx, old)?,
                    there(accounts::find_account(tx, new)?),
                ) else {
                    return Ok(None);
                };
                let now = writer.now();
                portion(tx, &writer, &Pair { old, new, now }, after)
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

fn carry_blocks(tx: &mut Conn, instance: &Instance, pair: &Pair, after: i64) -> Result<Option<i64>> {
    let blockers = rows::list_local_blockers(tx, pair.old.id, AccountId(after), BATCH)?;
    for blocker in &blockers {
        let follows = follow_rows::find_follow(tx, *blocker, pair.new.id)?.is_some();
        // Whoever follows the new account has made up their mind about it.
        if *blocker != pair.new.id && !follows && !blocks::is_blocking(tx, *blocker, pair.new.id)? {
            block_in(tx, instance, *blocker, &pair.new, pair.now)?;
        }
    }
    Ok(blockers.last().map(|last| last.0))
}

fn carry_mutes(tx: &mut Conn, instance: &Instance, pair: &Pair, after: i64) -> Result<Option<i64>> {
    let muters = rows::list_muters(tx, pair.old.id, pair.now, AccountId(after), BATCH)?;
    for (muter, muted) in &muters {
        let known = mutes::load_muted(tx, *muter, &[pair.new.id], pair.now)?;
        if *muter == pair.new.id || !known.is_empty() {
            continue;
        }
        let mute = NewMute {
            id: instance.next_id(),
            account_id: *muter,
            target_id: pair.new.id,
            notifications: muted.notifications,
            expires_at: muted.expires_at,
            created_at: pair.now,
        };
        mutes::insert_or_update_mute(tx, &mute)?;
        timelines::feed_remove_author(tx, *muter, pair.new.id)?;
    }
    Ok(muters.last().map(|(last, _)| last.0))
}

fn carry_notes(tx: &mut Conn, _: &Instance, pair: &Pair, after: i64) -> Result<Option<i64>> {
    let found = rows::list_notes_about(tx, pair.old.id, AccountId(after), BATCH)?;
    for (writer, comment) in &found {
        if notes::load_notes(tx, *writer, &[pair.new.id])?.is_empty() {
            notes::replace_note(tx, *writer, pair.new.id, comment)?;
        }
    }
    Ok(found.last().map(|(last, _)| last.0))
}

fn carry_follows(tx: &mut Conn, instance: &Instance, pair: &Pair, after: i64) -> Result<Option<i64>> {
    let found = follow_rows::list_local_follows(tx, pair.old.id, RelationId(after), BATCH)?;
    for follow in &found {
        carry_follow(tx, instance, pair, follow)?;
    }
    Ok(found.last().map(|last| last.id.0))
}

/// The follower follows the new account with the options of the old follow, which then ends. Who cannot, because they
/// block the new account or its domain, goes on following the old one.
fn carry_follow(tx: &mut Conn, instance: &Instance, pair: &Pair, follow: &Follow) -> Result<()> {
    let Some(follower) = accounts::find_account(tx, follow.account_id)? else {
        return Ok(());
    };
    if follower.id != pair.new.id {
        let known = follow_rows::find_follow(tx, follower.id, pair.new.id)?.is_some();
        let change = if known {
            FollowChange::default()
        } else {
            FollowChange {
                show_reblogs: Some(follow.show_reblogs),
                notify: Some(follow.notify),
                languages: Some(follow.languages.clone()),
            }
        };
        match follow_in(tx, instance, &follower, &pair.new, change, Door::Open) {
            Ok(()) => carry_lists(tx, instance, pair, follower.id)?,
            Err(Error::Forbidden(reason)) => {
                tracing::debug!(follower = %follower.id, reason, "a follower stays behind");
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    end_outward(tx, instance, follower.id, &pair.old, pair.now)
}

/// The new account takes the old one's places on the follower's lists.
fn carry_lists(tx: &mut Conn, instance: &Instance, pair: &Pair, owner: AccountId) -> Result<()> {
    let accepted = follow_rows::find_follow(tx, owner, pair.new.id)?.is_some_and(|follow| follow.accepted);
    for list in lists::list_lists_containing(tx, owner, pair.old.id)? {
        if lists::insert_member(tx, instance.next_id(), list.id, pair.new.id)? && accepted {
            timelines::list_feed_backfill(tx, list.id, pair.new.id, BACKFILL)?;
        }
    }
    Ok(())
}
