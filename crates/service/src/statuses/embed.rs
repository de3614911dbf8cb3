//! Statuses on pages of other sites.

use pouet_model::{ids::StatusId, status::Visibility};

use super::{find, is_openly_gone};
use crate::{
    accounts,
    error::{Error, Result},
    instance::Instance,
    view::StatusView,
};

/// The status `id` of the local account `username`, if it is public: what anybody may show on their own site. Boosts
/// are of somebody else.
///
/// # Errors
/// `Gone` if it was there for everybody to see and is deleted, or its author is; `NotFound` for everything else.
pub async fn find_embeddable(instance: &Instance, username: &str, id: StatusId) -> Result<StatusView> {
    let author = accounts::find_local(instance, username)
        .await?
        .ok_or(Error::NotFound)?;
    if !author.is_active() {
        return Err(Error::Gone);
    }
    match find(instance, None, id).await {
        Ok(view) => Some(view)
            .filter(|view| view.status.account_id == author.id && view.status.is_local())
            .filter(|view| view.status.visibility == Visibility::Public && view.reblog.is_none())
            .ok_or(Error::NotFound),
        Err(Error::NotFound) => {
            let uri = instance.urls().local_status(author.id, id);
            if is_openly_gone(instance, &uri).await? {
                Err(Error::Gone)
            } else {
                Err(Error::NotFound)
            }
        }
        Err(error) => Err(error),
    }
}
