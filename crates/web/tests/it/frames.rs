//! What other sites and programs read of this instance: frames, oEmbed links, feeds.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use pouet_model::status::Visibility;
use pouet_service::settings::RegistrationMode;
use pouet_service::statuses;

use crate::world::{Browser, PASSWORD, World};

#[actix_web::test]
async fn sec_R084_frames_show_public_statuses_and_read_no_cookie() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, account) = world.user("ada").await;
    let public = world.post(&ada, "good morning", Visibility::Public).await;
    let unlisted = world.post(&ada, "quietly", Visibility::Unlisted).await;
    let private = world.post(&ada, "only for friends", Visibility::Private).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    let frame = browser.get(&format!("/@ada/{public}/embed")).await;
    assert_eq!(frame.status, 200);
    assert_eq!(frame.text_of(".content").as_deref(), Some("good morning"));
    let policy = frame.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors *") && policy.contains("sandbox "),
        "{policy}"
    );
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(frame.header("x-frame-options"), "");
    assert_eq!(frame.header("set-cookie"), "");
    assert_eq!(frame.header("cache-control"), "max-age=180, public");
    assert_eq!((frame.count("script"), frame.count("form")), (0, 0));
    let page = browser.get(&format!("/@ada/{public}")).await;
    assert_eq!(
        page.header("x-frame-options"),
        "DENY",
        "no other page may be framed"
    );
    assert_eq!(page.count("link[type='application/json+oembed']"), 1);
    // Being signed in changes nothing.
    browser.sign_in("ada", PASSWORD).await;
    for id in [unlisted.as_str(), private.as_str(), "1", "x"] {
        let refused = browser.get(&format!("/@ada/{id}/embed")).await;
        assert_eq!(refused.status, 404, "{id}");
        assert!(!refused.body.contains("friends"));
    }
    let elsewhere = browser.get(&format!("/@nobody/{public}/embed")).await;
    assert_eq!(elsewhere.status, 404);
    let id = public.parse().expect("an id");
    statuses::delete(&world.instance, account.id, id, false)
        .await
        .expect("deleted");
    let gone = browser.get(&format!("/@ada/{public}/embed")).await;
    assert_eq!(gone.status, 410);
    assert!(
        gone.header("content-security-policy")
            .contains("frame-ancestors *")
    );
}

#[actix_web::test]
async fn feeds_have_what_everybody_may_read() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    world
        .post(&ada, "fish & <chips> #boats", Visibility::Public)
        .await;
    world.post(&ada, "only for friends", Visibility::Private).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    for (ending, content_type, start) in [
        ("rss", "application/rss+xml; charset=utf-8", "<?xml"),
        ("atom", "application/atom+xml; charset=utf-8", "<?xml"),
        ("feed.json", "application/feed+json; charset=utf-8", "{"),
    ] {
        for path in ["/@ada", "/tags/boats"] {
            let address = format!("{path}.{ending}");
            let feed = browser.get(&address).await;
            assert_eq!(feed.status, 200, "{address}");
            assert_eq!(feed.header("content-type"), content_type);
            assert_eq!(feed.header("set-cookie"), "");
            assert!(feed.body.starts_with(start), "{address}: {}", feed.body);
            assert!(feed.body.contains("fish"), "{address}");
            assert!(!feed.body.contains("friends"), "{address}");
            let linked = browser.get(path).await;
            let essence = content_type.split(';').next().expect("a type");
            assert_eq!(
                linked.count(&format!("link[type='{essence}'][href$='{address}']")),
                1,
                "{address}"
            );
        }
        assert_eq!(browser.get(&format!("/@nobody.{ending}")).await.status, 404);
    }
    // HTML is a text in XML.
    let rss = browser.get("/@ada.rss").await;
    assert!(
        !rss.body.contains("<p>") && rss.body.matches("<item>").count() == 1,
        "{}",
        rss.body
    );
    let json: serde_json::Value =
        serde_json::from_str(&browser.get("/@ada.feed.json").await.body).expect("JSON");
    assert_eq!(json["items"][0]["tags"], serde_json::json!(["boats"]));
    assert!(
        json["items"][0]["content_html"]
            .as_str()
            .is_some_and(|html| html.contains("&lt;chips&gt;"))
    );
}
