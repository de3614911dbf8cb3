//! The description of Pouet's own API says what there is.

use std::collections::BTreeSet;

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use pouet_api::{Api, Audience};
use pouet_test_support::{World, send};
use serde_json::Value;

#[actix_web::test]
async fn the_description_of_our_own_api_is_complete() {
    let world = World::new();
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let answer = send(&app, TestRequest::with_uri("/api/pouet/v1/openapi.json")).await;
    assert_eq!(answer.status.as_u16(), 200);
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");

    let mut there = BTreeSet::new();
    for operation in pouet_api::operations().filter(|one| one.path.starts_with("/api/pouet/")) {
        for method in operation.methods {
            let described = &document["paths"][operation.path][method.to_lowercase()];
            assert!(
                described["summary"].is_string(),
                "{method} {} is not described",
                operation.path
            );
            assert!(described["responses"].is_object(), "{}", operation.path);
            let scopes: Vec<&Value> = described["security"]
                .as_array()
                .expect("it says who may")
                .iter()
                .flat_map(|one| one["oauth"].as_array().into_iter().flatten())
                .collect();
            assert_eq!(scopes, operation.scopes, "{}", operation.path);
            let is_open = described["security"] == Value::Array(Vec::new());
            assert_eq!(
                is_open,
                operation.audience == Audience::Public,
                "{}",
                operation.path
            );
            there.insert((operation.path.to_owned(), method.to_lowercase()));
        }
    }
    assert!(there.len() > 3);
    for (path, item) in document["paths"].as_object().expect("paths") {
        let methods = item.as_object().expect("methods").keys();
        for method in methods.filter(|key| *key != "parameters") {
            assert!(
                there.contains(&(path.clone(), method.clone())),
                "{method} {path} is not there"
            );
        }
    }
    let text = answer.text;
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap_or_default();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
