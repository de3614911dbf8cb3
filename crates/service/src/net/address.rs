//! Which IP addresses this server may connect to.
//!
//! The rule is an allow rule: an address passes when it is globally routable, not when it is missing from a list of
//! bad ones. An IPv4-mapped IPv6 address is judged as the IPv4 address it stands for; the other forms that carry an IPv4
//! address inside (IPv4-compatible, NAT64, 6to4, Teredo) are refused whatever they carry.
//!
//! Source: rule R001, the IANA special-purpose address registries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IPv4 networks that are not part of the public internet, or that nobody federates from.
const REFUSED_V4: &[Ipv4Net] = &[
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 52, 193, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([192, 175, 48, 0], 24),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The only IPv6 block from which global unicast addresses are given out.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// Parts of [`GLOBAL_V6`] that are special all the same.
const REFUSED_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0], 23),
    v6([0x2001, 0x0db8, 0], 32),
    v6([0x2002, 0, 0], 16),
    v6([0x2620, 0x004f, 0x8000], 48),
    v6([0x3fff, 0, 0], 20),
];

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]), prefix)
}

const fn v6(head: [u16; 3], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(head[0], head[1], head[2], 0, 0, 0, 0, 0), prefix)
}

/// Decides whether an address may be dialled.
#[derive(Debug, Clone, Default)]
pub struct AddressGate {
    allow: Vec<IpNet>,
    /// Whether globally routable addresses pass too, or only those of `allow`.
    listed_only: bool,
}

impl AddressGate {
    /// A gate that lets globally routable addresses pass, and those inside `allow`
    /// (`federation.allow_private_addresses`, empty in production).
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self {
            allow,
            listed_only: false,
        }
    }

    /// The same gate without the public internet: only the addresses the operator listed pass.
    ///
    /// It guards requests to unusual ports, which are allowed towards listed networks and nowhere else.
    pub fn listed_only(&self) -> Self {
        Self {
            allow: self.allow.clone(),
            listed_only: true,
        }
    }

    /// Whether the operator listed any network.
    pub fn has_listed(&self) -> bool {
        !self.allow.is_empty()
    }

    /// Whether the operator listed a network that contains `address`.
    ///
    /// An IPv4-mapped IPv6 address counts as the IPv4 address it stands for, because the system dials that one.
    pub fn is_listed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allow.iter().any(|network| network.contains(&address))
    }

    /// Whether `address` may be dialled.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        self.is_listed(address) || (!self.listed_only && is_global(address))
    }

    /// Checks a whole DNS answer and returns the addresses that may be dialled.
    ///
    /// One refused address refuses the answer: a name that points inside as well as outside is an attack or a
    /// mistake, and picking the good half would let the next lookup decide. The exception is loopback: `localhost`
    /// stands for `127.0.0.1` and `::1` at once, so when the operator listed one of the two the other is left out
    /// instead.
    ///
    /// # Errors
    /// The first refused address.
    pub fn filter(&self, answer: &[IpAddr]) -> Result<Vec<IpAddr>, IpAddr> {
        let loopback_listed = answer
            .iter()
            .any(|address| address.is_loopback() && self.is_listed(*address));
        let mut allowed = Vec::with_capacity(answer.len());
        for address in answer {
            if self.is_allowed(*address) {
                allowed.push(*address);
            } else if !(loopback_listed && address.is_loopback()) {
                return Err(*address);
            }
        }
        Ok(allowed)
    }
}

/// Whether `address` is reachable on the public internet and nowhere else.
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    !REFUSED_V4.iter().any(|network| network.contains(&address))
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = mapped_v4(address) {
        return is_global_v4(embedded);
    }
    GLOBAL_V6.contains(&address) && !REFUSED_V6.iter().any(|network| network.contains(&address))
}

