//! Errors as RFC 6749 names them.

use crate::error::Error;

/// Why an application gets no code or token.
///
/// Source: RFC 6749, sections 4.1.2.1 and 5.2. Texts are those that clients know from Mastodon.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// A parameter is missing or malformed.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The application is unknown, or does not prove to be what it says.
    #[error(
        "Client authentication failed due to unknown client, no client authentication included, or unsupported \
         authentication method."
    )]
    InvalidClient,
    /// The code is wrong, expired, used, or not this application's.
    #[error(
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in \
         the authorization request, or was issued to another client."
    )]
    InvalidGrant,
    /// The application may not do this.
    #[error("You are not authorized to revoke this token")]
    UnauthorizedClient,
    /// Neither a code nor client credentials.
    #[error("The authorization grant type is not supported by the authorization server.")]
    UnsupportedGrantType,
    /// Not `code`.
    #[error("The authorization server does not support this response type.")]
    UnsupportedResponseType,
    /// A scope that does not exist, or that the application did not register.
    #[error("The requested scope is invalid, unknown, or malformed.")]
    InvalidScope,
    /// The address is not one that the application registered. Never answered by a redirect.
    #[error("The requested redirect uri is malformed or doesn't match client redirect URI.")]
    InvalidRedirectUri,
    /// The user refused.
    #[error("The resource owner or authorization server denied the request.")]
    AccessDenied,
    /// A throttle or a fault of ours.
    #[error(transparent)]
    Service(#[from] Error),
}

impl OAuthError {
    /// The value of `error` in the answer.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::AccessDenied => "access_denied",
            Self::Service(Error::Busy | Error::LimitReached { .. }) => "temporarily_unavailable",
            Self::Service(_) => "server_error",
        }
    }
}

impl From<pouet_storage::Error> for OAuthError {
    fn from(error: pouet_storage::Error) -> Self {
        Self::Service(error.into())
    }
}
