//! How often statuses are read, of this program alone: for their authors and nobody else.

use actix_web::HttpResponse;
use chrono::{Days, NaiveDate};
use pouet_service::analytics::{self, DayRow, Reader};

use crate::{
    call::Call,
    entities::analytics::{AccountDay, StatusCounts},
    error::{ApiError, Result},
    reply,
};

/// Days of a summary, unless others are asked for.
const SPAN: u64 = 28;

/// Who reads, as far as that has to be known to count them once.
pub(super) fn reader(call: &Call) -> Option<Reader> {
    match call.auth.as_ref().and_then(|auth| auth.account.as_ref()) {
        Some(account) => Reader::account_of(account),
        None => Reader::visitor(call.ip, call.header("user-agent")),
    }
}

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
    let days: Vec<AccountDay> = found.iter().map(AccountDay::from_model).collect();
    match call.params.text("format").as_deref() {
        None | Some("" | "json") => reply::json(&days),
        Some("csv") => {
            let mut text = format!("{}\r\n", AccountDay::COLUMNS);
            for day in &days {
                text.push_str(&day.row());
                text.push_str("\r\n");
            }
            Ok(HttpResponse::Ok()
                .content_type("text/csv; charset=utf-8")
                .insert_header(("content-disposition", "attachment; filename=\"analytics.csv\""))
                .body(text))
        }
        Some("svg") => {
            let shown = |(day, row): &(NaiveDate, DayRow)| (*day, row.reads.impressions);
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
