//! Activities of our own: what is told to other servers, exact to the letter.
//!
//! The functions are pure. Ids are computed from those of rows and jobs, so that a job that runs twice makes the same
//! activity, which its readers recognise.

mod quotes;

use activitypub_federation::protocol::context::WithContext;
use chrono::{DateTime, Utc};
use pouet_model::{
    audience::{Audience, PUBLIC},
    ids::{AccountId, PollId, RelationId, RelayId, ReportId, StatusId},
    time::iso,
    urls::Urls,
};
use serde::Serialize;
use serde_json::{Value, json};

mod featured;
mod interaction;
mod reaction;

use crate::objects::note::{Note, context};

pub use featured::{Featured, featured, hashtag};
pub use interaction::{AllowedBoost, Question, answer_question, approved};
pub use quotes::{
    AskedUris, QuoteAnswer, QuoteRequest, answer_quote, authorization, delete_authorization, quote_request,
    text_of, update_quote,
};
pub use reaction::{Reacted, Reaction, reaction, undo_reaction};

/// An activity, without `@context`.
#[derive(Clone, Debug, Serialize)]
pub struct Activity<T> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cc: Vec<String>,
    object: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    /// When the status is removed; Pleroma and Akkoma look for it here.
    #[serde(rename = "expires_at", skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl<T: Serialize> Activity<T> {
    fn new(kind: &'static str, id: String, actor: String, object: T) -> Self {
        Self {
            id,
            kind,
            actor,
            published: None,
            to: Vec::new(),
            cc: Vec::new(),
            object,
            target: None,
            content: None,
            expires_at: None,
        }
    }

    fn published(mut self, at: DateTime<Utc>) -> Self {
        self.published = Some(iso(at));
        self
    }

    fn addressed(mut self, to: Vec<String>, cc: Vec<String>) -> Self {
        (self.to, self.cc) = (to, cc);
        self
    }

    fn public(self) -> Self {
        self.addressed(vec![PUBLIC.to_owned()], Vec::new())
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The text that is sent: the activity with the `@context` of a status, which has every term that is used.
    ///
    /// # Errors
    /// Never for the activities of this module: they have text keys only.
    pub fn into_text(self) -> serde_json::Result<String> {
        serde_json::to_string(&WithContext::new(self, context()))
    }

    /// The text that is sent, for an activity with none but the terms of ActivityStreams.
    ///
    /// # Errors
    /// As [`into_text`](Self::into_text).
    pub fn into_plain_text(self) -> serde_json::Result<String> {
        serde_json::to_string(&WithContext::new_default(self))
    }
}

/// The Create of a status.
pub fn create(note: Note) -> Activity<Note> {
    let (to, cc) = (note.to.clone(), note.cc.clone());
    Activity {
        id: format!("{}/activity", note.id),
        kind: "Create",
        actor: note.attributed_to.clone(),
        published: Some(note.published.clone()),
        to,
        cc,
        expires_at: note.expires.clone(),
        object: note,
        target: None,
        content: None,
    }
}

/// The Update of a status that was edited at `edited_at`.
pub fn update(note: Note, edited_at: DateTime<Utc>) -> Activity<Note> {
    update_as(note, &edited_at.timestamp_millis().to_string()).published(edited_at)
}

/// The Update of a status whose poll got votes. `round` tells it from others of the same status.
pub fn update_tally(note: Note, round: i64) -> Activity<Note> {
    update_as(note, &format!("tally-{round}"))
}

fn update_as(note: Note, name: &str) -> Activity<Note> {
    let id = format!("{}#updates/{name}", note.id);
    let (to, cc) = (note.to.clone(), note.cc.clone());
    Activity::new("Update", id, note.attributed_to.clone(), note).addressed(to, cc)
}

/// The Delete of a status.
pub fn delete(urls: &Urls, account: AccountId, status: StatusId) -> Activity<Value> {
    let object = urls.local_status(account, status);
    let id = format!("{object}#delete");
    let tombstone = json!({ "id": object, "type": "Tombstone" });
    Activity::new("Delete", id, urls.local_account(account), tombstone).public()
}

/// Who boosts what.
#[derive(Clone, Debug)]
pub struct Boost {
    /// Who boosts.
    pub account_id: AccountId,
    /// The boost.
    pub status_id: StatusId,
    /// Id of what is boosted.
    pub object: String,
    /// Who is told, the author of what is boosted among them.
    pub audience: Audience,
}

