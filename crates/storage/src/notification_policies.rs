//! What accounts want to become of notifications, and whose they let through whatever that is.

use std::collections::HashMap;

use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, ConversationId},
    notification_policy::{Correspondents, NotificationPolicy, Treatment},
    status::Visibility,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::{among, chunks},
    schema::{
        accounts, mentions, notification_permissions as permissions, notification_policies as policies,
        statuses,
    },
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = policies)]
struct PolicyRow {
    account_id: i64,
    for_not_following: String,
    for_not_followers: String,
    for_new_accounts: String,
    for_private_mentions: String,
    for_limited_accounts: String,
    for_bots: String,
    direct_messages: String,
}

impl TryFrom<PolicyRow> for NotificationPolicy {
    type Error = Error;

    fn try_from(row: PolicyRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "notification_policies",
            column,
            id: row.account_id,
        };
        let read = |name: &str, column| Treatment::parse(name).ok_or_else(|| unreadable(column));
        Ok(Self {
            for_not_following: read(&row.for_not_following, "for_not_following")?,
            for_not_followers: read(&row.for_not_followers, "for_not_followers")?,
            for_new_accounts: read(&row.for_new_accounts, "for_new_accounts")?,
            for_private_mentions: read(&row.for_private_mentions, "for_private_mentions")?,
            for_limited_accounts: read(&row.for_limited_accounts, "for_limited_accounts")?,
            for_bots: read(&row.for_bots, "for_bots")?,
            direct_messages: Correspondents::parse(&row.direct_messages)
                .ok_or_else(|| unreadable("direct_messages"))?,
        })
    }
}

/// The policies of these accounts. Those that are left out have the default.
pub fn load_policies(
    conn: &mut Conn,
    owners: &[AccountId],
) -> Result<HashMap<AccountId, NotificationPolicy>> {
    let mut found = HashMap::new();
    for chunk in chunks(owners) {
        let rows: Vec<PolicyRow> = policies::table
            .filter(among(policies::account_id, chunk))
            .select(PolicyRow::as_select())
            .load(conn)?;
        for row in rows {
            found.insert(AccountId(row.account_id), row.try_into()?);
        }
    }
    Ok(found)
}

/// The policy of an account.
pub fn find_policy(conn: &mut Conn, owner: AccountId) -> Result<NotificationPolicy> {
    Ok(load_policies(conn, &[owner])?.remove(&owner).unwrap_or_default())
}

/// Writes the policy of an account in place of the one it had.
pub fn replace_policy(conn: &mut Conn, owner: AccountId, policy: &NotificationPolicy) -> Result<()> {
    let rules = (
        policies::for_not_following.eq(policy.for_not_following.as_str()),
        policies::for_not_followers.eq(policy.for_not_followers.as_str()),
        policies::for_new_accounts.eq(policy.for_new_accounts.as_str()),
        policies::for_private_mentions.eq(policy.for_private_mentions.as_str()),
        policies::for_limited_accounts.eq(policy.for_limited_accounts.as_str()),
        policies::for_bots.eq(policy.for_bots.as_str()),
        policies::direct_messages.eq(policy.direct_messages.as_str()),
    );
    each_backend!(conn, conn => diesel::insert_into(policies::table)
        .values((policies::account_id.eq(owner.0), rules))
        .on_conflict(policies::account_id)
        .do_update()
        .set(rules)
        .execute(conn)?);
    Ok(())
}

/// Whether `owner` lets through what `from` causes.
pub fn is_permitted(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(permissions::table.find((owner.0, from.0)))).get_result(conn)?)
}

/// Lets through what `from` causes for `owner` from now on, and notes that a job is to let through what was held back.
pub fn insert_permission(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    let values = (
        permissions::account_id.eq(owner.0),
        permissions::from_account_id.eq(from.0),
        permissions::merging.eq(true),
    );
    each_backend!(conn, conn => diesel::insert_into(permissions::table)
        .values(values)
        .on_conflict((permissions::account_id, permissions::from_account_id))
        .do_update()
        .set(permissions::merging.eq(true))
        .execute(conn)?);
    Ok(())
}

/// Notes that what was held back of `from` is through.
pub fn end_merging(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    diesel::update(permissions::table.find((owner.0, from.0)))
        .set(permissions::merging.eq(false))
        .execute(conn)?;
    Ok(())
}

/// Whether what was held back of `from` for `owner` is still being let through.
pub fn is_merging_from(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<bool> {
    let merging = permissions::table
        .find((owner.0, from.0))
        .filter(permissions::merging.eq(true));
    Ok(diesel::select(diesel::dsl::exists(merging)).get_result(conn)?)
}

/// Whether something that was held back for `owner` is still being let through.
pub fn is_merging(conn: &mut Conn, owner: AccountId) -> Result<bool> {
    let merging = permissions::table
        .filter(permissions::account_id.eq(owner.0))
        .filter(permissions::merging.eq(true));
    Ok(diesel::select(diesel::dsl::exists(merging)).get_result(conn)?)
}

/// Applies the policy of `owner` to `from` again, if it did not.
pub fn delete_permission(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    diesel::delete(permissions::table.find((owner.0, from.0))).execute(conn)?;
    Ok(())
}

/// Applies the policy of `owner` to accounts of exactly this domain again, if it did not.
pub fn delete_permissions_of_domain(conn: &mut Conn, owner: AccountId, domain: &str) -> Result<()> {
    let its = accounts::table
        .filter(accounts::domain.eq(domain))
        .select(accounts::id);
    diesel::delete(
        permissions::table
            .filter(permissions::account_id.eq(owner.0))
            .filter(permissions::from_account_id.eq_any(its)),
    )
    .execute(conn)?;
    Ok(())
}

/// Whether `owner` wrote privately to `other` in a conversation.
pub fn has_written_to(
    conn: &mut Conn,
    owner: AccountId,
    other: AccountId,
    conversation: ConversationId,
) -> Result<bool> {
    let letters = statuses::table
        .inner_join(mentions::table.on(mentions::status_id.eq(statuses::id)))
        .filter(statuses::conversation_id.eq(conversation.0))
        .filter(statuses::account_id.eq(owner.0))
        .filter(statuses::visibility.eq(Visibility::Direct.as_str()))
        .filter(mentions::account_id.eq(other.0));
    Ok(diesel::select(diesel::dsl::exists(letters)).get_result(conn)?)
}
