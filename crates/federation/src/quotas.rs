//! What other servers can make us fetch in an hour, however many activities, threads and names they invent.
//!
//! Source: the recursion by wildcard names of CVE-2022-46405; <https://publicsuffix.org/>

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use pouet_service::net::NetError;
use url::{Host, Url};

use crate::error::{Error, Result};

const HOUR: Duration = Duration::from_hours(1);
/// Documents that completing threads and profiles may ask one server for in an hour.
const UNASKED: u32 = 500;
/// Hosts below one registered domain that are spoken with in an hour. Providers of servers have hundreds.
const NAMES: usize = 500;
/// Servers and domains that are counted.
const CAPACITY: u64 = 2_000;

/// Counts of the last hour.
#[derive(Debug)]
pub(crate) struct Quotas {
    unasked: Cache<String, Arc<AtomicU32>>,
    names: Cache<String, Arc<Mutex<HashSet<u64>>>>,
    hasher: RandomState,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            unasked: Cache::builder().max_capacity(CAPACITY).time_to_live(HOUR).build(),
            names: Cache::builder().max_capacity(CAPACITY).time_to_live(HOUR).build(),
            hasher: RandomState::new(),
        }
    }
}

impl Quotas {
    /// Counts a document that is fetched from the server of `uri` to complete a thread or a profile.
    ///
    /// # Errors
    /// `Budget` if it was asked for enough in this hour.
    pub(crate) fn ask(&self, uri: &str) -> Result<()> {
        let url = Url::parse(uri).map_err(|_| Error::Refused("id is not a URL"))?;
        let server = url.origin().ascii_serialization();
        let asked = self.unasked.get_with(server, Arc::default);
        if asked.fetch_add(1, Ordering::Relaxed) < UNASKED {
            Ok(())
        } else {
            Err(Error::Budget)
        }
    }

    /// Notes that the host of `uri` is about to be spoken with.
    ///
    /// # Errors
    /// `Net`, a temporary one, if somebody has more hosts below one domain than anybody needs.
    pub(crate) fn meet(&self, uri: &str) -> Result<()> {
        let url = Url::parse(uri).map_err(|_| Error::Refused("id is not a URL"))?;
        let Some(Host::Domain(host)) = url.host() else {
            return Ok(());
        };
        let host = host.trim_end_matches('.');
        let registered = psl::domain_str(host).unwrap_or(host);
        let names = self.names.get_with_by_ref(registered, Arc::default);
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.hasher.hash_one(host);
        if names.contains(&name) {
            return Ok(());
        }
        if names.len() >= NAMES {
            return Err(Error::Net(NetError::Busy(registered.to_owned())));
        }
        names.insert(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn sec_R037_names_below_one_domain_are_counted_together() {
        let quotas = Quotas::default();
        let met = (0..10_000)
            .filter(|n| quotas.meet(&format!("https://h{n}.wild.example/users/a")).is_ok())
            .count();
        assert_eq!(met, NAMES);
        assert!(
            quotas.meet("https://h1.wild.example/x").is_ok(),
            "who is known stays so"
        );
        assert!(quotas.meet("https://deep.below.wild.example/x").is_err());
        let crowded = quotas.meet("https://new.wild.example/x").unwrap_err();
        assert!(crowded.is_temporary(), "they are asked for later");
        // Others are not in the way: of another name, below a public suffix, by address.
        for other in [
            "https://other.example/",
            "https://wild.example.co.uk/",
            "https://a.github.io/",
            "http://127.0.0.1:8080/",
        ] {
            assert!(quotas.meet(other).is_ok(), "{other}");
        }
        for n in 0..10_000 {
            assert!(
                quotas.meet(&format!("https://h{n}.co.uk/")).is_ok(),
                "a suffix is nobody's"
            );
        }
        quotas.names.run_pending_tasks();
        assert!(
            quotas.names.entry_count() <= CAPACITY,
            "what is remembered has a bound"
        );
    }

    #[test]
    fn sec_R033_one_server_is_asked_for_so_much_in_an_hour() {
        let quotas = Quotas::default();
        let asked = (0..2_000)
            .filter(|n| quotas.ask(&format!("https://far.example/notes/{n}")).is_ok())
            .count();
        assert_eq!(asked, UNASKED as usize);
        assert!(quotas.ask("https://other.example/notes/1").is_ok());
    }
}
