//! The page of trends.

use pouet_model::account::Role;
use pouet_model::status::Visibility;
use pouet_service::{
    blocks,
    follows::{self, FollowOptions},
    profile::{self, ProfileChange},
    settings::RegistrationMode,
    statuses,
    tag_rules::{self, TagChange},
    tags,
    trends::{self, By},
    users::{self, NewUser},
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

#[actix_web::test]
async fn the_directory_lists_members_who_want_to_be_found() {
    let world = World::new(RegistrationMode::Closed);
    let site = world.site().await;
    let visitor = Browser::new(&site);
    let empty = visitor.get("/directory").await;
    assert_eq!((empty.status.as_u16(), empty.count(".empty")), (200, 1));
    let mut people = vec![world.user("p00").await.0];
    for n in 1..43 {
        let new = NewUser {
            username: format!("p{n:02}"),
            email: format!("p{n:02}@mail.test"),
            password: None,
            role: Role::User,
            confirmed: true,
            approved: true,
            locale: "en".to_owned(),
            reason: None,
        };
        people.push(users::create(&world.instance, new).await.expect("a user").0);
    }
    let shy = ProfileChange {
        discoverable: Some(false),
        ..ProfileChange::default()
    };
    profile::update(&world.instance, &people[41], shy)
        .await
        .expect("a change");
    world.post(&people[3], "first", Visibility::Public).await;
    world.post(&people[7], "then", Visibility::Public).await;
    let active = visitor.get("/directory").await;
    assert_eq!(active.count(".people li"), 2, "those who have posted");
    assert_eq!(active.text_of(".people .name").as_deref(), Some("p07"));
    assert_eq!(
        active.text_of(".tabs [aria-current]").as_deref(),
        Some("Posted last")
    );
    assert_eq!(active.count(".pages"), 0);
    let newest = visitor.get("/directory?order=new").await;
    assert_eq!(newest.count(".people li"), 40);
    assert_eq!(newest.text_of(".people .name").as_deref(), Some("p42"));
    assert!(!newest.body.contains("@p41"), "who does not want to be found");
    assert_eq!(newest.count(".pages a"), 1);
    assert_eq!(
        newest.count(".pages a[rel=next][href='/directory?order=new&page=2']"),
        1
    );
    let last = visitor.get("/directory?order=new&page=2").await;
    assert_eq!(last.count(".people li"), 2);
    assert_eq!(last.count(".pages a[href='/directory?order=new']"), 1);
    assert_eq!(last.count(".pages a[rel=next]"), 0);
    for odd in ["page=0", "page=-3", "page=x", "order=elsewhere"] {
        let page = visitor.get(&format!("/directory?{odd}")).await;
        assert_eq!(
            (page.status.as_u16(), page.count(".people li")),
            (200, 2),
            "{odd}"
        );
    }
    let far = visitor.get("/directory?page=99999999").await;
    assert_eq!((far.status.as_u16(), far.count(".empty")), (200, 1));
    let french = visitor.get("/directory?lang=fr").await;
    assert_eq!(
        french.text_of(".tabs [aria-current]").as_deref(),
        Some("Derniers à avoir publié")
    );
    let explore = visitor.get("/explore").await;
    assert_eq!(explore.count("a[href='/directory']"), 1);
    // Whom a member blocked they do not find.
    let member = Browser::new(&site);
    member.sign_in("p00", PASSWORD).await;
    let me = people[0].account_id;
    blocks::block(&world.instance, me, people[7].account_id)
        .await
        .expect("blocked");
    assert_eq!(member.get("/directory").await.count(".people li"), 1);
}

#[actix_web::test]
async fn a_hashtag_that_may_not_be_used_has_no_page_and_no_feed() {
    let world = World::new(RegistrationMode::Closed);
    let site = world.site().await;
    let (ada, _) = world.user("ada").await;
    world.post(&ada, "#boats", Visibility::Public).await;
    let visitor = Browser::new(&site);
    let paths = [
        "/tags/boats",
        "/tags/Boats",
        "/tags/boats.rss",
        "/tags/boats.atom",
    ];
    for (usable, status) in [(true, 200), (false, 404), (true, 200)] {
        let id = tags::find(&world.instance, None, "boats")
            .await
            .expect("a tag")
            .id;
        let change = TagChange {
            usable: Some(usable),
            ..TagChange::default()
        };
        tag_rules::change(&world.instance, By::Operator, id.expect("used"), change)
            .await
            .expect("a change");
        for path in paths {
            assert_eq!(visitor.get(path).await.status, status, "{path} {usable}");
        }
    }
}
