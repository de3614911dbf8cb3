//! What is held back, who may write privately, and what conversations show.

use chrono::TimeDelta;
use pouet_model::{
    account::User,
    ids::{AccountId, StatusId},
    notification::{NotificationType, SeveranceKind},
    notification_policy::{Correspondents, Treatment},
    page::Page,
    status::{Mention, Visibility},
};
use pouet_service::{
    Error, blocks, conversations, domain_blocks,
    events::Event,
    follows::{self, FollowOptions},
    notifications::{
        self, NotificationQuery, NotificationView,
        policy::{self, PolicyChange},
        requests,
    },
    profile::{self, ProfileChange},
    statuses::{self, Arrival, RemoteStatus, StatusChange, scheduled},
    timelines,
};

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post, run_jobs},
};

async fn listed(world: &World, owner: &User, query: NotificationQuery) -> Vec<NotificationView> {
    notifications::list(world, owner.account_id, query, Page::first(40))
        .await
        .unwrap()
}

async fn kinds(world: &World, owner: &User) -> Vec<NotificationType> {
    let views = listed(world, owner, NotificationQuery::default()).await;
    views.into_iter().map(|view| view.notification.kind).collect()
}

async fn waiting(world: &World, owner: &User) -> Vec<requests::RequestView> {
    requests::list(world, owner.account_id, Page::first(40))
        .await
        .unwrap()
}

async fn change(world: &World, owner: &User, change: PolicyChange) {
    policy::change(world, owner.account_id, change).await.unwrap();
}

async fn follow(world: &World, follower: &User, target: AccountId) {
    follows::follow(world, follower.account_id, target, FollowOptions::default())
        .await
        .unwrap();
}

/// Newest statuses of the conversations of somebody, and whether they are unread.
async fn letters(world: &World, owner: &User) -> Vec<(Option<StatusId>, bool)> {
    let found = conversations::list(world, owner.account_id, Page::first(40))
        .await
        .unwrap();
    found
        .into_iter()
        .map(|keyed| {
            (
                keyed.item.last_status.map(|view| view.status.id),
                keyed.item.unread,
            )
        })
        .collect()
}

fn filtered_strangers() -> PolicyChange {
    PolicyChange {
        for_not_following: Some(Treatment::Filter),
        ..PolicyChange::default()
    }
}

