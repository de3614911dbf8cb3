//! <https://docs.joinmastodon.org/methods/statuses/>

use actix_web::{HttpResponse, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    status::Visibility,
};
use pouet_service::{
    Error, accounts, analytics,
    statuses::{self, EndChange, MediaChange, NewPoll, NewStatus, StatusChange},
    threads,
};
use serde::Serialize;

use super::{
    account_lists::account_page, async_refreshes, interactions::chosen, quotes::choice,
    scheduled_statuses::scheduled_at,
};
use crate::{
    call::Call,
    entities::{
        account::Account,
        context::Context,
        scheduled::ScheduledStatus,
        status::{Status, StatusEdit, StatusSource},
    },
    error::{ApiError, Result, sentence},
    extract::{page::ACCOUNTS, params::Params},
    reply,
};

/// Most statuses asked for by id at once.
const MAX_IDS: usize = 20;

/// Answers a status as the viewer sees it.
pub(super) async fn shown(call: &Call, id: StatusId) -> Result<HttpResponse> {
    let view = statuses::find(&call.instance, call.viewer(), id).await?;
    reply::json(&Status::from_view(&view, call.instance.now(), call.urls()))
}

/// Publishes a status, or has it published at `scheduled_at`. A time that is past means now.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let status = new_status(&call)?;
    let (user, _) = call.user()?;
    if let Some(at) = scheduled_at(&call.params)?.filter(|at| *at > call.instance.now()) {
        let view = statuses::scheduled::schedule(&call.instance, user, status, at).await?;
        return reply::json(&ScheduledStatus::from_view(&view, call.urls()));
    }
    match statuses::post(&call.instance, user, status).await {
        Ok(id) => shown(&call, id).await,
        Err(Error::UnexpectedMentions(ids)) => unexpected_mentions(&call, &ids).await,
        Err(other) => Err(other.into()),
    }
}

/// The status names accounts that the client did not expect.
#[derive(Serialize)]
struct UnexpectedMentions<'a> {
    error: String,
    unexpected_accounts: Vec<Account<'a>>,
}

async fn unexpected_mentions(call: &Call, ids: &[AccountId]) -> Result<HttpResponse> {
    let found = accounts::load(&call.instance, ids).await?;
    let body = UnexpectedMentions {
        error: sentence(&Error::UnexpectedMentions(Vec::new()).to_string()),
        unexpected_accounts: Account::list(found.iter().map(AsRef::as_ref), call.urls()),
    };
    reply::json_with(StatusCode::UNPROCESSABLE_ENTITY, &body)
}

/// The status that the parameters describe.
pub(super) fn new_status(call: &Call) -> Result<NewStatus> {
    let params = &call.params;
    let (visibility, is_local) = visibility_and_reach(params)?;
    Ok(NewStatus {
        text: params.text("status").unwrap_or_default(),
        spoiler_text: params.text("spoiler_text").unwrap_or_default(),
        sensitive: params.flag("sensitive"),
        visibility,
        language: params.text("language").filter(|code| !code.is_empty()),
        in_reply_to_id: params.id("in_reply_to_id")?,
        media_ids: media_ids(params)?,
        poll: poll(params)?,
        interactions: chosen(params, "interaction_policy")?,
        application_id: call.auth.as_ref().map(|auth| auth.app.id),
        idempotency_key: call
            .header("idempotency-key")
            .filter(|key| !key.is_empty())
            .map(str::to_owned),
        allowed_mentions: params
            .has("allowed_mentions")
            .then(|| params.ids("allowed_mentions")),
        quoted_status_id: params.id("quoted_status_id")?,
        quote_policy: choice(params, "quote_approval_policy")?,
        local_only: is_local,
        expires_in: expires_in(params)?,
        expires_at: expires_at(params)?,
    })
}

/// The visibility asked for, and whether the status is to stay here: `local_only` as Hometown, glitch-soc and
/// GoToSocial have it,
/// `federated` as GoToSocial had it before, and the visibility `local` of Pleroma and Akkoma.
fn visibility_and_reach(params: &Params) -> Result<(Option<Visibility>, bool)> {
    let is_local = params.is_set("local_only") || params.flag("federated") == Some(false);
    if params.text("visibility").as_deref() == Some("local") {
        return Ok((Some(Visibility::Public), true));
    }
    Ok((visibility(params)?, is_local))
}

/// Seconds until the status is removed, as Pleroma and Akkoma ask for it; 0: never.
fn expires_in(params: &Params) -> Result<Option<i64>> {
    let Some(text) = params.text("expires_in").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let seconds: i64 = text.trim().parse().map_err(|_| {
        ApiError::invalid(
            "expires_in",
            "ERR_INVALID",
            "Expires in is not a number of seconds",
        )
    })?;
    Ok(Some(seconds).filter(|seconds| *seconds != 0))
}

/// When the status is removed.
fn expires_at(params: &Params) -> Result<Option<DateTime<Utc>>> {
    params
        .text("expires_at")
        .filter(|text| !text.is_empty())
        .map(|text| {
            DateTime::parse_from_rfc3339(&text)
                .map(|time| time.to_utc())
                .map_err(|_| ApiError::invalid("expires_at", "ERR_INVALID", "Expires at is not a date"))
        })
        .transpose()
}

/// When an edited status is removed: another time, or never if it says so in an empty parameter.
fn changed_end(call: &Call) -> Result<EndChange> {
    let params = &call.params;
    if !params.has("expires_in") && !params.has("expires_at") {
        return Ok(EndChange::Keep);
    }
    let in_seconds = expires_in(params)?.map(|seconds| {
        let span = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
        call.instance
            .now()
            .checked_add_signed(span)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    });
    let end = in_seconds.or(expires_at(params)?);
    Ok(end.map_or(EndChange::Never, EndChange::At))
}

