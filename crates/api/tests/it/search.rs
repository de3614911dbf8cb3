//! Search, as clients find people and tags with it.

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_service::statuses::{self, NewStatus};
use pouet_test_support::{World, send};
use serde_json::json;

#[actix_web::test]
async fn all_kinds_are_always_there() {
    let world = World::new();
    let ada = world.person("ada").await;
    let new = NewStatus {
        text: "Down to the #harbour".to_owned(),
        ..NewStatus::default()
    };
    let id = statuses::post(&world, &ada.user, new).await.expect("a status");
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let search = async |query: &str| {
        let request = TestRequest::with_uri(&format!("/api/v2/search?{query}"))
            .insert_header(("authorization", format!("Bearer {}", ada.token)));
        send(&app, request).await
    };

    let found = search("q=harbour").await.json();
    for kind in ["accounts", "statuses", "hashtags", "collections"] {
        assert!(found[kind].is_array(), "{kind}");
    }
    assert_eq!(found["hashtags"][0]["name"], "harbour");
    assert_eq!(found["statuses"][0]["id"], id.to_string());
    let url = format!("https://pouet.example/@ada/{id}");
    let found = search(&format!("q={url}&resolve=true")).await.json();
    assert_eq!(found["statuses"][0]["id"], id.to_string());
    let found = search("q=ada&type=accounts").await.json();
    assert_eq!(found["accounts"][0]["username"], "ada");

    for (query, status) in [
        ("", 400),
        ("q=x&limit=-1", 400),
        ("q=x&offset=-1", 400),
        ("q=x&type=boats", 400),
        ("q=ada%00&type=accounts", 400),
    ] {
        assert_eq!(search(query).await.status.as_u16(), status, "{query}");
    }
    let anonymous = TestRequest::with_uri("/api/v2/search?q=x&resolve=true");
    assert_eq!(send(&app, anonymous).await.status.as_u16(), 401);
}

#[actix_web::test]
async fn operators_and_their_misuse_are_answered() {
    let world = World::new();
    let ada = world.person("ada").await;
    let new = |text: &str, language: &str| NewStatus {
        text: text.to_owned(),
        language: Some(language.to_owned()),
        ..NewStatus::default()
    };
    let french = statuses::post(&world, &ada.user, new("un bateau éclairé", "fr")).await;
    let french = french.expect("a status").to_string();
    statuses::post(&world, &ada.user, new("un bateau", "oc"))
        .await
        .expect("a status");
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let search = async |query: &str| {
        let request = TestRequest::with_uri(&format!("/api/v2/search?type=statuses&q={query}"))
            .insert_header(("authorization", format!("Bearer {}", ada.token)));
        send(&app, request).await.json()["statuses"].clone()
    };
    for query in [
        "bateau%20lang:fr",
        "ECLAIRE",
        "%22bateau%20eclaire%22",
        "from:me%20-lang:oc",
    ] {
        let found = search(query).await;
        assert_eq!(found[0]["id"], french, "{query}");
        assert_eq!(found.as_array().expect("a list").len(), 1, "{query}");
    }
    for query in [
        "%22",
        "-",
        "NOT",
        "'%20OR%201=1--",
        "(bateau",
        "bateau%2500",
        "*",
        "lang:",
    ] {
        assert!(search(query).await.is_array(), "{query}");
    }
}

#[actix_web::test]
async fn saved_searches_are_kept_and_read() {
    let world = World::new();
    let ada = world.person("ada").await;
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let call = async |request: TestRequest| {
        let request = request.insert_header(("authorization", format!("Bearer {}", ada.token)));
        send(&app, request).await
    };
    let path = "/api/pouet/v1/saved_searches";
    let refused = call(TestRequest::post().uri(path).set_json(json!({ "query": "!" }))).await;
    assert_eq!(refused.status.as_u16(), 422);
    let made = call(
        TestRequest::post()
            .uri(path)
            .set_json(json!({ "query": "boats -zoo" })),
    )
    .await;
    assert_eq!(made.status.as_u16(), 200, "{made:?}");
    let made = made.json();
    assert_eq!(
        (made["name"].as_str(), made["query"].as_str()),
        (Some("boats -zoo"), Some("boats -zoo"))
    );
    let atom = made["atom_url"].as_str().expect("an address");
    assert!(
        atom.starts_with("https://pouet.example/feeds/searches/"),
        "{atom}"
    );
    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    let named = call(
        TestRequest::patch()
            .uri(&one)
            .set_json(json!({ "name": "Boats" })),
    )
    .await;
    assert_eq!(named.json()["name"], "Boats");
    assert_eq!(call(TestRequest::with_uri(path)).await.json()[0], named.json());
    assert_eq!(call(TestRequest::with_uri(&one)).await.json(), named.json());

    let mut posted = Vec::new();
    for text in ["boats!", "a zoo of boats", "more boats"] {
        let new = NewStatus {
            text: text.to_owned(),
            ..NewStatus::default()
        };
        let id = statuses::post(&world, &ada.user, new).await.expect("a status");
        posted.push(id.to_string());
    }
    let page = call(TestRequest::with_uri(&format!("{one}/timeline?limit=1"))).await;
    assert_eq!(page.json()[0]["id"], posted[2]);
    let link = page.header("link");
    assert!(
        link.contains(&format!("{one}/timeline?limit=1&max_id={}", posted[2])),
        "{link}"
    );
    let next = call(TestRequest::with_uri(&format!(
        "{one}/timeline?max_id={}",
        posted[2]
    )))
    .await;
    assert_eq!(next.json()[0]["id"], posted[0]);
    assert_eq!(next.json().as_array().expect("a list").len(), 1);

    let moved = call(TestRequest::post().uri(&format!("{one}/reset_feed")))
        .await
        .json();
    assert_ne!(moved["atom_url"], atom);
    assert_eq!(call(TestRequest::delete().uri(&one)).await.status.as_u16(), 200);
    assert_eq!(call(TestRequest::with_uri(&one)).await.status.as_u16(), 404);
    assert_eq!(call(TestRequest::with_uri(path)).await.json(), json!([]));
}

#[actix_web::test]
async fn our_extensions_are_described() {
    let world = World::new();
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let document = send(&app, TestRequest::with_uri("/api/pouet/v1/openapi.json"))
        .await
        .json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    for operation in pouet_api::operations() {
        if !operation.path.starts_with("/api/pouet/v1/saved_searches") {
            continue;
        }
        let described = &paths[operation.path];
        let method = operation.methods.last().expect("a method").to_lowercase();
        assert!(
            described[&method]["responses"]["200"].is_object(),
            "{operation:?}"
        );
    }
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
