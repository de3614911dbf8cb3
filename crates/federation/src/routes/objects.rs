//! Statuses by id, their activities, and the numbers and answers that belong to them.
//!
//! Source: rule R040.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use pouet_model::{
    audience::Audience,
    ids::{AccountId, RelationId, StatusId},
};
use pouet_service::{Error, Result, interactions, statuses, view::StatusView};
use serde_json::{Value, json};

use super::{Kept, absent, access, document, failed, gone, is_browser, public, to_page};
use crate::{
    activities,
    context::Federation,
    objects::{collection::CONTEXT, note, policy},
};

/// A status, and whether the reader had to prove who they are to see it.
pub(super) struct Seen {
    pub(super) view: StatusView,
    pub(super) kept: Kept,
}

/// The local status that an address names, if its reader may see it.
///
/// Followers-only statuses are for readers who prove to be followers or addressed: the actor itself, not its server. What
/// they may not see is answered exactly as what does not exist.
pub(super) async fn find(
    federation: &Federation,
    request: &HttpRequest,
    account: AccountId,
    status: StatusId,
) -> Result<Seen, HttpResponse> {
    let reader = access::admit(federation, request).await?;
    let belongs = |view: &StatusView| is_of(view, account);
    let kept = federation.fetch_auth.kept();
    match statuses::find(&federation.instance, None, status).await {
        Ok(view) if belongs(&view) => {
            reader.check_not_blocked(federation, account).await?;
            return Ok(Seen { view, kept });
        }
        Ok(_) | Err(Error::NotFound) => {}
        Err(error) => return Err(failed(&error)),
    }
    gone_openly(federation, account, status).await?;
    let Some(reader) = reader.proved(federation, request).await else {
        return Err(absent());
    };
    match statuses::find(&federation.instance, Some(reader.account_id), status).await {
        Ok(view) if belongs(&view) => Ok(Seen {
            view,
            kept: Kept::ByNobody,
        }),
        Ok(_) | Err(Error::NotFound) => Err(absent()),
        Err(error) => Err(failed(&error)),
    }
}

/// Answers for a status that everybody could see and that was deleted.
async fn gone_openly(
    federation: &Federation,
    account: AccountId,
    status: StatusId,
) -> Result<(), HttpResponse> {
    let uri = federation.urls().local_status(account, status);
    match statuses::is_openly_gone(&federation.instance, &uri).await {
        Ok(true) => Err(gone(federation, &uri)),
        Ok(false) => Ok(()),
        Err(error) => Err(failed(&error)),
    }
}

/// Whether a status is a local one of this account.
fn is_of(view: &StatusView, account: AccountId) -> bool {
    view.status.account_id == account && view.status.is_local()
}

/// `GET /ap/users/{account}/posts/{status}`
pub(super) async fn status(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
) -> HttpResponse {
    let (account, status) = path.into_inner();
    let (account, status) = (AccountId(account), StatusId(status));
    let urls = federation.urls();
    if is_browser(&request) {
        return match statuses::find(&federation.instance, None, status).await {
            Ok(view) if is_of(&view, account) => to_page(&urls.status_url(&view.status, &view.author)),
            Ok(_) | Err(Error::NotFound) => match gone_openly(&federation, account, status).await {
                Ok(()) => absent(),
                Err(answer) => answer,
            },
            Err(error) => failed(&error),
        };
    }
    let seen = match find(&federation, &request, account, status).await {
        Ok(seen) => seen,
        Err(refusal) => return refusal,
    };
    if seen.view.status.reblog_of_id.is_some() {
        // A boost is an activity and nothing else.
        return to_page(&urls.status_activity(seen.view.author.id, seen.view.status.id));
    }
    answer(note_text(&federation, &seen.view).await, seen.kept)
}

async fn note_text(federation: &Federation, view: &StatusView) -> Result<String> {
    let note = note::load(&federation.instance, view).await?;
    serde_json::to_string(&note.document()).map_err(Error::internal)
}

