//! What others want to do with statuses of members who decide about it one by one.
//!
//! Answers and boosts are there already and wait, seen by their author and by the member; favourites and emoji are
//! made when the member says yes.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, RelationId, StatusId},
    interaction::Interaction,
    page::Page,
    reaction::ReactionEmoji,
    status::Status,
};
pub use pouet_storage::interaction_requests::RequestRow;
use pouet_storage::{Conn, accounts, interaction_requests as rows, locks, policies, statuses};

use super::{Authorization, REFUSED, authorization_id};
use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    statuses::{accept_favourite, accept_reaction, accept_status, erase_rejected},
    view::{StatusView, load_views},
};

/// Requests about one status that are kept. What comes beyond them is not taken in.
const MOST_OF_STATUS: i64 = 1_000;
/// Answers to one status of one account that wait.
const MOST_OF_ACTOR: usize = 20;
/// How long decided requests are kept: who was refused is not asked for again meanwhile.
const KEPT: TimeDelta = TimeDelta::days(90);
/// Requests removed in one transaction.
const BATCH: i64 = 500;

/// Something that needs a member's approval.
pub(crate) struct Wish<'a> {
    /// What.
    pub(crate) kind: Interaction,
    /// The member's status.
    pub(crate) target: &'a Status,
    /// Who wants it.
    pub(crate) actor: AccountId,
    /// Id of the answer, the Like or the Announce.
    pub(crate) uri: String,
    /// The emoji of a reaction.
    pub(crate) emoji: Option<ReactionEmoji>,
}

impl<'a> Wish<'a> {
    /// To answer, favourite or boost a status.
    pub(crate) fn new(kind: Interaction, target: &'a Status, actor: AccountId, uri: String) -> Self {
        Self {
            kind,
            target,
            actor,
            uri,
            emoji: None,
        }
    }

    /// Whether it can wait: it was not refused before, and there is room.
    pub(crate) fn may_wait(&self, tx: &mut Conn) -> Result<bool> {
        if rows::find_request_by_uri(tx, self.target.id, &self.uri)?.is_some() {
            return Ok(false);
        }
        let known = rows::list_requests_by(tx, self.actor, self.target.id, self.kind)?;
        let pending = known.iter().filter(|row| row.is_pending()).count();
        let is_another = match self.kind {
            Interaction::Reply => true,
            // Another id makes no other favourite, emoji or boost; what was refused stays so. What was allowed may
            // have been taken back since.
            Interaction::Like | Interaction::Announce => known
                .iter()
                .all(|row| row.accepted_at.is_some() || row.emoji != self.emoji),
        };
        Ok(is_another
            && pending < MOST_OF_ACTOR
            && known.len() < usize::try_from(MOST_OF_STATUS).unwrap_or(usize::MAX)
            && rows::count_requests(tx, self.target.id)? < MOST_OF_STATUS)
    }

    /// Asks for a favourite or an emoji of a member; asking again changes nothing.
    ///
    /// # Errors
    /// `Forbidden` if it was refused before.
    pub(crate) fn ask(self, tx: &mut Conn, instance: &Instance) -> Result<()> {
        let known = rows::list_requests_by(tx, self.actor, self.target.id, self.kind)?;
        let mut same = known.iter().filter(|row| row.emoji == self.emoji);
        if same.any(RequestRow::is_pending) {
            return Ok(());
        }
        if !self.may_wait(tx)? {
            return Err(REFUSED);
        }
        self.note(tx, instance, None)
    }

    /// Notes it. `status`: the answer or boost, which waits meanwhile.
    pub(crate) fn note(self, tx: &mut Conn, instance: &Instance, status: Option<StatusId>) -> Result<()> {
        let request = RequestRow {
            id: instance.next_id(),
            account_id: self.target.account_id,
            target_id: self.target.id,
            actor_id: self.actor,
            interaction: self.kind,
            uri: self.uri,
            request_uri: None,
            status_id: status,
            emoji: self.emoji,
            created_at: instance.now(),
            accepted_at: None,
            rejected_at: None,
        };
        rows::insert_request(tx, &request)?;
        Ok(())
    }
}

