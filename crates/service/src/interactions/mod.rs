//! Who may answer, favourite and boost what.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>

mod choose;
mod requests;
mod view;

use std::collections::HashMap;

use pouet_model::{
    account::Account,
    ids::{AccountId, RelationId, StatusId},
    interaction::{Actor, Choice, Collections, Interaction, Policy, Verdict},
    status::Status,
    urls::Urls,
};
use pouet_storage::{Conn, accounts, interaction_requests, mentions, policies, sight, statuses};

use url::Url;

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
};

pub(crate) use self::{
    choose::change,
    requests::{Wish, prune, withdraw, withdraw_by_uri},
    view::Interacting,
};
pub use self::{
    choose::{defaults, set_defaults},
    requests::{RequestQuery, RequestRow, RequestView, authorize, note_question, reject, request, requests},
    view::{InteractionsView, is_for_boosting},
};
pub use pouet_storage::policies::{ApprovalRow, AuthorizationRow as Authorization};

/// What becomes of it when `actor` does something with a status that they can see.
pub(crate) fn verdict(
    tx: &mut Conn,
    instance: &Instance,
    kind: Interaction,
    target: &Status,
    author: &Account,
    actor: &Account,
) -> Result<Verdict> {
    if author.id == actor.id {
        return Ok(Verdict::Allowed);
    }
    if target.local_only && !actor.is_local() {
        return Ok(Verdict::Refused);
    }
    let Some(policy) = policies::find_policy(tx, target.id)? else {
        return Ok(Verdict::Allowed);
    };
    let is_addressed =
        target.in_reply_to_account_id == Some(actor.id) || mentions::is_mentioned(tx, target.id, actor.id)?;
    let uri = instance.urls().account_uri(actor);
    let who = Actor {
        uri: &uri,
        is_author: false,
        is_addressed,
        follows: !sight::load_followed(tx, actor.id, &[author.id])?.is_empty(),
        is_followed: !sight::load_followed(tx, author.id, &[actor.id])?.is_empty(),
    };
    Ok(match policy {
        Policy::Own(choice) => choice.verdict(kind, who),
        Policy::Remote(rules) => {
            let remote = author.remote.as_ref();
            let collections = Collections {
                followers: remote.and_then(|remote| remote.followers.as_deref()),
                following: remote.and_then(|remote| remote.following.as_deref()),
            };
            rules.verdict(kind, who, collections)
        }
    })
}

/// What is told to who may not do something.
const REFUSED: Error = Error::Forbidden("the author of this post does not allow this");

/// Whether somebody here has to wait for the approval of what they do with a status.
///
/// # Errors
/// `Forbidden` if its author does not want it.
pub(crate) fn check(
    tx: &mut Conn,
    instance: &Instance,
    kind: Interaction,
    target: &Status,
    author: &Account,
    actor: AccountId,
) -> Result<bool> {
    let actor = accounts::find_account(tx, actor)?.ok_or(Error::NotFound)?;
    if is_waiting(tx, target.id)? {
        return Err(Error::Forbidden("this post has not been approved yet"));
    }
    match verdict(tx, instance, kind, target, author, &actor)? {
        Verdict::Allowed => Ok(false),
        // Of favourites and emoji this is found out when they are asked for.
        Verdict::NeedsApproval if author.is_local() && kind != Interaction::Like => {
            let uri = format!("{}#wish", instance.urls().account_uri(&actor));
            let wish = Wish::new(kind, target, actor.id, uri);
            wish.may_wait(tx)?.then_some(true).ok_or(REFUSED)
        }
        Verdict::NeedsApproval => Ok(true),
        Verdict::Refused => Err(REFUSED),
    }
}

