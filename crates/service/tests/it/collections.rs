//! Collections: who makes them, who is in them, who sees what; starter packs.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    collection::ItemState,
    ids::{AccountId, CollectionId, CollectionItemId},
    notification::NotificationType,
    page::Page,
    status::Status,
};
use pouet_service::{
    Error, Instance, accounts, blocks,
    collections::{
        self, CollectionChange, CollectionView,
        packs::{self, Pack, PackError},
    },
    discovery::{self, Reason},
    domain_blocks,
    events::Event,
    follows,
    notifications::{self, NotificationQuery, NotificationView},
    ports::{FreshAccount, Resolver},
    trends::Window,
};

use crate::common::{World, on_each_database, people::actor};

const FIRST: Window = Window { offset: 0, limit: 40 };

fn named(name: &str) -> CollectionChange {
    CollectionChange {
        name: Some(name.to_owned()),
        discoverable: Some(true),
        ..CollectionChange::default()
    }
}

async fn make(world: &World, owner: &User, name: &str, members: &[AccountId]) -> CollectionView {
    collections::create(world, owner.account_id, named(name), members)
        .await
        .unwrap()
}

async fn members(world: &World, viewer: Option<&User>, id: CollectionId) -> Vec<AccountId> {
    let viewer = viewer.map(|user| user.account_id);
    let view = collections::find(world, viewer, id).await.unwrap();
    assert_eq!(view.items.len(), view.members.len());
    view.members.iter().map(|account| account.id).collect()
}

async fn names(world: &World, viewer: Option<&User>, owner: &User) -> Vec<String> {
    let viewer = viewer.map(|user| user.account_id);
    let page = collections::of_account(world, viewer, owner.account_id, FIRST)
        .await
        .unwrap();
    page.collections
        .into_iter()
        .map(|view| view.collection.name)
        .collect()
}

async fn told(world: &World, owner: &User) -> Vec<NotificationView> {
    notifications::list(
        world,
        owner.account_id,
        NotificationQuery::default(),
        Page::first(40),
    )
    .await
    .unwrap()
}

async fn kinds(world: &World, owner: &User) -> Vec<NotificationType> {
    let views = told(world, owner).await;
    views.into_iter().map(|view| view.notification.kind).collect()
}

/// The fields and codes of a refusal.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(&'static str, &'static str)> {
    match result {
        Err(Error::Validation(errors)) => errors.iter().map(|error| (error.field, error.code)).collect(),
        Err(Error::Invalid { field, code, .. }) => vec![(field, code)],
        other => panic!("{other:?}"),
    }
}

fn is_forbidden<T>(result: Result<T, Error>) -> bool {
    result.is_err_and(|error| matches!(error, Error::Forbidden(_)))
}

fn is_unknown<T>(result: Result<T, Error>) -> bool {
    result.is_err_and(|error| matches!(error, Error::NotFound))
}

async fn set_discoverable(world: &World, username: &str, discoverable: bool) {
    let flag = if discoverable { "TRUE" } else { "FALSE" };
    world
        .execute(&format!(
            "UPDATE accounts SET discoverable = {flag} WHERE username = '{username}'"
        ))
        .await;
}

