//! `Follow`: a remote account wants to follow a local one.

use pouet_model::urls::LocalUri;
use pouet_service::{accounts, follows, relays};

use super::activity;
use crate::{
    context::Context,
    error::{Error, Result},
    origin::is_own,
};

activity! {
    /// A wish to follow.
    Follow
}

impl Follow {
    fn check(&self, context: &Context) -> Result<()> {
        if is_own(context.urls(), self.0.object_id()?) {
            Ok(())
        } else {
            Err(Error::Refused("follow of somebody elsewhere"))
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        if context.urls().parse(self.0.object_id()?) == Some(LocalUri::InstanceActor) {
            let (sender, uri) = (self.0.sender.id, &self.0.uri);
            return Ok(relays::receive_follow(&context.instance, sender, uri).await?);
        }
        let target = accounts::find_by_uri(&context.instance, self.0.object_id()?).await?;
        let target = target.ok_or(Error::Refused("follow of nobody"))?;
        Ok(follows::receive_follow(&context.instance, self.0.sender.id, target.id, &self.0.uri).await?)
    }
}
