//! Tokens beside codes: of apps themselves, of the command line; revocation and what is stored.

use std::net::IpAddr;

use chrono::TimeDelta;
use pouet_model::account::Role;
use pouet_service::{
    Error,
    oauth::{self, OAuthError, RevokeRequest, TokenRequest},
    sessions,
    users::{self, NewUser},
};
use pouet_storage::oauth as rows;

use super::{ask, code, exchange, refusal, register, scopes};
use crate::common::{new_user, on_each_database, on_each_database_with};

#[tokio::test]
async fn an_app_acts_for_itself_with_its_secret() {
    on_each_database(async |world| {
        let app = register(&world, "read write:accounts").await;
        let request = TokenRequest {
            grant_type: "client_credentials".to_owned(),
            client_id: app.app.client_id.clone(),
            client_secret: Some(app.client_secret.clone()),
            scope: Some("read".to_owned()),
            ..TokenRequest::default()
        };
        let issued = ask(&world, request.clone()).await.unwrap();
        let known = oauth::authenticate(&world, &issued.token)
            .await
            .unwrap()
            .expect("valid");
        assert!(known.user.is_none() && known.account.is_none() && known.inactive.is_none());
        assert_eq!((known.app.id, &known.scopes), (app.app.id, &scopes("read")));
        for (secret, scope, error) in [
            (None, "read", "invalid_client"),
            (Some(""), "read", "invalid_client"),
            (Some("wrong"), "read", "invalid_client"),
            (Some(app.client_secret.as_str()), "write", "invalid_scope"),
            (Some(app.client_secret.as_str()), "nonsense", "invalid_scope"),
        ] {
            let request = TokenRequest {
                client_secret: secret.map(str::to_owned),
                scope: Some(scope.to_owned()),
                ..request.clone()
            };
            assert_eq!(refusal(&world, request).await, error, "{secret:?} {scope}");
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R070_the_token_endpoint_is_throttled() {
    on_each_database(async |world| {
        for _ in 0..30 {
            assert_eq!(refusal(&world, TokenRequest::default()).await, "invalid_request");
        }
        let refused = ask(&world, TokenRequest::default()).await.map(drop);
        assert!(
            matches!(
                refused,
                Err(OAuthError::Service(Error::LimitReached { retry_after: 300 }))
            ),
            "{refused:?}"
        );
        let elsewhere = oauth::token(&world, TokenRequest::default(), IpAddr::from([192, 0, 2, 2])).await;
        assert_eq!(elsewhere.map(drop).unwrap_err().code(), "invalid_request");
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(refusal(&world, TokenRequest::default()).await, "invalid_request");
    })
    .await;
}

#[tokio::test]
async fn an_app_revokes_its_own_tokens() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let app = register(&world, "read").await;
        let other = register(&world, "read").await;
        let code = code(&world, &app, &ada, "read").await;
        let token = ask(&world, exchange(&app, &code)).await.unwrap().token;
        let request = |id: &str, secret: Option<&str>, token: &str| RevokeRequest {
            client_id: id.to_owned(),
            client_secret: secret.map(str::to_owned),
            token: token.to_owned(),
        };
        for (id, secret) in [
            (&other.app.client_id, Some(other.client_secret.as_str())),
            (&app.app.client_id, Some("wrong")),
            (&"nonsense".to_owned(), None),
        ] {
            let refused = oauth::revoke(&world, request(id, secret, &token)).await;
            assert_eq!(refused.unwrap_err().code(), "unauthorized_client", "{secret:?}");
            assert!(oauth::authenticate(&world, &token).await.unwrap().is_some());
        }
        let secret = Some(app.client_secret.as_str());
        for token in ["nonsense", &token, &token] {
            oauth::revoke(&world, request(&app.app.client_id, secret, token))
                .await
                .expect("fine, known or not");
        }
        assert!(oauth::authenticate(&world, &token).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn users_see_and_take_back_what_they_allowed() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let (bob, _) = world.user("bob").await;
        let app = register(&world, "read write").await;
        let other = register(&world, "read").await;
        let mut tokens = Vec::new();
        for (app, user, granted) in [
            (&app, &ada, "read"),
            (&app, &ada, "write:statuses"),
            (&other, &ada, "read"),
            (&app, &bob, "read"),
        ] {
            world.clock.advance(TimeDelta::hours(1));
            let issued = oauth::issue_for_app(&world, app.app.id, user.id, scopes(granted)).await;
            tokens.push(issued.unwrap().token);
        }
        oauth::authenticate(&world, &tokens[1]).await.unwrap();
        let listed = oauth::authorized_apps(&world, ada.id).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(
            (listed[0].app.id, &listed[0].scopes),
            (app.app.id, &scopes("read write:statuses"))
        );
        assert_eq!(
            (listed[0].last_used_at, listed[1].last_used_at),
            (Some(world.now()), None)
        );

        oauth::revoke_app(&world, ada.id, app.app.id).await.unwrap();
        let mut valid = Vec::new();
        for token in &tokens {
            valid.push(oauth::authenticate(&world, token).await.unwrap().is_some());
        }
        assert_eq!(valid, [false, false, true, true]);
    })
    .await;
}

#[tokio::test]
async fn sec_R066_admin_scopes_at_the_command_line_need_a_role() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let owner = NewUser {
            role: Role::Owner,
            ..new_user("captain")
        };
        let (captain, _) = users::create(&world, owner).await.unwrap();
        let refused = oauth::issue_for_cli(&world, &ada, scopes("read admin:read")).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let token = oauth::issue_for_cli(&world, &captain, scopes("read admin:read"))
            .await
            .unwrap();
        let known = oauth::authenticate(&world, &token).await.unwrap().expect("valid");
        assert!(known.scopes.has_admin());
        let two = oauth::issue_for_cli(&world, &ada, scopes("read")).await.unwrap();
        let other = oauth::authenticate(&world, &two).await.unwrap().expect("valid");
        assert_eq!(other.app, known.app, "one app stands for the command line");
    })
    .await;
}

