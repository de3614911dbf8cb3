//! How often statuses are read, of this program alone.

use chrono::NaiveDate;
use pouet_model::ids::StatusId;
use pouet_service::analytics::{self, DayRow, Reads, StatusAnalytics};
use serde::Serialize;

/// What became of a status.
#[derive(Serialize)]
pub(crate) struct StatusCounts {
    status_id: StatusId,
    impressions: i64,
    engagements: i64,
    detail_openings: i64,
    media_engagements: i64,
    profile_clicks: i64,
    link_clicks: i64,
    favourites: i64,
    reblogs: i64,
    replies: i64,
    quotes: i64,
    days: Vec<ReadDay>,
}

/// Reads of one day.
#[derive(Serialize)]
struct ReadDay {
    day: NaiveDate,
    impressions: i64,
    detail_openings: i64,
    media_engagements: i64,
    profile_clicks: i64,
    link_clicks: i64,
}

impl StatusCounts {
    /// `found` as its author sees it.
    pub(crate) fn from_model(found: &StatusAnalytics) -> Self {
        let day = |(day, reads): &(NaiveDate, Reads)| ReadDay {
            day: *day,
            impressions: reads.impressions,
            detail_openings: reads.detail_openings,
            media_engagements: reads.media_engagements,
            profile_clicks: reads.profile_clicks,
            link_clicks: reads.link_clicks,
        };
        Self {
            status_id: found.status_id,
            impressions: found.reads.impressions,
            engagements: found.engagements(),
            detail_openings: found.reads.detail_openings,
            media_engagements: found.reads.media_engagements,
            profile_clicks: found.reads.profile_clicks,
            link_clicks: found.reads.link_clicks,
            favourites: found.favourites,
            reblogs: found.reblogs,
            replies: found.replies,
            quotes: found.quotes,
            days: found.days.iter().map(day).collect(),
        }
    }
}

/// What became of an account's statuses on one day.
#[derive(Serialize)]
pub(crate) struct AccountDay {
    day: NaiveDate,
    statuses: i64,
    impressions: i64,
    engagements: i64,
    detail_openings: i64,
    media_engagements: i64,
    profile_clicks: i64,
    link_clicks: i64,
    favourites: i64,
    reblogs: i64,
    replies: i64,
}

impl AccountDay {
    /// Names of the columns of [`row`](Self::row).
    pub(crate) const COLUMNS: &'static str = "day,statuses,impressions,engagements,detail_openings,\
         media_engagements,profile_clicks,link_clicks,favourites,reblogs,replies";

    /// `row` of `day`.
    pub(crate) fn from_model((day, row): &(NaiveDate, DayRow)) -> Self {
        Self {
            day: *day,
            statuses: row.statuses,
            impressions: row.reads.impressions,
            engagements: analytics::engagements(row),
            detail_openings: row.reads.detail_openings,
            media_engagements: row.reads.media_engagements,
            profile_clicks: row.reads.profile_clicks,
            link_clicks: row.reads.link_clicks,
            favourites: row.favourites,
            reblogs: row.reblogs,
            replies: row.replies,
        }
    }

    /// As a line of CSV.
    pub(crate) fn row(&self) -> String {
        let numbers = [
            self.statuses,
            self.impressions,
            self.engagements,
            self.detail_openings,
            self.media_engagements,
            self.profile_clicks,
            self.link_clicks,
            self.favourites,
            self.reblogs,
            self.replies,
        ];
        let numbers = numbers.map(|number| number.to_string()).join(",");
        format!("{},{numbers}", self.day)
    }
}
