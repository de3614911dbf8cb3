//! What a rule about a domain does to the accounts, follows and files of that domain that are here already.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::count_star,
    prelude::*,
    sql_types::{BigInt, Text},
};
use pouet_model::{
    account::Follow,
    ids::{AccountId, MediaId, RelationId},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::{accounts, follows, media_attachments, restricted_accounts, severed_follows},
};

/// What a rule does to an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restriction {
    /// It is hidden altogether.
    Suspend,
    /// It is kept out of public lists.
    Silence,
}

impl Restriction {
    fn as_str(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Silence => "silence",
        }
    }
}

/// Domains of the handles of known remote accounts, each once.
pub fn list_account_domains(conn: &mut Conn) -> Result<Vec<String>> {
    Ok(accounts::table
        .filter(accounts::domain.ne(""))
        .select(accounts::domain)
        .distinct()
        .load(conn)?)
}

/// Restricts those of `$scope` that are not restricted yet, and notes which.
macro_rules! restrict {
    ($conn:expr, $scope:expr, $restriction:expr, $now:expr, $column:ident) => {{
        let open = accounts::table
            .filter($scope)
            .filter(accounts::deleted_at.is_null())
            .filter(accounts::$column.is_null());
        let noted = open.select((
            accounts::id,
            $restriction.as_str().into_sql::<Text>(),
            $now.into_sql::<BigInt>(),
        ));
        each_backend!($conn, c => diesel::insert_into(restricted_accounts::table)
            .values(noted)
            .into_columns((
                restricted_accounts::account_id,
                restricted_accounts::kind,
                restricted_accounts::since,
            ))
            .execute(c)?);
        diesel::update(open).set(accounts::$column.eq($now)).execute($conn)?
    }};
}

/// Restricts the accounts of exactly this domain, and notes which; those that are restricted for a reason of their own stay
/// as they are. Returns how many changed.
pub fn restrict_domain(
    conn: &mut Conn,
    domain: &str,
    restriction: Restriction,
    now: DateTime<Utc>,
) -> Result<usize> {
    let (scope, now) = (accounts::domain.eq(domain), now.timestamp_millis());
    Ok(match restriction {
        Restriction::Suspend => restrict!(conn, scope, restriction, now, suspended_at),
        Restriction::Silence => restrict!(conn, scope, restriction, now, silenced_at),
    })
}

/// As [`restrict_domain`], for one account.
pub fn restrict_account(
    conn: &mut Conn,
    id: AccountId,
    restriction: Restriction,
    now: DateTime<Utc>,
) -> Result<()> {
    let (scope, now) = (accounts::id.eq(id.0), now.timestamp_millis());
    match restriction {
        Restriction::Suspend => restrict!(conn, scope, restriction, now, suspended_at),
        Restriction::Silence => restrict!(conn, scope, restriction, now, silenced_at),
    };
    Ok(())
}

/// Restores the accounts of exactly this domain that [`restrict_domain`] restricted. Returns how many changed.
pub fn release_domain(conn: &mut Conn, domain: &str, restriction: Restriction) -> Result<usize> {
    let noted = restricted_accounts::table
        .filter(restricted_accounts::kind.eq(restriction.as_str()))
        .select(restricted_accounts::account_id);
    let restored = accounts::table
        .filter(accounts::domain.eq(domain))
        .filter(accounts::id.eq_any(noted));
    let changed = match restriction {
        Restriction::Suspend => diesel::update(restored)
            .set(accounts::suspended_at.eq(None::<i64>))
            .execute(conn)?,
        Restriction::Silence => diesel::update(restored)
            .set(accounts::silenced_at.eq(None::<i64>))
            .execute(conn)?,
    };
    let of_domain = accounts::table
        .filter(accounts::domain.eq(domain))
        .select(accounts::id);
    diesel::delete(
        restricted_accounts::table
            .filter(restricted_accounts::kind.eq(restriction.as_str()))
            .filter(restricted_accounts::account_id.eq_any(of_domain)),
    )
    .execute(conn)?;
    Ok(changed)
}

