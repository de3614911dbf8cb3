//! What others read of us.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY};
use pouet_federation::{
    documents::{ActorDocument, NoteDocument},
    routes::FetchAuth,
};
use pouet_model::{
    account::{Account, User},
    html::sanitise,
    ids::StatusId,
    interaction::{Choice, Who},
    status::Visibility,
};
use pouet_service::{
    follows, net,
    policy::{self, NewRule, Severity},
    registration,
    statuses::{self, NewPoll, NewStatus},
    users::{self, NewUser},
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of, new_user};

fn header(response: &net::Response, name: http::HeaderName) -> &str {
    response
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

async fn webfinger(site: &Site, resource: &str) -> net::Response {
    let resource: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    site.get(&format!("/.well-known/webfinger?resource={resource}"))
        .await
}

async fn status_of(site: &Site, author: &User, visibility: Visibility) -> (StatusId, String) {
    let new = NewStatus {
        text: format!("{} words", visibility.as_str()),
        visibility: Some(visibility),
        ..NewStatus::default()
    };
    let id = site.post(author, new).await;
    (id, format!("/ap/users/{}/posts/{id}", author.account_id))
}

#[actix_web::test]
async fn fed_001_every_name_of_an_account_has_one_subject() {
    let site = Site::start(&clock()).await;
    let (_, ada) = site.user("Ada").await;
    for resource in [
        format!("acct:Ada@{}", site.domain),
        format!("acct:ada@{}", site.domain),
        format!("ADA@{}", site.domain),
        format!("@ada@{}", site.domain),
        format!("{}/@Ada", site.url),
        format!("{}/ap/users/{}", site.url, ada.id),
    ] {
        let response = webfinger(&site, &resource).await;
        assert_eq!(response.status, 200, "{resource}");
        assert!(header(&response, CONTENT_TYPE).starts_with("application/jrd+json"));
        assert_eq!(header(&response, http::header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        let found = json_of(&response);
        assert_eq!(
            found["subject"],
            format!("acct:Ada@{}", site.domain),
            "{resource}"
        );
        let links = found["links"].as_array().unwrap();
        let own: Vec<&Value> = links.iter().filter(|link| link["rel"] == "self").collect();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0]["href"], site.uri(&ada));
        assert_eq!(own[0]["type"], "application/activity+json");
        let relations: Vec<&Value> = links.iter().map(|link| &link["rel"]).collect();
        assert_eq!(
            relations,
            ["http://webfinger.net/rel/profile-page", "self"],
            "only what is served"
        );
    }
}

#[actix_web::test]
async fn fed_003_webfinger_refuses_what_it_does_not_know() {
    let site = Site::start(&clock()).await;
    site.user("ada").await;
    assert_eq!(site.get("/.well-known/webfinger").await.status, 400);
    assert_eq!(site.get("/.well-known/webfinger?resource=").await.status, 400);
    for resource in [
        format!("acct:nobody@{}", site.domain),
        "acct:ada@elsewhere.test".to_owned(),
        "acct:ada".to_owned(),
        "https://elsewhere.test/@ada".to_owned(),
        format!("{}/@ada/12", site.url),
        format!("{}/ap/users/12", site.url),
        format!("mailto:ada@{}", site.domain),
        "\u{0}".to_owned(),
    ] {
        assert_eq!(webfinger(&site, &resource).await.status, 404, "{resource}");
    }
}

#[actix_web::test]
async fn an_account_that_waits_for_approval_is_not_there() {
    let clock = clock();
    let (mut site, remote) = (Site::start(&clock).await, Remote::start(&clock));
    let new = NewUser {
        approved: false,
        ..new_user("ada")
    };
    let (user, ada) = users::create(&site.instance, new).await.unwrap();
    let zoe = remote.actor("zoe");
    let document = format!("/ap/users/{}", ada.id);
    let reach = async |site: &mut Site, name: &str| {
        let follow = zoe.activity("Follow", name, &json!(site.uri(&ada)));
        let inbox = remote
            .send(&zoe, &format!("{}{document}/inbox", site.url), &follow)
            .await;
        let shared = remote
            .send(&zoe, &format!("{}/ap/inbox", site.url), &follow)
            .await;
        site.settle().await;
        (
            [
                webfinger(site, &format!("acct:ada@{}", site.domain))
                    .await
                    .status
                    .as_u16(),
                webfinger(site, &site.uri(&ada)).await.status.as_u16(),
                site.get(&document).await.status.as_u16(),
                site.get("/@ada").await.status.as_u16(),
                inbox,
                shared,
            ],
            remote.received().len(),
        )
    };
    assert_eq!(reach(&mut site, "one").await, ([404, 404, 404, 404, 404, 202], 0));
    registration::approve(&site.instance, user.id).await.unwrap();
    assert_eq!(reach(&mut site, "two").await, ([200, 200, 200, 200, 202, 202], 1));
}

#[actix_web::test]
async fn fed_005_host_meta_leads_to_webfinger() {
    let site = Site::start(&clock()).await;
    let template = format!("{}/.well-known/webfinger?resource={{uri}}", site.url);
    let xrd = site.get("/.well-known/host-meta").await;
    assert!(header(&xrd, CONTENT_TYPE).starts_with("application/xrd+xml"));
    assert!(String::from_utf8_lossy(&xrd.body).contains(&template));
    let json = json_of(&site.get("/.well-known/host-meta.json").await);
    assert_eq!(json["links"][0]["template"], template);
}

#[actix_web::test]
async fn fed_007_nodeinfo_names_the_software() {
    let site = Site::start(&clock()).await;
    site.user("ada").await;
    let index = json_of(&site.get("/.well-known/nodeinfo").await);
    for (n, version) in ["2.0", "2.1"].into_iter().enumerate() {
        let link = &index["links"][n];
        assert_eq!(
            link["rel"],
            format!("http://nodeinfo.diaspora.software/ns/schema/{version}")
        );
        assert_eq!(link["href"], format!("{}/nodeinfo/{version}", site.url));
        let info = json_of(&site.get(&format!("/nodeinfo/{version}")).await);
        assert_eq!(info["version"], version);
        assert_eq!(info["software"]["name"], "pouet");
        assert_eq!(info["protocols"], json!(["activitypub"]));
        assert_eq!(info["openRegistrations"], true);
        assert_eq!(info["usage"]["users"]["total"], 1);
        assert!(info["metadata"].is_object() && info["services"]["inbound"].is_array());
    }
    assert_eq!(site.get("/nodeinfo/1.0").await.status, 404);
}

#[actix_web::test]
async fn fed_008_the_instance_actor_is_always_readable() {
    let site = Site::start_with(&clock(), FetchAuth::On).await;
    let response = site.get("/ap/actor").await;
    assert_eq!(response.status, 200);
    let actor = json_of(&response);
    assert_eq!(actor["type"], "Application");
    assert!(ActorDocument::read(&actor).is_ok());
    let name = actor["preferredUsername"].as_str().unwrap();
    let found = webfinger(&site, &format!("acct:{name}@{}", site.domain)).await;
    assert_eq!(json_of(&found)["links"][1]["href"], actor["id"]);
}

#[actix_web::test]
async fn fed_015_an_actor_document_is_whole_and_cacheable() {
    let site = Site::start(&clock()).await;
    let (_, ada) = site.user("ada").await;
    let path = format!("/ap/users/{}", ada.id);
    let response = site.get(&path).await;
    assert_eq!(response.status, 200);
    assert!(header(&response, CONTENT_TYPE).starts_with("application/activity+json"));
    assert_eq!(header(&response, CACHE_CONTROL), "max-age=180, public");
    assert_eq!(header(&response, VARY), "Accept");
    let actor = json_of(&response);
    assert!(ActorDocument::read(&actor).is_ok());
    for collection in ["outbox", "followers", "following", "featured", "featuredTags"] {
        let address = actor[collection].as_str().unwrap();
        let document = json_of(&site.get(address.strip_prefix(&site.url).unwrap()).await);
        assert_eq!(document["id"], address);
    }
    for array in ["tag", "attachment", "alsoKnownAs"] {
        assert!(actor[array].is_array(), "{array}");
    }
    let page = site
        .get_as(&path, "text/html,application/xhtml+xml,*/*;q=0.8")
        .await;
    assert!(
        page.status == 404 || page.status == 302,
        "a browser is sent to the page: {}",
        page.status
    );

    let change = pouet_service::profile::ProfileChange {
        display_name: Some("Ada of the harbour".to_owned()),
        ..Default::default()
    };
    let user = pouet_service::users::find_by_account(&site.instance, ada.id)
        .await
        .unwrap()
        .unwrap();
    pouet_service::profile::update(&site.instance, &user, change)
        .await
        .unwrap();
    let mut names = site.instance.hub.subscribe();
    // The change is known as soon as its event is.
    if json_of(&site.get(&path).await)["name"] != "Ada of the harbour" {
        let _ = names.recv().await;
        assert_eq!(json_of(&site.get(&path).await)["name"], "Ada of the harbour");
    }
}

#[actix_web::test]
async fn fed_029_our_own_notes_are_read_back_as_they_were_meant() {
    let site = Site::start(&clock()).await;
    let (ada, _) = site.user("ada").await;
    let new = NewStatus {
        text: "tea for #two & three".to_owned(),
        spoiler_text: "hot".to_owned(),
        language: Some("fr".to_owned()),
        poll: Some(NewPoll {
            options: vec!["yes".to_owned(), "no".to_owned()],
            expires_in: 600,
            multiple: true,
            hide_totals: false,
        }),
        ..NewStatus::default()
    };
    let id = site.post(&ada, new).await;
    let document = json_of(
        &site
            .get(&format!("/ap/users/{}/posts/{id}", ada.account_id))
            .await,
    );
    let note = NoteDocument::read(&document, None, site.instance.now()).unwrap();
    let status = statuses::find_raw(&site.instance, id).await.unwrap().unwrap();
    assert_eq!(note.content, sanitise(&status.content));
    assert_eq!(
        (note.spoiler_text.as_str(), note.sensitive),
        ("hot", status.sensitive)
    );
    assert_eq!(note.language.as_deref(), Some("fr"));
    assert_eq!(note.published, Some(status.created_at));
    assert_eq!(note.tags.hashtags[0].0, "two");
    let poll = note.poll.unwrap().0;
    assert!(poll.multiple && poll.expires_at.is_some());
    assert_eq!(poll.options.len(), 2);
    let activity = json_of(
        &site
            .get(&format!("/ap/users/{}/posts/{id}/activity", ada.account_id))
            .await,
    );
    assert_eq!(
        (&activity["type"], &activity["object"]["id"]),
        (&json!("Create"), &document["id"])
    );
    assert_eq!(
        (&activity["to"], &activity["cc"]),
        (&activity["object"]["to"], &activity["object"]["cc"])
    );
}

#[actix_web::test]
async fn fed_071_deleted_statuses_are_gone_or_never_were() {
    let site = Site::start(&clock()).await;
    let (ada, _) = site.user("ada").await;
    let absent = site.get(&format!("/ap/users/{}/posts/1", ada.account_id)).await;
    assert_eq!(absent.status, 404);
    for visibility in [
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Private,
        Visibility::Direct,
    ] {
        let (id, path) = status_of(&site, &ada, visibility).await;
        let before = site.get(&path).await;
        assert_eq!(before.status == 200, visibility.is_open());
        statuses::delete(&site.instance, ada.account_id, id, false)
            .await
            .unwrap();
        let after = site.get(&path).await;
        if visibility.is_open() {
            assert_eq!(after.status, 410);
            assert_eq!(json_of(&after)["type"], "Tombstone");
            assert_eq!(json_of(&after)["id"], format!("{}{path}", site.url));
        } else {
            for response in [before, after] {
                assert_eq!((response.status, &response.body), (absent.status, &absent.body));
                for name in [CONTENT_TYPE, CACHE_CONTROL, VARY] {
                    assert_eq!(response.headers.get(&name), absent.headers.get(&name), "{name}");
                }
            }
        }
    }
}

/// Waits until every gate knows the rule about a domain: as long as its event takes.
async fn heard(site: &Site, domain: &str) {
    let mut events = site.instance.hub.subscribe();
    while !policy::of(&site.instance, domain).await.unwrap().suspended {
        events.recv().await.unwrap();
    }
}

/// A follower, somebody mentioned, and a stranger of the same server.
async fn readers(site: &Site, remote: &Remote, ada: &Account) -> [Actor; 3] {
    let readers = ["follower", "mentioned", "stranger"].map(|name| remote.actor(name));
    for reader in &readers {
        let name = reader.document["preferredUsername"].as_str().unwrap();
        site.resolve(name, &remote.domain).await.unwrap();
    }
    let follower = site.account(&readers[0].id).await.unwrap();
    let uri = format!("{}#follows/1", readers[0].id);
    follows::receive_follow(&site.instance, follower.id, ada.id, &uri)
        .await
        .unwrap();
    readers
}

/// All of an answer but when it was given.
fn comparable(response: &net::Response) -> (u16, Vec<(String, String)>, &[u8]) {
    let mut headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .filter(|(name, _)| name != "date")
        .collect();
    headers.sort();
    (response.status.as_u16(), headers, &response.body)
}

#[actix_web::test]
async fn sec_R039_R040_followers_only_statuses_are_for_followers_and_those_addressed() {
    let clock = clock();
    let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
    let (user, ada) = site.user("ada").await;
    let [follower, mentioned, stranger] = readers(&site, &remote, &ada).await;
    for (visibility, sees) in [
        (Visibility::Public, [true, true, true]),
        (Visibility::Private, [true, true, false]),
        (Visibility::Direct, [false, true, false]),
    ] {
        let new = NewStatus {
            text: format!("for @mentioned@{}", remote.domain),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let id = site.post(&user, new).await;
        for path in [
            format!("/ap/users/{}/posts/{id}", ada.id),
            format!("/ap/users/{}/posts/{id}/activity", ada.id),
        ] {
            let nothing = format!("{}/ap/users/{}/posts/1", site.url, ada.id);
            for (reader, sees) in [&follower, &mentioned, &stranger].into_iter().zip(sees) {
                let response = remote.get(reader, &format!("{}{path}", site.url)).await;
                let expected = if sees { 200 } else { 404 };
                assert_eq!(response.status, expected, "{visibility:?} {} {path}", reader.id);
                if sees && !visibility.is_open() {
                    assert_eq!(header(&response, CACHE_CONTROL), "private, no-store");
                }
                if !sees {
                    let absent = remote.get(reader, &nothing).await;
                    assert_eq!(comparable(&response), comparable(&absent));
                }
            }
            let unsigned = site.get(&path).await;
            assert_eq!(unsigned.status == 200, visibility.is_open());
            if !visibility.is_open() {
                let absent = site.get(nothing.strip_prefix(&site.url).unwrap()).await;
                assert_eq!(comparable(&unsigned), comparable(&absent));
            }
        }
    }
}

/// Every address that answers to GET below an account and its statuses.
fn documents_of(ada: &Account, statuses: &[StatusId]) -> Vec<String> {
    let actor = format!("/ap/users/{}", ada.id);
    let mut paths = vec![actor.clone(), format!("/@{}", ada.username)];
    for collection in [
        "outbox",
        "outbox?page=true",
        "followers",
        "following",
        "collections/featured",
        "collections/tags",
    ] {
        paths.push(format!("{actor}/{collection}"));
    }
    for id in statuses {
        paths.push(format!("/@{}/{id}", ada.username));
        for part in [
            "",
            "/activity",
            "/replies",
            "/replies?page=true",
            "/replies?page=true&only_other_accounts=true",
            "/likes",
            "/shares",
        ] {
            paths.push(format!("{actor}/posts/{id}{part}"));
        }
    }
    paths
}

#[actix_web::test]
async fn sec_R038_no_document_shows_what_may_not_be_seen() {
    let clock = clock();
    let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
    let (user, ada) = site.user("ada").await;
    let readers = readers(&site, &remote, &ada).await;
    let root = status_of(&site, &user, Visibility::Public).await.0;
    let (mut ids, mut marks) = (vec![root], Vec::new());
    for (visibility, sees) in [
        (Visibility::Public, [true, true, true, true]),
        (Visibility::Unlisted, [true, true, true, true]),
        (Visibility::Private, [true, true, false, false]),
        (Visibility::Direct, [false, true, false, false]),
    ] {
        let mark = format!("mark-{}", visibility.as_str());
        let new = NewStatus {
            text: format!("{mark} #needle for @mentioned@{}", remote.domain),
            visibility: Some(visibility),
            in_reply_to_id: Some(root),
            ..NewStatus::default()
        };
        let id = site.post(&user, new).await;
        if visibility != Visibility::Direct {
            statuses::pin(&site.instance, ada.id, id).await.unwrap();
            statuses::reblog(&site.instance, ada.id, id, None).await.unwrap();
        }
        ids.push(id);
        marks.push((mark, id.to_string(), sees));
    }
    let mut shown = [0; 4];
    for path in documents_of(&ada, &ids) {
        let signed = readers.iter().map(Some).chain([None]);
        for (index, reader) in signed.enumerate() {
            let response = match reader {
                Some(reader) => remote.get(reader, &format!("{}{path}", site.url)).await,
                None => site.get(&path).await,
            };
            let body = String::from_utf8_lossy(&response.body);
            for (mark, id, sees) in &marks {
                let found = body.contains(mark.as_str()) || body.contains(id.as_str());
                assert!(
                    !found || sees[index],
                    "{path} shows {mark} to reader {index}: {body}"
                );
                shown[index] += usize::from(found);
            }
        }
    }
    assert!(
        shown.iter().all(|count| *count > 8),
        "documents hold statuses: {shown:?}"
    );
}

#[actix_web::test]
async fn sec_R020_readers_sign_where_they_have_to() {
    let clock = clock();
    let remote = Remote::start_as("far.test", &clock);
    let reader = remote.actor("reader");
    for (mode, unsigned, signed, blocked) in [
        (FetchAuth::Off, 200, 200, 200),
        (FetchAuth::Blocks, 200, 200, 403),
        (FetchAuth::On, 401, 200, 403),
    ] {
        let site = Site::start_with(&clock, mode).await;
        let (user, ada) = site.user("ada").await;
        let (_, status) = status_of(&site, &user, Visibility::Public).await;
        let paths = [
            format!("/ap/users/{}", ada.id),
            format!("/ap/users/{}/outbox", ada.id),
            format!("/ap/users/{}/followers", ada.id),
            format!("{status}/activity"),
            status,
        ];
        for path in &paths {
            assert_eq!(site.get(path).await.status, unsigned, "{mode:?} unsigned {path}");
            let url = format!("{}{path}", site.url);
            assert_eq!(
                remote.get(&reader, &url).await.status,
                signed,
                "{mode:?} signed {path}"
            );
        }
        let rule = NewRule {
            domain: "far.test".to_owned(),
            severity: Severity::Suspend,
            ..NewRule::default()
        };
        policy::set(&site.instance, rule).await.unwrap();
        heard(&site, &remote.domain).await;
        for path in &paths {
            let url = format!("{}{path}", site.url);
            assert_eq!(
                remote.get(&reader, &url).await.status,
                blocked,
                "{mode:?} blocked {path}"
            );
        }
    }
}

#[actix_web::test]
async fn fed_027_hidden_followers_are_counted_and_not_listed() {
    let clock = clock();
    let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
    let (user, ada) = site.user("ada").await;
    readers(&site, &remote, &ada).await;
    let path = format!("/ap/users/{}/followers", ada.id);
    let shown = json_of(&site.get(&path).await);
    assert_eq!(shown["totalItems"], 1);
    let first = shown["first"]
        .as_str()
        .unwrap()
        .strip_prefix(&site.url)
        .unwrap()
        .to_owned();
    let page = json_of(&site.get(&first).await);
    assert_eq!(
        page["orderedItems"],
        json!([format!("{}/users/follower", remote.url)])
    );

    let change = pouet_service::profile::ProfileChange {
        hide_collections: Some(true),
        ..Default::default()
    };
    pouet_service::profile::update(&site.instance, &user, change)
        .await
        .unwrap();
    let hidden = json_of(&site.get(&path).await);
    assert_eq!(
        (&hidden["totalItems"], &hidden["first"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(site.get(&first).await.status, 404);
}

#[actix_web::test]
async fn outboxes_are_read_page_by_page() {
    let site = Site::start(&clock()).await;
    let (ada, _) = site.user("ada").await;
    for _ in 0..25 {
        status_of(&site, &ada, Visibility::Public).await;
    }
    status_of(&site, &ada, Visibility::Private).await;
    let outbox = json_of(&site.get(&format!("/ap/users/{}/outbox", ada.account_id)).await);
    let mut next = outbox["first"].as_str().map(str::to_owned);
    let mut ids = Vec::new();
    while let Some(address) = next {
        let page = json_of(&site.get(address.strip_prefix(&site.url).unwrap()).await);
        assert_eq!(page["id"], address);
        ids.extend(
            page["orderedItems"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["object"]["id"].to_string()),
        );
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(ids.len(), 25);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 25);
}

#[actix_web::test]
async fn pages_lead_readers_of_documents_to_the_id() {
    let site = Site::start(&clock()).await;
    let (user, ada) = site.user("ada").await;
    let (id, path) = status_of(&site, &user, Visibility::Public).await;
    for (page, document) in [
        ("/@ada".to_owned(), format!("/ap/users/{}", ada.id)),
        (format!("/@ada/{id}"), path),
    ] {
        let found = site.get(&page).await;
        assert_eq!(found.status, 200, "{page}");
        assert_eq!(found.final_url.as_str(), format!("{}{document}", site.url));
        assert_eq!(json_of(&found)["id"], found.final_url.as_str());
        // Nobody mounted pages here: who asks for one passes by.
        assert_eq!(site.get_as(&page, "text/html").await.status, 404);
    }
    for page in ["/@nobody", "/@ada@elsewhere.test"] {
        let response = site.get(page).await;
        assert_eq!(response.status, 404, "{page}");
        assert!(response.headers.get(LOCATION).is_none());
    }
}

#[actix_web::test]
async fn a_page_of_statuses_costs_as_many_statements_as_one_status() {
    let mut site = Site::start(&clock()).await;
    let (user, ada) = site.user("ada").await;
    let collections = [
        format!("/ap/users/{}/outbox?page=true", ada.id),
        format!("/ap/users/{}/collections/featured", ada.id),
    ];
    let (mut costs, mut lengths) = (Vec::new(), Vec::new());
    for count in [1, 4] {
        for number in 0..count {
            // A status with something above, something below, and rules of its own.
            let (first, _) = status_of(&site, &user, Visibility::Public).await;
            let mut above = first;
            for step in 0..2 {
                let new = NewStatus {
                    text: format!("{number} goes on: {step}"),
                    in_reply_to_id: Some(above),
                    interactions: Some(Choice {
                        reply: Who::Followers,
                        ..Choice::default()
                    }),
                    ..NewStatus::default()
                };
                above = site.post(&user, new).await;
                if step == 0 {
                    statuses::pin(&site.instance, ada.id, above).await.unwrap();
                }
            }
        }
        site.settle().await;
        for path in &collections {
            site.get(path).await;
            let (response, cost) = site.statements_of(async |site| site.get(path).await).await;
            costs.push(cost);
            lengths.push(json_of(&response)["orderedItems"].as_array().unwrap().len());
        }
    }
    assert_eq!(lengths, [3, 1, 15, 5]);
    assert_eq!(costs[..2], costs[2..]);
}
