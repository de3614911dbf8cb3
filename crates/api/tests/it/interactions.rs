//! Who may answer, favourite and boost: what apps set and are told, and what their users decide about.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use actix_web::{
    App,
    http::Method,
    test::{TestRequest, init_service},
};
use pouet_api::Api;
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

async fn done(world: &World, person: &Person, method: &str, path: &str, body: Value) -> Value {
    let answer = ask(world, person, method, path, body).await;
    assert_eq!(answer.status.as_u16(), 200, "{method} {path}: {answer:?}");
    answer.json()
}

async fn post(world: &World, person: &Person, body: Value) -> Value {
    done(world, person, "POST", "/api/v1/statuses", body).await
}

/// What an app is told of one rule.
fn told(rule: &Value) -> (Value, Value) {
    assert_eq!(rule["automatic_approval"], rule["always"]);
    assert_eq!(rule["manual_approval"], rule["with_approval"]);
    (
        rule["automatic_approval"].clone(),
        rule["manual_approval"].clone(),
    )
}

#[actix_web::test]
async fn fed_094_apps_are_told_who_may_do_what() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let plain = post(&world, &ada, json!({"status": "hello"})).await;
    for rule in ["can_favourite", "can_reply", "can_reblog"] {
        let policy = &plain["interaction_policy"][rule];
        assert_eq!(told(policy), (json!(["public", "me"]), json!([])), "{rule}");
    }
    let policy = json!({
        "can_reply": {"automatic_approval": ["followers"], "manual_approval": ["public"]},
        "can_reblog": {"automatic_approval": ["author"]},
    });
    let status = post(
        &world,
        &ada,
        json!({"status": "hello", "interaction_policy": policy}),
    )
    .await;
    let path = format!("/api/v1/statuses/{}", status["id"].as_str().expect("an id"));
    let seen = done(&world, &bob, "GET", &path, Value::Null).await["interaction_policy"].clone();
    assert_eq!(
        told(&seen["can_reply"]),
        (
            json!(["followers", "author", "mentioned"]),
            json!(["public", "me"])
        )
    );
    assert_eq!(
        told(&seen["can_reblog"]),
        (json!(["author", "mentioned"]), json!([]))
    );
    assert_eq!(told(&seen["can_favourite"]), (json!(["public", "me"]), json!([])));

    // An edit that says nothing of it leaves it as it is; one that does changes it.
    let same = done(&world, &ada, "PUT", &path, json!({"status": "hello again"})).await;
    assert_eq!(
        told(&same["interaction_policy"]["can_reblog"]).0,
        json!(["author", "mentioned", "me"])
    );
    let rule = json!({"can_reply": {"automatic_approval": ["following"]}});
    let edit = json!({"status": "hello again", "interaction_policy": rule});
    let edited = done(&world, &ada, "PUT", &path, edit).await["interaction_policy"].clone();
    assert_eq!(
        told(&edited["can_reply"]),
        (json!(["following", "author", "mentioned", "me"]), json!([]))
    );
    assert_eq!(told(&edited["can_reblog"]).0, json!(["public", "me"]));
    let wrong =
        json!({"status": "x", "interaction_policy": {"can_reply": {"automatic_approval": ["friends"]}}});
    assert_eq!(ask(&world, &ada, "PUT", &path, wrong).await.status.as_u16(), 422);

    let private = post(&world, &ada, json!({"status": "hello", "visibility": "private"})).await;
    let policy = &private["interaction_policy"]["can_reblog"];
    assert_eq!(told(policy), (json!(["author", "me"]), json!([])));
}

#[actix_web::test]
async fn fed_094_defaults_are_for_each_audience() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let path = "/api/v1/interaction_policies/defaults";
    let first = done(&world, &ada, "GET", path, Value::Null).await;
    for visibility in ["public", "unlisted", "private", "direct"] {
        let policy = &first[visibility]["can_reply"];
        assert_eq!(told(policy), (json!(["public"]), json!([])), "{visibility}");
    }
    assert_eq!(told(&first["private"]["can_reblog"]).0, json!(["author"]));
    let rule = json!({"always": ["author"], "with_approval": ["followers"]});
    let wanted = json!({"public": {"can_reply": rule}, "unlisted": null});
    let changed = done(&world, &ada, "PATCH", path, wanted).await;
    assert_eq!(
        told(&changed["public"]["can_reply"]),
        (json!(["author", "mentioned"]), json!(["followers"]))
    );
    assert_eq!(done(&world, &ada, "GET", path, Value::Null).await, changed);
    assert_eq!(
        done(&world, &bob, "GET", path, Value::Null).await,
        first,
        "Bob's own"
    );

    for (body, answers) in [
        (json!({"status": "by default"}), 403),
        (json!({"status": "unlisted", "visibility": "unlisted"}), 200),
        (json!({"status": "for all", "interaction_policy": {}}), 200),
    ] {
        let status = post(&world, &ada, body.clone()).await;
        let answer = json!({"status": "may I?", "in_reply_to_id": status["id"]});
        let answered = ask(&world, &bob, "POST", "/api/v1/statuses", answer).await;
        assert_eq!(answered.status.as_u16(), answers, "{body}");
    }
    let wrong = json!({"public": {"can_reply": {"always": ["friends"]}}});
    assert_eq!(ask(&world, &ada, "PATCH", path, wrong).await.status.as_u16(), 422);
    assert_eq!(done(&world, &ada, "GET", path, Value::Null).await, changed);
    let reset = done(&world, &ada, "PATCH", path, json!({})).await;
    assert_eq!(reset, first);
}

