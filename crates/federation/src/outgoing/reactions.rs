//! Emoji on statuses of others.

use activitypub_federation::protocol::context::WithContext;
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    reaction::ReactionEmoji,
};
use pouet_service::{Result, delivery::Recipients, statuses::find_raw};

use super::Task;
use crate::{
    activities::{Reacted, reaction, undo_reaction},
    objects::note::context,
};

impl Task<'_> {
    /// A reaction is told to the author of the status and to nobody else.
    pub(super) async fn send_reaction(
        &self,
        id: RelationId,
        account: AccountId,
        status: StatusId,
        emoji: &ReactionEmoji,
        undo: bool,
    ) -> Result<()> {
        let Some(status) = find_raw(self.instance, status).await? else {
            return Ok(());
        };
        let (Some(_), Some(author)) = (
            self.actor(account).await?,
            self.remote_uri(status.account_id).await?,
        ) else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let object = urls.status_uri(&status);
        let reacted = Reacted {
            id,
            account_id: account,
            object: &object,
            author: &author,
            emoji,
        };
        let like = reaction(urls, reacted);
        let order = like.id().to_owned();
        let body = if undo {
            undo_reaction(urls, reacted).into_text()
        } else {
            serde_json::to_string(&WithContext::new(like, context()))
        };
        let recipients = Recipients {
            accounts: vec![status.account_id],
            ..Recipients::default()
        };
        self.send(account, body, order, recipients).await
    }
}
