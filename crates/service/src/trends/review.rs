//! What moderators see of trends, and what they say of them.
//!
//! Source: <https://docs.joinmastodon.org/methods/admin/trends/>

use std::collections::HashMap;

use pouet_model::{
    account::User,
    ids::{AccountId, CardId, StatusId, TagId},
    trend::{Subject, TrendKind},
    urls::Urls,
};
use pouet_storage::{
    Conn, cards, statuses, tags,
    trend_lists::{self as lists, ExclusionRow, TrendRow},
};

use super::{LinkDetails, Window, load_links, words::load_words};
use crate::{
    error::{Error, Result},
    instance::Instance,
    tag_rules::{self, ModeratedTag, TagChange, load_moderated},
    view::{StatusView, load_views},
};

/// Something that trends, as a moderator sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate<T> {
    /// What.
    pub item: T,
    /// What a moderator said of it; `None`: nothing yet.
    pub trendable: Option<bool>,
    /// Whether it waits for a moderator's word.
    pub requires_review: bool,
}

/// Who decides: a moderator, or whoever runs the program and asks from its command line.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A user, who has to look after the instance.
    User(&'a User),
    /// The operator.
    Operator,
}

impl By<'_> {
    /// Who it is, for the log.
    ///
    /// # Errors
    /// `Forbidden` for those who do not look after the instance.
    pub(crate) fn check(self) -> Result<String> {
        match self {
            Self::User(user) if user.role.is_staff() => Ok(user.account_id.to_string()),
            Self::User(_) => Err(Error::Forbidden("this action is not allowed")),
            Self::Operator => Ok("the operator".to_owned()),
        }
    }

    /// Whose relations to what is shown are told.
    pub(crate) fn viewer(self) -> Option<AccountId> {
        match self {
            Self::User(user) => Some(user.account_id),
            Self::Operator => None,
        }
    }
}

/// # Errors
/// `Forbidden` for those who do not look after the instance.
fn check_staff(actor: &User) -> Result<()> {
    By::User(actor).check().map(drop)
}

/// What moderators said of things by their ids; `None`: nothing yet.
type Words = HashMap<i64, Option<bool>>;

/// What of a kind trends or waits, best first, with what was said of it.
fn listed(conn: &mut Conn, kind: TrendKind, window: Window) -> Result<(Vec<i64>, Words)> {
    let rows = lists::list_trends(conn, kind, true, window.offset, window.limit)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let words = load_words(conn, kind, &ids)?;
    let said = words
        .into_iter()
        .map(|(id, word)| (id, word.trendable()))
        .collect();
    Ok((ids, said))
}

fn candidate<T>(item: T, trendable: Option<bool>, review: bool) -> Candidate<T> {
    Candidate {
        item,
        trendable,
        requires_review: review && trendable.is_none(),
    }
}

/// Hashtags that trend, those that wait for a moderator's word among them.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
///
/// Source: <https://docs.joinmastodon.org/methods/admin/trends/#tags>
pub async fn candidate_tags(instance: &Instance, actor: &User, window: Window) -> Result<Vec<ModeratedTag>> {
    check_staff(actor)?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let rows = lists::list_trends(conn, TrendKind::Tag, true, window.offset, window.limit)?;
            let ids: Vec<TagId> = rows.iter().map(|row| TagId(row.id)).collect();
            load_moderated(conn, Some(viewer), &ids, review, now)
        })
        .await
}

/// Statuses that trend, those that wait for a moderator's word among them.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
///
/// Source: <https://docs.joinmastodon.org/methods/admin/trends/#statuses>
pub async fn candidate_statuses(
    instance: &Instance,
    actor: &User,
    window: Window,
) -> Result<Vec<Candidate<StatusView>>> {
    check_staff(actor)?;
    let now = instance.now();
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let (ids, said) = listed(conn, TrendKind::Status, window)?;
            let ids: Vec<StatusId> = ids.into_iter().map(StatusId).collect();
            // As everybody sees it: whoever blocks a moderator is not out of their reach.
            let views = load_views(conn, None, &ids, now)?;
            Ok(views
                .into_iter()
                .map(|view| {
                    let word = said.get(&view.status.id.0).copied().flatten();
                    candidate(view, word, review)
                })
                .collect())
        })
        .await
}

/// Links that trend, those that wait for a moderator's word among them.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
///
/// Source: <https://docs.joinmastodon.org/methods/admin/trends/#links>
pub async fn candidate_links(
    instance: &Instance,
    actor: &User,
    window: Window,
) -> Result<Vec<Candidate<LinkDetails>>> {
    check_staff(actor)?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let (ids, said) = listed(conn, TrendKind::Link, window)?;
            let links = load_links(conn, Some(viewer), &ids, now)?;
            Ok(links
                .into_iter()
                .map(|link| {
                    let word = said.get(&link.card.card.id.0).copied().flatten();
                    candidate(link, word, review)
                })
                .collect())
        })
        .await
}

/// Lets a link trend, whoever is behind it, or never again.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such link, or nothing to show of it.
pub async fn review_link(
    instance: &Instance,
    actor: By<'_>,
    id: CardId,
    trendable: bool,
) -> Result<Candidate<LinkDetails>> {
    actor.check()?;
    let (now, viewer) = (instance.now(), actor.viewer());
    let link = instance
        .read(move |conn| {
            let found = load_links(conn, viewer, &[id.0], now)?;
            found.into_iter().next().ok_or(Error::NotFound)
        })
        .await?;
    say(instance, actor, Subject::new(TrendKind::Link, id), trendable).await?;
    Ok(candidate(link, Some(trendable), false))
}

