//! Activities of other servers, from the moment their signature holds until they are processed.

use pouet_model::ids::{AccountId, JobId};
use pouet_storage::inbox as rows;

use crate::{
    delivery,
    error::Result,
    instance::Instance,
    jobs::{Job, enqueue_for},
};

/// Activities of one host that may wait: more than a server sends while another one restarts.
const WAITING: i64 = 5_000;

/// An activity that arrived with a valid signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceivedActivity {
    /// Its id on the wire; for an activity without one, something that is the same when it arrives again.
    pub uri: String,
    /// The actor whose key signed the request.
    pub signer_uri: String,
    /// Owner of the personal inbox that it came to; `None`: the shared inbox.
    pub recipient: Option<AccountId>,
    /// JSON, as it came.
    pub body: String,
}

/// Whether an activity is news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepted {
    /// It is stored and will be processed.
    New,
    /// It arrived before.
    Duplicate,
    /// So much of its host waits that the sender has to try again later (rule R096).
    Full,
}

/// Stores an activity and the job that processes it, both or none. When this returns, the sender may forget it.
///
/// The jobs of different hosts take turns. The unique uri decides whether it is news. The signer's host is marked as reachable, because a server that
/// sends can be sent to.
///
/// # Errors
/// `Busy` or `Internal` if it could not be stored: the sender should try again.
pub async fn accept(instance: &Instance, activity: ReceivedActivity) -> Result<Accepted> {
    let now = instance.now();
    let id: i64 = instance.next_id();
    let job_id: JobId = instance.next_id();
    let host = delivery::host_of(&activity.signer_uri).unwrap_or_default();
    let is_limited = instance.settings.rate_limits_enabled;
    let row = rows::ReceivedRow {
        uri: activity.uri,
        signer_uri: activity.signer_uri,
        recipient_id: activity.recipient,
        body: activity.body,
        host,
    };
    let (accepted, recovered) = instance
        .write(move |tx| {
            let recovered = delivery::note_reachable(tx, &row.host, now)?.then(|| row.host.clone());
            if is_limited && rows::has_waiting(tx, &row.host, WAITING)? {
                return Ok((Accepted::Full, recovered));
            }
            if !rows::insert_received(tx, id, &row, now)? {
                return Ok((Accepted::Duplicate, recovered));
            }
            let job = Job::ProcessInbox { id };
            enqueue_for(tx, Some(&row.host), job_id, &job, now, now)?;
            Ok((Accepted::New, recovered))
        })
        .await?;
    if let Some(host) = recovered {
        delivery::wake(instance, host);
    }
    Ok(accepted)
}

/// Whether an activity with this uri arrived in the last two weeks.
pub async fn is_known(instance: &Instance, uri: &str) -> Result<bool> {
    let uri = uri.to_owned();
    instance
        .read(move |conn| Ok(rows::has_received(conn, &uri)?))
        .await
}

/// The activity that a `ProcessInbox` job names; `None` if it was forgotten or processed already.
pub async fn load(instance: &Instance, id: i64) -> Result<Option<ReceivedActivity>> {
    let row = instance
        .read(move |conn| Ok(rows::find_received(conn, id)?))
        .await?;
    Ok(row
        .filter(|row| !row.body.is_empty())
        .map(|row| ReceivedActivity {
            uri: row.uri,
            signer_uri: row.signer_uri,
            recipient: row.recipient_id,
            body: row.body,
        }))
}
