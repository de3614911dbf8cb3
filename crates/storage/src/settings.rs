//! Settings of the instance that are made or changed while it runs: text by key.

use diesel::prelude::*;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::settings,
};

/// The value of `key`.
pub fn find_setting(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    Ok(settings::table
        .find(key)
        .select(settings::value)
        .first(conn)
        .optional()?)
}

/// The keys that begin with `prefix` (letters and dots only), with their values.
pub fn list_settings(conn: &mut Conn, prefix: &str) -> Result<Vec<(String, String)>> {
    // Half-open range instead of LIKE, whose case rules differ between the databases. '/' follows '.'.
    let end = prefix.strip_suffix('.').map(|head| format!("{head}/"));
    Ok(settings::table
        .filter(settings::key.ge(prefix))
        .filter(settings::key.lt(end.unwrap_or_else(|| format!("{prefix}~"))))
        .select((settings::key, settings::value))
        .load(conn)?)
}

/// Writes a value over what was there.
pub fn upsert_setting(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    each_backend!(conn, conn => diesel::insert_into(settings::table)
        .values((settings::key.eq(key), settings::value.eq(value)))
        .on_conflict(settings::key)
        .do_update()
        .set(settings::value.eq(value))
        .execute(conn))?;
    Ok(())
}

/// Writes a value unless there is one, and tells what is there then: of two processes that make the same secret
/// at the same time, both get the same.
pub fn insert_setting_once(conn: &mut Conn, key: &str, value: &str) -> Result<String> {
    each_backend!(conn, conn => diesel::insert_into(settings::table)
        .values((settings::key.eq(key), settings::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(find_setting(conn, key)?.unwrap_or_else(|| value.to_owned()))
}

/// Removes a value; whether there was one. Of two transactions that remove it, one is told so.
pub fn delete_setting(conn: &mut Conn, key: &str) -> Result<bool> {
    Ok(diesel::delete(settings::table.find(key)).execute(conn)? == 1)
}