/// Lets a hashtag trend, whoever is behind it, or never again.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such hashtag.
pub async fn review_tag(
    instance: &Instance,
    actor: By<'_>,
    id: TagId,
    trendable: bool,
) -> Result<ModeratedTag> {
    let change = TagChange {
        trendable: Some(trendable),
        ..TagChange::default()
    };
    tag_rules::change(instance, actor, id, change).await
}

/// Lets a status trend, whoever is behind it, or never again.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if not everybody sees such a status.
pub async fn review_status(
    instance: &Instance,
    actor: By<'_>,
    id: StatusId,
    trendable: bool,
) -> Result<Candidate<StatusView>> {
    actor.check()?;
    let view = crate::statuses::find(instance, None, id).await?;
    say(instance, actor, Subject::new(TrendKind::Status, id), trendable).await?;
    Ok(candidate(view, Some(trendable), false))
}

async fn say(instance: &Instance, actor: By<'_>, subject: Subject, trendable: bool) -> Result<()> {
    let by = actor.check()?;
    let now = instance.now();
    instance
        .write(move |tx| {
            tracing::info!(%by, kind = %subject.kind, id = subject.id, trendable, "a trend was reviewed");
            Ok(lists::upsert_review(tx, subject, trendable, now)?)
        })
        .await
}

/// What was kept out lately because those behind it look like a ring, the last first.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
pub async fn exclusions(instance: &Instance, actor: &User, limit: i64) -> Result<Vec<ExclusionRow>> {
    check_staff(actor)?;
    instance
        .read(move |conn| Ok(lists::list_exclusions(conn, limit)?))
        .await
}

/// How something stands with trends.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// What.
    pub subject: Subject,
    /// A hashtag as it is written, or the address of a status or page; `None`: it is gone.
    pub what: Option<String>,
    /// In which state.
    pub state: State,
}

/// Whether something is shown as a trend, and if not, why.
#[derive(Clone, PartialEq, Debug)]
pub enum State {
    /// It is, with this rank in people.
    Shown(f64),
    /// It would be, with this rank, if a moderator approved it.
    Waiting(f64),
    /// It would be, but a moderator rejected it, its site, or the use of it.
    Rejected,
    /// Those behind it look like a ring.
    KeptOut {
        /// What the suspects have in common, as in [`ExclusionRow`].
        reason: String,
        /// Accounts that were looked at.
        accounts: i64,
        /// How many of them are suspects.
        suspects: i64,
    },
}

/// How things stand that trend or were kept out lately, as of the last look: kind by kind, best first.
pub async fn standings(instance: &Instance, kinds: Vec<TrendKind>, limit: i64) -> Result<Vec<Standing>> {
    let urls = instance.urls().clone();
    instance
        .read(move |conn| {
            let excluded = lists::list_exclusions(conn, limit)?;
            let mut found = Vec::new();
            for kind in kinds {
                let rows = lists::list_trends(conn, kind, true, 0, limit)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                let words = load_words(conn, kind, &ids)?;
                let word = |row: &TrendRow| words.get(&row.id).and_then(|word| word.trendable());
                let listed = rows.iter().map(|row| Standing {
                    subject: Subject { kind, id: row.id },
                    what: None,
                    state: match (row.allowed, word(row)) {
                        (true, _) => State::Shown(row.score),
                        (false, Some(false)) => State::Rejected,
                        (false, _) => State::Waiting(row.score),
                    },
                });
                let mut standings: Vec<Standing> = listed.collect();
                let out = excluded
                    .iter()
                    .filter(|out| out.subject.kind == kind && !ids.contains(&out.subject.id));
                standings.extend(out.map(|out| Standing {
                    subject: out.subject,
                    what: None,
                    state: State::KeptOut {
                        reason: out.reason.clone(),
                        accounts: out.accounts,
                        suspects: out.suspects,
                    },
                }));
                let ids: Vec<i64> = standings.iter().map(|one| one.subject.id).collect();
                let mut names = load_names(conn, &urls, kind, &ids)?;
                for one in &mut standings {
                    one.what = names.remove(&one.subject.id);
                }
                found.extend(standings);
            }
            Ok(found)
        })
        .await
}

/// What people know things by.
fn load_names(conn: &mut Conn, urls: &Urls, kind: TrendKind, ids: &[i64]) -> Result<HashMap<i64, String>> {
    Ok(match kind {
        TrendKind::Tag => {
            let ids: Vec<TagId> = ids.iter().map(|id| TagId(*id)).collect();
            tags::load_tags_by_id(conn, &ids)?
                .into_iter()
                .map(|(id, tag)| (id.0, format!("#{}", tag.display_name)))
                .collect()
        }
        TrendKind::Link => {
            let ids: Vec<CardId> = ids.iter().map(|id| CardId(*id)).collect();
            cards::load_cards(conn, &ids)?
                .into_iter()
                .map(|(id, card)| (id.0, card.url))
                .collect()
        }
        _ => {
            let ids: Vec<StatusId> = ids.iter().map(|id| StatusId(*id)).collect();
            statuses::load_statuses(conn, &ids)?
                .into_iter()
                .map(|status| (status.id.0, urls.status_uri(&status)))
                .collect()
        }
    })
}
