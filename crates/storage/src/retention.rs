//! What of other servers is here and not needed any more: conversations that nobody here has to do with.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{
    ids::{ConversationId, StatusId, first_id_at},
    status::Visibility,
};

use crate::{
    conn::Conn,
    error::{Error, Result},
    ids::{among, chunks},
    json,
    schema::{
        account_conversations, accounts, announcements, bookmarks, conversation_mutes, conversations, drafts,
        favourites, filter_statuses, follows, mentions, notifications, poll_votes, polls, quotes, reports,
        scheduled_statuses, status_pins, status_reactions, statuses, thread_fetches,
    },
};

/// Which statuses are old.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ages {
    /// Those published before.
    pub before: DateTime<Utc>,
    /// Those of accounts that somebody here follows, published before; `None`: none of them is old.
    pub followed_before: Option<DateTime<Utc>>,
}

impl Ages {
    /// The first id that is not old.
    fn floor(self) -> i64 {
        first_id_at(self.before)
    }

    /// The same for accounts that somebody here follows, who are kept at least as long.
    fn followed_floor(self) -> i64 {
        let before = self.followed_before.map(|before| before.min(self.before));
        before.map_or(i64::MIN, first_id_at)
    }
}

fn conversation_ids(ids: Vec<i64>) -> impl Iterator<Item = ConversationId> {
    ids.into_iter().map(ConversationId)
}

/// Conversations above `after` that have been here since before statuses were young, oldest first.
pub fn list_old_conversations(
    conn: &mut Conn,
    after: ConversationId,
    ages: Ages,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let ids: Vec<i64> = conversations::table
        .filter(conversations::id.gt(after.0))
        .filter(conversations::id.lt(ages.floor()))
        .order(conversations::id)
        .limit(limit)
        .select(conversations::id)
        .load(conn)?;
    Ok(conversation_ids(ids).collect())
}

/// Which of these conversations are needed: for what was written in them and when, or for what people here did with it.
pub fn load_needed(conn: &mut Conn, ids: &[ConversationId], ages: Ages) -> Result<HashSet<ConversationId>> {
    let mut needed: HashSet<ConversationId> = ids.iter().copied().filter(|id| id.0 >= ages.floor()).collect();
    for look in [list_noted, list_written, list_marked, list_shown] {
        let left: Vec<ConversationId> = ids.iter().copied().filter(|id| !needed.contains(id)).collect();
        for chunk in chunks(&left) {
            needed.extend(conversation_ids(look(conn, chunk, ages)?));
        }
    }
    Ok(needed)
}

/// Those that somebody has in their list of messages, or silenced.
fn list_noted(conn: &mut Conn, ids: &[ConversationId], _: Ages) -> Result<Vec<i64>> {
    let listed =
        account_conversations::table.filter(account_conversations::conversation_id.eq(conversations::id));
    let muted = conversation_mutes::table.filter(conversation_mutes::conversation_id.eq(conversations::id));
    Ok(conversations::table
        .filter(among(conversations::id, ids))
        .filter(exists(listed).or(exists(muted)))
        .select(conversations::id)
        .load(conn)?)
}

/// Those with something that was written here or to people here, is a message, or is not old.
fn list_written(conn: &mut Conn, ids: &[ConversationId], ages: Ages) -> Result<Vec<i64>> {
    let followed = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(statuses::account_id))
        .filter(accounts::domain.eq(""));
    let answered = accounts::table
        .filter(statuses::in_reply_to_account_id.eq(accounts::id.nullable()))
        .filter(accounts::domain.eq(""));
    let named = mentions::table
        .inner_join(accounts::table.on(accounts::id.eq(mentions::account_id)))
        .filter(mentions::status_id.eq(statuses::id))
        .filter(accounts::domain.eq(""));
    Ok(statuses::table
        .filter(among(statuses::conversation_id, ids))
        .filter(
            statuses::local
                .eq(true)
                .or(statuses::visibility.eq(Visibility::Direct.as_str()))
                .or(statuses::id.ge(ages.floor()))
                .or(statuses::id.ge(ages.followed_floor()).and(exists(followed)))
                .or(exists(answered))
                .or(exists(named)),
        )
        .select(statuses::conversation_id)
        .distinct()
        .load(conn)?)
}

