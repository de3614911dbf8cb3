//! The links of a status that lead to pages: not its mentions, hashtags or quote.

use html5ever::tokenizer::Tag;

use super::tokens::{self, Listener, attribute};
use super::write::{escape_attribute, escape_char};

/// The addresses of the links of sanitised or own HTML, in order and at most `max`: no mentions, no hashtags, and
/// nothing in the paragraph that stands for a quote where quotes are not known.
pub fn outward_links(html: &str, max: usize) -> Vec<String> {
    let links = Links {
        found: Vec::new(),
        max,
        place: Place::default(),
    };
    tokens::read(html, links).map_or_else(|_| Vec::new(), |links| links.found)
}

/// Sanitised or own HTML with other addresses for its links: those that [`outward_links`] finds lead to where
/// `detour` says, and tell as their title where that ends. Where it says nothing, and of everything else, nothing
/// changes.
pub fn detour_links(html: &str, detour: impl FnMut(&str) -> Option<String>) -> String {
    let detours = Detours {
        html: String::with_capacity(html.len() + html.len() / 4),
        place: Place::default(),
        detour,
    };
    tokens::read(html, detours).map_or_else(|_| html.to_owned(), |detours| detours.html)
}

/// Where in a document a reader of tokens is.
#[derive(Default)]
struct Place {
    /// How deep the paragraph of a quote begins.
    in_quote: Option<usize>,
    depth: usize,
}

impl Place {
    /// The address that a start tag links to, if that is a link to a page.
    fn start<'t>(&mut self, tag: &'t Tag) -> Option<&'t str> {
        if tag.self_closing || tokens::is_void(&tag.name) {
            return None;
        }
        self.depth += 1;
        if has_class(tag, &["quote-inline"]) && self.in_quote.is_none() {
            self.in_quote = Some(self.depth);
        }
        if &*tag.name != "a" || self.in_quote.is_some() || has_class(tag, &["mention", "hashtag", "u-url"]) {
            return None;
        }
        let is_tag =
            attribute(tag, "rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|token| token == "tag"));
        attribute(tag, "href").filter(|_| !is_tag).map(str::trim)
    }

    fn end(&mut self) {
        if self.in_quote == Some(self.depth) {
            self.in_quote = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }
}

fn has_class(tag: &Tag, wanted: &[&str]) -> bool {
    attribute(tag, "class").is_some_and(|classes| {
        classes
            .split_ascii_whitespace()
            .any(|class| wanted.contains(&class))
    })
}

struct Links {
    found: Vec<String>,
    max: usize,
    place: Place,
}

impl Listener for Links {
    fn start(&mut self, tag: &Tag) {
        let wanted = self.found.len() < self.max;
        if let Some(href) = self.place.start(tag).filter(|_| wanted) {
            self.found.push(href.to_owned());
        }
    }

    fn end(&mut self, _name: &str) {
        self.place.end();
    }

    fn text(&mut self, _text: &str) {}

    fn is_done(&self) -> bool {
        self.found.len() >= self.max
    }
}

/// Writes down what it reads.
struct Detours<F> {
    html: String,
    place: Place,
    detour: F,
}

impl<F> Detours<F> {
    fn attribute(&mut self, name: &str, value: &str) {
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        escape_attribute(value, &mut self.html);
        self.html.push('"');
    }
}

impl<F: FnMut(&str) -> Option<String>> Listener for Detours<F> {
    fn start(&mut self, tag: &Tag) {
        let end = self.place.start(tag);
        let detour = end.and_then(|end| (self.detour)(end)).zip(end);
        self.html.push('<');
        self.html.push_str(&tag.name);
        for attribute in &tag.attrs {
            match (&*attribute.name.local, &detour) {
                ("href", Some((detour, end))) => {
                    self.attribute("href", detour);
                    self.attribute("title", end);
                }
                ("title", Some(_)) => {}
                (name, _) => self.attribute(name, &attribute.value),
            }
        }
        self.html.push('>');
    }

    fn end(&mut self, name: &str) {
        self.place.end();
        self.html.push_str("</");
        self.html.push_str(name);
        self.html.push('>');
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            escape_char(c, &mut self.html);
        }
    }

    fn is_done(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_hashtags_and_quotes_are_no_links() {
        let html = "<p class=\"quote-inline\">RE: <a href=\"https://q.test/1\">q</a><br /></p>\
            <p><span class=\"h-card\"><a href=\"https://b.test/@bob\" class=\"u-url mention\">@<span>bob</span></a>\
            </span> \
            <a href=\"https://b.test/tags/x\" class=\"mention hashtag\" rel=\"tag\">#<span>x</span></a> \
            <a href=\"https://c.test/tag/y\" rel=\"tag\">y</a><br />\
            <a href=\"https://a.test/?a=1&amp;b=2\" rel=\"nofollow\">\
            <span class=\"invisible\">https://</span>a.test</a></p>\
            <p><a href=\"https://d.test/\">d</a></p>";
        assert_eq!(
            outward_links(html, 5),
            ["https://a.test/?a=1&b=2", "https://d.test/"]
        );
        assert_eq!(outward_links(html, 1), ["https://a.test/?a=1&b=2"]);
        assert!(outward_links("<p>https://a.test</p>", 5).is_empty());
    }

    #[test]
    fn detours_say_where_they_end_and_change_nothing_else() {
        let html = "<p class=\"quote-inline\">RE: <a href=\"https://q.test/1\">q</a></p>\
            <p lang=\"fr\">1 &lt; 2 &amp;&amp; caf\u{e9}&nbsp;! \
            <a href=\"https://b.test/@bob\" class=\"u-url mention\">@bob</a><br>\
            <a href=\"https://a.test/?a=1&amp;b=2&quot;\" target=\"_blank\" rel=\"nofollow noopener noreferrer\">\
            <span class=\"invisible\">https://</span>a.test</a> <a href=\"mailto:a@b.test\">write</a></p>";
        assert_eq!(detour_links(html, |_| None), html);
        let detour = |end: &str| end.starts_with("https:").then(|| "/l/1/x?\"&".to_owned());
        let expected = html.replace(
            "<a href=\"https://a.test/?a=1&amp;b=2&quot;\"",
            "<a href=\"/l/1/x?&quot;&amp;\" title=\"https://a.test/?a=1&amp;b=2&quot;\"",
        );
        assert_ne!(expected, html);
        assert_eq!(detour_links(html, detour), expected);
        // A title that lies is not kept.
        let lying = "<a title=\"https://bank.test\" href=\"https://a.test/\">a</a>";
        assert_eq!(
            detour_links(lying, |_| Some("/l".to_owned())),
            "<a href=\"/l\" title=\"https://a.test/\">a</a>"
        );
    }
}
