//! <https://docs.joinmastodon.org/methods/reports/>

use actix_web::HttpResponse;
use pouet_model::report::ReportCategory;
use pouet_service::{
    Error,
    reports::{self, NewReport},
};

use crate::{
    call::Call,
    entities::report::Report,
    error::{ApiError, Result},
    reply,
};

/// Reports an account to the moderators, and to its own server's if `forward` is true.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    // No account is called nothing: Mastodon answers so, too.
    let target = params.id("account_id")?.ok_or_else(ApiError::not_found)?;
    let new = NewReport {
        target,
        status_ids: params.ids("status_ids"),
        collection_ids: params.ids("collection_ids"),
        category: category(params.text("category"))?,
        rule_ids: params.ids("rule_ids"),
        comment: params.text("comment").unwrap_or_default(),
        forward: params.is_set("forward"),
    };
    let made = reports::report(&call.instance, call.me()?, new).await?;
    reply::json(&Report::from_view(&made, call.urls()))
}

fn category(name: Option<String>) -> Result<Option<ReportCategory>> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let known = ReportCategory::parse(&name);
    let unknown = || {
        Error::invalid(
            "category",
            "ERR_INCLUSION",
            "Category is not included in the list",
        )
    };
    Ok(Some(known.ok_or_else(unknown)?))
}