/// Those with something that people here marked, reacted to or voted in.
fn list_marked(conn: &mut Conn, ids: &[ConversationId], _: Ages) -> Result<Vec<i64>> {
    let favourited = favourites::table
        .inner_join(accounts::table.on(accounts::id.eq(favourites::account_id)))
        .filter(favourites::status_id.eq(statuses::id))
        .filter(accounts::domain.eq(""));
    let reacted = status_reactions::table
        .inner_join(accounts::table.on(accounts::id.eq(status_reactions::account_id)))
        .filter(status_reactions::status_id.eq(statuses::id))
        .filter(accounts::domain.eq(""));
    let voted = polls::table
        .inner_join(poll_votes::table.on(poll_votes::poll_id.eq(polls::id)))
        .inner_join(accounts::table.on(accounts::id.eq(poll_votes::account_id)))
        .filter(polls::status_id.eq(statuses::id))
        .filter(accounts::domain.eq(""));
    Ok(statuses::table
        .filter(among(statuses::conversation_id, ids))
        .filter(
            exists(bookmarks::table.filter(bookmarks::status_id.eq(statuses::id)))
                .or(exists(favourited))
                .or(exists(reacted))
                .or(exists(voted)),
        )
        .select(statuses::conversation_id)
        .distinct()
        .load(conn)?)
}

/// Those with something that a profile shows, that stands in somebody's notifications or filters, that was opened
/// lately, or that quotes something written here.
fn list_shown(conn: &mut Conn, ids: &[ConversationId], _: Ages) -> Result<Vec<i64>> {
    let quotes_us = quotes::table
        .inner_join(accounts::table.on(quotes::quoted_account_id.eq(accounts::id.nullable())))
        .filter(quotes::status_id.eq(statuses::id))
        .filter(accounts::domain.eq(""));
    Ok(statuses::table
        .filter(among(statuses::conversation_id, ids))
        .filter(
            exists(status_pins::table.filter(status_pins::status_id.eq(statuses::id)))
                .or(exists(
                    notifications::table.filter(notifications::status_id.eq(statuses::id.nullable())),
                ))
                .or(exists(
                    filter_statuses::table.filter(filter_statuses::status_id.eq(statuses::id)),
                ))
                .or(exists(
                    thread_fetches::table.filter(thread_fetches::status_id.eq(statuses::id)),
                ))
                .or(exists(quotes_us)),
        )
        .select(statuses::conversation_id)
        .distinct()
        .load(conn)?)
}

/// Conversations with a status that a report, an announcement, a draft or a status for later names.
pub fn list_named_conversations(conn: &mut Conn) -> Result<HashSet<ConversationId>> {
    let mut named: Vec<StatusId> = Vec::new();
    let reported: Vec<(i64, String)> = reports::table
        .filter(reports::status_ids.ne("[]"))
        .select((reports::id, reports::status_ids))
        .load(conn)?;
    named.extend(read_lists("reports", "status_ids", reported)?);
    let announced: Vec<(i64, String)> = announcements::table
        .filter(announcements::statuses.ne("[]"))
        .select((announcements::id, announcements::statuses))
        .load(conn)?;
    named.extend(read_lists("announcements", "statuses", announced)?);
    let mut written: Vec<String> = drafts::table.select(drafts::draft).load(conn)?;
    written.extend(
        scheduled_statuses::table
            .select(scheduled_statuses::draft)
            .load::<String>(conn)?,
    );
    for draft in written.iter().filter_map(|text| read_targets(text)) {
        named.extend(draft.in_reply_to_id.into_iter().chain(draft.quoted_status_id));
    }
    let mut found = HashSet::new();
    for chunk in chunks(&named) {
        let ids: Vec<i64> = statuses::table
            .filter(among(statuses::id, chunk))
            .select(statuses::conversation_id)
            .load(conn)?;
        found.extend(conversation_ids(ids));
    }
    Ok(found)
}

fn read_lists(table: &'static str, column: &'static str, rows: Vec<(i64, String)>) -> Result<Vec<StatusId>> {
    let mut named = Vec::new();
    for (id, text) in rows {
        let ids: Option<Vec<StatusId>> = json::read(&text);
        named.extend(ids.ok_or(Error::Inconsistent { table, column, id })?);
    }
    Ok(named)
}

/// The parts of a draft that name statuses.
#[derive(serde::Deserialize)]
struct Targets {
    #[serde(default)]
    in_reply_to_id: Option<StatusId>,
    #[serde(default)]
    quoted_status_id: Option<StatusId>,
}

