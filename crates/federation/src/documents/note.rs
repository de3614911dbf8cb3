//! Statuses of other servers: notes, questions, and what is shown as one.
//!
//! Source: federation.md 4.2; <https://docs.joinmastodon.org/spec/activitypub/#status-federation>

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    audience::{Audience, PUBLIC, is_public},
    html::{escape, sanitise},
};
use pouet_service::statuses::RemoteMedia;
use serde_json::Value;

use super::{PollDocument, Tags, attachment, plain};
use crate::{
    error::{Error, Result},
    json::Object,
    origin::domain_of,
};

/// Characters of a content warning.
const MAX_SUMMARY: usize = 5_000;
/// Characters of a title.
const MAX_TITLE: usize = 2_048;
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
    /// Mentions, hashtags, emoji.
    pub tags: Tags,
    /// Files.
    pub media: Vec<RemoteMedia>,
    /// Its poll.
    pub poll: Option<PollDocument>,
    /// The option that it votes for, if it answers a poll: its name, where it has no content.
    pub vote: Option<String>,
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
                title_and_link(object, id)
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
            tags: Tags::read(object),
            media: attachment::read(object),
            poll: (kind == NoteKind::Question)
                .then(|| PollDocument::read(object, now))
                .flatten(),
            vote: vote(object, kind),
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

fn content(object: Object<'_>) -> String {
    object.text("content").map(sanitise).unwrap_or_default()
}

/// What stands for something that is no note: its title, its summary, and where it is.
fn title_and_link(object: Object<'_>, id: &str) -> String {
    let mut html = String::new();
    if let Some(title) = object.text("name") {
        html = format!("<p><strong>{}</strong></p>", escape(&plain(title, MAX_TITLE)));
    }
    if let Some(summary) = object.text("summary") {
        html.push_str(summary);
    }
    let url = html_url(object).or_else(|| object.href("url")).unwrap_or(id);
    let url = escape(url);
    sanitise(&format!("{html}<p><a href=\"{url}\">{url}</a></p>"))
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
