//! `Announce`: a remote account has boosted a status.

use pouet_model::{interaction::Interaction, status::Status};
use pouet_service::{
    Error as ServiceError, relays,
    statuses::{self, ReceivedReblog},
};

use super::activity;
use crate::{
    approval,
    context::Context,
    documents::activity_audience,
    error::{Error, Result},
    origin::{is_own, same_origin},
    relayed, resolver,
};

activity! {
    /// A boost.
    Announce
}

impl Announce {
    fn check(&self, _context: &Context) -> Result<()> {
        self.target().map(|_| ())
    }

    /// Id of the status boosted. Groups boost activities: a Create then stands for its object, others mean nothing. What is
    /// embedded is never believed.
    fn target(&self) -> Result<&str> {
        let Some(object) = self.0.embedded()? else {
            return self.0.object_id();
        };
        if object.get("actor").is_none() {
            return self.0.object_id();
        }
        if !object.is("Create") {
            return Err(Error::Refused("boost of an activity that is no Create"));
        }
        object.id("object").ok_or(Error::Refused("boost of nothing"))
    }

    /// One's own status may be for followers only: then it is asked for in the name of one.
    async fn fetch(&self, context: &Context, uri: &str) -> Result<Status> {
        let reader = if same_origin(uri, self.0.sender_uri()) {
            self.0.reader(context).await?
        } else {
            None
        };
        resolver::status_by_id_for(context, uri, &self.0.budget, reader).await
    }

    async fn act(self, context: &Context) -> Result<()> {
        let uri = self.target()?;
        if let Some(relay) = relays::of_sender(&context.instance, &self.0.sender).await? {
            return relayed::ingest(context, &relay, uri).await;
        }
        let target = match statuses::find_by_uri(&context.instance, uri).await? {
            Some(known) => known,
            // Nobody here would see it.
            None if is_own(context.urls(), uri) || self.0.sender.followers_count == 0 => return Ok(()),
            None => match self.fetch(context, uri).await {
                Ok(found) => found,
                Err(Error::Service(ServiceError::Forbidden(_) | ServiceError::NotFound)) => return Ok(()),
                Err(error) => return Err(error),
            },
        };
        let activity = self.0.activity()?;
        let (kind, sender) = (Interaction::Announce, &self.0.sender);
        let (id, budget) = (&self.0.uri, &self.0.budget);
        if !approval::is_approved(context, kind, activity, id, sender, uri, budget).await? {
            return Err(Error::Refused("boost without the approval that it needs"));
        }
        let followers = self
            .0
            .sender
            .remote
            .as_ref()
            .and_then(|remote| remote.followers.as_deref());
        let reblog = ReceivedReblog {
            actor: self.0.sender.id,
            uri: self.0.uri.clone(),
            target: target.id,
            visibility: activity_audience(activity).visibility(followers),
            published: activity
                .time("published")
                .unwrap_or_else(|| context.instance.now()),
        };
        Ok(statuses::receive_reblog(&context.instance, reblog).await?)
    }
}
