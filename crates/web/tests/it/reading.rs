//! Pages that anybody may read, and what they show to whom.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use actix_web::test::TestRequest;
use pouet_model::account::Role;
use pouet_model::ids::UserId;
use pouet_model::status::Visibility;
use pouet_model::urls::Urls;
use pouet_service::follows::{self, FollowOptions};
use pouet_service::settings::RegistrationMode;
use pouet_service::statuses::{self, NewStatus};
use pouet_service::users::{self, NewUser};
use pouet_service::{alerts, blocks, quotes, sessions};

use crate::world::{Browser, World};

#[actix_web::test]
async fn what_is_said_in_public_is_on_the_front_page() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    world.post(&ada, "good morning", Visibility::Public).await;
    world.post(&ada, "only for friends", Visibility::Private).await;
    let site = world.site().await;
    let page = Browser::new(&site).get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.text_of(".timeline .content").as_deref(),
        Some("good morning")
    );
    assert!(!page.body.contains("only for friends"));
    assert_eq!(page.count("a[href='/auth/sign_up']"), 0, "nobody may join");
    for path in ["/public/local", "/about", "/@ada", "/tags/morning"] {
        assert_eq!(Browser::new(&site).get(path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn apps_are_to_be_given_the_host_of_the_api_not_the_domain_of_handles() {
    for (base, handle_domain, server) in [
        ("https://here.test", None, "here.test"),
        ("https://social.here.test", Some("here.test"), "social.here.test"),
        (
            "https://social.here.test:8443",
            Some("here.test"),
            "social.here.test:8443",
        ),
    ] {
        let urls = Urls::new(&base.parse().expect("an address"), handle_domain);
        let world = World::with(urls, RegistrationMode::Closed);
        let (user, _) = world.user("ada").await;
        let session = sessions::create(&world.instance, user.id)
            .await
            .expect("a session");
        let browser = Browser::new(&world.site().await);
        browser
            .cookies
            .borrow_mut()
            .insert("__Host-session".to_owned(), session.token);
        let home = browser.get("/").await;
        assert_eq!(home.text_of(".copyable").as_deref(), Some(server));
    }
}

#[actix_web::test]
async fn a_profile_goes_on_page_by_page() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    for n in 0..25 {
        world.post(&ada, &format!("number {n}"), Visibility::Public).await;
    }
    let site = world.site().await;
    let browser = Browser::new(&site);
    let first = browser.get("/@ada").await;
    assert_eq!(first.count(".timeline .status"), 20);
    assert_eq!(first.text_of(".timeline .content").as_deref(), Some("number 24"));
    let selector = scraper::Selector::parse(".pages a[rel=next]").expect("a selector");
    let document = scraper::Html::parse_document(&first.body);
    let next = document
        .select(&selector)
        .next()
        .and_then(|a| a.attr("href"))
        .expect("a way on");
    let second = browser.get(next).await;
    assert_eq!(second.count(".timeline .status"), 5);
    assert_eq!(second.count(".pages a[rel=next]"), 0, "the end");
}

#[actix_web::test]
async fn a_status_stands_between_what_it_answers_and_its_answers() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let id = world.post(&ada, "who is awake?", Visibility::Public).await;
    let secret = world.post(&ada, "secret", Visibility::Private).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    let page = browser.get(&format!("/@ada/{id}")).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.text_of(".status-focus .content").as_deref(),
        Some("who is awake?")
    );
    let alternate = format!("link[rel=alternate][type='application/activity+json'][href$='/posts/{id}']");
    assert_eq!(page.count(&alternate), 1);
    world.user("bob").await;
    let missing = [
        format!("/@ada/{secret}"),
        format!("/@bob/{id}"),
        "/@ada/99".to_owned(),
        "/@ada/x".to_owned(),
        "/@nobody".to_owned(),
        "/@ada@elsewhere.test".to_owned(),
        "/nothing/here".to_owned(),
    ];
    let mut bodies = Vec::new();
    for path in &missing {
        let page = browser.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        bodies.push(page.text_of("main"));
    }
    bodies.dedup();
    assert_eq!(
        bodies.len(),
        1,
        "what may not be seen looks like what is not there"
    );
}

