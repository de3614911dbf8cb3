//! The authorization request and consent.

use pouet_model::{
    account::User,
    ids::UserId,
    oauth::{App, OUT_OF_BAND},
    scope::Scopes,
};
use pouet_storage::oauth::{self as rows, CodeRow};

use super::{error::OAuthError, redirect};
use crate::{error::Result, instance::Instance, secrets};

/// Characters of an S256 challenge: 256 bits in base64url.
const CHALLENGE_CHARS: usize = 43;

/// What an application asks for, as its parameters say; empty ones count as missing.
///
/// Source: <https://docs.joinmastodon.org/methods/oauth/#authorize>
#[derive(Clone, Debug, Default)]
pub struct AuthorizeRequest {
    /// `client_id`.
    pub client_id: String,
    /// `redirect_uri`.
    pub redirect_uri: String,
    /// `response_type`: `code`.
    pub response_type: String,
    /// `scope`: separated by spaces; none means `read`.
    pub scope: Option<String>,
    /// `state`: given back as it is.
    pub state: Option<String>,
    /// `code_challenge` of PKCE.
    pub code_challenge: Option<String>,
    /// `code_challenge_method`: `S256`.
    pub code_challenge_method: Option<String>,
}

/// An authorization request that is in order; only [`check_authorize`] makes one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthorizeCheck {
    /// Who asks.
    pub app: App,
    /// Where the code goes; registered by the application.
    pub redirect_uri: String,
    /// The host it goes to (or the scheme of an app on the device), to be shown; `None`: the code is shown.
    pub redirect_host: Option<String>,
    /// What is asked for.
    pub scopes: Scopes,
    /// Given back as it is.
    pub state: Option<String>,
    code_challenge: Option<String>,
}

/// Why an authorization request is not in order.
#[derive(Debug)]
pub enum AuthorizeRefusal {
    /// To be shown to the user: the address cannot be trusted (R064).
    Shown(OAuthError),
    /// To be told to the application.
    Returned {
        /// Where to redirect.
        location: String,
        /// What is wrong.
        error: OAuthError,
    },
}

impl AuthorizeCheck {
    /// Where to go with a code; `None`: show it.
    pub fn success_location(&self, code: &str) -> Option<String> {
        self.location(&[("code", code)])
    }

    /// Where to go when the user refuses; `None`: show it.
    pub fn denied_location(&self) -> Option<String> {
        let error = OAuthError::AccessDenied;
        self.location(&[("error", error.code()), ("error_description", &error.to_string())])
    }

    fn location(&self, parameters: &[(&str, &str)]) -> Option<String> {
        let state = self.state.as_deref().map(|state| ("state", state));
        let parameters: Vec<_> = parameters.iter().copied().chain(state).collect();
        (self.redirect_uri != OUT_OF_BAND).then(|| redirect::with_query(&self.redirect_uri, &parameters))
    }
}

/// Checks an authorization request, before anything is shown or asked.
///
/// # Errors
/// `Shown` with `InvalidClient` or `InvalidRedirectUri` if it is not clear who asks; then there is no redirect.
/// `Returned` with `UnsupportedResponseType`, `InvalidScope` or `InvalidRequest` (PKCE) otherwise.
pub async fn check_authorize(
    instance: &Instance,
    request: AuthorizeRequest,
) -> Result<AuthorizeCheck, AuthorizeRefusal> {
    let app = super::find_app(instance, &request.client_id)
        .await
        .map_err(|error| AuthorizeRefusal::Shown(error.into()))?
        .ok_or(AuthorizeRefusal::Shown(OAuthError::InvalidClient))?;
    if !redirect::is_registered(&request.redirect_uri, &app.redirect_uris) {
        return Err(AuthorizeRefusal::Shown(OAuthError::InvalidRedirectUri));
    }
    let mut check = AuthorizeCheck {
        redirect_host: redirect::shown_host(&request.redirect_uri),
        redirect_uri: request.redirect_uri,
        scopes: Scopes::default(),
        state: present(request.state),
        code_challenge: present(request.code_challenge),
        app,
    };
    let method = present(request.code_challenge_method);
    let asked = check_parameters(&check, &request.response_type, method.as_deref())
        .and_then(|()| asked_scopes(&check.app, request.scope.as_deref()));
    match asked {
        Ok(scopes) => {
            check.scopes = scopes;
            Ok(check)
        }
        Err(error) => Err(returned(&check, error)),
    }
}

fn present(parameter: Option<String>) -> Option<String> {
    parameter.filter(|text| !text.is_empty())
}

fn check_parameters(
    check: &AuthorizeCheck,
    response_type: &str,
    challenge_method: Option<&str>,
) -> Result<(), OAuthError> {
    match response_type {
        "code" => {}
        "" => {
            return Err(OAuthError::InvalidRequest(
                "Missing required parameter: response_type.",
            ));
        }
        _ => return Err(OAuthError::UnsupportedResponseType),
    }
    let Some(challenge) = &check.code_challenge else {
        return Ok(());
    };
    // Without a method RFC 7636 means "plain", which protects nobody (R065).
    if challenge_method != Some("S256") {
        return Err(OAuthError::InvalidRequest(
            "The code challenge method must be S256.",
        ));
    }
    let is_base64url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if challenge.len() != CHALLENGE_CHARS || !challenge.bytes().all(is_base64url) {
        return Err(OAuthError::InvalidRequest("The code challenge is malformed."));
    }
    Ok(())
}

/// The scopes that are asked for, which the application must have registered (R066).
pub(super) fn asked_scopes(app: &App, scope: Option<&str>) -> Result<Scopes, OAuthError> {
    let asked = Scopes::parse(scope.unwrap_or_default()).map_err(|_| OAuthError::InvalidScope)?;
    if app.scopes.cover(&asked) {
        Ok(asked)
    } else {
        Err(OAuthError::InvalidScope)
    }
}

fn returned(check: &AuthorizeCheck, error: OAuthError) -> AuthorizeRefusal {
    let text = error.to_string();
    match check.location(&[("error", error.code()), ("error_description", &text)]) {
        Some(location) => AuthorizeRefusal::Returned { location, error },
        None => AuthorizeRefusal::Shown(error),
    }
}

/// Whether the user has given the application exactly this before, so that it need not be asked again. Scopes of
/// administration are always asked for again (R069).
pub async fn existing_grant(instance: &Instance, user: UserId, check: &AuthorizeCheck) -> Result<bool> {
    if check.scopes.has_admin() {
        return Ok(false);
    }
    let (app, scopes) = (check.app.id, check.scopes.clone());
    instance
        .read(move |conn| {
            let tokens = rows::list_tokens_of(conn, user)?;
            Ok(tokens
                .iter()
                .any(|token| token.app_id == app && token.scopes == scopes))
        })
        .await
}

/// Makes the code that says that `user` consented. It is valid for 10 minutes, once.
pub async fn grant(instance: &Instance, user: &User, check: &AuthorizeCheck) -> Result<String> {
    let code = secrets::random_token()?;
    let hash = secrets::stored_form(&code);
    let row = CodeRow {
        app_id: check.app.id,
        user_id: user.id,
        redirect_uri: check.redirect_uri.clone(),
        scopes: check.scopes.clone(),
        code_challenge: check.code_challenge.clone(),
        created_at: instance.now(),
        used_at: None,
        token_id: None,
    };
    instance
        .write(move |tx| Ok(rows::insert_code(tx, &hash, &row)?))
        .await?;
    Ok(code)
}
