//! An instance for one test: its own database, and a clock that stands still.

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use pouet_model::{
    account::{Account, Role, User},
    ids::{JobId, StatusId},
    scope::Scopes,
    time::ManualClock,
    urls::Urls,
};
use pouet_service::{
    Instance, Parts, analytics, events,
    jobs::{Job, JobError, JobHandler, Worker},
    media::MediaStore,
    net::{NetClient, NetSettings, SystemResolver, Timeouts},
    oauth,
    settings::{
        DeliverySettings, FederationSettings, Limits, MediaCacheSettings, RegistrationMode,
        RetentionSettings, Settings, TrendSettings,
    },
    users::{self, NewUser},
    vault::Vault,
};
use pouet_storage::{
    Conn, DatabaseUrl, Store, StoreSettings,
    analytics::{Reads, list_reads},
    migrate,
};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};

/// What an ordinary app asks for.
const ORDINARY: &str = "read write follow push profile";

/// An instance at `https://pouet.example`, removed when dropped.
pub struct World {
    /// The instance.
    pub instance: Instance,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    store: Store,
    events: JoinHandle<()>,
    _stop: watch::Sender<bool>,
    // Last: removed when nothing uses it any more.
    _folder: TempDir,
}

/// Somebody with an account on the instance.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their login.
    pub user: User,
    /// Their account, as it was at first.
    pub account: Account,
    /// A token of theirs with the scopes of an ordinary app.
    pub token: String,
}

impl Deref for World {
    type Target = Instance;
    fn deref(&self) -> &Instance {
        &self.instance
    }
}

impl World {
    /// When every world begins: 2026-11-23, 10:00 UTC.
    pub fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_428_000, 0).unwrap_or_default()
    }

    /// An instance whose limits apply and whose registrations are open.
    ///
    /// # Panics
    /// If it cannot be set up.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// An instance with other settings.
    ///
    /// # Panics
    /// If it cannot be set up.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::new(Self::start()));
        let mut settings = settings();
        change(&mut settings);
        let store = Store::open(&StoreSettings {
            url: DatabaseUrl::Sqlite(folder.path().join("pouet.sqlite3").display().to_string()),
            pool_size: 2,
            count_statements: false,
        })
        .expect("a database");
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
            clock: clock.clone(),
            settings,
            net: NetClient::new(net, Arc::new(SystemResolver)).expect("a client"),
            media: MediaStore::in_memory(),
            vault: Vault::new([7; 32]),
        });
        let (stop, stopped) = watch::channel(false);
        let tailed = instance.clone();
        let events = tokio::spawn(async move {
            events::run(tailed, stopped).await.expect("events can be read");
        });
        Self {
            instance,
            clock,
            store,
            events,
            _stop: stop,
            _folder: folder,
        }
    }

    /// A confirmed user called `name`.
    ///
    /// # Panics
    /// If the name is taken or not allowed.
    pub async fn person(&self, name: &str) -> Person {
        let new = NewUser {
            username: name.to_owned(),
            email: format!("{name}@mail.example"),
            password: None,
            role: Role::User,
            confirmed: true,
            approved: true,
            locale: "en".to_owned(),
            reason: None,
        };
        let (user, account) = users::create(&self.instance, new).await.expect("a user");
        let token = self.token(&user, ORDINARY).await;
        Person { user, account, token }
    }

    /// Runs all jobs that are due now.
    ///
    /// # Panics
    /// If the queue cannot be read.
    pub async fn run_jobs(&self) {
        let mut worker = Worker::new(self.instance.clone(), Arc::new(Nobody));
        worker.run_due().await.expect("jobs can be run");
    }

    /// Lets no write of the instance succeed any more, as on a full disk.
    ///
    /// # Panics
    /// If the database does not take that.
    pub async fn refuse_writes(&self) {
        let refuse =
            |tx: &mut Conn| Ok::<_, pouet_storage::Error>(tx.batch_execute("PRAGMA query_only = ON")?);
        self.store.write(refuse).await.expect("the last write");
    }

    /// Every row of every table, as text.
    ///
    /// # Panics
    /// If the database cannot be read.
    pub async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        let contents = self.store.read(migrate::contents).await;
        contents.expect("rows")
    }

    /// What is stored of how often a status was read, on all days together: more than its author is told.
    ///
    /// # Panics
    /// If the database cannot be read.
    pub async fn reads_of(&self, id: StatusId) -> Reads {
        analytics::flush(&self.instance).await;
        let days = self.store.read(move |conn| list_reads(conn, id)).await;
        let mut sum = Reads::default();
        for (_, reads) in days.expect("rows") {
            sum += reads;
        }
        sum
    }

    /// Runs statements on the database, for what no operation does.
    ///
    /// # Panics
    /// If the database does not take them.
    pub async fn execute(&self, statements: &str) {
        let statements = statements.to_owned();
        let run = move |tx: &mut Conn| Ok::<_, pouet_storage::Error>(tx.batch_execute(&statements)?);
        self.store.write(run).await.expect("statements that can be run");
    }

    /// A token of `user` with `scopes`.
    ///
    /// # Panics
    /// If there is no such scope.
    pub async fn token(&self, user: &User, scopes: &str) -> String {
        let scopes = Scopes::parse(scopes).expect("known scopes");
        oauth::issue_for_cli(&self.instance, user, scopes)
            .await
            .expect("a token")
    }
}

/// Other servers of a world where there are none: what is meant for them is dropped.
struct Nobody;

#[async_trait]
impl JobHandler for Nobody {
    async fn run(&self, _: JobId, _: Job) -> Result<(), JobError> {
        Ok(())
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.events.abort();
    }
}

fn settings() -> Settings {
    Settings {
        urls: Urls::new(&"https://pouet.example".parse().expect("an address"), None),
        registrations: RegistrationMode::Open,
        limits: Limits::default(),
        media_cache: MediaCacheSettings::default(),
        retention: RetentionSettings::default(),
        delivery: DeliverySettings::default(),
        federation: FederationSettings::default(),
        trends: TrendSettings::default(),
        federation_enabled: false,
        rate_limits_enabled: true,
        analytics_enabled: true,
        version: "0.0.0",
    }
}
