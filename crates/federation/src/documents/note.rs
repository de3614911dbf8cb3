//! Statuses of other servers: notes, questions, and what is shown as one.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#status-federation>

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    audience::{Audience, PUBLIC, is_public},
    html::sanitise,
    interaction::Rules,
};
use pouet_service::statuses::RemoteMedia;
use serde_json::Value;

use super::{PollDocument, QuoteDocument, QuotePolicyDocument, Tags, attachment, converted, plain, rules_of};
use crate::{
    error::{Error, Result},
    json::Object,
    origin::{domain_of, same_origin},
};

/// Characters of a content warning.
const MAX_SUMMARY: usize = 5_000;
/// Answers that are fetched with a status.
const MAX_REPLIES: usize = 5;
/// How far in the future `published` may lie.
const MAX_AHEAD: TimeDelta = TimeDelta::hours(24);

/// What an object is to us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteKind {
    /// A note.
    Note,
    /// A note with a poll.
    Question,
    /// Something else, shown as its title with a link.
    Converted,
}

/// What an object says that we show as a status.
#[derive(Clone, Debug)]
pub struct NoteDocument {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: NoteKind,
    /// Id of its author.
    pub author: String,
    /// Page for humans.
    pub url: Option<String>,
    /// Safe HTML.
    pub content: String,
    /// Content warning, plain text.
    pub spoiler_text: String,
    /// Media are hidden until asked for.
    pub sensitive: bool,
    /// ISO 639 code.
    pub language: Option<String>,
    /// When it was published; `None` if it does not say.
    pub published: Option<DateTime<Utc>>,
    /// When it was edited.
    pub updated: Option<DateTime<Utc>>,
    /// What it answers.
    pub in_reply_to: Option<String>,
    /// Its thread, as its server names it.
    pub conversation: Option<String>,
    /// To whom it is addressed.
    pub audience: Audience,
    /// Whether its server calls it a letter to those named; a post to a circle says that it is none (LitePub).
    pub direct_message: Option<bool>,
    /// Mentions, hashtags, emoji.
    pub tags: Tags,
    /// Files.
    pub media: Vec<RemoteMedia>,
    /// When it is to be removed, if its author gave it an end.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its poll.
    pub poll: Option<PollDocument>,
    /// Ids of answers on its own server that it comes with, the first few.
    pub replies: Vec<String>,
    /// Who may answer, favourite and boost it; `None`: everybody.
    pub rules: Option<Rules>,
    /// The option that it votes for, if it answers a poll: its name, where it has no content.
    pub vote: Option<String>,
    /// What it quotes.
    pub quote: Option<QuoteDocument>,
    /// Who may quote it.
    pub quote_policy: QuotePolicyDocument,
}

impl NoteDocument {
    /// Reads a status. `around` is the activity that carried it: its audience counts where the object names none.
    ///
    /// # Errors
    /// `Refused` for what is no status, has no id or author.
    pub fn read(document: &Value, around: Option<Object<'_>>, now: DateTime<Utc>) -> Result<Self> {
        let object = Object::of(document).ok_or(Error::Refused("object is not an object"))?;
        let kind = kind_of(object).ok_or(Error::Refused("not a type shown as a status"))?;
        let id = object.own_id().ok_or(Error::Refused("object without id"))?;
        let author = object
            .id("attributedTo")
            .ok_or(Error::Refused("object without author"))?;
        let url = object.href("url").filter(|url| domain_of(url).is_some());
        let converted = kind == NoteKind::Converted;
        let spoiler_text = match object.text("summary") {
            Some(summary) if !converted => plain(summary, MAX_SUMMARY),
            _ => String::new(),
        };
        Ok(Self {
            id: id.to_owned(),
            kind,
            author: author.to_owned(),
            url: html_url(object).or(url).map(str::to_owned),
            content: if converted {
                converted::content(object, html_url(object).or(url).unwrap_or(id))
            } else {
                content(object)
            },
            spoiler_text,
            sensitive: object.flag("sensitive").unwrap_or(false),
            language: language(object),
            published: object
                .time("published")
                .map(|at| if at > now + MAX_AHEAD { now } else { at }),
            updated: object.time("updated"),
            in_reply_to: object.id("inReplyTo").map(str::to_owned),
            conversation: conversation(object),
            audience: audience(object, around),
            direct_message: object.flag("directMessage"),
            tags: Tags::read(object),
            media: media(object, converted),
            expires_at: expires_at(object, around),
            poll: (kind == NoteKind::Question)
                .then(|| PollDocument::read(object, now))
                .flatten(),
            replies: some_replies(object, id),
            rules: rules_of(object),
            vote: vote(object, kind),
            quote: QuoteDocument::read(object),
            quote_policy: QuotePolicyDocument::read(object),
        })
    }

