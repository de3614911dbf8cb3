//! How many streams are open, and the signal that ends them all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use pouet_model::ids::AccountId;
use tokio::sync::watch;

/// Most streams of one account at a time (R102).
const MAX_PER_ACCOUNT: usize = 20;

/// The open streams of all accounts.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
    stop: Arc<watch::Sender<bool>>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            open: Arc::default(),
            stop: Arc::new(watch::Sender::new(false)),
        }
    }
}

/// One open stream; it is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    account_id: AccountId,
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
    stopped: watch::Receiver<bool>,
}

impl Connections {
    /// Opens a stream; `None` if the account has too many.
    pub(super) fn open(&self, account_id: AccountId) -> Option<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(account_id).or_default();
        if *count >= MAX_PER_ACCOUNT {
            return None;
        }
        *count += 1;
        Some(Connection {
            account_id,
            open: Arc::clone(&self.open),
            stopped: self.stop.subscribe(),
        })
    }

    /// Ends all streams, those opened later too.
    pub(crate) fn end_all(&self) {
        self.stop.send_replace(true);
    }
}

impl Connection {
    /// Returns when all streams are to end.
    pub(super) async fn stopped(&mut self) {
        // The sender outlives every connection that serves it; if not, that is an end, too.
        let _ = self.stopped.wait_for(|stopped| *stopped).await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.account_id) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.account_id);
            }
        }
    }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "rule numbers keep their upper-case R")]
mod tests {
    use super::*;

    #[test]
    fn sec_R102_an_account_has_twenty_streams() {
        let connections = Connections::default();
        let open: Vec<_> = (0..MAX_PER_ACCOUNT)
            .map(|_| connections.open(AccountId(1)).unwrap())
            .collect();
        assert!(connections.open(AccountId(1)).is_none());
        assert!(connections.open(AccountId(2)).is_some());
        drop(open);
        assert!(connections.open(AccountId(1)).is_some());
    }

    #[tokio::test]
    async fn all_streams_end_together() {
        let connections = Connections::default();
        let mut early = connections.open(AccountId(1)).unwrap();
        connections.end_all();
        early.stopped().await;
        connections.open(AccountId(1)).unwrap().stopped().await;
    }
}
