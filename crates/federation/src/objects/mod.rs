//! Documents of our own: what we publish, exact to the letter.
//!
//! Source: federation.md 3.1, 4.1; design.md D8.

pub mod actor;
pub mod collection;
pub mod note;
pub mod tombstone;
