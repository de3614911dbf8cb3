//! Followers that come all at once, and how to be rid of them.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    alert::{Alert, AlertAbout, AlertKind},
    ids::AccountId,
};
use pouet_service::{
    Error,
    accounts::{self, ActorData},
    alerts,
    follows::{self, FollowOptions, FollowerChoice},
    jobs::Job,
};

use super::{account, actor, local, locals, relationship, take_jobs};
use crate::common::{World, on_each_database};

/// A remote account that says since when it exists.
async fn created(world: &World, username: &str, domain: &str, at: DateTime<Utc>) -> AccountId {
    let new = ActorData {
        created_at: Some(at),
        ..actor(username, domain)
    };
    accounts::receive_actor(world, new).await.unwrap().id
}

async fn follow(world: &World, follower: AccountId, target: AccountId) {
    let uri = format!("https://follows.example/{follower}/{target}");
    follows::receive_follow(world, follower, target, &uri)
        .await
        .unwrap();
}

/// Accounts of as many domains, one created a month after the other.
async fn people(world: &World, name: &str, count: usize) -> Vec<AccountId> {
    let mut found = Vec::new();
    for n in 0..count {
        let at = world.now() - TimeDelta::days(30 * (n as i64 + 1));
        found.push(created(world, &format!("{name}{n}"), &format!("{name}{n}.example"), at).await);
    }
    found
}

async fn told(world: &World) -> Vec<Alert> {
    alerts::watch_followers(world).await.unwrap();
    let found = alerts::list(world, false, 10).await.unwrap();
    found.into_iter().map(|view| view.alert).collect()
}

#[tokio::test]
async fn followers_that_come_all_at_once_are_told_to_those_who_look_after_the_instance() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let at = world.now() - TimeDelta::days(100);
        for n in 0..60 {
            let (name, domain) = (format!("r{n}"), format!("r{n}.example"));
            let one = created(&world, &name, &domain, at + TimeDelta::minutes(n)).await;
            follow(&world, one, ada).await;
            if n < 49 {
                follow(&world, one, bob).await;
            }
        }
        let found = told(&world).await;
        assert_eq!(found.len(), 1, "49 are nothing to look at");
        let alert = &found[0];
        assert_eq!(
            (alert.kind, alert.about),
            (AlertKind::Followers, AlertAbout::Account)
        );
        assert_eq!(alert.subject_id, ada.0);
        assert_eq!((alert.people, alert.suspects, alert.usual), (60, 60, 10));
        assert_eq!(alert.reason, "created");
        let shown = alerts::list(&world, false, 10).await.unwrap();
        assert_eq!(shown[0].subject.as_deref(), Some("@ada"));

        // It is told once, with the largest number.
        world.clock.advance(TimeDelta::minutes(5));
        for one in people(&world, "late", 5).await {
            follow(&world, one, ada).await;
        }
        let again = told(&world).await;
        assert_eq!((again.len(), again[0].people), (1, 65));
        alerts::resolve(&world, alert.id).await.unwrap();
        assert!(told(&world).await.is_empty(), "nor when somebody is done with it");
        assert_eq!(alerts::list(&world, true, 10).await.unwrap().len(), 1);
        world.clock.advance(TimeDelta::hours(25));
        assert!(
            told(&world).await.is_empty(),
            "of an hour that is over nothing is told"
        );
    })
    .await;
}

#[tokio::test]
async fn who_always_gains_many_followers_is_not_suspect() {
    on_each_database(async |world| {
        let star = local(&world, "star").await;
        // Six in an hour, on average of a day.
        for one in people(&world, "fan", 144).await {
            follow(&world, one, star).await;
        }
        world.clock.advance(TimeDelta::hours(25));
        let more = people(&world, "more", 75).await;
        for one in &more[..60] {
            follow(&world, *one, star).await;
        }
        assert!(told(&world).await.is_empty(), "fewer than ten times as many");
        for one in &more[60..] {
            follow(&world, *one, star).await;
        }
        let found = told(&world).await;
        assert_eq!((found[0].people, found[0].suspects), (75, 0));
        assert_eq!(found[0].reason, "");
    })
    .await;
}

#[tokio::test]
async fn a_wave_that_brings_followers_to_everybody_is_not_suspect() {
    on_each_database(async |world| {
        let names = ["a", "b", "c", "d", "e", "f"];
        let everybody = locals(&world, names).await;
        for one in people(&world, "new", 55).await {
            for target in everybody {
                follow(&world, one, target).await;
            }
        }
        assert!(told(&world).await.is_empty());
        // Without the others, it is.
        world
            .execute(&format!(
                "DELETE FROM follows WHERE target_id <> {}",
                everybody[0]
            ))
            .await;
        assert_eq!(told(&world).await.len(), 1);
    })
    .await;
}

