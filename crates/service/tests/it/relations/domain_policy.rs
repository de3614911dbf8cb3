//! What rules about domains do to people, statuses and files that are here already.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use pouet_model::{
    account::Picture,
    ids::{AccountId, JobId, MediaId},
    notification::NotificationType,
    page::Page,
    status::{MediaAttachment, MediaType, Timing, Visibility},
};
use pouet_service::{
    Error, accounts,
    delivery::{self, Outgoing},
    follows::{self, FollowOptions, Selector},
    jobs::{Job, JobError, JobHandler, Worker},
    policy::{self, Change, NewRule, Severity},
    search,
    settings::FederationMode,
    statuses,
    timelines::{self, PublicFilter},
};
use pouet_storage::{accounts as account_rows, media};

use super::{account, actor, assert_counts, locals, relationship, remote, told, write};
use crate::common::{World, on_each_database, on_each_database_with};

/// Writes down the jobs that need other servers.
#[derive(Default)]
struct Log(Mutex<Vec<Job>>);

#[async_trait]
impl JobHandler for Log {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        self.0.lock().unwrap().push(job);
        Ok(())
    }
}

/// Runs what is due; the jobs that other servers would hear of.
async fn run_jobs(world: &World) -> Vec<Job> {
    let log = Arc::new(Log::default());
    let mut worker = Worker::new(world.instance.clone(), log.clone());
    worker.run_due().await.unwrap();
    std::mem::take(&mut *log.0.lock().unwrap())
}

fn rule(domain: &str, severity: Severity) -> NewRule {
    NewRule {
        domain: domain.to_owned(),
        severity,
        ..NewRule::default()
    }
}

/// `local` and `far` follow each other.
async fn befriend(world: &World, local: AccountId, far: AccountId, uri: &str) {
    follows::follow(world, local, far, FollowOptions::default())
        .await
        .unwrap();
    follows::receive_accept(world, far, Selector::Pair { follower: local })
        .await
        .unwrap();
    follows::receive_follow(world, far, local, uri).await.unwrap();
    let between = relationship(world, local, far).await;
    assert!(between.following && between.followed_by);
}

async fn enqueue(world: &World, inbox: &str) -> usize {
    let outgoing = Outgoing {
        id: world.next_id(),
        account_id: None,
        retired_key_id: None,
        body: "{}".to_owned(),
        object_uri: inbox.to_owned(),
        inboxes: vec![inbox.to_owned()],
    };
    delivery::enqueue(world, outgoing).await.unwrap()
}

async fn waiting(world: &World) -> i64 {
    delivery::queue_counts(world).await.unwrap().waiting
}

