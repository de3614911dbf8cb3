//! Collections as clients read and write them.

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_service::{
    profile::{self, ProfileChange},
    reports,
};
use pouet_test_support::{Answer, Person, World, send};
use serde_json::{Value, json};

async fn ask(world: &World, token: Option<&str>, method: &str, path: &str, body: Value) -> Answer {
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let mut request = TestRequest::with_uri(path).method(method.parse::<Method>().expect("a method"));
    if let Some(token) = token {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    if !body.is_null() {
        request = request.set_json(body);
    }
    send(&app, request).await
}

async fn ok(world: &World, person: &Person, method: &str, path: &str, body: Value) -> Value {
    let answer = ask(world, Some(&person.token), method, path, body).await;
    assert_eq!(answer.status.as_u16(), 200, "{method} {path}: {answer:?}");
    answer.json()
}

/// Somebody who does not want to be found.
async fn shy(world: &World) -> Person {
    let person = world.person("shy").await;
    let change = ProfileChange {
        discoverable: Some(false),
        ..ProfileChange::default()
    };
    profile::update(world, &person.user, change)
        .await
        .expect("changed");
    person
}

const NOW: &str = "2026-11-23T10:00:00.000Z";

#[actix_web::test]
async fn collections_have_mastodons_shape() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let body = json!({
        "name": "Boats", "description": "People who sail", "language": "en", "sensitive": "0", "discoverable": "1",
        "tag_name": "Boats", "account_ids": [bob.account.id],
    });
    let made = ok(&world, &ada, "POST", "/api/v1/collections", body).await;
    let (id, item) = (
        made["collection"]["id"].as_str().unwrap().to_owned(),
        made["collection"]["items"][0]["id"].as_str().unwrap().to_owned(),
    );
    let page = format!("https://pouet.example/collections/{id}");
    let expected = json!({
        "id": id,
        "account_id": ada.account.id.to_string(),
        "uri": page,
        "url": page,
        "name": "Boats",
        "description": "People who sail",
        "language": "en",
        "local": true,
        "sensitive": false,
        "discoverable": true,
        "tag": {"name": "boats", "url": "https://pouet.example/tags/boats"},
        "item_count": 1,
        "items": [
            {"id": item, "state": "accepted", "created_at": NOW, "account_id": bob.account.id.to_string()},
        ],
        "created_at": NOW,
        "updated_at": NOW,
    });
    assert_eq!(made, json!({ "collection": expected }));

    let path = format!("/api/v1/collections/{id}");
    let shown = ask(&world, None, "GET", &path, Value::Null).await.json();
    assert_eq!(shown["collection"], expected);
    let names: Vec<&str> = shown["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["username"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ada", "bob"], "the owner, then the members");
    assert_eq!(
        shown["accounts"][1]["feature_approval"],
        json!({"automatic": ["public"], "manual": [], "current_user": "automatic"})
    );

    let of_ada = format!("/api/v1/accounts/{}/collections", ada.account.id);
    let listed = ask(&world, None, "GET", &of_ada, Value::Null).await.json();
    assert_eq!(listed, json!({ "collections": [expected] }));
    let with_bob = format!("/api/v1/accounts/{}/in_collections", bob.account.id);
    let listed = ok(&world, &bob, "GET", &with_bob, Value::Null).await;
    assert_eq!(listed, json!({ "collections": [expected] }));

    let changed = ok(
        &world,
        &ada,
        "PATCH",
        &path,
        json!({"tag_name": null, "language": ""}),
    )
    .await;
    assert_eq!(
        (&changed["collection"]["tag"], &changed["collection"]["language"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(changed["collection"]["name"], "Boats");

    let told = ok(&world, &bob, "GET", "/api/v1/notifications", Value::Null).await;
    assert_eq!(told[0]["type"], "added_to_collection");
    assert_eq!(told[0]["collection"]["id"], id);
    assert_eq!(told[0]["account"]["username"], "ada");
    assert!(told[0].get("status").is_none());
    let grouped = ok(&world, &bob, "GET", "/api/v2/notifications", Value::Null).await;
    assert_eq!(grouped["notification_groups"][0]["collection"]["id"], id);

    let search = format!("/api/v2/search?q={page}&resolve=true");
    let found = ok(&world, &bob, "GET", &search, Value::Null).await;
    assert_eq!(found["collections"][0]["id"], id);
    for kind in ["accounts", "statuses", "hashtags"] {
        assert_eq!(found[kind], json!([]), "{kind}");
    }
    let post = json!({"status": format!("Look: {page}")});
    let posted = ok(&world, &bob, "POST", "/api/v1/statuses", post).await;
    assert_eq!(posted["tagged_collections"][0]["id"], id);
    assert_eq!(posted["tagged_collections"][0]["items"][0]["id"], item);
    let me = "/api/v1/accounts/verify_credentials";
    let role = ok(&world, &ada, "GET", me, Value::Null).await["role"].clone();
    assert_eq!(role["collection_limit"], 10);
}

#[actix_web::test]
async fn items_come_and_go_and_deletions_answer_nothing() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let made = ok(
        &world,
        &ada,
        "POST",
        "/api/v1/collections",
        json!({"name": "People"}),
    )
    .await;
    assert_eq!(made["collection"]["discoverable"], false);
    let path = format!(
        "/api/v1/collections/{}",
        made["collection"]["id"].as_str().unwrap()
    );
    let items = format!("{path}/items");
    let add = json!({"account_id": bob.account.id});
    let added = ok(&world, &ada, "POST", &items, add.clone()).await;
    let item = added["collection_item"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        added,
        json!({"collection_item": {
            "id": item, "state": "accepted", "created_at": NOW, "account_id": bob.account.id.to_string(),
        }})
    );
    for (person, method, path) in [
        (&bob, "POST", format!("{items}/{item}/revoke")),
        (&ada, "DELETE", path.clone()),
    ] {
        let answer = ask(&world, Some(&person.token), method, &path, Value::Null).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (200, ""),
            "{path}"
        );
    }
    let made = ok(
        &world,
        &ada,
        "POST",
        "/api/v1/collections",
        json!({"name": "People"}),
    )
    .await;
    let items = format!(
        "/api/v1/collections/{}/items",
        made["collection"]["id"].as_str().unwrap()
    );
    let added = ok(&world, &ada, "POST", &items, add).await;
    let item = added["collection_item"]["id"].as_str().unwrap();
    let answer = ask(
        &world,
        Some(&ada.token),
        "DELETE",
        &format!("{items}/{item}"),
        Value::Null,
    )
    .await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    let gone = ask(&world, None, "GET", &path, Value::Null).await;
    assert_eq!(gone.json(), json!({"error": "Record not found"}));
}

