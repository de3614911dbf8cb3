//! One of our own sites, with its queues under the test's hand.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    App, HttpServer,
    dev::{ServerHandle, Service as _},
};
use http::HeaderMap;
use pouet_federation::{
    Federation,
    jobs::Jobs,
    outgoing::Deliverer,
    routes::{FetchAuth, answer_head_as_get, configure, configure_pages},
};
use pouet_model::{
    account::{Account, Role, User},
    ids::StatusId,
    notification_policy::Correspondents,
    page::Page,
    time::ManualClock,
    urls::Urls,
};
use pouet_service::{
    Instance, Parts, accounts, delivery, events, jobs,
    media::MediaStore,
    net::{GetRequest, Purpose, Response},
    notifications::policy::{self, PolicyChange},
    settings::{
        DeliverySettings, FederationSettings, Limits, MediaCacheSettings, RegistrationMode,
        RetentionSettings, Settings, TrendSettings,
    },
    statuses::{self, NewStatus},
    timelines,
    users::{self, NewUser},
    vault::Vault,
    view::StatusView,
};
use pouet_storage::{DatabaseUrl, Store, StoreSettings, migrate};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};
use url::Url;

use super::{client, listen};

/// A site that listens on loopback. Nothing that is queued happens before [`settle`](Site::settle).
pub(crate) struct Site {
    pub(crate) instance: Instance,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) url: String,
    pub(crate) domain: String,
    jobs: jobs::Worker,
    deliveries: delivery::Worker,
    server: ServerHandle,
    events: (watch::Sender<bool>, JoinHandle<()>),
    pub(crate) store: Store,
    _folder: TempDir,
}

impl Site {
    pub(crate) async fn start(clock: &Arc<ManualClock>) -> Self {
        Self::start_with(clock, FetchAuth::Off).await
    }

    pub(crate) async fn start_with(clock: &Arc<ManualClock>, fetch_auth: FetchAuth) -> Self {
        Self::start_as(clock, fetch_auth, |_| {}).await
    }

    /// A site whose handles are on another domain than its address.
    pub(crate) async fn start_split(clock: &Arc<ManualClock>, handle_domain: &str) -> Self {
        Self::start_as(clock, FetchAuth::Off, |settings| {
            let base = Url::parse(settings.urls.base()).unwrap();
            settings.urls = Urls::new(&base, Some(handle_domain));
        })
        .await
    }

    /// A site with other settings than usual.
    pub(crate) async fn start_as(
        clock: &Arc<ManualClock>,
        fetch_auth: FetchAuth,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let (listener, domain) = listen();
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("test.sqlite3");
        let store = Store::open(&StoreSettings {
            url: DatabaseUrl::Sqlite(file.to_str().unwrap().to_owned()),
            pool_size: 4,
            count_statements: true,
        })
        .unwrap();
        let url = format!("http://{domain}");
        let mut settings = settings(&url);
        change(&mut settings);
        let instance = Instance::new(Parts {
            store: store.clone(),
            clock: Arc::clone(clock) as _,
            settings,
            media: MediaStore::in_memory(),
            vault: Vault::new([7; 32]),
            net: client(&domain),
        });
        let federation = Federation::new(instance.clone(), fetch_auth);
        instance.set_resolver(Arc::new(federation.clone()));
        let jobs = Jobs::new(&federation).await.unwrap();
        let server = HttpServer::new(move || {
            App::new()
                .wrap_fn(|mut request, service| {
                    answer_head_as_get(&mut request);
                    service.call(request)
                })
                .configure(|config| configure_pages(config, &federation))
                .configure(|config| configure(config, &federation))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            jobs: jobs::Worker::new(instance.clone(), Arc::new(jobs)),
            deliveries: delivery::Worker::new(instance.clone(), Arc::new(Deliverer::new(instance.clone()))),
            server: handle,
            events: tail(&instance),
            clock: Arc::clone(clock),
            instance,
            url,
            domain,
            store,
            _folder: folder,
        }
    }

    /// A user who can post at once, with keys.
    pub(crate) async fn user(&self, username: &str) -> (User, Account) {
        users::create(&self.instance, new_user(username)).await.unwrap()
    }

    /// Has private messages of strangers reach somebody like all others, which wait in requests otherwise.
    pub(crate) async fn lets_anyone_write_to(&self, account: &Account) {
        let anyone = PolicyChange {
            direct_messages: Some(Correspondents::Anyone),
            ..PolicyChange::default()
        };
        policy::change(&self.instance, account.id, anyone).await.unwrap();
    }

    /// Does all that is queued: jobs, then deliveries, until nothing is due.
    pub(crate) async fn settle(&mut self) {
        loop {
            let ran = self.jobs.run_due().await.unwrap();
            self.deliveries.run_due().await.unwrap();
            if ran == 0 {
                return;
            }
        }
    }

    /// What `act` does, and the statements that it costs. Events rest from then on.
    pub(crate) async fn statements_of<T>(&mut self, act: impl AsyncFnOnce(&Self) -> T) -> (T, u64) {
        // Who reads events is told to stop once; it has stopped when its task is over.
        self.events.0.send_replace(true);
        while !self.events.1.is_finished() {
            tokio::task::yield_now().await;
        }
        let before = self.store.statement_count();
        let result = act(self).await;
        (result, self.store.statement_count() - before)
    }

    /// All that is stored and a refused activity must leave as it was: every table but those that remember which
    /// activities came and how other hosts are doing.
    pub(crate) async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        let mut contents = self.store.read(migrate::contents).await.unwrap();
        for table in ["inbox_activities", "hosts"] {
            contents.remove(table).expect("there is such a table");
        }
        contents
    }