#[tokio::test]
async fn fed_142_suspending_a_domain_severs_hides_and_cancels_and_lifting_restores_accounts() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let bob = remote(&world, "bob", "evil.example").await;
        let eve = remote(&world, "eve", "deep.evil.example").await;
        let cal = remote(&world, "cal", "notevil.example").await;
        for (far, uri) in [
            (bob, "https://evil.example/f"),
            (eve, "https://deep.evil.example/f"),
            (cal, "https://notevil.example/f"),
        ] {
            befriend(&world, ada, far, uri).await;
        }
        let status = write(&world, eve, Visibility::Public, "boats").await;
        run_jobs(&world).await;
        for inbox in [
            "https://evil.example/inbox",
            "https://deep.evil.example/inbox",
            "https://notevil.example/inbox",
        ] {
            assert_eq!(enqueue(&world, inbox).await, 1);
        }

        policy::set(&world, rule("Evil.example", Severity::Suspend))
            .await
            .unwrap();
        // At once: hidden, cancelled, and nothing new is queued.
        assert!(policy::of(&world, "deep.evil.example").await.unwrap().suspended);
        assert!(matches!(
            statuses::find(&world, Some(ada), status).await,
            Err(Error::NotFound)
        ));
        assert!(account(&world, bob).await.suspended_at.is_some());
        assert!(account(&world, cal).await.suspended_at.is_none());
        assert_eq!(waiting(&world).await, 1, "only what is for the other domain");
        assert_eq!(enqueue(&world, "https://deep.evil.example/inbox").await, 0);

        // Then the follows end: theirs by a Reject, ours without a word.
        let mut told_others = run_jobs(&world).await;
        told_others.sort_by_key(|job| format!("{job:?}"));
        let reject = |far, uri: &str| Job::SendReject {
            account_id: ada,
            follower_id: far,
            follow_uri: uri.to_owned(),
        };
        assert_eq!(told_others.len(), 2, "{told_others:?}");
        assert!(told_others.contains(&reject(bob, "https://evil.example/f")));
        assert!(told_others.contains(&reject(eve, "https://deep.evil.example/f")));
        for far in [bob, eve] {
            let between = relationship(&world, ada, far).await;
            assert!(!between.following && !between.followed_by);
        }
        assert_counts(&world, ada, cal, 1).await;
        let severed = policy::severed(&world, "evil.example").await.unwrap();
        let found: Vec<_> = severed
            .iter()
            .map(|(follow, name)| (name.as_str(), follow.other_handle.as_str(), follow.outward))
            .collect();
        assert_eq!(
            found,
            [
                ("ada", "bob@evil.example", true),
                ("ada", "bob@evil.example", false)
            ]
        );
        assert_eq!(
            policy::severed_domains(&world).await.unwrap(),
            ["deep.evil.example", "evil.example"]
        );
        // The rule written again changes nothing more.
        policy::set(&world, rule("evil.example", Severity::Suspend))
            .await
            .unwrap();
        assert_eq!(run_jobs(&world).await, []);

        policy::remove(&world, "evil.example").await.unwrap();
        assert!(account(&world, bob).await.suspended_at.is_none());
        assert!(statuses::find(&world, Some(ada), status).await.is_ok());
        run_jobs(&world).await;
        assert!(
            !relationship(&world, ada, bob).await.following,
            "follows stay ended"
        );
    })
    .await;
}

#[tokio::test]
async fn fed_142_what_a_suspended_domain_left_is_purged_after_thirty_days() {
    on_each_database(async |world| {
        let bob = remote(&world, "bob", "evil.example").await;
        let status = write(&world, bob, Visibility::Public, "boats").await;
        let set = async |severity| policy::set(&world, rule("evil.example", severity)).await.unwrap();
        let pass = async |days| {
            world.clock.advance(TimeDelta::days(days));
            run_jobs(&world).await;
        };
        set(Severity::Suspend).await;
        pass(20).await;
        // A rule that was lifted in between begins anew.
        policy::remove(&world, "evil.example").await.unwrap();
        set(Severity::Suspend).await;
        pass(11).await;
        assert!(account(&world, bob).await.suspended_at.is_some());
        pass(20).await;
        assert!(accounts::find_any(&world, bob).await.unwrap().is_none());
        assert!(statuses::find_raw(&world, status).await.unwrap().is_none());
        // Nothing stands in the way of its return.
        policy::remove(&world, "evil.example").await.unwrap();
        remote(&world, "bob", "evil.example").await;
    })
    .await;
}

#[tokio::test]
async fn a_rule_lifts_only_what_it_did() {
    on_each_database(async |world| {
        let by_origin = accounts::receive_actor(
            &world,
            accounts::ActorData {
                suspended: true,
                ..actor("bob", "evil.example")
            },
        )
        .await
        .unwrap();
        let suspended = account(&world, by_origin.id).await.suspended_at;
        assert!(suspended.is_some());
        policy::set(&world, rule("evil.example", Severity::Suspend))
            .await
            .unwrap();
        // Another severity in place of it, and a more specific rule beside it.
        let sub = remote(&world, "sub", "sub.evil.example").await;
        policy::set(&world, rule("sub.evil.example", Severity::Silence))
            .await
            .unwrap();
        let found = account(&world, sub).await;
        assert!(found.suspended_at.is_none() && found.silenced_at.is_some());
        policy::remove(&world, "evil.example").await.unwrap();
        assert_eq!(account(&world, by_origin.id).await.suspended_at, suspended);
        policy::remove(&world, "sub.evil.example").await.unwrap();
        assert!(account(&world, sub).await.silenced_at.is_none());
    })
    .await;
}