fn of_domain(domain: &str) -> FollowerChoice {
    FollowerChoice {
        domain: Some(domain.to_owned()),
        ..FollowerChoice::default()
    }
}

fn rejected(jobs: &[Job]) -> Vec<AccountId> {
    let mut found: Vec<AccountId> = jobs
        .iter()
        .map(|job| match job {
            Job::SendReject { follower_id, .. } => *follower_id,
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn followers_are_removed_by_domain() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let mut bought = Vec::new();
        for n in 0..103 {
            let domain = if n == 0 {
                "x.bought.example"
            } else {
                "bought.example"
            };
            bought.push(created(&world, &format!("b{n}"), domain, world.now()).await);
        }
        let real = created(&world, "real", "notbought.example", world.now()).await;
        for one in bought.iter().chain([&real]) {
            follow(&world, *one, ada).await;
        }
        follow(&world, bought[5], bob).await;
        take_jobs(&world).await;

        let count = |domain: &'static str| follows::count_chosen_followers(&world, ada, of_domain(domain));
        assert_eq!(count("bought.example").await.unwrap(), 103);
        assert_eq!(count("x.bought.example").await.unwrap(), 1);
        assert_eq!(count("b_ught.example").await.unwrap(), 0, "no pattern");
        assert_eq!(
            account(&world, ada).await.followers_count,
            104,
            "counting removes nobody"
        );

        let removed = follows::remove_chosen_followers(&world, ada, of_domain("bought.example")).await;
        assert_eq!(removed.unwrap(), 103);
        bought.sort_unstable();
        assert_eq!(
            rejected(&take_jobs(&world).await),
            bought,
            "their servers are told"
        );
        assert_eq!(account(&world, ada).await.followers_count, 1);
        assert_eq!(account(&world, bought[7]).await.following_count, 0);
        assert!(relationship(&world, ada, real).await.followed_by);
        assert!(!relationship(&world, ada, bought[0]).await.followed_by);
        assert_eq!(
            account(&world, bob).await.followers_count,
            1,
            "of others they stay followers"
        );
        let again = follows::remove_chosen_followers(&world, ada, of_domain("bought.example")).await;
        assert_eq!(again.unwrap(), 0);
        assert_eq!(take_jobs(&world).await, []);
    })
    .await;
}

#[tokio::test]
async fn followers_are_removed_by_age_and_by_when_they_came() {
    on_each_database(async |world| {
        let [ada, here] = locals(&world, ["ada", "here"]).await;
        let day = TimeDelta::days(1);
        let old = created(&world, "old", "far.example", world.now() - day * 400).await;
        let new = created(&world, "new", "far.example", world.now() - day * 2).await;
        for one in [old, new] {
            follow(&world, one, ada).await;
        }
        world.clock.advance(day);
        let late = created(&world, "late", "far.example", world.now() - day * 300).await;
        follow(&world, late, ada).await;
        let options = FollowOptions::default();
        follows::follow(&world, here, ada, options).await.unwrap();
        take_jobs(&world).await;

        let remove = |choice: FollowerChoice| follows::remove_chosen_followers(&world, ada, choice);
        let of_nobody = FollowerChoice {
            created_after: Some(world.now() - day * 4),
            ..of_domain("near.example")
        };
        assert_eq!(remove(of_nobody).await.unwrap(), 0, "both have to hold");
        let young = FollowerChoice {
            created_after: Some(world.now() - day * 4),
            ..of_domain("far.example")
        };
        assert_eq!(remove(young).await.unwrap(), 1);
        assert_eq!(rejected(&take_jobs(&world).await), [new]);
        let since = FollowerChoice {
            followed_after: Some(world.now() - TimeDelta::hours(1)),
            ..FollowerChoice::default()
        };
        assert_eq!(remove(since).await.unwrap(), 2);
        assert_eq!(
            rejected(&take_jobs(&world).await),
            [late],
            "nobody has to tell those of here"
        );
        assert_eq!(account(&world, ada).await.followers_count, 1);
        assert_eq!(account(&world, here).await.following_count, 0);

        let nobody = FollowerChoice::default();
        let refused = remove(nobody.clone()).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let refused = follows::count_chosen_followers(&world, ada, nobody).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let missing = follows::count_chosen_followers(&world, AccountId(5), of_domain("far.example")).await;
        assert!(matches!(missing, Err(Error::NotFound)));
    })
    .await;
}
