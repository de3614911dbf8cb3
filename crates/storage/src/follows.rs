//! Follows and requests to follow: a request is a follow that is not accepted.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count, exists},
    prelude::*,
};
use pouet_model::{
    account::Follow,
    ids::{AccountId, RelationId},
    page::Page,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Result, one_row},
    ids::{among, chunks},
    paging::relation_page,
    schema::{accounts, blocks, follows, mutes},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = follows)]
struct FollowRow {
    id: i64,
    account_id: i64,
    target_id: i64,
    uri: Option<String>,
    accepted: bool,
    show_reblogs: bool,
    notify: bool,
    languages: String,
    created_at: i64,
}

impl From<FollowRow> for Follow {
    fn from(row: FollowRow) -> Self {
        Self {
            id: RelationId(row.id),
            account_id: AccountId(row.account_id),
            target_id: AccountId(row.target_id),
            uri: row.uri,
            accepted: row.accepted,
            show_reblogs: row.show_reblogs,
            notify: row.notify,
            languages: row.languages.split_whitespace().map(str::to_owned).collect(),
            created_at: from_millis(row.created_at),
        }
    }
}

/// Adds a follow or a request; false if this pair has one already, which stays as it is.
///
/// Counts are for the caller to adjust.
pub fn insert_follow(conn: &mut Conn, follow: &Follow) -> Result<bool> {
    let values = (
        follows::id.eq(follow.id.0),
        follows::account_id.eq(follow.account_id.0),
        follows::target_id.eq(follow.target_id.0),
        follows::uri.eq(&follow.uri),
        follows::accepted.eq(follow.accepted),
        follows::show_reblogs.eq(follow.show_reblogs),
        follows::notify.eq(follow.notify),
        follows::languages.eq(follow.languages.join(" ")),
        follows::created_at.eq(follow.created_at.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(follows::table)
        .values(values)
        .on_conflict((follows::account_id, follows::target_id))
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// The follow of `target` by `follower`, accepted or not.
pub fn find_follow(conn: &mut Conn, follower: AccountId, target: AccountId) -> Result<Option<Follow>> {
    Ok(follows::table
        .filter(follows::account_id.eq(follower.0))
        .filter(follows::target_id.eq(target.0))
        .select(FollowRow::as_select())
        .first(conn)
        .optional()?
        .map(Into::into))
}

/// The follow with this id.
pub fn find_follow_by_id(conn: &mut Conn, id: RelationId) -> Result<Option<Follow>> {
    Ok(follows::table
        .find(id.0)
        .select(FollowRow::as_select())
        .first(conn)
        .optional()?
        .map(Into::into))
}

/// The follow by `follower` that was made elsewhere with the activity `uri`.
pub fn find_follow_by_uri(conn: &mut Conn, follower: AccountId, uri: &str) -> Result<Option<Follow>> {
    Ok(follows::table
        .filter(follows::uri.eq(uri))
        .filter(follows::account_id.eq(follower.0))
        .select(FollowRow::as_select())
        .first(conn)
        .optional()?
        .map(Into::into))
}

/// Requests to follow `target` that were made here, at most `limit`.
pub fn list_pending_to(conn: &mut Conn, target: AccountId, limit: i64) -> Result<Vec<Follow>> {
    let rows: Vec<FollowRow> = follows::table
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(false))
        .order(follows::id)
        .limit(limit)
        .select(FollowRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Accepted follows of `target` by local accounts, oldest first, those after `after` only, at most `limit`.
pub fn list_local_follows(
    conn: &mut Conn,
    target: AccountId,
    after: RelationId,
    limit: i64,
) -> Result<Vec<Follow>> {
    let rows: Vec<FollowRow> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(follows::id.gt(after.0))
        .filter(accounts::domain.eq(""))
        .filter(accounts::deleted_at.is_null())
        .order(follows::id)
        .limit(limit)
        .select(FollowRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The version of an account's set of followers, another one after every change, and their number. `None`: no such
/// account.
pub fn find_followers_version(conn: &mut Conn, account: AccountId) -> Result<Option<(i64, i64)>> {
    Ok(accounts::table
        .find(account.0)
        .select((accounts::followers_version, accounts::followers_count))
        .first(conn)
        .optional()?)
}

/// Ids on the wire of the remote accounts that follow `target`.
pub fn list_remote_follower_uris(conn: &mut Conn, target: AccountId) -> Result<Vec<String>> {
    let uris: Vec<Option<String>> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::domain.ne(""))
        .order(accounts::id)
        .select(accounts::uri)
        .load(conn)?;
    Ok(uris.into_iter().flatten().collect())
}

/// What a follower asks of a follow; `None` leaves it as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FollowChange {
    /// Boosts enter the follower's home.
    pub show_reblogs: Option<bool>,
    /// New statuses make notifications.
    pub notify: Option<bool>,
    /// Only statuses in these languages enter home; empty: all.
    pub languages: Option<Vec<String>>,
}

/// Changes the options of a follow.
pub fn update_options(conn: &mut Conn, id: RelationId, change: &FollowChange) -> Result<()> {
    if *change == FollowChange::default() {
        return Ok(());
    }
    let languages = change.languages.as_ref().map(|languages| languages.join(" "));
    let rows = diesel::update(follows::table.find(id.0))
        .set((
            change.show_reblogs.map(|on| follows::show_reblogs.eq(on)),
            change.notify.map(|on| follows::notify.eq(on)),
            languages.map(|languages| follows::languages.eq(languages)),
        ))
        .execute(conn)?;
    one_row("update follow", rows)
}

/// Remembers the id that the follower's server gives the follow now.
pub fn update_uri(conn: &mut Conn, id: RelationId, uri: &str) -> Result<()> {
    let rows = diesel::update(follows::table.find(id.0))
        .set(follows::uri.eq(uri))
        .execute(conn)?;
    one_row("update follow's uri", rows)
}

/// Turns a request into a follow or back; false if it was so already.
///
/// Counts are for the caller to adjust, exactly when this is true.
pub fn update_accepted(conn: &mut Conn, id: RelationId, accepted: bool) -> Result<bool> {
    let rows = diesel::update(follows::table.find(id.0).filter(follows::accepted.eq(!accepted)))
        .set(follows::accepted.eq(accepted))
        .execute(conn)?;
    Ok(rows > 0)
}

/// Removes a follow or request. `Some(true)` if it was an accepted follow, so that the caller adjusts counts
/// exactly then; `None` if it was gone already.
pub fn delete_follow(conn: &mut Conn, id: RelationId) -> Result<Option<bool>> {
    let accepted = each_backend!(conn, conn => diesel::delete(follows::table.find(id.0))
        .returning(follows::accepted)
        .get_result(conn)
        .optional()?);
    Ok(accepted)
}

/// Whether a local account other than `except` follows `target`.
pub fn has_other_local_follower(conn: &mut Conn, target: AccountId, except: AccountId) -> Result<bool> {
    let others = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(follows::account_id.ne(except.0))
        .filter(accounts::domain.eq(""));
    Ok(diesel::select(exists(others)).get_result(conn)?)
}

/// The local account that has followed `target` for the longest, if there is one.
pub fn find_local_follower(conn: &mut Conn, target: AccountId) -> Result<Option<AccountId>> {
    let id: Option<i64> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::domain.eq(""))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(follows::id)
        .select(follows::account_id)
        .first(conn)
        .optional()?;
    Ok(id.map(AccountId))
}

/// Whose taste a list of accounts respects: those they block or mute are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reader {
    /// Who reads.
    pub account: AccountId,
    /// For mutes that end.
    pub now: DateTime<Utc>,
}

/// Leaves out of a query those that the reader blocks or mutes.
macro_rules! without_unwanted {
    ($query:expr, $reader:expr, $account:expr) => {{
        let mut query = $query.into_boxed();
        if let Some(Reader { account, now }) = $reader {
            let blocked = blocks::table
                .filter(blocks::account_id.eq(account.0))
                .select(blocks::target_id);
            let muted = mutes::table
                .filter(mutes::account_id.eq(account.0))
                .filter(
                    mutes::expires_at
                        .is_null()
                        .or(mutes::expires_at.gt(now.timestamp_millis())),
                )
                .select(mutes::target_id);
            query = query
                .filter($account.ne_all(blocked))
                .filter($account.ne_all(muted));
        }
        query
    }};
}

fn keyed(rows: Vec<(i64, i64)>) -> Vec<(i64, AccountId)> {
    rows.into_iter().map(|(key, id)| (key, AccountId(id))).collect()
}

/// Active accounts that follow `target`, by page: keys and ids.
pub fn list_followers(
    conn: &mut Conn,
    target: AccountId,
    reader: Option<Reader>,
    page: &Page,
) -> Result<Vec<(i64, AccountId)>> {
    let query = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((follows::id, follows::account_id));
    let query = without_unwanted!(query, reader, follows::account_id);
    Ok(keyed(relation_page!(conn, page, query, follows::id)))
}

/// Active accounts that `follower` follows, by page: keys and ids.
pub fn list_following(
    conn: &mut Conn,
    follower: AccountId,
    reader: Option<Reader>,
    page: &Page,
) -> Result<Vec<(i64, AccountId)>> {
    let query = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq(follower.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((follows::id, follows::target_id));
    let query = without_unwanted!(query, reader, follows::target_id);
    Ok(keyed(relation_page!(conn, page, query, follows::id)))
}

/// Active accounts that ask to follow `owner` and are not blocked by them, by page: keys and ids.
pub fn list_requests(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<(i64, AccountId)>> {
    let blocked = blocks::table
        .filter(blocks::account_id.eq(owner.0))
        .select(blocks::target_id);
    let query = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(owner.0))
        .filter(follows::accepted.eq(false))
        .filter(follows::account_id.ne_all(blocked))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((follows::id, follows::account_id))
        .into_boxed();
    Ok(keyed(relation_page!(conn, page, query, follows::id)))
}

/// Inboxes of the active remote followers of `target`, shared ones where there are, each once.
pub fn list_follower_inboxes(conn: &mut Conn, target: AccountId) -> Result<Vec<String>> {
    let rows: Vec<(Option<String>, Option<String>)> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::domain.ne(""))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((accounts::shared_inbox_url, accounts::inbox_url))
        .distinct()
        .load(conn)?;
    let mut inboxes: Vec<String> = rows
        .into_iter()
        .filter_map(|(shared, personal)| shared.or(personal))
        .filter(|inbox| !inbox.is_empty())
        .collect();
    inboxes.sort_unstable();
    inboxes.dedup();
    Ok(inboxes)
}

/// Follows between `follower` and the accounts of one domain, in both directions.
pub fn list_follows_with_domain(conn: &mut Conn, account: AccountId, domain: &str) -> Result<Vec<Follow>> {
    let out: Vec<FollowRow> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq(account.0))
        .filter(accounts::domain.eq(domain))
        .select(FollowRow::as_select())
        .load(conn)?;
    let inward: Vec<FollowRow> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(account.0))
        .filter(accounts::domain.eq(domain))
        .select(FollowRow::as_select())
        .load(conn)?;
    Ok(out.into_iter().chain(inward).map(Into::into).collect())
}

