//! Polls of other servers.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#Question>

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use pouet_model::status::PollOption;
use pouet_service::statuses::RemotePoll;

use super::{plain, truncate};
use crate::json::Object;

/// Options that are kept.
const MAX_OPTIONS: usize = 500;
/// Characters of an option.
const MAX_TITLE: usize = 500;

/// What a Question says of its poll.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PollDocument(pub RemotePoll);

impl PollDocument {
    /// Reads the poll of a Question. `now` is when it ends if it only says that it has ended.
    pub fn read(question: Object<'_>, now: DateTime<Utc>) -> Option<Self> {
        let multiple = question.get("anyOf").is_some();
        let name = if multiple { "anyOf" } else { "oneOf" };
        let mut titles = HashSet::new();
        let options: Vec<PollOption> = question
            .objects(name)
            .take(MAX_OPTIONS)
            .filter_map(option)
            .filter(|option| titles.insert(option.title.clone()))
            .collect();
        if options.is_empty() {
            return None;
        }
        Some(Self(RemotePoll {
            options,
            multiple,
            expires_at: end(question, now),
            voters_count: question.count("votersCount"),
        }))
    }
}

fn option(option: Object<'_>) -> Option<PollOption> {
    // Votes name the option, so that it is kept to the letter.
    let title = match option.text("name") {
        Some(name) => truncate(name, MAX_TITLE).to_owned(),
        None => plain(option.text("content")?, MAX_TITLE),
    };
    let votes = option
        .object("replies")
        .and_then(|replies| replies.count("totalItems"));
    Some(PollOption {
        title,
        votes_count: votes.unwrap_or(0),
    })
}

/// When a poll ends: when it was closed, if it was; else its end; else never.
fn end(question: Object<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match question.get("closed") {
        None | Some(serde_json::Value::Bool(false)) => question.time("endTime"),
        Some(_) => question.time("closed").or(Some(now)),
    }
}
