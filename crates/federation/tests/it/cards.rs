//! Preview cards: what pages behind links say of themselves, and what they cannot make us do.

use std::sync::Arc;

use chrono::TimeDelta;
use pouet_model::{account::Account, ids::StatusId};
use pouet_service::{
    cards::CardView,
    media,
    profile::{self, ProfileChange},
    search::{self, SearchKind, SearchQuery},
    statuses::{self, NewStatus, StatusChange},
};
use serde_json::json;

use crate::common::{Remote, World};

/// A PNG of 4 x 2 pixels.
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x02, 0x08, 0x02, 0x00, 0x00, 0x00, 0xf0, 0xca, 0xea, 0x34, 0x00,
    0x00, 0x00, 0x10, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x38, 0x91, 0x62, 0x04, 0x47, 0x0c, 0xc8,
    0x1c, 0x00, 0x92, 0xfa, 0x0a, 0xf1, 0x4b, 0x4e, 0x88, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

async fn post(world: &mut World, text: &str) -> StatusId {
    let new = NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    };
    let id = world.site.post(&world.user.clone(), new).await;
    world.clock.advance(TimeDelta::seconds(61));
    world.site.settle().await;
    id
}

async fn card(world: &World, id: StatusId) -> Option<CardView> {
    let viewer = Some(world.ben.id);
    statuses::find(&world.site.instance, viewer, id)
        .await
        .unwrap()
        .card
}

/// What each path was asked for, in order.
fn asked(site: &Remote) -> Vec<String> {
    site.asked()
        .into_iter()
        .filter(|line| !line.contains("webfinger"))
        .collect()
}

#[actix_web::test]
async fn links_are_shown_with_what_their_pages_say() {
    let mut world = World::start().await;
    let news = Remote::start_as("news.test", &world.clock);
    news.serve_as(
        "/1",
        200,
        "text/html; charset=utf-8",
        "<html lang=fr><head><title>x</title><meta property='og:title' content='Fog &amp; sea'>\
         <meta property='og:description' content='Nobody <b>sees</b> it'><meta property='og:site_name' content='News'>\
         <meta property='og:image' content='/fog.png'><meta property='og:image:alt' content='fog'>\
         <meta name=author content=Ada><meta property='article:published_time' content='2026-01-02T03:04:05Z'>",
    );
    news.serve_bytes("/fog.png", 200, "image/png", PICTURE);
    let id = post(&mut world, &format!("look {}/1?utm_source=x", news.url)).await;
    assert_eq!(asked(&news), ["GET /1", "GET /fog.png"]);
    let view = card(&world, id).await.unwrap();
    let found = &view.card;
    assert_eq!(view.url, format!("{}/1?utm_source=x", news.url));
    assert_eq!(
        (
            found.title.as_str(),
            found.description.as_str(),
            found.provider_name.as_str()
        ),
        ("Fog & sea", "Nobody <b>sees</b> it", "News")
    );
    assert_eq!(found.provider_url, news.url);
    assert_eq!(
        (found.language.as_deref(), found.author_name.as_str()),
        (Some("fr"), "Ada")
    );
    assert_eq!(
        found.published_at.unwrap().to_rfc3339(),
        "2026-01-02T03:04:05+00:00"
    );
    let image = found.image.as_ref().unwrap();
    assert_eq!((image.size.width, image.size.height), (4, 2));
    assert_eq!(found.image_description, "fog");
    // The picture is ours.
    let file = media::open(&world.site.instance, &image.file).await.unwrap();
    assert_eq!(file.content_type, "image/png");
    // A status that comes later has its card at once, and nothing is fetched.
    let later = post(&mut world, &format!("{}/1#top", news.url)).await;
    assert_eq!(asked(&news), Vec::<String>::new());
    assert!(card(&world, later).await.is_some());
}

