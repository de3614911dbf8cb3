//! Applications that act for users.

use chrono::{DateTime, Utc};

use crate::{ids::AppId, scope::Scopes};

/// The redirect address of programs that cannot be called: the code is shown for copying.
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// A registered application. Its secret is not part of it.
///
/// Source: <https://docs.joinmastodon.org/entities/Application/>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct App {
    /// Our id.
    pub id: AppId,
    /// What it calls itself towards us; public.
    pub client_id: String,
    /// Name for people, without line breaks and direction marks.
    pub name: String,
    /// Its page.
    pub website: Option<String>,
    /// Where codes may be sent, at least one, exactly as registered.
    pub redirect_uris: Vec<String>,
    /// The most that its tokens may do.
    pub scopes: Scopes,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}
