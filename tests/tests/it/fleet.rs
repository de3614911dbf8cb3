//! One author with followers on many hosts, some of which are slow, busy, gone or dead, and a sender that is killed twice.
//!
//! | variable | meaning |
//! |---|---|
//! | `POUET_TEST_FLEET_HOSTS` | how many hosts there are; 100 if not set |
//! | `POUET_TEST_FLEET_FOLLOWERS` | how many followers; ten for each host if not set |

use std::time::{Duration, Instant};

use anyhow::ensure;
use pouet_tests::account::uri_of;
use pouet_tests::database::Backend;
use pouet_tests::fleet::{Conduct, Fleet, Mix, shared_inbox};
use pouet_tests::{Account, Options, Server, eventually};

/// How long slow hosts take to answer.
const SLOW: Duration = Duration::from_secs(8);

/// What busy hosts ask for; a sender waits for half a minute at least.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// How often the sender is killed.
const KILLS: usize = 2;

/// What the sender's memory may grow by, in MiB, whatever the number of hosts.
const GROWTH_MIB: u64 = 256;

fn setting(name: &str, default: usize) -> usize {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is a number"))
    })
}

/// Ada with all followers, and the fleet they are on.
async fn gather(server: &Server, mix: &Mix) -> (Account, Fleet) {
    let ada = server.account("ada").await;
    let fleet = Fleet::start(mix).await;
    let actor = ada.actor_id().await;
    let started = Instant::now();
    fleet.follow(&actor, &shared_inbox(&actor).await, 16).await;
    let accepted = started.elapsed();
    let limit = Duration::from_secs(60 + mix.followers as u64 / 10);
    eventually("all followers to be let in", limit, async || {
        let account = ada.client.get(&format!("/api/v1/accounts/{}", ada.id)).await.ok();
        ensure!(
            account["followers_count"] == mix.followers,
            "{} of {}",
            account["followers_count"],
            mix.followers
        );
        Ok(())
    })
    .await;
    let let_in = started.elapsed();
    eventually("all answers to be sent", limit, async || {
        let answers: usize = fleet
            .hosts
            .iter()
            .map(|host| host.arrivals().iter().filter(|it| it.kind == "Accept").count())
            .sum();
        ensure!(answers >= mix.followers, "{answers} of {}", mix.followers);
        Ok(())
    })
    .await;
    println!(
        "{} followers on {} hosts: Follows accepted after {accepted:.1?}, let in after {let_in:.1?}, answered after {:.1?}",
        mix.followers,
        mix.hosts,
        started.elapsed()
    );
    (ada, fleet)
}

fn print_delays(fleet: &Fleet, what: &str, uri: &str, posted: Instant) {
    println!(
        "{what}: seconds from the moment at which a host could have it until it had it (least, median, most)"
    );
    for (conduct, [least, median, most]) in fleet.delays(uri, posted) {
        println!("    {conduct:?}: {least:.2?}, {median:.2?}, {most:.2?}");
    }
}

/// One POST to the shared inbox of each host, by which nobody waits for another.
fn check_undisturbed(fleet: &Fleet, uri: &str) {
    for host in fleet.hosts.iter().filter(|host| host.conduct == Conduct::Quick) {
        let arrivals = host.arrivals_of("Create", uri);
        assert_eq!(arrivals.len(), 1, "{arrivals:?}");
        assert_eq!(arrivals[0].path, "/inbox");
    }
}

/// Each host has accepted it once, or once more for each time the sender was killed, always under the same id.
fn check_once(fleet: &Fleet, uri: &str) -> usize {
    let mut repeated = 0;
    for host in &fleet.hosts {
        let mut arrivals = host.arrivals_of("Create", uri);
        if host.conduct == Conduct::Gone {
            let shared = arrivals.iter().filter(|it| it.path == "/inbox").count();
            assert!(
                shared <= 1 + KILLS,
                "{} is gone and was asked {shared} times",
                host.url()
            );
            continue;
        }
        let early = arrivals.iter().filter(|it| it.status == 429).count();
        assert!(
            early <= 1,
            "{} asked for time and was asked again {early} times",
            host.url()
        );
        arrivals.retain(|arrival| arrival.status == 202);
        assert!(arrivals.len() <= 1 + KILLS, "{arrivals:?}");
        assert!(
            arrivals
                .iter()
                .all(|it| it.activity == arrivals[0].activity && it.path == "/inbox"),
            "{arrivals:?}"
        );
        repeated += arrivals.len().saturating_sub(1);
    }
    repeated
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_R097_one_post_reaches_a_fleet() {
    let hosts = setting("POUET_TEST_FLEET_HOSTS", 100);
    let mix = Mix {
        hosts,
        followers: setting("POUET_TEST_FLEET_FOLLOWERS", hosts * 10),
        slow: SLOW,
        retry_after: RETRY_AFTER,
    };
    // A second for each fifty hosts that a machine with two busy cores signs for and sends to.
    let prompt = Duration::from_secs(10 + hosts as u64 / 50);
    let mut server = Server::start(Options::new(Backend::Sqlite)).await;
    let idle = server.memory();
    let (ada, fleet) = gather(&server, &mix).await;
    let before = server.memory();
    fleet.begin_storm();

    // Undisturbed: whoever can have it at once has it promptly, while others are slow or dead.
    let posted = Instant::now();
    let first = uri_of(&ada.publish("to everybody").await);
    println!("the request to post took {:.2?}", posted.elapsed());
    eventually("all live hosts to have the first post", prompt, async || {
        fleet.all_have(&first, |host| !matches!(host.conduct, Conduct::Busy(_)))
    })
    .await;
    // What has just been answered is written down.
    tokio::time::sleep(Duration::from_secs(1)).await;
    check_undisturbed(&fleet, &first);
    let storm = server.memory();

    // Killed twice, when some and when half of the hosts have it.
    let posted_again = Instant::now();
    let second = uri_of(&ada.publish("to everybody, come what may").await);
    let mut peak = storm.peak;
    for part in [hosts / 10, hosts / 2] {
        while fleet.count(&second) < part {
            assert!(
                posted_again.elapsed() < prompt,
                "{} of {part}",
                fleet.count(&second)
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        peak = peak.max(server.memory().peak);
        server.kill();
        println!("killed when {} hosts had it", fleet.count(&second));
        server.start_again().await;
    }
    // Slow hosts may still be at the first one.
    let limit = prompt + 2 * SLOW;
    eventually("all live hosts to have the second post", limit, async || {
        fleet.all_have(&second, |host| !matches!(host.conduct, Conduct::Busy(_)))
    })
    .await;

    eventually("the busy hosts to have both", RETRY_AFTER + prompt, async || {
        fleet.all_have(&first, |_| true)?;
        fleet.all_have(&second, |_| true)
    })
    .await;
    peak = peak.max(server.memory().peak);
    print_delays(&fleet, "first post", &first, posted);
    print_delays(&fleet, "second post, with two kills", &second, posted_again);
    let repeated = check_once(&fleet, &first) + check_once(&fleet, &second);
    println!("sent again because of a kill: {repeated}");
    println!(
        "resident: {} MiB idle, {} MiB with all followers, {} MiB in the storm; {peak} MiB at most",
        idle.resident, before.resident, storm.resident
    );
    for (conduct, [_, _, most]) in fleet.delays(&first, posted) {
        assert!(most < prompt, "{conduct:?}: {most:?}");
    }
    assert!(
        peak < idle.resident + GROWTH_MIB,
        "{peak} MiB, from {} MiB",
        idle.resident
    );
}