#[tokio::test]
async fn a_collection_is_made_changed_and_removed() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let change = CollectionChange {
            name: Some("  Boats ".to_owned()),
            description: Some("People who sail".to_owned()),
            language: Some("EN".to_owned()),
            sensitive: Some(true),
            discoverable: None,
            tag_name: Some("#Boats".to_owned()),
        };
        let twice = [cleo.account_id, ben.account_id, cleo.account_id];
        let made = collections::create(&world, ada.account_id, change, &twice)
            .await
            .unwrap();
        let collection = &made.collection;
        assert_eq!(
            (collection.name.as_str(), collection.description.as_str()),
            ("Boats", "People who sail")
        );
        assert_eq!(collection.language.as_deref(), Some("en"));
        assert!(collection.sensitive && !collection.discoverable && !collection.suggested);
        assert_eq!(made.tag.as_ref().unwrap().name, "boats");
        assert_eq!(made.item_count, 2);
        assert!(made.items.iter().all(|item| item.state == ItemState::Accepted));
        let id = collection.id;
        assert_eq!(
            members(&world, None, id).await,
            [cleo.account_id, ben.account_id],
            "in the order in which they were named"
        );

        world.clock.advance(TimeDelta::minutes(5));
        let change = CollectionChange {
            name: Some("Ships".to_owned()),
            tag_name: Some(String::new()),
            language: Some(String::new()),
            discoverable: Some(true),
            ..CollectionChange::default()
        };
        let changed = collections::update(&world, ada.account_id, id, change)
            .await
            .unwrap();
        assert_eq!(changed.collection.name, "Ships");
        assert_eq!(changed.collection.description, "People who sail");
        assert_eq!(
            (changed.tag, changed.collection.language.as_deref()),
            (None, None)
        );
        assert!(changed.collection.sensitive && changed.collection.discoverable);
        assert_eq!(changed.collection.created_at, collection.created_at);
        assert_eq!(changed.collection.updated_at, world.now());

        for result in [
            collections::update(&world, ben.account_id, id, named("Mine"))
                .await
                .map(|_| ()),
            collections::delete(&world, ben.account_id, id).await,
            collections::add(&world, ben.account_id, id, ben.account_id)
                .await
                .map(|_| ()),
            collections::remove(&world, ben.account_id, id, made.items[0].id).await,
        ] {
            assert!(is_forbidden(result), "it is somebody else's");
        }
        collections::delete(&world, ada.account_id, id).await.unwrap();
        assert!(is_unknown(collections::find(&world, None, id).await));
        assert!(is_unknown(collections::delete(&world, ada.account_id, id).await));
        assert!(told(&world, &ben).await.is_empty(), "what told of it is gone");
    })
    .await;
}

#[tokio::test]
async fn texts_and_numbers_are_limited() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let create = async |change| collections::create(&world, ada.account_id, change, &[]).await;
        assert_eq!(
            refused(create(CollectionChange::default()).await),
            [("name", "ERR_BLANK")]
        );
        assert_eq!(refused(create(named(" \t")).await), [("name", "ERR_BLANK")]);
        let all_wrong = CollectionChange {
            name: Some("é".repeat(41)),
            description: Some("é".repeat(101)),
            language: Some("klingon!".to_owned()),
            tag_name: Some("no tag".to_owned()),
            ..CollectionChange::default()
        };
        assert_eq!(
            refused(create(all_wrong).await),
            [
                ("name", "ERR_TOO_LONG"),
                ("description", "ERR_TOO_LONG"),
                ("language", "ERR_INVALID"),
                ("tag_name", "ERR_INVALID"),
            ]
        );
        assert!(names(&world, Some(&ada), &ada).await.is_empty());
        let longest = CollectionChange {
            name: Some("é".repeat(40)),
            description: Some("é".repeat(100)),
            ..CollectionChange::default()
        };
        let id = create(longest).await.unwrap().collection.id;
        let empty = CollectionChange {
            name: Some(String::new()),
            ..CollectionChange::default()
        };
        assert_eq!(
            refused(collections::update(&world, ada.account_id, id, empty).await),
            [("name", "ERR_BLANK")]
        );
        for n in 1..10 {
            create(named(&format!("number {n}"))).await.unwrap();
        }
        assert_eq!(
            refused(create(named("one more")).await),
            [("base", "ERR_TOO_MANY")]
        );

        let mut people = Vec::new();
        for n in 0..26 {
            people.push(world.local(&format!("person{n}")).await.account_id);
        }
        collections::delete(&world, ada.account_id, id).await.unwrap();
        let too_many = collections::create(&world, ada.account_id, named("crowd"), &people).await;
        assert_eq!(refused(too_many), [("collection_items", "ERR_TOO_MANY")]);
        let full = make(&world, &ada, "crowd", &people[..25]).await.collection.id;
        let more = collections::add(&world, ada.account_id, full, people[25]).await;
        assert_eq!(refused(more), [("collection_items", "ERR_TOO_MANY")]);
        assert_eq!(members(&world, None, full).await, people[..25]);
    })
    .await;
}

