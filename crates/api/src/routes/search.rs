//! <https://docs.joinmastodon.org/methods/search/>

use actix_web::HttpResponse;
use pouet_model::ids::StatusId;
use pouet_service::{
    search::{self, SearchKind, SearchQuery},
    tags,
};

use crate::{
    call::Call,
    entities::{account::Account, collection::Collection, search::Search, status::Status, tag::Tag},
    error::{ApiError, Result},
    extract::{
        page::{self, STATUSES},
        params::Params,
    },
    reply,
};

/// Accounts, statuses and hashtags that fit, or the one that an address names.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let query = query(&call)?;
    let found = search::search(&call.instance, call.viewer(), query).await?;
    let urls = call.urls();
    let hashtags = tags::describe(&call.instance, call.viewer(), found.hashtags).await?;
    reply::json(&Search {
        accounts: Account::list(found.accounts.iter().map(AsRef::as_ref), urls),
        statuses: Status::list(&call, &found.statuses),
        hashtags: Tag::list(&hashtags, urls),
        collections: found
            .collections
            .iter()
            .map(|view| Collection::from_view(view, urls))
            .collect(),
    })
}

fn query(call: &Call) -> Result<SearchQuery> {
    let params = &call.params;
    let q = params.required("q")?;
    let offset = not_negative(params, "offset")?;
    not_negative(params, "limit")?;
    let cursors = call.page(STATUSES)?;
    Ok(SearchQuery {
        q,
        kind: kind(params)?,
        resolve: params.is_set("resolve"),
        following: params.is_set("following"),
        account_id: params.id("account_id")?,
        limit: page::limit(params, STATUSES),
        offset,
        max_id: cursors.max_id.map(StatusId),
        min_id: cursors.lower().map(StatusId),
        sort: None,
    })
}

fn not_negative(params: &Params, name: &'static str) -> Result<i64> {
    match params.int(name) {
        Some(number) if number < 0 => Err(ApiError::BadParameter(format!("{name} must not be negative"))),
        number => Ok(number.unwrap_or(0)),
    }
}

fn kind(params: &Params) -> Result<Option<SearchKind>> {
    match params.text("type").as_deref() {
        None | Some("") => Ok(None),
        Some("accounts") => Ok(Some(SearchKind::Accounts)),
        Some("statuses") => Ok(Some(SearchKind::Statuses)),
        Some("hashtags") => Ok(Some(SearchKind::Hashtags)),
        Some(_) => Err(ApiError::BadParameter(
            "type is not one of those known".to_owned(),
        )),
    }
}
