//! Registration of applications and the authorization request.

use chrono::TimeDelta;
use pouet_model::oauth::OUT_OF_BAND;
use pouet_service::{
    Error,
    oauth::{self, AuthorizeRefusal, AuthorizeRequest, NewApp, OAuthError},
};

use super::{CALLBACK, check, code, new_app, proven_request, register, request, scopes};
use crate::{common::on_each_database, users::codes};

/// Makes a request wrong.
type Change = fn(&mut AuthorizeRequest);

#[tokio::test]
async fn an_app_is_found_by_its_client_id() {
    on_each_database(async |world| {
        let new = NewApp {
            name: " Spy\nglass ".to_owned(),
            website: Some(" ".to_owned()),
            redirect_uris: vec![OUT_OF_BAND.to_owned(), CALLBACK.to_owned()],
            ..new_app("read write:statuses")
        };
        let registered = oauth::register_app(&world, new).await.unwrap();
        let found = oauth::find_app(&world, &registered.app.client_id)
            .await
            .unwrap()
            .expect("registered");
        assert_eq!(found, registered.app);
        assert_eq!(
            (found.name.as_str(), found.website.as_deref()),
            ("Spy glass", None)
        );
        assert_eq!(oauth::app(&world, found.id).await.unwrap(), found);
        assert!(oauth::find_app(&world, "nonsense").await.unwrap().is_none());
        let second = register(&world, "read").await;
        assert_ne!(
            second.app.client_id, found.client_id,
            "equal apps are not put together"
        );
    })
    .await;
}

#[tokio::test]
async fn sec_R064_apps_cannot_register_dangerous_addresses() {
    on_each_database(async |world| {
        let wrong = NewApp {
            name: "\u{202e}".to_owned(),
            website: Some("javascript:alert(1)".to_owned()),
            redirect_uris: vec![CALLBACK.to_owned(), "javascript:alert(1)".to_owned()],
            ..new_app("read")
        };
        assert_eq!(
            codes(oauth::register_app(&world, wrong).await.map(drop)),
            [
                ("client_name", "ERR_BLANK"),
                ("website", "ERR_INVALID"),
                ("redirect_uri", "ERR_INVALID")
            ]
        );
        let none = NewApp {
            redirect_uris: Vec::new(),
            ..new_app("read")
        };
        assert_eq!(
            codes(oauth::register_app(&world, none).await.map(drop)),
            [("redirect_uri", "ERR_BLANK")]
        );
    })
    .await;
}

#[tokio::test]
async fn sec_R070_registrations_are_throttled_and_unused_apps_go() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let unused = register(&world, "read").await;
        let consented = register(&world, "read").await;
        let used = register(&world, "read").await;
        oauth::issue_for_app(&world, used.app.id, ada.id, scopes("read"))
            .await
            .unwrap();
        for _ in 0..2 {
            register(&world, "read").await;
        }
        let refused = oauth::register_app(&world, new_app("read")).await;
        assert!(matches!(
            refused.map(drop),
            Err(Error::LimitReached { retry_after: 1800 })
        ));

        let is_there = async |id: &str| oauth::find_app(&world, id).await.unwrap().is_some();
        world.clock.advance(TimeDelta::days(7));
        oauth::prune(&world).await.unwrap();
        assert!(is_there(&unused.app.client_id).await, "a week is not over");
        code(&world, &consented, &ada, "read").await;
        world.clock.advance(TimeDelta::seconds(1));
        oauth::prune(&world).await.unwrap();
        assert!(!is_there(&unused.app.client_id).await);
        assert!(
            is_there(&consented.app.client_id).await,
            "somebody is about to use it"
        );
        assert!(is_there(&used.app.client_id).await);
        world.clock.advance(TimeDelta::days(2));
        oauth::prune(&world).await.unwrap();
        assert!(
            !is_there(&consented.app.client_id).await,
            "its code was never exchanged"
        );
    })
    .await;
}

