//! OAuth: applications, consent, tokens.
//!
//! Authorization codes with PKCE (S256) and client credentials; there is no password grant and there are no
//! refresh tokens, and tokens do not expire. Secrets are random (256 bits) and stored as SHA-256.
//!
//! Source: RFC 6749, RFC 7636, RFC 7009, RFC 8252; rules R064 to R070.

mod apps;
mod authenticate;
mod authorize;
mod error;
mod grants;
mod redirect;
mod revoke;
mod tokens;

pub use apps::{NewApp, RegisteredApp, app, find_app, register_app};
pub(crate) use authenticate::Authentications;
pub use authenticate::{AppRef, Authentication, authenticate};
pub use authorize::{
    AuthorizeCheck, AuthorizeRefusal, AuthorizeRequest, check_authorize, existing_grant, grant,
};
pub use error::OAuthError;
pub use grants::{AuthorizedApp, authorized_apps, prune, revoke_app};
pub use revoke::{RevokeRequest, revoke};
pub use tokens::{IssuedToken, TokenRequest, issue_for_app, issue_for_cli, token};
