//! How often statuses are read, of this program alone: for their authors and nobody else.

use actix_web::HttpResponse;
use chrono::{Days, NaiveDate};
use pouet_service::analytics::{self, DayAnalytics};

use crate::{
    call::Call,
    entities::analytics::{AccountDay, StatusCounts},
    error::{ApiError, Result},
    reply,
};

/// Days of a summary, unless others are asked for.
const SPAN: u64 = 28;

/// What became of a status of the user.
pub(crate) async fn status(call: Call) -> Result<HttpResponse> {
    let found = analytics::of_status(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&StatusCounts::from_model(&found))
}

/// What became of all statuses of the user, by day: as JSON, or as a table (`format=csv`) or a plot of how often they
/// were shown (`format=svg`).
pub(crate) async fn account(call: Call) -> Result<HttpResponse> {
    let today = call.instance.now().date_naive();
    let to = day(&call, "to")?.unwrap_or(today);
    let first = to.checked_sub_days(Days::new(SPAN - 1)).unwrap_or(to);
    let from = day(&call, "from")?.unwrap_or(first);
    let found = analytics::of_account(&call.instance, call.me()?, from, to)
        .await?
        .days;
    match call.params.text("format").as_deref() {
        None | Some("" | "json") => {
            let days: Vec<AccountDay> = found.iter().map(AccountDay::from_model).collect();
            reply::json(&days)
        }
        Some("csv") => Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header(("content-disposition", "attachment; filename=\"analytics.csv\""))
            .body(analytics::csv(&found))),
        Some("svg") => {
            let shown = |(day, row): &(NaiveDate, DayAnalytics)| (*day, row.reads.impressions);
            let shown: Vec<_> = found.iter().map(shown).collect();
            Ok(HttpResponse::Ok()
                .content_type("image/svg+xml")
                .body(analytics::bars(&shown, "Impressions by day")))
        }
        Some(other) => Err(ApiError::invalid(
            "format",
            "ERR_INCLUSION",
            format!("'{other}' is not one of json, csv, svg"),
        )),
    }
}

fn day(call: &Call, name: &'static str) -> Result<Option<NaiveDate>> {
    call.params
        .text(name)
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse().map_err(|_| {
                ApiError::invalid(
                    name,
                    "ERR_INVALID",
                    format!("'{text}' is not a day such as 2026-11-24"),
                )
            })
        })
        .transpose()
}
