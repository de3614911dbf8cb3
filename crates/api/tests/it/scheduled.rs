//! Statuses that are posted later.

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use chrono::TimeDelta;
use pouet_api::Api;
use pouet_test_support::{World, send};
use serde_json::{Value, json};

#[actix_web::test]
async fn a_scheduled_status_waits_and_is_posted_once() {
    let world = World::new();
    let ada = world.person("ada").await;
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let by_ada =
        |request: TestRequest| request.insert_header(("authorization", format!("Bearer {}", ada.token)));
    let waiting = async || {
        send(&app, by_ada(TestRequest::with_uri("/api/v1/scheduled_statuses")))
            .await
            .json()
    };
    let posted = async || {
        let path = format!("/api/v1/accounts/{}/statuses", ada.account.id);
        send(&app, by_ada(TestRequest::with_uri(&path))).await.json()
    };
    let schedule = async |at: &str| {
        let request = by_ada(TestRequest::post().uri("/api/v1/statuses")).set_json(json!({
            "status": "For later",
            "scheduled_at": at,
            "poll": {"options": ["a", "b"], "expires_in": "600"},
        }));
        send(&app, request).await
    };

    let too_soon = schedule("2026-11-23T10:04:00Z").await;
    assert_eq!(too_soon.status.as_u16(), 422, "{}", too_soon.text);
    let no_time = schedule("tomorrow").await;
    assert_eq!(no_time.status.as_u16(), 422, "{}", no_time.text);

    let scheduled = schedule("2026-11-23T11:00:00.000Z").await.json();
    assert_eq!(scheduled["scheduled_at"], "2026-11-23T11:00:00.000Z");
    assert_eq!(scheduled["params"]["text"], "For later");
    assert_eq!(scheduled["params"]["poll"]["expires_in"], "600");
    assert_eq!(waiting().await.as_array().map(Vec::len), Some(1));

    // Moved to a later time, it is not posted at the first one.
    let path = format!(
        "/api/v1/scheduled_statuses/{}",
        scheduled["id"].as_str().expect("an id")
    );
    let moved =
        by_ada(TestRequest::put().uri(&path)).set_json(json!({"scheduled_at": "2026-11-23T12:00:00Z"}));
    assert_eq!(
        send(&app, moved).await.json()["scheduled_at"],
        "2026-11-23T12:00:00.000Z"
    );
    world.clock.advance(TimeDelta::minutes(61));
    world.run_jobs().await;
    assert_eq!(posted().await, json!([]));

    world.clock.advance(TimeDelta::minutes(60));
    world.run_jobs().await;
    world.run_jobs().await;
    let posted: Value = posted().await;
    assert_eq!(posted.as_array().map(Vec::len), Some(1));
    assert_eq!(posted[0]["content"], "<p>For later</p>");
    assert_eq!(posted[0]["poll"]["expires_at"], "2026-11-23T12:11:00.000Z");
    assert_eq!(waiting().await, json!([]));
}

#[actix_web::test]
async fn nobody_else_sees_or_moves_what_waits() {
    let world = World::new();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let request = TestRequest::post()
        .uri("/api/v1/statuses")
        .insert_header(("authorization", format!("Bearer {}", ada.token)))
        .set_json(json!({"status": "Mine", "scheduled_at": "2026-11-23T11:00:00Z"}));
    let scheduled = send(&app, request).await.json();
    let path = format!(
        "/api/v1/scheduled_statuses/{}",
        scheduled["id"].as_str().expect("an id")
    );
    for request in [TestRequest::get(), TestRequest::put(), TestRequest::delete()] {
        let request = request
            .uri(&path)
            .insert_header(("authorization", format!("Bearer {}", ben.token)))
            .set_json(json!({"scheduled_at": "2026-11-23T12:00:00Z"}));
        assert_eq!(send(&app, request).await.status.as_u16(), 404);
    }
}
