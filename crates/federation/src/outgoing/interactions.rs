//! Answers to questions whether one may do something with a status.

use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    interaction::Interaction,
};
use pouet_service::{Result, delivery::Recipients, statuses::find_raw};

use super::Task;
use crate::activities::{Question, answer_question};

/// What a question was about.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Who answers.
    pub(super) account: AccountId,
    /// Who asked.
    pub(super) requester: AccountId,
    /// About which status.
    pub(super) target: StatusId,
    /// What it is.
    pub(super) interaction: Interaction,
    /// Id of the question; `None`: it was done without one.
    pub(super) request_uri: Option<&'a str>,
    /// Id of the interaction.
    pub(super) interaction_uri: &'a str,
    /// The approval; `None`: no.
    pub(super) authorization: Option<RelationId>,
}

impl Task<'_> {
    pub(super) async fn send_interaction_answer(&self, asked: Asked<'_>) -> Result<()> {
        let (Some(_), Some(requester)) = (
            self.actor(asked.account).await?,
            self.remote_uri(asked.requester).await?,
        ) else {
            return Ok(());
        };
        let Some(target) = find_raw(self.instance, asked.target).await? else {
            return Ok(());
        };
        let urls = self.instance.urls();
        let target = urls.status_uri(&target);
        let question = Question {
            uri: asked.request_uri,
            requester: &requester,
            interaction: asked.interaction,
            target: &target,
            interaction_uri: asked.interaction_uri,
        };
        let body = answer_question(urls, asked.account, question, asked.authorization, self.id.0);
        let recipients = Recipients {
            personally: vec![asked.requester],
            ..Recipients::default()
        };
        let about = asked.request_uri.unwrap_or(asked.interaction_uri).to_owned();
        self.send(asked.account, body, about, recipients).await
    }
}
