//! Emoji, profiles and policies, on both databases.

use pouet_model::{
    ids::StatusId,
    interaction::{Asking, Choice, Interaction, Rule, Rules, Verdict, Who},
    page::Page,
    quote::QuoteChoice,
    reaction::ReactionEmoji,
    status::Visibility,
};
use pouet_service::{
    Error, Instance, featured_tags,
    interactions::{self, RequestQuery},
    notifications::{self, NotificationQuery},
    statuses::{self, Arrival, Interacted, NewStatus, RemoteStatus},
};

use crate::common::{
    on_each_database,
    people::{new_status, note, post},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

async fn shown(instance: &Instance, id: StatusId) -> Vec<(String, i64, bool)> {
    let view = statuses::find(instance, None, id).await.unwrap();
    view.reactions
        .iter()
        .map(|reaction| (reaction.emoji.label(), reaction.count, reaction.me))
        .collect()
}

#[tokio::test]
async fn fed_077_emoji_are_counted_in_the_order_in_which_they_came() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let (eve, mallory) = (
            world.remote("eve", "far.example").await,
            world.remote("mallory", "far.example").await,
        );
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let emoji = |text: &str| ReactionEmoji::Unicode(text.to_owned());
        for (actor, uri, text) in [
            (eve.id, "https://far.example/1", "🚀"),
            (mallory.id, "https://far.example/2", "🎉"),
            (eve.id, "https://far.example/3", "🎉"),
            (eve.id, "https://far.example/4", "🎉"),
            (mallory.id, "https://far.example/1", "🐌"),
        ] {
            statuses::receive_reaction(&world, actor, Some(uri), id, emoji(text))
                .await
                .unwrap();
        }
        statuses::react(&world, bob.account_id, id, "🎉").await.unwrap();
        let counts = [("🚀".to_owned(), 1, false), ("🎉".to_owned(), 3, false)];
        assert_eq!(shown(&world, id).await, counts, "an id belongs to one activity");
        let view = statuses::find(&world, Some(bob.account_id), id).await.unwrap();
        let mine: Vec<bool> = view.reactions.iter().map(|reaction| reaction.me).collect();
        assert_eq!(mine, [false, true]);
        let by_uri = statuses::receive_unreact(&world, eve.id, Some("https://far.example/1"), None, None);
        assert!(by_uri.await.unwrap());
        let of_others = statuses::receive_unreact(&world, eve.id, Some("https://far.example/2"), None, None);
        assert!(!of_others.await.unwrap());
        let by_emoji = statuses::receive_unreact(&world, mallory.id, None, Some(id), Some(emoji("🎉")));
        assert!(by_emoji.await.unwrap());
        assert_eq!(shown(&world, id).await, [("🎉".to_owned(), 2, false)]);
        pouet_service::accounts::receive_delete(&world, eve.id)
            .await
            .unwrap();
        assert_eq!(shown(&world, id).await, [("🎉".to_owned(), 1, false)]);
    })
    .await;
}

#[tokio::test]
async fn fed_078_profiles_show_pins_in_the_order_of_their_server_and_hashtags() {
    on_each_database(async |world| {
        let (eve, mallory) = (
            world.remote("eve", "far.example").await,
            world.remote("mallory", "far.example").await,
        );
        let mut ids = Vec::new();
        for number in 0..3 {
            let received = statuses::receive(&world, note(&world, &eve, number), Arrival::Fetched).await;
            ids.push(received.unwrap().unwrap());
        }
        let foreign = statuses::receive(&world, note(&world, &mallory, 9), Arrival::Fetched).await;
        let foreign = foreign.unwrap().unwrap();
        let pinned = async || -> Vec<StatusId> {
            let views = statuses::pinned(&world, None, eve.id).await.unwrap();
            views.into_iter().map(|view| view.status.id).collect()
        };
        let listed = vec![ids[1], foreign, ids[0], ids[1]];
        statuses::receive_pins(&world, eve.id, listed).await.unwrap();
        assert_eq!(pinned().await, [ids[1], ids[0]]);
        statuses::receive_pin(&world, eve.id, ids[2]).await.unwrap();
        statuses::receive_pin(&world, eve.id, foreign).await.unwrap();
        assert_eq!(pinned().await, [ids[2], ids[1], ids[0]]);
        statuses::receive_unpin(&world, mallory.id, ids[2]).await.unwrap();
        statuses::receive_unpin(&world, eve.id, ids[1]).await.unwrap();
        assert_eq!(pinned().await, [ids[2], ids[0]]);

        let ada = world.local("ada").await;
        for text in ["#fog", "#boats", "#boats again", "#secret #secret"] {
            let visibility = if text.contains("secret") {
                Visibility::Private
            } else {
                Visibility::Unlisted
            };
            post(&world, &ada, text, visibility).await;
        }
        let suggested = featured_tags::suggestions(&world, ada.account_id).await.unwrap();
        let names: Vec<&str> = suggested.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["boats", "fog"]);
        let view = featured_tags::feature(&world, ada.account_id, "boats")
            .await
            .unwrap();
        assert_eq!(view.statuses_count, 2);
        assert!(view.last_status_at.is_some());
        let suggested = featured_tags::suggestions(&world, ada.account_id).await.unwrap();
        assert_eq!(suggested.len(), 1);
        let twice = featured_tags::feature(&world, ada.account_id, "#BOATS").await;
        assert!(matches!(twice, Err(Error::Invalid { .. })));
    })
    .await;
}

