//! Finding accounts and servers, and being found.

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE};
use pouet_model::account::ActorType;
use pouet_service::{
    accounts, actor_kind,
    follows::{self, FollowOptions},
    profile::{self, ProfileChange},
    relationships,
    statuses::NewStatus,
    users,
};
use serde_json::{Value, json};

use crate::common::{Remote, Site, clock, json_of};

fn webfinger_path(resource: &str) -> String {
    let resource: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    format!("/.well-known/webfinger?resource={resource}")
}

#[actix_web::test]
async fn fed_002_names_are_found_in_any_case_and_answered_in_the_right_one() {
    let site = Site::start(&clock()).await;
    let (_, ada) = site.user("AdaLovelace").await;
    let domain = site.domain.to_uppercase();
    for resource in [
        format!("acct:adalovelace@{}", site.domain),
        format!("acct:ADALOVELACE@{domain}"),
        format!("AdAlOvElAcE@{}", site.domain),
        format!("{}/@adalovelace", site.url),
        format!("{}/@ADALOVELACE", site.url),
    ] {
        let response = site.get(&webfinger_path(&resource)).await;
        assert_eq!(response.status, 200, "{resource}");
        let found = json_of(&response);
        assert_eq!(
            found["subject"],
            format!("acct:AdaLovelace@{}", site.domain),
            "{resource}"
        );
        let aliases = [format!("{}/@AdaLovelace", site.url), site.uri(&ada)];
        assert_eq!(found["aliases"], json!(aliases), "{resource}");
    }
}

