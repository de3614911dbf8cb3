//! <https://docs.joinmastodon.org/entities/Notification/>

use chrono::{DateTime, Utc};
use pouet_model::{ids::NotificationId, urls::Urls};
use pouet_service::notifications::NotificationView;
use serde::Serialize;

use super::{account::Account, status::Status, time::Iso};

/// Something that happened to the viewer.
#[derive(Serialize)]
pub(crate) struct Notification<'a> {
    id: NotificationId,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: Iso,
    group_key: &'a str,
    account: Account<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
}

impl<'a> Notification<'a> {
    /// `view` at `now`.
    pub(crate) fn from_view(view: &'a NotificationView, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            id: view.notification.id,
            kind: view.notification.kind.as_str(),
            created_at: Iso(view.notification.created_at),
            group_key: &view.notification.group_key,
            account: Account::from_model(&view.from, urls),
            status: view
                .status
                .as_ref()
                .map(|status| Status::from_view(status, now, urls)),
        }
    }
}