/// `GET /ap/users/{account}/posts/{status}/activity`
pub(super) async fn activity(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
) -> HttpResponse {
    let (account, status) = path.into_inner();
    match find(&federation, &request, AccountId(account), StatusId(status)).await {
        Ok(seen) => answer(activity_text(&federation, &seen.view).await, seen.kept),
        Err(refusal) => refusal,
    }
}

/// The Create or Announce of a local status, as text with its context.
async fn activity_text(federation: &Federation, view: &StatusView) -> Result<String> {
    let text = match announce(federation, view) {
        Some(announce) => announce.into_plain_text(),
        None => activities::create(note::load(&federation.instance, view).await?).into_text(),
    };
    text.map_err(Error::internal)
}

/// The same of several as values without context, for collections.
pub(super) async fn activity_values(federation: &Federation, views: &[StatusView]) -> Result<Vec<Value>> {
    let written = views.iter().filter(|view| view.reblog.is_none());
    let mut notes = note::load_all(&federation.instance, written).await?;
    let mut values = Vec::with_capacity(views.len());
    for view in views {
        let value = match (announce(federation, view), notes.remove(&view.status.id)) {
            (Some(announce), _) => serde_json::to_value(&announce),
            (None, Some(note)) => serde_json::to_value(activities::create(note)),
            (None, None) => continue,
        };
        values.push(value.map_err(Error::internal)?);
    }
    Ok(values)
}

/// The Announce of a boost; `None` for a status.
fn announce(federation: &Federation, view: &StatusView) -> Option<activities::Activity<String>> {
    let original = view.reblog.as_ref()?;
    let urls = federation.urls();
    let named = [urls.account_uri(&original.author)];
    let boost = activities::Boost {
        account_id: view.author.id,
        status_id: view.status.id,
        object: urls.status_uri(&original.status),
        audience: Audience::of(view.status.visibility, &urls.followers(view.author.id), &named),
    };
    Some(activities::announce(urls, boost, view.status.created_at))
}

fn answer(text: Result<String>, kept: Kept) -> HttpResponse {
    match text {
        Ok(text) => document(StatusCode::OK, text, kept),
        Err(error) => failed(&error),
    }
}

/// `GET /ap/users/{account}/authorizations/{id}`: what its author has approved. What concerns a status that not everybody may
/// see is for those who may.
pub(super) async fn authorization(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
) -> HttpResponse {
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    let (account, id) = path.into_inner();
    let found = interactions::authorization(&federation.instance, AccountId(account), RelationId(id)).await;
    let (given, target) = match found {
        Ok(found) => found,
        Err(Error::NotFound) => return absent(),
        Err(error) => return failed(&error),
    };
    let value = policy::authorization(federation.urls(), &given, &target);
    if target.is_open() {
        return public(&federation, &value);
    }
    match find(&federation, &request, target.account_id, target.id).await {
        Ok(seen) => document(StatusCode::OK, value.to_string(), seen.kept),
        Err(refusal) => refusal,
    }
}

/// `GET .../likes`: how many, and no more.
pub(super) async fn likes(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
) -> HttpResponse {
    count(&federation, &request, path.into_inner(), "likes", |view| {
        view.status.favourites_count
    })
    .await
}

/// `GET .../shares`: how many, and no more.
pub(super) async fn shares(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(i64, i64)>,
) -> HttpResponse {
    count(&federation, &request, path.into_inner(), "shares", |view| {
        view.status.reblogs_count
    })
    .await
}

async fn count(
    federation: &Federation,
    request: &HttpRequest,
    (account, status): (i64, i64),
    name: &str,
    total: fn(&StatusView) -> i64,
) -> HttpResponse {
    match find(federation, request, AccountId(account), StatusId(status)).await {
        Ok(seen) => {
            let id = format!("{}/{name}", federation.urls().status_uri(&seen.view.status));
            let collection = json!({ "@context": CONTEXT, "id": id, "type": "Collection", "totalItems": total(&seen.view) });
            document(StatusCode::OK, collection.to_string(), seen.kept)
        }
        Err(refusal) => refusal,
    }
}
