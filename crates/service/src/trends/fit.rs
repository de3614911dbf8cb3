//! Which of what trends is listed: a list is fair to those in it, and not one circle's.

use std::collections::{HashMap, HashSet};

use pouet_model::{
    account::Account,
    ids::{AccountId, CardId, StatusId},
    status::{Status, Visibility},
    trend::{TrendKind, owner_of},
};
use pouet_storage::{Conn, statuses, trend_lists::TrendRow};

use crate::{cards::load_views as load_cards, error::Result, visibility::load_accounts};

/// Entries of a list that the very same people support.
const MAX_OF_SAME_PEOPLE: usize = 3;
/// Statuses of one remote owner in the list.
const MAX_STATUSES_OF_DOMAIN: usize = 5;
/// Links to pages of one owner in the list.
const MAX_LINKS_OF_SITE: usize = 3;

/// Something that trends.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) row: TrendRow,
    /// Those who support it, in order.
    pub(super) people: Vec<AccountId>,
    /// Of a status: who wrote it.
    author: Option<AccountId>,
    /// Whose domain it is from: of a status by somebody elsewhere, and of a link.
    owner: Option<String>,
}

/// What is known of what trends, without that which cannot be shown to everybody.
pub(super) fn entries(
    conn: &mut Conn,
    kind: TrendKind,
    found: Vec<(TrendRow, Vec<AccountId>)>,
) -> Result<Vec<Entry>> {
    let ids: Vec<i64> = found.iter().map(|(row, _)| row.id).collect();
    let mut known = match kind {
        TrendKind::Status => origins_of_statuses(conn, &ids)?,
        TrendKind::Link => origins_of_links(conn, &ids)?,
        _ => ids.iter().map(|id| (*id, (None, None))).collect(),
    };
    Ok(found
        .into_iter()
        .filter_map(|(row, people)| {
            let (author, owner) = known.remove(&row.id)?;
            Some(Entry {
                row,
                people,
                author,
                owner,
            })
        })
        .collect())
}

type Origins = HashMap<i64, (Option<AccountId>, Option<String>)>;

fn origins_of_statuses(conn: &mut Conn, ids: &[i64]) -> Result<Origins> {
    let ids: Vec<StatusId> = ids.iter().copied().map(StatusId).collect();
    let found = statuses::load_statuses(conn, &ids)?;
    let authors: Vec<AccountId> = found.iter().map(|status| status.account_id).collect();
    let authors = load_accounts(conn, &authors)?;
    let origin = |status: Status| {
        let author = authors.get(&status.account_id)?;
        let owner = author.domain.as_deref().map(|domain| owner_of(domain).to_owned());
        may_trend(&status, author).then_some((status.id.0, (Some(author.id), owner)))
    };
    Ok(found.into_iter().filter_map(origin).collect())
}

/// Links whose pages say nothing of themselves, or have not been read yet, are not among them.
fn origins_of_links(conn: &mut Conn, ids: &[i64]) -> Result<Origins> {
    let ids: Vec<CardId> = ids.iter().copied().map(CardId).collect();
    let cards = load_cards(conn, None, &ids)?;
    Ok(cards
        .into_iter()
        .map(|(id, view)| (id.0, (None, Some(owner_of(&view.card.page_host).to_owned()))))
        .collect())
}

/// Whether a status may be shown as a trend, as it and its author are now.
pub(super) fn may_trend(status: &Status, author: &Account) -> bool {
    status.visibility == Visibility::Public
        && !status.local_only
        && !status.sensitive
        && status.spoiler_text.is_empty()
        && author.discoverable
        && author.is_active()
        && author.silenced_at.is_none()
}

/// A list in order: `first` is what it should hold, `rest` what fills it up where there is room.
#[derive(Clone, Debug, Default)]
pub(super) struct Fitted {
    pub(super) first: Vec<TrendRow>,
    pub(super) rest: Vec<TrendRow>,
}

/// Leaves out all but the best status of each author, and all but a few of each owner of domains. Of what the very same people
/// support, a few come first: further hashtags are left out, because they are one thing, and further statuses and links come
/// behind all others, so that a few people who like everything do not take every place.
///
/// `entries`: the best first.
pub(super) fn fit(kind: TrendKind, entries: &[Entry]) -> Fitted {
    let mut of_author = HashSet::new();
    let mut of_owner: HashMap<&str, usize> = HashMap::new();
    let mut of_people: HashMap<&[AccountId], usize> = HashMap::new();
    let most = match kind {
        TrendKind::Status => MAX_STATUSES_OF_DOMAIN,
        _ => MAX_LINKS_OF_SITE,
    };
    let mut fitted = Fitted::default();
    for entry in entries {
        if entry.author.is_some_and(|author| !of_author.insert(author)) {
            continue;
        }
        if let Some(owner) = &entry.owner {
            let count = of_owner.entry(owner).or_default();
            *count += 1;
            if *count > most {
                continue;
            }
        }
        let count = of_people.entry(&entry.people).or_default();
        *count += 1;
        if *count <= MAX_OF_SAME_PEOPLE {
            fitted.first.push(entry.row);
        } else if kind != TrendKind::Tag {
            fitted.rest.push(entry.row);
        }
    }
    fitted
}
