//! `Accept`: a remote account lets a local one follow, or quote.

use pouet_model::{ids::RelayId, urls::LocalUri};
use pouet_service::{
    follows::{self, Selector},
    quotes, relays,
};

use super::{Envelope, activity, interaction, quote_request};
use crate::{
    activities,
    context::Context,
    error::{Error, Result},
    json::Object,
    origin::{is_own, same_origin},
};

activity! {
    /// Leave to follow or to quote.
    Accept
}

impl Accept {
    fn check(&self, context: &Context) -> Result<()> {
        // Relays are asked to follow everybody: who answers for them is known later.
        if asked_relay(context, &self.0)?.is_some() {
            return Ok(());
        }
        let activity = self.0.activity()?;
        if quote_request::answered(context, activity).is_some() {
            // Consent to a quote lies where its author is.
            return match activity.id("result") {
                Some(stamp) if same_origin(stamp, self.0.sender_uri()) && !is_own(context.urls(), stamp) => {
                    Ok(())
                }
                _ => Err(Error::Refused("consent of another server")),
            };
        }
        if interaction::answered(context, &self.0)?.is_some() {
            return Ok(());
        }
        check_answer(context, &self.0)
    }

    async fn act(self, context: &Context) -> Result<()> {
        if let Some(relay) = asked_relay(context, &self.0)? {
            return Ok(relays::receive_answer(&context.instance, relay, &self.0.sender, true).await?);
        }
        let activity = self.0.activity()?;
        if let Some(asked) = quote_request::answered(context, activity) {
            let (instance, sender) = (&context.instance, self.0.sender.id);
            let stamp = activity
                .id("result")
                .ok_or(Error::Refused("consent without document"))?;
            return Ok(quotes::receive_accept(instance, sender, asked.request, asked.quoting, stamp).await?);
        }
        if let Some(what) = interaction::answered(context, &self.0)? {
            return interaction::accept(context, &self.0, what).await;
        }
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

/// The relay that an answer is about, if it is about the instance's own Follow of one.
pub(super) fn asked_relay(context: &Context, envelope: &Envelope) -> Result<Option<RelayId>> {
    let id = envelope.activity()?.id("object");
    Ok(id.and_then(|id| activities::parse_relay_follow(context.urls(), id)))
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
