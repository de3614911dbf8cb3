//! The client API: Mastodon's REST and streaming endpoints, and OAuth for applications.
//!
//! Every request goes the same way ([`dispatch`]): token, scopes, limits, parameters; then a handler of
//! [`routes`] calls one operation of `service` and writes its result with the types of [`entities`]. The table of
//! operations with their scopes is [`routes::table`]. This crate holds no rules of its own: what may be seen and
//! done is decided in `service`, so that pages and other servers get the same answers.
//!
//! Source: <https://docs.joinmastodon.org/api/>

mod call;
mod dispatch;
mod entities;
mod error;
mod extract;
mod link;
mod rate_limit;
mod reply;
mod routes;
mod streaming;

use std::{net::IpAddr, sync::Arc};

use actix_cors::Cors;
use actix_web::{
    HttpRequest,
    web::{self, Data, ServiceConfig},
};
use ipnet::IpNet;
use pouet_service::Instance;

use crate::{
    dispatch::Route, error::ApiError, extract::auth::Access, rate_limit::RateLimits, streaming::Connections,
};

/// Headers that scripts of other origins may read.
const EXPOSED: [&str; 6] = [
    "Link",
    "Mastodon-Async-Refresh",
    "X-RateLimit-Reset",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-Request-Id",
];

/// An operation of the client API, as documentation and tests list it.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Methods that it answers; `HEAD` goes with `GET`.
    pub methods: &'static [&'static str],
    /// Path, with parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub audience: Audience,
    /// Scopes, any of which (or of their parents) a token needs; none: any token.
    pub scopes: &'static [&'static str],
}

/// Who may use an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Everybody; a token is not looked at.
    Public,
    /// Everybody; a token that is there must be valid.
    Anybody,
    /// Applications, for themselves or a user.
    App,
    /// Users.
    User,
}

/// All operations with their scopes.
pub fn operations() -> impl Iterator<Item = Operation> {
    routes::table::TABLE.iter().map(|route| Operation {
        methods: route.methods,
        path: route.path,
        audience: match route.access {
            Access::Public => Audience::Public,
            Access::Optional(_) => Audience::Anybody,
            Access::App(_) => Audience::App,
            Access::User(_) => Audience::User,
        },
        scopes: route.access.scopes(),
    })
}

/// The client API of one instance. Clones share its counters, so that limits hold over all workers.
#[derive(Clone, Debug)]
pub struct Api(Arc<Shared>);

/// What all workers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) instance: Instance,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) limits: RateLimits,
    pub(crate) connections: Connections,
}

impl Api {
    /// The client API of `instance`. `X-Forwarded-For` is believed from `trusted_proxies`.
    pub fn new(instance: Instance, trusted_proxies: Vec<IpNet>) -> Self {
        Self(Arc::new(Shared {
            instance,
            trusted_proxies,
            limits: RateLimits::default(),
            connections: Connections::default(),
        }))
    }

    /// The address that a request comes from, as trusted proxies tell it.
    pub fn client_ip(&self, request: &HttpRequest) -> IpAddr {
        extract::ip::client_ip(request, &self.0.trusted_proxies)
    }

    /// Ends all streams. A server that stops calls this first: it waits for open connections.
    pub fn end_streams(&self) {
        self.0.connections.end_all();
    }

    /// Adds the routes `/api/...`, `/oauth/token`, `/oauth/revoke`, `/oauth/userinfo`,
    /// `/.well-known/oauth-authorization-server` and `/health` to a server.
    pub fn configure(&self, config: &mut ServiceConfig) {
        config.app_data(Data::from(Arc::clone(&self.0)));
        let mut api = streaming::configure(web::scope("/api"));
        for (path, routes) in by_path() {
            for path in spellings(path) {
                match path.strip_prefix("/api") {
                    Some(rest) => api = api.service(resource(rest, &routes)),
                    None => {
                        config.service(resource(&path, &routes).wrap(cors()));
                    }
                }
            }
        }
        config.service(
            api.default_service(web::to(|shared: Data<Shared>| async move {
                dispatch::refuse(&shared, ApiError::NoRoute)
            }))
            .wrap(cors()),
        );
    }
}

/// The table of operations by path, those without parameters in the path first: the first that fits is taken.
fn by_path() -> Vec<(&'static str, Vec<&'static Route>)> {
    let mut paths: Vec<(&str, Vec<&Route>)> = Vec::new();
    for route in routes::table::TABLE {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path, vec![route])),
        }
    }
    paths.sort_by_key(|(path, _)| path.matches('{').count());
    paths
}

/// The patterns of a path with and without a final slash. A path with parameters is one regular expression, one without is
/// none: a set of patterns would be three, and all of them in each worker were a third of the memory of an idle server.
fn spellings(path: &str) -> Vec<String> {
    if path.contains('{') {
        vec![format!("{path}{{slash:/?}}")]
    } else {
        vec![path.to_owned(), format!("{path}/")]
    }
}

/// All methods of one path.
fn resource(path: &str, routes: &[&'static Route]) -> actix_web::Resource {
    let mut resource = web::resource(path.to_owned());
    for route in routes {
        for method in methods(route) {
            let route: &'static Route = route;
            resource = resource.route(web::method(method).to(
                move |shared: Data<Shared>, request: HttpRequest, payload: web::Payload| {
                    dispatch::dispatch(route, shared, request, payload)
                },
            ));
        }
    }
    resource.default_service(web::to(|shared: Data<Shared>| async move {
        dispatch::refuse(&shared, ApiError::NoMethod)
    }))
}

fn methods(route: &Route) -> Vec<actix_web::http::Method> {
    let head = route.methods.contains(&"GET").then_some("HEAD");
    route
        .methods
        .iter()
        .copied()
        .chain(head)
        .filter_map(|name| name.parse().ok())
        .collect()
}

/// Any origin, without credentials (R084).
fn cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allow_any_method()
        .allow_any_header()
        .expose_headers(EXPOSED)
        .max_age(3600)
}
