//! Lists of accounts: who is shown, in what order, at what cost.

use pouet_model::{ids::AccountId, page::Page};
use pouet_service::{
    Instance, blocks,
    follows::{self, FollowOptions},
    lists::{self, ListChange},
    mutes, relationships,
};
use pouet_storage::accounts as rows;

use super::{is_not_found, local, locals};
use crate::common::{World, on_each_database};

async fn crowd(world: &World, count: usize) -> Vec<AccountId> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(local(world, &format!("fan{number}")).await);
    }
    ids
}

async fn follow_all(world: &World, fans: &[AccountId], star: AccountId) {
    for fan in fans {
        follows::follow(world, *fan, star, FollowOptions::default())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn followers_are_paged_by_follow() {
    on_each_database(async |world| {
        let star = local(&world, "star").await;
        let fans = crowd(&world, 7).await;
        // Not in the order of their ids.
        let order = [3, 0, 6, 1, 5, 2, 4].map(|at: usize| fans[at]);
        follow_all(&world, &order, star).await;
        let newest_first: Vec<AccountId> = order.iter().rev().copied().collect();

        let mut seen = Vec::new();
        let mut page = Page::first(3);
        loop {
            let found = follows::followers(&world, None, star, page).await.unwrap();
            let Some(last) = found.last() else { break };
            page.max_id = Some(last.key);
            seen.extend(found.iter().map(|entry| entry.item.id));
        }
        assert_eq!(seen, newest_first);

        let all = follows::followers(&world, None, star, Page::first(40))
            .await
            .unwrap();
        let above = Page {
            min_id: Some(all[6].key),
            ..Page::first(2)
        };
        let found = follows::followers(&world, None, star, above).await.unwrap();
        assert_eq!(found, all[4..6], "the page right above, newest first");
        let since = Page {
            since_id: Some(all[6].key),
            ..Page::first(2)
        };
        assert_eq!(
            follows::followers(&world, None, star, since).await.unwrap(),
            all[..2]
        );
    })
    .await;
}

#[tokio::test]
async fn hidden_and_unwanted_accounts_are_left_out() {
    on_each_database(async |world| {
        let [star, ada, noisy, foe, gone] = locals(&world, ["star", "ada", "noisy", "foe", "gone"]).await;
        follow_all(&world, &[ada, noisy, foe, gone], star).await;
        mutes::mute(&world, ada, noisy, true, 0).await.unwrap();
        blocks::block(&world, ada, foe).await.unwrap();
        let now = world.now();
        world
            .store()
            .write(move |tx| rows::update_suspended(tx, gone, Some(now)))
            .await
            .unwrap();
        let names = async |viewer| {
            let found = follows::followers(&world, viewer, star, Page::first(40))
                .await
                .unwrap();
            found
                .iter()
                .map(|entry| entry.item.username.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(None).await, ["foe", "noisy", "ada"]);
        assert_eq!(names(Some(ada)).await, ["ada"]);
        assert_eq!(names(Some(star)).await, ["foe", "noisy", "ada"]);

        let hide = rows::ProfileRow {
            hide_collections: Some(true),
            ..rows::ProfileRow::default()
        };
        world
            .store()
            .write(move |tx| rows::update_profile(tx, star, &hide))
            .await
            .unwrap();
        assert_eq!(names(None).await, [""; 0]);
        assert_eq!(names(Some(ada)).await, [""; 0]);
        assert_eq!(names(Some(star)).await, ["foe", "noisy", "ada"]);
        let nobody = follows::following(&world, None, AccountId(1), Page::first(40)).await;
        assert!(is_not_found(&nobody));
    })
    .await;
}

#[tokio::test]
async fn sec_R044_the_blocked_see_the_lists_that_anybody_sees() {
    on_each_database(async |world| {
        let [star, fan, eve] = locals(&world, ["star", "fan", "eve"]).await;
        follow_all(&world, &[fan], star).await;
        follow_all(&world, &[star], fan).await;
        for blocker in [star, fan] {
            blocks::block(&world, blocker, eve).await.unwrap();
        }
        let page = Page::first(40);
        assert_eq!(
            follows::followers(&world, Some(eve), star, page).await.unwrap(),
            follows::followers(&world, None, star, page).await.unwrap()
        );
        let following = follows::following(&world, Some(eve), star, page).await.unwrap();
        assert_eq!(following.len(), 1);
        assert_eq!(
            following,
            follows::following(&world, None, star, page).await.unwrap()
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_of_forty_costs_as_much_as_a_page_of_one() {
    on_each_database(async |mut world| {
        let star = local(&world, "star").await;
        let fans = crowd(&world, 40).await;
        follow_all(&world, &fans, star).await;

        for fan in &fans {
            follows::follow(&world, star, *fan, FollowOptions::default())
                .await
                .unwrap();
        }
        let change = ListChange {
            title: Some("All".to_owned()),
            ..ListChange::default()
        };
        let list = lists::create(&world, star, change).await.unwrap().id;
        lists::add_accounts(&world, star, list, &fans).await.unwrap();
        let some = local(&world, "some").await;
        for fan in &fans {
            mutes::mute(&world, some, *fan, true, 0).await.unwrap();
            blocks::block(&world, some, *fan).await.unwrap();
        }
        let mut costs = Vec::new();
        for count in [40, 1] {
            let page = Page::first(i64::try_from(count).unwrap());
            let members = &fans[..count];
            macro_rules! cost {
                ($act:expr) => {{
                    let (found, cost) = world.statements_of($act).await;
                    assert_eq!(found.unwrap().len(), count);
                    cost
                }};
            }
            costs.push([
                cost!(async |i: &Instance| follows::followers(i, Some(star), star, page).await),
                cost!(async |i: &Instance| follows::following(i, None, star, page).await),
                cost!(async |i: &Instance| blocks::list(i, some, page).await),
                cost!(async |i: &Instance| mutes::list(i, some, page).await),
                cost!(async |i: &Instance| lists::accounts(i, star, list, Some(page)).await),
                cost!(async |i: &Instance| relationships::of(i, star, members).await),
            ]);
        }
        assert_eq!(costs[0], costs[1]);
    })
    .await;
}

#[tokio::test]
async fn relationships_come_in_the_order_asked_for_and_once() {
    on_each_database(async |world| {
        let [ada, bob, eve] = locals(&world, ["ada", "bob", "eve"]).await;
        let asked = [eve, AccountId(1), bob, eve, ada];
        let found = relationships::of(&world, ada, &asked).await.unwrap();
        let ids: Vec<_> = found.iter().filter_map(|relation| relation.id).collect();
        assert_eq!(ids, [eve, bob, ada]);
    })
    .await;
}
