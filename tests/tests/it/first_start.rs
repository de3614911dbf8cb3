//! The first start: an address, a set-up link that works once, and an owner who can use apps.

use pouet_tests::browser::{Form, Page, code_of};
use pouet_tests::database::Backend;
use pouet_tests::http::Part;
use pouet_tests::server::{PASSWORD, email_of};
use pouet_tests::wait::SOON;
use pouet_tests::{Browser, Options, Server, eventually};
use reqwest::Method;
use serde_json::json;

/// The addresses of the server that stand in its output from byte `from` on, in order.
fn addresses(server: &Server, from: usize) -> Vec<String> {
    let (log, base) = (server.log(), server.url());
    let ends = |letter: char| letter.is_whitespace() || "\"'<>),\u{1b}".contains(letter);
    let words = log[from..]
        .match_indices(&base)
        .map(|(start, _)| &log[from + start..]);
    words
        .map(|text| {
            text.split(ends)
                .next()
                .unwrap_or_default()
                .trim_end_matches('.')
                .to_owned()
        })
        .collect()
}

/// The set-up link printed from byte `from` on: the one address with a path.
fn set_up_link(server: &Server, from: usize) -> Option<String> {
    let found = addresses(server, from);
    found
        .into_iter()
        .find(|address| address.len() > server.url().len() + 8)
}

async fn await_set_up_link(server: &Server, from: usize) -> String {
    eventually("a set-up link to be printed", SOON, async || {
        set_up_link(server, from).ok_or_else(|| anyhow::anyhow!("only {:?}", addresses(server, from)))
    })
    .await
}

/// The set-up form, filled in by what its fields are for.
fn filled(page: &Page) -> Form {
    let mut form = page.sign_in_form().expect("a form with a password");
    form.fill_kind("password", PASSWORD);
    for field in &mut form.fields {
        let name = field.name.to_ascii_lowercase();
        match field.kind.as_str() {
            "email" => field.value = email_of("captain"),
            "text"
                if ["instance", "title", "site"]
                    .iter()
                    .any(|word| name.contains(word)) =>
            {
                "The Harbour".clone_into(&mut field.value);
            }
            "text" => "captain".clone_into(&mut field.value),
            _ => {}
        }
    }
    form
}

#[tokio::test]
async fn the_set_up_link_makes_the_owner_once() {
    let mut server = Server::start(Options::new(Backend::Sqlite)).await;
    let link = await_set_up_link(&server, 0).await;
    assert!(
        addresses(&server, 0)
            .iter()
            .any(|address| address.trim_end_matches('/') == server.url())
    );

    server.stop();
    let before = server.log().len();
    server.start_again().await;
    let link_again = await_set_up_link(&server, before).await;
    let other = Browser::new().open(&format!("{link}x")).await;
    assert!(
        matches!(other.reply.status, 403 | 404 | 410),
        "{}",
        other.reply.summary()
    );

    let mut browser = Browser::new();
    let page = browser.open(&link_again).await;
    assert_eq!(page.reply.status, 200, "{}", page.reply.summary());
    let done = browser.send(&page, &filled(&page), None).await;
    assert_eq!(done.reply.status, 200, "{}", done.reply.summary());

    let instance = server.client().get("/api/v2/instance").await.ok();
    assert_eq!(instance["title"], "The Harbour");
    assert_eq!(instance["contact"]["account"]["username"], "captain");
    for used in [&link, &link_again] {
        let page = Browser::new().open(used).await;
        assert!(
            matches!(page.reply.status, 403 | 404 | 410),
            "it is used: {}",
            page.reply.summary()
        );
    }

    let token = server.cli(
        &[
            "admin",
            "token",
            "create",
            "captain",
            "--scopes",
            "read admin:read",
        ],
        "",
    );
    let own = server
        .client()
        .with_token(&token)
        .get("/api/v1/accounts/verify_credentials")
        .await
        .ok();
    assert_eq!(own["role"]["name"], "Owner");

    server.stop();
    let before = server.log().len();
    server.start_again().await;
    assert_eq!(set_up_link(&server, before), None, "there is an owner now");
}

#[tokio::test]
async fn the_owner_signs_in_and_out_of_reach_of_others() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let link = await_set_up_link(&server, 0).await;
    let (mut first, mut second) = (Browser::new(), Browser::new());
    let (page, late) = (first.open(&link).await, second.open(&link).await);
    first.send(&page, &filled(&page), None).await;
    let refused = second.send(&late, &filled(&late), None).await;
    assert!(
        matches!(refused.reply.status, 403 | 404 | 410),
        "a second owner: {}",
        refused.reply.summary()
    );

    let app = json!({
        "client_name": "spyglass",
        "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
        "scopes": "read",
    });
    let app = server.client().post("/api/v1/apps", &app).await.ok();
    let authorize = format!(
        "{}/oauth/authorize?response_type=code&client_id={}&redirect_uri=urn:ietf:wg:oauth:2.0:oob&scope=read",
        server.url(),
        app["client_id"].as_str().expect("an id"),
    );
    let page = Browser::new()
        .authorize(&authorize, &email_of("captain"), PASSWORD)
        .await;
    assert!(code_of(&page).is_some(), "{}", page.url);
}

#[tokio::test]
async fn a_new_instance_has_what_apps_need() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let ada = server.account("ada").await;
    let v2 = server.client().get("/api/v2/instance").await.ok();
    let v1 = server.client().get("/api/v1/instance").await.ok();
    assert_eq!(
        (&v2["domain"], &v1["uri"]),
        (&json!(server.domain()), &json!(server.domain()))
    );
    assert_eq!(v1["stats"]["user_count"], 1);
    assert_eq!(
        v2["configuration"]["urls"]["streaming"],
        format!("ws://{}", server.domain())
    );
    assert_eq!(v1["urls"]["streaming_api"], format!("ws://{}", server.domain()));
    let mail = [&v2["contact"]["email"], &v1["email"]];
    assert!(
        mail.iter()
            .all(|mail| mail.as_str().is_some_and(|text| text.contains('@'))),
        "{mail:?}"
    );

    let own = ada.client.get("/api/v1/accounts/verify_credentials").await.ok();
    let pictures = [
        &v2["thumbnail"]["url"],
        &v1["thumbnail"],
        &own["avatar"],
        &own["avatar_static"],
        &own["header"],
    ];
    for picture in pictures {
        let address = picture
            .as_str()
            .unwrap_or_else(|| panic!("an address: {picture}"));
        let reply = server.client().get(address).await.expect(200);
        assert!(
            reply.header("content-type").starts_with("image/"),
            "{address}: {:?}",
            reply.headers
        );
    }
    assert_eq!(
        (&own["locked"], &own["source"]["privacy"]),
        (&json!(false), &json!("public"))
    );

    let supported = v2["configuration"]["media_attachments"]["supported_mime_types"]
        .as_array()
        .expect("a list");
    let claims_video = supported
        .iter()
        .any(|kind| kind.as_str().is_some_and(|kind| kind.starts_with("video/")));
    let image = pouet_tests::png::gradient(8, 8);
    assert!(supported.contains(&json!("image/png")));
    let file = Part {
        name: "file",
        file: Some(("a.mp4", "video/mp4")),
        bytes: &image[..30],
    };
    let reply = ada.client.parts(Method::POST, "/api/v2/media", &[file]).await;
    assert!(
        claims_video || reply.status == 422,
        "video is not offered: {}",
        reply.summary()
    );
    assert_eq!(v2["title"], v1["title"]);
}
