//! The authorization code flow, walked as a browser walks it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use pouet_tests::browser::{CONSENT, Page, code_of};
use pouet_tests::database::Backend;
use pouet_tests::server::{PASSWORD, email_of};
use pouet_tests::{Browser, Client, Options, Reply, Server};
use serde_json::{Value, json};
use url::form_urlencoded;

const OOB: &str = "urn:ietf:wg:oauth:2.0:oob";

/// An app with one redirect address, registered at one server.
struct App {
    client: Client,
    id: String,
    secret: String,
    redirect: String,
    scopes: String,
}

impl App {
    async fn register(server: &Server, redirect: &str, scopes: &str) -> Self {
        let body = json!({ "client_name": "Spyglass <2>", "redirect_uris": [redirect], "scopes": scopes });
        let app = server.client().post("/api/v1/apps", &body).await.ok();
        let text = |name: &str| {
            app[name]
                .as_str()
                .unwrap_or_else(|| panic!("no {name}: {app}"))
                .to_owned()
        };
        Self {
            client: server.client(),
            id: text("client_id"),
            secret: text("client_secret"),
            redirect: redirect.to_owned(),
            scopes: scopes.to_owned(),
        }
    }

    /// The address that the app opens in a browser.
    fn authorize(&self, more: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", self.id.as_str()),
                ("redirect_uri", self.redirect.as_str()),
                ("scope", self.scopes.as_str()),
            ])
            .extend_pairs(more)
            .finish();
        format!("{}/oauth/authorize?{query}", self.client.base())
    }

    async fn code(&self, more: &[(&str, &str)]) -> String {
        let page = ada(&mut Browser::new(), &self.authorize(more)).await;
        code_of(&page).unwrap_or_else(|| panic!("no code in {}", page.url))
    }

    async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> Reply {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", self.id.as_str()),
            ("client_secret", self.secret.as_str()),
            ("redirect_uri", self.redirect.as_str()),
        ];
        self.client.form("/oauth/token", &[&form, more].concat()).await
    }
}

async fn ada(browser: &mut Browser, address: &str) -> Page {
    browser.authorize(address, &email_of("ada"), PASSWORD).await
}

async fn server() -> Server {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    server.create_account("ada", &[]);
    server
}

fn oauth_error(reply: &Reply) -> Value {
    assert!(matches!(reply.status, 400 | 401), "{}", reply.summary());
    reply.json()["error"].clone()
}

#[tokio::test]
async fn a_code_with_pkce_becomes_a_token() {
    let server = server().await;
    let app = App::register(
        &server,
        "http://127.0.0.1:9/callback?from=app",
        "read write:statuses",
    )
    .await;
    let verifier = "a-verifier-of-the-proper-length-between-43-and-128";
    let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    let proof = [
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("state", "a b&c=d/é"),
    ];

    let mut browser = Browser::new();
    let page = ada(&mut browser, &app.authorize(&proof)).await;
    assert!(
        page.url.as_str().starts_with("http://127.0.0.1:9/callback?"),
        "{}",
        page.url
    );
    let query: Vec<(String, String)> = page.url.query_pairs().into_owned().collect();
    assert!(query.contains(&("from".into(), "app".into())), "{query:?}");
    assert!(
        query.contains(&("state".into(), "a b&c=d/é".into())),
        "the state comes back as it was: {query:?}"
    );
    let code = code_of(&page).expect("a code");

    assert_eq!(
        oauth_error(&app.exchange(&code, &[]).await),
        "invalid_grant",
        "without its verifier"
    );
    let code = app.code(&proof).await;
    assert_eq!(
        oauth_error(&app.exchange(&code, &[("code_verifier", "wrong")]).await),
        "invalid_grant"
    );
    let code = app.code(&proof).await;
    let token = app.exchange(&code, &[("code_verifier", verifier)]).await.ok();
    assert_eq!(
        (&token["token_type"], &token["scope"]),
        (&json!("Bearer"), &json!("read write:statuses"))
    );
    assert!(token["created_at"].is_i64(), "{token}");

    let user = server
        .client()
        .with_token(token["access_token"].as_str().expect("a token"));
    assert_eq!(
        user.get("/api/v1/accounts/verify_credentials").await.ok()["username"],
        "ada"
    );
    let status = user
        .post("/api/v1/statuses", &json!({ "status": "by an app" }))
        .await
        .ok();
    assert_eq!(status["application"]["name"], "Spyglass <2>");
    user.act("/api/v1/accounts/1/follow").await.refused(403);
}

