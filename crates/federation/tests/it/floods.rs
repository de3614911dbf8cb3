//! Who sends much, or keeps us waiting, does not keep others waiting.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use pouet_federation::{Federation, jobs::Jobs, routes::FetchAuth};
use pouet_model::time::ManualClock;
use pouet_service::{
    inbox::{self, Accepted, ReceivedActivity},
    jobs::Worker,
    statuses,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::common::{Actor, KEY, Remote, World};

/// What rule R096 allows 95 of 100 activities of others to wait.
const MOST: Duration = Duration::from_secs(5);
const QUIET: usize = 20;
const ROUNDS: usize = 3;

/// A worker that runs in the background, as in the program.
struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(world: &World) -> Self {
        let instance = world.site.instance.clone();
        let federation = Federation::new(instance.clone(), FetchAuth::Off);
        let jobs = Jobs::new(&federation).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(instance, Arc::new(jobs));
        Self {
            stop,
            task: tokio::spawn(worker.run(stopped)),
        }
    }

    /// Ends it, whatever it waits for.
    async fn end(self) {
        self.stop.send_replace(true);
        self.task.abort();
        let _ = self.task.await;
    }
}

/// A server with somebody who writes to Ben now and then.
struct Quiet {
    remote: Remote,
    bob: Actor,
}

impl Quiet {
    fn start(at: usize, clock: &Arc<ManualClock>) -> Self {
        let remote = Remote::start_as(&format!("quiet{at}.test"), clock);
        let bob = remote.actor("bob");
        Self { remote, bob }
    }

    /// Sends something and waits until it is there; how long that took.
    async fn send(&self, world: &World, name: &str) -> Duration {
        let create = to_ben(world, &self.remote, &self.bob, name);
        let inbox = format!("{}/ap/inbox", world.site.url);
        let begun = Instant::now();
        assert_eq!(self.remote.send(&self.bob, &inbox, &create).await, 202);
        let uri = create["object"]["id"].as_str().unwrap();
        while statuses::find_by_uri(&world.site.instance, uri)
            .await
            .unwrap()
            .is_none()
        {
            sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    }
}

/// The Create of a note that names Ben.
fn to_ben(world: &World, remote: &Remote, actor: &Actor, name: &str) -> Value {
    let ben = world.site.uri(&world.ben);
    let mut note = remote.note(actor, name, "<p>hello</p>");
    note["cc"] = json!([ben]);
    note["tag"] = json!([{ "type": "Mention", "href": ben }]);
    let mut create = actor.activity("Create", name, &note);
    create["cc"] = note["cc"].clone();
    create
}

/// How long 95 of 100 had to wait at most.
fn p95(mut waits: Vec<Duration>) -> Duration {
    waits.sort_unstable();
    waits[(waits.len() * 95).div_ceil(100) - 1]
}

async fn accept(world: &World, signer: &str, activity: &Value) {
    let received = ReceivedActivity {
        uri: activity["id"].as_str().unwrap().to_owned(),
        signer_uri: signer.to_owned(),
        recipient: None,
        body: activity.to_string(),
    };
    assert_eq!(
        inbox::accept(&world.site.instance, received).await.unwrap(),
        Accepted::New
    );
}

/// An address at which a connection is accepted and answered byte by byte, without end.
async fn tarpit(name: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                let _ = stream.read(&mut chunk).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\n";
                let length = "content-length: 100000\r\n\r\n";
                let _ = stream.write_all(format!("{head}{length}").as_bytes()).await;
                while stream.write_all(b" ").await.is_ok() {
                    sleep(Duration::from_millis(500)).await;
                }
            });
        }
    });
    format!("http://{name}:{port}")
}

