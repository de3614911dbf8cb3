//! What is common to all answers: headers, errors, methods, limits, bodies, pages.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_test_support::{Answer, Person, World, send};
use serde_json::{Value, json};

/// An application on a new world, in the scope of a test.
macro_rules! app {
    ($world:expr) => {{
        let api = Api::new($world.instance.clone(), Vec::new());
        init_service(App::new().configure(move |config| api.configure(config))).await
    }};
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn post(path: &str) -> TestRequest {
    TestRequest::post().uri(path)
}

fn by(person: &Person, request: TestRequest) -> TestRequest {
    request.insert_header(("authorization", format!("Bearer {}", person.token)))
}

#[actix_web::test]
async fn what_does_not_exist_is_a_json_error() {
    let world = World::new();
    let app = app!(world);
    let table = [
        (get("/api/v1/nothing"), 404, "Not found"),
        (get("/api/v1/accounts/1"), 404, "Record not found"),
        (get("/api/v1/accounts/not-an-id"), 404, "Record not found"),
        (
            TestRequest::delete().uri("/api/v2/instance"),
            405,
            "Method not allowed",
        ),
    ];
    for (request, status, error) in table {
        let answer = send(&app, request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (status, json!({"error": error}))
        );
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[actix_web::test]
async fn final_slashes_and_head_are_understood() {
    let world = World::new();
    let app = app!(world);
    assert_eq!(send(&app, get("/api/v1/instance/")).await.status.as_u16(), 200);
    let head = TestRequest::default()
        .method(Method::HEAD)
        .uri("/api/v2/instance");
    assert_eq!(send(&app, head).await.status.as_u16(), 200);
}

#[actix_web::test]
async fn sec_R084_any_origin_may_read_but_without_credentials() {
    let world = World::new();
    let app = app!(world);
    for path in [
        "/api/v2/instance",
        "/api/v1/statuses/1",
        "/api/v1/nothing",
        "/oauth/userinfo",
    ] {
        let answer = send(&app, get(path).insert_header(("origin", "https://app.example"))).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
        let exposed = answer.header("access-control-expose-headers").to_lowercase();
        for name in [
            "link",
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
        ] {
            assert!(exposed.contains(name), "{path}: {name}");
        }
    }
    let preflight = TestRequest::default()
        .method(Method::OPTIONS)
        .uri("/api/v1/statuses/1")
        .insert_header(("origin", "https://app.example"))
        .insert_header(("access-control-request-method", "PUT"))
        .insert_header(("access-control-request-headers", "authorization,idempotency-key"));
    let answer = send(&app, preflight).await;
    assert!(answer.status.is_success());
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    let headers = answer.header("access-control-allow-headers").to_lowercase();
    assert!(headers.contains("authorization") && headers.contains("idempotency-key"));
}

#[actix_web::test]
async fn answers_say_who_may_keep_them() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let table = [
        (get("/api/v2/instance"), "public, max-age=300"),
        (get("/api/v1/timelines/public"), "public, max-age=15"),
        (by(&ada, get("/api/v1/timelines/public")), "private, no-store"),
        (by(&ada, get("/api/v1/timelines/home")), "private, no-store"),
        (get("/api/v1/statuses/1"), "private, no-store"),
    ];
    for (request, expected) in table {
        let answer = send(&app, request).await;
        assert_eq!(answer.header("cache-control"), expected);
        assert!(answer.header("vary").contains("Authorization"));
    }
    let old = send(&app, get("/api/v1/instance")).await;
    assert_eq!(old.header("deprecation"), "@1668384000");
}

#[actix_web::test]
async fn sec_R094_the_request_after_the_last_is_refused() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    for left in (0..300).rev() {
        let answer = send(&app, get("/api/v1/custom_emojis")).await;
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
    }
    let refused = send(&app, get("/api/v1/custom_emojis")).await;
    assert_eq!(refused.status.as_u16(), 429);
    assert_eq!(refused.json(), json!({"error": "Too many requests"}));
    assert_eq!(refused.header("x-ratelimit-reset"), "2026-11-23T10:05:00.000000Z");
    assert_eq!(refused.header("retry-after"), "301");
    let somebody = send(&app, by(&ada, get("/api/v1/preferences"))).await;
    assert_eq!(
        somebody.status.as_u16(),
        200,
        "another client of the same network"
    );
}

#[actix_web::test]
async fn sec_R094_lifted_limits_are_still_told() {
    let world = World::with(|settings| settings.rate_limits_enabled = false);
    let app = app!(world);
    for _ in 0..301 {
        assert_eq!(
            send(&app, get("/api/v1/custom_emojis")).await.status.as_u16(),
            200
        );
    }
    let answer = send(&app, get("/api/v1/custom_emojis")).await;
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
}

fn body_of(answer: &Answer) -> Value {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()
}

#[actix_web::test]
async fn a_status_may_be_sent_in_any_encoding() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nHello\r\n--x\r\n\
        Content-Disposition: form-data; name=\"sensitive\"\r\n\r\ntrue\r\n--x--\r\n";
    for (content_type, body) in [
        ("application/json", r#"{"status": "Hello", "sensitive": "true"}"#),
        ("application/x-www-form-urlencoded", "status=Hello&sensitive=1"),
        ("multipart/form-data; boundary=x", multipart),
    ] {
        let request = by(&ada, post("/api/v1/statuses?visibility=unlisted"))
            .insert_header(("content-type", content_type))
            .set_payload(body);
        let status = body_of(&send(&app, request).await);
        assert_eq!(status["content"], "<p>Hello</p>", "{content_type}");
        assert_eq!(status["visibility"], "unlisted", "{content_type}");
        assert_eq!(status["sensitive"], true, "{content_type}");
    }
}

#[actix_web::test]
async fn pages_are_walked_by_their_links() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let mut posted = Vec::new();
    for n in 0..5 {
        let request = by(&ada, post("/api/v1/statuses")).set_json(json!({"status": format!("Number {n}")}));
        posted.push(body_of(&send(&app, request).await)["id"].clone());
    }
    posted.reverse();
    let mut path = format!(
        "/api/v1/accounts/{}/statuses?limit=2&exclude_reblogs=true",
        ada.account.id
    );
    let mut walked = Vec::new();
    loop {
        let answer = send(&app, by(&ada, get(&path))).await;
        let page = answer.json();
        let items = page.as_array().unwrap();
        walked.extend(items.iter().map(|status| status["id"].clone()));
        let link = answer.header("link").to_owned();
        if items.is_empty() {
            assert_eq!(link, "", "an empty page has no links");
            break;
        }
        let next = link.split('>').next().unwrap().trim_start_matches('<');
        assert!(link.contains(r#"rel="next""#) && link.contains(r#"rel="prev""#));
        assert!(
            next.contains("limit=2") && next.contains("exclude_reblogs=true"),
            "{next}"
        );
        path = next.strip_prefix("https://pouet.example").unwrap().to_owned();
    }
    assert_eq!(walked, posted);
}

#[actix_web::test]
async fn the_same_idempotency_key_makes_one_status() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let once = || {
        by(&ada, post("/api/v1/statuses"))
            .insert_header(("idempotency-key", "k1"))
            .set_json(json!({"status": "Once"}))
    };
    let first = body_of(&send(&app, once()).await);
    let second = body_of(&send(&app, once()).await);
    assert_eq!(first["id"], second["id"]);
}

#[actix_web::test]
async fn a_deleted_status_comes_back_as_text() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let request = by(&ada, post("/api/v1/statuses")).set_json(json!({"status": "To be redrafted"}));
    let posted = body_of(&send(&app, request).await);
    let path = format!("/api/v1/statuses/{}", posted["id"].as_str().unwrap());
    let deleted = body_of(&send(&app, by(&ada, TestRequest::delete().uri(&path))).await);
    assert_eq!(deleted["text"], "To be redrafted");
    assert_eq!(deleted.get("content"), None);
    assert_eq!(send(&app, by(&ada, get(&path))).await.status.as_u16(), 404);
}