/// The Announce of a boost.
pub fn announce(urls: &Urls, boost: Boost, published: DateTime<Utc>) -> Activity<String> {
    plain_announce(urls, boost).published(published)
}

fn plain_announce(urls: &Urls, boost: Boost) -> Activity<String> {
    let id = urls.status_activity(boost.account_id, boost.status_id);
    let actor = urls.local_account(boost.account_id);
    Activity::new("Announce", id, actor, boost.object).addressed(boost.audience.to, boost.audience.cc)
}

/// The Undo of a boost.
pub fn undo_announce(urls: &Urls, boost: Boost) -> Activity<Activity<String>> {
    let (to, cc) = (boost.audience.to.clone(), boost.audience.cc.clone());
    undo(plain_announce(urls, boost)).addressed(to, cc)
}

/// The Undo of an activity, which is embedded with its own id.
fn undo<T: Serialize>(activity: Activity<T>) -> Activity<Activity<T>> {
    let joint = if activity.id.contains('#') { '/' } else { '#' };
    let id = format!("{}{joint}undo", activity.id);
    Activity::new("Undo", id, activity.actor.clone(), activity)
}

/// The Follow of a remote actor by a local account.
pub fn follow(urls: &Urls, follow: RelationId, follower: AccountId, target: &str) -> Activity<String> {
    let actor = urls.local_account(follower);
    let id = format!("{actor}#follows/{follow}");
    Activity::new("Follow", id, actor, target.to_owned())
}

/// The Undo of a Follow.
pub fn undo_follow(
    urls: &Urls,
    relation: RelationId,
    follower: AccountId,
    target: &str,
) -> Activity<Activity<String>> {
    undo(follow(urls, relation, follower, target))
}

/// How a Follow is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Yes.
    Accept,
    /// No, or no longer.
    Reject,
}

/// The answer of a local account to the Follow called `follow_uri` of a remote actor. `round` tells it from other
/// answers.
pub fn answer_follow(
    urls: &Urls,
    answer: Answer,
    account: AccountId,
    follower: &str,
    follow_uri: &str,
    round: i64,
) -> Activity<Activity<String>> {
    answer_as(urls.local_account(account), answer, follower, follow_uri, round)
}

fn answer_as(
    actor: String,
    answer: Answer,
    follower: &str,
    follow_uri: &str,
    round: i64,
) -> Activity<Activity<String>> {
    let asked = Activity::new(
        "Follow",
        follow_uri.to_owned(),
        follower.to_owned(),
        actor.clone(),
    );
    let (kind, path) = match answer {
        Answer::Accept => ("Accept", "accepts"),
        Answer::Reject => ("Reject", "rejects"),
    };
    Activity::new(kind, format!("{actor}#{path}/follows/{round}"), actor, asked)
}

/// The Like of a remote status by a local account.
pub fn like(urls: &Urls, favourite: RelationId, account: AccountId, object: &str) -> Activity<String> {
    let actor = urls.local_account(account);
    let id = format!("{actor}#likes/{favourite}");
    Activity::new("Like", id, actor, object.to_owned())
}

/// The Undo of a Like.
pub fn undo_like(
    urls: &Urls,
    favourite: RelationId,
    account: AccountId,
    object: &str,
) -> Activity<Activity<String>> {
    undo(like(urls, favourite, account, object))
}

/// A vote: a Note with a name and no content, told to the author of the poll alone.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    attributed_to: String,
    in_reply_to: String,
    to: String,
}

/// A choice in a remote poll.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The poll.
    pub poll_id: PollId,
    /// Position of the option.
    pub position: i64,
    /// Its text, as its author wrote it.
    pub title: &'a str,
    /// Id of the question.
    pub question: &'a str,
    /// Id of its author.
    pub author: &'a str,
}

/// The Create of a vote of a local account.
pub fn vote(urls: &Urls, account: AccountId, choice: Choice<'_>) -> Activity<Vote> {
    let actor = urls.local_account(account);
    let id = format!("{actor}#votes/{}/{}", choice.poll_id, choice.position);
    let note = Vote {
        id: id.clone(),
        kind: "Note",
        name: choice.title.to_owned(),
        attributed_to: actor.clone(),
        in_reply_to: choice.question.to_owned(),
        to: choice.author.to_owned(),
    };
    Activity::new("Create", format!("{id}/activity"), actor, note)
        .addressed(vec![choice.author.to_owned()], Vec::new())
}

