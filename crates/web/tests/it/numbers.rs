//! What readers do on pages is counted for authors, and leads nobody astray.

#![expect(non_snake_case, reason = "security tests carry the number of their rule")]

use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use chrono::TimeDelta;
use pouet_model::account::User;
use pouet_model::ids::StatusId;
use pouet_model::status::Visibility;
use pouet_model::urls::Urls;
use pouet_service::analytics::{self, Reads};
use pouet_service::media::{self, Upload};
use pouet_service::preferences::{self, OwnChange};
use pouet_service::settings::RegistrationMode;
use pouet_service::statuses::{self, NewStatus};
use pouet_service::{follows, trends};
use pouet_storage::analytics::list_reads;
use pouet_storage::migrate;
use scraper::{Html, Selector};

use crate::world::{BASE, Browser, PASSWORD, Reply, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PICTURE: &[u8] = include_bytes!("../../assets/avatar-default.png");
const LINK: &str = "https://there.test/a?b=1&c=%20";

/// What a person's browser sends for an address on one of our pages.
fn from_a_page(uri: &str) -> TestRequest {
    TestRequest::get()
        .uri(uri)
        .insert_header(("user-agent", FIREFOX))
        .insert_header(("sec-fetch-site", "same-origin"))
}

/// Opens an address as a person with a browser does, by a link on one of our pages.
async fn open(browser: &Browser, uri: &str) -> Reply {
    browser.send(from_a_page(uri)).await
}

/// An attribute of the first element.
fn attribute(page: &Reply, selector: &str, name: &str) -> String {
    let selector = Selector::parse(selector).expect("a selector");
    let document = Html::parse_document(&page.body);
    let found = document.select(&selector).next();
    let value = found.and_then(|element| element.attr(name).map(str::to_owned));
    value.unwrap_or_else(|| panic!("no {name}: {}", page.body))
}

/// What is counted of a status: more than its author is told.
async fn reads(world: &World, id: &str) -> Reads {
    analytics::flush(&world.instance).await;
    let id: StatusId = id.parse().expect("an id");
    let days = world.store.read(move |conn| list_reads(conn, id)).await;
    let mut sum = Reads::default();
    for (_, reads) in days.expect("rows") {
        sum += reads;
    }
    sum
}

async fn count_links(world: &World, author: &User, counted: bool) {
    let change = OwnChange {
        count_link_clicks: Some(counted),
        ..OwnChange::default()
    };
    preferences::change_own(&world.instance, author.account_id, change)
        .await
        .expect("a change");
}

/// A world where ada posts a picture.
async fn picture(world: &World) -> (User, String) {
    let (ada, _) = world.user("ada").await;
    let upload = Upload {
        bytes: Bytes::from_static(PICTURE),
        ..Upload::default()
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
    (ada, id.to_string())
}

#[actix_web::test]
async fn a_profile_opened_from_a_post_is_counted_once_for_each_page() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let id = world.post(&ada, "hello", Visibility::Public).await;
    let site = world.site().await;
    let visitor = Browser::new(&site);
    for path in ["/", "/public/local", "/@ada", &format!("/@ada/{id}")] {
        let page = open(&visitor, path).await;
        let link = attribute(&page, ".status-author a", "href");
        assert!(link.starts_with("/@ada?from="), "{path}: {link}");
        assert_eq!(attribute(&page, ".status-face", "href"), link, "{path}");
    }
    let page = open(&visitor, "/").await;
    let link = attribute(&page, ".status-author a", "href");
    for _ in 0..2 {
        let led = open(&visitor, &link).await;
        assert_eq!((led.status.as_u16(), led.location()), (303, "/@ada"));
        assert_eq!(led.header("cache-control"), "private, no-store");
    }
    assert_eq!(reads(&world, &id).await.profile_clicks, 1);
    // Others who have the address are led to the profile, too.
    world.user("bob").await;
    let member = Browser::new(&site);
    member.sign_in("bob", PASSWORD).await;
    assert_eq!(open(&member, &link).await.location(), "/@ada");
    assert_eq!(open(&member, "/@bob?from=invented").await.location(), "/@bob");
    assert_eq!(reads(&world, &id).await.profile_clicks, 1, "it was used");
    let page = open(&member, "/").await;
    open(&member, &attribute(&page, ".status-author a", "href")).await;
    assert_eq!(reads(&world, &id).await.profile_clicks, 2);
}

#[actix_web::test]
async fn an_original_is_counted_once_for_a_reader_and_stays_as_it_is() {
    let world = World::new(RegistrationMode::Closed);
    let (_, id) = picture(&world).await;
    let site = world.site().await;
    let visitor = Browser::new(&site);
    let page = open(&visitor, &format!("/@ada/{id}")).await;
    let preview = attribute(&page, "figure img", "src");
    assert!(preview.starts_with("/media/"), "{preview}");
    assert_eq!(site(from_a_page(&preview)).await.status(), 200);
    assert_eq!(
        reads(&world, &id).await.media_engagements,
        0,
        "of the preview nothing"
    );
    let link = attribute(&page, "figure a", "href");
    let (ticket, key) = link
        .strip_prefix("/m/")
        .and_then(|rest| rest.split_once('/'))
        .expect("a ticket and a key");
    let elsewhere = TestRequest::get()
        .uri(&link)
        .insert_header(("user-agent", FIREFOX))
        .insert_header(("sec-fetch-site", "cross-site"));
    assert_eq!(visitor.send(elsewhere).await.location(), format!("/media/{key}"));
    assert_eq!(
        reads(&world, &id).await.media_engagements,
        0,
        "of what other sites show nothing"
    );
    for part in ["bytes=0-99", "bytes=100-199", "bytes=200-"] {
        let request = TestRequest::get()
            .uri(&link)
            .insert_header(("user-agent", FIREFOX))
            .insert_header(("range", part));
        let led = visitor.send(request).await;
        assert_eq!(led.status, 303);
        assert_eq!(led.location(), format!("/media/{key}"));
        assert_eq!(led.header("cache-control"), "private, no-store");
    }
    assert_eq!(reads(&world, &id).await.media_engagements, 1);
    let file = visitor.head_of(&format!("/media/{key}")).await;
    let kept = file.get("cache-control").expect("it may be kept");
    assert_eq!(kept, "public, max-age=31536000, immutable");
    // What is no ticket for it leads there, and counts nothing.
    world.user("bob").await;
    let member = Browser::new(&site);
    member.sign_in("bob", PASSWORD).await;
    let other = format!("/m/invented/{key}");
    assert_eq!(open(&member, &other).await.location(), format!("/media/{key}"));
    assert_eq!(reads(&world, &id).await.media_engagements, 1);
    for astray in [
        "//evil.test/x.png",
        "/../../settings/analytics",
        "/%2e%2e/x",
        "/a%0d%0ax",
        "/a//evil.test",
        "/",
    ] {
        let led = open(&member, &format!("/m/{ticket}{astray}")).await;
        assert_eq!(led.status, 404, "{astray}");
    }
}

#[actix_web::test]
async fn links_lead_through_here_only_if_the_author_asked_for_it() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let id = world
        .post(&ada, &format!("see {LINK} #x"), Visibility::Public)
        .await;
    let site = world.site().await;
    let (visitor, path) = (Browser::new(&site), format!("/@ada/{id}"));
    let (link, tag) = (
        ".status-focus .content a:not(.hashtag)",
        ".status-focus .content a.hashtag",
    );
    let before = open(&visitor, &path).await;
    assert_eq!(attribute(&before, link, "href"), LINK);
    count_links(&world, &ada, true).await;
    let page = open(&visitor, &path).await;
    let address = attribute(&page, link, "href");
    let plain = format!("/l/{id}/{}", analytics::link_mark(LINK));
    assert!(address.starts_with(&format!("{plain}?from=")), "{address}");
    assert_eq!(attribute(&page, link, "title"), LINK);
    for kept in ["rel", "target"] {
        assert_eq!(attribute(&page, link, kept), attribute(&before, link, kept));
    }
    assert_eq!(page.text_of(link), before.text_of(link));
    assert_eq!(attribute(&page, tag, "href"), attribute(&before, tag, "href"));
    for _ in 0..2 {
        let led = open(&visitor, &address).await;
        assert_eq!((led.status.as_u16(), led.location()), (303, LINK));
        assert_eq!(led.header("referrer-policy"), "same-origin");
    }
    assert_eq!(reads(&world, &id).await.link_clicks, 1);
    // The author and programs are not counted, and get the plain address.
    let author = Browser::new(&site);
    author.sign_in("ada", PASSWORD).await;
    assert_eq!(attribute(&open(&author, &path).await, link, "href"), LINK);
    assert_eq!(attribute(&visitor.get(&path).await, link, "href"), LINK);
    open(&author, &address).await;
    visitor.get(&address).await;
    assert_eq!(reads(&world, &id).await.link_clicks, 1);
    // An old page leads to the post once nothing is counted any more.
    count_links(&world, &ada, false).await;
    assert_eq!(open(&visitor, &address).await.location(), path);
    assert_eq!(attribute(&open(&visitor, &path).await, link, "href"), LINK);
}