#[tokio::test]
async fn fed_143_a_limited_domain_stays_out_of_public_lists() {
    on_each_database(async |world| {
        let [ada, ben] = locals(&world, ["ada", "ben"]).await;
        let known = remote(&world, "knownloud", "loud.example").await;
        befriend(&world, ada, known, "https://loud.example/f").await;
        policy::set(&world, rule("loud.example", Severity::Silence))
            .await
            .unwrap();
        // One that was here, and one that comes.
        let later = remote(&world, "laterloud", "sub.loud.example").await;
        let quiet = remote(&world, "quiet", "quiet.example").await;
        for author in [known, later, quiet] {
            write(&world, author, Visibility::Public, "boats").await;
        }
        for viewer in [None, Some(ada), Some(ben)] {
            let page = timelines::public(&world, viewer, PublicFilter::default(), Page::first(20))
                .await
                .unwrap();
            let authors: Vec<_> = page.iter().map(|view| view.author.id).collect();
            assert_eq!(authors, [quiet], "{viewer:?}");
        }
        let names = async |viewer| {
            let query = search::SearchQuery {
                q: "loud".to_owned(),
                limit: 20,
                ..search::SearchQuery::default()
            };
            let found = search::search(&world, Some(viewer), query).await.unwrap();
            found
                .accounts
                .iter()
                .map(|account| account.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(ben).await, []);
        assert_eq!(names(ada).await, [known], "who follows it finds it");

        follows::receive_follow(&world, later, ben, "https://sub.loud.example/f")
            .await
            .unwrap();
        assert!(!relationship(&world, ben, later).await.followed_by);
        let post = write(&world, ben, Visibility::Public, "boats").await;
        statuses::receive_favourite(&world, later, None, post)
            .await
            .unwrap();
        assert_eq!(told(&world, ben).await, [], "it is held back");
        let wishes = follows::requests(&world, ben, Page::first(9)).await.unwrap();
        assert_eq!(wishes[0].item.id, later);
        let post = write(&world, ada, Visibility::Public, "boats").await;
        statuses::receive_favourite(&world, known, None, post)
            .await
            .unwrap();
        assert!(
            told(&world, ada)
                .await
                .contains(&(NotificationType::Favourite, known)),
            "who follows it hears of it"
        );
        policy::remove(&world, "loud.example").await.unwrap();
        assert_eq!(names(ben).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn fed_143_a_rule_looks_at_the_account_that_comes_and_at_no_other() {
    on_each_database(async |world| {
        let bob = remote(&world, "bob", "loud.example").await;
        for severity in [Severity::Silence, Severity::Suspend] {
            policy::set(&world, rule("loud.example", severity)).await.unwrap();
            // A trace that would be gone if all accounts of the domain were gone through.
            let free = "UPDATE accounts SET silenced_at = NULL, suspended_at = NULL";
            world.execute(free).await;
            let later = remote(&world, &format!("later_{severity:?}"), "loud.example").await;
            let (known, new) = (account(&world, bob).await, account(&world, later).await);
            assert_eq!((known.silenced_at, known.suspended_at), (None, None));
            let restricted = match severity {
                Severity::Suspend => new.suspended_at,
                _ => new.silenced_at,
            };
            assert!(restricted.is_some(), "{severity:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn fed_144_copies_of_refused_media_are_removed() {
    on_each_database(async |world| {
        let url = "https://pictures.example/bob.png";
        let bob = accounts::receive_actor(
            &world,
            accounts::ActorData {
                avatar_url: Some(url.to_owned()),
                ..actor("bob", "sub.pictures.example")
            },
        )
        .await
        .unwrap()
        .id;
        let status = write(&world, bob, Visibility::Public, "a boat").await;
        let attachment = MediaAttachment {
            id: MediaId(7),
            account_id: bob,
            status_id: Some(status),
            media_type: MediaType::Image,
            content_type: "image/png".to_owned(),
            file: Some("cache/boat.png".to_owned()),
            thumbnail: Some("cache/boat-small.png".to_owned()),
            remote_url: Some("https://pictures.example/boat.png".to_owned()),
            description: None,
            blurhash: None,
            focus: None,
            size: None,
            small_size: None,
            preview_remote_url: None,
            timing: Timing::default(),
            created_at: world.now(),
        };
        world
            .store()
            .write(move |tx| {
                media::insert_media(tx, &attachment, 0)?;
                account_rows::cache_picture(tx, bob, true, url, "cache/bob.png")
            })
            .await
            .unwrap();
        let no_media = NewRule {
            reject_media: true,
            ..rule("pictures.example", Severity::Noop)
        };
        policy::set(&world, no_media).await.unwrap();
        run_jobs(&world).await;
        assert_eq!(
            account(&world, bob).await.avatar,
            Some(Picture::Remote(url.to_owned()))
        );
        let (kept, mut trash) = world
            .store()
            .read(|conn| {
                Ok::<_, pouet_storage::Error>((
                    media::find_media(conn, MediaId(7))?.unwrap(),
                    media::list_trash(conn, 10)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!((kept.file, kept.thumbnail), (None, None));
        trash.sort_unstable();
        assert_eq!(trash, ["cache/boat-small.png", "cache/boat.png", "cache/bob.png"]);
    })
    .await;
}

#[tokio::test]
async fn fed_145_rules_and_allows_are_weighed_by_the_mode() {
    // Rule about evil.example, allow of `allowed`: what holds for the domain asked about.
    let table = [
        (FederationMode::Open, "", "evil.example", true),
        (FederationMode::Open, "", "other.example", false),
        (FederationMode::Open, "evil.example", "evil.example", false),
        (
            FederationMode::Open,
            "good.evil.example",
            "good.evil.example",
            false,
        ),
        (FederationMode::Open, "good.evil.example", "evil.example", true),
        (FederationMode::AllowList, "", "other.example", true),
        (
            FederationMode::AllowList,
            "other.example",
            "a.other.example",
            false,
        ),
        (FederationMode::AllowList, "evil.example", "evil.example", true),
        (
            FederationMode::AllowList,
            "good.evil.example",
            "good.evil.example",
            true,
        ),
    ];
    for (mode, allowed, domain, denied) in table {
        on_each_database_with(
            |settings| settings.federation.mode = mode,
            async |world| {
                policy::set(&world, rule("evil.example", Severity::Suspend))
                    .await
                    .unwrap();
                if !allowed.is_empty() {
                    policy::allow(&world, &[allowed.to_owned()], None).await.unwrap();
                }
                let found = policy::of(&world, domain).await.unwrap();
                assert_eq!(found.suspended, denied, "{mode:?} {allowed:?} {domain}");
            },
        )
        .await;
    }
}

#[tokio::test]
async fn lists_are_compared_before_they_are_taken_over() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let bob = remote(&world, "bob", "sub.evil.example").await;
        befriend(&world, ada, bob, "https://sub.evil.example/f").await;
        let ours = NewRule {
            private_comment: Some("ours".to_owned()),
            ..rule("same.example", Severity::Silence)
        };
        policy::set_all(&world, vec![ours, rule("mild.example", Severity::Silence)])
            .await
            .unwrap();
        let list = "#domain,#severity\nEVIL.example,suspend\nsame.example,silence\nmild.example,suspend\n";
        let list = policy::read_rules(list).unwrap();
        let outcome = |overwrite| {
            let (world, list) = (&world, list.clone());
            async move {
                let found = policy::compare(world, list, overwrite).await.unwrap();
                found
                    .into_iter()
                    .map(|line| (line.rule.domain, line.change, line.severed))
                    .collect::<Vec<_>>()
            }
        };
        let expected = |mild| {
            [
                ("evil.example".to_owned(), Change::New, 2),
                ("mild.example".to_owned(), mild, 0),
                ("same.example".to_owned(), Change::Same, 0),
            ]
        };
        assert_eq!(outcome(false).await, expected(Change::Kept));
        assert_eq!(outcome(true).await, expected(Change::Replaced));
        assert!(relationship(&world, ada, bob).await.following, "it only compared");
        let exported = policy::write_rules(&policy::list_rules(&world).await.unwrap());
        assert_eq!(
            exported,
            "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
             mild.example,silence,false,false,,false\nsame.example,silence,false,false,,false\n"
        );
    })
    .await;
}
