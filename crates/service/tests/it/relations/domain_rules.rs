//! Rules about other domains.

use std::{sync::Arc, time::Duration};

use pouet_service::{
    Instance,
    events::Event,
    follows::{self, FollowOptions},
    policy::{self, NewRule, Policy, Severity},
};

use tokio::sync::broadcast::Receiver;

use super::{is_invalid, is_not_found, locals, news_of, remote};
use crate::common::on_each_database;

fn rule(domain: &str, severity: Severity) -> NewRule {
    NewRule {
        domain: domain.to_owned(),
        severity,
        ..NewRule::default()
    }
}

#[tokio::test]
async fn the_most_specific_rule_decides() {
    on_each_database(async |world| {
        policy::set(&world, rule("Evil.Example", Severity::Suspend))
            .await
            .unwrap();
        policy::set(&world, rule("nice.evil.example", Severity::Silence))
            .await
            .unwrap();
        let no_media = NewRule {
            reject_media: true,
            ..rule("pictures.example", Severity::Noop)
        };
        policy::set(&world, no_media).await.unwrap();
        let suspended = Policy {
            suspended: true,
            reject_media: true,
            reject_reports: true,
            ..Policy::default()
        };
        let silenced = Policy {
            silenced: true,
            ..Policy::default()
        };
        let media = Policy {
            reject_media: true,
            ..Policy::default()
        };
        let table = [
            ("evil.example", suspended),
            ("a.b.evil.example", suspended),
            ("evil.example:8443", suspended),
            ("nice.evil.example", silenced),
            ("very.nice.evil.example", silenced),
            ("notevil.example", Policy::default()),
            ("example", Policy::default()),
            ("pictures.example", media),
            ("pouet.example", Policy::default()),
        ];
        for (domain, expected) in table {
            assert_eq!(policy::of(&world, domain).await.unwrap(), expected, "{domain}");
        }
        for bad in ["", "not a domain", "pouet.example"] {
            assert!(
                is_invalid(&policy::set(&world, rule(bad, Severity::Silence)).await, "domain"),
                "{bad:?}"
            );
        }
        assert!(is_not_found(&policy::remove(&world, "unknown.example").await));
    })
    .await;
}

/// Waits for events of a process until it says so of the domain.
async fn until_suspended(process: &Instance, news: &mut Receiver<Arc<Event>>, domain: &str, wanted: bool) {
    while policy::of(process, domain).await.unwrap().suspended != wanted {
        let event = tokio::time::timeout(Duration::from_secs(10), news.recv()).await;
        event.expect("an event arrives").unwrap();
    }
}

#[tokio::test]
async fn a_change_is_known_to_every_process() {
    on_each_database(async |mut world| {
        let other = world.another_process();
        let mut news = news_of(&world, &other).await;
        assert!(!policy::of(&other, "evil.example").await.unwrap().suspended);
        policy::set(&world, rule("evil.example", Severity::Suspend))
            .await
            .unwrap();
        until_suspended(&other, &mut news, "evil.example", true).await;
        policy::remove(&world, "evil.example").await.unwrap();
        until_suspended(&other, &mut news, "evil.example", false).await;
    })
    .await;
}

#[tokio::test]
async fn nobody_follows_into_a_suspended_domain() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let far = remote(&world, "far", "evil.example").await;
        policy::set(&world, rule("evil.example", Severity::Suspend))
            .await
            .unwrap();
        let refused = follows::follow(&world, ada, far, FollowOptions::default()).await;
        assert!(is_not_found(&refused), "its accounts are hidden");
    })
    .await;
}
