//! Registration by oneself.

use std::net::IpAddr;

use pouet_model::{
    account::{Inactive, Role},
    page::Page,
    scope::Scopes,
};
use pouet_service::{
    Error, accounts,
    follows::{self, FollowOptions},
    oauth,
    registration::{self, Registration, register},
    relationships, search,
    settings::RegistrationMode,
    timelines::{self, AccountFilter},
    users,
};

use crate::{
    common::{PASSWORD, on_each_database, on_each_database_with},
    users::codes,
};

fn form(username: &str) -> Registration {
    Registration {
        username: username.to_owned(),
        email: format!("{username}@mail.example"),
        password: PASSWORD.to_owned(),
        agreement: true,
        locale: "en".to_owned(),
        reason: None,
        ip: IpAddr::from([192, 0, 2, 1]),
    }
}

/// What somebody fills in where registrations are approved.
fn request(username: &str) -> Registration {
    Registration {
        reason: Some("I like boats".to_owned()),
        ..form(username)
    }
}

#[tokio::test]
async fn open_registration_lets_people_in_at_once() {
    on_each_database(async |world| {
        let (user, account) = register(&world, form("ada")).await.unwrap();
        assert_eq!((user.role, user.inactive(&account)), (Role::User, None));
        users::sign_in(&world, "ada", PASSWORD, form("").ip)
            .await
            .expect("right");
    })
    .await;
}

#[tokio::test]
async fn approved_registration_needs_a_reason_and_somebody_who_looks_at_it() {
    on_each_database_with(
        |settings| settings.registrations = RegistrationMode::Approval,
        async |world| {
            assert_eq!(
                codes(register(&world, form("ada")).await),
                [("reason", "ERR_BLANK")]
            );
            let (user, account) = register(&world, request("ada")).await.unwrap();
            assert_eq!(user.inactive(&account), Some(Inactive::Pending));
            assert_eq!(
                registration::reason(&world, user.id).await.unwrap().as_deref(),
                Some("I like boats")
            );
            registration::approve(&world, user.id).await.unwrap();
            users::sign_in(&world, "ada", PASSWORD, form("").ip)
                .await
                .expect("let in");
            for again in [
                registration::approve(&world, user.id).await,
                registration::reject(&world, user.id).await,
            ] {
                assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
            }
            users::sign_in(&world, "ada", PASSWORD, form("").ip)
                .await
                .expect("still in");
        },
    )
    .await;
}

#[tokio::test]
async fn who_is_turned_down_leaves_nothing_behind() {
    on_each_database_with(
        |settings| settings.registrations = RegistrationMode::Approval,
        async |world| {
            let (user, account) = register(&world, request("ada")).await.unwrap();
            let token = oauth::issue_for_cli(&world, &user, Scopes::parse("read").unwrap())
                .await
                .unwrap();
            oauth::authenticate(&world, &token).await.unwrap().expect("known");

            registration::reject(&world, user.id).await.unwrap();
            assert!(oauth::authenticate(&world, &token).await.unwrap().is_none());
            assert!(users::find_by_name(&world, "ada").await.unwrap().is_none());
            assert!(accounts::find_any(&world, account.id).await.unwrap().is_none());
            for gone in [
                registration::approve(&world, user.id).await,
                registration::reject(&world, user.id).await,
            ] {
                assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
            }

            let (again, _) = register(&world, request("ada"))
                .await
                .expect("name and address are free");
            assert_ne!(again.account_id, account.id);
        },
    )
    .await;
}

#[tokio::test]
async fn who_waits_is_shown_to_nobody() {
    on_each_database_with(
        |settings| settings.registrations = RegistrationMode::Approval,
        async |world| {
            let (_, bob) = world.user("bob").await;
            let (user, account) = register(&world, request("ada")).await.unwrap();
            let uri = world.urls().local_account(account.id);
            let shown = async || {
                let found = search::accounts(&world, bob.id, "ada", 40, 0, false, false).await;
                let relations = relationships::of(&world, bob.id, &[account.id]).await;
                let filter = AccountFilter::default();
                let statuses = timelines::account(&world, Some(bob.id), account.id, filter, Page::first(20));
                [
                    !accounts::load(&world, &[account.id]).await.unwrap().is_empty(),
                    !relations.unwrap().is_empty(),
                    statuses.await.is_ok(),
                    follows::follow(&world, bob.id, account.id, FollowOptions::default())
                        .await
                        .is_ok(),
                    accounts::find(&world, account.id).await.is_ok(),
                    accounts::lookup(&world, "ada").await.is_ok(),
                    accounts::find_local(&world, "ada").await.unwrap().is_some(),
                    accounts::find_by_uri(&world, &uri).await.unwrap().is_some(),
                    !found.unwrap().is_empty(),
                ]
            };
            assert_eq!(shown().await, [false; 9]);
            // Only who lets people in sees them; and the name is no longer free.
            let (found, _) = users::find_by_name(&world, "ADA").await.unwrap().unwrap();
            assert_eq!(found.id, user.id);
            assert_eq!(
                codes(register(&world, request("ada")).await),
                [("username", "ERR_TAKEN"), ("email", "ERR_TAKEN")]
            );
            registration::approve(&world, user.id).await.unwrap();
            assert_eq!(shown().await, [true; 9]);
        },
    )
    .await;
}

#[tokio::test]
async fn closed_registration_makes_nobody() {
    on_each_database_with(
        |settings| settings.registrations = RegistrationMode::Closed,
        async |world| {
            let refused = register(&world, form("ada")).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
            assert!(users::list(&world).await.unwrap().is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn everything_wrong_with_a_form_is_told() {
    on_each_database(async |world| {
        register(&world, form("ada")).await.unwrap();
        let wrong = Registration {
            agreement: false,
            password: "short".to_owned(),
            email: "no address".to_owned(),
            ..form("ada")
        };
        assert_eq!(
            codes(register(&world, wrong).await),
            [
                ("email", "ERR_INVALID"),
                ("password", "ERR_TOO_SHORT"),
                ("username", "ERR_TAKEN"),
                ("agreement", "ERR_ACCEPTED")
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn sec_R073_registrations_from_one_address_are_throttled() {
    on_each_database(async |world| {
        for _ in 0..5 {
            codes(register(&world, form("")).await);
        }
        let refused = register(&world, form("ada")).await;
        assert!(
            matches!(refused, Err(Error::LimitReached { retry_after: 1800 })),
            "{refused:?}"
        );
        let elsewhere = Registration {
            ip: IpAddr::from([192, 0, 2, 2]),
            ..form("ada")
        };
        register(&world, elsewhere).await.expect("somebody else");
    })
    .await;
}
