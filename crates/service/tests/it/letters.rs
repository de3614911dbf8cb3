//! Direct conversations: what enters them, among whom, and what is shown when something leaves.

use pouet_model::{
    account::User,
    ids::{AccountId, StatusId},
    notification_policy::Treatment,
    page::Page,
    status::{Mention, Visibility},
};
use pouet_service::{
    conversations::{self, ConversationView},
    follows::{self, FollowOptions},
    notifications::{
        policy::{self, PolicyChange},
        requests,
    },
    statuses::{self, Arrival, RemoteStatus, StatusChange},
};

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post},
};

/// Everybody follows everybody, so that their letters arrive.
async fn friends<const N: usize>(world: &World, names: [&str; N]) -> [User; N] {
    let mut users = Vec::new();
    for name in names {
        users.push(world.local(name).await);
    }
    for one in &users {
        for other in users.iter().filter(|other| other.id != one.id) {
            follows::follow(world, one.account_id, other.account_id, FollowOptions::default())
                .await
                .unwrap();
        }
    }
    users.try_into().unwrap()
}

async fn letter(world: &World, author: &User, text: &str, to: StatusId) -> StatusId {
    let mut answer = new_status(text, Visibility::Direct);
    answer.in_reply_to_id = Some(to);
    statuses::post(world, author, answer).await.unwrap()
}

async fn list(world: &World, owner: &User) -> Vec<ConversationView> {
    conversations::list(world, owner.account_id, Page::first(40))
        .await
        .unwrap()
        .into_iter()
        .map(|keyed| keyed.item)
        .collect()
}

/// Of each conversation its newest letter, whether it is unread, and who else is in it.
async fn shown(world: &World, owner: &User) -> Vec<(StatusId, bool, Vec<AccountId>)> {
    let views = list(world, owner).await.into_iter().map(|view| {
        let newest = view.last_status.expect("one that the owner sees").status.id;
        let people = view.accounts.iter().map(|account| account.id).collect();
        (newest, view.unread, people)
    });
    views.collect()
}

#[tokio::test]
async fn an_answer_to_one_of_several_is_a_conversation_of_its_own() {
    on_each_database(async |world| {
        let [ada, bob, carol] = friends(&world, ["ada", "bob", "carol"]).await;
        let (a, b, c) = (ada.account_id, bob.account_id, carol.account_id);
        let first = post(&world, &ada, "@bob @carol hello", Visibility::Direct).await;
        let aside = letter(&world, &bob, "@ada between us", first).await;
        assert_eq!(
            shown(&world, &ada).await,
            [(aside, true, vec![b]), (first, false, vec![b, c])]
        );
        assert_eq!(
            shown(&world, &bob).await,
            [(aside, false, vec![a]), (first, true, vec![a, c])]
        );
        assert_eq!(shown(&world, &carol).await, [(first, true, vec![a, b])]);
        let open = letter(&world, &carol, "@bob @ada hello both", first).await;
        assert_eq!(
            shown(&world, &ada).await,
            [(open, true, vec![b, c]), (aside, true, vec![b])]
        );
        statuses::delete(&world, c, open, true).await.unwrap();
        assert_eq!(
            shown(&world, &ada).await,
            [(aside, true, vec![b]), (first, true, vec![b, c])]
        );
        // What the stream tells of is the view that changed.
        for view in list(&world, &ada).await {
            assert_eq!(conversations::find(&world, a, view.id).await.unwrap().id, view.id);
        }
    })
    .await;
}

#[tokio::test]
async fn what_comes_late_takes_no_place_of_what_is_newer() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let eve = world.remote("eve", "far.example").await;
        follows::follow(&world, ada.account_id, eve.id, FollowOptions::default())
            .await
            .unwrap();
        follows::receive_accept(
            &world,
            eve.id,
            follows::Selector::Pair {
                follower: ada.account_id,
            },
        )
        .await
        .unwrap();
        let to_ada = |number, minutes| RemoteStatus {
            visibility: Visibility::Direct,
            conversation_uri: Some("https://far.example/contexts/1".to_owned()),
            published: world.now() - chrono::TimeDelta::minutes(minutes),
            mentions: vec![Mention {
                account_id: ada.account_id,
                silent: false,
            }],
            ..note(&world, &eve, number)
        };
        let arrival = || Arrival::Pushed { recipient: None };
        let newer = statuses::receive(&world, to_ada(1, 5), arrival())
            .await
            .unwrap()
            .unwrap();
        let older = statuses::receive(&world, to_ada(2, 30), arrival())
            .await
            .unwrap()
            .unwrap();
        assert!(older < newer);
        assert_eq!(shown(&world, &ada).await, [(newer, true, vec![eve.id])]);
    })
    .await;
}