#[tokio::test]
async fn only_those_who_want_to_be_found_are_in_collections() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let far = world.remote("far", "far.example").await;
        let id = make(&world, &ada, "people", &[ben.account_id])
            .await
            .collection
            .id;
        set_discoverable(&world, "cleo", false).await;
        for other in [cleo.account_id, far.id] {
            let added = collections::add(&world, ada.account_id, id, other).await;
            assert!(is_forbidden(added), "{other}");
            let made = collections::create(&world, ada.account_id, named("more"), &[other]).await;
            assert!(is_forbidden(made), "{other}");
        }
        let nobody = AccountId(1);
        assert!(is_unknown(
            collections::add(&world, ada.account_id, id, nobody).await
        ));
        assert!(is_unknown(
            collections::create(&world, ada.account_id, named("more"), &[nobody]).await
        ));
        assert_eq!(
            names(&world, Some(&ada), &ada).await,
            ["people"],
            "all or nothing"
        );
        let again = collections::add(&world, ada.account_id, id, ben.account_id).await;
        assert_eq!(refused(again), [("account", "ERR_TAKEN")]);

        // Who wants to be found no longer is not shown, but to themselves, so that they can leave for good, and to the
        // owner, for whom they count.
        set_discoverable(&world, "ben", false).await;
        assert!(members(&world, None, id).await.is_empty());
        assert!(members(&world, Some(&cleo), id).await.is_empty());
        assert_eq!(members(&world, Some(&ada), id).await, [ben.account_id]);
        assert_eq!(members(&world, Some(&ben), id).await, [ben.account_id]);
        set_discoverable(&world, "ben", true).await;
        assert_eq!(members(&world, None, id).await, [ben.account_id]);
        world
            .execute("UPDATE accounts SET suspended_at = 1 WHERE username = 'ben'")
            .await;
        assert!(members(&world, None, id).await.is_empty());
        let own = collections::find(&world, Some(ada.account_id), id).await.unwrap();
        assert_eq!((own.item_count, own.items[0].account_id), (1, ben.account_id));
        collections::remove(&world, ada.account_id, id, own.items[0].id)
            .await
            .unwrap();
        let suspended = collections::create(&world, ada.account_id, named("more"), &[ben.account_id]).await;
        assert!(is_forbidden(suspended));
        world
            .execute("UPDATE accounts SET suspended_at = NULL WHERE username = 'ben'")
            .await;
        collections::add(&world, ada.account_id, id, ben.account_id)
            .await
            .unwrap();
        accounts::delete_local(&world, ben.account_id).await.unwrap();
        let seen = collections::find(&world, None, id).await.unwrap();
        assert_eq!((seen.item_count, seen.items.len()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn limits_and_blocks_hold_when_much_happens_at_once() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (own, mut people) = (ada.account_id, Vec::new());
        for n in 0..28 {
            people.push(world.local(&format!("person{n}")).await.account_id);
        }
        let made = futures_util::future::join_all(
            (0..14).map(|n| collections::create(&world, own, named(&format!("number {n}")), &[])),
        );
        let made = made.await.into_iter().flatten().count();
        assert_eq!((made, names(&world, Some(&ada), &ada).await.len()), (10, 10));

        let page = collections::of_account(&world, None, own, FIRST).await.unwrap();
        let id = page.collections[0].collection.id;
        for member in &people[..22] {
            collections::add(&world, own, id, *member).await.unwrap();
        }
        let adding = people[22..]
            .iter()
            .map(|member| collections::add(&world, own, id, *member));
        futures_util::future::join_all(adding).await;
        assert_eq!(members(&world, None, id).await.len(), 25);

        let other = page.collections[1].collection.id;
        for member in &people[..12] {
            let (_, blocked) = tokio::join!(
                collections::add(&world, own, other, *member),
                blocks::block(&world, *member, own),
            );
            blocked.unwrap();
        }
        assert!(members(&world, None, other).await.is_empty());

        let description = CollectionChange {
            description: Some("about boats".to_owned()),
            ..CollectionChange::default()
        };
        let (renamed, described) = tokio::join!(
            collections::update(&world, own, other, named("Boats")),
            collections::update(&world, own, other, description),
        );
        assert!(renamed.is_ok() && described.is_ok());
        let after = collections::find(&world, Some(own), other)
            .await
            .unwrap()
            .collection;
        assert_eq!((&*after.name, &*after.description), ("Boats", "about boats"));
    })
    .await;
}

