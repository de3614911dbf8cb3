//! The text of a page from its bytes.
//!
//! Source: <https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding>

use encoding_rs::{Encoding, UTF_8};

/// Bytes in which a page says what its characters are.
const PRESCAN: usize = 1024;

/// The text of a page: a byte order mark says how it is encoded, else the `Content-Type`, else the page itself, else
/// it is UTF-8. What means nothing in the encoding becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let announced = content_type.and_then(charset_of).and_then(encoding);
    let encoding = announced.or_else(|| declared(bytes)).unwrap_or(UTF_8);
    encoding.decode(bytes).0.into_owned()
}

fn encoding(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes())
}

/// The value behind `charset=`.
fn charset_of(text: &str) -> Option<&str> {
    let at = text.to_ascii_lowercase().find("charset")? + "charset".len();
    let value = text[at..].trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = quote.map_or(value, |quote| &value[quote.len_utf8()..]);
    let end = value
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '/'))
        .unwrap_or(value.len());
    Some(&value[..end]).filter(|label| !label.is_empty())
}

/// What a `<meta>` at the beginning of the page says. A page that we could read this in is no UTF-16, whatever it says.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]);
    let mut rest = head.as_ref();
    while let Some(at) = rest.to_ascii_lowercase().find("<meta") {
        let tag = &rest[at..];
        let end = tag.find('>').unwrap_or(tag.len());
        if let Some(found) = charset_of(&tag[..end]).and_then(encoding) {
            return Some(found.output_encoding());
        }
        rest = &tag[end..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_in_their_own_characters() {
        let latin = b"<meta charset=iso-8859-1><title>caf\xe9</title>";
        let old = b"<meta http-equiv=Content-Type content='text/html; charset=windows-1251'><title>\xcf\xf3</title>";
        let japanese = b"<title>\x93\xfa\x96\x7b</title>";
        for (bytes, content_type, expected) in [
            (latin.as_slice(), None, "café"),
            (latin, Some("text/html"), "café"),
            (
                b"<title>caf\xe9",
                Some("text/html; charset=\"ISO-8859-1\""),
                "café",
            ),
            (old, None, "Пу"),
            (japanese, Some("text/html;charset=Shift_JIS"), "日本"),
            (b"<title>caf\xc3\xa9", None, "café"),
            (b"<title>caf\xc3\xa9", Some("text/html; charset=nonsense"), "café"),
            (
                b"\xef\xbb\xbf<title>caf\xc3\xa9",
                Some("text/html; charset=latin1"),
                "café",
            ),
            (b"<meta charset=utf-16><title>caf\xc3\xa9", None, "café"),
        ] {
            let text = decode(bytes, content_type);
            assert!(text.contains(expected), "{text:?} has no {expected}");
        }
    }
}
