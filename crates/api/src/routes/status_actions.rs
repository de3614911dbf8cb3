//! What a user does with a status: <https://docs.joinmastodon.org/methods/statuses/>

use actix_web::HttpResponse;
use pouet_service::statuses;

use super::statuses::{shown, visibility};
use crate::{call::Call, error::Result};

/// An action on a status that answers the status as it is then.
macro_rules! action {
    ($(#[$doc:meta])* $name:ident => $operation:ident) => {
        $(#[$doc])*
        pub(crate) async fn $name(call: Call) -> Result<HttpResponse> {
            let id = call.id("id")?;
            statuses::$operation(&call.instance, call.me()?, id).await?;
            shown(&call, id).await
        }
    };
}

action!(
    /// Favourites a status.
    favourite => favourite
);
action!(
    /// Takes a favourite back.
    unfavourite => unfavourite
);
action!(
    /// Bookmarks a status.
    bookmark => bookmark
);
action!(
    /// Removes a bookmark.
    unbookmark => unbookmark
);
action!(
    /// Shows a status on the user's profile.
    pin => pin
);
action!(
    /// Takes a status off the user's profile.
    unpin => unpin
);
action!(
    /// Ends notifications of a thread.
    mute => mute_conversation
);
action!(
    /// Brings notifications of a thread back.
    unmute => unmute_conversation
);

/// Boosts a status and answers the boost.
pub(crate) async fn reblog(call: Call) -> Result<HttpResponse> {
    let visibility = visibility(&call.params)?;
    let boost = statuses::reblog(&call.instance, call.me()?, call.id("id")?, visibility).await?;
    shown(&call, boost).await
}

/// Takes a boost back and answers the status that was boosted, whichever of the two was named.
pub(crate) async fn unreblog(call: Call) -> Result<HttpResponse> {
    let (me, id) = (call.me()?, call.id("id")?);
    let named = statuses::find(&call.instance, Some(me), id).await?;
    let original = named.reblog.map_or(id, |reblog| reblog.status.id);
    statuses::unreblog(&call.instance, me, original).await?;
    shown(&call, original).await
}
