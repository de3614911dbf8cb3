//! The links of a status that lead to pages: not its mentions, hashtags or quote.

use html5ever::tokenizer::Tag;

use super::tokens::{self, Listener, attribute};

/// The addresses of the links of sanitised or own HTML, in order and at most `max`: no mentions, no hashtags, and
/// nothing in the paragraph that stands for a quote where quotes are not known.
pub fn outward_links(html: &str, max: usize) -> Vec<String> {
    let links = Links {
        found: Vec::new(),
        max,
        in_quote: None,
        depth: 0,
    };
    tokens::read(html, links).map_or_else(|_| Vec::new(), |links| links.found)
}

struct Links {
    found: Vec<String>,
    max: usize,
    /// How deep the paragraph of a quote begins.
    in_quote: Option<usize>,
    depth: usize,
}

fn has_class(tag: &Tag, wanted: &[&str]) -> bool {
    attribute(tag, "class").is_some_and(|classes| {
        classes
            .split_ascii_whitespace()
            .any(|class| wanted.contains(&class))
    })
}

impl Listener for Links {
    fn start(&mut self, tag: &Tag) {
        if tag.self_closing || tokens::is_void(&tag.name) {
            return;
        }
        self.depth += 1;
        if has_class(tag, &["quote-inline"]) && self.in_quote.is_none() {
            self.in_quote = Some(self.depth);
        }
        if &*tag.name != "a" || self.in_quote.is_some() || has_class(tag, &["mention", "hashtag", "u-url"]) {
            return;
        }
        let is_tag =
            attribute(tag, "rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|token| token == "tag"));
        let wanted = !is_tag && self.found.len() < self.max;
        if let Some(href) = attribute(tag, "href").filter(|_| wanted) {
            self.found.push(href.trim().to_owned());
        }
    }

    fn end(&mut self, _name: &str) {
        if self.in_quote == Some(self.depth) {
            self.in_quote = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn text(&mut self, _text: &str) {}

    fn is_done(&self) -> bool {
        self.found.len() >= self.max
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
}
