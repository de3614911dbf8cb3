//! What the instance knows and does, in numbers for everybody: other servers, and what happened week by week.
//!
//! Source: <https://docs.joinmastodon.org/methods/instance/#peers>,
//! <https://docs.joinmastodon.org/methods/instance/#activity>

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_storage::numbers as rows;

use crate::{error::Result, instance::Instance};

pub use pouet_storage::numbers::WeekNumbers;

/// Weeks that are told, this one included.
const WEEKS: i64 = 12;
/// Numbers are counted anew after this time, because counting looks at many rows.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// Something that is costly to count, and when it was counted.
#[derive(Debug)]
struct Counted<T>(Mutex<Option<(DateTime<Utc>, Arc<T>)>>);

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Counted<T> {
    fn get(&self, now: DateTime<Utc>) -> Option<Arc<T>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = known.as_ref()?;
        (now - *at < FRESH).then(|| Arc::clone(value))
    }

    fn set(&self, now: DateTime<Utc>, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&value)));
        value
    }
}

/// What was counted within the last hour.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    peers: Counted<Vec<String>>,
    weeks: Counted<Vec<WeekNumbers>>,
}

/// Domains of other servers that this one knows accounts of, in alphabetical order; at most an hour old. Suspended
/// ones are not among them.
pub async fn peers(instance: &Instance) -> Result<Arc<Vec<String>>> {
    let now = instance.now();
    if let Some(known) = instance.numbers.peers.get(now) {
        return Ok(known);
    }
    let found = instance.read(|conn| Ok(rows::list_peers(conn)?)).await?;
    Ok(instance.numbers.peers.set(now, found))
}

/// What happened here in each of the last twelve weeks, the newest first; at most an hour old.
pub async fn activity(instance: &Instance) -> Result<Arc<Vec<WeekNumbers>>> {
    let now = instance.now();
    if let Some(known) = instance.numbers.weeks.get(now) {
        return Ok(known);
    }
    let found = instance
        .read(move |conn| {
            let newest = rows::week_of(now);
            let mut weeks = Vec::new();
            for week in (newest - WEEKS + 1..=newest).rev() {
                weeks.push(rows::count_week(conn, week)?);
            }
            Ok(weeks)
        })
        .await?;
    Ok(instance.numbers.weeks.set(now, found))
}
