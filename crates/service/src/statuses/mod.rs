//! Statuses: one file per act, a shared tail for what is written here and what arrives from elsewhere.

mod adopt;
mod approval;
mod carried;
mod delete;
mod distribute;
pub mod drafts;
mod edit;
mod embed;
pub(crate) mod expire;
mod favourite;
mod insert;
mod marks;
mod pins;
mod post;
mod react;
mod read;
mod reblog;
mod receive;
mod remote;
pub mod scheduled;
pub(crate) mod validate;

pub use adopt::{Orphan, join_thread, orphan};
pub use approval::{Interacted, receive_approval, receive_rejection};
pub(crate) use approval::{accept_status, erase_rejected};
pub use carried::carriers;
pub use delete::delete;
pub(crate) use delete::{erase_of, forget};
pub use edit::{EndChange, MediaChange, StatusChange, edit};
pub use embed::find_embeddable;
pub(crate) use favourite::accept_favourite;
pub use favourite::{favourite, receive_favourite, receive_unfavourite, unfavourite};
pub use marks::{bookmark, mute_conversation, unbookmark, unmute_conversation};
pub use pins::{MAX_REMOTE_PINS, pin, receive_pin, receive_pins, receive_unpin, unpin};
pub use post::{NewPoll, NewStatus, post};
pub(crate) use react::accept_reaction;
pub use react::{
    ReactionCount, Reactors, own_emoji, react, reactors, receive_reaction, receive_unreact, unreact,
};
pub use read::{
    Context, OpenConversation, StatusSource, context, favourited_by, find, find_by_uri, find_raw, history,
    is_openly_gone, open_conversation, open_replies, open_statuses_of, pinned, reblogged_by, source, view,
    visible_to_everybody,
};
pub use reblog::{ReceivedReblog, backfill_reblog, reblog, receive_reblog, receive_unreblog, unreblog};
pub use receive::{Arrival, receive, receive_delete, receive_update};
pub use remote::{RemoteMedia, RemotePoll, RemoteStatus};
