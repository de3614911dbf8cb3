//! <https://docs.joinmastodon.org/methods/notifications/#get-policy>

use actix_web::HttpResponse;
use pouet_model::notification_policy::{Correspondents, Treatment};
use pouet_service::notifications::policy::{self, PolicyChange, PolicyView};

use crate::{
    call::Call,
    entities::notification_policy::{NotificationPolicy, V1NotificationPolicy},
    error::{ApiError, Result},
    extract::params::Params,
    reply,
};

/// What becomes of notifications that the user did not ask for.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = policy::find(&call.instance, call.me()?).await?;
    reply::json(&NotificationPolicy::from_view(&found))
}

/// Changes it. What is absent stays as it is.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let change = PolicyChange {
        for_not_following: treatment(params, "for_not_following")?,
        for_not_followers: treatment(params, "for_not_followers")?,
        for_new_accounts: treatment(params, "for_new_accounts")?,
        for_private_mentions: treatment(params, "for_private_mentions")?,
        for_limited_accounts: treatment(params, "for_limited_accounts")?,
        for_bots: treatment(params, "for_bots")?,
        direct_messages: None,
    };
    let found = changed(&call, change).await?;
    reply::json(&NotificationPolicy::from_view(&found))
}

/// The same for older clients.
pub(crate) async fn show_v1(call: Call) -> Result<HttpResponse> {
    let found = policy::find(&call.instance, call.me()?).await?;
    reply::json(&V1NotificationPolicy::from_view(&found))
}

/// Changes it, for older clients, which know of no dropping.
pub(crate) async fn update_v1(call: Call) -> Result<HttpResponse> {
    let flag = |name| {
        call.params.flag(name).map(|filter| {
            if filter {
                Treatment::Filter
            } else {
                Treatment::Accept
            }
        })
    };
    let change = PolicyChange {
        for_not_following: flag("filter_not_following"),
        for_not_followers: flag("filter_not_followers"),
        for_new_accounts: flag("filter_new_accounts"),
        for_private_mentions: flag("filter_private_mentions"),
        for_bots: flag("filter_bots"),
        ..PolicyChange::default()
    };
    let found = changed(&call, change).await?;
    reply::json(&V1NotificationPolicy::from_view(&found))
}

async fn changed(call: &Call, change: PolicyChange) -> Result<PolicyView> {
    Ok(policy::change(&call.instance, call.me()?, change).await?)
}

/// What becomes of notifications of one kind; `None` if it is not said.
///
/// # Errors
/// `Invalid` if there is no such treatment.
pub(super) fn treatment(params: &Params, name: &'static str) -> Result<Option<Treatment>> {
    params
        .text(name)
        .filter(|text| !text.is_empty())
        .map(|text| {
            Treatment::parse(&text).ok_or_else(|| {
                let reason = format!("'{text}' is not one of accept, filter, drop");
                ApiError::invalid(name, "ERR_INCLUSION", &reason)
            })
        })
        .transpose()
}

/// Whose private messages are asked for; `None` if it is not said.
///
/// # Errors
/// `Invalid` if there is no such choice.
pub(in crate::routes) fn correspondents(
    params: &Params,
    name: &'static str,
) -> Result<Option<Correspondents>> {
    params
        .text(name)
        .filter(|text| !text.is_empty())
        .map(|text| {
            Correspondents::parse(&text).ok_or_else(|| {
                let reason = format!("'{text}' is not one of anyone, related, followed, followers, nobody");
                ApiError::invalid(name, "ERR_INCLUSION", &reason)
            })
        })
        .transpose()
}
