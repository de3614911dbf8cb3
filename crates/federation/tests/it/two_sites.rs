//! Two sites of ours that talk to each other over loopback.

use std::sync::Arc;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    ids::{AccountId, StatusId},
    notification::NotificationType,
    page::Page,
    status::{Status, Visibility},
    time::ManualClock,
};
use pouet_service::{
    accounts, follows,
    follows::FollowOptions,
    notifications::{self, NotificationQuery},
    polls, relationships,
    statuses::{self, NewPoll, NewStatus, StatusChange},
};

use crate::common::{Site, clock};

/// Ada on one site, Ben on the other.
struct Pair {
    clock: Arc<ManualClock>,
    a: Site,
    b: Site,
    ada: (User, Account),
    ben: (User, Account),
}

impl Pair {
    async fn start() -> Self {
        let clock = clock();
        let (a, b) = (Site::start(&clock).await, Site::start(&clock).await);
        let ada = a.user("ada").await;
        let ben = b.user("ben").await;
        Self {
            clock,
            a,
            b,
            ada,
            ben,
        }
    }

    /// Lets everything arrive, and what that causes.
    async fn settle(&mut self) {
        for _ in 0..3 {
            self.a.settle().await;
            self.b.settle().await;
        }
    }

    /// Ada's account as Ben's site knows it.
    async fn ada_there(&self) -> Account {
        self.b.resolve("ada", &self.a.domain).await.unwrap()
    }

    /// Ben follows Ada, and it is accepted.
    async fn follow(&mut self) -> Account {
        let ada = self.ada_there().await;
        follows::follow(&self.b.instance, self.ben.1.id, ada.id, FollowOptions::default())
            .await
            .unwrap();
        self.settle().await;
        ada
    }

    async fn is_following(&self, ada: AccountId) -> (bool, bool) {
        let found = relationships::of(&self.b.instance, self.ben.1.id, &[ada])
            .await
            .unwrap();
        (found[0].following, found[0].requested)
    }

    /// A status of Ada's as Ben's site has it.
    async fn there(&self, id: StatusId) -> Option<Status> {
        let uri = self.a.status_uri(id).await;
        statuses::find_by_uri(&self.b.instance, &uri).await.unwrap()
    }
}

fn text(text: &str) -> NewStatus {
    NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    }
}

async fn notified(site: &Site, account: &Account, kind: NotificationType) -> usize {
    let query = NotificationQuery {
        types: Some(vec![kind]),
        ..NotificationQuery::default()
    };
    let found = notifications::list(&site.instance, account.id, query, Page::first(40)).await;
    found.unwrap().len()
}

#[actix_web::test]
async fn fed_055_a_follow_is_accepted_and_statuses_arrive() {
    let mut pair = Pair::start().await;
    let ada = pair.follow().await;
    assert_eq!(pair.is_following(ada.id).await, (true, false));
    assert_eq!(notified(&pair.a, &pair.ada.1, NotificationType::Follow).await, 1);

    let id = pair.a.post(&pair.ada.0, text("a lantern on the #quay")).await;
    pair.settle().await;
    let home = pair.b.home(&pair.ben.1).await;
    assert_eq!(home.len(), 1);
    assert_eq!(
        home[0].status.uri.as_deref(),
        Some(pair.a.status_uri(id).await.as_str())
    );
    assert!(
        home[0].status.content.contains("a lantern on the"),
        "{}",
        home[0].status.content
    );
    assert_eq!(home[0].tags[0].name, "quay");
    assert_eq!(home[0].author.acct(), format!("ada@{}", pair.a.domain));
}

#[actix_web::test]
async fn fed_056_a_locked_account_decides() {
    for accepts in [true, false] {
        let mut pair = Pair::start().await;
        let change = pouet_service::profile::ProfileChange {
            locked: Some(true),
            ..Default::default()
        };
        pouet_service::profile::update(&pair.a.instance, &pair.ada.0, change)
            .await
            .unwrap();
        let ada = pair.follow().await;
        assert_eq!(pair.is_following(ada.id).await, (false, true));
        let uri = pair.b.uri(&pair.ben.1);
        let ben = pair.a.account(&uri).await.unwrap();
        if accepts {
            follows::accept(&pair.a.instance, pair.ada.1.id, ben.id)
                .await
                .unwrap();
        } else {
            follows::reject(&pair.a.instance, pair.ada.1.id, ben.id)
                .await
                .unwrap();
        }
        pair.settle().await;
        assert_eq!(pair.is_following(ada.id).await, (accepts, false));
    }
}

