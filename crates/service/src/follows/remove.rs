//! Removing many followers at once: bought ones.

use pouet_model::ids::AccountId;
use pouet_storage::follows::{self as rows, FollowerChoice};

use super::{change, find_present};
use crate::{
    error::{Error, Result},
    instance::Instance,
    visibility::load_accounts,
};

/// Followers that one transaction removes.
const BATCH: i64 = 100;

fn check(choice: &FollowerChoice) -> Result<()> {
    if *choice == FollowerChoice::default() {
        return Err(Error::invalid(
            "followers",
            "ERR_BLANK",
            "Which followers are meant has to be said",
        ));
    }
    Ok(())
}

/// How many followers of the local account `owner` are meant.
///
/// # Errors
/// `Invalid` if the choice leaves nobody out; `NotFound` if there is no such account.
pub async fn count_chosen_followers(
    instance: &Instance,
    owner: AccountId,
    choice: FollowerChoice,
) -> Result<i64> {
    check(&choice)?;
    instance
        .read(move |conn| {
            find_present(conn, owner)?;
            Ok(rows::count_chosen_followers(conn, owner, &choice)?)
        })
        .await
}

/// Makes the followers that are meant stop following the local account `owner`, as [`remove_follower`](super::remove_follower) does
/// with one. Returns how many there were.
///
/// They go a hundred at a time, each time with the jobs that tell their servers; broken off, it can be begun again.
///
/// # Errors
/// `Invalid` if the choice leaves nobody out; `NotFound` if there is no such account.
pub async fn remove_chosen_followers(
    instance: &Instance,
    owner: AccountId,
    choice: FollowerChoice,
) -> Result<i64> {
    check(&choice)?;
    let mut removed = 0;
    loop {
        let (handle, now, choice) = (instance.clone(), instance.now(), choice.clone());
        let ended = instance
            .write(move |tx| {
                find_present(tx, owner)?;
                let found = rows::list_chosen_followers(tx, owner, &choice, BATCH)?;
                let people: Vec<AccountId> = found.iter().map(|follow| follow.account_id).collect();
                let people = load_accounts(tx, &people)?;
                for follow in &found {
                    match people.get(&follow.account_id) {
                        Some(follower) => change::end_inward(tx, &handle, owner, follower, now)?,
                        None => change::end(tx, follow)?,
                    }
                }
                Ok(found.len())
            })
            .await?;
        removed += ended as i64;
        if ended == 0 {
            return Ok(removed);
        }
    }
}
