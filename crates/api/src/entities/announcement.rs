//! <https://docs.joinmastodon.org/entities/Announcement/>

use pouet_model::{
    emoji::CustomEmoji as ModelEmoji,
    ids::{AnnouncementId, StatusId},
    urls::Urls,
};
use pouet_service::announcements::{AnnouncementReaction, AnnouncementView};
use serde::Serialize;

use super::{emoji::CustomEmoji, status::StatusMention, tag::StatusTag, time::Iso};

/// What everybody is told, as one reader sees it.
#[derive(Serialize)]
pub(crate) struct Announcement<'a> {
    id: AnnouncementId,
    content: &'a str,
    starts_at: Option<Iso>,
    ends_at: Option<Iso>,
    all_day: bool,
    published_at: Iso,
    updated_at: Iso,
    read: bool,
    mentions: Vec<StatusMention<'a>>,
    statuses: Vec<AnnouncementStatus>,
    tags: Vec<StatusTag<'a>>,
    emojis: Vec<CustomEmoji<'a>>,
    reactions: Vec<Reaction<'a>>,
}

/// A status that it links to.
#[derive(Serialize)]
struct AnnouncementStatus {
    id: StatusId,
    url: String,
}

/// An emoji on it; addresses belong to custom ones alone.
#[derive(Serialize)]
struct Reaction<'a> {
    name: &'a str,
    count: i64,
    me: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    static_url: Option<String>,
}

impl<'a> Reaction<'a> {
    fn from_view((reaction, emoji): &'a (AnnouncementReaction, Option<ModelEmoji>), urls: &Urls) -> Self {
        let picture = emoji.as_ref().map(|emoji| CustomEmoji::from_model(emoji, urls));
        Self {
            name: &reaction.name,
            count: reaction.count,
            me: reaction.me,
            url: picture.as_ref().map(|emoji| emoji.url().to_owned()),
            static_url: picture.as_ref().map(|emoji| emoji.static_url().to_owned()),
        }
    }
}

impl<'a> Announcement<'a> {
    /// `view` as its reader sees it.
    pub(crate) fn from_view(view: &'a AnnouncementView, urls: &Urls) -> Self {
        let announcement = &view.announcement;
        Self {
            id: announcement.id,
            content: &announcement.content,
            starts_at: announcement.starts_at.map(Iso),
            ends_at: announcement.ends_at.map(Iso),
            all_day: announcement.all_day,
            published_at: Iso(announcement.published_at.unwrap_or(announcement.created_at)),
            updated_at: Iso(announcement.updated_at),
            read: view.read,
            mentions: view
                .mentions
                .iter()
                .map(|account| StatusMention::from_model(account, urls))
                .collect(),
            statuses: view
                .statuses
                .iter()
                .map(|view| AnnouncementStatus {
                    id: view.status.id,
                    url: urls.status_url(&view.status, &view.author),
                })
                .collect(),
            tags: announcement
                .tags
                .iter()
                .map(|tag| StatusTag::from_view(tag, urls))
                .collect(),
            emojis: CustomEmoji::list(&view.emojis, urls),
            reactions: view
                .reactions
                .iter()
                .map(|reaction| Reaction::from_view(reaction, urls))
                .collect(),
        }
    }
}

/// How many people have put an emoji on an announcement, as streams tell it.
#[derive(Serialize)]
pub(crate) struct ReactionCount<'a> {
    name: &'a str,
    count: i64,
    announcement_id: AnnouncementId,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    static_url: Option<String>,
}

impl<'a> ReactionCount<'a> {
    /// The emoji `name` on what `view` shows; 0 if nobody has put it there any more.
    pub(crate) fn of(view: &'a AnnouncementView, name: &'a str, urls: &Urls) -> Self {
        let there = view.reactions.iter().find(|(reaction, _)| reaction.name == name);
        let shown = there.map(|reaction| Reaction::from_view(reaction, urls));
        Self {
            name,
            count: shown.as_ref().map_or(0, |reaction| reaction.count),
            announcement_id: view.announcement.id,
            url: shown.as_ref().and_then(|reaction| reaction.url.clone()),
            static_url: shown.and_then(|reaction| reaction.static_url),
        }
    }
}