/// The index follows the card: of statuses from before their page was read, of later ones, and when the page changes.
#[actix_web::test]
async fn pages_with_a_player_are_found_as_embeds() {
    let mut world = World::start().await;
    let videos = Remote::start_as("videos.test", &world.clock);
    let page =
        |player: &str| format!("<title>Waves</title><meta property='og:video:url' content='{player}'>");
    videos.serve_as("/1", 200, "text/html", &page("https://videos.test/embed/1"));
    videos.serve_as("/2", 200, "text/html", "<title>Fog</title>");
    let first = post(&mut world, &format!("sea {}/1", videos.url)).await;
    assert_eq!(embeds(&world).await, [], "the page was read a moment ago");
    world.clock.advance(TimeDelta::seconds(6));
    world.site.settle().await;
    assert_eq!(embeds(&world).await, [first]);
    post(&mut world, &format!("sea {}/2", videos.url)).await;
    // Nothing has to be read for this one.
    let second = post(&mut world, &format!("sea {}/1#top", videos.url)).await;
    assert_eq!(embeds(&world).await, [second, first]);
    let edited = StatusChange {
        text: "the sea alone".to_owned(),
        ..StatusChange::default()
    };
    let (author, instance) = (world.ben.id, world.site.instance.clone());
    statuses::edit(&instance, author, second, edited).await.unwrap();
    assert_eq!(embeds(&world).await, [first]);
    // The page no longer has it.
    videos.serve_as("/1", 200, "text/html", &page(""));
    world.clock.advance(TimeDelta::days(15));
    post(&mut world, &format!("sea {}/1", videos.url)).await;
    world.clock.advance(TimeDelta::seconds(6));
    world.site.settle().await;
    assert_eq!(embeds(&world).await, []);
}

async fn embeds(world: &World) -> Vec<StatusId> {
    let query = SearchQuery {
        q: "sea has:embed".to_owned(),
        kind: Some(SearchKind::Statuses),
        limit: 20,
        ..SearchQuery::default()
    };
    let found = search::search(&world.site.instance, Some(world.ben.id), query)
        .await
        .unwrap();
    found.statuses.iter().map(|view| view.status.id).collect()
}

#[actix_web::test]
async fn statuses_of_other_servers_have_cards_too() {
    let mut world = World::start().await;
    let news = Remote::start_as("news.test", &world.clock);
    news.serve_bytes(
        "/1",
        200,
        "text/html",
        b"<meta charset=iso-8859-1><title>caf\xe9</title>",
    );
    let content = format!("<p><a href=\"{0}/1\">{0}/1</a></p>", news.url);
    let note = world.far.note(&world.ada, "1", &content);
    let status = world.publish(&note).await.unwrap();
    world.clock.advance(TimeDelta::seconds(61));
    world.site.settle().await;
    assert_eq!(card(&world, status.id).await.unwrap().card.title, "café");
}

#[actix_web::test]
async fn what_is_no_page_has_no_card_and_is_not_asked_for_again() {
    let mut world = World::start().await;
    let news = Remote::start_as("news.test", &world.clock);
    news.serve_as("/json", 200, "application/json", "<title>x</title>");
    news.serve_bytes("/png", 200, "image/png", PICTURE);
    news.serve_as("/untitled", 200, "text/html", "<p>nothing</p>");
    news.serve_as("/broken", 500, "text/html", "<title>x</title>");
    news.serve_as("/gone", 410, "text/html", "<title>x</title>");
    for path in ["/json", "/png", "/untitled", "/broken", "/gone", "/missing"] {
        let link = format!("{}{path}", news.url);
        let id = post(&mut world, &link).await;
        assert_eq!(asked(&news), [format!("GET {path}")]);
        assert_eq!(card(&world, id).await, None, "{path}");
        post(&mut world, &link).await;
        assert_eq!(asked(&news), Vec::<String>::new(), "{path}");
    }
    // A page that could not be read is asked for again when it is linked to an hour later.
    world.clock.advance(TimeDelta::hours(1));
    news.serve_as("/broken", 200, "text/html", "<title>mended</title>");
    let id = post(&mut world, &format!("{}/broken", news.url)).await;
    assert_eq!(card(&world, id).await.unwrap().card.title, "mended");
}

