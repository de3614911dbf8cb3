//! What counts: people, once, and none of those who must not.

use chrono::TimeDelta;
use pouet_model::{
    ids::StatusId,
    status::Visibility,
    trend::{Subject, TrendKind, day_of, potential, score, together},
};
use pouet_service::{
    Instance, jobs,
    statuses::{self, Arrival, RemoteStatus, StatusChange},
    tags,
    trends::{self, By},
};
use pouet_storage::trends as rows;

use super::{boost, followed, moderator, push, say, saying, tag, trending_statuses, trending_tags};
use crate::common::{
    World, on_each_database, on_each_database_with,
    people::{new_status, note, post},
};

/// The score of a hashtag, in people.
async fn tag_score(world: &World, name: &str) -> f64 {
    let Some(id) = tags::find(world, None, name).await.unwrap().id else {
        return 0.0;
    };
    subject_score(world, Subject::new(TrendKind::Tag, id)).await
}

async fn subject_score(world: &World, subject: Subject) -> f64 {
    let now = world.now();
    let read = move |conn: &mut pouet_storage::Conn| rows::find_potential(conn, subject);
    let potential = world.store().read(read).await.unwrap();
    potential.map_or(0.0, |potential| score(potential, now, subject.kind.half_life()))
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-6
}

#[tokio::test]
async fn fed_149_authors_count_once_a_day_and_not_all_of_them() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let eve = followed(&world, &ada, "eve", "other.example").await;
        for _ in 0..20 {
            say(&world, &bob, &["boats"]).await;
        }
        assert!(near(tag_score(&world, "boats").await, 1.0), "once, however often");
        assert_eq!(trending_tags(&world).await, [""; 0], "one voice is no trend");
        say(&world, &eve, &["boats"]).await;
        assert!(near(tag_score(&world, "boats").await, 2.0));
        assert_eq!(trending_tags(&world).await, ["boats"]);

        // A new day, a new voice: halved twice since, and one more.
        world.clock.advance(TimeDelta::days(1));
        say(&world, &bob, &["boats"]).await;
        assert!(near(tag_score(&world, "boats").await, 1.5));

        let limited = followed(&world, &ada, "lim", "limited.example").await;
        world
            .execute(&format!(
                "UPDATE accounts SET silenced_at = 1 WHERE id = {}",
                limited.id
            ))
            .await;
        let shy = followed(&world, &ada, "shy", "shy.example").await;
        world
            .execute(&format!(
                "UPDATE accounts SET discoverable = FALSE WHERE id = {}",
                shy.id
            ))
            .await;
        for author in [&limited, &shy] {
            say(&world, author, &["boats", "quiet"]).await;
        }
        for arrival in [Arrival::Backfilled, Arrival::Relayed, Arrival::Fetched] {
            let kind = saying(&world, &eve, &["boats", "quiet"]);
            statuses::receive(&world, kind, arrival).await.unwrap().unwrap();
        }
        let old = RemoteStatus {
            published: world.now() - TimeDelta::hours(25),
            ..saying(&world, &eve, &["boats", "quiet"])
        };
        let warned = RemoteStatus {
            spoiler_text: "careful".to_owned(),
            ..saying(&world, &eve, &["boats", "quiet"])
        };
        let sensitive = RemoteStatus {
            sensitive: true,
            ..saying(&world, &eve, &["boats", "quiet"])
        };
        let unlisted = RemoteStatus {
            visibility: Visibility::Unlisted,
            ..saying(&world, &eve, &["boats", "quiet"])
        };
        for status in [old, warned, sensitive, unlisted] {
            push(&world, status).await;
        }
        assert!(near(tag_score(&world, "boats").await, 1.5));
        assert!(near(tag_score(&world, "quiet").await, 0.0));
        assert_eq!(trending_tags(&world).await, ["boats"]);
    })
    .await;
}

#[tokio::test]
async fn fed_149_relays_count_where_the_operator_says_so() {
    on_each_database_with(
        |settings| settings.trends.relays = true,
        async |world| {
            for (name, domain) in [("bob", "far.example"), ("eve", "other.example")] {
                let author = world.remote(name, domain).await;
                let status = saying(&world, &author, &["boats"]);
                statuses::receive(&world, status, Arrival::Relayed).await.unwrap();
            }
            assert_eq!(trending_tags(&world).await, ["boats"]);
        },
    )
    .await;
}