/// The IPv4 address a mapped one (`::ffff:0:0/96`) stands for.
///
/// The other embeddings (IPv4-compatible, NAT64, 6to4) need no unwrapping: they lie outside [`GLOBAL_V6`] or in
/// [`REFUSED_V6`], so they are refused whatever they carry.
fn mapped_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    address.to_ipv4_mapped()
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use proptest::prelude::*;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// First, last and a middle address of every refused network, and every embedding of them.
    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.0.0.1",
        "0.255.255.255",
        "10.0.0.0",
        "10.1.2.3",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.0",
        "127.0.0.1",
        "127.1.2.3",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.20.10.2",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.8",
        "192.0.0.255",
        "192.0.2.1",
        "192.0.2.255",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.0",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.1.1",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.254",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0.0.0.0",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:192.168.1.1",
        "::ffff:255.255.255.255",
        "::ffff:0:127.0.0.1",
        "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "64:ff9b:1:ffff::a00:1",
        "100::",
        "100::1",
        "100:0:0:1::1",
        "2001::",
        "2001::1",
        "2001:0:53aa:64c:0:fbff:f5ff:fffe",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::",
        "2001:db8::1",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2002::",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2002:808:808::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "4000::1",
        "5f00::1",
        "8000::1",
        "fc00::1",
        "fd12:3456:789a::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];

    /// Neighbours of the refused networks, and well-known public addresses.
    const ALLOWED: &[&str] = &[
        "1.0.0.0",
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2000::1",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700:4700::1111",
        "2620:4f:8001::1",
        "2a00:1450:4007:80a::200e",
        "3ffe::1",
        "3fff:1000::1",
    ];

    #[test]
    fn fed_131_sec_R001_only_globally_routable_addresses_pass() {
        assert!(REFUSED.len() + ALLOWED.len() >= 80);
        let gate = AddressGate::default();
        for text in REFUSED {
            assert!(!gate.is_allowed(ip(text)), "{text} must be refused");
        }
        for text in ALLOWED {
            assert!(gate.is_allowed(ip(text)), "{text} must pass");
        }
    }

    #[test]
    fn sec_R001_listed_networks_pass_and_nothing_else_changes() {
        let gate = AddressGate::new(nets(&["127.0.0.0/8", "fd00::/8"]));
        for text in ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "fd00::1", "8.8.8.8"] {
            assert!(gate.is_allowed(ip(text)), "{text} must pass");
        }
        for text in ["10.0.0.1", "::1", "169.254.169.254", "fc00::1", "::127.0.0.1"] {
            assert!(!gate.is_allowed(ip(text)), "{text} must be refused");
        }
        let narrow = gate.listed_only();
        assert!(narrow.is_allowed(ip("127.0.0.1")));
        assert!(!narrow.is_allowed(ip("8.8.8.8")));
    }

    #[test]
    fn sec_R003_one_refused_address_refuses_the_answer() {
        let gate = AddressGate::default();
        assert_eq!(gate.filter(&[ip("8.8.8.8"), ip("10.0.0.1")]), Err(ip("10.0.0.1")));
        assert_eq!(gate.filter(&[ip("::1"), ip("127.0.0.1")]), Err(ip("::1")));
        assert_eq!(gate.filter(&[ip("8.8.8.8")]), Ok(vec![ip("8.8.8.8")]));

        let development = AddressGate::new(nets(&["127.0.0.0/8"]));
        assert_eq!(
            development.filter(&[ip("::1"), ip("127.0.0.1")]),
            Ok(vec![ip("127.0.0.1")])
        );
        assert_eq!(development.filter(&[ip("::1")]), Err(ip("::1")));
        assert_eq!(
            development.filter(&[ip("127.0.0.1"), ip("10.0.0.1")]),
            Err(ip("10.0.0.1"))
        );
    }

    /// The rule of R001 written a second way: by the bits of the address, without networks.
    fn is_global_by_bits(address: Ipv4Addr) -> bool {
        let [a, b, c, _] = address.octets();
        !matches!(
            (a, b, c),
            (0 | 10 | 127 | 224..=255, _, _)
                | (100, 64..=127, _)
                | (169, 254, _)
                | (172, 16..=31, _)
                | (192, 0, 0 | 2)
                | (192, 31, 196)
                | (192, 52, 193)
                | (192, 88, 99)
                | (192, 168, _)
                | (192, 175, 48)
                | (198, 18 | 19, _)
                | (198, 51, 100)
                | (203, 0, 113)
        )
    }

    proptest! {
        #[test]
        fn sec_R001_every_v4_address_agrees_with_the_oracle(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let gate = AddressGate::default();
            prop_assert_eq!(gate.is_allowed(address.into()), is_global_by_bits(address));
            prop_assert_eq!(
                gate.is_allowed(address.to_ipv6_mapped().into()),
                is_global_by_bits(address)
            );
            prop_assert!(!gate.is_allowed(address.to_ipv6_compatible().into()));
        }

        #[test]
        fn sec_R001_v6_outside_global_unicast_never_passes(bits: u128) {
            let address = Ipv6Addr::from(bits);
            let first = address.segments()[0];
            if !(0x2000..=0x3fff).contains(&first) && address.to_ipv4_mapped().is_none() {
                prop_assert!(!AddressGate::default().is_allowed(address.into()));
            }
        }
    }
}
