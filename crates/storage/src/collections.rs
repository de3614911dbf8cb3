//! Collections of accounts, and who is in them.

use std::collections::HashMap;

use diesel::prelude::*;
use pouet_model::{
    collection::{Collection, CollectionItem, ItemState},
    ids::{AccountId, CollectionId, CollectionItemId, StatusId, TagId},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    ids::{among, chunks},
    schema::{accounts, collection_items, collections, status_collections},
};

#[derive(Queryable)]
struct CollectionRow {
    id: i64,
    account_id: i64,
    name: String,
    description: String,
    language: Option<String>,
    sensitive: bool,
    discoverable: bool,
    suggested: bool,
    tag_id: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl From<CollectionRow> for Collection {
    fn from(row: CollectionRow) -> Self {
        Self {
            id: CollectionId(row.id),
            account_id: AccountId(row.account_id),
            name: row.name,
            description: row.description,
            language: row.language,
            sensitive: row.sensitive,
            discoverable: row.discoverable,
            suggested: row.suggested,
            tag_id: row.tag_id.map(TagId),
            created_at: from_millis(row.created_at),
            updated_at: from_millis(row.updated_at),
        }
    }
}

type ItemColumns = (i64, i64, i64, String, i64);

fn item_of((id, collection_id, account_id, state, created_at): ItemColumns) -> Result<CollectionItem> {
    Ok(CollectionItem {
        id: CollectionItemId(id),
        collection_id: CollectionId(collection_id),
        account_id: AccountId(account_id),
        state: ItemState::parse(&state).ok_or(Error::Inconsistent {
            table: "collection_items",
            column: "state",
            id,
        })?,
        created_at: from_millis(created_at),
    })
}

/// Adds a collection.
pub fn insert_collection(conn: &mut Conn, collection: &Collection) -> Result<()> {
    let rows = diesel::insert_into(collections::table)
        .values((
            collections::id.eq(collection.id.0),
            collections::account_id.eq(collection.account_id.0),
            collections::name.eq(&collection.name),
            collections::description.eq(&collection.description),
            collections::language.eq(&collection.language),
            collections::sensitive.eq(collection.sensitive),
            collections::discoverable.eq(collection.discoverable),
            collections::suggested.eq(collection.suggested),
            collections::tag_id.eq(collection.tag_id.map(i64::from)),
            collections::created_at.eq(collection.created_at.timestamp_millis()),
            collections::updated_at.eq(collection.updated_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert collection", rows)
}

/// Writes what a collection says of itself.
pub fn update_collection(conn: &mut Conn, collection: &Collection) -> Result<()> {
    let rows = diesel::update(collections::table.find(collection.id.0))
        .set((
            collections::name.eq(&collection.name),
            collections::description.eq(&collection.description),
            collections::language.eq(&collection.language),
            collections::sensitive.eq(collection.sensitive),
            collections::discoverable.eq(collection.discoverable),
            collections::tag_id.eq(collection.tag_id.map(i64::from)),
            collections::updated_at.eq(collection.updated_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("update collection", rows)
}

/// Removes a collection with its items and what told of it; false if there is none.
pub fn delete_collection(conn: &mut Conn, id: CollectionId) -> Result<bool> {
    Ok(diesel::delete(collections::table.find(id.0)).execute(conn)? > 0)
}

/// The collection with this id.
pub fn find_collection(conn: &mut Conn, id: CollectionId) -> Result<Option<Collection>> {
    let row: Option<CollectionRow> = collections::table.find(id.0).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// The collections with these ids.
pub fn load_collections(conn: &mut Conn, ids: &[CollectionId]) -> Result<Vec<Collection>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<CollectionRow> = collections::table
            .filter(among(collections::id, chunk))
            .load(conn)?;
        found.extend(rows.into_iter().map(Collection::from));
    }
    Ok(found)
}

/// Collections of an account, newest first: `limit` from `offset` on. `hidden`: those that are not listed for
/// everybody, too.
pub fn list_collections(
    conn: &mut Conn,
    owner: AccountId,
    hidden: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<Collection>> {
    let mut query = collections::table
        .filter(collections::account_id.eq(owner.0))
        .order(collections::id.desc())
        .limit(limit)
        .offset(offset)
        .into_boxed();
    if !hidden {
        query = query.filter(collections::discoverable.eq(true));
    }
    let rows: Vec<CollectionRow> = query.load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// All collections on this instance, oldest first.
pub fn list_all_collections(conn: &mut Conn) -> Result<Vec<Collection>> {
    let rows: Vec<CollectionRow> = collections::table.order(collections::id).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Collections of accounts that are there in which `member` is shown, last added first: `limit` from `offset` on.
pub fn list_collections_with(
    conn: &mut Conn,
    member: AccountId,
    limit: i64,
    offset: i64,
) -> Result<Vec<Collection>> {
    let rows: Vec<CollectionRow> = collection_items::table
        .inner_join(collections::table.on(collections::id.eq(collection_items::collection_id)))
        .inner_join(accounts::table.on(accounts::id.eq(collections::account_id)))
        .filter(collection_items::account_id.eq(member.0))
        .filter(collection_items::state.eq(ItemState::Accepted.as_str()))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(collection_items::id.desc())
        .limit(limit)
        .offset(offset)
        .select(collections::all_columns)
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Number of collections of an account.
pub fn count_collections(conn: &mut Conn, owner: AccountId) -> Result<i64> {
    Ok(collections::table
        .filter(collections::account_id.eq(owner.0))
        .count()
        .get_result(conn)?)
}

/// Puts an account into a collection; false if it is or was in it.
pub fn insert_item(conn: &mut Conn, item: &CollectionItem) -> Result<bool> {
    let values = (
        collection_items::id.eq(item.id.0),
        collection_items::collection_id.eq(item.collection_id.0),
        collection_items::account_id.eq(item.account_id.0),
        collection_items::state.eq(item.state.as_str()),
        collection_items::created_at.eq(item.created_at.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(collection_items::table)
        .values(values)
        .on_conflict((collection_items::collection_id, collection_items::account_id))
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Writes whether an account is shown in a collection.
pub fn update_item_state(conn: &mut Conn, id: CollectionItemId, state: ItemState) -> Result<()> {
    let rows = diesel::update(collection_items::table.find(id.0))
        .set(collection_items::state.eq(state.as_str()))
        .execute(conn)?;
    one_row("update collection item", rows)
}

/// Takes an account out of a collection as if it had never been in it.
pub fn delete_item(conn: &mut Conn, id: CollectionItemId) -> Result<()> {
    let rows = diesel::delete(collection_items::table.find(id.0)).execute(conn)?;
    one_row("delete collection item", rows)
}

/// An item of this collection.
pub fn find_item(
    conn: &mut Conn,
    collection: CollectionId,
    id: CollectionItemId,
) -> Result<Option<CollectionItem>> {
    let row: Option<ItemColumns> = collection_items::table
        .find(id.0)
        .filter(collection_items::collection_id.eq(collection.0))
        .first(conn)
        .optional()?;
    row.map(item_of).transpose()
}

/// The items of each of these collections whose accounts are not deleted, in the order in which they were added.
pub fn load_items(
    conn: &mut Conn,
    ids: &[CollectionId],
) -> Result<HashMap<CollectionId, Vec<CollectionItem>>> {
    let mut found: HashMap<CollectionId, Vec<CollectionItem>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<ItemColumns> = collection_items::table
            .inner_join(accounts::table.on(accounts::id.eq(collection_items::account_id)))
            .filter(among(collection_items::collection_id, chunk))
            .filter(accounts::deleted_at.is_null())
            .order(collection_items::id)
            .select(collection_items::all_columns)
            .load(conn)?;
        for row in rows {
            let item = item_of(row)?;
            found.entry(item.collection_id).or_default().push(item);
        }
    }
    Ok(found)
}

/// Number of items of a collection, those of accounts that are suspended among them, that stand or may come to.
pub fn count_standing_items(conn: &mut Conn, collection: CollectionId) -> Result<i64> {
    let standing = [ItemState::Pending.as_str(), ItemState::Accepted.as_str()];
    Ok(collection_items::table
        .filter(collection_items::collection_id.eq(collection.0))
        .filter(collection_items::state.eq_any(standing))
        .count()
        .get_result(conn)?)
}

/// The items that stand for `member` in collections of `owner`.
pub fn list_items_between(
    conn: &mut Conn,
    owner: AccountId,
    member: AccountId,
) -> Result<Vec<CollectionItem>> {
    let rows: Vec<ItemColumns> = collection_items::table
        .inner_join(collections::table.on(collections::id.eq(collection_items::collection_id)))
        .filter(collections::account_id.eq(owner.0))
        .filter(collection_items::account_id.eq(member.0))
        .select(collection_items::all_columns)
        .load(conn)?;
    rows.into_iter().map(item_of).collect()
}

/// Accounts in collections whose members are suggested to everybody, those of the newest collection first; each as
/// often as it is in one. Collections of owners who are suspended or gone suggest nobody.
pub fn list_suggested_members(conn: &mut Conn, limit: i64) -> Result<Vec<AccountId>> {
    let rows: Vec<i64> = collection_items::table
        .inner_join(collections::table.on(collections::id.eq(collection_items::collection_id)))
        .inner_join(accounts::table.on(accounts::id.eq(collections::account_id)))
        .filter(collections::suggested.eq(true))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(collection_items::state.eq(ItemState::Accepted.as_str()))
        .order((collections::id.desc(), collection_items::id))
        .limit(limit)
        .select(collection_items::account_id)
        .load(conn)?;
    Ok(rows.into_iter().map(AccountId).collect())
}

/// Number of collections whose members are suggested to everybody, but for those of owners who are suspended or gone.
pub fn count_suggested(conn: &mut Conn) -> Result<i64> {
    Ok(collections::table
        .inner_join(accounts::table.on(accounts::id.eq(collections::account_id)))
        .filter(collections::suggested.eq(true))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Notes the collections, each named once, that a status links to.
pub fn insert_status_collections(conn: &mut Conn, status: StatusId, ids: &[CollectionId]) -> Result<()> {
    for id in ids {
        diesel::insert_into(status_collections::table)
            .values((
                status_collections::status_id.eq(status.0),
                status_collections::collection_id.eq(id.0),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Forgets which collections a status links to.
pub fn delete_status_collections(conn: &mut Conn, status: StatusId) -> Result<()> {
    diesel::delete(status_collections::table.filter(status_collections::status_id.eq(status.0)))
        .execute(conn)?;
    Ok(())
}

/// The collections that each of the statuses links to, oldest first.
pub fn load_status_collections(
    conn: &mut Conn,
    ids: &[StatusId],
) -> Result<HashMap<StatusId, Vec<CollectionId>>> {
    let mut found: HashMap<StatusId, Vec<CollectionId>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64)> = status_collections::table
            .filter(among(status_collections::status_id, chunk))
            .order((status_collections::status_id, status_collections::collection_id))
            .load(conn)?;
        for (status, collection) in rows {
            found
                .entry(StatusId(status))
                .or_default()
                .push(CollectionId(collection));
        }
    }
    Ok(found)
}