/// Accounts of exactly this domain that were suspended by a rule, the longest suspended first, and since when; those behind
/// `after`, at most `limit`.
pub fn list_suspended_by_rule(
    conn: &mut Conn,
    domain: &str,
    after: Option<(AccountId, DateTime<Utc>)>,
    limit: i64,
) -> Result<Vec<(AccountId, DateTime<Utc>)>> {
    let mut query = restricted_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(restricted_accounts::account_id)))
        .filter(accounts::domain.eq(domain))
        .filter(restricted_accounts::kind.eq(Restriction::Suspend.as_str()))
        .order((restricted_accounts::since, restricted_accounts::account_id))
        .limit(limit)
        .select((restricted_accounts::account_id, restricted_accounts::since))
        .into_boxed();
    if let Some((id, since)) = after {
        let since = since.timestamp_millis();
        query = query.filter(
            restricted_accounts::since.gt(since).or(restricted_accounts::since
                .eq(since)
                .and(restricted_accounts::account_id.gt(id.0))),
        );
    }
    let rows: Vec<(i64, i64)> = query.load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, since)| (AccountId(id), from_millis(since)))
        .collect())
}

/// A follow between a local account and one of a domain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DomainFollow {
    /// The follow.
    pub follow: Follow,
    /// Handle of the remote side, without the first `@`.
    pub other_handle: String,
    /// Id of the remote side.
    pub other_uri: String,
    /// Whether the local account is the follower.
    pub outward: bool,
}

#[derive(Queryable)]
struct FollowRow {
    id: i64,
    account_id: i64,
    target_id: i64,
    uri: Option<String>,
    accepted: bool,
    show_reblogs: bool,
    notify: bool,
    created_at: i64,
    username: String,
    actor: Option<String>,
}

impl FollowRow {
    fn into_follow(self, domain: &str, outward: bool) -> DomainFollow {
        DomainFollow {
            follow: Follow {
                id: RelationId(self.id),
                account_id: AccountId(self.account_id),
                target_id: AccountId(self.target_id),
                uri: self.uri,
                accepted: self.accepted,
                show_reblogs: self.show_reblogs,
                notify: self.notify,
                // Nothing that ends a follow asks for them.
                languages: Vec::new(),
                created_at: from_millis(self.created_at),
            },
            other_handle: format!("{}@{domain}", self.username),
            other_uri: self.actor.unwrap_or_default(),
            outward,
        }
    }
}

/// Follows and requests between local accounts and those of exactly this domain, at most `limit` of each direction.
pub fn list_domain_follows(conn: &mut Conn, domain: &str, limit: i64) -> Result<Vec<DomainFollow>> {
    macro_rules! side {
        ($remote:ident) => {
            follows::table
                .inner_join(accounts::table.on(accounts::id.eq(follows::$remote)))
                .filter(accounts::domain.eq(domain))
                .order(follows::id)
                .limit(limit)
                .select((
                    follows::id,
                    follows::account_id,
                    follows::target_id,
                    follows::uri,
                    follows::accepted,
                    follows::show_reblogs,
                    follows::notify,
                    follows::created_at,
                    accounts::username,
                    accounts::uri,
                ))
                .load::<FollowRow>(conn)?
        };
    }
    let outward = side!(target_id);
    let inward = side!(account_id);
    let outward = outward.into_iter().map(|row| row.into_follow(domain, true));
    let inward = inward.into_iter().map(|row| row.into_follow(domain, false));
    Ok(outward.chain(inward).collect())
}

/// How many follows and requests there are between local accounts and those of exactly this domain.
pub fn count_domain_follows(conn: &mut Conn, domain: &str) -> Result<i64> {
    let of_domain = || {
        accounts::table
            .filter(accounts::domain.eq(domain.to_owned()))
            .select(accounts::id)
    };
    Ok(follows::table
        .filter(
            follows::target_id
                .eq_any(of_domain())
                .or(follows::account_id.eq_any(of_domain())),
        )
        .select(count_star())
        .first(conn)?)
}

/// A follow that ended because a domain was suspended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeveredFollow {
    /// Our id of this record.
    pub id: RelationId,
    /// The domain of the remote side.
    pub domain: String,
    /// The local side.
    pub account_id: AccountId,
    /// Handle of the remote side, without the first `@`.
    pub other_handle: String,
    /// Id of the remote side.
    pub other_uri: String,
    /// Whether the local account was the follower.
    pub outward: bool,
    /// Boosts were shown.
    pub show_reblogs: bool,
    /// New statuses were notified.
    pub notify: bool,
    /// When it ended.
    pub created_at: DateTime<Utc>,
}

