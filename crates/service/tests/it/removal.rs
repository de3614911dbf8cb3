//! What goes with an account, and what stays right without it.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, User},
    ids::{AccountId, JobId, ScheduledId, StatusId},
    page::Page,
    quote::{Grant, QuotePolicy},
    status::{Status, Visibility},
};
use pouet_service::{
    accounts,
    events::Event,
    follows::{self, FollowOptions, Selector},
    jobs::{Job, JobError, JobHandler, Worker},
    policy::{self, NewRule, Severity},
    quotes::QuoteViewState,
    saved_searches,
    statuses::{self, Arrival, NewStatus, ReceivedReblog, RemoteStatus, drafts, scheduled},
    tags,
};
use pouet_storage::{
    Conn, discovery, drafts as draft_rows, saved_searches as search_rows, scheduled as scheduled_rows,
    tag_follows,
};

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post},
};

/// Other servers, which hear nothing.
pub(crate) struct Nobody;

#[async_trait]
impl JobHandler for Nobody {
    async fn run(&self, _: JobId, _: Job) -> Result<(), JobError> {
        Ok(())
    }
}

async fn run_jobs(world: &World) {
    let mut worker = Worker::new(world.instance.clone(), Arc::new(Nobody));
    worker.run_due().await.unwrap();
}

async fn raw(world: &World, id: StatusId) -> Option<Status> {
    statuses::find_raw(world, id).await.unwrap()
}

async fn boost(world: &World, actor: AccountId, target: StatusId, number: u32) {
    let received = ReceivedReblog {
        actor,
        uri: format!("https://far.example/announces/{actor}/{number}"),
        target,
        visibility: Visibility::Public,
        published: world.now(),
    };
    statuses::receive_reblog(world, received).await.unwrap();
}

/// A status of `bob` that he boosted himself, and that `ada` boosted and quotes; one of `ada` that he answered and boosted.
struct Traces {
    his: StatusId,
    hers: StatusId,
    quoting: StatusId,
}

impl Traces {
    async fn leave(world: &World, ada: &User, bob: &Account) -> Self {
        follows::follow(world, ada.account_id, bob.id, FollowOptions::default())
            .await
            .unwrap();
        let follow = Selector::Pair {
            follower: ada.account_id,
        };
        follows::receive_accept(world, bob.id, follow).await.unwrap();
        let anybody = QuotePolicy {
            automatic: vec![Grant::Public],
            manual: Vec::new(),
        };
        let his = RemoteStatus {
            quote_policy: anybody,
            ..note(world, bob, 1)
        };
        let his = statuses::receive(world, his, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        boost(world, bob.id, his, 1).await;
        statuses::reblog(world, ada.account_id, his, None).await.unwrap();
        let quoting = NewStatus {
            quoted_status_id: Some(his),
            ..new_status("so true", Visibility::Public)
        };
        let quoting = statuses::post(world, ada, quoting).await.unwrap();

        let hers = post(world, ada, "boats", Visibility::Public).await;
        let answer = RemoteStatus {
            in_reply_to_uri: Some(world.urls().status_uri(&raw(world, hers).await.unwrap())),
            ..note(world, bob, 2)
        };
        statuses::receive(world, answer, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        boost(world, bob.id, hers, 2).await;
        let before = raw(world, hers).await.unwrap();
        assert_eq!((before.replies_count, before.reblogs_count), (1, 1));
        assert_eq!(raw(world, his).await.unwrap().reblogs_count, 2);
        assert_eq!(world.account(ada.account_id).await.statuses_count, 3);
        Self { his, hers, quoting }
    }

    /// Nothing is left of what `bob` did, and all counts are those of what is there.
    async fn assert_gone(&self, world: &World, ada: &User, bob: AccountId) {
        assert!(raw(world, self.his).await.is_none());
        let left = world
            .store()
            .read(move |conn| pouet_storage::statuses::list_status_ids_of(conn, bob, 10))
            .await
            .unwrap();
        assert_eq!(left, []);
        let hers = raw(world, self.hers).await.unwrap();
        assert_eq!((hers.replies_count, hers.reblogs_count), (0, 0));
        assert_eq!(
            world.account(ada.account_id).await.statuses_count,
            2,
            "her boost went too"
        );
        let view = statuses::find(world, Some(ada.account_id), self.quoting)
            .await
            .unwrap();
        let state = view.quote.unwrap().state;
        assert!(
            matches!(state, QuoteViewState::Deleted | QuoteViewState::Rejected),
            "{state:?}"
        );
    }
}

#[tokio::test]
async fn a_deleted_remote_account_takes_its_boosts_of_itself_along_and_leaves_the_right_counts() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = world.remote("bob", "far.example").await;
        let traces = Traces::leave(&world, &ada, &bob).await;
        let mut events = world.hub.subscribe();
        accounts::receive_delete(&world, bob.id).await.unwrap();
        traces.assert_gone(&world, &ada, bob.id).await;
        let after = world.account(bob.id).await;
        assert!(after.deleted_at.is_some());
        assert_eq!(after.statuses_count, 0);
        // Whoever looks at a timeline sees it go.
        while !matches!(
            &*events.recv().await.unwrap(),
            Event::StatusDeleted { status_id, .. } if *status_id == traces.his
        ) {}
    })
    .await;
}

