//! Which URLs may be contacted at all, before any name is resolved.
//!
//! Source: rules R002 and R008.

use std::net::IpAddr;

use url::{Host, Url};

use super::AddressGate;
use super::signer::host_header;

/// The longest URL we follow, in bytes.
pub const MAX_URL_LENGTH: usize = 2048;

/// Why a URL may not be contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL, or one without a host.
    #[error("not a valid URL")]
    Invalid,
    /// Longer than [`MAX_URL_LENGTH`].
    #[error("URL too long")]
    TooLong,
    /// Neither https nor, where the operator allows it, http.
    #[error("scheme not allowed")]
    Scheme,
    /// A user name or password before the host.
    #[error("user information in URL")]
    UserInfo,
    /// An IP address in place of a name.
    #[error("IP address in place of a name")]
    IpLiteral,
    /// A port that is not the scheme's own.
    #[error("port not allowed")]
    Port,
    /// One of our own hosts: local ids are looked up in the database, never over HTTP.
    #[error("URL of this instance itself")]
    OwnHost,
}

/// Which networks a URL that passed may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everything the address gate lets pass.
    Any,
    /// Only the networks the operator listed, because the port is an unusual one.
    Listed,
}

/// A URL that passed the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedUrl {
    /// The URL, without fragment and without a trailing dot in its host.
    pub url: Url,
    /// Where its name may lead.
    pub reach: Reach,
}

/// The rules for URLs.
#[derive(Debug, Clone)]
pub struct UrlPolicy {
    gate: AddressGate,
    allow_http: bool,
    own_hosts: Vec<String>,
}

impl UrlPolicy {
    /// `own_hosts` are authorities (`s.pouet.example`, `localhost:8081`); the port is left out when it is the
    /// scheme's own.
    pub fn new(gate: AddressGate, allow_http: bool, own_hosts: &[String]) -> Self {
        Self {
            gate,
            allow_http,
            own_hosts: own_hosts
                .iter()
                .map(|host| host.trim_end_matches('.').to_ascii_lowercase())
                .collect(),
        }
    }

    /// Parses `text` once and checks it.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn check(&self, text: &str) -> Result<CheckedUrl, UrlError> {
        if text.len() > MAX_URL_LENGTH {
            return Err(UrlError::TooLong);
        }
        self.check_parsed(Url::parse(text).map_err(|_| UrlError::Invalid)?)
    }

    /// Checks a URL that is parsed already, such as the joined target of a redirect.
    ///
    /// # Errors
    /// The first rule that `url` breaks.
    pub fn check_parsed(&self, mut url: Url) -> Result<CheckedUrl, UrlError> {
        if url.as_str().len() > MAX_URL_LENGTH {
            return Err(UrlError::TooLong);
        }
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            _ => return Err(UrlError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::UserInfo);
        }
        url.set_fragment(None);
        strip_trailing_dot(&mut url)?;
        if self.own_hosts.contains(&host_header(&url)) {
            return Err(UrlError::OwnHost);
        }
        let reach = self.reach(&url)?;
        Ok(CheckedUrl { url, reach })
    }

    /// Where the host of `url` may lead, given its port.
    fn reach(&self, url: &Url) -> Result<Reach, UrlError> {
        // The parser drops the port that belongs to the scheme, so what is left is unusual. Port 443 under http
        // and 80 under https are unusual too: nobody serves that on purpose.
        let unusual_port = url.port().is_some();
        let literal: Option<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) => None,
            None => return Err(UrlError::Invalid),
        };
        match literal {
            // reqwest never resolves a literal, so this is the only gate it passes.
            Some(address) if self.gate.is_listed(address) => Ok(Reach::Listed),
            Some(_) => Err(UrlError::IpLiteral),
            None if !unusual_port => Ok(Reach::Any),
            None if self.gate.has_listed() => Ok(Reach::Listed),
            None => Err(UrlError::Port),
        }
    }
}

