//! Types and rules of microblogging, without any input or output.
//!
//! Everything here is pure: no database, no network, no clock of the machine but through
//! [`time::Clock`]. The other crates of the workspace all speak in these types.

pub mod account;
pub mod alert;
pub mod audience;
pub mod card;
pub mod collection;
pub mod domain;
pub mod emoji;
pub mod filter;
pub mod html;
pub mod ids;
pub mod interaction;
pub mod keyword;
pub mod notification;
pub mod notification_policy;
pub mod oauth;
pub mod page;
pub mod quote;
pub mod reaction;
pub mod relay;
pub mod report;
pub mod scheduled;
pub mod scope;
pub mod search;
pub mod status;
pub mod text;
pub mod time;
pub mod trend;
pub mod urls;