#[tokio::test]
async fn fed_094_policies_hold_for_answers_from_elsewhere() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let eve = world.remote("eve", "far.example").await;
        let new = NewStatus {
            interactions: Some(Choice {
                reply: Who::Followers,
                ..Choice::default()
            }),
            ..new_status("hello", Visibility::Public)
        };
        let id = statuses::post(&world, &ada, new).await.unwrap();
        let parent = format!("https://pouet.example/ap/users/{}/posts/{id}", ada.account_id);
        let answer = |number| RemoteStatus {
            in_reply_to_uri: Some(parent.clone()),
            ..note(&world, &eve, number)
        };
        let pushed = Arrival::Pushed { recipient: None };
        assert_eq!(statuses::receive(&world, answer(1), pushed).await.unwrap(), None);
        assert_eq!(
            statuses::receive(&world, answer(1), Arrival::Fetched)
                .await
                .unwrap(),
            None
        );
        statuses::receive_favourite(&world, eve.id, None, id)
            .await
            .unwrap();
        let status = statuses::find_raw(&world, id).await.unwrap().unwrap();
        assert_eq!((status.replies_count, status.favourites_count), (0, 1));
        let published = interactions::published(&world, id).await.unwrap();
        assert_eq!(published.choice.reply, Who::Followers);
    })
    .await;
}

#[tokio::test]
async fn fed_094_what_waits_appears_with_its_approval() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (eve, mallory) = (
            world.remote("eve", "far.example").await,
            world.remote("mallory", "far.example").await,
        );
        let rule = Rule {
            automatic: Vec::new(),
            manual: vec![PUBLIC.to_owned()],
        };
        let rules = Rules {
            reply: Some(rule),
            ..Rules::default()
        };
        let received = RemoteStatus {
            rules: Some(rules.clone()),
            ..note(&world, &eve, 1)
        };
        let parent = statuses::receive(&world, received, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        let verdict = interactions::of_others(&world, Interaction::Reply, parent, mallory.id).await;
        assert_eq!(verdict.unwrap(), Verdict::NeedsApproval);
        let answer = async || {
            let new = NewStatus {
                in_reply_to_id: Some(parent),
                ..new_status("may I?", Visibility::Unlisted)
            };
            statuses::post(&world, &ada, new).await.unwrap()
        };
        let visibility = async |id| {
            let status = statuses::find_raw(&world, id).await.unwrap();
            status.map(|status| status.visibility)
        };
        let approval = "https://far.example/approvals/1";
        let id = answer().await;
        assert_eq!(visibility(id).await, Some(Visibility::Direct));
        statuses::receive_approval(&world, mallory.id, id, approval)
            .await
            .unwrap();
        assert_eq!(visibility(id).await, Some(Visibility::Direct));
        statuses::receive_approval(&world, eve.id, id, approval)
            .await
            .unwrap();
        assert_eq!(visibility(id).await, Some(Visibility::Unlisted));
        let published = interactions::published(&world, id).await.unwrap();
        assert_eq!(published.approval.unwrap().approved_by.as_deref(), Some(approval));

        let id = answer().await;
        let what = Interacted::Status(id);
        statuses::receive_rejection(&world, mallory.id, what)
            .await
            .unwrap();
        assert_eq!(visibility(id).await, Some(Visibility::Direct));
        statuses::receive_rejection(&world, eve.id, what).await.unwrap();
        assert_eq!(visibility(id).await, None);
        let parent = statuses::find_raw(&world, parent).await.unwrap().unwrap();
        assert_eq!(parent.replies_count, 1);
    })
    .await;
}

#[tokio::test]
async fn fed_094_who_is_quoted_hears_of_it_when_the_quoting_answer_is_approved() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let eve = world.remote("eve", "far.example").await;
        let rule = Rule {
            automatic: Vec::new(),
            manual: vec![PUBLIC.to_owned()],
        };
        let received = RemoteStatus {
            rules: Some(Rules {
                reply: Some(rule),
                ..Rules::default()
            }),
            ..note(&world, &eve, 1)
        };
        let parent = statuses::receive(&world, received, Arrival::Fetched)
            .await
            .unwrap();
        let quotable = NewStatus {
            quote_policy: Some(QuoteChoice::Public),
            ..new_status("wise words", Visibility::Public)
        };
        let quoted = statuses::post(&world, &ben, quotable).await.unwrap();
        let answer = NewStatus {
            in_reply_to_id: parent,
            quoted_status_id: Some(quoted),
            quote_policy: Some(QuoteChoice::Public),
            ..new_status("so true", Visibility::Public)
        };
        let id = statuses::post(&world, &ada, answer).await.unwrap();
        let told = async || {
            let query = NotificationQuery::default();
            let page = Page::first(40);
            let found = notifications::list(&world, ben.account_id, query, page).await;
            found.unwrap().len()
        };
        assert_eq!(told().await, 0);
        statuses::receive_approval(&world, eve.id, id, "https://far.example/approvals/1")
            .await
            .unwrap();
        assert_eq!(told().await, 1);
        let view = statuses::find(&world, Some(ben.account_id), id).await.unwrap();
        assert!(view.quote.is_some());
        assert!(!view.quote_approval.policy.automatic.is_empty());
    })
    .await;
}

