//! Hashtags and trends as clients read them.

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
use pouet_model::account::Role;
use pouet_service::{
    follows::{self, FollowOptions},
    statuses::{self, NewStatus},
    trends,
    users::{self, NewUser},
};
use pouet_test_support::{Answer, Person, World, send};
use serde_json::{Value, json};

async fn ask(world: &World, token: Option<&str>, method: &str, path: &str) -> Answer {
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let mut request = TestRequest::with_uri(path).method(method.parse::<Method>().expect("a method"));
    if let Some(token) = token {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    send(&app, request).await
}

async fn get(world: &World, token: Option<&str>, path: &str) -> Value {
    let answer = ask(world, token, "GET", path).await;
    assert_eq!(answer.status.as_u16(), 200, "{path}: {answer:?}");
    answer.json()
}

async fn post(world: &World, author: &Person, text: &str) -> pouet_model::ids::StatusId {
    let new = NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    };
    statuses::post(world, &author.user, new).await.expect("posted")
}

/// Three people who talk about boats, and a look at what trends.
async fn talk(world: &World) -> Vec<Person> {
    let mut people = Vec::new();
    for name in ["ada", "bea", "cyd"] {
        let person = world.person(name).await;
        post(world, &person, "look, #Boats!").await;
        people.push(person);
    }
    let id = post(world, &people[0], "a poem").await;
    for person in &people[1..] {
        statuses::favourite(world, person.account.id, id)
            .await
            .expect("seen");
    }
    trends::refresh(world).await.expect("a look");
    people
}

#[actix_web::test]
async fn a_hashtag_has_seven_days_of_history_as_texts() {
    let world = World::new();
    let people = talk(&world).await;
    let tag = get(&world, None, "/api/v1/tags/BOATS").await;
    assert_eq!(tag["name"], "Boats");
    assert_eq!(tag["url"], "https://pouet.example/tags/boats");
    assert!(
        tag["id"].as_str().is_some_and(|id| id.parse::<i64>().is_ok()),
        "{tag}"
    );
    let history = tag["history"].as_array().expect("a list");
    assert_eq!(history.len(), 7);
    // The first second of 23 November 2026.
    let today = json!({"day": "1795392000", "accounts": "3", "uses": "3"});
    assert_eq!(history[0], today);
    assert_eq!(
        history[6],
        json!({"day": "1794873600", "accounts": "0", "uses": "0"})
    );
    assert!(tag.get("following").is_none() && tag.get("featuring").is_none());

    let token = Some(people[0].token.as_str());
    let mine = get(
        &world,
        token,
        &format!("/api/v1/tags/{}", tag["id"].as_str().unwrap()),
    )
    .await;
    assert_eq!(
        (&mine["following"], &mine["featuring"]),
        (&json!(false), &json!(false))
    );
    let unused = get(&world, token, "/api/v1/tags/Nobody").await;
    assert_eq!(
        (&unused["id"], &unused["name"]),
        (&json!("nobody"), &json!("Nobody"))
    );
    assert_eq!(
        ask(&world, token, "GET", "/api/v1/tags/%21%21")
            .await
            .status
            .as_u16(),
        404
    );
    let found = get(&world, token, "/api/v2/search?q=boats&type=hashtags").await;
    assert_eq!(found["hashtags"][0], mine);
}

#[actix_web::test]
async fn hashtags_are_followed_and_featured() {
    let world = World::new();
    let ada = world.person("ada").await;
    let token = Some(ada.token.as_str());
    for (path, key, expected) in [
        ("/api/v1/tags/Boats/follow", "following", true),
        ("/api/v1/tags/boats/feature", "featuring", true),
        ("/api/v1/tags/%C3%A9t%C3%A9/follow", "following", true),
        ("/api/v1/tags/boats/unfeature", "featuring", false),
    ] {
        let answer = ask(&world, token, "POST", path).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {answer:?}");
        assert_eq!(answer.json()[key], expected, "{path}");
    }
    let answer = ask(&world, token, "GET", "/api/v1/followed_tags?limit=1").await;
    let listed = answer.json();
    assert_eq!(listed[0]["name"], "été");
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let link = answer.header("link");
    assert!(link.contains("max_id=") && link.contains("since_id="), "{link}");
    let all = get(&world, token, "/api/v1/followed_tags").await;
    assert_eq!(all[1]["name"], "Boats");
    assert_eq!(all[1]["following"], true);
    let left = ask(&world, token, "POST", "/api/v1/tags/boats/unfollow")
        .await
        .json();
    assert_eq!(left["following"], false);
}

