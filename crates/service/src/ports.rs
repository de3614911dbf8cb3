//! What operations need from the crates above: reaching other servers.

use async_trait::async_trait;
use pouet_model::{account::Account, status::Status};

use crate::error::Result;

/// An account as its own server describes it at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FreshAccount {
    /// The account.
    pub account: Account,
    /// It says that it has moved, be it to an account that we do not know.
    pub has_moved: bool,
}

/// Finds accounts and statuses of other servers, fetching them if we do not know them. Implemented by
/// `federation`; every method stores what it finds.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The account `username@domain` (domain normalised, not ours). `NotFound` if there is none.
    async fn account_by_handle(&self, username: &str, domain: &str) -> Result<Account>;

    /// The account with this ActivityPub id, or whose page this is.
    async fn account_by_uri(&self, uri: &str) -> Result<Account>;

    /// The account with this ActivityPub id, asked for now whatever we know of it.
    async fn fresh_account(&self, uri: &str) -> Result<FreshAccount>;

    /// The status with this ActivityPub id, or whose page this is.
    async fn status_by_uri(&self, uri: &str) -> Result<Status>;
}
