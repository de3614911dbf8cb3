//! Accounts, local and remote.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{
    account::{Account, ActorType, Field, Picture, RemoteActor},
    emoji::CustomEmoji,
    ids::AccountId,
    search::fold_name,
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result, one_row},
    ids::{among, chunks},
    json,
    schema::{
        account_conversations, account_domain_blocks, account_keys, account_notes, accounts,
        announcement_reactions, announcement_reads, blocks, bookmarks, collection_items, collections,
        conversation_mutes, drafts, endorsements, favourites, featured_tags, filters, follows, home_feed,
        interaction_defaults, interaction_requests, list_accounts, lists, markers, mutes,
        notification_permissions, notification_policies, notification_requests, notifications,
        saved_searches, scheduled_statuses, severances, severed_follows, staff_picks, status_reactions,
        statuses, suggestion_dismissals, tag_follows, users,
    },
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountRow {
    id: i64,
    username: String,
    domain: String,
    uri: Option<String>,
    url: Option<String>,
    actor_type: String,
    display_name: String,
    note: String,
    note_source: String,
    fields: String,
    avatar_file: Option<String>,
    avatar_remote_url: Option<String>,
    avatar_description: String,
    header_file: Option<String>,
    header_remote_url: Option<String>,
    header_description: String,
    emojis: String,
    locked: bool,
    discoverable: bool,
    indexable: bool,
    hide_collections: bool,
    memorial: bool,
    also_known_as: String,
    moved_to_id: Option<i64>,
    statuses_count: i64,
    followers_count: i64,
    following_count: i64,
    last_status_at: Option<i64>,
    created_at: i64,
    suspended_at: Option<i64>,
    silenced_at: Option<i64>,
    deleted_at: Option<i64>,
    inbox_url: Option<String>,
    shared_inbox_url: Option<String>,
    outbox_url: Option<String>,
    followers_url: Option<String>,
    following_url: Option<String>,
    featured_url: Option<String>,
    fetched_at: Option<i64>,
    attribution_domains: String,
}

fn picture(file: Option<String>, remote_url: Option<String>) -> Option<Picture> {
    file.map(Picture::Stored).or(remote_url.map(Picture::Remote))
}

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "accounts",
            column,
            id: row.id,
        };
        let remote = (!row.domain.is_empty()).then(|| RemoteActor {
            inbox: row.inbox_url.unwrap_or_default(),
            shared_inbox: row.shared_inbox_url,
            outbox: row.outbox_url,
            followers: row.followers_url,
            following: row.following_url,
            featured: row.featured_url,
            fetched_at: from_millis(row.fetched_at.unwrap_or_default()),
        });
        Ok(Self {
            id: AccountId(row.id),
            username: row.username,
            domain: Some(row.domain).filter(|domain| !domain.is_empty()),
            uri: row.uri,
            url: row.url,
            actor_type: ActorType::parse(&row.actor_type).ok_or_else(|| unreadable("actor_type"))?,
            display_name: row.display_name,
            note: row.note,
            note_source: row.note_source,
            fields: json::read(&row.fields).ok_or_else(|| unreadable("fields"))?,
            avatar: picture(row.avatar_file, row.avatar_remote_url),
            header: picture(row.header_file, row.header_remote_url),
            avatar_description: row.avatar_description,
            header_description: row.header_description,
            emojis: json::read(&row.emojis).ok_or_else(|| unreadable("emojis"))?,
            locked: row.locked,
            discoverable: row.discoverable,
            indexable: row.indexable,
            hide_collections: row.hide_collections,
            memorial: row.memorial,
            also_known_as: json::read(&row.also_known_as).ok_or_else(|| unreadable("also_known_as"))?,
            attribution_domains: json::read(&row.attribution_domains)
                .ok_or_else(|| unreadable("attribution_domains"))?,
            moved_to: row.moved_to_id.map(AccountId),
            statuses_count: row.statuses_count,
            followers_count: row.followers_count,
            following_count: row.following_count,
            last_status_at: row.last_status_at.map(from_millis),
            created_at: from_millis(row.created_at),
            suspended_at: row.suspended_at.map(from_millis),
            silenced_at: row.silenced_at.map(from_millis),
            deleted_at: row.deleted_at.map(from_millis),
            remote,
        })
    }
}

