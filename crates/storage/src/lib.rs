//! The only place with SQL.
//!
//! [`Store`] gives closures a [`Conn`]; the modules below hold one function per query, named `find_` (an
//! option), `list_` (a page), `load_` (by a set of ids), `insert_`, `update_` and `delete_`. Functions take
//! `&mut Conn`, so that the caller owns the transaction. Only `service` and `server` may depend on this crate.
#![recursion_limit = "256"]

pub mod account_domain_blocks;
pub mod accounts;
pub mod activities;
pub mod analytics;
pub mod announcements;
pub mod blocks;
pub mod cached_files;
pub mod cards;
pub mod collections;
pub mod conn;
pub mod conversations;
pub mod deliveries;
pub mod discovery;
pub mod domain_blocks;
pub mod domain_limits;
pub mod drafts;
pub mod edits;
pub mod emojis;
pub mod endorsements;
pub mod error;
pub mod events;
pub mod featured_tags;
pub mod filters;
pub mod follows;
pub mod hosts;
pub mod idempotency;
mod ids;
pub mod inbox;
pub mod interactions;
pub mod jobs;
mod json;
pub mod keys;
pub mod lists;
pub mod markers;
pub mod marks;
pub mod media;
pub mod mentions;
pub mod migrate;
pub mod moves;
pub mod mutes;
pub mod notes;
pub mod notification_policies;
pub mod notification_requests;
pub mod notifications;
pub mod numbers;
pub mod oauth;
mod paging;
pub mod policies;
pub mod polls;
pub mod quarantine;
pub mod queue;
pub mod quote_policies;
pub mod quotes;
pub mod reactions;
pub mod recipients;
pub mod relays;
pub mod reports;
pub mod retired_keys;
pub mod saved_searches;
pub mod scheduled;
mod schema;
pub mod search;
pub mod search_index;
pub mod sessions;
pub mod settings;
pub mod severances;
pub mod sight;
pub mod statuses;
mod store;
pub mod tag_follows;
pub mod tags;
pub mod threads;
pub mod timelines;
pub mod tombstones;
pub mod trend_lists;
pub mod trends;
pub mod users;

pub use conn::{Conn, DatabaseUrl};
pub use error::{Error, Result};
pub use store::{Store, StoreSettings};
