//! <https://docs.joinmastodon.org/methods/notifications/>

use actix_web::HttpResponse;
use pouet_model::notification::NotificationType;
use pouet_service::notifications::{self, NotificationQuery};

use crate::{
    call::Call,
    entities::{notification::Notification, notification_group::UnreadCount},
    error::{ApiError, Result},
    extract::{
        page::{self, ACCOUNTS, COUNTS},
        params::Params,
    },
    link::Previous,
    reply::{self, Next},
};

/// Which notifications are asked for. Types that we do not know match nothing.
pub(super) fn query(params: &Params) -> Result<NotificationQuery> {
    Ok(NotificationQuery {
        types: types(params, "types"),
        exclude_types: types(params, "exclude_types").unwrap_or_default(),
        account_id: params.id("account_id")?,
        include_filtered: params.is_set("include_filtered"),
    })
}

/// A list of types; `None` if it is absent or empty.
pub(super) fn types(params: &Params, name: &str) -> Option<Vec<NotificationType>> {
    params.list(name).filter(|names| !names.is_empty()).map(|names| {
        names
            .iter()
            .filter_map(|name| NotificationType::parse(name))
            .collect()
    })
}

/// Notifications of the user.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = notifications::list(
        &call.instance,
        call.me()?,
        query(&call.params)?,
        call.page(ACCOUNTS)?,
    )
    .await?;
    call.note_shown(found.iter().filter_map(|view| view.status.as_ref()));
    let now = call.instance.now();
    let shown: Vec<_> = found
        .iter()
        .map(|view| Notification::from_view(view, now, call.urls()))
        .collect();
    let keys = found.iter().map(|view| view.notification.id.0);
    reply::page(&call, &shown, keys, Next::Always, Previous::MinId)
}

/// One notification.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = notifications::find(&call.instance, call.me()?, call.id("id")?).await?;
    call.note_shown(&found.status);
    reply::json(&Notification::from_view(&found, call.instance.now(), call.urls()))
}

/// Removes all notifications.
pub(crate) async fn clear(call: Call) -> Result<HttpResponse> {
    notifications::clear(&call.instance, call.me()?).await?;
    reply::empty()
}

/// Removes one notification.
pub(crate) async fn dismiss(call: Call) -> Result<HttpResponse> {
    notifications::dismiss(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Removes several notifications; those that are gone already do not matter.
pub(crate) async fn destroy_multiple(call: Call) -> Result<HttpResponse> {
    if !call.params.has("ids") {
        return Err(ApiError::MissingParameter("ids"));
    }
    for id in call.params.ids("ids") {
        match notifications::dismiss(&call.instance, call.me()?, id).await {
            Ok(()) | Err(pouet_service::Error::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    reply::empty()
}

/// How many notifications are newer than the marker.
pub(crate) async fn unread_count(call: Call) -> Result<HttpResponse> {
    let limit = page::limit(&call.params, COUNTS);
    let count = notifications::unread_count(&call.instance, call.me()?, query(&call.params)?, limit).await?;
    reply::json(&UnreadCount { count })
}
