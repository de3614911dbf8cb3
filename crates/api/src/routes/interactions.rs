//! Who may answer, favourite and boost, in GoToSocial's words:
//! <https://docs.gotosocial.org/en/latest/api/swagger/>, `interaction_policies` and `interaction_requests`

use actix_web::HttpResponse;
use pouet_model::{
    ids::RelationId,
    interaction::{Asking, Choice, Interaction, Who},
    status::Visibility,
};
use pouet_service::interactions::{self, RequestQuery};

use super::account_lists::when_full;
use crate::{
    call::Call,
    entities::{interaction_policy::DefaultPolicies, interaction_request::InteractionRequest},
    error::{ApiError, Result},
    extract::{page::ACCOUNTS, params::Params},
    link::Previous,
    reply,
};

/// Who may do what with statuses that the user will write, by their audience.
pub(crate) async fn defaults(call: Call) -> Result<HttpResponse> {
    let chosen = interactions::defaults(&call.instance, call.me()?).await?;
    reply::json(&DefaultPolicies::of(&chosen))
}

/// Changes it. Audiences that are absent or null are for everybody again.
pub(crate) async fn update_defaults(call: Call) -> Result<HttpResponse> {
    let mut wanted = Vec::new();
    for visibility in [
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Private,
        Visibility::Direct,
    ] {
        if let Some(choice) = chosen(&call.params, visibility.client_name())? {
            wanted.push((visibility, choice));
        }
    }
    interactions::set_defaults(&call.instance, call.me()?, wanted.clone()).await?;
    reply::json(&DefaultPolicies::of(&wanted.into_iter().collect()))
}

/// What others want to do with statuses of the user, who has not decided yet.
pub(crate) async fn requests(call: Call) -> Result<HttpResponse> {
    let params = &call.params;
    let kinds: Vec<Interaction> = [
        ("replies", Interaction::Reply),
        ("favourites", Interaction::Like),
        ("reblogs", Interaction::Announce),
    ]
    .into_iter()
    .filter(|(name, _)| params.flag(name).unwrap_or(true))
    .map(|(_, kind)| kind)
    .collect();
    if kinds.is_empty() {
        return Err(ApiError::Malformed(
            "at least one of favourites, replies and reblogs must be true",
        ));
    }
    let query = RequestQuery {
        target: params.id("status_id")?,
        kinds,
    };
    let page = call.page(ACCOUNTS)?;
    let found = interactions::requests(&call.instance, call.me()?, query, page).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|view| InteractionRequest::from_view(view, call.instance.now(), call.urls()))
        .collect();
    let keys = found.iter().map(|view| view.request.id.0);
    reply::page(&call, &shown, keys, when_full(page), Previous::MinId)
}

/// One of them, decided or not.
pub(crate) async fn request(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    shown(&call, id).await
}

/// Lets somebody do what they want to.
pub(crate) async fn authorize(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    interactions::authorize(&call.instance, call.me()?, id).await?;
    shown(&call, id).await
}

/// Refuses it.
pub(crate) async fn reject(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    interactions::reject(&call.instance, call.me()?, id).await?;
    shown(&call, id).await
}

async fn shown(call: &Call, id: RelationId) -> Result<HttpResponse> {
    let view = interactions::request(&call.instance, call.me()?, id).await?;
    reply::json(&InteractionRequest::from_view(
        &view,
        call.instance.now(),
        call.urls(),
    ))
}

/// The policy in a group of parameters; `None` if there is no such group. What it does not name is for everybody.
///
/// # Errors
/// `Invalid` if it names groups of accounts that are not known here.
pub(super) fn chosen(params: &Params, name: &str) -> Result<Option<Choice>> {
    let Some(policy) = params.group(name) else {
        return Ok(None);
    };
    let (reply, may_reply) = rule(&policy, "can_reply")?;
    let (like, may_like) = rule(&policy, "can_favourite")?;
    let (announce, may_announce) = rule(&policy, "can_reblog")?;
    Ok(Some(Choice {
        reply,
        like,
        announce,
        asking: Asking {
            reply: may_reply,
            like: may_like,
            announce: may_announce,
        },
    }))
}

/// Who may do one thing at once, and who may ask for it.
fn rule(policy: &Params, name: &str) -> Result<(Who, Option<Who>)> {
    let rule = policy.group(name).unwrap_or_default();
    let list = |name: &str, older: &str| rule.list(name).or_else(|| rule.list(older));
    let automatic = list("automatic_approval", "always");
    let manual = list("manual_approval", "with_approval").unwrap_or_default();
    if automatic.is_none() && manual.is_empty() {
        return Ok((Who::Public, None));
    }
    let at_once = widest(&automatic.unwrap_or_default())?;
    let asking = Some(widest(&manual)?).filter(|who| !at_once.covers(*who));
    Ok((at_once, asking))
}

/// All whom the words cover. The author and those who are named may do everything anyway.
fn widest(words: &[String]) -> Result<Who> {
    words.iter().try_fold(Who::Mentioned, |widest, word| {
        let who = match word.as_str() {
            "public" => Who::Public,
            "followers" => Who::Followers,
            "following" => Who::Following,
            "mentioned" | "author" | "me" => Who::Mentioned,
            _ => {
                let reason = "Interaction policy is not one that is supported";
                return Err(ApiError::invalid("interaction_policy", "ERR_INCLUSION", reason));
            }
        };
        Ok(widest.or(who))
    })
}
