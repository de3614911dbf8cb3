//! What is shown of what counts: reviewed, without rings, fairly, and to whom.

use chrono::TimeDelta;
use pouet_model::{
    account::Account,
    alert::{AlertAbout, AlertKind},
    ids::{AlertId, StatusId},
    page::Page,
    status::Visibility,
    trend::TrendKind,
};
use pouet_service::{
    Error,
    accounts::{self, ActorData},
    alerts, blocks, metrics, mutes,
    statuses::{self, RemoteStatus},
    tags,
    trends::{self, By, State, Window},
};

use super::{ALL, boost, follow, followed, moderator, say, trending_statuses, trending_tags};
use crate::common::{
    World, on_each_database, on_each_database_with,
    people::{actor, post},
};

#[tokio::test]
async fn with_review_nothing_is_shown_before_a_moderator_said_so() {
    on_each_database_with(
        |settings| settings.trends.review = true,
        async |world| {
            let staff = moderator(&world).await;
            let mut people = Vec::new();
            for name in ["ada", "bea", "cyd"] {
                let user = world.local(name).await;
                post(&world, &user, "#boats #ships", Visibility::Public).await;
                people.push(user);
            }
            let id = post(&world, &people[0], "hello", Visibility::Public).await;
            for user in &people[1..] {
                statuses::favourite(&world, user.account_id, id).await.unwrap();
            }
            assert!(trending_tags(&world).await.is_empty());
            assert!(trending_statuses(&world).await.is_empty());
            let waiting = trends::candidate_tags(&world, &staff, ALL).await.unwrap();
            assert_eq!(waiting.len(), 2);
            assert!(
                waiting
                    .iter()
                    .all(|one| one.requires_review && one.trendable.is_none())
            );
            let boats = waiting.iter().find(|one| one.tag.tag.name == "boats").unwrap();
            trends::review_tag(&world, By::User(&staff), boats.tag.id.unwrap(), true)
                .await
                .unwrap();
            let shown = trends::tags(&world, None, ALL).await.unwrap();
            assert_eq!(shown.len(), 1, "at once");
            assert_eq!(trending_tags(&world).await, ["boats"]);
            let waiting = trends::candidate_statuses(&world, &staff, ALL).await.unwrap();
            assert_eq!(waiting[0].item.status.id, id);
            trends::review_status(&world, By::User(&staff), id, true)
                .await
                .unwrap();
            assert_eq!(trending_statuses(&world).await, [id]);
        },
    )
    .await;
}

#[tokio::test]
async fn only_those_who_look_after_the_instance_review() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let id = post(&world, &ada, "#boats", Visibility::Public).await;
        let tag = pouet_service::tags::find(&world, None, "boats")
            .await
            .unwrap()
            .id
            .unwrap();
        let refusals = [
            trends::candidate_tags(&world, &ada, ALL).await.err(),
            trends::candidate_statuses(&world, &ada, ALL).await.err(),
            trends::review_tag(&world, By::User(&ada), tag, true).await.err(),
            trends::review_status(&world, By::User(&ada), id, true)
                .await
                .err(),
            trends::exclusions(&world, &ada, 10).await.err(),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Some(Error::Forbidden(_))), "{refusal:?}");
        }
        let staff = moderator(&world).await;
        let missing = trends::review_tag(&world, By::User(&staff), pouet_model::ids::TagId(5), true).await;
        assert!(matches!(missing, Err(Error::NotFound)));
        let closed = post(&world, &ada, "for me", Visibility::Direct).await;
        let missing = trends::review_status(&world, By::User(&staff), closed, true).await;
        assert!(matches!(missing, Err(Error::NotFound)));
    })
    .await;
}

/// Accounts of as many domains, created within an hour.
async fn ring(world: &World, count: usize) -> Vec<Account> {
    let mut members = Vec::new();
    for n in 0..count {
        let new = ActorData {
            created_at: Some(world.now() - TimeDelta::days(100) + TimeDelta::minutes(n as i64)),
            ..actor(&format!("r{n}"), &format!("ring{n}.example"))
        };
        members.push(accounts::receive_actor(world, new).await.unwrap());
    }
    members
}