#[tokio::test]
async fn what_strangers_do_is_held_back_until_they_are_let_through() {
    on_each_database(async |world| {
        let (ada, bob, eve) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("eve").await,
        );
        change(&world, &ada, filtered_strangers()).await;
        follow(&world, &ada, eve.account_id).await;
        let own = post(&world, &ada, "mine", Visibility::Public).await;
        post(&world, &eve, "@ada hello from a friend", Visibility::Public).await;
        let first = post(&world, &bob, "@ada hello", Visibility::Public).await;
        let second = post(&world, &bob, "@ada hello again", Visibility::Public).await;
        statuses::favourite(&world, bob.account_id, own).await.unwrap();
        follow(&world, &bob, ada.account_id).await;

        assert_eq!(
            kinds(&world, &ada).await,
            [NotificationType::Mention],
            "the friend's"
        );
        let all = NotificationQuery {
            include_filtered: true,
            ..NotificationQuery::default()
        };
        let all = listed(&world, &ada, all).await;
        assert_eq!(all.len(), 5);
        assert_eq!(all.iter().filter(|view| view.notification.filtered).count(), 4);
        let of_bob = NotificationQuery {
            account_id: Some(bob.account_id),
            ..NotificationQuery::default()
        };
        assert_eq!(
            listed(&world, &ada, of_bob).await.len(),
            4,
            "asked for by account"
        );
        let groups = notifications::grouped(
            &world,
            ada.account_id,
            NotificationQuery::default(),
            None,
            Page::first(40),
        );
        assert_eq!(groups.await.unwrap().groups.len(), 1);

        let found = waiting(&world, &ada).await;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].from.id, found[0].count),
            (bob.account_id, 2),
            "messages are counted"
        );
        assert_eq!(found[0].last_status.as_ref().unwrap().status.id, second);
        let summary = policy::find(&world, ada.account_id).await.unwrap();
        assert_eq!((summary.pending_requests, summary.pending_notifications), (1, 2));
        let foreign = requests::accept(&world, bob.account_id, found[0].id).await;
        assert!(matches!(foreign, Err(Error::NotFound)));

        let mut events = world.instance.hub.subscribe();
        requests::accept(&world, ada.account_id, found[0].id)
            .await
            .unwrap();
        assert!(!requests::is_merged(&world, ada.account_id).await.unwrap());
        assert!(waiting(&world, &ada).await.is_empty());
        run_jobs(&world).await;
        assert!(requests::is_merged(&world, ada.account_id).await.unwrap());
        assert_eq!(kinds(&world, &ada).await.len(), 5);
        loop {
            if let Event::NotificationsMerged { account_id } = *events.recv().await.unwrap() {
                assert_eq!(account_id, ada.account_id);
                break;
            }
        }
        // From now on, nothing of theirs is held back.
        let third = post(&world, &bob, "@ada and again", Visibility::Public).await;
        let newest = listed(&world, &ada, NotificationQuery::default()).await;
        assert_eq!(newest[0].status.as_ref().unwrap().status.id, third);
        assert_ne!(first, second);
        // A block takes that back.
        blocks::block(&world, ada.account_id, bob.account_id)
            .await
            .unwrap();
        blocks::unblock(&world, ada.account_id, bob.account_id)
            .await
            .unwrap();
        post(&world, &bob, "@ada forgive me", Visibility::Public).await;
        assert_eq!(waiting(&world, &ada).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_dismissed_request_is_gone_with_what_it_held_and_comes_back_with_the_next_message() {
    on_each_database(async |world| {
        let (ada, bob, eve) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("eve").await,
        );
        change(&world, &ada, filtered_strangers()).await;
        post(&world, &bob, "@ada hello", Visibility::Public).await;
        let deleted = post(&world, &eve, "@ada hello", Visibility::Public).await;
        let found = waiting(&world, &ada).await;
        assert_eq!(found.len(), 2);
        // What is deleted needs no answer.
        statuses::delete(&world, eve.account_id, deleted, true)
            .await
            .unwrap();
        let found = waiting(&world, &ada).await;
        assert_eq!(found.len(), 1);
        let newer = post(&world, &bob, "@ada hello?", Visibility::Public).await;
        let newest = async || {
            let found = waiting(&world, &ada).await.remove(0);
            found.last_status.map(|view| view.status.text)
        };
        assert_eq!(newest().await.as_deref(), Some("@ada hello?"));
        statuses::delete(&world, bob.account_id, newer, true)
            .await
            .unwrap();
        assert_eq!(
            newest().await.as_deref(),
            Some("@ada hello"),
            "what is left of it"
        );
        requests::dismiss(&world, ada.account_id, found[0].id)
            .await
            .unwrap();
        let again = requests::dismiss(&world, ada.account_id, found[0].id).await;
        assert!(matches!(again, Err(Error::NotFound)));
        let all = NotificationQuery {
            include_filtered: true,
            ..NotificationQuery::default()
        };
        assert!(listed(&world, &ada, all).await.is_empty());
        post(&world, &bob, "@ada hello?", Visibility::Public).await;
        let found = waiting(&world, &ada).await;
        assert_eq!((found.len(), found[0].count), (1, 1));
        let ids = vec![found[0].id, pouet_model::ids::RelationId(1)];
        assert_eq!(
            requests::dismiss_all(&world, ada.account_id, ids).await.unwrap(),
            1
        );
        assert!(waiting(&world, &ada).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn each_rule_of_a_policy_holds_back_or_drops() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let all = NotificationQuery {
            include_filtered: true,
            ..NotificationQuery::default()
        };
        let received = async |text: &str| {
            let before = listed(&world, &ada, all.clone()).await.len();
            post(&world, &bob, &format!("@ada {text}"), Visibility::Public).await;
            let after = listed(&world, &ada, all.clone()).await;
            (after.len() > before).then(|| after[0].notification.filtered)
        };
        let of = |treatment| PolicyChange {
            for_not_following: Some(Treatment::Accept),
            for_not_followers: Some(Treatment::Accept),
            for_new_accounts: Some(treatment),
            ..PolicyChange::default()
        };
        assert_eq!(received("by default").await, Some(false));
        change(&world, &ada, of(Treatment::Filter)).await;
        assert_eq!(received("of a new account").await, Some(true));
        change(&world, &ada, of(Treatment::Drop)).await;
        assert_eq!(received("dropped").await, None);
        world.clock.advance(TimeDelta::days(31));
        assert_eq!(received("of an old account").await, Some(false));
        let followers = PolicyChange {
            for_not_followers: Some(Treatment::Filter),
            ..PolicyChange::default()
        };
        change(&world, &ada, followers).await;
        follow(&world, &bob, ada.account_id).await;
        assert_eq!(received("of a follower since today").await, Some(true));
        world.clock.advance(TimeDelta::days(4));
        assert_eq!(received("of a follower").await, Some(false));
        let bots = PolicyChange {
            for_bots: Some(Treatment::Filter),
            ..PolicyChange::default()
        };
        change(&world, &ada, bots).await;
        let is_bot = ProfileChange {
            bot: Some(true),
            ..ProfileChange::default()
        };
        profile::update(&world, &bob, is_bot).await.unwrap();
        assert_eq!(received("of a robot").await, Some(true));
        follow(&world, &ada, bob.account_id).await;
        assert_eq!(received("of a robot that is followed").await, Some(false));
    })
    .await;
}

#[tokio::test]
async fn what_limited_strangers_do_waits_and_a_wish_to_follow_can_be_granted_all_the_same() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let statement = format!(
            "UPDATE accounts SET silenced_at = 1 WHERE id = {}",
            bob.account_id
        );
        world.execute(&statement).await;
        post(&world, &bob, "@ada hello", Visibility::Public).await;
        assert!(kinds(&world, &ada).await.is_empty());
        assert_eq!(waiting(&world, &ada).await.len(), 1);
        let locked = ProfileChange {
            locked: Some(true),
            ..ProfileChange::default()
        };
        profile::update(&world, &ada, locked).await.unwrap();
        follow(&world, &bob, ada.account_id).await;
        assert!(kinds(&world, &ada).await.is_empty());
        let wishes = follows::requests(&world, ada.account_id, Page::first(9))
            .await
            .unwrap();
        assert_eq!(wishes[0].item.id, bob.account_id);
        let of_bob = waiting(&world, &ada).await[0].id;
        requests::accept(&world, ada.account_id, of_bob).await.unwrap();
        run_jobs(&world).await;
        assert!(
            kinds(&world, &ada)
                .await
                .contains(&NotificationType::FollowRequest)
        );
    })
    .await;
}

