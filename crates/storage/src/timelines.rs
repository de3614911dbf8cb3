//! Timelines: ready-made rows for home and lists, keyset queries for the others.

use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, CardId, ListId, StatusId, TagId},
    page::Page,
    status::{Status, Visibility},
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks, raw},
    schema::{
        accounts, follows, home_feed, list_accounts, list_feed, lists, status_cards, status_tags, statuses,
    },
    tag_follows,
};

type Backend = <Conn as Connection>::Backend;
type StatusQuery = statuses::BoxedQuery<'static, Backend>;

/// Reads a boxed query by page on a status id, newest first.
macro_rules! status_page {
    ($conn:expr, $page:expr, $query:expr, $id:expr) => {{
        let page: &Page = $page;
        let mut query = $query.limit(page.limit);
        if let Some(max) = page.max_id {
            query = query.filter($id.lt(max));
        }
        if let Some(min) = page.lower() {
            query = query.filter($id.gt(min));
        }
        query = if page.is_ascending() {
            query.order($id.asc())
        } else {
            query.order($id.desc())
        };
        let mut ids: Vec<i64> = query.select($id).load($conn)?;
        if page.is_ascending() {
            ids.reverse();
        }
        ids.into_iter().map(StatusId).collect::<Vec<_>>()
    }};
}

// --- Home and lists -----------------------------------------------------------------------------------------

