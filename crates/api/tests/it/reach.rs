//! What reaches a person, and what authors control, as clients ask for it.

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use chrono::TimeDelta;
use pouet_api::Api;
use pouet_test_support::{Person, World, send};
use serde_json::{Value, json};

macro_rules! app {
    ($world:expr) => {{
        let api = Api::new($world.instance.clone(), Vec::new());
        init_service(App::new().configure(move |config| api.configure(config))).await
    }};
}

/// A request of somebody with a browser.
fn by(person: &Person, request: TestRequest) -> TestRequest {
    request
        .insert_header(("authorization", format!("Bearer {}", person.token)))
        .insert_header(("user-agent", "Mozilla/5.0 Firefox/140.0"))
}

#[actix_web::test]
async fn what_is_held_back_is_listed_counted_and_let_through() {
    let world = World::new();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let app = app!(world);
    let get = async |path: &str| send(&app, by(&ada, TestRequest::with_uri(path))).await.json();

    let policy = get("/api/v2/notifications/policy").await;
    assert_eq!(policy["for_private_mentions"], "filter");
    assert_eq!(policy["for_not_following"], "accept");
    let change = TestRequest::patch()
        .uri("/api/v2/notifications/policy")
        .set_json(json!({"for_not_following": "filter"}));
    let changed = send(&app, by(&ada, change)).await.json();
    assert_eq!(changed["for_not_following"], "filter");
    assert_eq!(
        get("/api/v1/notifications/policy").await["filter_not_following"],
        true
    );
    let nonsense = TestRequest::patch()
        .uri("/api/v2/notifications/policy")
        .set_json(json!({"for_bots": "eat"}));
    assert_eq!(send(&app, by(&ada, nonsense)).await.status.as_u16(), 422);

    let mention = TestRequest::post()
        .uri("/api/v1/statuses")
        .set_json(json!({"status": "@ada hello"}));
    let posted = send(&app, by(&ben, mention)).await.json();
    assert_eq!(get("/api/v1/notifications").await, json!([]));
    let all = get("/api/v1/notifications?include_filtered=true").await;
    assert_eq!(all[0]["filtered"], true);
    assert_eq!(
        get("/api/v2/notifications/policy").await["summary"]["pending_requests_count"],
        1
    );
    let requests = get("/api/v1/notifications/requests").await;
    let request = &requests[0];
    assert_eq!(request["notifications_count"], "1", "a text");
    assert_eq!(request["account"]["acct"], "ben");
    assert_eq!(request["last_status"]["id"], posted["id"]);
    let path = format!(
        "/api/v1/notifications/requests/{}",
        request["id"].as_str().expect("an id")
    );
    assert_eq!(get(&path).await["id"], request["id"]);
    let accept = TestRequest::post().uri(&format!("{path}/accept"));
    assert_eq!(send(&app, by(&ada, accept)).await.json(), json!({}));
    assert_eq!(
        get("/api/v1/notifications/requests/merged").await["merged"],
        false
    );
    world.run_jobs().await;
    assert_eq!(get("/api/v1/notifications/requests/merged").await["merged"], true);
    let told = get("/api/v1/notifications").await;
    assert_eq!(told[0]["type"], "mention");
    assert!(told[0].get("filtered").is_none());
    let gone = send(&app, by(&ada, TestRequest::with_uri(&path))).await;
    assert_eq!(gone.status.as_u16(), 404);
}

