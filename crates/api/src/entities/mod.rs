//! The JSON of the client API: one type per entity, made from the types of `model` and `service` by pure functions.
//!
//! Every member that Mastodon always sends is always there. Members that depend on a viewer are absent for anonymous
//! readers, never null. Texts are borrowed: an entity is written to bytes and dropped at once.
//!
//! Source: <https://docs.joinmastodon.org/entities/>
#![expect(clippy::struct_field_names, reason = "members are named by the client API")]

pub(crate) mod account;
pub(crate) mod admin_trend;
pub(crate) mod analytics;
pub(crate) mod announcement;
pub(crate) mod application;
pub(crate) mod async_refresh;
pub(crate) mod card;
pub(crate) mod collection;
pub(crate) mod context;
pub(crate) mod conversation;
pub(crate) mod domain_block;
pub(crate) mod emoji;
pub(crate) mod featured_tag;
pub(crate) mod filter;
pub(crate) mod instance;
pub(crate) mod interaction_policy;
pub(crate) mod interaction_request;
pub(crate) mod list;
pub(crate) mod marker;
pub(crate) mod media;
pub(crate) mod notification;
pub(crate) mod notification_group;
pub(crate) mod notification_policy;
pub(crate) mod own_trend;
pub(crate) mod poll;
pub(crate) mod preferences;
pub(crate) mod quote;
pub(crate) mod reaction;
pub(crate) mod relationship;
pub(crate) mod report;
pub(crate) mod saved_search;
pub(crate) mod scheduled;
pub(crate) mod search;
pub(crate) mod status;
pub(crate) mod suggestion;
pub(crate) mod tag;
pub(crate) mod time;
pub(crate) mod token;

#[cfg(test)]
mod tests;
