//! Upwards: what a status answers, what that answers, and so on.

use std::collections::HashSet;

use pouet_model::status::Status;
use pouet_service::statuses;

use super::one;
use crate::{budget::Budget, context::Federation, documents::NoteDocument, error::Result, origin::is_own};

/// Statuses above one that are fetched.
const MAX_FETCHED: usize = 40;
/// Statuses above one that are gone through.
const MAX_STEPS: usize = 512;

/// Fetches what `status` answers, as far up as there is something, and returns the first status of the thread that is known
/// then, with the number of those that were new.
///
/// # Errors
/// Why the next one above could not be had, if that may change.
pub(super) async fn climb(federation: &Federation, status: Status, budget: &Budget) -> Result<(Status, i64)> {
    let mut seen: HashSet<String> = HashSet::from([federation.urls().status_uri(&status)]);
    let mut top = status;
    let (mut fetched, mut new) = (0, 0);
    for _ in 0..MAX_STEPS {
        let parent = if let Some(id) = top.in_reply_to_id {
            statuses::find_raw(&federation.instance, id).await?
        } else if let Some(uri) = top.in_reply_to_uri.clone() {
            if fetched == MAX_FETCHED || seen.contains(&uri) || is_own(federation.urls(), &uri) {
                break;
            }
            fetched += 1;
            match one::take_in(federation, &uri, &|_: &NoteDocument| true, budget).await {
                Ok(taken) => {
                    new += i64::from(taken.is_new);
                    statuses::find_by_uri(&federation.instance, &uri).await?
                }
                Err(error) if error.is_ours() || error.is_temporary() => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, "the rest of a thread above is not to be had");
                    None
                }
            }
        } else {
            None
        };
        let Some(parent) = parent.filter(|parent| seen.insert(federation.urls().status_uri(parent))) else {
            break;
        };
        top = parent;
    }
    Ok((top, new))
}
