//! How apps learn that more of a thread is being fetched.

#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use chrono::TimeDelta;
use pouet_api::Api;
use pouet_model::{
    account::{ActorType, RemoteActor},
    ids::StatusId,
    quote::QuotePolicy,
    status::Visibility,
};
use pouet_service::{
    accounts::{self, ActorData},
    statuses::{self, Arrival, RemoteStatus},
    threads,
};
use pouet_test_support::{Person, World, send};
use serde_json::json;

const FAR: &str = "https://far.example/users/ada";

/// A status of an account of another server, published an hour ago.
async fn remote_status(world: &World) -> StatusId {
    let ada = ActorData {
        uri: FAR.to_owned(),
        username: "ada".to_owned(),
        domain: "far.example".to_owned(),
        url: None,
        actor_type: ActorType::Person,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar_url: None,
        header_url: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        memorial: false,
        suspended: false,
        also_known_as: Vec::new(),
        moved_to_uri: None,
        remote: RemoteActor {
            inbox: format!("{FAR}/inbox"),
            shared_inbox: None,
            outbox: None,
            followers: None,
            following: None,
            featured: None,
            fetched_at: world.now(),
        },
        created_at: None,
        keys: Vec::new(),
        featured_tags: None,
    };
    let ada = accounts::receive_actor(world, ada).await.unwrap();
    let status = RemoteStatus {
        uri: format!("{FAR}/statuses/1"),
        url: None,
        account_id: ada.id,
        in_reply_to_uri: None,
        conversation_uri: None,
        content: "<p>question</p>".to_owned(),
        spoiler_text: String::new(),
        sensitive: false,
        visibility: Visibility::Public,
        language: None,
        published: world.now() - TimeDelta::hours(1),
        updated: None,
        mentions: Vec::new(),
        tags: Vec::new(),
        media: Vec::new(),
        poll: None,
        emojis: Vec::new(),
        expires_at: None,
        quote: None,
        quote_policy: QuotePolicy::default(),
        rules: None,
        replies: Vec::new(),
    };
    let stored = statuses::receive(world, status, Arrival::Fetched).await;
    stored.unwrap().unwrap()
}

fn by(person: &Person, path: &str) -> TestRequest {
    TestRequest::get()
        .uri(path)
        .insert_header(("authorization", format!("Bearer {}", person.token)))
}

#[actix_web::test]
async fn fed_095_apps_are_told_that_a_thread_grows() {
    let world = World::with(|settings| settings.federation_enabled = true);
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let ben = world.person("ben").await;
    let status = remote_status(&world).await;
    let context = format!("/api/v1/statuses/{status}/context");
    // Who is not signed in causes nothing.
    let anonymous = send(&app, TestRequest::get().uri(&context)).await;
    assert_eq!(anonymous.header("mastodon-async-refresh"), "");
    let answer = send(&app, by(&ben, &context)).await;
    assert_eq!(answer.json(), json!({ "ancestors": [], "descendants": [] }));
    let expected = format!("id=\"context-{status}\", retry=3, result_count=0");
    assert_eq!(answer.header("mastodon-async-refresh"), expected);

    let refresh = format!("/api/v1_alpha/async_refreshes/context-{status}");
    let show = async || send(&app, by(&ben, &refresh)).await.json();
    let body = |state: &str, count: i64| json!({ "async_refresh": { "id": format!("context-{status}"), "status": state, "result_count": count } });
    assert_eq!(show().await, body("running", 0));
    threads::note_progress(&world, status, 7, false).await.unwrap();
    assert_eq!(show().await, body("running", 7));
    threads::note_progress(&world, status, 12, true).await.unwrap();
    assert_eq!(show().await, body("finished", 12));
    let again = send(&app, by(&ben, &context)).await;
    assert_eq!(again.header("mastodon-async-refresh"), "");

    for unknown in ["context-1", "context-", "1", "nothing"] {
        let path = format!("/api/v1_alpha/async_refreshes/{unknown}");
        let answer = send(&app, by(&ben, &path)).await;
        assert_eq!(answer.status.as_u16(), 404, "{unknown}");
    }
}

#[actix_web::test]
async fn a_fetch_whose_job_was_lost_does_not_run_for_ever() {
    let world = World::with(|settings| settings.federation_enabled = true);
    let ben = world.person("ben").await;
    let status = remote_status(&world).await;
    let begun = threads::open(&world, ben.account.id, status).await.unwrap();
    assert!(begun.unwrap().running);
    world.clock.advance(TimeDelta::minutes(11));
    let seen = threads::find(&world, ben.account.id, status).await.unwrap();
    assert!(!seen.running);
    world.clock.advance(TimeDelta::minutes(5));
    assert!(
        threads::open(&world, ben.account.id, status)
            .await
            .unwrap()
            .is_some()
    );
}
