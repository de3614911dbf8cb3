//! Who comes regularly: what thresholds are measured by, and what is ordinary among people.
//!
//! Counting them looks at everybody who was here within four days. That is done once an hour, and the result is written down; the
//! looks between read it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, first_id_at},
    trend::{TrendKind, day_of, owner_of},
};
use pouet_storage::{Conn, settings, trend_lists as lists};
use serde::{Deserialize, Serialize};

use super::ring::{LEAST_REGULARS, Regulars};
use crate::error::{Error, Result};

/// How long a count holds.
const HOLDS: TimeDelta = TimeDelta::hours(1);
/// Key of the setting that holds the last count.
const KEY: &str = "trends.regulars";
/// People whose habits tell what is ordinary.
const ORDINARY: usize = 2_000;
/// How long people are known who tell that, where there are enough of them: nobody makes themselves ordinary in a few days.
const LONG_KNOWN: TimeDelta = TimeDelta::days(14);
/// Regulars of one remote domain that count as traffic.
const MAX_TRAFFIC_OF_DOMAIN: usize = 100;
/// Days before today in which people have to come twice to be regulars.
const REGULAR_DAYS: i64 = 3;

/// What was counted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Count {
    /// When, in milliseconds.
    at: i64,
    /// Regulars who post.
    posting: usize,
    /// Regulars who boost, favourite or answer.
    acting: usize,
    /// Those who tell what is ordinary.
    ordinary: Vec<AccountId>,
}

impl Count {
    /// The last count, or a new one if it holds no longer; then it is to be [saved](Self::save).
    pub(super) fn load(conn: &mut Conn, now: DateTime<Utc>) -> Result<(Self, bool)> {
        let last = settings::find_setting(conn, KEY)?;
        let last: Option<Self> = last.and_then(|text| serde_json::from_str(&text).ok());
        let holds = |count: &Self| {
            let age = now.timestamp_millis() - count.at;
            (0..HOLDS.num_milliseconds()).contains(&age)
        };
        match last.filter(holds) {
            Some(last) => Ok((last, false)),
            None => Ok((Self::new(conn, now)?, true)),
        }
    }

    fn new(conn: &mut Conn, now: DateTime<Utc>) -> Result<Self> {
        let since = day_of(now) - REGULAR_DAYS;
        let posting = lists::list_regulars(conn, TrendKind::Posts, since)?;
        let acting = lists::list_regulars(conn, TrendKind::Acts, since)?;
        Ok(Self {
            at: now.timestamp_millis(),
            posting: traffic(&posting),
            acting: traffic(&acting),
            ordinary: ordinary(&posting, now),
        })
    }

    /// Writes it down.
    pub(super) fn save(&self, tx: &mut Conn) -> Result<()> {
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        Ok(settings::upsert_setting(tx, KEY, &text)?)
    }

    /// People by whom the threshold of a kind is measured.
    pub(super) fn traffic_of(&self, kind: TrendKind) -> usize {
        match kind.traffic() {
            TrendKind::Acts => self.acting,
            _ => self.posting,
        }
    }

    /// What is ordinary among them.
    pub(super) fn regulars(&self, conn: &mut Conn) -> Result<Regulars> {
        let origins = lists::load_origins(conn, &self.ordinary)?;
        let origin = |(created, domain): (DateTime<Utc>, String)| (created, owner_of(&domain).to_owned());
        Ok(Regulars::new(origins.into_iter().map(origin)))
    }
}

/// Regulars who tell what is ordinary: those who are known for long, or all where those are few, as on a new instance.
fn ordinary(regulars: &[(AccountId, String)], now: DateTime<Utc>) -> Vec<AccountId> {
    let ids: Vec<AccountId> = regulars.iter().map(|(id, _)| *id).collect();
    let before = first_id_at(now - LONG_KNOWN);
    let known = ids.partition_point(|id| id.0 < before);
    let fitting = if known >= LEAST_REGULARS { known } else { ids.len() };
    ids[..fitting.min(ORDINARY)].to_vec()
}

/// How many regulars there are, of each remote domain only so many that none of them sets the threshold.
fn traffic(regulars: &[(AccountId, String)]) -> usize {
    let mut of_domain: HashMap<&str, usize> = HashMap::new();
    for (_, domain) in regulars {
        *of_domain.entry(domain).or_default() += 1;
    }
    let counted = |(domain, count): (&str, usize)| match domain {
        "" => count,
        _ => count.min(MAX_TRAFFIC_OF_DOMAIN),
    };
    of_domain.into_iter().map(counted).sum()
}
