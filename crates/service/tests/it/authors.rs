//! What authors decide of their statuses: when they end, whether they leave this instance, and what is not finished
//! yet.

use chrono::TimeDelta;
use pouet_model::{
    ids::StatusId,
    page::Page,
    status::{Status, Visibility},
};
use pouet_service::{
    Error,
    jobs::Job,
    statuses::{self, EndChange, NewStatus, ReceivedReblog, StatusChange, drafts},
    timelines::{self, PublicFilter},
};

use crate::common::{
    World, on_each_database,
    people::{new_status, run_jobs},
};

async fn row(world: &World, id: StatusId) -> Option<Status> {
    statuses::find_raw(world, id).await.unwrap()
}

fn is_invalid<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Invalid { .. }))
}

fn ending(seconds: i64) -> NewStatus {
    NewStatus {
        expires_in: Some(seconds),
        ..new_status("for a while", Visibility::Public)
    }
}

#[tokio::test]
async fn a_status_with_an_end_is_removed_everywhere_then() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        for seconds in [299, 366 * 86_400 + 1, -300, i64::MAX] {
            let refused = statuses::post(&world, &ada, ending(seconds)).await;
            assert!(is_invalid(&refused), "{seconds}");
        }
        let id = statuses::post(&world, &ada, ending(600)).await.unwrap();
        let boost = statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        assert_eq!(
            row(&world, id).await.unwrap().expires_at,
            Some(world.now() + TimeDelta::minutes(10))
        );
        run_jobs(&world).await;
        world.clock.advance(TimeDelta::seconds(599));
        run_jobs(&world).await;
        assert!(row(&world, id).await.is_some());
        world.clock.advance(TimeDelta::seconds(1));
        let told = run_jobs(&world).await;
        assert!(row(&world, id).await.is_none() && row(&world, boost).await.is_none());
        // The job that tells others was made when it ended.
        let told = [told, run_jobs(&world).await].concat();
        let deleted = |job: &Job| matches!(job, Job::PublishDelete(deleted) if deleted.status_id == id);
        assert_eq!(told.iter().filter(|job| deleted(job)).count(), 1, "{told:?}");
        assert_eq!(world.account(ada.account_id).await.statuses_count, 0);
    })
    .await;
}