#[actix_web::test]
async fn who_may_write_privately_is_set_and_obeyed() {
    let world = World::new();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let app = app!(world);
    let change = TestRequest::patch()
        .uri("/api/v1/accounts/update_credentials")
        .set_json(json!({"source": {"direct_messages": "nobody"}}));
    let changed = send(&app, by(&ada, change)).await.json();
    assert_eq!(changed["source"]["direct_messages"], "nobody");
    let letter = || {
        TestRequest::post()
            .uri("/api/v1/statuses")
            .set_json(json!({"status": "@ada psst", "visibility": "direct"}))
    };
    let refused = send(&app, by(&ben, letter())).await;
    assert_eq!(refused.status.as_u16(), 422);
    let error = refused.json()["error"].as_str().expect("a sentence").to_owned();
    assert!(error.contains("@ada accepts no private messages"), "{error}");
    let path = "/api/pouet/v1/preferences";
    let change = TestRequest::patch()
        .uri(path)
        .set_json(json!({"direct_messages": "anyone"}));
    let changed = send(&app, by(&ada, change)).await.json();
    assert_eq!(
        changed,
        json!({
            "direct_messages": "anyone",
            "other_direct_messages": "filter",
            "count_link_clicks": false,
        })
    );
    let change = TestRequest::patch()
        .uri(path)
        .set_json(json!({"count_link_clicks": true}));
    let changed = send(&app, by(&ada, change)).await.json();
    assert_eq!(
        (&changed["count_link_clicks"], &changed["direct_messages"]),
        (&json!(true), &json!("anyone"))
    );
    assert_eq!(send(&app, by(&ben, letter())).await.status.as_u16(), 200);
    let found = send(&app, by(&ada, TestRequest::with_uri("/api/v1/conversations")))
        .await
        .json();
    assert_eq!(found[0]["unread"], true);
}

#[actix_web::test]
async fn posts_end_stay_here_or_wait_as_drafts() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let post = async |path: &str, body: Value| {
        send(&app, by(&ada, TestRequest::post().uri(path).set_json(body))).await
    };
    let ending = post(
        "/api/v1/statuses",
        json!({"status": "for an hour", "expires_in": "3600"}),
    )
    .await
    .json();
    assert_eq!(ending["expires_at"], "2026-11-23T11:00:00.000Z");
    let soon = post(
        "/api/v1/statuses",
        json!({"status": "too short", "expires_in": 60}),
    )
    .await;
    assert_eq!(soon.status.as_u16(), 422);
    let here = post(
        "/api/v1/statuses",
        json!({"status": "among us", "local_only": true}),
    )
    .await
    .json();
    assert_eq!(here["local_only"], true);
    let path = format!("/api/v1/statuses/{}", here["id"].as_str().expect("an id"));
    assert_eq!(
        send(&app, TestRequest::with_uri(&path)).await.status.as_u16(),
        404,
        "for visitors"
    );
    let as_pleroma = post(
        "/api/v1/statuses",
        json!({"status": "among us", "visibility": "local"}),
    )
    .await
    .json();
    assert_eq!(
        (&as_pleroma["local_only"], &as_pleroma["visibility"]),
        (&json!(true), &json!("public"))
    );
    world.clock.advance(TimeDelta::hours(1));
    world.run_jobs().await;
    let path = format!("/api/v1/statuses/{}", ending["id"].as_str().expect("an id"));
    assert_eq!(
        send(&app, by(&ada, TestRequest::with_uri(&path)))
            .await
            .status
            .as_u16(),
        404
    );

    let drafts = "/api/pouet/v1/drafts";
    let draft = post(drafts, json!({"status": "half a thou", "visibility": "unlisted"}))
        .await
        .json();
    let path = format!("{drafts}/{}", draft["id"].as_str().expect("an id"));
    let whole = TestRequest::put()
        .uri(&path)
        .set_json(json!({"status": "a thought", "visibility": "unlisted"}));
    let changed = send(&app, by(&ada, whole)).await.json();
    assert_eq!(changed["params"]["text"], "a thought");
    let posted = post(&format!("{path}/publish"), json!({})).await.json();
    assert_eq!(
        (&posted["content"], &posted["visibility"]),
        (&json!("<p>a thought</p>"), &json!("unlisted"))
    );
    let listed = send(&app, by(&ada, TestRequest::with_uri(drafts))).await.json();
    assert_eq!(listed, json!([]));
}

