//! Finding people: suggestions, the directory, familiar followers, endorsements; and what everybody is told.

use chrono::TimeDelta;
use pouet_model::{
    account::User,
    ids::{AccountId, AnnouncementId},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error, accounts,
    announcements::{self, AnnouncementChange},
    blocks,
    discovery::{self, DirectoryFilter, Reason},
    domain_blocks, endorsements,
    events::Event,
    follows::{self, FollowOptions},
    instance_numbers, mutes, relationships, sessions,
};

use crate::common::{
    World, on_each_database,
    people::{post, run_jobs},
};

async fn follow(world: &World, actor: &User, target: AccountId) {
    follows::follow(world, actor.account_id, target, FollowOptions::default())
        .await
        .unwrap();
}

async fn suggested(world: &World, viewer: &User) -> Vec<(AccountId, Vec<Reason>)> {
    discovery::suggestions(world, viewer.account_id, 40)
        .await
        .unwrap()
        .into_iter()
        .map(|suggestion| (suggestion.account.id, suggestion.reasons))
        .collect()
}

#[tokio::test]
async fn suggestions_come_from_the_staff_friends_hashtags_and_the_crowd() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let (dan, eve) = (world.local("dan").await, world.local("eve").await);
        discovery::pick(&world, cleo.account_id).await.unwrap();
        follow(&world, &ada, ben.account_id).await;
        follow(&world, &ben, dan.account_id).await;
        follow(&world, &ben, ada.account_id).await;
        post(&world, &ada, "#boats", Visibility::Public).await;
        post(&world, &eve, "#boats again", Visibility::Public).await;
        assert_eq!(
            suggested(&world, &ada).await,
            [
                (cleo.account_id, vec![Reason::Staff]),
                (dan.account_id, vec![Reason::FriendsOfFriends, Reason::Popular]),
                (eve.account_id, vec![Reason::SameTags]),
            ]
        );
        // What is dismissed, blocked or followed is not suggested; nor is who does not want to be found.
        discovery::dismiss(&world, ada.account_id, cleo.account_id)
            .await
            .unwrap();
        discovery::dismiss(&world, ada.account_id, cleo.account_id)
            .await
            .unwrap();
        blocks::block(&world, ada.account_id, dan.account_id)
            .await
            .unwrap();
        assert_eq!(
            suggested(&world, &ada).await,
            [(eve.account_id, vec![Reason::SameTags])]
        );
        follow(&world, &ada, eve.account_id).await;
        assert_eq!(suggested(&world, &ada).await, []);
        world
            .execute("UPDATE accounts SET discoverable = FALSE WHERE username = 'cleo'")
            .await;
        let seen = suggested(&world, &eve).await;
        assert!(seen.iter().all(|(id, _)| *id != cleo.account_id), "{seen:?}");
        let refused = discovery::pick(&world, cleo.account_id).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })));
        discovery::unpick(&world, cleo.account_id).await.unwrap();
        assert!(matches!(
            discovery::unpick(&world, cleo.account_id).await,
            Err(Error::NotFound)
        ));
    })
    .await;
}

#[tokio::test]
async fn whom_many_follow_is_counted_every_ten_minutes() {
    on_each_database(async |mut world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        follow(&world, &ben, cleo.account_id).await;
        let viewer = ada.account_id;
        let cost = async |world: &mut World| {
            let (found, cost) = world
                .statements_of(async |instance| discovery::suggestions(instance, viewer, 40).await)
                .await;
            (found.unwrap().len(), cost)
        };
        let (first, second) = (cost(&mut world).await, cost(&mut world).await);
        assert_eq!((first.0, second.0), (1, 1));
        assert!(second.1 < first.1, "{first:?} {second:?}");
        let dan = world.local("dan").await;
        follow(&world, &cleo, dan.account_id).await;
        assert_eq!(
            suggested(&world, &ada).await,
            [(cleo.account_id, vec![Reason::Popular])]
        );
        world.clock.advance(TimeDelta::minutes(10));
        let found = suggested(&world, &ada).await;
        let popular = |id| (id, vec![Reason::Popular]);
        assert_eq!(found, [popular(dan.account_id), popular(cleo.account_id)]);
    })
    .await;
}

