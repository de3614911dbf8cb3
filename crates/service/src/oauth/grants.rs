//! What a user has allowed to applications, and what is cleared away.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AppId, TokenId, UserId},
    oauth::App,
    scope::Scopes,
};
use pouet_storage::oauth::{self as rows, TokenRow};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
};

/// Codes are kept for so long, so that using one twice is noticed.
const CODES_KEPT: TimeDelta = TimeDelta::days(1);
/// Applications that nobody used are kept for so long (R070).
const UNUSED_APPS_KEPT: TimeDelta = TimeDelta::days(7);

/// An application that may act for a user.
#[derive(Clone, Debug)]
pub struct AuthorizedApp {
    /// It.
    pub app: App,
    /// What its tokens may do, all together.
    pub scopes: Scopes,
    /// When it was first allowed.
    pub created_at: DateTime<Utc>,
    /// When a token of it was last used, to the day.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The applications that may act for a user, first allowed first.
pub async fn authorized_apps(instance: &Instance, user: UserId) -> Result<Vec<AuthorizedApp>> {
    instance
        .read(move |conn| {
            let mut tokens: BTreeMap<AppId, Vec<TokenRow>> = BTreeMap::new();
            for token in rows::list_tokens_of(conn, user)? {
                tokens.entry(token.app_id).or_default().push(token);
            }
            let ids: Vec<AppId> = tokens.keys().copied().collect();
            let mut apps = Vec::with_capacity(ids.len());
            for app in rows::load_apps(conn, &ids)? {
                let tokens = tokens.remove(&app.id).unwrap_or_default();
                let scopes: Vec<&str> = tokens.iter().flat_map(|token| token.scopes.iter()).collect();
                apps.push(AuthorizedApp {
                    scopes: Scopes::parse(&scopes.join(" ")).map_err(Error::internal)?,
                    created_at: tokens
                        .iter()
                        .map(|token| token.created_at)
                        .min()
                        .unwrap_or_default(),
                    last_used_at: tokens.iter().filter_map(|token| token.last_used_at).max(),
                    app,
                });
            }
            apps.sort_by_key(|app| app.created_at);
            Ok(apps)
        })
        .await
}

/// Takes back everything that a user allowed to an application.
pub async fn revoke_app(instance: &Instance, user: UserId, app: AppId) -> Result<()> {
    let now = instance.now();
    let event = instance
        .write(move |tx| {
            let token_ids: Vec<TokenId> = rows::list_tokens_of(tx, user)?
                .into_iter()
                .filter(|token| token.app_id == app)
                .map(|token| token.id)
                .collect();
            rows::delete_codes_of(tx, user, Some(app))?;
            rows::delete_tokens(tx, &token_ids)?;
            let event = Event::TokensRevoked { token_ids };
            events::emit(tx, &event, now)?;
            Ok(event)
        })
        .await?;
    instance.heed(event);
    Ok(())
}

/// Removes old codes, and applications that nobody used within a week.
pub async fn prune(instance: &Instance) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            rows::delete_codes_before(tx, now - CODES_KEPT)?;
            rows::delete_unused_apps(tx, now - UNUSED_APPS_KEPT)?;
            Ok(())
        })
        .await
}
