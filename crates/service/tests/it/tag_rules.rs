//! What moderators say of hashtags, and what follows from it.

use chrono::TimeDelta;
use pouet_model::{
    account::{Role, User},
    ids::TagId,
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error,
    collections::{self, CollectionChange},
    featured_tags,
    search::{self, SearchKind, SearchQuery},
    statuses::{self, StatusChange, scheduled},
    tag_rules::{self, TagChange},
    tags,
    trends::{self, By, Window},
};

use crate::common::{
    World, on_each_database, on_each_database_with,
    people::{new_status, post, run_jobs},
};

const ALL: Window = Window { offset: 0, limit: 40 };

async fn id_of(world: &World, name: &str) -> TagId {
    tags::find(world, None, name).await.unwrap().id.unwrap()
}

async fn say(world: &World, name: &str, change: TagChange) {
    let id = id_of(world, name).await;
    tag_rules::change(world, By::Operator, id, change).await.unwrap();
}

fn usable(usable: bool) -> TagChange {
    TagChange {
        usable: Some(usable),
        ..TagChange::default()
    }
}

/// The complaint about a hashtag that may not be written.
fn complaint<T: std::fmt::Debug>(answer: Result<T, Error>) -> (&'static str, String) {
    match answer {
        Err(Error::Invalid { field, reason, .. }) => (field, reason),
        other => panic!("{other:?}"),
    }
}

async fn found(world: &World, q: &str) -> Vec<String> {
    let query = SearchQuery {
        q: q.to_owned(),
        kind: Some(SearchKind::Hashtags),
        limit: 20,
        ..SearchQuery::default()
    };
    let found = search::search(world, None, query).await.unwrap();
    found.hashtags.into_iter().map(|tag| tag.name).collect()
}

async fn moderator(world: &World) -> User {
    let mut user = world.local("mod").await;
    user.role = Role::Moderator;
    user
}

#[tokio::test]
async fn a_hashtag_that_is_not_usable_is_written_nowhere() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let before = post(&world, &ada, "old #Spam", Visibility::Public).await;
        let other = post(&world, &ada, "plain", Visibility::Public).await;
        say(&world, "spam", usable(false)).await;
        let one = ("text", "Text contained a disallowed hashtag: spam".to_owned());
        let posting = statuses::post(&world, &ada, new_status("buy #SPAM", Visibility::Direct)).await;
        assert_eq!(complaint(posting), one);
        let change = |text: &str| StatusChange {
            text: text.to_owned(),
            ..StatusChange::default()
        };
        for id in [before, other] {
            let edit = statuses::edit(&world, ada.account_id, id, change("now #spam")).await;
            assert_eq!(complaint(edit), one);
        }
        let later = world.now() + TimeDelta::hours(1);
        let new = new_status("later #spam", Visibility::Public);
        assert_eq!(
            complaint(scheduled::schedule(&world, &ada, new, later).await),
            one
        );
        let feature = featured_tags::feature(&world, ada.account_id, "#spam").await;
        assert_eq!(complaint(feature).0, "name");
        let collection = CollectionChange {
            name: Some("Things".to_owned()),
            tag_name: Some("spam".to_owned()),
            ..CollectionChange::default()
        };
        let made = collections::create(&world, ada.account_id, collection, &[]).await;
        assert_eq!(complaint(made).0, "tag_name");
        // What was written before stays, and can be mended.
        assert!(statuses::find(&world, None, before).await.is_ok());
        statuses::edit(&world, ada.account_id, before, change("now nothing"))
            .await
            .unwrap();

        post(&world, &ada, "#eggs", Visibility::Public).await;
        say(&world, "eggs", usable(false)).await;
        let both = statuses::post(&world, &ada, new_status("#spam #eggs #ham", Visibility::Public)).await;
        assert_eq!(
            complaint(both).1,
            "Text contained the disallowed hashtags: eggs, spam"
        );
        assert!(!tag_rules::has_page(&world, "Spam").await.unwrap());
        say(&world, "spam", usable(true)).await;
        assert!(tag_rules::has_page(&world, "Spam").await.unwrap());
        post(&world, &ada, "#spam", Visibility::Public).await;
    })
    .await;
}

