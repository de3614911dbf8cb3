//! A world of one instance for a test: its own database, a clock that stands still, and events that flow.

mod database;
pub(crate) mod people;

use std::{ops::Deref, sync::Arc};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use pouet_model::{
    account::{Account, Role, User},
    time::ManualClock,
    urls::Urls,
};
use pouet_service::{
    Instance, Parts, events,
    media::MediaStore,
    net::{NetClient, NetSettings, SystemResolver, Timeouts},
    settings::{
        DeliverySettings, FederationSettings, Limits, MediaCacheSettings, RegistrationMode,
        RetentionSettings, Settings, TrendSettings,
    },
    users::{self, NewUser},
    vault::Vault,
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
        media_cache: MediaCacheSettings::default(),
        retention: RetentionSettings::default(),
        delivery: DeliverySettings::default(),
        federation: FederationSettings::default(),
        trends: TrendSettings::default(),
        federation_enabled: true,
        rate_limits_enabled: true,
        analytics_enabled: true,
        version: "0.0.0",
    }
}

/// Password of every user that a world makes.
pub(crate) const PASSWORD: &str = "boats in the fog 47";

/// What [`World::user`] makes a user from.
pub(crate) fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.to_owned(),
        email: format!("{username}@mail.example"),
        password: Some(PASSWORD.to_owned()),
        role: Role::User,
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
        reason: None,
    }
}

/// An instance on a database of its own, removed when dropped. Its clock stands at [`start`](World::start).
pub(crate) struct World {
    pub(crate) instance: Instance,
    pub(crate) clock: Arc<ManualClock>,
    settings: Settings,
    store: Store,
    events: Vec<Tail>,
    // Last, so that it is removed when nothing uses it any more.
    database: Database,
}

/// A process that hands events out.
struct Tail {
    instance: Instance,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
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

    /// Makes a user who can sign in with [`PASSWORD`].
    pub(crate) async fn user(&self, username: &str) -> (User, Account) {
        users::create(self, new_user(username)).await.expect("a new user")
    }

    /// The same instance as another process sees it: same database and clock, caches of its own.
    pub(crate) fn another_process(&mut self) -> Instance {
        let (instance, _) = open(&self.database, &self.settings, self.clock.clone());
        self.tail_events(instance.clone());
        instance
    }

    /// What `act` does, and the statements that it costs. Events rest meanwhile; those of the act are not handed out.
    pub(crate) async fn statements_of<T>(&mut self, act: impl AsyncFnOnce(&Instance) -> T) -> (T, u64) {
        let tailed: Vec<Instance> = self.events.iter().map(|tail| tail.instance.clone()).collect();
        for tail in self.events.drain(..) {
            tail.stop.send(true).expect("it reads events until told to stop");
            tail.task.await.expect("events can be read");
        }
        let before = self.store.statement_count();
        let result = act(&self.instance).await;
        let cost = self.store.statement_count() - before;
        for instance in tailed {
            self.tail_events(instance);
        }
        (result, cost)
    }

    /// The database itself, for what no operation shows.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Runs statements on the database, for what no operation does.
    pub(crate) async fn execute(&self, statements: &str) {
        let statements = statements.to_owned();
        self.store
            .write(move |tx| Ok::<_, pouet_storage::Error>(tx.batch_execute(&statements)?))
            .await
            .expect("statements that can be run");
    }

    fn tail_events(&mut self, instance: Instance) {
        let (stop, stopped) = watch::channel(false);
        let running = events::run(instance.clone(), stopped);
        self.events.push(Tail {
            instance,
            stop,
            task: tokio::spawn(async { running.await.expect("events can be read") }),
        });
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for tail in &self.events {
            tail.task.abort();
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
        vault: Vault::new([7; 32]),
        net: NetClient::new(net, Arc::new(SystemResolver)).expect("a client"),
    });
    (instance, store)
}
