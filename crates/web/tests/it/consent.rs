//! Consent: security rules R064 and R069, and what apps rely on.

#![expect(non_snake_case, reason = "security tests carry the number of their rule")]

use std::net::IpAddr;

use pouet_model::scope::Scopes;
use pouet_service::oauth::{self, NewApp};
use pouet_service::settings::RegistrationMode;
use url::form_urlencoded;

use crate::world::{Browser, PASSWORD, Reply, World};

const OOB: &str = "urn:ietf:wg:oauth:2.0:oob";
const CALLBACK: &str = "https://app.test/callback";

/// Registers an app and tells its id.
async fn register(world: &World, redirects: &[&str]) -> String {
    let app = NewApp {
        name: "Spy\u{202e}glass <2>".to_owned(),
        website: Some("https://app.test/".to_owned()),
        redirect_uris: redirects.iter().map(|&uri| uri.to_owned()).collect(),
        scopes: Scopes::parse("read write:statuses admin:read").expect("known"),
        ip: IpAddr::from([203, 0, 113, 9]),
    };
    oauth::register_app(&world.instance, app)
        .await
        .expect("an app")
        .app
        .client_id
}

fn address(client_id: &str, redirect: &str, more: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", redirect),
        ])
        .extend_pairs(more)
        .finish();
    format!("/oauth/authorize?{query}")
}

/// Presses a button of a consent page.
macro_rules! decide {
    ($browser:expr, $page:expr, $decision:expr $(, $more:expr)?) => {{
        let hidden = $page.hidden("/oauth/authorize");
        let mut form: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        form.push(("decision", $decision));
        $(form.push($more);)?
        $browser.post("/oauth/authorize", &form).await
    }};
}

fn parameter(reply: &Reply, name: &str) -> Option<String> {
    let (_, query) = reply.location().split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.into_owned())
}

#[actix_web::test]
async fn an_app_is_let_in() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let client = register(&world, &[CALLBACK]).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    let ask = address(
        &client,
        CALLBACK,
        &[("scope", "read"), ("state", "a b&c=é"), ("lang", "None")],
    );

    let reply = browser.get(&ask).await;
    let sign_in = reply.location().to_owned();
    assert!(
        sign_in.starts_with("/auth/sign_in?return_to=%2Foauth%2Fauthorize"),
        "{sign_in}"
    );
    let page = browser.get(&sign_in).await;
    assert!(
        page.body.contains("Spyglass &#60;2&#62;") || page.body.contains("Spyglass &lt;2&gt;"),
        "who waits"
    );
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' https://app.test;")
    );
    let reply = browser
        .fill(
            &sign_in,
            "/auth/sign_in",
            &[("username", "ada"), ("password", PASSWORD)],
        )
        .await;
    let page = browser.get(reply.location()).await;
    assert_eq!(
        page.text_of("button[value=authorize]").as_deref(),
        Some("Authorize")
    );
    assert_eq!(page.text_of(".consent-facts strong").as_deref(), Some("app.test"));
    assert_eq!(page.count(".scopes li"), 1);
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' https://app.test;")
    );

    let reply = decide!(browser, page, "authorize");
    assert_eq!(reply.status, 303);
    assert!(
        reply.location().starts_with("https://app.test/callback?"),
        "{}",
        reply.location()
    );
    assert_eq!(parameter(&reply, "state").as_deref(), Some("a b&c=é"));
    assert!(parameter(&reply, "code").is_some_and(|code| code.len() >= 43));

    let page = browser.get(&ask).await;
    let reply = decide!(browser, page, "deny");
    assert_eq!(parameter(&reply, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&reply, "code"), None);
}

#[actix_web::test]
async fn a_code_is_shown_where_no_app_can_be_called() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let client = register(&world, &[OOB]).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    browser.sign_in("ada", PASSWORD).await;
    let slash = address(&client, OOB, &[]).replace("authorize?", "authorize/?");
    let page = browser.get(&slash).await;
    let reply = decide!(browser, page, "authorize");
    let code = parameter(&reply, "code").expect("a code");
    assert!(reply.location().starts_with("/oauth/authorize/native?code="));
    let page = browser.get(reply.location()).await;
    assert_eq!(page.text_of(".oauth-code"), Some(code));
    let page = browser.get(&slash).await;
    assert_eq!(
        decide!(browser, page, "deny").status,
        200,
        "there is nobody to tell"
    );
}

