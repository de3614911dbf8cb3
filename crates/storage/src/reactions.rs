//! Emoji that accounts put on statuses.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    emoji::CustomEmoji,
    ids::{AccountId, RelationId, StatusId},
    reaction::ReactionEmoji,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::status_reactions as rows,
};

/// Name, domain (empty: none), picture, id of an emoji.
type Columns = (String, String, Option<String>, Option<String>);

const COLUMNS: (rows::name, rows::domain, rows::image, rows::emoji_uri) =
    (rows::name, rows::domain, rows::image, rows::emoji_uri);

fn emoji_of((name, domain, image, uri): Columns) -> ReactionEmoji {
    match image {
        None => ReactionEmoji::Unicode(name),
        Some(image) => ReactionEmoji::Custom(CustomEmoji {
            shortcode: name,
            domain: Some(domain).filter(|domain| !domain.is_empty()),
            image,
            uri,
            updated_at: None,
        }),
    }
}

/// A reaction of somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReactionRow {
    /// Its id.
    pub id: RelationId,
    /// What it is on.
    pub status_id: StatusId,
    /// The emoji.
    pub emoji: ReactionEmoji,
}

fn row_of((id, status, columns): (i64, i64, Columns)) -> ReactionRow {
    ReactionRow {
        id: RelationId(id),
        status_id: StatusId(status),
        emoji: emoji_of(columns),
    }
}

/// Adds a reaction; false if the account put the same emoji there before, or `uri` is taken.
pub fn insert_reaction(
    conn: &mut Conn,
    account: AccountId,
    reaction: &ReactionRow,
    uri: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let custom = reaction.emoji.custom();
    let values = (
        rows::id.eq(reaction.id.0),
        rows::account_id.eq(account.0),
        rows::status_id.eq(reaction.status_id.0),
        rows::name.eq(reaction.emoji.name()),
        rows::domain.eq(reaction.emoji.domain().unwrap_or_default()),
        rows::image.eq(custom.map(|emoji| emoji.image.as_str())),
        rows::emoji_uri.eq(custom.and_then(|emoji| emoji.uri.as_deref())),
        rows::uri.eq(uri),
        rows::created_at.eq(now.timestamp_millis()),
    );
    let inserted = each_backend!(conn, conn => diesel::insert_into(rows::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(inserted > 0)
}

/// All that an account put on a status.
pub fn list_reactions_by(conn: &mut Conn, account: AccountId, status: StatusId) -> Result<Vec<ReactionRow>> {
    let found: Vec<(i64, i64, Columns)> = rows::table
        .filter(rows::account_id.eq(account.0))
        .filter(rows::status_id.eq(status.0))
        .order(rows::id)
        .select((rows::id, rows::status_id, COLUMNS))
        .load(conn)?;
    Ok(found.into_iter().map(row_of).collect())
}

/// The reaction of this account that the activity `uri` made.
pub fn find_reaction_by_uri(conn: &mut Conn, account: AccountId, uri: &str) -> Result<Option<ReactionRow>> {
    let found: Option<(i64, i64, Columns)> = rows::table
        .filter(rows::uri.eq(uri))
        .filter(rows::account_id.eq(account.0))
        .select((rows::id, rows::status_id, COLUMNS))
        .first(conn)
        .optional()?;
    Ok(found.map(row_of))
}

/// The different emoji on a status, in the order in which they came, at most `limit`.
pub fn list_emojis_on(conn: &mut Conn, status: StatusId, limit: usize) -> Result<Vec<ReactionEmoji>> {
    let found = load_reactions(conn, None, &[status])?.remove(&status);
    let emojis = found.unwrap_or_default().into_iter().map(|count| count.emoji);
    Ok(emojis.take(limit).collect())
}

/// The status that a reaction is on.
pub fn find_reacted(conn: &mut Conn, id: RelationId) -> Result<Option<StatusId>> {
    let status: Option<i64> = rows::table
        .find(id.0)
        .select(rows::status_id)
        .first(conn)
        .optional()?;
    Ok(status.map(StatusId))
}

/// Removes a reaction.
pub fn delete_reaction(conn: &mut Conn, id: RelationId) -> Result<()> {
    diesel::delete(rows::table.find(id.0)).execute(conn)?;
    Ok(())
}

/// An emoji on a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReactionCount {
    /// The emoji.
    pub emoji: ReactionEmoji,
    /// How many accounts put it there.
    pub count: i64,
    /// Whether the viewer is among them.
    pub me: bool,
}

/// What is on each of the statuses, the emoji that came first leading.
pub fn load_reactions(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    ids: &[StatusId],
) -> Result<HashMap<StatusId, Vec<ReactionCount>>> {
    type Grouped = (
        i64,
        String,
        String,
        Option<String>,
        Option<String>,
        i64,
        Option<i64>,
    );
    let mut grouped: Vec<Grouped> = Vec::new();
    let mut own: HashSet<(i64, String, String)> = HashSet::new();
    for chunk in chunks(ids) {
        let found: Vec<Grouped> = rows::table
            .filter(among(rows::status_id, chunk))
            .group_by((rows::status_id, rows::name, rows::domain))
            .select((
                rows::status_id,
                rows::name,
                rows::domain,
                diesel::dsl::max(rows::image),
                diesel::dsl::max(rows::emoji_uri),
                diesel::dsl::count_star(),
                diesel::dsl::min(rows::id),
            ))
            .load(conn)?;
        if let (Some(viewer), false) = (viewer, found.is_empty()) {
            let mine: Vec<(i64, String, String)> = rows::table
                .filter(rows::account_id.eq(viewer.0))
                .filter(among(rows::status_id, chunk))
                .select((rows::status_id, rows::name, rows::domain))
                .load(conn)?;
            own.extend(mine);
        }
        grouped.extend(found);
    }
    grouped.sort_by_key(|row| row.6);
    let mut counts: HashMap<StatusId, Vec<ReactionCount>> = HashMap::new();
    for (status, name, domain, image, uri, count, _) in grouped {
        let key = (status, name, domain);
        let me = own.contains(&key);
        let (_, name, domain) = key;
        counts.entry(StatusId(status)).or_default().push(ReactionCount {
            emoji: emoji_of((name, domain, image, uri)),
            count,
            me,
        });
    }
    Ok(counts)
}

/// Who put what on a status, oldest first, at most `limit`.
pub fn list_reactors(
    conn: &mut Conn,
    status: StatusId,
    limit: i64,
) -> Result<Vec<(ReactionEmoji, AccountId)>> {
    let found: Vec<(Columns, i64)> = rows::table
        .filter(rows::status_id.eq(status.0))
        .order(rows::id)
        .limit(limit)
        .select((COLUMNS, rows::account_id))
        .load(conn)?;
    Ok(found
        .into_iter()
        .map(|(columns, account)| (emoji_of(columns), AccountId(account)))
        .collect())
}

/// The newest emoji that any of `accounts` put on any of `statuses`, by status and account.
pub fn load_newest(
    conn: &mut Conn,
    statuses: &[StatusId],
    accounts: &[AccountId],
) -> Result<HashMap<(StatusId, AccountId), ReactionEmoji>> {
    let mut newest = HashMap::new();
    for chunk in chunks(statuses) {
        let found: Vec<(i64, i64, Columns)> = rows::table
            .filter(among(rows::status_id, chunk))
            .filter(among(rows::account_id, accounts))
            .order(rows::id)
            .select((rows::status_id, rows::account_id, COLUMNS))
            .load(conn)?;
        for (status, account, columns) in found {
            newest.insert((StatusId(status), AccountId(account)), emoji_of(columns));
        }
    }
    Ok(newest)
}
