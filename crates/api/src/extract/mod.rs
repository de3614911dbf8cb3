//! From an HTTP request to what an operation takes.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod ip;
pub(crate) mod page;
pub(crate) mod params;
