//! What a user prefers, as clients read it.
//!
//! Source: <https://docs.joinmastodon.org/methods/preferences/>

use pouet_model::{
    account::User, ids::AccountId, notification_policy::NotificationPolicy, status::Visibility,
};
use pouet_storage::{Conn, analytics, notification_policies};

use crate::{
    error::Result,
    instance::Instance,
    notifications::policy::{self, PolicyChange},
};

/// Preferences of a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preferences {
    /// Visibility of new statuses.
    pub visibility: Visibility,
    /// Media of new statuses are hidden.
    pub sensitive: bool,
    /// Language of new statuses (ISO 639-1).
    pub language: Option<String>,
    /// Which media are shown: `default` (not the hidden ones), `show_all` or `hide_all`.
    pub expand_media: &'static str,
    /// Content warnings are opened.
    pub expand_spoilers: bool,
}

/// The preferences of a user.
pub fn of(user: &User) -> Preferences {
    Preferences {
        visibility: user.default_visibility,
        sensitive: user.default_sensitive,
        language: user.default_language.clone(),
        expand_media: "default",
        expand_spoilers: false,
    }
}

/// Preferences that only this program knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OwnPreferences {
    /// What becomes of notifications, and who may write privately.
    pub policy: NotificationPolicy,
    /// It is counted how often links in one's statuses are followed.
    pub count_link_clicks: bool,
}

/// A change of these preferences; what is `None` stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OwnChange {
    /// Of what becomes of notifications, and of who may write privately.
    pub policy: PolicyChange,
    /// Of whether it is counted how often links are followed.
    pub count_link_clicks: Option<bool>,
}

/// The preferences of a local account that only this program knows.
pub async fn own(instance: &Instance, owner: AccountId) -> Result<OwnPreferences> {
    instance.read(move |conn| own_in(conn, owner)).await
}

/// Changes them.
pub async fn change_own(instance: &Instance, owner: AccountId, change: OwnChange) -> Result<OwnPreferences> {
    instance
        .write(move |tx| {
            policy::change_in(tx, owner, change.policy)?;
            if let Some(counted) = change.count_link_clicks {
                analytics::update_link_counting(tx, owner, counted)?;
            }
            own_in(tx, owner)
        })
        .await
}

fn own_in(conn: &mut Conn, owner: AccountId) -> Result<OwnPreferences> {
    Ok(OwnPreferences {
        policy: notification_policies::find_policy(conn, owner)?,
        count_link_clicks: analytics::load_link_counting(conn, &[owner])?.contains(&owner),
    })
}