#[tokio::test]
async fn private_messages_of_strangers_wait_outside_conversations() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let first = post(&world, &bob, "@ada psst", Visibility::Direct).await;
        let second = post(&world, &bob, "@ada psst!", Visibility::Direct).await;
        assert!(kinds(&world, &ada).await.is_empty());
        assert!(
            letters(&world, &ada).await.is_empty(),
            "not in conversations either"
        );
        assert_eq!(letters(&world, &bob).await.len(), 2);
        let found = waiting(&world, &ada).await;
        assert_eq!(found[0].last_status.as_ref().unwrap().status.id, second);
        requests::accept(&world, ada.account_id, found[0].id)
            .await
            .unwrap();
        run_jobs(&world).await;
        assert_eq!(
            letters(&world, &ada).await,
            [(Some(second), true), (Some(first), true)]
        );
        assert_eq!(kinds(&world, &ada).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_answer_to_ones_own_private_message_is_let_through() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let nobody = PolicyChange {
            direct_messages: Some(Correspondents::Nobody),
            ..PolicyChange::default()
        };
        change(&world, &ada, nobody).await;
        let asked = post(&world, &ada, "@bob what do you think?", Visibility::Direct).await;
        let mut answer = new_status("@ada well", Visibility::Direct);
        answer.in_reply_to_id = Some(asked);
        let answered = statuses::post(&world, &bob, answer).await.unwrap();
        assert_eq!(kinds(&world, &ada).await, [NotificationType::Mention]);
        assert_eq!(letters(&world, &ada).await, [(Some(answered), true)]);
        // In another conversation it is none.
        let refused = statuses::post(&world, &bob, new_status("@ada more", Visibility::Direct)).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn whoever_may_not_write_is_told_before_anything_is_stored() {
    on_each_database(async |world| {
        let (ada, bob, eve) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("eve").await,
        );
        let followers = PolicyChange {
            direct_messages: Some(Correspondents::Followers),
            for_private_mentions: Some(Treatment::Drop),
            ..PolicyChange::default()
        };
        change(&world, &ada, followers).await;
        let refusal = async |new| match statuses::post(&world, &bob, new).await {
            Err(Error::Invalid { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        let letter = || new_status("@ada psst", Visibility::Direct);
        assert_eq!(
            refusal(letter()).await,
            "@ada accepts private messages only from their followers"
        );
        let with_others = new_status("@eve and @ada psst", Visibility::Direct);
        assert!(refusal(with_others).await.starts_with("@ada accepts"));
        let later = scheduled::schedule(&world, &bob, letter(), world.now() + TimeDelta::hours(1)).await;
        assert!(matches!(later, Err(Error::Invalid { .. })), "{later:?}");
        assert!(letters(&world, &bob).await.is_empty());
        assert_eq!(world.account(bob.account_id).await.statuses_count, 0);
        assert!(kinds(&world, &eve).await.is_empty());
        // Naming somebody later is no way around it.
        let note = post(&world, &bob, "to myself", Visibility::Direct).await;
        let edit = StatusChange {
            text: "@ada psst".to_owned(),
            ..StatusChange::default()
        };
        let edited = statuses::edit(&world, bob.account_id, note, edit).await;
        assert!(matches!(edited, Err(Error::Invalid { .. })), "{edited:?}");
        // In public they may be named, and followers may write.
        post(&world, &bob, "@ada good morning", Visibility::Public).await;
        follow(&world, &bob, ada.account_id).await;
        let sent = statuses::post(&world, &bob, letter()).await.unwrap();
        assert_eq!(letters(&world, &ada).await, [(Some(sent), true)]);
    })
    .await;
}

fn letter_to(
    world: &World,
    author: &pouet_model::account::Account,
    to: &[AccountId],
    number: u32,
) -> RemoteStatus {
    let mut letter = note(world, author, number);
    letter.visibility = Visibility::Direct;
    letter.mentions = to
        .iter()
        .map(|account_id| Mention {
            account_id: *account_id,
            silent: false,
        })
        .collect();
    letter
}

#[tokio::test]
async fn private_messages_from_elsewhere_wait_or_are_dropped_as_the_recipient_says() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let eve = world.remote("eve", "far.example").await;
        let pushed = Arrival::Pushed { recipient: None };
        let receive = async |to: &[AccountId], number| {
            statuses::receive(&world, letter_to(&world, &eve, to, number), pushed)
                .await
                .unwrap()
        };
        assert!(receive(&[ada.account_id], 1).await.is_some());
        assert_eq!(waiting(&world, &ada).await.len(), 1);
        assert!(letters(&world, &ada).await.is_empty());
        let nobody = PolicyChange {
            direct_messages: Some(Correspondents::Nobody),
            ..PolicyChange::default()
        };
        change(&world, &ben, nobody).await;
        assert_eq!(receive(&[ben.account_id], 2).await, None, "it is not even kept");
        // Where somebody else may have it, it is kept for them.
        assert!(receive(&[ada.account_id, ben.account_id], 3).await.is_some());
        assert!(waiting(&world, &ben).await.is_empty());
        assert!(letters(&world, &ben).await.is_empty());
        let all = NotificationQuery {
            include_filtered: true,
            ..NotificationQuery::default()
        };
        assert!(listed(&world, &ben, all).await.is_empty());
        assert_eq!(waiting(&world, &ada).await[0].count, 2);
    })
    .await;
}