#[tokio::test]
async fn fed_025_who_does_not_want_to_be_discovered_does_not_trend() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let mut others = Vec::new();
        for n in 0..4 {
            others.push(followed(&world, &ada, &format!("u{n}"), &format!("d{n}.example")).await);
        }
        let id = say(&world, &bob, &[]).await;
        for other in &others {
            boost(&world, other, id).await;
        }
        assert_eq!(trending_statuses(&world).await, [id]);
        // A change of mind counts at once, and for good after the next look.
        world
            .execute(&format!(
                "UPDATE accounts SET discoverable = FALSE WHERE id = {}",
                bob.id
            ))
            .await;
        assert!(
            trends::statuses(&world, None, super::ALL)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(trending_statuses(&world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn many_of_one_domain_weigh_like_few() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let mut expected = 0.0;
        for n in 1..=4 {
            // Hosts of one owner are one.
            let author = followed(&world, &ada, &format!("u{n}"), &format!("h{n}.far.example")).await;
            say(&world, &author, &["boats"]).await;
            expected += 1.0 / f64::from(n);
            assert!(near(tag_score(&world, "boats").await, expected), "{n}");
        }
        assert!(
            trending_tags(&world).await.is_empty(),
            "one owner of one domain is one voice, however many accounts"
        );
        let other = followed(&world, &ada, "other", "other.example").await;
        say(&world, &other, &["boats"]).await;
        assert!(near(tag_score(&world, "boats").await, expected + 1.0));
        assert_eq!(trending_tags(&world).await, ["boats"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_undone_never_was() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let eve = followed(&world, &ada, "eve", "h.far.example").await;
        say(&world, &bob, &["boats"]).await;
        let before = tag_score(&world, "boats").await;
        world.clock.advance(TimeDelta::hours(3));
        let sent = saying(&world, &eve, &["boats", "ships"]);
        push(&world, sent.clone()).await;
        statuses::receive_delete(&world, eve.id, &sent.uri).await.unwrap();
        let decayed = before * (-3.0_f64 / 12.0).exp2();
        assert!(near(tag_score(&world, "boats").await, decayed));
        assert!(near(tag_score(&world, "ships").await, 0.0));

        // An author whose first status is deleted counts for the second.
        let mine = post(&world, &ada, "#boats", Visibility::Public).await;
        let with_one = tag_score(&world, "boats").await;
        let again = post(&world, &ada, "#boats", Visibility::Public).await;
        statuses::delete(&world, ada.account_id, mine, false)
            .await
            .unwrap();
        assert!(near(tag_score(&world, "boats").await, with_one));
        // Made sensitive, it does not; mended, it does.
        let change = |spoiler: &str| StatusChange {
            text: "#boats".to_owned(),
            spoiler_text: spoiler.to_owned(),
            sensitive: Some(!spoiler.is_empty()),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, again, change("careful"))
            .await
            .unwrap();
        assert!(near(tag_score(&world, "boats").await, decayed));
        statuses::edit(&world, ada.account_id, again, change(""))
            .await
            .unwrap();
        assert!(near(tag_score(&world, "boats").await, with_one));
    })
    .await;
}

#[tokio::test]
async fn each_person_counts_once_for_a_status() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bea = world.local("bea").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let zoe = followed(&world, &ada, "zoe", "near.example").await;
        let id = say(&world, &bob, &[]).await;
        let subject = Subject::new(TrendKind::Status, id);
        boost(&world, &bob, id).await;
        assert!(
            near(subject_score(&world, subject).await, 0.0),
            "not for one's own"
        );
        statuses::favourite(&world, ada.account_id, id).await.unwrap();
        statuses::reblog(&world, ada.account_id, id, None).await.unwrap();
        let reply = RemoteStatus {
            in_reply_to_uri: Some(format!("{}/statuses/9999", bob.uri.as_deref().unwrap())),
            ..note(&world, &bob, super::unique())
        };
        push(&world, reply).await;
        assert!(near(subject_score(&world, subject).await, 1.0));
        statuses::favourite(&world, bea.account_id, id).await.unwrap();
        assert!(
            near(subject_score(&world, subject).await, 1.5),
            "of one domain, half"
        );
        statuses::unfavourite(&world, ada.account_id, id).await.unwrap();
        assert!(
            near(subject_score(&world, subject).await, 1.5),
            "the boost is left"
        );
        statuses::unreblog(&world, ada.account_id, id).await.unwrap();
        assert!(near(subject_score(&world, subject).await, 1.0));
        statuses::unfavourite(&world, bea.account_id, id).await.unwrap();
        assert!(near(subject_score(&world, subject).await, 0.0));

        // Answers of others count, until they are deleted; who does something again counts from the first time.
        let answer = RemoteStatus {
            in_reply_to_uri: Some(uri_of(&world, id).await),
            ..note(&world, &zoe, super::unique())
        };
        let answer = push(&world, answer).await;
        assert!(near(subject_score(&world, subject).await, 1.0));
        let uri = uri_of(&world, answer).await;
        statuses::receive_delete(&world, zoe.id, &uri).await.unwrap();
        assert!(near(subject_score(&world, subject).await, 0.0));
        world.clock.advance(TimeDelta::hours(8));
        statuses::favourite(&world, ada.account_id, id).await.unwrap();
        assert!(near(subject_score(&world, subject).await, 0.5));

        let private = post(&world, &bea, "for followers", Visibility::Private).await;
        statuses::favourite(&world, bea.account_id, private)
            .await
            .unwrap();
        let direct = post(&world, &bea, "@ada hello #boats", Visibility::Direct).await;
        statuses::favourite(&world, ada.account_id, direct).await.unwrap();
        for closed in [private, direct] {
            let subject = Subject::new(TrendKind::Status, closed);
            assert!(near(subject_score(&world, subject).await, 0.0));
        }
        assert!(near(tag_score(&world, "boats").await, 0.0));
    })
    .await;
}