/// Forgets what an account wanted to do with a status and takes back before anybody decided. `which` says of favourites
/// (without) and emoji, which.
pub(crate) fn withdraw(
    tx: &mut Conn,
    actor: AccountId,
    target: StatusId,
    kind: Interaction,
    which: impl Fn(Option<&ReactionEmoji>) -> bool,
) -> Result<bool> {
    let mut found = false;
    for row in rows::list_requests_by(tx, actor, target, kind)? {
        if row.is_pending() && which(row.emoji.as_ref()) {
            rows::delete_request(tx, row.id)?;
            found = true;
        }
    }
    Ok(found)
}

/// The same by the id of the interaction.
pub(crate) fn withdraw_by_uri(tx: &mut Conn, actor: AccountId, uri: &str) -> Result<bool> {
    Ok(rows::delete_pending_of(tx, actor, uri)?)
}

/// A request with those whom it is about.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// The request.
    pub request: RequestRow,
    /// Who wants something.
    pub actor: Arc<Account>,
    /// The member's status.
    pub status: Option<StatusView>,
    /// The answer that waits, or was allowed.
    pub reply: Option<StatusView>,
}

/// Which requests are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestQuery {
    /// Only those about this status.
    pub target: Option<StatusId>,
    /// Only these kinds.
    pub kinds: Vec<Interaction>,
}

/// What a member has not decided about, newest first.
///
/// Source: <https://docs.gotosocial.org/en/latest/api/swagger/#operations-interaction_requests-getInteractionRequests>
pub async fn requests(
    instance: &Instance,
    member: AccountId,
    query: RequestQuery,
    page: Page,
) -> Result<Vec<RequestView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_pending(conn, member, query.target, &query.kinds, &page)?;
            views(conn, member, found, now)
        })
        .await
}

/// One of a member's requests, decided or not.
///
/// # Errors
/// `NotFound` if it is not theirs.
pub async fn request(instance: &Instance, member: AccountId, id: RelationId) -> Result<RequestView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = own(conn, member, id)?;
            views(conn, member, vec![found], now)?
                .pop()
                .ok_or(Error::NotFound)
        })
        .await
}

fn own(conn: &mut Conn, member: AccountId, id: RelationId) -> Result<RequestRow> {
    rows::find_request(conn, id)?
        .filter(|row| row.account_id == member)
        .ok_or(Error::NotFound)
}

/// Shows requests, by as many queries as for one.
fn views(
    conn: &mut Conn,
    member: AccountId,
    found: Vec<RequestRow>,
    now: DateTime<Utc>,
) -> Result<Vec<RequestView>> {
    let actors: Vec<AccountId> = found.iter().map(|row| row.actor_id).collect();
    let is_reply = |row: &RequestRow| row.interaction == Interaction::Reply;
    let replies = found
        .iter()
        .filter(|row| is_reply(row))
        .filter_map(|row| row.status_id);
    let mut ids: Vec<StatusId> = found.iter().map(|row| row.target_id).chain(replies).collect();
    ids.sort_unstable();
    ids.dedup();
    let people: HashMap<AccountId, Arc<Account>> = accounts::load_accounts(conn, &actors)?
        .into_iter()
        .map(|account| (account.id, Arc::new(account)))
        .collect();
    let shown: HashMap<StatusId, StatusView> = load_views(conn, Some(member), &ids, now)?
        .into_iter()
        .map(|view| (view.status.id, view))
        .collect();
    Ok(found
        .into_iter()
        .filter_map(|request| {
            let reply = request.status_id.filter(|_| is_reply(&request));
            Some(RequestView {
                actor: people.get(&request.actor_id)?.clone(),
                status: shown.get(&request.target_id).cloned(),
                reply: reply.and_then(|id| shown.get(&id).cloned()),
                request,
            })
        })
        .collect())
}

