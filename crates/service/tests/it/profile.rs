//! Profiles of local accounts.

use bytes::Bytes;
use pouet_model::{
    account::{ActorType, Picture},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error, follows, media,
    profile::{self, PictureChange, ProfileChange},
    users,
};

use crate::{common::on_each_database, users::codes};

/// A picture of one pixel.
const PNG: &[u8] = b"\
    \x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\
    \x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0d\x49\x44\x41\x54\x78\x9c\x63\xf8\xcf\xf0\xff\x3f\x00\
    \x06\xfe\x02\xfe\x0c\x75\x89\xde\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

#[tokio::test]
async fn what_is_typed_is_kept_and_shown_safely() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        world.user("bob").await;
        let change = ProfileChange {
            display_name: Some(" Ada \u{202e}<b>\n".to_owned()),
            note: Some("Boats & fog with @bob and @nobody\nhttps://ada.example #sailing".to_owned()),
            fields: Some(vec![
                ("Home".to_owned(), "https://ada.example".to_owned()),
                (" ".to_owned(), String::new()),
                ("Pronouns".to_owned(), "<i>she</i>".to_owned()),
            ]),
            locked: Some(true),
            bot: Some(true),
            discoverable: Some(false),
            indexable: Some(true),
            hide_collections: Some(true),
            ..ProfileChange::default()
        };
        let account = profile::update(&world, &ada, change).await.unwrap();
        assert_eq!(account.display_name, "Ada <b>");
        assert!(account.note_source.starts_with("Boats & fog with @bob"));
        for part in [
            "<p>Boats &amp; fog with ",
            "https://pouet.example/@bob",
            "@nobody",
            "<br />",
            "rel=\"me nofollow noopener\"",
            "/tags/sailing",
        ] {
            assert!(account.note.contains(part), "{part} is missing: {}", account.note);
        }
        assert!(!account.note.contains("@nobody</span>"), "{}", account.note);
        let fields: Vec<_> = account
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.source.as_str()))
            .collect();
        assert_eq!(
            fields,
            [("Home", "https://ada.example"), ("Pronouns", "<i>she</i>")]
        );
        assert_eq!(account.fields[1].value, "&lt;i&gt;she&lt;/i&gt;");
        assert_eq!(account.actor_type, ActorType::Service);
        assert!(account.locked && account.indexable && account.hide_collections && !account.discoverable);

        let nothing = profile::update(&world, &ada, ProfileChange::default())
            .await
            .unwrap();
        assert_eq!(nothing, account, "what is not named stays");
    })
    .await;
}

#[tokio::test]
async fn everything_wrong_is_told_and_nothing_is_changed() {
    on_each_database(async |world| {
        let (ada, before) = world.user("ada").await;
        let change = ProfileChange {
            display_name: Some("x".repeat(31)),
            note: Some("x".repeat(501)),
            fields: Some(vec![(String::new(), "x".repeat(256)); 5]),
            avatar_description: Some("x".repeat(1501)),
            visibility: Some(Visibility::Direct),
            language: Some("not a language".to_owned()),
            locked: Some(true),
            ..ProfileChange::default()
        };
        assert_eq!(
            codes(profile::update(&world, &ada, change).await),
            [
                ("display_name", "ERR_TOO_LONG"),
                ("note", "ERR_TOO_LONG"),
                ("fields", "ERR_TOO_LONG"),
                ("fields", "ERR_TOO_LONG"),
                ("fields", "ERR_BLANK"),
                ("avatar_description", "ERR_TOO_LONG"),
                ("privacy", "ERR_INCLUSION"),
                ("language", "ERR_INCLUSION"),
            ]
        );
        let long_url = format!("https://ada.example/{}", "x".repeat(600));
        let fits = ProfileChange {
            note: Some(long_url),
            ..ProfileChange::default()
        };
        profile::update(&world, &ada, fits)
            .await
            .expect("addresses count 23");
        let broken = ProfileChange {
            avatar: Some(PictureChange::Set(Bytes::from_static(b"no picture"))),
            display_name: Some("Ada".to_owned()),
            ..ProfileChange::default()
        };
        let refused = profile::update(&world, &ada, broken).await;
        assert!(
            matches!(refused, Err(Error::Invalid { field: "avatar", .. })),
            "{refused:?}"
        );
        let (_, after) = users::find(&world, ada.id).await.unwrap().unwrap();
        assert_eq!((after.display_name, after.locked), (before.display_name, false));
    })
    .await;
}

#[tokio::test]
async fn pictures_are_stored_replaced_and_removed() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let with = |avatar: PictureChange| ProfileChange {
            avatar: Some(avatar),
            ..ProfileChange::default()
        };
        let picture = Bytes::from_static(PNG);
        let key = |account: &pouet_model::account::Account| match &account.avatar {
            Some(Picture::Stored(key)) => Some(key.clone()),
            _ => None,
        };
        let set = profile::update(&world, &ada, with(PictureChange::Set(picture.clone()))).await;
        let first = key(&set.unwrap()).expect("stored");
        media::open(&world, &first).await.expect("it is there");
        let set = profile::update(&world, &ada, with(PictureChange::Set(picture))).await;
        let second = key(&set.unwrap()).expect("stored");
        assert_ne!(first, second);
        let removed = profile::update(&world, &ada, with(PictureChange::Remove))
            .await
            .unwrap();
        assert_eq!(removed.avatar, None);
        let trash = world
            .store()
            .read(|conn| pouet_storage::media::list_trash(conn, 10))
            .await
            .unwrap();
        assert!(trash.contains(&first) && trash.contains(&second), "{trash:?}");
    })
    .await;
}

#[tokio::test]
async fn what_new_statuses_are_like_is_kept() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let change = |language: &str| ProfileChange {
            visibility: Some(Visibility::Private),
            sensitive: Some(true),
            language: Some(language.to_owned()),
            ..ProfileChange::default()
        };
        for (typed, kept) in [("fr", Some("fr")), ("FR", Some("fr")), ("", None)] {
            profile::update(&world, &ada, change(typed)).await.unwrap();
            let (user, _) = users::find(&world, ada.id).await.unwrap().unwrap();
            assert_eq!(user.default_visibility, Visibility::Private);
            assert!(user.default_sensitive);
            assert_eq!(user.default_language.as_deref(), kept, "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_unlocked_accepts_who_waits() {
    on_each_database(async |world| {
        let (ada, account) = world.user("ada").await;
        let (_, bob) = world.user("bob").await;
        let locked = |locked| ProfileChange {
            locked: Some(locked),
            ..ProfileChange::default()
        };
        profile::update(&world, &ada, locked(true)).await.unwrap();
        let options = follows::FollowOptions::default();
        follows::follow(&world, bob.id, account.id, options)
            .await
            .unwrap();
        let waiting = async || {
            let requests = follows::requests(&world, account.id, Page::first(10)).await;
            requests.unwrap().len()
        };
        assert_eq!(waiting().await, 1);
        profile::update(&world, &ada, locked(false)).await.unwrap();
        assert_eq!(waiting().await, 0);
        let followers = follows::followers(&world, Some(bob.id), account.id, Page::first(10)).await;
        assert_eq!(followers.unwrap().len(), 1);
    })
    .await;
}