    /// ActivityPub id of an account of this site.
    pub(crate) fn uri(&self, account: &Account) -> String {
        self.instance.urls().local_account(account.id)
    }

    /// ActivityPub id of a status of this site.
    pub(crate) async fn status_uri(&self, id: StatusId) -> String {
        let status = statuses::find_raw(&self.instance, id).await.unwrap().unwrap();
        self.instance.urls().status_uri(&status)
    }

    pub(crate) async fn post(&self, author: &User, new: NewStatus) -> StatusId {
        statuses::post(&self.instance, author, new).await.unwrap()
    }

    /// The account as it is now.
    pub(crate) async fn account(&self, uri: &str) -> Option<Account> {
        accounts::find_by_uri(&self.instance, uri).await.unwrap()
    }

    /// The remote account behind a handle, fetched if need be.
    pub(crate) async fn resolve(&self, username: &str, domain: &str) -> pouet_service::Result<Account> {
        let resolver = self.instance.resolver().unwrap();
        resolver.account_by_handle(username, domain).await
    }

    /// Whether a status with this id is stored.
    pub(crate) async fn knows(&self, uri: &str) -> bool {
        statuses::find_by_uri(&self.instance, uri)
            .await
            .unwrap()
            .is_some()
    }

    pub(crate) async fn home(&self, account: &Account) -> Vec<StatusView> {
        timelines::home(&self.instance, account.id, Page::first(40))
            .await
            .unwrap()
    }

    /// Fetches a path of this site as another server would, unsigned.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.get_as(path, "application/activity+json").await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Response {
        let request = GetRequest {
            url: &format!("{}{path}", self.url),
            accept,
            max_bytes: 1_000_000,
            purpose: Purpose::Json,
            headers: HeaderMap::new(),
        };
        client("tests.test").get(&request, None).await.unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.events.1.abort();
        drop(self.server.stop(false));
    }
}

/// A user who can post at once.
pub(crate) fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.to_owned(),
        email: format!("{username}@a.test"),
        password: None,
        role: Role::User,
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
        reason: None,
    }
}

/// The JSON of an answer.
pub(crate) fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{error}: {:?}", response.body))
}

fn tail(instance: &Instance) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    let instance = instance.clone();
    let task = tokio::spawn(async move {
        events::run(instance, stopped).await.expect("events can be read");
    });
    (stop, task)
}

fn settings(url: &str) -> Settings {
    Settings {
        urls: Urls::new(&Url::parse(url).unwrap(), None),
        registrations: RegistrationMode::Open,
        limits: Limits::default(),
        media_cache: MediaCacheSettings::default(),
        retention: RetentionSettings::default(),
        delivery: DeliverySettings::default(),
        federation: FederationSettings::default(),
        trends: TrendSettings::default(),
        federation_enabled: true,
        rate_limits_enabled: false,
        analytics_enabled: true,
        version: "0.0.0",
    }
}
