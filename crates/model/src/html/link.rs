//! Links of other servers: which may stay, and whether they say where they lead.

use std::borrow::Cow;

use url::Url;

use crate::domain;
use crate::text::chars::is_bidi_control;

/// Schemes a link may have.
pub(super) const SCHEMES: [&str; 11] = [
    "http", "https", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini",
];

/// Longest address of a link, in bytes.
const MAX_HREF_BYTES: usize = 2048;

/// Shortest part of a host that can be the visible beginning of a link cut off after thirty characters.
const MIN_CUT_HOST_CHARS: usize = 25;

/// Endings of file names that are no top-level domains, so that `index.html` is not taken for a host.
const FILE_ENDINGS: [&str; 28] = [
    "bin", "cfg", "conf", "cpp", "css", "csv", "doc", "docx", "exe", "gif", "gz", "htm", "html", "java",
    "jpeg", "jpg", "js", "json", "log", "pdf", "php", "png", "svg", "toml", "ts", "txt", "xml", "yml",
];

/// A link that may stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The address: as written, because apps compare it with `mentions[].url`, unless it had something to hide.
    pub(super) href: String,
    /// The host, as people read it; `None` for schemes without one.
    pub(super) host: Option<String>,
}

/// Reads the address of a link as a browser would; `None` if the link must go.
///
/// Relative addresses go too: there is nothing that they would be relative to.
pub(super) fn target(href: &str) -> Option<Target> {
    let written = href.trim_matches(|c: char| c <= ' ');
    if written.len() > MAX_HREF_BYTES {
        return None;
    }
    let mut url = Url::parse(written).ok()?;
    if !SCHEMES.contains(&url.scheme()) {
        return None;
    }
    let is_web = matches!(url.scheme(), "http" | "https");
    let has_user = is_web && !(url.username().is_empty() && url.password().is_none());
    if has_user {
        // What stands before the `@` is there to be mistaken for the host.
        url.set_username("").and_then(|()| url.set_password(None)).ok()?;
    }
    let hides = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || is_bidi_control(c);
    let plain = !has_user && !written.contains(hides) && (!is_web || written.contains("://"));
    let href = if plain {
        Cow::Borrowed(written)
    } else {
        Cow::Owned(url.to_string())
    };
    if href.len() > MAX_HREF_BYTES {
        return None;
    }
    let host = url
        .host_str()
        .filter(|_| is_web)
        .map(|host| domain::display(host.trim_end_matches('.')));
    Some(Target {
        href: href.into_owned(),
        host,
    })
}

/// The `rel` of a link, with what it forces and the `tag` or `me` that it had.
pub(super) fn rel(written: &str) -> String {
    let mut rel = String::new();
    for kept in ["tag", "me"] {
        if written
            .split_ascii_whitespace()
            .any(|token| token.eq_ignore_ascii_case(kept))
        {
            rel.push_str(kept);
            rel.push(' ');
        }
    }
    rel.push_str("nofollow noopener noreferrer");
    rel
}

/// What an open link shows so far.
#[derive(Debug, Default)]
pub(super) struct Label {
    host: Option<String>,
    /// All of its text.
    full: String,
    /// Its text without what the class `invisible` hides.
    visible: String,
    /// Whether a part is shown with an ellipsis behind.
    cut: bool,
}

impl Label {
    pub(super) fn new(host: Option<String>) -> Self {
        Self {
            host,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, text: &str, invisible: bool, ellipsis: bool) {
        self.full.push_str(text);
        if !invisible {
            self.visible.push_str(text);
        }
        self.cut |= ellipsis;
    }

    /// What to write behind the text when it looks like another host than the one the link leads to.
    ///
    /// Source: rule R052 (CVE-2023-36462).
    pub(super) fn correction(&self) -> Option<String> {
        let host = self.host.as_deref()?;
        let correction = format!(" [{host}]");
        let honest = |text: &str| {
            text.ends_with(correction.trim_start())
                || shown_host(text).is_none_or(|shown| self.is_same(&shown, host))
        };
        (!(honest(&self.full) && honest(&self.visible))).then_some(correction)
    }

    fn is_same(&self, shown: &str, host: &str) -> bool {
        let shown = domain::display(shown);
        let (shown, host) = (without_www(&shown), without_www(host));
        shown == host || (self.cut && shown.chars().count() >= MIN_CUT_HOST_CHARS && host.starts_with(shown))
    }
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// The host that a text seems to name: it begins with `http://`, `https://` or `www.`, or is nothing but a host with a path.
fn shown_host(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| lower.starts_with(**scheme));
    let rest = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    let explicit = scheme.is_some() || lower.starts_with("www.");
    if !explicit && rest.contains(char::is_whitespace) {
        return None;
    }
    let authority = rest
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '\\' | '…'))
        .next()?;
    let authority = authority
        .rsplit_once('@')
        .filter(|_| explicit)
        .map_or(authority, |(_, host)| host);
    let host = domain::normalise(authority).ok()?;
    let host = domain::without_port(&host);
    let tld = host.rsplit_once('.')?.1;
    let is_tld = tld.len() >= 2 && (explicit || !FILE_ENDINGS.contains(&tld));
    is_tld.then(|| host.to_owned())
}