/// What becomes of it when an account elsewhere does something with a status that was written here; of other statuses
/// this is not for us to say. `uri`: id of the interaction, which may have been approved before.
pub(crate) fn invited(
    tx: &mut Conn,
    instance: &Instance,
    kind: Interaction,
    target: &Status,
    actor: &Account,
    uri: &str,
) -> Result<Verdict> {
    let Some(author) = accounts::find_account(tx, target.account_id)? else {
        return Ok(Verdict::Refused);
    };
    if !author.is_local() {
        return Ok(Verdict::Allowed);
    }
    match verdict(tx, instance, kind, target, &author, actor)? {
        Verdict::NeedsApproval => asked_before(tx, kind, target.id, uri),
        other => Ok(other),
    }
}

/// What becomes of an interaction that needs approval: what was decided about it before, if anything.
fn asked_before(tx: &mut Conn, kind: Interaction, target: StatusId, uri: &str) -> Result<Verdict> {
    if policies::is_authorized(tx, target, kind, uri)? {
        return Ok(Verdict::Allowed);
    }
    let known = interaction_requests::find_request_by_uri(tx, target, uri)?;
    Ok(match known {
        Some(request) if request.rejected_at.is_some() => Verdict::Refused,
        _ => Verdict::NeedsApproval,
    })
}

/// Id of an approval that an author here gave.
pub fn authorization_id(urls: &Urls, author: AccountId, id: RelationId) -> String {
    format!("{}/authorizations/{id}", urls.local_account(author))
}

/// Whether a status waits for approval.
pub(crate) fn is_waiting(tx: &mut Conn, status: StatusId) -> Result<bool> {
    let approval = policies::find_approval(tx, status)?;
    Ok(approval.is_some_and(|approval| approval.approved_by.is_none()))
}

/// What becomes of it when a remote account does something with a remote status, as far as we know. Whom they follow we do
/// not know for sure, so that this never counts.
pub async fn of_others(
    instance: &Instance,
    kind: Interaction,
    target: StatusId,
    actor: AccountId,
) -> Result<Verdict> {
    let reader = instance.clone();
    instance
        .read(move |conn| {
            let Some(target) = statuses::find_status(conn, target)? else {
                return Ok(Verdict::Allowed);
            };
            let (author, actor) = (
                accounts::find_account(conn, target.account_id)?,
                accounts::find_account(conn, actor)?,
            );
            match author.zip(actor) {
                Some((author, actor)) if !author.is_local() => {
                    verdict(conn, &reader, kind, &target, &author, &actor)
                }
                _ => Ok(Verdict::Allowed),
            }
        })
        .await
}

/// What is published with a status of ours beside its text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Published {
    /// Who may do what with it.
    pub choice: Choice,
    /// The approval that it has or waits for.
    pub approval: Option<ApprovalRow>,
}

/// What is published with a local status.
pub async fn published(instance: &Instance, status: StatusId) -> Result<Published> {
    let mut found = all_published(instance, vec![status]).await?;
    Ok(found.remove(&status).unwrap_or_default())
}

/// What is published with each of these local statuses, by as many queries as for one.
pub async fn all_published(instance: &Instance, ids: Vec<StatusId>) -> Result<HashMap<StatusId, Published>> {
    instance
        .read(move |conn| {
            let mut rules = policies::load_policies(conn, &ids)?;
            let mut approvals = policies::load_approvals(conn, &ids)?;
            let published = ids.into_iter().map(|id| {
                let choice = match rules.remove(&id) {
                    Some(Policy::Own(choice)) => choice,
                    _ => Choice::default(),
                };
                let approval = approvals.remove(&id);
                (id, Published { choice, approval })
            });
            Ok(published.collect())
        })
        .await
}

/// A question of a remote account whether it may do something.
#[derive(Clone, Debug)]
pub struct Request {
    /// What.
    pub kind: Interaction,
    /// With which status of ours.
    pub target_id: StatusId,
    /// Who asks.
    pub actor: AccountId,
    /// Id of the question.
    pub uri: String,
    /// Id of the answer to the status, the Like or the Announce.
    pub interaction_uri: String,
}

