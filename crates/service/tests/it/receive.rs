//! What arrives from other servers.

use pouet_model::{
    notification::NotificationType,
    page::Page,
    status::{Mention, Visibility},
};
use pouet_service::{
    Error, accounts,
    follows::{self, FollowOptions},
    notifications::{self, NotificationQuery},
    polls,
    statuses::{self, Arrival, NewPoll, NewStatus, ReceivedReblog, RemoteStatus},
    timelines,
};

use crate::common::{
    World, on_each_database,
    people::{actor, new_status, note, post},
};

const PUSHED: Arrival = Arrival::Pushed { recipient: None };

/// A local user who follows a remote account.
async fn follower_of(world: &World, target: &pouet_model::account::Account) -> pouet_model::account::User {
    let user = world.local("ada").await;
    follows::follow(world, user.account_id, target.id, FollowOptions::default())
        .await
        .unwrap();
    follows::receive_accept(
        world,
        target.id,
        follows::Selector::Pair {
            follower: user.account_id,
        },
    )
    .await
    .unwrap();
    user
}

#[tokio::test]
async fn fed_052_what_concerns_nobody_is_not_kept() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        assert_eq!(
            statuses::receive(&world, note(&world, &bob, 1), PUSHED)
                .await
                .unwrap(),
            None
        );
        let ada = world.local("ada").await;
        let mention = Mention {
            account_id: ada.account_id,
            silent: false,
        };
        let named = RemoteStatus {
            mentions: vec![mention],
            ..note(&world, &bob, 2)
        };
        assert!(statuses::receive(&world, named, PUSHED).await.unwrap().is_some());
        let mine = post(&world, &ada, "mine", Visibility::Public).await;
        let uri = world.urls().local_status(ada.account_id, mine);
        let reply = RemoteStatus {
            in_reply_to_uri: Some(uri),
            ..note(&world, &bob, 3)
        };
        assert!(statuses::receive(&world, reply, PUSHED).await.unwrap().is_some());
        assert_eq!(
            statuses::find(&world, None, mine)
                .await
                .unwrap()
                .status
                .replies_count,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn fed_064_the_same_status_twice_is_one() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let ada = follower_of(&world, &bob).await;
        let mention = || {
            vec![Mention {
                account_id: ada.account_id,
                silent: false,
            }]
        };
        let create = || RemoteStatus {
            mentions: mention(),
            ..note(&world, &bob, 1)
        };
        let first = statuses::receive(&world, create(), PUSHED).await.unwrap();
        let again = statuses::receive(&world, create(), PUSHED).await.unwrap();
        assert!(first.is_some());
        assert_eq!(first, again);
        assert_eq!(
            timelines::home(&world, ada.account_id, Page::first(9))
                .await
                .unwrap()
                .len(),
            1
        );
        let query = NotificationQuery {
            types: Some(vec![NotificationType::Mention]),
            ..NotificationQuery::default()
        };
        let told = notifications::list(&world, ada.account_id, query, Page::first(9))
            .await
            .unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(world.account(bob.id).await.statuses_count, 1);
    })
    .await;
}

#[tokio::test]
async fn fed_065_a_create_after_its_delete_is_ignored() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        follower_of(&world, &bob).await;
        let create = note(&world, &bob, 1);
        statuses::receive_delete(&world, bob.id, &create.uri)
            .await
            .unwrap();
        assert_eq!(statuses::receive(&world, create, PUSHED).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn sec_R026_R027_R028_only_its_author_changes_or_removes_a_status() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let mallory = world.remote("mallory", "evil.example").await;
        follower_of(&world, &bob).await;
        let original = note(&world, &bob, 1);
        let id = statuses::receive(&world, original.clone(), PUSHED)
            .await
            .unwrap()
            .unwrap();
        let stolen = RemoteStatus {
            account_id: mallory.id,
            content: "<p>evil</p>".to_owned(),
            ..original.clone()
        };
        let later = Some(world.now() + chrono::TimeDelta::minutes(1));
        assert!(matches!(
            statuses::receive(&world, stolen.clone(), PUSHED).await,
            Err(Error::Forbidden(_))
        ));
        let update = RemoteStatus {
            updated: later,
            ..stolen
        };
        assert!(matches!(
            statuses::receive_update(&world, update).await,
            Err(Error::Forbidden(_))
        ));
        statuses::receive_delete(&world, mallory.id, &original.uri)
            .await
            .unwrap();
        let view = statuses::find(&world, None, id).await.unwrap();
        assert_eq!(view.status.content, original.content);
        // An update of the author's own does not widen the audience either.
        let widened = RemoteStatus {
            visibility: Visibility::Public,
            updated: later,
            content: "<p>edited</p>".to_owned(),
            ..original.clone()
        };
        statuses::receive_update(&world, widened).await.unwrap();
        let view = statuses::find(&world, None, id).await.unwrap();
        assert_eq!(view.status.content, "<p>edited</p>");
        assert_eq!(view.status.visibility, original.visibility);
        let older = RemoteStatus {
            updated: Some(world.now()),
            content: "<p>old</p>".to_owned(),
            ..original
        };
        statuses::receive_update(&world, older).await.unwrap();
        assert_eq!(
            statuses::find(&world, None, id).await.unwrap().status.content,
            "<p>edited</p>"
        );
    })
    .await;
}