#[tokio::test]
async fn an_edit_moves_the_end_or_takes_it_away() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let id = statuses::post(&world, &ada, ending(600)).await.unwrap();
        let kept = statuses::post(&world, &ada, ending(600)).await.unwrap();
        run_jobs(&world).await;
        let change = |end| StatusChange {
            text: "for a while".to_owned(),
            end,
            ..StatusChange::default()
        };
        let later = world.now() + TimeDelta::hours(1);
        statuses::edit(&world, ada.account_id, id, change(EndChange::At(later)))
            .await
            .unwrap();
        statuses::edit(&world, ada.account_id, kept, change(EndChange::Never))
            .await
            .unwrap();
        let told = run_jobs(&world).await;
        assert!(
            told.contains(&Job::PublishQuote { status_id: id }),
            "others learn the new end: {told:?}"
        );
        assert_eq!(
            row(&world, id).await.unwrap().edited_at,
            None,
            "the text is the same"
        );
        let too_soon = statuses::edit(&world, ada.account_id, id, change(EndChange::At(world.now()))).await;
        assert!(is_invalid(&too_soon));
        world.clock.advance(TimeDelta::minutes(30));
        run_jobs(&world).await;
        assert!(row(&world, id).await.is_some());
        // An edit of the text alone leaves the end as it is.
        let words = StatusChange {
            text: "other words".to_owned(),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, id, words).await.unwrap();
        assert_eq!(row(&world, id).await.unwrap().expires_at, Some(later));
        world.clock.advance(TimeDelta::minutes(31));
        run_jobs(&world).await;
        assert!(row(&world, id).await.is_none());
        assert!(row(&world, kept).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn what_stays_here_is_never_told_to_others_whatever_is_done_with_it() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let eve = world.remote("eve", "far.example").await;
        let follow = "https://far.example/follows/1";
        pouet_service::follows::receive_follow(&world, eve.id, ada.account_id, follow)
            .await
            .unwrap();
        run_jobs(&world).await;
        let new = NewStatus {
            local_only: true,
            ..new_status("among us @eve@far.example #here", Visibility::Public)
        };
        let id = statuses::post(&world, &ada, new).await.unwrap();
        let boost = statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        statuses::favourite(&world, bob.account_id, id).await.unwrap();
        statuses::pin(&world, ada.account_id, id).await.unwrap();
        let mut answer = new_status("indeed", Visibility::Public);
        answer.in_reply_to_id = Some(id);
        let answer = statuses::post(&world, &bob, answer).await.unwrap();
        let mut quote = new_status("look", Visibility::Public);
        quote.quoted_status_id = Some(id);
        let quote = statuses::post(&world, &bob, quote).await.unwrap();
        for made in [id, boost, answer, quote] {
            assert!(row(&world, made).await.unwrap().local_only);
        }
        let words = StatusChange {
            text: "only among us".to_owned(),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, id, words).await.unwrap();
        let told = run_jobs(&world).await;
        let harmless = |job: &Job| matches!(job, Job::SendFeatured { .. });
        assert!(told.iter().all(harmless), "{told:?}");

        // Who is signed in here sees it; the public, and accounts elsewhere, do not, named or not.
        assert!(statuses::find(&world, Some(bob.account_id), id).await.is_ok());
        for viewer in [None, Some(eve.id)] {
            let found = statuses::find(&world, viewer, id).await;
            assert!(matches!(found, Err(Error::NotFound)), "{viewer:?}");
        }
        let public =
            |viewer| timelines::public(&world.instance, viewer, PublicFilter::default(), Page::first(40));
        assert_eq!(public(None).await.unwrap().len(), 0);
        assert_eq!(
            public(Some(bob.account_id)).await.unwrap().len(),
            2,
            "answers are not listed"
        );
        assert!(!statuses::visible_to_everybody(&world, id).await.unwrap());
        let open = statuses::open_statuses_of(&world, ada.account_id, None, 20)
            .await
            .unwrap();
        assert!(open.is_empty(), "not in the outbox");
        // What others do with its address has no effect.
        let received = ReceivedReblog {
            actor: eve.id,
            uri: "https://far.example/boosts/1".to_owned(),
            target: id,
            visibility: Visibility::Public,
            published: world.now(),
        };
        statuses::receive_reblog(&world, received).await.unwrap();
        assert_eq!(
            row(&world, id).await.unwrap().reblogs_count,
            1,
            "only the one of here"
        );

        statuses::unreblog(&world, bob.account_id, id).await.unwrap();
        statuses::unpin(&world, ada.account_id, id).await.unwrap();
        statuses::delete(&world, ada.account_id, id, true).await.unwrap();
        let told = run_jobs(&world).await;
        assert!(told.iter().all(harmless), "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn drafts_are_kept_changed_and_posted_once() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let empty = drafts::create(&world, &ada, NewStatus::default()).await.unwrap();
        let made = drafts::create(&world, &ada, new_status("half a thou", Visibility::Unlisted))
            .await
            .unwrap();
        let listed = drafts::list(&world, ada.account_id, Page::first(40))
            .await
            .unwrap();
        assert_eq!(listed.len(), 2);
        let id = made.stored.id;
        world.clock.advance(TimeDelta::minutes(1));
        let changed = drafts::update(
            &world,
            &ada,
            id,
            new_status("a whole thought", Visibility::Unlisted),
        )
        .await
        .unwrap();
        assert_eq!(changed.stored.draft.text, "a whole thought");
        assert!(changed.stored.updated_at > changed.stored.created_at);
        for stranger in [
            drafts::find(&world, bob.account_id, id).await.err(),
            drafts::publish(&world, &bob, id).await.err(),
        ] {
            assert!(matches!(stranger, Some(Error::NotFound)), "{stranger:?}");
        }
        let unknown = NewStatus {
            media_ids: vec![pouet_model::ids::MediaId(1)],
            ..NewStatus::default()
        };
        assert!(matches!(
            drafts::create(&world, &ada, unknown).await,
            Err(Error::NotFound)
        ));
        // What cannot be posted stays a draft.
        let refused = drafts::publish(&world, &ada, empty.stored.id).await;
        assert!(is_invalid(&refused), "{refused:?}");
        assert!(
            drafts::find(&world, ada.account_id, empty.stored.id)
                .await
                .is_ok()
        );
        let posted = drafts::publish(&world, &ada, id).await.unwrap();
        assert_eq!(
            row(&world, posted).await.unwrap().visibility,
            Visibility::Unlisted
        );
        assert!(matches!(
            drafts::publish(&world, &ada, id).await,
            Err(Error::NotFound)
        ));
        drafts::delete(&world, ada.account_id, empty.stored.id)
            .await
            .unwrap();
        assert!(
            drafts::list(&world, ada.account_id, Page::first(40))
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}
