//! The search page.

use actix_web::web;
use pouet_model::ids::StatusId;
use pouet_service::search::{self, SearchKind, SearchQuery};
use serde::Deserialize;
use url::form_urlencoded;

use super::Answer;
use super::public::{PAGE_SIZE, counted};
use crate::context::Context;
use crate::convert::{account_card, tag_link};
use crate::templates::Search;
use crate::view::Cursor;

/// Accounts and hashtags that are shown.
const NAMES: i64 = 5;

/// What is looked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
    max_id: Option<String>,
}

impl Wanted {
    /// Where the results go on after `last`, or begin.
    fn address(&self, last: Option<StatusId>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q);
        if let Some(last) = last {
            query.append_pair("max_id", &last.to_string());
        }
        format!("/search?{}", query.finish())
    }
}

/// `GET /search`: a form, and what fits. Visitors find people and hashtags, members pouets as well.
pub(crate) async fn page(cx: Context, wanted: web::Query<Wanted>) -> Answer {
    let max_id: Option<StatusId> = wanted.max_id.as_deref().and_then(|id| id.parse().ok());
    let look = async |kind, limit| {
        let query = SearchQuery {
            q: wanted.q.clone(),
            kind: Some(kind),
            limit,
            max_id,
            ..SearchQuery::default()
        };
        search::search(cx.instance(), cx.viewer_id(), query)
            .await
            .map_err(|error| cx.fail(&error))
    };
    let found = look(SearchKind::Statuses, PAGE_SIZE).await?.statuses;
    // Names stand on the first page alone.
    let (mut people, mut tags) = (Vec::new(), Vec::new());
    if max_id.is_none() {
        people = look(SearchKind::Accounts, NAMES).await?.accounts;
        tags = look(SearchKind::Hashtags, NAMES).await?.hashtags;
    }
    let people: Vec<_> = people
        .iter()
        .map(|account| account_card(account, cx.urls()))
        .collect();
    let tags: Vec<_> = tags.iter().map(|tag| tag_link(tag, cx.urls())).collect();
    let is_full = found.len() as i64 >= PAGE_SIZE;
    let last = found.last().filter(|_| is_full).map(|view| view.status.id);
    let cursor = &Cursor {
        older: last.map(|last| wanted.address(Some(last))),
        newest: max_id.map(|_| wanted.address(None)),
    };
    let statuses = &counted(&cx, &found).await?[..];
    let page = cx.page.clone();
    cx.render(&Search {
        p: &page,
        query: &wanted.q,
        people: &people,
        tags: &tags,
        statuses,
        cursor,
        focused: false,
    })
}