#[tokio::test]
async fn lists_hide_what_is_not_discoverable_and_go_on_by_offset() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        for name in ["first", "second", "third"] {
            world.clock.advance(TimeDelta::minutes(1));
            make(&world, &ada, name, &[ben.account_id]).await;
        }
        let hidden = CollectionChange {
            name: Some("hidden".to_owned()),
            ..CollectionChange::default()
        };
        let hidden = collections::create(&world, ada.account_id, hidden, &[])
            .await
            .unwrap();
        assert_eq!(names(&world, None, &ada).await, ["third", "second", "first"]);
        assert_eq!(
            names(&world, Some(&ben), &ada).await,
            ["third", "second", "first"]
        );
        assert_eq!(
            names(&world, Some(&ada), &ada).await,
            ["hidden", "third", "second", "first"]
        );
        // Who knows its address sees it.
        assert!(
            collections::find(&world, None, hidden.collection.id)
                .await
                .is_ok()
        );

        let part = Window { offset: 1, limit: 1 };
        let page = collections::of_account(&world, None, ada.account_id, part)
            .await
            .unwrap();
        assert_eq!(page.collections[0].collection.name, "second");
        assert!(page.more);
        let last = Window { offset: 2, limit: 1 };
        let page = collections::of_account(&world, None, ada.account_id, last)
            .await
            .unwrap();
        assert_eq!((page.collections.len(), page.more), (1, false));
        assert!(is_unknown(
            collections::of_account(&world, None, AccountId(1), FIRST).await
        ));

        let mine = collections::featuring(&world, ben.account_id, ben.account_id, part)
            .await
            .unwrap();
        assert_eq!(mine.collections[0].collection.name, "second");
        assert!(mine.more);
        let of_others = collections::featuring(&world, ada.account_id, ben.account_id, FIRST).await;
        assert!(is_forbidden(of_others));
        let unknown = collections::featuring(&world, ada.account_id, AccountId(1), FIRST).await;
        assert!(is_unknown(unknown));

        world
            .execute("UPDATE accounts SET suspended_at = 1 WHERE username = 'ada'")
            .await;
        assert!(names(&world, None, &ada).await.is_empty());
        assert!(is_unknown(
            collections::find(&world, None, hidden.collection.id).await
        ));
        let mine = collections::featuring(&world, ben.account_id, ben.account_id, FIRST).await;
        assert!(mine.unwrap().collections.is_empty());
    })
    .await;
}

#[tokio::test]
async fn blocks_part_owners_members_and_readers() {
    on_each_database(async |world| {
        let (ada, ben, cleo, dan) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
            world.local("dan").await,
        );
        let everybody = [ben.account_id, cleo.account_id];
        let made = make(&world, &ada, "people", &everybody).await;
        let id = made.collection.id;

        // A reader and a member do not see each other there, whoever blocks.
        blocks::block(&world, dan.account_id, ben.account_id)
            .await
            .unwrap();
        blocks::block(&world, cleo.account_id, dan.account_id)
            .await
            .unwrap();
        let seen = collections::find(&world, Some(dan.account_id), id).await.unwrap();
        assert_eq!((seen.items.len(), seen.item_count), (0, 2));
        assert_eq!(members(&world, None, id).await, everybody);

        // A member who blocks the owner leaves for good; one whom the owner blocks can be added again.
        blocks::block(&world, ben.account_id, ada.account_id)
            .await
            .unwrap();
        blocks::block(&world, ada.account_id, cleo.account_id)
            .await
            .unwrap();
        assert!(members(&world, None, id).await.is_empty());
        for other in everybody {
            assert!(is_forbidden(
                collections::add(&world, ada.account_id, id, other).await
            ));
            assert!(is_unknown(collections::find(&world, Some(other), id).await));
            let list = collections::of_account(&world, Some(other), ada.account_id, FIRST).await;
            assert!(list.unwrap().collections.is_empty());
            let item = made.items.iter().find(|item| item.account_id == other).unwrap();
            assert!(is_unknown(collections::revoke(&world, other, id, item.id).await));
        }
        blocks::unblock(&world, ben.account_id, ada.account_id)
            .await
            .unwrap();
        blocks::unblock(&world, ada.account_id, cleo.account_id)
            .await
            .unwrap();
        let left = collections::add(&world, ada.account_id, id, ben.account_id).await;
        assert_eq!(refused(left), [("account", "ERR_TAKEN")]);
        collections::add(&world, ada.account_id, id, cleo.account_id)
            .await
            .unwrap();
        assert_eq!(members(&world, None, id).await, [cleo.account_id]);
    })
    .await;
}

