//! Moves: who is believed, and what goes along.

use std::sync::Arc;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    time::ManualClock,
};
use pouet_service::{
    Error, blocks,
    follows::{self, FollowOptions},
    lists::{self, ListChange},
    moves, mutes, notes,
    policy::{self, NewRule, Severity},
    relationships,
};
use serde_json::{Value, json};

use crate::common::{Actor, OTHER_KEY, Remote, Site, clock};

/// A site with Ben, who follows Ada on one server; she may move to Zoe on another.
struct World {
    site: Site,
    near: Remote,
    far: Remote,
    ben: (User, Account),
    ada: Actor,
    zoe: Actor,
    clock: Arc<ManualClock>,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let (site, near) = (Site::start(&clock).await, Remote::start(&clock));
        let far = Remote::start_as("far.test", &clock);
        let mut world = Self {
            ben: site.user("ben").await,
            ada: near.actor("ada"),
            zoe: far.actor("zoe"),
            site,
            near,
            far,
            clock,
        };
        let ben = world.ben.1.clone();
        world.follow(&ben).await;
        world
    }

    /// A local account follows Ada, who accepts.
    async fn follow(&mut self, follower: &Account) {
        let ada = self.site.resolve("ada", &self.near.domain).await.unwrap();
        follows::follow(&self.site.instance, follower.id, ada.id, FollowOptions::default())
            .await
            .unwrap();
        self.site.settle().await;
        let follow = self
            .near
            .received()
            .into_iter()
            .find(|activity| activity["type"] == "Follow")
            .expect("a Follow was sent");
        let name = format!("accept-{}", follower.username);
        self.send(&self.ada.clone(), &self.ada.activity("Accept", &name, &follow))
            .await;
        assert!(self.follows(follower, &self.ada.id).await.0);
    }

    async fn send(&mut self, actor: &Actor, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        assert_eq!(self.near.send(actor, &inbox, activity).await, 202);
        self.site.settle().await;
    }

    /// Zoe names her aliases.
    fn alias(&mut self, aliases: &Value) {
        self.zoe.document["alsoKnownAs"] = aliases.clone();
        self.far.publish(&self.zoe.document);
    }

    fn movement(&self, name: &str) -> Value {
        let mut activity = self.ada.activity("Move", name, &json!(self.ada.id));
        activity["target"] = json!(self.zoe.id);
        activity["to"] = json!([format!("{}/followers", self.ada.id)]);
        activity
    }

    /// Whether a local account follows, and whether it has asked to.
    async fn follows(&self, who: &Account, whom: &str) -> (bool, bool) {
        let Some(target) = self.site.account(whom).await else {
            return (false, false);
        };
        let found = relationships::of(&self.site.instance, who.id, &[target.id])
            .await
            .unwrap();
        (found[0].following, found[0].requested)
    }

    /// Whether Ben has stayed with Ada, and nobody was told anything.
    async fn assert_nothing_moved(&self, why: &str) {
        assert_eq!(
            self.follows(&self.ben.1, &self.ada.id).await,
            (true, false),
            "{why}"
        );
        assert_eq!(
            self.follows(&self.ben.1, &self.zoe.id).await,
            (false, false),
            "{why}"
        );
        let ada = self.site.account(&self.ada.id).await.unwrap();
        assert_eq!(ada.moved_to, None, "{why}");
        assert_eq!(self.far.received(), Vec::<Value>::new(), "{why}");
        assert_eq!(self.near.received(), Vec::<Value>::new(), "{why}");
    }

    async fn assert_moved(&self, why: &str) {
        assert_eq!(
            self.follows(&self.ben.1, &self.zoe.id).await,
            (false, true),
            "{why}"
        );
        assert_eq!(
            self.follows(&self.ben.1, &self.ada.id).await,
            (false, false),
            "{why}"
        );
        let (ada, zoe) = (
            self.site.account(&self.ada.id).await.unwrap(),
            self.site.account(&self.zoe.id).await.unwrap(),
        );
        assert_eq!(ada.moved_to, Some(zoe.id), "{why}");
    }
}

