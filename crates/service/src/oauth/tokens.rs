//! The token endpoint, and tokens that are issued without it.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::User,
    ids::{AppId, TokenId, UserId},
    oauth::{App, OUT_OF_BAND},
    scope::{KNOWN, Scopes},
};
use pouet_storage::{
    Conn, accounts as account_rows,
    oauth::{self as rows, CodeRow, TokenRow},
    users as user_rows,
};

use super::{authorize::asked_scopes, error::OAuthError};
use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    secrets,
    throttle::Bucket,
};

/// How long a code is valid.
const CODE_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Tokens of one user; the ones that were not used for longest make room (R095).
const MAX_TOKENS: usize = 100;
/// Client id of the application that tokens of the command line belong to.
const CLI_CLIENT_ID: &str = "command-line";

/// A request to the token endpoint; empty parameters count as missing.
///
/// Source: <https://docs.joinmastodon.org/methods/oauth/#token>
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// `grant_type`: `authorization_code` or `client_credentials`.
    pub grant_type: String,
    /// `client_id`, or the user name of HTTP Basic.
    pub client_id: String,
    /// `client_secret`, or the password of HTTP Basic.
    pub client_secret: Option<String>,
    /// `code`.
    pub code: Option<String>,
    /// `redirect_uri`: the same as in the authorization request.
    pub redirect_uri: Option<String>,
    /// `code_verifier` of PKCE.
    pub code_verifier: Option<String>,
    /// `scope`, for client credentials; none means `read`.
    pub scope: Option<String>,
}

/// A token that was just issued. It is told here and nowhere else.
#[derive(Clone)]
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was issued; the client API writes seconds since 1970.
    pub created_at: DateTime<Utc>,
}

/// Answers a request to the token endpoint.
///
/// # Errors
/// Those of RFC 6749, section 5.2; `Service(LimitReached)` beyond 30 in 5 minutes from one address (R070).
pub async fn token(
    instance: &Instance,
    request: TokenRequest,
    ip: IpAddr,
) -> Result<IssuedToken, OAuthError> {
    instance.throttles.check(Bucket::Token, ip, instance.now())?;
    match request.grant_type.as_str() {
        "authorization_code" => exchange_code(instance, request).await,
        "client_credentials" => client_credentials(instance, request).await,
        "" => Err(OAuthError::InvalidRequest(
            "Missing required parameter: grant_type.",
        )),
        _ => Err(OAuthError::UnsupportedGrantType),
    }
}

/// Whether an application has shown its secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Proof {
    Secret,
    None,
}

/// The application, and whether it showed its secret.
///
/// # Errors
/// `InvalidClient` if there is no such application or the secret is wrong.
pub(super) async fn client(
    instance: &Instance,
    client_id: &str,
    secret: Option<&str>,
) -> Result<(App, Proof), OAuthError> {
    let client_id = client_id.to_owned();
    let found = instance
        .read(move |conn| Ok(rows::find_app(conn, &client_id)?))
        .await?;
    let (app, hash) = found.ok_or(OAuthError::InvalidClient)?;
    match secret.filter(|secret| !secret.is_empty()) {
        None => Ok((app, Proof::None)),
        Some(secret) if secrets::matches(secret, &hash) => Ok((app, Proof::Secret)),
        Some(_) => Err(OAuthError::InvalidClient),
    }
}

async fn client_credentials(instance: &Instance, request: TokenRequest) -> Result<IssuedToken, OAuthError> {
    let (app, proof) = client(instance, &request.client_id, request.client_secret.as_deref()).await?;
    if proof == Proof::None {
        return Err(OAuthError::InvalidClient);
    }
    let scopes = asked_scopes(&app, request.scope.as_deref())?;
    Ok(issue(instance, app.id, None, scopes).await?)
}

/// What came of presenting a code.
enum Exchange {
    Issued(Scopes),
    Refused,
    /// The code was used before: its token is revoked, because one of the two users of it is a thief.
    Reused(Event),
}

async fn exchange_code(instance: &Instance, request: TokenRequest) -> Result<IssuedToken, OAuthError> {
    let (app, proof) = client(instance, &request.client_id, request.client_secret.as_deref()).await?;
    let present = |text: Option<String>| text.filter(|text| !text.is_empty());
    let code =
        present(request.code).ok_or(OAuthError::InvalidRequest("Missing required parameter: code."))?;
    let redirect_uri = present(request.redirect_uri).ok_or(OAuthError::InvalidRequest(
        "Missing required parameter: redirect_uri.",
    ))?;
    let verifier = present(request.code_verifier);
    let (now, id) = (instance.now(), instance.next_id::<TokenId>());
    let token = secrets::random_token()?;
    let (code_hash, token_hash) = (secrets::stored_form(&code), secrets::stored_form(&token));
    let exchange = instance
        .write(move |tx| {
            let Some(row) = rows::find_code(tx, &code_hash)?.filter(|row| row.app_id == app.id) else {
                return Ok(Exchange::Refused);
            };
            if row.used_at.is_some() {
                return revoke_reused(tx, &row, now);
            }
            let is_valid = now - row.created_at <= CODE_LIFETIME
                && row.redirect_uri == redirect_uri
                && is_proven(&row, proof, verifier.as_deref())
                && is_active(tx, row.user_id)?;
            if !is_valid || !rows::use_code(tx, &code_hash, id, now)? {
                return Ok(Exchange::Refused);
            }
            let new = TokenRow {
                id,
                app_id: app.id,
                user_id: Some(row.user_id),
                scopes: row.scopes.clone(),
                created_at: now,
                last_used_at: None,
            };
            insert(tx, &token_hash, &new)?;
            Ok(Exchange::Issued(row.scopes))
        })
        .await?;
    match exchange {
        Exchange::Issued(scopes) => Ok(IssuedToken {
            token,
            scopes,
            created_at: now,
        }),
        Exchange::Refused => Err(OAuthError::InvalidGrant),
        Exchange::Reused(event) => {
            instance.heed(event);
            Err(OAuthError::InvalidGrant)
        }
    }
}