#[tokio::test]
async fn suggestions_look_at_the_newest_friends_and_uses() {
    on_each_database(async |world| {
        let (ada, eve) = (world.local("ada").await, world.local("eve").await);
        let (old, dan) = (world.local("old").await, world.local("dan").await);
        follow(&world, &old, dan.account_id).await;
        follow(&world, &ada, old.account_id).await;
        // A friend of long ago, whom as many as are asked were followed after.
        let id = |world: &World| world.next_id::<AccountId>();
        let statements: Vec<String> = (0..100)
            .map(|n| {
                let (friend, follow) = (id(&world), id(&world));
                format!(
                    "INSERT INTO accounts (id, username, username_folded, domain, uri, actor_type, created_at) \
                     VALUES ({friend}, 'f{n}', 'f{n}', 'far.example', 'https://far.example/{n}', 'Person', 0); \
                     INSERT INTO follows (id, account_id, target_id, accepted, show_reblogs, notify, created_at) \
                     VALUES ({follow}, {}, {friend}, TRUE, TRUE, FALSE, 0);",
                    ada.account_id
                )
            })
            .collect();
        let friends = async |world: &World| -> Vec<AccountId> {
            let found = suggested(world, &ada).await;
            let is_friend = |reasons: &[Reason]| reasons.contains(&Reason::FriendsOfFriends);
            found
                .into_iter()
                .filter(|(_, reasons)| is_friend(reasons))
                .map(|(id, _)| id)
                .collect()
        };
        assert_eq!(friends(&world).await, [dan.account_id]);
        world.execute(&statements.join("\n")).await;
        assert_eq!(friends(&world).await, []);

        // Of twenty-one hashtags, the one used longest ago is not looked for.
        post(&world, &eve, "#t0", Visibility::Public).await;
        let same = async |world: &World| {
            let found = suggested(world, &ada).await;
            found
                .iter()
                .any(|(id, reasons)| *id == eve.account_id && reasons.contains(&Reason::SameTags))
        };
        for n in 0..21 {
            post(&world, &ada, &format!("#t{n}"), Visibility::Public).await;
            assert_eq!(same(&world).await, n < 20, "{n}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_hides_whom_they_follow_is_no_source_of_suggestions() {
    on_each_database(async |world| {
        let (ada, ben, dan) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("dan").await,
        );
        follow(&world, &ada, ben.account_id).await;
        follow(&world, &ben, dan.account_id).await;
        world
            .execute("UPDATE accounts SET hide_collections = TRUE WHERE username = 'ben'")
            .await;
        assert_eq!(
            suggested(&world, &ada).await,
            [(dan.account_id, vec![Reason::Popular])]
        );
    })
    .await;
}

#[tokio::test]
async fn the_directory_has_those_who_want_to_be_found() {
    on_each_database(async |world| {
        let (ada, ben, cleo) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
        );
        let far = world.remote("far", "far.test").await;
        post(&world, &ben, "first", Visibility::Public).await;
        world.clock.advance(TimeDelta::minutes(1));
        post(&world, &ada, "second", Visibility::Public).await;
        world
            .execute("UPDATE accounts SET discoverable = (username <> 'cleo')")
            .await;
        let list = async |filter, viewer, limit, offset| -> Vec<AccountId> {
            let found = discovery::directory(&world, viewer, filter, limit, offset)
                .await
                .unwrap();
            found.iter().map(|account| account.id).collect()
        };
        let active = DirectoryFilter::default();
        let newest = DirectoryFilter {
            newest: true,
            ..active
        };
        let local = DirectoryFilter {
            local: true,
            ..newest
        };
        assert_eq!(list(active, None, 40, 0).await, [ada.account_id, ben.account_id]);
        assert_eq!(list(active, None, 40, 1).await, [ben.account_id]);
        assert_eq!(list(active, None, 1, 0).await, [ada.account_id]);
        assert_eq!(
            list(newest, None, 40, 0).await,
            [far.id, ben.account_id, ada.account_id]
        );
        assert_eq!(list(local, None, 40, 0).await, [ben.account_id, ada.account_id]);
        let local_active = DirectoryFilter {
            local: true,
            ..active
        };
        assert_eq!(
            list(local_active, None, 40, 0).await,
            [ada.account_id, ben.account_id]
        );
        assert_eq!(list(newest, None, 40, 10_000).await, []);
        assert_eq!(list(newest, None, 40, i64::MAX).await, []);
        blocks::block(&world, cleo.account_id, ada.account_id)
            .await
            .unwrap();
        assert_eq!(list(local, Some(cleo.account_id), 40, 0).await, [ben.account_id]);
        // Who is left out takes no place.
        for (limit, offset, expected) in [
            (1, 0, (vec![ben.account_id], false)),
            (1, 1, (vec![], false)),
            (2, 0, (vec![ben.account_id], false)),
        ] {
            let page = discovery::directory_page(&world, Some(cleo.account_id), local, limit, offset)
                .await
                .unwrap();
            let ids: Vec<AccountId> = page.accounts.iter().map(|account| account.id).collect();
            assert_eq!((ids, page.has_more), expected, "{limit} {offset}");
        }
        mutes::mute(&world, cleo.account_id, ben.account_id, true, 0)
            .await
            .unwrap();
        domain_blocks::block(&world, ben.account_id, "far.test")
            .await
            .unwrap();
        for (viewer, expected) in [(&cleo, far.id), (&ben, ben.account_id), (&ada, far.id)] {
            let shown = list(newest, Some(viewer.account_id), 1, 0).await;
            assert_eq!(shown, [expected], "pages are full all the same");
        }
        world.execute("UPDATE users SET approved = FALSE").await;
        assert_eq!(
            list(newest, None, 40, 0).await,
            [far.id],
            "who waits is shown to nobody"
        );
    })
    .await;
}

#[tokio::test]
async fn familiar_followers_are_those_one_follows() {
    on_each_database(async |world| {
        let (ada, ben, cleo, dan) = (
            world.local("ada").await,
            world.local("ben").await,
            world.local("cleo").await,
            world.local("dan").await,
        );
        follow(&world, &ada, ben.account_id).await;
        follow(&world, &ben, dan.account_id).await;
        follow(&world, &cleo, dan.account_id).await;
        let ask = async |ids: &[AccountId]| -> Vec<(AccountId, Vec<AccountId>)> {
            let found = discovery::familiar_followers(&world, ada.account_id, ids)
                .await
                .unwrap();
            let ids = |list: Vec<std::sync::Arc<pouet_model::account::Account>>| {
                list.iter().map(|one| one.id).collect()
            };
            found.into_iter().map(|(id, list)| (id, ids(list))).collect()
        };
        let unknown = AccountId(1);
        assert_eq!(
            ask(&[dan.account_id, ben.account_id, unknown]).await,
            [(dan.account_id, vec![ben.account_id]), (ben.account_id, vec![])]
        );
        for who in ["ben", "dan"] {
            world
                .execute(&format!(
                    "UPDATE accounts SET hide_collections = (username = '{who}')"
                ))
                .await;
            assert_eq!(
                ask(&[dan.account_id]).await,
                [(dan.account_id, vec![])],
                "{who} hides it"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn people_show_accounts_that_they_follow() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let refused = endorsements::endorse(&world, ada.account_id, ben.account_id).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })));
        follow(&world, &ada, ben.account_id).await;
        for _ in 0..2 {
            endorsements::endorse(&world, ada.account_id, ben.account_id)
                .await
                .unwrap();
        }
        let shown = async || -> Vec<AccountId> {
            let found = endorsements::list(&world, ada.account_id, Page::first(40))
                .await
                .unwrap();
            found.iter().map(|keyed| keyed.item.id).collect()
        };
        let endorsed = async || {
            let found = relationships::of(&world, ada.account_id, &[ben.account_id])
                .await
                .unwrap();
            found[0].endorsed
        };
        assert_eq!((shown().await, endorsed().await), (vec![ben.account_id], true));
        endorsements::unendorse(&world, ada.account_id, ben.account_id)
            .await
            .unwrap();
        assert_eq!((shown().await, endorsed().await), (vec![], false));
        endorsements::endorse(&world, ada.account_id, ben.account_id)
            .await
            .unwrap();
        follows::unfollow(&world, ada.account_id, ben.account_id)
            .await
            .unwrap();
        assert_eq!(
            (shown().await, endorsed().await),
            (vec![], false),
            "it ends with the follow"
        );
    })
    .await;
}