#[actix_web::test]
async fn fed_003_webfinger_of_a_deleted_account_is_gone() {
    let site = Site::start(&clock()).await;
    let (_, ada) = site.user("ada").await;
    accounts::delete_local(&site.instance, ada.id).await.unwrap();
    for resource in [
        format!("acct:ada@{}", site.domain),
        site.uri(&ada),
        format!("{}/@ada", site.url),
    ] {
        let response = site.get(&webfinger_path(&resource)).await;
        assert_eq!(response.status, 410, "{resource}");
        assert_eq!(response.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    }
}

#[actix_web::test]
async fn fed_004_webfinger_answers_anybody_with_one_actor() {
    let site = Site::start(&clock()).await;
    let (_, ada) = site.user("ada").await;
    for (resource, actor) in [
        (format!("acct:ada@{}", site.domain), site.uri(&ada)),
        (site.uri(&ada), site.uri(&ada)),
        (site.url.clone(), site.instance.urls().instance_actor()),
    ] {
        let response = site.get(&webfinger_path(&resource)).await;
        let content_type = response.headers[CONTENT_TYPE].to_str().unwrap();
        let essence = content_type.split(';').next().unwrap();
        assert_eq!(essence, "application/jrd+json", "{resource}");
        assert_eq!(response.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{resource}");
        let found = json_of(&response);
        let of_actor: Vec<&Value> = found["links"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|link| {
                let kind = link["type"].as_str().unwrap_or_default();
                link["rel"] == "self" || kind.contains("activity+json") || kind.contains("ld+json")
            })
            .collect();
        let expected = json!({"rel": "self", "type": "application/activity+json", "href": actor});
        assert_eq!(of_actor, [&expected], "{resource}");
    }
}

/// A site, the server on its handle domain that sends askers on to it, and a site of others.
struct Split {
    site: Site,
    handles: Remote,
    other: Site,
}

impl Split {
    async fn start() -> Self {
        let clock = clock();
        let handles = Remote::start_as("pouet.test", &clock);
        let site = Site::start_split(&clock, &handles.domain).await;
        let other = Site::start(&clock).await;
        Self { site, handles, other }
    }

    /// The handle domain redirects what is asked about `resource`.
    fn redirect(&self, resource: &str) {
        let location = format!("{}{}", self.site.url, webfinger_path(resource));
        self.handles.redirect(&format!("webfinger:{resource}"), &location);
    }
}

#[actix_web::test]
async fn fed_006_a_handle_domain_beside_the_server_works_from_end_to_end() {
    let mut world = Split::start().await;
    let (user, ada) = world.site.user("ada").await;
    let handle = format!("ada@{}", world.handles.domain);
    // Both hosts answer with the handle domain.
    for domain in [&world.handles.domain, &world.site.domain] {
        let path = webfinger_path(&format!("acct:ada@{domain}"));
        let found = json_of(&world.site.get(&path).await);
        assert_eq!(found["subject"], format!("acct:{handle}"), "{domain}");
    }
    let actor = json_of(&world.site.get(&format!("/ap/users/{}", ada.id)).await);
    assert_eq!(actor["webfinger"], handle);
    assert_eq!(actor["id"], world.site.uri(&ada));

    // Others find the same account by the handle, by the server's own name and by its id.
    world.redirect(&format!("acct:{handle}"));
    let domain = world.handles.domain.clone();
    let found = world.other.resolve("ada", &domain).await.unwrap();
    assert_eq!(
        (found.acct(), found.uri),
        (handle.clone(), Some(world.site.uri(&ada)))
    );
    let by_server = world.other.resolve("ada", &world.site.domain).await.unwrap();
    assert_eq!(by_server.id, found.id);
    let resolver = world.other.instance.resolver().unwrap();
    let by_id = resolver.account_by_uri(&world.site.uri(&ada)).await.unwrap();
    assert_eq!(by_id.id, found.id);

    // They follow, and what is posted arrives under the handle; an answer finds its way back.
    let (ben_user, ben) = world.other.user("ben").await;
    follows::follow(&world.other.instance, ben.id, found.id, FollowOptions::default())
        .await
        .unwrap();
    for _ in 0..2 {
        world.other.settle().await;
        world.site.settle().await;
    }
    world.other.settle().await;
    let relation = relationships::of(&world.other.instance, ben.id, &[found.id])
        .await
        .unwrap();
    assert!(relation[0].following);
    let new = |text: String| NewStatus {
        text,
        ..NewStatus::default()
    };
    world.site.post(&user, new("from two hosts".to_owned())).await;
    world.site.settle().await;
    world.other.settle().await;
    let home = world.other.home(&ben).await;
    assert_eq!(home.len(), 1);
    assert_eq!(home[0].author.acct(), handle);
    let answer = world.other.post(&ben_user, new(format!("hello @{handle}"))).await;
    world.other.settle().await;
    world.site.settle().await;
    let answer = world.other.status_uri(answer).await;
    assert!(world.site.knows(&answer).await);

    // Nobody but the site itself speaks for either of its names.
    for domain in [&world.handles.domain, &world.site.domain] {
        assert!(
            world.site.resolve("ada", domain).await.is_err(),
            "{domain} is local"
        );
        let local = accounts::find_by_handle(&world.site.instance, "ada", Some(domain)).await;
        assert_eq!(local.unwrap().unwrap().id, ada.id);
    }
}

#[actix_web::test]
async fn fed_006_the_handle_domain_may_have_host_meta_alone() {
    let world = Split::start().await;
    let (_, ada) = world.site.user("ada").await;
    let host_meta = world.site.get("/.well-known/host-meta").await;
    let body = String::from_utf8(host_meta.body.to_vec()).unwrap();
    let path = "/.well-known/host-meta";
    world.handles.serve_as(path, 200, "application/xrd+xml", &body);
    let found = world.other.resolve("ada", &world.handles.domain).await.unwrap();
    assert_eq!(found.uri, Some(world.site.uri(&ada)));
    assert_eq!(found.domain.as_deref(), Some(world.handles.domain.as_str()));
}

#[actix_web::test]
async fn fed_009_a_handle_that_is_gone_hides_its_account() {
    let clock = clock();
    let (site, far) = (Site::start(&clock).await, Remote::start(&clock));
    let ada = far.actor("ada");
    site.resolve("ada", &far.domain).await.unwrap();
    far.actor("bea");
    site.resolve("bea", &far.domain).await.unwrap();
    let path = format!("webfinger:acct:ada@{}", far.domain);
    far.serve_as(&path, 410, "application/jrd+json", "{}");
    far.asked();
    assert!(site.resolve("ada", &far.domain).await.is_err());
    assert_eq!(far.asked().len(), 1, "a 410 is the last word");
    let known = site.account(&ada.id).await.unwrap();
    assert!(!known.is_active());
    let other = format!("{}/users/bea", far.url);
    assert!(site.account(&other).await.unwrap().is_active());
    // Its own server can take that back.
    let mut inbox = site;
    let update = ada.activity("Update", "back", &ada.document);
    let shared = format!("{}/ap/inbox", inbox.url);
    far.send(&ada, &shared, &update).await;
    inbox.settle().await;
    assert!(inbox.account(&ada.id).await.unwrap().is_active());
}

#[actix_web::test]
async fn fed_016_our_actors_have_the_type_of_what_they_are() {
    let site = Site::start(&clock()).await;
    let (_, ada) = site.user("ada").await;
    let user = users::find_by_account(&site.instance, ada.id)
        .await
        .unwrap()
        .unwrap();
    let kind = async || json_of(&site.get(&format!("/ap/users/{}", ada.id)).await)["type"].clone();
    let set_bot = async |bot: bool| {
        let change = ProfileChange {
            bot: Some(bot),
            ..ProfileChange::default()
        };
        profile::update(&site.instance, &user, change).await.unwrap();
    };
    assert_eq!(kind().await, "Person");
    set_bot(true).await;
    heard(&site, &ada, ActorType::Service).await;
    assert_eq!(kind().await, "Service");
    set_bot(false).await;
    heard(&site, &ada, ActorType::Person).await;
    assert_eq!(kind().await, "Person");
    actor_kind::set(&site.instance, ada.id, ActorType::Group)
        .await
        .unwrap();
    heard(&site, &ada, ActorType::Group).await;
    assert_eq!(kind().await, "Group");
    // Apps save a profile with all that they show.
    set_bot(false).await;
    let saved = site.account(&site.uri(&ada)).await.unwrap();
    assert_eq!(saved.actor_type, ActorType::Group);
    assert!(
        actor_kind::set(&site.instance, ada.id, ActorType::Application)
            .await
            .is_err()
    );
    let instance = json_of(&site.get("/ap/actor").await);
    assert_eq!(instance["type"], "Application");
}

/// Waits until the documents know of a change: as long as its event takes.
async fn heard(site: &Site, account: &pouet_model::account::Account, kind: ActorType) {
    let mut events = site.instance.hub.subscribe();
    let path = format!("/ap/users/{}", account.id);
    while json_of(&site.get(&path).await)["type"] != kind.as_str() {
        events.recv().await.unwrap();
    }
}
