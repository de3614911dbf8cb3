//! What tests of the upper crates share: an instance of their own with people on it, and requests to it.
//!
//! Unit tests cannot use this crate where it depends on the crate under test; tests in `tests/` can.

mod request;
mod world;

pub use request::{Answer, send};
pub use world::{Person, World};