#[tokio::test]
async fn fed_142_a_purged_account_takes_its_boosts_of_itself_along_and_leaves_the_right_counts() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = world.remote("bob", "far.example").await;
        let traces = Traces::leave(&world, &ada, &bob).await;
        suspend(&world, "far.example").await;
        world.clock.advance(TimeDelta::days(31));
        run_jobs(&world).await;
        traces.assert_gone(&world, &ada, bob.id).await;
        assert!(accounts::find_any(&world, bob.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_deleted_local_account_takes_its_boosts_of_itself_along_and_leaves_the_right_counts() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        let hers = post(&world, &ada, "boats", Visibility::Public).await;
        let secret = post(&world, &ada, "a secret", Visibility::Private).await;
        let his = post(&world, &ben, "fog", Visibility::Public).await;
        for (actor, target) in [(&ada, hers), (&ada, secret), (&ada, his), (&ben, hers)] {
            statuses::reblog(&world, actor.account_id, target, None)
                .await
                .unwrap();
        }
        let answer = NewStatus {
            in_reply_to_id: Some(his),
            ..new_status("what fog?", Visibility::Public)
        };
        statuses::post(&world, &ada, answer).await.unwrap();
        accounts::delete_local(&world, ada.account_id).await.unwrap();
        assert!(raw(&world, hers).await.is_none());
        assert!(raw(&world, secret).await.is_none());
        let his = raw(&world, his).await.unwrap();
        assert_eq!((his.replies_count, his.reblogs_count), (0, 0));
        assert_eq!(world.account(ben.account_id).await.statuses_count, 1);
        assert_eq!(world.account(ada.account_id).await.statuses_count, 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_deletion_did_not_reach_before_a_crash_goes_afterwards() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        accounts::delete_local(&world, ada.account_id).await.unwrap();
        let left = world.store().write({
            let mut status = {
                let ben = world.local("ben").await;
                let id = post(&world, &ben, "boats", Visibility::Private).await;
                raw(&world, id).await.unwrap()
            };
            status.id = world.next_id();
            status.account_id = ada.account_id;
            move |tx| pouet_storage::statuses::insert_status(tx, &status, false).map(|()| status.id)
        });
        let left = left.await.unwrap();
        world.clock.advance(TimeDelta::minutes(11));
        run_jobs(&world).await;
        assert!(raw(&world, left).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn what_somebody_kept_for_themselves_goes_with_them() {
    on_each_database(async |world| {
        let (ada, ben) = (world.local("ada").await, world.local("ben").await);
        for user in [&ada, &ben] {
            let own = user.account_id;
            let later = world.now() + TimeDelta::hours(1);
            let plan = new_status("not yet", Visibility::Public);
            scheduled::schedule(&world, user, plan, later).await.unwrap();
            drafts::create(&world, user, new_status("half a thou", Visibility::Public))
                .await
                .unwrap();
            saved_searches::create(&world, own, "boats", "boats")
                .await
                .unwrap();
            tags::follow(&world, own, "boats").await.unwrap();
        }
        let (ada, ben) = (ada.account_id, ben.account_id);
        for (one, other) in [(ada, ben), (ben, ada)] {
            world
                .store()
                .write(move |tx| discovery::insert_dismissal(tx, one, other))
                .await
                .unwrap();
        }
        let left = async |id: AccountId, other: AccountId| {
            let count = move |conn: &mut Conn| {
                let whole = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
                Ok::<_, pouet_storage::Error>([
                    scheduled_rows::count_scheduled(conn, id, whole.0, whole.1, ScheduledId(0))?,
                    draft_rows::count_drafts(conn, id)?,
                    search_rows::count_saved_searches(conn, id)?,
                    tag_follows::list_tag_follows(conn, id, &Page::first(5))?.len() as i64,
                    discovery::load_dismissed(conn, id, &[other])?.len() as i64,
                ])
            };
            world.store().read(count).await.unwrap()
        };
        assert_eq!(left(ada, ben).await, [1; 5]);
        accounts::delete_local(&world, ada).await.unwrap();
        assert_eq!(left(ada, ben).await, [0; 5]);
        assert_eq!(
            left(ben, ada).await,
            [1, 1, 1, 1, 0],
            "of others, what relates to them"
        );
    })
    .await;
}

#[tokio::test]
async fn much_is_removed_in_many_steps() {
    on_each_database(async |world| {
        let bob = world.remote("bob", "far.example").await;
        for number in 0..120 {
            let note = note(&world, &bob, number);
            statuses::receive(&world, note, Arrival::Fetched)
                .await
                .unwrap()
                .unwrap();
        }
        let ada = world.local("ada").await;
        let hers = post(&world, &ada, "boats", Visibility::Public).await;
        for number in 0..120 {
            let eve = world.remote(&format!("eve{number}"), "far.example").await;
            boost(&world, eve.id, hers, number).await;
        }
        assert_eq!(raw(&world, hers).await.unwrap().reblogs_count, 120);
        accounts::receive_delete(&world, bob.id).await.unwrap();
        accounts::delete_local(&world, ada.account_id).await.unwrap();
        for id in [bob.id, ada.account_id] {
            let left = world
                .store()
                .read(move |conn| pouet_storage::statuses::list_status_ids_of(conn, id, 1))
                .await
                .unwrap();
            assert_eq!(left, []);
        }
    })
    .await;
}

#[tokio::test]
async fn fed_142_an_account_that_cannot_be_removed_does_not_hold_up_the_others() {
    on_each_database(async |world| {
        let mut all = Vec::new();
        for name in ["bob", "stuck", "eve"] {
            all.push(world.remote(name, "far.example").await.id);
        }
        let anchor = format!(
            "CREATE TABLE anchors (account_id BIGINT NOT NULL REFERENCES accounts (id)); \
             INSERT INTO anchors VALUES ({})",
            all[1]
        );
        world.execute(&anchor).await;
        suspend(&world, "far.example").await;
        world.clock.advance(TimeDelta::days(31));
        run_jobs(&world).await;
        let is_there = async |id| accounts::find_any(&world, id).await.unwrap().is_some();
        assert!(!is_there(all[0]).await);
        assert!(is_there(all[1]).await);
        assert!(!is_there(all[2]).await, "who comes after it goes too");
        world.execute("DELETE FROM anchors").await;
        world.clock.advance(TimeDelta::days(2));
        run_jobs(&world).await;
        assert!(!is_there(all[1]).await, "it is tried again");
    })
    .await;
}

async fn suspend(world: &World, domain: &str) {
    let rule = NewRule {
        domain: domain.to_owned(),
        severity: Severity::Suspend,
        ..NewRule::default()
    };
    policy::set(world, rule).await.unwrap();
    run_jobs(world).await;
}
