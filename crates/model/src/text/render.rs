//! From text to HTML.

use super::chars::is_unwanted_control;
use super::{Entity, EntityKind, Hashtag, MentionRef, ParsedText};
use crate::domain;
use crate::html::escape_into;

/// How many characters of a link are shown before the ellipsis.
const SHOWN_CHARS: usize = 30;

/// Where a mention leads and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MentionTarget {
    /// Page of the account: the very `url` that `mentions[]` of the status carries, because apps compare the two.
    pub url: String,
    /// What stands behind the `@`: the user name, or `user@host` where two mentioned accounts share a user name.
    pub acct_username: String,
}

/// How a text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendering {
    paragraphs: bool,
    rel: &'static str,
}

impl Rendering {
    /// The content of a status.
    pub const STATUS: Self = Self {
        paragraphs: true,
        rel: "nofollow noopener",
    };
    /// A bio: as a status, but its links are claims that can be verified.
    pub const BIO: Self = Self {
        paragraphs: true,
        rel: "me nofollow noopener",
    };
    /// The value of a profile field: one line, and its links are claims that can be verified.
    pub const FIELD: Self = Self {
        paragraphs: false,
        rel: "me nofollow noopener",
    };
}

/// The HTML of a status: paragraphs, line breaks, mentions, hashtags and links, everything else escaped.
///
/// `resolver` gives the account behind a mention; with `None` the mention stays text. `tag_url` gives the page of a tag from
/// its name ([`Hashtag::name`]). Custom emoji stay as `:shortcode:`. A text of only white space gives an empty string.
pub fn render(
    text: &str,
    parsed: &ParsedText,
    resolver: impl Fn(&MentionRef) -> Option<MentionTarget>,
    tag_url: impl Fn(&str) -> String,
) -> String {
    render_as(Rendering::STATUS, text, parsed, resolver, tag_url)
}

/// [`render`], for other places than a status.
pub fn render_as(
    rendering: Rendering,
    text: &str,
    parsed: &ParsedText,
    resolver: impl Fn(&MentionRef) -> Option<MentionTarget>,
    tag_url: impl Fn(&str) -> String,
) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let mut writer = Writer {
        html: String::with_capacity(text.len() * 2),
        rendering,
        line_ends: 0,
        started: false,
    };
    let mut done = 0;
    for Entity { span, kind } in &parsed.entities {
        let source = &text[span.clone()];
        let markup = match kind {
            EntityKind::Mention(mention) => resolver(mention).map(|target| mention_html(&target)),
            EntityKind::Hashtag(hashtag) => Some(hashtag_html(hashtag, &tag_url(&hashtag.name))),
            EntityKind::Url => Some(link_html(source, rendering.rel)),
            EntityKind::Emoji(_) => None,
        };
        if let Some(markup) = markup {
            writer.text(&text[done..span.start]);
            writer.markup(&markup);
            done = span.end;
        }
    }
    writer.text(&text[done..]);
    writer.finish()
}

/// Writes escaped text and markup, turning line ends into paragraphs and breaks.
struct Writer {
    html: String,
    rendering: Rendering,
    /// Line ends met since the last other character.
    line_ends: usize,
    started: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['\r', '\n']) {
            self.line(&rest[..at]);
            self.line_ends += 1;
            let len = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
            rest = &rest[at + len..];
        }
        self.line(rest);
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        self.break_line();
        if line.contains(is_unwanted_control) {
            escape_into(&line.replace(is_unwanted_control, ""), &mut self.html);
        } else {
            escape_into(line, &mut self.html);
        }
    }

    fn markup(&mut self, html: &str) {
        self.break_line();
        self.html.push_str(html);
    }

    /// Writes what the line ends before the next character amount to.
    fn break_line(&mut self) {
        let line_ends = std::mem::take(&mut self.line_ends);
        let separator = match (self.rendering.paragraphs, self.started, line_ends) {
            (true, false, _) => "<p>",
            (true, true, 2..) => "</p><p>",
            (true, true, 1) => "<br />",
            (false, true, 1..) => " ",
            _ => "",
        };
        self.html.push_str(separator);
        self.started = true;
    }

    fn finish(mut self) -> String {
        if self.rendering.paragraphs && self.started {
            self.html.push_str("</p>");
        }
        self.html
    }
}

fn mention_html(target: &MentionTarget) -> String {
    let mut html = String::from("<span class=\"h-card\" translate=\"no\"><a href=\"");
    escape_into(&target.url, &mut html);
    html.push_str("\" class=\"u-url mention\">@<span>");
    escape_into(&target.acct_username, &mut html);
    html.push_str("</span></a></span>");
    html
}

fn hashtag_html(hashtag: &Hashtag, url: &str) -> String {
    let mut html = String::from("<a href=\"");
    escape_into(url, &mut html);
    html.push_str("\" class=\"mention hashtag\" rel=\"tag\">#<span>");
    escape_into(&hashtag.display, &mut html);
    html.push_str("</span></a>");
    html
}

/// A link with its scheme and everything beyond thirty characters hidden, in the classes that apps know.
fn link_html(url: &str, rel: &str) -> String {
    let url = readable_url(url);
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let prefix = if url[after_scheme..].starts_with("www.") {
        after_scheme + 4
    } else {
        after_scheme
    };
    let (prefix, rest) = url.split_at(prefix);
    let cut = rest
        .char_indices()
        .nth(SHOWN_CHARS)
        .map_or(rest.len(), |(at, _)| at);
    let (shown, hidden) = rest.split_at(cut);

    let mut html = String::from("<a href=\"");
    escape_into(&url, &mut html);
    html.push_str("\" target=\"_blank\" rel=\"");
    html.push_str(rel);
    html.push_str("\" translate=\"no\"><span class=\"invisible\">");
    escape_into(prefix, &mut html);
    html.push_str(if hidden.is_empty() {
        "</span><span class=\"\">"
    } else {
        "</span><span class=\"ellipsis\">"
    });
    escape_into(shown, &mut html);
    html.push_str("</span><span class=\"invisible\">");
    escape_into(hidden, &mut html);
    html.push_str("</span></a>");
    html
}

/// The URL with its scheme in lower case, and with a host in ASCII where its letters could be taken for another host.
fn readable_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let scheme = scheme.to_ascii_lowercase();
    if authority.is_ascii() {
        return format!("{scheme}://{authority}{path}");
    }
    match domain::normalise(authority).map(|domain| domain::display(&domain)) {
        Ok(shown) if shown.contains("xn--") => format!("{scheme}://{shown}{path}"),
        _ => format!("{scheme}://{authority}{path}"),
    }
}
