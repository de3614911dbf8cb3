//! Posts of other servers that nobody here has to do with are kept for a while only (rule R098).
//!
//! A conversation goes as a whole or not at all, so that no thread is left with holes. What is gone was not deleted: it
//! is fetched again when somebody asks for it, under a new id of ours.
//!
//! Source: GoToSocial's cleaning of threads, <https://docs.gotosocial.org/en/latest/admin/post_caching/>, and
//! Mastodon's `tootctl statuses remove`, <https://docs.joinmastodon.org/admin/tootctl/#statuses-remove>

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::{ConversationId, JobId, StatusId};
use pouet_storage::{
    Conn,
    retention::{self as rows, Ages},
    settings, statuses as status_rows,
};

use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    settings::RetentionSettings,
    statuses,
};

/// Time between the end of a walk through all conversations and the next.
const EVERY: TimeDelta = TimeDelta::days(1);
/// Pause between two parts of a walk, in which others have the database.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Conversations that are looked at together.
const LOOKED_AT: i64 = 128;
/// Conversations that one job looks at, and statuses that it removes, before it leaves the rest to the next.
const LOOKED_AT_BY_JOB: i64 = 20_000;
const REMOVED_BY_JOB: i64 = 5_000;
/// Statuses removed in one transaction.
const REMOVED_AT_ONCE: i64 = 50;
/// Conversations that may be tied together. Larger nets of them stay.
const TIED: usize = 50;
/// Key of the setting that holds the last conversation that was looked at, while a walk is not over.
const POSITION: &str = "retention.position";

/// Conversations that reports, announcements, drafts and posts for later name.
type Named = Arc<HashSet<ConversationId>>;

/// What was removed, or would be.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Removed {
    /// Conversations, a single status being one too.
    pub conversations: i64,
    /// Statuses and boosts in them.
    pub statuses: i64,
}

/// Which statuses are old now; `None`: all are kept.
fn ages(settings: RetentionSettings, now: DateTime<Utc>) -> Option<Ages> {
    let ago = |days| now.checked_sub_signed(TimeDelta::try_days(days)?);
    let before = ago(settings.days).filter(|_| settings.days > 0)?;
    Some(Ages {
        before,
        followed_before: ago(settings.followed_days).filter(|_| settings.followed_days > 0),
    })
}

/// Removes everything that `settings` do not keep.
pub async fn prune(instance: &Instance, settings: RetentionSettings) -> Result<Removed> {
    let Some(ages) = ages(settings, instance.now()) else {
        return Ok(Removed::default());
    };
    let named = named(instance).await?;
    let (mut after, mut removed) = (ConversationId(0), Removed::default());
    while let Some(part) = look(instance, after, ages, &named).await? {
        after = part.last;
        let gone = remove(instance, part.unneeded, ages).await?;
        removed.conversations += gone.conversations;
        removed.statuses += gone.statuses;
    }
    Ok(removed)
}

/// Counts what [`prune`] would remove.
pub async fn count(instance: &Instance, settings: RetentionSettings) -> Result<Removed> {
    let Some(ages) = ages(settings, instance.now()) else {
        return Ok(Removed::default());
    };
    let named = named(instance).await?;
    let (mut after, mut counted) = (ConversationId(0), Removed::default());
    while let Some(mut part) = look(instance, after, ages, &named).await? {
        // What is tied to these is counted when its turn comes.
        part.unneeded.retain(|id| *id > after && *id <= part.last);
        after = part.last;
        counted.conversations += i64::try_from(part.unneeded.len()).unwrap_or(i64::MAX);
        counted.statuses += instance
            .read(move |conn| Ok(rows::count_statuses_in(conn, &part.unneeded)?))
            .await?;
    }
    Ok(counted)
}

async fn named(instance: &Instance) -> Result<Named> {
    let named = instance
        .read(|conn| Ok(rows::list_named_conversations(conn)?))
        .await?;
    Ok(Arc::new(named))
}

/// Goes on with the walk through all conversations, for a while; the next job goes on from there.
pub(crate) async fn run(instance: &Instance) -> Result<()> {
    let now = instance.now();
    let Some(ages) = ages(instance.settings.retention, now) else {
        return instance
            .write(|tx| {
                settings::delete_setting(tx, POSITION)?;
                Ok(())
            })
            .await;
    };
    let named = named(instance).await?;
    let mut after = instance.read(position).await?;
    let (mut looked_at, mut removed) = (0, Removed::default());
    let mut is_over = false;
    while !is_over && looked_at < LOOKED_AT_BY_JOB && removed.statuses < REMOVED_BY_JOB {
        match look(instance, after, ages, &named).await? {
            Some(part) => {
                let gone = remove(instance, part.unneeded, ages).await?;
                removed.conversations += gone.conversations;
                removed.statuses += gone.statuses;
                after = part.last;
                looked_at += LOOKED_AT;
            }
            None => is_over = true,
        }
    }
    if removed.statuses > 0 {
        tracing::info!(
            removed.conversations,
            removed.statuses,
            "old posts of other servers are removed"
        );
    }
    let id: JobId = instance.next_id();
    instance
        .write(move |tx| {
            let pause = if is_over {
                settings::delete_setting(tx, POSITION)?;
                EVERY
            } else {
                settings::upsert_setting(tx, POSITION, &after.to_string())?;
                PAUSE
            };
            jobs::enqueue(tx, id, &Job::RemoveOldStatuses, now + pause, now)
        })
        .await
}

/// Makes sure that a walk waits, if anything is to be removed.
pub(crate) fn schedule(tx: &mut Conn, instance: &Instance) -> Result<()> {
    let now = instance.now();
    if ages(instance.settings.retention, now).is_none() {
        return Ok(());
    }
    let id: JobId = instance.next_id();
    jobs::enqueue(tx, id, &Job::RemoveOldStatuses, now + EVERY, now)
}

