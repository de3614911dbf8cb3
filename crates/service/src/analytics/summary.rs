//! What authors learn: of one status, and of all theirs by day.

use chrono::{NaiveDate, TimeDelta};
use pouet_model::ids::{AccountId, StatusId};
use pouet_storage::analytics::{self as rows, DayRow, Reads};

use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Days that a summary covers at most.
const MAX_DAYS: i64 = 366;
/// Impressions below this are told as none: of so few, one could guess who they were.
pub const LEAST_REACH: i64 = 5;

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
        done(self.reads) + self.favourites + self.reblogs + self.replies
    }
}

/// What became of the statuses of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountAnalytics {
    /// On all days together.
    pub total: DayRow,
    /// By day, the first one leading, days without anything too.
    pub days: Vec<(NaiveDate, DayRow)>,
}

/// Everything that people did on a day: all but seeing.
pub fn engagements(row: &DayRow) -> i64 {
    done(row.reads) + row.favourites + row.reblogs + row.replies
}

/// What readers did beside seeing it.
fn done(reads: Reads) -> i64 {
    let Reads {
        impressions: _,
        detail_openings,
        media_engagements,
        profile_clicks,
        link_clicks,
    } = reads;
    detail_openings + media_engagements + profile_clicks + link_clicks
}

/// Reads as they may be told.
fn told(reads: Reads) -> Reads {
    let few = reads.impressions < LEAST_REACH;
    Reads {
        impressions: if few { 0 } else { reads.impressions },
        ..reads
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
    NaiveDate::default() + TimeDelta::days(day)
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
    let mut total = Reads::default();
    for (_, reads) in &found {
        total += *reads;
    }
    Ok(StatusAnalytics {
        status_id: id,
        reads: told(total),
        favourites: view.status.favourites_count,
        reblogs: view.status.reblogs_count,
        replies: view.status.replies_count,
        quotes: view.quote_approval.count,
        days: found
            .into_iter()
            .map(|(day, reads)| (date(day), told(reads)))
            .collect(),
    })
}

/// What became of the statuses of `author` from `from` to `to`, both included.
///
/// # Errors
/// `Invalid` if there is no such span, or it is longer than 366 days; `Forbidden` if nothing is counted here.
pub async fn of_account(
    instance: &Instance,
    author: AccountId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<AccountAnalytics> {
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
    let mut total = DayRow::default();
    for row in found.values() {
        total += *row;
    }
    let told = |row: DayRow| DayRow {
        reads: told(row.reads),
        ..row
    };
    Ok(AccountAnalytics {
        total: told(total),
        days: (first..=last)
            .map(|day| (date(day), told(found.remove(&day).unwrap_or_default())))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_engagements_are_the_sum_of_their_rows(row in proptest::array::uniform8(0_i64..1_000_000)) {
            let [impressions, detail_openings, media_engagements, profile_clicks, link_clicks, ..] = row;
            let [.., favourites, reblogs, replies] = row;
            let reads = Reads { impressions, detail_openings, media_engagements, profile_clicks, link_clicks };
            let status = StatusAnalytics {
                status_id: StatusId(1), reads, favourites, reblogs, replies, quotes: impressions, days: Vec::new(),
            };
            let day = DayRow { reads, statuses: impressions, favourites, reblogs, replies };
            let sum: i64 = row[1..].iter().sum();
            prop_assert_eq!(status.engagements(), sum);
            prop_assert_eq!(engagements(&day), sum);
        }

        #[test]
        fn a_reach_below_five_is_told_as_none(impressions in 0_i64..12, other in 0_i64..12) {
            let reads = Reads { impressions, detail_openings: other, ..Reads::default() };
            let told = told(reads);
            prop_assert_eq!(told.impressions, if impressions < 5 { 0 } else { impressions });
            prop_assert_eq!(told.detail_openings, other);
        }
    }
}
