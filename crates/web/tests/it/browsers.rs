//! What protects browsers: security rules R047, R056, R075, R082, R083, R084.

#![expect(non_snake_case, reason = "security tests carry the number of their rule")]

use actix_web::http::Method;
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use pouet_model::status::Visibility;
use pouet_service::settings::RegistrationMode;

use crate::world::{BASE, Browser, PASSWORD, World};

#[actix_web::test]
async fn sec_R056_every_page_has_its_headers() {
    let world = World::new(RegistrationMode::Open);
    let (ada, _) = world.user("ada").await;
    let id = world.post(&ada, "hello", Visibility::Public).await;
    let site = world.site().await;
    let member = Browser::new(&site);
    member.sign_in("ada", PASSWORD).await;
    let status = format!("/@ada/{id}");
    let paths = [
        "/",
        "/public/local",
        "/about",
        "/explore",
        "/directory",
        "/tags/x",
        "/@ada",
        &status,
        "/auth/sign_in",
        "/auth/sign_up",
        "/setup/x",
        "/oauth/authorize",
        "/oauth/authorize/native?code=x",
        "/oauth/authorized_applications",
        "/nowhere",
    ];
    for (browser, is_stranger) in [(&member, false), (&Browser::new(&site), true)] {
        for path in paths {
            let is_same_for_all = is_stranger && (path == "/@ada" || path == status);
            let page = browser.get(path).await;
            let policy = page.header("content-security-policy");
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(
                page.header("cache-control"),
                if is_same_for_all {
                    "max-age=180, public"
                } else {
                    "private, no-store"
                },
                "sec R047, R099: {path}"
            );
            assert_eq!(page.header("access-control-allow-origin"), "", "sec R084: {path}");
        }
    }
}

#[actix_web::test]
async fn sec_R075_each_sign_in_is_a_new_session_and_signing_out_ends_it() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let site = world.site().await;
    let browser = Browser::new(&site);
    browser
        .cookies
        .borrow_mut()
        .insert("__Host-session".to_owned(), "planted-by-somebody".to_owned());
    browser.sign_in("ada", PASSWORD).await;
    let first = browser.cookies.borrow()["__Host-session"].clone();
    assert_ne!(first, "planted-by-somebody");
    browser
        .fill(
            "/auth/sign_in?again=true",
            "/auth/sign_in",
            &[("username", "ada"), ("password", PASSWORD)],
        )
        .await;
    let second = browser.cookies.borrow()["__Host-session"].clone();
    assert_ne!(first, second);

    let with = |secret: &str| {
        let other = Browser::new(&site);
        other
            .cookies
            .borrow_mut()
            .insert("__Host-session".to_owned(), secret.to_owned());
        other
    };
    assert!(!with(&first).is_signed_in().await, "the session before ended");
    assert!(with(&second).is_signed_in().await);
    browser.fill("/", "/auth/sign_out", &[]).await;
    assert!(
        browser.cookies.borrow().keys().all(|name| name == "lang"),
        "no cookie is left"
    );
    assert!(
        !with(&second).is_signed_in().await,
        "it is over on the server too"
    );

    browser.sign_in("ada", PASSWORD).await;
    world.clock.advance(TimeDelta::days(15));
    assert!(!browser.is_signed_in().await, "two weeks unused");
}

#[actix_web::test]
async fn sec_R082_forms_from_elsewhere_change_nothing() {
    let world = World::new(RegistrationMode::Open);
    world.user("ada").await;
    let site = world.site().await;
    let member = Browser::new(&site);
    member.sign_in("ada", PASSWORD).await;
    let forms = [
        "/auth/sign_in",
        "/auth/sign_up",
        "/auth/sign_out",
        "/oauth/authorize",
        "/oauth/authorized_applications/1/revoke",
        "/setup/x",
    ];
    let genuine = member.get("/").await.hidden("/auth/sign_out");
    let token = &genuine[0].1;
    for path in forms {
        for (headers, form) in [
            // No token, a wrong one, and the right one sent by another site.
            (
                vec![("origin", BASE), ("sec-fetch-site", "same-origin")],
                vec![("username", "ada")],
            ),
            (vec![("origin", BASE)], vec![("form_token", "guessed")]),
            (
                vec![("origin", "https://evil.test")],
                vec![("form_token", token.as_str())],
            ),
            (
                vec![("sec-fetch-site", "cross-site")],
                vec![("form_token", token.as_str())],
            ),
        ] {
            let mut request = TestRequest::post().uri(path).set_form(&form);
            for header in &headers {
                request = request.insert_header(*header);
            }
            let reply = member.send(request).await;
            assert_eq!(reply.status, 403, "{path} {headers:?}");
        }
        let text = TestRequest::post()
            .uri(path)
            .insert_header(("content-type", "text/plain"))
            .set_payload("form_token=x");
        assert!(
            member.send(text).await.status.is_client_error(),
            "{path} as text/plain"
        );
    }
    // Nothing is changed by following a link.
    for path in [
        "/auth/sign_out",
        "/language",
        "/oauth/authorized_applications/1/revoke",
    ] {
        let link = TestRequest::get()
            .uri(&format!("{path}?form_token={token}&lang=fr"))
            .insert_header(("x-http-method-override", "POST"));
        let reply = member.send(link).await;
        assert!(reply.status.is_client_error(), "{path}");
        assert_eq!(reply.header("set-cookie"), "", "{path}");
    }
    assert!(member.is_signed_in().await);
    let foreign = TestRequest::post()
        .uri("/language")
        .insert_header(("origin", "https://evil.test"))
        .set_form([("lang", "fr")]);
    assert_eq!(member.send(foreign).await.status, 403);
}

