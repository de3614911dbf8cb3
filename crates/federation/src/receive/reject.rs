//! `Reject`: a remote account does not let a local one follow, or no longer.

use pouet_service::follows;

use super::{
    accept::{check_answer, selector},
    activity,
};
use crate::{context::Context, error::Result};

activity! {
    /// The end of a follow, or of the wish.
    Reject
}

impl Reject {
    fn check(&self, context: &Context) -> Result<()> {
        check_answer(context, &self.0)
    }

    async fn act(self, context: &Context) -> Result<()> {
        let selector = selector(context, self.0.activity()?);
        Ok(follows::receive_reject(&context.instance, self.0.sender.id, selector).await?)
    }
}
