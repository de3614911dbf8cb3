//! Whose timelines a new status enters.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    filter::RepliesPolicy,
    ids::{AccountId, ListId, TagId},
    status::{Mention, Status},
};
use pouet_storage::{Conn, sight, statuses, tag_follows, timelines};

use crate::{error::Result, instance::Instance};

/// Home timelines are trimmed to this many rows above their limit, so that not every insertion has to.
const TRIM_EVERY: i64 = 64;

/// Whom a status reached.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// Whose home timeline it entered.
    pub(super) home: Vec<AccountId>,
    /// Which lists' timelines it entered.
    pub(super) lists: Vec<ListId>,
    /// Who asked to be notified of the author's statuses.
    pub(super) notified: Vec<AccountId>,
}

/// Enters a status or boost into the home timelines and lists of local followers, and into its author's own. `tags`: of a public
/// status, its hashtags; it also enters the home timelines of those who follow them.
pub(super) fn distribute(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    author: &Account,
    mentions: &[Mention],
    tags: &[TagId],
    now: DateTime<Utc>,
) -> Result<Reached> {
    let audience = Recipients::load(tx, status, author, mentions, now)?;
    let memberships = timelines::list_lists_with(tx, author.id)?;
    let mut reached = Reached {
        notified: audience.notified.clone(),
        ..Reached::default()
    };
    let mut taken_by_list = HashSet::new();
    for (list, owner, policy, exclusive) in memberships {
        let may_have = audience.home.contains(&owner);
        if may_have && shows_reply(tx, list, owner, &policy, status)? {
            reached.lists.push(list);
            if exclusive && owner != author.id {
                taken_by_list.insert(owner);
            }
        }
    }
    let mut owners: Vec<AccountId> = audience
        .home
        .iter()
        .copied()
        .filter(|owner| !taken_by_list.contains(owner))
        .collect();
    owners.extend(tag_followers(tx, author, tags, &owners, now)?);
    reached.home = timelines::insert_home(tx, status, &owners)?;
    timelines::insert_lists(tx, status, &reached.lists)?;
    trim(tx, instance, status, &reached.home)?;
    Ok(reached)
}

fn trim(tx: &mut Conn, instance: &Instance, status: &Status, owners: &[AccountId]) -> Result<()> {
    if (status.id.0 >> 16) % TRIM_EVERY == 0 {
        for owner in owners {
            timelines::trim_home(tx, *owner, instance.limits().home_feed_rows)?;
        }
    }
    Ok(())
}

/// Enters a public status that came for nobody in particular into the home timelines of those who follow its hashtags. Returns
/// whose it entered.
pub(super) fn distribute_by_tags(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    author: &Account,
    tags: &[TagId],
    now: DateTime<Utc>,
) -> Result<Vec<AccountId>> {
    let owners = tag_followers(tx, author, tags, &[], now)?;
    let entered = timelines::insert_home(tx, status, &owners)?;
    trim(tx, instance, status, &entered)?;
    Ok(entered)
}

/// Who follows any of the hashtags and is none of `others`, but for those who do not want to see what the author writes. Limited
/// authors reach their followers alone.
fn tag_followers(
    tx: &mut Conn,
    author: &Account,
    tags: &[TagId],
    others: &[AccountId],
    now: DateTime<Utc>,
) -> Result<Vec<AccountId>> {
    if tags.is_empty() || author.silenced_at.is_some() {
        return Ok(Vec::new());
    }
    let mut found = tag_follows::list_tag_followers(tx, tags)?;
    let others: HashSet<&AccountId> = others.iter().collect();
    found.retain(|owner| !others.contains(owner));
    let unwilling = sight::load_unwilling(tx, &found, &[author.id], now)?;
    found.retain(|owner| !unwilling.contains(owner));
    Ok(found)
}

struct Recipients {
    home: Vec<AccountId>,
    notified: Vec<AccountId>,
}

impl Recipients {
    fn load(
        tx: &mut Conn,
        status: &Status,
        author: &Account,
        mentions: &[Mention],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let mut followers = timelines::list_local_followers(tx, author.id)?;
        let is_reblog = status.reblog_of_id.is_some();
        followers.retain(|follower| {
            let spoken = follower.languages.split_ascii_whitespace().collect::<Vec<_>>();
            let understood = spoken.is_empty()
                || status
                    .language
                    .as_deref()
                    .is_none_or(|language| spoken.contains(&language));
            let addressed = !status.visibility.is_for_addressees()
                || mentions.iter().any(|mention| mention.account_id == follower.id());
            understood && addressed && (!is_reblog || follower.show_reblogs)
        });
        let ids: Vec<AccountId> = followers.iter().map(timelines::FollowerRow::id).collect();
        let mut concerned = vec![author.id];
        if let Some(original) = status.reblog_of_id {
            concerned.extend(statuses::find_status(tx, original)?.map(|original| original.account_id));
        }
        let unwilling = sight::load_unwilling(tx, &ids, &concerned, now)?;
        let strangers_to_reply = hidden_replies(tx, status, &ids)?;
        let keeps = |id: &AccountId| !unwilling.contains(id);
        let mut home: Vec<AccountId> = ids
            .iter()
            .copied()
            .filter(|id| keeps(id) && !strangers_to_reply.contains(id))
            .collect();
        if author.is_local() && !home.contains(&author.id) {
            home.push(author.id);
        }
        let notified = followers
            .iter()
            .filter(|follower| follower.notify && !is_reblog && status.in_reply_to_id.is_none())
            .map(timelines::FollowerRow::id)
            .filter(keeps)
            .collect();
        Ok(Self { home, notified })
    }
}

/// Followers who do not see an answer to somebody they do not follow themselves, as on Mastodon.
fn hidden_replies(tx: &mut Conn, status: &Status, followers: &[AccountId]) -> Result<HashSet<AccountId>> {
    let is_reply = status.in_reply_to_id.is_some() || status.in_reply_to_uri.is_some();
    if !is_reply || status.in_reply_to_account_id == Some(status.account_id) {
        return Ok(HashSet::new());
    }
    let Some(answered) = status.in_reply_to_account_id else {
        return Ok(followers.iter().copied().collect());
    };
    let interested = sight::load_followers(tx, answered, followers)?;
    Ok(followers
        .iter()
        .copied()
        .filter(|id| *id != answered && !interested.contains(id))
        .collect())
}

/// Whether a list with this replies policy shows the status.
fn shows_reply(tx: &mut Conn, list: ListId, owner: AccountId, policy: &str, status: &Status) -> Result<bool> {
    let Some(answered) = status.in_reply_to_account_id else {
        return Ok(true);
    };
    if answered == status.account_id || answered == owner {
        return Ok(true);
    }
    match RepliesPolicy::parse(policy).unwrap_or_default() {
        RepliesPolicy::Followed => Ok(true),
        RepliesPolicy::List => Ok(timelines::is_list_member(tx, list, answered)?),
        RepliesPolicy::None => Ok(false),
    }
}
