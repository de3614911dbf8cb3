//! Emoji on statuses, pins and hashtags of profiles, as clients use them.

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_service::statuses::{self, NewStatus};
use pouet_test_support::{Answer, Person, World, send};
use serde_json::{Value, json};

async fn ask(world: &World, person: &Person, method: &str, path: &str, body: Value) -> Answer {
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let mut request = TestRequest::with_uri(path)
        .method(method.parse::<Method>().expect("a method"))
        .insert_header(("authorization", format!("Bearer {}", person.token)));
    if !body.is_null() {
        request = request.set_json(body);
    }
    send(&app, request).await
}

async fn post(world: &World, author: &Person, text: &str) -> String {
    let new = NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    };
    let id = statuses::post(world, &author.user, new).await.expect("posted");
    id.to_string()
}

#[actix_web::test]
async fn fed_077_emoji_are_put_on_and_taken_off() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let id = post(&world, &ada, "hello").await;
    let party = format!("/api/v1/pleroma/statuses/{id}/reactions/%F0%9F%8E%89");
    let put = ask(&world, &bob, "PUT", &party, Value::Null).await;
    assert_eq!(put.status.as_u16(), 200, "{put:?}");
    let expected = json!([{"name": "🎉", "count": 1, "me": true}]);
    assert_eq!(put.json()["reactions"], expected);
    assert_eq!(put.json()["pleroma"]["emoji_reactions"], expected);

    let path = format!("/api/v1/statuses/{id}");
    let seen = ask(&world, &ada, "GET", &path, Value::Null).await.json();
    assert_eq!(
        seen["reactions"],
        json!([{"name": "🎉", "count": 1, "me": false}])
    );
    assert_eq!(seen["favourites_count"], 0);
    let list = format!("/api/v1/pleroma/statuses/{id}/reactions");
    let listed = ask(&world, &ada, "GET", &list, Value::Null).await.json();
    assert_eq!(listed[0]["accounts"][0]["username"], "bob");
    let other = format!("{list}/%F0%9F%9A%80");
    assert_eq!(
        ask(&world, &ada, "GET", &other, Value::Null).await.json(),
        json!([])
    );

    for bad in ["boats", "%3Cb%3E", "%F0%9F%8E%89%F0%9F%8E%89"] {
        let answer = ask(&world, &bob, "PUT", &format!("{list}/{bad}"), Value::Null).await;
        assert_eq!(answer.status.as_u16(), 422, "{bad}");
    }
    let taken = ask(&world, &bob, "DELETE", &party, Value::Null).await.json();
    assert_eq!(taken["id"], id);
    assert!(
        taken.get("reactions").is_none() && taken.get("pleroma").is_none(),
        "{taken}"
    );

    let heart = format!("/api/v1/statuses/{id}/react/%E2%9D%A4");
    let reacted = ask(&world, &bob, "POST", &heart, Value::Null).await.json();
    assert_eq!(reacted["reactions"][0]["name"], "❤\u{FE0F}");
    let undo = heart.replace("/react/", "/unreact/");
    let undone = ask(&world, &bob, "POST", &undo, Value::Null).await.json();
    assert!(undone.get("reactions").is_none());
}

#[actix_web::test]
async fn fed_077_only_clients_that_know_emoji_are_notified() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let id = post(&world, &ada, "hello").await;
    let path = format!("/api/v1/statuses/{id}/react/%F0%9F%8E%89");
    ask(&world, &bob, "POST", &path, Value::Null).await;
    for path in [
        "/api/v1/notifications",
        "/api/v1/notifications?exclude_types[]=mention",
    ] {
        assert_eq!(
            ask(&world, &ada, "GET", path, Value::Null).await.json(),
            json!([]),
            "{path}"
        );
    }
    let unread = ask(
        &world,
        &ada,
        "GET",
        "/api/v1/notifications/unread_count",
        Value::Null,
    )
    .await;
    assert_eq!(unread.json()["count"], 0);
    let grouped = ask(&world, &ada, "GET", "/api/v2/notifications", Value::Null).await;
    assert_eq!(grouped.json()["notification_groups"], json!([]));
    let path = "/api/v1/notifications?types[]=pleroma:emoji_reaction&types[]=mention";
    let told = ask(&world, &ada, "GET", path, Value::Null).await.json();
    assert_eq!(told[0]["type"], "pleroma:emoji_reaction");
    assert_eq!(told[0]["emoji"], "🎉");
    assert_eq!(told[0]["account"]["username"], "bob");
    assert_eq!(told[0]["status"]["id"], id);
}

