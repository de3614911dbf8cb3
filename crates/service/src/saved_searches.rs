//! Queries that a user gave a name: a timeline, a stream and a feed of what fits.
//!
//! The timeline asks the index. A stream compares what arrives with the query, token by token and in memory, and
//! looks at the database only for what fits. A feed is read by programs that cannot sign in: its address holds a
//! secret, and it shows only what anybody may see. Another user's search is `NotFound`, as one that does not exist.

mod arrivals;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, SavedSearchId},
    page::Page,
    search::Query,
};
use pouet_storage::{
    Conn, accounts,
    saved_searches::{self as rows, SavedSearchRow},
    search_index::{Order, Range},
    users,
};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    search::texts::{Collected, Reader, collect, prepare, range},
    secrets,
    view::{StatusView, load_views},
};

pub(crate) use arrivals::Arrivals;
pub use arrivals::arrived;

/// Saved searches of a user, at most (R095).
pub const MAX_SAVED_SEARCHES: i64 = 20;
/// Characters of a name, at most.
const MAX_NAME_CHARS: usize = 200;
/// Bytes of a query, at most.
const MAX_QUERY_BYTES: usize = 2048;
/// Statuses of a feed.
const FEED_SIZE: usize = 40;

/// A saved search, as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedSearch {
    /// Its id.
    pub id: SavedSearchId,
    /// What the user calls it.
    pub name: String,
    /// The query as it was typed.
    pub query: String,
    /// The secret in the address of its feed; `None` if it cannot be read any more, as after a change of the key
    /// file.
    pub feed_token: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

fn name_in_vault(id: SavedSearchId) -> String {
    format!("saved_search:{id}")
}

fn shown(instance: &Instance, row: SavedSearchRow) -> SavedSearch {
    SavedSearch {
        feed_token: instance.vault.open(&name_in_vault(row.id), &row.feed_token).ok(),
        id: row.id,
        name: row.name,
        query: row.query,
        created_at: row.created_at,
    }
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::invalid("name", "ERR_BLANK", "Name can't be blank"));
    }
    if name.chars().count() > MAX_NAME_CHARS {
        let reason = format!("Name is too long (maximum is {MAX_NAME_CHARS} characters)");
        return Err(Error::invalid("name", "ERR_TOO_LONG", reason));
    }
    Ok(name.to_owned())
}

fn check_query(query: &str) -> Result<String> {
    let query = query.trim();
    if query.len() > MAX_QUERY_BYTES {
        let reason = format!("Query is too long (maximum is {MAX_QUERY_BYTES} bytes)");
        return Err(Error::invalid("query", "ERR_TOO_LONG", reason));
    }
    if Query::parse(query).is_empty() {
        return Err(Error::invalid(
            "query",
            "ERR_BLANK",
            "Query must ask for something",
        ));
    }
    Ok(query.to_owned())
}

/// A new secret for a feed, sealed and as it is looked up.
fn new_feed(instance: &Instance, id: SavedSearchId) -> Result<(String, String)> {
    let token = secrets::random_token()?;
    let sealed = instance.vault.seal(&name_in_vault(id), &token)?;
    Ok((sealed, secrets::stored_form(&token)))
}

fn find_own(conn: &mut Conn, owner: AccountId, id: SavedSearchId) -> Result<SavedSearchRow> {
    rows::find_saved_search(conn, owner, id)?.ok_or(Error::NotFound)
}

/// All saved searches of `owner`, oldest first.
pub async fn all(instance: &Instance, owner: AccountId) -> Result<Vec<SavedSearch>> {
    let found = instance
        .read(move |conn| Ok(rows::list_saved_searches(conn, owner)?))
        .await?;
    Ok(found.into_iter().map(|row| shown(instance, row)).collect())
}

/// A saved search of `owner`.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn find(instance: &Instance, owner: AccountId, id: SavedSearchId) -> Result<SavedSearch> {
    let row = instance.read(move |conn| find_own(conn, owner, id)).await?;
    Ok(shown(instance, row))
}

/// Saves a search.
///
/// # Errors
/// `Invalid` for a name that is empty or too long, a query that asks for nothing or is too long, or where the user
/// has as many as allowed.
pub async fn create(instance: &Instance, owner: AccountId, name: &str, query: &str) -> Result<SavedSearch> {
    let id: SavedSearchId = instance.next_id();
    let (feed_token, feed_hash) = new_feed(instance, id)?;
    let row = SavedSearchRow {
        id,
        account_id: owner,
        name: check_name(name)?,
        query: check_query(query)?,
        feed_token,
        feed_hash,
        created_at: instance.now(),
    };
    let row = instance
        .write(move |tx| {
            users::lock_user_of(tx, owner)?;
            if rows::count_saved_searches(tx, owner)? >= MAX_SAVED_SEARCHES {
                let reason =
                    format!("You have reached the maximum number of saved searches ({MAX_SAVED_SEARCHES})");
                return Err(Error::invalid("base", "ERR_INVALID", reason));
            }
            rows::insert_saved_search(tx, &row)?;
            Ok(row)
        })
        .await?;
    Ok(shown(instance, row))
}

