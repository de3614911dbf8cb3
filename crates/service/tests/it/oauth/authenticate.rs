//! Who a token speaks for.

use chrono::TimeDelta;
use pouet_model::account::Inactive;
use pouet_service::{
    events::Event,
    oauth::{self, RevokeRequest},
    registration,
    users::{self, NewUser},
};

use super::{ask, code, exchange, register, scopes};
use crate::common::{new_user, on_each_database};

#[tokio::test]
async fn a_known_token_costs_no_statement() {
    on_each_database(async |mut world| {
        let (ada, _) = world.user("ada").await;
        let token = oauth::issue_for_cli(&world, &ada, scopes("read")).await.unwrap();
        oauth::authenticate(&world, &token).await.unwrap().expect("valid");
        let (known, cost) = world
            .statements_of(async |instance| oauth::authenticate(instance, &token).await)
            .await;
        assert!(known.unwrap().is_some());
        assert_eq!(cost, 0);
        for nonsense in ["", "nonsense", &token[1..], &format!("{token} ")] {
            assert!(
                oauth::authenticate(&world, nonsense).await.unwrap().is_none(),
                "{nonsense:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R081_tokens_say_why_their_user_may_not_act() {
    on_each_database(async |world| {
        for (name, confirmed, approved, inactive) in [
            ("amy", false, true, Some(Inactive::Unconfirmed)),
            ("ben", true, false, Some(Inactive::Pending)),
            ("cat", true, true, None),
        ] {
            let new = NewUser {
                confirmed,
                approved,
                ..new_user(name)
            };
            let (user, _) = users::create(&world, new).await.unwrap();
            let token = oauth::issue_for_cli(&world, &user, scopes("read")).await.unwrap();
            let known = oauth::authenticate(&world, &token).await.unwrap().expect("valid");
            assert_eq!(known.inactive, inactive, "{name}");
            if !approved {
                registration::approve(&world, user.id).await.unwrap();
            }
            let known = oauth::authenticate(&world, &token).await.unwrap().expect("valid");
            assert_eq!(
                known.inactive,
                inactive.filter(|_| !confirmed),
                "{name}: at once, not when the cache forgets"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R067_revocation_reaches_every_process() {
    on_each_database(async |mut world| {
        let elsewhere = world.another_process();
        let (ada, _) = world.user("ada").await;
        let app = register(&world, "read").await;
        let code = code(&world, &app, &ada, "read").await;
        let token = ask(&world, exchange(&app, &code)).await.unwrap().token;
        let id = oauth::authenticate(&elsewhere, &token)
            .await
            .unwrap()
            .expect("valid")
            .token_id;
        let mut events = elsewhere.hub.subscribe();
        let request = RevokeRequest {
            client_id: app.app.client_id.clone(),
            client_secret: Some(app.client_secret.clone()),
            token: token.clone(),
        };
        oauth::revoke(&world, request).await.unwrap();
        assert!(oauth::authenticate(&world, &token).await.unwrap().is_none());
        while *events.recv().await.unwrap() != (Event::TokensRevoked { token_ids: vec![id] }) {}
        assert!(oauth::authenticate(&elsewhere, &token).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn the_day_of_use_is_noted() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let token = oauth::issue_for_cli(&world, &ada, scopes("read")).await.unwrap();
        let used = async || {
            let apps = oauth::authorized_apps(&world, ada.id).await.unwrap();
            apps[0].last_used_at
        };
        assert_eq!(used().await, None);
        let first = world.now();
        oauth::authenticate(&world, &token).await.unwrap();
        assert_eq!(used().await, Some(first));
        world.clock.advance(TimeDelta::hours(1));
        // Another process reads the token anew, but does not write.
        let mut world = world;
        let elsewhere = world.another_process();
        oauth::authenticate(&elsewhere, &token).await.unwrap();
        let apps = oauth::authorized_apps(&world, ada.id).await.unwrap();
        assert_eq!(apps[0].last_used_at, Some(first));
        world.clock.advance(TimeDelta::days(1));
        let elsewhere = world.another_process();
        oauth::authenticate(&elsewhere, &token).await.unwrap();
        let apps = oauth::authorized_apps(&world, ada.id).await.unwrap();
        assert_eq!(apps[0].last_used_at, Some(world.now()));
    })
    .await;
}