/// Makes `host.` and `host` the same host: one trailing dot only says that the name is complete.
fn strip_trailing_dot(url: &mut Url) -> Result<(), UrlError> {
    let Some(Host::Domain(domain)) = url.host() else {
        return Ok(());
    };
    if let Some(stripped) = domain.strip_suffix('.') {
        let stripped = stripped.to_owned();
        url.set_host(Some(&stripped)).map_err(|_| UrlError::Invalid)?;
    }
    match url.host() {
        Some(Host::Domain(domain)) if domain.is_empty() || domain.ends_with('.') => Err(UrlError::Invalid),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    fn policy(allow: &[&str], allow_http: bool) -> UrlPolicy {
        let networks = allow.iter().map(|text| text.parse().unwrap()).collect();
        UrlPolicy::new(
            AddressGate::new(networks),
            allow_http,
            &["pouet.example".to_owned(), "localhost:8081".to_owned()],
        )
    }

    #[test]
    fn sec_R002_literal_tricks_are_refused() {
        let policy = policy(&[], true);
        for (text, expected) in [
            ("http://2130706433/", UrlError::IpLiteral),
            ("http://0x7f.1/", UrlError::IpLiteral),
            ("http://0177.0.0.1/", UrlError::IpLiteral),
            ("http://127.1/", UrlError::IpLiteral),
            ("http://127.0.0.1./", UrlError::IpLiteral),
            ("http://0/", UrlError::IpLiteral),
            ("http://①②⑦.0.0.1/", UrlError::IpLiteral),
            ("http://[::]/", UrlError::IpLiteral),
            ("http://[::1]/", UrlError::IpLiteral),
            ("http://[::ffff:127.0.0.1]/", UrlError::IpLiteral),
            ("https://8.8.8.8/", UrlError::IpLiteral),
            ("https://[2606:4700:4700::1111]/", UrlError::IpLiteral),
            ("http://good@127.0.0.1/", UrlError::UserInfo),
            ("https://good:pass@far.example/", UrlError::UserInfo),
            ("https://:pass@far.example/", UrlError::UserInfo),
            ("https://256.256.256.256/", UrlError::Invalid),
            ("https:///", UrlError::Invalid),
            ("https://./", UrlError::Invalid),
            ("https://far.example../", UrlError::Invalid),
            ("https://far example/", UrlError::Invalid),
            ("not a url", UrlError::Invalid),
            ("file:///etc/passwd", UrlError::Scheme),
            ("data:text/plain,hello", UrlError::Scheme),
            ("gopher://far.example/", UrlError::Scheme),
            ("ftp://far.example/", UrlError::Scheme),
            ("ws://far.example/", UrlError::Scheme),
            ("javascript:alert(1)", UrlError::Scheme),
        ] {
            assert_eq!(policy.check(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn sec_R008_only_the_ports_of_the_schemes() {
        let production = policy(&[], false);
        for (text, expected) in [
            ("https://far.example/a", Ok(())),
            ("https://far.example:443/a", Ok(())),
            ("https://far.example:22/a", Err(UrlError::Port)),
            ("https://far.example:80/a", Err(UrlError::Port)),
            ("https://far.example:8443/a", Err(UrlError::Port)),
            ("https://far.example:0/a", Err(UrlError::Port)),
            ("http://far.example/a", Err(UrlError::Scheme)),
            ("http://far.example:443/a", Err(UrlError::Scheme)),
        ] {
            assert_eq!(production.check(text).map(|_| ()), expected, "{text}");
        }
        let plain = policy(&[], true);
        for (text, expected) in [
            ("http://far.example/a", Ok(())),
            ("http://far.example:80/a", Ok(())),
            ("http://far.example:443/a", Err(UrlError::Port)),
            ("http://far.example:22/a", Err(UrlError::Port)),
        ] {
            assert_eq!(plain.check(text).map(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn sec_R008_unusual_ports_reach_listed_networks_only() {
        let policy = policy(&["127.0.0.0/8"], true);
        for (text, reach) in [
            ("http://localhost:8082/a", Reach::Listed),
            ("http://127.0.0.1:8082/a", Reach::Listed),
            ("http://127.0.0.1/a", Reach::Listed),
            ("https://far.example/a", Reach::Any),
            ("https://far.example:22/a", Reach::Listed),
        ] {
            assert_eq!(policy.check(text).unwrap().reach, reach, "{text}");
        }
        assert_eq!(
            policy.check("http://10.0.0.1:8082/").unwrap_err(),
            UrlError::IpLiteral
        );
    }

    #[test]
    fn sec_R008_own_hosts_in_every_spelling_are_refused() {
        let policy = policy(&["127.0.0.0/8"], true);
        for text in [
            "https://pouet.example/ap/users/1",
            "https://POUET.example./ap/users/1",
            "https://pouet.example:443/",
            "http://pouet.example/",
            "https://ｐouet.example/",
            "http://localhost:8081/ap/users/1",
            "http://LOCALHOST.:8081/",
        ] {
            assert_eq!(policy.check(text).unwrap_err(), UrlError::OwnHost, "{text}");
        }
        assert!(policy.check("http://localhost:8082/").is_ok());
        assert!(policy.check("https://sub.pouet.example/").is_ok());
    }

    #[test]
    fn a_checked_url_has_neither_fragment_nor_trailing_dot() {
        let checked = policy(&[], false)
            .check("https://FAR.example./users/a?b=c#main-key")
            .unwrap();
        assert_eq!(checked.url.as_str(), "https://far.example/users/a?b=c");
    }

    #[test]
    fn long_urls_are_refused() {
        let policy = policy(&[], false);
        let fitting = format!("https://far.example/{}", "a".repeat(2048 - 20));
        assert_eq!(fitting.len(), 2048);
        assert!(policy.check(&fitting).is_ok());
        assert_eq!(
            policy.check(&format!("{fitting}a")).unwrap_err(),
            UrlError::TooLong
        );
    }
}
