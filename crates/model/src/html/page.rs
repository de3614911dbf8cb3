//! What a page says of itself: title, description, picture, author.
//!
//! Source: <https://ogp.me/>; <https://html.spec.whatwg.org/multipage/semantics.html#standard-metadata-names>;
//! <https://blog.joinmastodon.org/2024/07/highlighting-journalism-on-mastodon/> (`fediverse:creator`)

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use html5ever::tokenizer::Tag;

use super::{
    strip_bidi_controls,
    tokens::{self, Listener, attribute},
};
use crate::text::chars::is_bidi_control;

/// Longest title, in characters.
const MAX_TITLE: usize = 200;
/// Longest description or alternative text, in characters.
const MAX_DESCRIPTION: usize = 500;
/// Longest name of a site or an author, in characters.
const MAX_NAME: usize = 100;
/// Longest value that is looked at, in bytes.
const MAX_VALUE: usize = 8 * 1024;
/// Where a page names what plays its video or sound inside other pages.
///
/// Source: <https://ogp.me/#structured>, <https://developer.x.com/en/docs/x-for-websites/cards/overview/player-card>
const PLAYERS: [&str; 4] = [
    "twitter:player",
    "og:video",
    "og:video:url",
    "og:video:secure_url",
];
/// Elements that are looked at.
const MAX_ELEMENTS: usize = 3000;

/// What a page says of itself; texts are plain, on one line, and may be empty. Addresses are as written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageHead {
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Name of the site.
    pub site_name: String,
    /// Name of the author.
    pub author_name: String,
    /// Address of the author's page.
    pub author_url: Option<String>,
    /// Handle of the author's account (`@ada@a.test`).
    pub creator: Option<String>,
    /// Address of the picture.
    pub image: Option<String>,
    /// Alternative text of the picture.
    pub image_description: String,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// It names a player for a video or a sound.
    pub has_player: bool,
}

/// Reads the metadata of a page: OpenGraph, then Twitter cards, then `<title>` and `<meta>`. Reading takes one pass
/// and ends with the head; of a page that is made to exhaust a parser, nothing is found.
pub fn read_head(html: &str) -> PageHead {
    tokens::read(html, Head::default()).map_or_else(|_| PageHead::default(), |head| head.facts())
}

#[derive(Default)]
struct Head {
    metas: HashMap<String, String>,
    title: String,
    reads_title: bool,
    has_title: bool,
    language: Option<String>,
    elements: usize,
    is_over: bool,
}

impl Listener for Head {
    fn start(&mut self, tag: &Tag) {
        self.elements += 1;
        if self.is_over {
            return;
        }
        match &*tag.name {
            "html" => self.language = attribute(tag, "lang").and_then(language),
            "title" => self.reads_title = !self.has_title,
            "meta" => self.meta(tag),
            // Some sites write their metadata behind the head; what comes after the first text of the page is content.
            "p" | "article" | "main" => self.is_over = true,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if name == "title" && self.reads_title {
            self.reads_title = false;
            self.has_title = true;
        }
    }

    fn text(&mut self, text: &str) {
        if self.reads_title && self.title.len() < MAX_VALUE {
            self.title.push_str(text);
        }
    }

    fn is_done(&self) -> bool {
        self.is_over || self.elements >= MAX_ELEMENTS
    }
}

impl Head {
    /// The first value of a name counts: for pictures OpenGraph says so.
    fn meta(&mut self, tag: &Tag) {
        let name = attribute(tag, "property")
            .or_else(|| attribute(tag, "name"))
            .or_else(|| attribute(tag, "itemprop"));
        let (Some(name), Some(content)) = (name, attribute(tag, "content")) else {
            return;
        };
        let content = content.trim();
        if content.is_empty() || content.len() > MAX_VALUE || name.len() > MAX_NAME {
            return;
        }
        self.metas
            .entry(name.trim().to_ascii_lowercase())
            .or_insert_with(|| content.to_owned());
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.metas.get(*name))
            .map(String::as_str)
    }

