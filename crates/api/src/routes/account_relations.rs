//! What a user does about other accounts: <https://docs.joinmastodon.org/methods/accounts/>

use actix_web::HttpResponse;
use pouet_model::ids::AccountId;
use pouet_service::{blocks, endorsements, follows, follows::FollowOptions, mutes, notes, relationships};

use crate::{
    call::Call,
    entities::relationship::Relationship,
    error::{ApiError, Result},
    reply,
};

/// How the viewer stands to some accounts. Unknown ones are left out.
pub(crate) async fn relationships(call: Call) -> Result<HttpResponse> {
    let ids = call.params.ids("id");
    let found = relationships::of(&call.instance, call.me()?, &ids).await?;
    let shown: Vec<_> = found.iter().filter_map(Relationship::from_model).collect();
    reply::json(&shown)
}

/// Answers how the viewer stands to `other` now.
async fn relationship(call: &Call, other: AccountId) -> Result<HttpResponse> {
    let found = relationships::of(&call.instance, call.me()?, &[other]).await?;
    let shown = found
        .iter()
        .find_map(Relationship::from_model)
        .ok_or_else(ApiError::not_found)?;
    reply::json(&shown)
}

/// Follows an account, or changes what is shown of one that is followed.
pub(crate) async fn follow(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    let options = FollowOptions {
        reblogs: call.params.flag("reblogs"),
        notify: call.params.flag("notify"),
        languages: call.params.list("languages"),
    };
    follows::follow(&call.instance, call.me()?, other, options).await?;
    relationship(&call, other).await
}

/// Stops following an account.
pub(crate) async fn unfollow(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    follows::unfollow(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Makes an account stop following the user.
pub(crate) async fn remove_from_followers(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    follows::remove_follower(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Lets an account follow the user that has asked to.
pub(crate) async fn authorize(call: Call) -> Result<HttpResponse> {
    let other = call.id("account_id")?;
    follows::accept(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Refuses an account that has asked to follow the user.
pub(crate) async fn reject(call: Call) -> Result<HttpResponse> {
    let other = call.id("account_id")?;
    follows::reject(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Blocks an account.
pub(crate) async fn block(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    blocks::block(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Ends a block.
pub(crate) async fn unblock(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    blocks::unblock(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Mutes an account, its notifications too unless `notifications` is false, for `duration` seconds (0: for good).
pub(crate) async fn mute(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    let notifications = call.params.flag("notifications").unwrap_or(true);
    let duration = call.params.int("duration").unwrap_or(0);
    mutes::mute(&call.instance, call.me()?, other, notifications, duration).await?;
    relationship(&call, other).await
}

/// Ends a mute.
pub(crate) async fn unmute(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    mutes::unmute(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Shows an account on the user's profile.
pub(crate) async fn endorse(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    endorsements::endorse(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Takes an account off the user's profile.
pub(crate) async fn unendorse(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    endorsements::unendorse(&call.instance, call.me()?, other).await?;
    relationship(&call, other).await
}

/// Writes the user's private note about an account; an empty one removes it.
pub(crate) async fn note(call: Call) -> Result<HttpResponse> {
    let other = call.id("id")?;
    let comment = call.params.text("comment").unwrap_or_default();
    notes::set(&call.instance, call.me()?, other, &comment).await?;
    relationship(&call, other).await
}
