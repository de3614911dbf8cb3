//! What ends, what is proved, and what is counted: statuses with a time limit, links that lead back, votes.

use chrono::TimeDelta;
use pouet_model::account::Field;
use pouet_service::{
    polls,
    profile::{self, ProfileChange},
    statuses::{self, NewPoll, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Remote, World, json_of};

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

#[actix_web::test]
async fn statuses_with_an_end_are_gone_when_it_comes() {
    // On the activity as Pleroma and Akkoma say it, on the object as Hubzilla does.
    for (on_activity, name) in [(true, "expires_at"), (false, "expires"), (false, "expiresAt")] {
        let mut world = World::start().await;
        let mut note = world.far.note(&world.ada, "1", "<p>for an hour</p>");
        let mut create = world.create(&note);
        if on_activity {
            create[name] = json!("2026-11-23T11:00:00Z");
        } else {
            note[name] = json!("2026-11-23T11:00:00Z");
            create["object"] = note.clone();
        }
        world.send(&create).await;
        assert!(world.status(id(&note)).await.is_some(), "{name}");
        world.clock.advance(TimeDelta::minutes(59));
        world.site.settle().await;
        assert_eq!(world.site.home(&world.ben).await.len(), 1, "{name}");
        world.clock.advance(TimeDelta::minutes(1));
        world.site.settle().await;
        assert!(world.status(id(&note)).await.is_none(), "{name}");
        assert!(world.site.home(&world.ben).await.is_empty(), "{name}");
        // It does not come back, and what is over when it comes is not taken.
        let mut again = create.clone();
        again["id"] = json!(format!("{}-again", create["id"].as_str().unwrap()));
        world.send(&again).await;
        assert!(world.status(id(&note)).await.is_none(), "{name}");
        let mut late = world.far.note(&world.ada, "2", "<p>too late</p>");
        late["expires"] = json!("2026-11-23T10:30:00Z");
        assert!(world.publish(&late).await.is_none(), "{name}");
        assert!(world.far.received().is_empty(), "nobody is told");
    }
}

async fn fields(world: &World, uri: &str) -> Vec<Field> {
    world.site.account(uri).await.unwrap().fields
}

#[actix_web::test]
async fn links_of_profiles_that_lead_back_are_verified() {
    let mut world = World::start().await;
    let home = Remote::start_as("home.test", &world.clock);
    let page = world.site.instance.urls().account_url(&world.ben);
    let link =
        |rel: &str, href: &str| format!("<html><body><a rel='{rel}' href='{href}'>me</a></body></html>");
    home.serve_as(
        "/me",
        200,
        "text/html; charset=utf-8",
        &link("nofollow me", &page),
    );
    home.serve_as("/friend", 200, "text/html", &link("friend", &page));
    home.serve_as(
        "/other",
        200,
        "text/html",
        &link("me", "https://elsewhere.test/@ben"),
    );
    home.serve_as("/text", 200, "text/plain", &link("me", &page));
    home.serve_as("/gone", 404, "text/html", &link("me", &page));
    let set = async |world: &World, fields: &[(&str, String)]| {
        let typed = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let change = ProfileChange {
            fields: Some(typed),
            ..ProfileChange::default()
        };
        profile::update(&world.site.instance, &world.user, change)
            .await
            .unwrap();
    };
    let at = |path: &str| format!("{}{path}", home.url);
    let uri = world.site.uri(&world.ben);
    for (path, verified) in [
        ("/me", true),
        ("/friend", false),
        ("/other", false),
        ("/text", false),
        ("/gone", false),
    ] {
        set(&world, &[("Home", at(path)), ("Words", "no link".to_owned())]).await;
        world.site.settle().await;
        let fields = fields(&world, &uri).await;
        assert_eq!(fields[0].verified_at.is_some(), verified, "{path}");
        assert_eq!(fields[1].verified_at, None);
    }
    // What was verified stays so while the row does, and is gone with it.
    set(&world, &[("Home", at("/me"))]).await;
    world.site.settle().await;
    home.asked();
    set(&world, &[("Home", at("/me")), ("More", "x".to_owned())]).await;
    world.site.settle().await;
    assert!(fields(&world, &uri).await[0].verified_at.is_some());
    assert_eq!(home.asked(), Vec::<String>::new(), "not asked again");
    set(&world, &[("House", at("/friend"))]).await;
    world.site.settle().await;
    assert_eq!(fields(&world, &uri).await[0].verified_at, None);
}

#[actix_web::test]
async fn links_of_remote_profiles_are_verified_too() {
    let mut world = World::start().await;
    let home = Remote::start_as("home.test", &world.clock);
    let back = format!("<link rel=me href='{}'>", world.ada.id);
    home.serve_as("/", 200, "text/html", &back);
    let mut document = world.ada.document.clone();
    let value = format!("<a href=\"{}/\" rel=\"me\">home</a>", home.url);
    document["attachment"] = json!([
        {"type": "PropertyValue", "name": "Home", "value": value},
        {"type": "PropertyValue", "name": "Pronouns", "value": "she/her"},
    ]);
    let update = world.ada.activity("Update", "1", &document);
    world.send(&update).await;
    // Not by everybody at the same moment.
    world.clock.advance(TimeDelta::minutes(11));
    world.site.settle().await;
    let shown = fields(&world, &world.ada.id).await;
    assert!(shown[0].verified_at.is_some());
    assert_eq!(home.asked(), ["GET /"]);
    // The next document with the same row changes nothing; another value has to be proved anew.
    document["name"] = json!("Ada L");
    let update = world.ada.activity("Update", "2", &document);
    world.send(&update).await;
    assert_eq!(
        fields(&world, &world.ada.id).await[0].verified_at,
        shown[0].verified_at
    );
    document["attachment"][0]["value"] = json!(format!("<a href=\"{}/other\">home</a>", home.url));
    let update = world.ada.activity("Update", "3", &document);
    world.send(&update).await;
    assert_eq!(fields(&world, &world.ada.id).await[0].verified_at, None);
}

/// A poll of Ben's, and its id.
async fn poll(world: &World, multiple: bool) -> (String, pouet_model::ids::StatusId) {
    let new = NewStatus {
        text: "tea?".to_owned(),
        poll: Some(NewPoll {
            options: vec!["yes".to_owned(), "no".to_owned()],
            expires_in: 3600,
            multiple,
            hide_totals: false,
        }),
        ..NewStatus::default()
    };
    let id = world.site.post(&world.user, new).await;
    (world.site.status_uri(id).await, id)
}

async fn tally(world: &World, id: pouet_model::ids::StatusId) -> (Vec<i64>, Option<i64>) {
    let status = statuses::find_raw(&world.site.instance, id)
        .await
        .unwrap()
        .unwrap();
    let view = polls::find(&world.site.instance, None, status.poll_id.unwrap())
        .await
        .unwrap();
    let votes = view
        .poll
        .options
        .iter()
        .map(|option| option.votes_count)
        .collect();
    (votes, view.poll.voters_count)
}

#[actix_web::test]
async fn sec_R032_votes_count_once_in_time_and_for_what_is_offered() {
    let mut world = World::start().await;
    let mut round = 0;
    let mut vote = |world: &World, question: &str, choice: &Value| {
        round += 1;
        let note = json!({
            "id": format!("{}/votes/{round}", world.far.url), "type": "Note", "attributedTo": world.ada.id,
            "inReplyTo": question, "name": choice, "to": [world.site.uri(&world.ben)],
        });
        world.ada.activity("Create", &format!("vote-{round}"), &note)
    };
    let (single, single_id) = poll(&world, false).await;
    for (choice, expected) in [
        (json!("maybe"), vec![0, 0]),
        (json!("YES"), vec![0, 0]),
        (json!(""), vec![0, 0]),
        (json!(0), vec![0, 0]),
        (json!("yes"), vec![1, 0]),
        (json!("yes"), vec![1, 0]),
        (json!("no"), vec![1, 0]),
    ] {
        let activity = vote(&world, &single, &choice);
        world.send(&activity).await;
        assert_eq!(tally(&world, single_id).await.0, expected, "{choice}");
    }
    assert_eq!(tally(&world, single_id).await.1, Some(1));
    let (many, many_id) = poll(&world, true).await;
    for (choice, expected) in [("yes", vec![1, 0]), ("no", vec![1, 1]), ("no", vec![1, 1])] {
        let activity = vote(&world, &many, &json!(choice));
        world.send(&activity).await;
        assert_eq!(tally(&world, many_id).await, (expected, Some(1)), "{choice}");
    }
    let (late, late_id) = poll(&world, false).await;
    world.clock.advance(TimeDelta::hours(2));
    let activity = vote(&world, &late, &json!("yes"));
    world.send(&activity).await;
    assert_eq!(tally(&world, late_id).await.0, [0, 0]);
}

#[actix_web::test]
async fn sec_R032_absurd_polls_are_tamed() {
    let mut world = World::start().await;
    let mut question = world.far.note(&world.ada, "1", "<p>which?</p>");
    question["type"] = json!("Question");
    let option = |name: &str, votes: Value| json!({"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}});
    question["oneOf"] = json!([
        option("minus", json!(-5)),
        option("huge", json!(9_223_372_036_854_775_807_i64)),
        option("float", json!(1e30)),
        option("text", json!("7")),
        option("three", json!(3)),
        option("three", json!(4)),
    ]);
    question["votersCount"] = json!(-1);
    let status = world.publish(&question).await.unwrap();
    let (votes, voters) = tally(&world, status.id).await;
    assert_eq!(votes, [0, 0, 0, 0, 3], "nothing absurd, and no option twice");
    assert_eq!(voters, None);
    // The same by Update.
    question["oneOf"][4]["replies"]["totalItems"] = json!(-1);
    question["votersCount"] = json!(18_446_744_073_709_551_615_u64);
    let update = world.ada.activity("Update", "1", &question);
    world.send(&update).await;
    let (votes, voters) = tally(&world, status.id).await;
    assert_eq!((votes, voters), (vec![0; 5], None));

    let mut crowd = world.far.note(&world.ada, "2", "<p>three thousand</p>");
    crowd["type"] = json!("Question");
    crowd["anyOf"] = (0..3_000)
        .map(|n| json!({"type": "Note", "name": format!("{n}")}))
        .collect();
    crowd["content"] = json!("<p>many</p>");
    if let Some(status) = world.publish(&crowd).await {
        assert!(tally(&world, status.id).await.0.len() <= 500);
    }
}

#[actix_web::test]
async fn sec_R026_a_note_becomes_a_question_by_an_edit_alone() {
    let mut world = World::start().await;
    let mut note = world.far.note(&world.ada, "1", "<p>tea</p>");
    let before = world.publish(&note).await.unwrap();
    let question = |note: &Value| {
        let mut question = note.clone();
        question["type"] = json!("Question");
        question["oneOf"] = json!([{"type": "Note", "name": "yes"}, {"type": "Note", "name": "no"}]);
        question
    };
    let uri = id(&note).to_owned();
    let has_poll = async |world: &World| world.status(&uri).await.unwrap().poll_id.is_some();
    // Without a newer time nothing but totals can change.
    let update = world.ada.activity("Update", "1", &question(&note));
    world.send(&update).await;
    assert_eq!(world.status(id(&note)).await.unwrap(), before);
    // Mastodon's editor adds a poll and takes it away: both are edits, with their history.
    let mut edited = question(&note);
    edited["updated"] = json!("2026-11-23T09:59:30Z");
    let update = world.ada.activity("Update", "2", &edited);
    world.send(&update).await;
    assert!(has_poll(&world).await);
    let mut implied = note.clone();
    implied["updated"] = edited["updated"].clone();
    let update = world.ada.activity("Update", "3", &implied);
    world.send(&update).await;
    assert!(has_poll(&world).await, "no edit, so the poll stays");
    note["updated"] = json!("2026-11-23T09:59:40Z");
    let update = world.ada.activity("Update", "4", &note);
    world.send(&update).await;
    assert!(!has_poll(&world).await);
    let (_, versions) = statuses::history(&world.site.instance, None, before.id)
        .await
        .unwrap();
    assert_eq!(versions.len(), 3);
}

#[actix_web::test]
async fn sites_that_may_name_an_author_are_told_to_others() {
    let world = World::start().await;
    let set = async |domains: &[&str]| {
        let change = ProfileChange {
            attribution_domains: Some(domains.iter().map(|domain| (*domain).to_owned()).collect()),
            ..ProfileChange::default()
        };
        profile::update(&world.site.instance, &world.user, change).await
    };
    let account = set(&["Blog.Example", " news.example ", "", "blog.example"])
        .await
        .unwrap();
    let sites = ["blog.example", "news.example"];
    assert_eq!(account.attribution_domains, sites);
    for wrong in [
        &["https://blog.example/"][..],
        &["not a domain"],
        &["x.example"; 101],
    ] {
        assert!(set(wrong).await.is_err(), "{wrong:?}");
    }
    let path = format!("/ap/users/{}", world.ben.id);
    let mut events = world.site.instance.hub.subscribe();
    let document = loop {
        let document = json_of(&world.site.get(&path).await);
        if document["attributionDomains"] != json!([]) {
            break document;
        }
        events.recv().await.unwrap();
    };
    assert_eq!(document["attributionDomains"], json!(sites));
}
