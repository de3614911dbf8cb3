//! Authors choose who may answer, favourite and boost what they wrote, and what they will write.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::AccountId,
    interaction::{Choice, Policy},
    status::{Status, Visibility},
};
use pouet_storage::{Conn, policies};

use crate::{
    error::Result,
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
};

/// What a member chose for new statuses, by their audience; where nothing is chosen, everybody may do everything.
///
/// Source: <https://docs.gotosocial.org/en/latest/api/swagger/#operations-interaction_policies-policiesDefaultsGet>
pub async fn defaults(instance: &Instance, member: AccountId) -> Result<HashMap<Visibility, Choice>> {
    instance
        .read(move |conn| Ok(policies::load_defaults(conn, member)?))
        .await
}

/// Writes what a member chooses for new statuses; audiences that are left out are for everybody again. Statuses that
/// are there stay as they are.
///
/// Source: <https://docs.gotosocial.org/en/latest/api/swagger/#operations-interaction_policies-policiesDefaultsUpdate>
pub async fn set_defaults(
    instance: &Instance,
    member: AccountId,
    chosen: Vec<(Visibility, Choice)>,
) -> Result<()> {
    instance
        .write(move |tx| Ok(policies::replace_defaults(tx, member, &chosen)?))
        .await
}

/// Writes who may do what with a status of a member, and tells streams and other servers if it is something else than
/// before. What was done before stays.
pub(crate) fn change(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    choice: Choice,
    now: DateTime<Utc>,
) -> Result<()> {
    let policy = (choice != Choice::default()).then_some(Policy::Own(choice));
    if policies::find_policy(tx, status.id)? == policy {
        return Ok(());
    }
    policies::replace_policy(tx, status.id, policy.as_ref())?;
    events::emit(tx, &Event::StatusEdited { status_id: status.id }, now)?;
    if status.local_only {
        return Ok(());
    }
    let job = Job::PublishQuote { status_id: status.id };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}