/// Home timeline rows of an account by page, newest first.
pub fn list_home(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<StatusId>> {
    let query = home_feed::table
        .filter(home_feed::account_id.eq(owner.0))
        .into_boxed();
    Ok(status_page!(conn, page, query, home_feed::status_id))
}

/// Timeline rows of a list by page, newest first.
pub fn list_list(conn: &mut Conn, list: ListId, page: &Page) -> Result<Vec<StatusId>> {
    let query = list_feed::table
        .filter(list_feed::list_id.eq(list.0))
        .into_boxed();
    Ok(status_page!(conn, page, query, list_feed::status_id))
}

/// Home older than the kept rows: statuses of followed accounts, public ones with followed hashtags, and own ones, by query.
/// Backfilled ones are not among them.
pub fn list_home_by_query(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<StatusId>> {
    let mut found = list_home_of_people(conn, owner, page)?;
    let tags = tag_follows::list_all_tag_follows(conn, owner)?;
    if tags.is_empty() {
        return Ok(found);
    }
    found.extend(tag_follows::list_tagged(conn, &tags, page)?);
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    if page.is_ascending() {
        found.drain(..found.len().saturating_sub(limit));
    } else {
        found.truncate(limit);
    }
    Ok(found)
}

fn list_home_of_people(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<StatusId>> {
    let followed = follows::table
        .filter(follows::account_id.eq(owner.0))
        .filter(follows::accepted.eq(true))
        .select(follows::target_id);
    let query = statuses::table
        .filter(
            statuses::account_id
                .eq_any(followed)
                .or(statuses::account_id.eq(owner.0)),
        )
        .filter(statuses::visibility.ne(Visibility::Direct.as_str()))
        .filter(statuses::visibility.ne(Visibility::Limited.as_str()))
        .filter(statuses::backfilled.eq(false))
        .into_boxed();
    Ok(status_page!(conn, page, query, statuses::id))
}

/// The oldest status id in an account's kept home rows.
pub fn find_oldest_home(conn: &mut Conn, owner: AccountId) -> Result<Option<StatusId>> {
    let id: Option<i64> = home_feed::table
        .filter(home_feed::account_id.eq(owner.0))
        .select(diesel::dsl::min(home_feed::status_id))
        .first(conn)?;
    Ok(id.map(StatusId))
}

/// Enters a status into the home timelines of `owners`; a boost only where neither the original nor another
/// boost of it is. Returns the owners whose timeline it entered.
pub fn insert_home(conn: &mut Conn, status: &Status, owners: &[AccountId]) -> Result<Vec<AccountId>> {
    let mut skipped: Vec<i64> = Vec::new();
    if let Some(original) = status.reblog_of_id {
        for chunk in chunks(owners) {
            let shown: Vec<i64> = home_feed::table
                .filter(among(home_feed::account_id, chunk))
                .filter(
                    home_feed::status_id
                        .eq(original.0)
                        .or(home_feed::reblog_of_id.eq(original.0)),
                )
                .select(home_feed::account_id)
                .load(conn)?;
            skipped.extend(shown);
        }
    }
    let entered: Vec<AccountId> = owners
        .iter()
        .copied()
        .filter(|owner| !skipped.contains(&owner.0))
        .collect();
    for chunk in chunks(&entered) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|owner| {
                (
                    home_feed::account_id.eq(owner.0),
                    home_feed::status_id.eq(status.id.0),
                    home_feed::reblog_of_id.eq(status.reblog_of_id.map(i64::from)),
                    home_feed::author_id.eq(status.account_id.0),
                )
            })
            .collect();
        each_backend!(conn, conn => for row in rows {
            diesel::insert_into(home_feed::table).values(row).on_conflict_do_nothing().execute(conn)?;
        });
    }
    Ok(entered)
}

/// Enters a status into the timelines of lists.
pub fn insert_lists(conn: &mut Conn, status: &Status, ids: &[ListId]) -> Result<()> {
    for id in ids {
        let row = (
            list_feed::list_id.eq(id.0),
            list_feed::status_id.eq(status.id.0),
            list_feed::reblog_of_id.eq(status.reblog_of_id.map(i64::from)),
            list_feed::author_id.eq(status.account_id.0),
        );
        each_backend!(conn, conn => diesel::insert_into(list_feed::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn)?);
    }
    Ok(())
}

/// In whose home timelines a status is.
pub fn list_home_owners(conn: &mut Conn, status: StatusId) -> Result<Vec<AccountId>> {
    let ids: Vec<i64> = home_feed::table
        .filter(home_feed::status_id.eq(status.0))
        .select(home_feed::account_id)
        .load(conn)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// In which lists' timelines a status is.
pub fn list_lists_showing(conn: &mut Conn, status: StatusId) -> Result<Vec<ListId>> {
    let ids: Vec<i64> = list_feed::table
        .filter(list_feed::status_id.eq(status.0))
        .select(list_feed::list_id)
        .load(conn)?;
    Ok(ids.into_iter().map(ListId).collect())
}

/// Removes what `author` wrote or boosted from a home timeline.
pub fn feed_remove_author(conn: &mut Conn, owner: AccountId, author: AccountId) -> Result<()> {
    diesel::delete(
        home_feed::table
            .filter(home_feed::account_id.eq(owner.0))
            .filter(home_feed::author_id.eq(author.0)),
    )
    .execute(conn)?;
    let own_lists: Vec<i64> = lists::table
        .filter(lists::account_id.eq(owner.0))
        .select(lists::id)
        .load(conn)?;
    diesel::delete(
        list_feed::table
            .filter(list_feed::list_id.eq_any(own_lists))
            .filter(list_feed::author_id.eq(author.0)),
    )
    .execute(conn)?;
    Ok(())
}

/// Removes boosts by `author` from a home timeline.
pub fn feed_remove_reblogs(conn: &mut Conn, owner: AccountId, author: AccountId) -> Result<()> {
    diesel::delete(
        home_feed::table
            .filter(home_feed::account_id.eq(owner.0))
            .filter(home_feed::author_id.eq(author.0))
            .filter(home_feed::reblog_of_id.is_not_null()),
    )
    .execute(conn)?;
    Ok(())
}

fn recent_ids(
    conn: &mut Conn,
    author: AccountId,
    visibilities: &[Visibility],
    reblogs: bool,
    limit: i64,
) -> Result<Vec<(StatusId, Option<StatusId>)>> {
    let names: Vec<&str> = visibilities
        .iter()
        .map(|visibility| visibility.as_str())
        .collect();
    let mut query = statuses::table
        .filter(statuses::account_id.eq(author.0))
        .filter(statuses::visibility.eq_any(names))
        .filter(statuses::backfilled.eq(false))
        .order(statuses::id.desc())
        .limit(limit)
        .into_boxed();
    if !reblogs {
        query = query.filter(statuses::reblog_of_id.is_null());
    }
    let rows: Vec<(i64, Option<i64>)> = query.select((statuses::id, statuses::reblog_of_id)).load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, of)| (StatusId(id), of.map(StatusId)))
        .collect())
}

