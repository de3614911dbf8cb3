//! Lists.

use pouet_model::{filter::RepliesPolicy, page::Page, status::Visibility};
use pouet_service::{
    follows::{self, FollowOptions},
    lists::{self, ListChange},
};
use pouet_storage::timelines;

use super::{is_invalid, is_not_found, locals, write};
use crate::common::{on_each_database, on_each_database_with};

fn titled(title: &str) -> ListChange {
    ListChange {
        title: Some(title.to_owned()),
        ..ListChange::default()
    }
}

#[tokio::test]
async fn a_list_is_made_changed_and_removed_by_its_owner_only() {
    on_each_database(async |world| {
        let [ada, eve] = locals(&world, ["ada", "eve"]).await;
        let list = lists::create(&world, ada, titled(" Friends ")).await.unwrap();
        assert_eq!(
            (list.title.as_str(), list.replies_policy, list.exclusive),
            ("Friends", RepliesPolicy::List, false)
        );
        let change = ListChange {
            replies_policy: Some(RepliesPolicy::None),
            exclusive: Some(true),
            ..ListChange::default()
        };
        let changed = lists::update(&world, ada, list.id, change).await.unwrap();
        assert_eq!(
            (changed.title.as_str(), changed.replies_policy, changed.exclusive),
            ("Friends", RepliesPolicy::None, true)
        );
        assert_eq!(
            lists::all(&world, ada).await.unwrap(),
            std::slice::from_ref(&changed)
        );
        assert_eq!(lists::find(&world, ada, list.id).await.unwrap(), changed);

        assert!(is_not_found(&lists::find(&world, eve, list.id).await));
        assert!(is_not_found(
            &lists::update(&world, eve, list.id, titled("Mine")).await
        ));
        assert!(is_not_found(&lists::delete(&world, eve, list.id).await));
        assert!(is_not_found(&lists::accounts(&world, eve, list.id, None).await));
        assert!(is_not_found(
            &lists::add_accounts(&world, eve, list.id, &[]).await
        ));
        assert!(is_not_found(
            &lists::remove_accounts(&world, eve, list.id, &[]).await
        ));
        assert_eq!(lists::all(&world, eve).await.unwrap(), []);

        lists::delete(&world, ada, list.id).await.unwrap();
        assert!(is_not_found(&lists::delete(&world, ada, list.id).await));
    })
    .await;
}

#[tokio::test]
async fn members_are_followed_accounts() {
    on_each_database(async |world| {
        let [ada, bob, eve] = locals(&world, ["ada", "bob", "eve"]).await;
        let status = write(&world, bob, Visibility::Public, "listed").await;
        follows::follow(&world, ada, bob, FollowOptions::default())
            .await
            .unwrap();
        let list = lists::create(&world, ada, titled("Friends")).await.unwrap().id;
        let members = async || {
            let found = lists::accounts(&world, ada, list, Some(Page::first(40)))
                .await
                .unwrap();
            found.iter().map(|entry| entry.item.id).collect::<Vec<_>>()
        };
        let timeline = async || {
            let read = move |conn: &mut _| timelines::list_list(conn, list, &Page::first(40));
            world.store().read(read).await.unwrap()
        };
        assert!(is_not_found(
            &lists::add_accounts(&world, ada, list, &[bob, eve]).await
        ));
        assert_eq!(members().await, [], "all or none");
        lists::add_accounts(&world, ada, list, &[bob, bob]).await.unwrap();
        assert_eq!(members().await, [bob]);
        assert_eq!(timeline().await, [status]);
        assert!(is_invalid(
            &lists::add_accounts(&world, ada, list, &[bob]).await,
            "account_ids"
        ));
        assert_eq!(lists::containing(&world, ada, bob).await.unwrap().len(), 1);
        assert_eq!(lists::containing(&world, eve, bob).await.unwrap(), []);

        lists::remove_accounts(&world, ada, list, &[bob, eve])
            .await
            .unwrap();
        assert_eq!(members().await, []);
        assert_eq!(timeline().await, []);
    })
    .await;
}

#[tokio::test]
async fn sec_R095_lists_have_limits() {
    on_each_database_with(
        |settings| settings.limits.lists = 3,
        async |world| {
            let [ada] = locals(&world, ["ada"]).await;
            for bad in ["", "  ", &"t".repeat(201)] {
                assert!(
                    is_invalid(&lists::create(&world, ada, titled(bad)).await, "title"),
                    "{bad:?}"
                );
            }
            assert!(is_invalid(
                &lists::create(&world, ada, ListChange::default()).await,
                "title"
            ));
            for _ in 0..3 {
                lists::create(&world, ada, titled(&"t".repeat(200)))
                    .await
                    .unwrap();
            }
            assert!(is_invalid(
                &lists::create(&world, ada, titled("one more")).await,
                "base"
            ));
        },
    )
    .await;
}
