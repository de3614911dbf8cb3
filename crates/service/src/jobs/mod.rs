//! Work that is done later: jobs are rows committed together with the fact that makes them necessary.
//!
//! An operation calls `enqueue` inside its transaction. A [`Worker`] takes jobs up, runs a few of them itself and
//! hands the others to the crate that speaks with other servers ([`JobHandler`]). Jobs hold ids only and read the
//! state when they run, so a job that runs twice, late, or after its subject is gone does no harm.

mod backoff;
mod own;
mod turns;
mod worker;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{
        AccountId, AnnouncementId, CardId, JobId, PollId, RelationId, RelayId, ReportId, ScheduledId,
        StatusId,
    },
    interaction::Interaction,
    reaction::ReactionEmoji,
    status::Visibility,
};
use pouet_storage::{Conn, jobs as rows};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    instance::Instance,
    quotes::{QuoteAnswer, QuoteRevocation},
};

pub use backoff::{MAX_ATTEMPTS, retry_delay};
pub(crate) use backoff::{jitter, spread};
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
    /// Put an emoji on a remote status, or take it off.
    SendReaction {
        /// Row of the reaction; gone by now if it is taken back.
        reaction_id: RelationId,
        /// Whose it is.
        account_id: AccountId,
        /// The status.
        status_id: StatusId,
        /// The emoji.
        emoji: ReactionEmoji,
        /// Take it off.
        undo: bool,
    },
    /// Answer a remote account that asked whether it may do something with a local status.
    SendInteractionAnswer {
        /// Author of the status.
        account_id: AccountId,
        /// Who asked.
        requester_id: AccountId,
        /// The status.
        target_id: StatusId,
        /// What it asked for.
        interaction: Interaction,
        /// Id of the question; `None`: it was done without one.
        request_uri: Option<String>,
        /// Id of the answer to the status, the Like or the Announce.
        interaction_uri: String,
        /// The approval; `None`: no.
        authorization_id: Option<RelationId>,
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
    /// Tell other servers that an actor of ours has new keys.
    SendNewKeys {
        /// Whose; `None`: the instance actor's.
        account_id: Option<AccountId>,
        /// The old key, which the announcement is signed with.
        retired_key_id: i64,
    },
    /// Tell other servers what an account shows on its profile, or no longer.
    SendFeatured {
        /// Whose profile.
        account_id: AccountId,
        /// What is shown.
        item: FeaturedItem,
        /// Whether it is shown from now on.
        change: FeaturedChange,
    },
    /// Tell other servers that a local account goes on as another one.
    SendMove {
        /// Row of the move.
        move_id: RelationId,
        /// Who moves.
        account_id: AccountId,
        /// Where to.
        target_id: AccountId,
    },
    /// Have the locals who follow an account follow the one that it moved to.
    CarryFollowers {
        /// Who moved.
        account_id: AccountId,
        /// Where to.
        target_id: AccountId,
    },
    /// Tell a reported account's server of the report.
    SendReport {
        /// It.
        report_id: ReportId,
    },
    /// Ask a relay for what passes through it.
    SendRelayFollow {
        /// It.
        relay_id: RelayId,
    },
    /// Ask a relay for nothing any more.
    SendRelayUndo {
        /// It; the row may be gone by now.
        relay_id: RelayId,
        /// What the operator named.
        address: String,
        /// Where to send it.
        inbox: String,
        /// The address is that of its actor.
        is_actor: bool,
    },
    /// Answer a Follow of the instance itself.
    SendInstanceAnswer {
        /// Who wants to follow.
        follower_id: AccountId,
        /// Id of the Follow.
        follow_uri: String,
        /// Yes or no.
        accept: bool,
    },
    /// Tell other servers that an account is gone.
    SendAccountDelete {
        /// It.
        account_id: AccountId,
    },
    /// Ask the author of a remote status whether it may be quoted.
    SendQuoteRequest {
        /// The status that quotes it.
        status_id: StatusId,
    },
    /// Answer a request to quote a local status.
    SendQuoteAnswer(QuoteAnswer),
    /// Tell other servers that the consent to a quote was taken back.
    SendQuoteRevocation(QuoteRevocation),
    /// Tell other servers how the quote of a status stands, who may quote it, or when it ends.
    PublishQuote {
        /// It.
        status_id: StatusId,
    },
    /// Find out what a remote status quotes, and whether it may.
    CheckQuote {
        /// It.
        status_id: StatusId,
        /// How many quotes led to it.
        depth: u8,
    },
    /// See whether the consent that an accepted quote rests on is still there.
    RecheckQuote {
        /// The status that quotes.
        status_id: StatusId,
    },
    /// Give up waiting for leave to quote.
    EndQuoteRequest {
        /// The status that quotes.
        status_id: StatusId,
    },
    /// Fetch the status that a stored one answers.
    FetchReplyParent {
        /// The answer.
        status_id: StatusId,
        /// Id of the parent on the wire.
        uri: String,
    },
    /// Find out whether an answer that came before what it answers was approved.
    CheckReply {
        /// The answer.
        status_id: StatusId,
    },
    /// Fetch answers that a status came with.
    FetchReplies {
        /// The status.
        status_id: StatusId,
        /// Ids of the answers on the wire, on its author's host.
        uris: Vec<String>,
    },
    /// Fetch what is missing of the thread around a status that somebody opened.
    FetchThread {
        /// The status.
        status_id: StatusId,
    },
    /// Fetch recent statuses of an account that somebody here begins to follow.
    FetchRecent {
        /// It.
        account_id: AccountId,
    },
    /// Fetch what a remote account shows on its profile.
    FetchFeatured {
        /// It.
        account_id: AccountId,
        /// Address of the hashtags that it shows, where its document has one.
        tags: Option<String>,
    },
    /// Ask a remote account's server who of ours follows it.
    SyncFollowers {
        /// It.
        account_id: AccountId,
        /// Where the list is.
        url: String,
        /// What its server says of the list: 64 hexadecimal digits.
        digest: String,
    },
    /// Fetch the document of a remote account again.
    RefreshAccount {
        /// It.
        account_id: AccountId,
    },
    /// Look for what a remote account published while this server was down.
    CatchUpAccount {
        /// It.
        account_id: AccountId,
        /// Since when this server was down.
        since: DateTime<Utc>,
    },
    /// Fetch the totals of a remote poll again.
    RefreshPoll {
        /// The status with the poll.
        status_id: StatusId,
        /// Who looks at it.
        viewer_id: AccountId,
    },
    /// Delete a remote account whose server says that its handle is gone, if the account is gone too.
    DeleteGoneAccount {
        /// It.
        account_id: AccountId,
    },
    /// Remove what is left of the statuses of a deleted local account.
    DeleteContent {
        /// It.
        account_id: AccountId,
    },
    /// Look for what all followed remote accounts published while this server was down.
    CatchUp {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Note that this server is running.
    Heartbeat,
    /// Close a poll that has come to its end.
    EndPoll {
        /// It.
        poll_id: PollId,
    },
    /// Remove a status whose time is over.
    ExpireStatus {
        /// It.
        status_id: StatusId,
    },
    /// Tell listeners that an announcement is over.
    EndAnnouncement {
        /// It.
        announcement_id: AnnouncementId,
    },
    /// Have what was held back of an account join the notifications of another.
    MergeNotifications {
        /// Whose notifications.
        account_id: AccountId,
        /// Who caused them.
        from_account_id: AccountId,
    },
    /// See which links of a profile lead back to it.
    VerifyLinks {
        /// Whose.
        account_id: AccountId,
    },
    /// Read the page behind a link.
    FetchCard {
        /// Its card.
        card_id: CardId,
    },
    /// Post a status whose time has come.
    PublishScheduled {
        /// It.
        scheduled_id: ScheduledId,
    },
    /// End the follows between people here and a suspended domain.
    SeverDomain {
        /// Of the rule: names under it are meant, too.
        domain: String,
    },
    /// Remove the copies of files of a domain whose media are refused.
    PurgeDomainMedia {
        /// Of the rule: names under it are meant, too.
        domain: String,
    },
    /// Remove the accounts of a domain that has been suspended for long.
    PurgeDomain {
        /// Of the rule: names under it are meant, too.
        domain: String,
    },
    /// Look at what trends.
    RefreshTrends,
    /// Remove files that no row refers to any more.
    EmptyMediaTrash,
    /// Remove rows that are past their time.
    Prune,
    /// Add statuses from before there was an index of words to it.
    IndexStatuses,
    /// Bring what the index has of the statuses that show a card up to date.
    IndexCard {
        /// It.
        card_id: CardId,
    },
    /// Remove old posts of other servers that nobody here has to do with.
    RemoveOldStatuses,
    /// Fold display names from before they were folded as words are.
    FoldNames,
}

/// Something on a profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FeaturedItem {
    /// A pinned status.
    Status(StatusId),
    /// A hashtag.
    Tag {
        /// Folded, without `#`.
        name: String,
        /// As it is written.
        display_name: String,
    },
}