#[actix_web::test]
async fn sec_R053_nothing_of_a_page_is_markup() {
    let mut world = World::start().await;
    let news = Remote::start_as("news.test", &world.clock);
    news.serve_as(
        "/1",
        200,
        "text/html",
        "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title><meta name=author content='javascript:alert(1)'>\
         <meta property='article:author' content='javascript:alert(1)'>\
         <meta property='og:image' content='data:image/png;base64,x'>\
         <link rel=alternate type='application/json+oembed' href='/oembed'>\
         <meta property='og:video' content='/player'>",
    );
    news.serve_as(
        "/oembed",
        200,
        "application/json",
        &json!({"type": "video", "version": "1.0", "html": "<script>alert(1)</script>"}).to_string(),
    );
    let id = post(&mut world, &format!("{}/1", news.url)).await;
    assert_eq!(
        asked(&news),
        ["GET /1"],
        "no player and no foreign markup is asked for"
    );
    let found = card(&world, id).await.unwrap().card;
    assert_eq!(
        found.title, "<script>alert(1)</script>",
        "a text, which pages escape"
    );
    assert_eq!((found.author_url.as_str(), found.image), ("", None));
}

#[actix_web::test]
async fn sec_R004_redirects_are_followed_by_our_rules_only() {
    let mut world = World::start().await;
    let news = Remote::start_as("news.test", &world.clock);
    news.serve_as("/end", 200, "text/html", "<title>end</title>");
    news.redirect("/once", "/end");
    news.redirect("/file", "file:///etc/passwd");
    news.redirect("/loop", "/loop");
    news.redirect("/a", "/b");
    news.redirect("/b", "/c");
    news.redirect("/c", "/d");
    news.redirect("/d", "/end");
    for (path, title) in [
        ("/once", Some("end")),
        ("/file", None),
        ("/loop", None),
        ("/a", None),
    ] {
        let id = post(&mut world, &format!("{}{path}", news.url)).await;
        let found = card(&world, id).await.map(|view| view.card.title);
        assert_eq!(found.as_deref(), title, "{path}");
    }
}

async fn name_sites(world: &World, sites: &[&str]) {
    let change = ProfileChange {
        attribution_domains: Some(sites.iter().map(|site| (*site).to_owned()).collect()),
        ..ProfileChange::default()
    };
    profile::update(&world.site.instance, &world.user, change)
        .await
        .unwrap();
}

fn names(author: Option<&Arc<Account>>) -> Option<String> {
    author.map(|account| account.acct())
}

#[actix_web::test]
async fn nobody_is_named_as_the_author_of_a_page_against_their_will() {
    let mut world = World::start().await;
    let (news, evil) = (
        Remote::start_as("news.test", &world.clock),
        Remote::start_as("evil.test", &world.clock),
    );
    let own = world.site.instance.urls().handle_domain().to_owned();
    let page = |handle: &str| format!("<title>x</title><meta name='fediverse:creator' content='{handle}'>");
    for site in [&news, &evil] {
        site.serve_as("/1", 200, "text/html", &page(&format!("@ben@{own}")));
    }
    evil.redirect("/2", &format!("{}/1", news.url));
    news.serve_as(
        "/ada",
        200,
        "text/html",
        &page(&format!("@ada@{}", world.far.domain)),
    );
    news.serve_as("/nobody", 200, "text/html", &page("@nobody"));
    name_sites(&world, &["news.test"]).await;
    let mut author_of = async |link: String| {
        let id = post(&mut world, &link).await;
        let view = card(&world, id).await.unwrap();
        (names(view.author.as_ref()), view.missing_attribution)
    };
    let ben = Some("ben".to_owned());
    assert_eq!(author_of(format!("{}/1", news.url)).await, (ben, Some(false)));
    assert_eq!(author_of(format!("{}/1", evil.url)).await, (None, Some(true)));
    assert_eq!(author_of(format!("{}/2", evil.url)).await, (None, Some(true)));
    assert_eq!(author_of(format!("{}/ada", news.url)).await, (None, Some(false)));
    assert_eq!(
        author_of(format!("{}/nobody", news.url)).await,
        (None, Some(false))
    );
}