#[tokio::test]
async fn sec_R066_admin_scopes_count_only_with_a_role() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let owner = NewUser {
            role: Role::Owner,
            ..new_user("captain")
        };
        let (captain, _) = users::create(&world, owner).await.unwrap();
        let app = register(&world, "read admin:read admin:write").await;
        for (user, counted) in [(&ada, "read"), (&captain, "read admin:read")] {
            let code = code(&world, &app, user, "read admin:read").await;
            let token = ask(&world, exchange(&app, &code)).await.unwrap().token;
            let known = oauth::authenticate(&world, &token).await.unwrap().expect("valid");
            assert_eq!(known.scopes, scopes(counted));
        }
        let alone = TokenRequest {
            grant_type: "client_credentials".to_owned(),
            client_id: app.app.client_id.clone(),
            client_secret: Some(app.client_secret.clone()),
            scope: Some("admin:read".to_owned()),
            ..TokenRequest::default()
        };
        let token = ask(&world, alone).await.unwrap().token;
        let known = oauth::authenticate(&world, &token).await.unwrap().expect("valid");
        assert!(!known.scopes.has_admin(), "an app has no role");
    })
    .await;
}

#[tokio::test]
async fn sec_R095_the_least_used_token_makes_room() {
    on_each_database_with(
        |settings| settings.rate_limits_enabled = false,
        async |world| {
            let (ada, _) = world.user("ada").await;
            let app = register(&world, "read").await;
            let issue = async || {
                world.clock.advance(TimeDelta::seconds(1));
                let issued = oauth::issue_for_app(&world, app.app.id, ada.id, scopes("read")).await;
                issued.unwrap().token
            };
            let mut tokens = Vec::new();
            for _ in 0..100 {
                tokens.push(issue().await);
            }
            // The oldest is in use.
            oauth::authenticate(&world, &tokens[0])
                .await
                .unwrap()
                .expect("valid");
            issue().await;
            assert!(oauth::authenticate(&world, &tokens[0]).await.unwrap().is_some());
            assert!(oauth::authenticate(&world, &tokens[1]).await.unwrap().is_none());
            assert!(oauth::authenticate(&world, &tokens[2]).await.unwrap().is_some());
        },
    )
    .await;
}

#[tokio::test]
async fn sec_R068_no_secret_is_stored_as_it_is() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let app = register(&world, "read").await;
        let code = code(&world, &app, &ada, "read").await;
        let session = sessions::create(&world, ada.id).await.unwrap();
        let token = ask(&world, exchange(&app, &code)).await.unwrap().token;
        let secrets = [code, token, session.token, app.client_secret.clone()];
        for secret in &secrets {
            assert!(secret.len() >= 43, "256 bits");
            let secret = secret.clone();
            let found = world
                .store()
                .read(move |conn| {
                    Ok::<_, pouet_storage::Error>(
                        rows::find_code(conn, &secret)?.is_some()
                            || rows::find_token(conn, &secret)?.is_some()
                            || pouet_storage::sessions::find_session(conn, &secret)?.is_some(),
                    )
                })
                .await
                .unwrap();
            assert!(!found, "rows are found by hashes only");
        }
        let client_id = app.app.client_id.clone();
        let stored = world
            .store()
            .read(move |conn| rows::find_app(conn, &client_id))
            .await;
        let (_, hash) = stored.unwrap().expect("registered");
        assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    })
    .await;
}
