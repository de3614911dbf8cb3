//! Follows between local accounts, and of remote ones as their followers see them.

use chrono::TimeDelta;
use pouet_model::{notification::NotificationType, page::Page, status::Visibility};
use pouet_service::{
    Error, blocks,
    follows::{self, FollowOptions, Selector},
    jobs::Job,
    lists::{self, ListChange},
};
use pouet_storage::follows as rows;

use super::{
    account, assert_counts, home, is_invalid, is_not_found, local, locals, lock, relationship, remote,
    take_jobs, told, write,
};
use crate::common::{World, on_each_database};

async fn follow(world: &World, actor: pouet_model::ids::AccountId, target: pouet_model::ids::AccountId) {
    follows::follow(world, actor, target, FollowOptions::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_open_local_account_is_followed_at_once_and_once() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let shown = write(&world, bob, Visibility::Private, "for followers").await;
        write(&world, bob, Visibility::Direct, "for nobody").await;
        follow(&world, ada, bob).await;
        follow(&world, ada, bob).await;
        let relation = relationship(&world, ada, bob).await;
        assert!(relation.following && relation.showing_reblogs && !relation.notifying && !relation.requested);
        assert!(relationship(&world, bob, ada).await.followed_by);
        assert_counts(&world, ada, bob, 1).await;
        assert_eq!(home(&world, ada).await, [shown]);
        assert_eq!(told(&world, bob).await, [(NotificationType::Follow, ada)]);
        assert_eq!(take_jobs(&world).await, []);

        follows::unfollow(&world, ada, bob).await.unwrap();
        follows::unfollow(&world, ada, bob).await.unwrap();
        assert!(!relationship(&world, ada, bob).await.following);
        assert_counts(&world, ada, bob, 0).await;
        assert_eq!(home(&world, ada).await, []);
        assert_eq!(told(&world, bob).await, []);
    })
    .await;
}

#[tokio::test]
async fn options_that_are_absent_are_kept() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let options = |reblogs, notify, languages: Option<&[&str]>| FollowOptions {
            reblogs,
            notify,
            languages: languages.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect()),
        };
        let table = [
            (options(None, None, None), (true, false, vec![])),
            (options(Some(false), None, None), (false, false, vec![])),
            (options(None, Some(true), None), (false, true, vec![])),
            (
                options(None, None, Some(&["fr", "en"])),
                (false, true, vec!["fr", "en"]),
            ),
            (options(Some(true), None, None), (true, true, vec!["fr", "en"])),
            (options(None, Some(false), Some(&[])), (true, false, vec![])),
        ];
        for (options, (reblogs, notify, languages)) in table {
            follows::follow(&world, ada, bob, options.clone()).await.unwrap();
            let relation = relationship(&world, ada, bob).await;
            let got = (relation.showing_reblogs, relation.notifying, relation.languages);
            let languages: Vec<String> = languages.into_iter().map(str::to_owned).collect();
            assert_eq!(got, (reblogs, notify, languages), "{options:?}");
        }
        for bad in ["", "f r", "fr;", &"x".repeat(36)] {
            let refused = follows::follow(&world, ada, bob, options(None, None, Some(&[bad]))).await;
            assert!(is_invalid(&refused, "languages"), "{bad:?}");
        }
        assert_counts(&world, ada, bob, 1).await;
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_followed() {
    on_each_database(async |world| {
        let [ada, bob, old] = locals(&world, ["ada", "bob", "old"]).await;
        let nobody = pouet_model::ids::AccountId(1);
        let attempt = |target| follows::follow(&world, ada, target, FollowOptions::default());
        assert!(matches!(attempt(ada).await, Err(Error::Forbidden(_))), "oneself");
        assert!(is_not_found(&attempt(nobody).await), "nobody");
        blocks::block(&world, ada, bob).await.unwrap();
        assert!(
            matches!(attempt(bob).await, Err(Error::Forbidden(_))),
            "whom one blocks"
        );
        world
            .store()
            .write(move |tx| pouet_storage::accounts::update_moved_to(tx, old, Some(bob)))
            .await
            .unwrap();
        assert!(
            matches!(attempt(old).await, Err(Error::Forbidden(_))),
            "who has moved"
        );
        let gone = local(&world, "gone").await;
        let now = world.now();
        world
            .store()
            .write(move |tx| pouet_storage::accounts::mark_account_deleted(tx, gone, now))
            .await
            .unwrap();
        assert!(is_not_found(&attempt(gone).await), "who is deleted");
        assert_eq!(account(&world, ada).await.following_count, 0);
    })
    .await;
}

#[tokio::test]
async fn a_locked_local_account_decides() {
    on_each_database(async |world| {
        let [ada, bob, eve] = locals(&world, ["ada", "bob", "eve"]).await;
        lock(&world, bob).await;
        follow(&world, ada, bob).await;
        follow(&world, eve, bob).await;
        assert!(relationship(&world, ada, bob).await.requested);
        assert!(relationship(&world, bob, ada).await.requested_by);
        assert_counts(&world, ada, bob, 0).await;
        let waiting = follows::requests(&world, bob, Page::first(40)).await.unwrap();
        let waiting: Vec<_> = waiting.iter().map(|entry| entry.item.id).collect();
        assert_eq!(waiting, [eve, ada]);
        assert_eq!(
            told(&world, bob).await,
            [
                (NotificationType::FollowRequest, eve),
                (NotificationType::FollowRequest, ada)
            ]
        );

        follows::accept(&world, bob, ada).await.unwrap();
        follows::reject(&world, bob, eve).await.unwrap();
        assert!(relationship(&world, ada, bob).await.following);
        assert!(!relationship(&world, eve, bob).await.requested);
        assert_counts(&world, ada, bob, 1).await;
        assert_eq!(told(&world, bob).await, [(NotificationType::Follow, ada)]);
        assert!(
            is_not_found(&follows::accept(&world, bob, ada).await),
            "accepted already"
        );
        assert!(
            is_not_found(&follows::reject(&world, bob, eve).await),
            "rejected already"
        );
        assert_counts(&world, ada, bob, 1).await;

        follow(&world, eve, bob).await;
        follows::unfollow(&world, eve, bob).await.unwrap();
        assert!(
            is_not_found(&follows::accept(&world, bob, eve).await),
            "taken back"
        );
        assert_eq!(told(&world, bob).await, [(NotificationType::Follow, ada)]);
    })
    .await;
}

