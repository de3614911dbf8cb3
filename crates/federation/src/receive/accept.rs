//! `Accept`: a remote account lets a local one follow.

use pouet_model::urls::LocalUri;
use pouet_service::follows::{self, Selector};

use super::{Envelope, activity};
use crate::{
    context::Context,
    error::{Error, Result},
    json::Object,
    origin::is_own,
};

activity! {
    /// Leave to follow.
    Accept
}

impl Accept {
    fn check(&self, context: &Context) -> Result<()> {
        check_answer(context, &self.0)
    }

    async fn act(self, context: &Context) -> Result<()> {
        let selector = selector(context, self.0.activity()?);
        Ok(follows::receive_accept(&context.instance, self.0.sender.id, selector).await?)
    }
}

/// Refuses an activity that cannot be the sender's answer to a Follow of ours.
pub(super) fn check_answer(context: &Context, envelope: &Envelope) -> Result<()> {
    let Some(follow) = envelope.embedded()? else {
        return envelope.object_id().map(|_| ());
    };
    if follow.types().next().is_some() && !follow.is("Follow") {
        return Err(Error::Refused("answer to something else than a follow"));
    }
    let target = follow.id("object");
    if target.is_some_and(|target| target != envelope.sender_uri()) {
        return Err(Error::Refused("answer to a follow of somebody else"));
    }
    let follower = follow.id("actor");
    if follower.is_some_and(|follower| !is_own(context.urls(), follower)) {
        return Err(Error::Refused("answer to somebody elsewhere"));
    }
    Ok(())
}

/// Which follow an answer is about: the one whose id it names, else the one between the two, else the only one that waits.
pub(super) fn selector(context: &Context, answer: Object<'_>) -> Selector {
    let id = answer.id("object").filter(|id| is_own(context.urls(), id));
    let named = id.and_then(|id| id.rsplit_once("#follows/")?.1.parse().ok());
    if let Some(follow) = named {
        return Selector::Follow(follow);
    }
    let follower = answer.object("object").and_then(|follow| follow.id("actor"));
    match follower.and_then(|follower| context.urls().parse(follower)) {
        Some(LocalUri::Account(follower)) => Selector::Pair { follower },
        _ => Selector::Any,
    }
}