    /// Whether a value has a type that is shown as a status.
    pub fn is_note(document: &Value) -> bool {
        Object::of(document).is_some_and(|object| kind_of(object).is_some())
    }
}

fn kind_of(object: Object<'_>) -> Option<NoteKind> {
    object.types().find_map(|name| match name {
        "Note" => Some(NoteKind::Note),
        "Question" => Some(NoteKind::Question),
        "Article" | "Page" | "Image" | "Audio" | "Video" | "Event" => Some(NoteKind::Converted),
        _ => None,
    })
}

/// The address that is said to be a page.
fn html_url(object: Object<'_>) -> Option<&str> {
    object
        .objects("url")
        .find(|link| {
            let kind = link.text("mediaType").or_else(|| link.text("mimeType"));
            kind.is_some_and(|kind| kind.starts_with("text/html"))
        })
        .and_then(|link| link.text("href"))
        .filter(|url| domain_of(url).is_some())
}

/// Its attachments; of what is no note and has none, the picture that shows what it is like.
fn media(object: Object<'_>, converted: bool) -> Vec<RemoteMedia> {
    let mut media = attachment::read(object);
    if media.is_empty() && converted {
        media.extend(converted::picture(object));
    }
    media
}

/// The end that an author gave: Pleroma and Akkoma say it on the Create, Hubzilla and its kin on the object.
fn expires_at(object: Object<'_>, around: Option<Object<'_>>) -> Option<DateTime<Utc>> {
    let of = |object: Object<'_>| {
        ["expires", "expires_at", "expiresAt"]
            .iter()
            .find_map(|name| object.time(name))
    };
    of(object).or_else(|| around.and_then(of))
}

fn content(object: Object<'_>) -> String {
    object.text("content").map(sanitise).unwrap_or_default()
}

/// The language whose text is the content; else the only one there is.
fn language(object: Object<'_>) -> Option<String> {
    let content = object.text("content");
    let mut languages = object.language_map("content");
    let equal = object
        .language_map("content")
        .find(|(_, text)| Some(*text) == content);
    let tag = match equal {
        Some((tag, _)) if object.get("content").is_some() => tag,
        _ => {
            let (tag, _) = languages.next()?;
            if languages.next().is_some() {
                return None;
            }
            tag
        }
    };
    let code = tag.split(['-', '_']).next()?.to_ascii_lowercase();
    let is_code =
        matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase()) && code != "und";
    is_code.then_some(code)
}

fn conversation(object: Object<'_>) -> Option<String> {
    ["context", "conversation"]
        .iter()
        .find_map(|name| {
            object
                .first(name)
                .and_then(|value| value.as_str().or_else(|| crate::json::id_of(value)))
        })
        .filter(|text| !text.is_empty() && text.len() <= 2048)
        .map(str::to_owned)
}

/// The audience of an object; where it names none, of the activity around it. `audience` counts as `cc`.
fn audience(object: Object<'_>, around: Option<Object<'_>>) -> Audience {
    let of = |object: Object<'_>| {
        let ids = |name: &str| -> Vec<String> { object.ids(name).map(normal).collect() };
        Audience {
            to: ids("to"),
            cc: ids("cc").into_iter().chain(ids("audience")).collect(),
        }
    };
    let named = of(object);
    if named.to.is_empty() && named.cc.is_empty() {
        around.map(of).unwrap_or_default()
    } else {
        named
    }
}

/// One spelling for the public collection.
fn normal(id: &str) -> String {
    if is_public(id) { PUBLIC } else { id }.to_owned()
}

/// The answers on the page of them that is embedded in a status, as far as they are on its own server.
fn some_replies(object: Object<'_>, id: &str) -> Vec<String> {
    let Some(replies) = object.object("replies") else {
        return Vec::new();
    };
    let page = replies.object("first").unwrap_or(replies);
    page.ids("items")
        .chain(page.ids("orderedItems"))
        .filter(|reply| *reply != id && same_origin(reply, id))
        .take(MAX_REPLIES)
        .map(str::to_owned)
        .collect()
}

/// A vote is an answer that has a name and says nothing.
fn vote(object: Object<'_>, kind: NoteKind) -> Option<String> {
    let says_something = object.text("content").is_some_and(|content| !content.is_empty());
    let is_vote = kind == NoteKind::Note && !says_something && object.id("inReplyTo").is_some();
    is_vote.then(|| object.text("name").map(str::to_owned)).flatten()
}

/// Audience of an activity that is no Create: of a boost.
pub fn activity_audience(activity: Object<'_>) -> Audience {
    audience(activity, None)
}
