//! Statuses of our own as `Note` or `Question`.
//!
//! These are plain serde structs: the library's `Object` trait ties a document to reading and verifying it, which for
//! documents of our own never happens. `@context` is put around them by its `WithContext`.
//!
//! Source: federation.md 4.1 and 4.8; <https://docs.joinmastodon.org/spec/activitypub/#status>

use activitypub_federation::protocol::context::WithContext;
use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account, ActorType},
    audience::Audience,
    emoji::CustomEmoji,
    status::{MediaAttachment, Poll, Visibility},
    time::iso,
    urls::Urls,
};
use pouet_service::{
    Instance, Result,
    delivery::{ThreadUris, thread_uris},
    view::StatusView,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A status, without `@context`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Its id.
    pub id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Id of its author.
    pub attributed_to: String,
    url: String,
    /// When it was published.
    pub published: String,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Primary addressees.
    pub to: Vec<String>,
    /// Other addressees.
    pub cc: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_message: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
    context: String,
    conversation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    sensitive: bool,
    content: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    content_map: Map<String, Value>,
    tag: Vec<Tag>,
    attachment: Vec<Document>,
    replies: Collection,
    likes: Collection,
    shares: Collection,
    interaction_policy: InteractionPolicy,
    #[serde(flatten)]
    question: Option<Question>,
}

/// Something named in a text.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type")]
enum Tag {
    Mention {
        href: String,
        name: String,
    },
    Hashtag {
        href: String,
        name: String,
    },
    Emoji {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        name: String,
        icon: Icon,
    },
}

#[derive(Clone, Debug, Serialize)]
struct Icon {
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
}

/// An attachment. Readers take the alternative text from `name` or from `summary`: both are there.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: String,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blurhash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focal_point: Option<[f64; 2]>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    total_items: i64,
}

/// Who may do what with a status. We take no quote requests yet, so that only its author may quote it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InteractionPolicy {
    can_quote: Approval,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Approval {
    automatic_approval: Vec<String>,
}

/// What a `Question` has beside a `Note`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Answer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    any_of: Option<Vec<Answer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voters_count: Option<i64>,
}

#[derive(Clone, Debug, Serialize)]
struct Answer {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    replies: Collection,
}

/// The terms that statuses use beside those of ActivityStreams.
pub fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "as": "https://www.w3.org/ns/activitystreams#",
            "toot": "http://joinmastodon.org/ns#",
            "ostatus": "http://ostatus.org#",
            "litepub": "http://litepub.social/ns#",
            "gts": "https://gotosocial.org/ns#",
            "sensitive": "as:sensitive",
            "Hashtag": "as:Hashtag",
            "Emoji": "toot:Emoji",
            "blurhash": "toot:blurhash",
            "votersCount": "toot:votersCount",
            "focalPoint": { "@container": "@list", "@id": "toot:focalPoint" },
            "conversation": "ostatus:conversation",
            "directMessage": "litepub:directMessage",
            "interactionPolicy": { "@id": "gts:interactionPolicy", "@type": "@id" },
            "canQuote": { "@id": "gts:canQuote", "@type": "@id" },
            "automaticApproval": { "@id": "gts:automaticApproval", "@type": "@id" }
        }
    ])
}

/// The document of a local status that is not a boost, as its author sees it.
///
/// # Errors
/// If its thread cannot be read.
pub async fn load(instance: &Instance, view: &StatusView) -> Result<Note> {
    let thread = thread_uris(instance, &view.status).await?;
    Ok(build(instance.urls(), view, thread, instance.now()))
}

