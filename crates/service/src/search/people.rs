//! Accounts by name.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use pouet_model::{
    account::Account,
    domain::{Handle, parse_handle},
    ids::AccountId,
};
use pouet_storage::{
    Conn, account_domain_blocks, blocks,
    search::{self as rows, NameRow},
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
/// Followed accounts whose names are looked through.
const FOLLOWED_ROWS: i64 = 5000;
/// Newest accounts whose names are looked through.
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
    let wanted = Wanted::read(q);
    let following = query.following;
    let candidates = instance
        .read(move |conn| candidates(conn, viewer, &wanted, following))
        .await?;
    let mut ids = Vec::new();
    if let Some(exact) = exact
        && (!following || candidates.followed.contains(&exact))
    {
        ids.push(exact);
    }
    let (offset, limit) = query.window();
    for row in &candidates.rows {
        if ids.len() >= offset + limit {
            break;
        }
        if !ids.contains(&row.id) && is_listed(instance, row, &candidates.followed).await? {
            ids.push(row.id);
        }
    }
    let page: Vec<AccountId> = ids.into_iter().skip(offset).take(limit).collect();
    load(instance, &page).await
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
        let folded = q.trim_start_matches('@').trim().to_lowercase();
        match folded.split_once('@') {
            Some((name, domain)) => Self {
                name: name.to_owned(),
                domain: Some(domain.to_owned()),
            },
            None => Self {
                name: folded,
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

struct Candidates {
    /// Those that match, the likeliest first.
    rows: Vec<NameRow>,
    /// Whom the viewer follows, as far as their names were looked through.
    followed: HashSet<AccountId>,
}

fn candidates(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    wanted: &Wanted,
    following: bool,
) -> Result<Candidates> {
    let mut found = match viewer {
        Some(viewer) => rows::list_names_followed(conn, viewer, FOLLOWED_ROWS)?,
        None => Vec::new(),
    };
    let followed: HashSet<AccountId> = found.iter().map(|row| row.id).collect();
    if !following && !wanted.name.is_empty() {
        found.extend(rows::list_names_by_username(conn, &wanted.name, PREFIX_ROWS)?);
        found.extend(rows::list_names_by_display_name(conn, &wanted.name, PREFIX_ROWS)?);
        found.extend(rows::list_newest_names(conn, NEWEST_ROWS)?);
    }
    let matching: HashMap<AccountId, NameRow> = found
        .into_iter()
        .filter(|row| !wanted.name.is_empty() && wanted.matches(row))
        .map(|row| (row.id, row))
        .collect();
    let ids: Vec<AccountId> = matching.keys().copied().collect();
    let mut unwanted = HashSet::new();
    if let Some(viewer) = viewer {
        unwanted.extend(blocks::load_blocked(conn, viewer, &ids)?);
        unwanted.extend(account_domain_blocks::load_of_blocked_domains(
            conn, viewer, &ids,
        )?);
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