fn read_targets(draft: &str) -> Option<Targets> {
    json::read(draft)
}

/// Pairs of these conversations and others that they cannot be removed without: what answers a status of theirs or is
/// answered by one, and what quotes one.
///
/// Servers that give each status a conversation of its own tie conversations together.
pub fn list_ties(conn: &mut Conn, ids: &[ConversationId]) -> Result<Vec<(ConversationId, ConversationId)>> {
    let (mut own, mut parents) = (HashMap::new(), HashMap::new());
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64, Option<i64>)> = statuses::table
            .filter(among(statuses::conversation_id, chunk))
            .filter(statuses::reblog_of_id.is_null())
            .select((statuses::id, statuses::conversation_id, statuses::in_reply_to_id))
            .load(conn)?;
        for (id, conversation, parent) in rows {
            own.insert(id, conversation);
            if let Some(parent) = parent {
                parents.entry(parent).or_insert_with(Vec::new).push(conversation);
            }
        }
    }
    let mut ties = Vec::new();
    let parent_ids: Vec<i64> = parents.keys().copied().collect();
    for chunk in chunks(&parent_ids) {
        let rows: Vec<(i64, i64)> = statuses::table
            .filter(among(statuses::id, chunk))
            .select((statuses::id, statuses::conversation_id))
            .load(conn)?;
        for (id, conversation) in rows {
            ties.extend(parents[&id].iter().map(|below| (*below, conversation)));
        }
    }
    let own_ids: Vec<i64> = own.keys().copied().collect();
    for chunk in chunks(&own_ids) {
        let answers: Vec<(Option<i64>, i64)> = statuses::table
            .filter(among(statuses::in_reply_to_id, chunk))
            .select((statuses::in_reply_to_id, statuses::conversation_id))
            .load(conn)?;
        let quoting: Vec<(Option<i64>, i64)> = quotes::table
            .inner_join(statuses::table.on(statuses::id.eq(quotes::status_id)))
            .filter(among(quotes::quoted_status_id, chunk))
            .select((quotes::quoted_status_id, statuses::conversation_id))
            .load(conn)?;
        let found = answers.into_iter().chain(quoting);
        ties.extend(found.filter_map(|(id, other)| Some((*own.get(&id?)?, other))));
    }
    ties.retain(|(one, other)| one != other);
    ties.sort_unstable();
    ties.dedup();
    Ok(ties
        .into_iter()
        .map(|(one, other)| (ConversationId(one), ConversationId(other)))
        .collect())
}

/// Keeps others from doing anything with the statuses of these conversations until the transaction ends: who answers or
/// marks one of them waits, and finds that it is gone. (SQLite has one writer.)
pub fn lock_statuses(conn: &mut Conn, ids: &[ConversationId]) -> Result<()> {
    let Conn::Postgres(conn) = conn else { return Ok(()) };
    for chunk in chunks(ids) {
        statuses::table
            .filter(among(statuses::conversation_id, chunk))
            .order(statuses::id)
            .select(statuses::id)
            .for_update()
            .load::<i64>(conn)?;
    }
    Ok(())
}

/// Ids of the statuses and boosts of a conversation, newest first, at most `limit`.
pub fn list_status_ids_in(
    conn: &mut Conn,
    conversation: ConversationId,
    limit: i64,
) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = statuses::table
        .filter(statuses::conversation_id.eq(conversation.0))
        .order(statuses::id.desc())
        .limit(limit)
        .select(statuses::id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// How many statuses and boosts these conversations have.
pub fn count_statuses_in(conn: &mut Conn, ids: &[ConversationId]) -> Result<i64> {
    let mut count = 0;
    for chunk in chunks(ids) {
        count += statuses::table
            .filter(among(statuses::conversation_id, chunk))
            .count()
            .get_result::<i64>(conn)?;
    }
    Ok(count)
}

/// Removes a conversation, unless there is a status in it. Whether it is gone.
pub fn delete_empty_conversation(conn: &mut Conn, id: ConversationId) -> Result<bool> {
    let inhabited = statuses::table.filter(statuses::conversation_id.eq(conversations::id));
    let rows = diesel::delete(
        conversations::table
            .filter(conversations::id.eq(id.0))
            .filter(not(exists(inhabited))),
    )
    .execute(conn)?;
    Ok(rows > 0)
}