#[actix_web::test]
async fn fed_024_what_a_profile_says_moves_nobody() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    world.site.resolve("zoe", &world.far.domain).await.unwrap();
    let mut document = world.ada.document.clone();
    document["movedTo"] = json!(world.zoe.id);
    world.near.publish(&document);
    let update = world.ada.activity("Update", "update", &document);
    let ada = world.ada.clone();
    world.send(&ada, &update).await;
    let account = world.site.account(&world.ada.id).await.unwrap();
    assert!(account.moved_to.is_some(), "the profile shows it");
    assert_eq!(world.follows(&world.ben.1, &world.ada.id).await, (true, false));
    assert_eq!(world.follows(&world.ben.1, &world.zoe.id).await, (false, false));
}

#[actix_web::test]
async fn fed_081_a_move_that_both_sides_confirm_is_carried_out_once_a_week() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let ada = world.ada.clone();
    world.send(&ada, &world.movement("1")).await;
    world.assert_moved("aliases are a list").await;

    // Within a week nothing more is believed, and nobody is even asked.
    for (days, believed) in [(0, false), (6, false), (2, true)] {
        world.clock.advance(TimeDelta::days(days));
        world.far.asked();
        world.send(&ada, &world.movement(&format!("again-{days}"))).await;
        let asked = world.far.asked();
        let fetched = asked.iter().any(|request| request.starts_with("GET /users/zoe"));
        assert_eq!(fetched, believed, "{days} days later: {asked:?}");
    }
}

#[actix_web::test]
async fn fed_081_a_move_is_heard_although_the_account_could_not_be_had_a_while_ago() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let ada = world.ada.clone();
    // It is old enough to be asked for again, which fails.
    world.clock.advance(TimeDelta::hours(25));
    let note = world.near.note(&ada, "1", "<p>packing</p>");
    world.near.serve_as("/users/ada", 404, "text/plain", "not now");
    world.near.asked();
    world.send(&ada, &ada.activity("Create", "1", &note)).await;
    let asked = world.near.asked();
    assert!(asked.contains(&"GET /users/ada".to_owned()), "{asked:?}");
    world.near.publish(&ada.document);
    world.send(&ada, &world.movement("2")).await;
    world.assert_moved("it is there again").await;
}

#[actix_web::test]
async fn fed_081_one_alias_may_stand_without_a_list() {
    let mut world = World::start().await;
    world.alias(&json!(world.ada.id.clone()));
    let ada = world.ada.clone();
    world.send(&ada, &world.movement("1")).await;
    world.assert_moved("the alias is a text").await;
}

#[actix_web::test]
async fn fed_081_a_move_in_the_name_of_another_is_refused() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let eve = world.near.actor("eve");
    let inbox = format!("{}/ap/inbox", world.site.url);
    // Signed by Eve, in Ada's name.
    world.send(&eve, &world.movement("1")).await;
    world.assert_nothing_moved("signed by somebody else").await;
    // Eve's own activity, about Ada.
    let mut about_ada = world.movement("2");
    about_ada["actor"] = json!(eve.id);
    about_ada["id"] = json!(format!("{}/activities/2", eve.id));
    world.send(&eve, &about_ada).await;
    world.assert_nothing_moved("by somebody else").await;
    // Ada's activity, about Eve: nobody here follows Eve, but Ada must not be taken for her.
    let mut about_eve = world.movement("3");
    about_eve["object"] = json!(eve.id);
    world.send(&world.ada.clone(), &about_eve).await;
    world.assert_nothing_moved("of somebody else").await;
    let status = world
        .near
        .send_signed(&world.ada.key_id, &OTHER_KEY, &inbox, &world.movement("4"))
        .await;
    assert_eq!(status, 401, "signed with another key");
    world.site.settle().await;
    world.assert_nothing_moved("signed with another key").await;
}

