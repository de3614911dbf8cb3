//! What search looks through. Every query reads a bounded range of an index, whatever the size of the tables; the
//! matching itself is the caller's.

use std::collections::HashSet;

use diesel::{dsl::exists, prelude::*, sql_types::Bool};
use pouet_model::{
    ids::{AccountId, StatusId},
    status::Visibility,
};

use crate::{
    accounts::is_admitted,
    conn::{Conn, each_backend},
    error::{Result, one_row},
    ids::{among, chunks},
    schema::{
        accounts, bookmarks, favourites, follows, mentions, poll_votes, polls, status_reactions, status_tags,
        statuses, tags,
    },
    search_index::{Order, Range},
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

/// A pattern for texts that hold `part`.
fn holding(part: &str) -> String {
    format!("%{}%", escaped(part))
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// Narrows a query to accounts whose user name holds a text and whose domain begins with another, or, without a domain,
/// whose user name or display name holds the text.
macro_rules! named {
    ($query:expr, $part:expr, $domain:expr) => {{
        let (query, username) = (
            $query,
            accounts::username_folded.like(holding($part)).escape('\\'),
        );
        match $domain {
            Some(domain) => {
                let beginning = format!("{}%", escaped(domain));
                query
                    .filter(username)
                    .filter(accounts::domain.like(beginning).escape('\\'))
            }
            None => {
                let display_name = accounts::display_name_folded.like(holding($part));
                query.filter(username.or(display_name.escape('\\')))
            }
        }
    }};
}

/// Active accounts that `viewer` follows and whose names hold `part` (folded), last followed first, at most `limit`.
/// With a `domain`, the user name alone counts, on domains that begin so.
pub fn list_names_followed(
    conn: &mut Conn,
    viewer: AccountId,
    part: &str,
    domain: Option<&str>,
    limit: i64,
) -> Result<Vec<NameRow>> {
    let query = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq(viewer.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(follows::id.desc())
        .limit(limit)
        .select(name_columns!())
        .into_boxed();
    let rows: Vec<NameColumns> = named!(query, part, domain).load(conn)?;
    Ok(names(rows))
}

/// Of the `among_newest` accounts that this instance came to know last, the active ones whose names hold `part`, as
/// [`list_names_followed`] has it.
pub fn list_newest_names(
    conn: &mut Conn,
    part: &str,
    domain: Option<&str>,
    among_newest: i64,
) -> Result<Vec<NameRow>> {
    let first: Option<i64> = accounts::table
        .order(accounts::id.desc())
        .offset(among_newest - 1)
        .select(accounts::id)
        .first(conn)
        .optional()?;
    let query = accounts::table
        .filter(accounts::id.ge(first.unwrap_or(i64::MIN)))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(is_admitted())
        .select(name_columns!())
        .into_boxed();
    let rows: Vec<NameColumns> = named!(query, part, domain).load(conn)?;
    Ok(names(rows))
}

/// The highest accounts below an id that have a display name, at most `limit`: the id, the name, and its folded form.
pub fn list_display_names_below(
    conn: &mut Conn,
    below: i64,
    limit: i64,
) -> Result<Vec<(AccountId, String, String)>> {
    let rows: Vec<(i64, String, String)> = accounts::table
        .filter(accounts::id.lt(below))
        .filter(accounts::display_name.ne(""))
        .order(accounts::id.desc())
        .limit(limit)
        .select((
            accounts::id,
            accounts::display_name,
            accounts::display_name_folded,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, folded)| (AccountId(id), name, folded))
        .collect())
}

/// Writes by what the display name of an account is found.
pub fn update_folded_name(conn: &mut Conn, id: AccountId, folded: &str) -> Result<()> {
    let rows = diesel::update(accounts::table.find(id.0))
        .set(accounts::display_name_folded.eq(folded))
        .execute(conn)?;
    one_row("update folded name", rows)
}

/// Hashtags whose folded name begins with `prefix` and that a public status carries, by name. Statuses by authors who
/// are limited, suspended or gone do not count, and what stays on this instance does `for_members` only. Without those that
/// moderators do not want to be found.
pub fn list_public_tags(
    conn: &mut Conn,
    prefix: &str,
    for_members: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<TagRow>> {
    let public = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(status_tags::tag_id.eq(tags::id))
        .filter(statuses::visibility.eq(Visibility::Public.as_str()))
        .filter(statuses::local_only.eq(false).or(for_members.into_sql::<Bool>()))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::silenced_at.is_null())
        .filter(accounts::deleted_at.is_null());
    let rows: Vec<(String, String)> = tags::table
        .filter(tags::name.ge(prefix))
        .filter(tags::name.lt(end_of(prefix)))
        .filter(tags::listable.eq(true))
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

/// What decides whether a status is to be found by a viewer, without its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CandidateRow {
    /// It.
    pub id: StatusId,
    /// Its author.
    pub author: AccountId,
    /// It is public, and its author lets everybody find it.
    pub is_open: bool,
    /// Its author is limited by this instance.
    pub is_limited: bool,
}

/// Of these statuses, those by authors who are there, in no particular order.
pub fn load_candidates(conn: &mut Conn, ids: &[StatusId]) -> Result<Vec<CandidateRow>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64, String, bool, Option<i64>)> = statuses::table
            .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
            .filter(among(statuses::id, chunk))
            .filter(accounts::suspended_at.is_null())
            .filter(accounts::deleted_at.is_null())
            .select((
                statuses::id,
                statuses::account_id,
                statuses::visibility,
                accounts::indexable,
                accounts::silenced_at,
            ))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(id, author, visibility, indexable, silenced_at)| CandidateRow {
                    id: StatusId(id),
                    author: AccountId(author),
                    is_open: indexable && visibility == Visibility::Public.as_str(),
                    is_limited: silenced_at.is_some(),
                }),
        );
    }
    Ok(found)
}