#[actix_web::test]
async fn sec_R096_twenty_quiet_servers_are_heard_beside_a_noisy_one() {
    let world = World::start().await;
    let noisy = Remote::start_as("noisy.test", &world.clock);
    let people: Vec<Actor> = (0..20).map(|at| noisy.actor(&format!("nora{at}"))).collect();
    for at in 0..800 {
        let actor = &people[at % people.len()];
        accept(
            &world,
            &actor.id,
            &to_ben(&world, &noisy, actor, &format!("waits{at}")),
        )
        .await;
    }
    let quiet: Vec<Quiet> = (0..QUIET).map(|at| Quiet::start(at, &world.clock)).collect();
    let running = Running::start(&world).await;
    let inbox = format!("{}/ap/inbox", world.site.url);
    let (here, loud, address) = (&world, &noisy, &inbox);
    let flood = join_all(people.iter().enumerate().map(|(at, actor)| async move {
        for round in 0..10 {
            let create = to_ben(here, loud, actor, &format!("more{at}-{round}"));
            assert_eq!(loud.send(actor, address, &create).await, 202);
        }
    }));
    let heard = join_all(quiet.iter().map(|one| async move {
        let mut waits = Vec::new();
        for round in 0..ROUNDS {
            waits.push(one.send(here, &format!("{round}")).await);
        }
        waits
    }));
    let (_, waits) = timeout(Duration::from_mins(1), async { tokio::join!(flood, heard) })
        .await
        .unwrap();
    let waits: Vec<Duration> = waits.into_iter().flatten().collect();
    assert_eq!(waits.len(), QUIET * ROUNDS);
    let p95 = p95(waits);
    println!("95 of 100 activities of quiet servers waited {p95:?} or less");
    assert!(p95 < MOST, "{p95:?}");
    running.end().await;
}

#[actix_web::test]
async fn sec_R096_tarpits_do_not_starve_lookups_of_the_keys_of_others() {
    let world = World::start().await;
    let inbox = format!("{}/ap/inbox", world.site.url);
    let mut waiting = Vec::new();
    for host in 0..4 {
        let address = tarpit(&format!("tarpit{host}.test")).await;
        for at in 0..50 {
            let actor = format!("{address}/users/{at}");
            let like = json!({
                "id": format!("{actor}/like"),
                "type": "Like",
                "actor": actor,
                "object": world.site.uri(&world.ben),
            });
            waiting.push((format!("{actor}#main-key"), like));
        }
    }
    let (here, address) = (&world, &inbox);
    let stuck = join_all(
        waiting
            .iter()
            .map(|(key_id, like)| async move { here.far.send_signed(key_id, &KEY, address, like).await }),
    );
    let quiet: Vec<Quiet> = (0..QUIET).map(|at| Quiet::start(at, &world.clock)).collect();
    let others = async {
        // All that can wait for tarpits does by then.
        sleep(Duration::from_millis(1500)).await;
        let sent = join_all(quiet.iter().map(|one| async move {
            let begun = Instant::now();
            let create = to_ben(here, &one.remote, &one.bob, "hello");
            assert_eq!(one.remote.send(&one.bob, address, &create).await, 202);
            begun.elapsed()
        }));
        sent.await
    };
    let (stuck, waits) = timeout(Duration::from_mins(1), async { tokio::join!(stuck, others) })
        .await
        .unwrap();
    assert!(stuck.iter().all(|status| *status == 503), "{stuck:?}");
    let p95 = p95(waits);
    println!("95 of 100 lookups beside four tarpits took {p95:?} or less");
    assert!(p95 < Duration::from_secs(3), "{p95:?}");
}

#[actix_web::test]
async fn sec_R096_tarpits_do_not_hold_the_places_of_others() {
    let world = World::start().await;
    let mut evil = Vec::new();
    for host in 0..4 {
        let address = tarpit(&format!("tarpit{host}.test")).await;
        let remote = Remote::start_as(&format!("evil{host}.test"), &world.clock);
        for at in 0..60 {
            let actor = remote.actor(&format!("eve{at}"));
            let mut create = to_ben(&world, &remote, &actor, &format!("n{at}"));
            let stuck = json!({ "type": "Mention", "href": format!("{address}/users/{at}") });
            create["object"]["tag"].as_array_mut().unwrap().push(stuck);
            accept(&world, &actor.id, &create).await;
        }
        evil.push(remote);
    }
    let running = Running::start(&world).await;
    // All that can wait for tarpits does by then.
    sleep(Duration::from_secs(2)).await;
    let quiet: Vec<Quiet> = (0..QUIET).map(|at| Quiet::start(at, &world.clock)).collect();
    let heard = join_all(quiet.iter().map(|one| one.send(&world, "hello")));
    let waits = timeout(Duration::from_secs(30), heard)
        .await
        .expect("all are heard");
    let p95 = p95(waits);
    println!("95 of 100 activities beside four tarpits waited {p95:?} or less");
    assert!(p95 < MOST, "{p95:?}");
    running.end().await;
}
