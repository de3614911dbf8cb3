//! `Like` and `EmojiReact`: a remote account favours a status, or puts an emoji on it.

use pouet_model::reaction::ReactionEmoji;
use pouet_service::statuses;

use super::{Envelope, activity};
use crate::{
    context::Context,
    documents::emoji_of,
    error::{Error, Result},
    json::Object,
    origin::is_own,
};

activity! {
    /// A favourite or an emoji.
    Like
}

impl Like {
    fn check(&self, context: &Context) -> Result<()> {
        if is_own(context.urls(), self.0.object_id()?) {
            Ok(())
        } else {
            Err(Error::Refused("favourite of a status elsewhere"))
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        let target = statuses::find_by_uri(&context.instance, self.0.object_id()?).await?;
        let target = target.ok_or(Error::Refused("favourite of nothing"))?;
        let (instance, sender, uri) = (&context.instance, self.0.sender.id, Some(self.0.uri.as_str()));
        match reaction(context, &self.0, self.0.activity()?).await? {
            Some(emoji) => Ok(statuses::receive_reaction(instance, sender, uri, target.id, emoji).await?),
            None => Ok(statuses::receive_favourite(instance, sender, uri, target.id).await?),
        }
    }
}

/// The emoji of a Like, `None` if it is a favourite: also where the emoji is one that cannot be shown.
///
/// A custom emoji counts as one of the sender's own server, whatever its address, so that nobody passes a picture off as
/// somebody else's. One with a picture of ours is ours, if there is one of that name.
pub(super) async fn reaction(
    context: &Context,
    envelope: &Envelope,
    activity: Object<'_>,
) -> Result<Option<ReactionEmoji>> {
    match emoji_of(activity) {
        Some(ReactionEmoji::Custom(emoji)) if is_own(context.urls(), &emoji.image) => {
            let own = statuses::own_emoji(&context.instance, &emoji.shortcode).await?;
            Ok(own.map(ReactionEmoji::Custom))
        }
        Some(ReactionEmoji::Custom(mut emoji)) => {
            emoji.domain.clone_from(&envelope.sender.domain);
            Ok(Some(ReactionEmoji::Custom(emoji)))
        }
        other => Ok(other),
    }
}