#[actix_web::test]
async fn sec_R092_a_body_beyond_the_limit_is_refused_unread() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let request = by(&ada, post("/api/v1/statuses"))
        .insert_header(("content-type", "application/json"))
        .set_payload(vec![b' '; 1024 * 1024 + 1]);
    assert_eq!(send(&app, request).await.status.as_u16(), 413);
    let long = format!("/api/v1/statuses?x={}", "y".repeat(9_000));
    assert_eq!(send(&app, get(&long)).await.status.as_u16(), 414);
}

#[actix_web::test]
async fn instance_documents_say_what_is_true() {
    let world = World::new();
    let app = app!(world);
    let v2 = body_of(&send(&app, get("/api/v2/instance")).await);
    assert_eq!(v2["version"], "4.2.0 (compatible; Pouet 0.0.0)");
    assert_eq!(v2["api_versions"], json!({"mastodon": 1}));
    assert_eq!(v2["configuration"]["urls"]["streaming"], "wss://pouet.example");
    assert_eq!(v2["registrations"]["enabled"], true);
    assert_eq!(v2["configuration"]["translation"]["enabled"], false);
    assert!(!v2["contact"]["email"].as_str().unwrap().is_empty());
    assert!(
        !v2["configuration"]["vapid"]["public_key"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    let v1 = body_of(&send(&app, get("/api/v1/instance")).await);
    assert_eq!(v1["uri"], "pouet.example");
    assert_eq!(v1["urls"]["streaming_api"], "wss://pouet.example");
}

#[actix_web::test]
async fn a_profile_may_be_changed_in_any_encoding() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let path = "/api/v1/accounts/update_credentials";
    let json = r#"{"display_name": "Ada", "source": {"privacy": "unlisted"}, "fields_attributes": [{"name": "One", "value": "1"}]}"#;
    let form = "display_name=Ada&source[privacy]=unlisted&fields_attributes[0][name]=One&fields_attributes[0][value]=1";
    for (content_type, body) in [
        ("application/json", json),
        ("application/x-www-form-urlencoded", form),
    ] {
        let request = by(&ada, TestRequest::patch().uri(path))
            .insert_header(("content-type", content_type))
            .set_payload(body);
        let account = body_of(&send(&app, request).await);
        assert_eq!(account["display_name"], "Ada", "{content_type}");
        assert_eq!(account["source"]["privacy"], "unlisted", "{content_type}");
        assert_eq!(account["fields"][0]["name"], "One", "{content_type}");
    }
}
