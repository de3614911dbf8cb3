//! `Like` and `EmojiReact`: a remote account favours a status. Reactions count as favourites.

use pouet_service::statuses;

use super::activity;
use crate::{
    context::Context,
    error::{Error, Result},
    origin::is_own,
};

activity! {
    /// A favourite.
    Like
}

impl Like {
    fn check(&self, context: &Context) -> Result<()> {
        if is_own(context.urls(), self.0.object_id()?) {
            Ok(())
        } else {
            Err(Error::Refused("favourite of a status elsewhere"))
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        let target = statuses::find_by_uri(&context.instance, self.0.object_id()?).await?;
        let target = target.ok_or(Error::Refused("favourite of nothing"))?;
        let (instance, sender) = (&context.instance, self.0.sender.id);
        Ok(statuses::receive_favourite(instance, sender, Some(&self.0.uri), target.id).await?)
    }
}