/// Approvals of what is done with one status that accounts of one server are given.
const MAX_AUTHORIZATIONS: i64 = 500;

/// Whose leave a remote account needs to do something with a status of ours.
///
/// # Errors
/// `NotFound` if it cannot see the status, or the status is not of here.
pub async fn asked(instance: &Instance, target: StatusId, actor: AccountId) -> Result<AccountId> {
    instance
        .read(move |conn| Ok(askable(conn, target, actor)?.1.id))
        .await
}

/// A status of ours that a remote account may see and ask about, and its author.
fn askable(conn: &mut Conn, target: StatusId, actor: AccountId) -> Result<(Status, Account)> {
    let (target, author) = crate::visibility::find_visible(conn, Some(actor), target)?;
    if !author.is_local() || target.reblog_of_id.is_some() {
        return Err(Error::NotFound);
    }
    Ok((target, author))
}

/// Answers the question of a remote account, by what the author chose or decided. What they have to decide about is
/// not answered yet. That the interaction is the account's and about the status is for the caller to know: an answer
/// counts everywhere.
///
/// What the account cannot see it is not answered about.
///
/// # Errors
/// `NotFound` if it cannot see the status, or the status is not of here; `Forbidden` if its server was given very many
/// approvals for the status.
pub async fn receive_request(instance: &Instance, request: Request) -> Result<Verdict> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let (target, author) = askable(tx, request.target_id, request.actor)?;
            let actor = accounts::find_account(tx, request.actor)?.ok_or(Error::NotFound)?;
            let boost_of_closed = request.kind == Interaction::Announce && !target.is_open();
            let found = if boost_of_closed {
                Verdict::Refused
            } else {
                verdict(tx, &writer, request.kind, &target, &author, &actor)?
            };
            let found = match found {
                Verdict::NeedsApproval => {
                    asked_before(tx, request.kind, target.id, &request.interaction_uri)?
                }
                other => other,
            };
            let server = server_of(&request.interaction_uri);
            if !is_normal(&request.interaction_uri) {
                return Err(Error::Forbidden("the id is spelt in an unusual way"));
            }
            if found == Verdict::NeedsApproval {
                return Ok(found);
            }
            let welcome = found == Verdict::Allowed;
            if welcome
                && policies::find_authorization_of(tx, target.id, &request.interaction_uri)?.is_none()
                && policies::count_authorizations(tx, target.id, server)? >= MAX_AUTHORIZATIONS
            {
                return Err(Error::Forbidden("very many approvals were given to this server"));
            }
            let authorization = if welcome {
                let row = Authorization {
                    id: writer.next_id(),
                    account_id: author.id,
                    target_id: target.id,
                    interaction: request.kind,
                    uri: request.interaction_uri.clone(),
                };
                Some(policies::find_or_insert_authorization(tx, &row, now)?)
            } else {
                None
            };
            let job = Job::SendInteractionAnswer {
                account_id: author.id,
                requester_id: actor.id,
                target_id: target.id,
                interaction: request.kind,
                request_uri: Some(request.uri),
                interaction_uri: request.interaction_uri,
                authorization_id: authorization,
            };
            jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            Ok(found)
        })
        .await
}

/// Whether an address has the one spelling that its server is counted by.
fn is_normal(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.as_str() == uri)
}

/// Scheme and host of an address.
fn server_of(uri: &str) -> &str {
    let host = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[host..].find('/').map_or(uri.len(), |at| host + at);
    &uri[..end]
}

/// An approval that an author here gave, and the status that it is about. Who may not see that is not shown the approval.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn authorization(
    instance: &Instance,
    author: AccountId,
    id: RelationId,
) -> Result<(Authorization, Status)> {
    instance
        .read(move |conn| {
            let found = policies::find_authorization(conn, author, id)?.ok_or(Error::NotFound)?;
            let target = statuses::find_status(conn, found.target_id)?.ok_or(Error::NotFound)?;
            Ok((found, target))
        })
        .await
}