#[tokio::test]
async fn a_code_works_once_and_for_its_app_alone() {
    let server = server().await;
    let app = App::register(&server, OOB, "read").await;
    let other = App::register(&server, OOB, "read").await;

    let code = app.code(&[]).await;
    assert_eq!(oauth_error(&other.exchange(&code, &[]).await), "invalid_grant");
    let code = app.code(&[]).await;
    assert_eq!(
        oauth_error(
            &app.exchange(&code, &[("redirect_uri", "https://elsewhere.example/")])
                .await
        ),
        "invalid_grant"
    );
    let code = app.code(&[]).await;
    let token = app.exchange(&code, &[]).await.ok();
    assert_eq!(
        oauth_error(&app.exchange(&code, &[]).await),
        "invalid_grant",
        "the second time"
    );

    let first = server
        .client()
        .with_token(token["access_token"].as_str().expect("a token"));
    first.get("/api/v1/accounts/verify_credentials").await.expect(401);
}

#[tokio::test]
async fn what_cannot_be_trusted_is_not_sent_anywhere() {
    let server = server().await;
    let app = App::register(&server, "https://app.example/callback", "read").await;
    let unknown_redirect = app.authorize(&[]).replace("app.example", "evil.example");
    let unknown_app = app.authorize(&[]).replace(&app.id, "nonsense");
    for address in [unknown_redirect, unknown_app] {
        let page = Browser::new().open(&address).await;
        assert!(
            matches!(page.reply.status, 400 | 401 | 404 | 422),
            "{}",
            page.reply.summary()
        );
        assert!(
            page.url.as_str().starts_with(&server.url()),
            "not to {}",
            page.url
        );
    }
    let too_wide = app.authorize(&[]).replace("scope=read", "scope=write");
    let page = ada(&mut Browser::new(), &too_wide).await;
    assert_eq!(
        code_of(&page),
        None,
        "a scope that the app did not ask for: {}",
        page.url
    );

    let plain = app.authorize(&[("code_challenge", "x"), ("code_challenge_method", "plain")]);
    let page = ada(&mut Browser::new(), &plain).await;
    assert_eq!(code_of(&page), None, "only S256: {}", page.url);
}

#[tokio::test]
async fn the_code_is_shown_where_no_app_can_be_called() {
    let server = server().await;
    let app = App::register(&server, OOB, "read").await;
    let page = ada(&mut Browser::new(), &app.authorize(&[])).await;
    assert_eq!(page.reply.status, 200, "{}", page.reply.summary());
    let code = code_of(&page).expect("a code in the address");
    assert!(
        page.words().contains(&code),
        "the code is there to be copied: {}",
        page.words()
    );
    app.exchange(&code, &[]).await.ok();
}

#[tokio::test]
async fn consent_shows_who_asks_and_can_be_refused() {
    let server = server().await;
    let app = App::register(&server, "https://app.example/callback", "read write:statuses").await;
    let mut browser = Browser::new();
    let page = browser.open(&app.authorize(&[("state", "s1")])).await;
    let consent = browser.sign_in(&page, &email_of("ada"), PASSWORD).await;

    let words = consent.words();
    for part in ["Spyglass <2>", "app.example"] {
        assert!(words.contains(part), "{part} is missing: {words}");
    }
    let refusal = consent.form_with(&["Deny", "Refuse", "Cancel", "Refuser", "Annuler"]);
    let (form, button) = refusal.unwrap_or_else(|| panic!("no way to refuse: {words}"));
    let refused = browser.send(&consent, &form, Some((&button.0, &button.1))).await;
    assert!(
        refused.url.as_str().starts_with("https://app.example/callback?"),
        "{}",
        refused.url
    );
    let query: Vec<(String, String)> = refused.url.query_pairs().into_owned().collect();
    assert!(
        query.contains(&("error".into(), "access_denied".into())),
        "{query:?}"
    );
    assert!(query.contains(&("state".into(), "s1".into())), "{query:?}");
}