#[tokio::test]
async fn an_edit_enters_what_it_changes_for_newcomers_only() {
    on_each_database(async |world| {
        let [ada, bob, carol] = friends(&world, ["ada", "bob", "carol"]).await;
        let (a, b, c) = (ada.account_id, bob.account_id, carol.account_id);
        let first = post(&world, &ada, "@bob hello", Visibility::Direct).await;
        let answer = letter(&world, &bob, "@ada hello yourself", first).await;
        let alone = post(&world, &ada, "@bob and this", Visibility::Direct).await;
        let removed = list(&world, &ada).await[0].id;
        conversations::delete(&world, a, removed).await.unwrap();
        for id in [first, alone] {
            let change = StatusChange {
                text: "@bob @carol hello".to_owned(),
                ..StatusChange::default()
            };
            statuses::edit(&world, a, id, change).await.unwrap();
        }
        assert_eq!(
            shown(&world, &carol).await,
            [(alone, true, vec![a, b]), (first, true, vec![a, b])]
        );
        assert_eq!(
            shown(&world, &ada).await,
            [(answer, true, vec![b]), (first, false, vec![b, c])],
            "what she did not read is unread, and what she removed stays away"
        );
        let of_bob = shown(&world, &bob).await;
        assert_eq!(
            of_bob,
            [
                (alone, true, vec![a, c]),
                (answer, false, vec![a]),
                (first, false, vec![a, c])
            ],
            "he sees who reads it now"
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_dismissed_does_not_come_back_when_something_else_goes() {
    on_each_database(async |world| {
        let [ada, bob] = friends(&world, ["ada", "bob"]).await;
        let eve = world.local("eve").await;
        for (follower, target) in [(&eve, &ada), (&eve, &bob), (&bob, &eve)] {
            follows::follow(
                &world,
                follower.account_id,
                target.account_id,
                FollowOptions::default(),
            )
            .await
            .unwrap();
        }
        let change = PolicyChange {
            for_not_following: Some(Treatment::Filter),
            ..PolicyChange::default()
        };
        policy::change(&world, ada.account_id, change).await.unwrap();
        let first = post(&world, &bob, "@ada @eve hello", Visibility::Direct).await;
        letter(&world, &eve, "@ada @bob you too", first).await;
        let held = requests::list(&world, ada.account_id, Page::first(9))
            .await
            .unwrap();
        assert_eq!(held.len(), 1);
        requests::dismiss(&world, ada.account_id, held[0].id)
            .await
            .unwrap();
        let last = letter(&world, &bob, "@ada @eve see you", first).await;
        statuses::delete(&world, bob.account_id, last, true)
            .await
            .unwrap();
        assert_eq!(
            shown(&world, &ada).await,
            [(first, true, vec![bob.account_id, eve.account_id])]
        );
    })
    .await;
}

#[tokio::test]
async fn a_removed_conversation_comes_back_without_what_was_in_it() {
    on_each_database(async |world| {
        let [ada, bob] = friends(&world, ["ada", "bob"]).await;
        let first = post(&world, &bob, "@ada hello", Visibility::Direct).await;
        let view = list(&world, &ada).await[0].id;
        conversations::delete(&world, ada.account_id, view).await.unwrap();
        let second = letter(&world, &bob, "@ada again", first).await;
        assert_eq!(shown(&world, &ada).await, [(second, true, vec![bob.account_id])]);
        statuses::delete(&world, bob.account_id, second, true)
            .await
            .unwrap();
        assert!(shown(&world, &ada).await.is_empty());
        assert_eq!(shown(&world, &bob).await, [(first, false, vec![ada.account_id])]);
    })
    .await;
}

#[tokio::test]
async fn letters_that_come_and_go_at_once_leave_the_newest() {
    on_each_database(async |world| {
        let [ada, bob, carol] = friends(&world, ["ada", "bob", "carol"]).await;
        let first = post(&world, &ada, "@bob @carol hello", Visibility::Direct).await;
        let mut newest = first;
        for _ in 0..12 {
            let (one, two, _) = tokio::join!(
                letter(&world, &bob, "@ada @carol one", first),
                letter(&world, &carol, "@ada @bob two", first),
                statuses::delete(&world, bob.account_id, newest, true),
            );
            newest = one.max(two);
            let now = shown(&world, &ada).await;
            assert_eq!(now.len(), 1);
            assert_eq!((now[0].0, now[0].1), (newest, true));
            if newest == two {
                statuses::delete(&world, carol.account_id, two, true)
                    .await
                    .unwrap();
                newest = one;
            }
            assert_eq!(shown(&world, &ada).await[0].0, newest);
        }
    })
    .await;
}