fn position(conn: &mut Conn) -> Result<ConversationId> {
    let text = settings::find_setting(conn, POSITION)?;
    let position = text.and_then(|text| text.parse().ok());
    Ok(ConversationId(position.unwrap_or_default()))
}

/// What a look at some conversations found.
struct Part {
    /// The last one that was looked at.
    last: ConversationId,
    /// Those of them that are not needed, and others that go with these.
    unneeded: Vec<ConversationId>,
}

/// Looks at the conversations behind `after`; nothing if there are no more.
async fn look(instance: &Instance, after: ConversationId, ages: Ages, named: &Named) -> Result<Option<Part>> {
    let named = Arc::clone(named);
    instance
        .read(move |conn| {
            let ids = rows::list_old_conversations(conn, after, ages, LOOKED_AT)?;
            let Some(last) = ids.last().copied() else {
                return Ok(None);
            };
            let unneeded = list_unneeded(conn, &ids, ages, &named, true)?;
            Ok(Some(Part { last, unneeded }))
        })
        .await
}

/// Removes these conversations, as far as they are still not needed.
async fn remove(instance: &Instance, mut unneeded: Vec<ConversationId>, ages: Ages) -> Result<Removed> {
    let mut removed = Removed::default();
    while !unneeded.is_empty() {
        let (candidates, now) = (unneeded, instance.now());
        let (gone, left) = instance
            .write(move |tx| remove_part(tx, &candidates, ages, now))
            .await?;
        removed.conversations += gone.conversations;
        removed.statuses += gone.statuses;
        unneeded = left;
    }
    Ok(removed)
}

/// Removes some of these conversations, and says which are left to look at.
fn remove_part(
    tx: &mut Conn,
    candidates: &[ConversationId],
    ages: Ages,
    now: DateTime<Utc>,
) -> Result<(Removed, Vec<ConversationId>)> {
    rows::lock_statuses(tx, candidates)?;
    // Drafts, reports and the like hold no lock: what they name now counts.
    let named = rows::list_named_conversations(tx)?;
    // What got tied to others since the look waits for the next one.
    let mut left = list_unneeded(tx, candidates, ages, &named, false)?;
    let (mut removed, mut room) = (Removed::default(), REMOVED_AT_ONCE);
    while let Some(id) = left.last().copied() {
        let ids = rows::list_status_ids_in(tx, id, room)?;
        let count = forget_all(tx, &ids, now)?;
        removed.statuses += count;
        room -= count;
        if room <= 0 {
            break;
        }
        removed.conversations += i64::from(rows::delete_empty_conversation(tx, id)?);
        left.pop();
    }
    Ok((removed, left))
}

/// Removes these statuses and boosts; how many there were.
fn forget_all(tx: &mut Conn, ids: &[StatusId], now: DateTime<Utc>) -> Result<i64> {
    for id in ids {
        // A boost goes with the status that it boosts.
        if let Some(status) = status_rows::find_status(tx, *id)? {
            statuses::forget(tx, &status, now)?;
        }
    }
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

/// Which of these conversations nobody needs, together with all that they are tied to: any others, or only those of
/// `ids`.
fn list_unneeded(
    conn: &mut Conn,
    ids: &[ConversationId],
    ages: Ages,
    named: &HashSet<ConversationId>,
    with_others: bool,
) -> Result<Vec<ConversationId>> {
    let mut net = Net {
        ages,
        named,
        with_others,
        needed: HashMap::new(),
        ties: HashMap::new(),
    };
    net.learn(conn, ids)?;
    let mut found = HashSet::new();
    for id in ids {
        if !found.contains(id)
            && let Some(together) = net.without_needed(conn, *id)?
        {
            found.extend(together);
        }
    }
    let mut found: Vec<ConversationId> = found.into_iter().collect();
    found.sort_unstable();
    Ok(found)
}

/// What is known of conversations and of what ties them together.
struct Net<'a> {
    ages: Ages,
    named: &'a HashSet<ConversationId>,
    with_others: bool,
    needed: HashMap<ConversationId, bool>,
    ties: HashMap<ConversationId, Vec<ConversationId>>,
}

impl Net<'_> {
    /// Looks at these conversations.
    fn learn(&mut self, conn: &mut Conn, ids: &[ConversationId]) -> Result<()> {
        let needed = rows::load_needed(conn, ids, self.ages)?;
        let mut unneeded = Vec::new();
        for id in ids {
            let is_needed = needed.contains(id) || self.named.contains(id);
            self.needed.insert(*id, is_needed);
            if !is_needed {
                unneeded.push(*id);
            }
        }
        for (one, other) in rows::list_ties(conn, &unneeded)? {
            self.ties.entry(one).or_default().push(other);
        }
        Ok(())
    }

    /// A conversation and all that has to go with it, if nobody needs any of them.
    fn without_needed(&mut self, conn: &mut Conn, id: ConversationId) -> Result<Option<Vec<ConversationId>>> {
        let mut together = vec![id];
        let mut at = 0;
        while let Some(id) = together.get(at).copied() {
            at += 1;
            if self.with_others && !self.needed.contains_key(&id) {
                self.learn(conn, &[id])?;
            }
            if self.needed.get(&id).copied().unwrap_or(true) {
                return Ok(None);
            }
            for tied in self.ties.get(&id).into_iter().flatten() {
                if !together.contains(tied) {
                    together.push(*tied);
                }
            }
            if together.len() > TIED {
                return Ok(None);
            }
        }
        Ok(Some(together))
    }
}
