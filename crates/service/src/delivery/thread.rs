//! Where statuses stand in their threads, in ids that other servers understand.

use std::collections::HashMap;

use pouet_model::{
    ids::{ConversationId, StatusId},
    status::Status,
};
use pouet_storage::{conversations, statuses};

use crate::{error::Result, instance::Instance};

/// Ids on the wire of what surrounds a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThreadUris {
    /// The status that it answers.
    pub in_reply_to: Option<String>,
    /// The conversation.
    pub conversation: String,
    /// The first answers that the author gave themselves, open ones only.
    pub own_replies: Vec<String>,
}

/// Own answers that a document names.
const OWN_REPLIES: usize = 5;
/// Own answers that are read for a set of documents: those of one status beyond its share may take others' place.
const MAX_OWN_REPLIES: i64 = 1000;

/// The ids on the wire of what surrounds each of these statuses, by as many queries as for one.
pub async fn thread_uris(instance: &Instance, of: Vec<Status>) -> Result<HashMap<StatusId, ThreadUris>> {
    let urls = instance.urls().clone();
    instance
        .read(move |conn| {
            let parents: Vec<StatusId> = of.iter().filter_map(|status| status.in_reply_to_id).collect();
            let parents: HashMap<StatusId, Status> = statuses::load_statuses(conn, &parents)?
                .into_iter()
                .map(|parent| (parent.id, parent))
                .collect();
            let named: Vec<ConversationId> = of.iter().map(|status| status.conversation_id).collect();
            let named = conversations::load_conversation_uris(conn, &named)?;
            let answered: Vec<StatusId> = of
                .iter()
                .filter(|status| status.visibility.is_open() && status.replies_count > 0)
                .map(|status| status.id)
                .collect();
            let replies = statuses::load_own_replies(conn, &answered, MAX_OWN_REPLIES)?;
            let around = of.into_iter().map(|status| {
                let own = replies.get(&status.id).map(Vec::as_slice).unwrap_or_default();
                let conversation = named.get(&status.conversation_id).cloned();
                let parent = status.in_reply_to_id.and_then(|id| parents.get(&id));
                let ids = ThreadUris {
                    in_reply_to: parent
                        .map(|parent| urls.status_uri(parent))
                        .or(status.in_reply_to_uri),
                    conversation: conversation.unwrap_or_else(|| urls.conversation(status.conversation_id)),
                    own_replies: own
                        .iter()
                        .take(OWN_REPLIES)
                        .map(|reply| urls.status_uri(reply))
                        .collect(),
                };
                (status.id, ids)
            });
            Ok(around.collect())
        })
        .await
}