#[actix_web::test]
async fn a_password_is_asked_again_where_the_app_wants_it() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let client = register(&world, &[OOB]).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    browser.sign_in("ada", PASSWORD).await;
    for (value, expected) in [("true", 303), ("True", 303), ("false", 200), ("None", 200)] {
        let reply = browser
            .get(&address(&client, OOB, &[("force_login", value)]))
            .await;
        assert_eq!(reply.status, expected, "{value}");
        if expected == 303 {
            assert_eq!(
                browser.get(reply.location()).await.count("input[type=password]"),
                1,
                "{value}"
            );
            assert!(!reply.location().contains("force_login"), "once is enough");
        }
    }
}

#[actix_web::test]
async fn sec_R064_nothing_is_sent_to_an_address_that_is_not_registered() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let client = register(&world, &[CALLBACK]).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    browser.sign_in("ada", PASSWORD).await;
    let variants = [
        "",
        "https://evil.test/callback",
        "https://app.test",
        "https://app.test/callback/",
        "https://app.test/callback/more",
        "https://app.test/callback?x=1",
        "https://app.test/callback#x",
        "https://app.test/Callback",
        "https://APP.test/callback",
        "https://app.test:8443/callback",
        "http://app.test/callback",
        "https://app.test@evil.test/callback",
        "https://app.test.evil.test/callback",
        "https://app.test/callback%20",
        "https://app.test/./callback",
        "//app.test/callback",
        "javascript:alert(1)//https://app.test/callback",
        "data:text/html,x",
        OOB,
    ];
    for redirect in variants {
        let reply = browser.get(&address(&client, redirect, &[])).await;
        assert_eq!((reply.status.as_u16(), reply.location()), (400, ""), "{redirect}");
    }
    let unknown = browser.get(&address("nonsense", CALLBACK, &[])).await;
    assert_eq!((unknown.status.as_u16(), unknown.location()), (400, ""));
    let wide = browser
        .get(&address(&client, CALLBACK, &[("scope", "write")]))
        .await;
    assert_eq!(parameter(&wide, "error").as_deref(), Some("invalid_scope"));
}

#[actix_web::test]
async fn sec_R069_administration_is_confirmed_and_names_cannot_lie() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let client = register(&world, &[CALLBACK]).await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    browser.sign_in("ada", PASSWORD).await;
    let page = browser
        .get(&address(&client, CALLBACK, &[("scope", "read admin:read")]))
        .await;
    assert!(!page.body.contains('\u{202e}'), "no bidirectional controls");
    assert_eq!(page.text_of("h1 bdi").as_deref(), Some("Spyglass <2>"));
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert_eq!(page.count(".scopes .grave"), 1);
    let refused = decide!(browser, page, "authorize");
    assert_eq!((refused.status.as_u16(), refused.location()), (422, ""));
    let allowed = decide!(browser, refused, "authorize", ("confirm_admin", "true"));
    assert!(parameter(&allowed, "code").is_some());
}

#[actix_web::test]
async fn apps_are_listed_and_turned_out() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    let client = register(&world, &[OOB]).await;
    let app = oauth::find_app(&world.instance, &client)
        .await
        .expect("readable")
        .expect("the app");
    let scopes = Scopes::parse("read").expect("known");
    let token = oauth::issue_for_app(&world.instance, app.id, ada.id, scopes)
        .await
        .expect("a token")
        .token;
    let site = world.site().await;
    let browser = Browser::new(&site);
    let away = browser.get("/oauth/authorized_applications").await;
    assert!(away.location().starts_with("/auth/sign_in"));
    browser.sign_in("ada", PASSWORD).await;
    let page = browser.get("/oauth/authorized_applications").await;
    assert_eq!(page.text_of(".connected h2").as_deref(), Some("Spyglass <2>"));
    let action = format!("/oauth/authorized_applications/{}/revoke", app.id);
    let reply = browser.fill("/oauth/authorized_applications", &action, &[]).await;
    assert_eq!(reply.location(), "/oauth/authorized_applications");
    assert_eq!(
        browser
            .get("/oauth/authorized_applications")
            .await
            .count(".connected h2"),
        0
    );
    let known = oauth::authenticate(&world.instance, &token)
        .await
        .expect("readable");
    assert!(known.is_none(), "its token is worth nothing now");
}
