//! What others want to do with statuses of members, who decide.

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    interaction::Interaction,
    page::Page,
    reaction::ReactionEmoji,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    json,
    paging::relation_page,
    schema::interaction_requests,
};

/// Something that a member decides about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestRow {
    /// Our id.
    pub id: RelationId,
    /// The member.
    pub account_id: AccountId,
    /// Their status.
    pub target_id: StatusId,
    /// Who wants to do something with it.
    pub actor_id: AccountId,
    /// What.
    pub interaction: Interaction,
    /// Id of the answer, the Like or the Announce.
    pub uri: String,
    /// Id of the question, if one was asked.
    pub request_uri: Option<String>,
    /// The answer or boost, which waits meanwhile.
    pub status_id: Option<StatusId>,
    /// The emoji of a reaction.
    pub emoji: Option<ReactionEmoji>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When the member said yes.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When the member said no.
    pub rejected_at: Option<DateTime<Utc>>,
}

impl RequestRow {
    /// Whether nothing is decided yet.
    pub fn is_pending(&self) -> bool {
        self.accepted_at.is_none() && self.rejected_at.is_none()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = interaction_requests)]
struct Row {
    id: i64,
    account_id: i64,
    target_id: i64,
    actor_id: i64,
    interaction: String,
    uri: String,
    request_uri: Option<String>,
    status_id: Option<i64>,
    emoji: Option<String>,
    created_at: i64,
    accepted_at: Option<i64>,
    rejected_at: Option<i64>,
}

impl TryFrom<Row> for RequestRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "interaction_requests",
            column,
            id: row.id,
        };
        let emoji = match &row.emoji {
            Some(text) => Some(json::read(text).ok_or_else(|| unreadable("emoji"))?),
            None => None,
        };
        Ok(Self {
            id: RelationId(row.id),
            account_id: AccountId(row.account_id),
            target_id: StatusId(row.target_id),
            actor_id: AccountId(row.actor_id),
            interaction: Interaction::parse(&row.interaction).ok_or_else(|| unreadable("interaction"))?,
            emoji,
            uri: row.uri,
            request_uri: row.request_uri,
            status_id: row.status_id.map(StatusId),
            created_at: from_millis(row.created_at),
            accepted_at: row.accepted_at.map(from_millis),
            rejected_at: row.rejected_at.map(from_millis),
        })
    }
}

