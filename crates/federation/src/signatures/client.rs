//! The guarded client with a signature on every request, in the scheme the peer understands.

use std::sync::Arc;

use pouet_model::time::Clock;
use pouet_service::net::{GetRequest, NetClient, NetError, PostRequest, Response, host_header};

use super::{HttpSigner, Knock, Next, SchemeMemory, SigningKey};

/// Sends signed requests. One per process, so that what it learns about peers serves everybody.
#[derive(Debug, Clone)]
pub struct SigningClient {
    net: Arc<NetClient>,
    clock: Arc<dyn Clock>,
    memory: SchemeMemory,
}

impl SigningClient {
    /// Signs what `net` sends, dated by `clock`.
    pub fn new(net: Arc<NetClient>, clock: Arc<dyn Clock>) -> Self {
        Self {
            net,
            clock,
            memory: SchemeMemory::default(),
        }
    }

    /// The client underneath, for requests that are not signed (WebFinger, media).
    pub fn unsigned(&self) -> &NetClient {
        &self.net
    }

    /// Fetches `request.url`, signed with `key`. A 400 or 401 is answered with one more attempt in the other scheme.
    ///
    /// # Errors
    /// As [`NetClient::get`].
    pub async fn get(&self, request: &GetRequest<'_>, key: &Arc<SigningKey>) -> Result<Response, NetError> {
        self.knock(request.url, key, Exchange::Get(request)).await
    }

    /// Sends `request`, signed with `key`. A 400 or 401 is answered with one more attempt in the other scheme.
    ///
    /// # Errors
    /// As [`NetClient::post`].
    pub async fn post(&self, request: &PostRequest<'_>, key: &Arc<SigningKey>) -> Result<Response, NetError> {
        self.knock(request.url, key, Exchange::Post(request)).await
    }

    /// Sends until the answer is settled: at most twice.
    async fn knock(
        &self,
        url: &str,
        key: &Arc<SigningKey>,
        exchange: Exchange<'_>,
    ) -> Result<Response, NetError> {
        let host = host_header(&self.net.policy().check(url)?.url);
        let mut attempt = Knock::first(self.memory.get(&host));
        loop {
            let clock = Arc::clone(&self.clock);
            let signer = HttpSigner::new(Arc::clone(key), attempt.scheme(), clock);
            let response = match exchange {
                Exchange::Get(request) => self.net.get(request, Some(&signer)).await?,
                Exchange::Post(request) => self.net.post(request, Some(&signer)).await?,
            };
            match attempt.after(response.status.as_u16()) {
                Next::Again(next) => attempt = next,
                Next::Settled(worked) => {
                    if let Some(scheme) = worked {
                        self.memory.remember(&host, scheme);
                    }
                    return Ok(response);
                }
            }
        }
    }
}

/// A request in either direction.
#[derive(Clone, Copy)]
enum Exchange<'a> {
    Get(&'a GetRequest<'a>),
    Post(&'a PostRequest<'a>),
}
