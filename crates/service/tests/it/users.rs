//! Making users, signing them in, and ending what they may do.

use std::net::IpAddr;

use chrono::TimeDelta;
use pouet_model::{account::Role, scope::Scopes};
use pouet_service::{
    Error, accounts, oauth, registration, sessions,
    users::{self, NewUser},
};

use crate::common::{PASSWORD, new_user, on_each_database, on_each_database_with};

fn here() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

/// Codes by field of a refusal.
pub(crate) fn codes<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(&'static str, &'static str)> {
    match result {
        Err(Error::Validation(errors)) => errors.iter().map(|error| (error.field, error.code)).collect(),
        other => panic!("not refused as invalid: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_user_has_an_account_and_signs_in() {
    on_each_database(async |world| {
        let new = NewUser {
            role: Role::Admin,
            locale: "fr-CA".to_owned(),
            ..new_user("Ada_1")
        };
        let (user, account) = users::create(&world, new).await.unwrap();
        assert_eq!((account.username.as_str(), account.domain), ("Ada_1", None));
        assert!(!account.locked, "accounts start unlocked");
        assert_eq!((user.role, user.locale.as_str()), (Role::Admin, "fr"));
        for login in [
            "Ada_1@mail.example",
            "ADA_1@MAIL.EXAMPLE",
            "ada_1",
            "Ada_1",
            " ada_1 ",
        ] {
            let signed_in = users::sign_in(&world, login, PASSWORD, here()).await;
            assert_eq!(signed_in.unwrap(), user, "{login}");
        }
        let (found, its_account) = users::find_by_login(&world, "ada_1").await.unwrap().unwrap();
        assert_eq!((&found, its_account.id), (&user, account.id));
        assert_eq!(
            users::find(&world, user.id).await.unwrap().unwrap().1.id,
            account.id
        );
        assert_eq!(
            users::find_by_account(&world, account.id).await.unwrap(),
            Some(found)
        );
        let (second, _) = world.user("bob").await;
        let listed: Vec<_> = users::list(&world).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|(user, _)| user.id).collect();
        assert_eq!(ids, [user.id, second.id]);
    })
    .await;
}

#[tokio::test]
async fn sec_R080_names_that_cannot_be_had() {
    on_each_database(async |world| {
        world.user("ada").await;
        let (gone, _) = world.user("gone").await;
        accounts::delete_local(&world, gone.account_id).await.unwrap();
        let long = "a".repeat(31);
        for (name, code) in [
            ("", "ERR_BLANK"),
            (long.as_str(), "ERR_TOO_LONG"),
            ("no spaces", "ERR_INVALID"),
            ("a.b", "ERR_INVALID"),
            ("a-b", "ERR_INVALID"),
            ("é", "ERR_INVALID"),
            ("admin", "ERR_RESERVED"),
            ("Admin", "ERR_RESERVED"),
            ("adm1n", "ERR_RESERVED"),
            ("ad_min", "ERR_RESERVED"),
            ("support", "ERR_RESERVED"),
            ("actor", "ERR_RESERVED"),
            ("api", "ERR_RESERVED"),
            ("well_known", "ERR_RESERVED"),
            ("ada", "ERR_TAKEN"),
            ("ADA", "ERR_TAKEN"),
            // Other servers still know the keys of a deleted account by its name.
            ("gone", "ERR_TAKEN"),
        ] {
            let new = NewUser {
                email: "new@mail.example".to_owned(),
                ..new_user(name)
            };
            assert_eq!(
                codes(users::create(&world, new).await),
                [("username", code)],
                "{name:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    on_each_database(async |world| {
        world.user("ada").await;
        let wrong = NewUser {
            email: "Ada@Mail.example".to_owned(),
            password: Some("short".to_owned()),
            ..new_user("ada")
        };
        let refused = users::create(&world, wrong).await;
        assert_eq!(
            refused.as_ref().unwrap_err().to_string(),
            "validation failed: Password is too short (minimum is 8 characters), Username has already been taken, \
             Email has already been taken"
        );
        let mut found = codes(refused);
        found.sort_unstable();
        assert_eq!(
            found,
            [
                ("email", "ERR_TAKEN"),
                ("password", "ERR_TOO_SHORT"),
                ("username", "ERR_TAKEN")
            ]
        );
        let before = world.passwords.calls();
        let blank = NewUser {
            email: " ".to_owned(),
            password: Some(String::new()),
            ..new_user("")
        };
        assert_eq!(codes(users::create(&world, blank).await).len(), 3);
        assert_eq!(
            world.passwords.calls(),
            before,
            "nothing is hashed for a refused form"
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_equal_registrations_one_wins() {
    on_each_database(async |world| {
        let [one, two] = [world.instance.clone(), world.instance.clone()].map(|instance| {
            tokio::spawn(async move { users::create(&instance, new_user("ada")).await.map(drop) })
        });
        let results = [one.await.unwrap(), two.await.unwrap()];
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1));
        for result in lost {
            assert_eq!(codes(result), [("username", "ERR_TAKEN"), ("email", "ERR_TAKEN")]);
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R072_known_and_unknown_users_get_the_same_answer_for_the_same_work() {
    on_each_database(async |world| {
        world.user("ada").await;
        let silent = NewUser {
            password: None,
            ..new_user("silent")
        };
        users::create(&world, silent).await.unwrap();
        for login in [
            "ada",
            "ada@mail.example",
            "nobody",
            "nobody@mail.example",
            "silent",
            "",
            "@",
            "%",
        ] {
            let before = world.passwords.calls();
            let refused = users::sign_in(&world, login, "wrong password", here()).await;
            assert!(
                matches!(refused, Err(Error::Unauthorized("invalid login or password"))),
                "{login}: {refused:?}"
            );
            assert_eq!(world.passwords.calls() - before, 1, "{login}");
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R073_guessing_closes_the_account_and_the_network() {
    on_each_database(async |world| {
        world.user("ada").await;
        // Address and name are one account, whatever the client's address is.
        for n in 0..10_u8 {
            let login = if n % 2 == 0 { "ada" } else { "Ada@mail.example" };
            let from = IpAddr::from([198, 51, n, 1]);
            let refused = users::sign_in(&world, login, "wrong", from).await;
            assert!(matches!(refused, Err(Error::Unauthorized(_))), "{refused:?}");
        }
        let before = world.passwords.calls();
        let closed = users::sign_in(&world, "ada", PASSWORD, here()).await;
        assert!(
            matches!(closed, Err(Error::LimitReached { retry_after: 900 })),
            "{closed:?}"
        );
        assert_eq!(
            world.passwords.calls(),
            before,
            "nothing is hashed behind a closed door"
        );
        world.clock.advance(TimeDelta::minutes(15));
        users::sign_in(&world, "ada", PASSWORD, here())
            .await
            .expect("open again");

        // Success takes nothing back from the network's count.
        world.clock.advance(TimeDelta::minutes(16));
        for n in 0..60_u8 {
            let from = IpAddr::from([203, 0, 113, n]);
            users::sign_in(&world, "ada", PASSWORD, from)
                .await
                .expect("right");
        }
        let refused = users::sign_in(&world, "ada", PASSWORD, IpAddr::from([203, 0, 113, 99])).await;
        assert!(matches!(refused, Err(Error::LimitReached { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn lifted_limits_let_everybody_try() {
    on_each_database_with(
        |settings| settings.rate_limits_enabled = false,
        async |world| {
            world.user("ada").await;
            for _ in 0..11 {
                let refused = users::sign_in(&world, "ada", "wrong", here()).await;
                assert!(matches!(refused, Err(Error::Unauthorized(_))), "{refused:?}");
            }
            users::sign_in(&world, "ada", PASSWORD, here())
                .await
                .expect("right");
        },
    )
    .await;
}

#[tokio::test]
async fn sec_R081_who_may_not_act_is_told_so_after_the_right_password_only() {
    on_each_database(async |world| {
        let disabled = "Your login is currently disabled";
        for (name, confirmed, approved, disable, text) in [
            (
                "amy",
                false,
                true,
                false,
                "Your login is missing a confirmed e-mail address",
            ),
            (
                "ben",
                true,
                false,
                false,
                "Your login is currently pending approval",
            ),
            ("cat", true, true, true, disabled),
        ] {
            let new = NewUser {
                confirmed,
                approved,
                ..new_user(name)
            };
            let (user, _) = users::create(&world, new).await.unwrap();
            if disable {
                users::disable(&world, user.id).await.unwrap();
            }
            let refused = users::sign_in(&world, name, PASSWORD, here()).await;
            assert!(
                matches!(refused, Err(Error::Forbidden(told)) if told == text),
                "{name}: {refused:?}"
            );
            let refused = users::sign_in(&world, name, "wrong", here()).await;
            assert!(
                matches!(refused, Err(Error::Unauthorized(_))),
                "{name}: {refused:?}"
            );
            let session = sessions::create(&world, user.id).await.unwrap();
            assert!(
                sessions::find(&world, &session.token).await.unwrap().is_none(),
                "{name}"
            );
            if !approved {
                registration::approve(&world, user.id).await.unwrap();
            }
            users::enable(&world, user.id).await.unwrap();
            let now_fine = users::sign_in(&world, name, PASSWORD, here()).await.is_ok();
            assert_eq!(now_fine, confirmed, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R067_a_new_password_a_disabled_login_and_deletion_end_everything() {
    on_each_database(async |mut world| {
        let elsewhere = world.another_process();
        let (bob, _) = world.user("bob").await;
        let bobs = oauth::issue_for_cli(&world, &bob, scopes("read")).await.unwrap();
        for act in ["password", "disable", "delete"] {
            let (ada, _) = world.user(&format!("ada_{act}")).await;
            let token = oauth::issue_for_cli(&world, &ada, scopes("read")).await.unwrap();
            let session = sessions::create(&world, ada.id).await.unwrap();
            for instance in [&world.instance, &elsewhere] {
                assert!(oauth::authenticate(instance, &token).await.unwrap().is_some());
                assert!(sessions::find(instance, &session.token).await.unwrap().is_some());
            }
            let mut events = elsewhere.hub.subscribe();
            match act {
                "password" => users::set_password(&world, ada.id, "another fog 48").await.unwrap(),
                "disable" => users::disable(&world, ada.id).await.unwrap(),
                _ => accounts::delete_local(&world, ada.account_id).await.unwrap(),
            }
            assert!(
                oauth::authenticate(&world, &token).await.unwrap().is_none(),
                "{act}: at once in this process"
            );
            assert!(sessions::find(&world, &session.token).await.unwrap().is_none());
            // In another process once it has read the event.
            loop {
                let event = events.recv().await.unwrap();
                if matches!(&*event, pouet_service::events::Event::TokensRevoked { token_ids } if token_ids.len() == 1) {
                    break;
                }
            }
            assert!(oauth::authenticate(&elsewhere, &token).await.unwrap().is_none(), "{act}");
            assert!(sessions::find(&elsewhere, &session.token).await.unwrap().is_none());
        }
        assert!(oauth::authenticate(&world, &bobs).await.unwrap().is_some(), "others stay");
        let refused = users::sign_in(&world, "ada_password", PASSWORD, here()).await;
        assert!(matches!(refused, Err(Error::Unauthorized(_))), "{refused:?}");
        users::sign_in(&world, "ada_password", "another fog 48", here()).await.expect("the new one");
        assert_eq!(
            codes(users::set_password(&world, bob.id, "short").await),
            [("password", "ERR_TOO_SHORT")]
        );
    })
    .await;
}

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}
