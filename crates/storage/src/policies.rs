//! Who may do what with statuses, and what was approved.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    interaction::{Interaction, Policy},
    status::Visibility,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    json,
    schema::{interaction_authorizations, status_approvals, status_policies, statuses},
};

/// The rules of a status; `None`: everybody may do everything.
pub fn find_policy(conn: &mut Conn, status: StatusId) -> Result<Option<Policy>> {
    let text: Option<String> = status_policies::table
        .find(status.0)
        .select(status_policies::policy)
        .first(conn)
        .optional()?;
    let unreadable = Error::Inconsistent {
        table: "status_policies",
        column: "policy",
        id: status.0,
    };
    text.map(|text| json::read(&text).ok_or(unreadable)).transpose()
}

/// Writes the rules of a status in place of those it had.
pub fn replace_policy(conn: &mut Conn, status: StatusId, policy: Option<&Policy>) -> Result<()> {
    diesel::delete(status_policies::table.find(status.0)).execute(conn)?;
    if let Some(policy) = policy {
        diesel::insert_into(status_policies::table)
            .values((
                status_policies::status_id.eq(status.0),
                status_policies::policy.eq(json::write(policy)),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// An answer or boost that has to be approved, or was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApprovalRow {
    /// The answer or boost.
    pub status_id: StatusId,
    /// What it answers or boosts.
    pub target_id: StatusId,
    /// Who is to see it once it is approved.
    pub visibility: Visibility,
    /// Id of the approval; `None`: it waits.
    pub approved_by: Option<String>,
}

/// Notes that a status has to be approved.
pub fn insert_approval(conn: &mut Conn, row: &ApprovalRow) -> Result<()> {
    diesel::insert_into(status_approvals::table)
        .values((
            status_approvals::status_id.eq(row.status_id.0),
            status_approvals::target_id.eq(row.target_id.0),
            status_approvals::visibility.eq(row.visibility.as_str()),
            status_approvals::approved_by.eq(&row.approved_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a status has to be approved, or was.
pub fn find_approval(conn: &mut Conn, status: StatusId) -> Result<Option<ApprovalRow>> {
    let row: Option<(i64, i64, String, Option<String>)> =
        status_approvals::table.find(status.0).first(conn).optional()?;
    row.map(|(status, target, visibility, approved_by)| {
        Ok(ApprovalRow {
            status_id: StatusId(status),
            target_id: StatusId(target),
            visibility: Visibility::parse(&visibility).ok_or(Error::Inconsistent {
                table: "status_approvals",
                column: "visibility",
                id: status,
            })?,
            approved_by,
        })
    })
    .transpose()
}

/// Notes that a status is approved, and lets those see it whom it is for.
pub fn approve(conn: &mut Conn, row: &ApprovalRow, approved_by: &str) -> Result<()> {
    let rows = diesel::update(status_approvals::table.find(row.status_id.0))
        .set(status_approvals::approved_by.eq(approved_by))
        .execute(conn)?;
    one_row("approve", rows)?;
    let rows = diesel::update(statuses::table.find(row.status_id.0))
        .set(statuses::visibility.eq(row.visibility.as_str()))
        .execute(conn)?;
    one_row("approve status", rows)
}

/// What an author here has approved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorizationRow {
    /// Its id.
    pub id: RelationId,
    /// The author.
    pub account_id: AccountId,
    /// Their status.
    pub target_id: StatusId,
    /// What is done with it.
    pub interaction: Interaction,
    /// Id of the interaction: of an answer, a Like or an Announce.
    pub uri: String,
}

/// The approval of an interaction, which is added if there is none yet.
pub fn find_or_insert_authorization(
    conn: &mut Conn,
    row: &AuthorizationRow,
    now: DateTime<Utc>,
) -> Result<RelationId> {
    let values = (
        interaction_authorizations::id.eq(row.id.0),
        interaction_authorizations::account_id.eq(row.account_id.0),
        interaction_authorizations::target_id.eq(row.target_id.0),
        interaction_authorizations::interaction.eq(row.interaction.as_str()),
        interaction_authorizations::uri.eq(&row.uri),
        interaction_authorizations::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(interaction_authorizations::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    let id: i64 = interaction_authorizations::table
        .filter(interaction_authorizations::target_id.eq(row.target_id.0))
        .filter(interaction_authorizations::uri.eq(&row.uri))
        .select(interaction_authorizations::id)
        .first(conn)?;
    Ok(RelationId(id))
}

/// An approval of an author.
pub fn find_authorization(
    conn: &mut Conn,
    author: AccountId,
    id: RelationId,
) -> Result<Option<AuthorizationRow>> {
    let row: Option<(i64, i64, i64, String, String)> = interaction_authorizations::table
        .find(id.0)
        .filter(interaction_authorizations::account_id.eq(author.0))
        .select((
            interaction_authorizations::id,
            interaction_authorizations::account_id,
            interaction_authorizations::target_id,
            interaction_authorizations::interaction,
            interaction_authorizations::uri,
        ))
        .first(conn)
        .optional()?;
    row.map(|(id, account, target, interaction, uri)| {
        Ok(AuthorizationRow {
            id: RelationId(id),
            account_id: AccountId(account),
            target_id: StatusId(target),
            interaction: Interaction::parse(&interaction).ok_or(Error::Inconsistent {
                table: "interaction_authorizations",
                column: "interaction",
                id,
            })?,
            uri,
        })
    })
    .transpose()
}