/// Follows of `others` by `viewer`, by whom they are of.
pub fn load_outward(
    conn: &mut Conn,
    viewer: AccountId,
    others: &[AccountId],
) -> Result<HashMap<AccountId, Follow>> {
    let mut found = HashMap::with_capacity(others.len());
    for chunk in chunks(others) {
        let rows: Vec<FollowRow> = follows::table
            .filter(follows::account_id.eq(viewer.0))
            .filter(among(follows::target_id, chunk))
            .select(FollowRow::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(|row| (AccountId(row.target_id), row.into())));
    }
    Ok(found)
}

/// Follows of `viewer` by `others`, by who follows.
pub fn load_inward(
    conn: &mut Conn,
    viewer: AccountId,
    others: &[AccountId],
) -> Result<HashMap<AccountId, Follow>> {
    let mut found = HashMap::with_capacity(others.len());
    for chunk in chunks(others) {
        let rows: Vec<FollowRow> = follows::table
            .filter(follows::target_id.eq(viewer.0))
            .filter(among(follows::account_id, chunk))
            .select(FollowRow::as_select())
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|row| (AccountId(row.account_id), row.into())),
        );
    }
    Ok(found)
}

/// Which followers of an account are meant; what is `None` does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FollowerChoice {
    /// Those of this domain, in lower case, and of names under it.
    pub domain: Option<String>,
    /// Those whose accounts were created later, as their servers say.
    pub created_after: Option<DateTime<Utc>>,
    /// Those who began to follow later.
    pub followed_after: Option<DateTime<Utc>>,
}

