//! What everything in this crate works with: the instance, the signing client, and what is remembered of other servers.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use activitypub_federation::config::{Data, FederationConfig};
use bytes::Bytes;
use moka::sync::Cache;
use pouet_model::{ids::AccountId, urls::Urls};
use pouet_service::{
    Instance, events::Event, keys::PublicKey, policy, settings::FederationMode, signing_keys,
};
use tokio::sync::{OwnedMutexGuard, broadcast};

use crate::{
    error::{Error, Result},
    fetch::Absences,
    quotas::Quotas,
    relayed::RelayBudgets,
    routes::FetchAuth,
    signatures::{KeyFetches, SigningClient, SigningKey},
};

/// Actor documents and keys kept ready.
const CACHED: u64 = 10_000;
/// They are made again after this time: what was made while it changed could otherwise stay.
const FRESH: Duration = Duration::from_mins(5);
/// What is known of development hosts is forgotten after this time.
const IDLE: Duration = Duration::from_hours(1);

/// The federation of one instance. Clones share everything.
#[derive(Clone, Debug)]
pub struct Federation(Arc<Inner>);

/// What a [`Federation`] shares between its clones.
#[derive(Debug)]
pub struct Inner {
    /// The operations.
    pub instance: Instance,
    /// The guarded client with our signature.
    pub client: SigningClient,
    /// Whether readers have to sign.
    pub fetch_auth: FetchAuth,
    /// When keys were last fetched.
    pub key_fetches: KeyFetches,
    /// What could not be fetched.
    pub(crate) absences: Absences,
    /// What relays made us fetch.
    pub(crate) relay_budgets: RelayBudgets,
    /// How much one server was asked for unasked, and how many names one owner of a domain has.
    pub(crate) quotas: Quotas,
    /// Statuses whose replies were read lately.
    pub(crate) replies_read: Cache<String, ()>,
    /// Forwarded objects that were looked up.
    pub(crate) hints: Cache<String, ()>,
    /// Scheme that a development host answered to, by domain.
    pub(crate) schemes: Cache<String, &'static str>,
    /// Actor documents of local accounts.
    pub(crate) actors: Cache<AccountId, Bytes>,
    /// Keys of known actors, by id.
    pub(crate) keys: Cache<String, Arc<VerifyingKey>>,
    flights: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    changes: Mutex<broadcast::Receiver<Arc<Event>>>,
}

/// A key that signatures are checked with.
#[derive(Debug)]
pub(crate) struct VerifyingKey {
    /// Whose it is.
    pub(crate) account_id: AccountId,
    /// ActivityPub id of whose it is.
    pub(crate) actor: String,
    /// The key itself.
    pub(crate) key: PublicKey,
    /// Its owner shows it as a `Multikey`: documents may be signed with it (FEP-521a).
    pub(crate) is_multikey: bool,
}

impl Deref for Federation {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Federation {
    /// The federation of `instance`. `fetch_auth`: whether readers have to sign.
    ///
    /// In allow-list mode they have to, whatever it says: who does not sign may be anybody.
    pub fn new(instance: Instance, fetch_auth: FetchAuth) -> Self {
        let fetch_auth = match instance.settings.federation.mode {
            FederationMode::Open => fetch_auth,
            FederationMode::AllowList => FetchAuth::On,
        };
        Self(Arc::new(Inner {
            client: SigningClient::new(Arc::clone(&instance.net), instance.clock()),
            fetch_auth,
            key_fetches: KeyFetches::default(),
            absences: Absences::default(),
            relay_budgets: RelayBudgets::default(),
            quotas: Quotas::default(),
            replies_read: Cache::builder()
                .max_capacity(CACHED)
                .time_to_live(Duration::from_mins(15))
                .build(),
            hints: Cache::builder()
                .max_capacity(CACHED)
                .time_to_live(Duration::from_mins(10))
                .build(),
            schemes: Cache::builder().max_capacity(CACHED).time_to_live(IDLE).build(),
            actors: Cache::builder().max_capacity(CACHED).time_to_live(FRESH).build(),
            keys: Cache::builder().max_capacity(CACHED).time_to_live(FRESH).build(),
            flights: Mutex::default(),
            changes: Mutex::new(instance.hub.subscribe()),
            instance,
        }))
    }

    /// The configuration under which the `activitypub_federation` library hands us to its traits.
    ///
    /// None of its network code is used, so that it needs no client, queue or key.
    ///
    /// # Errors
    /// `Service` if the library refuses the configuration.
    pub async fn library_config(&self) -> Result<FederationConfig<Self>> {
        FederationConfig::builder()
            .domain(self.urls().authority())
            .app_data(self.clone())
            .build()
            .await
            .map_err(|error| Error::Service(pouet_service::Error::internal(error)))
    }

    /// Addresses of this instance.
    pub fn urls(&self) -> &Urls {
        self.instance.urls()
    }

    /// Whether we do not speak with the servers of this domain (normalised).
    ///
    /// # Errors
    /// `Service` if the rules cannot be read.
    pub async fn is_denied(&self, domain: &str) -> Result<bool> {
        Ok(policy::of(&self.instance, domain).await?.suspended)
    }

    /// The key that a local account, or the instance (`None`), signs with.
    ///
    /// # Errors
    /// `Service` if the account has none.
    pub async fn signing_key(&self, account: Option<AccountId>) -> Result<Arc<SigningKey>> {
        let key = signing_keys::signing_key(&self.instance, account).await?;
        Ok(Arc::new(SigningKey::new(key.key_id.clone(), key.key.clone())))
    }

    /// Waits until nobody else works on `subject`, so that one fetch serves all who wait for the same thing.
    pub(crate) async fn alone_on(&self, subject: &str) -> OwnedMutexGuard<()> {
        self.after_others_on(subject).await.0
    }

    /// The same, and whether somebody else worked on it until now.
    pub(crate) async fn after_others_on(&self, subject: &str) -> (OwnedMutexGuard<()>, bool) {
        let lock = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            // Locks that nobody holds or waits for are only in the map.
            flights.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(flights.entry(subject.to_owned()).or_default())
        };
        match Arc::clone(&lock).try_lock_owned() {
            Ok(alone) => (alone, false),
            Err(_) => (lock.lock_owned().await, true),
        }
    }

    /// Forgets what is kept ready of accounts that have changed since the last call.
    pub(crate) fn heed_changes(&self) {
        use broadcast::error::TryRecvError::Lagged;
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match changes.try_recv() {
                Ok(event) => {
                    if let Event::AccountChanged { account_id } = *event {
                        self.forget(account_id);
                    }
                }
                Err(Lagged(_)) => {
                    self.actors.invalidate_all();
                    self.keys.invalidate_all();
                }
                Err(_) => return,
            }
        }
    }

    fn forget(&self, account: AccountId) {
        self.actors.invalidate(&account);
        let keys: Vec<Arc<String>> = self
            .keys
            .iter()
            .filter(|(_, key)| key.account_id == account)
            .map(|(id, _)| id)
            .collect();
        for key in keys {
            self.keys.invalidate(key.as_str());
        }
    }
}

/// What the library hands to its traits.
pub type Context = Data<Federation>;
