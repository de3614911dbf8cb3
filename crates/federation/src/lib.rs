//! ActivityPub: everything that speaks to other servers.
//!
//! This crate turns wire documents into calls of `pouet_service` and back. It holds no business rules and no tables.
//!
//! Coming in: [`routes`] mounts the addresses, an inbox checks and stores, [`jobs`] work out what was meant, with
//! [`documents`] as readers. Going out: [`outgoing`] tells others, with [`objects`] and [`activities`] as documents.

pub mod activities;
mod budget;
mod context;
mod discovery;
pub mod documents;
pub mod error;
mod fetch;
mod inbox;
pub mod jobs;
pub mod json;
pub mod objects;
mod origin;
pub mod outgoing;
mod receive;
mod resolver;
pub mod routes;
pub mod signatures;
mod take_in;
#[cfg(test)]
mod test_people;
mod webfinger;

pub use context::{Context, Federation};
