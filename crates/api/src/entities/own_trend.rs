//! Trends of Pouet's own API: `GET /api/pouet/v1/openapi.json` describes them.

use pouet_service::trends::{Among, Exclusion};
use serde::Serialize;

use super::time::Iso;

/// Something with the number of people, among those whom the reader follows, who took it up.
#[derive(Serialize)]
pub(crate) struct AmongFollowed<T> {
    people: i64,
    reason: String,
    #[serde(flatten)]
    item: T,
}

/// A hashtag under its name in the answer.
#[derive(Serialize)]
pub(crate) struct TagItem<T> {
    tag: T,
}

/// A status under its name in the answer.
#[derive(Serialize)]
pub(crate) struct StatusItem<T> {
    status: T,
}

/// A link under its name in the answer.
#[derive(Serialize)]
pub(crate) struct LinkItem<T> {
    link: T,
}

/// How many people, in words. There are always two at least.
fn reason(people: i64, locale: &str) -> String {
    if locale.starts_with("fr") {
        format!("{people} personnes que vous suivez")
    } else {
        format!("{people} people you follow")
    }
}

impl<T> AmongFollowed<TagItem<T>> {
    /// A hashtag, counted for a reader of this language.
    pub(crate) fn tag<V>(counted: &Among<V>, tag: T, locale: &str) -> Self {
        Self {
            people: counted.people,
            reason: reason(counted.people, locale),
            item: TagItem { tag },
        }
    }
}

impl<T> AmongFollowed<StatusItem<T>> {
    /// A status, counted for a reader of this language.
    pub(crate) fn status<V>(counted: &Among<V>, status: T, locale: &str) -> Self {
        Self {
            people: counted.people,
            reason: reason(counted.people, locale),
            item: StatusItem { status },
        }
    }
}

impl<T> AmongFollowed<LinkItem<T>> {
    /// A link, counted for a reader of this language.
    pub(crate) fn link<V>(counted: &Among<V>, link: T, locale: &str) -> Self {
        Self {
            people: counted.people,
            reason: reason(counted.people, locale),
            item: LinkItem { link },
        }
    }
}

/// Something that was kept out of trends.
#[derive(Serialize)]
pub(crate) struct ExcludedTrend<'a> {
    kind: &'static str,
    id: String,
    reason: &'a str,
    accounts: i64,
    suspects: i64,
    created_at: Iso,
}

impl<'a> ExcludedTrend<'a> {
    /// `row` as moderators read it.
    pub(crate) fn from_view(row: &'a Exclusion) -> Self {
        Self {
            kind: row.subject.kind.as_str(),
            id: row.subject.id.to_string(),
            reason: &row.reason,
            accounts: row.accounts,
            suspects: row.suspects,
            created_at: Iso(row.created_at),
        }
    }
}
