//! Many servers in one process, for what only shows with many: each has an address of its own on loopback, followers
//! with keys, and a way of its own to take what it is sent.
//!
//! A host is known as `127.77.x.y:PORT`, with the same port for all of them, so that a thousand hosts need one port lock
//! and no port of another test.

mod serve;
mod sign;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::account::text_of;
use crate::http::{Reply, http};
use crate::port::Port;
use sign::Key;

/// How a host takes what is posted to it, once the storm has begun. Before, all are [`Quick`](Self::Quick).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conduct {
    /// 202 at once.
    Quick,
    /// 202 after that time. The activity counts as arrived when it was read.
    Slow(Duration),
    /// 429 with that `Retry-After` from the first request on for as long, 202 afterwards.
    Busy(Duration),
    /// 410 for whatever is asked.
    Gone,
    /// Nobody listens.
    Refusing,
    /// Connections are taken and never answered.
    Silent,
}

/// How many hosts of each kind a fleet has; the rest is quick.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    /// All hosts.
    pub hosts: usize,
    /// Followers, spread evenly over the hosts.
    pub followers: usize,
    /// How long slow hosts take.
    pub slow: Duration,
    /// What busy hosts say in `Retry-After`.
    pub retry_after: Duration,
}

/// A POST that a host has read.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Id of the activity.
    pub activity: String,
    /// Its type.
    pub kind: String,
    /// Id of its object.
    pub object: String,
    /// The path that it was sent to.
    pub path: String,
    /// When it had been read.
    pub at: Instant,
    /// What it was answered, or will be.
    pub status: u16,
}

/// One server of the fleet.
#[derive(Debug)]
pub struct Host {
    address: SocketAddrV4,
    /// How it behaves in the storm.
    pub conduct: Conduct,
    storm: Arc<AtomicBool>,
    /// When a busy host answered so first.
    busy_since: Mutex<Option<Instant>>,
    arrivals: Mutex<Vec<Arrival>>,
    public_key: Arc<str>,
    listener: Mutex<Option<JoinHandle<()>>>,
}

/// All servers, until dropped.
#[derive(Debug)]
pub struct Fleet {
    /// The servers.
    pub hosts: Vec<Arc<Host>>,
    followers: usize,
    key: Arc<Key>,
    storm: Arc<AtomicBool>,
    _port: Port,
}

impl Mix {
    /// The conduct of the host with that number: of a hundred, ten are dead (half of these silent), five slow, five busy
    /// and one gone.
    fn conduct(&self, number: usize) -> Conduct {
        match number % 100 {
            0..5 => Conduct::Refusing,
            5..10 => Conduct::Silent,
            10..15 => Conduct::Slow(self.slow),
            15..20 => Conduct::Busy(self.retry_after),
            20 => Conduct::Gone,
            _ => Conduct::Quick,
        }
    }
}

impl Host {
    /// Its base address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has read.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What it has read of the activities of that type about that object.
    pub fn arrivals_of(&self, kind: &str, object: &str) -> Vec<Arrival> {
        let mut all = self.arrivals();
        all.retain(|arrival| arrival.kind == kind && arrival.object == object);
        all
    }

    /// When it first accepted the Create of that object.
    pub fn has(&self, object: &str) -> Option<Instant> {
        let all = self.arrivals_of("Create", object);
        all.iter()
            .find(|arrival| arrival.status == 202)
            .map(|arrival| arrival.at)
    }

    /// Whether it will accept what it is sent, sooner or later.
    pub fn is_live(&self) -> bool {
        matches!(self.conduct, Conduct::Quick | Conduct::Slow(_) | Conduct::Busy(_))
    }

    fn conduct_now(&self) -> Conduct {
        if self.storm.load(Ordering::SeqCst) {
            self.conduct
        } else {
            Conduct::Quick
        }
    }

    fn stop_listening(&self) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = listener.take() {
            task.abort();
        }
    }
}

