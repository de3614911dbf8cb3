//! <https://docs.joinmastodon.org/entities/Token/>

use pouet_service::oauth::IssuedToken;
use serde::Serialize;

/// An access token, told once.
#[derive(Serialize)]
pub(crate) struct Token<'a> {
    access_token: &'a str,
    token_type: &'static str,
    scope: String,
    /// Unix seconds.
    created_at: i64,
}

impl<'a> Token<'a> {
    /// As it was issued.
    pub(crate) fn from_model(token: &'a IssuedToken) -> Self {
        Self {
            access_token: &token.token,
            token_type: "Bearer",
            scope: token.scopes.to_string(),
            created_at: token.created_at.timestamp(),
        }
    }
}
