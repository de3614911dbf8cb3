//! How often statuses of people here are read on this instance, for their authors alone.
//!
//! Only sums are kept. That one reader counts once an hour is known from keyed hashes that live in memory; their key
//! is made anew each
//! hour, and nothing but the sums is written, once a minute. Nothing of this is federated, and nothing is ranked by it.

mod plot;
mod reader;

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use pouet_model::ids::{AccountId, StatusId};
use pouet_storage::analytics as rows;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::{
    error::{Error, Result},
    instance::Instance,
    secrets::random_bytes,
    view::StatusView,
};

pub use plot::bars;
pub use pouet_storage::analytics::{DayRow, Reads};
pub use reader::Reader;

/// How often sums are written. It also blurs when something was read.
pub const FLUSH_EVERY: Duration = Duration::from_mins(1);
/// Readings that are told apart within an hour; what is more is not counted.
const MAX_SEEN: usize = 500_000;
/// Days that a summary covers at most.
const MAX_DAYS: i64 = 366;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What somebody did with a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Saw,
    Opened,
}

/// What was read since the sums were last written, and by how many.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    hour: i64,
    key: [u8; 32],
    seen: HashSet<[u8; 16]>,
    pending: HashMap<(StatusId, i64), Reads>,
}

impl Counters {
    /// Counts what `reader` did, once an hour.
    fn count(&self, act: Act, status: StatusId, reader: &Reader, now: DateTime<Utc>) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.timestamp().div_euclid(3600);
        if state.hour != hour {
            state.key = random_bytes()?;
            state.hour = hour;
            state.seen = HashSet::new();
        }
        if state.seen.len() >= MAX_SEEN {
            return Ok(());
        }
        let digest = Sha256::new()
            .chain_update(state.key)
            .chain_update([act as u8])
            .chain_update(status.0.to_be_bytes())
            .chain_update(reader.name())
            .finalize();
        let mut mark = [0; 16];
        mark.copy_from_slice(&digest[..16]);
        if state.seen.insert(mark) {
            let day = now.timestamp_millis().div_euclid(DAY);
            let reads = state.pending.entry((status, day)).or_default();
            match act {
                Act::Saw => reads.impressions += 1,
                Act::Opened => reads.detail_openings += 1,
            }
        }
        Ok(())
    }

    fn take(&self) -> HashMap<(StatusId, i64), Reads> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.pending)
    }

    fn put_back(&self, unwritten: HashMap<(StatusId, i64), Reads>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, reads) in unwritten {
            let pending = state.pending.entry(key).or_default();
            pending.impressions += reads.impressions;
            pending.detail_openings += reads.detail_openings;
        }
    }
}

/// Counts that `reader` was shown statuses in a list.
pub fn seen<'a>(
    instance: &Instance,
    reader: Option<&Reader>,
    views: impl IntoIterator<Item = &'a StatusView>,
) {
    for view in views {
        note(instance, reader, view, &[Act::Saw]);
    }
}

/// Counts that `reader` opened a status.
pub fn opened(instance: &Instance, reader: Option<&Reader>, view: &StatusView) {
    note(instance, reader, view, &[Act::Saw, Act::Opened]);
}

/// Readings of one's own, and of what people elsewhere wrote, are not counted.
fn note(instance: &Instance, reader: Option<&Reader>, view: &StatusView, acts: &[Act]) {
    let view = view.content();
    let Some(reader) = reader.filter(|_| instance.settings.analytics_enabled) else {
        return;
    };
    if !view.author.is_local() || reader.account() == Some(view.author.id) {
        return;
    }
    for act in acts {
        let counted = instance
            .analytics
            .count(*act, view.status.id, reader, instance.now());
        if let Err(error) = counted {
            tracing::warn!(%error, "a reading cannot be counted");
        }
    }
}

/// Writes sums every minute, until `stop` turns true.
pub async fn run(instance: Instance, mut stop: watch::Receiver<bool>) {
    loop {
        let stopping = tokio::select! {
            () = tokio::time::sleep(FLUSH_EVERY) => false,
            _ = stop.changed() => true,
        };
        flush(&instance).await;
        if stopping {
            return;
        }
    }
}