#[tokio::test]
async fn announcements_are_shown_from_publication_to_their_end() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let me = ada.account_id;
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let change = |text: &str| AnnouncementChange {
            text: Some(text.to_owned()),
            ..AnnouncementChange::default()
        };
        let text = format!("Party with @ada #boats https://pouet.example/@ada/{id}");
        let draft = announcements::create(&world, change(&text)).await.unwrap();
        assert!(announcements::list(&world, me).await.unwrap().is_empty());
        let publish = AnnouncementChange {
            published: Some(true),
            starts_at: Some(Some(world.now() + TimeDelta::days(1))),
            ends_at: Some(Some(world.now() + TimeDelta::days(2))),
            ..AnnouncementChange::default()
        };
        announcements::update(&world, draft.id, publish).await.unwrap();
        let view = announcements::find(&world, me, draft.id).await.unwrap();
        assert_eq!(view.mentions[0].id, me);
        assert_eq!(view.announcement.tags[0].name, "boats");
        assert_eq!(view.statuses[0].status.id, id);
        assert!(
            view.announcement.content.starts_with("<p>Party with"),
            "{}",
            view.announcement.content
        );
        assert!(!view.read);
        announcements::dismiss(&world, me, draft.id).await.unwrap();
        assert!(announcements::find(&world, me, draft.id).await.unwrap().read);
        let mut events = world.instance.hub.subscribe();
        world.clock.advance(TimeDelta::days(2));
        assert!(
            announcements::list(&world, me).await.unwrap().is_empty(),
            "it is over"
        );
        run_jobs(&world).await;
        loop {
            if let Event::AnnouncementDeleted { announcement_id } = *events.recv().await.unwrap() {
                assert_eq!(announcement_id, draft.id, "streams are told");
                break;
            }
        }
        assert!(matches!(
            announcements::dismiss(&world, me, draft.id).await,
            Err(Error::NotFound)
        ));
        let all_day = AnnouncementChange {
            all_day: Some(true),
            ..AnnouncementChange::default()
        };
        announcements::update(&world, draft.id, all_day).await.unwrap();
        assert_eq!(
            announcements::list(&world, me).await.unwrap().len(),
            1,
            "its last day is not"
        );
        announcements::delete(&world, draft.id).await.unwrap();
        assert!(announcements::list_all(&world).await.unwrap().is_empty());
        let backwards = AnnouncementChange {
            starts_at: Some(Some(world.now())),
            ends_at: Some(Some(world.now() - TimeDelta::hours(1))),
            ..change("x")
        };
        for wrong in [change("  "), change(&"x".repeat(5001)), backwards] {
            let refused = announcements::create(&world, wrong).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })));
        }
    })
    .await;
}

