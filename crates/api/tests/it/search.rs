//! Search, as clients find people and tags with it.

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_service::statuses::{self, NewStatus};
use pouet_test_support::{World, send};

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
    ] {
        assert_eq!(search(query).await.status.as_u16(), status, "{query}");
    }
    let anonymous = TestRequest::with_uri("/api/v2/search?q=x&resolve=true");
    assert_eq!(send(&app, anonymous).await.status.as_u16(), 401);
}
