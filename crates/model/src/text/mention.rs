//! Mentions: `@user`, `@user@host`, `@user@host:port`.

use super::scan::joins_on;
use crate::domain::{self, IpLiterals};

/// Most bytes of a host name as written, before it becomes ASCII.
const MAX_HOST_BYTES: usize = 1024;

/// Whether a mention can start after `head`, whose last character is `before`.
///
/// Not inside a word, an e-mail address (also one that ends in `+` or `%`) or a path; `.@user` is one.
pub(super) fn may_follow(head: &str, before: Option<char>) -> bool {
    match before {
        None => true,
        Some('+' | '%') => !head[..head.len() - 1].chars().next_back().is_some_and(joins_on),
        Some(c) => !joins_on(c),
    }
}

/// Reads a mention after its `@`: length in bytes, user name, normalised domain.
///
/// A text that names a host which cannot exist is no mention at all: it must not become a mention of a local account.
pub(super) fn read(text: &str) -> Option<(usize, String, Option<String>)> {
    let name_len = domain::username_len(text);
    if name_len == 0 || name_len > domain::MAX_USERNAME_CHARS {
        return None;
    }
    let (username, rest) = text.split_at(name_len);
    let host_len = rest.strip_prefix('@').map_or(0, host_len);
    if host_len == 0 {
        return Some((name_len, username.to_owned(), None));
    }
    let host = &rest[1..=host_len];
    let domain = domain::normalise_with(host, IpLiterals::Accept).ok()?;
    // `@bob@1` is not a mention of somebody at 0.0.0.1.
    if domain::is_ip_literal(&domain) && domain != host {
        return None;
    }
    Some((name_len + 1 + host_len, username.to_owned(), Some(domain)))
}

/// Length in bytes of the host, with its port, at the start of `text`; 0 if there is none.
fn host_len(text: &str) -> usize {
    let name_len = host_name_len(text);
    if name_len == 0 {
        return 0;
    }
    name_len + port_len(&text[name_len..])
}

/// Length of a colon and a port number; 0 if there is none.
///
/// At least two digits and no letter behind, so that `@bob@host.example:3 things` loses nothing.
fn port_len(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(':') else {
        return 0;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let followed = rest[digits..].chars().next().is_some_and(super::chars::is_word);
    if (2..=5).contains(&digits) && !followed {
        1 + digits
    } else {
        0
    }
}

/// Length in bytes of the longest host name at the start of `text`, without the dots and hyphens at its end.
///
/// A last label that starts with ASCII ends where another script begins: no top-level domain mixes them, and Chinese or
/// Japanese goes on without a space (`@bob@host.exampleさん`).
pub(super) fn host_name_len(text: &str) -> usize {
    let mut end = 0;
    let mut label_is_ascii = true;
    let mut label_start = true;
    let mut script_change = None;
    for (i, c) in text.char_indices() {
        if i > MAX_HOST_BYTES {
            return 0;
        }
        if c == '.' || c == '-' {
            if end == 0 {
                return 0;
            }
            if c == '.' && label_start {
                break;
            }
            label_start |= c == '.';
            continue;
        }
        if !super::chars::is_word(c) {
            break;
        }
        if label_start {
            label_is_ascii = c.is_ascii();
            label_start = false;
            script_change = None;
        } else if label_is_ascii && !c.is_ascii() && script_change.is_none() {
            script_change = Some(end);
        }
        end = i + c.len_utf8();
    }
    script_change.unwrap_or(end)
}