#[actix_web::test]
async fn trends_are_read_by_everybody() {
    let world = World::new();
    let people = talk(&world).await;
    let tags = get(&world, None, "/api/v1/trends/tags").await;
    assert_eq!(tags[0]["name"], "Boats");
    assert_eq!(tags[0]["history"][0]["accounts"], "3");
    let old = ask(&world, None, "GET", "/api/v1/trends").await;
    assert_eq!(old.json(), tags);
    assert_eq!(old.header("deprecation"), "@1648598400");
    let found = get(&world, None, "/api/v1/trends/statuses").await;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(found[0]["favourites_count"], 2);
    assert!(found[0].get("favourited").is_none());
    let token = Some(people[1].token.as_str());
    let found = get(&world, token, "/api/v1/trends/statuses").await;
    assert_eq!(found[0]["favourited"], true);
    let page = ask(&world, None, "GET", "/api/v1/trends/tags?limit=1&offset=0").await;
    assert!(
        page.header("link").contains("limit=1&offset=1>; rel=\"next\""),
        "{page:?}"
    );
    let page = ask(&world, None, "GET", "/api/v1/trends/tags?limit=1&offset=1").await;
    assert_eq!(page.json(), json!([]));
    let odd = get(&world, None, "/api/v1/trends/tags?limit=-5&offset=-1").await;
    assert_eq!(odd, tags);
}

/// The token of a moderator.
async fn moderator(world: &World) -> String {
    let new = NewUser {
        username: "marge".to_owned(),
        email: "marge@mail.example".to_owned(),
        password: None,
        role: Role::Moderator,
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
        reason: None,
    };
    let (user, _) = users::create(world, new).await.expect("a user");
    world.token(&user, "admin:read admin:write").await
}

/// An answer to a request with a JSON body.
async fn put(world: &World, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let request = TestRequest::with_uri(path)
        .method(method.parse::<Method>().expect("a method"))
        .insert_header(("authorization", format!("Bearer {token}")))
        .set_json(body);
    send(&app, request).await
}

