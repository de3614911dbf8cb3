//! Where a status stands in its thread, in ids that other servers understand.

use pouet_model::status::Status;
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
const OWN_REPLIES: i64 = 5;

/// The ids on the wire of what surrounds `status`.
pub async fn thread_uris(instance: &Instance, status: &Status) -> Result<ThreadUris> {
    let (parent, conversation_id) = (status.in_reply_to_id, status.conversation_id);
    let answered = status.clone();
    let (parent, conversation, replies) = instance
        .read(move |conn| {
            let parent = match parent {
                Some(id) => statuses::find_status(conn, id)?,
                None => None,
            };
            Ok((
                parent,
                conversations::find_conversation_uri(conn, conversation_id)?,
                if answered.visibility.is_open() && answered.replies_count > 0 {
                    statuses::list_open_replies(conn, &answered, true, 0, OWN_REPLIES)?
                } else {
                    Vec::new()
                },
            ))
        })
        .await?;
    let urls = instance.urls();
    Ok(ThreadUris {
        in_reply_to: parent
            .map(|parent| urls.status_uri(&parent))
            .or_else(|| status.in_reply_to_uri.clone()),
        conversation: conversation.unwrap_or_else(|| urls.conversation(conversation_id)),
        own_replies: replies.iter().map(|reply| urls.status_uri(reply)).collect(),
    })
}