/// Enters the newest statuses of `author` into a home timeline: the owner has begun to follow. Followers-only
/// statuses made before are among them.
pub fn feed_backfill(
    conn: &mut Conn,
    owner: AccountId,
    author: AccountId,
    reblogs: bool,
    limit: i64,
) -> Result<()> {
    let open = [Visibility::Public, Visibility::Unlisted, Visibility::Private];
    for (id, reblog_of) in recent_ids(conn, author, &open, reblogs, limit)? {
        let row = (
            home_feed::account_id.eq(owner.0),
            home_feed::status_id.eq(id.0),
            home_feed::reblog_of_id.eq(reblog_of.map(i64::from)),
            home_feed::author_id.eq(author.0),
        );
        each_backend!(conn, conn => diesel::insert_into(home_feed::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn)?);
    }
    Ok(())
}

/// Enters the newest statuses of `author` into a list's timeline.
pub fn list_feed_backfill(conn: &mut Conn, list: ListId, author: AccountId, limit: i64) -> Result<()> {
    let open = [Visibility::Public, Visibility::Unlisted, Visibility::Private];
    for (id, reblog_of) in recent_ids(conn, author, &open, true, limit)? {
        let row = (
            list_feed::list_id.eq(list.0),
            list_feed::status_id.eq(id.0),
            list_feed::reblog_of_id.eq(reblog_of.map(i64::from)),
            list_feed::author_id.eq(author.0),
        );
        each_backend!(conn, conn => diesel::insert_into(list_feed::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn)?);
    }
    Ok(())
}

/// Removes what `author` wrote or boosted from a list's timeline.
pub fn list_feed_remove_author(conn: &mut Conn, list: ListId, author: AccountId) -> Result<()> {
    diesel::delete(
        list_feed::table
            .filter(list_feed::list_id.eq(list.0))
            .filter(list_feed::author_id.eq(author.0)),
    )
    .execute(conn)?;
    Ok(())
}

/// Home timelines with more than `keep` rows lose the oldest.
pub fn trim_home(conn: &mut Conn, owner: AccountId, keep: i64) -> Result<()> {
    let first_dropped: Option<i64> = home_feed::table
        .filter(home_feed::account_id.eq(owner.0))
        .order(home_feed::status_id.desc())
        .offset(keep)
        .limit(1)
        .select(home_feed::status_id)
        .first(conn)
        .optional()?;
    if let Some(id) = first_dropped {
        diesel::delete(
            home_feed::table
                .filter(home_feed::account_id.eq(owner.0))
                .filter(home_feed::status_id.le(id)),
        )
        .execute(conn)?;
    }
    Ok(())
}

/// A local follower of an author, as far as home timelines care.
#[derive(Clone, PartialEq, Eq, Debug, Queryable)]
pub struct FollowerRow {
    follower: i64,
    /// Boosts of the author are shown.
    pub show_reblogs: bool,
    /// New statuses of the author make notifications.
    pub notify: bool,
    /// Space-separated language codes that the follow is limited to; empty: all.
    pub languages: String,
}

impl FollowerRow {
    /// Who follows.
    pub fn id(&self) -> AccountId {
        AccountId(self.follower)
    }
}

/// Local accounts that follow `author`.
pub fn list_local_followers(conn: &mut Conn, author: AccountId) -> Result<Vec<FollowerRow>> {
    use crate::schema::users;
    Ok(follows::table
        .inner_join(users::table.on(users::account_id.eq(follows::account_id)))
        .filter(follows::target_id.eq(author.0))
        .filter(follows::accepted.eq(true))
        .select((
            follows::account_id,
            follows::show_reblogs,
            follows::notify,
            follows::languages,
        ))
        .load(conn)?)
}

/// A list that has the author as a member: its id, owner, replies policy and whether it is exclusive.
pub type ListRow = (ListId, AccountId, String, bool);

/// Lists that `author` is a member of.
pub fn list_lists_with(conn: &mut Conn, author: AccountId) -> Result<Vec<ListRow>> {
    let rows: Vec<(i64, i64, String, bool)> = list_accounts::table
        .inner_join(lists::table.on(lists::id.eq(list_accounts::list_id)))
        .filter(list_accounts::account_id.eq(author.0))
        .select((
            lists::id,
            lists::account_id,
            lists::replies_policy,
            lists::exclusive,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, owner, policy, exclusive)| (ListId(id), AccountId(owner), policy, exclusive))
        .collect())
}

// --- Public, hashtag and account timelines ------------------------------------------------------------------

/// Which statuses a public timeline shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PublicFilter {
    /// Local ones only.
    pub local: bool,
    /// Remote ones only.
    pub remote: bool,
    /// With attachments only.
    pub only_media: bool,
}