#[tokio::test]
async fn rings_are_kept_out_and_told_to_moderators() {
    on_each_database(async |world| {
        let staff = moderator(&world).await;
        let ada = world.local("ada").await;
        let pushed = post(&world, &ada, "buy this", Visibility::Public).await;
        for member in ring(&world, 30).await {
            boost(&world, &member, pushed).await;
        }
        assert!(trending_statuses(&world).await.is_empty());
        let told = trends::exclusions(&world, &staff, 10).await.unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].subject.id, pushed.0);
        assert_eq!(
            (told[0].reason.as_str(), told[0].accounts, told[0].suspects),
            ("created", 30, 30)
        );
        assert!(trending_statuses(&world).await.is_empty());
        assert_eq!(
            trends::exclusions(&world, &staff, 10).await.unwrap().len(),
            1,
            "once"
        );
        // Those who look after the instance are told, once.
        let waiting = alerts::list(&world, false, 10).await.unwrap();
        assert_eq!(waiting.len(), 1);
        let alert = &waiting[0].alert;
        assert_eq!(
            (
                alert.kind,
                alert.about,
                alert.reason.as_str(),
                alert.people,
                alert.suspects
            ),
            (AlertKind::Ring, AlertAbout::Status, "created", 30, 30)
        );
        let status = statuses::find(&world, None, pushed).await.unwrap().status;
        assert_eq!(waiting[0].subject, Some(world.urls().status_uri(&status)));
        let open = "pouet_alerts_open{kind=\"ring\"}";
        assert!(
            metrics::text(&world)
                .await
                .unwrap()
                .contains(&format!("{open} 1"))
        );
        alerts::resolve(&world, alert.id).await.unwrap();
        trends::refresh(&world).await.unwrap();
        assert!(alerts::list(&world, false, 10).await.unwrap().is_empty());
        assert!(
            alerts::list(&world, true, 10).await.unwrap()[0]
                .alert
                .resolved_at
                .is_some()
        );
        assert!(
            metrics::text(&world)
                .await
                .unwrap()
                .contains(&format!("{open} 0"))
        );
        let missing = alerts::resolve(&world, AlertId(5)).await;
        assert!(matches!(missing, Err(Error::NotFound)));
        // Who knows better says so.
        trends::review_status(&world, By::User(&staff), pushed, true)
            .await
            .unwrap();
        assert_eq!(trending_statuses(&world).await, [pushed]);
    })
    .await;
}