#[actix_web::test]
async fn authors_learn_how_often_they_are_read_and_nobody_else_does() {
    let world = World::new();
    let (ada, ben) = (world.person("ada").await, world.person("ben").await);
    let app = app!(world);
    let new = TestRequest::post()
        .uri("/api/v1/statuses")
        .set_json(json!({"status": "hello"}));
    let posted = send(&app, by(&ada, new)).await.json();
    let id = posted["id"].as_str().expect("an id");
    for _ in 0..3 {
        for reader in [&ada, &ben] {
            send(
                &app,
                by(reader, TestRequest::with_uri("/api/v1/timelines/public")),
            )
            .await;
            send(
                &app,
                by(reader, TestRequest::with_uri(&format!("/api/v1/statuses/{id}"))),
            )
            .await;
            send(
                &app,
                by(
                    reader,
                    TestRequest::with_uri(&format!("/api/v1/statuses/{id}/context")),
                ),
            )
            .await;
        }
    }
    let stored = world.reads_of(id.parse().expect("an id")).await;
    assert_eq!((stored.impressions, stored.detail_openings), (1, 1));
    let path = format!("/api/pouet/v1/statuses/{id}/analytics");
    let counted = send(&app, by(&ada, TestRequest::with_uri(&path))).await.json();
    let reads = [
        "impressions",
        "detail_openings",
        "media_engagements",
        "profile_clicks",
        "link_clicks",
    ];
    for name in reads {
        assert_eq!(
            counted.get(name),
            Some(&json!(null)),
            "{name} of so few is not told"
        );
    }
    assert_eq!(
        (&counted["engagements"], &counted["days"]),
        (&json!(0), &json!([]))
    );
    for name in ["cleo", "dan", "eve", "fay"] {
        let other = world.person(name).await;
        for path in [
            "/api/v1/timelines/public".to_owned(),
            format!("/api/v1/statuses/{id}"),
        ] {
            send(&app, by(&other, TestRequest::with_uri(&path))).await;
        }
    }
    pouet_service::analytics::flush(&world).await;
    let counted = send(&app, by(&ada, TestRequest::with_uri(&path))).await.json();
    let expected = [json!(5), json!(5), json!(null), json!(null), json!(null)];
    assert_eq!(reads.map(|name| counted[name].clone()), expected);
    assert_eq!(reads.map(|name| counted["days"][0][name].clone()), expected);
    assert_eq!(counted["engagements"], 5);
    let rows = [
        "detail_openings",
        "media_engagements",
        "profile_clicks",
        "link_clicks",
        "favourites",
        "reblogs",
        "replies",
    ];
    let sum: i64 = rows.iter().filter_map(|row| counted[row].as_i64()).sum();
    assert_eq!(counted["engagements"], sum);
    assert_eq!(counted["days"][0]["day"], "2026-11-23");
    let by_other = send(&app, by(&ben, TestRequest::with_uri(&path))).await;
    assert_eq!(by_other.status.as_u16(), 404);

    let path = "/api/pouet/v1/analytics/account?from=2026-11-22&to=2026-11-23&format=csv";
    let table = send(&app, by(&ada, TestRequest::with_uri(path))).await;
    assert!(table.header("content-type").starts_with("text/csv"));
    let expected = "day,statuses,impressions,engagements,detail_openings,media_engagements,profile_clicks,\
                    link_clicks,favourites,reblogs,replies\r\n\
                    2026-11-22,0,,0,,,,,0,0,0\r\n2026-11-23,1,5,5,5,,,,0,0,0\r\n";
    assert_eq!(table.text, expected);
    let plot = "/api/pouet/v1/analytics/account?format=svg";
    let plot = send(&app, by(&ada, TestRequest::with_uri(plot))).await;
    assert!(plot.text.starts_with("<svg"), "{}", plot.text);
    for words in ["<title>2026-11-22: under 5<", "<title>2026-11-23: 5<"] {
        assert!(plot.text.contains(words), "{}", plot.text);
    }
}

#[actix_web::test]
async fn numbers_are_told_of_four_weeks_or_of_a_year_at_most() {
    let world = World::new();
    let ada = world.person("ada").await;
    let app = app!(world);
    let days = send(
        &app,
        by(&ada, TestRequest::with_uri("/api/pouet/v1/analytics/account")),
    )
    .await
    .json();
    assert_eq!(days.as_array().map(Vec::len), Some(28));
    for (asked, status) in [
        ("to=-262143-01-01", 200),
        ("from=2025-11-23&to=2026-11-23", 200),
        ("from=2025-11-22&to=2026-11-23", 422),
        ("from=2026-11-24&to=2026-11-23", 422),
        ("from=-262143-01-01", 422),
        ("from=yesterday", 422),
        ("format=pdf", 422),
    ] {
        let path = format!("/api/pouet/v1/analytics/account?{asked}");
        let answer = send(&app, by(&ada, TestRequest::with_uri(&path))).await;
        assert_eq!(answer.status.as_u16(), status, "{asked}: {}", answer.text);
    }
}
