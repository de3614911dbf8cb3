//! Who may use which operation, generated from the table of operations: a new one is tested as soon as it is listed.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use actix_web::{
    App,
    http::{
        Method,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    test::{TestRequest, init_service},
};
use pouet_api::{Api, Audience, Operation};
use pouet_model::scope::{self, Scopes};
use pouet_service::sessions;
use pouet_test_support::{World, send};

/// A world where nothing is throttled.
fn world() -> World {
    World::with(|settings| settings.rate_limits_enabled = false)
}

/// A request for an operation, with ids that belong to nothing.
fn request(operation: &Operation) -> TestRequest {
    let path = operation
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/");
    let method: Method = operation.methods[0].parse().expect("a method");
    TestRequest::with_uri(&path).method(method)
}

fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

fn operations() -> Vec<Operation> {
    let all: Vec<Operation> = pouet_api::operations().collect();
    assert!(all.len() > 100, "the table of operations is read");
    all
}

/// `401` for a bad token, `403` for one with the wrong scopes: the answers of the door itself.
fn is_turned_away(status: u16) -> bool {
    matches!(status, 401 | 403)
}

#[actix_web::test]
async fn sec_R066_without_a_token_only_public_operations_answer() {
    let world = world();
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    for operation in operations() {
        let answer = send(&app, request(&operation)).await;
        let turned_away =
            answer.status.as_u16() == 401 && answer.header(WWW_AUTHENTICATE.as_str()).starts_with("Bearer");
        let expected = matches!(operation.audience, Audience::App | Audience::User);
        assert_eq!(turned_away, expected, "{operation:?}: {answer:?}");
    }
}

#[actix_web::test]
async fn sec_R066_an_unknown_token_is_refused_wherever_tokens_count() {
    let world = world();
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    for operation in operations() {
        let answer = send(&app, request(&operation).insert_header(bearer("unknown"))).await;
        let turned_away =
            answer.status.as_u16() == 401 && answer.header(WWW_AUTHENTICATE.as_str()).starts_with("Bearer");
        assert_eq!(
            turned_away,
            operation.audience != Audience::Public,
            "{operation:?}: {answer:?}"
        );
    }
}

#[actix_web::test]
async fn sec_R066_each_single_scope_opens_what_lists_it_and_nothing_else() {
    let world = world();
    let ada = world.person("ada").await;
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    let ordinary = scope::KNOWN.iter().filter(|scope| !scope.starts_with("admin:"));
    for scope in ordinary {
        let token = world.token(&ada.user, scope).await;
        let scopes = Scopes::parse(scope).unwrap();
        for operation in operations() {
            let answer = send(&app, request(&operation).insert_header(bearer(&token))).await;
            let refused =
                answer.status.as_u16() == 403 && answer.text.contains("outside the authorized scopes");
            let expected = !operation.scopes.is_empty() && !scopes.allow_any(operation.scopes);
            assert_eq!(refused, expected, "{scope} on {operation:?}: {answer:?}");
        }
    }
}

#[actix_web::test]
async fn sec_R068_a_token_in_the_query_opens_nothing() {
    let world = world();
    let ada = world.person("ada").await;
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    let uri = format!("/api/v1/timelines/home?access_token={}", ada.token);
    assert!(is_turned_away(
        send(&app, TestRequest::with_uri(&uri)).await.status.as_u16()
    ));
    let request =
        TestRequest::with_uri("/api/v1/timelines/home").insert_header((AUTHORIZATION, bearer(&ada.token).1));
    assert_eq!(send(&app, request).await.status.as_u16(), 200);
}

#[actix_web::test]
async fn sec_R082_the_cookie_of_a_session_opens_nothing() {
    let world = world();
    let ada = world.person("ada").await;
    let session = sessions::create(&world.instance, ada.user.id).await.unwrap();
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    for operation in operations() {
        let cookies = format!("__Host-session={0}; session={0}", session.token);
        let answer = send(&app, request(&operation).insert_header(("cookie", cookies))).await;
        let turned_away =
            answer.status.as_u16() == 401 && answer.header(WWW_AUTHENTICATE.as_str()).starts_with("Bearer");
        let expected = matches!(operation.audience, Audience::App | Audience::User);
        assert_eq!(turned_away, expected, "{operation:?}: {answer:?}");
    }
}
