//! Applications, consent, tokens.

mod apps;
mod authenticate;
mod codes;
mod tokens;

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use pouet_model::{account::User, scope::Scopes};
use pouet_service::oauth::{
    self, AuthorizeCheck, AuthorizeRequest, IssuedToken, NewApp, OAuthError, RegisteredApp, TokenRequest,
};
use sha2::{Digest as _, Sha256};

use crate::common::World;

const CALLBACK: &str = "https://app.example/callback";
const VERIFIER: &str = "a-verifier-of-the-proper-length-between-43-and-128";

fn here() -> IpAddr {
    IpAddr::from([192, 0, 2, 1])
}

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

fn new_app(allowed: &str) -> NewApp {
    NewApp {
        name: "Spyglass".to_owned(),
        website: None,
        redirect_uris: vec![CALLBACK.to_owned()],
        scopes: scopes(allowed),
        ip: here(),
    }
}

async fn register(world: &World, allowed: &str) -> RegisteredApp {
    oauth::register_app(world, new_app(allowed))
        .await
        .expect("a new app")
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// An authorization request without PKCE.
fn request(app: &RegisteredApp, scope: &str) -> AuthorizeRequest {
    AuthorizeRequest {
        client_id: app.app.client_id.clone(),
        redirect_uri: CALLBACK.to_owned(),
        response_type: "code".to_owned(),
        scope: Some(scope.to_owned()),
        ..AuthorizeRequest::default()
    }
}

/// An authorization request with PKCE.
fn proven_request(app: &RegisteredApp, scope: &str) -> AuthorizeRequest {
    AuthorizeRequest {
        code_challenge: Some(challenge()),
        code_challenge_method: Some("S256".to_owned()),
        ..request(app, scope)
    }
}

async fn check(world: &World, request: AuthorizeRequest) -> AuthorizeCheck {
    oauth::check_authorize(world, request).await.expect("in order")
}

/// A code for `user` without PKCE.
async fn code(world: &World, app: &RegisteredApp, user: &User, scope: &str) -> String {
    let check = check(world, request(app, scope)).await;
    oauth::grant(world, user, &check).await.unwrap()
}

/// Presents a code as its application does.
fn exchange(app: &RegisteredApp, code: &str) -> TokenRequest {
    TokenRequest {
        grant_type: "authorization_code".to_owned(),
        client_id: app.app.client_id.clone(),
        client_secret: Some(app.client_secret.clone()),
        code: Some(code.to_owned()),
        redirect_uri: Some(CALLBACK.to_owned()),
        ..TokenRequest::default()
    }
}

async fn ask(world: &World, request: TokenRequest) -> Result<IssuedToken, OAuthError> {
    oauth::token(world, request, here()).await
}

/// The code of the error that a request is refused with.
async fn refusal(world: &World, request: TokenRequest) -> &'static str {
    match ask(world, request).await {
        Ok(_) => panic!("a token was issued"),
        Err(error) => error.code(),
    }
}
