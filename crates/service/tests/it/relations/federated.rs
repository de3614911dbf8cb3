//! Follows, blocks and their answers that arrive from other servers: a test for each line of
//! its checklist.

use chrono::TimeDelta;
use pouet_model::{
    ids::{AccountId, RelationId},
    notification::NotificationType,
    page::Page,
    status::Visibility,
};
use pouet_service::{
    blocks, domain_blocks,
    follows::{self, FollowOptions, Selector},
    jobs::Job,
    policy::{self, NewRule, Severity},
};
use pouet_storage::{accounts as account_rows, follows as rows};

use super::{
    account, assert_counts, home, local, locals, lock, relationship, remote, take_jobs, told, write,
};
use crate::common::{World, on_each_database};

const FIRST: &str = "https://far.example/follows/1";
const SECOND: &str = "https://far.example/follows/2";

async fn stored(
    world: &World,
    follower: AccountId,
    target: AccountId,
) -> Option<pouet_model::account::Follow> {
    world
        .store()
        .read(move |conn| rows::find_follow(conn, follower, target))
        .await
        .unwrap()
}

fn accepted(target: AccountId, follower: AccountId, uri: &str) -> Job {
    Job::SendAccept {
        account_id: target,
        follower_id: follower,
        follow_uri: uri.to_owned(),
    }
}

fn rejected(target: AccountId, follower: AccountId, uri: &str) -> Job {
    Job::SendReject {
        account_id: target,
        follower_id: follower,
        follow_uri: uri.to_owned(),
    }
}

/// `ada` asks to follow `far`; the id of her request.
async fn ask(world: &World, ada: AccountId, far: AccountId) -> RelationId {
    follows::follow(world, ada, far, FollowOptions::default())
        .await
        .unwrap();
    take_jobs(world).await;
    stored(world, ada, far).await.unwrap().id
}

#[tokio::test]
async fn fed_055_follow_of_an_open_account_is_accepted() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "far.example").await;
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        assert!(relationship(&world, bob, far).await.followed_by);
        assert_counts(&world, far, bob, 1).await;
        assert_eq!(take_jobs(&world).await, [accepted(bob, far, FIRST)]);
        assert_eq!(told(&world, bob).await, [(NotificationType::Follow, far)]);
        assert_eq!(
            follows::follower_inboxes(&world, bob).await.unwrap(),
            ["https://far.example/inbox"]
        );
    })
    .await;
}

#[tokio::test]
async fn fed_056_follow_of_a_locked_account_waits_for_its_owner() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        lock(&world, bob).await;
        let far = remote(&world, "far", "far.example").await;
        let near = remote(&world, "near", "near.example").await;
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        follows::receive_follow(&world, near, bob, "https://near.example/f")
            .await
            .unwrap();
        assert_eq!(take_jobs(&world).await, []);
        assert_eq!(
            told(&world, bob).await,
            [
                (NotificationType::FollowRequest, near),
                (NotificationType::FollowRequest, far)
            ]
        );
        assert_eq!(follows::follower_inboxes(&world, bob).await.unwrap(), [""; 0]);

        follows::accept(&world, bob, far).await.unwrap();
        assert_eq!(take_jobs(&world).await, [accepted(bob, far, FIRST)]);
        follows::reject(&world, bob, near).await.unwrap();
        assert_eq!(
            take_jobs(&world).await,
            [rejected(bob, near, "https://near.example/f")]
        );
        assert_eq!(stored(&world, near, bob).await, None);
        assert_counts(&world, far, bob, 1).await;
    })
    .await;
}

