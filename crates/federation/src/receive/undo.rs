//! `Undo`: a remote account takes back what it did.

use pouet_model::{account::Account, ids::StatusId};
use pouet_service::{accounts, follows, statuses};

use super::{accept::selector, activity, like};
use crate::{
    context::Context,
    error::{Error, Result},
    json::Object,
    origin::same_origin,
};

activity! {
    /// The end of something that its actor did.
    Undo
}

impl Undo {
    fn check(&self, _context: &Context) -> Result<()> {
        let sender = self.0.sender_uri();
        let actor = self.0.embedded()?.and_then(|undone| undone.id("actor"));
        if actor.is_some_and(|actor| actor != sender) {
            return Err(Error::Refused("undo of what somebody else did"));
        }
        match self.0.activity()?.id("object") {
            Some(id) if !same_origin(id, sender) => {
                Err(Error::Refused("undo of an activity of another server"))
            }
            _ => Ok(()),
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        let activity = self.0.activity()?;
        let id = activity.id("object");
        if let Some(undone) = activity.object("object") {
            return self.undo(context, undone, id).await;
        }
        let id = id.ok_or(Error::Refused("undo of nothing"))?;
        self.undo_by_id(context, id).await
    }

    async fn undo(&self, context: &Context, undone: Object<'_>, id: Option<&str>) -> Result<()> {
        let (instance, sender) = (&context.instance, self.0.sender.id);
        let object = undone.id("object");
        match undone.types().next().unwrap_or_default() {
            "Follow" => {
                let target = account(context, object).await?.map(|target| target.id);
                follows::receive_undo_follow(instance, sender, target, id).await?;
            }
            "Accept" => {
                follows::receive_undo_accept(instance, sender, selector(context, undone)).await?;
            }
            "Block" => {
                let target = account(context, object).await?.map(|target| target.id);
                follows::receive_undo_block(instance, sender, target, id).await?;
            }
            "Like" | "EmojiReact" => {
                let target = status(context, object).await?;
                let emoji = like::reaction(context, &self.0, undone).await?;
                let is_favourite = emoji.is_none();
                if !statuses::receive_unreact(instance, sender, id, target, emoji).await? {
                    let target = target.filter(|_| is_favourite);
                    statuses::receive_unfavourite(instance, sender, id, target).await?;
                }
            }
            "Announce" => {
                let target = status(context, object).await?;
                statuses::receive_unreblog(instance, sender, id, target).await?;
            }
            kind => tracing::debug!(kind, "undo of something that we do not handle"),
        }
        Ok(())
    }

    /// Without a type, the id can be that of any of them.
    async fn undo_by_id(&self, context: &Context, id: &str) -> Result<()> {
        let (instance, sender) = (&context.instance, self.0.sender.id);
        statuses::receive_unreblog(instance, sender, Some(id), None).await?;
        follows::receive_undo_follow(instance, sender, None, Some(id)).await?;
        follows::receive_undo_block(instance, sender, None, Some(id)).await?;
        if !statuses::receive_unreact(instance, sender, Some(id), None, None).await? {
            statuses::receive_unfavourite(instance, sender, Some(id), None).await?;
        }
        Ok(())
    }
}

async fn account(context: &Context, uri: Option<&str>) -> Result<Option<Account>> {
    Ok(match uri {
        Some(uri) => accounts::find_by_uri(&context.instance, uri).await?,
        None => None,
    })
}

async fn status(context: &Context, uri: Option<&str>) -> Result<Option<StatusId>> {
    let found = match uri {
        Some(uri) => statuses::find_by_uri(&context.instance, uri).await?,
        None => None,
    };
    Ok(found.map(|status| status.id))
}
