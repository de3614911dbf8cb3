//! Followers synchronisation of accounts with many followers.

use pouet_service::{
    Error,
    follows::{self, FollowOptions, Selector, sync},
};

use super::{locals, relationship, remote};
use crate::common::on_each_database;

#[tokio::test]
async fn fed_100_accounts_with_very_many_followers_list_them_to_nobody() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let bob = remote(&world, "bob", "far.example").await;
        follows::receive_follow(&world, bob, ada, "https://far.example/f")
            .await
            .unwrap();
        let on = async |host: &str| sync::followers_on(&world, ada, &format!("https://{host}/users/x")).await;
        assert_eq!(
            on("far.example").await.unwrap(),
            ["https://far.example/users/bob"]
        );
        assert_eq!(on("other.example").await.unwrap(), Vec::<String>::new());
        let many = format!("UPDATE accounts SET followers_count = 25000 WHERE id = {ada}");
        world.execute(&many).await;
        assert!(matches!(on("far.example").await, Err(Error::NotFound)));
        let told = sync::digest_for(&world, ada, "https://far.example/inbox")
            .await
            .unwrap();
        assert_eq!(told, None);
    })
    .await;
}

#[tokio::test]
async fn fed_101_many_follows_end_in_many_steps() {
    on_each_database(async |world| {
        let bob = remote(&world, "bob", "far.example").await;
        let mut all = Vec::new();
        for n in 0..110 {
            let one = world.local(&format!("one{n}")).await.account_id;
            follows::follow(&world, one, bob, FollowOptions::default())
                .await
                .unwrap();
            follows::receive_accept(&world, bob, Selector::Pair { follower: one })
                .await
                .unwrap();
            all.push(one);
        }
        // The last one cannot be ended; the first ones are not lost by it.
        let last = all[109];
        let anchor = format!(
            "CREATE TABLE anchors (follow_id BIGINT NOT NULL REFERENCES follows (id)); \
             INSERT INTO anchors SELECT id FROM follows WHERE account_id = {last}"
        );
        world.execute(&anchor).await;
        assert!(sync::settle(&world, bob, &[], true).await.is_err());
        assert!(!relationship(&world, all[0], bob).await.following);
        assert!(relationship(&world, last, bob).await.following);
        world.execute("DELETE FROM anchors").await;
        sync::settle(&world, bob, &[], true).await.unwrap();
        assert!(!relationship(&world, last, bob).await.following);
    })
    .await;
}
