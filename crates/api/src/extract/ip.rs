//! Which address a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The address of the client: of the peer, or what a trusted proxy says of it.
///
/// `X-Forwarded-For` is believed from right to left, as long as the sender is a trusted proxy (R073).
pub(crate) fn client_ip(request: &HttpRequest, trusted: &[IpNet]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    behind_proxies(peer, &hops, trusted)
}

fn behind_proxies(peer: IpAddr, hops: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut client = unmapped(peer);
    for hop in hops.iter().rev() {
        if !trusted.iter().any(|network| network.contains(&client)) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => client = unmapped(address),
            Err(_) => break,
        }
    }
    client
}

/// An IPv4 address inside an IPv6 one counts as what it is.
fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(inner) => inner.to_ipv4_mapped().map_or(address, IpAddr::V4),
    }
}

/// What an anonymous client is counted by: its IPv4 address, or the /64 of its IPv6 address.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(inner) => IpAddr::V6(Ipv6Addr::from_bits(inner.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn sec_R073_forged_hops_are_not_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let table = [
            ("203.0.113.1", vec!["198.51.100.9"], "203.0.113.1"),
            ("10.0.0.1", vec!["198.51.100.9"], "198.51.100.9"),
            (
                "10.0.0.1",
                vec!["1.2.3.4", " 198.51.100.9", "10.1.1.1"],
                "198.51.100.9",
            ),
            ("::ffff:10.0.0.1", vec!["198.51.100.9"], "198.51.100.9"),
            ("10.0.0.1", vec!["unknown"], "10.0.0.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
        ];
        for (peer, hops, expected) in table {
            assert_eq!(
                behind_proxies(ip(peer), &hops, &trusted),
                ip(expected),
                "{peer} {hops:?}"
            );
        }
    }

    #[test]
    fn clients_are_counted_by_network() {
        assert_eq!(network_of(ip("203.0.113.1")), ip("203.0.113.1"));
        assert_eq!(network_of(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
    }
}