#[tokio::test]
async fn a_block_from_elsewhere_takes_consent_back() {
    on_each_database(async |world| {
        let (ada, far) = (world.local("ada").await, world.remote("far", "far.example").await);
        let id = packs::import(&world, ada.account_id, pack(&["far@far.example"]), false)
            .await
            .unwrap()
            .view
            .collection
            .id;
        assert_eq!(members(&world, None, id).await, [far.id]);
        follows::receive_block(&world, far.id, ada.account_id, None)
            .await
            .unwrap();
        assert!(members(&world, None, id).await.is_empty());
        follows::receive_undo_block(&world, far.id, Some(ada.account_id), None)
            .await
            .unwrap();
        assert!(
            members(&world, None, id).await.is_empty(),
            "it is not asked again"
        );
    })
    .await;
}

#[tokio::test]
async fn readers_do_not_see_members_of_domains_that_they_block() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let far = world.remote("far", "far.example").await;
        let made = packs::import(&world, ada.account_id, pack(&["far@far.example"]), false);
        let id = made.await.unwrap().view.collection.id;
        assert_eq!(members(&world, Some(&ben), id).await, [far.id]);
        domain_blocks::block(&world, ben.account_id, "far.example")
            .await
            .unwrap();
        assert!(members(&world, Some(&ben), id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn members_leave_for_good() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let made = make(&world, &ada, "people", &[ben.account_id, cleo.account_id]).await;
        let (id, item) = (made.collection.id, made.items[0].id);
        assert!(is_forbidden(
            collections::revoke(&world, cleo.account_id, id, item).await
        ));
        assert!(
            is_forbidden(collections::revoke(&world, ada.account_id, id, item).await),
            "the owner removes, the member revokes"
        );
        let other = make(&world, &cleo, "others", &[]).await.collection.id;
        assert!(
            is_unknown(collections::revoke(&world, ben.account_id, other, item).await),
            "the item is of another collection"
        );
        for _ in 0..2 {
            collections::revoke(&world, ben.account_id, id, item)
                .await
                .unwrap();
            assert_eq!(members(&world, Some(&ada), id).await, [cleo.account_id]);
            assert_eq!(members(&world, Some(&ben), id).await, [cleo.account_id]);
        }
        let mine = collections::featuring(&world, ben.account_id, ben.account_id, FIRST).await;
        assert!(mine.unwrap().collections.is_empty());
        let again = collections::add(&world, ada.account_id, id, ben.account_id).await;
        assert_eq!(refused(again), [("account", "ERR_TAKEN")]);
        assert!(
            is_unknown(collections::remove(&world, ada.account_id, id, item).await),
            "nor by way of forgetting that they left"
        );

        let item = made.items[1].id;
        collections::remove(&world, ada.account_id, id, item)
            .await
            .unwrap();
        assert!(is_unknown(
            collections::remove(&world, ada.account_id, id, item).await
        ));
        assert!(members(&world, None, id).await.is_empty());
        collections::add(&world, ada.account_id, id, cleo.account_id)
            .await
            .unwrap();
        assert_eq!(members(&world, None, id).await, [cleo.account_id]);
        let unknown = CollectionItemId(1);
        assert!(is_unknown(
            collections::remove(&world, ada.account_id, id, unknown).await
        ));
    })
    .await;
}

