//! What authors learn: of one status, and of all theirs by day.

//!
//! Reads below [`LEAST_READS`] are not told: of so few, one could guess who they were. So that they cannot be worked
//! out either, what is told of several posts or days is the sum of the numbers that are told of each, and of the others
//! together only whole fives. Taking sums from each other then gives whole fives as well.

use chrono::{NaiveDate, TimeDelta};
use pouet_model::ids::{AccountId, StatusId};
use pouet_storage::analytics::{self as rows, DayRow, LEAST_READS, ReadSums, Reads};

use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Days that a summary covers at most.
const MAX_DAYS: i64 = 366;

/// How often statuses were read, as their author may know it. `None`: fewer than [`LEAST_READS`] times, perhaps never.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ToldReads {
    /// They were shown.
    pub impressions: Option<i64>,
    /// They were opened.
    pub detail_openings: Option<i64>,
    /// A file of them was opened or played.
    pub media_engagements: Option<i64>,
    /// Readers went on to the author's profile.
    pub profile_clicks: Option<i64>,
    /// A link in them was followed.
    pub link_clicks: Option<i64>,
}

impl ToldReads {
    fn of(sums: ReadSums) -> Self {
        let told = settled(sums).enough;
        let tell = |count: i64| Some(count).filter(|count| *count >= LEAST_READS);
        Self {
            impressions: tell(told.impressions),
            detail_openings: tell(told.detail_openings),
            media_engagements: tell(told.media_engagements),
            profile_clicks: tell(told.profile_clicks),
            link_clicks: tell(told.link_clicks),
        }
    }

    /// What readers did beside seeing it, as far as it is told.
    fn done(self) -> i64 {
        let Self {
            impressions: _,
            detail_openings,
            media_engagements,
            profile_clicks,
            link_clicks,
        } = self;
        [detail_openings, media_engagements, profile_clicks, link_clicks]
            .into_iter()
            .flatten()
            .sum()
    }
}

/// Each of the numbers by a rule.
fn each(reads: Reads, rule: fn(i64) -> i64) -> Reads {
    Reads {
        impressions: rule(reads.impressions),
        detail_openings: rule(reads.detail_openings),
        media_engagements: rule(reads.media_engagements),
        profile_clicks: rule(reads.profile_clicks),
        link_clicks: rule(reads.link_clicks),
    }
}

/// The same with the whole fives among the few told.
fn settled(ReadSums { mut enough, few }: ReadSums) -> ReadSums {
    enough += each(few, |count| count - count % LEAST_READS);
    ReadSums {
        enough,
        few: each(few, |count| count % LEAST_READS),
    }
}

/// Reads of one status on one day.
fn apart(reads: Reads) -> ReadSums {
    ReadSums {
        enough: each(reads, |count| if count < LEAST_READS { 0 } else { count }),
        few: each(reads, |count| if count < LEAST_READS { count } else { 0 }),
    }
}

/// What became of a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusAnalytics {
    /// The status.
    pub status_id: StatusId,
    /// How often it was read, on all days together.
    pub reads: ToldReads,
    /// Favourites.
    pub favourites: i64,
    /// Boosts.
    pub reblogs: i64,
    /// Answers.
    pub replies: i64,
    /// Quotes.
    pub quotes: i64,
    /// How often it was read, by day; days of which nothing is told are left out, whether it was read or not.
    pub days: Vec<(NaiveDate, ToldReads)>,
}

impl StatusAnalytics {
    /// Everything that people did with it, as far as it is told: all but seeing it. Quotes are told apart.
    pub fn engagements(&self) -> i64 {
        self.reads.done() + self.favourites + self.reblogs + self.replies
    }
}

/// What became of the statuses of an account, on a day or on several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayAnalytics {
    /// How often they were read.
    pub reads: ToldReads,
    /// How many it wrote.
    pub statuses: i64,
    /// Favourites that they got.
    pub favourites: i64,
    /// Boosts that they got.
    pub reblogs: i64,
    /// Answers of others.
    pub replies: i64,
}

impl DayAnalytics {
    fn of(row: DayRow) -> Self {
        let DayRow {
            reads,
            statuses,
            favourites,
            reblogs,
            replies,
        } = row;
        Self {
            reads: ToldReads::of(reads),
            statuses,
            favourites,
            reblogs,
            replies,
        }
    }

    /// Everything that people did, as far as it is told: all but seeing.
    pub fn engagements(&self) -> i64 {
        self.reads.done() + self.favourites + self.reblogs + self.replies
    }
}