/// A request that waits for the member, and for nobody else who decides at the same time; `None` if it is decided.
fn undecided(tx: &mut Conn, member: AccountId, id: RelationId) -> Result<Option<RequestRow>> {
    let actor = own(tx, member, id)?.actor_id;
    locks::lock_accounts(tx, &[member, actor])?;
    Ok(Some(own(tx, member, id)?).filter(RequestRow::is_pending))
}

/// Lets somebody do what they wanted: it appears, and other servers are told. What is decided already stays as it is.
///
/// # Errors
/// `NotFound` if it is not the member's.
///
/// Source:
/// <https://docs.gotosocial.org/en/latest/api/swagger/#operations-interaction_requests-authorizeInteractionRequest>
pub async fn authorize(instance: &Instance, member: AccountId, id: RelationId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let Some(row) = undecided(tx, member, id)? else {
                return Ok(());
            };
            let now = writer.now();
            let actor = accounts::find_account(tx, row.actor_id)?.filter(Account::is_active);
            let actor = actor.ok_or(Error::NotFound)?;
            let target = statuses::find_status(tx, row.target_id)?.ok_or(Error::NotFound)?;
            let given = Authorization {
                id: writer.next_id(),
                account_id: member,
                target_id: target.id,
                interaction: row.interaction,
                uri: row.uri.clone(),
            };
            let given = policies::find_or_insert_authorization(tx, &given, now)?;
            match (row.status_id, row.emoji.clone()) {
                (Some(status), _) => {
                    let approval = authorization_id(writer.urls(), member, given);
                    accept_status(tx, &writer, status, &approval, now)?;
                }
                (None, Some(emoji)) => accept_reaction(tx, &writer, &target, &actor, &row.uri, emoji)?,
                (None, None) => accept_favourite(tx, &writer, &target, &actor, &row.uri, now)?,
            }
            rows::update_accepted(tx, row.id, now)?;
            answer(tx, &writer, row, &actor, Some(given), now)
        })
        .await
}

/// Refuses it: an answer or boost that waited is removed. What is decided already stays as it is.
///
/// # Errors
/// `NotFound` if it is not the member's.
///
/// Source:
/// <https://docs.gotosocial.org/en/latest/api/swagger/#operations-interaction_requests-rejectInteractionRequest>
pub async fn reject(instance: &Instance, member: AccountId, id: RelationId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let Some(row) = undecided(tx, member, id)? else {
                return Ok(());
            };
            let now = writer.now();
            rows::update_rejected(tx, row.id, now)?;
            if let Some(status) = row.status_id {
                erase_rejected(tx, status, now)?;
            }
            match accounts::find_account(tx, row.actor_id)? {
                Some(actor) => answer(tx, &writer, row, &actor, None, now),
                None => Ok(()),
            }
        })
        .await
}

/// Has the server of who asked told, if it is another.
fn answer(
    tx: &mut Conn,
    instance: &Instance,
    row: RequestRow,
    actor: &Account,
    authorization_id: Option<RelationId>,
    now: DateTime<Utc>,
) -> Result<()> {
    if actor.is_local() {
        return Ok(());
    }
    let job = Job::SendInteractionAnswer {
        account_id: row.account_id,
        requester_id: row.actor_id,
        target_id: row.target_id,
        interaction: row.interaction,
        request_uri: row.request_uri,
        interaction_uri: row.uri,
        authorization_id,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Notes which question was asked about something that waits, so that the answer can name it.
pub async fn note_question(
    instance: &Instance,
    target: StatusId,
    interaction_uri: &str,
    request_uri: &str,
) -> Result<()> {
    let (uri, question) = (interaction_uri.to_owned(), request_uri.to_owned());
    instance
        .write(move |tx| match rows::find_request_by_uri(tx, target, &uri)? {
            Some(row) if row.is_pending() => Ok(rows::update_request_uri(tx, row.id, &question)?),
            _ => Ok(()),
        })
        .await
}

/// Forgets what was decided long ago.
pub(crate) async fn prune(instance: &Instance) -> Result<()> {
    let before = instance.now() - KEPT;
    loop {
        let removed = instance
            .write(move |tx| Ok(rows::delete_decided(tx, before, BATCH)?))
            .await?;
        if removed < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(());
        }
    }
}