#[actix_web::test]
async fn sec_R083_nobody_is_led_anywhere_but_to_a_link_of_the_post() {
    let world = World::new(RegistrationMode::Closed);
    let ((ada, _), (bob, _)) = (world.user("ada").await, world.user("bob").await);
    count_links(&world, &ada, true).await;
    let id = world.post(&ada, &format!("see {LINK}"), Visibility::Public).await;
    let other = world
        .post(&ada, "see https://other.test/", Visibility::Public)
        .await;
    let secret = world
        .post(&ada, "see https://secret.test/", Visibility::Private)
        .await;
    let quiet = world.post(&bob, &format!("see {LINK}"), Visibility::Public).await;
    let visitor = Browser::new(&world.site().await);
    let (mark, link) = (analytics::link_mark(LINK), ".status-focus .content a");
    let page = open(&visitor, &format!("/@ada/{id}")).await;
    let address = attribute(&page, link, "href");
    let (plain, ticket) = address.split_once("?from=").expect("a ticket");
    assert_eq!(plain, format!("/l/{id}/{mark}"));
    assert_eq!(open(&visitor, &address).await.location(), LINK);
    let evil = analytics::link_mark("https://evil.test/");
    for astray in [
        format!("/l/{id}/{evil}"),
        format!("/l/{id}/https:%2F%2Fevil.test%2F"),
        format!("/l/{id}/{evil}?to=https://evil.test/&url=https://evil.test/"),
        format!("/l/{id}/"),
        format!("/l/{id}"),
        format!("/l//evil.test/{mark}"),
        format!("/l/{other}/{mark}"),
        format!("/l/{secret}/{}", analytics::link_mark("https://secret.test/")),
        format!("/l/99/{mark}"),
        format!("/l/x/{mark}"),
    ] {
        let sign = if astray.contains('?') { '&' } else { '?' };
        for astray in [format!("{astray}{sign}from={ticket}"), astray] {
            let led = open(&visitor, &astray).await;
            assert_eq!((led.status.as_u16(), led.location()), (404, ""), "{astray}");
        }
    }
    // Whose author did not ask for it is no way out either.
    let led = open(&visitor, &format!("/l/{quiet}/{mark}?from={ticket}")).await;
    assert_eq!(led.location(), format!("/@bob/{quiet}"));
    // Without a ticket of ours for this very link the post is shown.
    let other_page = open(&visitor, &format!("/@ada/{other}")).await;
    let other_address = attribute(&other_page, link, "href");
    let (_, other_ticket) = other_address.split_once("?from=").expect("a ticket");
    let profile = attribute(&page, ".status-author a", "href");
    let (_, profile_ticket) = profile.split_once("?from=").expect("a ticket");
    for wrong in ["", "invented", &ticket[1..], other_ticket, profile_ticket] {
        let led = open(&visitor, &format!("{plain}?from={wrong}")).await;
        assert_eq!(led.location(), format!("/@ada/{id}"), "{wrong}");
    }
    assert_eq!(open(&visitor, plain).await.location(), format!("/@ada/{id}"));
    // A link to such an address somewhere else, in a mail for instance, shows the post first.
    for site in ["cross-site", "same-site", "none"] {
        let request = TestRequest::get()
            .uri(&address)
            .insert_header(("user-agent", FIREFOX))
            .insert_header(("sec-fetch-site", site));
        let led = visitor.send(request).await;
        assert_eq!(led.location(), format!("/@ada/{id}"), "{site}");
    }
    assert_eq!(reads(&world, &id).await.link_clicks, 1);
}

