//! Applications: registration, their own tokens, revocation, metadata.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_test_support::{World, send};
use serde_json::{Value, json};

macro_rules! app {
    ($world:expr) => {{
        let api = Api::new($world.instance.clone(), Vec::new());
        init_service(App::new().configure(move |config| api.configure(config))).await
    }};
}

const OOB: &str = "urn:ietf:wg:oauth:2.0:oob";

fn post(path: &str) -> TestRequest {
    TestRequest::post().uri(path)
}

#[actix_web::test]
async fn an_application_registers_and_gets_a_token_of_its_own() {
    let world = World::new();
    let app = app!(world);
    let request = post("/api/v1/apps").set_form([
        ("client_name", "Spyglass"),
        ("redirect_uris", OOB),
        ("scopes", "read write:statuses"),
        ("website", ""),
    ]);
    let registered = send(&app, request).await.json();
    assert_eq!(registered["name"], "Spyglass");
    assert_eq!(registered["website"], Value::Null);
    assert_eq!(registered["redirect_uris"], json!([OOB]));
    assert_eq!(registered["redirect_uri"], OOB);
    assert_eq!(registered["scopes"], json!(["read", "write:statuses"]));
    assert_eq!(registered["client_secret_expires_at"], 0);

    let grant = |secret: &Value| {
        json!({
            "grant_type": "client_credentials",
            "client_id": registered["client_id"],
            "client_secret": secret,
            "scope": "read",
            "redirect_uri": OOB,
        })
    };
    let token = send(
        &app,
        post("/oauth/token").set_json(grant(&registered["client_secret"])),
    )
    .await
    .json();
    assert_eq!(
        (&token["token_type"], &token["scope"]),
        (&json!("Bearer"), &json!("read"))
    );
    assert_eq!(token["created_at"], World::start().timestamp());
    let wrong = send(&app, post("/oauth/token").set_json(grant(&json!("wrong")))).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.json()["error"]),
        (401, &json!("invalid_client"))
    );
    assert!(
        !wrong.json()["error_description"]
            .as_str()
            .unwrap_or_default()
            .is_empty()
    );

    let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let by_app = |path: &str| TestRequest::with_uri(path).insert_header(("authorization", bearer.clone()));
    let verified = send(&app, by_app("/api/v1/apps/verify_credentials")).await.json();
    assert_eq!(verified["id"], registered["id"]);
    assert_eq!(verified.get("client_secret"), None);
    let home = send(&app, by_app("/api/v1/timelines/home")).await;
    assert_eq!(home.status.as_u16(), 422, "{}", home.text);

    let revoked = post("/oauth/revoke").set_json(json!({
        "client_id": registered["client_id"],
        "client_secret": registered["client_secret"],
        "token": token["access_token"],
    }));
    assert_eq!(send(&app, revoked).await.text, "{}");
    assert_eq!(
        send(&app, by_app("/api/v1/apps/verify_credentials"))
            .await
            .status
            .as_u16(),
        401
    );
}

#[actix_web::test]
async fn somebody_registers_through_an_application() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let by_app =
        |request: TestRequest| request.insert_header(("authorization", format!("Bearer {}", ada.token)));
    let form = |username: &str, agreement: &str| {
        json!({
            "username": username,
            "email": format!("{username}@mail.example"),
            "password": "boats in the fog 47",
            "agreement": agreement,
            "locale": "fr",
        })
    };
    let refused = send(
        &app,
        by_app(post("/api/v1/accounts")).set_json(form("ada", "false")),
    )
    .await;
    assert_eq!(refused.status.as_u16(), 422);
    let details = refused.json()["details"].clone();
    assert_eq!(details["username"][0]["error"], "ERR_TAKEN");
    assert_eq!(details["agreement"][0]["error"], "ERR_ACCEPTED");

    let token = send(
        &app,
        by_app(post("/api/v1/accounts")).set_json(form("zoe", "true")),
    )
    .await
    .json();
    let request = TestRequest::with_uri("/api/v1/accounts/verify_credentials").insert_header((
        "authorization",
        format!("Bearer {}", token["access_token"].as_str().expect("a token")),
    ));
    let own = send(&app, request).await.json();
    assert_eq!(
        (&own["username"], &own["source"]["privacy"]),
        (&json!("zoe"), &json!("public"))
    );
}

#[actix_web::test]
async fn metadata_lead_to_the_endpoints() {
    let world = World::new();
    let app = app!(world);
    let metadata = send(
        &app,
        TestRequest::with_uri("/.well-known/oauth-authorization-server"),
    )
    .await
    .json();
    assert_eq!(metadata["issuer"], "https://pouet.example/");
    assert_eq!(metadata["token_endpoint"], "https://pouet.example/oauth/token");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    let ada = world.person("ada").await;
    let request = TestRequest::with_uri("/oauth/userinfo")
        .insert_header(("authorization", format!("Bearer {}", ada.token)));
    let info = send(&app, request).await.json();
    assert_eq!(info["preferred_username"], "ada");
    assert_eq!(info["iss"], metadata["issuer"]);
}

/// Whether a request from `peer` that says it was forwarded for `client` is one too many.
macro_rules! is_throttled {
    ($app:expr, $path:expr, $peer:expr, $client:expr) => {{
        let request = post($path)
            .peer_addr(format!("{}:4000", $peer).parse().expect("an address"))
            .insert_header(("x-forwarded-for", $client))
            .set_form([("client_name", "Spyglass"), ("redirect_uris", OOB)]);
        let answer = send(&$app, request).await;
        let throttled = answer.status.as_u16() == 429;
        if throttled {
            let seconds: u32 = answer.header("retry-after").parse().expect("seconds");
            assert!((1..=1800).contains(&seconds), "{seconds}");
        }
        throttled
    }};
}

#[actix_web::test]
async fn sec_R070_R073_doors_close_by_the_true_address_of_a_client() {
    for (path, limit) in [("/api/v1/apps", 5), ("/oauth/token", 30)] {
        let world = World::new();
        let api = Api::new(
            world.instance.clone(),
            vec!["10.0.0.0/8".parse().expect("a network")],
        );
        let app = init_service(App::new().configure(|config| api.configure(config))).await;
        // Who is no proxy of ours may say what it likes.
        for n in 0..limit {
            let forged = format!("198.51.100.{n}");
            assert!(!is_throttled!(app, path, "203.0.113.7", forged), "{path} {n}");
        }
        assert!(is_throttled!(app, path, "203.0.113.7", "198.51.100.99"), "{path}");
        assert!(
            !is_throttled!(app, path, "203.0.113.8", "198.51.100.99"),
            "{path}"
        );
        // Behind a proxy of ours clients are told apart by what it says, not by what they sent to it.
        for n in 0..limit {
            let hops = format!("192.0.2.{n}, 198.51.100.200");
            assert!(!is_throttled!(app, path, "10.0.0.1", hops), "{path} {n}");
        }
        assert!(
            is_throttled!(app, path, "10.0.0.1", "192.0.2.99, 198.51.100.200"),
            "{path}"
        );
        assert!(!is_throttled!(app, path, "10.0.0.1", "198.51.100.201"), "{path}");
    }
}
