//! Statuses, their mentions, hashtags and earlier versions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, AppId, ConversationId, PollId, StatusId},
    status::{Status, Visibility},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result, one_row},
    ids::{among, chunks},
    json,
    schema::{account_conversations, accounts, conversation_mutes, conversations, oauth_apps, statuses},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = statuses)]
pub(crate) struct StatusRow {
    id: i64,
    account_id: i64,
    uri: Option<String>,
    url: Option<String>,
    in_reply_to_id: Option<i64>,
    in_reply_to_account_id: Option<i64>,
    in_reply_to_uri: Option<String>,
    reblog_of_id: Option<i64>,
    conversation_id: i64,
    text: String,
    content: String,
    spoiler_text: String,
    sensitive: bool,
    visibility: String,
    language: Option<String>,
    poll_id: Option<i64>,
    application_id: Option<i64>,
    emojis: String,
    replies_count: i64,
    reblogs_count: i64,
    favourites_count: i64,
    created_at: i64,
    edited_at: Option<i64>,
    local_only: bool,
    expires_at: Option<i64>,
}

impl TryFrom<StatusRow> for Status {
    type Error = Error;

    fn try_from(row: StatusRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "statuses",
            column,
            id: row.id,
        };
        Ok(Self {
            id: StatusId(row.id),
            account_id: AccountId(row.account_id),
            uri: row.uri,
            url: row.url,
            in_reply_to_id: row.in_reply_to_id.map(StatusId),
            in_reply_to_account_id: row.in_reply_to_account_id.map(AccountId),
            in_reply_to_uri: row.in_reply_to_uri,
            reblog_of_id: row.reblog_of_id.map(StatusId),
            conversation_id: ConversationId(row.conversation_id),
            text: row.text,
            content: row.content,
            spoiler_text: row.spoiler_text,
            sensitive: row.sensitive,
            visibility: Visibility::parse(&row.visibility).ok_or_else(|| unreadable("visibility"))?,
            language: row.language,
            poll_id: row.poll_id.map(PollId),
            application_id: row.application_id.map(AppId),
            emojis: json::read(&row.emojis).ok_or_else(|| unreadable("emojis"))?,
            replies_count: row.replies_count,
            reblogs_count: row.reblogs_count,
            favourites_count: row.favourites_count,
            created_at: from_millis(row.created_at),
            edited_at: row.edited_at.map(from_millis),
            local_only: row.local_only,
            expires_at: row.expires_at.map(from_millis),
        })
    }
}

fn read(row: Option<StatusRow>) -> Result<Option<Status>> {
    row.map(TryInto::try_into).transpose()
}

/// The author of a status, if they are somebody here, as a value to be inserted; null of no status.
macro_rules! local_author {
    ($status:expr) => {{
        let own = diesel::alias!($crate::schema::statuses as own_statuses);
        own.filter(own.field($crate::schema::statuses::id).nullable().eq($status))
            .filter(own.field($crate::schema::statuses::local).eq(true))
            .select(own.field($crate::schema::statuses::account_id))
            .single_value()
    }};
}
pub(crate) use local_author;

