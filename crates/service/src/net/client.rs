//! The guarded client itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, USER_AGENT,
};
use http::{HeaderMap, Method, StatusCode};
use ipnet::IpNet;
use tokio::time::timeout;
use url::Url;

use super::body::{self, Cap, Overflow};
use super::budget::Limits;
use super::resolver::{GatedResolver, ResolveError};
use super::{
    AddressGate, CheckedUrl, NetError, Phase, Reach, RequestSigner, Resolve, Stream, UnsignedRequest,
    UrlPolicy, host_header,
};

/// How many redirects a GET follows.
pub const MAX_REDIRECTS: usize = 3;

/// How much is read of an answer that nobody parses: the reply to a POST, the page that comes with an error status.
const MAX_UNPARSED_BYTES: usize = 64 * 1024;

/// Time limits of requests.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// Resolving, connecting and the TLS handshake together.
    pub connect: Duration,
    /// From the established connection to the response head.
    pub first_byte: Duration,
    /// Between two parts of a body.
    pub idle: Duration,
    /// A whole fetch of a document, redirects included.
    pub document: Duration,
    /// A whole fetch of media, redirects included.
    pub media: Duration,
    /// A whole POST.
    pub post: Duration,
}

impl Default for Timeouts {
    /// The values of rule R006.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(10),
            idle: Duration::from_secs(5),
            document: Duration::from_secs(20),
            media: Duration::from_mins(1),
            post: Duration::from_secs(30),
        }
    }
}

/// What the operator decides about outgoing requests.
#[derive(Debug, Clone)]
pub struct NetSettings {
    /// `federation.allow_private_addresses`: networks that may be contacted although they are not public. Hosts inside
    /// them may use any port and may be IP literals.
    pub allow_networks: Vec<IpNet>,
    /// `federation.allow_http`: whether plain http is contacted.
    pub allow_http: bool,
    /// The `User-Agent` header, such as `pouet/0.1.0 (+https://s.pouet.example/)`.
    pub user_agent: String,
    /// Our own authorities (`s.pouet.example`, `localhost:8081`), which are never contacted.
    pub own_hosts: Vec<String>,
    /// Time limits.
    pub timeouts: Timeouts,
    /// `rate_limits.enabled`: whether the budget per target host counts.
    pub rate_limited: bool,
}

/// What a fetched body is for. It decides the time limit, and what happens to a body over its cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A JSON document: too long is an error.
    Json,
    /// A page read for its head, as for link previews: what is over the cap is cut off.
    Html,
    /// An image, sound or film: too long is an error.
    Media,
}

/// A GET.
#[derive(Debug, Clone)]
pub struct GetRequest<'a> {
    /// Where to; its fragment is not sent.
    pub url: &'a str,
    /// The `Accept` header.
    pub accept: &'a str,
    /// Cap of the body in bytes after inflation.
    pub max_bytes: usize,
    /// What the body is for.
    pub purpose: Purpose,
    /// Further headers. `Authorization` is dropped when a redirect leaves the origin.
    pub headers: HeaderMap,
}

/// A POST. Redirects are never followed.
#[derive(Debug, Clone)]
pub struct PostRequest<'a> {
    /// Where to.
    pub url: &'a str,
    /// Headers, `Content-Type` among them.
    pub headers: HeaderMap,
    /// The body, sent as it is.
    pub body: Bytes,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status of the last hop. A body that is to be parsed needs status 200.
    pub status: StatusCode,
    /// The URL that gave this answer, after redirects.
    pub final_url: Url,
    /// Its headers.
    pub headers: HeaderMap,
    /// The `Content-Type`, if there is exactly one and it is text.
    pub content_type: Option<String>,
    /// The inflated body. At most 64 KiB when the status is not 2xx and for a POST.
    pub body: Bytes,
    /// Whether the body was cut off at its cap.
    pub truncated: bool,
}

/// The guarded HTTP client. Cheap to share behind an `Arc`.
pub struct NetClient {
    policy: UrlPolicy,
    /// For the usual ports: every address that passes the gate.
    any: reqwest::Client,
    /// For unusual ports and IP literals: listed networks only.
    listed: reqwest::Client,
    limits: Limits,
    timeouts: Timeouts,
    user_agent: HeaderValue,
}

