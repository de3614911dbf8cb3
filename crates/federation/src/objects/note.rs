//! Statuses of our own as `Note` or `Question`.
//!
//! These are plain serde structs: the library's `Object` trait ties a document to reading and verifying it, which for
//! documents of our own never happens. `@context` is put around them by its `WithContext`.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#status>

use std::collections::HashMap;

use activitypub_federation::protocol::context::WithContext;
use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account, ActorType},
    audience::{Audience, PUBLIC},
    emoji::CustomEmoji,
    ids::StatusId,
    quote::{Grant, Quote as QuoteRow, QuoteState},
    status::{MediaAttachment, Poll, Visibility},
    time::iso,
    urls::Urls,
};
use pouet_service::{
    Error, Instance, Result,
    delivery::{ThreadUris, thread_uris},
    interactions::all_published,
    quotes,
    view::StatusView,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{policy::Interactions, replies};

/// A status, without `@context`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Its id.
    pub id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it is removed, if its author gave it an end; also on the Create, where Pleroma and Akkoma look for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
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
    #[serde(flatten)]
    quote: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    sensitive: bool,
    content: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    content_map: Map<String, Value>,
    tag: Vec<Tag>,
    attachment: Vec<Document>,
    replies: Replies,
    likes: Collection,
    shares: Collection,
    interaction_policy: InteractionPolicy,
    /// The approval of an answer, under its name and under the one that it had before.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_authorization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_by: Option<String>,
    #[serde(flatten)]
    question: Option<Question>,
}

/// What a status quotes, under all the names that readers look for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    quote: String,
    quote_uri: String,
    #[serde(rename = "_misskey_quote")]
    misskey_quote: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_authorization: Option<String>,
}

/// Something named in a text.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type")]
pub enum Tag {
    /// An account.
    Mention {
        /// Its id.
        href: String,
        /// Its handle.
        name: String,
    },
    /// A hashtag.
    Hashtag {
        /// Its page.
        href: String,
        /// It, with `#`.
        name: String,
    },
    /// A custom emoji.
    Emoji {
        /// Its id, where there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Its shortcode between colons.
        name: String,
        /// When its picture was changed last.
        #[serde(skip_serializing_if = "Option::is_none")]
        updated: Option<String>,
        /// Its picture.
        icon: Icon,
    },
}

/// The picture of a custom emoji.
#[derive(Clone, Debug, Serialize)]
pub struct Icon {
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

/// The answers to a status: how many, with the first ones of its author.
#[derive(Clone, Debug, Serialize)]
struct Replies {
    #[serde(flatten)]
    collection: Collection,
    first: Value,
}

/// Who may do what with a status.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InteractionPolicy {
    can_quote: Approval,
    #[serde(flatten)]
    interactions: Option<Interactions>,
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
            "expires": "http://schema.org#expires",
            "expires_at": "litepub:expires_at",
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
            "canReply": { "@id": "gts:canReply", "@type": "@id" },
            "canLike": { "@id": "gts:canLike", "@type": "@id" },
            "canAnnounce": { "@id": "gts:canAnnounce", "@type": "@id" },
            "automaticApproval": { "@id": "gts:automaticApproval", "@type": "@id" },
            "approvedBy": { "@id": "gts:approvedBy", "@type": "@id" },
            "replyAuthorization": { "@id": "gts:replyAuthorization", "@type": "@id" },
            "announceAuthorization": { "@id": "gts:announceAuthorization", "@type": "@id" },
            "LikeRequest": "gts:LikeRequest",
            "ReplyRequest": "gts:ReplyRequest",
            "AnnounceRequest": "gts:AnnounceRequest",
            "LikeAuthorization": "gts:LikeAuthorization",
            "ReplyAuthorization": "gts:ReplyAuthorization",
            "AnnounceAuthorization": "gts:AnnounceAuthorization",
            "quote": { "@id": "https://w3id.org/fep/044f#quote", "@type": "@id" },
            "quoteUri": "http://fedibird.com/ns#quoteUri",
            "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
            "quoteAuthorization": { "@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id" },
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "interactingObject": { "@id": "gts:interactingObject", "@type": "@id" },
            "interactionTarget": { "@id": "gts:interactionTarget", "@type": "@id" }
        }
    ])
}