    fn line(&self, names: &[&str], max: usize) -> String {
        one_line(self.first(names).unwrap_or_default(), max)
    }

    fn facts(&self) -> PageHead {
        let mut title = self.line(&["og:title", "twitter:title"], MAX_TITLE);
        if title.is_empty() {
            title = one_line(&self.title, MAX_TITLE);
        }
        let author = self.first(&["article:author", "author", "dcterms.creator", "parsely-author"]);
        // OpenGraph has the address of a profile where others have a name.
        let (author_url, author_name) = match author {
            Some(value) if is_address(value) => (Some(value.to_owned()), self.first(&["author"])),
            other => (None, other),
        };
        let author_name = author_name.filter(|name| !is_address(name)).unwrap_or_default();
        PageHead {
            title,
            description: self.line(
                &["og:description", "twitter:description", "description"],
                MAX_DESCRIPTION,
            ),
            site_name: self.line(&["og:site_name", "application-name"], MAX_NAME),
            author_name: one_line(author_name, MAX_NAME),
            author_url,
            creator: self.first(&["fediverse:creator"]).map(str::to_owned),
            image: self
                .first(&[
                    "og:image:secure_url",
                    "og:image",
                    "og:image:url",
                    "twitter:image",
                    "twitter:image:src",
                ])
                .map(str::to_owned),
            image_description: self.line(&["og:image:alt", "twitter:image:alt"], MAX_DESCRIPTION),
            language: self
                .language
                .clone()
                .or_else(|| self.first(&["og:locale", "content-language"]).and_then(language)),
            published_at: self
                .first(&[
                    "article:published_time",
                    "og:article:published_time",
                    "datepublished",
                    "dcterms.date",
                    "date",
                ])
                .and_then(time),
            has_player: self.first(&PLAYERS).is_some(),
        }
    }
}

fn is_address(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}

/// A text on one line, of at most `max` characters, without what changes the direction of its neighbours.
fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let line = if line.contains(is_bidi_control) {
        strip_bidi_controls(&line)
    } else {
        line
    };
    match line.char_indices().nth(max) {
        Some(_) => {
            let end = line.char_indices().nth(max - 1).map_or(0, |(at, _)| at);
            format!("{}…", line[..end].trim_end())
        }
        None => line,
    }
}

/// `fr` of `fr`, `fr-CH` and `fr_CH`.
fn language(tag: &str) -> Option<String> {
    let primary = tag
        .trim()
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_code = primary.len() == 2 && primary.bytes().all(|b| b.is_ascii_lowercase());
    is_code.then_some(primary)
}

