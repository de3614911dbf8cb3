//! Reports, as an app makes them.

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_model::status::Visibility;
use pouet_service::{
    instance_info::{self, InfoChange},
    reports,
    statuses::{self, NewStatus},
};
use pouet_test_support::{World, send};
use serde_json::{Value, json};

#[actix_web::test]
async fn an_account_is_reported_with_its_statuses() {
    let world = World::new();
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    let post = async |visibility| {
        let new = NewStatus {
            text: "buy my boat".to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        statuses::post(&world.instance, &eve.user, new).await.unwrap()
    };
    let (open, direct) = (post(Visibility::Public).await, post(Visibility::Direct).await);
    let rules = InfoChange {
        rules: Some(vec!["Be kind.".to_owned(), "No advertising.".to_owned()]),
        ..InfoChange::default()
    };
    instance_info::update(&world.instance, rules).await.unwrap();
    // Numbers of rules are never given again: those of rules that are replaced are not these.
    let rules = instance_info::info(&world.instance).await.unwrap().rules;
    let (first, second) = (rules[0].id, rules[1].id);
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let report = async |body: Value| {
        let request = TestRequest::post()
            .uri("/api/v1/reports")
            .insert_header(("authorization", format!("Bearer {}", ada.token)))
            .set_json(body);
        send(&app, request).await
    };
    let target = eve.account.id.to_string();

    let made = report(json!({
        "account_id": target, "status_ids": [open.to_string()], "comment": "again",
        "category": "violation", "rule_ids": [second.to_string()], "forward": true,
    }))
    .await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    let expected = json!({
        "action_taken": false, "action_taken_at": null, "category": "violation", "comment": "again",
        "forwarded": false, "status_ids": [open.to_string()], "collection_ids": [], "rule_ids": [second.to_string()],
        "created_at": "2026-11-23T10:00:00.000Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(made["target_account"]["id"], target.as_str());
    let plain = report(json!({ "account_id": target })).await.json();
    assert_eq!(
        (&plain["category"], &plain["rule_ids"]),
        (&json!("other"), &json!(null))
    );
    let by_rules = report(json!({ "account_id": target, "rule_ids": [first] }))
        .await
        .json();
    assert_eq!(by_rules["category"], "violation");

    for (status, body) in [
        (404, json!({ "account_id": "12345" })),
        (
            404,
            json!({ "account_id": target, "status_ids": [direct.to_string()] }),
        ),
        (404, json!({})),
        (422, json!({ "account_id": target, "category": "boredom" })),
        (422, json!({ "account_id": target, "rule_ids": [second + 1] })),
        (422, json!({ "account_id": target, "comment": "x".repeat(1001) })),
        (403, json!({ "account_id": ada.account.id.to_string() })),
    ] {
        let refused = report(body.clone()).await;
        assert_eq!(refused.status.as_u16(), status, "{body}: {}", refused.text);
    }
    let kept = reports::list(&world.instance, false, 40).await.unwrap();
    assert_eq!(kept.len(), 3, "what was refused is not kept");
    assert_eq!(kept[2].statuses[0].id, open);
    reports::resolve(&world.instance, kept[2].report.id)
        .await
        .unwrap();
    assert_eq!(reports::list(&world.instance, false, 40).await.unwrap().len(), 2);
    assert_eq!(reports::list(&world.instance, true, 40).await.unwrap().len(), 3);

    // Who is reported hears nothing.
    let request = TestRequest::with_uri("/api/v1/notifications")
        .insert_header(("authorization", format!("Bearer {}", eve.token)));
    assert_eq!(send(&app, request).await.json(), json!([]));
}