#[actix_web::test]
async fn sec_R031_a_target_must_name_the_old_account_to_the_letter() {
    let mut world = World::start().await;
    let id = world.ada.id.clone();
    let table = [
        (json!(null), "no alias"),
        (json!([]), "an empty list"),
        (json!([format!("{id}/")]), "another address"),
        (json!([format!("{id}#main-key")]), "its key"),
        (json!([id.to_uppercase()]), "capitals"),
        (json!([format!("{}/@ada", world.near.url)]), "its page"),
        (json!("acct:ada@127.0.0.1"), "its handle"),
    ];
    for (n, (aliases, why)) in table.into_iter().enumerate() {
        world.alias(&aliases);
        world
            .send(&world.ada.clone(), &world.movement(&n.to_string()))
            .await;
        world.assert_nothing_moved(why).await;
    }
    // What was refused does not count as a move.
    world.alias(&json!(["https://elsewhere.test/1", id]));
    world.send(&world.ada.clone(), &world.movement("last")).await;
    world.assert_moved("the alias is there now").await;
}

#[actix_web::test]
async fn sec_R031_an_alias_that_was_taken_back_counts_no_longer() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let known = world.site.resolve("zoe", &world.far.domain).await.unwrap();
    assert_eq!(known.also_known_as, [world.ada.id.clone()], "we have seen it");
    world.alias(&json!([]));
    world.send(&world.ada.clone(), &world.movement("1")).await;
    world.assert_nothing_moved("the alias is stale").await;
}

#[actix_web::test]
async fn sec_R031_the_old_accounts_server_may_contradict() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let mut document = world.ada.document.clone();
    document["movedTo"] = json!("https://elsewhere.test/users/1");
    world.near.publish(&document);
    world.send(&world.ada.clone(), &world.movement("1")).await;
    world
        .assert_nothing_moved("its profile names another target")
        .await;
    document["movedTo"] = json!(world.zoe.id);
    world.near.publish(&document);
    world.send(&world.ada.clone(), &world.movement("2")).await;
    world.assert_moved("its profile names the target").await;
}

#[actix_web::test]
async fn fed_081_targets_that_take_nobody_in() {
    // Moved itself, be it to somebody whom we do not know.
    let mut world = World::start().await;
    world.zoe.document["movedTo"] = json!("https://elsewhere.test/users/1");
    world.alias(&json!([world.ada.id.clone()]));
    world.send(&world.ada.clone(), &world.movement("1")).await;
    world.assert_nothing_moved("the target has moved").await;

    // Suspended by its own server.
    let mut world = World::start().await;
    world.zoe.document["suspended"] = json!(true);
    world.alias(&json!([world.ada.id.clone()]));
    world.send(&world.ada.clone(), &world.movement("1")).await;
    world.assert_nothing_moved("the target is suspended").await;

    // On a server that we do not speak with.
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let rule = NewRule {
        domain: "far.test".to_owned(),
        severity: Severity::Suspend,
        ..NewRule::default()
    };
    policy::set(&world.site.instance, rule).await.unwrap();
    world.far.asked();
    world.send(&world.ada.clone(), &world.movement("1")).await;
    world.assert_nothing_moved("the domain is suspended").await;
    assert_eq!(world.far.asked(), Vec::<String>::new(), "it is not even asked");

    // Nowhere, and to itself.
    let mut world = World::start().await;
    for (n, target) in [json!(null), json!(world.ada.id), json!(7)]
        .into_iter()
        .enumerate()
    {
        let mut movement = world.movement(&n.to_string());
        movement["target"] = target;
        world.send(&world.ada.clone(), &movement).await;
        world.assert_nothing_moved("there is no target").await;
    }
}