/// A time as pages write it: RFC 3339, without seconds or offset, or only a day.
fn time(written: &str) -> Option<DateTime<Utc>> {
    let written = written.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(written) {
        return Some(time.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%:z"] {
        if let Ok(time) = DateTime::parse_from_str(written, format) {
            return Some(time.to_utc());
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = chrono::NaiveDateTime::parse_from_str(written, format) {
            return Some(time.and_utc());
        }
    }
    let day = chrono::NaiveDate::parse_from_str(written, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_graph_comes_first() {
        let head = read_head(
            "<!doctype html><html lang=fr-CH><head><title>Fallback</title>\
             <meta name=description content='plain description'>\
             <meta property='og:title' content='  A &amp; B \n <b>'>\
             <meta property='og:title' content='second'>\
             <meta property='og:description' content='described'>\
             <meta property='og:site_name' content='News'>\
             <meta property='og:image' content='/pic.png'><meta property='og:image:alt' content='a cat'>\
             <meta property='article:author' content='https://news.test/ada'><meta name=author content='Ada'>\
             <meta property='article:published_time' content='2026-01-02T03:04:05+01:00'>\
             <meta name='fediverse:creator' content='@ada@a.test'></head>",
        );
        let expected = PageHead {
            title: "A & B <b>".to_owned(),
            description: "described".to_owned(),
            site_name: "News".to_owned(),
            author_name: "Ada".to_owned(),
            author_url: Some("https://news.test/ada".to_owned()),
            creator: Some("@ada@a.test".to_owned()),
            image: Some("/pic.png".to_owned()),
            image_description: "a cat".to_owned(),
            language: Some("fr".to_owned()),
            published_at: DateTime::parse_from_rfc3339("2026-01-02T02:04:05Z")
                .ok()
                .map(|time| time.to_utc()),
            has_player: false,
        };
        assert_eq!(head, expected);
    }

    #[test]
    fn plain_pages_have_a_title_and_a_description() {
        let head = read_head("<title>\n One\ttwo\u{202e}&lt;i&gt; </title><meta name=Description content=d>");
        assert_eq!(head.title, "One two<i>");
        assert_eq!(head.description, "d");
        assert_eq!(head.image, None);
        let twitter =
            read_head("<meta name=twitter:title content=t><meta name='twitter:image' content=i.png>");
        assert_eq!(
            (twitter.title.as_str(), twitter.image.as_deref()),
            ("t", Some("i.png"))
        );
    }

    #[test]
    fn pages_say_that_they_bring_a_player() {
        for (html, expected) in [
            ("<meta property='og:video' content='https://a.test/v.mp4'>", true),
            (
                "<meta property='og:video:url' content='https://a.test/embed/1'>",
                true,
            ),
            (
                "<meta property='og:video:secure_url' content='https://a.test/embed/1'>",
                true,
            ),
            (
                "<meta name='twitter:player' content='https://a.test/embed/1'>",
                true,
            ),
            ("<meta name='twitter:player' content=' '>", false),
            ("<meta name='twitter:player:width' content='640'>", false),
            ("<meta property='og:video:width' content='640'>", false),
            ("<meta property='og:type' content='video.other'>", false),
            ("<title>a video</title>", false),
        ] {
            assert_eq!(read_head(html).has_player, expected, "{html}");
        }
    }

    #[test]
    fn what_is_no_metadata_is_not_read() {
        for html in [
            "<!-- <title>x</title> --><body>",
            "<script>'<title>x</title><meta property=og:title content=x>'</script>",
            "<p>text</p><meta property=og:title content=x>",
            "",
            "%PDF-1.7",
        ] {
            assert_eq!(read_head(html).title, "", "{html}");
        }
    }

    #[test]
    fn texts_are_cut_and_reading_is_bounded() {
        let head = read_head(&format!("<title>{}</title>", "é".repeat(5_000)));
        assert_eq!(head.title.chars().count(), MAX_TITLE);
        assert!(head.title.ends_with('…'));
        assert_eq!(
            read_head(&format!("<meta {}", "content=x ".repeat(100_000))),
            PageHead::default()
        );
        let many = format!("{}<title>late</title>", "<div>".repeat(10_000));
        assert_eq!(read_head(&many).title, "");
    }

    #[test]
    fn times_and_languages_are_read_in_the_spellings_of_pages() {
        for (written, millis) in [
            ("2026-01-02T03:04:05Z", Some(1_767_323_045_000)),
            ("2026-01-02T03:04:05+0000", Some(1_767_323_045_000)),
            ("2026-01-02T03:04:05", Some(1_767_323_045_000)),
            ("2026-01-02", Some(1_767_312_000_000)),
            ("yesterday", None),
        ] {
            assert_eq!(
                time(written).map(|time| time.timestamp_millis()),
                millis,
                "{written}"
            );
        }
        for (written, code) in [
            ("en", Some("en")),
            ("de_CH", Some("de")),
            ("eng", None),
            ("", None),
        ] {
            assert_eq!(language(written).as_deref(), code, "{written}");
        }
    }
}
