//! Links: where a URL in running text begins and ends.

use super::chars::{is_bidi_control, is_word};
use super::mention::host_name_len;

/// Brackets that a URL may contain in pairs, and that otherwise belong to the text around it.
const BRACKETS: [(char, char); 14] = [
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('（', '）'),
    ('［', '］'),
    ('｛', '｝'),
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('《', '》'),
    ('〈', '〉'),
    ('〔', '〕'),
    ('｢', '｣'),
    ('‹', '›'),
];

/// Finds the links of one text.
pub(super) struct Links<'t> {
    text: &'t str,
    /// Brackets of the whole text with the position of their partner, by position; made when the first URL is met.
    brackets: Option<Vec<(usize, Option<usize>)>>,
}

impl<'t> Links<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, brackets: None }
    }

    /// The end of the `http` or `https` URL that starts at `start`, if there is one.
    pub(super) fn link_at(&mut self, start: usize, before: Option<char>) -> Option<usize> {
        let scheme = scheme_len(&self.text[start..])?;
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '@' | '＠' | '$' | '#' | '＃')) {
            return None;
        }
        let host_start = start + scheme;
        let mut end = host_start + authority_len(&self.text[host_start..])?;
        if self.text[end..].starts_with(['/', '?', '#']) {
            end = self.path_end(start, end);
        }
        Some(end)
    }

    /// The end of path, query and fragment, from `from` on; `start` is where the URL began.
    fn path_end(&mut self, start: usize, from: usize) -> usize {
        let text = self.text;
        let brackets = self.brackets.get_or_insert_with(|| pair_brackets(text));
        let end = text[from..]
            .char_indices()
            .find(|(i, c)| {
                ends_url(*c)
                    || is_bracket(*c) && {
                        let partner = brackets
                            .binary_search_by_key(&(from + i), |(at, _)| *at)
                            .ok()
                            .and_then(|b| brackets[b].1);
                        // A bracket belongs to the URL when its partner does.
                        partner.is_none_or(|partner| partner < start)
                    }
            })
            .map_or(text.len(), |(i, _)| from + i);
        let path = text[from..end].trim_end_matches(is_trailing);
        from + path.len()
    }
}

fn scheme_len(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .iter()
        .find(|scheme| {
            text.get(..scheme.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        })
        .map(|scheme| scheme.len())
}

/// Length of host and port. `None` if they cannot be those of a link, or if they are a user name before an `@`, which would
/// send readers elsewhere than the link seems to go.
fn authority_len(text: &str) -> Option<usize> {
    let mut len = host_name_len(text);
    let host = &text[..len];
    match url::Host::parse(host).ok()? {
        url::Host::Domain(domain) if domain == "localhost" || is_dotted(&domain) => {}
        url::Host::Ipv4(_) => {}
        _ => return None,
    }
    if text[len..].starts_with('.') && text[len + 1..].starts_with(['/', '?', '#']) {
        len += 1;
    }
    let port = text[len..]
        .strip_prefix(':')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    if (1..=5).contains(&port) && text[len + 1..len + 1 + port].parse::<u16>().is_ok() {
        len += 1 + port;
    }
    (!text[len..].starts_with('@')).then_some(len)
}

fn is_dotted(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(|label| !label.is_empty())
}

/// Whether no URL goes on over this character.
fn ends_url(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || is_bidi_control(c)
        || matches!(c, '<' | '>' | '"' | '`' | '\\' | '“' | '”' | '„' | '«' | '»')
}

/// Whether this character, at the end of a URL, is punctuation of the sentence around it.
fn is_trailing(c: char) -> bool {
    if c.is_ascii() {
        return matches!(
            c,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '~' | '|' | '@' | '$' | '%' | '^'
        );
    }
    // Letters, digits, symbols and emoji end many addresses; the punctuation blocks do not.
    !is_word(c)
        && !is_bracket(c)
        && matches!(c, '\u{b7}' | '\u{2010}'..='\u{205e}' | '\u{3001}'..='\u{3003}' | '\u{30fb}' | '\u{ff01}'..='\u{ff65}' | '،' | '؛' | '؟' | '۔' | '।' | '॥')
}

fn is_bracket(c: char) -> bool {
    BRACKETS.iter().any(|(open, close)| c == *open || c == *close)
}

/// The brackets of a text, each with its partner in the same run of URL characters.
///
/// Done once for the whole text, so that a URL is read forward only, whatever is left open in it.
fn pair_brackets(text: &str) -> Vec<(usize, Option<usize>)> {
    let mut brackets: Vec<(usize, Option<usize>)> = Vec::new();
    // Index into `brackets` and the closing bracket that is waited for.
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.char_indices() {
        if ends_url(c) {
            open.clear();
        } else if let Some((_, close)) = BRACKETS.iter().find(|(open, _)| *open == c) {
            open.push((brackets.len(), *close));
            brackets.push((at, None));
        } else if is_bracket(c) {
            let partner = open.pop_if(|(_, close)| *close == c).map(|(index, _)| index);
            if let Some(index) = partner {
                brackets[index].1 = Some(at);
            }
            brackets.push((at, partner.map(|index| brackets[index].0)));
        }
    }
    brackets
}