#[actix_web::test]
async fn feeds_frames_and_programs_get_plain_addresses() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, id) = picture(&world).await;
    world.post(&ada, &format!("see {LINK}"), Visibility::Public).await;
    count_links(&world, &ada, true).await;
    let visitor = Browser::new(&world.site().await);
    let counting = ["/l/", "/m/", "?from="];
    let page = open(&visitor, "/@ada").await;
    assert!(
        counting.iter().all(|sign| page.body.contains(sign)),
        "{}",
        page.body
    );
    for path in [
        "/@ada.rss",
        "/@ada.atom",
        "/@ada.feed.json",
        &format!("/@ada/{id}/embed"),
    ] {
        let page = open(&visitor, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !counting.iter().any(|sign| page.body.contains(sign)),
            "{path}: {}",
            page.body
        );
    }
    for agent in ["examplebot/1.0 (+https://bot.test)", "curl/8.5.0"] {
        let request = TestRequest::get()
            .uri("/@ada")
            .insert_header(("user-agent", agent));
        let page = visitor.send(request).await;
        assert!(
            !counting.iter().any(|sign| page.body.contains(sign)),
            "{agent}: {}",
            page.body
        );
    }
    let card = attribute(
        &open(&visitor, &format!("/@ada/{id}")).await,
        "meta[property='og:image']",
        "content",
    );
    assert!(card.starts_with(&format!("{BASE}/media/")), "{card}");
}

