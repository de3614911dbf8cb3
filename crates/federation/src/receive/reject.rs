//! `Reject`: a remote account does not let a local one follow or quote, or no longer.

use pouet_service::{follows, quotes, relays};

use super::{
    accept::{asked_relay, check_answer, selector},
    activity, interaction, quote_request,
};
use crate::{context::Context, error::Result};

activity! {
    /// The end of a follow or of a quote, or of the wish.
    Reject
}

impl Reject {
    fn check(&self, context: &Context) -> Result<()> {
        if asked_relay(context, &self.0)?.is_some()
            || quote_request::answered(context, self.0.activity()?).is_some()
            || interaction::answered(context, &self.0)?.is_some()
        {
            return Ok(());
        }
        check_answer(context, &self.0)
    }

    async fn act(self, context: &Context) -> Result<()> {
        if let Some(relay) = asked_relay(context, &self.0)? {
            return Ok(relays::receive_answer(&context.instance, relay, &self.0.sender, false).await?);
        }
        if let Some(asked) = quote_request::answered(context, self.0.activity()?) {
            let (instance, sender) = (&context.instance, self.0.sender.id);
            return Ok(quotes::receive_reject(instance, sender, asked.request, asked.quoting).await?);
        }
        if let Some(what) = interaction::answered(context, &self.0)? {
            return interaction::reject(context, &self.0, what).await;
        }
        let selector = selector(context, self.0.activity()?);
        Ok(follows::receive_reject(&context.instance, self.0.sender.id, selector).await?)
    }
}
