//! A world of one instance for a test: its own database, a clock that stands still, and events that flow.

mod database;

use std::{ops::Deref, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{time::ManualClock, urls::Urls};
use pouet_service::{
    Instance, Parts, events,
    media::MediaStore,
    net::{NetClient, NetSettings, SystemResolver, Timeouts},
    settings::{DeliverySettings, Limits, RegistrationMode, Settings},
};
use pouet_storage::{Store, StoreSettings};
use tokio::{sync::watch, task::JoinHandle};

pub(crate) use database::Backend;
use database::Database;

/// Runs a test body on a new world for each database that can be tested here.
///
/// ```ignore
/// #[tokio::test]
/// async fn nobody_follows_themselves() {
///     on_each_database(async |world| {
///         let (user, account) = world.user("ada").await;
///         ...
///     })
///     .await;
/// }
/// ```
pub(crate) async fn on_each_database(body: impl AsyncFn(World)) {
    on_each_database_with(|_| {}, body).await;
}

/// [`on_each_database`] with other settings than [`settings`].
pub(crate) async fn on_each_database_with(change: impl Fn(&mut Settings), body: impl AsyncFn(World)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if backend.is_available() {
            // Shown only when the body fails.
            println!("on {backend:?}");
            let mut settings = settings();
            change(&mut settings);
            body(World::new(backend, settings)).await;
        }
    }
}

/// What worlds are started with unless told otherwise: limits apply, registrations are open, federation is on.
pub(crate) fn settings() -> Settings {
    let origin = "https://pouet.example".parse().unwrap();
    Settings {
        urls: Urls::new(&origin, None),
        registrations: RegistrationMode::Open,
        limits: Limits::default(),
        delivery: DeliverySettings::default(),
        federation_enabled: true,
        rate_limits_enabled: true,
        version: "0.0.0",
    }
}

/// An instance on a database of its own, removed when dropped. Its clock stands at [`start`](World::start).
pub(crate) struct World {
    pub(crate) instance: Instance,
    pub(crate) clock: Arc<ManualClock>,
    settings: Settings,
    store: Store,
    events: Vec<(watch::Sender<bool>, JoinHandle<()>)>,
    // Last, so that it is removed when nothing uses it any more.
    database: Database,
}

impl Deref for World {
    type Target = Instance;
    fn deref(&self) -> &Instance {
        &self.instance
    }
}

impl World {
    fn new(backend: Backend, settings: Settings) -> Self {
        let database = Database::create(backend);
        let clock = Arc::new(ManualClock::new(Self::start()));
        let (instance, store) = open(&database, &settings, clock.clone());
        let mut world = Self {
            instance: instance.clone(),
            clock,
            settings,
            store,
            events: Vec::new(),
            database,
        };
        world.tail_events(instance);
        world
    }

    /// When every world begins: 2026-11-23, 10:00 UTC.
    pub(crate) fn start() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    /// The same instance as another process sees it: same database and clock, caches of its own.
    pub(crate) fn another_process(&mut self) -> Instance {
        let (instance, _) = open(&self.database, &self.settings, self.clock.clone());
        self.tail_events(instance.clone());
        instance
    }

    /// Statements that `act` costs.
    pub(crate) async fn statements_of<T>(&self, act: impl Future<Output = T>) -> (T, u64) {
        let before = self.store.statement_count();
        let result = act.await;
        (result, self.store.statement_count() - before)
    }

    /// The database itself, for what no operation shows.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    fn tail_events(&mut self, instance: Instance) {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            events::run(instance, stopped).await.expect("events can be read");
        });
        self.events.push((stop, task));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for (_, task) in &self.events {
            task.abort();
        }
    }
}

fn open(database: &Database, settings: &Settings, clock: Arc<ManualClock>) -> (Instance, Store) {
    let store = Store::open(&StoreSettings {
        url: database.url(),
        pool_size: 4,
        count_statements: true,
    })
    .expect("the database can be opened");
    let net = NetSettings {
        allow_networks: Vec::new(),
        allow_http: false,
        user_agent: "pouet tests".to_owned(),
        own_hosts: vec![settings.urls.authority().to_owned()],
        timeouts: Timeouts::default(),
        rate_limited: false,
    };
    let instance = Instance::new(Parts {
        store: store.clone(),
        clock,
        settings: settings.clone(),
        media: MediaStore::in_memory(),
        net: NetClient::new(net, Arc::new(SystemResolver)).expect("a client"),
    });
    (instance, store)
}
