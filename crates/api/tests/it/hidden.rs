//! What may not be seen answers exactly like what is not there.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::{Api, Audience, Operation};
use pouet_model::{ids::StatusId, status::Visibility};
use pouet_service::statuses::{self, NewPoll, NewStatus};
use pouet_test_support::{Answer, Person, World, send};
use serde_json::{Value, json};

/// A status and its poll, by their ids.
#[derive(Clone, Copy)]
struct Ids {
    status: i64,
    poll: i64,
}

/// What only its author sees.
async fn hidden(world: &World, author: &Person) -> Ids {
    let new = NewStatus {
        text: "to myself".to_owned(),
        visibility: Some(Visibility::Direct),
        poll: Some(NewPoll {
            options: vec!["yes".to_owned(), "no".to_owned()],
            expires_in: 3600,
            multiple: false,
            hide_totals: false,
        }),
        ..NewStatus::default()
    };
    let id: StatusId = statuses::post(world, &author.user, new).await.unwrap();
    let view = statuses::find(world, Some(author.account.id), id).await.unwrap();
    Ids {
        status: id.0,
        poll: view.poll.unwrap().poll.id.0,
    }
}

/// Every operation on one status or one poll.
fn operations() -> Vec<Operation> {
    let all: Vec<Operation> = pouet_api::operations()
        .filter(|operation| {
            operation.path.starts_with("/api/v1/statuses/{") || operation.path.starts_with("/api/v1/polls/{")
        })
        .collect();
    assert!(all.len() >= 20, "the table of operations is read");
    all
}

fn request(operation: &Operation, ids: Ids) -> TestRequest {
    let id = if operation.path.contains("polls") {
        ids.poll
    } else {
        ids.status
    };
    let start = operation.path.find('{').unwrap();
    let end = operation.path.find('}').unwrap();
    let path = format!("{}{id}{}", &operation.path[..start], &operation.path[end + 1..]);
    let method: Method = operation.methods[0].parse().unwrap();
    let request = TestRequest::with_uri(&path).method(method.clone());
    if method == Method::GET {
        request
    } else {
        request.set_json(json!({"status": "mine", "choices": ["0"]}))
    }
}

/// All of an answer but what differs between any two requests, and how many more may be made.
fn comparable(answer: &Answer) -> (u16, &str, Vec<(String, String)>, Option<i64>) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "x-ratelimit-remaining"))
        .collect();
    headers.sort();
    let remaining = answer.header("x-ratelimit-remaining").parse().ok();
    (answer.status.as_u16(), &answer.text, headers, remaining)
}

#[actix_web::test]
async fn sec_R039_R041_what_is_hidden_answers_like_what_is_not_there() {
    let world = World::new();
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    let ids = hidden(&world, &ada).await;
    let absent = Ids {
        status: ids.status + 1,
        poll: ids.poll + 1,
    };
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    let seen = async || {
        let path = format!("/api/v1/statuses/{}", ids.status);
        let request =
            TestRequest::with_uri(&path).insert_header(("authorization", format!("Bearer {}", ada.token)));
        send(&app, request).await.json()
    };
    let before = seen().await;
    assert_eq!(before["id"], ids.status.to_string());
    for operation in operations() {
        for token in [None, Some(&eve.token)] {
            let by = |ids: Ids| {
                let request = request(&operation, ids);
                match token {
                    Some(token) => request.insert_header(("authorization", format!("Bearer {token}"))),
                    None => request,
                }
            };
            let (of_hidden, of_absent) = (send(&app, by(ids)).await, send(&app, by(absent)).await);
            let (hidden, absent) = (comparable(&of_hidden), comparable(&of_absent));
            assert_eq!(
                (hidden.0, hidden.1, &hidden.2),
                (absent.0, absent.1, &absent.2),
                "{operation:?}"
            );
            let cost = hidden.3.zip(absent.3).map(|(first, second)| first - second);
            assert_eq!(cost, hidden.3.map(|_| 1), "both cost the same: {operation:?}");
            let expected = match (token, operation.audience) {
                (None, Audience::User | Audience::App) => 401,
                _ => 404,
            };
            assert_eq!(hidden.0, expected, "{operation:?}: {}", hidden.1);
        }
    }
    assert_eq!(seen().await, before);
    let told = TestRequest::with_uri("/api/v1/notifications")
        .insert_header(("authorization", format!("Bearer {}", ada.token)));
    assert_eq!(send(&app, told).await.json(), json!([]));
}

#[actix_web::test]
async fn sec_R072_nobody_is_found_by_their_address() {
    let world = World::new();
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    assert_eq!(ada.user.email, "ada@mail.example");
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    let answer = async |path: &str| {
        let request =
            TestRequest::with_uri(path).insert_header(("authorization", format!("Bearer {}", eve.token)));
        let answer = send(&app, request).await;
        let found: Value = answer.json();
        (answer.status.as_u16(), found)
    };
    for path in [
        "/api/v1/accounts/lookup?acct=",
        "/api/v1/accounts/search?q=",
        "/api/v2/search?q=",
    ] {
        let known = answer(&format!("{path}ada%40mail.example")).await;
        let unknown = answer(&format!("{path}zoe%40mail.example")).await;
        assert_eq!(known, unknown, "{path}");
        assert!(!known.1.to_string().contains("ada"), "{path}: {}", known.1);
    }
    assert_eq!(
        answer("/api/v1/accounts/lookup?acct=ada").await.1["username"],
        "ada"
    );
}
