//! The search page, and feeds.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use pouet_model::status::Visibility;
use pouet_service::profile::{self, ProfileChange};
use pouet_service::settings::RegistrationMode;
use pouet_service::{saved_searches, sessions};

use crate::world::{BASE, Browser, World};

#[actix_web::test]
async fn members_find_pouets_and_visitors_people() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    world
        .post(&ada, "Morning in the #harbour", Visibility::Public)
        .await;
    world.post(&ada, "evening", Visibility::Public).await;
    let site = world.site().await;
    let visitor = Browser::new(&site);
    let page = visitor.get("/search").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.count("form[role=search] input[name=q]"), 1);
    assert_eq!(page.count("details[open]"), 1);
    let page = visitor.get("/search?q=ada").await;
    assert_eq!(page.count(".search-people a[href='/@ada']"), 1);
    let page = visitor.get("/search?q=harb").await;
    assert_eq!(page.count(".search-tags a[href='/tags/harbour']"), 1);
    assert_eq!(visitor.get("/search?q=morning").await.count(".timeline"), 0);

    let session = sessions::create(&world.instance, ada.id)
        .await
        .expect("a session");
    let member = Browser::new(&site);
    member
        .cookies
        .borrow_mut()
        .insert("__Host-session".to_owned(), session.token);
    let page = member.get("/search?q=from%3Ame+-evening").await;
    assert_eq!(page.count(".timeline .status"), 1);
    let page = member
        .get("/search?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.count("main script"), 0);
    let french = visitor.get("/search?lang=fr").await;
    assert_eq!(french.text_of("h1").as_deref(), Some("Recherche"));
}

#[actix_web::test]
async fn results_go_on_page_by_page() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    for n in 0..25 {
        world
            .post(&ada, &format!("tiger & lion {n}"), Visibility::Public)
            .await;
    }
    let session = sessions::create(&world.instance, ada.id)
        .await
        .expect("a session");
    let member = Browser::new(&world.site().await);
    member
        .cookies
        .borrow_mut()
        .insert("__Host-session".to_owned(), session.token);
    let first = member.get("/search?q=tiger+%26+lion").await;
    assert_eq!(first.count(".timeline .status"), 20);
    let selector = scraper::Selector::parse(".pages a[rel=next]").expect("a selector");
    let document = scraper::Html::parse_document(&first.body);
    let next = document.select(&selector).next().and_then(|a| a.attr("href"));
    let second = member.get(next.expect("a way on")).await;
    assert_eq!(second.count(".timeline .status"), 5);
}

#[actix_web::test]
async fn what_fits_best_can_come_first() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    world.post(&ada, "tiger, tiger", Visibility::Public).await;
    for n in 0..24 {
        let text = format!("after a long walk past birds and fish, number {n} was a tiger");
        world.post(&ada, &text, Visibility::Public).await;
    }
    let session = sessions::create(&world.instance, ada.id)
        .await
        .expect("a session");
    let site = world.site().await;
    let member = Browser::new(&site);
    member
        .cookies
        .borrow_mut()
        .insert("__Host-session".to_owned(), session.token);
    let link = |body: &str, selector: &str| {
        let selector = scraper::Selector::parse(selector).expect("a selector");
        let document = scraper::Html::parse_document(body);
        let found = document.select(&selector).next().and_then(|a| a.attr("href"));
        found.map(str::to_owned)
    };
    let newest = member.get("/search?q=tiger").await;
    let best = link(&newest.body, ".tabs a:not([aria-current])").expect("the other order");
    let first = member.get(&best).await;
    let text = first.text_of(".timeline .status").unwrap_or_default();
    assert!(text.contains("tiger, tiger"), "{text}");
    assert_eq!(first.count(".timeline .status"), 20);
    let next = link(&first.body, ".pages a[rel=next]").expect("a way on");
    let second = member.get(&next).await;
    assert_eq!(second.count(".timeline .status"), 5);
    assert_eq!(
        link(&second.body, ".pages a").as_deref(),
        Some(best.as_str()),
        "the way back"
    );
    // The query may say it, too, and is not to be had by visitors.
    let typed = member.get("/search?q=tiger+sort%3Arelevance").await;
    assert_eq!(
        link(&typed.body, ".tabs a[aria-current]").as_deref(),
        Some("/search?q=tiger+sort%3Arelevance&sort=relevance")
    );
    let visitor = Browser::new(&site)
        .get("/search?q=tiger&sort=relevance&offset=20")
        .await;
    assert_eq!(visitor.status, 200);
    assert_eq!(visitor.count(".timeline, .tabs"), 0);
}

#[actix_web::test]
async fn sec_R038_a_feed_is_well_formed_and_for_everybody() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, account) = world.user("ada").await;
    let change = ProfileChange {
        display_name: Some("Ada <b>&\u{c}".to_owned()),
        indexable: Some(true),
        ..ProfileChange::default()
    };
    profile::update(&world.instance, &ada, change)
        .await
        .expect("a profile");
    let id = world
        .post(&ada, "zebra <i>&amp;</i> ]]>", Visibility::Public)
        .await;
    world.post(&ada, "zebra for friends", Visibility::Private).await;
    let search = saved_searches::create(&world.instance, account.id, "my <zebras>", "zebra")
        .await
        .expect("a search");
    let token = search.feed_token.expect("a secret");
    let visitor = Browser::new(&world.site().await);
    for (ending, kind) in [("atom", "application/atom+xml"), ("rss", "application/rss+xml")] {
        let feed = visitor.get(&format!("/feeds/searches/{token}.{ending}")).await;
        assert_eq!(feed.status, 200);
        assert!(feed.header("content-type").starts_with(kind));
        assert!(feed.header("cache-control").starts_with("private"));
        assert!(feed.body.contains(&format!("{BASE}/@ada/{id}")), "{}", feed.body);
        assert!(!feed.body.contains("for friends"));
        assert!(feed.body.contains("my &#60;zebras&#62;"), "{}", feed.body);
        assert!(!feed.body.contains("<i>") && !feed.body.contains("<p>") && !feed.body.contains("]]>"));
        assert!(!feed.body.contains('\u{c}'));
        let opened = feed.body.matches("<entry>").count() + feed.body.matches("<item>").count();
        assert_eq!(opened, 1);
    }
    for wrong in [
        "x.atom",
        "x",
        "",
        &format!("{token}.json"),
        &format!("{token}.atom.rss"),
    ] {
        let reply = visitor.get(&format!("/feeds/searches/{wrong}")).await;
        assert_eq!(reply.status, 404, "{wrong}");
    }
}

#[actix_web::test]
async fn what_no_text_holds_is_refused() {
    let world = World::new(RegistrationMode::Open);
    world.user("ada").await;
    let visitor = Browser::new(&world.site().await);
    for address in ["/search?q=ada%00", "/tags/boats%00", "/@ada%00"] {
        assert_eq!(visitor.get(address).await.status, 400, "{address}");
    }
    let form = [("username", "ada\0"), ("password", "x")];
    assert_eq!(
        visitor.fill("/auth/sign_in", "/auth/sign_in", &form).await.status,
        422
    );
    assert_eq!(visitor.get("/search?q=ada").await.status, 200);
}
