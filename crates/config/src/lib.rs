//! The configuration of an instance: typed, checked whole, and documented from one table.
//!
//! Every key is declared once, in [`keys()`], with its place in [`Config`], its range and its explanation. From
//! that table come the loader, the error messages, the suggestions for misspelt keys, `pouet config print` and
//! `docs/configuration.md`.
//!
//! Sources, weakest first: built-in defaults, the TOML file, environment variables `POUET_...`, command line
//! flags. A key that nobody declared is an error wherever it is written, and all errors are reported together,
//! each with the place it came from.
//!
//! Invariants: this crate depends on no other crate of the workspace, reads no environment of its own (it is a
//! parameter), and never shows the password of the database.

mod check;
mod config;
mod error;
mod keys;
mod load;
mod print;
mod value;

pub use config::{
    Breaker, Config, Database, Delivery, Federation, Limits, Log, Media, RateLimits, Registrations, Retention,
};
pub use error::{Errors, Problem};
pub use keys::{Key, keys};
pub use load::{Origin, Overrides};
pub use print::markdown;
pub use value::{
    Audience, DatabaseUrl, Domain, FederationMode, FetchAuth, Listen, LogFilter, LogFormat, RegistrationMode,
    WebUrl,
};
