//! Documents of our own: what we publish, exact to the letter.

pub mod actor;
pub mod collection;
pub mod note;
pub mod policy;
pub mod replies;
pub mod tombstone;
