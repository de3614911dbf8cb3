//! The first version of filters: one phrase each, which is a keyword of a filter here.
//!
//! Source: <https://docs.joinmastodon.org/methods/filters/#v1>

use actix_web::HttpResponse;
use pouet_model::{
    filter::{Filter, FilterAction, FilterKeyword},
    ids::FilterKeywordId,
};
use pouet_service::filters::{self, FilterChange, KeywordChange};

use super::filters_v2::{contexts, expiry};
use crate::{
    call::Call,
    entities::filter::V1Filter,
    error::{ApiError, Result},
    reply,
};

/// All phrases of all filters of the user.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = filters::all(&call.instance, call.me()?).await?;
    reply::json(&V1Filter::list(&found))
}

/// The keyword that the path names, and its filter.
async fn find(call: &Call) -> Result<(Filter, FilterKeyword)> {
    Ok(filters::find_keyword(&call.instance, call.me()?, call.id("id")?).await?)
}

/// One phrase.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let (filter, keyword) = find(&call).await?;
    reply::json(&V1Filter::from_model(&filter, &keyword))
}

/// Makes a filter of one phrase.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let made = filters::create(&call.instance, call.me()?, change(&call, None)?).await?;
    let keyword = made.keywords.first().ok_or_else(ApiError::not_found)?;
    reply::json(&V1Filter::from_model(&made, keyword))
}

/// Changes a phrase and its filter.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let (filter, keyword) = find(&call).await?;
    let changed = filters::update(
        &call.instance,
        call.me()?,
        filter.id,
        change(&call, Some(keyword.id))?,
    )
    .await?;
    let keyword = changed
        .keywords
        .iter()
        .find(|other| other.id == keyword.id)
        .ok_or_else(ApiError::not_found)?;
    reply::json(&V1Filter::from_model(&changed, keyword))
}

/// What the parameters make of a filter. `irreversible` is what hiding was called.
fn change(call: &Call, keyword: Option<FilterKeywordId>) -> Result<FilterChange> {
    let params = &call.params;
    let phrase = params.required("phrase")?;
    let contexts = contexts(params)?.ok_or(ApiError::MissingParameter("context"))?;
    let action = params.flag("irreversible").map(|hide| {
        if hide {
            FilterAction::Hide
        } else {
            FilterAction::Warn
        }
    });
    Ok(FilterChange {
        title: Some(phrase.clone()),
        contexts: Some(contexts),
        action,
        expires_in: expiry(params),
        keywords: vec![KeywordChange {
            id: keyword,
            keyword: Some(phrase),
            whole_word: params.flag("whole_word"),
            destroy: false,
        }],
    })
}

/// Removes a phrase, and its filter with its last one.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    let (filter, keyword) = find(&call).await?;
    if filter.keywords.len() > 1 || !filter.statuses.is_empty() {
        filters::delete_keyword(&call.instance, call.me()?, keyword.id).await?;
    } else {
        filters::delete(&call.instance, call.me()?, filter.id).await?;
    }
    reply::empty()
}
