//! Two servers on one machine that federate with each other.

use crate::account::Account;
use crate::database::Backend;
use crate::server::{Options, Server};

/// Two servers, known by handles such as `ben@localhost:20317`.
pub struct Pair {
    /// The first server, always on SQLite.
    pub a: Server,
    /// The second one.
    pub b: Server,
}

impl Pair {
    /// Starts both, the second one on `backend`; `None` where that backend cannot be tested.
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::start_with(backend, &[]).await
    }

    /// The same with more environment variables for both.
    pub async fn start_with(backend: Backend, environment: &[(&str, &str)]) -> Option<Self> {
        if !backend.is_available() {
            return None;
        }
        let (a, b) = tokio::join!(
            Server::start(Options::new(Backend::Sqlite).with_all(environment)),
            Server::start(Options::new(backend).with_all(environment)),
        );
        Some(Self { a, b })
    }

    /// Ada on the first server, Ben on the second.
    pub async fn people(&self) -> (Account, Account) {
        tokio::join!(self.a.account("ada"), self.b.account("ben"))
    }
}
