//! What the server does: operations on accounts, statuses and everything around them.
//!
//! This crate alone decides and stores; `api`, `web` and `federation` are doors to it.

pub mod keys;
pub mod net;
