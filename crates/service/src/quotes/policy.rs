//! Who may quote a status.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    quote::{Approval, QuoteChoice, QuotePolicy, Standing},
    status::{Status, Visibility},
};
use pouet_storage::{Conn, policies, quote_policies, sight, statuses};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
};

/// Writes the policy of a status: of one that not everybody may see, nobody but the author may quote. True if it is another
/// than before.
pub(crate) fn write_policy(tx: &mut Conn, status: &Status, policy: &QuotePolicy) -> Result<bool> {
    let nobody = QuotePolicy::default();
    let policy = if status.visibility.is_open() {
        policy
    } else {
        &nobody
    };
    Ok(quote_policies::replace_policy(tx, status.id, policy)?)
}

/// What becomes of somebody's wish to quote a status that they may see.
pub(super) fn approval(tx: &mut Conn, status: &Status, asking: AccountId) -> Result<Approval> {
    if status.reblog_of_id.is_some() || status.visibility == Visibility::Direct {
        return Ok(Approval::Denied);
    }
    if status.account_id == asking {
        return Ok(Approval::Automatic);
    }
    if !status.visibility.is_open() || sight::is_blocked_between(tx, asking, status.account_id)? {
        return Ok(Approval::Denied);
    }
    let policy = quote_policies::load_policies(tx, &[status.id])?
        .remove(&status.id)
        .unwrap_or_default();
    let standing = if policy.needs_standing() {
        let (author, asking) = ([status.account_id], asking);
        Standing {
            follows: !sight::load_followed(tx, asking, &author)?.is_empty(),
            followed: !sight::load_followers(tx, asking, &author)?.is_empty(),
        }
    } else {
        Standing::default()
    };
    Ok(policy.approval(standing))
}

/// Changes who may quote a status of `actor`; `None` leaves it as it is. Quotes that are accepted stay so.
///
/// # Errors
/// `NotFound` if it is not theirs.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#edit_interaction_policy>
pub async fn set_policy(
    instance: &Instance,
    actor: AccountId,
    id: StatusId,
    choice: Option<QuoteChoice>,
) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let status = statuses::find_status(tx, id)?.filter(|status| status.account_id == actor);
            let status = status
                .filter(|status| status.reblog_of_id.is_none())
                .ok_or(Error::NotFound)?;
            match choice {
                Some(choice) => change_policy(tx, &writer, &status, choice, writer.now()),
                None => Ok(()),
            }
        })
        .await
}

/// Writes the policy of a local status, and tells streams and other servers if it is another. While the status waits for
/// approval, it is that of the audience that it is meant for.
pub(crate) fn change_policy(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    choice: QuoteChoice,
    now: DateTime<Utc>,
) -> Result<()> {
    let meant = match policies::find_approval(tx, status.id)? {
        Some(approval) if approval.approved_by.is_none() => Status {
            visibility: approval.visibility,
            ..status.clone()
        },
        _ => status.clone(),
    };
    if !write_policy(tx, &meant, &choice.into())? {
        return Ok(());
    }
    events::emit(tx, &Event::StatusEdited { status_id: status.id }, now)?;
    let job = Job::PublishQuote { status_id: status.id };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}
