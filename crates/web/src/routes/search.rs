//! The search page.

use actix_web::web;
use pouet_model::{
    ids::StatusId,
    search::{Query, Sort},
};
use pouet_service::search::{self, SearchKind, SearchQuery};
use serde::Deserialize;
use url::form_urlencoded;

use super::Answer;
use super::public::{PAGE_SIZE, counted};
use crate::context::Context;
use crate::convert::{account_card, tag_link};
use crate::templates::Search;
use crate::view::{Cursor, Turns};

/// Accounts and hashtags that are shown.
const NAMES: i64 = 5;

/// What is looked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
    max_id: Option<String>,
    /// `newest` or `relevance`; otherwise, what the query says.
    #[serde(default)]
    sort: String,
    /// Results that were on the pages before, where what fits best comes first.
    offset: Option<String>,
}

/// Where results go on.
#[derive(Clone, Copy)]
enum Place {
    Beginning,
    /// Behind a status: the newest come first.
    Behind(StatusId),
    /// Behind so many results: what fits best comes first.
    After(i64),
}

impl Wanted {
    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "newest" => Sort::Newest,
            "relevance" => Sort::Relevance,
            _ => Query::parse(&self.q).sort,
        }
    }

    /// The place that the address names, as far as it makes sense in this order.
    fn place(&self, sort: Sort) -> Place {
        let number = |text: &Option<String>| text.as_deref()?.parse::<i64>().ok();
        let place = match sort {
            Sort::Newest => number(&self.max_id).map(|id| Place::Behind(StatusId(id))),
            Sort::Relevance => number(&self.offset)
                .filter(|offset| *offset > 0)
                .map(Place::After),
        };
        place.unwrap_or(Place::Beginning)
    }

    /// The address of the results in this order, from there on.
    fn address(&self, sort: &str, place: Place) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q);
        if !sort.is_empty() {
            query.append_pair("sort", sort);
        }
        match place {
            Place::Beginning => &mut query,
            Place::Behind(last) => query.append_pair("max_id", &last.to_string()),
            Place::After(count) => query.append_pair("offset", &count.to_string()),
        };
        format!("/search?{}", query.finish())
    }
}

/// `GET /search`: a form, and what fits. Visitors find people and hashtags, members pouets as well.
pub(crate) async fn page(cx: Context, wanted: web::Query<Wanted>) -> Answer {
    let sort = wanted.sort();
    let place = wanted.place(sort);
    let look = async |kind, limit| {
        let query = SearchQuery {
            q: wanted.q.clone(),
            kind: Some(kind),
            limit,
            max_id: match place {
                Place::Behind(last) => Some(last),
                Place::Beginning | Place::After(_) => None,
            },
            offset: match place {
                // Visitors, who find no pouets, may not ask for it.
                Place::After(count) if cx.viewer_id().is_some() => count,
                _ => 0,
            },
            sort: Some(sort),
            ..SearchQuery::default()
        };
        search::search(cx.instance(), cx.viewer_id(), query)
            .await
            .map_err(|error| cx.fail(&error))
    };
    let found = look(SearchKind::Statuses, PAGE_SIZE).await?.statuses;
    // Names stand on the first page alone.
    let (mut people, mut tags) = (Vec::new(), Vec::new());
    let is_first = matches!(place, Place::Beginning);
    if is_first {
        people = look(SearchKind::Accounts, NAMES).await?.accounts;
        tags = look(SearchKind::Hashtags, NAMES).await?.hashtags;
    }
    let people: Vec<_> = people
        .iter()
        .map(|account| account_card(account, cx.urls()))
        .collect();
    let tags: Vec<_> = tags.iter().map(|tag| tag_link(tag, cx.urls())).collect();
    let is_full = found.len() as i64 >= PAGE_SIZE;
    let next = found.last().filter(|_| is_full).map(|view| match (sort, place) {
        (Sort::Newest, _) => Place::Behind(view.status.id),
        (Sort::Relevance, Place::After(count)) => Place::After(count + PAGE_SIZE),
        (Sort::Relevance, _) => Place::After(PAGE_SIZE),
    });
    let next = next.map(|next| wanted.address(&wanted.sort, next));
    let begin = (!is_first).then(|| wanted.address(&wanted.sort, Place::Beginning));
    let (cursor, turns) = match sort {
        Sort::Newest => {
            let cursor = Cursor {
                older: next,
                newest: begin,
            };
            (cursor, Turns::default())
        }
        Sort::Relevance => (Cursor::default(), Turns { next, begin }),
    };
    let statuses = &counted(&cx, &found).await?[..];
    let page = cx.page.clone();
    cx.render(&Search {
        p: &page,
        query: &wanted.q,
        people: &people,
        tags: &tags,
        by_newest: &wanted.address("newest", Place::Beginning),
        by_relevance: &wanted.address("relevance", Place::Beginning),
        is_by_relevance: sort == Sort::Relevance,
        statuses,
        cursor: &cursor,
        turns: &turns,
        focused: false,
    })
}