/// What becomes of something on a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FeaturedChange {
    /// It is there.
    Add,
    /// It is there no longer.
    Remove,
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
    /// Remote accounts that boosted, favourited, answered or quoted it, or put an emoji on it.
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
            Self::SendReaction { .. } => "SendReaction",
            Self::SendInteractionAnswer { .. } => "SendInteractionAnswer",
            Self::SendVotes { .. } => "SendVotes",
            Self::SendPollTally { .. } => "SendPollTally",
            Self::SendProfile { .. } => "SendProfile",
            Self::SendNewKeys { .. } => "SendNewKeys",
            Self::SendFeatured { .. } => "SendFeatured",
            Self::SendMove { .. } => "SendMove",
            Self::CarryFollowers { .. } => "CarryFollowers",
            Self::SendReport { .. } => "SendReport",
            Self::SendRelayFollow { .. } => "SendRelayFollow",
            Self::SendRelayUndo { .. } => "SendRelayUndo",
            Self::SendInstanceAnswer { .. } => "SendInstanceAnswer",
            Self::SendAccountDelete { .. } => "SendAccountDelete",
            Self::SendQuoteRequest { .. } => "SendQuoteRequest",
            Self::SendQuoteAnswer(_) => "SendQuoteAnswer",
            Self::SendQuoteRevocation(_) => "SendQuoteRevocation",
            Self::PublishQuote { .. } => "PublishQuote",
            Self::CheckQuote { .. } => "CheckQuote",
            Self::RecheckQuote { .. } => "RecheckQuote",
            Self::EndQuoteRequest { .. } => "EndQuoteRequest",
            Self::FetchReplyParent { .. } => "FetchReplyParent",
            Self::CheckReply { .. } => "CheckReply",
            Self::FetchReplies { .. } => "FetchReplies",
            Self::FetchThread { .. } => "FetchThread",
            Self::FetchRecent { .. } => "FetchRecent",
            Self::FetchFeatured { .. } => "FetchFeatured",
            Self::SyncFollowers { .. } => "SyncFollowers",
            Self::RefreshAccount { .. } => "RefreshAccount",
            Self::CatchUpAccount { .. } => "CatchUpAccount",
            Self::RefreshPoll { .. } => "RefreshPoll",
            Self::DeleteGoneAccount { .. } => "DeleteGoneAccount",
            Self::DeleteContent { .. } => "DeleteContent",
            Self::CatchUp { .. } => "CatchUp",
            Self::Heartbeat => "Heartbeat",
            Self::EndPoll { .. } => "EndPoll",
            Self::ExpireStatus { .. } => "ExpireStatus",
            Self::EndAnnouncement { .. } => "EndAnnouncement",
            Self::MergeNotifications { .. } => "MergeNotifications",
            Self::VerifyLinks { .. } => "VerifyLinks",
            Self::FetchCard { .. } => "FetchCard",
            Self::PublishScheduled { .. } => "PublishScheduled",
            Self::SeverDomain { .. } => "SeverDomain",
            Self::PurgeDomainMedia { .. } => "PurgeDomainMedia",
            Self::PurgeDomain { .. } => "PurgeDomain",
            Self::RefreshTrends => "RefreshTrends",
            Self::EmptyMediaTrash => "EmptyMediaTrash",
            Self::Prune => "Prune",
            Self::IndexStatuses => "IndexStatuses",
            Self::IndexCard { .. } => "IndexCard",
            Self::RemoveOldStatuses => "RemoveOldStatuses",
            Self::FoldNames => "FoldNames",
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
            | Self::SendQuoteRequest { status_id }
            | Self::PublishQuote { status_id }
            | Self::CheckQuote { status_id, .. }
            | Self::RecheckQuote { status_id }
            | Self::EndQuoteRequest { status_id }
            | Self::ExpireStatus { status_id }
            | Self::FetchReplyParent { status_id, .. }
            | Self::CheckReply { status_id }
            | Self::FetchReplies { status_id, .. }
            | Self::FetchThread { status_id }
            | Self::RefreshPoll { status_id, .. } => status_id.0,
            Self::EndAnnouncement { announcement_id } => announcement_id.0,
            Self::SendFollow { follow_id, .. } => follow_id.0,
            Self::SendFavourite { favourite_id, .. } => favourite_id.0,
            Self::SendProfile { account_id }
            | Self::SendAccountDelete { account_id }
            | Self::FetchRecent { account_id }
            | Self::FetchFeatured { account_id, .. }
            // With an older digest nobody is removed; the next statement brings the newer one.
            | Self::SyncFollowers { account_id, .. }
            | Self::VerifyLinks { account_id }
            | Self::RefreshAccount { account_id }
            | Self::CatchUpAccount { account_id, .. }
            | Self::DeleteContent { account_id }
            | Self::DeleteGoneAccount { account_id } => account_id.0,
            Self::SendReport { report_id } => report_id.0,
            Self::SendRelayFollow { relay_id } => relay_id.0,
            Self::EndPoll { poll_id } => poll_id.0,
            Self::PublishScheduled { scheduled_id } => scheduled_id.0,
            Self::FetchCard { card_id } | Self::IndexCard { card_id } => card_id.0,
            Self::SeverDomain { domain } | Self::PurgeDomainMedia { domain } | Self::PurgeDomain { domain } => {
                return Some(format!("{}:{domain}", self.kind()));
            }
            Self::MergeNotifications {
                account_id,
                from_account_id,
            } => return Some(format!("{}:{account_id}:{from_account_id}", self.kind())),
            Self::CatchUp { .. }
            | Self::Heartbeat
            | Self::RefreshTrends
            | Self::EmptyMediaTrash
            | Self::Prune
            | Self::IndexStatuses
            | Self::RemoveOldStatuses
            | Self::FoldNames => 0,
            Self::ProcessInbox { .. }
            | Self::PublishDelete(_)
            | Self::SendUndoFollow { .. }
            | Self::SendAccept { .. }
            | Self::SendReject { .. }
            | Self::SendUndoFavourite { .. }
            | Self::SendReaction { .. }
            | Self::SendFeatured { .. }
            | Self::SendInteractionAnswer { .. }
            | Self::SendVotes { .. }
            | Self::SendNewKeys { .. }
            | Self::SendMove { .. }
            | Self::CarryFollowers { .. }
            | Self::SendRelayUndo { .. }
            | Self::SendInstanceAnswer { .. }
            | Self::SendQuoteAnswer(_)
            | Self::SendQuoteRevocation(_) => return None,
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
            | Self::SendPollTally { status_id }
            | Self::SendQuoteRequest { status_id }
            | Self::PublishQuote { status_id } => format!("status:{status_id}"),
            // Once the first one has read the page, those behind it find that it needs no reading.
            Self::FetchCard { card_id } | Self::IndexCard { card_id } => format!("card:{card_id}"),
            Self::SendQuoteAnswer(answer) => format!("quotes:{}", answer.status_id),
            Self::SendQuoteRevocation(revocation) => format!("quotes:{}", revocation.status_id),
            Self::CheckQuote { status_id, .. } | Self::RecheckQuote { status_id } => {
                format!("quote:{status_id}")
            }
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
            Self::SendRelayFollow { relay_id } | Self::SendRelayUndo { relay_id, .. } => {
                format!("relay:{relay_id}")
            }
            Self::SendFavourite {
                account_id,
                status_id,
                ..
            }
            | Self::SendUndoFavourite {
                account_id,
                status_id,
                ..
            }
            | Self::SendReaction {
                account_id,
                status_id,
                ..
            } => format!("marks:{account_id}:{status_id}"),
            Self::SendProfile { account_id }
            | Self::SendFeatured { account_id, .. }
            | Self::SendMove { account_id, .. }
            | Self::SendAccountDelete { account_id }
            | Self::SendNewKeys {
                account_id: Some(account_id),
                ..
            } => format!("account:{account_id}"),
            Self::SeverDomain { domain }
            | Self::PurgeDomainMedia { domain }
            | Self::PurgeDomain { domain } => format!("domain:{domain}"),
            Self::ProcessInbox { .. }
            | Self::SendInteractionAnswer { .. }
            | Self::SendVotes { .. }
            | Self::SendNewKeys { account_id: None, .. }
            | Self::CarryFollowers { .. }
            | Self::SendReport { .. }
            | Self::SendInstanceAnswer { .. }
            | Self::SyncFollowers { .. }
            | Self::EndQuoteRequest { .. }
            | Self::FetchReplyParent { .. }
            | Self::CheckReply { .. }
            | Self::FetchReplies { .. }
            | Self::FetchThread { .. }
            | Self::FetchRecent { .. }
            | Self::FetchFeatured { .. }
            | Self::RefreshAccount { .. }
            | Self::CatchUpAccount { .. }
            | Self::RefreshPoll { .. }
            | Self::DeleteGoneAccount { .. }
            | Self::DeleteContent { .. }
            | Self::CatchUp { .. }
            | Self::Heartbeat
            | Self::EndPoll { .. }
            | Self::ExpireStatus { .. }
            | Self::EndAnnouncement { .. }
            | Self::MergeNotifications { .. }
            | Self::VerifyLinks { .. }
            | Self::PublishScheduled { .. }
            | Self::RefreshTrends
            | Self::EmptyMediaTrash
            | Self::Prune
            | Self::IndexStatuses
            | Self::RemoveOldStatuses
            | Self::FoldNames => return None,
        })
    }
}

/// Whether a running job may have been begun before, and what it does be done in part.
pub async fn is_repeated(instance: &Instance, id: JobId) -> Result<bool> {
    instance
        .read(move |conn| Ok(rows::count_attempts(conn, id)? > 1))
        .await
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
    enqueue_for(tx, None, id, job, run_at, now)
}

/// [`enqueue`], for an activity that `host` sent, or something to fetch there: hosts take turns.
pub(crate) fn enqueue_for(
    tx: &mut Conn,
    host: Option<&str>,
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
            host,
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

/// How many jobs wait or run, by kind.
pub(crate) async fn waiting_by_kind(instance: &Instance) -> Result<Vec<(String, i64)>> {
    instance
        .read(|conn| Ok(pouet_storage::queue::count_jobs_by_kind(conn)?))
        .await
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
