//! Names to addresses, with the address gate between the answer and the socket.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};

use super::AddressGate;

/// How many addresses of each family are tried, so that a long answer cannot make one request dial for minutes.
const MAX_ADDRESSES_PER_FAMILY: usize = 2;

/// Turns a host name into addresses. Injected, so that tests have an internet of their own.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// All addresses of `host`, in order of preference. An empty list means that the name exists without any.
    ///
    /// # Errors
    /// When the name cannot be resolved.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let addresses = tokio::net::lookup_host((host, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}

/// A name that could not be turned into an address that may be dialled.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// The answer holds an address that may not be dialled.
    #[error("the answer holds the refused address {0}")]
    Blocked(IpAddr),
    /// No answer.
    #[error("no answer: {0}")]
    Failed(std::io::Error),
    /// An answer without addresses.
    #[error("the name has no address")]
    Empty,
}

/// The resolver the HTTP client connects through: what it returns is what is dialled, so nothing can be swapped
/// between the check and the connection.
pub(super) struct GatedResolver {
    inner: Arc<dyn Resolve>,
    gate: AddressGate,
}

impl GatedResolver {
    pub(super) fn new(inner: Arc<dyn Resolve>, gate: AddressGate) -> Self {
        Self { inner, gate }
    }
}

impl reqwest::dns::Resolve for GatedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let inner = Arc::clone(&self.inner);
        let gate = self.gate.clone();
        Box::pin(async move {
            let addresses = lookup(inner.as_ref(), &gate, name.as_str()).await?;
            // Port 0 stands for the port of the URL.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Resolves `host` and returns the addresses to dial.
pub(super) async fn lookup(
    resolver: &dyn Resolve,
    gate: &AddressGate,
    host: &str,
) -> Result<Vec<IpAddr>, ResolveError> {
    let answer = resolver.resolve(host).await.map_err(ResolveError::Failed)?;
    let mut addresses = gate.filter(&answer).map_err(ResolveError::Blocked)?;
    if addresses.is_empty() {
        return Err(ResolveError::Empty);
    }
    let (mut v4, mut v6) = (0, 0);
    addresses.retain(|address| {
        let seen = if address.is_ipv4() { &mut v4 } else { &mut v6 };
        *seen += 1;
        *seen <= MAX_ADDRESSES_PER_FAMILY
    });
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    struct Answer(Vec<&'static str>);

    #[async_trait]
    impl Resolve for Answer {
        async fn resolve(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
            Ok(self.0.iter().map(|text| text.parse().unwrap()).collect())
        }
    }

    async fn dialled(answer: Vec<&'static str>) -> Result<Vec<String>, ResolveError> {
        let addresses = lookup(&Answer(answer), &AddressGate::default(), "a.test").await?;
        Ok(addresses.iter().map(ToString::to_string).collect())
    }

    #[tokio::test]
    async fn sec_R003_a_mixed_answer_is_refused_whole() {
        let refused = dialled(vec!["8.8.8.8", "192.168.0.1"]).await.unwrap_err();
        assert!(matches!(refused, ResolveError::Blocked(address) if address.to_string() == "192.168.0.1"));
        let empty = dialled(vec![]).await.unwrap_err();
        assert!(matches!(empty, ResolveError::Empty));
    }

    #[tokio::test]
    async fn two_addresses_of_each_family_are_tried() {
        let tried = dialled(vec![
            "8.8.8.8", "2606::1", "8.8.4.4", "9.9.9.9", "2606::2", "2606::3",
        ])
        .await
        .unwrap();
        assert_eq!(tried, ["8.8.8.8", "2606::1", "8.8.4.4", "2606::2"]);
    }
}