#[tokio::test]
async fn members_are_notified_that_they_are_in_one_and_what_it_becomes() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let made = make(&world, &ada, "people", &[ben.account_id, ada.account_id]).await;
        let id = made.collection.id;
        assert!(
            told(&world, &ada).await.is_empty(),
            "nobody is told what they do themselves"
        );
        let seen = told(&world, &ben).await;
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].notification.kind, NotificationType::AddedToCollection);
        assert_eq!(seen[0].from.id, ada.account_id);
        assert_eq!(seen[0].collection.as_ref().unwrap().collection.id, id);

        // One notification of changes, the newest; other changes than of the texts tell nothing.
        for description in ["one", "two"] {
            let change = CollectionChange {
                description: Some(description.to_owned()),
                ..CollectionChange::default()
            };
            collections::update(&world, ada.account_id, id, change)
                .await
                .unwrap();
        }
        let quiet = CollectionChange {
            sensitive: Some(true),
            ..CollectionChange::default()
        };
        collections::update(&world, ada.account_id, id, quiet)
            .await
            .unwrap();
        assert_eq!(
            kinds(&world, &ben).await,
            [
                NotificationType::CollectionUpdate,
                NotificationType::AddedToCollection
            ]
        );
        let second = make(&world, &ada, "others", &[ben.account_id])
            .await
            .collection
            .id;
        assert_eq!(
            kinds(&world, &ben).await.len(),
            3,
            "another collection is another matter"
        );
        let groups = notifications::grouped(
            &world,
            ben.account_id,
            NotificationQuery::default(),
            None,
            Page::first(40),
        );
        let groups = groups.await.unwrap().groups;
        assert_eq!(groups.len(), 3, "they are not grouped");
        assert_eq!(groups[0].collection.as_ref().unwrap().collection.id, second);

        collections::remove(&world, ada.account_id, id, made.items[0].id)
            .await
            .unwrap();
        assert_eq!(kinds(&world, &ben).await.len(), 1);
        collections::delete(&world, ada.account_id, second).await.unwrap();
        assert!(told(&world, &ben).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn streams_are_told_of_the_notification() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let mut heard = world.hub.subscribe();
        make(&world, &ada, "people", &[ben.account_id]).await;
        let event = loop {
            let event = heard.recv().await.unwrap();
            if let Event::Notified { account_id, .. } = *event {
                break account_id;
            }
        };
        assert_eq!(event, ben.account_id);
    })
    .await;
}

#[tokio::test]
async fn many_collections_and_members_cost_as_much_as_one() {
    on_each_database(async |mut world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let mut people = vec![ben.account_id];
        for n in 0..12 {
            people.push(world.local(&format!("person{n}")).await.account_id);
        }
        for n in 0..8 {
            let change = CollectionChange {
                tag_name: Some(format!("tag{n}")),
                ..named(&format!("number {n}"))
            };
            let size = if n == 7 { 1 } else { people.len() };
            collections::create(&world, ada.account_id, change, &people[..size])
                .await
                .unwrap();
        }
        let mut costs = Vec::new();
        // The newest has one member. The first read may open a connection, which costs statements of its own.
        for limit in [1, 1, 8] {
            let window = Window { offset: 0, limit };
            let (viewer, owner) = (Some(ben.account_id), ada.account_id);
            let (page, cost) = world
                .statements_of(async |instance| {
                    collections::of_account(instance, viewer, owner, window).await
                })
                .await;
            assert_eq!(page.unwrap().collections.len() as i64, limit);
            costs.push(cost);
        }
        assert_eq!(costs[1], costs[2]);
        let mut costs = Vec::new();
        for limit in [1, 1, 8] {
            let owner = ben.account_id;
            let (found, cost) = world
                .statements_of(async |instance| {
                    let query = NotificationQuery::default();
                    notifications::list(instance, owner, query, Page::first(limit)).await
                })
                .await;
            assert_eq!(found.unwrap().len() as i64, limit);
            costs.push(cost);
        }
        assert_eq!(costs[1], costs[2]);
    })
    .await;
}

fn pack(handles: &[&str]) -> Pack {
    Pack {
        change: named("First steps"),
        handles: handles.iter().map(|handle| (*handle).to_owned()).collect(),
    }
}

/// Other servers, where `new.example` knows everybody and the others are down.
struct Elsewhere(Instance);

