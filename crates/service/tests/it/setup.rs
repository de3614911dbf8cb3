//! The set-up link.

use std::net::IpAddr;

use pouet_model::account::Role;
use pouet_service::{
    Error, instance_info,
    setup::{self, OwnerSetup},
    users::{self, NewUser},
};

use crate::{
    common::{PASSWORD, World, new_user, on_each_database},
    users::codes,
};

fn here() -> IpAddr {
    IpAddr::from([192, 0, 2, 1])
}

fn form(username: &str) -> OwnerSetup {
    OwnerSetup {
        username: username.to_owned(),
        email: format!("{username}@mail.example"),
        password: PASSWORD.to_owned(),
        instance_title: " The Harbour ".to_owned(),
        locale: "fr".to_owned(),
    }
}

async fn token(world: &World) -> String {
    let link = setup::link(world).await.unwrap().expect("no owner yet");
    let token = link
        .strip_prefix("https://pouet.example/setup/")
        .expect("a link of ours");
    token.to_owned()
}

#[tokio::test]
async fn the_link_makes_one_owner() {
    on_each_database(async |world| {
        let (first, second) = (token(&world).await, token(&world).await);
        assert_ne!(first, second, "each start has its own");
        for token in [&first, &second] {
            assert!(
                setup::is_valid(&world, token, here()).await.unwrap(),
                "valid until used"
            );
        }
        assert!(
            !setup::is_valid(&world, &format!("{first}x"), here())
                .await
                .unwrap()
        );
        assert!(!setup::has_owner(&world).await.unwrap());

        let short = OwnerSetup {
            password: "short".to_owned(),
            instance_title: "x".repeat(101),
            ..form("captain")
        };
        assert_eq!(
            codes(setup::complete(&world, &first, short, here()).await),
            [("password", "ERR_TOO_SHORT"), ("instance_title", "ERR_TOO_LONG")]
        );
        let owner = setup::complete(&world, &first, form("captain"), here())
            .await
            .unwrap();
        assert_eq!((owner.role, owner.locale.as_str()), (Role::Owner, "fr"));
        let info = instance_info::info(&world).await.unwrap();
        assert_eq!(info.title, "The Harbour");
        assert_eq!(info.contact_account.expect("the owner").username, "captain");

        assert!(setup::has_owner(&world).await.unwrap());
        assert_eq!(setup::link(&world).await.unwrap(), None);
        for token in [&first, &second] {
            assert!(!setup::is_valid(&world, token, here()).await.unwrap(), "used up");
            let late = setup::complete(&world, token, form("pirate"), here()).await;
            assert!(matches!(late, Err(Error::NotFound)), "{late:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_at_once_one_is_first() {
    on_each_database(async |world| {
        let token = token(&world).await;
        let [one, two] = ["captain", "pirate"].map(|name| {
            let (instance, token) = (world.instance.clone(), token.clone());
            tokio::spawn(async move { setup::complete(&instance, &token, form(name), here()).await })
        });
        let results = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(
            results.iter().filter(|result| result.is_ok()).count(),
            1,
            "{results:?}"
        );
        assert_eq!(users::list(&world).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_owner_made_at_the_command_line_ends_the_link() {
    on_each_database(async |world| {
        let token = token(&world).await;
        let owner = NewUser {
            role: Role::Owner,
            ..new_user("captain")
        };
        users::create(&world, owner).await.unwrap();
        assert!(!setup::is_valid(&world, &token, here()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn sec_R073_links_cannot_be_guessed_at_leisure() {
    on_each_database(async |world| {
        let token = token(&world).await;
        for _ in 0..10 {
            assert!(!setup::is_valid(&world, "guess", here()).await.unwrap());
        }
        let refused = setup::complete(&world, &token, form("captain"), here()).await;
        assert!(matches!(refused, Err(Error::LimitReached { .. })), "{refused:?}");
    })
    .await;
}
