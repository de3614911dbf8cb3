//! From the sums of the service to what pages show authors of their own statuses.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use pouet_service::analytics::{AccountAnalytics, DayAnalytics, StatusAnalytics, ToldReads};

use crate::view::{AccountNumbers, Chart, DayNumbers, NumberRow, Page, StatusNumbers};

/// Days that the chart of one status shows at most: most is read in the first ones.
const CHART_DAYS: usize = 60;

/// What became of one status. `counts_links`: its author has followed links counted.
pub(crate) fn status_numbers(p: &Page, found: &StatusAnalytics, counts_links: bool) -> StatusNumbers {
    let shown = [found.favourites, found.reblogs, found.replies];
    let mut days = Vec::new();
    if let [(first, _), .., (last, _)] = &found.days[..] {
        let mut read = found.days.iter().peekable();
        for day in first.iter_days().take_while(|day| day <= last).take(CHART_DAYS) {
            let reads = read.next_if(|(other, _)| *other == day);
            days.push((day, reads.and_then(|(_, reads)| reads.impressions)));
        }
    }
    StatusNumbers {
        impressions: found.reads.impressions,
        engagements: found.engagements(),
        quotes: found.quotes,
        rows: rows(found.reads, shown, counts_links),
        chart: chart(p, "analytics-impressions-days", days),
    }
}

/// What became of an account's statuses. `counts_links`: it has followed links counted.
pub(crate) fn account_numbers(p: &Page, found: &AccountAnalytics, counts_links: bool) -> AccountNumbers {
    let total = &found.total;
    let shown = [total.favourites, total.reblogs, total.replies];
    let by_day = |number: fn(&DayAnalytics) -> Option<i64>| -> Vec<_> {
        found.days.iter().map(|(day, row)| (*day, number(row))).collect()
    };
    let charts = [
        chart(
            p,
            "analytics-impressions-days",
            by_day(|row| row.reads.impressions),
        ),
        chart(
            p,
            "analytics-engagements-days",
            by_day(|row| Some(row.engagements())),
        ),
    ];
    let days = found.days.iter().rev().map(|(day, row)| DayNumbers {
        day: midnight(*day),
        statuses: row.statuses,
        impressions: row.reads.impressions,
        engagements: row.engagements(),
    });
    AccountNumbers {
        statuses: total.statuses,
        impressions: total.reads.impressions,
        engagements: total.engagements(),
        rows: rows(total.reads, shown, counts_links),
        charts: charts.into_iter().flatten().collect(),
        days: days.collect(),
    }
}

/// What was done how often: all that engagements are the sum of.
fn rows(reads: ToldReads, [favourites, reblogs, replies]: [i64; 3], counts_links: bool) -> Vec<NumberRow> {
    let row = |key, count| NumberRow {
        key,
        count,
        counted: true,
    };
    vec![
        row("analytics-openings", reads.detail_openings),
        row("analytics-media", reads.media_engagements),
        row("analytics-profile", reads.profile_clicks),
        NumberRow {
            counted: counts_links || reads.link_clicks.is_some(),
            ..row("analytics-followed", reads.link_clicks)
        },
        row("analytics-favourites", Some(favourites)),
        row("analytics-reblogs", Some(reblogs)),
        row("analytics-replies", Some(replies)),
    ]
}

/// A chart of several days.
fn chart(p: &Page, title: &'static str, days: Vec<(NaiveDate, Option<i64>)>) -> Option<Chart> {
    if days.len() < 2 {
        return None;
    }
    let words = |(day, number): (NaiveDate, Option<i64>)| {
        let day = midnight(day);
        let label = p.locale.text_with(
            "analytics-bar",
            &[("day", &p.date(&day)), ("count", &p.reads(&number))],
        );
        (day, number, label)
    };
    // Of several such days, the first one.
    let most = days.iter().rev().max_by_key(|(_, number)| *number).copied();
    let most = most.map_or_else(String::new, |most| words(most).2);
    let title_words = p.t(title);
    let label = p
        .locale
        .text_with("analytics-chart", &[("what", &title_words), ("most", &most)]);
    Chart::new(title, label, days.into_iter().map(words).collect())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