fn revoke_reused(tx: &mut Conn, code: &CodeRow, now: DateTime<Utc>) -> Result<Exchange> {
    let token_ids: Vec<TokenId> = code.token_id.into_iter().collect();
    rows::delete_tokens(tx, &token_ids)?;
    let event = Event::TokensRevoked { token_ids };
    events::emit(tx, &event, now)?;
    Ok(Exchange::Reused(event))
}

/// Whether who presents a code is who asked for it: by PKCE, or by the application's secret (R065). A verifier
/// without a challenge is refused, because a stripped challenge looks so.
fn is_proven(code: &CodeRow, proof: Proof, verifier: Option<&str>) -> bool {
    match (&code.code_challenge, verifier) {
        (Some(challenge), Some(verifier)) => secrets::same(&secrets::pkce_challenge(verifier), challenge),
        (None, None) => proof == Proof::Secret,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn is_active(tx: &mut Conn, user: UserId) -> Result<bool> {
    let Some(user) = user_rows::find_user(tx, user)? else {
        return Ok(false);
    };
    let account = account_rows::find_account(tx, user.account_id)?;
    Ok(account.is_some_and(|account| user.inactive(&account).is_none()))
}

/// Inserts a token; beyond the limit of a user the least recently used ones go.
fn insert(tx: &mut Conn, hash: &str, token: &TokenRow) -> Result<()> {
    if let Some(user) = token.user_id {
        let mut tokens = rows::list_tokens_of(tx, user)?;
        tokens.sort_by_key(|token| token.last_used_at.max(Some(token.created_at)));
        let excess = (tokens.len() + 1).saturating_sub(MAX_TOKENS);
        let token_ids: Vec<TokenId> = tokens.iter().take(excess).map(|token| token.id).collect();
        if !token_ids.is_empty() {
            rows::delete_tokens(tx, &token_ids)?;
            events::emit(tx, &Event::TokensRevoked { token_ids }, token.created_at)?;
        }
    }
    Ok(rows::insert_token(tx, hash, token)?)
}

async fn issue(instance: &Instance, app: AppId, user: Option<UserId>, scopes: Scopes) -> Result<IssuedToken> {
    let token = secrets::random_token()?;
    let hash = secrets::stored_form(&token);
    let row = TokenRow {
        id: instance.next_id(),
        app_id: app,
        user_id: user,
        scopes,
        created_at: instance.now(),
        last_used_at: None,
    };
    let issued = IssuedToken {
        token,
        scopes: row.scopes.clone(),
        created_at: row.created_at,
    };
    instance.write(move |tx| insert(tx, &hash, &row)).await?;
    Ok(issued)
}

/// Issues a token to an application for a user who has just registered through it.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#create>
pub async fn issue_for_app(
    instance: &Instance,
    app: AppId,
    user: UserId,
    scopes: Scopes,
) -> Result<IssuedToken> {
    issue(instance, app, Some(user), scopes).await
}

/// Issues a token to the operator at the command line. Returns the token.
///
/// # Errors
/// `Forbidden` if scopes of administration are asked for a user without such a role.
pub async fn issue_for_cli(instance: &Instance, user: &User, scopes: Scopes) -> Result<String> {
    if scopes.has_admin() && !user.role.is_staff() {
        return Err(Error::Forbidden(
            "scopes of administration need a role that has them",
        ));
    }
    let app = match cli_app(instance).await {
        // Another process made it at the same time.
        Err(Error::Conflict(_)) => cli_app(instance).await?,
        other => other?,
    };
    Ok(issue(instance, app, Some(user.id), scopes).await?.token)
}

async fn cli_app(instance: &Instance) -> Result<AppId> {
    let app = App {
        id: instance.next_id(),
        client_id: CLI_CLIENT_ID.to_owned(),
        name: "Command line".to_owned(),
        website: None,
        redirect_uris: vec![OUT_OF_BAND.to_owned()],
        scopes: Scopes::parse(&KNOWN.join(" ")).map_err(Error::internal)?,
        created_at: instance.now(),
    };
    // Nobody knows its secret, so nobody can act as it.
    let secret = secrets::stored_form(&secrets::random_token()?);
    instance
        .write(move |tx| {
            if let Some((app, _)) = rows::find_app(tx, CLI_CLIENT_ID)? {
                return Ok(app.id);
            }
            rows::insert_app(tx, &app, &secret)?;
            Ok(app.id)
        })
        .await
}