#[actix_web::test]
async fn pinned_statuses_come_first_and_once() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let pinned = world.post(&ada, "who I am", Visibility::Public).await;
    world.post(&ada, "good morning", Visibility::Public).await;
    let id = pinned.parse().expect("an id");
    statuses::pin(&world.instance, ada.account_id, id)
        .await
        .expect("pinned");
    let site = world.site().await;
    let page = Browser::new(&site).get("/@ada").await;
    assert_eq!(page.count(".timeline .status"), 2);
    assert_eq!(page.text_of(".timeline .content").as_deref(), Some("who I am"));
    assert_eq!(page.text_of(".status-why").as_deref(), Some("Pinned"));
}

#[actix_web::test]
async fn the_language_is_chosen_once_and_kept() {
    let world = World::new(RegistrationMode::Closed);
    let site = world.site().await;
    let browser = Browser::new(&site);
    let french = TestRequest::get()
        .uri("/about")
        .insert_header(("accept-language", "fr-CA, en;q=0.3"));
    assert_eq!(browser.send(french).await.count("html[lang=fr]"), 1);
    assert_eq!(browser.get("/about").await.count("html[lang=en]"), 1);
    let reply = browser
        .post("/language", &[("lang", "fr"), ("return_to", "/about?x=1")])
        .await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/about?x=1"));
    assert_eq!(browser.get("/about").await.count("html[lang=fr]"), 1);
    assert_eq!(browser.get("/about?lang=en").await.count("html[lang=en]"), 1);
}

#[actix_web::test]
async fn sec_R038_no_page_shows_what_may_not_be_seen() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, account) = world.user("ada").await;
    let mut readers = vec![("anonymous", None)];
    for name in ["follower", "former", "blocked", "mentioned", "stranger"] {
        let (user, reader) = world.user(name).await;
        if matches!(name, "follower" | "former" | "blocked") {
            let options = FollowOptions::default();
            follows::follow(&world.instance, reader.id, account.id, options)
                .await
                .expect("a follow");
        }
        readers.push((name, Some((user, reader))));
    }
    let root = world.post(&ada, "the beginning", Visibility::Public).await;
    let mut marked = Vec::new();
    for (visibility, seen_by) in [
        (
            Visibility::Public,
            vec!["anonymous", "follower", "former", "mentioned", "stranger"],
        ),
        (
            Visibility::Unlisted,
            vec!["anonymous", "follower", "former", "mentioned", "stranger"],
        ),
        (Visibility::Private, vec!["follower", "mentioned"]),
        (Visibility::Direct, vec!["mentioned"]),
    ] {
        let mark = format!("mark{visibility:?}");
        let status = NewStatus {
            text: format!("{mark} #needle for @mentioned"),
            visibility: Some(visibility),
            in_reply_to_id: root.parse().ok(),
            ..NewStatus::default()
        };
        let id = statuses::post(&world.instance, &ada, status)
            .await
            .expect("a status");
        if visibility != Visibility::Direct {
            statuses::pin(&world.instance, account.id, id)
                .await
                .expect("it is ada's");
            statuses::reblog(&world.instance, account.id, id, None)
                .await
                .expect("it is ada's");
        }
        marked.push((mark, id, seen_by));
    }
    let of = |name: &str| {
        readers
            .iter()
            .find(|(other, _)| *other == name)
            .and_then(|(_, of)| of.clone())
    };
    let (former, blocked) = (of("former").expect("made"), of("blocked").expect("made"));
    follows::unfollow(&world.instance, former.1.id, account.id)
        .await
        .expect("they followed");
    blocks::block(&world.instance, account.id, blocked.1.id)
        .await
        .expect("a block");

    let site = world.site().await;
    let mut paths: Vec<String> = ["/", "/public/local", "/about", "/tags/needle", "/@ada"]
        .map(String::from)
        .into();
    paths.push(format!("/@ada/{root}"));
    paths.extend(marked.iter().map(|(_, id, _)| format!("/@ada/{id}")));
    for (name, reader) in &readers {
        let browser = Browser::new(&site);
        if let Some((user, _)) = reader {
            let session = sessions::create(&world.instance, user.id)
                .await
                .expect("a session");
            browser
                .cookies
                .borrow_mut()
                .insert("__Host-session".to_owned(), session.token);
        }
        let mut shown = 0;
        for path in &paths {
            let page = browser.get(path).await;
            for (mark, _, seen_by) in &marked {
                let found = page.body.contains(mark.as_str());
                // Whom somebody blocked may still read, signed out, what is open to all.
                let may = seen_by.contains(name) || (*name == "blocked" && seen_by.contains(&"anonymous"));
                assert!(!found || may, "{path} shows {mark} to {name}");
                shown += usize::from(found);
            }
        }
        assert!(shown > 4 || *name == "blocked", "{name} is shown {shown}");
    }
}