#[tokio::test]
async fn what_waits_with_a_hashtag_that_became_unusable_is_not_posted() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        post(&world, &ada, "#spam", Visibility::Public).await;
        let later = world.now() + TimeDelta::hours(1);
        let new = new_status("later #spam", Visibility::Public);
        scheduled::schedule(&world, &ada, new, later).await.unwrap();
        say(&world, "spam", usable(false)).await;
        world.clock.advance(TimeDelta::hours(2));
        run_jobs(&world).await;
        let shown = pouet_service::timelines::account(
            &world,
            None,
            ada.account_id,
            pouet_service::timelines::AccountFilter::default(),
            Page::first(10),
        );
        assert_eq!(shown.await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_hashtag_that_is_not_usable_counts_for_nothing() {
    on_each_database(async |world| {
        for name in ["ada", "bea", "cyd"] {
            let user = world.local(name).await;
            post(&world, &user, "#boats", Visibility::Public).await;
        }
        trends::refresh(&world).await.unwrap();
        assert_eq!(trends::tags(&world, None, ALL).await.unwrap().len(), 1);
        say(&world, "boats", usable(false)).await;
        assert!(
            trends::tags(&world, None, ALL).await.unwrap().is_empty(),
            "at once"
        );
        let (far, near) = (
            world.remote("far", "far.example").await,
            world.remote("near", "near.example").await,
        );
        let reader = world.local("reader").await;
        for author in [&far, &near] {
            let status = statuses::RemoteStatus {
                tags: vec![pouet_service::view::TagView {
                    name: "boats".to_owned(),
                    display_name: "boats".to_owned(),
                }],
                mentions: vec![pouet_model::status::Mention {
                    account_id: reader.account_id,
                    silent: false,
                }],
                ..crate::common::people::note(&world, author, 7)
            };
            let pushed = statuses::Arrival::Pushed { recipient: None };
            assert!(statuses::receive(&world, status, pushed).await.unwrap().is_some());
        }
        trends::refresh(&world).await.unwrap();
        assert!(trends::tags(&world, None, ALL).await.unwrap().is_empty());
        let told = tags::find(&world, None, "boats").await.unwrap().history[0];
        assert_eq!(
            (told.uses, told.accounts),
            (3, 3),
            "others may write it, but it is not counted"
        );
    })
    .await;
}

#[tokio::test]
async fn a_hashtag_that_is_not_listable_is_named_by_no_search_and_no_suggestion() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        post(&world, &ada, "#secret #secretary", Visibility::Public).await;
        assert_eq!(found(&world, "secret").await, ["secret", "secretary"]);
        let hide = TagChange {
            listable: Some(false),
            ..TagChange::default()
        };
        say(&world, "secret", hide).await;
        assert_eq!(found(&world, "secret").await, ["secretary"]);
        assert_eq!(found(&world, "#secret").await, ["secretary"]);
        let suggested = featured_tags::suggestions(&world, ada.account_id).await.unwrap();
        let suggested: Vec<String> = suggested.into_iter().map(|tag| tag.name).collect();
        assert_eq!(suggested, ["secretary"]);
        post(&world, &ada, "#secret", Visibility::Public).await;
        assert!(tag_rules::has_page(&world, "secret").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn moderators_read_and_change_hashtags() {
    on_each_database_with(
        |settings| settings.trends.review = true,
        async |mut world| {
            let staff = moderator(&world).await;
            let ada = world.local("ada").await;
            for name in ["one", "two", "three"] {
                post(&world, &ada, &format!("#{name}"), Visibility::Public).await;
            }
            let names = async |page: Page| -> Vec<String> {
                let found = tag_rules::list(&world, &staff, page).await.unwrap();
                found.into_iter().map(|one| one.tag.tag.name).collect()
            };
            assert_eq!(names(Page::first(40)).await, ["three", "two", "one"]);
            let two = id_of(&world, "two").await;
            let older = Page {
                max_id: Some(two.0),
                ..Page::first(40)
            };
            assert_eq!(names(older).await, ["one"]);
            let newer = Page {
                min_id: Some(two.0),
                ..Page::first(1)
            };
            assert_eq!(names(newer).await, ["three"]);

            let first = tag_rules::find(&world, &staff, two).await.unwrap();
            assert!(first.usable && first.listable && first.requires_review);
            assert_eq!(first.trendable, None);
            let rename = |name: &str| TagChange {
                display_name: Some(name.to_owned()),
                ..TagChange::default()
            };
            let by = By::User(&staff);
            let changed = tag_rules::change(&world, by, two, rename("TWO")).await.unwrap();
            assert_eq!(changed.tag.tag.display_name, "TWO");
            assert!(changed.usable && changed.listable && !changed.requires_review);
            for wrong in ["twice", "", "two three"] {
                let refused = tag_rules::change(&world, by, two, rename(wrong)).await;
                assert_eq!(complaint(refused).0, "display_name", "{wrong}");
            }
            let all = TagChange {
                display_name: None,
                trendable: Some(true),
                usable: Some(false),
                listable: Some(false),
            };
            let changed = tag_rules::change(&world, by, two, all).await.unwrap();
            assert_eq!(
                (changed.trendable, changed.usable, changed.listable),
                (Some(true), false, false)
            );
            assert_eq!(tag_rules::find(&world, &staff, two).await.unwrap(), changed);
            let missing = tag_rules::find(&world, &staff, TagId(7)).await;
            assert!(matches!(missing, Err(Error::NotFound)));
            let refusals = [
                tag_rules::list(&world, &ada, Page::first(1)).await.err(),
                tag_rules::find(&world, &ada, two).await.err(),
                tag_rules::change(&world, By::User(&ada), two, usable(true))
                    .await
                    .err(),
            ];
            for refusal in refusals {
                assert!(matches!(refusal, Some(Error::Forbidden(_))), "{refusal:?}");
            }
            // A list costs as many queries as one entry.
            let mut costs = Vec::new();
            for limit in [1, 3] {
                let staff = staff.clone();
                let list = async move |instance: &pouet_service::Instance| {
                    let found = tag_rules::list(instance, &staff, Page::first(limit)).await;
                    assert_eq!(found.unwrap().len() as i64, limit);
                };
                let ((), cost) = world.statements_of(list).await;
                costs.push(cost);
            }
            assert_eq!(costs[0], costs[1]);
        },
    )
    .await;
}
