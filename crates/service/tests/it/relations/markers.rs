//! Markers.

use futures_util::future::join_all;
use pouet_service::{Error, markers};

use super::locals;
use crate::common::on_each_database;

#[tokio::test]
async fn markers_are_set_and_read_by_name() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let wanted = |timeline: &str, id| (timeline.to_owned(), id);
        assert_eq!(
            markers::get(&world, ada, &["home", "notifications"])
                .await
                .unwrap(),
            []
        );
        let set = markers::set(&world, ada, &[wanted("home", 5), wanted("public", 6)])
            .await
            .unwrap();
        assert_eq!(set.len(), 1, "only what has a marker");
        assert_eq!(
            (set[0].timeline.as_str(), set[0].last_read_id, set[0].version),
            ("home", 5, 0)
        );
        assert_eq!(set[0].updated_at, world.now());
        let set = markers::set(&world, ada, &[wanted("home", 3), wanted("notifications", 7)])
            .await
            .unwrap();
        let set: Vec<_> = set
            .iter()
            .map(|marker| (marker.timeline.as_str(), marker.last_read_id, marker.version))
            .collect();
        assert_eq!(set, [("home", 3, 1), ("notifications", 7, 0)]);
        assert_eq!(
            markers::get(&world, ada, &["notifications", "x"])
                .await
                .unwrap()
                .len(),
            1
        );
        assert_eq!(markers::get(&world, bob, &["home"]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn of_two_apps_at_once_one_loses() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let attempts = (0..8).map(|id| {
            let wanted = [("home".to_owned(), id)];
            let world = &world;
            async move { markers::set(world, ada, &wanted).await }
        });
        let results = join_all(attempts).await;
        let won = results.iter().filter(|result| result.is_ok()).count();
        for result in &results {
            assert!(matches!(result, Ok(_) | Err(Error::Conflict(_))), "{result:?}");
        }
        let marker = markers::get(&world, ada, &["home"]).await.unwrap().remove(0);
        assert_eq!(
            marker.version,
            i64::try_from(won).unwrap() - 1,
            "each success moved it by one"
        );
    })
    .await;
}
