//! Collections of this instance that statuses link to.

use chrono::TimeDelta;
use pouet_model::{
    account::User,
    ids::{AccountId, CollectionId, StatusId},
    status::Visibility,
};
use pouet_service::{
    accounts, blocks,
    collections::{self, CollectionChange},
    statuses::{self, Arrival, StatusChange},
};

use crate::common::{
    World, on_each_database,
    people::{actor, note, post},
};

/// A collection and the address of its page.
async fn make(world: &World, owner: &User, name: &str) -> (CollectionId, String) {
    let change = CollectionChange {
        name: Some(name.to_owned()),
        ..CollectionChange::default()
    };
    let made = collections::create(world, owner.account_id, change, &[])
        .await
        .unwrap();
    let id = made.collection.id;
    (id, world.urls().collection(id))
}

/// Names of the collections that are shown with a status.
async fn shown(world: &World, viewer: Option<AccountId>, id: StatusId) -> Vec<String> {
    let view = statuses::find(world, viewer, id).await.unwrap();
    let linked = &view.content().collections;
    linked.iter().map(|view| view.collection.name.clone()).collect()
}

#[tokio::test]
async fn statuses_show_the_collections_that_they_link_to() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let (boats, boats_url) = make(&world, &ada, "Boats").await;
        let (_, trains_url) = make(&world, &ada, "Trains").await;
        let text = format!(
            "{trains_url} {boats_url} {boats_url} {base}/collections/1 {boats_url}/more",
            base = world.urls().base()
        );
        let id = post(&world, &ben, &text, Visibility::Public).await;
        assert_eq!(shown(&world, None, id).await, ["Boats", "Trains"]);
        let boost = statuses::reblog(&world, ada.account_id, id, None).await.unwrap();
        assert_eq!(shown(&world, None, boost).await, ["Boats", "Trains"]);

        let edit = async |text: String| {
            let change = StatusChange {
                text,
                ..StatusChange::default()
            };
            statuses::edit(&world, ben.account_id, id, change).await.unwrap();
        };
        edit(format!("only {boats_url}")).await;
        assert_eq!(shown(&world, None, id).await, ["Boats"]);
        let mut many = Vec::new();
        for n in 1..=5 {
            many.push(make(&world, &ada, &format!("number {n}")).await.1);
        }
        edit(many.join(" ")).await;
        assert_eq!(
            shown(&world, None, id).await.len(),
            4,
            "each comes with its items"
        );
        edit("neither".to_owned()).await;
        assert!(shown(&world, None, id).await.is_empty());
        edit(boats_url.clone()).await;
        collections::delete(&world, ada.account_id, boats).await.unwrap();
        assert!(shown(&world, None, id).await.is_empty(), "it is gone");
    })
    .await;
}

#[tokio::test]
async fn linked_collections_are_not_shown_across_a_block() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let (_, url) = make(&world, &ada, "Boats").await;
        let id = post(&world, &ben, &url, Visibility::Public).await;
        blocks::block(&world, ada.account_id, cleo.account_id)
            .await
            .unwrap();
        assert!(shown(&world, Some(cleo.account_id), id).await.is_empty());
        assert_eq!(shown(&world, Some(ben.account_id), id).await, ["Boats"]);
    })
    .await;
}

#[tokio::test]
async fn what_comes_from_elsewhere_links_to_collections_too() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = accounts::receive_actor(&world, actor("bob", "far.test"))
            .await
            .unwrap();
        let (_, url) = make(&world, &ada, "Boats").await;
        let mut received = note(&world, &bob, 1);
        received.content = format!("<p><a href=\"{url}\">{url}</a></p>");
        let id = statuses::receive(&world, received.clone(), Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(shown(&world, None, id).await, ["Boats"]);
        received.content = "<p>nothing</p>".to_owned();
        received.updated = Some(world.now() + TimeDelta::minutes(1));
        world.clock.advance(TimeDelta::minutes(2));
        statuses::receive_update(&world, received).await.unwrap();
        assert!(shown(&world, None, id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn many_linked_collections_cost_as_much_as_one() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let mut urls = Vec::new();
        for n in 0..4 {
            urls.push(make(&world, &ada, &format!("number {n}")).await.1);
        }
        let one = post(&world, &ada, &urls[0], Visibility::Public).await;
        let many = post(&world, &ada, &urls.join(" "), Visibility::Public).await;
        let mut costs = Vec::new();
        // The first read may open a connection, which costs statements of its own.
        for id in [one, one, many] {
            let viewer = Some(ada.account_id);
            let (view, cost) = world
                .statements_of(async |instance| statuses::find(instance, viewer, id).await)
                .await;
            assert!(!view.unwrap().collections.is_empty());
            costs.push(cost);
        }
        assert_eq!(costs[1], costs[2]);
    })
    .await;
}
