//! Worlds for tests: sites of ours that listen on loopback, and scripted servers of others.

mod remote;
mod site;
mod world;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, LazyLock},
};

use async_trait::async_trait;
use pouet_model::time::ManualClock;
use pouet_service::{
    keys::{KeyPair, generate_rsa_keypair},
    net::{NetClient, NetSettings, Resolve, Timeouts},
};

pub(crate) use remote::{Actor, Remote, Request};
pub(crate) use site::{Site, json_of, new_user};
pub(crate) use world::World;

/// The key of every honest actor of other servers: making one takes longer than a test.
pub(crate) static KEY: LazyLock<KeyPair> = LazyLock::new(|| generate_rsa_keypair().unwrap());
/// Another one.
pub(crate) static OTHER_KEY: LazyLock<KeyPair> = LazyLock::new(|| generate_rsa_keypair().unwrap());

/// A clock that stands at 2026-11-23, 10:00 UTC.
pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-11-23T10:00:00Z".parse().unwrap()))
}

/// An address that no site may contact, although it can be reached. [`INSIDE_NAME`] is there.
pub(crate) const INSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
pub(crate) const INSIDE_NAME: &str = "inside.test";

/// Every other name is where all sites are.
struct Loopback;

#[async_trait]
impl Resolve for Loopback {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let address = if host == INSIDE_NAME {
            INSIDE
        } else {
            Ipv4Addr::LOCALHOST
        };
        Ok(vec![address.into()])
    }
}

/// A client that may contact the other sites, for who answers to `own`.
fn client(own: &str) -> NetClient {
    let settings = NetSettings {
        allow_networks: vec!["127.0.0.1/32".parse().unwrap()],
        allow_http: true,
        user_agent: "pouet tests".to_owned(),
        own_hosts: vec![own.to_owned()],
        timeouts: Timeouts::default(),
        rate_limited: false,
    };
    NetClient::new(settings, Arc::new(Loopback)).unwrap()
}

/// A socket on loopback, and its authority.
fn listen() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    (listener, authority)
}