#[actix_web::test]
async fn five_posts_are_pinned() {
    let world = World::new();
    let ada = world.person("ada").await;
    for n in 0..6 {
        let id = post(&world, &ada, &format!("number {n}")).await;
        let answer = ask(
            &world,
            &ada,
            "POST",
            &format!("/api/v1/statuses/{id}/pin"),
            Value::Null,
        )
        .await;
        assert_eq!(answer.status.as_u16(), if n < 5 { 200 } else { 422 }, "{n}");
    }
    let path = format!("/api/v1/accounts/{}/statuses?pinned=true", ada.account.id);
    let pinned = ask(&world, &ada, "GET", &path, Value::Null).await.json();
    assert_eq!(pinned.as_array().expect("a list").len(), 5);
    assert_eq!(pinned[0]["pinned"], true);
}

#[actix_web::test]
async fn hashtags_are_put_on_a_profile() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    for _ in 0..2 {
        post(&world, &ada, "out on the #Boats").await;
    }
    post(&world, &ada, "in the #fog").await;
    let suggested = ask(
        &world,
        &ada,
        "GET",
        "/api/v1/featured_tags/suggestions",
        Value::Null,
    )
    .await;
    let names: Vec<Value> = suggested
        .json()
        .as_array()
        .expect("a list")
        .iter()
        .map(|tag| tag["name"].clone())
        .collect();
    assert_eq!(names, ["Boats", "fog"]);

    let path = "/api/v1/featured_tags";
    let made = ask(&world, &ada, "POST", path, json!({"name": "boats"})).await;
    assert_eq!(made.status.as_u16(), 200, "{made:?}");
    let made = made.json();
    assert_eq!(
        made,
        json!({
            "id": made["id"],
            "name": "Boats",
            "url": "https://pouet.example/tags/boats",
            "statuses_count": "2",
            "last_status_at": "2026-11-23",
        })
    );
    let of_account = format!("/api/v1/accounts/{}/featured_tags", ada.account.id);
    assert_eq!(
        ask(&world, &bob, "GET", &of_account, Value::Null).await.json(),
        json!([made])
    );
    assert_eq!(
        ask(&world, &ada, "GET", path, Value::Null).await.json(),
        json!([made])
    );
    for (body, status) in [
        (json!({"name": "BOATS"}), 422),
        (json!({"name": "# "}), 422),
        (json!({"name": "no tag"}), 422),
        (json!({}), 400),
    ] {
        let answer = ask(&world, &ada, "POST", path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
    }
    for n in 0..10 {
        let answer = ask(&world, &ada, "POST", path, json!({"name": format!("tag{n}")})).await;
        assert_eq!(answer.status.as_u16(), if n < 9 { 200 } else { 422 }, "{n}");
    }
    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(
        ask(&world, &bob, "DELETE", &one, Value::Null)
            .await
            .status
            .as_u16(),
        404
    );
    assert_eq!(
        ask(&world, &ada, "DELETE", &one, Value::Null)
            .await
            .status
            .as_u16(),
        200
    );
    assert_eq!(
        ask(&world, &ada, "DELETE", &one, Value::Null)
            .await
            .status
            .as_u16(),
        404
    );
}

#[actix_web::test]
async fn fed_094_authors_choose_who_may_answer() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let posted = async |policy: Value| {
        let body = json!({"status": "hello", "interaction_policy": policy});
        ask(&world, &ada, "POST", "/api/v1/statuses", body).await
    };
    for (policy, answers) in [
        (json!(null), 200),
        (json!({}), 200),
        (json!({"can_reply": {"automatic_approval": ["public"]}}), 200),
        (json!({"can_reply": {"always": ["public", "me"]}}), 200),
        (json!({"can_favourite": {"automatic_approval": ["author"]}}), 200),
        (
            json!({"can_reply": {"automatic_approval": ["followers", "mentioned"]}}),
            403,
        ),
        (json!({"can_reply": {"automatic_approval": ["author"]}}), 403),
        (json!({"can_reply": {"automatic_approval": []}}), 403),
        (json!({"can_reply": {"automatic_approval": ["following"]}}), 403),
        (
            json!({"can_reply": {"automatic_approval": ["author"], "manual_approval": ["followers"]}}),
            403,
        ),
        (
            json!({"can_reply": {"automatic_approval": ["author"], "manual_approval": ["public"]}}),
            200,
        ),
        (json!({"can_reply": {"with_approval": ["public"]}}), 200),
    ] {
        let status = posted(policy.clone()).await.json();
        let body = json!({"status": "may I?", "in_reply_to_id": status["id"]});
        let answer = ask(&world, &bob, "POST", "/api/v1/statuses", body).await;
        assert_eq!(answer.status.as_u16(), answers, "{policy}: {answer:?}");
    }
    for policy in [
        json!({"can_reply": {"automatic_approval": ["mutuals"]}}),
        json!({"can_reply": {"automatic_approval": ["author"], "manual_approval": ["https://far.example/users/ada"]}}),
    ] {
        assert_eq!(posted(policy.clone()).await.status.as_u16(), 422, "{policy}");
    }
}
