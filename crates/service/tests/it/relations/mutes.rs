//! Mutes and notes.

use chrono::TimeDelta;
use pouet_model::{page::Page, status::Visibility};
use pouet_service::{
    Error,
    follows::{self, FollowOptions},
    mutes, notes,
};

use super::{assert_counts, home, is_invalid, is_not_found, locals, relationship, told, write};
use crate::common::on_each_database;

#[tokio::test]
async fn a_mute_hides_without_unfollowing() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let status = write(&world, bob, Visibility::Public, "seen").await;
        follows::follow(&world, ada, bob, FollowOptions::default())
            .await
            .unwrap();
        follows::follow(&world, bob, ada, FollowOptions::default())
            .await
            .unwrap();
        mutes::mute(&world, ada, bob, false, 0).await.unwrap();
        let relation = relationship(&world, ada, bob).await;
        assert!(relation.muting && !relation.muting_notifications && relation.following);
        assert_eq!(relation.muting_expires_at, None);
        assert_eq!(home(&world, ada).await, []);
        assert_eq!(
            told(&world, ada).await.len(),
            1,
            "notifications were not to be muted"
        );
        assert_counts(&world, ada, bob, 1).await;

        mutes::mute(&world, ada, bob, true, 0).await.unwrap();
        assert!(relationship(&world, ada, bob).await.muting_notifications);
        assert_eq!(told(&world, ada).await, []);
        assert_eq!(mutes::list(&world, ada, Page::first(40)).await.unwrap().len(), 1);

        for _ in 0..2 {
            mutes::unmute(&world, ada, bob).await.unwrap();
        }
        assert!(!relationship(&world, ada, bob).await.muting);
        assert_eq!(home(&world, ada).await, [status], "statuses come back");
        assert!(matches!(
            mutes::mute(&world, ada, ada, true, 0).await,
            Err(Error::Forbidden(_))
        ));
        assert!(is_not_found(
            &mutes::mute(&world, ada, pouet_model::ids::AccountId(1), true, 0).await
        ));
    })
    .await;
}

#[tokio::test]
async fn a_mute_ends_at_its_second() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let status = write(&world, bob, Visibility::Public, "seen").await;
        follows::follow(&world, ada, bob, FollowOptions::default())
            .await
            .unwrap();
        mutes::mute(&world, ada, bob, true, 3600).await.unwrap();
        let end = Some(world.now() + TimeDelta::hours(1));
        world.clock.advance(TimeDelta::seconds(3599));
        assert_eq!(relationship(&world, ada, bob).await.muting_expires_at, end);
        assert_eq!(
            mutes::list(&world, ada, Page::first(40)).await.unwrap()[0].item.1,
            end
        );
        assert_eq!(mutes::end_expired(&world).await.unwrap(), 0);
        world.clock.advance(TimeDelta::seconds(1));
        assert!(!relationship(&world, ada, bob).await.muting);
        assert_eq!(mutes::list(&world, ada, Page::first(40)).await.unwrap(), []);
        assert_eq!(mutes::end_expired(&world).await.unwrap(), 1);
        assert_eq!(mutes::end_expired(&world).await.unwrap(), 0);
        assert_eq!(home(&world, ada).await, [status]);
        // A very long one does not overflow.
        mutes::mute(&world, ada, bob, true, i64::MAX).await.unwrap();
        assert!(relationship(&world, ada, bob).await.muting);
    })
    .await;
}

#[tokio::test]
async fn notes_are_private_and_can_be_removed() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        notes::set(&world, ada, bob, "met at the fair").await.unwrap();
        assert_eq!(relationship(&world, ada, bob).await.note, "met at the fair");
        assert_eq!(relationship(&world, bob, ada).await.note, "");
        notes::set(&world, ada, bob, &"n".repeat(2000)).await.unwrap();
        assert!(is_invalid(
            &notes::set(&world, ada, bob, &"n".repeat(2001)).await,
            "comment"
        ));
        notes::set(&world, ada, bob, "").await.unwrap();
        assert_eq!(relationship(&world, ada, bob).await.note, "");
    })
    .await;
}
