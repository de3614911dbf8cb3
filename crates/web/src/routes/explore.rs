//! What people take up: trends of the instance, and among those whom the reader follows.

use actix_web::web;
use pouet_model::trend::TrendKind;
use pouet_model::urls::Urls;
use pouet_service::{
    Error,
    tags::TagDetails,
    trends::{self, Window},
};
use serde::Deserialize;

use super::Answer;
use crate::context::Context;
use crate::convert::link;
use crate::counting::Counting;
use crate::templates::Explore;
use crate::view::{Bar, Page, TrendingLink, TrendingStatus, TrendingTag};

/// Hashtags on the page.
const TAGS: Window = Window { offset: 0, limit: 10 };
/// Statuses on the page.
const STATUSES: Window = Window { offset: 0, limit: 20 };

/// Links on the page.
const LINKS: Window = Window { offset: 0, limit: 5 };

/// Which of the two lists is asked for.
#[derive(Deserialize)]
pub(crate) struct Among {
    among: Option<String>,
}

/// What a page shows.
struct Found {
    tags: Vec<TrendingTag>,
    statuses: Vec<TrendingStatus>,
    links: Vec<TrendingLink>,
}

/// `GET /explore`: what trends here; with `?among=followed`, what people take up whom the reader follows.
pub(crate) async fn explore(cx: Context, which: web::Query<Among>) -> Answer {
    let reader = cx
        .viewer_id()
        .filter(|_| which.among.as_deref() == Some("followed"));
    let found = match reader {
        Some(_) => among_followed(&cx).await,
        None => everybody(&cx).await,
    };
    let found = found.map_err(|error| cx.fail(&error))?;
    let page = cx.page.clone();
    cx.render(&Explore {
        p: &page,
        among: reader.is_some(),
        tags: &found.tags,
        statuses: &found.statuses,
        links: &found.links,
        focused: false,
    })
}

async fn everybody(cx: &Context) -> Result<Found, Error> {
    let (instance, viewer) = (cx.instance(), cx.viewer_id());
    let tags = trends::tags(instance, viewer, TAGS).await?;
    let statuses = trends::statuses(instance, viewer, STATUSES).await?;
    let ids: Vec<i64> = tags.iter().filter_map(|tag| Some(tag.id?.0)).collect();
    let counted = trends::people(instance, TrendKind::Tag, ids).await?;
    let links = trends::links(instance, viewer, LINKS).await?;
    let ids: Vec<i64> = links.iter().map(|link| link.card.card.id.0).collect();
    let posted = trends::people(instance, TrendKind::Link, ids).await?;
    let people = |tag: &TagDetails| tag.id.and_then(|id| counted.get(&id.0)).copied().unwrap_or(0);
    let counting = Counting::of(cx, &statuses).await?;
    Ok(Found {
        tags: tags
            .iter()
            .map(|tag| {
                trending_tag(
                    &cx.page,
                    tag,
                    cx.page.n("explore-people", &people(tag)),
                    cx.urls(),
                )
            })
            .collect(),
        statuses: statuses
            .iter()
            .map(|view| TrendingStatus {
                status: counting.card(view),
                reason: String::new(),
            })
            .collect(),
        links: links
            .iter()
            .map(|one| TrendingLink {
                link: link(&one.card, false, cx.urls()),
                reason: cx
                    .page
                    .n("explore-people", posted.get(&one.card.card.id.0).unwrap_or(&0)),
            })
            .collect(),
    })
}

async fn among_followed(cx: &Context) -> Result<Found, Error> {
    let Some(reader) = cx.viewer_id() else {
        return everybody(cx).await;
    };
    let tags = trends::tags_among_followed(cx.instance(), reader, TAGS).await?;
    let statuses = trends::statuses_among_followed(cx.instance(), reader, STATUSES).await?;
    let links = trends::links_among_followed(cx.instance(), reader, LINKS).await?;
    let counting = Counting::of(cx, statuses.iter().map(|one| &one.item)).await?;
    let reason = |people: &i64| cx.page.n("explore-followed", people);
    Ok(Found {
        tags: tags
            .iter()
            .map(|one| trending_tag(&cx.page, &one.item, reason(&one.people), cx.urls()))
            .collect(),
        statuses: statuses
            .iter()
            .map(|one| TrendingStatus {
                status: counting.card(&one.item),
                reason: reason(&one.people),
            })
            .collect(),
        links: links
            .iter()
            .map(|one| TrendingLink {
                link: link(&one.item.card, false, cx.urls()),
                reason: reason(&one.people),
            })
            .collect(),
    })
}

fn trending_tag(p: &Page, tag: &TagDetails, reason: String, urls: &Urls) -> TrendingTag {
    let people: Vec<i64> = tag.history.iter().rev().map(|day| day.accounts).collect();
    let numbers: Vec<String> = people.iter().map(|number| p.num(number)).collect();
    let url = urls.tag(&tag.tag.name);
    TrendingTag {
        name: tag.tag.display_name.clone(),
        url: url.strip_prefix(urls.base()).unwrap_or(&url).to_owned(),
        reason,
        days_label: p.named("explore-week", &numbers.join(", ")),
        bars: Bar::row(&people),
    }
}
