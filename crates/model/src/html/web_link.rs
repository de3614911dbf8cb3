//! Whether a text leads somewhere.

use html5ever::tokenizer::Tag;

use super::tokens::{self, Listener, attribute};

/// Links that are looked at.
const MAX_LINKS: usize = 200;

/// Whether safe HTML has a link to a page: mentions and hashtags, which are links too, do not count.
///
/// Servers mark these by the classes `mention` and `hashtag` or by `rel="tag"`
/// (<https://microformats.org/wiki/rel-tag>).
pub fn has_web_link(html: &str) -> bool {
    tokens::read(html, Looker::default()).is_ok_and(|looker| looker.found)
}

#[derive(Default)]
struct Looker {
    found: bool,
    seen: usize,
}

impl Listener for Looker {
    fn start(&mut self, tag: &Tag) {
        if &*tag.name != "a" {
            return;
        }
        self.seen += 1;
        let has = |name: &str, wanted: &[&str]| {
            attribute(tag, name).is_some_and(|value| {
                value
                    .split_ascii_whitespace()
                    .any(|word| wanted.iter().any(|wanted| word.eq_ignore_ascii_case(wanted)))
            })
        };
        let is_web = attribute(tag, "href").is_some_and(|href| {
            let scheme = href.trim_start().get(..5).unwrap_or_default();
            scheme.eq_ignore_ascii_case("http:") || scheme.eq_ignore_ascii_case("https")
        });
        self.found |= is_web && !has("class", &["mention", "hashtag"]) && !has("rel", &["tag"]);
    }

    fn end(&mut self, _name: &str) {}

    fn text(&mut self, _text: &str) {}

    fn is_done(&self) -> bool {
        self.found || self.seen >= MAX_LINKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_and_hashtags_are_no_links_to_pages() {
        let table = [
            ("<p>plain</p>", false),
            ("<p><a href=\"https://x.example/1\">x</a></p>", true),
            (
                "<a href=\"https://x.example/@a\" class=\"u-url mention\">@a</a>",
                false,
            ),
            (
                "<a href=\"https://x.example/tags/a\" class=\"mention hashtag\" rel=\"tag\">#a</a>",
                false,
            ),
            (
                "<a href=\"https://x.example/tags/a\" rel=\"tag nofollow\">#a</a> <a href=\"HTTP://y.example\">y</a>",
                true,
            ),
            ("<a href=\"xmpp:a@b.example\">a</a>", false),
            ("https://only.text.example", false),
        ];
        for (html, expected) in table {
            assert_eq!(has_web_link(html), expected, "{html}");
        }
    }
}