#[tokio::test]
async fn what_stays_on_this_instance_counts_for_nothing() {
    on_each_database(async |world| {
        for name in ["ada", "bea", "cyd"] {
            let user = world.local(name).await;
            let mut secret = new_status("#layoffs https://wiki.corp.example/plan", Visibility::Public);
            secret.local_only = true;
            statuses::post(&world, &user, secret).await.unwrap();
        }
        assert!(near(tag_score(&world, "layoffs").await, 0.0));
        let told = tags::find(&world, None, "layoffs").await.unwrap();
        assert_eq!(told.history[0].uses, 0);
        assert!(trending_tags(&world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_person_pushes_ten_hashtags_a_day_and_three_of_the_same_people_are_listed() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let zoe = followed(&world, &ada, "zoe", "near.example").await;
        let names: Vec<String> = (0..12).map(|n| format!("tag{n:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for author in [&bob, &zoe] {
            for name in &names {
                say(&world, author, &[name]).await;
            }
        }
        assert!(near(tag_score(&world, names[9]).await, 2.0));
        assert!(near(tag_score(&world, names[10]).await, 0.0));
        assert_eq!(
            today_of(&world, names[11]).await,
            (2, 2),
            "they are counted as uses"
        );
        assert_eq!(trending_tags(&world).await.len(), 3);
        // Others agree with one of them.
        let dot = followed(&world, &ada, "dot", "third.example").await;
        say(&world, &dot, &[names[5]]).await;
        assert_eq!(trending_tags(&world).await[0], names[5]);
        assert_eq!(trending_tags(&world).await.len(), 4);
    })
    .await;
}

async fn uri_of(world: &World, id: StatusId) -> String {
    let status = statuses::find_raw(world, id).await.unwrap().unwrap();
    status.uri.unwrap()
}

async fn today_of(world: &World, name: &str) -> (i64, i64) {
    let day = tags::find(world, None, name).await.unwrap().history[0];
    (day.uses, day.accounts)
}

#[tokio::test]
async fn taking_back_from_a_crowd_leaves_what_the_others_make() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let posted = RemoteStatus {
            uri: "https://far.example/statuses/mine".to_owned(),
            ..saying(&world, &bob, &["boats"])
        };
        push(&world, posted).await;
        let id = tags::find(&world, None, "boats").await.unwrap().id.unwrap();
        let subject = Subject::new(TrendKind::Tag, id);
        let alone = subject_score(&world, subject).await;
        assert!(near(alone, 1.0));
        // Six hundred people of as many domains, written as the counting would have.
        let (day, at) = (day_of(world.now()), world.now());
        let mut crowd = Vec::new();
        for n in 0..600 {
            crowd.push(world.remote(&format!("c{n}"), &format!("c{n}.example")).await.id);
        }
        let count = move |tx: &mut pouet_storage::Conn| -> Result<(), pouet_storage::Error> {
            for (n, account) in crowd.into_iter().enumerate() {
                let domain = format!("c{n}.example");
                let mark = rows::NewMark {
                    subject,
                    day,
                    account,
                    domain: &domain,
                    scored: true,
                    at,
                };
                rows::insert_mark(tx, &mark)?;
                let before = rows::lock_potential(tx, subject)?;
                let added = potential(1.0, at, subject.kind.half_life());
                rows::update_potential(tx, subject, Some(together(before, added)))?;
            }
            Ok(())
        };
        world.store().write(count).await.unwrap();
        let together = subject_score(&world, subject).await;
        assert!((together - 601.0).abs() < 1e-3, "{together}");
        statuses::receive_delete(&world, bob.id, "https://far.example/statuses/mine")
            .await
            .unwrap();
        let left = subject_score(&world, subject).await;
        assert!((left - 600.0).abs() < 1e-3, "{left}");
    })
    .await;
}

