//! Custom emoji in what people wrote.

use pouet_model::emoji::CustomEmoji;

use super::SafeHtml;

/// The custom emoji that a text may use. Pictures are those that do not move, and come from this instance: also of emoji
/// of other servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emojis(Vec<(String, String)>);

impl Emojis {
    /// Those of a status or an account that have a picture.
    pub fn new(emojis: &[CustomEmoji]) -> Self {
        let shown = emojis.iter().filter(|emoji| !emoji.image.is_empty());
        Self(
            shown
                .map(|emoji| (emoji.shortcode.clone(), emoji.still_path()))
                .collect(),
        )
    }

    /// A plain text with pictures in the place of shortcodes.
    pub fn text(&self, text: &str) -> SafeHtml {
        let escaped = escaped(text);
        let mut shown = String::with_capacity(escaped.len());
        self.show(&escaped, &mut shown);
        SafeHtml::sanitised(shown)
    }

    /// The same for HTML: only text is looked at, never a tag, and no code.
    pub fn html(&self, html: &SafeHtml) -> SafeHtml {
        if self.0.is_empty() {
            return html.clone();
        }
        let mut shown = String::with_capacity(html.as_str().len());
        let (mut rest, mut code) = (html.as_str(), 0_usize);
        while let Some(start) = rest.find('<') {
            let (text, tags) = rest.split_at(start);
            let (tag, after) = tags.split_at(end_of_tag(tags));
            self.show_unless(code > 0, text, &mut shown);
            shown.push_str(tag);
            match tag
                .trim_start_matches('<')
                .split(|c: char| c == '>' || c.is_whitespace())
                .next()
            {
                Some("code" | "pre") => code += 1,
                Some("/code" | "/pre") => code = code.saturating_sub(1),
                _ => {}
            }
            rest = after;
        }
        self.show_unless(code > 0, rest, &mut shown);
        SafeHtml::sanitised(shown)
    }

    fn show_unless(&self, is_code: bool, text: &str, shown: &mut String) {
        if is_code {
            shown.push_str(text);
        } else {
            self.show(text, shown);
        }
    }

    /// Appends escaped text. As where texts are read, a shortcode stands apart from letters, digits and other
    /// shortcodes.
    fn show(&self, text: &str, shown: &mut String) {
        let stands_apart = |c: char| !c.is_alphanumeric() && c != ':';
        let (mut rest, mut before) = (text, None);
        while let Some(at) = rest.find(':') {
            shown.push_str(&rest[..at]);
            before = rest[..at].chars().next_back().or(before);
            let after = &rest[at + 1..];
            let named = after.split_once(':').filter(|(_, follows)| {
                before.is_none_or(stands_apart) && follows.chars().next().is_none_or(stands_apart)
            });
            let found = named.and_then(|(name, follows)| {
                let (shortcode, path) = self.0.iter().find(|(shortcode, _)| shortcode == name)?;
                Some((shortcode, path, follows))
            });
            before = Some(':');
            if let Some((shortcode, path, follows)) = found {
                shown.push_str(&picture(shortcode, path));
                rest = follows;
            } else {
                shown.push(':');
                rest = after;
            }
        }
        shown.push_str(rest);
    }
}

fn picture(shortcode: &str, path: &str) -> String {
    let (name, path) = (escaped(shortcode), escaped(path));
    format!(
        "<img class=\"emoji\" src=\"{path}\" alt=\":{name}:\" title=\":{name}:\" width=\"20\" height=\"20\" \
         loading=\"lazy\">"
    )
}

/// Where the tag ends that `html` begins with. Values of attributes may hold `>`.
fn end_of_tag(html: &str) -> usize {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    html.len()
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            c => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security tests carry the number of their rule")]

    use super::*;

    const BLOB: &str = "<img class=\"emoji\" src=\"/media_proxy/emojis/far.test/blob/static\" alt=\":blob:\" \
        title=\":blob:\" width=\"20\" height=\"20\" loading=\"lazy\">";

    fn emojis() -> Emojis {
        let emoji = |shortcode: &str, image: &str| CustomEmoji {
            shortcode: shortcode.to_owned(),
            domain: Some("far.test".to_owned()),
            image: image.to_owned(),
            uri: None,
            updated_at: None,
        };
        Emojis::new(&[emoji("blob", "https://far.test/b.gif"), emoji("none", "")])
    }

    #[test]
    fn shortcodes_that_stand_apart_become_pictures() {
        for (text, expected) in [
            (":blob:", "{}"),
            ("a :blob: b", "a {} b"),
            ("(:blob:)", "({})"),
            (":blob: :blob:", "{} {}"),
            (":blob::blob:", ":blob::blob:"),
            ("a:blob:", "a:blob:"),
            (":blob:1", ":blob:1"),
            ("10:30 :blob:", "10:30 {}"),
            (":x :blob:", ":x {}"),
            (":none: :other: :", ":none: :other: :"),
            ("", ""),
        ] {
            let expected = expected.replace("{}", BLOB);
            assert_eq!(emojis().text(text).as_str(), expected, "{text}");
            let html = SafeHtml::sanitised(text);
            assert_eq!(emojis().html(&html).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn sec_R048_plain_texts_are_escaped_and_tags_and_code_are_left_alone() {
        let shown = emojis().text("<b onclick=\"x\">&:blob:'");
        let expected = format!("&lt;b onclick=&quot;x&quot;&gt;&amp;{BLOB}&#39;");
        assert_eq!(shown.as_str(), expected);
        for (html, expected) in [
            ("<p>:blob:</p>", "<p>{}</p>"),
            (
                "<a href=\"https://x.test/ :blob: \" title=\"> :blob: \">see :blob:</a>",
                "<a href=\"https://x.test/ :blob: \" title=\"> :blob: \">see {}</a>",
            ),
            (
                "<pre><code>:blob:</code> :blob:</pre> :blob:",
                "<pre><code>:blob:</code> :blob:</pre> {}",
            ),
            ("&lt;:blob:&gt;", "&lt;{}&gt;"),
            ("<p>:<b>blob</b>:</p>", "<p>:<b>blob</b>:</p>"),
        ] {
            let shown = emojis().html(&SafeHtml::sanitised(html));
            assert_eq!(shown.as_str(), expected.replace("{}", BLOB), "{html}");
        }
        let html = SafeHtml::sanitised("<p>:blob:</p>");
        assert_eq!(Emojis::default().html(&html), html);
    }
}