/// Adds a status. Counts of the row start at what `status` says.
///
/// # Errors
/// `Conflict` if its id or uri is taken, or its author boosted the same status before.
pub fn insert_status(conn: &mut Conn, status: &Status, has_media: bool) -> Result<()> {
    let rows = diesel::insert_into(statuses::table)
        .values((
            (
                statuses::id.eq(status.id.0),
                statuses::account_id.eq(status.account_id.0),
                statuses::uri.eq(&status.uri),
                statuses::url.eq(&status.url),
                statuses::local.eq(status.is_local()),
                statuses::in_reply_to_id.eq(status.in_reply_to_id.map(i64::from)),
                statuses::in_reply_to_account_id.eq(status.in_reply_to_account_id.map(i64::from)),
                statuses::in_reply_to_uri.eq(&status.in_reply_to_uri),
                statuses::reblog_of_id.eq(status.reblog_of_id.map(i64::from)),
                statuses::conversation_id.eq(status.conversation_id.0),
                statuses::text.eq(&status.text),
                statuses::content.eq(&status.content),
            ),
            (
                statuses::spoiler_text.eq(&status.spoiler_text),
                statuses::sensitive.eq(status.sensitive),
                statuses::visibility.eq(status.visibility.as_str()),
                statuses::language.eq(&status.language),
                statuses::poll_id.eq(status.poll_id.map(i64::from)),
                statuses::application_id.eq(status.application_id.map(i64::from)),
                statuses::emojis.eq(json::write(&status.emojis)),
                statuses::has_media.eq(has_media),
                statuses::created_at.eq(status.created_at.timestamp_millis()),
                statuses::edited_at.eq(status.edited_at.map(|at| at.timestamp_millis())),
                statuses::local_only.eq(status.local_only),
            ),
            statuses::expires_at.eq(status.expires_at.map(|at| at.timestamp_millis())),
            statuses::reblog_of_account_id.eq(local_author!(status.reblog_of_id.map(i64::from))),
        ))
        .execute(conn)?;
    one_row("insert status", rows)
}

/// Writes the parts of a status that an edit may change. Audience, author and place in the thread stay.
pub fn update_status_content(conn: &mut Conn, status: &Status, has_media: bool) -> Result<()> {
    let rows = diesel::update(statuses::table.find(status.id.0))
        .set((
            statuses::text.eq(&status.text),
            statuses::content.eq(&status.content),
            statuses::spoiler_text.eq(&status.spoiler_text),
            statuses::sensitive.eq(status.sensitive),
            statuses::language.eq(&status.language),
            statuses::poll_id.eq(status.poll_id.map(i64::from)),
            statuses::emojis.eq(json::write(&status.emojis)),
            statuses::has_media.eq(has_media),
            statuses::edited_at.eq(status.edited_at.map(|at| at.timestamp_millis())),
            statuses::expires_at.eq(status.expires_at.map(|at| at.timestamp_millis())),
        ))
        .execute(conn)?;
    one_row("update status", rows)
}

