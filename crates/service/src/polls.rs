//! Polls: looking at them, voting, ending.

use pouet_model::{
    ids::{AccountId, PollId, StatusId},
    notification::NotificationType,
    status::{Poll, Status},
};
use pouet_storage::{Conn, accounts, polls as rows, statuses};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
    notifications::notify,
    view::PollView,
    visibility::{Sight, find_visible},
};

/// Votes on a local poll are told to other servers at most this often.
const TALLY_DELAY: chrono::TimeDelta = chrono::TimeDelta::minutes(3);

/// The totals of a remote poll are fetched at most this often.
const FETCH_AGAIN: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

/// A poll.
///
/// # Errors
/// `NotFound` if the viewer may not see the status that it belongs to.
///
/// Source: <https://docs.joinmastodon.org/methods/polls/#get>
pub async fn find(instance: &Instance, viewer: Option<AccountId>, id: PollId) -> Result<PollView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let poll = rows::find_poll(conn, id)?.ok_or(Error::NotFound)?;
            find_visible(conn, viewer, poll.status_id)?;
            let own = match viewer {
                Some(viewer) => Some(
                    rows::load_own_votes(conn, viewer, &[id])?
                        .remove(&id)
                        .unwrap_or_default(),
                ),
                None => None,
            };
            Ok(PollView {
                expired: poll.is_expired(now),
                voted: viewer.map(|viewer| {
                    viewer == poll.account_id || own.as_ref().is_some_and(|own| !own.is_empty())
                }),
                own_votes: own,
                poll,
            })
        })
        .await
}