impl NetClient {
    /// Builds the client. `resolver` is [`super::SystemResolver`] outside tests.
    ///
    /// # Errors
    /// `Http` if the TLS library cannot be set up or the user agent is no header value.
    pub fn new(settings: NetSettings, resolver: Arc<dyn Resolve>) -> Result<Self, NetError> {
        let gate = AddressGate::new(settings.allow_networks);
        let any = build(&settings.timeouts, Arc::clone(&resolver), gate.clone())?;
        let listed = build(&settings.timeouts, resolver, gate.listed_only())?;
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|error| setup_error(&error))?;
        Ok(Self {
            policy: UrlPolicy::new(gate, settings.allow_http, &settings.own_hosts),
            any,
            listed,
            limits: Limits::new(settings.rate_limited),
            timeouts: settings.timeouts,
            user_agent,
        })
    }

    /// The rules for URLs, for callers that want to refuse one before queueing work for it.
    pub fn policy(&self) -> &UrlPolicy {
        &self.policy
    }

    /// Fetches `request.url`, following up to [`MAX_REDIRECTS`] redirects.
    ///
    /// Every hop is checked and signed anew. The status is the caller's to judge.
    ///
    /// # Errors
    /// [`NetError`]; nothing was sent to the host it names if [`NetError::is_blocked`].
    pub async fn get(
        &self,
        request: &GetRequest<'_>,
        signer: Option<&dyn RequestSigner>,
    ) -> Result<Response, NetError> {
        let target = self.policy.check(request.url)?;
        let host = host_header(&target.url);
        let mut place = self.limits.admit_fetch(&host).await?;
        let limit = match request.purpose {
            Purpose::Json | Purpose::Html => self.timeouts.document,
            Purpose::Media => self.timeouts.media,
        };
        let exchange = async {
            let (response, url) = self.follow(request, target, signer).await?;
            let cap = fetch_cap(request, response.status());
            self.receive(response, url, cap).await
        };
        let result = timeout(limit, exchange).await.unwrap_or(Err(NetError::Timeout {
            host,
            phase: Phase::Total,
        }));
        if request.purpose == Purpose::Media && result.is_ok() {
            place.excuse();
        }
        result
    }

    /// Asks for `request.url` and hands out the answer in parts, for what is too long to be held. Redirects are followed as
    /// by [`NetClient::get`], and `request.max_bytes` holds; how long the body may take is the caller's to limit.
    ///
    /// # Errors
    /// As of [`NetClient::get`].
    pub async fn open(&self, request: &GetRequest<'_>) -> Result<Stream, NetError> {
        let target = self.policy.check(request.url)?;
        let host = host_header(&target.url);
        // Held until the head is there: a film that somebody watches takes no place from documents.
        let _place = self.limits.admit_fetch(&host).await?;
        let (response, url) = timeout(self.timeouts.document, self.follow(request, target, None))
            .await
            .unwrap_or(Err(NetError::Timeout {
                host,
                phase: Phase::Total,
            }))?;
        let limit = u64::try_from(request.max_bytes).unwrap_or(u64::MAX);
        Stream::new(response, host_header(&url), limit, self.timeouts.idle)
    }

    /// Sends `request.body` to `request.url`.
    ///
    /// # Errors
    /// [`NetError`]; a redirect is not an error but a response with its 3xx status.
    pub async fn post(
        &self,
        request: &PostRequest<'_>,
        signer: Option<&dyn RequestSigner>,
    ) -> Result<Response, NetError> {
        let target = self.policy.check(request.url)?;
        let host = host_header(&target.url);
        let _admission = self.limits.admit_post(&host).await?;
        let cap = Cap {
            limit: MAX_UNPARSED_BYTES,
            overflow: Overflow::Truncate,
        };
        let exchange = async {
            let response = self
                .send(
                    Method::POST,
                    &target,
                    request.headers.clone(),
                    Some(request.body.clone()),
                    signer,
                )
                .await?;
            self.receive(response, target.url.clone(), cap).await
        };
        timeout(self.timeouts.post, exchange)
            .await
            .unwrap_or(Err(NetError::Timeout {
                host,
                phase: Phase::Total,
            }))
    }

    /// The redirect loop of [`NetClient::get`]: the head of the last answer, and the address that gave it.
    async fn follow(
        &self,
        request: &GetRequest<'_>,
        first: CheckedUrl,
        signer: Option<&dyn RequestSigner>,
    ) -> Result<(reqwest::Response, Url), NetError> {
        let accept = HeaderValue::from_str(request.accept).map_err(|error| setup_error(&error))?;
        let origin = first.url.origin();
        let mut target = first;
        let mut visited = Vec::new();
        loop {
            let mut headers = request.headers.clone();
            headers.insert(ACCEPT, accept.clone());
            if target.url.origin() != origin {
                headers.remove(AUTHORIZATION);
            }
            let response = self.send(Method::GET, &target, headers, None, signer).await?;
            if !is_redirect(response.status()) {
                return Ok((response, target.url));
            }
            if visited.len() == MAX_REDIRECTS {
                return Err(NetError::TooManyRedirects);
            }
            let next = self.redirect_target(&target.url, response.headers())?;
            visited.push(target.url);
            if visited.contains(&next.url) {
                return Err(NetError::RedirectLoop(next.url.into()));
            }
            self.limits.spend(&host_header(&next.url)).await?;
            target = next;
        }
    }

    /// Where a redirect leads, checked like any URL that comes from outside.
    pub(super) fn redirect_target(&self, from: &Url, headers: &HeaderMap) -> Result<CheckedUrl, NetError> {
        let bad = |reason| NetError::BadRedirect {
            host: host_header(from),
            reason,
        };
        let location = only_text(headers, &LOCATION).ok_or_else(|| bad("no single location"))?;
        let url = from.join(location).map_err(|_| bad("location is not a URL"))?;
        if from.scheme() == "https" && url.scheme() == "http" {
            return Err(bad("from https to http"));
        }
        Ok(self.policy.check_parsed(url)?)
    }

    /// Sends one request and waits for the head of its response.
    async fn send(
        &self,
        method: Method,
        target: &CheckedUrl,
        mut headers: HeaderMap,
        body: Option<Bytes>,
        signer: Option<&dyn RequestSigner>,
    ) -> Result<reqwest::Response, NetError> {
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers
            .entry(ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("gzip"));
        if let Some(signer) = signer {
            let signature = signer.sign(&UnsignedRequest {
                method: &method,
                url: &target.url,
                headers: &headers,
                body: body.as_deref(),
            })?;
            headers.extend(signature);
        }
        let client = match target.reach {
            Reach::Any => &self.any,
            Reach::Listed => &self.listed,
        };
        let mut request = client.request(method, target.url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let host = host_header(&target.url);
        let limit = self.timeouts.connect + self.timeouts.first_byte;
        match timeout(limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(classify(&host, &error)),
            Err(_) => Err(NetError::Timeout {
                host,
                phase: Phase::FirstByte,
            }),
        }
    }

    /// Reads the body that belongs to `response`.
    async fn receive(
        &self,
        response: reqwest::Response,
        final_url: Url,
        cap: Cap,
    ) -> Result<Response, NetError> {
        let status = response.status();
        let headers = response.headers().clone();
        let host = host_header(&final_url);
        let body = body::read(response, &host, cap, self.timeouts.idle).await?;
        Ok(Response {
            status,
            final_url,
            content_type: only_text(&headers, &CONTENT_TYPE).map(str::to_owned),
            headers,
            body: Bytes::from(body.bytes),
            truncated: body.truncated,
        })
    }
}

