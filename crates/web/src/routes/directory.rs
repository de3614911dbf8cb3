//! Members who want to be found.

use actix_web::web;
use pouet_service::discovery::{self, DirectoryFilter};
use serde::Deserialize;

use super::Answer;
use crate::context::Context;
use crate::convert::account_card;
use crate::templates::Directory;

const ADDRESS: &str = "/directory";
/// People on a page.
const PAGE_SIZE: i64 = 40;
/// Pages that are told of; people further back are found by search.
const MAX_PAGES: i64 = 250;

/// Which page of which order is asked for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    order: Option<String>,
    /// From 1.
    page: Option<String>,
}

/// `GET /directory`: those who posted last lead; with `?order=new`, those who came last.
pub(crate) async fn page(cx: Context, asked: web::Query<Asked>) -> Answer {
    let filter = DirectoryFilter {
        local: true,
        newest: asked.order.as_deref() == Some("new"),
    };
    let number: Option<i64> = asked.page.as_deref().and_then(|page| page.parse().ok());
    let number = number.unwrap_or(1).clamp(1, MAX_PAGES);
    let offset = (number - 1) * PAGE_SIZE;
    let found = discovery::directory_page(cx.instance(), cx.viewer_id(), filter, PAGE_SIZE, offset)
        .await
        .map_err(|error| cx.fail(&error))?;
    let people: Vec<_> = found
        .accounts
        .iter()
        .map(|account| account_card(account, cx.urls()))
        .collect();
    let first = if filter.newest {
        format!("{ADDRESS}?order=new")
    } else {
        ADDRESS.to_owned()
    };
    let join = if filter.newest { '&' } else { '?' };
    let next = format!("{first}{join}page={}", number + 1);
    let has_next = found.has_more && number < MAX_PAGES;
    let page = cx.page.clone();
    cx.render(&Directory {
        p: &page,
        newest: filter.newest,
        people: &people,
        first: (number > 1).then_some(first.as_str()),
        next: has_next.then_some(next.as_str()),
    })
}
