//! <https://docs.joinmastodon.org/entities/Conversation/>

use chrono::{DateTime, Utc};
use pouet_model::urls::Urls;
use pouet_service::conversations::ConversationView;
use serde::Serialize;

use super::{account::Account, status::Status};

/// A thread of direct statuses.
#[derive(Serialize)]
pub(crate) struct Conversation<'a> {
    id: String,
    unread: bool,
    accounts: Vec<Account<'a>>,
    last_status: Option<Status<'a>>,
}

impl<'a> Conversation<'a> {
    /// `view` at `now`.
    pub(crate) fn from_view(view: &'a ConversationView, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            id: view.id.to_string(),
            unread: view.unread,
            accounts: Account::list(view.accounts.iter().map(AsRef::as_ref), urls),
            last_status: view
                .last_status
                .as_ref()
                .map(|status| Status::from_view(status, now, urls)),
        }
    }
}