/// Adds a request; false if the interaction is known already, whose row stays as it is.
pub fn insert_request(conn: &mut Conn, request: &RequestRow) -> Result<bool> {
    let values = (
        interaction_requests::id.eq(request.id.0),
        interaction_requests::account_id.eq(request.account_id.0),
        interaction_requests::target_id.eq(request.target_id.0),
        interaction_requests::actor_id.eq(request.actor_id.0),
        interaction_requests::interaction.eq(request.interaction.as_str()),
        interaction_requests::uri.eq(&request.uri),
        interaction_requests::request_uri.eq(&request.request_uri),
        interaction_requests::status_id.eq(request.status_id.map(i64::from)),
        interaction_requests::emoji.eq(request.emoji.as_ref().map(json::write)),
        interaction_requests::created_at.eq(request.created_at.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(interaction_requests::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows == 1)
}

/// The request with this id.
pub fn find_request(conn: &mut Conn, id: RelationId) -> Result<Option<RequestRow>> {
    let row: Option<Row> = interaction_requests::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The request about an interaction with a status, by the interaction's id.
pub fn find_request_by_uri(conn: &mut Conn, target: StatusId, uri: &str) -> Result<Option<RequestRow>> {
    let row: Option<Row> = interaction_requests::table
        .filter(interaction_requests::target_id.eq(target.0))
        .filter(interaction_requests::uri.eq(uri))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Which requests of a kind an account made about a status; with emoji, or without.
pub fn list_requests_by(
    conn: &mut Conn,
    actor: AccountId,
    target: StatusId,
    interaction: Interaction,
) -> Result<Vec<RequestRow>> {
    let rows: Vec<Row> = interaction_requests::table
        .filter(interaction_requests::actor_id.eq(actor.0))
        .filter(interaction_requests::target_id.eq(target.0))
        .filter(interaction_requests::interaction.eq(interaction.as_str()))
        .order(interaction_requests::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many requests about a status there are, decided or not.
pub fn count_requests(conn: &mut Conn, target: StatusId) -> Result<i64> {
    Ok(interaction_requests::table
        .filter(interaction_requests::target_id.eq(target.0))
        .select(count_star())
        .first(conn)?)
}

/// What a member has not decided about, by page, newest first. `target`: only about this status. `kinds`: only these.
pub fn list_pending(
    conn: &mut Conn,
    member: AccountId,
    target: Option<StatusId>,
    kinds: &[Interaction],
    page: &Page,
) -> Result<Vec<RequestRow>> {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let mut query = interaction_requests::table
        .filter(interaction_requests::account_id.eq(member.0))
        .filter(interaction_requests::accepted_at.is_null())
        .filter(interaction_requests::rejected_at.is_null())
        .filter(interaction_requests::interaction.eq_any(names))
        .select(Row::as_select())
        .into_boxed();
    if let Some(target) = target {
        query = query.filter(interaction_requests::target_id.eq(target.0));
    }
    let rows: Vec<Row> = relation_page!(conn, page, query, interaction_requests::id);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Notes that a question was asked about an interaction that waits.
pub fn update_request_uri(conn: &mut Conn, id: RelationId, request_uri: &str) -> Result<()> {
    let rows = diesel::update(interaction_requests::table.find(id.0))
        .set(interaction_requests::request_uri.eq(request_uri))
        .execute(conn)?;
    one_row("update request uri", rows)
}

/// Notes that a member said yes.
pub fn update_accepted(conn: &mut Conn, id: RelationId, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::update(interaction_requests::table.find(id.0))
        .set(interaction_requests::accepted_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    one_row("accept request", rows)
}

/// Notes that a member said no. What waited may be removed then, and the request stays.
pub fn update_rejected(conn: &mut Conn, id: RelationId, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::update(interaction_requests::table.find(id.0))
        .set((
            interaction_requests::rejected_at.eq(now.timestamp_millis()),
            interaction_requests::status_id.eq(None::<i64>),
        ))
        .execute(conn)?;
    one_row("reject request", rows)
}

/// Removes a request that was taken back.
pub fn delete_request(conn: &mut Conn, id: RelationId) -> Result<()> {
    diesel::delete(interaction_requests::table.find(id.0)).execute(conn)?;
    Ok(())
}

/// Removes the favourites and emoji called `uri` that an account wanted to make, if nobody decided yet. True if there
/// were any.
pub fn delete_pending_of(conn: &mut Conn, actor: AccountId, uri: &str) -> Result<bool> {
    let pending = interaction_requests::table
        .filter(interaction_requests::actor_id.eq(actor.0))
        .filter(interaction_requests::uri.eq(uri))
        .filter(interaction_requests::interaction.eq(Interaction::Like.as_str()))
        .filter(interaction_requests::accepted_at.is_null())
        .filter(interaction_requests::rejected_at.is_null());
    Ok(diesel::delete(pending).execute(conn)? > 0)
}

/// Removes what was decided before `before`, at most `limit` of it. How much that was.
pub fn delete_decided(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<usize> {
    let before = before.timestamp_millis();
    let ids: Vec<i64> = interaction_requests::table
        .filter(
            interaction_requests::accepted_at
                .lt(before)
                .or(interaction_requests::rejected_at.lt(before)),
        )
        .order(interaction_requests::id)
        .limit(limit)
        .select(interaction_requests::id)
        .load(conn)?;
    Ok(
        diesel::delete(interaction_requests::table.filter(interaction_requests::id.eq_any(ids)))
            .execute(conn)?,
    )
}