/// Of these statuses, those that the viewer did something with or is named in. What the viewer wrote is not among them.
pub fn load_library(conn: &mut Conn, viewer: AccountId, ids: &[StatusId]) -> Result<HashSet<StatusId>> {
    let mut found = HashSet::new();
    for chunk in chunks(ids) {
        let favourited = favourites::table
            .filter(favourites::account_id.eq(viewer.0))
            .filter(among(favourites::status_id, chunk))
            .select(favourites::status_id);
        let bookmarked = bookmarks::table
            .filter(bookmarks::account_id.eq(viewer.0))
            .filter(among(bookmarks::status_id, chunk))
            .select(bookmarks::status_id);
        let reacted = status_reactions::table
            .filter(status_reactions::account_id.eq(viewer.0))
            .filter(among(status_reactions::status_id, chunk))
            .select(status_reactions::status_id);
        let named = mentions::table
            .filter(mentions::account_id.eq(viewer.0))
            .filter(among(mentions::status_id, chunk))
            .select(mentions::status_id);
        let boosted = statuses::table
            .filter(statuses::account_id.eq(viewer.0))
            .filter(among(statuses::reblog_of_id, chunk))
            .select(statuses::reblog_of_id.assume_not_null());
        let voted = polls::table
            .inner_join(poll_votes::table.on(poll_votes::poll_id.eq(polls::id)))
            .filter(poll_votes::account_id.eq(viewer.0))
            .filter(among(polls::status_id, chunk))
            .select(polls::status_id);
        let query = favourited
            .union_all(bookmarked)
            .union_all(reacted)
            .union_all(named)
            .union_all(boosted)
            .union_all(voted);
        let rows: Vec<i64> = each_backend!(conn, conn => query.load(conn))?;
        found.extend(rows.into_iter().map(StatusId));
    }
    Ok(found)
}

/// What the viewer wrote, did something with or is named in, within a range and in its order, at most `limit`.
pub fn list_library(conn: &mut Conn, viewer: AccountId, range: Range, limit: i64) -> Result<Vec<StatusId>> {
    let mut found: Vec<i64> = Vec::new();
    // One query for each source, each along its index.
    macro_rules! add {
        ($rows:expr, $id:expr) => {{
            let rows = $rows
                .filter($id.gt(range.above))
                .filter($id.lt(range.below))
                .limit(limit);
            found.extend(match range.order {
                Order::NewestFirst => rows.order($id.desc()).load::<i64>(conn)?,
                Order::OldestFirst => rows.order($id.asc()).load::<i64>(conn)?,
            });
        }};
    }
    macro_rules! marked {
        ($table:ident) => {
            add!(
                $table::table
                    .filter($table::account_id.eq(viewer.0))
                    .select($table::status_id),
                $table::status_id
            )
        };
    }
    let written = statuses::table.filter(statuses::account_id.eq(viewer.0));
    add!(
        written
            .filter(statuses::reblog_of_id.is_null())
            .select(statuses::id),
        statuses::id
    );
    add!(
        written.select(statuses::reblog_of_id.assume_not_null()),
        statuses::reblog_of_id
    );
    marked!(favourites);
    marked!(bookmarks);
    marked!(status_reactions);
    marked!(mentions);
    let voted = polls::table
        .inner_join(poll_votes::table.on(poll_votes::poll_id.eq(polls::id)))
        .filter(poll_votes::account_id.eq(viewer.0));
    add!(voted.select(polls::status_id), polls::status_id);
    found.sort_unstable();
    if range.order == Order::NewestFirst {
        found.reverse();
    }
    found.dedup();
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found.into_iter().map(StatusId).collect())
}