#[actix_web::test]
async fn fed_094_members_decide_about_requests() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let rule = json!({"automatic_approval": ["author"], "manual_approval": ["public"]});
    let policy = json!({"can_reply": rule, "can_favourite": rule, "can_reblog": rule});
    let status = post(
        &world,
        &ada,
        json!({"status": "hello", "interaction_policy": policy}),
    )
    .await;
    let id = status["id"].as_str().expect("an id");
    let (one, requests) = (format!("/api/v1/statuses/{id}"), "/api/v1/interaction_requests");
    let answer = json!({"status": "may I?", "in_reply_to_id": id});
    let reply = post(&world, &bob, answer.clone()).await;
    let liked = done(&world, &bob, "POST", &format!("{one}/favourite"), Value::Null).await;
    assert_eq!(
        (&liked["favourited"], &liked["favourites_count"]),
        (&json!(false), &json!(0))
    );
    done(&world, &bob, "POST", &format!("{one}/favourite"), Value::Null).await;
    done(&world, &bob, "POST", &format!("{one}/reblog"), Value::Null).await;
    let counts = async || {
        let seen = done(&world, &ada, "GET", &one, Value::Null).await;
        (
            seen["replies_count"].clone(),
            seen["favourites_count"].clone(),
            seen["reblogs_count"].clone(),
        )
    };
    assert_eq!(counts().await, (json!(0), json!(0), json!(0)));
    let boosted = format!("{one}/reblogged_by");
    assert_eq!(done(&world, &ada, "GET", &boosted, Value::Null).await, json!([]));

    let kinds = async |query: &str| {
        let found = done(&world, &ada, "GET", &format!("{requests}{query}"), Value::Null).await;
        let found = found.as_array().expect("a list").clone();
        found.iter().map(|one| one["type"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("").await, ["reblog", "favourite", "reply"]);
    assert_eq!(kinds("?favourites=false&limit=1").await, ["reblog"]);
    assert_eq!(kinds("?replies=false&reblogs=false").await, ["favourite"]);
    assert_eq!(kinds("?status_id=1").await, [""; 0]);
    let none = format!("{requests}?replies=false&reblogs=false&favourites=false");
    assert_eq!(
        ask(&world, &ada, "GET", &none, Value::Null).await.status.as_u16(),
        400
    );
    assert_eq!(done(&world, &bob, "GET", requests, Value::Null).await, json!([]));

    let found = done(&world, &ada, "GET", requests, Value::Null).await;
    let asked = &found[2];
    assert_eq!(asked["account"]["username"], "bob");
    assert_eq!(
        (&asked["status"]["id"], &asked["reply"]["id"]),
        (&status["id"], &reply["id"])
    );
    assert!(found[0].get("reply").is_none() && asked.get("accepted_at").is_none());
    let path = |n: usize| format!("{requests}/{}", found[n]["id"].as_str().expect("an id"));
    for act in ["", "/authorize", "/reject"] {
        let method = if act.is_empty() { "GET" } else { "POST" };
        let foreign = ask(&world, &bob, method, &format!("{}{act}", path(2)), Value::Null).await;
        assert_eq!(foreign.status.as_u16(), 404, "{act}");
    }
    let allowed = done(
        &world,
        &ada,
        "POST",
        &format!("{}/authorize", path(2)),
        Value::Null,
    )
    .await;
    assert!(allowed["accepted_at"].is_string(), "{allowed}");
    done(
        &world,
        &ada,
        "POST",
        &format!("{}/authorize", path(1)),
        Value::Null,
    )
    .await;
    let refused = done(&world, &ada, "POST", &format!("{}/reject", path(0)), Value::Null).await;
    assert!(refused["rejected_at"].is_string() && refused.get("accepted_at").is_none());
    let unchanged = done(
        &world,
        &ada,
        "POST",
        &format!("{}/authorize", path(0)),
        Value::Null,
    )
    .await;
    assert_eq!(unchanged, refused, "decided is decided");
    assert_eq!(counts().await, (json!(1), json!(1), json!(0)));
    assert_eq!(kinds("").await, [""; 0]);
    let again = ask(&world, &bob, "POST", &format!("{one}/reblog"), Value::Null).await;
    assert_eq!(again.status.as_u16(), 403, "no is no");

    // What is taken back is not to be decided about.
    let second = post(&world, &bob, answer).await;
    assert_eq!(kinds("").await, ["reply"]);
    let second = format!("/api/v1/statuses/{}", second["id"].as_str().expect("an id"));
    done(&world, &bob, "DELETE", &second, Value::Null).await;
    assert_eq!(kinds("").await, [""; 0]);
    assert_eq!(counts().await, (json!(1), json!(1), json!(0)));
}

#[actix_web::test]
async fn sec_R038_who_decides_about_an_answer_sees_no_more_than_before() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let policy = json!({"can_reply": {"automatic_approval": ["author"], "manual_approval": ["public"]}});
    let status = post(
        &world,
        &ada,
        json!({"status": "hello", "interaction_policy": policy}),
    )
    .await;
    let secret = json!({"status": "for friends", "visibility": "private", "in_reply_to_id": status["id"]});
    let reply = post(&world, &bob, secret).await;
    let path = format!("/api/v1/statuses/{}", reply["id"].as_str().expect("an id"));
    let requests = "/api/v1/interaction_requests";
    let found = done(&world, &ada, "GET", requests, Value::Null).await;
    assert_eq!(
        (&found[0]["type"], found[0].get("reply")),
        (&json!("reply"), None)
    );
    let authorize = format!("{requests}/{}/authorize", found[0]["id"].as_str().expect("an id"));
    done(&world, &ada, "POST", &authorize, Value::Null).await;
    assert_eq!(
        ask(&world, &ada, "GET", &path, Value::Null).await.status.as_u16(),
        404
    );
    let own = done(&world, &bob, "GET", &path, Value::Null).await;
    assert_eq!(own["visibility"], "private");
}
