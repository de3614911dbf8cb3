//! Quotes in the client API.

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use chrono::TimeDelta;
use pouet_api::Api;
use pouet_test_support::{Person, World, send};
use serde_json::{Value, json};

fn by(person: &Person, request: TestRequest) -> TestRequest {
    request.insert_header(("authorization", format!("Bearer {}", person.token)))
}

#[actix_web::test]
async fn a_quote_is_shown_listed_and_revoked() {
    let world = World::new();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let post = async |person: &Person, body: Value| {
        let request = by(person, TestRequest::post().uri("/api/v1/statuses")).set_json(body);
        send(&app, request).await
    };
    let get = async |person: &Person, path: &str| send(&app, by(person, TestRequest::with_uri(path))).await;

    let quoted = post(&ada, json!({"status": "wise words"})).await.json();
    let open = json!({"automatic": ["public"], "manual": [], "current_user": "automatic"});
    assert_eq!(quoted["quote_approval"], open);
    assert_eq!(
        (&quoted["quote"], &quoted["quotes_count"]),
        (&Value::Null, &json!(0))
    );
    let id = quoted["id"].as_str().expect("an id");
    // Quoting is saying something.
    let quoting = post(&ben, json!({"quoted_status_id": id})).await.json();
    assert_eq!(quoting["quote"]["state"], "accepted");
    assert_eq!(quoting["quote"]["quoted_status"]["id"], quoted["id"]);
    let quoting_id = quoting["id"].as_str().expect("an id");
    let outer = post(&ben, json!({"status": "again", "quoted_status_id": quoting_id}))
        .await
        .json();
    let shallow = json!({"state": "accepted", "quoted_status_id": id});
    assert_eq!(outer["quote"]["quoted_status"]["quote"], shallow);

    let status = format!("/api/v1/statuses/{id}");
    assert_eq!(get(&ada, &status).await.json()["quotes_count"], 1);
    let listed = get(&ada, &format!("{status}/quotes")).await;
    assert_eq!(listed.json()[0]["id"], quoting["id"]);
    assert!(
        listed.header("link").contains(&format!("since_id={quoting_id}")),
        "{listed:?}"
    );
    let told = get(&ada, "/api/v1/notifications?types[]=quote").await.json();
    assert_eq!(told[0]["type"], "quote");
    assert_eq!(told[0]["status"]["id"], quoting["id"]);

    let revoke = format!("{status}/quotes/{quoting_id}/revoke");
    let by_ben = send(&app, by(&ben, TestRequest::post().uri(&revoke))).await;
    assert_eq!(by_ben.status.as_u16(), 403, "{}", by_ben.text);
    let revoked = send(&app, by(&ada, TestRequest::post().uri(&revoke)))
        .await
        .json();
    assert_eq!(revoked["id"], quoting["id"]);
    assert_eq!(
        revoked["quote"],
        json!({"state": "revoked", "quoted_status": null})
    );
    assert_eq!(get(&ada, &format!("{status}/quotes")).await.json(), json!([]));
    let unknown = format!("{status}/quotes/{id}/revoke");
    let unknown = send(&app, by(&ada, TestRequest::post().uri(&unknown))).await;
    assert_eq!(unknown.status.as_u16(), 404, "{}", unknown.text);
}

#[actix_web::test]
async fn who_may_quote_is_said_when_posting_and_later() {
    let world = World::new();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let post = async |person: &Person, body: Value| {
        let request = by(person, TestRequest::post().uri("/api/v1/statuses")).set_json(body);
        send(&app, request).await
    };
    let approval = async |person: &Person, id: &Value| {
        let path = format!("/api/v1/statuses/{}", id.as_str().expect("an id"));
        let shown = send(&app, by(person, TestRequest::with_uri(&path))).await.json();
        let approval = &shown["quote_approval"];
        (approval["automatic"].clone(), approval["current_user"].clone())
    };

    let wrong = post(&ada, json!({"status": "x", "quote_approval_policy": "friends"})).await;
    assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.text);
    let closed = post(&ada, json!({"status": "x", "quote_approval_policy": "nobody"}))
        .await
        .json();
    assert_eq!(approval(&ben, &closed["id"]).await, (json!([]), json!("denied")));
    assert_eq!(
        approval(&ada, &closed["id"]).await,
        (json!([]), json!("automatic"))
    );
    let refused = post(&ben, json!({"status": "y", "quoted_status_id": closed["id"]})).await;
    assert_eq!(refused.status.as_u16(), 404, "{}", refused.text);

    let path = format!(
        "/api/v1/statuses/{}/interaction_policy",
        closed["id"].as_str().expect("an id")
    );
    let set = async |person: &Person, policy: &str| {
        let body = json!({"quote_approval_policy": policy});
        send(&app, by(person, TestRequest::put().uri(&path)).set_json(body)).await
    };
    assert_eq!(set(&ada, "everybody").await.status.as_u16(), 422);
    assert_eq!(set(&ben, "public").await.status.as_u16(), 404);
    let few = set(&ada, "followers").await.json();
    assert_eq!(few["quote_approval"]["automatic"], json!(["followers"]));
    assert_eq!(
        approval(&ben, &closed["id"]).await,
        (json!(["followers"]), json!("denied"))
    );

    let change = json!({"source": {"quote_policy": "followers"}});
    let change = by(
        &ada,
        TestRequest::patch().uri("/api/v1/accounts/update_credentials"),
    )
    .set_json(change);
    assert_eq!(
        send(&app, change).await.json()["source"]["quote_policy"],
        "followers"
    );
    let preferences = send(&app, by(&ada, TestRequest::with_uri("/api/v1/preferences")))
        .await
        .json();
    assert_eq!(preferences["posting:default:quote_policy"], "followers");
    let usual = post(&ada, json!({"status": "z"})).await.json();
    assert_eq!(usual["quote_approval"]["automatic"], json!(["followers"]));
    // What not everybody may see is not for quoting, whatever is asked for.
    let private = post(
        &ada,
        json!({"status": "z", "visibility": "private", "quote_approval_policy": "public"}),
    );
    assert_eq!(private.await.json()["quote_approval"]["automatic"], json!([]));
}

#[actix_web::test]
async fn a_quote_may_be_scheduled() {
    let world = World::new();
    let ada = world.person("ada").await;
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let post = async |body: Value| {
        let request = by(&ada, TestRequest::post().uri("/api/v1/statuses")).set_json(body);
        send(&app, request).await
    };
    let quoted = post(json!({"status": "wise words"})).await.json();
    let waiting = post(json!({
        "scheduled_at": "2026-11-23T11:00:00.000Z",
        "quoted_status_id": quoted["id"],
        "quote_approval_policy": "nobody",
    }));
    let waiting = waiting.await.json();
    assert_eq!(waiting["params"]["quoted_status_id"], quoted["id"]);
    assert_eq!(waiting["params"]["quote_approval_policy"], "nobody");
    let missing = post(json!({"scheduled_at": "2026-11-23T11:00:00.000Z", "quoted_status_id": "1"})).await;
    assert_eq!(missing.status.as_u16(), 404, "{}", missing.text);
    world.clock.advance(TimeDelta::minutes(61));
    world.run_jobs().await;
    let path = format!("/api/v1/accounts/{}/statuses?limit=1", ada.account.id);
    let posted = send(&app, by(&ada, TestRequest::with_uri(&path))).await.json();
    assert_eq!(posted[0]["quote"]["quoted_status"]["id"], quoted["id"]);
    assert_eq!(posted[0]["quote_approval"]["automatic"], json!([]));
}