#[actix_web::test]
async fn fed_082_followers_lists_blocks_mutes_and_notes_go_along() {
    let mut world = World::start().await;
    let site = world.site.instance.clone();
    let (ben, ada) = (
        world.ben.1.clone(),
        world.site.account(&world.ada.id).await.unwrap(),
    );
    let (_, cleo) = world.site.user("cleo").await;
    let (_, dan) = world.site.user("dan").await;
    let list = lists::create(
        &site,
        ben.id,
        ListChange {
            title: Some("harbour".to_owned()),
            ..ListChange::default()
        },
    )
    .await
    .unwrap();
    lists::add_accounts(&site, ben.id, list.id, &[ada.id])
        .await
        .unwrap();
    notes::set(&site, ben.id, ada.id, "met her on the quay")
        .await
        .unwrap();
    let options = FollowOptions {
        reblogs: Some(false),
        notify: Some(true),
        languages: Some(vec!["fr".to_owned()]),
    };
    follows::follow(&site, ben.id, ada.id, options).await.unwrap();
    blocks::block(&site, cleo.id, ada.id).await.unwrap();
    mutes::mute(&site, dan.id, ada.id, true, 3600).await.unwrap();
    world.alias(&json!([world.ada.id.clone()]));

    world.send(&world.ada.clone(), &world.movement("1")).await;
    world.assert_moved("followers go along").await;
    let zoe = world.site.account(&world.zoe.id).await.unwrap();
    let on_list = lists::accounts(&site, ben.id, list.id, None).await.unwrap();
    assert_eq!(on_list.len(), 1);
    assert_eq!(on_list[0].item.id, zoe.id);
    let of = async |who: &Account| {
        relationships::of(&site, who.id, &[zoe.id])
            .await
            .unwrap()
            .remove(0)
    };
    assert_eq!(of(&ben).await.note, "met her on the quay");
    assert!(of(&cleo).await.blocking && !of(&cleo).await.requested);
    let muted = of(&dan).await;
    assert!(muted.muting && muted.muting_notifications);
    assert_eq!(muted.muting_expires_at, Some(site.now() + TimeDelta::hours(1)));

    // The follow is asked for, the old one taken back, and options are kept when it is accepted.
    let follow = world.far.received().pop().unwrap();
    assert_eq!(follow["type"], "Follow");
    assert_eq!(follow["object"], json!(world.zoe.id));
    let undo = world.near.received().pop().unwrap();
    assert_eq!(
        (&undo["type"], &undo["object"]["type"]),
        (&json!("Undo"), &json!("Follow"))
    );
    assert_eq!(undo["object"]["object"], json!(world.ada.id));
    let accept = world.zoe.activity("Accept", "accept", &follow);
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(world.far.send(&world.zoe, &inbox, &accept).await, 202);
    world.site.settle().await;
    let following = of(&ben).await;
    assert!(following.following && following.notifying && !following.showing_reblogs);
    assert_eq!(following.languages, ["fr"]);

    // The same Move once more changes nothing.
    world.send(&world.ada.clone(), &world.movement("2")).await;
    assert!(of(&ben).await.following);
}

#[actix_web::test]
async fn fed_082_who_blocks_the_target_stays_behind() {
    let mut world = World::start().await;
    world.alias(&json!([world.ada.id.clone()]));
    let zoe = world.site.resolve("zoe", &world.far.domain).await.unwrap();
    blocks::block(&world.site.instance, world.ben.1.id, zoe.id)
        .await
        .unwrap();
    world.send(&world.ada.clone(), &world.movement("1")).await;
    assert_eq!(world.follows(&world.ben.1, &world.ada.id).await, (true, false));
    assert_eq!(world.follows(&world.ben.1, &world.zoe.id).await, (false, false));
}

#[actix_web::test]
async fn fed_082_followers_arrive_at_a_locked_account_of_ours() {
    let mut world = World::start().await;
    let (user, cleo) = world.site.user("cleo").await;
    let change = pouet_service::profile::ProfileChange {
        locked: Some(true),
        ..Default::default()
    };
    pouet_service::profile::update(&world.site.instance, &user, change)
        .await
        .unwrap();
    moves::add_alias(&world.site.instance, cleo.id, &world.ada.id)
        .await
        .unwrap();
    let mut movement = world.movement("1");
    movement["target"] = json!(world.site.uri(&cleo));
    world.send(&world.ada.clone(), &movement).await;
    let found = relationships::of(&world.site.instance, world.ben.1.id, &[cleo.id])
        .await
        .unwrap();
    assert!(found[0].following, "the same person had accepted Ben before");
    // The profile of the old account keeps the target when it is read again.
    let mut document = world.ada.document.clone();
    document["movedTo"] = json!(world.site.uri(&cleo));
    world
        .send(&world.ada.clone(), &world.ada.activity("Update", "u", &document))
        .await;
    let ada = world.site.account(&world.ada.id).await.unwrap();
    assert_eq!(ada.moved_to, Some(cleo.id));
}