#[actix_web::test]
async fn fed_060_an_end_on_either_side_ends_the_follow() {
    let mut pair = Pair::start().await;
    let ada = pair.follow().await;
    follows::unfollow(&pair.b.instance, pair.ben.1.id, ada.id)
        .await
        .unwrap();
    pair.settle().await;
    let ada_here = accounts::find(&pair.a.instance, pair.ada.1.id).await.unwrap();
    assert_eq!(ada_here.followers_count, 0);

    pair.follow().await;
    let ben = pair.a.account(&pair.b.uri(&pair.ben.1)).await.unwrap();
    follows::remove_follower(&pair.a.instance, pair.ada.1.id, ben.id)
        .await
        .unwrap();
    pair.settle().await;
    assert_eq!(pair.is_following(ada.id).await, (false, false));
}

#[actix_web::test]
async fn fed_047_each_visibility_arrives_as_it_was_meant() {
    let mut pair = Pair::start().await;
    pair.follow().await;
    for visibility in [
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Private,
        Visibility::Direct,
    ] {
        let new = NewStatus {
            visibility: Some(visibility),
            ..text(&format!("@ben@{} {}", pair.b.domain, visibility.as_str()))
        };
        let id = pair.a.post(&pair.ada.0, new).await;
        pair.settle().await;
        let there = pair.there(id).await.unwrap();
        assert_eq!(there.visibility, visibility);
        let view = statuses::find(&pair.b.instance, Some(pair.ben.1.id), there.id)
            .await
            .unwrap();
        assert_eq!(view.mentions.len(), 1);
        let anybody = statuses::find(&pair.b.instance, None, there.id).await;
        assert_eq!(anybody.is_ok(), visibility.is_open(), "{visibility:?}");
    }
    assert_eq!(notified(&pair.b, &pair.ben.1, NotificationType::Mention).await, 4);
}

#[actix_web::test]
async fn answers_favourites_and_boosts_come_back() {
    let mut pair = Pair::start().await;
    pair.follow().await;
    let id = pair.a.post(&pair.ada.0, text("who has seen my boat?")).await;
    pair.settle().await;
    let there = pair.there(id).await.unwrap();
    let ben = pair.ben.1.id;
    let reply = NewStatus {
        in_reply_to_id: Some(there.id),
        ..text(&format!("@ada@{} at the pier", pair.a.domain))
    };
    pair.b.post(&pair.ben.0, reply).await;
    statuses::favourite(&pair.b.instance, ben, there.id)
        .await
        .unwrap();
    statuses::reblog(&pair.b.instance, ben, there.id, None)
        .await
        .unwrap();
    pair.settle().await;
    let here = statuses::find_raw(&pair.a.instance, id).await.unwrap().unwrap();
    assert_eq!(
        (here.replies_count, here.favourites_count, here.reblogs_count),
        (1, 1, 1)
    );
    for kind in [
        NotificationType::Mention,
        NotificationType::Favourite,
        NotificationType::Reblog,
    ] {
        assert_eq!(notified(&pair.a, &pair.ada.1, kind).await, 1, "{kind:?}");
    }

    statuses::unfavourite(&pair.b.instance, ben, there.id)
        .await
        .unwrap();
    statuses::unreblog(&pair.b.instance, ben, there.id).await.unwrap();
    pair.settle().await;
    let here = statuses::find_raw(&pair.a.instance, id).await.unwrap().unwrap();
    assert_eq!((here.favourites_count, here.reblogs_count), (0, 0));
}

#[actix_web::test]
async fn edits_and_deletions_arrive() {
    let mut pair = Pair::start().await;
    pair.follow().await;
    let id = pair.a.post(&pair.ada.0, text("the ferry leaves at ten")).await;
    pair.settle().await;
    pair.clock.advance(TimeDelta::minutes(5));
    let change = StatusChange {
        text: "the ferry leaves at eleven".to_owned(),
        ..StatusChange::default()
    };
    statuses::edit(&pair.a.instance, pair.ada.1.id, id, change)
        .await
        .unwrap();
    pair.settle().await;
    let there = pair.there(id).await.unwrap();
    assert!(there.content.contains("eleven"), "{}", there.content);
    assert!(there.edited_at.is_some());

    let uri = pair.a.status_uri(id).await;
    statuses::delete(&pair.a.instance, pair.ada.1.id, id, false)
        .await
        .unwrap();
    pair.settle().await;
    assert!(!pair.b.knows(&uri).await);
    assert_eq!(pair.b.home(&pair.ben.1).await.len(), 0);
}

