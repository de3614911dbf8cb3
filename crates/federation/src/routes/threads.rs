//! What belongs to a thread: the answers to a status, and conversations that began here.
//!
//! Public and unlisted statuses only, those of other servers by id: each is read where it lives.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    status::Status,
};
use pouet_service::{Result, statuses, view::StatusView};
use serde::Deserialize;
use serde_json::Value;

use super::{access, document, failed, objects, public};
use crate::{
    context::Federation,
    objects::replies::{self, PAGE, PageOf},
};

/// Which answers are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    page: Option<String>,
    min_id: Option<i64>,
    only_other_accounts: Option<String>,
}

impl Part {
    fn is_page(&self) -> bool {
        self.page.is_some() || self.min_id.is_some() || self.only_others()
    }

    fn only_others(&self) -> bool {
        self.only_other_accounts
            .as_deref()
            .is_some_and(|value| value == "true" || value == "1")
    }
}

/// Ids of statuses on the wire, and our id of the last one if the page is full.
fn ids(federation: &Federation, found: &[Status]) -> (Vec<String>, Option<i64>) {
    let uris = found
        .iter()
        .map(|status| federation.urls().status_uri(status))
        .collect();
    let is_full = i64::try_from(found.len()).is_ok_and(|len| len >= PAGE);
    let last = found.last().filter(|_| is_full).map(|status| status.id.0);
    (uris, last)
}

/// `GET .../replies`: open answers that we know, oldest first: those of the author, then those of others.
pub(super) async fn replies(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
    part: web::Query<Part>,
) -> HttpResponse {
    let (account, status) = path.into_inner();
    let seen = match objects::find(&federation, &request, AccountId(account), StatusId(status)).await {
        Ok(seen) => seen,
        Err(refusal) => return refusal,
    };
    match replies_of(&federation, &seen.view, &part).await {
        Ok(value) => document(StatusCode::OK, value.to_string(), seen.kept),
        Err(error) => failed(&error),
    }
}

async fn replies_of(federation: &Federation, view: &StatusView, part: &Part) -> Result<Value> {
    let id = format!("{}/replies", federation.urls().status_uri(&view.status));
    let which = PageOf {
        only_others: part.only_others(),
        min_id: part.min_id,
    };
    let after = part.min_id.map(StatusId);
    let own = !which.only_others;
    let found = statuses::open_replies(&federation.instance, &view.status, own, after, PAGE).await?;
    let (items, last) = ids(federation, &found);
    let page = replies::page(&id, which, last, &items);
    Ok(if part.is_page() {
        page
    } else {
        replies::replies(&id, view.status.replies_count, &page)
    })
}

/// `GET /ap/contexts/{conversation}`: the open statuses that we know of a conversation that began here, oldest first.
pub(super) async fn conversation(
    federation: web::Data<Federation>,
    request: HttpRequest,
    conversation: web::Path<i64>,
    part: web::Query<Part>,
) -> HttpResponse {
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    match conversation_of(&federation, ConversationId(conversation.into_inner()), &part).await {
        Ok(value) => public(&federation, &value),
        Err(error) => failed(&error),
    }
}

async fn conversation_of(federation: &Federation, id: ConversationId, part: &Part) -> Result<Value> {
    let after = part.min_id.map(StatusId);
    let found = statuses::open_conversation(&federation.instance, id, after, PAGE).await?;
    let uri = federation.urls().conversation(id);
    let (items, last) = ids(federation, &found.statuses);
    let page = replies::conversation_page(&uri, part.min_id, last, &items);
    if part.is_page() {
        return Ok(page);
    }
    let author = found.author.map(|author| federation.urls().account_uri(&author));
    Ok(replies::conversation(&uri, author.as_deref(), found.total, &page))
}
