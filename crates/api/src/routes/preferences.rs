//! <https://docs.joinmastodon.org/methods/preferences/>, and preferences of this program alone.

use actix_web::HttpResponse;
use pouet_service::{
    notifications::policy::PolicyChange,
    preferences::{self, OwnChange},
};

use super::notification_policy::{correspondents, treatment};
use crate::{
    call::Call,
    entities::preferences::{OwnPreferences, Preferences},
    error::Result,
    reply,
};

/// What the user prefers.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    reply::json(&Preferences::of(call.user()?.0))
}

/// What the user prefers beyond that: who may write to them privately, and whether followed links are counted.
pub(crate) async fn own(call: Call) -> Result<HttpResponse> {
    let found = preferences::own(&call.instance, call.me()?).await?;
    reply::json(&OwnPreferences::from_model(found))
}

/// Changes it. What is absent stays as it is.
pub(crate) async fn update_own(call: Call) -> Result<HttpResponse> {
    let policy = PolicyChange {
        direct_messages: correspondents(&call.params, "direct_messages")?,
        for_private_mentions: treatment(&call.params, "other_direct_messages")?,
        ..PolicyChange::default()
    };
    let change = OwnChange {
        policy,
        count_link_clicks: call.params.flag("count_link_clicks"),
    };
    let changed = preferences::change_own(&call.instance, call.me()?, change).await?;
    reply::json(&OwnPreferences::from_model(changed))
}