/// What became of the statuses of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountAnalytics {
    /// On all days together.
    pub total: DayAnalytics,
    /// By day, the first one leading, days without anything too.
    pub days: Vec<(NaiveDate, DayAnalytics)>,
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
    let mut total = ReadSums::default();
    for (_, reads) in &found {
        total += apart(*reads);
    }
    Ok(StatusAnalytics {
        status_id: id,
        reads: ToldReads::of(total),
        favourites: view.status.favourites_count,
        reblogs: view.status.reblogs_count,
        replies: view.status.replies_count,
        quotes: view.quote_approval.count,
        days: found
            .into_iter()
            .map(|(day, reads)| (date(day), ToldReads::of(apart(reads))))
            .filter(|(_, told)| *told != ToldReads::default())
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
    for row in found.values_mut() {
        row.reads = settled(row.reads);
        total.reads += row.reads;
        total.statuses += row.statuses;
        total.favourites += row.favourites;
        total.reblogs += row.reblogs;
        total.replies += row.replies;
    }
    Ok(AccountAnalytics {
        total: DayAnalytics::of(total),
        days: (first..=last)
            .map(|day| {
                let row = found.remove(&day).unwrap_or_default();
                (date(day), DayAnalytics::of(row))
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(impressions: i64) -> Reads {
        Reads {
            impressions,
            ..Reads::default()
        }
    }

    /// What is told of these numbers, each of one status on one day.
    fn told(numbers: &[i64]) -> i64 {
        let mut sums = ReadSums::default();
        for number in numbers {
            sums += apart(shown(*number));
        }
        ToldReads::of(sums).impressions.unwrap_or(0)
    }

    proptest! {
        #[test]
        fn all_engagements_are_the_sum_of_their_rows(row in proptest::array::uniform8(0_i64..1_000_000)) {
            let [impressions, detail_openings, media_engagements, profile_clicks, link_clicks, ..] = row.map(Some);
            let [.., favourites, reblogs, replies] = row;
            let reads = ToldReads { impressions, detail_openings, media_engagements, profile_clicks, link_clicks };
            let status = StatusAnalytics {
                status_id: StatusId(1), reads, favourites, reblogs, replies, quotes: row[0], days: Vec::new(),
            };
            let day = DayAnalytics { reads, statuses: row[0], favourites, reblogs, replies };
            let sum: i64 = row[1..].iter().sum();
            prop_assert_eq!(status.engagements(), sum);
            prop_assert_eq!(day.engagements(), sum);
            let few = ToldReads { profile_clicks: None, ..reads };
            prop_assert_eq!(DayAnalytics { reads: few, ..day }.engagements(), sum - row[3]);
        }

        #[test]
        fn of_each_kind_of_reads_fewer_than_five_are_not_told(row in proptest::array::uniform5(0_i64..12)) {
            let [impressions, detail_openings, media_engagements, profile_clicks, link_clicks] = row;
            let reads = Reads { impressions, detail_openings, media_engagements, profile_clicks, link_clicks };
            let told = ToldReads::of(apart(reads));
            let found = [
                told.impressions, told.detail_openings, told.media_engagements, told.profile_clicks, told.link_clicks,
            ];
            prop_assert_eq!(found, row.map(|count| (count >= 5).then_some(count)));
        }

        #[test]
        fn taking_sums_from_each_other_tells_whole_fives(
            numbers in proptest::collection::vec(0_i64..12, 1..40),
            part in 0_usize..40,
        ) {
            let part = &numbers[..part.min(numbers.len())];
            let (whole, some) = (told(&numbers), told(part));
            let sum = |of: &[i64]| -> i64 { of.iter().map(|number| told(&[*number])).sum() };
            prop_assert_eq!((whole - sum(&numbers)) % 5, 0, "the whole less its parts");
            let between = sum(&numbers[part.len()..]);
            prop_assert_eq!((whole - some - between) % 5, 0, "two spans of days");
            let real: i64 = numbers.iter().sum();
            prop_assert!((0..5).contains(&(real - whole)), "{} of {}", whole, real);
        }

        #[test]
        fn days_of_several_posts_add_up_by_the_same_rule(
            days in proptest::collection::vec([0_i64..12, 0_i64..12], 1..20),
        ) {
            let mut total = ReadSums::default();
            let mut told_days = 0;
            for day in &days {
                let mut sums = apart(shown(day[0]));
                sums += apart(shown(day[1]));
                told_days += ToldReads::of(sums).impressions.unwrap_or(0);
                total += settled(sums);
            }
            let whole = ToldReads::of(total).impressions.unwrap_or(0);
            prop_assert_eq!((whole - told_days) % 5, 0);
            let real: i64 = days.iter().flatten().sum();
            prop_assert!((0..5).contains(&(real - whole)), "{} of {}", whole, real);
        }
    }
}
