//! How far a user has read their timelines, shared between their apps.
//!
//! Source: <https://docs.joinmastodon.org/methods/markers/>

use std::collections::HashMap;

use pouet_model::{ids::AccountId, notification::Marker};
use pouet_storage::markers as rows;

use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Timelines that have a marker.
pub const TIMELINES: [&str; 2] = ["home", "notifications"];

const RACE: Error = Error::Conflict("conflict during update, please try again");

/// The viewer's markers of these timelines; those never set, and names that are none, are left out.
pub async fn get(instance: &Instance, viewer: AccountId, timelines: &[&str]) -> Result<Vec<Marker>> {
    let wanted: Vec<&'static str> = TIMELINES
        .into_iter()
        .filter(|timeline| timelines.contains(timeline))
        .collect();
    instance
        .read(move |conn| Ok(rows::load_markers(conn, viewer, &wanted)?))
        .await
}

/// Sets markers: timeline and id of the newest item read. Names that are none are ignored. Returns those that were
/// set.
///
/// # Errors
/// `Conflict` if another app of the same user was faster: then nothing is set.
pub async fn set(instance: &Instance, viewer: AccountId, wanted: &[(String, i64)]) -> Result<Vec<Marker>> {
    let wanted: HashMap<&'static str, i64> = TIMELINES
        .into_iter()
        .filter_map(|timeline| {
            let (_, id) = wanted.iter().rev().find(|(name, _)| name == timeline)?;
            Some((timeline, *id))
        })
        .collect();
    let names: Vec<&'static str> = wanted.keys().copied().collect();
    // The version is read outside of the transaction, so that it is the one this caller could know of.
    let known = get(instance, viewer, &names).await?;
    let now = instance.now();
    let result = instance
        .write(move |tx| {
            for (timeline, id) in &wanted {
                match known.iter().find(|marker| marker.timeline == *timeline) {
                    None => rows::insert_marker(tx, viewer, timeline, *id, now)?,
                    Some(marker) => {
                        if !rows::update_marker(tx, viewer, timeline, marker.version, *id, now)? {
                            return Err(RACE);
                        }
                    }
                }
            }
            Ok(rows::load_markers(tx, viewer, &names)?)
        })
        .await;
    match result {
        Err(Error::Conflict(_)) => Err(RACE),
        other => other,
    }
}
