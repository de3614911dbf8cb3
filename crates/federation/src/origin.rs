//! Which server an id belongs to.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/fe34/fep-fe34.md>

use pouet_model::{
    domain::{IpLiterals, normalise_with},
    urls::Urls,
};
use url::{Origin, Url};

/// Scheme, host and port of an http(s) id.
fn origin_of(uri: &str) -> Option<Origin> {
    Url::parse(uri)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .map(|url| url.origin())
}

/// Whether two ids belong to the same server: scheme, host and effective port are equal.
pub(crate) fn same_origin(one: &str, other: &str) -> bool {
    matches!((origin_of(one), origin_of(other)), (Some(one), Some(other)) if one == other)
}

/// Domain of an http(s) address, normalised, with the port where it is not the default: the domain of handles of its host
/// unless WebFinger says otherwise, and what moderation rules are compared with.
pub(crate) fn domain_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let host = url.host_str()?;
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    normalise_with(&authority, IpLiterals::Accept).ok()
}

/// Whether `uri` lies on this instance, under any spelling of its hosts.
pub(crate) fn is_own(urls: &Urls, uri: &str) -> bool {
    urls.is_own(uri) || domain_of(uri).is_some_and(|domain| urls.is_own_domain(&domain))
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn sec_R022_origins_are_compared_with_scheme_and_port() {
        let id = "https://a.test/users/1";
        for (other, same) in [
            ("https://a.test/x", true),
            ("https://A.test/x", true),
            ("https://a.test:443/x", true),
            ("https://a.test:8443/x", false),
            ("http://a.test/x", false),
            ("https://b.test/x", false),
            ("https://sub.a.test/x", false),
            ("https://a.test.b.test/x", false),
            ("https://a.test@b.test/x", false),
            ("a.test/x", false),
            ("1", false),
            ("", false),
        ] {
            assert_eq!(same_origin(id, other), same, "{other}");
        }
        assert!(!same_origin("1", "1"), "what is no URL has no origin");
        assert!(!same_origin("data:x", "data:x"));
    }

    #[test]
    fn fed_141_our_own_host_in_any_spelling_is_ours() {
        let urls = Urls::new(&Url::parse("https://s.pouet.test").unwrap(), Some("pouet.test"));
        for own in [
            "https://s.pouet.test/ap/users/1",
            "http://s.pouet.test/ap/users/1",
            "https://S.POUET.TEST/ap/users/1",
            "https://s.pouet.test./ap/users/1",
            "https://s.pouet.test:443/ap/users/1",
            "https://pouet.test/x",
            "https://ｓ.pouet.test/x",
        ] {
            assert!(is_own(&urls, own), "{own}");
        }
        for other in [
            "https://pouet.test.b.test/",
            "https://b.test/s.pouet.test",
            "pouet.test",
        ] {
            assert!(!is_own(&urls, other), "{other}");
        }
    }

    #[test]
    fn domains_of_development_hosts_keep_their_port() {
        for (uri, domain) in [
            ("http://localhost:8082/ap/users/1", Some("localhost:8082")),
            ("http://127.0.0.2/users/b0", Some("127.0.0.2")),
            ("https://FAR.example./x", Some("far.example")),
            ("mailto:a@b.test", None),
        ] {
            assert_eq!(domain_of(uri).as_deref(), domain, "{uri}");
        }
    }
}
