//! Suggestions, the directory, endorsements, announcements and oEmbed, as clients see them.

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_model::status::Visibility;
use pouet_service::{
    announcements::{self, AnnouncementChange},
    statuses::{self, NewStatus},
};
use pouet_test_support::{Answer, Person, World, send};
use serde_json::{Value, json};

async fn ask(world: &World, person: Option<&Person>, method: &str, path: &str) -> Answer {
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let mut request = TestRequest::with_uri(path).method(method.parse::<Method>().expect("a method"));
    if let Some(person) = person {
        request = request.insert_header(("authorization", format!("Bearer {}", person.token)));
    }
    send(&app, request).await
}

async fn post(world: &World, author: &Person, text: &str, visibility: Visibility) -> String {
    let new = NewStatus {
        text: text.to_owned(),
        visibility: Some(visibility),
        ..NewStatus::default()
    };
    let id = statuses::post(world, &author.user, new).await.expect("posted");
    id.to_string()
}

#[actix_web::test]
async fn accounts_are_endorsed_and_suggested() {
    let world = World::new();
    let (ada, ben, cleo) = (
        world.person("ada").await,
        world.person("ben").await,
        world.person("cleo").await,
    );
    let id = |person: &Person| person.account.id.to_string();
    let refused = ask(
        &world,
        Some(&ada),
        "POST",
        &format!("/api/v1/accounts/{}/endorse", id(&ben)),
    )
    .await;
    assert_eq!(refused.status, 422, "{:?}", refused.json());
    for (follower, followed) in [(&ada, &ben), (&ben, &cleo)] {
        let path = format!("/api/v1/accounts/{}/follow", id(followed));
        assert_eq!(ask(&world, Some(follower), "POST", &path).await.status, 200);
    }
    let endorsed = ask(
        &world,
        Some(&ada),
        "POST",
        &format!("/api/v1/accounts/{}/pin", id(&ben)),
    )
    .await;
    assert_eq!(endorsed.json()["endorsed"], json!(true));
    for path in [
        "/api/v1/endorsements".to_owned(),
        format!("/api/v1/accounts/{}/endorsements", id(&ada)),
    ] {
        assert_eq!(
            ask(&world, Some(&ada), "GET", &path).await.json()[0]["id"],
            json!(id(&ben))
        );
    }
    let taken = ask(
        &world,
        Some(&ada),
        "POST",
        &format!("/api/v1/accounts/{}/unendorse", id(&ben)),
    )
    .await;
    assert_eq!(taken.json()["endorsed"], json!(false));
    let suggestions = async || ask(&world, Some(&ada), "GET", "/api/v2/suggestions").await.json();
    let found = suggestions().await;
    assert_eq!(found[0]["account"]["id"], json!(id(&cleo)), "{found}");
    assert_eq!(found[0]["source"], json!("past_interactions"));
    assert_eq!(
        found[0]["sources"],
        json!(["friends_of_friends", "most_followed"])
    );
    let older = ask(&world, Some(&ada), "GET", "/api/v1/suggestions").await;
    assert_eq!(older.json()[0]["id"], json!(id(&cleo)));
    let dismissed = ask(
        &world,
        Some(&ada),
        "DELETE",
        &format!("/api/v1/suggestions/{}", id(&cleo)),
    )
    .await;
    assert_eq!((dismissed.status.as_u16(), dismissed.json()), (200, json!({})));
    assert_eq!(suggestions().await, json!([]));
    let path = format!("/api/v1/accounts/familiar_followers?id[]={}", id(&cleo));
    let familiar = ask(&world, Some(&ada), "GET", &path).await.json();
    assert_eq!(familiar[0]["accounts"][0]["id"], json!(id(&ben)), "{familiar}");
}

#[actix_web::test]
async fn announcements_are_read_and_reacted_to() {
    let world = World::new();
    let ada = world.person("ada").await;
    let change = AnnouncementChange {
        text: Some("Hello @ada #boats".to_owned()),
        published: Some(true),
        ..AnnouncementChange::default()
    };
    let id = announcements::create(&world, change).await.expect("written").id;
    let list = async || {
        ask(&world, Some(&ada), "GET", "/api/v1/announcements")
            .await
            .json()
    };
    let found = list().await;
    assert_eq!(found[0]["id"], json!(id.to_string()));
    for (member, value) in [
        ("read", json!(false)),
        ("all_day", json!(false)),
        ("starts_at", Value::Null),
        ("statuses", json!([])),
        ("reactions", json!([])),
        ("emojis", json!([])),
    ] {
        assert_eq!(found[0][member], value, "{member}");
    }
    assert_eq!(found[0]["mentions"][0]["acct"], json!("ada"));
    assert_eq!(found[0]["tags"][0]["name"], json!("boats"));
    let party = format!("/api/v1/announcements/{id}/reactions/%F0%9F%8E%89");
    assert_eq!(ask(&world, Some(&ada), "PUT", &party).await.json(), json!({}));
    assert_eq!(
        list().await[0]["reactions"],
        json!([{ "name": "🎉", "count": 1, "me": true }])
    );
    assert_eq!(ask(&world, Some(&ada), "DELETE", &party).await.status, 200);
    let none = format!("/api/v1/announcements/{id}/reactions/nothing");
    assert_eq!(ask(&world, Some(&ada), "PUT", &none).await.status, 422);
    let dismiss = format!("/api/v1/announcements/{id}/dismiss");
    assert_eq!(ask(&world, Some(&ada), "POST", &dismiss).await.json(), json!({}));
    assert_eq!(list().await[0]["read"], json!(true));
    assert_eq!(
        ask(&world, Some(&ada), "POST", "/api/v1/announcements/1/dismiss")
            .await
            .status,
        404
    );
}

#[actix_web::test]
async fn public_statuses_can_be_shown_elsewhere() {
    let world = World::new();
    let ada = world.person("ada").await;
    let base = world.instance.urls().base().to_owned();
    let id = post(&world, &ada, "hello", Visibility::Public).await;
    let path = |id: &str| format!("/api/oembed?url={base}/@ada/{id}");
    let found = ask(&world, None, "GET", &path(&id)).await;
    assert_eq!(found.status, 200);
    let found = found.json();
    for (member, value) in [
        ("type", json!("rich")),
        ("version", json!("1.0")),
        ("author_url", json!(format!("{base}/@ada"))),
        ("width", json!(400)),
        ("height", Value::Null),
        ("cache_age", json!(86_400)),
    ] {
        assert_eq!(found[member], value, "{member}");
    }
    let html = found["html"].as_str().expect("a text");
    assert!(
        html.contains(&format!("src=\"{base}/@ada/{id}/embed\"")),
        "{html}"
    );
    assert!(html.contains("sandbox=") && !html.contains("script"), "{html}");
    let sized = ask(
        &world,
        None,
        "GET",
        &format!("{}&maxwidth=300&maxheight=200", path(&id)),
    )
    .await
    .json();
    assert_eq!((&sized["width"], &sized["height"]), (&json!(300), &json!(200)));
    let private = post(&world, &ada, "secret", Visibility::Private).await;
    for refused in [
        path(&private),
        path("1"),
        "/api/oembed?url=https://far.test/@x/1".to_owned(),
    ] {
        assert_eq!(
            ask(&world, Some(&ada), "GET", &refused).await.status,
            404,
            "{refused}"
        );
    }
    let xml = ask(&world, None, "GET", &format!("{}&format=xml", path(&id))).await;
    assert_eq!(xml.status, 501);
}
