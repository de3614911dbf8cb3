//! Addresses that codes are sent to (rule R064).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pouet_model::oauth::OUT_OF_BAND;
use url::Url;

/// Longest redirect address, bytes.
const MAX_BYTES: usize = 2000;
/// Schemes that run code in the browser.
const REFUSED_SCHEMES: [&str; 3] = ["data", "javascript", "vbscript"];
/// Hosts of programs on the user's own machine, which listen on whatever port is free (RFC 8252, section 7.3).
const LOOPBACK: [&str; 3] = ["http://127.0.0.1", "http://[::1]", "http://localhost"];

/// What is left as it is in a query: RFC 3986 "unreserved".
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Whether an application may register an address: absolute, without fragment, user name and control characters,
/// and not of a scheme that runs code. Custom schemes of any look are fine.
pub(super) fn may_register(uri: &str) -> bool {
    if uri == OUT_OF_BAND {
        return true;
    }
    let Ok(url) = Url::parse(uri) else { return false };
    let is_web = matches!(url.scheme(), "http" | "https");
    uri.len() <= MAX_BYTES
        && !uri.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
        && !uri.contains('#')
        && !REFUSED_SCHEMES.contains(&url.scheme())
        && (!is_web || has_authority(uri))
        && url.username().is_empty()
        && url.password().is_none()
}

/// `https:/x` and `https:x` are repaired by URL parsers, each in its own way.
fn has_authority(uri: &str) -> bool {
    uri.split_once("://")
        .is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with('/'))
}

/// Whether a requested address is a registered one: the same text, but for the port of a program on the user's own
/// machine.
pub(super) fn is_registered(requested: &str, registered: &[String]) -> bool {
    let loopback = without_loopback_port(requested);
    registered
        .iter()
        .any(|known| known == requested || (loopback.is_some() && without_loopback_port(known) == loopback))
}

