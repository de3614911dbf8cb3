//! `Delete`: a remote account has deleted a status or itself, or takes its consent to a quote back.

use pouet_service::{accounts, quotes, statuses};

use super::activity;
use crate::{
    context::Context,
    error::{Error, Result},
    origin::same_origin,
};

activity! {
    /// The end of something of its actor, or of the actor.
    Delete
}

impl Delete {
    fn check(&self, _context: &Context) -> Result<()> {
        if same_origin(self.0.object_id()?, self.0.sender_uri()) {
            Ok(())
        } else {
            Err(Error::Refused("delete of an object of another server"))
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        let object = self.0.object_id()?;
        let (instance, sender) = (&context.instance, self.0.sender.id);
        if object == self.0.sender_uri() {
            Ok(accounts::receive_delete(instance, sender).await?)
        } else if quotes::receive_stamp_delete(instance, sender, object).await? {
            Ok(())
        } else {
            Ok(statuses::receive_delete(instance, sender, object).await?)
        }
    }
}
