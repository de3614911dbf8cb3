//! What moderators say of hashtags: how they are written, whether members may use them, whether they are found, and
//! whether they trend.
//!
//! Source: <https://docs.joinmastodon.org/entities/Admin_Tag/>, and Mastodon's `Api::V1::Admin::TagsController`

use chrono::{DateTime, Utc};
use pouet_model::{
    account::User,
    ids::{AccountId, TagId},
    page::Page,
    trend::{Subject, TrendKind},
};
use pouet_storage::{Conn, tags, trend_lists as lists};

use crate::{
    error::{Error, Result},
    instance::Instance,
    tags::{TagDetails, load_details, parse},
    trends::{By, judge_anew},
    view::TagView,
};

/// A hashtag as moderators see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModeratedTag {
    /// It.
    pub tag: TagDetails,
    /// Whether it may trend, as a moderator said; `None`: nobody has.
    pub trendable: Option<bool>,
    /// Members may write it.
    pub usable: bool,
    /// Searches and suggestions name it.
    pub listable: bool,
    /// It does not trend before a moderator has looked at it.
    pub requires_review: bool,
}

/// A change to what is said of a hashtag; `None`: as before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TagChange {
    /// How it is written: the same letters, with other capitals or accents.
    pub display_name: Option<String>,
    /// Whether it may trend, whoever is behind it.
    pub trendable: Option<bool>,
    /// Whether members may write it. What they wrote before stays.
    pub usable: Option<bool>,
    /// Whether searches and suggestions name it.
    pub listable: Option<bool>,
}

/// Hashtags as moderators see them, in the order of the ids, with a constant number of queries.
pub(crate) fn load_moderated(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    ids: &[TagId],
    review: bool,
    now: DateTime<Utc>,
) -> Result<Vec<ModeratedTag>> {
    let mut known = tags::load_tags_by_id(conn, ids)?;
    let rules = tags::load_tag_rules(conn, ids)?;
    let raw: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let said = lists::load_reviews(conn, TrendKind::Tag, &raw)?;
    let named = ids
        .iter()
        .filter_map(|id| Some((Some(*id), known.remove(id)?)))
        .collect();
    let details = load_details(conn, viewer, named, now)?;
    let moderated = |tag: TagDetails| {
        let id = tag.id?;
        let rules = rules.get(&id)?;
        let trendable = said.get(&id.0).copied();
        Some(ModeratedTag {
            trendable,
            usable: rules.usable,
            listable: rules.listable,
            requires_review: review && trendable.is_none() && rules.reviewed_at.is_none(),
            tag,
        })
    };
    Ok(details.into_iter().filter_map(moderated).collect())
}

/// All hashtags that are known here, a page of them, the last known first.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
pub async fn list(instance: &Instance, actor: &User, page: Page) -> Result<Vec<ModeratedTag>> {
    By::User(actor).check()?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let ids = tags::list_tag_ids(conn, &page)?;
            load_moderated(conn, Some(viewer), &ids, review, now)
        })
        .await
}

fn find_in(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    id: TagId,
    review: bool,
    now: DateTime<Utc>,
) -> Result<ModeratedTag> {
    load_moderated(conn, viewer, &[id], review, now)?
        .pop()
        .ok_or(Error::NotFound)
}

/// One hashtag.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such hashtag.
pub async fn find(instance: &Instance, actor: &User, id: TagId) -> Result<ModeratedTag> {
    By::User(actor).check()?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| find_in(conn, Some(viewer), id, review, now))
        .await
}

/// Says something of a hashtag; whatever it is, it has been looked at then. It counts at once.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such hashtag; `Invalid` if it
/// would be written as another one.
pub async fn change(
    instance: &Instance,
    actor: By<'_>,
    id: TagId,
    change: TagChange,
) -> Result<ModeratedTag> {
    let by = actor.check()?;
    let (now, viewer) = (instance.now(), actor.viewer());
    let review = instance.settings.trends.review;
    instance
        .write(move |tx| {
            let tag = tags::load_tags_by_id(tx, &[id])?
                .remove(&id)
                .ok_or(Error::NotFound)?;
            let mut rules = tags::load_tag_rules(tx, &[id])?
                .remove(&id)
                .ok_or(Error::NotFound)?;
            let display_name = match &change.display_name {
                Some(name) => respelled(&tag, name)?,
                None => tag.display_name,
            };
            rules.usable = change.usable.unwrap_or(rules.usable);
            rules.listable = change.listable.unwrap_or(rules.listable);
            rules.reviewed_at = Some(now);
            tags::update_tag(tx, id, &display_name, &rules)?;
            if let Some(trendable) = change.trendable {
                lists::upsert_review(tx, Subject::new(TrendKind::Tag, id), trendable, now)?;
            }
            judge_anew(tx, TrendKind::Tag, review)?;
            tracing::info!(%by, id = id.0, ?change, "a hashtag was reviewed");
            find_in(tx, viewer, id, review, now)
        })
        .await
}

/// # Errors
/// `Invalid` if `name` spells another hashtag.
fn respelled(tag: &TagView, name: &str) -> Result<String> {
    parse(name)
        .filter(|spelled| spelled.name == tag.name)
        .map(|spelled| spelled.display_name)
        .ok_or_else(|| {
            let reason = "Display name does not match the previous name";
            Error::invalid("display_name", "ERR_INVALID", reason)
        })
}

/// Whether a hashtag has a page and feeds: those have none that members may not write, as on Mastodon.
pub async fn has_page(instance: &Instance, name: &str) -> Result<bool> {
    let Some(tag) = parse(name) else {
        return Ok(true);
    };
    instance
        .read(move |conn| Ok(tags::load_unusable(conn, &[&tag.name])?.is_empty()))
        .await
}

/// Whether members may write all of these hashtags.
///
/// # Errors
/// `Invalid` if they may not; in `field`, which `subject` names in words.
///
/// Source: Mastodon's `DisallowedHashtagsValidator`
pub(crate) fn check_usable(
    conn: &mut Conn,
    field: &'static str,
    subject: &str,
    tags_of: &[TagView],
) -> Result<()> {
    let names: Vec<&str> = tags_of.iter().map(|tag| tag.name.as_str()).collect();
    let barred = tags::load_unusable(conn, &names)?;
    if barred.is_empty() {
        return Ok(());
    }
    let what = if barred.len() == 1 {
        "a disallowed hashtag"
    } else {
        "the disallowed hashtags"
    };
    let reason = format!("{subject} contained {what}: {}", barred.join(", "));
    Err(Error::invalid(field, "ERR_INVALID", reason))
}
