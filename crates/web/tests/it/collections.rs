//! The pages of collections.

use pouet_service::collections::{self, CollectionChange};
use pouet_service::settings::RegistrationMode;

use crate::world::{Browser, World};

#[actix_web::test]
async fn a_collection_has_a_page() {
    let world = World::new(RegistrationMode::Closed);
    let (_, ada) = world.user("ada").await;
    let (_, ben) = world.user("ben").await;
    let change = CollectionChange {
        name: Some("People <b>who</b> sail".to_owned()),
        description: Some("Ahoy".to_owned()),
        discoverable: Some(true),
        tag_name: Some("Boats".to_owned()),
        ..CollectionChange::default()
    };
    let made = collections::create(&world.instance, ada.id, change, &[ben.id])
        .await
        .expect("made");
    let id = made.collection.id;
    let site = world.site().await;
    let visitor = Browser::new(&site);
    let page = visitor.get(&format!("/collections/{id}")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text_of("h1").as_deref(), Some("People <b>who</b> sail"));
    assert_eq!(page.count(".collection-owner a[href='/@ada']"), 1);
    assert_eq!(page.count(".collection-owner a[href='/tags/boats']"), 1);
    assert_eq!(page.count(".collection-members a[href='/@ben']"), 1);
    assert_eq!(page.count("meta[name=robots]"), 0);

    let quiet = CollectionChange {
        sensitive: Some(true),
        discoverable: Some(false),
        ..CollectionChange::default()
    };
    collections::update(&world.instance, ada.id, id, quiet)
        .await
        .expect("changed");
    let page = visitor.get(&format!("/collections/{id}")).await;
    assert_eq!(page.count(".collection-members details a[href='/@ben']"), 1);
    assert_eq!(page.count("meta[name=robots][content=noindex]"), 1);
    for unknown in ["/collections/1", "/collections/x"] {
        assert_eq!(visitor.get(unknown).await.status, 404, "{unknown}");
    }
}
