//! Parsers of foreign bytes that are no part of the interface, opened for the fuzz targets only.

pub use pouet_model::domain::Handle;

use crate::{
    fetch::page,
    json,
    webfinger::{client, host_meta},
};

/// The template of a host-meta document.
pub fn lrdd_template(xrd: &str) -> Option<String> {
    host_meta::lrdd_template(xrd)
}

/// The subject and the actor's address of a WebFinger document; nothing if it is refused.
pub fn webfinger(bytes: &[u8]) -> Option<(Handle, String)> {
    let found = client::read_document(&json::parse(bytes).ok()?)?;
    Some((found.subject, found.actor))
}

/// The address of the ActivityPub document that a page names as its alternate.
pub fn alternate_of_page(html: &str) -> Option<String> {
    page::from_html(html)
}

/// The address of the ActivityPub document in a `Link` header.
pub fn alternate_of_header(header: &str) -> Option<&str> {
    page::from_link_header(header)
}
