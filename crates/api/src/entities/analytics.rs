//! How often statuses are read, of this program alone.

use chrono::NaiveDate;
use pouet_model::ids::StatusId;
use pouet_service::analytics::{DayAnalytics, StatusAnalytics, ToldReads};
use serde::Serialize;

/// What became of a status. Numbers of reads are null where they are below five.
#[derive(Serialize)]
pub(crate) struct StatusCounts {
    status_id: StatusId,
    impressions: Option<i64>,
    engagements: i64,
    detail_openings: Option<i64>,
    media_engagements: Option<i64>,
    profile_clicks: Option<i64>,
    link_clicks: Option<i64>,
    favourites: i64,
    reblogs: i64,
    replies: i64,
    quotes: i64,
    days: Vec<ReadDay>,
}

/// Reads of one day; null below five.
#[derive(Serialize)]
struct ReadDay {
    day: NaiveDate,
    impressions: Option<i64>,
    detail_openings: Option<i64>,
    media_engagements: Option<i64>,
    profile_clicks: Option<i64>,
    link_clicks: Option<i64>,
}

impl StatusCounts {
    /// `found` as its author sees it.
    pub(crate) fn from_model(found: &StatusAnalytics) -> Self {
        let day = |(day, reads): &(NaiveDate, ToldReads)| ReadDay {
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

/// What became of an account's statuses on one day. Numbers of reads are null where they are below five.
#[derive(Serialize)]
pub(crate) struct AccountDay {
    day: NaiveDate,
    statuses: i64,
    impressions: Option<i64>,
    engagements: i64,
    detail_openings: Option<i64>,
    media_engagements: Option<i64>,
    profile_clicks: Option<i64>,
    link_clicks: Option<i64>,
    favourites: i64,
    reblogs: i64,
    replies: i64,
}

impl AccountDay {
    /// `row` of `day`.
    pub(crate) fn from_model((day, row): &(NaiveDate, DayAnalytics)) -> Self {
        Self {
            day: *day,
            statuses: row.statuses,
            impressions: row.reads.impressions,
            engagements: row.engagements(),
            detail_openings: row.reads.detail_openings,
            media_engagements: row.reads.media_engagements,
            profile_clicks: row.reads.profile_clicks,
            link_clicks: row.reads.link_clicks,
            favourites: row.favourites,
            reblogs: row.reblogs,
            replies: row.replies,
        }
    }
}