#[actix_web::test]
async fn authors_read_their_numbers_on_pages_and_nobody_else_does() {
    let world = World::new(RegistrationMode::Closed);
    let (_, id) = picture(&world).await;
    let (bob, _) = world.user("bob").await;
    let site = world.site().await;
    let path = format!("/@ada/{id}");
    statuses::favourite(&world.instance, bob.account_id, id.parse().expect("an id"))
        .await
        .expect("a favourite");
    let visitor = Browser::new(&site);
    let page = open(&visitor, &path).await;
    open(&visitor, &attribute(&page, "figure a", "href")).await;
    open(&visitor, &attribute(&page, ".status-author a", "href")).await;
    analytics::flush(&world.instance).await;
    assert_eq!(page.count(".numbers"), 0, "visitors see none");
    let led = open(&visitor, "/settings/analytics").await;
    assert_eq!(led.location(), "/auth/sign_in?return_to=%2Fsettings%2Fanalytics");

    let (author, other) = (Browser::new(&site), Browser::new(&site));
    author.sign_in("ada", PASSWORD).await;
    other.sign_in("bob", PASSWORD).await;
    assert_eq!(
        open(&other, &path).await.count(".numbers"),
        0,
        "nor do other members"
    );
    let (one, all) = (
        open(&author, &path).await,
        open(&author, "/settings/analytics").await,
    );
    // The rows, and last their sum.
    let tally = |page: &Reply| -> Vec<String> {
        let document = Html::parse_document(&page.body);
        let rows = Selector::parse(".tally dd").expect("a selector");
        document
            .select(&rows)
            .map(|row| row.text().collect::<String>().trim().to_owned())
            .collect()
    };
    let (few, off) = ("under 5", "not counted");
    for page in [&one, &all] {
        assert_eq!(page.text_of(".facts dd").as_deref(), Some(few));
        assert_eq!(tally(page), [few, few, few, off, "1", "0", "0", "1"]);
    }
    assert_eq!(all.count(".chart"), 1, "of impressions nothing can be drawn");
    assert_eq!(all.count(".by-day tbody tr"), 28);
    assert_eq!(
        all.text_of(".by-day tbody tr td:nth-of-type(2)").as_deref(),
        Some(few)
    );
    for last in 1..5 {
        let from_there = |uri: &str| {
            let address = format!("192.0.2.{last}:40000").parse().expect("an address");
            from_a_page(uri).peer_addr(address)
        };
        let page = visitor.send(from_there(&path)).await;
        for link in [
            attribute(&page, "figure a", "href"),
            attribute(&page, ".status-author a", "href"),
        ] {
            visitor.send(from_there(&link)).await;
        }
    }
    analytics::flush(&world.instance).await;
    let (one, all) = (
        open(&author, &path).await,
        open(&author, "/settings/analytics").await,
    );
    for page in [&one, &all] {
        assert_eq!(page.text_of(".facts dd").as_deref(), Some("6"));
        assert_eq!(
            tally(page),
            ["6", "5", "5", off, "1", "0", "0", "17"],
            "bob opened it, too"
        );
    }
    assert_eq!(all.count(".chart"), 2);
    let bars = all.text_of(".chart-bar:last-child title").expect("a bar");
    assert!(bars.ends_with(": 6"), "{bars}");
    let bars = all.text_of(".chart-bar title").expect("a bar");
    assert!(bars.ends_with(": under 5"), "{bars}");
    assert_eq!(
        open(&author, "/settings/analytics?days=7")
            .await
            .count(".by-day tbody tr"),
        7
    );
    let link = attribute(&all, "a[download]", "href");
    let file = open(&author, &link).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"analytics.csv\""
    );
    assert_eq!(file.header("cache-control"), "private, no-store");
    let lines: Vec<&str> = file.body.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 29, "{}", file.body);
    assert!(lines[0].starts_with("day,statuses,impressions"));
    assert!(
        lines[28].ends_with(",1,6,17,6,5,5,,1,0,0"),
        "what is not told is empty: {}",
        lines[28]
    );
    let short = open(&author, "/settings/analytics.csv?days=7").await;
    assert_eq!(short.body.lines().count(), 8);
    assert_eq!(
        open(&visitor, &link).await.location(),
        "/auth/sign_in?return_to=%2Fsettings%2Fanalytics"
    );
    let own = open(&other, "/settings/analytics").await;
    assert_eq!(
        (own.count(".empty"), own.count(".chart")),
        (1, 0),
        "bob wrote nothing"
    );
}