#[tokio::test]
async fn fed_068_an_edit_from_a_clock_ahead_counts_once() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        follower_of(&world, &bob).await;
        let original = note(&world, &bob, 1);
        let id = statuses::receive(&world, original.clone(), PUSHED)
            .await
            .unwrap()
            .unwrap();
        let edit = RemoteStatus {
            content: "<p>edited</p>".to_owned(),
            updated: Some(world.now() + chrono::TimeDelta::days(2)),
            ..original
        };
        for _ in 0..3 {
            world.clock.advance(chrono::TimeDelta::minutes(1));
            statuses::receive_update(&world, edit.clone()).await.unwrap();
        }
        let (_, versions) = statuses::history(&world, None, id).await.unwrap();
        assert_eq!(versions.len(), 2, "the original and one edit");
        let edited_at = versions[1].created_at;
        assert!(edited_at <= world.now(), "{edited_at}");
        // What is said next is heard, whatever the clock there.
        let next = RemoteStatus {
            content: "<p>edited again</p>".to_owned(),
            ..edit
        };
        statuses::receive_update(&world, next).await.unwrap();
        let (_, versions) = statuses::history(&world, None, id).await.unwrap();
        assert_eq!(versions.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn sec_R022_ids_of_our_own_are_never_taken_in() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        for uri in [
            "https://pouet.example/x",
            "https://POUET.example/x",
            "https://pouet.example:443/x",
        ] {
            let forged = RemoteStatus {
                uri: uri.to_owned(),
                ..note(&world, &bob, 1)
            };
            assert!(matches!(
                statuses::receive(&world, forged, Arrival::Fetched).await,
                Err(Error::Forbidden(_))
            ));
            let mut forged = actor("eve", "evil.example");
            forged.uri = uri.to_owned();
            assert!(matches!(
                accounts::receive_actor(&world, forged).await,
                Err(Error::Forbidden(_))
            ));
        }
    })
    .await;
}

#[tokio::test]
async fn fed_030_answers_wait_for_what_they_answer() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let ada = follower_of(&world, &bob).await;
        let parent = note(&world, &bob, 1);
        let reply = RemoteStatus {
            in_reply_to_uri: Some(parent.uri.clone()),
            ..note(&world, &bob, 2)
        };
        let reply = statuses::receive(&world, reply, PUSHED).await.unwrap().unwrap();
        world.clock.advance(chrono::TimeDelta::seconds(1));
        let parent = statuses::receive(&world, parent, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        let view = statuses::find(&world, Some(ada.account_id), reply).await.unwrap();
        assert_eq!(view.status.in_reply_to_id, Some(parent));
        let context = statuses::context(&world, None, parent).await.unwrap();
        assert_eq!(context.descendants[0].status.id, reply);
        assert_eq!(
            statuses::find(&world, None, parent)
                .await
                .unwrap()
                .status
                .replies_count,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn fed_073_074_boosts_of_private_statuses_are_refused_and_others_taken_back_by_id() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let ada = follower_of(&world, &bob).await;
        let private = post(&world, &ada, "private", Visibility::Private).await;
        let public = post(&world, &ada, "public", Visibility::Public).await;
        let boost = |target, number: u32| ReceivedReblog {
            actor: bob.id,
            uri: format!("https://far.example/announces/{number}"),
            target,
            visibility: Visibility::Public,
            published: world.now(),
        };
        statuses::receive_reblog(&world, boost(private, 1)).await.unwrap();
        statuses::receive_reblog(&world, boost(public, 2)).await.unwrap();
        statuses::receive_reblog(&world, boost(public, 3)).await.unwrap();
        let count = async |id| {
            statuses::find(&world, Some(ada.account_id), id)
                .await
                .unwrap()
                .status
                .reblogs_count
        };
        assert_eq!((count(private).await, count(public).await), (0, 1));
        statuses::receive_unreblog(&world, bob.id, Some("https://far.example/announces/2"), None)
            .await
            .unwrap();
        assert_eq!(count(public).await, 0);
        // Undo before Announce.
        statuses::receive_unreblog(&world, bob.id, Some("https://far.example/announces/4"), None)
            .await
            .unwrap();
        statuses::receive_reblog(&world, boost(public, 4)).await.unwrap();
        assert_eq!(count(public).await, 0);
    })
    .await;
}

