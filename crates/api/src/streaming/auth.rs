//! Who opens a stream.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::SEC_WEBSOCKET_PROTOCOL},
};
use pouet_service::{
    Instance,
    oauth::{self, Authentication},
};

use crate::{
    error::{ApiError, Result, sentence},
    extract::{
        auth::{self, Access},
        params::Params,
    },
};

/// Scopes, one of which every stream needs.
const ANY_STREAM: Access = Access::User(&["read:statuses", "read:notifications", "read:lists"]);

/// The token of a stream and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) token: String,
    pub(super) authentication: Arc<Authentication>,
}

impl Listener {
    /// Whether the token still opens streams; asked again when something about its owner changes (R101).
    pub(super) async fn is_still_valid(&self, instance: &Instance) -> bool {
        match oauth::authenticate(instance, &self.token).await {
            Ok(Some(authentication)) => auth::allow(&authentication, ANY_STREAM).is_ok(),
            Ok(None) => false,
            // A database that is busy for a moment ends no stream.
            Err(_) => true,
        }
    }
}

/// The first subprotocol offered: browsers can send a token nowhere else.
pub(super) fn subprotocol(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    header.split(',').map(str::trim).find(|name| !name.is_empty())
}

/// Finds who opens a stream, by header, query or subprotocol.
///
/// # Errors
/// `InvalidToken`, also for anonymous readers; `ScopeTooNarrow`, `UserRequired` or `Inactive`.
pub(super) async fn listener(instance: &Instance, request: &HttpRequest, query: &Params) -> Result<Listener> {
    let token = auth::bearer(request)
        .map(str::to_owned)
        .or_else(|| query.text("access_token").filter(|token| !token.is_empty()))
        .or_else(|| subprotocol(request).map(str::to_owned))
        .ok_or(ApiError::InvalidToken)?;
    let authentication = oauth::authenticate(instance, &token)
        .await?
        .ok_or(ApiError::InvalidToken)?;
    auth::allow(&authentication, ANY_STREAM)?;
    Ok(Listener {
        token,
        authentication,
    })
}

/// A refused upgrade: an empty body, and the reason in a header.
pub(super) fn refusal(error: &ApiError) -> HttpResponse {
    let status = match error.status() {
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::UNAUTHORIZED,
        other => other,
    };
    HttpResponse::build(status)
        .insert_header(("X-Error-Message", sentence(&error.to_string())))
        .finish()
}