/// Writes what was counted since the last time. What cannot be written now is written the next time.
pub async fn flush(instance: &Instance) {
    let pending = instance.analytics.take();
    if pending.is_empty() {
        return;
    }
    let counted = pending.clone();
    let written = instance
        .write_beside(move |tx| {
            let ids: HashSet<StatusId> = counted.keys().map(|(status, _)| *status).collect();
            let there = rows::load_present(tx, &ids.into_iter().collect::<Vec<_>>())?;
            for ((status, day), reads) in counted {
                if there.contains(&status) {
                    rows::add_reads(tx, status, day, reads)?;
                }
            }
            Ok(())
        })
        .await;
    if written.is_none() {
        instance.analytics.put_back(pending);
    }
}

/// What became of a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusAnalytics {
    /// The status.
    pub status_id: StatusId,
    /// How often it was read, on all days together.
    pub reads: Reads,
    /// Favourites.
    pub favourites: i64,
    /// Boosts.
    pub reblogs: i64,
    /// Answers.
    pub replies: i64,
    /// Quotes.
    pub quotes: i64,
    /// How often it was read, by day.
    pub days: Vec<(NaiveDate, Reads)>,
}

impl StatusAnalytics {
    /// Everything that people did with it: all but seeing it. Quotes are told apart.
    pub fn engagements(&self) -> i64 {
        self.reads.detail_openings + self.favourites + self.reblogs + self.replies
    }
}

fn check_enabled(instance: &Instance) -> Result<()> {
    if instance.settings.analytics_enabled {
        Ok(())
    } else {
        Err(Error::Forbidden(
            "this server does not count how often posts are read",
        ))
    }
}

fn date(day: i64) -> NaiveDate {
    DateTime::from_timestamp_millis(day.saturating_mul(DAY))
        .unwrap_or_default()
        .date_naive()
}

/// What became of a status of `author`.
///
/// # Errors
/// `NotFound` if it is not theirs; `Forbidden` if nothing is counted here.
pub async fn of_status(instance: &Instance, author: AccountId, id: StatusId) -> Result<StatusAnalytics> {
    check_enabled(instance)?;
    let view = crate::statuses::find(instance, Some(author), id).await?;
    if view.status.account_id != author || view.reblog.is_some() {
        return Err(Error::NotFound);
    }
    let found = instance.read(move |conn| Ok(rows::list_reads(conn, id)?)).await?;
    let total = found.iter().fold(Reads::default(), |sum, (_, reads)| Reads {
        impressions: sum.impressions + reads.impressions,
        detail_openings: sum.detail_openings + reads.detail_openings,
    });
    Ok(StatusAnalytics {
        status_id: id,
        reads: total,
        favourites: view.status.favourites_count,
        reblogs: view.status.reblogs_count,
        replies: view.status.replies_count,
        quotes: view.quote_approval.count,
        days: found.into_iter().map(|(day, reads)| (date(day), reads)).collect(),
    })
}

/// What became of the statuses of `author` on each day from `from` to `to`, both included.
///
/// # Errors
/// `Invalid` if there is no such span, or it is longer than 366 days; `Forbidden` if nothing is counted here.
pub async fn of_account(
    instance: &Instance,
    author: AccountId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(NaiveDate, DayRow)>> {
    check_enabled(instance)?;
    if to < from || (to - from).num_days() >= MAX_DAYS {
        let reason = format!("To must be a day within {MAX_DAYS} days from the first");
        return Err(Error::invalid("to", "ERR_INVALID", reason));
    }
    let number = |day: NaiveDate| (day - NaiveDate::default()).num_days();
    let (first, last) = (number(from), number(to));
    let mut found = instance
        .read(move |conn| Ok(rows::list_days(conn, author, first, last)?))
        .await?;
    Ok((first..=last)
        .map(|day| (date(day), found.remove(&day).unwrap_or_default()))
        .collect())
}