impl Fleet {
    /// Starts all hosts.
    ///
    /// # Panics
    /// When an address cannot be listened on; each host takes one file descriptor.
    pub async fn start(mix: &Mix) -> Self {
        let port = Port::take();
        let (key, storm) = (Arc::new(Key::generate()), Arc::new(AtomicBool::new(false)));
        let public_key: Arc<str> = key.public_pem().into();
        let mut hosts = Vec::new();
        for number in 0..mix.hosts {
            let [high, low] = u16::try_from(number + 1)
                .expect("a fleet has fewer hosts")
                .to_be_bytes();
            let address = SocketAddrV4::new(Ipv4Addr::new(127, 77, high, low), port.number());
            let listener = TcpListener::bind(address).await;
            let listener = listener.unwrap_or_else(|error| panic!("cannot listen on {address}: {error}"));
            let host = Arc::new(Host {
                address,
                conduct: mix.conduct(number),
                storm: Arc::clone(&storm),
                busy_since: Mutex::default(),
                arrivals: Mutex::default(),
                public_key: Arc::clone(&public_key),
                listener: Mutex::default(),
            });
            let task = tokio::spawn(serve::accept(Arc::clone(&host), listener));
            *host.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
            hosts.push(host);
        }
        Self {
            hosts,
            followers: mix.followers,
            key,
            storm,
            _port: port,
        }
    }

    /// Makes every follower ask to follow `actor`, with signed requests to `inbox`, so many at a time.
    ///
    /// # Panics
    /// When one is refused.
    pub async fn follow(&self, actor: &str, inbox: &str, at_once: usize) {
        let asked = stream::iter(0..self.followers).map(async |number| {
            let host = &self.hosts[number % self.hosts.len()];
            let follower = format!("{}/users/f{number}", host.url());
            let follow = json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": format!("{follower}/follow"),
                "type": "Follow",
                "actor": follower,
                "object": actor,
            });
            let (key, body) = (Arc::clone(&self.key), follow.to_string());
            let headers = key.headers(&format!("{follower}#main-key"), inbox, &body);
            let mut request = http()
                .post(inbox)
                .header("content-type", "application/activity+json");
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let reply = Reply::of(request.body(body)).await;
            reply.expect("the server answers").expect(202);
        });
        asked.buffer_unordered(at_once).collect::<Vec<()>>().await;
    }

    /// From now on every host behaves as its [`Conduct`] says.
    pub fn begin_storm(&self) {
        self.storm.store(true, Ordering::SeqCst);
        for host in &self.hosts {
            if host.conduct == Conduct::Refusing {
                host.stop_listening();
            }
        }
    }

    /// Succeeds when every live host that `which` keeps has accepted the Create of that object.
    ///
    /// # Errors
    /// How many have it, and one that does not.
    pub fn all_have(&self, object: &str, which: impl Fn(&Host) -> bool) -> anyhow::Result<()> {
        let wanted = self.hosts.iter().filter(|host| host.is_live() && which(host));
        let (have, lack): (Vec<_>, Vec<_>) = wanted.partition(|host| host.has(object).is_some());
        let Some(first) = lack.first() else {
            return Ok(());
        };
        bail!(
            "{} have it, {} do not, such as {} ({:?}), which has read {:?}",
            have.len(),
            lack.len(),
            first.url(),
            first.conduct,
            first.arrivals_of("Create", object)
        )
    }

    /// How many hosts have accepted the Create of that object.
    pub fn count(&self, object: &str) -> usize {
        self.hosts
            .iter()
            .filter(|host| host.has(object).is_some())
            .count()
    }

    /// How long after the moment when each host could have it first it had it, by kind of host: least, median, most.
    ///
    /// That moment is `posted`, and for busy hosts the end of the time that they asked for in their first answer.
    pub fn delays(&self, object: &str, posted: Instant) -> BTreeMap<Conduct, [Duration; 3]> {
        let mut all: BTreeMap<Conduct, Vec<Duration>> = BTreeMap::new();
        for host in &self.hosts {
            let Some(at) = host.has(object) else {
                continue;
            };
            let busy = *host.busy_since.lock().unwrap_or_else(PoisonError::into_inner);
            let possible = match (host.conduct, busy) {
                (Conduct::Busy(wait), Some(since)) => posted.max(since + wait),
                _ => posted,
            };
            all.entry(host.conduct)
                .or_default()
                .push(at.saturating_duration_since(possible));
        }
        all.into_iter()
            .map(|(conduct, mut delays)| {
                delays.sort();
                let last = delays.len() - 1;
                (conduct, [delays[0], delays[last / 2], delays[last]])
            })
            .collect()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for host in &self.hosts {
            host.stop_listening();
        }
    }
}

/// The inbox that a server wants for all its accounts, read from an actor of it.
///
/// # Panics
/// When the actor cannot be read.
pub async fn shared_inbox(actor: &str) -> String {
    let request = http().get(actor).header("accept", "application/activity+json");
    let document: Value = Reply::of(request).await.expect("the server answers").ok();
    text_of(&document["endpoints"], "sharedInbox")
}