/// A local account to insert.
#[derive(Clone, Debug)]
pub struct NewLocalAccount {
    /// Its id.
    pub id: AccountId,
    /// Name, as its owner writes it.
    pub username: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Follows need approval.
    pub locked: bool,
    /// May be shown in directory and trends.
    pub discoverable: bool,
    /// Public statuses may be found by search.
    pub indexable: bool,
}

/// Adds a local account.
///
/// # Errors
/// `Conflict` if the name is taken, by a deleted account too.
pub fn insert_local_account(conn: &mut Conn, account: &NewLocalAccount) -> Result<()> {
    let rows = diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id.0),
            accounts::username.eq(&account.username),
            accounts::username_folded.eq(account.username.to_lowercase()),
            accounts::actor_type.eq(ActorType::Person.as_str()),
            accounts::locked.eq(account.locked),
            accounts::discoverable.eq(account.discoverable),
            accounts::indexable.eq(account.indexable),
            accounts::created_at.eq(account.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert account", rows)
}

fn load_one(
    conn: &mut Conn,
    filter: impl FnOnce(accounts::BoxedQuery<'static, Backend>) -> accounts::BoxedQuery<'static, Backend>,
) -> Result<Option<Account>> {
    filter(accounts::table.into_boxed())
        .select(AccountRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

type Backend = <Conn as Connection>::Backend;

/// No account whose registration waits for approval: until somebody has let them in, nobody is shown that they are
/// there.
#[diesel::dsl::auto_type]
pub(crate) fn is_admitted() -> _ {
    not(exists(
        users::table
            .filter(users::account_id.eq(accounts::id))
            .filter(users::approved.eq(false)),
    ))
}

/// The account with this id.
pub fn find_account(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    load_one(conn, |query| query.filter(accounts::id.eq(id.0)))
}

/// The account with this id, unless its registration waits for approval.
pub fn find_admitted_account(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    load_one(conn, |query| {
        query.filter(accounts::id.eq(id.0)).filter(is_admitted())
    })
}

/// The account `username@domain`, in any case, unless its registration waits for approval; no domain: a local one.
pub fn find_account_by_handle(
    conn: &mut Conn,
    username: &str,
    domain: Option<&str>,
) -> Result<Option<Account>> {
    let (username, domain) = (username.to_lowercase(), domain.unwrap_or_default().to_owned());
    load_one(conn, |query| {
        query
            .filter(accounts::username_folded.eq(username))
            .filter(accounts::domain.eq(domain))
            .filter(is_admitted())
    })
}

/// Whoever has this name here, in any case: also accounts that are deleted or wait for approval.
pub fn find_local_account(conn: &mut Conn, username: &str) -> Result<Option<Account>> {
    let username = username.to_lowercase();
    load_one(conn, |query| {
        query
            .filter(accounts::username_folded.eq(username))
            .filter(accounts::domain.eq(""))
    })
}

/// The remote account with this ActivityPub id.
pub fn find_account_by_uri(conn: &mut Conn, uri: &str) -> Result<Option<Account>> {
    let uri = uri.to_owned();
    load_one(conn, |query| query.filter(accounts::uri.eq(uri)))
}

/// The remote account whose page this is.
pub fn find_account_by_url(conn: &mut Conn, url: &str) -> Result<Option<Account>> {
    let url = url.to_owned();
    load_one(conn, |query| {
        query
            .filter(accounts::url.eq(url))
            .filter(accounts::domain.ne(""))
    })
}

/// The accounts with these ids, in no particular order; unknown ids are left out.
pub fn load_accounts(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Account>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<AccountRow> = accounts::table
            .filter(among(accounts::id, chunk))
            .select(AccountRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// As [`load_accounts`], without those whose registration waits for approval.
pub fn load_admitted_accounts(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Account>> {
    let mut admitted = HashSet::new();
    for chunk in chunks(ids) {
        let found: Vec<i64> = accounts::table
            .filter(among(accounts::id, chunk))
            .filter(is_admitted())
            .select(accounts::id)
            .load(conn)?;
        admitted.extend(found);
    }
    let mut found = load_accounts(conn, ids)?;
    found.retain(|account| admitted.contains(&account.id.0));
    Ok(found)
}

/// The profile of a local account as its owner changes it; `None` leaves a value as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct ProfileRow {
    /// Plain text.
    pub display_name: Option<String>,
    /// Its folded form, see [`fold_name`].
    pub display_name_folded: Option<String>,
    /// Safe HTML.
    pub note: Option<String>,
    /// What was typed.
    pub note_source: Option<String>,
    /// JSON of the profile table; see [`fields_json`].
    pub fields: Option<String>,
    /// Key in the media store; `Some(None)` removes the picture.
    pub avatar_file: Option<Option<String>>,
    /// Key in the media store; `Some(None)` removes the picture.
    pub header_file: Option<Option<String>>,
    /// Alternative text.
    pub avatar_description: Option<String>,
    /// Alternative text.
    pub header_description: Option<String>,
    /// Wire name of the actor type.
    pub actor_type: Option<String>,
    /// Follows need approval.
    pub locked: Option<bool>,
    /// May be shown in directory and trends.
    pub discoverable: Option<bool>,
    /// Public statuses may be found by search.
    pub indexable: Option<bool>,
    /// Followers and following are not listed.
    pub hide_collections: Option<bool>,
    /// JSON of the sites that may name the account; see [`domains_json`].
    pub attribution_domains: Option<String>,
    /// JSON of the custom emoji in its texts; see [`emojis_json`].
    pub emojis: Option<String>,
}

/// The stored form of the custom emoji of a profile.
pub fn emojis_json(emojis: &[CustomEmoji]) -> String {
    json::write(emojis)
}

/// The stored form of a profile table.
pub fn fields_json(fields: &[Field]) -> String {
    json::write(fields)
}

/// The stored form of a list of domains.
pub fn domains_json(domains: &[String]) -> String {
    json::write(domains)
}

/// Changes the profile of an account.
pub fn update_profile(conn: &mut Conn, id: AccountId, profile: &ProfileRow) -> Result<()> {
    match diesel::update(accounts::table.find(id.0))
        .set(profile)
        .execute(conn)
    {
        // Nothing to change is not an error of the caller.
        Err(diesel::result::Error::QueryBuilderError(_)) => Ok(()),
        other => one_row("update profile", other?),
    }
}

/// A remote actor as it was fetched or received.
#[derive(Clone, Debug)]
pub struct RemoteAccountRow<'a> {
    /// Everything shown; counts and our own suspension are not taken from it.
    pub account: &'a Account,
    /// Public keys: their ids and PEM or multibase text.
    pub keys: &'a [(String, String)],
    /// When it was fetched.
    pub now: DateTime<Utc>,
}

macro_rules! remote_columns {
    ($account:expr, $remote:expr, $now:expr) => {{
        let remote_url = |picture: &Option<Picture>| match picture {
            Some(Picture::Remote(url)) => Some(url.clone()),
            _ => None,
        };
        (
            (
                accounts::username.eq(&$account.username),
                accounts::username_folded.eq($account.username.to_lowercase()),
                accounts::domain.eq($account.domain.clone().unwrap_or_default()),
                accounts::url.eq(&$account.url),
                accounts::actor_type.eq($account.actor_type.as_str()),
                accounts::display_name.eq(&$account.display_name),
                accounts::display_name_folded.eq(fold_name(&$account.display_name)),
                accounts::note.eq(&$account.note),
                accounts::fields.eq(json::write(&$account.fields)),
                accounts::avatar_remote_url.eq(remote_url(&$account.avatar)),
                accounts::avatar_description.eq(&$account.avatar_description),
                accounts::header_remote_url.eq(remote_url(&$account.header)),
                accounts::header_description.eq(&$account.header_description),
                accounts::emojis.eq(json::write(&$account.emojis)),
            ),
            (
                accounts::locked.eq($account.locked),
                accounts::discoverable.eq($account.discoverable),
                accounts::indexable.eq($account.indexable),
                accounts::hide_collections.eq($account.hide_collections),
                accounts::memorial.eq($account.memorial),
                accounts::also_known_as.eq(json::write(&$account.also_known_as)),
                accounts::attribution_domains.eq(json::write(&$account.attribution_domains)),
                accounts::inbox_url.eq(&$remote.inbox),
                accounts::shared_inbox_url.eq(&$remote.shared_inbox),
                accounts::outbox_url.eq(&$remote.outbox),
                accounts::followers_url.eq(&$remote.followers),
                accounts::following_url.eq(&$remote.following),
                accounts::featured_url.eq(&$remote.featured),
                accounts::fetched_at.eq($now),
            ),
        )
    }};
}

/// Adds a remote account.
///
/// # Errors
/// `Conflict` if its id or handle is taken.
pub fn insert_remote_account(conn: &mut Conn, row: &RemoteAccountRow<'_>) -> Result<()> {
    let account = row.account;
    let remote = account.remote.clone().unwrap_or_default();
    let rows = diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id.0),
            accounts::uri.eq(&account.uri),
            accounts::created_at.eq(account.created_at.timestamp_millis()),
            accounts::suspended_at.eq(account.suspended_at.map(|at| at.timestamp_millis())),
            remote_columns!(account, remote, row.now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert remote account", rows)?;
    replace_keys(conn, account.id, row.keys, row.now)
}

/// Writes what a known remote actor says of itself now.
///
/// # Errors
/// `Conflict` if its new handle is taken.
pub fn update_remote_account(conn: &mut Conn, row: &RemoteAccountRow<'_>) -> Result<()> {
    let account = row.account;
    let remote = account.remote.clone().unwrap_or_default();
    forget_old_pictures(conn, account)?;
    let rows = diesel::update(accounts::table.find(account.id.0))
        .set(remote_columns!(account, remote, row.now.timestamp_millis()))
        .execute(conn)?;
    one_row("update remote account", rows)?;
    replace_keys(conn, account.id, row.keys, row.now)
}

/// A copy of a picture is of no use once the account shows another one.
fn forget_old_pictures(conn: &mut Conn, account: &Account) -> Result<()> {
    let row = accounts::table.find(account.id.0);
    let shown = |picture: &Option<Picture>| match picture {
        Some(Picture::Remote(url)) => url.clone(),
        _ => String::new(),
    };
    diesel::update(row.filter(accounts::avatar_remote_url.ne(shown(&account.avatar))))
        .set(accounts::avatar_file.eq(None::<String>))
        .execute(conn)?;
    diesel::update(row.filter(accounts::header_remote_url.ne(shown(&account.header))))
        .set(accounts::header_file.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}

fn replace_keys(conn: &mut Conn, id: AccountId, keys: &[(String, String)], now: DateTime<Utc>) -> Result<()> {
    let known: Vec<(String, String)> = account_keys::table
        .filter(account_keys::account_id.eq(id.0))
        .select((account_keys::key_uri, account_keys::public_key))
        .load(conn)?;
    if known == keys {
        return Ok(());
    }
    diesel::delete(account_keys::table.filter(account_keys::account_id.eq(id.0))).execute(conn)?;
    for (uri, public_key) in keys {
        diesel::insert_into(account_keys::table)
            .values((
                account_keys::key_uri.eq(uri),
                account_keys::account_id.eq(id.0),
                account_keys::public_key.eq(public_key),
                account_keys::created_at.eq(now.timestamp_millis()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Gives an account's handle up, so that another may have it: a remote name was taken over with proof.
pub fn invalidate_handle(conn: &mut Conn, id: AccountId) -> Result<()> {
    let rows = diesel::update(accounts::table.find(id.0))
        .set((
            accounts::domain.eq("handle.invalid"),
            accounts::username_folded.eq(id.to_string()),
        ))
        .execute(conn)?;
    one_row("invalidate handle", rows)
}

/// Sets where an account moved.
pub fn update_moved_to(conn: &mut Conn, id: AccountId, target: Option<AccountId>) -> Result<()> {
    let rows = diesel::update(accounts::table.find(id.0))
        .set(accounts::moved_to_id.eq(target.map(|target| target.0)))
        .execute(conn)?;
    one_row("update moved_to", rows)
}

/// Suspends or unsuspends an account.
pub fn update_suspended(conn: &mut Conn, id: AccountId, at: Option<DateTime<Utc>>) -> Result<()> {
    let rows = diesel::update(accounts::table.find(id.0))
        .set(accounts::suspended_at.eq(at.map(|at| at.timestamp_millis())))
        .execute(conn)?;
    one_row("update suspended_at", rows)
}

/// Marks an account as deleted and blanks what it showed; the row keeps its name taken.
pub fn mark_account_deleted(conn: &mut Conn, id: AccountId, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::update(accounts::table.find(id.0))
        .set((
            accounts::deleted_at.eq(now.timestamp_millis()),
            accounts::display_name.eq(""),
            accounts::display_name_folded.eq(""),
            accounts::note.eq(""),
            accounts::note_source.eq(""),
            accounts::fields.eq("[]"),
            accounts::avatar_file.eq(None::<String>),
            accounts::avatar_remote_url.eq(None::<String>),
            accounts::header_file.eq(None::<String>),
            accounts::header_remote_url.eq(None::<String>),
            accounts::discoverable.eq(false),
            accounts::indexable.eq(false),
            accounts::statuses_count.eq(0),
            accounts::followers_count.eq(0),
            accounts::following_count.eq(0),
        ))
        .execute(conn)?;
    one_row("delete account", rows)
}

/// Changes the number of statuses by `step` and, when one was added, the time of the newest. A deleted account has none, even
/// while rows of it are still there.
pub fn adjust_statuses_count(
    conn: &mut Conn,
    id: AccountId,
    step: i64,
    newest: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::update(accounts::table.find(id.0).filter(accounts::deleted_at.is_null()))
        .set(accounts::statuses_count.eq(accounts::statuses_count + step))
        .execute(conn)?;
    if let Some(newest) = newest.map(|newest| newest.timestamp_millis()) {
        diesel::update(
            accounts::table.find(id.0).filter(
                accounts::last_status_at
                    .is_null()
                    .or(accounts::last_status_at.lt(newest)),
            ),
        )
        .set(accounts::last_status_at.eq(newest))
        .execute(conn)?;
    }
    Ok(())
}

/// Changes the number of followers of `target` and of accounts followed by `follower` by `step`.
pub fn adjust_follow_counts(
    conn: &mut Conn,
    follower: AccountId,
    target: AccountId,
    step: i64,
) -> Result<()> {
    let adjust_follower = |conn: &mut Conn| {
        diesel::update(accounts::table.find(follower.0))
            .set(accounts::following_count.eq(accounts::following_count + step))
            .execute(conn)
    };
    let adjust_target = |conn: &mut Conn| {
        diesel::update(accounts::table.find(target.0))
            .set((
                accounts::followers_count.eq(accounts::followers_count + step),
                accounts::followers_version.eq(accounts::followers_version + 1),
            ))
            .execute(conn)
    };
    // The lower id first: two accounts that follow each other at the same moment must not wait for one another.
    if follower < target {
        adjust_follower(conn)?;
        adjust_target(conn)?;
    } else {
        adjust_target(conn)?;
        adjust_follower(conn)?;
    }
    Ok(())
}

/// Local accounts that are not deleted, oldest first.
pub fn list_local_accounts(conn: &mut Conn) -> Result<Vec<Account>> {
    let rows: Vec<AccountRow> = accounts::table
        .filter(accounts::domain.eq(""))
        .filter(accounts::deleted_at.is_null())
        .order(accounts::id)
        .select(AccountRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Removes all that relates a deleted account to others: follows both ways (with their counts), blocks, mutes,
/// favourites, list memberships, timeline rows and notifications that it caused; and what it kept for itself: lists,
/// filters, drafts, what was to be posted later, saved searches.
pub fn delete_relations_of(conn: &mut Conn, id: AccountId) -> Result<()> {
    let followed = follows::table
        .filter(follows::account_id.eq(id.0))
        .filter(follows::accepted.eq(true))
        .select(follows::target_id);
    diesel::update(accounts::table.filter(accounts::id.eq_any(followed)))
        .set((
            accounts::followers_count.eq(accounts::followers_count - 1),
            accounts::followers_version.eq(accounts::followers_version + 1),
        ))
        .execute(conn)?;
    let followers = follows::table
        .filter(follows::target_id.eq(id.0))
        .filter(follows::accepted.eq(true))
        .select(follows::account_id);
    diesel::update(accounts::table.filter(accounts::id.eq_any(followers)))
        .set(accounts::following_count.eq(accounts::following_count - 1))
        .execute(conn)?;
    let favourited = favourites::table
        .filter(favourites::account_id.eq(id.0))
        .select(favourites::status_id);
    diesel::update(statuses::table.filter(statuses::id.eq_any(favourited)))
        .set(statuses::favourites_count.eq(statuses::favourites_count - 1))
        .execute(conn)?;
    macro_rules! remove {
        ($($table:ident . $column:ident),* $(,)?) => {$(
            diesel::delete($table::table.filter($table::$column.eq(id.0))).execute(conn)?;
        )*};
    }
    remove!(
        follows.account_id,
        follows.target_id,
        blocks.account_id,
        blocks.target_id,
        mutes.account_id,
        mutes.target_id,
        account_notes.account_id,
        account_notes.target_id,
        account_domain_blocks.account_id,
        favourites.account_id,
        status_reactions.account_id,
        interaction_requests.account_id,
        interaction_requests.actor_id,
        interaction_defaults.account_id,
        featured_tags.account_id,
        bookmarks.account_id,
        list_accounts.account_id,
        lists.account_id,
        collection_items.account_id,
        collections.account_id,
        filters.account_id,
        markers.account_id,
        home_feed.account_id,
        account_conversations.account_id,
        notifications.account_id,
        notifications.from_account_id,
        notification_policies.account_id,
        notification_permissions.account_id,
        notification_permissions.from_account_id,
        notification_requests.account_id,
        notification_requests.from_account_id,
        severances.account_id,
        severed_follows.account_id,
        conversation_mutes.account_id,
        tag_follows.account_id,
        endorsements.account_id,
        endorsements.target_id,
        suggestion_dismissals.account_id,
        suggestion_dismissals.target_id,
        staff_picks.account_id,
        announcement_reads.account_id,
        announcement_reactions.account_id,
        // Their files are free then, and go with other uploads that nobody used.
        scheduled_statuses.account_id,
        drafts.account_id,
        saved_searches.account_id,
    );
    Ok(())
}

/// Removes an account with all that refers to it, as if it had never been there. Others' counts are for
/// [`delete_relations_of`].
pub fn delete_account(conn: &mut Conn, id: AccountId) -> Result<()> {
    let rows = diesel::delete(accounts::table.find(id.0)).execute(conn)?;
    one_row("delete account", rows)
}

/// Notes where the copy of a remote picture is kept; false if the account shows another one by now.
pub fn cache_picture(
    conn: &mut Conn,
    id: AccountId,
    is_avatar: bool,
    remote_url: &str,
    file: &str,
) -> Result<bool> {
    let account = accounts::table.find(id.0);
    let rows = if is_avatar {
        diesel::update(account.filter(accounts::avatar_remote_url.eq(remote_url)))
            .set(accounts::avatar_file.eq(file))
            .execute(conn)?
    } else {
        diesel::update(account.filter(accounts::header_remote_url.eq(remote_url)))
            .set(accounts::header_file.eq(file))
            .execute(conn)?
    };
    Ok(rows == 1)
}