#[tokio::test]
async fn an_unfollowed_account_leaves_the_lists() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        follow(&world, ada, bob).await;
        let change = ListChange {
            title: Some("Friends".to_owned()),
            ..ListChange::default()
        };
        let list = lists::create(&world, ada, change).await.unwrap();
        lists::add_accounts(&world, ada, list.id, &[bob]).await.unwrap();
        follows::unfollow(&world, ada, bob).await.unwrap();
        assert_eq!(lists::accounts(&world, ada, list.id, None).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_remote_account_is_asked_and_unfollowed() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let far = remote(&world, "far", "far.example").await;
        follow(&world, ada, far).await;
        let relation = relationship(&world, ada, far).await;
        assert!(relation.requested && !relation.following);
        let row = world
            .store()
            .read(move |conn| rows::find_follow(conn, ada, far))
            .await
            .unwrap()
            .unwrap();
        let send = Job::SendFollow {
            follow_id: row.id,
            account_id: ada,
            target_id: far,
        };
        assert_eq!(take_jobs(&world).await, std::slice::from_ref(&send));

        follow(&world, ada, far).await;
        assert_eq!(take_jobs(&world).await, [], "asked again too soon");
        world.clock.advance(TimeDelta::days(8));
        follow(&world, ada, far).await;
        assert_eq!(take_jobs(&world).await, [send], "asked again with the same id");

        let shown = write(&world, far, Visibility::Public, "from afar").await;
        for _ in 0..2 {
            follows::receive_accept(&world, far, Selector::Follow(row.id))
                .await
                .unwrap();
        }
        assert!(relationship(&world, ada, far).await.following);
        assert_counts(&world, ada, far, 1).await;
        assert_eq!(home(&world, ada).await, [shown]);
        let fetches = [
            Job::RefreshAccount { account_id: far },
            Job::FetchRecent { account_id: far },
        ];
        assert_eq!(take_jobs(&world).await, fetches, "by the first follower");

        follow(&world, bob, far).await;
        take_jobs(&world).await;
        follows::receive_accept(&world, far, Selector::Pair { follower: bob })
            .await
            .unwrap();
        assert_eq!(take_jobs(&world).await, [], "the second follower finds all there");

        follows::unfollow(&world, ada, far).await.unwrap();
        let undo = Job::SendUndoFollow {
            follow_id: row.id,
            account_id: ada,
            target_id: far,
        };
        assert_eq!(take_jobs(&world).await, [undo]);
        assert_eq!(account(&world, far).await.followers_count, 1);
        assert_eq!(home(&world, ada).await, []);
    })
    .await;
}

#[tokio::test]
async fn sec_R044_a_follow_of_somebody_who_blocks_looks_like_one_that_waits() {
    on_each_database(async |world| {
        let [eve, blocker, locked] = locals(&world, ["eve", "blocker", "locked"]).await;
        lock(&world, locked).await;
        blocks::block(&world, blocker, eve).await.unwrap();
        follow(&world, eve, blocker).await;
        follow(&world, eve, locked).await;
        let seen_of = async |target| {
            let mut relation = relationship(&world, eve, target).await;
            relation.id = None;
            relation
        };
        assert_eq!(seen_of(blocker).await, seen_of(locked).await);
        assert!(!seen_of(blocker).await.blocked_by);

        // The blocker hears nothing of it and cannot accept by accident.
        assert_eq!(told(&world, blocker).await, []);
        assert_eq!(
            follows::requests(&world, blocker, Page::first(40)).await.unwrap(),
            []
        );
        assert!(!relationship(&world, blocker, eve).await.requested_by);
        assert!(is_not_found(&follows::accept(&world, blocker, eve).await));
        assert!(is_not_found(&follows::reject(&world, blocker, eve).await));
        assert_counts(&world, eve, blocker, 0).await;

        // Once unblocked, asking again is answered as for anybody.
        blocks::unblock(&world, blocker, eve).await.unwrap();
        follow(&world, eve, blocker).await;
        assert!(relationship(&world, eve, blocker).await.following);
        assert_counts(&world, eve, blocker, 1).await;
    })
    .await;
}

#[tokio::test]
async fn accounts_that_follow_each_other_at_once_both_count() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        for _ in 0..5 {
            let (one, other) = tokio::join!(
                follows::follow(&world, ada, bob, FollowOptions::default()),
                follows::follow(&world, bob, ada, FollowOptions::default()),
            );
            one.and(other).unwrap();
            assert_counts(&world, ada, bob, 1).await;
            assert_counts(&world, bob, ada, 1).await;
            let (one, other) = tokio::join!(
                follows::unfollow(&world, ada, bob),
                follows::unfollow(&world, bob, ada),
            );
            one.and(other).unwrap();
            assert_counts(&world, ada, bob, 0).await;
        }
    })
    .await;
}
