//! Reports: to other servers and from them.

use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    page::Page,
    report::ReportCategory,
    status::Visibility,
};
use pouet_service::{
    accounts, follows,
    follows::FollowOptions,
    notifications::{self, NotificationQuery},
    policy::{self, NewRule},
    reports::{self, NewReport, ReportView},
    statuses::{self, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock};

/// A site with Eve, and a server whose instance actor reports.
struct World {
    site: Site,
    far: Remote,
    eve: (User, Account),
    instance_actor: Actor,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let (site, far) = (Site::start(&clock).await, Remote::start_as("far.test", &clock));
        let eve = site.user("eve").await;
        let instance_actor = far.actor("far.test");
        Self {
            site,
            far,
            eve,
            instance_actor,
        }
    }

    async fn send(&mut self, actor: &Actor, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        assert_eq!(self.far.send(actor, &inbox, activity).await, 202, "{activity}");
        self.site.settle().await;
    }

    /// Sends a Flag about `object`; the reports that there are now.
    async fn flag(&mut self, name: &str, object: Value, content: &str) -> Vec<ReportView> {
        let mut flag = self.instance_actor.activity("Flag", name, &object);
        flag["content"] = json!(content);
        self.send(&self.instance_actor.clone(), &flag).await;
        self.reports().await
    }

    async fn reports(&self) -> Vec<ReportView> {
        reports::list(&self.site.instance, true, 100).await.unwrap()
    }

    async fn post(&self, author: &User, visibility: Visibility, text: &str) -> (StatusId, String) {
        let new = NewStatus {
            text: text.to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let id = self.site.post(author, new).await;
        (id, self.site.status_uri(id).await)
    }
}

fn ids(view: &ReportView) -> Vec<StatusId> {
    view.report.status_ids.clone()
}

#[actix_web::test]
async fn fed_080_reports_in_all_their_shapes() {
    let mut world = World::start().await;
    let eve = world.site.uri(&world.eve.1);
    let author = world.eve.0.clone();
    let (first, first_uri) = world.post(&author, Visibility::Public, "one").await;
    let (second, second_uri) = world.post(&author, Visibility::Unlisted, "two").await;
    let (user, _) = world.site.user("bystander").await;
    let (_, other_uri) = world.post(&user, Visibility::Public, "three").await;
    let page = format!("{}/@eve/{second}", world.site.url);
    let table: [(Value, String, Vec<StatusId>); 8] = [
        (json!(eve), String::new(), vec![]),
        (json!([eve]), String::new(), vec![]),
        (
            json!([eve, first_uri, second_uri]),
            String::new(),
            vec![first, second],
        ),
        (json!([second_uri, eve]), String::new(), vec![second]),
        (
            json!([{"type": "Person", "id": eve}, {"type": "Note", "id": first_uri}]),
            String::new(),
            vec![first],
        ),
        // Somebody else's status is nobody's business here, nor is one of another server.
        (
            json!([other_uri, "https://elsewhere.test/notes/1", eve, first_uri]),
            String::new(),
            vec![first],
        ),
        (
            json!(eve),
            format!("Note: {first_uri}\n-----\nalso {page}, and {other_uri}"),
            vec![first, second],
        ),
        // The accounts can be told from their statuses.
        (json!(first_uri), String::new(), vec![first]),
    ];
    for (n, (object, content, expected)) in table.into_iter().enumerate() {
        let found = world.flag(&n.to_string(), object.clone(), &content).await;
        assert_eq!(found.len(), n + 1, "{object}");
        let newest = &found[0];
        assert_eq!(newest.target.id, world.eve.1.id, "{object}");
        assert_eq!(newest.reporter.uri.as_ref(), Some(&world.instance_actor.id));
        assert_eq!(newest.report.category, ReportCategory::Other);
        assert_eq!(newest.report.comment, content, "{object}");
        assert_eq!(ids(newest), expected, "{object}");
    }

    // The same once more, and about nobody here.
    let count = world.reports().await.len();
    assert_eq!(world.flag("0", json!(eve), "").await.len(), count);
    for object in [
        json!([]),
        json!("https://elsewhere.test/users/1"),
        json!(world.site.url),
        json!(null),
    ] {
        let found = world
            .flag(
                &format!("none-{object}").replace(['"', '/', ':'], "-"),
                object,
                "",
            )
            .await;
        assert_eq!(found.len(), count);
    }

    // Who is reported hears nothing of it.
    let query = NotificationQuery::default();
    let told = notifications::list(&world.site.instance, world.eve.1.id, query, Page::first(40))
        .await
        .unwrap();
    assert!(told.is_empty());
}

#[actix_web::test]
async fn fed_080_two_accounts_are_two_reports_each_with_its_own() {
    let mut world = World::start().await;
    let (mallory, account) = world.site.user("mallory").await;
    let author = world.eve.0.clone();
    let (first, first_uri) = world.post(&author, Visibility::Public, "one").await;
    let (second, second_uri) = world.post(&mallory, Visibility::Public, "two").await;
    let object = json!([
        second_uri,
        world.site.uri(&world.eve.1),
        first_uri,
        world.site.uri(&account)
    ]);
    let found = world.flag("1", object, "both of them").await;
    assert_eq!(found.len(), 2);
    for (target, status) in [(world.eve.1.id, first), (account.id, second)] {
        let report = found.iter().find(|view| view.target.id == target).unwrap();
        assert_eq!(ids(report), [status]);
    }
}

#[actix_web::test]
async fn fed_080_only_what_the_reporters_server_can_see_is_attached() {
    let mut world = World::start().await;
    let eve = world.site.uri(&world.eve.1);
    let author = world.eve.0.clone();
    let (private, private_uri) = world.post(&author, Visibility::Private, "for friends").await;
    let (_, direct_uri) = world.post(&author, Visibility::Direct, "to myself").await;
    let object = json!([eve, private_uri, direct_uri]);
    let found = world.flag("1", object.clone(), "").await;
    assert_eq!(ids(&found[0]), [], "nobody there sees any of it");

    let fan = world.far.actor("fan");
    world.send(&fan, &fan.activity("Follow", "f", &json!(eve))).await;
    let found = world.flag("2", object.clone(), "").await;
    assert_eq!(
        ids(&found[0]),
        [private],
        "a follower there sees the followers' status"
    );

    let text = format!("@fan@{} psst", world.far.domain);
    let (named, named_uri) = world.post(&author, Visibility::Direct, &text).await;
    let found = world.flag("3", json!([eve, named_uri, direct_uri]), "").await;
    assert_eq!(ids(&found[0]), [named], "somebody there was written to");

    // On yet another server there is nobody.
    let elsewhere = Remote::start_as("elsewhere.test", &clock());
    let actor = elsewhere.actor("elsewhere.test");
    let flag = actor.activity("Flag", "1", &json!([eve, private_uri, named_uri]));
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(elsewhere.send(&actor, &inbox, &flag).await, 202);
    world.site.settle().await;
    let found = world.reports().await;
    assert_eq!(found[0].reporter.uri.as_ref(), Some(&actor.id));
    assert_eq!(ids(&found[0]), []);
}

#[actix_web::test]
async fn fed_144_reports_of_a_domain_may_be_unwanted() {
    let mut world = World::start().await;
    let eve = json!(world.site.uri(&world.eve.1));
    assert_eq!(world.flag("1", eve.clone(), "").await.len(), 1);
    for (n, reject_reports) in [(2, true), (3, false)] {
        let rule = NewRule {
            domain: "far.test".to_owned(),
            reject_reports,
            ..NewRule::default()
        };
        policy::set(&world.site.instance, rule).await.unwrap();
        let before = world.reports().await.len();
        let taken = world.flag(&n.to_string(), eve.clone(), "").await.len() - before;
        assert_eq!(taken == 0, reject_reports);
    }
}

#[actix_web::test]
async fn fed_080_a_domain_may_report_fifty_times_an_hour() {
    let mut world = World::start().await;
    let eve = json!(world.site.uri(&world.eve.1));
    for n in 0..52 {
        world.flag(&n.to_string(), eve.clone(), "").await;
    }
    assert_eq!(world.reports().await.len(), 50);
}

#[actix_web::test]
async fn fed_080_we_report_in_the_instances_name_if_the_reporter_agrees() {
    let mut world = World::start().await;
    let mallory = world.far.actor("mallory");
    let ben = world.eve.1.clone();
    let account = world.site.resolve("mallory", &world.far.domain).await.unwrap();
    follows::follow(&world.site.instance, ben.id, account.id, FollowOptions::default())
        .await
        .unwrap();
    world.site.settle().await;
    let follow = world.far.received().pop().unwrap();
    world
        .send(&mallory, &mallory.activity("Accept", "a", &follow))
        .await;
    let note = world.far.note(&mallory, "1", "<p>buy my boat</p>");
    let mut create = mallory.activity("Create", "c", &note);
    create["cc"] = note["cc"].clone();
    world.send(&mallory, &create).await;
    let uri = note["id"].as_str().unwrap();
    let status = statuses::find_by_uri(&world.site.instance, uri)
        .await
        .unwrap()
        .unwrap();
    world.far.asked();
    for (forward, comment) in [(false, "keep it here"), (true, "tell them")] {
        let new = NewReport {
            target: account.id,
            status_ids: vec![status.id],
            collection_ids: Vec::new(),
            category: Some(ReportCategory::Spam),
            rule_ids: Vec::new(),
            comment: comment.to_owned(),
            forward,
        };
        let made = reports::report(&world.site.instance, ben.id, new).await.unwrap();
        assert_eq!(made.report.forwarded, forward);
        world.site.settle().await;
        let sent = world.far.received();
        assert_eq!(sent.len(), usize::from(forward), "{sent:?}");
    }
    let posts: Vec<String> = world
        .far
        .asked()
        .into_iter()
        .filter(|request| request.starts_with("POST"))
        .collect();
    assert_eq!(posts, ["POST /inbox"], "the shared inbox");

    let new = NewReport {
        target: account.id,
        status_ids: vec![status.id],
        collection_ids: Vec::new(),
        category: None,
        rule_ids: Vec::new(),
        comment: "once more".to_owned(),
        forward: true,
    };
    reports::report(&world.site.instance, ben.id, new).await.unwrap();
    world.site.settle().await;
    let flag = world.far.received().pop().unwrap();
    assert_eq!(flag["type"], "Flag");
    assert_eq!(flag["actor"], json!(format!("{}/ap/actor", world.site.url)));
    assert_eq!(flag["object"], json!([mallory.id, uri]));
    assert_eq!(flag["content"], "once more");
    assert_eq!(flag["to"], json!([mallory.id]));
    let id = flag["id"].as_str().unwrap();
    assert!(id.starts_with(&format!("{}/ap/reports/", world.site.url)), "{id}");
    let text = flag.to_string();
    assert!(
        !text.contains(&world.site.uri(&ben)) && !text.contains("@eve"),
        "the reporter stays unknown: {text}"
    );
    assert!(
        accounts::find_any(&world.site.instance, ben.id)
            .await
            .unwrap()
            .is_some()
    );
}
