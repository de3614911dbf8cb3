//! Who a bearer token speaks for: asked by every request of the client API.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use moka::sync::Cache;
use pouet_model::{
    account::{Account, Inactive, User},
    ids::{AppId, TokenId},
    scope::Scopes,
};
use pouet_storage::{
    accounts as account_rows,
    oauth::{self as rows, TokenRow},
    users as user_rows,
};

use crate::{error::Result, events::Event, instance::Instance, secrets};

/// Tokens kept ready.
const CAPACITY: u64 = 10_000;
/// They are read again after this time. Revocation does not wait for it: events end tokens at once.
const LIFETIME: Duration = Duration::from_secs(30);
/// The time of last use is written at most once in this time.
const TOUCH_EVERY: TimeDelta = TimeDelta::days(1);

/// The application behind a token, as statuses show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppRef {
    /// Its id.
    pub id: AppId,
    /// Its name.
    pub name: String,
    /// Its page.
    pub website: Option<String>,
}

/// Who a token speaks for.
#[derive(Clone, Debug)]
pub struct Authentication {
    /// The token's id; streams end when it is revoked.
    pub token_id: TokenId,
    /// The application that has it.
    pub app: AppRef,
    /// The user it acts for; `None`: the application itself.
    pub user: Option<User>,
    /// Their account. Its counts may be half a minute old.
    pub account: Option<Arc<Account>>,
    /// What it may do. Scopes of administration count only while the user's role has them (R066).
    pub scopes: Scopes,
    /// Why the user may not act at the moment; tell it with [`crate::users::inactive_text`] (R081).
    pub inactive: Option<Inactive>,
}

type Digest = [u8; 32];

/// Known tokens, by the SHA-256 of the token.
#[derive(Debug)]
pub(crate) struct Authentications {
    cache: Cache<Digest, Arc<Authentication>>,
    /// Counts what made entries untrue, so that one that was read before is not kept after.
    changes: AtomicU64,
}

impl Authentications {
    pub(crate) fn new() -> Self {
        Self {
            cache: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(LIFETIME)
                .build(),
            changes: AtomicU64::new(0),
        }
    }

    /// Forgets what an event made untrue.
    pub(crate) fn heed(&self, event: &Event) {
        match event {
            Event::TokensRevoked { token_ids } if !token_ids.is_empty() => {
                self.forget(|known| token_ids.contains(&known.token_id));
            }
            Event::AccountChanged { account_id } => {
                self.forget(|known| {
                    known
                        .user
                        .as_ref()
                        .is_some_and(|user| user.account_id == *account_id)
                });
            }
            _ => {}
        }
    }

    fn forget(&self, is_untrue: impl Fn(&Authentication) -> bool) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        for (digest, known) in &self.cache {
            if is_untrue(&known) {
                self.cache.invalidate(&*digest);
            }
        }
    }

    /// Keeps what was read when `changes` stood at `before`. If anything changed meanwhile it may be untrue
    /// already; a change after the second look removes the entry itself.
    fn keep(&self, digest: Digest, known: &Arc<Authentication>, before: u64) {
        self.cache.insert(digest, known.clone());
        if self.changes.load(Ordering::SeqCst) != before {
            self.cache.invalidate(&digest);
        }
    }
}

/// Who a bearer token speaks for; `None` if there is no such token (any more).
///
/// A user who may not act is told in [`Authentication::inactive`]; it is the caller's duty to refuse them.
pub async fn authenticate(instance: &Instance, bearer: &str) -> Result<Option<Arc<Authentication>>> {
    let digest = secrets::digest(bearer);
    if let Some(known) = instance.authentications.cache.get(&digest) {
        return Ok(Some(known));
    }
    let before = instance.authentications.changes.load(Ordering::SeqCst);
    let Some((token, known)) = read(instance, digest).await? else {
        return Ok(None);
    };
    let known = Arc::new(known);
    instance.authentications.keep(digest, &known, before);
    touch(instance, &token).await;
    Ok(Some(known))
}

async fn read(instance: &Instance, digest: Digest) -> Result<Option<(TokenRow, Authentication)>> {
    let hash = hex::encode(digest);
    instance
        .read(move |conn| {
            let Some((token, app)) = rows::find_token(conn, &hash)? else {
                return Ok(None);
            };
            let (mut user, mut account) = (None, None);
            if let Some(id) = token.user_id {
                user = user_rows::find_user(conn, id)?;
                if let Some(user) = &user {
                    account = account_rows::find_account(conn, user.account_id)?;
                }
                if account.is_none() {
                    return Ok(None);
                }
            }
            let inactive = user
                .as_ref()
                .zip(account.as_ref())
                .and_then(|(user, account)| user.inactive(account));
            let is_staff = user.as_ref().is_some_and(|user| user.role.is_staff());
            let known = Authentication {
                token_id: token.id,
                app: AppRef {
                    id: app.id,
                    name: app.name,
                    website: app.website,
                },
                user,
                account: account.map(Arc::new),
                scopes: if is_staff {
                    token.scopes.clone()
                } else {
                    token.scopes.without_admin()
                },
                inactive,
            };
            Ok(Some((token, known)))
        })
        .await
}

/// Notes the day of use. A failure here is no reason to refuse the request.
async fn touch(instance: &Instance, token: &TokenRow) {
    let now = instance.now();
    if token.last_used_at.is_some_and(|used| now - used < TOUCH_EVERY) {
        return;
    }
    let (id, user) = (token.id, token.user_id);
    instance
        .write_beside(move |tx| {
            rows::update_token_used(tx, id, now)?;
            if let Some(user) = user {
                user_rows::update_last_active(tx, user, now)?;
            }
            Ok(())
        })
        .await;
}