/// Host and the rest behind the port, for a loopback address.
fn without_loopback_port(uri: &str) -> Option<(&'static str, &str)> {
    let host = LOOPBACK.into_iter().find(|host| uri.starts_with(host))?;
    let rest = &uri[host.len()..];
    let rest = match rest.strip_prefix(':') {
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            port[..digits].parse::<u16>().ok()?;
            &port[digits..]
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// The host that an address leads to, for people to look at; its scheme where there is no host.
pub(super) fn shown_host(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok().filter(|_| uri != OUT_OF_BAND)?;
    Some(match url.host_str() {
        Some(host) if !host.is_empty() => host.to_owned(),
        _ => format!("{}:", url.scheme()),
    })
}

/// The address with parameters added to its query. The rest stays as it is, to the letter.
pub(super) fn with_query(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut target = uri.to_owned();
    let mut joint = if !uri.contains('?') {
        "?"
    } else if uri.ends_with(['?', '&']) {
        ""
    } else {
        "&"
    };
    for (name, value) in parameters {
        target.push_str(joint);
        target.push_str(name);
        target.push('=');
        target.extend(utf8_percent_encode(value, QUERY));
        joint = "&";
    }
    target
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

    use super::*;

    #[test]
    fn sec_R064_what_may_be_registered() {
        for uri in [
            OUT_OF_BAND,
            "https://app.example/callback",
            "https://app.example/callback?from=app",
            "http://app.example/callback",
            "http://127.0.0.1:9/callback",
            "http://[::1]/callback",
            "http://localhost:3000",
            "com.tapbots.Ivory.10217:/request_token",
            "icecubesapp://",
            "mastodon-android-auth://callback",
            "tusky://oauth.example/",
            "https://elk.zone/api/pouet.example/oauth/https%3A%2F%2Felk.zone",
        ] {
            assert!(may_register(uri), "{uri}");
        }
        for uri in [
            "",
            "callback",
            "/callback",
            "//app.example/callback",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "https://app.example/callback#part",
            "https://app.example@evil.example/",
            "https://user:secret@app.example/",
            "https:///app.example",
            "https:app.example",
            "https:/app.example",
            "https://app.example\\@evil.example/",
            "https://app.example/a\nb",
            "https://app.example/ b",
            "https://app.exam\u{0}ple/",
        ] {
            assert!(!may_register(uri), "{uri}");
        }
        assert!(!may_register(&format!(
            "https://app.example/{}",
            "x".repeat(2000)
        )));
    }

    #[test]
    fn sec_R064_only_what_was_registered_is_redirected_to() {
        let registered: Vec<String> = [
            "https://app.example/callback",
            "http://127.0.0.1:4321/callback",
            "http://localhost/cb?x=1",
            "app://cb",
            OUT_OF_BAND,
        ]
        .map(str::to_owned)
        .to_vec();
        for uri in [
            "https://app.example/callback",
            "http://127.0.0.1:4321/callback",
            "http://127.0.0.1:1/callback",
            "http://127.0.0.1/callback",
            "http://localhost:65535/cb?x=1",
            "app://cb",
            OUT_OF_BAND,
        ] {
            assert!(is_registered(uri, &registered), "{uri}");
        }
        for uri in [
            "",
            "https://app.example",
            "https://app.example/",
            "https://app.example/callback/",
            "https://app.example/callback/more",
            "https://app.example/callback?x=1",
            "https://app.example/callback#x",
            "https://app.example/callback%2e",
            "https://app.example/Callback",
            "https://APP.example/callback",
            "HTTPS://app.example/callback",
            "http://app.example/callback",
            "https://app.example:443/callback",
            "https://app.example:8443/callback",
            "https://app.example./callback",
            "https://app.example.evil.example/callback",
            "https://evil.example/callback",
            "https://evil.example/?https://app.example/callback",
            "https://app.example@evil.example/callback",
            "https://sub.app.example/callback",
            "https://*.example/callback",
            "https://app.example/callback\n",
            " https://app.example/callback",
            "https://app.example/../callback",
            "http://127.0.0.1:80@evil.example/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:99999/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.2:4321/callback",
            "http://localhost:4321/callback",
            "https://127.0.0.1:4321/callback",
            "http://127.0.0.1:4321/callback/more",
            "http://localhost/cb",
            "http://localhost/cb?x=2",
            "app://cb/",
            "app://cb?x",
            "app:cb",
            "urn:ietf:wg:oauth:2.0:oob:auto",
        ] {
            assert!(!is_registered(uri, &registered), "{uri}");
        }
    }

    #[test]
    fn parameters_are_added_and_the_rest_is_kept() {
        for (uri, target) in [
            (
                "https://app.example/cb",
                "https://app.example/cb?code=c&state=a%20b%26",
            ),
            (
                "https://app.example/cb?from=app",
                "https://app.example/cb?from=app&code=c&state=a%20b%26",
            ),
            (
                "https://elk.zone/https%3A%2F%2Fx",
                "https://elk.zone/https%3A%2F%2Fx?code=c&state=a%20b%26",
            ),
            ("icecubesapp://", "icecubesapp://?code=c&state=a%20b%26"),
            (
                "com.tapbots.Ivory.10217:/request_token",
                "com.tapbots.Ivory.10217:/request_token?code=c&state=a%20b%26",
            ),
        ] {
            assert_eq!(with_query(uri, &[("code", "c"), ("state", "a b&")]), target);
        }
    }

    #[test]
    fn sec_R069_people_see_where_the_code_goes() {
        for (uri, host) in [
            ("https://app.example:8443/cb", Some("app.example")),
            ("tusky://oauth.example/", Some("oauth.example")),
            ("com.tapbots.Ivory.10217:/x", Some("com.tapbots.ivory.10217:")),
            ("icecubesapp://", Some("icecubesapp:")),
            (OUT_OF_BAND, None),
        ] {
            assert_eq!(shown_host(uri).as_deref(), host, "{uri}");
        }
    }
}