/// Renames a saved search, or lets it look for something else; `None` keeps what it is.
///
/// # Errors
/// `NotFound` if `owner` has none such; `Invalid` as for [`create`].
pub async fn update(
    instance: &Instance,
    owner: AccountId,
    id: SavedSearchId,
    name: Option<&str>,
    query: Option<&str>,
) -> Result<SavedSearch> {
    let name = name.map(check_name).transpose()?;
    let query = query.map(check_query).transpose()?;
    change(instance, owner, id, |row| {
        row.name = name.unwrap_or_else(|| std::mem::take(&mut row.name));
        row.query = query.unwrap_or_else(|| std::mem::take(&mut row.query));
    })
    .await
}

/// Gives the feed of a saved search another address: the old one leads nowhere at once.
///
/// # Errors
/// `NotFound` if `owner` has none such.
pub async fn reset_feed(instance: &Instance, owner: AccountId, id: SavedSearchId) -> Result<SavedSearch> {
    let (feed_token, feed_hash) = new_feed(instance, id)?;
    change(instance, owner, id, |row| {
        row.feed_token = feed_token;
        row.feed_hash = feed_hash;
    })
    .await
}

async fn change(
    instance: &Instance,
    owner: AccountId,
    id: SavedSearchId,
    change: impl FnOnce(&mut SavedSearchRow) + Send + 'static,
) -> Result<SavedSearch> {
    let now = instance.now();
    let row = instance
        .write(move |tx| {
            let mut row = find_own(tx, owner, id)?;
            change(&mut row);
            rows::update_saved_search(tx, &row)?;
            events::emit(tx, &Event::SavedSearchChanged { id }, now)?;
            Ok(row)
        })
        .await?;
    instance.heed(Event::SavedSearchChanged { id });
    Ok(shown(instance, row))
}

/// Removes a saved search, with its feed.
///
/// # Errors
/// `NotFound` if `owner` has none such.
pub async fn delete(instance: &Instance, owner: AccountId, id: SavedSearchId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            if !rows::delete_saved_search(tx, owner, id)? {
                return Err(Error::NotFound);
            }
            events::emit(tx, &Event::SavedSearchChanged { id }, now)
        })
        .await?;
    instance.heed(Event::SavedSearchChanged { id });
    Ok(())
}

/// A part of what fits a saved search.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Newest first.
    pub statuses: Vec<StatusView>,
    /// What is older is below this id; `None`: there is nothing older. A page may hold little or nothing and yet have
    /// more behind it, because the work for one has a bound.
    pub older_below: Option<i64>,
    /// What is newer is above this id; `None`: the page is empty, and there is nothing newer.
    pub newer_above: Option<i64>,
}

/// What fits, newest first, paged by the ids of statuses.
///
/// # Errors
/// `NotFound` if `owner` has no such search.
pub async fn timeline(
    instance: &Instance,
    owner: AccountId,
    id: SavedSearchId,
    page: Page,
) -> Result<Timeline> {
    let row = instance.read(move |conn| find_own(conn, owner, id)).await?;
    let wanted = prepare(instance, owner, &Query::parse(&row.query)).await?;
    let now = instance.now();
    instance
        .read(move |conn| {
            let asked = range(page.lower(), page.max_id);
            let order = if page.is_ascending() {
                Order::OldestFirst
            } else {
                Order::NewestFirst
            };
            let (reader, asked) = (Reader::Member(owner), Range { order, ..asked });
            let limit = usize::try_from(page.limit).unwrap_or(0);
            let Collected {
                mut ids,
                unread_after,
            } = collect(conn, reader, &wanted, asked, limit, now)?;
            if page.is_ascending() {
                ids.reverse();
            }
            let (first, last) = (ids.first().map(|id| id.0), ids.last().map(|id| id.0));
            Ok(Timeline {
                older_below: if page.is_ascending() { last } else { unread_after },
                newer_above: if page.is_ascending() {
                    unread_after.or(first)
                } else {
                    first
                },
                statuses: load_views(conn, Some(owner), &ids, now)?,
            })
        })
        .await
}

/// What a feed shows.
#[derive(Clone, Debug)]
pub struct Feed {
    /// What the owner calls the search.
    pub name: String,
    /// Whose search it is.
    pub owner: Account,
    /// What fits and everybody may find and see, newest first. The owner's library is not looked through.
    pub statuses: Vec<StatusView>,
}

/// The feed whose address holds `token`.
///
/// # Errors
/// `NotFound` if there is none, or its owner may not sign in.
pub async fn feed(instance: &Instance, token: &str) -> Result<Feed> {
    let hash = secrets::stored_form(token);
    let (row, owner) = instance
        .read(move |conn| {
            let row = rows::find_saved_search_by_feed(conn, &hash)?.ok_or(Error::NotFound)?;
            let owner = accounts::find_account(conn, row.account_id)?.ok_or(Error::NotFound)?;
            let user = users::find_user_of(conn, owner.id)?.ok_or(Error::NotFound)?;
            match user.inactive(&owner) {
                None => Ok((row, owner)),
                Some(_) => Err(Error::NotFound),
            }
        })
        .await?;
    let wanted = prepare(instance, owner.id, &Query::parse(&row.query)).await?;
    let (now, reader) = (instance.now(), Reader::Anybody(owner.id));
    let statuses = instance
        .read(move |conn| {
            let found = collect(conn, reader, &wanted, range(None, None), FEED_SIZE, now)?;
            load_views(conn, reader.viewer(), &found.ids, now)
        })
        .await?;
    Ok(Feed {
        name: row.name,
        owner,
        statuses,
    })
}
