//! Blocks of accounts and of domains.

use pouet_model::{notification::NotificationType, page::Page, status::Visibility};
use pouet_service::{
    Error, blocks, domain_blocks,
    follows::{self, FollowOptions, Selector},
    jobs::Job,
    statuses,
};

use super::{
    assert_counts, home, is_invalid, is_not_found, locals, relationship, remote, take_jobs, told, write,
};
use crate::common::on_each_database;

#[tokio::test]
async fn a_block_ends_all_between_two_accounts() {
    on_each_database(async |world| {
        let [ada, eve] = locals(&world, ["ada", "eve"]).await;
        write(&world, eve, Visibility::Public, "seen").await;
        write(&world, ada, Visibility::Public, "seen").await;
        for (one, other) in [(ada, eve), (eve, ada)] {
            follows::follow(&world, one, other, FollowOptions::default())
                .await
                .unwrap();
        }
        for _ in 0..2 {
            blocks::block(&world, ada, eve).await.unwrap();
        }
        assert_counts(&world, ada, eve, 0).await;
        assert_counts(&world, eve, ada, 0).await;
        assert_eq!(home(&world, ada).await, []);
        assert_eq!(home(&world, eve).await, []);
        assert_eq!(told(&world, ada).await, []);
        assert!(relationship(&world, ada, eve).await.blocking);
        let listed = blocks::list(&world, ada, Page::first(40)).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].item.id, eve);

        for _ in 0..2 {
            blocks::unblock(&world, ada, eve).await.unwrap();
        }
        let relation = relationship(&world, ada, eve).await;
        assert!(!relation.blocking && !relation.following && !relation.followed_by);
        assert!(matches!(
            blocks::block(&world, ada, ada).await,
            Err(Error::Forbidden(_))
        ));
        assert!(is_not_found(
            &blocks::block(&world, ada, pouet_model::ids::AccountId(1)).await
        ));
    })
    .await;
}

#[tokio::test]
async fn a_blocked_domain_loses_its_followers_and_followed() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let far = remote(&world, "far", "far.example").await;
        let sub = remote(&world, "sub", "sub.far.example").await;
        for target in [far, sub, bob] {
            follows::follow(&world, ada, target, FollowOptions::default())
                .await
                .unwrap();
            follows::receive_accept(&world, target, Selector::Any)
                .await
                .unwrap();
        }
        follows::receive_follow(&world, far, ada, "https://far.example/f")
            .await
            .unwrap();
        take_jobs(&world).await;
        domain_blocks::block(&world, ada, "FAR.example.").await.unwrap();
        let jobs = take_jobs(&world).await;
        assert_eq!(jobs.len(), 2, "{jobs:?}");
        assert!(matches!(jobs[0], Job::SendUndoFollow { target_id, .. } if target_id == far));
        assert!(matches!(jobs[1], Job::SendReject { follower_id, .. } if follower_id == far));
        let relation = relationship(&world, ada, far).await;
        assert!(relation.domain_blocking && !relation.following && !relation.followed_by);
        assert!(relationship(&world, ada, sub).await.following, "another name");
        assert!(!relationship(&world, ada, sub).await.domain_blocking);
        assert!(relationship(&world, ada, bob).await.following);
        assert_eq!(
            told(&world, ada).await,
            [(NotificationType::SeveredRelationships, ada)]
        );
        let refused = follows::follow(&world, ada, far, FollowOptions::default()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));

        let listed = domain_blocks::list(&world, ada, Page::first(100)).await.unwrap();
        let listed: Vec<_> = listed.into_iter().map(|entry| entry.item).collect();
        assert_eq!(listed, ["far.example"]);
        domain_blocks::unblock(&world, ada, "far.example").await.unwrap();
        assert!(!relationship(&world, ada, far).await.domain_blocking);
        for bad in ["", "far example", "pouet.example", "https://far.example/"] {
            assert!(
                is_invalid(&domain_blocks::block(&world, ada, bad).await, "domain"),
                "{bad:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R043_what_followers_may_see_ends_with_the_follow() {
    on_each_database(async |world| {
        let [bob, soft, hard, left] = locals(&world, ["bob", "soft", "hard", "left"]).await;
        let status = write(&world, bob, Visibility::Private, "for followers").await;
        let sees = async |viewer| statuses::find(&world, Some(viewer), status).await.is_ok();
        for viewer in [soft, hard, left] {
            assert!(!sees(viewer).await, "before following");
            follows::follow(&world, viewer, bob, FollowOptions::default())
                .await
                .unwrap();
            assert!(sees(viewer).await);
        }
        follows::remove_follower(&world, bob, soft).await.unwrap();
        blocks::block(&world, bob, hard).await.unwrap();
        follows::unfollow(&world, left, bob).await.unwrap();
        for viewer in [soft, hard, left] {
            assert!(is_not_found(&statuses::find(&world, Some(viewer), status).await));
        }
    })
    .await;
}