#[tokio::test]
async fn fed_057_a_repeated_follow_is_accepted_again_and_keeps_its_newest_id() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "far.example").await;
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        follows::receive_follow(&world, far, bob, SECOND).await.unwrap();
        assert_eq!(
            take_jobs(&world).await,
            [accepted(bob, far, FIRST), accepted(bob, far, SECOND)]
        );
        assert_eq!(
            stored(&world, far, bob).await.unwrap().uri.as_deref(),
            Some(SECOND)
        );
        assert_counts(&world, far, bob, 1).await;
        assert_eq!(told(&world, bob).await.len(), 1);
        follows::remove_follower(&world, bob, far).await.unwrap();
        assert_eq!(take_jobs(&world).await, [rejected(bob, far, SECOND)]);

        // A request that waits only takes the new id.
        lock(&world, bob).await;
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        follows::receive_follow(&world, far, bob, SECOND).await.unwrap();
        assert_eq!(take_jobs(&world).await, []);
        assert_eq!(told(&world, bob).await.len(), 1);
        follows::accept(&world, bob, far).await.unwrap();
        assert_eq!(take_jobs(&world).await, [accepted(bob, far, SECOND)]);
    })
    .await;
}

#[tokio::test]
async fn fed_058_unwelcome_follows_are_rejected_and_not_stored() {
    on_each_database(async |world| {
        let [bob, strict, moved] = locals(&world, ["bob", "strict", "moved"]).await;
        let far = remote(&world, "far", "far.example").await;
        blocks::block(&world, bob, far).await.unwrap();
        domain_blocks::block(&world, strict, "far.example").await.unwrap();
        world
            .store()
            .write(move |tx| account_rows::update_moved_to(tx, moved, Some(bob)))
            .await
            .unwrap();
        for target in [bob, strict, moved] {
            follows::receive_follow(&world, far, target, FIRST).await.unwrap();
            assert_eq!(take_jobs(&world).await, [rejected(target, far, FIRST)]);
            assert_eq!(stored(&world, far, target).await, None);
            assert_eq!(told(&world, target).await, []);
        }
        // Nobody answers for accounts that are not ours or not there.
        let near = remote(&world, "near", "near.example").await;
        for target in [near, AccountId(1)] {
            follows::receive_follow(&world, far, target, FIRST).await.unwrap();
            assert_eq!(take_jobs(&world).await, []);
            assert_eq!(stored(&world, far, target).await, None);
        }
    })
    .await;
}

#[tokio::test]
async fn fed_059_an_accept_names_the_follow_in_three_ways() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        for (number, way) in ["id", "embedded", "unknown"].into_iter().enumerate() {
            let far = remote(&world, "far", &format!("far{number}.example")).await;
            let id = ask(&world, ada, far).await;
            let selector = match way {
                "id" => Selector::Follow(id),
                "embedded" => Selector::Pair { follower: ada },
                _ => Selector::Any,
            };
            let other = remote(&world, "other", &format!("far{number}.example")).await;
            follows::receive_accept(&world, other, selector).await.unwrap();
            assert!(
                relationship(&world, ada, far).await.requested,
                "{way} by another actor"
            );
            follows::receive_accept(&world, far, selector).await.unwrap();
            assert!(relationship(&world, ada, far).await.following, "{way}");
        }
        // Without an id that we know, nobody can say which of two is meant.
        let far = remote(&world, "far", "far.example").await;
        ask(&world, ada, far).await;
        ask(&world, bob, far).await;
        follows::receive_accept(&world, far, Selector::Any).await.unwrap();
        assert!(relationship(&world, ada, far).await.requested);
        assert!(relationship(&world, bob, far).await.requested);
    })
    .await;
}

#[tokio::test]
async fn fed_060_a_reject_ends_requests_and_follows() {
    on_each_database(async |world| {
        let ada = local(&world, "ada").await;
        let far = remote(&world, "far", "far.example").await;
        ask(&world, ada, far).await;
        follows::receive_reject(&world, far, Selector::Any).await.unwrap();
        assert_eq!(stored(&world, ada, far).await, None);

        let id = ask(&world, ada, far).await;
        write(&world, far, Visibility::Public, "seen").await;
        follows::receive_accept(&world, far, Selector::Follow(id))
            .await
            .unwrap();
        assert_eq!(home(&world, ada).await.len(), 1);
        for _ in 0..2 {
            follows::receive_reject(&world, far, Selector::Follow(id))
                .await
                .unwrap();
        }
        assert_eq!(stored(&world, ada, far).await, None);
        assert_counts(&world, ada, far, 0).await;
        assert_eq!(home(&world, ada).await, []);
    })
    .await;
}

