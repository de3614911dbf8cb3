//! Mutes: accounts that somebody does not want to see, without their knowing.
//!
//! Source: <https://docs.joinmastodon.org/methods/accounts/#mute>

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::AccountId,
    page::{Keyed, Page},
};
use pouet_storage::{
    Conn, follows, lists,
    mutes::{self as rows, NewMute},
    notifications, timelines,
};

use crate::{
    error::{Error, Result},
    follows::{
        change::{BACKFILL, fill_home},
        find_present, keyed_accounts,
    },
    instance::Instance,
    notifications::requests,
};

/// Ended mutes that one call of [`end_expired`] tidies up.
const EXPIRED_BATCH: i64 = 100;
/// Longest mute, seconds: a hundred years. More counts as this.
const MAX_SECONDS: i64 = 100 * 365 * 86_400;

/// Mutes an account, or changes how it is muted: its statuses leave the home timeline.
///
/// `notifications`: its notifications too, those it has caused before as well. `duration_seconds`: until the mute
/// ends by itself; 0 or less: never.
///
/// # Errors
/// `NotFound` if there is no such account; `Forbidden` for oneself.
pub async fn mute(
    instance: &Instance,
    actor: AccountId,
    target: AccountId,
    notifications: bool,
    duration_seconds: i64,
) -> Result<()> {
    if actor == target {
        return Err(Error::Forbidden("you cannot mute yourself"));
    }
    let now = instance.now();
    let expires_at =
        (duration_seconds > 0).then(|| now + TimeDelta::seconds(duration_seconds.min(MAX_SECONDS)));
    let new = NewMute {
        id: instance.next_id(),
        account_id: actor,
        target_id: target,
        notifications,
        expires_at,
        created_at: now,
    };
    instance
        .write(move |tx| {
            find_present(tx, target)?;
            rows::insert_or_update_mute(tx, &new)?;
            timelines::feed_remove_author(tx, actor, target)?;
            if notifications {
                notifications::delete_notifications_from(tx, actor, target)?;
                requests::forget(tx, actor, target)?;
            }
            Ok(())
        })
        .await
}

/// Ends a mute; recent statuses come back to the home timeline of somebody who follows. That there is none is no
/// error.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn unmute(instance: &Instance, actor: AccountId, target: AccountId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            find_present(tx, target)?;
            end(tx, &handle, actor, target, now)
        })
        .await
}

fn end(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    target: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    if !rows::delete_mute(tx, actor, target)? {
        return Ok(());
    }
    match follows::find_follow(tx, actor, target)? {
        Some(follow) if follow.accepted => {
            fill_home(tx, instance, &follow, now)?;
            for list in lists::list_lists_containing(tx, actor, target)? {
                timelines::list_feed_backfill(tx, list.id, target, BACKFILL)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Tidies up mutes whose time is over: they have no effect from that moment on, but what they kept out of the home
/// timeline comes back here. Called from time to time; returns how many there were.
pub async fn end_expired(instance: &Instance) -> Result<usize> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let ended = rows::list_ended(tx, now, EXPIRED_BATCH)?;
            for (account, target) in &ended {
                end(tx, &handle, *account, *target, now)?;
            }
            Ok(ended.len())
        })
        .await
}

/// Accounts that `owner` mutes with the end of each mute, newest mute first; the keys are ids of mutes.
///
/// Source: <https://docs.joinmastodon.org/methods/mutes/#get>
pub async fn list(
    instance: &Instance,
    owner: AccountId,
    page: Page,
) -> Result<Vec<Keyed<(Arc<Account>, Option<DateTime<Utc>>)>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_mutes(conn, owner, now, &page)?;
            let ends: HashMap<i64, Option<DateTime<Utc>>> =
                found.iter().map(|(key, _, end)| (*key, *end)).collect();
            let page: Vec<(i64, AccountId)> = found.into_iter().map(|(key, id, _)| (key, id)).collect();
            let with_end = |Keyed { key, item }: Keyed<Arc<Account>>| Keyed {
                key,
                item: (item, ends.get(&key).copied().flatten()),
            };
            Ok(keyed_accounts(conn, &page)?.into_iter().map(with_end).collect())
        })
        .await
}