#[tokio::test]
async fn a_ring_cannot_drag_others_down() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let loved = post(&world, &ada, "a cat", Visibility::Public).await;
        for n in 0..9 {
            let fan = followed(
                &world,
                &ada,
                &format!("{}fan", "ab".repeat(n)),
                &format!("d{n}.example"),
            )
            .await;
            boost(&world, &fan, loved).await;
        }
        for member in ring(&world, 30).await {
            boost(&world, &member, loved).await;
        }
        assert_eq!(trending_statuses(&world).await, [loved], "what is left is enough");
        let staff = moderator(&world).await;
        assert!(trends::exclusions(&world, &staff, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_author_has_one_status_in_the_list() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = followed(&world, &ada, "bob", "far.example").await;
        let mut people = Vec::new();
        for n in 0..4 {
            people.push(followed(&world, &ada, &format!("u{n}"), &format!("d{n}.example")).await);
        }
        let (less, more) = (say(&world, &bob, &[]).await, say(&world, &bob, &[]).await);
        for one in &people {
            boost(&world, one, more).await;
        }
        for one in &people[..3] {
            boost(&world, one, less).await;
        }
        assert_eq!(trending_statuses(&world).await, [more]);
        // And a domain has five.
        for n in 0..8 {
            let author = followed(&world, &ada, &format!("a{n}"), "big.example").await;
            let id = say(&world, &author, &[]).await;
            for one in &people[..3] {
                boost(&world, one, id).await;
            }
        }
        assert_eq!(trending_statuses(&world).await.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn readers_do_not_see_whom_they_blocked() {
    on_each_database(async |world| {
        let mut people = Vec::new();
        for name in ["ada", "bea", "cyd", "dot"] {
            people.push(world.local(name).await);
        }
        let id = post(&world, &people[0], "hello", Visibility::Public).await;
        for user in &people[1..3] {
            statuses::favourite(&world, user.account_id, id).await.unwrap();
        }
        assert_eq!(trending_statuses(&world).await, [id]);
        let seen_by = async |n: usize| -> Vec<StatusId> {
            let found = trends::statuses(&world, Some(people[n].account_id), ALL).await;
            found.unwrap().iter().map(|view| view.status.id).collect()
        };
        assert_eq!(seen_by(3).await, [id]);
        blocks::block(&world, people[3].account_id, people[0].account_id)
            .await
            .unwrap();
        blocks::block(&world, people[0].account_id, people[2].account_id)
            .await
            .unwrap();
        mutes::mute(&world, people[1].account_id, people[0].account_id, true, 0)
            .await
            .unwrap();
        for n in 1..4 {
            assert!(seen_by(n).await.is_empty(), "{n}");
        }
        statuses::delete(&world, people[0].account_id, id, false)
            .await
            .unwrap();
        assert!(
            trends::statuses(&world, None, ALL).await.unwrap().is_empty(),
            "gone at once"
        );
    })
    .await;
}

#[tokio::test]
async fn lists_are_read_by_offset() {
    on_each_database(async |world| {
        for (person, name) in ["ada", "bea", "cyd", "dot"].into_iter().enumerate() {
            let user = world.local(name).await;
            for n in 0..5 {
                // Other people for each: those of the same people push each other out.
                let takes_part = if n < 4 { n != person } else { person < 2 };
                if takes_part {
                    post(&world, &user, &format!("#tag{n}a"), Visibility::Public).await;
                }
            }
        }
        let all = trending_tags(&world).await;
        assert_eq!(all.len(), 5);
        assert_eq!(all[4], "tag4a", "fewer people");
        let window = Window { offset: 3, limit: 10 };
        let rest = trends::tags(&world, None, window).await.unwrap();
        assert_eq!(rest.len(), 2);
        assert_eq!(rest[1].tag.name, "tag4a");
    })
    .await;
}

#[tokio::test]
async fn among_followed_people_only_they_are_counted() {
    on_each_database(async |world| {
        let (ada, stranger) = (world.local("ada").await, world.local("eve").await);
        let mut followed = Vec::new();
        for name in ["bea", "cyd", "dot"] {
            let user = world.local(name).await;
            follow(&world, &ada, user.account_id).await;
            followed.push(user);
        }
        for user in &followed {
            post(&world, user, "#boats", Visibility::Public).await;
            post(&world, user, "more #boats", Visibility::Public).await;
        }
        post(&world, &followed[0], "#alone", Visibility::Public).await;
        post(&world, &followed[1], "#private", Visibility::Private).await;
        post(&world, &followed[2], "#private", Visibility::Private).await;
        for name in ["fay", "gus"] {
            let other = world.local(name).await;
            post(&world, &other, "#elsewhere", Visibility::Public).await;
        }
        let id = post(&world, &stranger, "hello", Visibility::Public).await;
        for user in &followed[..2] {
            statuses::favourite(&world, user.account_id, id).await.unwrap();
        }
        let tags_now = async || -> Vec<(String, i64)> {
            let found = trends::tags_among_followed(&world, ada.account_id, ALL).await;
            found
                .unwrap()
                .into_iter()
                .map(|one| (one.item.tag.name, one.people))
                .collect()
        };
        assert_eq!(tags_now().await, [("boats".to_owned(), 3)]);
        let found = trends::statuses_among_followed(&world, ada.account_id, ALL)
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].item.status.id, found[0].people), (id, 2));
        mutes::mute(&world, ada.account_id, followed[0].account_id, true, 0)
            .await
            .unwrap();
        assert_eq!(tags_now().await, [("boats".to_owned(), 2)]);
        let staff = moderator(&world).await;
        let boats = tags::find(&world, None, "boats").await.unwrap().id.unwrap();
        trends::review_tag(&world, By::User(&staff), boats, false)
            .await
            .unwrap();
        assert!(
            tags_now().await.is_empty(),
            "what moderators rejected is shown nowhere"
        );
        trends::review_tag(&world, By::User(&staff), boats, true)
            .await
            .unwrap();
        assert_eq!(tags_now().await.len(), 1);
        let of_stranger = trends::tags_among_followed(&world, stranger.account_id, ALL).await;
        assert!(of_stranger.unwrap().is_empty());
        world.clock.advance(TimeDelta::hours(49));
        assert!(tags_now().await.is_empty());
    })
    .await;
}

