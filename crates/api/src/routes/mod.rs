//! The operations, one file per resource of Mastodon's documentation.
//!
//! A handler reads its parameters, calls one operation of `service` and writes an entity. Its name is that of the
//! method in Mastodon.

pub(crate) mod table;

mod account_lists;
mod account_relations;
mod accounts;
mod admin_tags;
mod admin_trends;
mod analytics;
mod announcements;
mod apps;
mod async_refreshes;
mod collections;
mod conversations;
mod discovery;
mod drafts;
mod featured_tags;
mod filters_v1;
mod filters_v2;
mod grouped_notifications;
mod health;
mod instance;
mod interactions;
mod lists;
mod markers;
mod media;
mod notification_policy;
mod notification_requests;
mod notifications;
mod oauth;
mod oembed;
mod own;
mod polls;
mod preferences;
mod quotes;
mod reactions;
mod reports;
mod saved_searches;
mod scheduled_statuses;
mod search;
mod status_actions;
mod statuses;
mod tags;
mod timelines;
mod trends;
