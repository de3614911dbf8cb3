//! Questions whether one may answer, favourite or boost, and answers to what people here did.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>

use pouet_model::{
    ids::StatusId,
    interaction::{Interaction, Verdict},
    urls::LocalUri,
};
use pouet_service::{
    interactions::{self, Request},
    statuses::{self, Interacted},
};
use serde_json::{Value, json};

use super::{Envelope, activity, announce, create, like, run};
use crate::{
    context::Context,
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    json::{Object, id_of},
    origin::{is_own, same_origin},
};

activity! {
    /// Somebody asks before they do something with a status of ours.
    InteractionRequest
}

impl InteractionRequest {
    fn check(&self, context: &Context) -> Result<()> {
        if !is_own(context.urls(), self.0.object_id()?) {
            return Err(Error::Refused("question about a status elsewhere"));
        }
        let activity = self.0.activity()?;
        let instrument = activity
            .id("instrument")
            .ok_or(Error::Refused("question about nothing"))?;
        if !same_origin(instrument, self.0.sender_uri()) {
            return Err(Error::Refused("question about what somebody else does"));
        }
        Ok(())
    }

    /// What is allowed is taken in at once: not every server sends it again. What its author decides about waits for
    /// that.
    ///
    /// Nothing is answered before it is known whose the interaction is and what it is about: others believe the answer,
    /// whoever shows it to them.
    async fn act(self, context: &Context) -> Result<()> {
        let activity = self.0.activity()?;
        let kind = activity
            .types()
            .find_map(kind_of)
            .ok_or(Error::Refused("not a question"))?;
        let object = self.0.object_id()?;
        let target = statuses::find_by_uri(&context.instance, object).await?;
        let target = target.ok_or(Error::Refused("question about nothing"))?;
        let instrument = activity.first("instrument").cloned().unwrap_or_default();
        let uri = id_of(&instrument).unwrap_or_default().to_owned();
        let sender = self.0.sender.id;
        let author = interactions::asked(&context.instance, target.id, sender).await?;
        let instrument = match instrument {
            Value::Object(members) if members.contains_key(owner_member(kind)) => Value::Object(members),
            // Only named: its server gives it to the author who is asked.
            _ => fetch::document(context, &uri, &self.0.budget, Some(author)).await?,
        };
        check_interaction(&instrument, kind, &uri, self.0.sender_uri(), object)?;
        let request = Request {
            kind,
            target_id: target.id,
            actor: sender,
            uri: self.0.uri.clone(),
            interaction_uri: uri.clone(),
        };
        let question = self.0.uri.clone();
        let verdict = interactions::receive_request(&context.instance, request).await?;
        if verdict == Verdict::Refused {
            return Ok(());
        }
        take_in(context, self.0, kind, instrument, uri.clone()).await?;
        if verdict == Verdict::NeedsApproval {
            interactions::note_question(&context.instance, target.id, &uri, &question).await?;
        }
        Ok(())
    }
}

/// The member of an interaction that says whose it is.
fn owner_member(kind: Interaction) -> &'static str {
    match kind {
        Interaction::Reply => "attributedTo",
        Interaction::Like | Interaction::Announce => "actor",
    }
}

/// Refuses what is no interaction of `sender` with the status `about`, or has another id than `uri`.
fn check_interaction(
    instrument: &Value,
    kind: Interaction,
    uri: &str,
    sender: &str,
    about: &str,
) -> Result<()> {
    let inner = Object::of(instrument).ok_or(Error::Refused("interaction is not an object"))?;
    if inner.own_id() != Some(uri) {
        return Err(Error::Refused("interaction with another id"));
    }
    if inner.id(owner_member(kind)) != Some(sender) {
        return Err(Error::Refused("question for somebody else"));
    }
    let (is_one, member) = match kind {
        Interaction::Reply => (NoteDocument::is_note(instrument), "inReplyTo"),
        Interaction::Like | Interaction::Announce => (inner.is(kind.type_name()), "object"),
    };
    if !is_one || inner.id(member) != Some(about) {
        return Err(Error::Refused(
            "question about another status than its interaction",
        ));
    }
    Ok(())
}

/// The kind of interaction that a type of question is about.
fn kind_of(name: &str) -> Option<Interaction> {
    let kind = name.strip_suffix("Request")?;
    Interaction::ALL.into_iter().find(|it| it.type_name() == kind)
}

/// Handles the interaction in a question as if it had been sent by itself.
async fn take_in(
    context: &Context,
    question: Envelope,
    kind: Interaction,
    instrument: Value,
    uri: String,
) -> Result<()> {
    let id = uri
        .parse()
        .map_err(|_| Error::Refused("an id that is no address"))?;
    let inner = Object::of(&instrument).ok_or(Error::Refused("interaction is not an object"))?;
    let value = match kind {
        Interaction::Reply => json!({
            "id": uri,
            "type": "Create",
            "actor": question.sender_uri(),
            "to": inner.get("to"),
            "cc": inner.get("cc"),
            "object": instrument,
        }),
        Interaction::Like | Interaction::Announce => instrument,
    };
    let envelope = Envelope {
        id,
        uri,
        value,
        ..question
    };
    match kind {
        Interaction::Reply => run(context, create::Create(envelope)).await,
        Interaction::Like => run(context, like::Like(envelope)).await,
        Interaction::Announce => run(context, announce::Announce(envelope)).await,
    }
}

/// What of ours an Accept or Reject is about, if it is not a Follow: named by its id, by its activity's, or as what a
/// question was about.
pub(super) fn answered(context: &Context, envelope: &Envelope) -> Result<Option<Interacted>> {
    let activity = envelope.activity()?;
    let id = match envelope.embedded()? {
        Some(question) if question.types().any(|name| kind_of(name).is_some()) => question.id("instrument"),
        _ => activity.id("object"),
    };
    Ok(id
        .filter(|id| is_own(context.urls(), id))
        .and_then(|id| interacted(context, id)))
}

fn interacted(context: &Context, id: &str) -> Option<Interacted> {
    let numbered = |name: &str| id.rsplit_once(name)?.1.parse().ok();
    if let Some(id) = numbered("#likes/") {
        return Some(Interacted::Favourite(id));
    }
    if let Some(id) = numbered("#reactions/") {
        return Some(Interacted::Reaction(id));
    }
    match context.urls().parse(id) {
        Some(LocalUri::Status(_, id)) => Some(Interacted::Status(id)),
        _ => None,
    }
}

/// Takes in an Accept of something of ours.
///
/// The approval is what the Accept results in, on the server of who gave it; before there were such documents, the Accept
/// itself.
pub(super) async fn accept(context: &Context, envelope: &Envelope, what: Interacted) -> Result<()> {
    // Favourites and emoji are told to the author alone: they wait for nothing.
    let Interacted::Status(status) = what else {
        return Ok(());
    };
    let result = envelope.activity()?.id("result").unwrap_or(&envelope.uri);
    if !same_origin(result, envelope.sender_uri()) {
        return Err(Error::Refused("approval on another server"));
    }
    approve(context, envelope, status, result).await
}

async fn approve(context: &Context, envelope: &Envelope, status: StatusId, approval: &str) -> Result<()> {
    Ok(statuses::receive_approval(&context.instance, envelope.sender.id, status, approval).await?)
}

/// Takes in a Reject of something of ours.
pub(super) async fn reject(context: &Context, envelope: &Envelope, what: Interacted) -> Result<()> {
    Ok(statuses::receive_rejection(&context.instance, envelope.sender.id, what).await?)
}
