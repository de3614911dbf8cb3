//! <https://docs.joinmastodon.org/methods/filters/>

use actix_web::HttpResponse;
use pouet_model::filter::{FilterAction, FilterContext};
use pouet_service::filters::{self, Expiry, FilterChange, KeywordChange};

use crate::{
    call::Call,
    entities::filter::{Filter, FilterKeyword, FilterStatus},
    error::{ApiError, Result},
    extract::params::Params,
    reply,
};

/// The user's filters.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = filters::all(&call.instance, call.me()?).await?;
    reply::json(&found.iter().map(Filter::from_model).collect::<Vec<_>>())
}

/// One filter.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = filters::find(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&Filter::from_model(&found))
}

/// Makes a filter.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let made = filters::create(&call.instance, call.me()?, change(&call.params)?).await?;
    reply::json(&Filter::from_model(&made))
}

/// Changes a filter. What is absent stays as it is.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let changed = filters::update(&call.instance, call.me()?, id, change(&call.params)?).await?;
    reply::json(&Filter::from_model(&changed))
}

fn change(params: &Params) -> Result<FilterChange> {
    Ok(FilterChange {
        title: params.text("title"),
        contexts: contexts(params)?,
        action: action(params)?,
        expires_in: expiry(params),
        keywords: params
            .groups("keywords_attributes")
            .unwrap_or_default()
            .iter()
            .map(keyword)
            .collect::<Result<_>>()?,
    })
}

/// Where the filter applies; `None` if it is not said.
///
/// # Errors
/// `Invalid` if there is no such context.
pub(super) fn contexts(params: &Params) -> Result<Option<Vec<FilterContext>>> {
    let Some(names) = params.list("context") else {
        return Ok(None);
    };
    names
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| {
            FilterContext::parse(name).ok_or_else(|| {
                ApiError::invalid(
                    "context",
                    "ERR_INVALID",
                    "Context None or invalid context supplied",
                )
            })
        })
        .collect::<Result<_>>()
        .map(Some)
}

/// When the filter ends; `None` if it is not said. Null and the empty text mean never.
pub(super) fn expiry(params: &Params) -> Option<Expiry> {
    params
        .has("expires_in")
        .then(|| params.int("expires_in").map_or(Expiry::Never, Expiry::In))
}

fn action(params: &Params) -> Result<Option<FilterAction>> {
    params
        .text("filter_action")
        .filter(|name| !name.is_empty())
        .map(|name| {
            FilterAction::parse(&name).ok_or_else(|| {
                ApiError::invalid(
                    "filter_action",
                    "ERR_INCLUSION",
                    "Filter action is not included in the list",
                )
            })
        })
        .transpose()
}

fn keyword(params: &Params) -> Result<KeywordChange> {
    Ok(KeywordChange {
        id: params.id("id")?,
        keyword: params.text("keyword"),
        whole_word: params.flag("whole_word"),
        destroy: params.is_set("_destroy"),
    })
}

/// Deletes a filter.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    filters::delete(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Words and phrases of a filter.
pub(crate) async fn keywords(call: Call) -> Result<HttpResponse> {
    let filter = filters::find(&call.instance, call.me()?, call.id("filter_id")?).await?;
    let shown: Vec<_> = filter.keywords.iter().map(FilterKeyword::from_model).collect();
    reply::json(&shown)
}

/// Adds a word or phrase to a filter.
pub(crate) async fn add_keyword(call: Call) -> Result<HttpResponse> {
    call.params.required("keyword")?;
    let id = call.id("filter_id")?;
    let made = filters::add_keyword(&call.instance, call.me()?, id, keyword(&call.params)?).await?;
    reply::json(&FilterKeyword::from_model(&made))
}

/// A word or phrase of any of the user's filters.
pub(crate) async fn show_keyword(call: Call) -> Result<HttpResponse> {
    let (_, found) = filters::find_keyword(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&FilterKeyword::from_model(&found))
}

/// Changes a word or phrase.
pub(crate) async fn update_keyword(call: Call) -> Result<HttpResponse> {
    call.params.required("keyword")?;
    let id = call.id("id")?;
    let change = KeywordChange {
        id: None,
        ..keyword(&call.params)?
    };
    let changed = filters::update_keyword(&call.instance, call.me()?, id, change).await?;
    reply::json(&FilterKeyword::from_model(&changed))
}

/// Removes a word or phrase.
pub(crate) async fn delete_keyword(call: Call) -> Result<HttpResponse> {
    filters::delete_keyword(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Single statuses that a filter hides.
pub(crate) async fn statuses(call: Call) -> Result<HttpResponse> {
    let filter = filters::find(&call.instance, call.me()?, call.id("filter_id")?).await?;
    let shown: Vec<_> = filter.statuses.iter().map(FilterStatus::from_model).collect();
    reply::json(&shown)
}

/// Hides a status with a filter.
pub(crate) async fn add_status(call: Call) -> Result<HttpResponse> {
    let status = call
        .params
        .id("status_id")?
        .ok_or(ApiError::MissingParameter("status_id"))?;
    let made = filters::add_status(&call.instance, call.me()?, call.id("filter_id")?, status).await?;
    reply::json(&FilterStatus::from_model(&made))
}

/// A status that any of the user's filters hides.
pub(crate) async fn show_status(call: Call) -> Result<HttpResponse> {
    let found = filters::find_status(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&FilterStatus::from_model(&found))
}

/// Stops hiding a status.
pub(crate) async fn delete_status(call: Call) -> Result<HttpResponse> {
    filters::delete_status(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}
