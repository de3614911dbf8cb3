//! The way of every request: who asks, may they, how often, with which parameters; then the handler.

use std::{panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CACHE_CONTROL, HeaderName, HeaderValue, VARY},
    },
    web::{Data, Payload},
};
use futures_util::FutureExt as _;
use pouet_service::{Error as ServiceError, Instance, oauth::Authentication};
use tracing::Instrument as _;

use crate::{
    Shared,
    call::Call,
    error::{ApiError, Result},
    extract::{
        auth::{self, Access},
        body::{self, Body, MAX_BODY},
        ip::{client_ip, network_of},
        params::Params,
    },
    rate_limit::{Bucket, Client, Quota},
};

/// Longest path with query (R092).
const MAX_URI: usize = 8 * 1024;

/// What a handler returns. Handlers run on the thread that took the request.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<HttpResponse>>>>;

/// How long answers to anonymous readers may be kept by caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cache {
    /// Public readings: 15 seconds.
    Short,
    /// Documents about the instance: five minutes.
    Long,
    /// Never.
    No,
}

/// An operation of the client API: its address, who may use it, and what it does.
pub(crate) struct Route {
    /// Methods; `GET` includes `HEAD`.
    pub(crate) methods: &'static [&'static str],
    /// Path, with parameters in braces.
    pub(crate) path: &'static str,
    /// Who may use it.
    pub(crate) access: Access,
    /// What it does.
    pub(crate) run: fn(Call) -> Answer,
    /// A throttle of its own, beside the general ones.
    pub(crate) bucket: Option<Bucket>,
    /// Takes files, up to the limit on images.
    pub(crate) uploads: bool,
    /// Day since which clients are told not to use it, in Unix seconds.
    pub(crate) deprecated: Option<i64>,
    /// Caching of anonymous answers.
    pub(crate) cache: Cache,
}

impl Route {
    /// An operation without peculiarities.
    pub(crate) const fn new(
        methods: &'static [&'static str],
        path: &'static str,
        access: Access,
        run: fn(Call) -> Answer,
    ) -> Self {
        Self {
            methods,
            path,
            access,
            run,
            bucket: None,
            uploads: false,
            deprecated: None,
            cache: Cache::Short,
        }
    }

    /// Counts in `bucket`, too.
    pub(crate) const fn counted(mut self, bucket: Bucket) -> Self {
        self.bucket = Some(bucket);
        self
    }

    /// Takes files.
    pub(crate) const fn uploads(mut self) -> Self {
        self.uploads = true;
        self
    }

    /// Sends `Deprecation`.
    pub(crate) const fn deprecated(mut self, since: i64) -> Self {
        self.deprecated = Some(since);
        self
    }

    /// Is cached so.
    pub(crate) const fn cached(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }

    fn body_limit(&self, instance: &Instance) -> usize {
        if self.uploads {
            // An upload may come with a thumbnail or two pictures, and with a text.
            2 * instance.limits().image_bytes + MAX_BODY
        } else {
            MAX_BODY
        }
    }
}

/// Answers one request for `route`.
pub(crate) async fn dispatch(
    route: &'static Route,
    shared: Data<Shared>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let id = RequestId::new(&shared);
    let mut visit = Visit::default();
    // Paths hold ids; queries may hold more, and stay out of the log (R104).
    let span = tracing::info_span!("request", id = %id.0, method = %request.method(), path = request.path());
    let mut response = guarded(answer(route, &shared, &request, payload, &mut visit))
        .instrument(span)
        .await;
    visit.write_headers(route, &request, &mut response);
    id.write(&mut response);
    response
}

/// The answer, or the error of one that could not be made. A panic is a fault of ours like any other: it ends
/// neither the connection nor the program (R105).
async fn guarded(answer: impl Future<Output = Result<HttpResponse>>) -> HttpResponse {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(outcome) => outcome.unwrap_or_else(ApiError::into_response),
        Err(_) => ApiError::from(ServiceError::internal("a handler panicked")).into_response(),
    }
}

/// Answers a request for a path or method that does not exist.
pub(crate) fn refuse(shared: &Shared, error: ApiError) -> HttpResponse {
    let mut response = error.into_response();
    RequestId::new(shared).write(&mut response);
    response
}

/// What a request is called in the log and in its answer.
struct RequestId(String);