/// Notes a follow that ended.
pub fn insert_severed(conn: &mut Conn, severed: &SeveredFollow) -> Result<()> {
    diesel::insert_into(severed_follows::table)
        .values((
            severed_follows::id.eq(severed.id.0),
            severed_follows::domain.eq(&severed.domain),
            severed_follows::account_id.eq(severed.account_id.0),
            severed_follows::other_handle.eq(&severed.other_handle),
            severed_follows::other_uri.eq(&severed.other_uri),
            severed_follows::outward.eq(severed.outward),
            severed_follows::show_reblogs.eq(severed.show_reblogs),
            severed_follows::notify.eq(severed.notify),
            severed_follows::created_at.eq(severed.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

type SeveredRow = (i64, String, i64, String, String, bool, bool, bool, i64);

/// Follows with accounts of exactly this domain that ended, and the names of the local sides, oldest first.
pub fn list_severed(conn: &mut Conn, domain: &str) -> Result<Vec<(SeveredFollow, String)>> {
    let rows: Vec<(SeveredRow, String)> = severed_follows::table
        .inner_join(accounts::table.on(accounts::id.eq(severed_follows::account_id)))
        .filter(severed_follows::domain.eq(domain))
        .order(severed_follows::id)
        .select((severed_follows::all_columns, accounts::username))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(row, username)| {
            let severed = SeveredFollow {
                id: RelationId(row.0),
                domain: row.1,
                account_id: AccountId(row.2),
                other_handle: row.3,
                other_uri: row.4,
                outward: row.5,
                show_reblogs: row.6,
                notify: row.7,
                created_at: from_millis(row.8),
            };
            (severed, username)
        })
        .collect())
}

/// Domains with follows that ended.
pub fn list_severed_domains(conn: &mut Conn) -> Result<Vec<String>> {
    Ok(severed_follows::table
        .select(severed_follows::domain)
        .distinct()
        .order(severed_follows::domain)
        .load(conn)?)
}

/// Takes the copies of attachments of accounts of exactly this domain out of their rows, at most `limit` at a time, and
/// returns the files.
pub fn uncache_attachments(conn: &mut Conn, domain: &str, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(i64, Option<String>, Option<String>)> = media_attachments::table
        .inner_join(accounts::table.on(accounts::id.eq(media_attachments::account_id)))
        .filter(accounts::domain.eq(domain))
        .filter(
            media_attachments::file
                .is_not_null()
                .or(media_attachments::thumbnail.is_not_null()),
        )
        .limit(limit)
        .select((
            media_attachments::id,
            media_attachments::file,
            media_attachments::thumbnail,
        ))
        .load(conn)?;
    let mut files = Vec::new();
    for (id, file, thumbnail) in rows {
        diesel::update(media_attachments::table.find(MediaId(id).0))
            .set((
                media_attachments::file.eq(None::<String>),
                media_attachments::thumbnail.eq(None::<String>),
            ))
            .execute(conn)?;
        files.extend(file.into_iter().chain(thumbnail));
    }
    Ok(files)
}

/// Takes the copies of pictures of accounts of exactly this domain out of their rows, at most `limit` accounts at a time, and
/// returns the files.
pub fn uncache_pictures(conn: &mut Conn, domain: &str, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(i64, Option<String>, Option<String>)> = accounts::table
        .filter(accounts::domain.eq(domain))
        .filter(
            accounts::avatar_file
                .is_not_null()
                .or(accounts::header_file.is_not_null()),
        )
        .limit(limit)
        .select((accounts::id, accounts::avatar_file, accounts::header_file))
        .load(conn)?;
    let mut files = Vec::new();
    for (id, avatar, header) in rows {
        diesel::update(accounts::table.find(id))
            .set((
                accounts::avatar_file.eq(None::<String>),
                accounts::header_file.eq(None::<String>),
            ))
            .execute(conn)?;
        files.extend(avatar.into_iter().chain(header));
    }
    Ok(files)
}
