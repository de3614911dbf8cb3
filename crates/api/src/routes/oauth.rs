//! OAuth for applications: <https://docs.joinmastodon.org/methods/oauth/>
//!
//! The pages on which people consent are in `web`.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use pouet_model::scope;
use pouet_service::oauth::{self, OAuthError, RevokeRequest, TokenRequest};
use serde::Serialize;

use crate::{
    call::Call,
    entities::{account, token::Token},
    error::Result,
    reply,
};

/// Gives a token for a code, or to the application itself.
pub(crate) async fn token(call: Call) -> Result<HttpResponse> {
    let text = |name| call.params.text(name).filter(|text| !text.is_empty());
    let (client_id, client_secret) = client(&call);
    let request = TokenRequest {
        grant_type: text("grant_type").unwrap_or_default(),
        client_id,
        client_secret,
        code: text("code"),
        redirect_uri: text("redirect_uri"),
        code_verifier: text("code_verifier"),
        scope: text("scope"),
    };
    match oauth::token(&call.instance, request, call.ip).await {
        Ok(issued) => reply::json(&Token::from_model(&issued)),
        Err(error) => refuse(error),
    }
}

/// Takes a token back.
pub(crate) async fn revoke(call: Call) -> Result<HttpResponse> {
    let (client_id, client_secret) = client(&call);
    let request = RevokeRequest {
        client_id,
        client_secret,
        token: call.params.text("token").unwrap_or_default(),
    };
    match oauth::revoke(&call.instance, request).await {
        Ok(()) => reply::empty(),
        Err(error) => refuse(error),
    }
}

/// Id and secret of the application: of HTTP Basic, or among the parameters.
fn client(call: &Call) -> (String, Option<String>) {
    let header = call.header(AUTHORIZATION.as_str()).and_then(basic);
    match header {
        Some((id, secret)) => (id, Some(secret)),
        None => (
            call.params.text("client_id").unwrap_or_default(),
            call.params
                .text("client_secret")
                .filter(|secret| !secret.is_empty()),
        ),
    }
}

/// User and password of an `Authorization` header; both are form-encoded inside (RFC 6749, 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decoded = |text| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .ok()
            .map(String::from)
    };
    Some((decoded(id)?, decoded(secret)?))
}

/// An error of RFC 6749.
#[derive(Serialize)]
struct Refusal {
    error: &'static str,
    error_description: String,
}

fn refuse(error: OAuthError) -> Result<HttpResponse> {
    let refusal = Refusal {
        error: error.code(),
        error_description: error.to_string(),
    };
    let status = match error {
        OAuthError::Service(inner) => return Err(inner.into()),
        OAuthError::InvalidClient => StatusCode::UNAUTHORIZED,
        OAuthError::UnauthorizedClient | OAuthError::AccessDenied => StatusCode::FORBIDDEN,
        OAuthError::InvalidRequest(_)
        | OAuthError::InvalidGrant
        | OAuthError::UnsupportedGrantType
        | OAuthError::UnsupportedResponseType
        | OAuthError::InvalidScope
        | OAuthError::InvalidRedirectUri => StatusCode::BAD_REQUEST,
    };
    let mut answer = reply::json_with(status, &refusal)?;
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Basic realm="Pouet", error="invalid_client""#);
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    Ok(answer)
}

/// Who the user is, as OpenID Connect names it.
#[derive(Serialize)]
struct UserInfo<'a> {
    iss: String,
    sub: String,
    name: &'a str,
    preferred_username: &'a str,
    profile: String,
    picture: String,
}

/// Who the user is.
pub(crate) async fn userinfo(call: Call) -> Result<HttpResponse> {
    let (_, account) = call.user()?;
    let urls = call.urls();
    reply::json(&UserInfo {
        iss: urls.path("/"),
        sub: urls.account_uri(account),
        name: account.name(),
        preferred_username: &account.username,
        profile: urls.account_url(account),
        picture: account::avatar(account, urls),
    })
}

/// The metadata of RFC 8414.
#[derive(Serialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
    app_registration_endpoint: String,
    service_documentation: &'static str,
    scopes_supported: &'static [&'static str],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
}

/// Where everything is, and what is supported.
pub(crate) async fn metadata(call: Call) -> Result<HttpResponse> {
    let urls = call.urls();
    reply::json(&Metadata {
        issuer: urls.path("/"),
        authorization_endpoint: urls.path("/oauth/authorize"),
        token_endpoint: urls.path("/oauth/token"),
        revocation_endpoint: urls.path("/oauth/revoke"),
        userinfo_endpoint: urls.path("/oauth/userinfo"),
        app_registration_endpoint: urls.path("/api/v1/apps"),
        service_documentation: "https://docs.joinmastodon.org/",
        scopes_supported: scope::KNOWN,
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported: ["S256"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_may_use_http_basic() {
        let header = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(basic(&header("id:secret")), pair("id", "secret"));
        assert_eq!(basic(&header("a%3Ab:c%25")), pair("a:b", "c%"));
        assert_eq!(basic(&header("nothing")), None);
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ???"), None);
    }
}
