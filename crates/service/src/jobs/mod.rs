//! Work that is done later: jobs are rows committed together with the fact that makes them necessary (design D6).
//!
//! An operation calls `enqueue` inside its transaction. A [`Worker`] takes jobs up, runs a few of them itself and
//! hands the others to the crate that speaks with other servers ([`JobHandler`]). Jobs hold ids only and read the
//! state when they run, so a job that runs twice, late, or after its subject is gone does no harm.

mod backoff;
mod own;
mod worker;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, JobId, PollId, RelationId, ScheduledId, StatusId},
    status::Visibility,
};
use pouet_storage::{Conn, jobs as rows};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    instance::Instance,
};

pub(crate) use backoff::spread;
pub use backoff::{MAX_ATTEMPTS, retry_delay};
pub use worker::Worker;

/// A piece of work. See `docs/jobs.md` for what each does, when and how often.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Job {
    /// Handle an activity that arrived.
    ProcessInbox {
        /// Row of the activity.
        id: i64,
    },
    /// Tell other servers of a new status or boost.
    Publish {
        /// It.
        status_id: StatusId,
    },
    /// Tell other servers that a status was edited.
    PublishEdit {
        /// It.
        status_id: StatusId,
    },
    /// Tell other servers that a status or boost is gone.
    PublishDelete(DeletedStatus),
    /// Ask a remote account to be followed.
    SendFollow {
        /// Row of the follow.
        follow_id: RelationId,
        /// Who follows.
        account_id: AccountId,
        /// Who is followed.
        target_id: AccountId,
    },
    /// Take a follow back.
    SendUndoFollow {
        /// Row of the follow, gone by now.
        follow_id: RelationId,
        /// Who followed.
        account_id: AccountId,
        /// Who was followed.
        target_id: AccountId,
    },
    /// Accept a remote follower.
    SendAccept {
        /// Who is followed.
        account_id: AccountId,
        /// The remote follower.
        follower_id: AccountId,
        /// Id of the Follow.
        follow_uri: String,
    },
    /// Refuse or remove a remote follower.
    SendReject {
        /// Who was to be followed.
        account_id: AccountId,
        /// The remote follower.
        follower_id: AccountId,
        /// Id of the Follow.
        follow_uri: String,
    },
    /// Favourite a remote status.
    SendFavourite {
        /// Row of the favourite.
        favourite_id: RelationId,
        /// Whose it is.
        account_id: AccountId,
        /// The status.
        status_id: StatusId,
    },
    /// Take a favourite of a remote status back.
    SendUndoFavourite {
        /// Row of the favourite, gone by now.
        favourite_id: RelationId,
        /// Whose it was.
        account_id: AccountId,
        /// The status.
        status_id: StatusId,
    },
    /// Vote in a remote poll.
    SendVotes {
        /// Who votes.
        account_id: AccountId,
        /// The poll.
        poll_id: PollId,
        /// Positions of the chosen options.
        positions: Vec<i64>,
    },
    /// Tell other servers how a local poll stands.
    SendPollTally {
        /// The status with the poll.
        status_id: StatusId,
    },
    /// Tell other servers that a profile or its keys changed.
    SendProfile {
        /// Whose.
        account_id: AccountId,
    },
    /// Tell other servers that an account is gone.
    SendAccountDelete {
        /// It.
        account_id: AccountId,
    },
    /// Fetch the status that a stored one answers.
    FetchReplyParent {
        /// The answer.
        status_id: StatusId,
        /// Id of the parent on the wire.
        uri: String,
    },
    /// Fetch recent statuses of an account that somebody here begins to follow.
    FetchRecent {
        /// It.
        account_id: AccountId,
    },
    /// Fetch the document of a remote account again.
    RefreshAccount {
        /// It.
        account_id: AccountId,
    },
    /// Close a poll that has come to its end.
    EndPoll {
        /// It.
        poll_id: PollId,
    },
    /// Post a status whose time has come.
    PublishScheduled {
        /// It.
        scheduled_id: ScheduledId,
    },
    /// Remove files that no row refers to any more.
    EmptyMediaTrash,
    /// Remove rows that are past their time.
    Prune,
}

/// What has to be known of a deleted status or boost to tell those who have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeletedStatus {
    /// Author; of a boost: who boosted.
    pub account_id: AccountId,
    /// The status or boost.
    pub status_id: StatusId,
    /// Of a boost: id of the boosted status on the wire.
    pub reblog_of_uri: Option<String>,
    /// Its visibility.
    #[serde(with = "visibility_name")]
    pub visibility: Visibility,
    /// Accounts mentioned; of a boost: the author of the boosted status.
    pub mentions: Vec<AccountId>,
    /// Author of the status it answered.
    pub reply_to_account: Option<AccountId>,
    /// Remote accounts that boosted, favourited or answered it.
    pub interested: Vec<AccountId>,
}

mod visibility_name {
    use pouet_model::status::Visibility;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde asks for"
    )]
    pub(super) fn serialize<S: Serializer>(value: &Visibility, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Visibility, D::Error> {
        let name = String::deserialize(deserializer)?;
        Visibility::parse(&name).ok_or_else(|| serde::de::Error::custom("unknown visibility"))
    }
}

