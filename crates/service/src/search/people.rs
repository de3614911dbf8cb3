//! Accounts by name.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use pouet_model::{
    account::Account,
    domain::{Handle, parse_handle},
    ids::AccountId,
    search::fold_name,
};
use pouet_storage::{
    Conn, account_domain_blocks, blocks,
    search::{self as rows, NameRow},
    sight,
};

use super::{SearchKind, SearchQuery};
use crate::{
    accounts::{find_by_handle, load},
    error::Result,
    instance::Instance,
    policy,
};

/// Accounts read by each prefix.
const PREFIX_ROWS: i64 = 400;
/// Followed accounts that are read.
const FOLLOWED_ROWS: i64 = 400;
/// Newest accounts whose names are looked through where those that begin with the words are too few.
const NEWEST_ROWS: i64 = 2000;

/// Accounts whose names match, for the box that completes names; `following`: only those that the viewer follows.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#search>
pub async fn accounts(
    instance: &Instance,
    viewer: AccountId,
    q: &str,
    limit: i64,
    offset: i64,
    resolve: bool,
    following: bool,
) -> Result<Vec<Arc<Account>>> {
    let query = SearchQuery {
        q: q.to_owned(),
        kind: Some(SearchKind::Accounts),
        resolve,
        following,
        limit,
        offset,
        ..SearchQuery::default()
    };
    let found = super::search(instance, Some(viewer), query).await?;
    Ok(found.accounts)
}

/// Accounts for `q`, the one of exactly that handle first.
pub(super) async fn find(
    instance: &Instance,
    viewer: Option<AccountId>,
    query: &SearchQuery,
    q: &str,
) -> Result<Vec<Arc<Account>>> {
    let exact = match parse_handle(q) {
        Some(handle) => exact(instance, &handle, viewer.filter(|_| query.resolve)).await?,
        None => None,
    };
    let (wanted, following) = (Arc::new(Wanted::read(q)), query.following);
    let (offset, limit) = query.window();
    let mut ids = Vec::new();
    // The box asks again at every letter: what begins with the words is nearly always enough.
    for depth in [Depth::Beginnings, Depth::Newest] {
        let wanted = Arc::clone(&wanted);
        let candidates = instance
            .read(move |conn| candidates(conn, viewer, &wanted, exact, following, depth))
            .await?;
        ids = listed(instance, &candidates, exact, following, offset + limit).await?;
        if following || ids.len() >= offset + limit {
            break;
        }
    }
    let page: Vec<AccountId> = ids.into_iter().skip(offset).take(limit).collect();
    load(instance, &page).await
}

/// The ids of the candidates that are listed, `exact` first, at most `count`.
async fn listed(
    instance: &Instance,
    candidates: &Candidates,
    exact: Option<AccountId>,
    following: bool,
    count: usize,
) -> Result<Vec<AccountId>> {
    let is_meant = |exact: &AccountId| !following || candidates.followed.contains(exact);
    let mut ids: Vec<AccountId> = exact.filter(is_meant).into_iter().collect();
    for row in &candidates.rows {
        if ids.len() >= count {
            break;
        }
        if !ids.contains(&row.id) && is_listed(instance, row, &candidates.followed).await? {
            ids.push(row.id);
        }
    }
    Ok(ids)
}

/// The account of exactly this handle, asked for on its server in the name of `asker` if need be. It is found even by those
/// who block it.
async fn exact(instance: &Instance, handle: &Handle, asker: Option<AccountId>) -> Result<Option<AccountId>> {
    let known = find_by_handle(instance, &handle.username, handle.domain.as_deref()).await?;
    if let Some(account) = known {
        return Ok(account.is_active().then_some(account.id));
    }
    let foreign = handle
        .domain
        .as_deref()
        .filter(|domain| !instance.urls().is_own_domain(domain));
    let (Some(asker), Some(domain)) = (asker, foreign) else {
        return Ok(None);
    };
    let may_ask = instance.throttles.may_ask(asker, domain, instance.now());
    if !may_ask || policy::of(instance, domain).await?.suspended {
        return Ok(None);
    }
    let Ok(resolver) = instance.resolver() else {
        return Ok(None);
    };
    let found = resolver.account_by_handle(&handle.username, domain).await;
    Ok(found.ok().filter(Account::is_active).map(|account| account.id))
}