fn open_statuses(filter: PublicFilter) -> StatusQuery {
    let mut query = statuses::table
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::visibility.eq(Visibility::Public.as_str()))
        .into_boxed();
    if filter.local != filter.remote {
        query = query.filter(statuses::local.eq(filter.local));
    }
    if filter.only_media {
        query = query.filter(statuses::has_media.eq(true));
    }
    query
}

/// Public timeline by page: no boosts, and of replies only those to oneself.
pub fn list_public(conn: &mut Conn, filter: PublicFilter, page: &Page) -> Result<Vec<StatusId>> {
    let query = open_statuses(filter).filter(
        statuses::in_reply_to_account_id
            .is_null()
            .or(statuses::in_reply_to_account_id.eq(statuses::account_id.nullable())),
    );
    Ok(status_page!(conn, page, query, statuses::id))
}

/// Public statuses with one of the tags `any`, every one of the tags `all` and none of the tags `none`.
pub fn list_tagged(
    conn: &mut Conn,
    any: &[TagId],
    all: &[TagId],
    none: &[TagId],
    filter: PublicFilter,
    page: &Page,
) -> Result<Vec<StatusId>> {
    let with = |tags: Vec<i64>| {
        status_tags::table
            .filter(status_tags::tag_id.eq_any(tags))
            .select(status_tags::status_id)
    };
    let mut query = open_statuses(filter).filter(statuses::id.eq_any(with(raw(any))));
    for tag in all {
        query = query.filter(statuses::id.eq_any(with(vec![tag.0])));
    }
    if !none.is_empty() {
        query = query.filter(statuses::id.ne_all(with(raw(none))));
    }
    Ok(status_page!(conn, page, query, statuses::id))
}

/// Public statuses by people who want to be found that show a card.
pub fn list_linking(conn: &mut Conn, card: CardId, page: &Page) -> Result<Vec<StatusId>> {
    let with = status_cards::table
        .filter(status_cards::card_id.eq(card.0))
        .select(status_cards::status_id);
    let author = accounts::table
        .filter(accounts::id.eq(statuses::account_id))
        .filter(accounts::discoverable);
    let query = open_statuses(PublicFilter::default())
        .filter(statuses::id.eq_any(with))
        .filter(exists(author));
    Ok(status_page!(conn, page, query, statuses::id))
}

/// Which statuses of an account are asked for.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// With attachments only.
    pub only_media: bool,
    /// No replies to others.
    pub exclude_replies: bool,
    /// No boosts.
    pub exclude_reblogs: bool,
    /// With this tag only.
    pub tagged: Option<TagId>,
    /// Only those that anybody may see; a viewer who follows or is mentioned sees more.
    pub only_open: bool,
}

/// Statuses of an account by page. Direct ones and those the viewer may not see are for the caller to leave out.
pub fn list_account(
    conn: &mut Conn,
    author: AccountId,
    filter: &AccountFilter,
    page: &Page,
) -> Result<Vec<StatusId>> {
    let mut query = statuses::table
        .filter(statuses::account_id.eq(author.0))
        .into_boxed();
    if filter.only_open {
        query = query.filter(
            statuses::visibility.eq_any([Visibility::Public.as_str(), Visibility::Unlisted.as_str()]),
        );
    }
    if filter.only_media {
        query = query
            .filter(statuses::has_media.eq(true))
            .filter(statuses::reblog_of_id.is_null());
    }
    if filter.exclude_replies {
        query = query.filter(
            statuses::in_reply_to_account_id
                .is_null()
                .or(statuses::in_reply_to_account_id.eq(author.0)),
        );
    }
    if filter.exclude_reblogs {
        query = query.filter(statuses::reblog_of_id.is_null());
    }
    if let Some(tag) = filter.tagged {
        query = query.filter(
            statuses::id.eq_any(
                status_tags::table
                    .filter(status_tags::tag_id.eq(tag.0))
                    .select(status_tags::status_id),
            ),
        );
    }
    Ok(status_page!(conn, page, query, statuses::id))
}

/// Whether an account is a member of a list.
pub fn is_list_member(conn: &mut Conn, list: ListId, account: AccountId) -> Result<bool> {
    let member = list_accounts::table
        .filter(list_accounts::list_id.eq(list.0))
        .filter(list_accounts::account_id.eq(account.0));
    Ok(diesel::select(diesel::dsl::exists(member)).get_result(conn)?)
}