#[tokio::test]
async fn fed_061_an_undo_that_comes_before_its_follow_wins() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "far.example").await;
        follows::receive_undo_follow(&world, far, Some(bob), Some(FIRST))
            .await
            .unwrap();
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        assert_eq!(stored(&world, far, bob).await, None);
        assert_eq!(take_jobs(&world).await, []);
        // Another follow is another matter, and so is the same id much later.
        follows::receive_follow(&world, far, bob, SECOND).await.unwrap();
        assert!(stored(&world, far, bob).await.is_some());
        follows::receive_undo_follow(&world, far, None, Some(SECOND))
            .await
            .unwrap();
        assert_eq!(stored(&world, far, bob).await, None);
        assert_counts(&world, far, bob, 0).await;
        world.clock.advance(TimeDelta::hours(7));
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        assert!(stored(&world, far, bob).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn fed_062_an_accept_taken_back_makes_the_follow_requested_again() {
    on_each_database(async |world| {
        let ada = local(&world, "ada").await;
        let far = remote(&world, "far", "far.example").await;
        let id = ask(&world, ada, far).await;
        follows::receive_accept(&world, far, Selector::Follow(id))
            .await
            .unwrap();
        for _ in 0..2 {
            follows::receive_undo_accept(&world, far, Selector::Follow(id))
                .await
                .unwrap();
        }
        assert!(relationship(&world, ada, far).await.requested);
        assert_counts(&world, ada, far, 0).await;
    })
    .await;
}

#[tokio::test]
async fn fed_063_a_follower_removed_here_is_told_there() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let far = remote(&world, "far", "far.example").await;
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        follows::follow(&world, ada, bob, FollowOptions::default())
            .await
            .unwrap();
        take_jobs(&world).await;
        for follower in [far, ada, far, ada] {
            follows::remove_follower(&world, bob, follower).await.unwrap();
        }
        assert_eq!(take_jobs(&world).await, [rejected(bob, far, FIRST)]);
        assert_eq!(account(&world, bob).await.followers_count, 0);
        assert_eq!(account(&world, ada).await.following_count, 0);
    })
    .await;
}

#[tokio::test]
async fn fed_079_a_block_from_afar_ends_the_follows_both_ways() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "far.example").await;
        let id = ask(&world, bob, far).await;
        write(&world, far, Visibility::Public, "seen").await;
        follows::receive_accept(&world, far, Selector::Follow(id))
            .await
            .unwrap();
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        take_jobs(&world).await;
        for _ in 0..2 {
            follows::receive_block(&world, far, bob, Some("https://far.example/blocks/1"))
                .await
                .unwrap();
        }
        let undo = Job::SendUndoFollow {
            follow_id: id,
            account_id: bob,
            target_id: far,
        };
        assert_eq!(take_jobs(&world).await, [undo]);
        assert_counts(&world, bob, far, 0).await;
        assert_counts(&world, far, bob, 0).await;
        assert_eq!(home(&world, bob).await, []);
        assert_eq!(told(&world, bob).await, []);
        follows::receive_undo_block(&world, far, Some(bob), None)
            .await
            .unwrap();
        let relation = relationship(&world, bob, far).await;
        assert!(!relation.following && !relation.followed_by);
    })
    .await;
}

