//! Whose inboxes an activity goes to.

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use pouet_model::ids::{AccountId, StatusId, first_id_at};

use crate::{
    conn::Conn,
    error::Result,
    ids::{among, chunks},
    schema::{accounts, favourites, follows, mentions, quotes, status_reactions, statuses},
};

/// The inboxes of a remote account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inboxes {
    /// Whose they are.
    pub account_id: AccountId,
    /// Personal inbox.
    pub inbox: String,
    /// Inbox shared by the actors of its host, if there is one.
    pub shared: Option<String>,
}

impl Inboxes {
    /// Where something that several people of the host may get is sent.
    pub fn preferred(self) -> String {
        self.shared.unwrap_or(self.inbox)
    }
}

type Row = (i64, Option<String>, Option<String>);

const COLUMNS: (accounts::id, accounts::inbox_url, accounts::shared_inbox_url) =
    (accounts::id, accounts::inbox_url, accounts::shared_inbox_url);

fn inboxes(rows: Vec<Row>) -> Vec<Inboxes> {
    rows.into_iter()
        .filter_map(|(id, inbox, shared)| {
            Some(Inboxes {
                account_id: AccountId(id),
                inbox: inbox?,
                shared,
            })
        })
        .collect()
}

/// Inboxes of the remote followers of an account, each shared inbox once.
pub fn list_follower_inboxes(conn: &mut Conn, account: AccountId) -> Result<Vec<String>> {
    let followers = || {
        accounts::table
            .inner_join(follows::table.on(follows::account_id.eq(accounts::id)))
            .filter(follows::target_id.eq(account.0))
            .filter(follows::accepted.eq(true))
            .filter(accounts::domain.ne(""))
            .filter(accounts::deleted_at.is_null())
            .filter(accounts::suspended_at.is_null())
    };
    let shared: Vec<Option<String>> = followers()
        .filter(accounts::shared_inbox_url.is_not_null())
        .select(accounts::shared_inbox_url)
        .distinct()
        .load(conn)?;
    let personal: Vec<Option<String>> = followers()
        .filter(accounts::shared_inbox_url.is_null())
        .select(accounts::inbox_url)
        .distinct()
        .load(conn)?;
    Ok(shared.into_iter().chain(personal).flatten().collect())
}

/// Inboxes of those of these accounts that are remote and not gone.
pub fn load_inboxes(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Inboxes>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<Row> = accounts::table
            .filter(among(accounts::id, chunk))
            .filter(accounts::domain.ne(""))
            .filter(accounts::deleted_at.is_null())
            .select(COLUMNS)
            .load(conn)?;
        found.extend(inboxes(rows));
    }
    Ok(found)
}