#[tokio::test]
async fn changes_of_an_announcement_at_once_all_hold() {
    on_each_database(async |world| {
        let change = AnnouncementChange {
            text: Some("Party".to_owned()),
            ..AnnouncementChange::default()
        };
        let id = announcements::create(&world, change).await.unwrap().id;
        for number in 0..8 {
            let text = format!("Party number {number}");
            let end = world.now() + TimeDelta::days(number + 1);
            let (one, two) = tokio::join!(
                announcements::update(
                    &world,
                    id,
                    AnnouncementChange {
                        text: Some(text.clone()),
                        ..AnnouncementChange::default()
                    }
                ),
                announcements::update(
                    &world,
                    id,
                    AnnouncementChange {
                        ends_at: Some(Some(end)),
                        ..AnnouncementChange::default()
                    }
                ),
            );
            assert!(one.is_ok() && two.is_ok());
            let after = announcements::list_all(&world).await.unwrap().remove(0);
            assert_eq!((after.text, after.ends_at), (text, Some(end)));
        }
        announcements::delete(&world, id).await.unwrap();
        let gone = announcements::update(&world, id, AnnouncementChange::default()).await;
        assert!(matches!(gone, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn people_put_emoji_on_announcements() {
    on_each_database(async |world| {
        let (ada, ben) = (
            world.local("ada").await.account_id,
            world.local("ben").await.account_id,
        );
        let change = AnnouncementChange {
            text: Some("hello".to_owned()),
            published: Some(true),
            ..AnnouncementChange::default()
        };
        let id = announcements::create(&world, change).await.unwrap().id;
        let counts = async |viewer| -> Vec<(String, i64, bool)> {
            let view = announcements::find(&world, viewer, id).await.unwrap();
            let counts = view.reactions.into_iter();
            counts.map(|(one, _)| (one.name, one.count, one.me)).collect()
        };
        for (who, emoji) in [(ada, "🎉"), (ben, "🎉"), (ben, "🎉"), (ben, "❤")] {
            announcements::react(&world, who, id, emoji).await.unwrap();
        }
        let heart = "❤\u{fe0f}".to_owned();
        assert_eq!(
            counts(ada).await,
            [("🎉".to_owned(), 2, true), (heart.clone(), 1, false)]
        );
        announcements::unreact(&world, ada, id, "🎉").await.unwrap();
        announcements::unreact(&world, ada, id, "🎉").await.unwrap();
        assert_eq!(
            counts(ada).await,
            [("🎉".to_owned(), 1, false), (heart, 1, false)]
        );
        for emoji in ["party", "", "<script>"] {
            let refused = announcements::react(&world, ada, id, emoji).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{emoji}");
        }
        for emoji in ["🐱", "🐶", "🐭", "🐹", "🐰", "🦊"] {
            announcements::react(&world, ada, id, emoji).await.unwrap();
        }
        let refused = announcements::react(&world, ada, id, "🐻").await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "a ninth kind");
        announcements::react(&world, ada, id, "🎉").await.unwrap();
        let unknown = announcements::react(&world, ada, AnnouncementId(1), "🎉").await;
        assert!(matches!(unknown, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn numbers_are_counted_by_week() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        world.remote("far", "far.test").await;
        world.remote("gone", "evil.test").await;
        world
            .execute("UPDATE accounts SET suspended_at = 1 WHERE domain = 'evil.test'")
            .await;
        assert_eq!(*instance_numbers::peers(&world).await.unwrap(), ["far.test"]);
        post(&world, &ada, "last week", Visibility::Public).await;
        sessions::create(&world, ada.id).await.unwrap();
        world.clock.advance(TimeDelta::days(7));
        post(&world, &ada, "this week", Visibility::Public).await;
        post(&world, &ada, "again", Visibility::Private).await;
        let weeks = instance_numbers::activity(&world).await.unwrap();
        assert_eq!(weeks.len(), 12);
        // Worlds begin on a Monday.
        let told: Vec<_> = weeks
            .iter()
            .take(3)
            .map(|week| (week.statuses, week.logins, week.registrations))
            .collect();
        assert_eq!(told, [(2, 0, 0), (1, 1, 1), (0, 0, 0)]);
        assert_eq!(weeks[0].start.to_rfc3339(), "2026-11-30T00:00:00+00:00");
        assert!(accounts::find(&world, ada.account_id).await.is_ok());
    })
    .await;
}