/// Limited accounts and those of limited domains are listed only to their followers.
async fn is_listed(instance: &Instance, row: &NameRow, followed: &HashSet<AccountId>) -> Result<bool> {
    if followed.contains(&row.id) {
        return Ok(true);
    }
    if row.silenced {
        return Ok(false);
    }
    let policy = policy::of(instance, &row.domain).await?;
    Ok(!policy.silenced && !policy.suspended)
}

/// The query, folded as names are.
struct Wanted {
    /// Part of a user name or display name.
    name: String,
    /// Beginning of the domain, after an `@`.
    domain: Option<String>,
}

impl Wanted {
    fn read(q: &str) -> Self {
        let text = q.trim_start_matches('@').trim();
        match text.split_once('@') {
            Some((name, domain)) => Self {
                name: fold_name(name),
                domain: Some(domain.to_lowercase()),
            },
            None => Self {
                name: fold_name(text),
                domain: None,
            },
        }
    }

    fn matches(&self, row: &NameRow) -> bool {
        match &self.domain {
            Some(domain) => row.username.contains(&self.name) && row.domain.starts_with(domain),
            None => row.username.contains(&self.name) || row.display_name.contains(&self.name),
        }
    }

    /// Smaller is likelier: the very name, then names that begin so.
    fn distance(&self, row: &NameRow) -> u8 {
        if row.username == self.name {
            u8::from(!row.domain.is_empty())
        } else if row.username.starts_with(&self.name) || row.display_name.starts_with(&self.name) {
            2
        } else {
            3
        }
    }
}

/// How far is looked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Depth {
    /// Names that begin with the words, and all names of those whom the viewer follows.
    Beginnings,
    /// And those of the newest accounts.
    Newest,
}

struct Candidates {
    /// Those that match, the likeliest first.
    rows: Vec<NameRow>,
    /// Whom of them, and of those asked for by their handle, the viewer follows.
    followed: HashSet<AccountId>,
}

fn candidates(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    wanted: &Wanted,
    exact: Option<AccountId>,
    following: bool,
    depth: Depth,
) -> Result<Candidates> {
    let (part, domain) = (wanted.name.as_str(), wanted.domain.as_deref());
    let mut found = Vec::new();
    if !part.is_empty() {
        if let Some(viewer) = viewer {
            found.extend(rows::list_names_followed(
                conn,
                viewer,
                part,
                domain,
                FOLLOWED_ROWS,
            )?);
        }
        if !following {
            found.extend(rows::list_names_by_username(conn, part, PREFIX_ROWS)?);
            found.extend(rows::list_names_by_display_name(conn, part, PREFIX_ROWS)?);
            if depth == Depth::Newest {
                found.extend(rows::list_newest_names(conn, part, domain, NEWEST_ROWS)?);
            }
        }
    }
    let matching: HashMap<AccountId, NameRow> = found
        .into_iter()
        .filter(|row| wanted.matches(row))
        .map(|row| (row.id, row))
        .collect();
    let ids: Vec<AccountId> = matching.keys().copied().chain(exact).collect();
    let (mut unwanted, mut followed) = (HashSet::new(), HashSet::new());
    if let Some(viewer) = viewer {
        unwanted.extend(blocks::load_blocked(conn, viewer, &ids)?);
        unwanted.extend(account_domain_blocks::load_of_blocked_domains(
            conn, viewer, &ids,
        )?);
        followed = sight::load_followed(conn, viewer, &ids)?;
    }
    let mut rows: Vec<NameRow> = matching
        .into_values()
        .filter(|row| !unwanted.contains(&row.id))
        .collect();
    rows.sort_by_cached_key(|row| {
        let unfollowed = !followed.contains(&row.id);
        (
            wanted.distance(row) > 1,
            unfollowed,
            wanted.distance(row),
            -row.followers_count,
            row.id,
        )
    });
    Ok(Candidates { rows, followed })
}