#[tokio::test]
async fn a_form_without_its_secret_field_is_refused() {
    let server = server().await;
    let app = App::register(&server, OOB, "read").await;
    let mut browser = Browser::new();
    let page = browser.open(&app.authorize(&[])).await;
    let consent = browser.sign_in(&page, &email_of("ada"), PASSWORD).await;
    let (mut form, button) = consent.form_with(&CONSENT).expect("a consent form");
    let elsewhere = Page {
        url: "https://evil.example/".parse().expect("an address"),
        reply: consent.reply.clone(),
    };
    form.fields.retain(|field| {
        field.kind != "hidden" || !field.name.contains("csrf") && !field.name.contains("token")
    });
    let answer = browser
        .send(&elsewhere, &form, Some((&button.0, &button.1)))
        .await;
    assert_eq!(code_of(&answer), None, "a foreign page must not consent for her");
    assert!(
        (400..500).contains(&answer.reply.status),
        "{}",
        answer.reply.summary()
    );
}

#[tokio::test]
async fn revoked_tokens_end_at_once() {
    let server = server().await;
    let app = App::register(&server, OOB, "read").await;
    let code = app.code(&[]).await;
    let token = app.exchange(&code, &[]).await.ok()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let user = server.client().with_token(&token);
    user.get("/api/v1/accounts/verify_credentials").await.ok();

    let body = json!({ "client_id": app.id, "client_secret": app.secret, "token": token });
    assert_eq!(server.client().post("/oauth/revoke", &body).await.ok(), json!({}));
    let refused = user.get("/api/v1/accounts/verify_credentials").await;
    assert!(
        refused.header("www-authenticate").starts_with("Bearer"),
        "{:?}",
        refused.headers
    );
    refused.refused(401);
    assert_eq!(
        server.client().post("/oauth/revoke", &body).await.ok(),
        json!({}),
        "the second time too"
    );
}

#[tokio::test]
async fn an_app_may_act_for_itself() {
    let server = server().await;
    let app = App::register(&server, OOB, "read write").await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
        ("scope", "read"),
    ];
    let token = server.client().form("/oauth/token", &form).await.ok();
    let itself = server
        .client()
        .with_token(token["access_token"].as_str().expect("a token"));
    assert_eq!(
        itself.get("/api/v1/apps/verify_credentials").await.ok()["name"],
        "Spyglass <2>"
    );
    itself.get("/api/v1/timelines/home").await.refused(422);

    let wrong = [form[0], form[1], ("client_secret", "wrong"), form[3]];
    let reply = server.client().form("/oauth/token", &wrong).await;
    assert_eq!(
        (reply.status, reply.json()["error"].clone()),
        (401, json!("invalid_client"))
    );
    let password = [
        ("grant_type", "password"),
        form[1],
        form[2],
        ("username", "ada"),
        ("password", PASSWORD),
    ];
    let reply = server.client().form("/oauth/token", &password).await;
    assert_eq!(
        (reply.status, reply.json()["error"].clone()),
        (400, json!("unsupported_grant_type"))
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_without_saying_which_part_is_wrong() {
    let server = server().await;
    let app = App::register(&server, OOB, "read").await;
    let mut said = Vec::new();
    for (email, password) in [(email_of("ada"), "wrong"), (email_of("nobody"), PASSWORD)] {
        let mut browser = Browser::new();
        let page = browser.open(&app.authorize(&[])).await;
        let answer = browser.sign_in(&page, &email, password).await;
        assert!(
            answer.sign_in_form().is_some(),
            "she is not in: {}",
            answer.words()
        );
        said.push((answer.reply.status, answer.words().replace(&email, "")));
    }
    assert_eq!(said[0], said[1]);
}
