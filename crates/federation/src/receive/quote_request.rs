//! `QuoteRequest`: a remote account wants to quote a local status.
//!
//! Source: <https://w3id.org/fep/044f>

use pouet_model::ids::StatusId;
use pouet_service::{
    quotes::{self, Asked},
    statuses::Arrival,
};
use serde_json::Value;

use super::{activity, create::check_owner};
use crate::{
    context::Context,
    documents::{NoteDocument, QuoteDocument},
    error::{Error, Result},
    fetch,
    json::{Object, id_of},
    origin::{is_own, same_origin},
    take_in,
};

activity! {
    /// A wish to quote.
    QuoteRequest
}

impl QuoteRequest {
    fn check(&self, context: &Context) -> Result<()> {
        if !same_origin(&self.0.uri, self.0.sender_uri()) {
            return Err(Error::Refused("request with an id of another server"));
        }
        if !is_own(context.urls(), self.0.object_id()?) {
            return Err(Error::Refused("request to quote something elsewhere"));
        }
        let instrument = self.instrument()?;
        let id = id_of(instrument).ok_or(Error::Refused("instrument without id"))?;
        if is_own(context.urls(), id) || !same_origin(id, self.0.sender_uri()) {
            return Err(Error::Refused("instrument of another server"));
        }
        Ok(())
    }

    fn instrument(&self) -> Result<&Value> {
        let instrument = self.0.activity()?.first("instrument");
        instrument.ok_or(Error::Refused("request without instrument"))
    }

    async fn act(self, context: &Context) -> Result<()> {
        let (instance, sender) = (&context.instance, self.0.sender.id);
        let quoted_uri = self.0.object_id()?;
        let Some((quoted, allowed)) = quotes::decide(instance, sender, quoted_uri).await? else {
            return Err(Error::Refused("request to quote nothing that may be quoted"));
        };
        let quoting_uri = id_of(self.instrument()?).ok_or(Error::Refused("instrument without id"))?;
        let asked = Asked {
            requester: sender,
            request_uri: self.0.uri.clone(),
            quoted: quoted.id,
            quoting_uri: quoting_uri.to_owned(),
        };
        if !allowed {
            return Ok(quotes::refuse(instance, asked).await?);
        }
        let owner = quoted.account_id;
        let quoting = self
            .take_in(context, quoted_uri, &asked.quoting_uri, owner)
            .await?;
        Ok(quotes::grant(instance, asked, quoting).await?)
    }

    /// Stores the quoting status: as it came, or as its server gives it to the quoted author.
    async fn take_in(
        &self,
        context: &Context,
        quoted_uri: &str,
        quoting_uri: &str,
        owner: pouet_model::ids::AccountId,
    ) -> Result<StatusId> {
        let fetched;
        let document = match self.instrument()? {
            Value::Object(members) if members.contains_key("attributedTo") => self.instrument()?,
            _ => {
                context.absences.forget(quoting_uri);
                fetched = fetch::document(context, quoting_uri, &self.0.budget, Some(owner)).await?;
                &fetched
            }
        };
        let object = Object::of(document).ok_or(Error::Refused("instrument is not an object"))?;
        check_owner(context, object, self.0.sender_uri())?;
        if object.own_id() != Some(quoting_uri) || !NoteDocument::is_note(document) {
            return Err(Error::Refused("instrument is not the status"));
        }
        let quote = QuoteDocument::read(object).filter(|quote| !quote.legacy);
        if quote.and_then(|quote| quote.quoted).as_deref() != Some(quoted_uri) {
            return Err(Error::Refused("instrument does not quote the object"));
        }
        let arrival = Arrival::Pushed {
            recipient: self.0.recipient,
        };
        if let Some(known) = crate::quotes::known_status(context, quoting_uri).await? {
            return Ok(known);
        }
        let stored = take_in::status(context, document, None, arrival, &self.0.budget).await?;
        stored.ok_or(Error::Refused("instrument was deleted"))
    }
}

/// A request of ours that an `Accept` or a `Reject` answers.
pub(super) struct Answered {
    /// As the id of the request says.
    pub(super) request: Option<(pouet_model::ids::AccountId, pouet_model::ids::RelationId)>,
    /// The status that is to quote.
    pub(super) quoting: Option<StatusId>,
}

/// The request to quote that an answer is about; `None` if it is about something else.
pub(super) fn answered(context: &Context, answer: Object<'_>) -> Option<Answered> {
    let request = answer
        .id("object")
        .and_then(|id| context.urls().parse_quote_request(id));
    let embedded = answer.object("object");
    let is_one = match embedded.filter(|object| object.types().next().is_some()) {
        Some(object) => object.is("QuoteRequest"),
        None => request.is_some(),
    };
    if !is_one {
        return None;
    }
    let quoting = embedded.and_then(|request| request.id("instrument"));
    let quoting = quoting.and_then(|uri| match context.urls().parse(uri) {
        Some(pouet_model::urls::LocalUri::Status(_, status)) => Some(status),
        _ => None,
    });
    Some(Answered { request, quoting })
}
