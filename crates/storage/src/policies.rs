//! Who may do what with statuses, and what was approved.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    interaction::{Choice, Interaction, Policy},
    status::Visibility,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    ids::{among, chunks},
    json,
    schema::{interaction_authorizations, interaction_defaults, status_approvals, status_policies, statuses},
};

/// The rules of a status; `None`: everybody may do everything.
pub fn find_policy(conn: &mut Conn, status: StatusId) -> Result<Option<Policy>> {
    Ok(load_policies(conn, &[status])?.remove(&status))
}

/// The rules of these statuses. With those that are left out everybody may do everything.
pub fn load_policies(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, Policy>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String)> = status_policies::table
            .filter(among(status_policies::status_id, chunk))
            .select((status_policies::status_id, status_policies::policy))
            .load(conn)?;
        for (id, text) in rows {
            let policy = json::read(&text).ok_or(Error::Inconsistent {
                table: "status_policies",
                column: "policy",
                id,
            })?;
            found.insert(StatusId(id), policy);
        }
    }
    Ok(found)
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

/// What an account chose for its new statuses, by their audience. Where nothing is chosen, everybody may do everything.
pub fn load_defaults(conn: &mut Conn, account: AccountId) -> Result<HashMap<Visibility, Choice>> {
    let rows: Vec<(String, String)> = interaction_defaults::table
        .filter(interaction_defaults::account_id.eq(account.0))
        .select((interaction_defaults::visibility, interaction_defaults::policy))
        .load(conn)?;
    let read = |(visibility, policy): (String, String)| {
        let pair = Visibility::parse(&visibility).zip(json::read(&policy));
        pair.ok_or(Error::Inconsistent {
            table: "interaction_defaults",
            column: "policy",
            id: account.0,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Writes what an account chose for all its new statuses, in place of what it chose before.
pub fn replace_defaults(conn: &mut Conn, account: AccountId, chosen: &[(Visibility, Choice)]) -> Result<()> {
    diesel::delete(interaction_defaults::table.filter(interaction_defaults::account_id.eq(account.0)))
        .execute(conn)?;
    for (visibility, choice) in chosen {
        diesel::insert_into(interaction_defaults::table)
            .values((
                interaction_defaults::account_id.eq(account.0),
                interaction_defaults::visibility.eq(visibility.as_str()),
                interaction_defaults::policy.eq(json::write(choice)),
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
    Ok(load_approvals(conn, &[status])?.remove(&status))
}

/// Of these statuses, those that have to be approved, or were.
pub fn load_approvals(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, ApprovalRow>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64, String, Option<String>)> = status_approvals::table
            .filter(among(status_approvals::status_id, chunk))
            .select((
                status_approvals::status_id,
                status_approvals::target_id,
                status_approvals::visibility,
                status_approvals::approved_by,
            ))
            .load(conn)?;
        for (id, target, visibility, approved_by) in rows {
            let row = ApprovalRow {
                status_id: StatusId(id),
                target_id: StatusId(target),
                visibility: Visibility::parse(&visibility).ok_or(Error::Inconsistent {
                    table: "status_approvals",
                    column: "visibility",
                    id,
                })?,
                approved_by,
            };
            found.insert(row.status_id, row);
        }
    }
    Ok(found)
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
    let id = find_authorization_of(conn, row.target_id, &row.uri)?;
    Ok(id.unwrap_or(row.id))
}

/// The approval of an interaction with a status, by the interaction's id.
pub fn find_authorization_of(conn: &mut Conn, target: StatusId, uri: &str) -> Result<Option<RelationId>> {
    let id: Option<i64> = interaction_authorizations::table
        .filter(interaction_authorizations::target_id.eq(target.0))
        .filter(interaction_authorizations::uri.eq(uri))
        .select(interaction_authorizations::id)
        .first(conn)
        .optional()?;
    Ok(id.map(RelationId))
}

/// Whether this kind of interaction is approved: who was allowed to favourite was not allowed to answer.
pub fn is_authorized(conn: &mut Conn, target: StatusId, kind: Interaction, uri: &str) -> Result<bool> {
    let found: i64 = interaction_authorizations::table
        .filter(interaction_authorizations::target_id.eq(target.0))
        .filter(interaction_authorizations::interaction.eq(kind.as_str()))
        .filter(interaction_authorizations::uri.eq(uri))
        .select(count_star())
        .first(conn)?;
    Ok(found > 0)
}

/// How many interactions with a status, by accounts of one server, are approved. `server`: its scheme and host.
pub fn count_authorizations(conn: &mut Conn, target: StatusId, server: &str) -> Result<i64> {
    let escaped = server
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    Ok(interaction_authorizations::table
        .filter(interaction_authorizations::target_id.eq(target.0))
        .filter(
            interaction_authorizations::uri
                .like(format!("{escaped}/%"))
                .escape('\\'),
        )
        .select(count_star())
        .first(conn)?)
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
