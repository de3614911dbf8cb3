//! How apps learn that more of a thread is being fetched.

#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]
#![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

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
    status::{PollOption, Visibility},
};
use pouet_service::{
    accounts::{self, ActorData},
    sessions,
    statuses::{self, Arrival, RemotePoll, RemoteStatus},
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
        attribution_domains: Vec::new(),
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
        poll: Some(RemotePoll {
            options: ["yes", "no"]
                .map(|title| PollOption {
                    title: title.to_owned(),
                    votes_count: 0,
                })
                .to_vec(),
            multiple: false,
            expires_at: None,
            voters_count: None,
        }),
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

#[actix_web::test]
async fn sec_R098_reads_go_on_when_nothing_can_be_written() {
    let world = World::with(|settings| settings.federation_enabled = true);
    let api = Api::new(world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(move |config| api.configure(config))).await;
    let ben = world.person("ben").await;
    let session = sessions::create(&world, ben.user.id).await.unwrap();
    let status = remote_status(&world).await;
    let view = statuses::find(&world, Some(ben.account.id), status)
        .await
        .unwrap();
    let (author, poll) = (view.author.id, view.poll.unwrap().poll.id);
    // Everything is old enough to be asked for again, and each use to be noted.
    world.clock.advance(TimeDelta::days(8));
    world.refuse_writes().await;
    let ada = accounts::find(&world, author).await.unwrap();
    assert!(
        accounts::receive_gone_handle(&world, "ada", "far.example")
            .await
            .is_err(),
        "{ada:?}"
    );
    for path in [
        "accounts/verify_credentials".to_owned(),
        "timelines/home".to_owned(),
        "timelines/public".to_owned(),
        "notifications".to_owned(),
        "markers?timeline[]=home".to_owned(),
        format!("statuses/{status}"),
        format!("statuses/{status}/context"),
        format!("polls/{poll}"),
        format!("accounts/{author}"),
        format!("accounts/{author}/statuses"),
        format!("accounts/{author}/followers"),
        format!("accounts/relationships?id[]={author}"),
        "accounts/lookup?acct=ada@far.example".to_owned(),
    ] {
        let answer = send(&app, by(&ben, &format!("/api/v1/{path}"))).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
    }
    let found = sessions::find(&world, &session.token).await.unwrap();
    assert!(found.is_some(), "pages know who reads them");
}