#[tokio::test]
async fn a_conversation_falls_back_to_what_is_left_of_it() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        follow(&world, &ada, bob.account_id).await;
        follow(&world, &bob, ada.account_id).await;
        let first = post(&world, &ada, "@bob hello", Visibility::Direct).await;
        let mut answer = new_status("@ada hello yourself", Visibility::Direct);
        answer.in_reply_to_id = Some(first);
        let second = statuses::post(&world, &bob, answer).await.unwrap();
        assert_eq!(letters(&world, &ada).await, [(Some(second), true)]);
        let id = conversations::list(&world, ada.account_id, Page::first(1))
            .await
            .unwrap()[0]
            .item
            .id;
        let mut events = world.instance.hub.subscribe();
        conversations::set_unread(&world, ada.account_id, id, false)
            .await
            .unwrap();
        loop {
            if let Event::ConversationChanged { account_id, .. } = *events.recv().await.unwrap() {
                assert_eq!(account_id, ada.account_id, "other devices learn that it was read");
                break;
            }
        }
        assert_eq!(letters(&world, &ada).await, [(Some(second), false)]);
        let foreign = conversations::set_unread(&world, bob.account_id, id, false).await;
        assert!(matches!(foreign, Err(Error::NotFound)));

        statuses::delete(&world, bob.account_id, second, true)
            .await
            .unwrap();
        assert_eq!(letters(&world, &ada).await, [(Some(first), false)]);
        assert_eq!(letters(&world, &bob).await, [(Some(first), false)]);
        statuses::delete(&world, ada.account_id, first, true)
            .await
            .unwrap();
        assert!(letters(&world, &ada).await.is_empty());
        assert!(letters(&world, &bob).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn whom_one_blocks_or_silences_opens_no_conversation() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        follow(&world, &ada, bob.account_id).await;
        let first = post(&world, &bob, "@ada hello", Visibility::Direct).await;
        statuses::mute_conversation(&world, ada.account_id, first)
            .await
            .unwrap();
        let id = conversations::list(&world, ada.account_id, Page::first(1))
            .await
            .unwrap()[0]
            .item
            .id;
        conversations::set_unread(&world, ada.account_id, id, false)
            .await
            .unwrap();
        let mut more = new_status("@ada are you there?", Visibility::Direct);
        more.in_reply_to_id = Some(first);
        let second = statuses::post(&world, &bob, more).await.unwrap();
        assert_eq!(letters(&world, &ada).await, [(Some(second), false)], "silenced");
        blocks::block(&world, ada.account_id, bob.account_id)
            .await
            .unwrap();
        post(&world, &bob, "@ada another", Visibility::Direct).await;
        assert_eq!(letters(&world, &ada).await.len(), 1, "blocked");
    })
    .await;
}

