//! Text that strangers chose, made fit to be shown beside our own words.

use pouet_model::html::{strip_bidi_controls, to_plain_text};

/// Removes what could make a name lie about itself: bidirectional controls, line breaks and other control
/// characters (security rules R052 and R069). Runs of blanks become one space.
pub(crate) fn plain_name(name: &str) -> String {
    let visible: String = strip_bidi_controls(name)
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect();
    visible
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A name between first-strong isolates, for places where no `<bdi>` can stand (titles, attributes).
pub(crate) fn isolate(name: &str) -> String {
    format!("\u{2068}{}\u{2069}", plain_name(name))
}

/// The first words of an HTML fragment as one line of text, at most `max` characters, for titles and descriptions.
pub(crate) fn excerpt(html: &str, max: usize) -> String {
    let text = plain_name(&to_plain_text(html));
    if text.chars().count() <= max {
        return text;
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security tests carry the number of their rule")]
mod tests {
    use super::*;

    #[test]
    fn sec_R052_names_lose_bidi_and_control_characters() {
        let table = [
            ("Ada", "Ada"),
            ("evil\u{202e}moc.knab", "evilmoc.knab"),
            ("\u{2066}a\u{2069}\u{200f}b\u{061c}", "ab"),
            ("Official\nSupport", "Official Support"),
            ("a\u{0}\u{7}b", "ab"),
            ("  two   words ", "two words"),
            ("عادة", "عادة"),
        ];
        for (raw, expected) in table {
            assert_eq!(plain_name(raw), expected);
        }
        assert_eq!(isolate("x\u{2069}y"), "\u{2068}xy\u{2069}");
    }

    #[test]
    fn excerpts_are_one_line_of_text() {
        assert_eq!(
            excerpt("<p>Hello<br />you</p><p>again</p>", 40),
            "Hello you again"
        );
        assert_eq!(excerpt("<p>a &amp;lt; b</p>", 40), "a &lt; b");
        assert_eq!(excerpt("<p>0123456789</p>", 5), "0123…");
    }
}
