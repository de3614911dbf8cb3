//! Quotes: <https://docs.joinmastodon.org/methods/statuses/#quotes>

use actix_web::HttpResponse;
use pouet_model::quote::QuoteChoice;
use pouet_service::quotes;

use super::statuses::shown;
use crate::{
    call::Call,
    entities::status::Status,
    error::{ApiError, Result},
    extract::{page::STATUSES, params::Params},
    link::Previous,
    reply::{self, Next},
};

/// Statuses that quote one, with its author's consent.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let page = call.page(STATUSES)?;
    let found = quotes::list(&call.instance, call.me()?, call.id("id")?, page).await?;
    let views = found.iter().map(|keyed| &keyed.item);
    let statuses = Status::list(&call, views);
    let keys = found.iter().map(|keyed| keyed.key);
    reply::page(&call, &statuses, keys, Next::Always, Previous::SinceId)
}

/// Takes the consent to a quote back, and answers the status that quoted.
pub(crate) async fn revoke(call: Call) -> Result<HttpResponse> {
    let quoting = call.id("quoting_status_id")?;
    quotes::revoke(&call.instance, call.me()?, call.id("id")?, quoting).await?;
    shown(&call, quoting).await
}

/// Changes who may quote a status.
pub(crate) async fn set_policy(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let choice = choice(&call.params, "quote_approval_policy")?;
    quotes::set_policy(&call.instance, call.me()?, id, choice).await?;
    shown(&call, id).await
}

/// The policy that a parameter names.
///
/// # Errors
/// `Invalid` if there is none of that name.
pub(super) fn choice(params: &Params, name: &str) -> Result<Option<QuoteChoice>> {
    params
        .text(name)
        .filter(|name| !name.is_empty())
        .map(|name| QuoteChoice::parse(&name).ok_or_else(not_in_list))
        .transpose()
}

fn not_in_list() -> ApiError {
    ApiError::invalid(
        "quote_approval_policy",
        "ERR_INCLUSION",
        "Quote approval policy is not included in the list",
    )
}
