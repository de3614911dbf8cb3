//! An instance behind its pages, and browsers that visit it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, LOCATION, SET_COOKIE};
use actix_web::test::{self, TestRequest};
use actix_web::{App, HttpRequest};
use chrono::{DateTime, Utc};
use pouet_model::account::{Account, Role, User};
use pouet_model::status::Visibility;
use pouet_model::time::ManualClock;
use pouet_model::urls::Urls;
use pouet_service::media::MediaStore;
use pouet_service::net::{NetClient, NetSettings, SystemResolver, Timeouts};
use pouet_service::settings::{
    DeliverySettings, FederationSettings, Limits, MediaCacheSettings, RegistrationMode, RetentionSettings,
    Settings, TrendSettings,
};
use pouet_service::statuses::{self, NewStatus};
use pouet_service::users::{self, NewUser};
use pouet_service::vault::Vault;
use pouet_service::{Instance, Parts};
use pouet_storage::{DatabaseUrl, Store, StoreSettings};
use pouet_web::Pages;
use scraper::{Html, Selector};
use tempfile::TempDir;

pub(crate) const BASE: &str = "https://here.test";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// An instance with a database of its own and a clock that stands still.
pub(crate) struct World {
    pub(crate) instance: Instance,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    _folder: TempDir,
}

impl World {
    pub(crate) fn new(registrations: RegistrationMode) -> Self {
        Self::at(BASE, registrations)
    }

    pub(crate) fn at(base: &str, registrations: RegistrationMode) -> Self {
        Self::with(Urls::new(&base.parse().expect("an address"), None), registrations)
    }

    pub(crate) fn with(urls: Urls, registrations: RegistrationMode) -> Self {
        Self::with_settings(urls, registrations, |_| ())
    }

    /// An instance with changed settings.
    pub(crate) fn with_settings(
        urls: Urls,
        registrations: RegistrationMode,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("test.db");
        let url =
            DatabaseUrl::parse(&format!("sqlite:{}", path.display())).expect("an address of a database");
        let store = Store::open(&StoreSettings {
            url,
            pool_size: 2,
            count_statements: false,
        })
        .expect("a database");
        let mut settings = Settings {
            urls,
            registrations,
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
        };
        change(&mut settings);
        let net = NetSettings {
            allow_networks: Vec::new(),
            allow_http: false,
            user_agent: "tests".to_owned(),
            own_hosts: vec![settings.urls.authority().to_owned()],
            timeouts: Timeouts::default(),
            rate_limited: false,
        };
        let start: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().expect("a time");
        let clock = Arc::new(ManualClock::new(start));
        let instance = Instance::new(Parts {
            store: store.clone(),
            clock: clock.clone(),
            settings,
            media: MediaStore::in_memory(),
            vault: Vault::new([7; 32]),
            net: NetClient::new(net, Arc::new(SystemResolver)).expect("a client"),
        });
        Self {
            instance,
            clock,
            store,
            _folder: folder,
        }
    }

    pub(crate) async fn user(&self, username: &str) -> (User, Account) {
        let new = NewUser {
            username: username.to_owned(),
            email: format!("{username}@mail.test"),
            password: Some(PASSWORD.to_owned()),
            role: Role::User,
            confirmed: true,
            approved: true,
            locale: "en".to_owned(),
            reason: None,
        };
        users::create(&self.instance, new).await.expect("a user")
    }

    /// Publishes a status and tells its id.
    pub(crate) async fn post(&self, author: &User, text: &str, visibility: Visibility) -> String {
        let status = NewStatus {
            text: text.to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        statuses::post(&self.instance, author, status)
            .await
            .expect("a status")
            .to_string()
    }

    /// The pages of this instance.
    pub(crate) async fn site(&self) -> Site {
        let address_of = |request: &HttpRequest| {
            let there = IpAddr::from([203, 0, 113, 9]);
            request.peer_addr().map_or(there, |address| address.ip())
        };
        let pages = Pages::new(self.instance.clone(), address_of);
        let app = Rc::new(test::init_service(App::new().configure(|cfg| pages.configure(cfg))).await);
        Rc::new(move |request| {
            let app = Rc::clone(&app);
            Box::pin(async move { test::call_service(&*app, request.to_request()).await })
        })
    }
}

/// Answers requests.
pub(crate) type Site = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = ServiceResponse>>>>;

/// What a request was answered with.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The text of the first element.
    pub(crate) fn text_of(&self, selector: &str) -> Option<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let page = Html::parse_document(&self.body);
        page.select(&selector)
            .next()
            .map(|e| e.text().collect::<String>().trim().to_owned())
    }

    pub(crate) fn count(&self, selector: &str) -> usize {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body).select(&selector).count()
    }

    /// The hidden fields of the form that goes to `action`.
    pub(crate) fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let selector =
            Selector::parse(&format!("form[action='{action}'] input[type=hidden]")).expect("a selector");
        let page = Html::parse_document(&self.body);
        let attribute = |e: scraper::ElementRef<'_>, name: &str| e.attr(name).unwrap_or_default().to_owned();
        page.select(&selector)
            .map(|e| (attribute(e, "name"), attribute(e, "value")))
            .collect()
    }
}

/// A browser with its cookies.
pub(crate) struct Browser {
    site: Site,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn new(site: &Site) -> Self {
        Self {
            site: Rc::clone(site),
            cookies: RefCell::default(),
        }
    }

    /// The headers of a file.
    pub(crate) async fn head_of(&self, uri: &str) -> HeaderMap {
        let response = (self.site)(TestRequest::get().uri(uri)).await;
        assert_eq!(response.status(), 200, "{uri}");
        response.headers().clone()
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(TestRequest::get().uri(uri)).await
    }

    /// Sends a form as a browser does from our own page.
    pub(crate) async fn post(&self, uri: &str, form: &[(&str, &str)]) -> Reply {
        let request = TestRequest::post().uri(uri).set_form(form);
        self.send(
            request
                .insert_header(("origin", BASE))
                .insert_header(("sec-fetch-site", "same-origin")),
        )
        .await
    }

    pub(crate) async fn send(&self, mut request: TestRequest) -> Reply {
        let jar: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !jar.is_empty() {
            request = request.insert_header(("cookie", jar.join("; ")));
        }
        let response = (self.site)(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().expect("text"));
        }
        let body = String::from_utf8(test::read_body(response).await.to_vec()).expect("text");
        Reply {
            status,
            headers,
            body,
        }
    }

    fn keep(&self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        if rest.contains("Max-Age=0") {
            self.cookies.borrow_mut().remove(name);
        } else {
            self.cookies
                .borrow_mut()
                .insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens a page with a form, fills it in and sends it.
    pub(crate) async fn fill(&self, uri: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.get(uri).await;
        let hidden = page.hidden(action);
        assert!(
            !hidden.is_empty(),
            "no form to {action} on {uri}: {} {}",
            page.status,
            page.body
        );
        let mut form: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        form.extend(fields);
        self.post(action, &form).await
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Reply {
        self.fill(
            "/auth/sign_in",
            "/auth/sign_in",
            &[("username", login), ("password", password)],
        )
        .await
    }

    pub(crate) async fn is_signed_in(&self) -> bool {
        self.get("/").await.count("form[action='/auth/sign_out']") == 1
    }
}
