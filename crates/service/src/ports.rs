//! What operations need from the crates above: reaching other servers.

use async_trait::async_trait;
use pouet_model::{account::Account, status::Status};

use crate::error::Result;

/// Finds accounts and statuses of other servers, fetching them if we do not know them. Implemented by
/// `federation`; every method stores what it finds.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The account `username@domain` (domain normalised, not ours). `NotFound` if there is none.
    async fn account_by_handle(&self, username: &str, domain: &str) -> Result<Account>;

    /// The account with this ActivityPub id, or whose page this is.
    async fn account_by_uri(&self, uri: &str) -> Result<Account>;

    /// The status with this ActivityPub id, or whose page this is.
    async fn status_by_uri(&self, uri: &str) -> Result<Status>;
}