/// The document of a local status that is not a boost, as its author sees it.
///
/// # Errors
/// If its thread cannot be read.
pub async fn load(instance: &Instance, view: &StatusView) -> Result<Note> {
    let mut notes = load_all(instance, [view]).await?;
    notes
        .remove(&view.status.id)
        .ok_or_else(|| Error::internal("a status without a document"))
}

/// The documents of local statuses that are not boosts, as their authors see them, by as many queries as for one.
///
/// # Errors
/// If their threads cannot be read.
pub async fn load_all<'a>(
    instance: &Instance,
    views: impl IntoIterator<Item = &'a StatusView>,
) -> Result<HashMap<StatusId, Note>> {
    let views: Vec<&StatusView> = views.into_iter().collect();
    let statuses = views.iter().map(|view| view.status.clone()).collect();
    let mut threads = thread_uris(instance, statuses).await?;
    let ids = views.iter().map(|view| view.status.id).collect();
    let mut published = all_published(instance, ids).await?;
    let (urls, now) = (instance.urls(), instance.now());
    let mut notes = HashMap::with_capacity(views.len());
    for view in views {
        let id = view.status.id;
        let Some(thread) = threads.remove(&id) else {
            continue;
        };
        let published = published.remove(&id).unwrap_or_default();
        let mut note = build(urls, view, thread, now);
        let rules = Interactions::of(urls, view, view.status.visibility, published.choice);
        note.interaction_policy.interactions = Some(rules);
        note.approved_by = published.approval.and_then(|approval| approval.approved_by);
        note.reply_authorization.clone_from(&note.approved_by);
        notes.insert(id, note);
    }
    Ok(notes)
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
        expires: status.expires_at.map(iso),
        to: audience.to,
        cc: audience.cc,
        // Peers that know the term tell a letter among few from a note to followers by it.
        direct_message: (!status.visibility.is_open()).then_some(status.visibility == Visibility::Direct),
        in_reply_to: thread.in_reply_to,
        context: thread.conversation.clone(),
        conversation: thread.conversation,
        quote: view.quote.as_ref().and_then(|view| quote(urls, &view.quote)),
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
        replies: Replies {
            collection: counted("replies", status.replies_count),
            first: replies::first_page(&format!("{id}/replies"), &thread.own_replies),
        },
        likes: counted("likes", status.favourites_count),
        shares: counted("shares", status.reblogs_count),
        interaction_policy: InteractionPolicy {
            can_quote: can_quote(urls, view),
            interactions: None,
        },
        reply_authorization: None,
        approved_by: None,
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

/// What is quoted, unless it is gone or its author does not want it: readers who know no consent would show it.
fn quote(urls: &Urls, quote: &QuoteRow) -> Option<Reference> {
    let uri = match quote.state {
        QuoteState::Pending | QuoteState::Accepted => quotes::quoted_uri(urls, quote)?,
        QuoteState::Rejected | QuoteState::Revoked | QuoteState::Deleted => return None,
    };
    Some(Reference {
        quote: uri.clone(),
        quote_uri: uri.clone(),
        misskey_quote: uri,
        quote_authorization: quotes::stamp_uri(urls, quote).filter(|_| quote.state == QuoteState::Accepted),
    })
}

/// Who may quote a status. Nobody is written as its author, who always may.
fn can_quote(urls: &Urls, view: &StatusView) -> Approval {
    let granted = |grants: &[Grant]| -> Vec<String> {
        grants
            .iter()
            .filter_map(|grant| match grant {
                Grant::Public => Some(PUBLIC.to_owned()),
                Grant::Followers => Some(urls.followers(view.author.id)),
                Grant::Following => Some(format!("{}/following", urls.local_account(view.author.id))),
                Grant::Unsupported => None,
            })
            .collect()
    };
    let mut automatic_approval = granted(&view.quote_approval.policy.automatic);
    if automatic_approval.is_empty() {
        automatic_approval.push(urls.account_uri(&view.author));
    }
    Approval { automatic_approval }
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

/// The tag of a custom emoji.
pub(crate) fn emoji_tag(urls: &Urls, emoji: &CustomEmoji) -> Tag {
    Tag::Emoji {
        id: emoji.uri.clone(),
        name: format!(":{}:", emoji.shortcode),
        updated: emoji.updated_at.map(iso),
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