#[tokio::test]
async fn sec_R064_nothing_is_sent_where_the_app_is_not_at_home() {
    on_each_database(async |world| {
        let app = register(&world, "read").await;
        for redirect_uri in [
            "",
            "https://evil.example/",
            "https://app.example/callback/",
            "https://app.example/callback?x",
            "https://app.example",
            OUT_OF_BAND,
        ] {
            let request = AuthorizeRequest {
                redirect_uri: redirect_uri.to_owned(),
                // Wrong as well, but this must not be told to that address.
                scope: Some("nonsense".to_owned()),
                ..request(&app, "read")
            };
            let refused = oauth::check_authorize(&world, request).await;
            assert!(
                matches!(
                    refused,
                    Err(AuthorizeRefusal::Shown(OAuthError::InvalidRedirectUri))
                ),
                "{redirect_uri}"
            );
        }
        let unknown = AuthorizeRequest {
            client_id: "nonsense".to_owned(),
            ..request(&app, "read")
        };
        let refused = oauth::check_authorize(&world, unknown).await;
        assert!(matches!(
            refused,
            Err(AuthorizeRefusal::Shown(OAuthError::InvalidClient))
        ));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_otherwise_is_told_to_the_app() {
    on_each_database(async |world| {
        let app = register(&world, "read write:statuses").await;
        let wrong = |change: fn(&mut AuthorizeRequest)| {
            let mut request = AuthorizeRequest {
                state: Some("a b&c".to_owned()),
                ..proven_request(&app, "read")
            };
            change(&mut request);
            request
        };
        let cases: [(Change, &str); 8] = [
            (
                |r| r.response_type = "token".to_owned(),
                "unsupported_response_type",
            ),
            (|r| r.response_type.clear(), "invalid_request"),
            (|r| r.scope = Some("read nonsense".to_owned()), "invalid_scope"),
            // R066: no more than the app registered.
            (|r| r.scope = Some("write".to_owned()), "invalid_scope"),
            (|r| r.scope = Some("admin:read".to_owned()), "invalid_scope"),
            // R065: "plain" is no proof, and it is what a missing method means.
            (
                |r| r.code_challenge_method = Some("plain".to_owned()),
                "invalid_request",
            ),
            (|r| r.code_challenge_method = None, "invalid_request"),
            (|r| r.code_challenge = Some("short".to_owned()), "invalid_request"),
        ];
        for (change, code) in cases {
            let request = wrong(change);
            let shown = format!("{request:?}");
            match oauth::check_authorize(&world, request).await {
                Err(AuthorizeRefusal::Returned { location, error }) => {
                    assert_eq!(error.code(), code, "{shown}");
                    let start = format!("{CALLBACK}?error={code}&error_description=");
                    assert!(location.starts_with(&start), "{location}");
                    assert!(location.ends_with("&state=a%20b%26c"), "{location}");
                }
                other => panic!("{shown}: {other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_in_order_says_who_asks_for_what_and_where_it_goes() {
    on_each_database(async |world| {
        let new = NewApp {
            redirect_uris: vec![CALLBACK.to_owned(), OUT_OF_BAND.to_owned()],
            ..new_app("read write:statuses")
        };
        let app = oauth::register_app(&world, new).await.unwrap();
        let asked = AuthorizeRequest {
            state: Some("None".to_owned()),
            ..request(&app, "read:accounts write:statuses")
        };
        let check_of = check(&world, asked).await;
        assert_eq!(check_of.app, app.app);
        assert_eq!(check_of.scopes, scopes("read:accounts write:statuses"));
        assert_eq!(check_of.redirect_host.as_deref(), Some("app.example"));
        assert_eq!(
            check_of.success_location("c").unwrap(),
            format!("{CALLBACK}?code=c&state=None"),
            "the state comes back as it was"
        );
        let denied = check_of.denied_location().unwrap();
        assert!(
            denied.starts_with(&format!("{CALLBACK}?error=access_denied&")),
            "{denied}"
        );

        let shown = AuthorizeRequest {
            redirect_uri: OUT_OF_BAND.to_owned(),
            scope: None,
            ..request(&app, "")
        };
        let shown = check(&world, shown).await;
        assert_eq!(shown.scopes, scopes("read"), "the default");
        assert_eq!(
            (
                shown.redirect_host.clone(),
                shown.success_location("c"),
                shown.denied_location()
            ),
            (None, None, None)
        );
    })
    .await;
}

#[tokio::test]
async fn consent_is_asked_once_for_the_same_scopes() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let (bob, _) = world.user("bob").await;
        let app = register(&world, "read write admin:read").await;
        let other = register(&world, "read").await;
        for granted in ["read", "read admin:read"] {
            oauth::issue_for_app(&world, app.app.id, ada.id, scopes(granted))
                .await
                .unwrap();
        }
        for (user, app, asked, skipped) in [
            (&ada, &app, "read", true),
            (&ada, &app, "read write", false),
            (&ada, &app, "read:accounts", false),
            (&bob, &app, "read", false),
            (&ada, &other, "read", false),
            // R069: power over others is never given in passing.
            (&ada, &app, "read admin:read", false),
        ] {
            let check = check(&world, request(app, asked)).await;
            let found = oauth::existing_grant(&world, user.id, &check).await.unwrap();
            assert_eq!(found, skipped, "{} {asked}", user.email);
        }
    })
    .await;
}
