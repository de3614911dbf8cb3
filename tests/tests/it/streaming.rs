//! Streaming over WebSocket: what arrives on which stream, and who may listen.

use pouet_tests::account::{id_of, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::stream::{Stream, TokenIn};
use pouet_tests::{Account, Options, Pair, Server};
use reqwest::Method;
use serde_json::{Value, json};

async fn people(server: &Server) -> (Account, Account) {
    tokio::join!(server.account("ada"), server.account("ben"))
}

async fn server() -> Server {
    Server::start(Options::new(Backend::Sqlite)).await
}

#[tokio::test]
async fn the_token_may_come_in_three_ways() {
    let server = server().await;
    let (ada, ben) = people(&server).await;
    ben.relate(&ada.id, "follow").await;
    for token_in in [TokenIn::Query, TokenIn::Header, TokenIn::Subprotocol] {
        let mut stream = Stream::open(&ben, token_in, &[("stream", "user")]).await;
        let status = ada.publish(&format!("{token_in:?}")).await;
        assert_eq!(
            stream.event(&["user"], "update").await["id"],
            status["id"],
            "{token_in:?}"
        );
        let chosen = (token_in == TokenIn::Subprotocol).then(|| ben.client.token().to_owned());
        assert_eq!(
            stream.subprotocol, chosen,
            "browsers hang up unless their subprotocol is echoed"
        );
    }
    for token in ["", "wrong"] {
        let refused = Stream::try_open(&server.url(), token, TokenIn::Query, &[("stream", "public")]).await;
        assert_eq!(refused.err(), Some(401), "token {token:?}");
    }
}

#[tokio::test]
async fn home_and_notifications_come_on_the_user_stream() {
    let server = server().await;
    let (ada, ben) = people(&server).await;
    ben.relate(&ada.id, "follow").await;
    let mut stream = Stream::open(&ben, TokenIn::Query, &[]).await;
    stream.subscribe(json!({ "stream": "user" })).await;
    stream.subscribe(json!({ "stream": "user:notification" })).await;

    let status = ada.publish("@ben look, a seal").await;
    let update = stream.event(&["user"], "update").await;
    assert_eq!(
        (&update["id"], &update["favourited"]),
        (&status["id"], &json!(false))
    );
    let told = stream.event(&["user:notification"], "notification").await;
    assert_eq!(
        (&told["type"], &told["status"]["id"]),
        (&json!("mention"), &status["id"])
    );

    let path = format!("/api/v1/statuses/{}", id_of(&status));
    ada.client
        .json(Method::PUT, &path, &json!({ "status": "@ben look, two seals" }))
        .await
        .ok();
    let edited = stream.event(&["user"], "status.update").await;
    assert!(
        edited["content"]
            .as_str()
            .is_some_and(|content| content.contains("two seals")),
        "{edited}"
    );
    ada.client.delete(&path).await.ok();
    assert_eq!(stream.event(&["user"], "delete").await, status["id"]);

    let own = ben.publish("mine comes to me too").await;
    assert_eq!(stream.event(&["user"], "update").await["id"], own["id"]);
    ada.act_on(&id_of(&own), "favourite").await;
    assert_eq!(
        stream.event(&["user:notification"], "notification").await["type"],
        "favourite"
    );
}

#[tokio::test]
async fn streams_are_subscribed_and_unsubscribed_on_one_connection() {
    let server = server().await;
    let (ada, ben) = people(&server).await;
    let mut stream = Stream::open(&ben, TokenIn::Subprotocol, &[]).await;
    for wanted in [
        json!({ "stream": "public" }),
        json!({ "stream": "public:local" }),
        json!({ "stream": "hashtag", "tag": "Tide" }),
        json!({ "stream": "hashtag", "tag": "rope" }),
    ] {
        stream.subscribe(wanted).await;
    }
    let status = ada.publish("the #tide turns").await;
    for name in [&["public"][..], &["public:local"], &["hashtag", "Tide"]] {
        assert_eq!(stream.event(name, "update").await["id"], status["id"], "{name:?}");
    }

    stream
        .tell(json!({ "type": "unsubscribe", "stream": "public" }))
        .await;
    stream
        .tell(json!({ "type": "subscribe", "stream": "nonsense" }))
        .await;
    let refused = stream
        .next_where("a refusal", |message| message["error"].is_string())
        .await;
    assert_eq!(
        refused["status"], 400,
        "frames are worked off in order, so `public` is over by now: {refused}"
    );

    let unlisted = json!({ "status": "not for #rope makers", "visibility": "unlisted" });
    ada.publish_with(unlisted).await;
    let open = ada.publish("a #rope at last").await;
    for name in [&["hashtag", "rope"][..], &["public:local"]] {
        let update = stream.event(name, "update").await;
        assert_eq!(
            update["id"], open["id"],
            "{name:?}: unlisted statuses come on no public stream"
        );
    }
    let last = ada.publish("the end").await;
    assert_eq!(stream.event(&["public:local"], "update").await["id"], last["id"]);
    let unwanted: Vec<_> = stream.unclaimed().collect();
    assert!(
        unwanted.is_empty(),
        "`public` is over, and nothing comes twice: {unwanted:#?}"
    );
}

#[tokio::test]
async fn a_list_streams_its_members() {
    let server = server().await;
    let (ada, ben) = people(&server).await;
    ben.relate(&ada.id, "follow").await;
    let made = ben
        .client
        .post("/api/v1/lists", &json!({ "title": "sailors" }))
        .await
        .ok();
    let id = id_of(&made);
    let path = format!("/api/v1/lists/{id}/accounts");
    ben.client
        .post(&path, &json!({ "account_ids": [ada.id] }))
        .await
        .ok();

    let mut stream = Stream::open(&ben, TokenIn::Header, &[("stream", "list"), ("list", &id)]).await;
    ben.publish("not on the list").await;
    let status = ada.publish("on the list").await;
    assert_eq!(stream.event(&["list", &id], "update").await["id"], status["id"]);

    let mut foreign = Stream::open(&ada, TokenIn::Header, &[]).await;
    foreign
        .tell(json!({ "type": "subscribe", "stream": "list", "list": id }))
        .await;
    let refused = foreign
        .next_where("a refusal", |message| message["error"].is_string())
        .await;
    assert!(
        refused["status"].is_i64(),
        "a list is its owner's alone: {refused}"
    );
}

#[tokio::test]
async fn direct_messages_come_on_the_direct_stream() {
    let server = server().await;
    let (ada, ben) = people(&server).await;
    ben.let_anyone_write().await;
    let mut stream = Stream::open(&ben, TokenIn::Query, &[("stream", "direct")]).await;
    let mut public = Stream::open(&ben, TokenIn::Query, &[("stream", "public")]).await;
    let message = ada
        .publish_with(json!({ "status": "@ben between us", "visibility": "direct" }))
        .await;
    let conversation = stream.event(&["direct"], "conversation").await;
    assert_eq!(conversation["last_status"]["id"], message["id"]);
    assert_eq!(conversation["accounts"][0]["id"], ada.id);

    let open = ada.publish("for everybody").await;
    let first = public.event(&["public"], "update").await;
    assert_eq!(first["id"], open["id"], "a direct message is on no public stream");
}

#[tokio::test]
async fn what_arrives_from_elsewhere_is_streamed() {
    let pair = Pair::start(Backend::Sqlite)
        .await
        .expect("SQLite is always there");
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let mut stream = Stream::open(&ben, TokenIn::Query, &[("stream", "user")]).await;
    stream.subscribe(json!({ "stream": "public:remote" })).await;
    stream.subscribe(json!({ "stream": "public:local" })).await;
    let status = ada.publish("from over the water").await;
    let mut streams = Vec::new();
    while streams.len() < 2 {
        let message = stream
            .next_where("the update", |message| message["event"] == "update")
            .await;
        let payload: Value =
            serde_json::from_str(message["payload"].as_str().expect("a string")).expect("JSON");
        assert_eq!(payload["uri"], uri_of(&status));
        streams.push(message["stream"][0].clone());
    }
    streams.sort_by_key(ToString::to_string);
    assert_eq!(streams, [json!("public:remote"), json!("user")]);
}

#[tokio::test]
async fn a_revoked_token_ends_its_streams() {
    let server = server().await;
    let ada = server.account("ada").await;
    let app = json!({ "client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read" });
    let app = server.client().post("/api/v1/apps", &app).await.ok();
    let authorize = format!(
        "{}/oauth/authorize?response_type=code&client_id={}&redirect_uri=urn:ietf:wg:oauth:2.0:oob&scope=read",
        server.url(),
        app["client_id"].as_str().expect("an id")
    );
    let email = pouet_tests::server::email_of("ada");
    let page = pouet_tests::Browser::new()
        .authorize(&authorize, &email, pouet_tests::server::PASSWORD)
        .await;
    let code = pouet_tests::browser::code_of(&page).expect("a code");
    let exchange = json!({
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
    });
    let token = server.client().post("/oauth/token", &exchange).await.ok();
    let listener = server
        .account_with(token["access_token"].as_str().expect("a token"))
        .await;
    let mut stream = Stream::open(&listener, TokenIn::Query, &[("stream", "user")]).await;
    let first = ada.publish("still heard").await;
    assert_eq!(stream.event(&["user"], "update").await["id"], first["id"]);

    let revoke = json!({
        "client_id": app["client_id"], "client_secret": app["client_secret"], "token": token["access_token"],
    });
    server.client().post("/oauth/revoke", &revoke).await.ok();
    stream.closed().await;
    let again = Stream::try_open(&server.url(), listener.client.token(), TokenIn::Query, &[]).await;
    assert_eq!(again.err(), Some(401));
}