#[async_trait]
impl Resolver for Elsewhere {
    async fn account_by_handle(&self, username: &str, domain: &str) -> Result<Account, Error> {
        let mut found = actor(username, domain);
        match (username, domain) {
            ("nobody", _) => Err(Error::NotFound),
            ("shy", "new.example") => {
                found.discoverable = false;
                accounts::receive_actor(&self.0, found).await
            }
            (_, "new.example") => accounts::receive_actor(&self.0, found).await,
            _ => Err(Error::RemoteUnavailable),
        }
    }

    async fn account_by_uri(&self, _: &str) -> Result<Account, Error> {
        Err(Error::NotFound)
    }

    async fn fresh_account(&self, _: &str) -> Result<FreshAccount, Error> {
        Err(Error::NotFound)
    }

    async fn status_by_uri(&self, _: &str) -> Result<Status, Error> {
        Err(Error::NotFound)
    }
}

#[tokio::test]
async fn starter_packs_hold_whom_the_file_names_and_who_wants_to_be_found() {
    on_each_database(async |world| {
        let (ada, ben, shy, mad) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("shy").await,
            world.local("mad").await,
        );
        set_discoverable(&world, "shy", false).await;
        blocks::block(&world, mad.account_id, ada.account_id)
            .await
            .unwrap();
        world.set_resolver(Arc::new(Elsewhere(world.instance.clone())));
        let handles = [
            "ben",
            "@zoe@new.example",
            "ben@pouet.example",
            "shy",
            "shy@new.example",
            "nobody@new.example",
            "x@down.example",
            "missing",
            "???",
            "mad",
        ];
        let made = packs::import(&world, ada.account_id, pack(&handles), false)
            .await
            .unwrap();
        let inside: Vec<String> = made.view.members.iter().map(|account| account.acct()).collect();
        assert_eq!(inside, ["ben", "zoe@new.example"]);
        let over: Vec<(&str, &str)> = made
            .passed_over
            .iter()
            .map(|over| (over.handle.as_str(), over.reason.as_str()))
            .collect();
        let unwilling = "does not want to be found, or is suspended or gone";
        assert_eq!(
            over,
            [
                ("shy", unwilling),
                ("shy@new.example", unwilling),
                ("nobody@new.example", "there is no such account"),
                ("x@down.example", "remote data could not be fetched"),
                ("missing", "there is no such account"),
                ("???", "there is no such account"),
                ("mad", "a block stands between it and the owner"),
            ]
        );
        assert_eq!(kinds(&world, &ben).await, [NotificationType::AddedToCollection]);
        assert!(kinds(&world, &shy).await.is_empty());
        let nobody = packs::import(&world, ada.account_id, pack(&["missing"]), false).await;
        assert_eq!(refused(nobody), [("handles", "ERR_BLANK")]);
        let crowd = packs::import(&world, ada.account_id, pack(&["ben"; 26]), false).await;
        assert_eq!(refused(crowd), [("collection_items", "ERR_TOO_MANY")]);

        let all = packs::list(&world).await.unwrap();
        assert_eq!(all.len(), 1);
        packs::delete(&world, all[0].collection.id).await.unwrap();
        assert!(is_unknown(packs::delete(&world, all[0].collection.id).await));
    })
    .await;
}