/// Notes that somebody signed in looks at a poll. The totals of a remote one are fetched again, at most once a minute and once
/// after its end; streams tell when they are there.
///
/// Source: <https://docs.joinmastodon.org/methods/polls/#get>, where Mastodon asks the origin too.
pub async fn viewed(instance: &Instance, viewer: AccountId, poll: &Poll) -> Result<()> {
    if !instance.settings.federation_enabled {
        return Ok(());
    }
    let (id, status_id, now) = (poll.id, poll.status_id, instance.now());
    let is_remote = instance
        .read(move |conn| {
            let status = statuses::find_status(conn, status_id)?;
            Ok(status.is_some_and(|status| !status.is_local()))
        })
        .await?;
    if !is_remote {
        return Ok(());
    }
    let job_id = instance.next_id();
    let job = Job::RefreshPoll {
        status_id,
        viewer_id: viewer,
    };
    instance
        .write_beside(move |tx| {
            if rows::begin_poll_fetch(tx, id, now, now - FETCH_AGAIN)? {
                jobs::enqueue(tx, job_id, &job, now, now)?;
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Votes. `choices`: positions of options, one unless several may be chosen.
///
/// # Errors
/// `NotFound` if the poll cannot be seen; `Invalid` for one's own or an ended poll, a choice that is not there, more
/// than one choice or a second vote where one is allowed.
///
/// Source: <https://docs.joinmastodon.org/methods/polls/#vote>
pub async fn vote(instance: &Instance, actor: AccountId, id: PollId, choices: &[i64]) -> Result<PollView> {
    let mut positions = choices.to_vec();
    positions.sort_unstable();
    positions.dedup();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let poll = rows::find_poll(tx, id)?.ok_or(Error::NotFound)?;
            let (_, author) = find_visible(tx, Some(actor), poll.status_id)?;
            let own = rows::load_own_votes(tx, actor, &[id])?
                .remove(&id)
                .unwrap_or_default();
            check_vote(&poll, actor, &own, &positions, now)?;
            let mut added = Vec::new();
            for position in positions {
                if rows::insert_vote(tx, id, actor, position, None, now)? {
                    added.push(position);
                }
            }
            if own.is_empty() && !added.is_empty() {
                rows::count_voter(tx, id)?;
            }
            if author.is_local() {
                announce_tally(tx, &writer, poll.status_id, now)
            } else {
                let job = Job::SendVotes {
                    account_id: actor,
                    poll_id: id,
                    positions: added,
                };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
                events::emit(
                    tx,
                    &Event::StatusEdited {
                        status_id: poll.status_id,
                    },
                    now,
                )
            }
        })
        .await?;
    find(instance, Some(actor), id).await
}

fn check_vote(
    poll: &Poll,
    actor: AccountId,
    own: &[i64],
    positions: &[i64],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let refuse = |reason: &str| Err(Error::invalid("choices", "ERR_INVALID", reason));
    if poll.account_id == actor {
        return refuse("You cannot vote in your own polls");
    }
    if poll.is_expired(now) {
        return refuse("The poll has already ended");
    }
    let known = 0..i64::try_from(poll.options.len()).unwrap_or(0);
    if positions.is_empty() || positions.iter().any(|position| !known.contains(position)) {
        return refuse("The chosen vote option does not exist");
    }
    if !poll.multiple && (positions.len() > 1 || !own.is_empty()) {
        return refuse("You have already voted on this poll");
    }
    if positions.iter().all(|position| own.contains(position)) {
        return refuse("You have already voted on this poll");
    }
    Ok(())
}

/// Tells streams at once and other servers after a while, once for all votes until then.
fn announce_tally(
    tx: &mut Conn,
    instance: &Instance,
    status_id: StatusId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let job = Job::SendPollTally { status_id };
    jobs::enqueue(tx, instance.next_id(), &job, now + TALLY_DELAY, now)?;
    events::emit(tx, &Event::StatusEdited { status_id }, now)
}

/// Takes in what may be a vote of a remote account: a short note that answers a status of ours with an option's
/// title as its name. True if it is a vote, counted or not, so that it never becomes a status.
pub async fn receive_vote(
    instance: &Instance,
    actor: AccountId,
    target: StatusId,
    option_title: &str,
    uri: Option<&str>,
) -> Result<bool> {
    let (title, uri) = (option_title.to_owned(), uri.map(str::to_owned));
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some((status, poll)) = local_poll(tx, target)? else {
                return Ok(false);
            };
            let Some(position) = poll.options.iter().position(|option| option.title == title) else {
                return Ok(true);
            };
            let Some(author) = accounts::find_account(tx, poll.account_id)? else {
                return Ok(true);
            };
            let own = rows::load_own_votes(tx, actor, &[poll.id])?
                .remove(&poll.id)
                .unwrap_or_default();
            let allowed = !poll.is_expired(now)
                && (poll.multiple || own.is_empty())
                && Sight::load(tx, Some(actor), &[&status])?.can_see(&status, &author);
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            if allowed && rows::insert_vote(tx, poll.id, actor, position, uri.as_deref(), now)? {
                if own.is_empty() {
                    rows::count_voter(tx, poll.id)?;
                }
                announce_tally(tx, &writer, status.id, now)?;
            }
            Ok(true)
        })
        .await
}

fn local_poll(tx: &mut Conn, id: StatusId) -> Result<Option<(Status, Poll)>> {
    let Some(status) = statuses::find_status(tx, id)?.filter(Status::is_local) else {
        return Ok(None);
    };
    let Some(poll) = status
        .poll_id
        .map(|poll| rows::find_poll(tx, poll))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    Ok(Some((status, poll)))
}

/// Ends a poll: its author and the local voters are notified, and other servers get the result.
pub(crate) async fn end(instance: &Instance, id: PollId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some(poll) = rows::find_poll(tx, id)?.filter(|poll| poll.is_expired(now)) else {
                return Ok(());
            };
            let mut concerned = rows::list_local_voters(tx, id)?;
            if !concerned.contains(&poll.account_id) {
                concerned.push(poll.account_id);
            }
            for owner in concerned {
                notify(
                    tx,
                    owner,
                    NotificationType::Poll,
                    poll.account_id,
                    Some(poll.status_id),
                    now,
                )?;
            }
            let author = accounts::find_account(tx, poll.account_id)?;
            if author.is_some_and(|author| author.is_local()) {
                let job = Job::SendPollTally {
                    status_id: poll.status_id,
                };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            }
            events::emit(
                tx,
                &Event::StatusEdited {
                    status_id: poll.status_id,
                },
                now,
            )
        })
        .await
}