#[actix_web::test]
async fn sec_R082_counting_of_links_is_switched_by_a_form_of_ours() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let counted = async || {
        preferences::own(&world.instance, ada.account_id)
            .await
            .expect("preferences")
            .count_link_clicks
    };
    let browser = Browser::new(&world.site().await);
    browser.sign_in("ada", PASSWORD).await;
    let (path, tick) = ("/settings/analytics", [("count_link_clicks", "1")]);
    assert_eq!(
        browser
            .get(path)
            .await
            .count("input[type=checkbox]:not([checked])"),
        1
    );
    assert_eq!(browser.post(path, &tick).await.status, 403, "without a token");
    assert!(!counted().await);
    let saved = browser.fill(path, path, &tick).await;
    assert_eq!(
        (saved.status.as_u16(), saved.location()),
        (303, "/settings/analytics?saved=1#links")
    );
    assert!(counted().await);
    assert_eq!(browser.get(saved.location()).await.count("input[checked]"), 1);
    browser.fill(path, path, &[]).await;
    assert!(!counted().await);
}

#[actix_web::test]
async fn where_nothing_is_counted_pages_show_no_trace_of_it() {
    let urls = Urls::new(&BASE.parse().expect("an address"), None);
    let world = World::with_settings(urls, RegistrationMode::Closed, |settings| {
        settings.analytics_enabled = false;
    });
    let (ada, id) = picture(&world).await;
    let linked = world.post(&ada, &format!("see {LINK}"), Visibility::Public).await;
    count_links(&world, &ada, true).await;
    let site = world.site().await;
    let (visitor, author) = (Browser::new(&site), Browser::new(&site));
    let page = open(&visitor, "/@ada").await;
    assert!(
        !["/l/", "/m/", "?from="]
            .iter()
            .any(|sign| page.body.contains(sign)),
        "{}",
        page.body
    );
    let address = format!("/l/{linked}/{}", analytics::link_mark(LINK));
    assert_eq!(
        open(&visitor, &address).await.location(),
        format!("/@ada/{linked}")
    );
    author.sign_in("ada", PASSWORD).await;
    assert_eq!(open(&author, "/settings/analytics").await.status, 404);
    assert_eq!(open(&author, "/settings/analytics.csv").await.status, 404);
    assert_eq!(open(&author, "/").await.count("a[href='/settings/analytics']"), 0);
    assert_eq!(open(&author, &format!("/@ada/{id}")).await.count(".numbers"), 0);
    let form = author.get("/").await.hidden("/auth/sign_out");
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(author.post("/settings/analytics", &form).await.status, 404);
}