impl RequestId {
    fn new(shared: &Shared) -> Self {
        let id: i64 = shared.instance.next_id();
        Self(format!("{id:016x}"))
    }

    fn write(&self, response: &mut HttpResponse) {
        if let Ok(id) = HeaderValue::try_from(&self.0) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-request-id"), id);
        }
    }
}

/// What is learnt of a request on its way and told in the headers of the answer, also of a refusal.
#[derive(Default)]
struct Visit {
    quota: Option<Quota>,
    has_token: bool,
}

impl Visit {
    fn write_headers(&self, route: &Route, request: &HttpRequest, response: &mut HttpResponse) {
        let readable = response.status().is_success() && *request.method() != Method::POST;
        let headers = response.headers_mut();
        if let Some(quota) = &self.quota {
            quota.write(headers);
        }
        let cache = match (route.access, route.cache) {
            (Access::User(_) | Access::App(_), _) | (_, Cache::No) => "private, no-store",
            _ if self.has_token || !readable => "private, no-store",
            (_, Cache::Short) => "public, max-age=15",
            (_, Cache::Long) => "public, max-age=300",
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(VARY, HeaderValue::from_static("Authorization, Origin"));
        if let Some(since) = route.deprecated
            && let Ok(value) = HeaderValue::try_from(format!("@{since}"))
        {
            headers.insert(HeaderName::from_static("deprecation"), value);
        }
    }
}

async fn answer(
    route: &'static Route,
    shared: &Shared,
    request: &HttpRequest,
    payload: Payload,
    visit: &mut Visit,
) -> Result<HttpResponse> {
    if request
        .uri()
        .path_and_query()
        .is_some_and(|whole| whole.as_str().len() > MAX_URI)
    {
        return Err(ApiError::UriTooLong);
    }
    if request.path().contains("%00") {
        return Err(ApiError::Malformed("the address holds U+0000"));
    }
    let instance = &shared.instance;
    let ip = client_ip(request, &shared.trusted_proxies);
    visit.has_token = auth::bearer(request).is_some();
    let authentication = auth::authenticate(instance, request, route.access).await;
    let known = authentication.as_ref().ok().and_then(Option::as_ref);
    let query = Params::parse_form(request.query_string())?;

    let buckets = buckets(route, known, Client::Address(network_of(ip)), &query);
    let now = instance.now();
    visit.quota = shared.limits.count(&buckets, now);
    if let Some(quota) = visit.quota.filter(|quota| quota.exceeded)
        && instance.settings.rate_limits_enabled
    {
        return Err(ApiError::Throttled(quota.seconds_left(now)));
    }

    let auth = authentication?;
    let Body { mut params, files } = body::read(request, payload, route.body_limit(instance)).await?;
    params.merge(query);
    (route.run)(Call {
        instance: instance.clone(),
        auth,
        params,
        files,
        ip,
        request: request.clone(),
    })
    .await
}

/// What a request is counted in.
fn buckets(
    route: &Route,
    known: Option<&Arc<Authentication>>,
    address: Client,
    query: &Params,
) -> Vec<(Bucket, Client)> {
    let mut buckets = Vec::with_capacity(4);
    let client = match known {
        None => {
            buckets.push((Bucket::Anonymous, address));
            address
        }
        Some(authentication) => {
            let token = Client::Token(authentication.token_id);
            buckets.push((Bucket::Token, token));
            match &authentication.user {
                None => token,
                Some(user) => {
                    buckets.push((Bucket::User, Client::User(user.id)));
                    Client::User(user.id)
                }
            }
        }
    };
    if ["page", "min_id", "max_id", "since_id"]
        .iter()
        .any(|name| query.has(name))
    {
        buckets.push((Bucket::Paging, client));
    }
    if let Some(bucket) = route.bucket {
        buckets.push((bucket, client));
    }
    buckets
}

#[cfg(test)]
#[expect(non_snake_case, reason = "rule numbers keep their upper-case R")]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn sec_R105_a_panic_is_a_bare_500() {
        fn broken() -> Result<HttpResponse> {
            panic!("at a secret place");
        }
        let response = guarded(async { broken() }).await;
        assert_eq!(response.status().as_u16(), 500);
        let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        assert_eq!(body, r#"{"error":"Internal error"}"#);
    }
}
