//! Reading quotes and consents.

use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    page::{Keyed, Page},
    quote::Stamp,
    status::Status,
};
use pouet_storage::{quotes as rows, statuses};

use crate::{
    error::Result,
    instance::Instance,
    view::{StatusView, load_views},
    visibility::find_visible,
};

/// Accepted quotes of a status that `viewer` may see, newest first.
///
/// # Errors
/// `NotFound` if they may not see the status.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#quotes>
pub async fn list(
    instance: &Instance,
    viewer: AccountId,
    id: StatusId,
    page: Page,
) -> Result<Vec<Keyed<StatusView>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            find_visible(conn, Some(viewer), id)?;
            let ids = rows::list_quoting(conn, id, &page)?;
            let views = load_views(conn, Some(viewer), &ids, now)?;
            Ok(views
                .into_iter()
                .map(|view| Keyed {
                    key: view.status.id.0,
                    item: view,
                })
                .collect())
        })
        .await
}

/// The consent with this id of a local account, and the status that it lets be quoted; `None` if it was taken back.
pub async fn stamp(
    instance: &Instance,
    account: AccountId,
    id: RelationId,
) -> Result<Option<(Stamp, Status)>> {
    instance
        .read(move |conn| {
            let found = rows::find_stamp(conn, id)?;
            let Some(stamp) = found.filter(|stamp| stamp.account_id == account) else {
                return Ok(None);
            };
            let quoted = statuses::find_status(conn, stamp.status_id)?;
            Ok(quoted.map(|quoted| (stamp, quoted)))
        })
        .await
}
