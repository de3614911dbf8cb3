//! The links of a page by which its owner says "this is me as well".
//!
//! Source: <https://microformats.org/wiki/rel-me>

use html5ever::tokenizer::Tag;

use super::tokens::{self, Listener, attribute};

/// Links that are looked at.
const MAX_LINKS: usize = 1000;

/// The addresses of `<a>` and `<link>` elements with `rel="me"`, as they are written. Reading takes one pass; of a page that
/// is made to exhaust a parser, nothing is found.
pub fn rel_me_links(html: &str) -> Vec<String> {
    let links = Links {
        found: Vec::new(),
        seen: 0,
    };
    tokens::read(html, links).map_or_else(|_| Vec::new(), |links| links.found)
}

struct Links {
    found: Vec<String>,
    seen: usize,
}

impl Listener for Links {
    fn start(&mut self, tag: &Tag) {
        if !matches!(&*tag.name, "a" | "link") {
            return;
        }
        self.seen += 1;
        let is_me = attribute(tag, "rel").is_some_and(|rel| {
            rel.split_ascii_whitespace()
                .any(|token| token.eq_ignore_ascii_case("me"))
        });
        if let Some(href) = attribute(tag, "href").filter(|_| is_me) {
            self.found.push(href.trim().to_owned());
        }
    }

    fn end(&mut self, _name: &str) {}

    fn text(&mut self, _text: &str) {}

    fn is_done(&self) -> bool {
        self.seen >= MAX_LINKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_say_me_are_found() {
        let page = "<!doctype html><head><link rel=me href=' https://a.test/@ada '><link rel=stylesheet href=/x.css>\
                    <body><a rel='nofollow ME noopener' href=\"https://b.test/?a=1&amp;b=2\">b</a><a href=https://c.test rel=friend>c</a>\
                    <a rel=me>no address</a><!-- <a rel=me href=https://d.test> --><script>'<a rel=me href=https://e.test>'</script>";
        assert_eq!(
            rel_me_links(page),
            ["https://a.test/@ada", "https://b.test/?a=1&b=2"]
        );
    }

    #[test]
    fn reading_is_bounded() {
        let page = "<a rel=me href=https://a.test>".repeat(5_000);
        assert!(rel_me_links(&page).len() <= 2_000);
        assert!(rel_me_links(&format!("<a {}", "rel=me ".repeat(100_000))).is_empty());
    }
}
