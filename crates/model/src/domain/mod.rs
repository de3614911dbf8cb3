//! Host names: one normalised spelling, moderation rules, display, handles and user names.
//!
//! Every host name that enters the program (handle, actor id, moderation rule, mention) goes through [`normalise`] once;
//! after that, two domains are the same exactly when their strings are equal.
//!
//! Source: CVE-2023-42451; rules R034 and R080.

mod handle;

#[cfg(test)]
mod tests;

use std::net::Ipv6Addr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

pub(crate) use handle::username_len;
pub use handle::{
    Handle, MAX_LOCAL_USERNAME_CHARS, MAX_USERNAME_CHARS, RESERVED_USERNAMES, is_reserved_username,
    is_valid_local_username, is_valid_username, parse_handle,
};

/// Ports left out of a normalised domain, because they are those of `https` and `http`.
const DEFAULT_PORTS: [u16; 2] = [443, 80];

/// Why a host name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Nothing is left once the trailing dot is gone.
    #[error("the host name is empty")]
    Empty,
    /// It has `user@` in front.
    #[error("the host name carries user information")]
    Userinfo,
    /// It has a path, a query or a fragment behind.
    #[error("the host name carries a path")]
    Path,
    /// What follows the colon is not a port number.
    #[error("the port of the host name is not a number from 1 to 65535")]
    Port,
    /// It is an IPv4 or IPv6 address, in any of their spellings.
    #[error("the host name is an ip address")]
    IpLiteral,
    /// UTS-46 or the rules of DNS (LDH labels of 1 to 63 bytes, 253 bytes in all) refuse it.
    #[error("the host name is not valid")]
    Invalid,
}

/// What [`normalise_with`] does with an address in place of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpLiterals {
    /// [`DomainError::IpLiteral`]: what federation on the open internet wants.
    Refuse,
    /// Canonical spelling (`127.0.0.1`, `[::1]`): only for hosts inside `federation.allow_private_addresses`.
    Accept,
}

/// The one spelling of a host name: ASCII (UTS-46, non-transitional), lower case, no trailing dot, `:port` only when it is
/// neither 443 nor 80.
///
/// # Errors
/// Anything that is not a bare host name with an optional port; IP addresses too, see [`normalise_with`].
///
/// Source: rules R002 and R034.
pub fn normalise(host: &str) -> Result<String, DomainError> {
    normalise_with(host, IpLiterals::Refuse)
}

/// [`normalise`], with a choice for IP addresses.
///
/// # Errors
/// As for [`normalise`].
pub fn normalise_with(host: &str, ip_literals: IpLiterals) -> Result<String, DomainError> {
    if host.contains('@') {
        return Err(DomainError::Userinfo);
    }
    if host.contains(['/', '\\', '?', '#']) {
        return Err(DomainError::Path);
    }
    let (name, port) = split_port(host)?;
    let name = if let Some(address) = name.strip_prefix('[') {
        let address = address.strip_suffix(']').ok_or(DomainError::Invalid)?;
        let address: Ipv6Addr = address.parse().map_err(|_| DomainError::Invalid)?;
        accept_ip(format!("[{address}]"), ip_literals)?
    } else {
        normalise_name(name, ip_literals)?
    };
    Ok(match port {
        Some(port) if !DEFAULT_PORTS.contains(&port) => format!("{name}:{port}"),
        _ => name,
    })
}

fn accept_ip(address: String, ip_literals: IpLiterals) -> Result<String, DomainError> {
    match ip_literals {
        IpLiterals::Accept => Ok(address),
        IpLiterals::Refuse => Err(DomainError::IpLiteral),
    }
}

/// Splits `host:port`, leaving the brackets on an IPv6 address.
fn split_port(host: &str) -> Result<(&str, Option<u16>), DomainError> {
    let after_brackets = host.rfind(']').map_or(0, |end| end + 1);
    let Some(colon) = host[after_brackets..].find(':') else {
        return Ok((host, None));
    };
    let (name, port) = host.split_at(after_brackets + colon);
    let digits = &port[1..];
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DomainError::Port);
    }
    match digits.parse::<u16>() {
        Ok(0) | Err(_) => Err(DomainError::Port),
        Ok(port) => Ok((name, Some(port))),
    }
}

fn normalise_name(name: &str, ip_literals: IpLiterals) -> Result<String, DomainError> {
    if name.is_empty() || name == "." {
        return Err(DomainError::Empty);
    }
    let ascii = Uts46::new()
        .to_ascii(
            name.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::VerifyAllowRootDot,
        )
        .map_err(|_| DomainError::Invalid)?;
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii).to_ascii_lowercase();
    // The browser's parser decides what is an address, so that `0x7f.1` and `2130706433` are one here too.
    match url::Host::parse(&ascii) {
        Ok(url::Host::Domain(domain)) => Ok(domain),
        Ok(url::Host::Ipv4(address)) => accept_ip(address.to_string(), ip_literals),
        Ok(url::Host::Ipv6(_)) | Err(_) => Err(DomainError::Invalid),
    }
}

/// Whether a normalised domain is an IP address, with or without port.
pub fn is_ip_literal(domain: &str) -> bool {
    let name = without_port(domain);
    name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Whether a normalised domain is one that federation on the open internet may speak to: a name with at least two labels,
/// no port, no IP address.
///
/// The exceptions, for development, are the hosts inside `federation.allow_private_addresses`.
pub fn is_public(domain: &str) -> bool {
    domain.contains('.') && without_port(domain) == domain && !is_ip_literal(domain)
}

/// The domain without its `:port`.
pub fn without_port(domain: &str) -> &str {
    match domain.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => domain,
    }
}

/// Whether a moderation rule for `rule` covers `domain`: the same name or a name under it. Both are normalised.
///
/// A rule without port covers every port. A leading `*.` in the rule is read as the bare name, as block lists write both.
///
/// Source: Mastodon's domain blocks.
pub fn matches_rule(domain: &str, rule: &str) -> bool {
    let rule = rule.strip_prefix("*.").unwrap_or(rule);
    if rule.is_empty() {
        return false;
    }
    let domain = if without_port(rule) == rule {
        without_port(domain)
    } else {
        domain
    };
    domain
        .strip_suffix(rule)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A normalised domain as people read it: Unicode, except for the labels that could be taken for another name.
///
/// A label stays in punycode when it mixes scripts that are not written together (Unicode TS 39, "highly restrictive"), has
/// characters outside the identifier profile, or is wholly made of letters that look like ASCII (Cyrillic `аррӏе`) under an
/// ASCII top-level domain. A domain that cannot be decoded is returned as it is.
///
/// Source: rules R034 and R052.
pub fn display(domain: &str) -> String {
    let name = without_port(domain);
    if !name.contains("xn--") {
        return domain.to_owned();
    }
    let (shown, result) = Uts46::new().to_user_interface(
        name.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        |label, tld, _| is_readable(label, tld),
    );
    match result {
        Ok(()) => format!("{shown}{}", &domain[name.len()..]),
        Err(_) => domain.to_owned(),
    }
}

fn is_readable(label: &[char], tld: &[char]) -> bool {
    let text: String = label.iter().collect();
    if !text.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
        return false;
    }
    let has_ascii_letter = text.bytes().any(|b| b.is_ascii_alphabetic());
    let foreign_tld = tld.iter().any(|c| !c.is_ascii());
    has_ascii_letter || foreign_tld || !unicode_security::skeleton(&text).all(|c| c.is_ascii())
}