/// The Update of a local actor. `document`: the actor with its `@context`, which moves to the activity. `round` tells it
/// from other updates.
///
/// # Errors
/// Never for documents of ours: they have text keys only.
pub fn update_actor(
    urls: &Urls,
    account: AccountId,
    document: Value,
    round: i64,
) -> serde_json::Result<String> {
    update_of_actor(urls.local_account(account), document, round)
}

/// The Update of the instance actor, of which `document` is the document. `round` tells it from others.
pub fn update_instance_actor(urls: &Urls, document: Value, round: i64) -> serde_json::Result<String> {
    update_of_actor(urls.instance_actor(), document, round)
}

fn update_of_actor(actor: String, mut document: Value, round: i64) -> serde_json::Result<String> {
    let context = document
        .as_object_mut()
        .and_then(|members| members.remove("@context"))
        .unwrap_or_else(context);
    let id = format!("{actor}#updates/{round}");
    let activity = Activity::new("Update", id, actor, document).public();
    serde_json::to_string(&WithContext::new(activity, context))
}

/// The Move of a local actor to `target`, told to its followers.
pub fn move_actor(urls: &Urls, id: RelationId, account: AccountId, target: String) -> Activity<String> {
    let actor = urls.local_account(account);
    let mut activity = Activity::new("Move", format!("{actor}#moves/{id}"), actor.clone(), actor)
        .addressed(vec![urls.followers(account)], Vec::new());
    activity.target = Some(target);
    activity
}

/// The Flag that reports `objects` of another server, the account first.
pub fn flag(urls: &Urls, id: ReportId, objects: Vec<String>, comment: &str) -> Activity<Vec<String>> {
    let reported = objects.first().cloned().into_iter().collect();
    let uri = urls.path(&format!("/ap/reports/{id}"));
    let mut activity =
        Activity::new("Flag", uri, urls.instance_actor(), objects).addressed(reported, Vec::new());
    activity.content = Some(comment.to_owned());
    activity
}

/// Id of the Follow by which the instance asks a relay.
pub fn relay_follow_id(urls: &Urls, relay: RelayId) -> String {
    format!("{}#relays/{relay}", urls.instance_actor())
}

/// The relay whose Follow has this id, if it is one of ours.
pub fn parse_relay_follow(urls: &Urls, id: &str) -> Option<RelayId> {
    let relay = id
        .strip_prefix(&urls.instance_actor())?
        .strip_prefix("#relays/")?;
    relay.parse().ok()
}

/// The Follow of a relay by the instance. `actor`: the relay's; `None`: it is asked for everybody.
pub fn follow_relay(urls: &Urls, relay: RelayId, actor: Option<&str>) -> Activity<String> {
    let object = actor.unwrap_or(PUBLIC).to_owned();
    Activity::new(
        "Follow",
        relay_follow_id(urls, relay),
        urls.instance_actor(),
        object,
    )
}

/// The Undo of that Follow.
pub fn unfollow_relay(urls: &Urls, relay: RelayId, actor: Option<&str>) -> Activity<Activity<String>> {
    undo(follow_relay(urls, relay, actor))
}

/// The instance's answer to the Follow called `follow_uri` of a remote actor. `round` tells it from other answers.
pub fn answer_as_instance(
    urls: &Urls,
    accept: bool,
    follower: &str,
    follow_uri: &str,
    round: i64,
) -> Activity<Activity<String>> {
    let actor = urls.instance_actor();
    let asked = Activity::new(
        "Follow",
        follow_uri.to_owned(),
        follower.to_owned(),
        actor.clone(),
    );
    let (kind, path) = if accept {
        ("Accept", "accepts")
    } else {
        ("Reject", "rejects")
    };
    Activity::new(kind, format!("{actor}#{path}/follows/{round}"), actor, asked)
}

/// The instance's Announce of a public status, for relays. `round` tells it from others of the same status.
pub fn announce_as_instance(urls: &Urls, object: &str, round: i64) -> Activity<String> {
    let actor = urls.instance_actor();
    Activity::new(
        "Announce",
        format!("{actor}#announces/{round}"),
        actor,
        object.to_owned(),
    )
    .public()
}

/// The Delete of a local actor.
pub fn delete_actor(urls: &Urls, account: AccountId) -> Activity<String> {
    let actor = urls.local_account(account);
    let id = format!("{actor}#delete");
    Activity::new("Delete", id, actor.clone(), actor).public()
}

#[cfg(test)]
mod tests;
