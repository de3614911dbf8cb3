//! What the instance says of itself.

use chrono::TimeDelta;
use pouet_model::scope::Scopes;
use pouet_service::{
    Error, Instance,
    instance_info::{self, InfoChange, Rule},
    oauth, users,
};

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
async fn what_is_changed_is_kept_and_the_rest_stays() {
    on_each_database(async |world| {
        let change = InfoChange {
            title: Some(" Tea \u{202e}house ".to_owned()),
            description: Some("Slow and warm.".to_owned()),
            ..InfoChange::default()
        };
        instance_info::update(&world, change).await.unwrap();
        let change = InfoChange {
            contact_email: Some(" tea@mail.example ".to_owned()),
            ..InfoChange::default()
        };
        instance_info::update(&world, change).await.unwrap();
        let info = instance_info::info(&world).await.unwrap();
        assert_eq!(
            [&info.title, &info.description, &info.contact_email],
            ["Tea house", "Slow and warm.", "tea@mail.example"]
        );
        assert_eq!(info.rules.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn everything_wrong_with_a_change_is_told_and_nothing_is_changed() {
    on_each_database(async |world| {
        let long = |chars| "é".repeat(chars);
        let change = InfoChange {
            title: Some(long(101)),
            description: Some(long(2001)),
            contact_email: Some("no address".to_owned()),
            rules: Some(vec![long(301)]),
        };
        assert_eq!(
            codes(instance_info::update(&world, change).await),
            [
                ("title", "ERR_TOO_LONG"),
                ("description", "ERR_TOO_LONG"),
                ("contact_email", "ERR_INVALID"),
                ("rules", "ERR_TOO_LONG")
            ]
        );
        let change = InfoChange {
            title: Some(" \u{202e}".to_owned()),
            description: Some("not kept".to_owned()),
            contact_email: Some(String::new()),
            rules: Some(vec!["Be kind.".to_owned(), "\n".to_owned()]),
        };
        assert_eq!(
            codes(instance_info::update(&world, change).await),
            [
                ("title", "ERR_BLANK"),
                ("contact_email", "ERR_BLANK"),
                ("rules", "ERR_BLANK")
            ]
        );
        let too_many = (0..51).map(|n| format!("rule {n}")).collect();
        assert_eq!(
            codes(set_rules(&world, too_many).await),
            [("rules", "ERR_TOO_LONG")]
        );
        let info = instance_info::info(&world).await.unwrap();
        assert_eq!((info.title.as_str(), info.rules.len()), ("Pouet", 4));
        assert_ne!(info.description, "not kept");

        let change = InfoChange {
            title: Some(long(100)),
            description: Some(long(2000)),
            contact_email: None,
            rules: Some((0..50).map(|n| format!("{n:02}{}", long(298))).collect()),
        };
        instance_info::update(&world, change)
            .await
            .expect("just short enough");
    })
    .await;
}

async fn set_rules(instance: &Instance, rules: Vec<String>) -> Result<(), Error> {
    let change = InfoChange {
        rules: Some(rules),
        ..InfoChange::default()
    };
    instance_info::update(instance, change).await
}

#[tokio::test]
async fn a_rule_has_its_id_as_long_as_it_stands_and_no_other_rule_ever_has_it() {
    on_each_database(async |world| {
        let rules = async |texts: &[&str]| -> Vec<(i64, String, String)> {
            let texts = texts.iter().map(ToString::to_string).collect();
            set_rules(&world, texts).await.unwrap();
            let rules = instance_info::info(&world).await.unwrap().rules;
            let parts = |rule: Rule| (rule.id, rule.text, rule.hint);
            rules.into_iter().map(parts).collect()
        };
        let rule = |id, text: &str| (id, text.to_owned(), String::new());
        let known = instance_info::info(&world).await.unwrap().rules.remove(2);

        assert_eq!(
            rules(&["Tea  first.", &known.text]).await,
            [
                rule(5, "Tea  first."),
                (3, known.text.clone(), known.hint.clone())
            ]
        );
        assert_eq!(rules(&["Coffee."]).await, [rule(6, "Coffee.")]);
        assert_eq!(
            rules(&["Tea\nlast.", " Coffee. "]).await,
            [rule(7, "Tea last."), rule(6, "Coffee.")]
        );
        assert_eq!(rules(&[]).await, []);
        assert_eq!(rules(&["Coffee."]).await, [rule(8, "Coffee.")]);
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