#[tokio::test]
async fn a_restart_loses_nothing() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        for n in 0..3 {
            let author = followed(&world, &ada, &format!("u{n}"), &format!("d{n}.example")).await;
            say(&world, &author, &["boats"]).await;
        }
        let before = trending_tags(&world).await;
        let again = world.another_process();
        let shown = trends::tags(&again, None, super::ALL).await.unwrap();
        assert_eq!(shown.len(), 1, "at once, from the rows of the last look");
        assert_eq!(trending_tags(&again).await, before);
    })
    .await;
}

#[tokio::test]
async fn the_cost_of_a_status_does_not_grow_with_what_is_known() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let mut costs = Vec::new();
        for n in 0..30 {
            let author = followed(&world, &ada, &format!("u{n}"), &format!("d{n}.example")).await;
            let status = saying(&world, &author, &["boats"]);
            let receive = async move |instance: &Instance| {
                statuses::receive(instance, status, super::PUSHED).await.unwrap();
            };
            let ((), cost) = world.statements_of(receive).await;
            costs.push(cost);
        }
        // The second is the first of another place.
        assert_eq!(costs[2], costs[29], "{costs:?}");
    })
    .await;
}

#[tokio::test]
async fn the_look_is_repeated_and_what_is_old_is_removed() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        post(&world, &ada, "#boats", Visibility::Public).await;
        let bea = world.local("bea").await;
        post(&world, &bea, "#boats", Visibility::Public).await;
        let nobody = std::sync::Arc::new(crate::removal::Nobody);
        // A worker that is told to stop at once: it schedules what is periodic.
        let (_stop, stopped) = tokio::sync::watch::channel(true);
        jobs::Worker::new(world.instance.clone(), nobody.clone())
            .run(stopped)
            .await;
        let mut worker = jobs::Worker::new(world.instance.clone(), nobody);
        worker.run_due().await.unwrap();
        world.clock.advance(TimeDelta::minutes(6));
        worker.run_due().await.unwrap();
        let shown = trends::tags(&world, None, super::ALL).await.unwrap();
        assert_eq!(shown.len(), 1, "by the job");
        world.clock.advance(TimeDelta::days(10));
        worker.run_due().await.unwrap();
        worker.run_due().await.unwrap();
        let left = |conn: &mut pouet_storage::Conn| {
            let all = pouet_storage::migrate::contents(conn)?;
            let of = |name: &str| all.get(name).map_or(0, Vec::len);
            Ok::<_, pouet_storage::Error>(
                of("trend_uses")
                    + of("trend_marks")
                    + of("trend_days")
                    + of("trend_scores")
                    + of("trend_lists"),
            )
        };
        assert_eq!(world.store().read(left).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn without_trends_nothing_is_counted_or_shown() {
    on_each_database_with(
        |settings| settings.trends.enabled = false,
        async |world| {
            for name in ["ada", "bea", "cyd"] {
                let user = world.local(name).await;
                post(&world, &user, "#boats", Visibility::Public).await;
            }
            assert!(trending_tags(&world).await.is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn rejected_is_never_shown_and_approved_at_once() {
    on_each_database(async |world| {
        let staff = moderator(&world).await;
        for name in ["ada", "bea", "cyd"] {
            let user = world.local(name).await;
            post(&world, &user, "#boats", Visibility::Public).await;
        }
        assert_eq!(trending_tags(&world).await, ["boats"]);
        let id = tags::find(&world, None, "boats").await.unwrap().id.unwrap();
        let word = trends::review_tag(&world, By::User(&staff), id, false)
            .await
            .unwrap();
        assert_eq!((word.trendable, word.requires_review), (Some(false), false));
        assert!(
            trends::tags(&world, None, super::ALL).await.unwrap().is_empty(),
            "at once"
        );
        assert!(trending_tags(&world).await.is_empty(), "and later");
        trends::review_tag(&world, By::User(&staff), id, true)
            .await
            .unwrap();
        assert_eq!(trending_tags(&world).await, ["boats"]);
        assert_eq!(tag("boats").name, "boats");
    })
    .await;
}

/// What somebody elsewhere answers.
fn answer_to(world: &World, author: &pouet_model::account::Account, uri: &str) -> RemoteStatus {
    RemoteStatus {
        in_reply_to_uri: Some(uri.to_owned()),
        ..note(world, author, super::unique())
    }
}

/// A worker of a program that has just begun: what is to be done regularly is scheduled, the removal of what is old among it.
async fn worker(world: &World) -> jobs::Worker {
    let nobody = std::sync::Arc::new(crate::removal::Nobody);
    let (_stop, stopped) = tokio::sync::watch::channel(true);
    jobs::Worker::new(world.instance.clone(), nobody.clone())
        .run(stopped)
        .await;
    jobs::Worker::new(world.instance.clone(), nobody)
}

/// How many statuses were noted as counted that are still noted.
async fn noted(world: &World) -> usize {
    let uses = |conn: &mut pouet_storage::Conn| {
        let all = pouet_storage::migrate::contents(conn)?;
        Ok::<_, pouet_storage::Error>(all.get("trend_uses").map_or(0, Vec::len))
    };
    world.store().read(uses).await.unwrap()
}

#[tokio::test]
async fn what_is_sent_after_a_relay_brought_it_counts_once() {
    on_each_database_with(
        |settings| settings.trends.relays = true,
        async |world| {
            let ada = world.local("ada").await;
            let bob = followed(&world, &ada, "bob", "far.example").await;
            let zoe = followed(&world, &ada, "zoe", "near.example").await;
            let id = say(&world, &bob, &[]).await;
            let subject = Subject::new(TrendKind::Status, id);
            let answer = answer_to(&world, &zoe, &uri_of(&world, id).await);
            statuses::receive(&world, answer.clone(), Arrival::Relayed)
                .await
                .unwrap();
            push(&world, answer.clone()).await;
            assert!(near(subject_score(&world, subject).await, 1.0));
            statuses::receive_delete(&world, zoe.id, &answer.uri)
                .await
                .unwrap();
            assert!(
                near(subject_score(&world, subject).await, 0.0),
                "all that it gave is taken back"
            );
        },
    )
    .await;
}

#[tokio::test]
async fn a_late_answer_is_taken_back_however_old_it_is() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let zoe = followed(&world, &ada, "zoe", "near.example").await;
        let mut worker = worker(&world).await;
        let asked = note(&world, &bob, super::unique());
        let answer = answer_to(&world, &zoe, &asked.uri);
        push(&world, answer.clone()).await;
        // What it answers is found six days later, and somebody likes it.
        world.clock.advance(TimeDelta::days(6));
        let id = statuses::receive(&world, asked, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        statuses::favourite(&world, ada.account_id, id).await.unwrap();
        let subject = Subject::new(TrendKind::Status, id);
        assert!(near(subject_score(&world, subject).await, 2.0));
        assert_eq!(noted(&world).await, 2, "a post, and an answer to another");
        world.clock.advance(TimeDelta::days(2) + TimeDelta::minutes(1));
        worker.run_due().await.unwrap();
        worker.run_due().await.unwrap();
        assert_eq!(noted(&world).await, 1, "that it was posted is of the past");
        let before = subject_score(&world, subject).await;
        assert!(before > 0.02, "{before}");
        statuses::receive_delete(&world, zoe.id, &answer.uri)
            .await
            .unwrap();
        let after = subject_score(&world, subject).await;
        assert!(near(after * 2.0, before), "{after} {before}");
        assert_eq!(noted(&world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_old_to_be_taken_back_weighs_nothing() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let zoe = followed(&world, &ada, "zoe", "near.example").await;
        let mut worker = worker(&world).await;
        let id = say(&world, &bob, &["boats"]).await;
        let status = Subject::new(TrendKind::Status, id);
        boost(&world, &zoe, id).await;
        statuses::favourite(&world, ada.account_id, id).await.unwrap();
        assert!(near(subject_score(&world, status).await, 2.0));
        // Others go on about it, so that its score is kept when what is old is removed.
        world.clock.advance(TimeDelta::days(9));
        say(&world, &zoe, &["boats"]).await;
        worker.run_due().await.unwrap();
        worker.run_due().await.unwrap();
        let before = tag_score(&world, "boats").await;
        assert!(
            (before - 1.0).abs() < 1e-5,
            "nine days are eighteen half-lives: {before}"
        );
        statuses::unfavourite(&world, ada.account_id, id).await.unwrap();
        let uri = uri_of(&world, id).await;
        statuses::receive_delete(&world, bob.id, &uri).await.unwrap();
        let after = tag_score(&world, "boats").await;
        assert!(
            (after - 1.0).abs() < 1e-5,
            "and nobody else lost anything: {after}"
        );
        assert!(near(subject_score(&world, status).await, 0.0));
        assert_eq!(today_of(&world, "boats").await, (1, 1));
    })
    .await;
}
