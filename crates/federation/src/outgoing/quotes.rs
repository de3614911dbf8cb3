//! Quotes: requests, answers, and what becomes of them.

use pouet_model::{
    ids::StatusId,
    quote::{QuoteState, Stamp},
};
use pouet_service::{
    Result,
    delivery::Recipients,
    quotes::{self, QuoteAnswer, QuoteRevocation},
};

use super::{Task, relations::personally};
use crate::activities::{self, AskedUris};

impl Task<'_> {
    /// Asks the author of what a status quotes, unless that is decided by now.
    pub(super) async fn send_quote_request(&self, id: StatusId) -> Result<()> {
        let Some((view, note)) = self.own_note(id).await? else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let quote = view.quote.map(|view| view.quote);
        let Some(quote) = quote.filter(|quote| quote.state == QuoteState::Pending) else {
            return Ok(());
        };
        let parts = quote
            .request_id
            .zip(quote.quoted_account_id)
            .zip(quotes::quoted_uri(urls, &quote));
        let Some(((request, author), quoted_uri)) = parts else {
            return Ok(());
        };
        let Some(author_uri) = self.remote_uri(author).await? else {
            return Ok(());
        };
        let account = quote.account_id;
        let activity = activities::quote_request(urls, account, request, author_uri, quoted_uri, note);
        let object = urls.local_status(account, id);
        self.send(
            account,
            activities::text_of(&activity),
            object,
            personally(author),
        )
        .await
    }

    pub(super) async fn send_quote_answer(&self, answer: &QuoteAnswer) -> Result<()> {
        let (Some(_), Some(requester)) = (
            self.actor(answer.account_id).await?,
            self.remote_uri(answer.requester_id).await?,
        ) else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let asked = AskedUris {
            request: answer.request_uri.clone(),
            requester,
            quoted: urls.local_status(answer.account_id, answer.status_id),
            quoting: answer.quoting_uri.clone(),
        };
        let activity = activities::answer_quote(urls, answer.account_id, asked, answer.stamp_id, self.id.0);
        // What is said about one quote stays in order.
        let object = answer.quoting_uri.clone();
        let body = activities::text_of(&activity);
        self.send(answer.account_id, body, object, personally(answer.requester_id))
            .await
    }

    /// Followers of the author, and those who have something to do with either status, may show the quote.
    pub(super) async fn send_quote_revocation(&self, revoked: &QuoteRevocation) -> Result<()> {
        if self.actor(revoked.account_id).await?.is_none() {
            return Ok(());
        }
        let urls = self.instance.urls();
        let quoted_uri = urls.local_status(revoked.account_id, revoked.status_id);
        let stamp = Stamp {
            id: revoked.stamp_id,
            account_id: revoked.account_id,
            status_id: revoked.status_id,
            quoting_uri: revoked.quoting_uri.clone(),
            created_at: self.instance.now(),
        };
        let activity = activities::delete_authorization(urls, &stamp, &quoted_uri);
        let recipients = Recipients {
            accounts: vec![revoked.quoting_account_id],
            followers_of: vec![revoked.account_id],
            interested_in: Some(revoked.status_id),
            ..Recipients::default()
        };
        let object = revoked.quoting_uri.clone();
        self.send(revoked.account_id, activity.into_text(), object, recipients)
            .await
    }

    /// Consent and policy change without an edit.
    pub(super) async fn publish_quote(&self, id: StatusId) -> Result<()> {
        let Some((view, note)) = self.own_note(id).await? else {
            return Ok(());
        };
        // Once approved, it is sent as it is then.
        if self.is_waiting(id).await? {
            return Ok(());
        }
        let object = note.id.clone();
        let body = activities::update_quote(note, self.id.0).into_text();
        let recipients = self.recipients_of_change(&view).await?;
        self.send(view.author.id, body, object, recipients).await
    }
}
