//! What people here show on their profiles.

use activitypub_federation::protocol::context::WithContext;
use pouet_model::ids::AccountId;
use pouet_service::{
    Result,
    delivery::Recipients,
    jobs::{FeaturedChange, FeaturedItem},
    statuses::find_raw,
};

use super::Task;
use crate::{activities::featured, objects::note::context};

impl Task<'_> {
    /// Followers are told. A status that is gone by now needs no Add; its Remove is told to those who know it.
    pub(super) async fn send_featured(
        &self,
        account: AccountId,
        item: &FeaturedItem,
        change: FeaturedChange,
    ) -> Result<()> {
        if self.actor(account).await?.is_none() {
            return Ok(());
        }
        let is_open = match item {
            FeaturedItem::Tag { .. } => true,
            FeaturedItem::Status(id) => match find_raw(self.instance, *id).await? {
                Some(status) if status.local_only => return Ok(()),
                Some(status) => status.is_open(),
                None if change == FeaturedChange::Add => return Ok(()),
                None => false,
            },
        };
        let activity = featured(self.instance.urls(), account, item, change, is_open, self.id.0);
        let object = activity.target().to_owned();
        let body = serde_json::to_string(&WithContext::new(activity, context()));
        let recipients = Recipients {
            followers_of: vec![account],
            ..Recipients::default()
        };
        self.send(account, body, object, recipients).await
    }
}