/// Remote accounts that boosted, favourited, answered or quoted a status or put an emoji on it: they have a copy to change
/// or remove.
pub fn list_interested(conn: &mut Conn, status: StatusId) -> Result<Vec<AccountId>> {
    let mut ids: Vec<i64> = favourites::table
        .inner_join(accounts::table.on(accounts::id.eq(favourites::account_id)))
        .filter(favourites::status_id.eq(status.0))
        .filter(accounts::domain.ne(""))
        .select(accounts::id)
        .load(conn)?;
    let others: Vec<i64> = statuses::table
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(
            statuses::reblog_of_id
                .eq(status.0)
                .or(statuses::in_reply_to_id.eq(status.0)),
        )
        .filter(accounts::domain.ne(""))
        .select(accounts::id)
        .load(conn)?;
    ids.extend(others);
    let reacted: Vec<i64> = status_reactions::table
        .inner_join(accounts::table.on(accounts::id.eq(status_reactions::account_id)))
        .filter(status_reactions::status_id.eq(status.0))
        .filter(accounts::domain.ne(""))
        .select(accounts::id)
        .load(conn)?;
    ids.extend(reacted);
    let quoting: Vec<i64> = quotes::table
        .inner_join(accounts::table.on(accounts::id.eq(quotes::account_id)))
        .filter(quotes::quoted_status_id.eq(status.0))
        .filter(accounts::domain.ne(""))
        .select(accounts::id)
        .load(conn)?;
    ids.extend(quoting);
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Remote accounts that an account mentioned since `since` or waits to follow: they show its profile too.
pub fn list_acquaintances(
    conn: &mut Conn,
    account: AccountId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<AccountId>> {
    let mut ids: Vec<i64> = mentions::table
        .inner_join(statuses::table.on(statuses::id.eq(mentions::status_id)))
        .inner_join(accounts::table.on(accounts::id.eq(mentions::account_id)))
        .filter(statuses::account_id.eq(account.0))
        .filter(statuses::id.ge(first_id_at(since)))
        .filter(accounts::domain.ne(""))
        .select(accounts::id)
        .distinct()
        .limit(limit)
        .load(conn)?;
    let followed: Vec<i64> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq(account.0))
        .filter(
            follows::accepted
                .eq(false)
                .or(follows::created_at.ge(since.timestamp_millis())),
        )
        .filter(accounts::domain.ne(""))
        .select(accounts::id)
        .limit(limit)
        .load(conn)?;
    ids.extend(followed);
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Every inbox of other servers that we know, shared ones where there are: for the deletion of an account,
/// which may be shown anywhere.
pub fn list_known_inboxes(conn: &mut Conn) -> Result<Vec<String>> {
    let active = || {
        accounts::table
            .filter(accounts::domain.ne(""))
            .filter(accounts::deleted_at.is_null())
    };
    let shared: Vec<Option<String>> = active()
        .filter(accounts::shared_inbox_url.is_not_null())
        .select(accounts::shared_inbox_url)
        .distinct()
        .load(conn)?;
    let personal: Vec<Option<String>> = active()
        .filter(accounts::shared_inbox_url.is_null())
        .select(accounts::inbox_url)
        .distinct()
        .load(conn)?;
    Ok(shared.into_iter().chain(personal).flatten().collect())
}

/// The account whose inbox this is; of a shared inbox: one of those behind it.
pub fn find_inbox_owner(conn: &mut Conn, inbox: &str) -> Result<Option<AccountId>> {
    let id: Option<i64> = accounts::table
        .filter(
            accounts::inbox_url
                .eq(inbox)
                .or(accounts::shared_inbox_url.eq(inbox)),
        )
        .filter(accounts::deleted_at.is_null())
        .select(accounts::id)
        .first(conn)
        .optional()?;
    Ok(id.map(AccountId))
}

/// Personal inboxes behind a shared one, of those who follow `author` or are addressed by id.
pub fn list_personal_inboxes(
    conn: &mut Conn,
    shared_inbox: &str,
    author: Option<AccountId>,
    addressed: &[String],
) -> Result<Vec<String>> {
    let follow = follows::table
        .filter(follows::account_id.eq(accounts::id))
        .filter(follows::target_id.eq(author.map_or(0, |id| id.0)))
        .filter(follows::accepted.eq(true));
    let behind = || {
        accounts::table
            .filter(accounts::shared_inbox_url.eq(shared_inbox))
            .filter(accounts::deleted_at.is_null())
    };
    let mut found: Vec<Option<String>> = behind()
        .filter(exists(follow))
        .select(accounts::inbox_url)
        .load(conn)?;
    for chunk in chunks(addressed) {
        found.extend(
            behind()
                .filter(accounts::uri.eq_any(chunk))
                .select(accounts::inbox_url)
                .load::<Option<String>>(conn)?,
        );
    }
    let mut found: Vec<String> = found.into_iter().flatten().collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Stops using a shared inbox that is gone.
pub fn clear_shared_inbox(conn: &mut Conn, shared_inbox: &str) -> Result<usize> {
    Ok(
        diesel::update(accounts::table.filter(accounts::shared_inbox_url.eq(shared_inbox)))
            .set(accounts::shared_inbox_url.eq(None::<String>))
            .execute(conn)?,
    )
}
