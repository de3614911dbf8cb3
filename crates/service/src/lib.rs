//! The operations of a microblogging server, each written once and called from every door: client API, inbox,
//! pages, command line and jobs.
//!
//! Everything is a plain function over [`Instance`]. This crate knows neither HTTP servers nor ActivityPub
//! documents nor the client API's JSON; it is the only one, beside `server`, that may use `storage`.

pub mod error;
pub mod events;
mod instance;
pub mod keys;
pub mod net;
pub mod ports;
pub mod settings;

pub use error::{Error, FieldError, Result};
pub use instance::{Instance, Parts};
