//! `Add` and `Remove`: a remote account pins a status or shows a hashtag on its profile, or no longer.
//!
//! Mastodon sends both without an id, and both kinds of things with the collection of pins as target. Collections of
//! other kinds are none of our business.

use pouet_model::text::hashtag_name;
use pouet_service::{featured_tags, statuses, view::TagView};

use super::{Envelope, activity};
use crate::{
    context::Context,
    error::{Error, Result},
    json::Object,
    origin::same_origin,
    resolver,
};

activity! {
    /// Something more on the profile of its actor.
    Add
}

activity! {
    /// Something less on the profile of its actor.
    Remove
}

impl Add {
    fn check(&self, _context: &Context) -> Result<()> {
        check(&self.0)
    }

    async fn act(self, context: &Context) -> Result<()> {
        let (instance, sender) = (&context.instance, self.0.sender.id);
        if let Some(tag) = hashtag(&self.0)? {
            return Ok(featured_tags::receive_featured_tag(instance, sender, tag).await?);
        }
        let uri = self.0.object_id()?;
        if !same_origin(uri, self.0.sender_uri()) {
            return Err(Error::Refused("pin of a status of another server"));
        }
        let status = resolver::status_by_id(context, uri, &self.0.budget).await?;
        Ok(statuses::receive_pin(instance, sender, status.id).await?)
    }
}

impl Remove {
    fn check(&self, _context: &Context) -> Result<()> {
        check(&self.0)
    }

    async fn act(self, context: &Context) -> Result<()> {
        let (instance, sender) = (&context.instance, self.0.sender.id);
        if let Some(tag) = hashtag(&self.0)? {
            return Ok(featured_tags::receive_unfeatured_tag(instance, sender, &tag.name).await?);
        }
        match statuses::find_by_uri(instance, self.0.object_id()?).await? {
            Some(status) => Ok(statuses::receive_unpin(instance, sender, status.id).await?),
            None => Ok(()),
        }
    }
}

/// Refuses any target but the actor's own collection of pins, as we know it from its document.
fn check(envelope: &Envelope) -> Result<()> {
    let remote = envelope.sender.remote.as_ref();
    let featured = remote.and_then(|remote| remote.featured.as_deref());
    let target = envelope.activity()?.id("target");
    if target.is_some() && target == featured {
        Ok(())
    } else {
        Err(Error::Refused(
            "change of a collection that is not the actor's pins",
        ))
    }
}

fn hashtag(envelope: &Envelope) -> Result<Option<TagView>> {
    match envelope.embedded()?.filter(|object| object.is("Hashtag")) {
        Some(object) => tag_of(object)
            .map(Some)
            .ok_or(Error::Refused("hashtag without a name")),
        None => Ok(None),
    }
}

/// The hashtag that an object is.
pub(crate) fn tag_of(object: Object<'_>) -> Option<TagView> {
    let text = object.text("name")?;
    Some(TagView {
        name: hashtag_name(text)?,
        display_name: text.trim().trim_start_matches(['#', '＃']).to_owned(),
    })
}