/// The visibility asked for.
///
/// # Errors
/// `Invalid` if there is none of that name.
pub(super) fn visibility(params: &Params) -> Result<Option<Visibility>> {
    params
        .text("visibility")
        .filter(|name| !name.is_empty())
        .map(|name| {
            Visibility::parse_client(&name).ok_or_else(|| {
                ApiError::invalid(
                    "visibility",
                    "ERR_INCLUSION",
                    "Visibility is not included in the list",
                )
            })
        })
        .transpose()
}

/// Attachments by id. One that is no id is as unknown as one that nobody has.
fn media_ids<T: std::str::FromStr>(params: &Params) -> Result<Vec<T>> {
    params
        .list("media_ids")
        .unwrap_or_default()
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|_| ApiError::not_found()))
        .collect()
}

/// The poll asked for; one without options is none.
fn poll(params: &Params) -> Result<Option<NewPoll>> {
    let Some(poll) = params.group("poll") else {
        return Ok(None);
    };
    let options = poll.list("options").unwrap_or_default();
    if options.is_empty() {
        return Ok(None);
    }
    let expires_in = poll
        .int("expires_in")
        .ok_or_else(|| ApiError::invalid("expires_in", "ERR_BLANK", "Expires in can't be blank"))?;
    Ok(Some(NewPoll {
        options,
        expires_in,
        multiple: poll.is_set("multiple"),
        hide_totals: poll.is_set("hide_totals"),
    }))
}

/// Several statuses by id. Those that the viewer may not see are left out.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let mut ids = call.params.ids("id");
    ids.truncate(MAX_IDS);
    let found = statuses::view(&call.instance, call.viewer(), &ids).await?;
    reply::json(&Status::list(&call, &found))
}

/// One status.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let view = statuses::find(&call.instance, call.viewer(), call.id("id")?).await?;
    analytics::opened(&call.instance, call.reader().as_ref(), &view);
    reply::json(&Status::from_view(&view, call.instance.now(), call.urls()))
}

/// Edits a status. Attachments that are not named are removed.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let id = call.id("id")?;
    let change = StatusChange {
        text: params.text("status").unwrap_or_default(),
        spoiler_text: params.text("spoiler_text").unwrap_or_default(),
        sensitive: params.flag("sensitive"),
        language: params.text("language").filter(|code| !code.is_empty()),
        media_ids: media_ids(params)?,
        media_attributes: media_changes(params)?,
        poll: poll(params)?,
        quote_policy: choice(params, "quote_approval_policy")?,
        interactions: chosen(params, "interaction_policy")?,
        end: changed_end(&call)?,
    };
    statuses::edit(&call.instance, call.me()?, id, change).await?;
    shown(&call, id).await
}

fn media_changes(params: &Params) -> Result<Vec<MediaChange>> {
    params
        .groups("media_attributes")
        .unwrap_or_default()
        .iter()
        .map(|change| {
            Ok(MediaChange {
                id: change.id("id")?.ok_or_else(ApiError::not_found)?,
                description: change.text("description"),
                focus: super::media::focus(change)?,
            })
        })
        .collect()
}

/// Deletes a status and answers what its author typed. `delete_media` keeps no files for a new draft.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    let delete_media = call.params.is_set("delete_media");
    let deleted = statuses::delete(&call.instance, call.me()?, call.id("id")?, delete_media).await?;
    reply::json(&Status::with_source(&deleted, call.instance.now(), call.urls()))
}

/// The thread around a status. For who is signed in, what other servers have of it is fetched, and a header names where to
/// ask how far that is.
pub(crate) async fn context(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let found = statuses::context(&call.instance, call.viewer(), id).await?;
    for view in statuses::view(&call.instance, call.viewer(), &[id]).await? {
        analytics::opened(&call.instance, call.reader().as_ref(), &view);
    }
    let mut answer = reply::json(&Context {
        ancestors: Status::list(&call, &found.ancestors),
        descendants: Status::list(&call, &found.descendants),
    })?;
    if let Some(viewer) = call.viewer()
        && let Some(refresh) = threads::open(&call.instance, viewer, id).await?
    {
        async_refreshes::announce(&mut answer, &refresh);
    }
    Ok(answer)
}

/// What the author of a status typed.
pub(crate) async fn source(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let source = statuses::source(&call.instance, call.me()?, id).await?;
    reply::json(&StatusSource {
        id,
        text: &source.text,
        spoiler_text: &source.spoiler_text,
    })
}

/// All versions of a status, the first one first.
pub(crate) async fn history(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let (author, versions) = statuses::history(&call.instance, call.viewer(), id).await?;
    let view = statuses::find(&call.instance, call.viewer(), id).await?;
    let now = call.instance.now();
    let shown: Vec<_> = versions
        .iter()
        .map(|version| StatusEdit::from_model(version, &author, &view, now, call.urls()))
        .collect();
    reply::json(&shown)
}

/// Accounts that favourited a status.
pub(crate) async fn favourited_by(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = statuses::favourited_by(&call.instance, call.viewer(), call.id("id")?, page).await?;
    account_page(&call, page, &found)
}

/// Accounts that boosted a status.
pub(crate) async fn reblogged_by(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = statuses::reblogged_by(&call.instance, call.viewer(), call.id("id")?, page).await?;
    account_page(&call, page, &found)
}
