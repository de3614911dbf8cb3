//! The page of trends.

use pouet_model::status::Visibility;
use pouet_service::{
    follows::{self, FollowOptions},
    settings::RegistrationMode,
    statuses, trends,
};

use crate::world::{Browser, PASSWORD, World};

#[actix_web::test]
async fn everybody_reads_what_trends_and_members_what_is_taken_up_around_them() {
    let world = World::new(RegistrationMode::Closed);
    let site = world.site().await;
    let empty = Browser::new(&site).get("/explore").await;
    assert_eq!(empty.status, 200);
    assert_eq!(empty.count(".empty"), 1);

    let mut people = Vec::new();
    for name in ["ada", "bea", "cyd"] {
        let (user, _) = world.user(name).await;
        world.post(&user, "look, #Boats <b>", Visibility::Public).await;
        people.push(user);
    }
    let id = world.post(&people[0], "a poem", Visibility::Public).await;
    let id = id.parse().expect("an id");
    for user in &people[1..] {
        statuses::favourite(&world.instance, user.account_id, id)
            .await
            .expect("seen");
    }
    trends::refresh(&world.instance).await.expect("a look");
    let page = Browser::new(&site).get("/explore").await;
    assert_eq!(page.text_of(".trend-what a").as_deref(), Some("#Boats"));
    assert!(
        page.text_of(".trend-what .hint")
            .is_some_and(|text| text.starts_with("3 people"))
    );
    assert_eq!(page.count(".trend-days rect"), 7);
    assert_eq!(page.text_of(".timeline .content").as_deref(), Some("a poem"));
    assert_eq!(page.count(".tabs"), 0, "strangers follow nobody");
    let asked = Browser::new(&site).get("/explore?among=followed").await;
    assert_eq!(asked.count(".trend"), 1, "and see the same");

    let (eve, _) = world.user("eve").await;
    let browser = Browser::new(&site);
    browser.sign_in("eve", PASSWORD).await;
    let around = browser.get("/explore?among=followed&lang=fr").await;
    assert_eq!((around.count(".trend"), around.count(".empty")), (0, 1));
    for user in &people {
        follows::follow(
            &world.instance,
            eve.account_id,
            user.account_id,
            FollowOptions::default(),
        )
        .await
        .expect("followed");
    }
    let around = browser.get("/explore?among=followed&lang=fr").await;
    let reason = around.text_of(".trend-what .hint");
    assert_eq!(reason.as_deref(), Some("3 personnes que vous suivez"));
    assert_eq!(
        around.text_of(".trend-why").as_deref(),
        Some("2 personnes que vous suivez")
    );
    assert_eq!(browser.get("/explore").await.count(".tabs a"), 2);
}
