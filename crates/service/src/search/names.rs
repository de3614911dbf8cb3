//! Display names by which accounts are found: bringing those up to date that were stored when names were folded in
//! another way. Whatever writes a display name writes its folded form with it.

use pouet_model::search::fold_name;
use pouet_storage::{Conn, search as rows, settings};

use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
};

/// Setting that holds the account id below which names are not folded anew yet; there is none when all are.
const FOLD_BELOW: &str = "search.fold_names_below";
/// Names that one run of the job looks at, in transactions of [`PART`].
const BATCH: i64 = 20_000;
/// Names that one transaction looks at: other writes wait that long.
const PART: i64 = 500;

/// Makes sure that names from before are folded anew.
pub(crate) fn schedule(tx: &mut Conn, instance: &Instance) -> Result<()> {
    if settings::find_setting(tx, FOLD_BELOW)?.is_none() {
        return Ok(());
    }
    let now = instance.now();
    jobs::enqueue(tx, instance.next_id(), &Job::FoldNames, now, now)
}

/// Folds names anew, newest accounts first, and goes on in another job until all are done. Where it was cut off, it
/// goes on from what was committed.
pub(crate) async fn fold_older(instance: &Instance) -> Result<()> {
    for _ in 0..BATCH / PART {
        if instance.write(fold_part).await? {
            return Ok(());
        }
    }
    let writer = instance.clone();
    instance.write(move |tx| schedule(tx, &writer)).await
}

/// Folds some names; whether there are no more.
fn fold_part(tx: &mut Conn) -> Result<bool> {
    let below = settings::find_setting(tx, FOLD_BELOW)?;
    let Some(below) = below.and_then(|text| text.parse().ok()) else {
        return Ok(true);
    };
    let found = rows::list_display_names_below(tx, below, PART)?;
    let Some((last, ..)) = found.last() else {
        settings::delete_setting(tx, FOLD_BELOW)?;
        return Ok(true);
    };
    settings::upsert_setting(tx, FOLD_BELOW, &last.to_string())?;
    for (id, name, before) in &found {
        let folded = fold_name(name);
        if folded != *before {
            rows::update_folded_name(tx, *id, &folded)?;
        }
    }
    Ok(false)
}
