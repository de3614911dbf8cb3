//! Relays: subscribing to them, and telling them of public statuses.

use pouet_model::{
    ids::{AccountId, ActivityId, RelayId},
    relay::RelayKind,
};
use pouet_service::{
    Error, Result,
    delivery::{self, Outgoing, Recipients},
    relays,
};

use super::Task;
use crate::activities;

impl Task<'_> {
    /// Asks a relay for what passes through it.
    pub(super) async fn send_relay_follow(&self, id: RelayId) -> Result<()> {
        let Some(relay) = relays::find_asked(self.instance, id).await? else {
            return Ok(());
        };
        let object = (relay.kind == RelayKind::LitePub).then_some(relay.address.as_str());
        let follow = activities::follow_relay(self.instance.urls(), id, object);
        let object = follow.id().to_owned();
        self.send_by_instance(follow.into_plain_text(), object, vec![relay.inbox])
            .await
    }

    /// Takes that back. `actor`: its id, if the relay was asked by that.
    pub(super) async fn send_relay_undo(&self, id: RelayId, actor: Option<&str>, inbox: &str) -> Result<()> {
        let undo = activities::unfollow_relay(self.instance.urls(), id, actor);
        let object = activities::relay_follow_id(self.instance.urls(), id);
        self.send_by_instance(undo.into_plain_text(), object, vec![inbox.to_owned()])
            .await
    }

    /// Answers a Follow of the instance itself.
    pub(super) async fn send_instance_answer(
        &self,
        follower: AccountId,
        follow_uri: &str,
        accept: bool,
    ) -> Result<()> {
        let Some(follower_uri) = self.remote_uri(follower).await? else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let answer = activities::answer_as_instance(urls, accept, &follower_uri, follow_uri, self.id.0);
        let recipients = Recipients {
            personally: vec![follower],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(self.instance, recipients).await?;
        self.send_by_instance(answer.into_plain_text(), follow_uri.to_owned(), inboxes)
            .await
    }

    /// Tells relays that are actors of a public status: they want it to be boosted by the instance.
    pub(super) async fn announce_to_relays(&self, object: &str) -> Result<()> {
        let inboxes = relays::inboxes(self.instance, RelayKind::LitePub).await?;
        if inboxes.is_empty() {
            return Ok(());
        }
        let announce = activities::announce_as_instance(self.instance.urls(), object, self.id.0);
        // The job's own id is that of the activity that the author's followers get. This one is known again by its id on
        // the wire alone.
        let id = self.instance.next_id();
        self.send_instance_activity(id, announce.into_plain_text(), object.to_owned(), inboxes)
            .await
    }

    async fn send_by_instance(
        &self,
        body: serde_json::Result<String>,
        object_uri: String,
        inboxes: Vec<String>,
    ) -> Result<()> {
        let id = ActivityId(self.id.0);
        self.send_instance_activity(id, body, object_uri, inboxes).await
    }

    async fn send_instance_activity(
        &self,
        id: ActivityId,
        body: serde_json::Result<String>,
        object_uri: String,
        inboxes: Vec<String>,
    ) -> Result<()> {
        let outgoing = Outgoing {
            id,
            account_id: None,
            retired_key_id: None,
            body: body.map_err(Error::internal)?,
            object_uri,
            inboxes,
        };
        delivery::enqueue(self.instance, outgoing).await?;
        Ok(())
    }
}