#[tokio::test]
async fn blocking_a_domain_tells_what_was_lost() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (eve, mallory, zoe) = (
            world.remote("eve", "far.example").await,
            world.remote("mallory", "far.example").await,
            world.remote("zoe", "near.example").await,
        );
        for (other, uri) in [
            (&eve, "https://far.example/1"),
            (&mallory, "https://far.example/2"),
        ] {
            follows::receive_follow(&world, other.id, ada.account_id, uri)
                .await
                .unwrap();
        }
        follow(&world, &ada, eve.id).await;
        follow(&world, &ada, zoe.id).await;
        let by_pair = follows::Selector::Pair {
            follower: ada.account_id,
        };
        follows::receive_accept(&world, eve.id, by_pair).await.unwrap();
        let before = kinds(&world, &ada).await.len();
        assert_eq!(before, 2, "new followers");
        domain_blocks::block(&world, ada.account_id, "far.example")
            .await
            .unwrap();
        let severed = listed(&world, &ada, NotificationQuery::default()).await;
        assert_eq!(
            severed[0].notification.kind,
            NotificationType::SeveredRelationships
        );
        assert_eq!(severed[0].from.id, ada.account_id);
        let event = severed[0].severance.as_ref().unwrap();
        assert_eq!(event.kind, SeveranceKind::UserDomainBlock);
        assert_eq!(event.target_name, "far.example");
        assert_eq!((event.followers_count, event.following_count), (2, 1));
        let groups = notifications::grouped(
            &world,
            ada.account_id,
            NotificationQuery::default(),
            None,
            Page::first(40),
        );
        assert_eq!(groups.await.unwrap().groups[0].severance.as_ref(), Some(event));
        // Where nothing was lost, nothing is told.
        domain_blocks::block(&world, ada.account_id, "near.example")
            .await
            .unwrap();
        let found = kinds(&world, &ada).await;
        let told = found
            .iter()
            .filter(|kind| **kind == NotificationType::SeveredRelationships);
        assert_eq!(told.count(), 1, "a request is no follow");
    })
    .await;
}

