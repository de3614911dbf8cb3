//! `Move`: a remote account goes on as another one.
//!
//! Only the old account can say so, and only if the new one names it as an alias: both are asked anew.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#Move>

use pouet_service::moves;

use super::activity;
use crate::{
    context::Context,
    error::{Error, Result},
    fetch,
    json::Object,
    resolver,
};

activity! {
    /// The end of an account that goes on as another one.
    Move
}

impl Move {
    fn check(&self, _context: &Context) -> Result<()> {
        if self.0.object_id()? != self.0.sender_uri() {
            return Err(Error::Refused("move of somebody else"));
        }
        if self.target()? == self.0.sender_uri() {
            return Err(Error::Refused("move to where the actor is"));
        }
        Ok(())
    }

    fn target(&self) -> Result<&str> {
        let target = self.0.activity()?.id("target");
        target.ok_or(Error::Refused("move to nowhere"))
    }

    async fn act(self, context: &Context) -> Result<()> {
        let (instance, target) = (&context.instance, self.target()?);
        // Before anything is fetched.
        moves::check_cooldown(instance, self.0.sender.id).await?;
        self.confirm(context, target).await?;
        let target = resolver::fresh_account(context, target, &self.0.budget).await?;
        Ok(moves::receive_move(instance, self.0.sender.id, target).await?)
    }

    /// Asks the old account's server whether it says the same. A document that names no target yet may be a copy that was
    /// made before; one that names another target contradicts.
    async fn confirm(&self, context: &Context, target: &str) -> Result<()> {
        // Its server has just shown that the account is there.
        context.absences.forget(self.0.sender_uri());
        let document = fetch::document(context, self.0.sender_uri(), &self.0.budget, None).await?;
        let moved_to = Object::of(&document).and_then(|actor| actor.id("movedTo"));
        if moved_to.is_some_and(|other| other != target) {
            return Err(Error::Refused("actor names another target than its move"));
        }
        Ok(())
    }
}
