//! Answers that arrived before what they answer.
//!
//! What nobody else has to approve joins the thread when that comes. The others stay apart until it was looked at whether the
//! author of what they answer approved of them.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    interaction::{Interaction, Verdict},
    status::Status,
};
use pouet_storage::{
    Conn, accounts, policies,
    statuses::{self as rows, Counter},
    timelines,
};

use crate::{
    error::Result,
    instance::Instance,
    interactions::verdict,
    jobs::{self, Job},
    trends,
};

/// Answers that are looked at because what they answer has come.
const MAX_CHECKED: usize = 200;

/// Joins a remote status, its rules already written, with the answers that came before it.
pub(super) fn adopt(
    tx: &mut Conn,
    instance: &Instance,
    parent: &Status,
    author: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    let waiting = rows::list_waiting_replies(tx, &instance.urls().status_uri(parent))?;
    if waiting.is_empty() {
        return Ok(());
    }
    let has_rules = policies::find_policy(tx, parent.id)?.is_some();
    let (mut welcome, mut checked) = (Vec::new(), 0);
    for (id, answering) in waiting {
        if !has_rules || is_welcome(tx, instance, parent, author, answering)? {
            welcome.push(id);
        } else if checked < MAX_CHECKED {
            checked += 1;
            jobs::enqueue(
                tx,
                instance.next_id(),
                &Job::CheckReply { status_id: id },
                now,
                now,
            )?;
        }
    }
    join(tx, instance, parent, &welcome, now)
}

/// Whether an account may answer a status without being asked for an approval. Accounts of here were asked when they wrote.
fn is_welcome(
    tx: &mut Conn,
    instance: &Instance,
    parent: &Status,
    author: &Account,
    answering: AccountId,
) -> Result<bool> {
    let Some(answering) = accounts::find_account(tx, answering)? else {
        return Ok(false);
    };
    let kind = Interaction::Reply;
    Ok(answering.is_local() || verdict(tx, instance, kind, parent, author, &answering)? == Verdict::Allowed)
}

fn join(
    tx: &mut Conn,
    instance: &Instance,
    parent: &Status,
    answers: &[StatusId],
    now: DateTime<Utc>,
) -> Result<()> {
    let adopted = rows::adopt_replies(tx, answers, parent)?;
    if adopted > 0 {
        rows::adjust_count(tx, parent.id, Counter::Replies, adopted)?;
    }
    for answer in rows::load_statuses(tx, answers)? {
        trends::count_late_answer(tx, instance, &answer, now)?;
    }
    Ok(())
}

/// An answer that is kept apart from what it answers.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// Its id on the wire.
    pub uri: String,
    /// Its author.
    pub author: Account,
    /// Id of what it answers, which we know.
    pub parent_uri: String,
    /// In whose name it is asked for; `None`: everybody may see it.
    pub reader: Option<AccountId>,
}

/// The answer with this id, if it is still kept apart from something that we know, and somebody here may ask for it.
pub async fn orphan(instance: &Instance, id: StatusId) -> Result<Option<Orphan>> {
    instance
        .read(move |conn| {
            let Some((answer, parent)) = find(conn, id)? else {
                return Ok(None);
            };
            let reader = if answer.visibility.is_open() {
                None
            } else {
                match timelines::list_local_followers(conn, answer.account_id)?.first() {
                    Some(follower) => Some(follower.id()),
                    None => return Ok(None),
                }
            };
            let author = accounts::find_account(conn, answer.account_id)?;
            let parts = answer.uri.zip(parent.uri).zip(author);
            Ok(parts.map(|((uri, parent_uri), author)| Orphan {
                uri,
                author,
                parent_uri,
                reader,
            }))
        })
        .await
}

/// Joins an answer with what it answers: its author approved of it.
pub async fn join_thread(instance: &Instance, id: StatusId) -> Result<()> {
    let handle = instance.clone();
    instance
        .write(move |tx| match find(tx, id)? {
            Some((answer, parent)) => {
                let now = handle.now();
                join(tx, &handle, &parent, &[answer.id], now)
            }
            None => Ok(()),
        })
        .await
}

/// A remote answer that is kept apart, and the remote status that it answers.
fn find(conn: &mut Conn, id: StatusId) -> Result<Option<(Status, Status)>> {
    let Some(answer) = rows::find_status(conn, id)? else {
        return Ok(None);
    };
    let parent = match &answer.in_reply_to_uri {
        Some(uri) => rows::find_status_by_uri(conn, uri)?,
        None => None,
    };
    Ok(parent.map(|parent| (answer, parent)))
}

/// Has an answer that is kept apart looked at again, because its server speaks of it: it may have been approved by now.
pub(super) fn look_again_at_answer(
    tx: &mut Conn,
    instance: &Instance,
    answer: &Status,
    now: DateTime<Utc>,
) -> Result<()> {
    if find(tx, answer.id)?.is_none() {
        return Ok(());
    }
    let job = Job::CheckReply { status_id: answer.id };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}