#[tokio::test]
async fn fed_076_favourites_of_what_cannot_be_seen_are_ignored() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let ada = world.local("ada").await;
        let private = post(&world, &ada, "private", Visibility::Private).await;
        let public = post(&world, &ada, "public", Visibility::Public).await;
        for _ in 0..2 {
            statuses::receive_favourite(&world, bob.id, Some("https://far.example/likes/1"), private)
                .await
                .unwrap();
            statuses::receive_favourite(&world, bob.id, Some("https://far.example/likes/2"), public)
                .await
                .unwrap();
        }
        let count = async |id| {
            statuses::find(&world, Some(ada.account_id), id)
                .await
                .unwrap()
                .status
                .favourites_count
        };
        assert_eq!((count(private).await, count(public).await), (0, 1));
        statuses::receive_unfavourite(&world, bob.id, Some("https://far.example/likes/2"), None)
            .await
            .unwrap();
        assert_eq!(count(public).await, 0);
        statuses::receive_unfavourite(&world, bob.id, Some("https://far.example/likes/3"), None)
            .await
            .unwrap();
        statuses::receive_favourite(&world, bob.id, Some("https://far.example/likes/3"), public)
            .await
            .unwrap();
        assert_eq!(count(public).await, 0, "undone before it came");
    })
    .await;
}

#[tokio::test]
async fn fed_084_votes_count_once_and_never_become_statuses() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let ada = world.local("ada").await;
        let poll = NewPoll {
            options: vec!["tea".to_owned(), "coffee".to_owned()],
            expires_in: 3600,
            multiple: false,
            hide_totals: false,
        };
        let question = NewStatus {
            poll: Some(poll),
            ..new_status("?", Visibility::Public)
        };
        let id = statuses::post(&world, &ada, question).await.unwrap();
        for option in ["tea", "tea", "coffee", "milk"] {
            assert!(
                polls::receive_vote(&world, bob.id, id, option, None)
                    .await
                    .unwrap(),
                "{option}"
            );
        }
        let poll = statuses::find(&world, None, id).await.unwrap().poll.unwrap().poll;
        let votes: Vec<i64> = poll.options.iter().map(|option| option.votes_count).collect();
        assert_eq!((votes, poll.voters_count), (vec![1, 0], Some(1)));
        let plain = post(&world, &ada, "no poll", Visibility::Public).await;
        assert!(
            !polls::receive_vote(&world, bob.id, plain, "tea", None)
                .await
                .unwrap()
        );
        world.clock.advance(chrono::TimeDelta::hours(2));
        let eve = world.remote("eve", "far.example").await;
        assert!(
            polls::receive_vote(&world, eve.id, id, "tea", None)
                .await
                .unwrap()
        );
        let poll = statuses::find(&world, None, id).await.unwrap().poll.unwrap().poll;
        assert_eq!(poll.votes_count(), 1, "votes after the end do not count");
    })
    .await;
}

#[tokio::test]
async fn fed_054_what_comes_to_a_personal_inbox_is_for_its_owner() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let (ada, eve) = (world.local("ada").await, world.local("eve").await);
        let secret = RemoteStatus {
            visibility: Visibility::Direct,
            ..note(&world, &bob, 1)
        };
        let arrival = Arrival::Pushed {
            recipient: Some(ada.account_id),
        };
        let id = statuses::receive(&world, secret, arrival).await.unwrap().unwrap();
        assert!(statuses::find(&world, Some(ada.account_id), id).await.is_ok());
        assert!(matches!(
            statuses::find(&world, Some(eve.account_id), id).await,
            Err(Error::NotFound)
        ));
        let told = notifications::list(
            &world,
            ada.account_id,
            NotificationQuery::default(),
            Page::first(9),
        )
        .await;
        assert!(told.unwrap().is_empty(), "not named, not notified");
    })
    .await;
}

#[tokio::test]
async fn fed_013_a_name_moves_to_the_id_that_proves_it() {
    on_each_database(async |world| {
        let old = world.remote("bob", "far.example").await;
        let mut data = actor("bob", "far.example");
        data.uri = "https://far.example/users/other".to_owned();
        let new = accounts::receive_actor(&world, data).await.unwrap();
        assert_ne!(new.id, old.id);
        let found = accounts::find_by_handle(&world, "bob", Some("far.example"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.id, new.id);
        assert_eq!(
            world.account(old.id).await.domain.as_deref(),
            Some("handle.invalid")
        );
    })
    .await;
}

#[tokio::test]
async fn fed_023_only_the_origin_lifts_its_own_suspension() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        let say = async |suspended| {
            let data = accounts::ActorData {
                suspended,
                ..actor("bob", "far.example")
            };
            accounts::receive_actor(&world, data).await.unwrap().is_active()
        };
        assert!(!say(true).await);
        assert!(say(false).await);
        let now = world.now();
        let id = bob.id;
        world
            .store()
            .write(move |tx| pouet_storage::accounts::update_suspended(tx, id, Some(now)))
            .await
            .unwrap();
        assert!(!say(false).await, "ours stays");
    })
    .await;
}