/// A public status of a remote account with a link.
async fn link_to(world: &World, author: &Account, url: &str) -> StatusId {
    let status = RemoteStatus {
        content: format!("<p>read <a href=\"{url}\">this</a></p>"),
        ..super::saying(world, author, &[])
    };
    super::push(world, status).await
}

/// The addresses of the links that trend after a look, best first.
async fn trending_links(world: &World) -> Vec<String> {
    trends::refresh(world).await.unwrap();
    let found = trends::links(world, None, ALL).await.unwrap();
    found.into_iter().map(|link| link.card.url).collect()
}

#[tokio::test]
async fn links_trend_by_their_authors_once_their_pages_are_read() {
    on_each_database(async |world| {
        let staff = moderator(&world).await;
        let ada = world.local("ada").await;
        let mut people = Vec::new();
        for n in 0..4 {
            people.push(followed(&world, &ada, &format!("u{n}"), &format!("d{n}.example")).await);
        }
        let mut sent = Vec::new();
        for one in &people {
            // One page, whatever is written behind the mark.
            let url = format!("https://news.example/strike#u{}", one.id);
            sent.push(link_to(&world, one, &url).await);
            link_to(&world, one, &url).await;
        }
        for n in 0..5 {
            for one in &people[..2] {
                link_to(&world, one, &format!("https://blog.example/{n}")).await;
            }
        }
        link_to(&world, &people[3], "https://lonely.example/").await;
        assert!(
            trending_links(&world).await.is_empty(),
            "nothing is known of the pages"
        );
        world
            .execute("UPDATE preview_cards SET state = 'ready', title = 'a page', page_host = 'news.example'")
            .await;
        let links = trending_links(&world).await;
        assert_eq!(links.len(), 3, "a site has three: {links:?}");
        assert_eq!(links[0], "https://news.example/strike");
        let found = trends::links(&world, None, ALL).await.unwrap();
        assert_eq!((found[0].history[0].uses, found[0].history[0].accounts), (8, 4));
        let around = trends::links_among_followed(&world, ada.account_id, ALL)
            .await
            .unwrap();
        assert_eq!(
            (around[0].item.card.url.as_str(), around[0].people),
            (links[0].as_str(), 4)
        );

        // What is deleted is taken back, and what is rejected is not shown.
        let uri = |n: usize| statuses::find(&world, None, sent[n]);
        for (n, author) in people[..2].iter().enumerate() {
            let uri = uri(n).await.unwrap().status.uri.unwrap();
            statuses::receive_delete(&world, author.id, &uri).await.unwrap();
        }
        let found = trends::links(&world, None, ALL).await.unwrap();
        assert_eq!((found[0].history[0].uses, found[0].history[0].accounts), (6, 4));
        let id = found[0].card.card.id;
        let waiting = trends::candidate_links(&world, &staff, ALL).await.unwrap();
        assert_eq!(waiting[0].item.card.card.id, id);
        trends::review_link(&world, By::User(&staff), id, false)
            .await
            .unwrap();
        assert!(!trending_links(&world).await.contains(&links[0]));
        let refused = trends::review_link(&world, By::User(&ada), id, true).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    })
    .await;
}

/// Two sites with a link each that people of two domains posted, read.
async fn two_sites(world: &World) {
    let ada = world.local("ada").await;
    for n in 0..3 {
        let author = followed(world, &ada, &format!("u{n}"), &format!("d{n}.example")).await;
        for url in ["https://www.news.example/a", "https://blog.example/b"] {
            link_to(world, &author, url).await;
        }
    }
    for (url, host) in [("news", "www.news.example:8443"), ("blog", "blog.example")] {
        world
            .execute(&format!(
                "UPDATE preview_cards SET state = 'ready', title = 'a page', page_host = '{host}' \
                 WHERE url LIKE '%{url}.example%'"
            ))
            .await;
    }
}

