//! Lists of followed accounts. Their timelines are in [`timelines`](crate::timelines).

use diesel::prelude::*;
use pouet_model::{
    filter::{List, RepliesPolicy},
    ids::{AccountId, ListId, RelationId},
    page::Page,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    paging::relation_page,
    schema::{accounts, list_accounts, list_feed, lists},
};

type ListColumns = (i64, String, String, bool);

macro_rules! columns {
    () => {
        (lists::id, lists::title, lists::replies_policy, lists::exclusive)
    };
}

fn list_of((id, title, replies_policy, exclusive): ListColumns) -> Result<List> {
    Ok(List {
        id: ListId(id),
        title,
        replies_policy: RepliesPolicy::parse(&replies_policy).ok_or(Error::Inconsistent {
            table: "lists",
            column: "replies_policy",
            id,
        })?,
        exclusive,
    })
}

/// Adds a list.
pub fn insert_list(conn: &mut Conn, owner: AccountId, list: &List) -> Result<()> {
    let rows = diesel::insert_into(lists::table)
        .values((
            lists::id.eq(list.id.0),
            lists::account_id.eq(owner.0),
            lists::title.eq(&list.title),
            lists::replies_policy.eq(list.replies_policy.as_str()),
            lists::exclusive.eq(list.exclusive),
        ))
        .execute(conn)?;
    one_row("insert list", rows)
}

/// Writes what a list is called and how it behaves.
pub fn update_list(conn: &mut Conn, list: &List) -> Result<()> {
    let rows = diesel::update(lists::table.find(list.id.0))
        .set((
            lists::title.eq(&list.title),
            lists::replies_policy.eq(list.replies_policy.as_str()),
            lists::exclusive.eq(list.exclusive),
        ))
        .execute(conn)?;
    one_row("update list", rows)
}

/// Removes a list; false if this owner has none such.
pub fn delete_list(conn: &mut Conn, owner: AccountId, id: ListId) -> Result<bool> {
    let own = lists::table.find(id.0).filter(lists::account_id.eq(owner.0));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// A list of this owner.
pub fn find_list(conn: &mut Conn, owner: AccountId, id: ListId) -> Result<Option<List>> {
    let row: Option<ListColumns> = lists::table
        .find(id.0)
        .filter(lists::account_id.eq(owner.0))
        .select(columns!())
        .first(conn)
        .optional()?;
    row.map(list_of).transpose()
}

/// All lists of an account, by title.
pub fn list_lists(conn: &mut Conn, owner: AccountId) -> Result<Vec<List>> {
    let rows: Vec<ListColumns> = lists::table
        .filter(lists::account_id.eq(owner.0))
        .order((lists::title, lists::id))
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(list_of).collect()
}

/// The owner's lists that `member` is on, by title.
pub fn list_lists_containing(conn: &mut Conn, owner: AccountId, member: AccountId) -> Result<Vec<List>> {
    let rows: Vec<ListColumns> = lists::table
        .inner_join(list_accounts::table.on(list_accounts::list_id.eq(lists::id)))
        .filter(lists::account_id.eq(owner.0))
        .filter(list_accounts::account_id.eq(member.0))
        .order((lists::title, lists::id))
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(list_of).collect()
}

/// Number of lists of an account.
pub fn count_lists(conn: &mut Conn, owner: AccountId) -> Result<i64> {
    Ok(lists::table
        .filter(lists::account_id.eq(owner.0))
        .count()
        .get_result(conn)?)
}

/// Number of members of a list.
pub fn count_members(conn: &mut Conn, id: ListId) -> Result<i64> {
    Ok(list_accounts::table
        .filter(list_accounts::list_id.eq(id.0))
        .count()
        .get_result(conn)?)
}

/// Active members of a list, last added first: keys and ids. `None` for the page: all of them.
pub fn list_members(conn: &mut Conn, id: ListId, page: Option<&Page>) -> Result<Vec<(i64, AccountId)>> {
    let query = list_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(list_accounts::account_id)))
        .filter(list_accounts::list_id.eq(id.0))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((list_accounts::id, list_accounts::account_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = match page {
        Some(page) => relation_page!(conn, page, query, list_accounts::id),
        None => query.order(list_accounts::id.desc()).load(conn)?,
    };
    Ok(rows.into_iter().map(|(key, id)| (key, AccountId(id))).collect())
}

/// Puts an account on a list; false if it is on it already.
pub fn insert_member(conn: &mut Conn, key: RelationId, list: ListId, member: AccountId) -> Result<bool> {
    let values = (
        list_accounts::id.eq(key.0),
        list_accounts::list_id.eq(list.0),
        list_accounts::account_id.eq(member.0),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(list_accounts::table)
        .values(values)
        .on_conflict((list_accounts::list_id, list_accounts::account_id))
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Takes an account off a list; false if it is not on it.
pub fn delete_member(conn: &mut Conn, list: ListId, member: AccountId) -> Result<bool> {
    let rows = diesel::delete(
        list_accounts::table
            .filter(list_accounts::list_id.eq(list.0))
            .filter(list_accounts::account_id.eq(member.0)),
    )
    .execute(conn)?;
    Ok(rows > 0)
}

/// Takes `member` off all lists of `owner`, with what those lists showed of it: the owner follows it no longer.
pub fn delete_member_everywhere(conn: &mut Conn, owner: AccountId, member: AccountId) -> Result<()> {
    let with_member: Vec<i64> = list_accounts::table
        .inner_join(lists::table.on(lists::id.eq(list_accounts::list_id)))
        .filter(lists::account_id.eq(owner.0))
        .filter(list_accounts::account_id.eq(member.0))
        .select(lists::id)
        .load(conn)?;
    if with_member.is_empty() {
        return Ok(());
    }
    diesel::delete(
        list_accounts::table
            .filter(list_accounts::account_id.eq(member.0))
            .filter(list_accounts::list_id.eq_any(with_member.clone())),
    )
    .execute(conn)?;
    diesel::delete(
        list_feed::table
            .filter(list_feed::author_id.eq(member.0))
            .filter(list_feed::list_id.eq_any(with_member)),
    )
    .execute(conn)?;
    Ok(())
}