impl std::fmt::Debug for NetClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetClient")
            .field("policy", &self.policy)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

/// A client that dials only what `gate` lets pass, and adds nothing of its own.
fn build(
    timeouts: &Timeouts,
    resolver: Arc<dyn Resolve>,
    gate: AddressGate,
) -> Result<reqwest::Client, NetError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that makes HTTP clients (R005)"
    )]
    let builder = reqwest::Client::builder();
    builder
        .dns_resolver(Arc::new(GatedResolver::new(resolver, gate)))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .no_gzip()
        .referer(false)
        .connect_timeout(timeouts.connect)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .map_err(|error| setup_error(&error))
}

fn setup_error(error: &dyn std::error::Error) -> NetError {
    NetError::Http {
        host: "our own client".to_owned(),
        reason: error.to_string(),
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

fn fetch_cap(request: &GetRequest<'_>, status: StatusCode) -> Cap {
    if !status.is_success() {
        return Cap {
            limit: request.max_bytes.min(MAX_UNPARSED_BYTES),
            overflow: Overflow::Truncate,
        };
    }
    Cap {
        limit: request.max_bytes,
        overflow: match request.purpose {
            Purpose::Html => Overflow::Truncate,
            Purpose::Json | Purpose::Media => Overflow::Refuse,
        },
    }
}

/// The value of a header that is there exactly once.
pub(super) fn only_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Finds out what a failed request failed of.
pub(super) fn classify(host: &str, error: &reqwest::Error) -> NetError {
    let host = host.to_owned();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut innermost = String::new();
    while let Some(current) = cause {
        match current.downcast_ref::<ResolveError>() {
            Some(ResolveError::Blocked(address)) => {
                return NetError::BlockedAddress {
                    host,
                    address: *address,
                };
            }
            Some(failed) => {
                return NetError::Dns {
                    host,
                    reason: failed.to_string(),
                };
            }
            None => {}
        }
        if current.is::<openssl::error::ErrorStack>() || current.is::<openssl::ssl::Error>() {
            return NetError::Tls {
                host,
                reason: current.to_string(),
            };
        }
        innermost = current.to_string();
        cause = current.source();
    }
    if error.is_timeout() {
        return NetError::Timeout {
            host,
            phase: if error.is_connect() {
                Phase::Connect
            } else {
                Phase::Idle
            },
        };
    }
    NetError::Connect {
        host,
        reason: innermost,
    }
}