/// Accepted follows of `target` by the accounts that are meant.
macro_rules! chosen {
    ($target:expr, $choice:expr) => {{
        let mut query = follows::table
            .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
            .filter(follows::target_id.eq($target.0))
            .filter(follows::accepted.eq(true))
            .into_boxed();
        if let Some(domain) = &$choice.domain {
            let escaped = domain
                .replace('\\', r"\\")
                .replace('%', r"\%")
                .replace('_', r"\_");
            let under = accounts::domain.like(format!("%.{escaped}")).escape('\\');
            query = query.filter(accounts::domain.eq(domain).or(under));
        }
        if let Some(at) = $choice.created_after {
            query = query.filter(accounts::created_at.gt(at.timestamp_millis()));
        }
        if let Some(at) = $choice.followed_after {
            query = query.filter(follows::created_at.gt(at.timestamp_millis()));
        }
        query
    }};
}

/// Accepted follows of `target` by the accounts that are meant, oldest first, at most `limit`.
pub fn list_chosen_followers(
    conn: &mut Conn,
    target: AccountId,
    choice: &FollowerChoice,
    limit: i64,
) -> Result<Vec<Follow>> {
    let rows: Vec<FollowRow> = chosen!(target, choice)
        .order(follows::id)
        .limit(limit)
        .select(FollowRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many accepted followers of `target` are meant.
pub fn count_chosen_followers(conn: &mut Conn, target: AccountId, choice: &FollowerChoice) -> Result<i64> {
    Ok(chosen!(target, choice).select(count(follows::id)).first(conn)?)
}

/// Active local accounts with the number of those who began to follow them since `since` (the first id of that time) and follow
/// them still, by id.
pub fn count_new_followers(conn: &mut Conn, since: i64) -> Result<Vec<(AccountId, i64)>> {
    // Counted here: grouped, SQLite looks through all follows.
    let targets: Vec<i64> = follows::table
        .filter(follows::id.ge(since))
        .filter(follows::accepted.eq(true))
        .select(follows::target_id)
        .load(conn)?;
    let mut gained: HashMap<i64, i64> = HashMap::new();
    for target in targets {
        *gained.entry(target).or_default() += 1;
    }
    let ids: Vec<i64> = gained.keys().copied().collect();
    // Not joined: the new follows are few, whoever they are of.
    let mut here = HashSet::new();
    for chunk in chunks(&ids) {
        let found: Vec<i64> = accounts::table
            .filter(among(accounts::id, chunk))
            .filter(accounts::domain.eq(""))
            .filter(accounts::suspended_at.is_null())
            .filter(accounts::deleted_at.is_null())
            .select(accounts::id)
            .load(conn)?;
        here.extend(found);
    }
    let mut counts: Vec<(AccountId, i64)> = gained
        .into_iter()
        .filter(|(id, _)| here.contains(id))
        .map(|(id, count)| (AccountId(id), count))
        .collect();
    counts.sort_unstable();
    Ok(counts)
}

/// How many of those who follow `target` began to between two times, given as the first ids of each.
pub fn count_followers_between(conn: &mut Conn, target: AccountId, from: i64, until: i64) -> Result<i64> {
    Ok(follows::table
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(follows::id.ge(from))
        .filter(follows::id.lt(until))
        .select(count(follows::id))
        .first(conn)?)
}

/// A follower as the look for rings wants to know them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFollower {
    /// Who.
    pub account: AccountId,
    /// Of which host; empty for this instance.
    pub domain: String,
    /// Since when they follow.
    pub at: DateTime<Utc>,
    /// Since when their account exists, as its server says.
    pub created_at: DateTime<Utc>,
}

/// Those who began to follow `target` since `since` (the first id of that time), the last first, at most `limit`.
pub fn list_new_followers(
    conn: &mut Conn,
    target: AccountId,
    since: i64,
    limit: i64,
) -> Result<Vec<NewFollower>> {
    let rows: Vec<(i64, String, i64, i64)> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(follows::id.ge(since))
        .order(follows::id.desc())
        .limit(limit)
        .select((
            accounts::id,
            accounts::domain,
            follows::created_at,
            accounts::created_at,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, domain, at, created_at)| NewFollower {
            account: AccountId(id),
            domain,
            at: from_millis(at),
            created_at: from_millis(created_at),
        })
        .collect())
}
