//! Browser sessions.

use chrono::TimeDelta;
use pouet_service::sessions;

use crate::common::on_each_database;

#[tokio::test]
async fn sec_R075_each_sign_in_begins_a_session_of_its_own() {
    on_each_database(async |world| {
        let (ada, account) = world.user("ada").await;
        let one = sessions::create(&world, ada.id).await.unwrap();
        let two = sessions::create(&world, ada.id).await.unwrap();
        assert!(one.token != two.token && one.csrf != two.csrf);
        let found = sessions::find(&world, &one.token)
            .await
            .unwrap()
            .expect("signed in");
        assert_eq!(
            (found.user, found.account.id, found.csrf),
            (ada, account.id, one.csrf)
        );
        sessions::delete(&world, &one.token).await.unwrap();
        sessions::delete(&world, &one.token)
            .await
            .expect("signing out twice is fine");
        assert!(sessions::find(&world, &one.token).await.unwrap().is_none());
        assert!(sessions::find(&world, &two.token).await.unwrap().is_some());
        for nonsense in ["", "nonsense", "%"] {
            assert!(sessions::find(&world, nonsense).await.unwrap().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R075_idle_sessions_are_over() {
    on_each_database(async |world| {
        let (ada, _) = world.user("ada").await;
        let used = sessions::create(&world, ada.id).await.unwrap();
        let idle = sessions::create(&world, ada.id).await.unwrap();
        world.clock.advance(TimeDelta::days(13));
        assert!(sessions::find(&world, &used.token).await.unwrap().is_some());
        world.clock.advance(TimeDelta::days(2));
        assert!(
            sessions::find(&world, &used.token).await.unwrap().is_some(),
            "seen two days ago"
        );
        assert!(sessions::find(&world, &idle.token).await.unwrap().is_none());
        sessions::prune(&world).await.unwrap();
        assert!(sessions::find(&world, &used.token).await.unwrap().is_some());
    })
    .await;
}
