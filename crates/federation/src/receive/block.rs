//! `Block`: a remote account blocks a local one.

use pouet_service::{accounts, follows};

use super::activity;
use crate::{
    context::Context,
    error::{Error, Result},
    origin::is_own,
};

activity! {
    /// A block of somebody here.
    Block
}

impl Block {
    fn check(&self, context: &Context) -> Result<()> {
        if is_own(context.urls(), self.0.object_id()?) {
            Ok(())
        } else {
            Err(Error::Refused("block of somebody elsewhere"))
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        let target = accounts::find_by_uri(&context.instance, self.0.object_id()?).await?;
        let target = target.ok_or(Error::Refused("block of nobody"))?;
        Ok(follows::receive_block(&context.instance, self.0.sender.id, target.id, Some(&self.0.uri)).await?)
    }
}
