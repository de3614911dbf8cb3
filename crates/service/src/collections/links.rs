//! Collections of this instance that statuses link to.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

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
/// Collections that are shown with one status, at most: each comes with all its items.
const MAX_LINKED: usize = 4;

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
    named.truncate(MAX_LINKED);
    Ok(rows::insert_status_collections(tx, status.id, &named)?)
}

/// Notes the collections that an edited status links to, in place of those noted before.
pub(crate) fn relink(tx: &mut Conn, urls: &Urls, status: &Status) -> Result<()> {
    rows::delete_status_collections(tx, status.id)?;
    link(tx, urls, status)
}

/// The collections that each of the statuses links to, as `viewer` sees them. Statuses that link to the same share it.
pub(crate) fn load_linked(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    statuses: &[StatusId],
) -> Result<HashMap<StatusId, Vec<Arc<CollectionView>>>> {
    let mut linked = rows::load_status_collections(conn, statuses)?;
    for ids in linked.values_mut() {
        ids.truncate(MAX_LINKED);
    }
    let ids: HashSet<CollectionId> = linked.values().flatten().copied().collect();
    let ids: Vec<CollectionId> = ids.into_iter().collect();
    let views: HashMap<CollectionId, Arc<CollectionView>> = load_by_id(conn, viewer, &ids)?
        .into_iter()
        .map(|(id, view)| (id, Arc::new(view)))
        .collect();
    let seen = |ids: Vec<CollectionId>| ids.iter().filter_map(|id| views.get(id).cloned()).collect();
    Ok(linked
        .into_iter()
        .map(|(status, ids)| (status, seen(ids)))
        .collect())
}
