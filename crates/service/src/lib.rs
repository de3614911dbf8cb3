//! The operations of a microblogging server, each written once and called from every door: client API, inbox,
//! pages, command line and jobs.
//!
//! Everything is a plain function over [`Instance`]. This crate knows neither HTTP servers nor ActivityPub
//! documents nor the client API's JSON; it is the only one, beside `server`, that may use `storage`.

pub mod accounts;
pub mod actor_kind;
pub mod alerts;
pub mod analytics;
pub mod announcements;
pub mod blocks;
pub mod cards;
pub mod collections;
mod composition;
pub mod conversations;
pub mod delivery;
pub mod discovery;
pub mod domain_blocks;
pub mod emojis;
pub mod endorsements;
pub mod error;
pub mod events;
mod fair;
pub mod featured_tags;
mod filtering;
pub mod filters;
pub mod follows;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod hosts;
pub mod inbox;
mod instance;
pub mod instance_info;
pub mod instance_numbers;
pub mod interactions;
pub mod jobs;
pub mod keys;
pub mod lists;
pub mod markers;
pub mod media;
pub mod metrics;
pub mod moves;
pub mod mutes;
pub mod net;
pub mod notes;
pub mod notifications;
pub mod oauth;
pub mod passwords;
pub mod policy;
pub mod polls;
pub mod ports;
pub mod preferences;
pub mod profile;
pub mod quarantine;
pub mod quotes;
pub mod registration;
pub mod relationships;
pub mod relays;
pub mod reports;
pub mod retention;
pub mod saved_searches;
pub mod search;
mod secrets;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod signing_keys;
pub mod statuses;
pub mod tag_rules;
pub mod tags;
pub mod threads;
pub mod throttle;
pub mod timelines;
pub mod trends;
pub mod upkeep;
pub mod users;
pub mod vault;
mod verified_links;
pub mod view;
mod visibility;

pub use error::{Error, FieldError, Result};
pub use instance::{Instance, Parts};
