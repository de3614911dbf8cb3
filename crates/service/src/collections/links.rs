//! Collections of this instance that statuses link to.

use std::collections::{HashMap, HashSet};

use pouet_model::{
    html::outward_links,
    ids::{AccountId, CollectionId, StatusId},
    status::Status,
    urls::Urls,
};
use pouet_storage::{Conn, collections as rows};

use super::{CollectionView, load_by_id};
use crate::error::Result;

/// Links of one status that are looked at, at most.
const MAX_LINKS: usize = 20;

/// Notes the collections that a new status links to.
pub(crate) fn link(tx: &mut Conn, urls: &Urls, status: &Status) -> Result<()> {
    let mut seen = HashSet::new();
    let mut named: Vec<CollectionId> = outward_links(&status.content, MAX_LINKS)
        .iter()
        .filter_map(|address| urls.parse_collection(address))
        .filter(|id| seen.insert(*id))
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let there = rows::load_collections(tx, &named)?;
    named.retain(|id| there.iter().any(|collection| collection.id == *id));
    Ok(rows::insert_status_collections(tx, status.id, &named)?)
}

/// Notes the collections that an edited status links to, in place of those noted before.
pub(crate) fn relink(tx: &mut Conn, urls: &Urls, status: &Status) -> Result<()> {
    rows::delete_status_collections(tx, status.id)?;
    link(tx, urls, status)
}

/// The collections that each of the statuses links to, as `viewer` sees them.
pub(crate) fn load_linked(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    statuses: &[StatusId],
) -> Result<HashMap<StatusId, Vec<CollectionView>>> {
    let linked = rows::load_status_collections(conn, statuses)?;
    let ids: HashSet<CollectionId> = linked.values().flatten().copied().collect();
    let ids: Vec<CollectionId> = ids.into_iter().collect();
    let views = load_by_id(conn, viewer, &ids)?;
    let seen = |ids: Vec<CollectionId>| ids.iter().filter_map(|id| views.get(id).cloned()).collect();
    Ok(linked
        .into_iter()
        .map(|(status, ids)| (status, seen(ids)))
        .collect())
}