#[tokio::test]
async fn moderators_decide_on_all_links_of_a_site() {
    on_each_database(async |world| {
        let staff = moderator(&world).await;
        two_sites(&world).await;
        let page = Page::first(40);
        assert!(
            trends::publishers(&world, By::User(&staff), page)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(trending_links(&world).await.len(), 2);
        let sites = trends::publishers(&world, By::User(&staff), page).await.unwrap();
        let mut domains: Vec<&str> = sites.iter().map(|site| site.domain.as_str()).collect();
        domains.sort_unstable();
        assert_eq!(domains, ["blog.example", "www.news.example"], "without ports");
        assert!(sites.iter().all(|site| {
            site.trendable.is_none() && site.reviewed_at.is_none() && site.requested_at.is_none()
        }));
        let older = Page {
            max_id: Some(sites[0].id.0),
            ..page
        };
        let rest = trends::publishers(&world, By::User(&staff), older).await.unwrap();
        assert_eq!(rest, sites[1..]);

        // A word on a domain is one on all names under it.
        world
            .execute("UPDATE publishers SET domain = 'news.example' WHERE domain = 'www.news.example'")
            .await;
        let news = sites
            .iter()
            .find(|site| site.domain != "blog.example")
            .unwrap()
            .id;
        let said = trends::review_publisher(&world, By::User(&staff), news, false)
            .await
            .unwrap();
        assert_eq!(
            (said.trendable, said.reviewed_at),
            (Some(false), Some(world.now()))
        );
        let shown = trends::links(&world, None, ALL).await.unwrap();
        assert_eq!(shown.len(), 1, "at once");
        assert_eq!(shown[0].card.card.page_host, "blog.example");
        assert_eq!(trending_links(&world).await.len(), 1, "and later");
        assert_eq!(
            trends::publishers(&world, By::Operator, page)
                .await
                .unwrap()
                .len(),
            2,
            "www.news.example is a part of news.example"
        );
        let ada = world.user("ada2").await.0;
        let around = || trends::links_among_followed(&world, ada.account_id, ALL);
        for n in 0..3 {
            let domain = format!("d{n}.example");
            let author = accounts::find_by_handle(&world, &format!("u{n}"), Some(&domain)).await;
            follow(&world, &ada, author.unwrap().unwrap().id).await;
        }
        assert_eq!(around().await.unwrap().len(), 1, "nor among followed people");

        // What was said of one link goes before what was said of its site.
        trends::review_publisher(&world, By::User(&staff), news, true)
            .await
            .unwrap();
        assert_eq!(trending_links(&world).await.len(), 2);
        let blog = shown[0].card.card.id;
        let blog_site = sites
            .iter()
            .find(|site| site.domain == "blog.example")
            .unwrap()
            .id;
        trends::review_link(&world, By::User(&staff), blog, true)
            .await
            .unwrap();
        trends::review_publisher(&world, By::Operator, blog_site, false)
            .await
            .unwrap();
        assert_eq!(trending_links(&world).await.len(), 2);
        let refused = trends::review_publisher(&world, By::User(&ada), news, true).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        let refused = trends::publishers(&world, By::User(&ada), page).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        let missing =
            trends::review_publisher(&world, By::Operator, pouet_model::ids::PublisherId(1), true).await;
        assert!(matches!(missing, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn with_review_a_site_is_approved_once_for_all_its_links() {
    on_each_database_with(
        |settings| settings.trends.review = true,
        async |world| {
            let staff = moderator(&world).await;
            two_sites(&world).await;
            assert!(trending_links(&world).await.is_empty());
            let sites = trends::publishers(&world, By::User(&staff), Page::first(40))
                .await
                .unwrap();
            assert!(sites.iter().all(|site| site.requested_at == Some(world.now())));
            let waiting = trends::candidate_links(&world, &staff, ALL).await.unwrap();
            assert!(waiting.len() == 2 && waiting.iter().all(|one| one.requires_review));
            let blog = sites.iter().find(|site| site.domain == "blog.example").unwrap();
            trends::review_publisher(&world, By::User(&staff), blog.id, true)
                .await
                .unwrap();
            let waiting = trends::candidate_links(&world, &staff, ALL).await.unwrap();
            assert_eq!(waiting.iter().filter(|one| one.requires_review).count(), 1);
            let shown = trends::links(&world, None, ALL).await.unwrap();
            assert_eq!(shown.len(), 1, "at once");
            assert_eq!(trending_links(&world).await, ["https://blog.example/b"]);
            let states = trends::standings(&world, vec![TrendKind::Link], 40)
                .await
                .unwrap();
            let is =
                |one: &trends::Standing, what: &str| one.what.as_deref().is_some_and(|is| is.contains(what));
            let of = |what: &str| states.iter().find(|one| is(one, what)).unwrap().state.clone();
            assert!(matches!(of("blog"), State::Shown(rank) if rank > 1.0));
            assert!(matches!(of("news"), State::Waiting(_)));
        },
    )
    .await;
}
