//! Pictures on pages and the files behind them.

#![expect(non_snake_case, reason = "security tests carry the number of their rule")]

use actix_web::test::{self, TestRequest};
use actix_web::web::Bytes;
use pouet_model::status::Visibility;
use pouet_service::Error;
use pouet_service::emojis::{self, NewEmoji};
use pouet_service::media::{self, Upload};
use pouet_service::profile::{self, ProfileChange};
use pouet_service::settings::RegistrationMode;
use pouet_service::statuses::{self, NewPoll, NewStatus};
use scraper::{Html, Selector};

use crate::world::{Browser, World};

const PICTURE: &[u8] = include_bytes!("../../assets/avatar-default.png");

#[actix_web::test]
async fn a_picture_is_shown_described_cropped_and_kept() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let upload = Upload {
        bytes: Bytes::from_static(PICTURE),
        description: Some("a horn".to_owned()),
        focus: Some((0.6, 1.0)),
        thumbnail: None,
    };
    let file = media::upload(&world.instance, ada.account_id, upload)
        .await
        .expect("a file");
    let status = NewStatus {
        text: "look".to_owned(),
        media_ids: vec![file.id],
        ..NewStatus::default()
    };
    let id = statuses::post(&world.instance, &ada, status)
        .await
        .expect("a status");
    let site = world.site().await;
    let browser = Browser::new(&site);
    let page = browser.get(&format!("/@ada/{id}")).await;
    assert_eq!(page.count("figure.fx8.fy0 img[alt='a horn']"), 1);

    let selector = Selector::parse("figure a").expect("a selector");
    let document = Html::parse_document(&page.body);
    let link = document.select(&selector).next().and_then(|a| a.attr("href"));
    let link = link.expect("a link to the file");
    assert!(link.starts_with("/media/"), "on whatever host we are: {link}");
    let headers = browser.head_of(link).await;
    let header = |name: &str| {
        headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    };
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header("access-control-allow-origin"), "*");
    assert_eq!(header("accept-ranges"), "bytes");

    let whole = test::read_body(site(TestRequest::get().uri(link)).await).await;
    let tag = header("etag").to_owned();
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20,
        "{tag}"
    );
    for (range, condition, status, first, last) in [
        ("bytes=0-9", None, 206, 0, 10),
        ("bytes=10-", Some(tag.as_str()), 206, 10, whole.len()),
        ("bytes=0-9", Some("\"another\""), 200, 0, whole.len()),
        ("bytes=99999999-", None, 416, 0, 0),
    ] {
        let mut request = TestRequest::get().uri(link).insert_header(("range", range));
        if let Some(condition) = condition {
            request = request.insert_header(("if-range", condition));
        }
        let response = site(request).await;
        assert_eq!(response.status(), status, "{range}");
        let told = response.headers().get("content-range").cloned();
        let told = told.map(|value| value.to_str().expect("text").to_owned());
        let expected = match status {
            206 => Some(format!("bytes {first}-{}/{}", last - 1, whole.len())),
            416 => Some(format!("bytes */{}", whole.len())),
            _ => None,
        };
        assert_eq!(told, expected, "{range}");
        assert_eq!(
            test::read_body(response).await,
            whole.slice(first..last),
            "{range}"
        );
    }
}

#[actix_web::test]
async fn sec_R056_files_run_nothing_and_other_paths_lead_nowhere() {
    let world = World::new(RegistrationMode::Closed);
    let site = world.site().await;
    let browser = Browser::new(&site);
    for path in [
        "/media/original/nothing.png",
        "/media/../Cargo.toml",
        "/media/%2e%2e/Cargo.toml",
        "/media_proxy/1/original",
        "/media_proxy/1/huge",
        "/media_proxy/x/small",
        "/media_proxy/accounts/1/avatar",
        "/media_proxy/accounts/1/password",
        "/media_proxy/emojis/far.test/blob/original",
        "/media_proxy/emojis/far.test/blob/huge",
        "/media_proxy/emojis/https:%2F%2Ffar.test%2Fblob.png/blob/static",
    ] {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    }
}

