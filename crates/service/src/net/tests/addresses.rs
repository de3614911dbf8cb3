//! Which addresses are dialled.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use proptest::prelude::*;

use super::*;

#[tokio::test]
async fn sec_R001_no_connection_is_made_to_a_refused_address() {
    let server = Server::start(|_| ok("", b"{}")).await;
    // The server would answer, but loopback is not among the listed networks.
    let dns = FakeDns::new(&[
        ("a.test", &[&["127.0.0.1"]]),
        ("mixed.test", &[&["10.1.1.1", "127.0.0.1"]]),
    ]);
    let client = NetClient::new(settings(&["10.0.0.0/8"]), dns).unwrap();
    for host in ["a.test", "mixed.test"] {
        let refused = get(&client, &server.url(host, "/")).await.unwrap_err();
        assert!(refused.is_blocked() && !refused.is_temporary(), "{refused}");
        assert!(
            matches!(&refused, NetError::BlockedAddress { address, .. } if address.is_loopback()),
            "{refused}"
        );
    }
    for literal in ["127.0.0.1", "[::1]", "2130706433"] {
        let refused = get(&client, &server.url(literal, "/")).await.unwrap_err();
        assert!(matches!(refused, NetError::BlockedUrl(UrlError::IpLiteral)));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn sec_R001_listed_networks_are_reached_by_name_and_by_literal() {
    let server = Server::start(|_| ok("", b"{}")).await;
    let client = client(FakeDns::loopback());
    for host in ["a.test", "127.0.0.1"] {
        assert!(get(&client, &server.url(host, "/")).await.is_ok(), "{host}");
    }
}

#[tokio::test]
async fn fed_132_sec_R003_the_checked_address_is_the_one_dialled() {
    let server = Server::start(|_| ok("", b"{}")).await;
    let dns = FakeDns::new(&[("turn.test", &[&["127.0.0.1"], &["192.168.0.1"]])]);
    let client = client(Arc::clone(&dns));
    let url = server.url("turn.test", "/");
    assert!(get(&client, &url).await.is_ok());
    assert_eq!((dns.asked(), server.connections()), (1, 1));
    // The second lookup is answered with a private address: the fetch fails instead of using the first answer.
    let refused = get(&client, &url).await.unwrap_err();
    assert!(matches!(refused, NetError::BlockedAddress { .. }));
    assert_eq!((dns.asked(), server.connections()), (2, 1));
}

#[tokio::test]
async fn sec_R003_unusual_ports_never_reach_a_public_address() {
    let dns = FakeDns::new(&[("public.test", &[&["8.8.8.8"]])]);
    let refused = get(&client(dns), "https://public.test:22/").await.unwrap_err();
    assert!(
        matches!(&refused, NetError::BlockedAddress { address, .. } if address.to_string() == "8.8.8.8"),
        "{refused}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sec_R001_refused_addresses_are_never_handed_to_the_connector(v4: u32, v6: u128, pick: bool) {
        let address: IpAddr = if pick { IpAddr::V4(v4.into()) } else { IpAddr::V6(v6.into()) };
        let gate = AddressGate::default();
        let dialled = futures_util::FutureExt::now_or_never(resolver::lookup(
            &OneAddress(address),
            &gate,
            "a.test",
        ))
        .unwrap();
        prop_assert_eq!(dialled.is_ok(), is_global(address));
    }
}

/// A resolver with one answer to everything.
struct OneAddress(IpAddr);

#[async_trait]
impl Resolve for OneAddress {
    async fn resolve(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![self.0])
    }
}

#[test]
fn sec_R005_proxies_of_the_environment_are_ignored() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    // The environment of a process can be set for another one only: a test that fetches is run again there.
    let mut fetching = std::process::Command::new(std::env::current_exe().unwrap());
    fetching.args([
        "--exact",
        "net::tests::addresses::sec_R001_listed_networks_are_reached_by_name_and_by_literal",
    ]);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        fetching.env(name, &address);
    }
    let output = fetching
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert!(proxy.accept().is_err(), "nothing came to the proxy");
}