/// Builds the document of a local status that is not a boost.
pub fn build(urls: &Urls, view: &StatusView, thread: ThreadUris, now: DateTime<Utc>) -> Note {
    let status = &view.status;
    let id = urls.status_uri(status);
    let author = urls.account_uri(&view.author);
    let audience = audience(urls, view);
    let counted = |name: &str, total| Collection {
        id: Some(format!("{id}/{name}")),
        kind: "Collection",
        total_items: total,
    };
    let language = status.language.clone().filter(|_| !status.content.is_empty());
    Note {
        kind: if view.poll.is_some() { "Question" } else { "Note" },
        url: urls.status_url(status, &view.author),
        published: iso(status.created_at),
        updated: status.edited_at.map(iso),
        to: audience.to,
        cc: audience.cc,
        // Peers that know the term tell a letter among few from a note to followers by it.
        direct_message: (!status.visibility.is_open()).then_some(status.visibility == Visibility::Direct),
        in_reply_to: thread.in_reply_to,
        context: thread.conversation.clone(),
        conversation: thread.conversation,
        summary: Some(status.spoiler_text.clone()).filter(|text| !text.is_empty()),
        sensitive: status.sensitive,
        content_map: language
            .map(|language| Map::from_iter([(language, status.content.clone().into())]))
            .unwrap_or_default(),
        content: status.content.clone(),
        tag: tags(urls, view),
        attachment: view
            .media
            .iter()
            .filter_map(|media| document(urls, media))
            .collect(),
        replies: counted("replies", status.replies_count),
        likes: counted("likes", status.favourites_count),
        shares: counted("shares", status.reblogs_count),
        interaction_policy: InteractionPolicy {
            can_quote: Approval {
                automatic_approval: vec![author.clone()],
            },
        },
        question: view.poll.as_ref().map(|view| question(&view.poll, now)),
        attributed_to: author,
        id,
    }
}

impl Note {
    /// The document that is served: the status with its `@context`.
    pub fn document(self) -> WithContext<Self> {
        WithContext::new(self, context())
    }
}

/// Who a local status is addressed to. The followers of a group that is mentioned get it too.
fn audience(urls: &Urls, view: &StatusView) -> Audience {
    let mut named: Vec<String> = Vec::new();
    for account in &view.mentions {
        named.push(urls.account_uri(account));
        if is_group(account) && view.status.visibility != Visibility::Direct {
            named.extend(urls.followers_of(account));
        }
    }
    let followers = urls.followers(view.author.id);
    Audience::of(view.status.visibility, &followers, &named)
}

fn is_group(account: &Account) -> bool {
    account.actor_type == ActorType::Group
}

fn tags(urls: &Urls, view: &StatusView) -> Vec<Tag> {
    let mentions = view.mentions.iter().map(|account| Tag::Mention {
        href: urls.account_uri(account),
        name: handle(urls, account),
    });
    let hashtags = view.tags.iter().map(|tag| Tag::Hashtag {
        href: urls.tag(&tag.name),
        name: format!("#{}", tag.display_name),
    });
    let emojis = view.status.emojis.iter().map(|emoji| emoji_tag(urls, emoji));
    mentions.chain(hashtags).chain(emojis).collect()
}

/// `@user@domain`, also of a local account: readers are elsewhere.
fn handle(urls: &Urls, account: &Account) -> String {
    let domain = account.domain.as_deref().unwrap_or(urls.handle_domain());
    format!("@{}@{domain}", account.username)
}

fn emoji_tag(urls: &Urls, emoji: &CustomEmoji) -> Tag {
    Tag::Emoji {
        id: emoji.uri.clone(),
        name: format!(":{}:", emoji.shortcode),
        icon: Icon {
            kind: "Image",
            url: match emoji.domain {
                None => urls.media(&emoji.image),
                Some(_) => emoji.image.clone(),
            },
        },
    }
}

/// `None` for a file that is not here, which a local status does not have.
fn document(urls: &Urls, media: &MediaAttachment) -> Option<Document> {
    let file = media.file.as_deref()?;
    Some(Document {
        kind: "Document",
        media_type: media.content_type.clone(),
        url: urls.media(file),
        name: media.description.clone(),
        summary: media.description.clone(),
        blurhash: media.blurhash.clone(),
        width: media.size.map(|size| size.width),
        height: media.size.map(|size| size.height),
        focal_point: media.focus.map(|(x, y)| [x, y]),
    })
}

/// Votes that are hidden until the end are told to nobody.
fn question(poll: &Poll, now: DateTime<Utc>) -> Question {
    let ended = poll.is_expired(now);
    let told = ended || !poll.hide_totals;
    let answers = poll
        .options
        .iter()
        .map(|option| Answer {
            kind: "Note",
            name: option.title.clone(),
            replies: Collection {
                id: None,
                kind: "Collection",
                total_items: if told { option.votes_count } else { 0 },
            },
        })
        .collect();
    let (one_of, any_of) = if poll.multiple {
        (None, Some(answers))
    } else {
        (Some(answers), None)
    };
    let end = poll.expires_at.map(iso);
    Question {
        one_of,
        any_of,
        closed: end.clone().filter(|_| ended),
        end_time: end,
        voters_count: poll.voters_count,
    }
}

#[cfg(test)]
#[path = "note_tests.rs"]
pub(crate) mod tests;
