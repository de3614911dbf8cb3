//! <https://docs.joinmastodon.org/methods/grouped_notifications/>

use actix_web::HttpResponse;
use pouet_service::{Error, notifications};

use super::notifications::{query, types};
use crate::{
    call::Call,
    entities::{
        account::Account,
        notification_group::{GroupedNotifications, UnreadCount},
    },
    error::{ApiError, Result},
    extract::{
        page::{self, ACCOUNTS, COUNTS},
        params::Params,
    },
    link::Previous,
    reply::{self, Next},
};

/// Whether only the first account of each group is given whole.
fn partial_avatars(params: &Params) -> Result<bool> {
    match params.text("expand_accounts").as_deref() {
        None | Some("" | "full") => Ok(false),
        Some("partial_avatars") => Ok(true),
        Some(other) => Err(ApiError::BadParameter(format!(
            "invalid value for 'expand_accounts': '{other}', allowed values are 'full' and 'partial_avatars'"
        ))),
    }
}

/// Notifications of the user, similar ones in groups. Pages are keyed by notifications.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let partial = partial_avatars(&call.params)?;
    let grouped_types = types(&call.params, "grouped_types");
    let found = notifications::grouped(
        &call.instance,
        call.me()?,
        query(&call.params)?,
        grouped_types,
        call.page(ACCOUNTS)?,
    )
    .await?;
    call.note_shown(&found.statuses);
    let shown = GroupedNotifications::from_view(&found, partial, call.instance.now(), call.urls());
    let newest = found.groups.iter().map(|group| group.page_max_id.0).max();
    let oldest = found.groups.iter().map(|group| group.page_min_id.0).min();
    reply::page(
        &call,
        &shown,
        newest.into_iter().chain(oldest),
        Next::Always,
        Previous::MinId,
    )
}

/// One group.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = notifications::group(&call.instance, call.me()?, &call.segment("group_key")).await?;
    call.note_shown(&found.statuses);
    reply::json(&GroupedNotifications::from_view(
        &found,
        false,
        call.instance.now(),
        call.urls(),
    ))
}

/// The accounts of one group, those who came last first. A group that is gone has none, as on Mastodon.
pub(crate) async fn accounts(call: Call) -> Result<HttpResponse> {
    let limit = call.page(ACCOUNTS)?.limit;
    let found = notifications::group_accounts(&call.instance, call.me()?, &call.segment("group_key")).await;
    let found = match found {
        Err(Error::NotFound) => Vec::new(),
        found => found?,
    };
    let shown = found.iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    reply::json(&Account::list(shown.map(AsRef::as_ref), call.urls()))
}

/// Removes one group.
pub(crate) async fn dismiss(call: Call) -> Result<HttpResponse> {
    notifications::dismiss_group(&call.instance, call.me()?, &call.segment("group_key")).await?;
    reply::empty()
}

/// How many groups are newer than the marker.
pub(crate) async fn unread_count(call: Call) -> Result<HttpResponse> {
    let limit = page::limit(&call.params, COUNTS);
    let grouped_types = types(&call.params, "grouped_types");
    let count = notifications::unread_group_count(
        &call.instance,
        call.me()?,
        query(&call.params)?,
        grouped_types,
        limit,
    )
    .await?;
    reply::json(&UnreadCount { count })
}
