//! What relays pass on. They are believed nothing but that there is something to see: it is asked for at its origin.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/ae0c/fep-ae0c.md>

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use pouet_model::{ids::RelayId, relay::Relay};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::Federation,
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    inbox::hint,
    json::Object,
    origin::is_own,
};

/// Objects that are fetched because of one relay within a minute.
const PER_MINUTE: u32 = 60;

/// How many objects each relay made us fetch in the current minute.
#[derive(Debug, Default)]
pub(crate) struct RelayBudgets(Mutex<HashMap<RelayId, (i64, u32)>>);

impl RelayBudgets {
    /// Counts one fetch; false if the relay has had enough of them in this minute.
    fn spend(&self, relay: RelayId, now: DateTime<Utc>) -> bool {
        let minute = now.timestamp().div_euclid(60);
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Entries of relays that are silent or gone.
        spent.retain(|_, (at, _)| *at == minute);
        let (_, count) = spent.entry(relay).or_insert((minute, 0));
        *count += 1;
        *count <= PER_MINUTE
    }
}

/// Takes in what a relay passes on: an activity of somebody else's, as it was.
pub(crate) async fn forwarded(federation: &Federation, relay: &Relay, activity: &Value) -> Result<()> {
    let activity = Object::of(activity).ok_or(Error::Refused("activity is not an object"))?;
    let is_news = ["Create", "Update", "Delete", "Announce"]
        .iter()
        .any(|kind| activity.is(kind));
    match activity.id("object").filter(|_| is_news) {
        Some(object) => ingest(federation, relay, object).await,
        None => Ok(()),
    }
}

/// Looks at an object that a relay names: a status that everybody may see is kept or brought up to date, without a boost; one
/// that its server no longer has is removed.
pub(crate) async fn ingest(federation: &Federation, relay: &Relay, uri: &str) -> Result<()> {
    if is_own(federation.urls(), uri) {
        return Ok(());
    }
    if !federation
        .relay_budgets
        .spend(relay.id, federation.instance.now())
    {
        tracing::debug!(relay = relay.address, uri, "a relay sends more than is fetched");
        return Ok(());
    }
    let budget = Budget::of_activity();
    match fetch::document(federation, uri, &budget, None).await {
        Ok(document) if NoteDocument::is_note(&document) => {
            hint::take_over_relayed(federation, &document, &budget).await
        }
        Err(Error::Missing | Error::Gone) => hint::forget(federation, uri, &budget).await,
        Err(Error::Service(error)) => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fed_102_a_relay_may_cause_sixty_fetches_a_minute() {
        let budgets = RelayBudgets::default();
        let at = |seconds: i64| DateTime::from_timestamp(1_795_428_000 + seconds, 0).unwrap();
        let spent = |relay: i64, seconds: i64| {
            (0..100)
                .filter(|_| budgets.spend(RelayId(relay), at(seconds)))
                .count()
        };
        assert_eq!(spent(1, 0), 60);
        assert_eq!(spent(1, 59), 0);
        assert_eq!(spent(2, 59), 60, "each has its own");
        assert_eq!(spent(1, 60), 60, "the next minute");
    }
}
