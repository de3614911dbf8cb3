//! Tests of the operations, on a real database each: SQLite always, PostgreSQL where one is given.
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]
#![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

mod analytics;
mod authors;
mod cards;
mod collections;
mod common;
mod costs;
mod delivery;
mod discovery;
mod emojis;
mod instance_info;
mod interactions;
mod jobs;
mod letters;
mod limits;
mod linked_collections;
mod notifications;
mod oauth;
mod profile;
mod quotes;
mod receive;
mod registration;
mod relations;
mod removal;
mod retention;
mod saved_searches;
mod searching;
mod sessions;
mod setup;
mod signing_keys;
mod statuses;
mod tag_rules;
mod tag_timelines;
mod tags;
mod trends;
mod users;
mod visibility;
mod waiting;