#[tokio::test]
async fn what_is_held_back_enters_no_timeline_and_clearing_notifications_keeps_it() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let eve = world.remote("eve", "far.example").await;
        let followers = PolicyChange {
            direct_messages: Some(Correspondents::Followers),
            ..PolicyChange::default()
        };
        change(&world, &ada, followers).await;
        let options = FollowOptions {
            notify: Some(true),
            ..FollowOptions::default()
        };
        follows::follow(&world, ada.account_id, eve.id, options)
            .await
            .unwrap();
        let by_pair = follows::Selector::Pair {
            follower: ada.account_id,
        };
        follows::receive_accept(&world, eve.id, by_pair).await.unwrap();
        let to = [ada.account_id];
        let mut limited = letter_to(&world, &eve, &to, 1);
        limited.visibility = Visibility::Limited;
        limited.mentions[0].silent = true;
        let mut old = letter_to(&world, &eve, &to, 2);
        old.published = world.now() - TimeDelta::days(3);
        for letter in [letter_to(&world, &eve, &to, 3), limited, old] {
            let pushed = Arrival::Pushed { recipient: None };
            assert!(statuses::receive(&world, letter, pushed).await.unwrap().is_some());
        }
        let home = timelines::home(&world, ada.account_id, Page::first(9))
            .await
            .unwrap();
        assert!(home.is_empty(), "{home:?}");
        assert!(kinds(&world, &ada).await.is_empty());
        assert!(letters(&world, &ada).await.is_empty());
        notifications::clear(&world, ada.account_id).await.unwrap();
        let found = waiting(&world, &ada).await;
        assert_eq!(found[0].count, 3, "late and silent ones wait like others");
        requests::accept(&world, ada.account_id, found[0].id)
            .await
            .unwrap();
        run_jobs(&world).await;
        assert_eq!(kinds(&world, &ada).await.len(), 3);
        assert_eq!(letters(&world, &ada).await.len(), 2, "the limited one opens none");
    })
    .await;
}

#[tokio::test]
async fn what_was_let_through_joins_in_parts() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let eve = world.remote("eve", "far.example").await;
        let pushed = Arrival::Pushed { recipient: None };
        for number in 0..130 {
            let letter = letter_to(&world, &eve, &[ada.account_id], number);
            statuses::receive(&world, letter, pushed).await.unwrap();
        }
        let found = waiting(&world, &ada).await;
        requests::accept(&world, ada.account_id, found[0].id)
            .await
            .unwrap();
        assert!(!requests::is_merged(&world, ada.account_id).await.unwrap());
        run_jobs(&world).await;
        assert!(requests::is_merged(&world, ada.account_id).await.unwrap());
        assert_eq!(letters(&world, &ada).await.len(), 40, "a page of them");
        let all = NotificationQuery::default();
        let unread = notifications::unread_count(&world, ada.account_id, all, 1000).await;
        assert_eq!(unread.unwrap(), 130);
    })
    .await;
}

#[tokio::test]
async fn blocking_a_domain_forgets_what_waited_and_whom_one_let_through() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (eve, mallory) = (
            world.remote("eve", "far.example").await,
            world.remote("mallory", "far.example").await,
        );
        let pushed = Arrival::Pushed { recipient: None };
        let receive = async |from, number| {
            let letter = letter_to(&world, from, &[ada.account_id], number);
            statuses::receive(&world, letter, pushed).await.unwrap();
        };
        receive(&eve, 1).await;
        let let_through = waiting(&world, &ada).await[0].id;
        requests::accept(&world, ada.account_id, let_through)
            .await
            .unwrap();
        run_jobs(&world).await;
        receive(&mallory, 2).await;
        domain_blocks::block(&world, ada.account_id, "far.example")
            .await
            .unwrap();
        domain_blocks::unblock(&world, ada.account_id, "far.example")
            .await
            .unwrap();
        assert!(waiting(&world, &ada).await.is_empty());
        assert!(kinds(&world, &ada).await.is_empty());
        receive(&eve, 3).await;
        assert_eq!(waiting(&world, &ada).await.len(), 1, "she is a stranger again");
    })
    .await;
}
