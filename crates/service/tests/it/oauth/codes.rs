//! Codes and what they are exchanged for.

use chrono::TimeDelta;
use pouet_service::{
    oauth::{self, TokenRequest},
    users,
};

use super::{VERIFIER, ask, check, code, exchange, proven_request, refusal, register, request, scopes};
use crate::common::{on_each_database, on_each_database_with};

#[tokio::test]
async fn a_code_becomes_a_token_of_what_was_consented_to() {
    on_each_database(async |world| {
        let (ada, account) = world.user("ada").await;
        let app = register(&world, "read write").await;
        let code = code(&world, &app, &ada, "read:accounts write:statuses").await;
        let issued = ask(&world, exchange(&app, &code)).await.unwrap();
        assert_eq!(issued.scopes, scopes("read:accounts write:statuses"));
        assert_eq!(issued.created_at, world.now());
        let known = oauth::authenticate(&world, &issued.token)
            .await
            .unwrap()
            .expect("valid");
        assert_eq!(known.user.as_ref(), Some(&ada));
        assert_eq!(known.account.as_ref().unwrap().id, account.id);
        assert_eq!(known.scopes, issued.scopes);
        assert_eq!((known.app.id, known.app.name.as_str()), (app.app.id, "Spyglass"));
        assert_eq!(known.inactive, None);
    })
    .await;
}

#[tokio::test]
async fn sec_R065_a_code_is_for_its_app_its_address_its_ten_minutes() {
    on_each_database_with(
        |settings| settings.rate_limits_enabled = false,
        async |world| {
            let (ada, _) = world.user("ada").await;
            let app = register(&world, "read").await;
            let other = register(&world, "read").await;
            let code = code(&world, &app, &ada, "read").await;
            let with = |change: fn(&mut TokenRequest)| {
                let mut request = exchange(&app, &code);
                change(&mut request);
                request
            };
            for (request, error) in [
                (exchange(&other, &code), "invalid_grant"),
                (exchange(&app, "nonsense"), "invalid_grant"),
                (
                    with(|r| r.redirect_uri = Some("https://evil.example/".to_owned())),
                    "invalid_grant",
                ),
                (
                    with(|r| r.redirect_uri = Some("https://app.example/callback/".to_owned())),
                    "invalid_grant",
                ),
                (with(|r| r.redirect_uri = None), "invalid_request"),
                (with(|r| r.code = None), "invalid_request"),
                (
                    with(|r| r.client_secret = Some("wrong".to_owned())),
                    "invalid_client",
                ),
                (with(|r| r.client_id = "nonsense".to_owned()), "invalid_client"),
                (
                    with(|r| r.grant_type = "password".to_owned()),
                    "unsupported_grant_type",
                ),
                (with(|r| r.grant_type.clear()), "invalid_request"),
            ] {
                let shown = format!("{request:?}");
                assert_eq!(refusal(&world, request).await, error, "{shown}");
            }
            world.clock.advance(TimeDelta::minutes(10));
            ask(&world, exchange(&app, &code)).await.expect("the last moment");

            let late = super::code(&world, &app, &ada, "read").await;
            world
                .clock
                .advance(TimeDelta::minutes(10) + TimeDelta::milliseconds(1));
            assert_eq!(refusal(&world, exchange(&app, &late)).await, "invalid_grant");
        },
    )
    .await;
}

#[tokio::test]
async fn sec_R065_who_presents_a_code_proves_to_have_asked_for_it() {
    on_each_database_with(
        |settings| settings.rate_limits_enabled = false,
        async |world| {
            let (ada, _) = world.user("ada").await;
            let app = register(&world, "read").await;
            // (asked with PKCE, verifier, shows the secret) -> is it enough?
            for (with_challenge, verifier, with_secret, enough) in [
                (false, None, true, true),
                (false, None, false, false),
                (false, Some(VERIFIER), true, false),
                (false, Some(VERIFIER), false, false),
                (true, Some(VERIFIER), true, true),
                (true, Some(VERIFIER), false, true),
                (true, Some("wrong"), true, false),
                (true, Some("wrong"), false, false),
                (true, None, true, false),
                (true, None, false, false),
                (true, Some(""), true, false),
            ] {
                let asked = if with_challenge {
                    proven_request(&app, "read")
                } else {
                    request(&app, "read")
                };
                let check = check(&world, asked).await;
                let code = oauth::grant(&world, &ada, &check).await.unwrap();
                let mut presented = exchange(&app, &code);
                presented.code_verifier = verifier.map(str::to_owned);
                if !with_secret {
                    presented.client_secret = None;
                }
                let case = format!("challenge {with_challenge}, verifier {verifier:?}, secret {with_secret}");
                if enough {
                    ask(&world, presented).await.expect(&case);
                } else {
                    assert_eq!(refusal(&world, presented).await, "invalid_grant", "{case}");
                }
            }
        },
    )
    .await;
}

#[tokio::test]
async fn sec_R065_a_code_used_twice_takes_its_token_back() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let app = register(&world, "read").await;
        let other_token = {
            let code = code(&world, &app, &ada, "read").await;
            ask(&world, exchange(&app, &code)).await.unwrap().token
        };
        let code = code(&world, &app, &ada, "read").await;
        let token = ask(&world, exchange(&app, &code)).await.unwrap().token;
        assert!(oauth::authenticate(&world, &token).await.unwrap().is_some());
        for _ in 0..2 {
            assert_eq!(refusal(&world, exchange(&app, &code)).await, "invalid_grant");
            assert!(oauth::authenticate(&world, &token).await.unwrap().is_none());
        }
        assert!(oauth::authenticate(&world, &other_token).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn sec_R065_of_two_exchanges_at_once_one_gets_a_token() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let app = register(&world, "read").await;
        let code = code(&world, &app, &ada, "read").await;
        let tasks = [(); 5].map(|()| {
            let (instance, request) = (world.instance.clone(), exchange(&app, &code));
            tokio::spawn(async move { oauth::token(&instance, request, super::here()).await.is_ok() })
        });
        let mut issued = 0;
        for task in tasks {
            issued += usize::from(task.await.unwrap());
        }
        assert_eq!(issued, 1);
    })
    .await;
}

#[tokio::test]
async fn sec_R067_codes_end_with_the_access_they_stand_for() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let app = register(&world, "read").await;
        let before = code(&world, &app, &ada, "read").await;
        users::set_password(&world, ada.id, "another fog 48")
            .await
            .unwrap();
        assert_eq!(refusal(&world, exchange(&app, &before)).await, "invalid_grant");
        let before = code(&world, &app, &ada, "read").await;
        oauth::revoke_app(&world, ada.id, app.app.id).await.unwrap();
        assert_eq!(refusal(&world, exchange(&app, &before)).await, "invalid_grant");
    })
    .await;
}
