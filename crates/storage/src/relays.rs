//! Relays.

use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, RelayId},
    relay::{Relay, RelayKind, RelayState},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result, one_row},
    schema::relays,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = relays)]
struct RelayRow {
    id: i64,
    kind: String,
    address: String,
    inbox_url: String,
    account_id: Option<i64>,
    state: String,
    created_at: i64,
}

impl TryFrom<RelayRow> for Relay {
    type Error = Error;

    fn try_from(row: RelayRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "relays",
            column,
            id: row.id,
        };
        Ok(Self {
            id: RelayId(row.id),
            kind: RelayKind::parse(&row.kind).ok_or_else(|| unreadable("kind"))?,
            address: row.address,
            inbox: row.inbox_url,
            account_id: row.account_id.map(AccountId),
            state: RelayState::parse(&row.state).ok_or_else(|| unreadable("state"))?,
            created_at: from_millis(row.created_at),
        })
    }
}

/// Adds a relay; false if its address is there already.
pub fn insert_relay(conn: &mut Conn, relay: &Relay) -> Result<bool> {
    let values = (
        relays::id.eq(relay.id.0),
        relays::kind.eq(relay.kind.as_str()),
        relays::address.eq(&relay.address),
        relays::inbox_url.eq(&relay.inbox),
        relays::account_id.eq(relay.account_id.map(|id| id.0)),
        relays::state.eq(relay.state.as_str()),
        relays::created_at.eq(relay.created_at.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(relays::table)
        .values(values)
        .on_conflict(relays::address)
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// All relays, oldest first. There are few.
pub fn list_relays(conn: &mut Conn) -> Result<Vec<Relay>> {
    let rows: Vec<RelayRow> = relays::table
        .order(relays::id)
        .select(RelayRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The relay with this id.
pub fn find_relay(conn: &mut Conn, id: RelayId) -> Result<Option<Relay>> {
    relays::table
        .find(id.0)
        .select(RelayRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// Sets how far it has come with a relay.
pub fn update_relay_state(conn: &mut Conn, id: RelayId, state: RelayState) -> Result<()> {
    let rows = diesel::update(relays::table.find(id.0))
        .set(relays::state.eq(state.as_str()))
        .execute(conn)?;
    one_row("update relay", rows)
}

/// Removes a relay; false if there is none.
pub fn delete_relay(conn: &mut Conn, id: RelayId) -> Result<bool> {
    Ok(diesel::delete(relays::table.find(id.0)).execute(conn)? > 0)
}