#[tokio::test]
async fn fed_094_what_members_decide_about_is_listed_and_done() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let eve = world.remote("eve", "far.example").await;
        let everybody = Some(Who::Public);
        let new = NewStatus {
            interactions: Some(Choice {
                reply: Who::Mentioned,
                like: Who::Mentioned,
                announce: Who::Public,
                asking: Asking {
                    reply: everybody,
                    like: everybody,
                    announce: everybody,
                },
            }),
            ..new_status("hello", Visibility::Public)
        };
        let id = statuses::post(&world, &ada, new).await.unwrap();
        let parent = format!("https://pouet.example/ap/users/{}/posts/{id}", ada.account_id);
        let pushed = Arrival::Pushed { recipient: None };
        for number in 1..=3 {
            let answer = RemoteStatus {
                in_reply_to_uri: Some(parent.clone()),
                ..note(&world, &eve, number)
            };
            let stored = statuses::receive(&world, answer, pushed).await.unwrap();
            assert!(stored.is_some(), "it waits here");
        }
        let fetched = RemoteStatus {
            in_reply_to_uri: Some(parent.clone()),
            ..note(&world, &eve, 4)
        };
        let fetched = statuses::receive(&world, fetched, Arrival::Fetched)
            .await
            .unwrap();
        assert_eq!(fetched, None, "nobody asks for what was only found");
        let uri = "https://far.example/likes/1";
        statuses::receive_favourite(&world, eve.id, Some(uri), id)
            .await
            .unwrap();
        statuses::react(&world, bob.account_id, id, "🎉").await.unwrap();
        statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        let list = async |kinds: &[Interaction], page: Page| {
            let query = RequestQuery {
                target: Some(id),
                kinds: kinds.to_vec(),
            };
            interactions::requests(&world, ada.account_id, query, page)
                .await
                .unwrap()
        };
        let all = list(&Interaction::ALL, Page::first(40)).await;
        assert_eq!(all.len(), 5, "boosts need not wait");
        let likes = list(&[Interaction::Like], Page::first(40)).await;
        let askers: Vec<_> = likes.iter().map(|view| view.actor.id).collect();
        assert_eq!(askers, [bob.account_id, eve.id]);
        let newest = list(&Interaction::ALL, Page::first(2)).await;
        let older = Page {
            max_id: newest.last().map(|view| view.request.id.0),
            ..Page::first(2)
        };
        let older = list(&Interaction::ALL, older).await;
        let ids = |views: &[interactions::RequestView]| -> Vec<_> {
            views.iter().map(|view| view.request.id).collect()
        };
        assert_eq!([ids(&newest), ids(&older)].concat(), ids(&all)[..4]);
        for (n, view) in all.iter().enumerate() {
            let decided = view.request.id;
            let foreign = interactions::authorize(&world, bob.account_id, decided).await;
            assert!(matches!(foreign, Err(Error::NotFound)));
            if n == 4 {
                interactions::reject(&world, ada.account_id, decided)
                    .await
                    .unwrap();
            } else {
                interactions::authorize(&world, ada.account_id, decided)
                    .await
                    .unwrap();
            }
        }
        assert_eq!(list(&Interaction::ALL, Page::first(40)).await.len(), 0);
        let status = statuses::find_raw(&world, id).await.unwrap().unwrap();
        let counts = (
            status.replies_count,
            status.favourites_count,
            status.reblogs_count,
        );
        assert_eq!(counts, (2, 1, 1));
        assert_eq!(shown(&world, id).await, [("🎉".to_owned(), 1, false)]);
        let rejected = interactions::request(&world, ada.account_id, all[4].request.id)
            .await
            .unwrap();
        assert!(rejected.reply.is_none() && rejected.request.rejected_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn fed_094_defaults_hold_for_new_statuses_of_their_audience() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let choice = Choice {
            reply: Who::Known,
            ..Choice::default()
        };
        let chosen = vec![(Visibility::Unlisted, choice)];
        interactions::set_defaults(&world, ada.account_id, chosen)
            .await
            .unwrap();
        for (visibility, expected) in [
            (Visibility::Public, Choice::default()),
            (Visibility::Unlisted, choice),
        ] {
            let id = post(&world, &ada, "hello", visibility).await;
            let published = interactions::published(&world, id).await.unwrap();
            assert_eq!(published.choice, expected);
        }
        interactions::set_defaults(&world, ada.account_id, Vec::new())
            .await
            .unwrap();
        assert!(
            interactions::defaults(&world, ada.account_id)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}
