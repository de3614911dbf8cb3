//! Who reads, as far as that has to be known to count them once.

use std::net::IpAddr;

use pouet_model::{account::Account, ids::AccountId};

use crate::throttle::network;

/// Words by which programs that read for themselves say so.
const CRAWLERS: [&str; 12] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "archiver",
    "preview",
    "curl",
    "wget",
    "python",
    "http-client",
    "monitor",
    "scan",
];

/// Somebody who reads: a person who is signed in, or a visitor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reader {
    account: Option<AccountId>,
    name: Vec<u8>,
}

impl Reader {
    /// A person who is signed in; `None` for automated accounts.
    pub fn account_of(account: &Account) -> Option<Self> {
        (!account.actor_type.is_bot()).then(|| Self {
            account: Some(account.id),
            name: account.id.0.to_be_bytes().to_vec(),
        })
    }

    /// A visitor with a browser; `None` for programs that read for themselves, and who does not say what they read
    /// with. Those of one address, or of one /64 of IPv6, are one: what they say of themselves, and the rest of the
    /// address, they can change at will (rule R073).
    pub fn visitor(ip: IpAddr, agent: Option<&str>) -> Option<Self> {
        let agent = agent?.to_ascii_lowercase();
        if agent.is_empty() || CRAWLERS.iter().any(|word| agent.contains(word)) {
            return None;
        }
        Some(Self {
            account: None,
            name: network(ip, 32, 64).to_string().into_bytes(),
        })
    }

    /// Who is signed in.
    pub(super) fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// What tells readers apart; it goes into a keyed hash and nowhere else.
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_no_visitors() {
        let ip: IpAddr = [127, 0, 0, 1].into();
        for agent in [
            None,
            Some(""),
            Some("Googlebot/2.1 (+http://www.google.com/bot.html)"),
            Some("curl/8.5.0"),
            Some("Mozilla/5.0 (compatible; YandexBot/3.0)"),
            Some("WhatsApp/2.2 LinkPreview"),
        ] {
            assert_eq!(Reader::visitor(ip, agent), None, "{agent:?}");
        }
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert!(Reader::visitor(ip, Some(firefox)).is_some());
    }

    #[test]
    fn who_changes_what_costs_nothing_stays_the_same_visitor() {
        let visitor = |ip: &str, agent| Reader::visitor(ip.parse().unwrap(), Some(agent)).unwrap();
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let is_same = visitor(one, "Mozilla/5.0 One/1.0") == visitor(other, "Mozilla/5.0 Other/2.0");
            assert_eq!(is_same, same, "{one} {other}");
        }
    }
}
