//! What kind of actor a local account is.

use pouet_model::{account::ActorType, ids::AccountId};
use pouet_storage::accounts::{self as rows, ProfileRow};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
};

/// Makes a local account a person, a bot (`Service`) or a group. Followers elsewhere are told.
///
/// A group is shown as one; what members write to it, its owner boosts.
///
/// # Errors
/// `Invalid` for other kinds, which no local account is; `NotFound` if there is no such local account.
pub async fn set(instance: &Instance, account_id: AccountId, kind: ActorType) -> Result<()> {
    if !matches!(kind, ActorType::Person | ActorType::Service | ActorType::Group) {
        return Err(Error::invalid(
            "kind",
            "ERR_INCLUSION",
            "is not a kind of local account",
        ));
    }
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            rows::find_account(tx, account_id)?
                .filter(|account| account.is_local() && account.deleted_at.is_none())
                .ok_or(Error::NotFound)?;
            let row = ProfileRow {
                actor_type: Some(kind.as_str().to_owned()),
                ..ProfileRow::default()
            };
            rows::update_profile(tx, account_id, &row)?;
            events::emit(tx, &Event::AccountChanged { account_id }, now)?;
            jobs::enqueue(tx, writer.next_id(), &Job::SendProfile { account_id }, now, now)
        })
        .await?;
    instance.heed(Event::AccountChanged { account_id });
    Ok(())
}
