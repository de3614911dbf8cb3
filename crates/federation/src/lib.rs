//! ActivityPub: everything that speaks to other servers.
//!
//! This crate turns wire documents into calls of `pouet_service` and back. It holds no business rules and no tables.

pub mod activities;
pub mod objects;
pub mod outgoing;
pub mod signatures;
#[cfg(test)]
mod test_people;
