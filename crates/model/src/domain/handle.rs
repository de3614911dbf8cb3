//! Handles (`@user@host`) and user names.

use super::{IpLiterals, normalise_with};

/// Longest user name accepted from another server, in characters.
pub const MAX_USERNAME_CHARS: usize = 2048;

/// Longest user name of a local account, in characters, as in Mastodon.
pub const MAX_LOCAL_USERNAME_CHARS: usize = 30;

/// User names that nobody can register: roles that people trust, and words that our addresses use.
///
/// Compared after folding, see [`is_reserved_username`].
///
/// Source: rule R080 and Mastodon's default list.
pub const RESERVED_USERNAMES: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "activitypub",
    "actor",
    "admin",
    "administration",
    "administrator",
    "admins",
    "anonymous",
    "ap",
    "api",
    "assets",
    "auth",
    "autoconfig",
    "avatars",
    "contact",
    "emoji",
    "everyone",
    "explore",
    "federation",
    "followers",
    "following",
    "help",
    "helpdesk",
    "hostmaster",
    "inbox",
    "info",
    "instance",
    "instance_actor",
    "invite",
    "legal",
    "localhost",
    "login",
    "logout",
    "mailer_daemon",
    "media",
    "mod",
    "moderation",
    "moderator",
    "moderators",
    "mods",
    "nobody",
    "nodeinfo",
    "noreply",
    "notifications",
    "null",
    "oauth",
    "outbox",
    "owner",
    "postmaster",
    "pouet",
    "privacy",
    "public",
    "register",
    "relay",
    "root",
    "search",
    "security",
    "server",
    "settings",
    "shared_inbox",
    "signin",
    "signup",
    "staff",
    "statuses",
    "streaming",
    "support",
    "sysadmin",
    "system",
    "tags",
    "terms",
    "undefined",
    "users",
    "webfinger",
    "webmaster",
    "well_known",
    "www",
];

/// An account's address as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handle {
    /// User name as written, without `@`; compare it without case.
    pub username: String,
    /// Normalised domain, see [`super::normalise`]; `None` when the handle named none, which means this instance.
    pub domain: Option<String>,
}

/// Reads `@user@host`, `user@host`, `user` or `@user`, with an optional `acct:` in front and spaces around.
///
/// Hosts may be IP addresses and have a port, as in development (`bob@localhost:8082`): who resolves the handle checks
/// [`super::is_public`] against the configuration. `None` for anything else.
///
/// Source: Mastodon's search box.
pub fn parse_handle(text: &str) -> Option<Handle> {
    let text = text.trim();
    let text = match text.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("acct:") => &text[5..],
        _ => text,
    };
    let text = text.strip_prefix('@').unwrap_or(text);
    let (username, domain) = match text.split_once('@') {
        Some((username, host)) => (username, Some(normalise_with(host, IpLiterals::Accept).ok()?)),
        None => (text, None),
    };
    is_valid_username(username).then(|| Handle {
        username: username.to_owned(),
        domain,
    })
}

/// Whether a user name has the shape that the fediverse accepts: ASCII letters, digits and `_`, with `.` and `-` inside.
///
/// Source: Mastodon's grammar of user names; at most 2,048 characters.
pub fn is_valid_username(username: &str) -> bool {
    username.len() <= MAX_USERNAME_CHARS && username_len(username) == username.len() && !username.is_empty()
}

/// Whether a user name can belong to an account of this instance: 1 to 30 ASCII letters, digits and `_`.
///
/// Source: Mastodon's rule for local accounts.
pub fn is_valid_local_username(username: &str) -> bool {
    (1..=MAX_LOCAL_USERNAME_CHARS).contains(&username.len()) && username.bytes().all(is_username_byte)
}

/// Length in bytes of the longest user name at the start of `text`, 0 if there is none.
pub(crate) fn username_len(text: &str) -> usize {
    let mut end = 0;
    for (i, b) in text.bytes().enumerate() {
        if is_username_byte(b) {
            end = i + 1;
        } else if end == 0 || !matches!(b, b'.' | b'-') {
            break;
        }
    }
    end
}

fn is_username_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// Whether a user name is reserved, or would be read as one that is.
///
/// Letter case, `_`, `.` and `-` do not count, and look-alikes are folded (`adm1n`, `r00t`, `rnoderator`).
///
/// Source: rule R080.
pub fn is_reserved_username(username: &str) -> bool {
    let skeleton = skeleton(username);
    RESERVED_USERNAMES
        .iter()
        .any(|reserved| self::skeleton(reserved) == skeleton)
}

/// The name with look-alike characters folded together and separators removed.
fn skeleton(username: &str) -> String {
    let folded: String = username
        .chars()
        .filter(|c| !matches!(c, '_' | '.' | '-'))
        .map(|c| match c.to_ascii_lowercase() {
            '0' => 'o',
            '1' | 'i' => 'l',
            '2' => 'z',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '6' | '8' => 'b',
            '7' => 't',
            '9' => 'g',
            c => c,
        })
        .collect();
    folded.replace("rn", "m").replace("vv", "w")
}
