//! Revocation by the application that has a token.
//!
//! Source: RFC 7009; <https://docs.joinmastodon.org/methods/oauth/#revoke>

use pouet_storage::oauth as rows;

use super::{OAuthError, tokens};
use crate::{
    error::Result,
    events::{self, Event},
    instance::Instance,
    secrets,
};

/// A request to the revocation endpoint.
#[derive(Clone, Debug, Default)]
pub struct RevokeRequest {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`. An application that keeps no secret may leave it out: it proves itself by the token.
    pub client_secret: Option<String>,
    /// `token`.
    pub token: String,
}

/// Revokes a token and ends its streams. A token that does not exist (any more) is a success.
///
/// # Errors
/// `UnauthorizedClient` if the application or its secret is wrong, or the token belongs to another one.
pub async fn revoke(instance: &Instance, request: RevokeRequest) -> Result<(), OAuthError> {
    let client = tokens::client(instance, &request.client_id, request.client_secret.as_deref()).await;
    let (app, _) = client.map_err(|error| match error {
        OAuthError::InvalidClient => OAuthError::UnauthorizedClient,
        other => other,
    })?;
    let hash = secrets::stored_form(&request.token);
    let now = instance.now();
    let event = instance
        .write(move |tx| {
            let Some((token, _)) = rows::find_token(tx, &hash)? else {
                return Ok(Ok(None));
            };
            if token.app_id != app.id {
                return Ok(Err(OAuthError::UnauthorizedClient));
            }
            rows::delete_tokens(tx, &[token.id])?;
            let event = Event::TokensRevoked {
                token_ids: vec![token.id],
            };
            events::emit(tx, &event, now)?;
            Ok(Ok(Some(event)))
        })
        .await??;
    if let Some(event) = event {
        instance.heed(event);
    }
    Ok(())
}
