//! WebFinger: from handles to actors, as a client and as a server.
//!
//! Source: RFC 7033.

pub(crate) mod client;
pub(crate) mod host_meta;
mod server;

pub(crate) use client::confirm;
pub(crate) use server::{host_meta, host_meta_json, webfinger};