#[actix_web::test]
async fn every_page_that_shows_a_post_counts_it_as_shown() {
    let world = World::new(RegistrationMode::Closed);
    let ((ada, _), (cleo, _)) = (world.user("ada").await, world.user("cleo").await);
    let ((dan, _), (bob, _)) = (world.user("dan").await, world.user("bob").await);
    let post = world.post(&ada, "look, a #needle", Visibility::Public).await;
    let id: StatusId = post.parse().expect("an id");
    let question = world.post(&cleo, "what is it?", Visibility::Public).await;
    let answer = NewStatus {
        text: "an answer".to_owned(),
        in_reply_to_id: question.parse().ok(),
        ..NewStatus::default()
    };
    let answer = statuses::post(&world.instance, &ada, answer)
        .await
        .expect("posted");
    statuses::pin(&world.instance, ada.account_id, answer)
        .await
        .expect("pinned");
    for user in [&cleo, &dan] {
        statuses::favourite(&world.instance, user.account_id, id)
            .await
            .expect("seen");
        let options = follows::FollowOptions::default();
        follows::follow(&world.instance, bob.account_id, user.account_id, options)
            .await
            .expect("followed");
    }
    // What they liked they find.
    statuses::favourite(&world.instance, bob.account_id, id)
        .await
        .expect("seen");
    trends::refresh(&world.instance).await.expect("a look");
    let member = Browser::new(&world.site().await);
    member.sign_in("bob", PASSWORD).await;
    let answer = answer.to_string();
    for (page, shown) in [
        ("/".to_owned(), &post),
        ("/public/local".to_owned(), &post),
        ("/tags/needle".to_owned(), &post),
        ("/@ada".to_owned(), &post),
        // It is pinned, and no answers are listed else.
        ("/@ada".to_owned(), &answer),
        (format!("/@ada/{post}"), &post),
        (format!("/@cleo/{question}"), &answer),
        (format!("/@ada/{answer}"), &question),
        ("/explore".to_owned(), &post),
        ("/explore?among=followed".to_owned(), &post),
        ("/search?q=needle".to_owned(), &post),
    ] {
        // A reader counts once an hour.
        world.clock.advance(TimeDelta::hours(1));
        let before = reads(&world, shown).await;
        for _ in 0..2 {
            assert_eq!(open(&member, &page).await.status, 200, "{page}");
        }
        let after = reads(&world, shown).await;
        assert_eq!(after.impressions, before.impressions + 1, "{page}");
        let opened = i64::from(page == format!("/@ada/{shown}"));
        assert_eq!(after.detail_openings, before.detail_openings + opened, "{page}");
    }
}

#[actix_web::test]
async fn trends_among_followed_people_store_nothing_about_the_reader() {
    let world = World::new(RegistrationMode::Closed);
    let ((ada, _), (cleo, _)) = (world.user("ada").await, world.user("cleo").await);
    let ((dan, _), (bob, _)) = (world.user("dan").await, world.user("bob").await);
    let id = world.post(&ada, "a poem", Visibility::Public).await;
    for user in [&cleo, &dan] {
        let id = id.parse().expect("an id");
        statuses::favourite(&world.instance, user.account_id, id)
            .await
            .expect("seen");
        let options = follows::FollowOptions::default();
        follows::follow(&world.instance, bob.account_id, user.account_id, options)
            .await
            .expect("followed");
    }
    let member = Browser::new(&world.site().await);
    member.sign_in("bob", PASSWORD).await;
    // That they were here is noted beforehand.
    open(&member, "/about").await;
    let contents = async || world.store.read(migrate::contents).await.expect("rows");
    let before = contents().await;
    let page = open(&member, "/explore?among=followed").await;
    assert_eq!(page.text_of(".timeline .content").as_deref(), Some("a poem"));
    assert_eq!(contents().await, before);
    assert_eq!(reads(&world, &id).await.impressions, 1);
    let mut after = contents().await;
    assert_eq!(after.remove("status_reads").map(|rows| rows.len()), Some(1));
    let rest: Vec<_> = before
        .iter()
        .filter(|(table, _)| *table != "status_reads")
        .collect();
    assert_eq!(after.iter().collect::<Vec<_>>(), rest, "but sums");
}
