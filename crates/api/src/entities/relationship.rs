//! <https://docs.joinmastodon.org/entities/Relationship/>

use pouet_model::{account::Relationship as Model, ids::AccountId};
use serde::Serialize;

use super::time::Iso;

/// How the viewer stands to another account.
#[derive(Serialize)]
pub(crate) struct Relationship<'a> {
    id: AccountId,
    following: bool,
    showing_reblogs: bool,
    notifying: bool,
    languages: Option<&'a [String]>,
    followed_by: bool,
    blocking: bool,
    blocked_by: bool,
    muting: bool,
    muting_notifications: bool,
    muting_expires_at: Option<Iso>,
    requested: bool,
    requested_by: bool,
    domain_blocking: bool,
    endorsed: bool,
    note: &'a str,
}

impl<'a> Relationship<'a> {
    /// `None` if it is not known to which account.
    pub(crate) fn from_model(relationship: &'a Model) -> Option<Self> {
        Some(Self {
            id: relationship.id?,
            following: relationship.following,
            showing_reblogs: relationship.showing_reblogs,
            notifying: relationship.notifying,
            languages: Some(relationship.languages.as_slice()).filter(|languages| !languages.is_empty()),
            followed_by: relationship.followed_by,
            blocking: relationship.blocking,
            blocked_by: relationship.blocked_by,
            muting: relationship.muting,
            muting_notifications: relationship.muting_notifications,
            muting_expires_at: relationship.muting_expires_at.map(Iso),
            requested: relationship.requested,
            requested_by: relationship.requested_by,
            domain_blocking: relationship.domain_blocking,
            endorsed: relationship.endorsed,
            note: &relationship.note,
        })
    }
}
