//! `Create`: a remote account has published a status, or voted.

use pouet_service::{
    polls,
    statuses::{self, Arrival},
};
use serde_json::Value;

use super::activity;
use crate::{
    context::Context,
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    json::Object,
    origin::{is_own, same_origin},
    take_in,
};

/// Objects of one activity: votes for several options come together.
const MAX_OBJECTS: usize = 100;

activity! {
    /// Something new of its actor.
    Create
}

impl Create {
    fn check(&self, context: &Context) -> Result<()> {
        for object in self.0.activity()?.objects("object").take(MAX_OBJECTS) {
            check_owner(context, object, self.0.sender_uri())?;
        }
        Ok(())
    }

    async fn act(self, context: &Context) -> Result<()> {
        for object in self.0.activity()?.many("object").iter().take(MAX_OBJECTS) {
            match object {
                Value::String(uri) if same_origin(uri, self.0.sender_uri()) => {
                    let reader = self.0.reader(context).await?;
                    let document = fetch::document(context, uri, &self.0.budget, reader).await?;
                    let fetched = Object::of(&document).ok_or(Error::Refused("document is not an object"))?;
                    check_owner(context, fetched, self.0.sender_uri())?;
                    self.take_in(context, &document).await?;
                }
                Value::Object(_) => self.take_in(context, object).await?,
                _ => return Err(Error::Refused("object of another server by reference")),
            }
        }
        Ok(())
    }

    async fn take_in(&self, context: &Context, object: &Value) -> Result<()> {
        if !NoteDocument::is_note(object) || self.is_vote(context, object).await? {
            return Ok(());
        }
        let arrival = Arrival::Pushed {
            recipient: self.0.recipient,
        };
        let around = Some(self.0.activity()?);
        take_in::status(context, object, around, arrival, &self.0.budget).await?;
        Ok(())
    }

    /// Counts the object if it is a vote in a poll of ours. It is no status then, whatever becomes of it.
    async fn is_vote(&self, context: &Context, object: &Value) -> Result<bool> {
        let note = NoteDocument::read(object, None, context.instance.now())?;
        let (Some(title), Some(parent)) = (note.vote, note.in_reply_to) else {
            return Ok(false);
        };
        if !is_own(context.urls(), &parent) {
            return Ok(false);
        }
        let Some(question) = statuses::find_by_uri(&context.instance, &parent).await? else {
            return Ok(false);
        };
        let voter = self.0.sender.id;
        Ok(polls::receive_vote(&context.instance, voter, question.id, &title, Some(&note.id)).await?)
    }
}

/// Refuses an object that is not the sender's: by another author, or with an id on another server.
pub(super) fn check_owner(context: &Context, object: Object<'_>, sender: &str) -> Result<()> {
    let id = object.own_id().ok_or(Error::Refused("object without id"))?;
    if is_own(context.urls(), id) || !same_origin(id, sender) {
        return Err(Error::Refused("object with an id of another server"));
    }
    if object.id("attributedTo") != Some(sender) {
        return Err(Error::Refused("object of another author"));
    }
    Ok(())
}
