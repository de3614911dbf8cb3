//! What the instance says of itself.

use chrono::TimeDelta;
use pouet_model::scope::Scopes;
use pouet_service::{instance_info, oauth, users};

use crate::{common::on_each_database, users::codes};

#[tokio::test]
async fn a_new_instance_has_sensible_values() {
    on_each_database(async |world| {
        let info = instance_info::info(&world).await.unwrap();
        assert_eq!(info.title, "Pouet");
        assert!(!info.description.is_empty());
        assert_eq!(info.contact_email, "admin@pouet.example");
        assert!(info.contact_account.is_none());
        let ids: Vec<i64> = info.rules.iter().map(|rule| rule.id).collect();
        assert_eq!(ids, [1, 2, 3, 4]);
        assert_eq!((info.user_count, info.status_count, info.domain_count), (0, 0, 0));
        assert_eq!(info.vapid_public_key.len(), 87, "65 bytes in base64url");
        let again = instance_info::info(&world).await.unwrap();
        assert_eq!(again.vapid_public_key, info.vapid_public_key);
    })
    .await;
}

#[tokio::test]
async fn names_and_descriptions_are_kept() {
    on_each_database(async |world| {
        instance_info::set_title(&world, " Tea \u{202e}house ")
            .await
            .unwrap();
        instance_info::set_description(&world, "Slow and warm.")
            .await
            .unwrap();
        let info = instance_info::info(&world).await.unwrap();
        assert_eq!(
            (info.title.as_str(), info.description.as_str()),
            ("Tea house", "Slow and warm.")
        );
        for (title, code) in [(String::new(), "ERR_BLANK"), ("x".repeat(101), "ERR_TOO_LONG")] {
            assert_eq!(
                codes(instance_info::set_title(&world, &title).await),
                [("title", code)]
            );
        }
    })
    .await;
}

#[tokio::test]
async fn users_are_counted_while_they_may_act_and_active_when_they_were() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let (bob, _) = world.user("bob").await;
        world.user("idle").await;
        for user in [&ada, &bob] {
            let token = oauth::issue_for_cli(&world, user, Scopes::parse("read").unwrap())
                .await
                .unwrap();
            oauth::authenticate(&world, &token).await.unwrap().expect("valid");
        }
        let counts = async || {
            let info = instance_info::info(&world).await.unwrap();
            (info.user_count, info.active_month, info.active_halfyear)
        };
        assert_eq!(counts().await, (3, 2, 2));
        world.clock.advance(TimeDelta::days(31));
        assert_eq!(counts().await, (3, 0, 2));
        users::disable(&world, bob.id).await.unwrap();
        assert_eq!(counts().await, (2, 0, 1));
    })
    .await;
}