#[actix_web::test]
async fn fed_081_a_local_account_moves_out() {
    let mut world = World::start().await;
    let site = world.site.instance.clone();
    let ben = world.ben.1.clone();
    let me = world.site.uri(&ben);
    // Zoe's neighbour follows Ben, and somebody local does; Ada's neighbour blocks him.
    let fan = world.far.actor("fan");
    let inbox = format!("{}/ap/inbox", world.site.url);
    let follow = fan.activity("Follow", "f", &json!(me));
    assert_eq!(world.far.send(&fan, &inbox, &follow).await, 202);
    world
        .send(&world.ada.clone(), &world.ada.activity("Block", "b", &json!(me)))
        .await;
    let (_, cleo) = world.site.user("cleo").await;
    follows::follow(&site, cleo.id, ben.id, FollowOptions::default())
        .await
        .unwrap();
    world.site.settle().await;
    world.far.received();
    world.near.received();

    let handle = format!("zoe@{}", world.far.domain);
    let refused = moves::move_account(&site, ben.id, &handle).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    assert_eq!(world.site.account(&me).await.unwrap().moved_to, None);

    world.alias(&json!([me.clone()]));
    let target = moves::move_account(&site, ben.id, &handle).await.unwrap();
    assert_eq!(target.uri.as_ref(), Some(&world.zoe.id));
    world.site.settle().await;
    for (server, who) in [(&world.far, "followers"), (&world.near, "who blocked")] {
        let told: Vec<Value> = server
            .received()
            .into_iter()
            .filter(|activity| activity["actor"] == json!(me) && activity["object"]["type"] != "Follow")
            .collect();
        let movement = told.last().unwrap_or_else(|| panic!("{who} are told"));
        assert_eq!(movement["type"], "Move", "{who}: {movement}");
        assert_eq!(movement["object"], json!(me));
        assert_eq!(movement["target"], json!(world.zoe.id));
        if who == "followers" {
            assert_eq!(told[0]["type"], "Update", "the profile comes first: {told:?}");
            assert_eq!(told[0]["object"]["movedTo"], json!(world.zoe.id));
        }
    }
    assert_eq!(
        world.follows(&cleo, &world.zoe.id).await,
        (false, true),
        "locals go along"
    );
    let path = me.strip_prefix(&world.site.url).unwrap();
    let document = crate::common::json_of(&world.site.get(path).await);
    assert_eq!(document["movedTo"], json!(world.zoe.id));

    // Nobody can follow any more, and there is no second move for a month.
    let late = world.far.actor("late");
    let follow = late.activity("Follow", "late", &json!(me));
    assert_eq!(world.far.send(&late, &inbox, &follow).await, 202);
    world.site.settle().await;
    let answer = world.far.received().pop().unwrap();
    assert_eq!(answer["type"], "Reject", "{answer}");
    for (days, allowed) in [(29, false), (2, true)] {
        world.clock.advance(TimeDelta::days(days));
        let again = moves::move_account(&site, ben.id, &handle).await;
        assert_eq!(again.is_ok(), allowed, "{again:?}");
    }
}

#[actix_web::test]
async fn aliases_are_named_and_taken_back() {
    let mut world = World::start().await;
    let (site, ben) = (world.site.instance.clone(), world.ben.1.id);
    let handle = format!("zoe@{}", world.far.domain);
    moves::add_alias(&site, ben, &handle).await.unwrap();
    moves::add_alias(&site, ben, &world.zoe.id).await.unwrap();
    assert_eq!(moves::aliases(&site, ben).await.unwrap(), [world.zoe.id.clone()]);
    world.site.settle().await;
    let path = world.site.uri(&world.ben.1);
    let path = path.strip_prefix(&world.site.url).unwrap();
    let document = crate::common::json_of(&world.site.get(path).await);
    assert_eq!(document["alsoKnownAs"], json!([world.zoe.id]));
    let own = moves::add_alias(&site, ben, "ben").await;
    assert!(matches!(own, Err(Error::Forbidden(_))), "{own:?}");
    moves::remove_alias(&site, ben, &handle).await.unwrap();
    assert_eq!(moves::aliases(&site, ben).await.unwrap(), Vec::<String>::new());
    let gone = moves::remove_alias(&site, ben, &handle).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
}
