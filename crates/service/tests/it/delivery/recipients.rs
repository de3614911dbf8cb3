//! Whose inboxes something goes to, and inboxes that are gone.

use chrono::TimeDelta;
use pouet_model::{
    account::{ActorType, RemoteActor},
    ids::AccountId,
    status::Visibility,
};
use pouet_service::{
    accounts::{self, ActorData},
    delivery::{self, Outgoing, Recipients},
    follows::{self, FollowOptions},
    statuses::{self, NewStatus, ReceivedReblog},
};
use pouet_storage::jobs;

use super::{B, answered, enqueue, given_up, outgoing, waiting, worker};
use crate::common::{World, on_each_database};

fn actor(name: &str, host: &str, shared: bool) -> ActorData {
    let uri = format!("https://{host}/users/{name}");
    ActorData {
        username: name.to_owned(),
        domain: host.to_owned(),
        url: None,
        actor_type: ActorType::Person,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar_url: None,
        header_url: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        memorial: false,
        suspended: false,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        moved_to_uri: None,
        remote: RemoteActor {
            inbox: format!("{uri}/inbox"),
            shared_inbox: shared.then(|| format!("https://{host}/inbox")),
            followers: Some(format!("{uri}/followers")),
            ..RemoteActor::default()
        },
        featured_tags: None,
        created_at: None,
        keys: Vec::new(),
        uri,
    }
}

async fn follower(world: &World, name: &str, host: &str, shared: bool, of: AccountId) -> AccountId {
    let account = accounts::receive_actor(world, actor(name, host, shared))
        .await
        .unwrap();
    let uri = format!("https://{host}/follows/{name}");
    follows::receive_follow(world, account.id, of, &uri)
        .await
        .unwrap();
    account.id
}

#[tokio::test]
async fn fed_129_followers_behind_one_shared_inbox_cost_one_delivery() {
    on_each_database(async |world| {
        let (_, alice) = world.user("alice").await;
        for number in 0..500 {
            follower(&world, &format!("f{number}"), "b.test", true, alice.id).await;
        }
        follower(&world, "lone", "c.test", false, alice.id).await;
        let bob = accounts::receive_actor(&world, actor("bob", "b.test", true))
            .await
            .unwrap();
        let recipients = Recipients {
            followers_of: vec![alice.id],
            accounts: vec![bob.id, alice.id],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(&world, recipients).await.unwrap();
        assert_eq!(inboxes, [B, "https://c.test/users/lone/inbox"]);
        let personally = Recipients {
            personally: vec![bob.id, alice.id],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(&world, personally).await.unwrap();
        assert_eq!(inboxes, ["https://b.test/users/bob/inbox"]);
    })
    .await;
}

#[tokio::test]
async fn fed_127_a_shared_inbox_that_is_gone_gives_way_to_personal_ones_once() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        let (_, alice) = world.user("alice").await;
        follower(&world, "bob", "b.test", true, alice.id).await;
        accounts::receive_actor(&world, actor("eve", "b.test", true))
            .await
            .unwrap();
        accounts::receive_actor(&world, actor("mentioned", "b.test", true))
            .await
            .unwrap();
        let outgoing = Outgoing {
            account_id: Some(alice.id),
            ..outgoing(
                &world,
                r#"{"to":"https://b.test/users/mentioned","cc":["https://pouet.example/f"]}"#,
                "o",
                &[B],
            )
        };
        delivery::enqueue(&world, outgoing).await.unwrap();
        peers.answer_always("b.test", answered(410));
        worker.run_due().await.unwrap();
        let mut sent: Vec<String> = peers
            .take_deliveries()
            .into_iter()
            .map(|delivery| delivery.inbox_url)
            .collect();
        sent.sort_unstable();
        assert_eq!(
            sent,
            [
                B,
                "https://b.test/users/bob/inbox",
                "https://b.test/users/mentioned/inbox"
            ]
        );
        assert_eq!((waiting(&world).await, given_up(&world).await), (0, 3));
        let recipients = Recipients {
            followers_of: vec![alice.id],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(&world, recipients).await.unwrap();
        assert_eq!(inboxes, ["https://b.test/users/bob/inbox"]);
    })
    .await;
}

async fn refreshes(world: &World) -> usize {
    let now = world.now();
    let claimed = world
        .store()
        .write(move |tx| jobs::claim_jobs(tx, now, now + TimeDelta::seconds(1), 1000, jobs::Turns::default()))
        .await
        .unwrap();
    claimed
        .iter()
        .filter(|job| job.payload.contains("RefreshAccount"))
        .count()
}

#[tokio::test]
async fn fed_122_actors_whose_inbox_went_are_fetched_again() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        accounts::receive_actor(&world, actor("bob", "b.test", false))
            .await
            .unwrap();
        let inbox = "https://b.test/users/bob/inbox";
        for (statuses, expected) in [
            (&[301][..], 1),
            (&[410], 1),
            (&[404, 404], 0),
            (&[404], 1),
            (&[422], 0),
        ] {
            for status in statuses {
                peers.answer_once("b.test", answered(*status));
                enqueue(&world, "x", inbox).await;
            }
            worker.run_due().await.unwrap();
            assert_eq!(refreshes(&world).await, expected, "{statuses:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn changes_reach_those_who_have_a_copy_or_met_the_author() {
    on_each_database(async |world| {
        let (ada, ada_account) = world.user("ada").await;
        let mut remote = Vec::new();
        for name in ["fan", "booster", "named", "wanted", "stranger"] {
            let host = format!("{name}.test");
            let account = accounts::receive_actor(&world, actor(name, &host, false))
                .await
                .unwrap();
            remote.push(account.id);
        }
        let [fan, booster, _, wanted, _] = remote[..] else {
            panic!("five accounts");
        };
        let new = NewStatus {
            text: "hello @named@named.test".to_owned(),
            ..NewStatus::default()
        };
        let status = statuses::post(&world, &ada, new).await.unwrap();
        statuses::receive_favourite(&world, fan, None, status)
            .await
            .unwrap();
        let boost = ReceivedReblog {
            actor: booster,
            uri: "https://booster.test/1".to_owned(),
            target: status,
            visibility: Visibility::Public,
            published: world.now(),
        };
        statuses::receive_reblog(&world, boost).await.unwrap();
        follows::follow(&world, ada_account.id, wanted, FollowOptions::default())
            .await
            .unwrap();

        let inboxes = async |recipients| {
            let found = delivery::inboxes(&world, recipients).await.unwrap();
            let hosts = found
                .iter()
                .map(|inbox| inbox.split('/').nth(2).unwrap().to_owned());
            hosts.collect::<Vec<_>>()
        };
        let interested = Recipients {
            interested_in: Some(status),
            ..Recipients::default()
        };
        assert_eq!(inboxes(interested).await, ["booster.test", "fan.test"]);
        let acquaintances = || Recipients {
            acquaintances_of: Some(ada_account.id),
            ..Recipients::default()
        };
        assert_eq!(inboxes(acquaintances()).await, ["named.test", "wanted.test"]);
        world.clock.advance(TimeDelta::days(3));
        assert_eq!(
            inboxes(acquaintances()).await,
            ["wanted.test"],
            "it still waits for an answer"
        );
        let everybody = Recipients {
            all_hosts: true,
            ..Recipients::default()
        };
        assert_eq!(inboxes(everybody).await.len(), 5);
    })
    .await;
}
