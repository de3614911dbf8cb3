//! What search looks through. Every query reads a bounded range of an index, whatever the size of the tables; the
//! matching itself is the caller's.

use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, StatusId},
    status::Visibility,
};

use crate::{
    accounts::is_admitted,
    conn::Conn,
    error::Result,
    schema::{accounts, bookmarks, favourites, follows, mentions, status_tags, statuses, tags},
    tags::TagRow,
};

/// The end of the range of texts that begin with `prefix`.
///
/// Folded columns sort by code point on both databases, and no text contains the last one.
fn end_of(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

/// The names of an account, folded, with what results are ranked by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameRow {
    /// Whose.
    pub id: AccountId,
    /// User name.
    pub username: String,
    /// Empty of a local account.
    pub domain: String,
    /// Display name; may be empty.
    pub display_name: String,
    /// Number of followers.
    pub followers_count: i64,
    /// Limited by this instance.
    pub silenced: bool,
}

type NameColumns = (i64, String, String, String, i64, Option<i64>);

macro_rules! name_columns {
    () => {
        (
            accounts::id,
            accounts::username_folded,
            accounts::domain,
            accounts::display_name_folded,
            accounts::followers_count,
            accounts::silenced_at,
        )
    };
}

fn names(rows: Vec<NameColumns>) -> Vec<NameRow> {
    rows.into_iter()
        .map(
            |(id, username, domain, display_name, followers_count, silenced_at)| NameRow {
                id: AccountId(id),
                username,
                domain,
                display_name,
                followers_count,
                silenced: silenced_at.is_some(),
            },
        )
        .collect()
}

/// Active accounts whose user name begins with `prefix` (folded), at most `limit`.
pub fn list_names_by_username(conn: &mut Conn, prefix: &str, limit: i64) -> Result<Vec<NameRow>> {
    let rows: Vec<NameColumns> = accounts::table
        .filter(accounts::username_folded.ge(prefix))
        .filter(accounts::username_folded.lt(end_of(prefix)))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(is_admitted())
        .order((accounts::username_folded, accounts::domain))
        .limit(limit)
        .select(name_columns!())
        .load(conn)?;
    Ok(names(rows))
}

/// Active accounts whose display name begins with `prefix` (folded), at most `limit`.
pub fn list_names_by_display_name(conn: &mut Conn, prefix: &str, limit: i64) -> Result<Vec<NameRow>> {
    let rows: Vec<NameColumns> = accounts::table
        .filter(accounts::display_name_folded.ge(prefix))
        .filter(accounts::display_name_folded.lt(end_of(prefix)))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(is_admitted())
        .order(accounts::display_name_folded)
        .limit(limit)
        .select(name_columns!())
        .load(conn)?;
    Ok(names(rows))
}

/// Active accounts that `viewer` follows, last followed first, at most `limit`.
pub fn list_names_followed(conn: &mut Conn, viewer: AccountId, limit: i64) -> Result<Vec<NameRow>> {
    let rows: Vec<NameColumns> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq(viewer.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(follows::id.desc())
        .limit(limit)
        .select(name_columns!())
        .load(conn)?;
    Ok(names(rows))
}

/// Active accounts that this instance came to know last, at most `limit`.
pub fn list_newest_names(conn: &mut Conn, limit: i64) -> Result<Vec<NameRow>> {
    let rows: Vec<NameColumns> = accounts::table
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(is_admitted())
        .order(accounts::id.desc())
        .limit(limit)
        .select(name_columns!())
        .load(conn)?;
    Ok(names(rows))
}

/// Hashtags whose folded name begins with `prefix` and that a public status carries, by name.
pub fn list_public_tags(conn: &mut Conn, prefix: &str, limit: i64, offset: i64) -> Result<Vec<TagRow>> {
    let public = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .filter(status_tags::tag_id.eq(tags::id))
        .filter(statuses::visibility.eq(Visibility::Public.as_str()));
    let rows: Vec<(String, String)> = tags::table
        .filter(tags::name.ge(prefix))
        .filter(tags::name.lt(end_of(prefix)))
        .filter(exists(public))
        .order(tags::name)
        .limit(limit)
        .offset(offset)
        .select((tags::name, tags::display_name))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(name, display_name)| TagRow { name, display_name })
        .collect())
}

/// Which statuses are looked through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextSource {
    /// Written by this account.
    By(AccountId),
    /// Favourited by this account.
    FavouritedBy(AccountId),
    /// Bookmarked by this account.
    BookmarkedBy(AccountId),
    /// Naming or addressing this account.
    Mentioning(AccountId),
    /// Public, by authors who let their statuses be found.
    Indexable,
}

/// The part of a source that is looked through: the newest below `max_id` and above `min_id`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextRange {
    /// Only statuses below this id.
    pub max_id: Option<StatusId>,
    /// Only statuses above this id.
    pub min_id: Option<StatusId>,
    /// Only statuses of this author.
    pub author: Option<AccountId>,
    /// Most statuses.
    pub limit: i64,
}

/// What a status says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextRow {
    /// It.
    pub id: StatusId,
    /// Safe HTML.
    pub content: String,
    /// Content warning.
    pub spoiler_text: String,
}

/// Favourites and bookmarks that are looked through, newest first.
const MARKED_ROWS: i64 = 2000;

/// The texts of a part of a source, newest first.
pub fn list_texts(conn: &mut Conn, source: TextSource, range: &TextRange) -> Result<Vec<TextRow>> {
    let mut query = statuses::table
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::id.lt(range.max_id.map_or(i64::MAX, i64::from)))
        .filter(statuses::id.gt(range.min_id.map_or(i64::MIN, i64::from)))
        .order(statuses::id.desc())
        .limit(range.limit)
        .into_boxed();
    if let Some(author) = range.author {
        query = query.filter(statuses::account_id.eq(author.0));
    }
    query = match source {
        TextSource::By(account) => query.filter(statuses::account_id.eq(account.0)),
        TextSource::FavouritedBy(account) => query.filter(
            statuses::id.eq_any(
                favourites::table
                    .filter(favourites::account_id.eq(account.0))
                    .order(favourites::id.desc())
                    .limit(MARKED_ROWS)
                    .select(favourites::status_id),
            ),
        ),
        TextSource::BookmarkedBy(account) => query.filter(
            statuses::id.eq_any(
                bookmarks::table
                    .filter(bookmarks::account_id.eq(account.0))
                    .order(bookmarks::id.desc())
                    .limit(MARKED_ROWS)
                    .select(bookmarks::status_id),
            ),
        ),
        TextSource::Mentioning(account) => query.filter(
            statuses::id.eq_any(
                mentions::table
                    .filter(mentions::account_id.eq(account.0))
                    .filter(mentions::status_id.lt(range.max_id.map_or(i64::MAX, i64::from)))
                    .order(mentions::status_id.desc())
                    .limit(MARKED_ROWS)
                    .select(mentions::status_id),
            ),
        ),
        TextSource::Indexable => query.filter(statuses::visibility.eq(Visibility::Public.as_str())),
    };
    let rows: Vec<(i64, String, String, bool)> = query
        .select((
            statuses::id,
            statuses::content,
            statuses::spoiler_text,
            accounts::indexable,
        ))
        .load(conn)?;
    // Left out here and not by the query, which would else go on through all history until it has enough.
    let all = source != TextSource::Indexable;
    Ok(rows
        .into_iter()
        .filter(|(_, _, _, indexable)| all || *indexable)
        .map(|(id, content, spoiler_text, _)| TextRow {
            id: StatusId(id),
            content,
            spoiler_text,
        })
        .collect())
}