#[actix_web::test]
async fn moderators_say_what_hashtags_are_for() {
    let world = World::new();
    let people = talk(&world).await;
    post(&world, &people[0], "#spam").await;
    let token = moderator(&world).await;
    let list = get(&world, Some(&token), "/api/v1/admin/tags").await;
    let names: Vec<&str> = list
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    assert_eq!(names, ["spam", "Boats"], "the last known first");
    let id = list[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/admin/tags/{id}");
    let page = ask(&world, Some(&token), "GET", "/api/v1/admin/tags?limit=1").await;
    assert_eq!(page.json(), json!([list[0]]));
    let link = page.header("link");
    assert!(
        link.contains(&format!("max_id={id}")) && link.contains(&format!("min_id={id}")),
        "{link}"
    );
    let older = get(
        &world,
        Some(&token),
        &format!("/api/v1/admin/tags?limit=5&max_id={id}"),
    )
    .await;
    assert_eq!(older, json!([list[1]]));
    assert_eq!(get(&world, Some(&token), &path).await, list[0]);
    for key in [
        "history",
        "url",
        "trendable",
        "usable",
        "listable",
        "requires_review",
    ] {
        assert!(list[0].get(key).is_some(), "{key}");
    }

    let named = json!({"display_name": "SPAM", "listable": "false", "usable": false, "trendable": 0});
    let changed = put(&world, &token, "PUT", &path, &named).await.json();
    assert_eq!(changed["name"], "SPAM", "{changed}");
    for key in ["listable", "usable", "trendable"] {
        assert_eq!(changed[key], false, "{key}");
    }
    let wrong = put(&world, &token, "PUT", &path, &json!({"display_name": "ham"})).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert_eq!(
        wrong.json()["error"],
        "Validation failed: Display name does not match the previous name"
    );
    let found = get(&world, None, "/api/v2/search?q=spam&type=hashtags").await;
    assert_eq!(found["hashtags"], json!([]));
    let body = json!({"status": "more #spam"});
    let posted = put(&world, &people[0].token, "POST", "/api/v1/statuses", &body).await;
    assert_eq!(posted.status.as_u16(), 422);
    assert_eq!(
        posted.json()["error"],
        "Validation failed: Text contained a disallowed hashtag: spam"
    );
    let changed = put(&world, &token, "PATCH", &path, &json!({"usable": true}))
        .await
        .json();
    assert_eq!(
        (&changed["usable"], &changed["listable"]),
        (&json!(true), &json!(false))
    );
    for missing in ["/api/v1/admin/tags/-1", "/api/v1/admin/tags/spam"] {
        assert_eq!(
            ask(&world, Some(&token), "GET", missing).await.status.as_u16(),
            404
        );
        let answer = put(&world, &token, "PUT", missing, &json!({"usable": true})).await;
        assert_eq!(answer.status.as_u16(), 404);
    }
    for (method, path) in [("GET", "/api/v1/admin/tags"), ("GET", &path), ("PUT", &path)] {
        let plain = ask(&world, Some(&people[0].token), method, path).await;
        assert_eq!(plain.status.as_u16(), 403, "{method} {path}");
    }
}

#[actix_web::test]
async fn moderators_review_publishers_of_links() {
    let world = World::new();
    for name in ["ada", "bea", "cyd"] {
        let person = world.person(name).await;
        post(&world, &person, "read https://news.example/strike").await;
    }
    world
        .execute("UPDATE preview_cards SET state = 'ready', title = 'a page', page_host = 'news.example'")
        .await;
    trends::refresh(&world).await.expect("a look");
    let token = moderator(&world).await;
    let path = "/api/v1/admin/trends/links/publishers";
    let list = get(&world, Some(&token), path).await;
    let id = list[0]["id"].as_str().expect("an id").to_owned();
    let expected = json!({
        "id": id, "domain": "news.example", "trendable": null, "reviewed_at": null,
        "requested_review_at": null, "requires_review": true,
    });
    assert_eq!(list, json!([expected]));
    assert_eq!(
        get(&world, None, "/api/v1/trends/links")
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let told = ask(&world, Some(&token), "POST", &format!("{path}/{id}/reject"))
        .await
        .json();
    assert_eq!(
        (&told["trendable"], &told["requires_review"]),
        (&json!(false), &json!(false))
    );
    assert!(told["reviewed_at"].is_string(), "{told}");
    assert_eq!(get(&world, None, "/api/v1/trends/links").await, json!([]));
    let told = ask(&world, Some(&token), "POST", &format!("{path}/{id}/approve"))
        .await
        .json();
    assert_eq!(told["trendable"], true);
    trends::refresh(&world).await.expect("a look");
    assert_eq!(
        get(&world, None, "/api/v1/trends/links")
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let page = ask(&world, Some(&token), "GET", &format!("{path}?limit=1")).await;
    assert!(page.header("link").contains(&format!("max_id={id}")), "{page:?}");
    let missing = ask(&world, Some(&token), "POST", &format!("{path}/1/approve")).await;
    assert_eq!(missing.status.as_u16(), 404);
}

#[actix_web::test]
async fn moderators_review_trends() {
    let world = World::new();
    let people = talk(&world).await;
    let paths = [
        ("GET", "/api/v1/admin/trends/tags"),
        ("GET", "/api/v1/admin/trends/statuses"),
        ("GET", "/api/pouet/v1/admin/trends/exclusions"),
    ];
    let plain = Some(people[0].token.as_str());
    for (method, path) in paths {
        assert_eq!(
            ask(&world, plain, method, path).await.status.as_u16(),
            403,
            "{path}"
        );
    }
    let token = moderator(&world).await;
    let token = Some(token.as_str());
    let listed = get(&world, token, paths[0].1).await;
    assert_eq!(listed[0]["name"], "Boats");
    for (key, expected) in [
        ("trendable", Value::Null),
        ("usable", json!(true)),
        ("listable", json!(true)),
        ("requires_review", json!(false)),
    ] {
        assert_eq!(listed[0][key], expected, "{key}");
    }
    let id = listed[0]["id"].as_str().expect("an id");
    let told = ask(
        &world,
        token,
        "POST",
        &format!("/api/v1/admin/trends/tags/{id}/reject"),
    )
    .await;
    assert_eq!(told.json()["trendable"], false, "{told:?}");
    assert_eq!(get(&world, None, "/api/v1/trends/tags").await, json!([]));
    let told = ask(
        &world,
        token,
        "POST",
        &format!("/api/v1/admin/trends/tags/{id}/approve"),
    )
    .await;
    assert_eq!(told.json()["trendable"], true);
    assert_eq!(get(&world, None, "/api/v1/trends/tags").await[0]["id"], id);

    let listed = get(&world, token, paths[1].1).await;
    assert_eq!(listed[0]["requires_review"], false);
    let id = listed[0]["id"].as_str().expect("an id");
    let told = ask(
        &world,
        token,
        "POST",
        &format!("/api/v1/admin/trends/statuses/{id}/reject"),
    )
    .await;
    assert_eq!(told.json()["id"], id);
    assert_eq!(get(&world, None, "/api/v1/trends/statuses").await, json!([]));
    assert_eq!(get(&world, token, paths[2].1).await, json!([]));
    assert_eq!(get(&world, token, "/api/v1/admin/trends/links").await, json!([]));
    for path in [
        "/api/v1/admin/trends/links/1/approve",
        "/api/v1/admin/trends/tags/1/approve",
        "/api/v1/admin/trends/statuses/1/reject",
        "/api/v1/admin/trends/tags/boats/approve",
    ] {
        assert_eq!(
            ask(&world, token, "POST", path).await.status.as_u16(),
            404,
            "{path}"
        );
    }
}

#[actix_web::test]
async fn trends_among_followed_people_say_why() {
    let world = World::new();
    let people = talk(&world).await;
    let eve = world.person("eve").await;
    let token = Some(eve.token.as_str());
    for kind in ["tags", "statuses"] {
        let path = format!("/api/pouet/v1/trends/followed/{kind}");
        assert_eq!(get(&world, token, &path).await, json!([]), "{kind}");
    }
    for person in &people {
        follows::follow(
            &world,
            eve.account.id,
            person.account.id,
            FollowOptions::default(),
        )
        .await
        .expect("followed");
    }
    let tags = get(&world, token, "/api/pouet/v1/trends/followed/tags").await;
    assert_eq!(tags[0]["people"], 3);
    assert_eq!(tags[0]["reason"], "3 people you follow");
    assert_eq!(tags[0]["tag"]["name"], "Boats");
    let found = get(&world, token, "/api/pouet/v1/trends/followed/statuses").await;
    assert_eq!(found[0]["people"], 2);
    assert_eq!(found[0]["status"]["favourites_count"], 2);
}