#[tokio::test]
async fn a_block_ends_by_its_id_even_before_it_comes() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "far.example").await;
        let uri = "https://far.example/blocks/1";
        let block = async || follows::receive_block(&world, far, bob, Some(uri)).await.unwrap();
        let undo = async || {
            follows::receive_undo_block(&world, far, None, Some(uri))
                .await
                .unwrap();
        };
        let is_blocked = async || blocks::keeps_out(&world, far, bob).await.unwrap();
        block().await;
        assert!(is_blocked().await);
        undo().await;
        assert!(!is_blocked().await);
        undo().await;
        block().await;
        assert!(!is_blocked().await, "it was taken back before");
    })
    .await;
}

#[tokio::test]
async fn fed_143_follows_by_a_limited_server_need_approval() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "sub.far.example").await;
        let rule = NewRule {
            domain: "far.example".to_owned(),
            severity: Severity::Silence,
            ..NewRule::default()
        };
        policy::set(&world, rule).await.unwrap();
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        assert!(relationship(&world, bob, far).await.requested_by);
        assert_eq!(take_jobs(&world).await, []);
        assert_eq!(
            told(&world, bob).await,
            [],
            "as what else those who are limited do"
        );
    })
    .await;
}

#[tokio::test]
async fn fed_146_a_personal_block_tells_only_that_the_follows_have_ended() {
    on_each_database(async |world| {
        let bob = local(&world, "bob").await;
        let far = remote(&world, "far", "far.example").await;
        let id = ask(&world, bob, far).await;
        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        take_jobs(&world).await;
        blocks::block(&world, bob, far).await.unwrap();
        let undo = Job::SendUndoFollow {
            follow_id: id,
            account_id: bob,
            target_id: far,
        };
        assert_eq!(take_jobs(&world).await, [undo, rejected(bob, far, FIRST)]);
        blocks::unblock(&world, bob, far).await.unwrap();
        assert_eq!(take_jobs(&world).await, []);
    })
    .await;
}

#[tokio::test]
async fn sec_R029_answers_to_follows_of_others_change_nothing() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let far = remote(&world, "far", "far.example").await;
        let eve = remote(&world, "eve", "far.example").await;
        let id = ask(&world, ada, far).await;
        let selectors = [
            Selector::Follow(id),
            Selector::Follow(RelationId(id.0 + 1)),
            Selector::Pair { follower: ada },
            Selector::Pair { follower: bob },
            Selector::Any,
        ];
        let before = stored(&world, ada, far).await;
        for selector in selectors {
            follows::receive_accept(&world, eve, selector).await.unwrap();
            follows::receive_reject(&world, eve, selector).await.unwrap();
            follows::receive_undo_accept(&world, eve, selector).await.unwrap();
            // Not even we ourselves answer for a remote account.
            follows::receive_accept(&world, bob, selector).await.unwrap();
        }
        assert_eq!(stored(&world, ada, far).await, before);
        assert_eq!(
            stored(&world, bob, far).await,
            None,
            "an Accept of a follow never sent"
        );

        follows::receive_follow(&world, far, bob, FIRST).await.unwrap();
        let before = stored(&world, far, bob).await;
        follows::receive_undo_follow(&world, eve, Some(bob), Some(FIRST))
            .await
            .unwrap();
        follows::receive_undo_follow(&world, eve, None, Some(FIRST))
            .await
            .unwrap();
        assert_eq!(stored(&world, far, bob).await, before);
    })
    .await;
}

#[tokio::test]
async fn sec_R029_a_follow_stays_requested_until_its_accept_arrives() {
    on_each_database(async |world| {
        let ada = local(&world, "ada").await;
        let far = remote(&world, "far", "far.example").await;
        write(&world, far, Visibility::Private, "for followers").await;
        ask(&world, ada, far).await;
        world.clock.advance(TimeDelta::days(30));
        assert!(relationship(&world, ada, far).await.requested);
        assert_eq!(home(&world, ada).await, []);
        assert_counts(&world, ada, far, 0).await;
        let following = follows::following(&world, Some(ada), ada, Page::first(40))
            .await
            .unwrap();
        assert_eq!(following, []);
    })
    .await;
}
