//! The handle that every operation works on.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, Utc};
use pouet_model::{ids::IdGenerator, time::Clock, urls::Urls};
use pouet_storage::{Conn, Store};

use crate::{
    analytics::{Counters, Tickets},
    delivery::{self, Signals},
    discovery::Popular,
    error::{Error, Result},
    events::{Event, Hub},
    featured_tags::Usages,
    follows::sync::FollowerDigests,
    instance_info::DomainCount,
    instance_numbers::Numbers,
    media::{
        MediaStore,
        cache::{self, CacheUse},
    },
    metrics::Metrics,
    net::NetClient,
    oauth::Authentications,
    passwords::Passwords,
    policy::Policies,
    ports::Resolver,
    saved_searches::Arrivals,
    settings::{Limits, Settings},
    signing_keys::KeyCache,
    throttle::Throttles,
    vault::Vault,
};

/// One running instance: its database, clock, settings and ways to the outside. Clones share everything.
#[derive(Clone)]
pub struct Instance(Arc<Inner>);

/// What an [`Instance`] shares between its clones.
pub struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: IdGenerator,
    /// What the instance was started with.
    pub settings: Settings,
    pub(crate) media: MediaStore,
    pub(crate) cache_use: CacheUse,
    /// The guarded client for every outgoing request.
    pub net: Arc<NetClient>,
    /// Where events of all kinds are handed to streams.
    pub hub: Hub,
    /// What is counted.
    pub metrics: Metrics,
    /// News for the worker that delivers.
    pub(crate) delivery: Signals,
    /// What holds for other domains.
    pub(crate) policies: Policies,
    /// Hashing of passwords.
    pub passwords: Passwords,
    /// Throttles of sign-in, registration and tokens.
    pub throttles: Throttles,
    pub(crate) authentications: Authentications,
    pub(crate) signing_keys: KeyCache,
    pub(crate) vault: Vault,
    pub(crate) follower_digests: FollowerDigests,
    pub(crate) domain_count: DomainCount,
    pub(crate) numbers: Numbers,
    pub(crate) analytics: Counters,
    /// What leads from our pages to what is counted.
    pub(crate) tickets: Tickets,
    pub(crate) arrivals: Arrivals,
    pub(crate) popular: Popular,
    pub(crate) tag_usages: Usages,
    resolver: OnceLock<Arc<dyn Resolver>>,
}

/// What an [`Instance`] is built from.
pub struct Parts {
    /// The opened database.
    pub store: Store,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Configuration.
    pub settings: Settings,
    /// Where media files are kept.
    pub media: MediaStore,
    /// The guarded client.
    pub net: NetClient,
    /// What private keys are sealed with.
    pub vault: Vault,
}

impl Deref for Instance {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Instance")
            .field(&self.settings.urls.base())
            .finish()
    }
}

impl Instance {
    /// Puts an instance together; it cannot reach other servers' accounts until
    /// [`set_resolver`](Self::set_resolver) is called.
    pub fn new(parts: Parts) -> Self {
        let hub = Hub::new();
        let limited = parts.settings.rate_limits_enabled;
        Self(Arc::new(Inner {
            store: parts.store,
            clock: parts.clock,
            ids: IdGenerator::new(),
            metrics: Metrics::new(parts.settings.version),
            settings: parts.settings,
            media: parts.media,
            cache_use: CacheUse::default(),
            net: Arc::new(parts.net),
            delivery: Signals::default(),
            policies: Policies::new(&hub),
            hub,
            passwords: Passwords::new(limited),
            throttles: Throttles::new(limited),
            authentications: Authentications::new(),
            signing_keys: KeyCache::new(),
            vault: parts.vault,
            follower_digests: FollowerDigests::new(),
            domain_count: DomainCount::default(),
            numbers: Numbers::default(),
            analytics: Counters::default(),
            tickets: Tickets::default(),
            arrivals: Arrivals::new(),
            popular: Popular::default(),
            tag_usages: Usages::new(),
            resolver: OnceLock::new(),
        }))
    }

    /// Joins the crate that speaks with other servers. Only the first call counts.
    pub fn set_resolver(&self, resolver: Arc<dyn Resolver>) {
        // A second resolver would be a mistake of the caller; the first one stays.
        let _ = self.resolver.set(resolver);
    }

    /// The way to other servers' accounts and statuses.
    ///
    /// # Errors
    /// `RemoteUnavailable` where federation is off.
    pub fn resolver(&self) -> Result<&dyn Resolver> {
        self.resolver
            .get()
            .map(AsRef::as_ref)
            .ok_or(Error::RemoteUnavailable)
    }

    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Where time comes from, for what outlives a call.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// A new id of the current time.
    pub fn next_id<T: From<i64>>(&self) -> T {
        self.ids.next(self.clock.now()).into()
    }

    /// Addresses of this instance.
    pub fn urls(&self) -> &Urls {
        &self.settings.urls
    }

    /// Limits on content.
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Makes the caches of this process forget what an event made untrue, and tells who listens. Every event comes by here; an
    /// operation whose effect must hold when it returns calls it after its commit, without waiting, and listeners then hear
    /// of it twice.
    pub(crate) fn heed(&self, event: Event) {
        self.authentications.heed(&event);
        self.signing_keys.heed(&event);
        self.arrivals.heed(&event);
        if let Event::DeliveriesDue { host } = &event {
            delivery::wake(self, host.clone());
        }
        self.hub.send(event);
    }

    /// Reads from the database. `f` runs on a blocking thread.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.read(f).await
    }

    /// Changes the database in one transaction: what `f` did is on disk when this returns `Ok`, and undone if
    /// `f` fails. Jobs and events that belong to the change are inserted in it. Where there is no space, copies of other
    /// servers' files make room for the next one.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let result = self.store.write(f).await;
        if matches!(result, Err(Error::Full)) {
            cache::make_room_beside(self);
        }
        result
    }

    /// [`write`](Self::write) of what a read only notes beside its answer. That it fails, as on a full disk, is logged and no
    /// reason to refuse the read (rule R098); `None` then.
    pub(crate) async fn write_beside<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Option<T> {
        match self.write(f).await {
            Ok(written) => Some(written),
            Err(error) => {
                tracing::warn!(%error, "what a read brought up cannot be noted");
                None
            }
        }
    }
}