#[actix_web::test]
async fn refusals_are_mastodons() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let shy = shy(&world).await;
    let collections = "/api/v1/collections";
    let refused = ask(&world, Some(&ada.token), "POST", collections, json!({})).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert_eq!(
        refused.json(),
        json!({"error": {
            "error": "Validation failed: Name can't be blank",
            "details": {"name": [{"error": "ERR_BLANK", "description": "can't be blank"}]},
        }})
    );
    let made = ok(&world, &ada, "POST", collections, json!({"name": "People"})).await;
    let path = format!("{collections}/{}", made["collection"]["id"].as_str().unwrap());
    let refused = ask(&world, Some(&ada.token), "PATCH", &path, json!({"name": " "})).await;
    assert_eq!(
        refused.json()["error"]["details"]["name"][0]["error"],
        "ERR_BLANK"
    );

    let items = format!("{path}/items");
    let table = [
        (
            &ada,
            "POST",
            &items,
            json!({}),
            422,
            "`account_id` parameter is missing",
        ),
        (
            &ada,
            "POST",
            &items,
            json!({"account_id": shy.account.id}),
            403,
            "This action is not allowed",
        ),
        (
            &ada,
            "POST",
            &items,
            json!({"account_id": "1"}),
            404,
            "Record not found",
        ),
        (
            &bob,
            "POST",
            &items,
            json!({"account_id": ada.account.id}),
            403,
            "This action is not allowed",
        ),
        (
            &bob,
            "PATCH",
            &path,
            json!({"name": "Mine"}),
            403,
            "This action is not allowed",
        ),
        (
            &bob,
            "DELETE",
            &path,
            Value::Null,
            403,
            "This action is not allowed",
        ),
    ];
    for (person, method, path, body, status, text) in table {
        let answer = ask(&world, Some(&person.token), method, path, body.clone()).await;
        let expected = (status, json!({ "error": text }));
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            expected,
            "{method} {path} {body}"
        );
    }
}

