//! The one HTTP client of this server.
//!
//! Every outgoing request of the program goes through [`NetClient`]: `ActivityPub` fetches and deliveries, `WebFinger`,
//! media, link previews, web push. It resolves names itself, dials only addresses that passed [`AddressGate`], follows
//! redirects by its own rules, and caps time and size. Nothing else in the workspace builds a client (`clippy.toml`
//! bans it), so a rule mended here is mended everywhere.
//!
//! Source: rules R001-R008.

mod address;
mod body;
mod budget;
mod client;
mod error;
mod resolver;
mod signer;
mod stream;
mod url_policy;

#[cfg(test)]
mod tests;

pub use address::{AddressGate, is_global};
pub use client::{
    GetRequest, MAX_REDIRECTS, NetClient, NetSettings, PostRequest, Purpose, Response, Timeouts,
};
pub use error::{NetError, Phase};
pub use ipnet::IpNet;
pub use resolver::{Resolve, SystemResolver};
pub use signer::{RequestSigner, SignError, UnsignedRequest, host_header};
pub use stream::Stream;
pub use url_policy::{CheckedUrl, MAX_URL_LENGTH, Reach, UrlError, UrlPolicy};