#[actix_web::test]
async fn fed_084_votes_are_counted_and_are_no_statuses() {
    let mut pair = Pair::start().await;
    pair.follow().await;
    let poll = NewPoll {
        options: vec!["tea & cake".to_owned(), "<b>rum</b>".to_owned()],
        expires_in: 3600,
        multiple: false,
        hide_totals: false,
    };
    let new = NewStatus {
        poll: Some(poll),
        ..text("what will it be?")
    };
    let id = pair.a.post(&pair.ada.0, new).await;
    pair.settle().await;
    let there = pair.there(id).await.unwrap();
    let poll_there = there.poll_id.unwrap();
    polls::vote(&pair.b.instance, pair.ben.1.id, poll_there, &[1])
        .await
        .unwrap();
    pair.settle().await;
    let here = statuses::find(&pair.a.instance, Some(pair.ada.1.id), id)
        .await
        .unwrap();
    let options = here.poll.unwrap().poll.options;
    let counts: Vec<(&str, i64)> = options
        .iter()
        .map(|option| (option.title.as_str(), option.votes_count))
        .collect();
    assert_eq!(counts, [("tea & cake", 0), ("<b>rum</b>", 1)]);
    let here = statuses::find_raw(&pair.a.instance, id).await.unwrap().unwrap();
    assert_eq!(here.replies_count, 0);
    assert_eq!(notified(&pair.a, &pair.ada.1, NotificationType::Mention).await, 0);
}

#[actix_web::test]
async fn profiles_change_and_accounts_end() {
    let mut pair = Pair::start().await;
    let ada = pair.follow().await;
    let id = pair.a.post(&pair.ada.0, text("my last words")).await;
    pair.settle().await;
    let change = pouet_service::profile::ProfileChange {
        display_name: Some("Ada & the sea".to_owned()),
        ..Default::default()
    };
    pouet_service::profile::update(&pair.a.instance, &pair.ada.0, change)
        .await
        .unwrap();
    pair.settle().await;
    let there = accounts::find(&pair.b.instance, ada.id).await.unwrap();
    assert_eq!(there.display_name, "Ada & the sea");

    let uri = pair.a.status_uri(id).await;
    accounts::delete_local(&pair.a.instance, pair.ada.1.id)
        .await
        .unwrap();
    pair.settle().await;
    let gone = accounts::find_any(&pair.b.instance, ada.id).await.unwrap();
    assert!(gone.is_none_or(|account| account.deleted_at.is_some()));
    assert!(!pair.b.knows(&uri).await);
    let path = format!("/.well-known/webfinger?resource=acct:ada@{}", pair.a.domain);
    assert_eq!(pair.a.get(&path).await.status, 410);
    assert_eq!(
        pair.a.get(&format!("/ap/users/{}", pair.ada.1.id)).await.status,
        410
    );
}

#[actix_web::test]
async fn fed_055_recent_statuses_are_fetched_with_the_first_follow() {
    let mut pair = Pair::start().await;
    let mut ids = Vec::new();
    for n in 0..3 {
        pair.clock.advance(TimeDelta::minutes(1));
        ids.push(pair.a.post(&pair.ada.0, text(&format!("before, {n}"))).await);
    }
    let private = NewStatus {
        visibility: Some(Visibility::Private),
        ..text("for followers")
    };
    let private = pair.a.post(&pair.ada.0, private).await;
    pair.settle().await;
    pair.follow().await;
    for id in ids {
        assert!(pair.there(id).await.is_some());
    }
    assert!(pair.there(private).await.is_none());
}

#[actix_web::test]
async fn fed_014_a_status_is_found_by_its_page() {
    let pair = Pair::start().await;
    let id = pair.a.post(&pair.ada.0, text("found by its page")).await;
    let resolver = pair.b.instance.resolver().unwrap();
    let page = format!("{}/@ada/{id}", pair.a.url);
    let found = resolver.status_by_uri(&page).await.unwrap();
    assert_eq!(found.uri.as_deref(), Some(pair.a.status_uri(id).await.as_str()));
    let found = resolver
        .account_by_uri(&format!("{}/@ada", pair.a.url))
        .await
        .unwrap();
    assert_eq!(found.uri.as_deref(), Some(pair.a.uri(&pair.ada.1).as_str()));
    let private = NewStatus {
        visibility: Some(Visibility::Private),
        ..text("not for you")
    };
    let id = pair.a.post(&pair.ada.0, private).await;
    assert!(
        resolver
            .status_by_uri(&format!("{}/@ada/{id}", pair.a.url))
            .await
            .is_err()
    );
}