#[actix_web::test]
async fn sec_R082_the_token_of_another_visitor_is_worth_nothing() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let site = world.site().await;
    let attacker = Browser::new(&site)
        .get("/auth/sign_in")
        .await
        .hidden("/auth/sign_in");
    let victim = Browser::new(&site);
    victim.get("/auth/sign_in").await;
    let form: Vec<(&str, &str)> = attacker
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let reply = victim
        .post(
            "/auth/sign_in",
            &[&form[..], &[("username", "ada"), ("password", PASSWORD)]].concat(),
        )
        .await;
    assert_eq!(reply.status, 403);
}

#[actix_web::test]
async fn sec_R083_signing_in_leads_to_our_own_pages_only() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let site = world.site().await;
    for (wanted, expected) in [
        ("/@ada", "/@ada"),
        ("//evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/%5C%5Cevil.test", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let browser = Browser::new(&site);
        let page = browser.get("/auth/sign_in").await;
        let token = page.hidden("/auth/sign_in")[0].1.clone();
        let form = [
            ("form_token", token.as_str()),
            ("return_to", wanted),
            ("username", "ada"),
            ("password", PASSWORD),
        ];
        assert_eq!(
            browser.post("/auth/sign_in", &form).await.location(),
            expected,
            "{wanted}"
        );
        let form = [("lang", "fr"), ("return_to", wanted)];
        assert_eq!(
            browser.post("/language", &form).await.location(),
            expected,
            "{wanted}"
        );
        // Somebody signed in is sent on at once.
        let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        let reply = browser.get(&format!("/auth/sign_in?return_to={next}")).await;
        assert_eq!(reply.location(), expected, "{wanted}");
    }
}

#[actix_web::test]
async fn sec_R039_a_page_that_is_hidden_is_the_page_of_nothing() {
    let world = World::new(RegistrationMode::Closed);
    let (ada, _) = world.user("ada").await;
    world.user("eve").await;
    let hidden = world.post(&ada, "to myself", Visibility::Direct).await;
    let absent = format!("{}", hidden.parse::<i64>().expect("an id") + 1);
    let site = world.site().await;
    let eve = Browser::new(&site);
    eve.sign_in("eve", PASSWORD).await;
    for browser in [&Browser::new(&site), &eve] {
        let mut replies = Vec::new();
        for id in [&hidden, &absent] {
            let reply = browser.get(&format!("/@ada/{id}")).await;
            assert_eq!(reply.status, 404);
            let mut headers: Vec<String> = reply
                .headers
                .iter()
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect();
            headers.sort();
            replies.push((headers, reply.body.replace(id.as_str(), "ID")));
        }
        assert_eq!(replies[0], replies[1]);
    }
    let own = Browser::new(&site);
    own.sign_in("ada", PASSWORD).await;
    assert_eq!(own.get(&format!("/@ada/{hidden}")).await.status, 200);
}

#[actix_web::test]
async fn sec_R084_scripts_of_other_sites_cannot_read_pages() {
    let world = World::new(RegistrationMode::Closed);
    world.user("ada").await;
    let site = world.site().await;
    for path in [
        "/",
        "/@ada",
        "/auth/sign_in",
        "/oauth/authorize",
        "/oauth/authorized_applications",
    ] {
        for method in [Method::GET, Method::OPTIONS] {
            let request = TestRequest::with_uri(path)
                .method(method.clone())
                .insert_header(("origin", "https://evil.test"))
                .insert_header(("access-control-request-method", "GET"));
            let reply = Browser::new(&site).send(request).await;
            assert_eq!(reply.header("access-control-allow-origin"), "", "{method} {path}");
            assert_eq!(
                reply.header("access-control-allow-credentials"),
                "",
                "{method} {path}"
            );
        }
    }
}
