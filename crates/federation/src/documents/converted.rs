//! What stands for an object that is no note: an article, a page, a picture, a sound, a video, an event.
//!
//! Its title, where and when it takes place, its text as far as it can be read here, and where the whole of it is.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#status-federation>; the shapes are those of WordPress, Lemmy,
//! `PeerTube`, Mobilizon, Pixelfed, `BookWyrm` and Friendica.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use pouet_model::html::{escape, sanitise};
use pouet_service::statuses::RemoteMedia;

use super::{attachment, plain, truncate};
use crate::{json::Object, origin::domain_of};

/// Characters of a title, or of the name of a place.
const MAX_TITLE: usize = 2_048;
/// Bytes of the safe HTML of a text that is shown whole; a longer one is shown by its summary.
const MAX_TEXT: usize = 100_000;
/// Characters of a summary.
const MAX_SUMMARY: usize = 5_000;
/// Links to elsewhere that a page is about.
const MAX_LINKS: usize = 4;

/// Safe HTML for the object. `url`: its page.
pub(super) fn content(object: Object<'_>, url: &str) -> String {
    let mut html = String::new();
    if let Some(title) = object.text("name") {
        html = format!("<p><strong>{}</strong></p>", escape(&plain(title, MAX_TITLE)));
    }
    if object.is("Event") {
        html.push_str(&occasion(object));
    }
    html.push_str(&text(object));
    let elsewhere = object
        .objects("attachment")
        .filter(|link| link.is("Link"))
        .filter_map(|link| link.text("href"))
        .filter(|href| *href != url && domain_of(href).is_some());
    for href in elsewhere.take(MAX_LINKS).chain([url]) {
        let href = escape(href);
        // Writing to a string cannot fail.
        let _ = write!(html, "<p><a href=\"{href}\">{href}</a></p>");
    }
    sanitise(&html)
}

/// The text: of articles and pages the whole of it, of others what they say in short.
fn text(object: Object<'_>) -> String {
    let is_text = object.is("Article") || object.is("Page");
    let whole = || {
        let content = object.text("content")?;
        let html = sanitise(&markup(object, content));
        (!html.is_empty() && html.len() <= MAX_TEXT).then_some(html)
    };
    let short = || {
        let summary = object.text("summary").filter(|summary| !summary.is_empty())?;
        let summary = truncate(summary, MAX_SUMMARY);
        // Many are plain text.
        let is_block = summary.trim_start().starts_with('<');
        let html = if is_block {
            summary.to_owned()
        } else {
            format!("<p>{summary}</p>")
        };
        Some(sanitise(&html))
    };
    let found = if is_text {
        whole().or_else(short)
    } else {
        short().or_else(whole)
    };
    found.unwrap_or_default()
}

/// Content as HTML: it may be Markdown, which is shown as it is written.
fn markup(object: Object<'_>, content: &str) -> String {
    let is_html = object
        .text("mediaType")
        .is_none_or(|kind| kind.starts_with("text/html"));
    if is_html {
        return content.to_owned();
    }
    let text = content.replace('\r', "");
    let mut html = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(html, "<p>{}</p>", escape(paragraph).replace('\n', "<br>"));
    }
    html
}

/// When and where an event is, in a form that needs no translation.
fn occasion(event: Object<'_>) -> String {
    let written = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    let times: Vec<String> = ["startTime", "endTime"]
        .iter()
        .filter_map(|name| event.time(name))
        .map(written)
        .collect();
    let place = event.object("location").map(place).unwrap_or_default();
    let parts = [times.join(" – "), place];
    let lines: Vec<String> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| escape(part))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("<p>{}</p>", lines.join("<br>"))
}

/// A place: its name, and its postal address where it has one.
fn place(place: Object<'_>) -> String {
    let address = place.object("address");
    let members = ["streetAddress", "postalCode", "addressLocality", "addressCountry"];
    let of_address = members
        .iter()
        .filter_map(|name| address.and_then(|address| address.text(name)));
    let plain_address = place.first("address").and_then(|address| address.as_str());
    let mut parts: Vec<String> = Vec::new();
    for text in place
        .text("name")
        .into_iter()
        .chain(of_address)
        .chain(plain_address)
    {
        let text = plain(text, MAX_TITLE);
        if !text.is_empty() && !parts.contains(&text) {
            parts.push(text);
        }
    }
    parts.join(", ")
}

/// The picture that shows what an object without attachments is like: itself, or its largest thumbnail.
pub(super) fn picture(object: Object<'_>) -> Option<RemoteMedia> {
    if object.is("Image")
        && let Some(file) = attachment::file(object)
    {
        return Some(file);
    }
    ["image", "icon"].iter().find_map(|name| {
        object
            .objects(name)
            .filter_map(attachment::file)
            .max_by_key(|file| file.size.map_or(0, |size| size.width))
    })
}