/// Statuses whose end came before `before`, at most `limit`.
pub fn list_expired(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = statuses::table
        .filter(statuses::expires_at.lt(before.timestamp_millis()))
        .order(statuses::expires_at)
        .limit(limit)
        .select(statuses::id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// Gives a status another end, or none.
pub fn update_expires_at(conn: &mut Conn, id: StatusId, end: Option<DateTime<Utc>>) -> Result<()> {
    let rows = diesel::update(statuses::table.find(id.0))
        .set(statuses::expires_at.eq(end.map(|at| at.timestamp_millis())))
        .execute(conn)?;
    one_row("update status", rows)
}

/// The status with this id.
pub fn find_status(conn: &mut Conn, id: StatusId) -> Result<Option<Status>> {
    read(
        statuses::table
            .find(id.0)
            .select(StatusRow::as_select())
            .first(conn)
            .optional()?,
    )
}

/// The remote status (or boost, by the id of its Announce) with this ActivityPub id.
pub fn find_status_by_uri(conn: &mut Conn, uri: &str) -> Result<Option<Status>> {
    read(
        statuses::table
            .filter(statuses::uri.eq(uri))
            .select(StatusRow::as_select())
            .first(conn)
            .optional()?,
    )
}

/// The remote status whose page this is.
pub fn find_status_by_url(conn: &mut Conn, url: &str) -> Result<Option<Status>> {
    read(
        statuses::table
            .filter(statuses::url.eq(url))
            .filter(statuses::local.eq(false))
            .select(StatusRow::as_select())
            .first(conn)
            .optional()?,
    )
}

/// The boost of `status` by `account`.
pub fn find_reblog(conn: &mut Conn, account: AccountId, status: StatusId) -> Result<Option<Status>> {
    read(
        statuses::table
            .filter(statuses::reblog_of_id.eq(status.0))
            .filter(statuses::account_id.eq(account.0))
            .select(StatusRow::as_select())
            .first(conn)
            .optional()?,
    )
}

/// The statuses with these ids, in no particular order; unknown ids are left out.
pub fn load_statuses(conn: &mut Conn, ids: &[StatusId]) -> Result<Vec<Status>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<StatusRow> = statuses::table
            .filter(among(statuses::id, chunk))
            .select(StatusRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Removes a status with all that hangs on it (mentions, tags, poll, boosts, feed rows, notifications).
pub fn delete_status(conn: &mut Conn, id: StatusId) -> Result<()> {
    one_row(
        "delete status",
        diesel::delete(statuses::table.find(id.0)).execute(conn)?,
    )
}

/// Which count of a status changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counter {
    /// Replies.
    Replies,
    /// Boosts.
    Reblogs,
    /// Favourites.
    Favourites,
}

/// Changes a count of a status by `step`; a status that is gone is left alone.
pub fn adjust_count(conn: &mut Conn, id: StatusId, counter: Counter, step: i64) -> Result<()> {
    let row = statuses::table.find(id.0);
    match counter {
        Counter::Replies => diesel::update(row)
            .set(statuses::replies_count.eq(statuses::replies_count + step))
            .execute(conn)?,
        Counter::Reblogs => diesel::update(row)
            .set(statuses::reblogs_count.eq(statuses::reblogs_count + step))
            .execute(conn)?,
        Counter::Favourites => diesel::update(row)
            .set(statuses::favourites_count.eq(statuses::favourites_count + step))
            .execute(conn)?,
    };
    Ok(())
}

/// Ids of the boosts of a status, at most `limit`.
pub fn list_reblog_ids(conn: &mut Conn, id: StatusId, limit: i64) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = statuses::table
        .filter(statuses::reblog_of_id.eq(id.0))
        .limit(limit)
        .select(statuses::id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// Ids of the boosts of a status by accounts here, newest first. Those that wait for approval are none yet.
pub fn list_local_reblogs(conn: &mut Conn, id: StatusId, limit: i64) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = statuses::table
        .filter(statuses::reblog_of_id.eq(id.0))
        .filter(statuses::uri.is_null())
        .filter(statuses::visibility.ne(Visibility::Direct.as_str()))
        .order(statuses::id.desc())
        .limit(limit)
        .select(statuses::id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// Boosts of a status by page, newest first: the boost's id and who made it.
pub fn list_reblogs(
    conn: &mut Conn,
    id: StatusId,
    page: &pouet_model::page::Page,
) -> Result<Vec<(i64, AccountId)>> {
    // Those that wait for approval are none yet.
    let mut query = statuses::table
        .filter(statuses::reblog_of_id.eq(id.0))
        .filter(statuses::visibility.ne(Visibility::Direct.as_str()))
        .select((statuses::id, statuses::account_id))
        .limit(page.limit)
        .into_boxed();
    if let Some(max) = page.max_id {
        query = query.filter(statuses::id.lt(max));
    }
    if let Some(min) = page.lower() {
        query = query.filter(statuses::id.gt(min));
    }
    query = if page.is_ascending() {
        query.order(statuses::id.asc())
    } else {
        query.order(statuses::id.desc())
    };
    let mut rows: Vec<(i64, i64)> = query.load(conn)?;
    if page.is_ascending() {
        rows.reverse();
    }
    Ok(rows
        .into_iter()
        .map(|(id, account)| (id, AccountId(account)))
        .collect())
}

/// Replies to `uri` that arrived before it, with their authors.
pub fn list_waiting_replies(conn: &mut Conn, uri: &str) -> Result<Vec<(StatusId, AccountId)>> {
    let waiting: Vec<(i64, i64)> = statuses::table
        .filter(statuses::in_reply_to_uri.eq(uri))
        .order(statuses::id)
        .select((statuses::id, statuses::account_id))
        .load(conn)?;
    let read = |(id, account)| (StatusId(id), AccountId(account));
    Ok(waiting.into_iter().map(read).collect())
}

/// Makes replies that arrived before what they answer replies to `parent`. Those that are no longer waiting are left alone.
/// Returns how many there were.
///
/// Where the thread below them had no name of its own, it becomes part of the conversation of `parent`.
pub fn adopt_replies(conn: &mut Conn, ids: &[StatusId], parent: &Status) -> Result<i64> {
    let (mut adopted, mut below) = (0, Vec::new());
    for chunk in chunks(ids) {
        let waiting = || {
            statuses::table
                .filter(among(statuses::id, chunk))
                .filter(statuses::in_reply_to_uri.is_not_null())
        };
        let found: Vec<i64> = waiting().select(statuses::conversation_id).load(conn)?;
        below.extend(found.into_iter().map(ConversationId));
        let rows = diesel::update(waiting())
            .set((
                statuses::in_reply_to_id.eq(parent.id.0),
                statuses::in_reply_to_account_id.eq(parent.account_id.0),
                statuses::in_reply_to_uri.eq(None::<String>),
            ))
            .execute(conn)?;
        adopted += i64::try_from(rows).unwrap_or(0);
    }
    below.sort_unstable();
    below.dedup();
    below.retain(|id| *id != parent.conversation_id);
    for conversation in list_nameless(conn, &below)? {
        diesel::update(statuses::table.filter(statuses::conversation_id.eq(conversation.0)))
            .set(statuses::conversation_id.eq(parent.conversation_id.0))
            .execute(conn)?;
    }
    Ok(adopted)
}

/// Of these conversations, those that nothing but statuses refers to: no server gave them an id, and nobody here has them
/// in their list or silenced them.
fn list_nameless(conn: &mut Conn, ids: &[ConversationId]) -> Result<Vec<ConversationId>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = conversations::table
            .filter(among(conversations::id, chunk))
            .filter(conversations::uri.is_null())
            .filter(diesel::dsl::not(diesel::dsl::exists(
                account_conversations::table
                    .filter(account_conversations::conversation_id.eq(conversations::id)),
            )))
            .filter(diesel::dsl::not(diesel::dsl::exists(
                conversation_mutes::table.filter(conversation_mutes::conversation_id.eq(conversations::id)),
            )))
            .select(conversations::id)
            .load(conn)?;
        found.extend(rows.into_iter().map(ConversationId));
    }
    Ok(found)
}

/// All direct replies to the given statuses: their ids and what they answer, oldest first.
pub fn list_reply_ids(conn: &mut Conn, parents: &[StatusId]) -> Result<Vec<(StatusId, StatusId)>> {
    let mut found = Vec::new();
    for chunk in chunks(parents) {
        let rows: Vec<(i64, Option<i64>)> = statuses::table
            .filter(among(statuses::in_reply_to_id, chunk))
            .order(statuses::id)
            .select((statuses::id, statuses::in_reply_to_id))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .filter_map(|(id, parent)| Some((StatusId(id), StatusId(parent?)))),
        );
    }
    Ok(found)
}

/// Direct replies to a status that anybody may read, oldest first, above `after`: those of its author, or those of others.
/// What suspended and deleted accounts wrote is left out.
pub fn list_open_replies(
    conn: &mut Conn,
    parent: &Status,
    by_author: bool,
    after: i64,
    limit: i64,
) -> Result<Vec<Status>> {
    let mut query = statuses::table
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(statuses::in_reply_to_id.eq(parent.id.0))
        .filter(statuses::visibility.eq_any([Visibility::Public.as_str(), Visibility::Unlisted.as_str()]))
        .filter(statuses::id.gt(after))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(statuses::id)
        .limit(limit)
        .select(StatusRow::as_select())
        .into_boxed();
    query = if by_author {
        query.filter(statuses::account_id.eq(parent.account_id.0))
    } else {
        query.filter(statuses::account_id.ne(parent.account_id.0))
    };
    let rows: Vec<StatusRow> = query.load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Direct replies that the authors of these statuses gave themselves and that anybody may read, oldest first, each with what
/// it answers. `limit`: replies to all of them together.
pub fn load_own_replies(
    conn: &mut Conn,
    parents: &[StatusId],
    limit: i64,
) -> Result<HashMap<StatusId, Vec<Status>>> {
    let mut found: HashMap<StatusId, Vec<Status>> = HashMap::new();
    for chunk in chunks(parents) {
        let rows: Vec<StatusRow> = statuses::table
            .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
            .filter(among(statuses::in_reply_to_id, chunk))
            .filter(statuses::in_reply_to_account_id.eq(statuses::account_id.nullable()))
            .filter(statuses::visibility.eq_any([Visibility::Public.as_str(), Visibility::Unlisted.as_str()]))
            .filter(accounts::suspended_at.is_null())
            .filter(accounts::deleted_at.is_null())
            .order(statuses::id)
            .limit(limit)
            .select(StatusRow::as_select())
            .load(conn)?;
        for row in rows {
            let reply = Status::try_from(row)?;
            if let Some(parent) = reply.in_reply_to_id {
                found.entry(parent).or_default().push(reply);
            }
        }
    }
    Ok(found)
}

/// Statuses of a conversation that anybody may read, oldest first, above `after`; no boosts, and nothing by suspended or
/// deleted accounts.
pub fn list_open_statuses_in(
    conn: &mut Conn,
    conversation: ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Status>> {
    let rows: Vec<StatusRow> = statuses::table
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(statuses::conversation_id.eq(conversation.0))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::visibility.eq_any([Visibility::Public.as_str(), Visibility::Unlisted.as_str()]))
        .filter(statuses::id.gt(after))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(statuses::id)
        .limit(limit)
        .select(StatusRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many statuses of a conversation anybody may read.
pub fn count_open_statuses_in(conn: &mut Conn, conversation: ConversationId) -> Result<i64> {
    Ok(statuses::table
        .filter(statuses::conversation_id.eq(conversation.0))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::visibility.eq_any([Visibility::Public.as_str(), Visibility::Unlisted.as_str()]))
        .count()
        .get_result(conn)?)
}

/// What an account shows to everybody: public and unlisted statuses and boosts below `before`, newest first.
pub fn list_open_statuses_of(
    conn: &mut Conn,
    account: AccountId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Status>> {
    let mut query = statuses::table
        .filter(statuses::account_id.eq(account.0))
        .filter(statuses::visibility.eq_any([Visibility::Public.as_str(), Visibility::Unlisted.as_str()]))
        .order(statuses::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(statuses::id.lt(before));
    }
    let rows: Vec<StatusRow> = query.select(StatusRow::as_select()).load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The ids of all statuses of an account, oldest first, at most `limit`.
pub fn list_status_ids_of(conn: &mut Conn, account: AccountId, limit: i64) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = statuses::table
        .filter(statuses::account_id.eq(account.0))
        .order(statuses::id)
        .limit(limit)
        .select(statuses::id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// Name and website of the applications with these ids.
pub fn load_application_names(
    conn: &mut Conn,
    ids: &[AppId],
) -> Result<HashMap<AppId, (String, Option<String>)>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String, Option<String>)> = oauth_apps::table
            .filter(among(oauth_apps::id, chunk))
            .select((oauth_apps::id, oauth_apps::name, oauth_apps::website))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(id, name, website)| (AppId(id), (name, website))),
        );
    }
    Ok(found)
}