#[tokio::test]
async fn members_of_suggested_packs_are_suggested_while_they_are_in() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let suggested = async || -> Vec<(AccountId, Vec<Reason>)> {
            let found = discovery::suggestions(&world, cleo.account_id, 40).await.unwrap();
            found
                .into_iter()
                .map(|suggestion| (suggestion.account.id, suggestion.reasons))
                .collect()
        };
        packs::import(&world, ada.account_id, pack(&["ben"]), false)
            .await
            .unwrap();
        assert_eq!(suggested().await, [], "not every pack is suggested");
        for _ in 0..packs::MAX_SUGGESTED {
            packs::import(&world, ada.account_id, pack(&["ben", "ada", "cleo"]), true)
                .await
                .unwrap();
        }
        let both = [
            (ben.account_id, vec![Reason::Staff]),
            (ada.account_id, vec![Reason::Staff]),
        ];
        assert_eq!(suggested().await, both, "once each, and nobody to themselves");
        let more = packs::import(&world, ada.account_id, pack(&["ben"]), true).await;
        assert_eq!(refused(more), [("suggested", "ERR_TOO_MANY")]);

        // An owner who is suspended suggests nobody, and takes up no room.
        for (column, nobody) in [("suspended_at", "NULL"), ("deleted_at", "NULL")] {
            let owner = |value: &str| {
                format!(
                    "UPDATE accounts SET {column} = {value} WHERE id = {}",
                    ada.account_id
                )
            };
            world.execute(&owner("1")).await;
            assert_eq!(suggested().await, [], "{column}");
            let more = packs::import(&world, cleo.account_id, pack(&["ben"]), true).await;
            let made = more.unwrap().view.collection.id;
            assert_eq!(
                suggested().await,
                [(ben.account_id, vec![Reason::Staff])],
                "{column}"
            );
            packs::delete(&world, made).await.unwrap();
            world.execute(&owner(nobody)).await;
            assert_eq!(suggested().await, both);
        }

        for view in packs::list(&world).await.unwrap() {
            let item = view.items.iter().find(|item| item.account_id == ben.account_id);
            let id = view.collection.id;
            collections::revoke(&world, ben.account_id, id, item.unwrap().id)
                .await
                .unwrap();
        }
        assert_eq!(suggested().await, [(ada.account_id, vec![Reason::Staff])]);
        for view in packs::list(&world).await.unwrap() {
            packs::delete(&world, view.collection.id).await.unwrap();
        }
        assert_eq!(suggested().await, []);
    })
    .await;
}

#[tokio::test]
async fn packs_belong_to_the_owner_of_the_instance_or_whom_one_names() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        assert!(is_unknown(packs::owner(&world, None).await));
        world
            .execute("UPDATE users SET role = 'owner' WHERE email = 'ada@pouet.example'")
            .await;
        assert_eq!(packs::owner(&world, None).await.unwrap().id, ada.account_id);
        let ben = world.local("ben").await;
        assert_eq!(
            packs::owner(&world, Some("ben")).await.unwrap().id,
            ben.account_id
        );
        assert!(is_unknown(packs::owner(&world, Some("nobody")).await));
    })
    .await;
}

#[test]
fn files_are_lines_or_json() {
    let text = "\u{FEFF}# for newcomers\nname: First: steps\nDescription : People\n\nlanguage: en\ntag: welcome\n\
                sensitive: YES\ndiscoverable: no\nada\n  @zoe@new.example  \nname\n";
    let parsed = Pack::parse(text).unwrap();
    assert_eq!(parsed.handles, ["ada", "@zoe@new.example", "name"]);
    assert_eq!(
        parsed.change,
        CollectionChange {
            name: Some("First: steps".to_owned()),
            description: Some("People".to_owned()),
            language: Some("en".to_owned()),
            sensitive: Some(true),
            discoverable: Some(false),
            tag_name: Some("welcome".to_owned()),
        }
    );
    let json = r#" {"name": "First steps", "handles": ["ada"], "tag": "welcome"}"#;
    let parsed = Pack::parse(json).unwrap();
    assert_eq!(parsed.handles, ["ada"]);
    assert_eq!(
        parsed.change.discoverable,
        Some(true),
        "listed unless it says otherwise"
    );
    assert_eq!(parsed.change.tag_name.as_deref(), Some("welcome"));
    assert_eq!(Pack::parse("ada").unwrap().change.discoverable, Some(true));
    assert_eq!(
        Pack::parse("ada\ntitle: x"),
        Err(PackError::Line {
            line: 2,
            text: "title: x".to_owned()
        })
    );
    assert_eq!(
        Pack::parse("sensitive: maybe"),
        Err(PackError::Flag {
            line: 1,
            text: "maybe".to_owned()
        })
    );
    for wrong in [
        "{",
        r#"{"name": "x"}"#,
        r#"{"name": "x", "handles": [], "colour": 1}"#,
    ] {
        assert!(matches!(Pack::parse(wrong), Err(PackError::Json(_))), "{wrong}");
    }
}
