//! Who reads, as far as that has to be known to count them once.

use std::net::IpAddr;

use pouet_model::{account::Account, ids::AccountId};

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
    /// with.
    pub fn visitor(ip: IpAddr, agent: Option<&str>) -> Option<Self> {
        let agent = agent?.to_ascii_lowercase();
        if agent.is_empty() || CRAWLERS.iter().any(|word| agent.contains(word)) {
            return None;
        }
        Some(Self {
            account: None,
            name: format!("{ip} {agent}").into_bytes(),
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
}