impl Job {
    /// Name of its kind, as the table shows it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ProcessInbox { .. } => "ProcessInbox",
            Self::Publish { .. } => "Publish",
            Self::PublishEdit { .. } => "PublishEdit",
            Self::PublishDelete(_) => "PublishDelete",
            Self::SendFollow { .. } => "SendFollow",
            Self::SendUndoFollow { .. } => "SendUndoFollow",
            Self::SendAccept { .. } => "SendAccept",
            Self::SendReject { .. } => "SendReject",
            Self::SendFavourite { .. } => "SendFavourite",
            Self::SendUndoFavourite { .. } => "SendUndoFavourite",
            Self::SendVotes { .. } => "SendVotes",
            Self::SendPollTally { .. } => "SendPollTally",
            Self::SendProfile { .. } => "SendProfile",
            Self::SendAccountDelete { .. } => "SendAccountDelete",
            Self::FetchReplyParent { .. } => "FetchReplyParent",
            Self::FetchRecent { .. } => "FetchRecent",
            Self::RefreshAccount { .. } => "RefreshAccount",
            Self::EndPoll { .. } => "EndPoll",
            Self::PublishScheduled { .. } => "PublishScheduled",
            Self::EmptyMediaTrash => "EmptyMediaTrash",
            Self::Prune => "Prune",
        }
    }

    /// At most one job with this key waits; `None`: each one counts.
    ///
    /// Only jobs that read all they do from the state when they run have a key.
    pub fn dedup_key(&self) -> Option<String> {
        let subject = match self {
            Self::Publish { status_id }
            | Self::PublishEdit { status_id }
            | Self::SendPollTally { status_id }
            | Self::FetchReplyParent { status_id, .. } => status_id.0,
            Self::SendFollow { follow_id, .. } => follow_id.0,
            Self::SendFavourite { favourite_id, .. } => favourite_id.0,
            Self::SendProfile { account_id }
            | Self::SendAccountDelete { account_id }
            | Self::FetchRecent { account_id }
            | Self::RefreshAccount { account_id } => account_id.0,
            Self::EndPoll { poll_id } => poll_id.0,
            Self::EmptyMediaTrash | Self::Prune => 0,
            Self::ProcessInbox { .. }
            | Self::PublishDelete(_)
            | Self::SendUndoFollow { .. }
            | Self::SendAccept { .. }
            | Self::SendReject { .. }
            | Self::SendUndoFavourite { .. }
            | Self::SendVotes { .. }
            // Moved to another time, a status gets a job for that time.
            | Self::PublishScheduled { .. } => return None,
        };
        Some(format!("{}:{subject}", self.kind()))
    }

    /// Jobs of one lane run one after the other, in the order they were made: what they send must arrive so.
    ///
    /// The lane of `ProcessInbox` is its signer, which the worker reads.
    pub fn lane(&self) -> Option<String> {
        Some(match self {
            Self::Publish { status_id }
            | Self::PublishEdit { status_id }
            | Self::SendPollTally { status_id } => format!("status:{status_id}"),
            Self::PublishDelete(deleted) => format!("status:{}", deleted.status_id),
            Self::SendFollow {
                account_id,
                target_id,
                ..
            }
            | Self::SendUndoFollow {
                account_id,
                target_id,
                ..
            } => format!("follow:{account_id}:{target_id}"),
            Self::SendAccept {
                account_id,
                follower_id,
                ..
            }
            | Self::SendReject {
                account_id,
                follower_id,
                ..
            } => format!("follow:{follower_id}:{account_id}"),
            Self::SendFavourite {
                account_id,
                status_id,
                ..
            }
            | Self::SendUndoFavourite {
                account_id,
                status_id,
                ..
            } => format!("favourite:{account_id}:{status_id}"),
            Self::SendProfile { account_id } | Self::SendAccountDelete { account_id } => {
                format!("account:{account_id}")
            }
            Self::ProcessInbox { .. }
            | Self::SendVotes { .. }
            | Self::FetchReplyParent { .. }
            | Self::FetchRecent { .. }
            | Self::RefreshAccount { .. }
            | Self::EndPoll { .. }
            | Self::PublishScheduled { .. }
            | Self::EmptyMediaTrash
            | Self::Prune => return None,
        })
    }
}

/// Adds a job in the transaction of what makes it necessary.
///
/// `id`: a new one; `run_at`: when it is due, `now` for at once. A waiting job with the same
/// [key](Job::dedup_key) takes its place, at the earlier of both times.
pub(crate) fn enqueue(
    tx: &mut Conn,
    id: JobId,
    job: &Job,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let payload = serde_json::to_string(job).map_err(Error::internal)?;
    rows::insert_job(
        tx,
        &rows::NewJob {
            id,
            kind: job.kind(),
            payload: &payload,
            dedup_key: job.dedup_key().as_deref(),
            run_at,
            created_at: now,
        },
    )?;
    Ok(())
}

/// How many jobs wait or run, and how many were given up in the last days.
pub async fn counts(instance: &Instance) -> Result<(i64, i64)> {
    instance.read(|conn| Ok(rows::count_jobs(conn)?)).await
}

/// Why a job failed, and whether another try makes sense.
#[derive(Debug)]
pub enum JobError {
    /// Run it again later.
    Retry(Error),
    /// It will never succeed.
    Discard(Error),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        // A conflict is a race that somebody else has won: the next try sees what they did.
        if error.is_temporary() || matches!(error, Error::Conflict(_)) {
            Self::Retry(error)
        } else {
            Self::Discard(error)
        }
    }
}

/// Runs the jobs that need other servers. Implemented by `federation`.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Runs a job. `id` stays the same when the job is run again, after a failure or a crash, so that what it
    /// leaves behind can be recognised.
    ///
    /// # Errors
    /// Whether to try again, and why it failed.
    async fn run(&self, id: JobId, job: Job) -> Result<(), JobError>;
}