#[actix_web::test]
async fn what_is_quoted_is_shown_in_place_of_the_link_until_it_is_revoked() {
    let world = World::new(RegistrationMode::Closed);
    let ((ada, _), (ben, _)) = (world.user("ada").await, world.user("ben").await);
    let quoted = world.post(&ada, "wise words", Visibility::Public).await;
    let quoted_id = quoted.parse().expect("an id");
    let new = statuses::NewStatus {
        text: "so true".to_owned(),
        quoted_status_id: Some(quoted_id),
        ..statuses::NewStatus::default()
    };
    let quoting = statuses::post(&world.instance, &ben, new)
        .await
        .expect("a status");
    let site = world.site().await;
    let link = ".quote-inline";
    for path in ["/".to_owned(), "/@ben".to_owned(), format!("/@ben/{quoting}")] {
        let page = Browser::new(&site).get(&path).await;
        assert_eq!(
            page.text_of(".quote .content").as_deref(),
            Some("wise words"),
            "{path}"
        );
        assert_eq!(page.count(link), 0, "{path}");
        assert_eq!(
            page.count(&format!(".quote a[href='/@ada/{quoted}']")),
            1,
            "{path}"
        );
    }
    quotes::revoke(&world.instance, ada.account_id, quoted_id, quoting)
        .await
        .expect("their own");
    let page = Browser::new(&site).get(&format!("/@ben/{quoting}")).await;
    assert_eq!((page.count(".quote"), page.count(link)), (0, 1));
}

#[actix_web::test]
async fn those_who_look_after_the_instance_are_told_of_alerts() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let owner = NewUser {
        username: "keeper".to_owned(),
        email: "keeper@mail.test".to_owned(),
        password: None,
        role: Role::Owner,
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
        reason: None,
    };
    let (owner, _) = users::create(&world.instance, owner).await.expect("an owner");
    let site = world.site().await;
    let home_of = async |user: UserId| {
        let session = sessions::create(&world.instance, user).await.expect("a session");
        let browser = Browser::new(&site);
        browser
            .cookies
            .borrow_mut()
            .insert("__Host-session".to_owned(), session.token);
        browser.get("/").await
    };
    assert_eq!(home_of(owner.id).await.count(".notice"), 0, "nothing to tell");
    for n in 0..50 {
        let new = NewUser {
            username: format!("fan{n}"),
            email: format!("fan{n}@mail.test"),
            password: None,
            role: Role::User,
            confirmed: true,
            approved: true,
            locale: "en".to_owned(),
            reason: None,
        };
        let (fan, _) = users::create(&world.instance, new).await.expect("a user");
        follows::follow(
            &world.instance,
            fan.account_id,
            ada.account_id,
            FollowOptions::default(),
        )
        .await
        .expect("followed");
    }
    alerts::watch_followers(&world.instance).await.expect("a look");
    let told = home_of(owner.id).await.text_of(".notice").expect("a notice");
    assert!(
        told.contains("1 sign") && told.contains("pouet admin alert list"),
        "{told}"
    );
    assert_eq!(home_of(ada.id).await.count(".notice"), 0, "nobody else is told");
}
