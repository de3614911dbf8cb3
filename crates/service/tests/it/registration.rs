//! Registration by oneself.

use std::net::IpAddr;

use pouet_model::account::Role;
use pouet_service::{
    Error,
    registration::{Registration, register},
    settings::RegistrationMode,
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
            let reason = Some("I like boats".to_owned());
            let (user, account) = register(
                &world,
                Registration {
                    reason,
                    ..form("ada")
                },
            )
            .await
            .unwrap();
            assert_eq!(
                user.inactive(&account),
                Some(pouet_model::account::Inactive::Pending)
            );
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