#[actix_web::test]
async fn sec_R024_uploads_come_back_as_pictures_and_as_nothing_else() {
    const DOCUMENT: &str = r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}"#;
    const PAGE: &str = "<!DOCTYPE html><script>alert(1)</script>";
    const ACTIVITY: &str = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let upload = async |bytes: Vec<u8>| {
        let upload = Upload {
            bytes: Bytes::from(bytes),
            ..Upload::default()
        };
        media::upload(&world.instance, ada.account_id, upload).await
    };
    for text in [
        DOCUMENT,
        PAGE,
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "<?xml version='1.0'?><html/>",
        "GIF89a/*<script>alert(1)</script>*/",
        "%PDF-1.7",
        "alert(1)",
    ] {
        let refused = upload(text.as_bytes().to_vec()).await;
        assert!(
            matches!(refused, Err(Error::Invalid { .. })),
            "{text}: {refused:?}"
        );
    }

    let site = world.site().await;
    for hidden in [DOCUMENT, PAGE] {
        let file = upload([PICTURE, hidden.as_bytes()].concat())
            .await
            .expect("a picture");
        for key in [file.file, file.thumbnail] {
            let key = key.expect("it is kept here");
            for accept in [ACTIVITY, "application/activity+json", "text/html", "*/*"] {
                let request = TestRequest::get()
                    .uri(&format!("/media/{key}"))
                    .insert_header(("accept", accept));
                let response = site(request).await;
                let header = |name: &str| {
                    let value = response.headers().get(name);
                    value.map_or("", |value| value.to_str().expect("text")).to_owned()
                };
                assert_eq!(response.status(), 200, "{key} {accept}");
                assert_eq!(header("content-type"), "image/png", "{accept}");
                assert_eq!(header("x-content-type-options"), "nosniff");
                assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
                assert_eq!(header("content-disposition"), "inline");
                let body = test::read_body(response).await;
                let carried = body.windows(hidden.len()).any(|part| part == hidden.as_bytes());
                assert!(!carried, "nothing but pixels is kept");
            }
            // Another ending of the name makes no other type of it.
            for ending in ["json", "html", "svg", "activity+json"] {
                let path = format!("/media/{}.{ending}", key.trim_end_matches(".png"));
                assert_eq!(site(TestRequest::get().uri(&path)).await.status(), 404, "{path}");
            }
        }
    }
}

#[actix_web::test]
async fn warnings_hide_and_polls_count() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let poll = NewPoll {
        options: vec!["tea".to_owned(), "coffee <3".to_owned()],
        expires_in: 3600,
        multiple: false,
        hide_totals: false,
    };
    let status = NewStatus {
        text: "which one?".to_owned(),
        spoiler_text: "drinks".to_owned(),
        visibility: Some(Visibility::Unlisted),
        poll: Some(poll),
        ..NewStatus::default()
    };
    let id = statuses::post(&world.instance, &ada, status)
        .await
        .expect("a status");
    let site = world.site().await;
    let page = Browser::new(&site).get(&format!("/@ada/{id}")).await;
    assert_eq!(
        page.text_of("details.warned .p-summary").as_deref(),
        Some("drinks")
    );
    assert_eq!(page.count("details.warned[open]"), 0);
    assert_eq!(page.count("details.warned .poll li"), 2);
    assert_eq!(
        page.text_of(".poll li:nth-child(2) .poll-title").as_deref(),
        Some("coffee <3")
    );
    assert_eq!(
        page.text_of(".poll li:nth-child(1) .poll-share").as_deref(),
        Some("0%")
    );
    assert_eq!(
        page.text_of("head > title").map(|t| t.contains("which")),
        Some(false),
        "the title warns too"
    );
    assert!(page.body.contains("Public, quietly"));
}

#[actix_web::test]
async fn custom_emoji_are_pictures_of_this_instance_in_every_text() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let emoji = NewEmoji {
        shortcode: "horn".to_owned(),
        category: None,
        visible: true,
        picture: Bytes::from_static(PICTURE),
        replace: false,
    };
    emojis::add(&world.instance, emoji).await.expect("an emoji");
    let update = ProfileChange {
        display_name: Some("Ada :horn:".to_owned()),
        note: Some("I play the :horn:".to_owned()),
        fields: Some(vec![(":horn: since".to_owned(), "1902 :horn:".to_owned())]),
        ..ProfileChange::default()
    };
    profile::update(&world.instance, &ada, update)
        .await
        .expect("a profile");
    let poll = NewPoll {
        options: vec![":horn:".to_owned(), "no :nothing:".to_owned()],
        expires_in: 3600,
        multiple: false,
        hide_totals: false,
    };
    let status = NewStatus {
        text: "hear the :horn: `:horn:`".to_owned(),
        spoiler_text: "loud :horn:".to_owned(),
        poll: Some(poll),
        ..NewStatus::default()
    };
    let id = statuses::post(&world.instance, &ada, status)
        .await
        .expect("a status");
    let site = world.site().await;
    let browser = Browser::new(&site);
    let picture = "img.emoji[alt=':horn:'][title=':horn:'][src^='/media/emoji/']";
    let page = browser.get(&format!("/@ada/{id}")).await;
    assert_eq!(page.count(&format!(".status-author .name {picture}")), 1);
    assert_eq!(page.count(&format!(".p-summary {picture}")), 1);
    assert_eq!(page.count(&format!(".poll-title {picture}")), 1);
    assert!(page.count(&format!(".e-content {picture}")) >= 1);
    assert!(page.body.contains("no :nothing:"));
    let title = page.text_of("head > title").expect("a title");
    assert!(title.contains(":horn:"), "titles are plain: {title}");
    let page = browser.get("/@ada").await;
    assert_eq!(page.count(&format!("h1 {picture}")), 1);
    assert_eq!(page.count(&format!(".p-note {picture}")), 1);
    assert_eq!(page.count(&format!(".fields dt {picture}")), 1);
    assert_eq!(page.count(&format!(".fields dd {picture}")), 1);
}
