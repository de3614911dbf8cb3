//! `Update`: a remote account has changed a status or itself.

use chrono::TimeDelta;
use pouet_model::account::ActorType;
use pouet_service::{
    Error as ServiceError,
    statuses::{self, Arrival},
};
use serde_json::Value;

use super::{activity, create::check_owner};
use crate::{
    context::Context,
    documents::{ActorDocument, NoteDocument},
    error::{Error, Result},
    fetch,
    json::Object,
    origin::same_origin,
    take_in,
};

/// A status that we do not know is taken as new if it is not older than this.
const STILL_NEW: TimeDelta = TimeDelta::days(1);

activity! {
    /// A change of something of its actor, or of the actor.
    Update
}

impl Update {
    fn check(&self, context: &Context) -> Result<()> {
        match self.0.embedded()? {
            Some(object) => self.check_object(context, object),
            None if same_origin(self.0.object_id()?, self.0.sender_uri()) => Ok(()),
            None => Err(Error::Refused("update of an object of another server")),
        }
    }

    /// An actor speaks of itself alone, and a status is its author's: being of one server is not enough, whatever the object
    /// says of whose it is.
    fn check_object(&self, context: &Context, object: Object<'_>) -> Result<()> {
        let is_actor = object.types().any(|kind| ActorType::parse(kind).is_some());
        match (is_actor, object.own_id() == Some(self.0.sender_uri())) {
            (true, true) => Ok(()),
            (true, false) => Err(Error::Refused("update of another actor")),
            (false, true) => Err(Error::Refused("an actor is no status")),
            (false, false) => check_owner(context, object, self.0.sender_uri()),
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        if let Some(object @ Value::Object(_)) = self.0.activity()?.first("object") {
            return self.take_in(context, object).await;
        }
        let uri = self.0.object_id()?;
        context.absences.forget(uri);
        let reader = self.0.reader(context).await?;
        let document = fetch::document(context, uri, &self.0.budget, reader).await?;
        let fetched = Object::of(&document).ok_or(Error::Refused("document is not an object"))?;
        self.check_object(context, fetched)?;
        self.take_in(context, &document).await
    }

    async fn take_in(&self, context: &Context, object: &Value) -> Result<()> {
        if ActorDocument::is_actor(object) {
            take_in::actor(context, object, &self.0.budget).await?;
            return Ok(());
        }
        if !NoteDocument::is_note(object) {
            return Ok(());
        }
        let around = Some(self.0.activity()?);
        let status = take_in::remote_status(context, object, around, &self.0.budget).await?;
        match statuses::receive_update(&context.instance, status.clone()).await {
            Err(ServiceError::NotFound) if context.instance.now() - status.published < STILL_NEW => {
                let arrival = Arrival::Pushed {
                    recipient: self.0.recipient,
                };
                take_in::store(context, object, status, arrival, &self.0.budget).await?;
                Ok(())
            }
            Err(ServiceError::NotFound) => Ok(()),
            other => Ok(other?),
        }
    }
}