#[actix_web::test]
async fn nobody_is_added_twice_or_without_wanting_to_be_found() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let shy = shy(&world).await;
    let collections = "/api/v1/collections";
    let made = ok(&world, &ada, "POST", collections, json!({"name": "People"})).await;
    let items = format!(
        "{collections}/{}/items",
        made["collection"]["id"].as_str().unwrap()
    );
    let add = json!({"account_id": bob.account.id});
    ok(&world, &ada, "POST", &items, add.clone()).await;
    let twice = ask(&world, Some(&ada.token), "POST", &items, add).await;
    assert_eq!(twice.status.as_u16(), 422);
    assert_eq!(
        twice.json()["error"],
        "Validation failed: Account has already been taken"
    );
    let unknown = json!({"name": "More", "account_ids": ["not-an-id"]});
    let answer = ask(&world, Some(&ada.token), "POST", collections, unknown).await;
    assert_eq!(answer.status.as_u16(), 404);
    let with_bob = format!("/api/v1/accounts/{}/in_collections", bob.account.id);
    let answer = ask(&world, Some(&ada.token), "GET", &with_bob, Value::Null).await;
    assert_eq!(answer.status.as_u16(), 403);
    let shown = ok(
        &world,
        &ada,
        "GET",
        &format!("/api/v1/accounts/{}", shy.account.id),
        Value::Null,
    )
    .await;
    assert_eq!(
        shown["feature_approval"],
        json!({"automatic": [], "manual": [], "current_user": "denied"})
    );
}

#[actix_web::test]
async fn lists_go_on_by_offset_and_old_paths_say_that_they_are_old() {
    let world = World::new();
    let ada = world.person("ada").await;
    for name in ["one", "two", "three"] {
        let body = json!({"name": name, "discoverable": true});
        ok(&world, &ada, "POST", "/api/v1_alpha/collections", body).await;
    }
    let list = format!("/api/v1/accounts/{}/collections", ada.account.id);
    let page = ask(
        &world,
        None,
        "GET",
        &format!("{list}?limit=1&offset=1"),
        Value::Null,
    )
    .await;
    assert_eq!(page.json()["collections"][0]["name"], "two");
    let link = page.header("link");
    let to = |offset: i64, rel: &str| {
        format!("<https://pouet.example{list}?limit=1&offset={offset}>; rel=\"{rel}\"")
    };
    assert!(
        link.contains(&to(2, "next")) && link.contains(&to(0, "prev")),
        "{link}"
    );
    let last = ask(
        &world,
        None,
        "GET",
        &format!("{list}?limit=1&offset=2"),
        Value::Null,
    )
    .await;
    assert!(!last.header("link").contains("next"), "{}", last.header("link"));
    assert_eq!(page.header("deprecation"), "");
    let old = ask(&world, None, "GET", &list.replace("v1", "v1_alpha"), Value::Null).await;
    assert_eq!(old.header("deprecation"), "@1781049600");
    assert_eq!(old.json()["collections"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn collections_are_reported_with_their_owner() {
    let world = World::new();
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    let gather = async |person: &Person| {
        let made = ok(
            &world,
            person,
            "POST",
            "/api/v1/collections",
            json!({"name": "Buy here"}),
        )
        .await;
        made["collection"]["id"].as_str().unwrap().to_owned()
    };
    let (theirs, own) = (gather(&eve).await, gather(&ada).await);
    let target = eve.account.id.to_string();
    let report = |ids: &[&str]| json!({"account_id": target, "collection_ids": ids});
    let made = ok(
        &world,
        &ada,
        "POST",
        "/api/v1/reports",
        report(&[&*theirs, &*theirs]),
    )
    .await;
    assert_eq!(made["collection_ids"], json!([theirs]));
    for other in [own.as_str(), "12345"] {
        let body = report(&[&*theirs, other]);
        let refused = ask(&world, Some(&ada.token), "POST", "/api/v1/reports", body).await;
        assert_eq!(refused.status.as_u16(), 404, "{other}: {}", refused.text);
    }
    let kept = reports::list(&world.instance, false, 40).await.unwrap();
    assert_eq!(kept.len(), 1, "what was refused is not kept");
    assert_eq!(kept[0].collections[0].name, "Buy here");
    let path = format!("/api/v1/collections/{theirs}");
    let gone = ask(&world, Some(&eve.token), "DELETE", &path, Value::Null).await;
    assert_eq!(gone.status.as_u16(), 200);
    let later = reports::find(&world.instance, kept[0].report.id).await.unwrap();
    assert_eq!(
        (later.collections.len(), later.report.collection_ids.len()),
        (0, 1)
    );
}
