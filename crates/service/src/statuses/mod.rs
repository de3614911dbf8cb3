//! Statuses: one file per act, a shared tail for what is written here and what arrives from elsewhere.

mod delete;
mod distribute;
mod edit;
mod favourite;
mod insert;
mod marks;
mod post;
mod read;
mod reblog;
mod receive;
mod remote;
pub mod scheduled;
pub(crate) mod validate;

pub use delete::delete;
pub use edit::{MediaChange, StatusChange, edit};
pub use favourite::{favourite, receive_favourite, receive_unfavourite, unfavourite};
pub use marks::{bookmark, mute_conversation, pin, unbookmark, unmute_conversation, unpin};
pub use post::{NewPoll, NewStatus, post};
pub use read::{
    Context, StatusSource, context, favourited_by, find, find_by_uri, find_raw, history, is_openly_gone,
    open_replies, open_statuses_of, pinned, reblogged_by, source, view, visible_to_everybody,
};
pub use reblog::{ReceivedReblog, reblog, receive_reblog, receive_unreblog, unreblog};
pub use receive::{Arrival, receive, receive_delete, receive_update};
pub use remote::{RemoteMedia, RemotePoll, RemoteStatus};
