//! When a fetched key may be used, and how often one may be fetched.
//!
//! Both are pure: whoever fetches keys asks here before it trusts and before it fetches.
//!
//! Source: rules R016 and R017.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::SignatureError;

/// Time between two fetches for the same key.
const REFETCH_AFTER: TimeDelta = TimeDelta::minutes(5);
/// Keys remembered at a time. When there are more, unknown ones wait for room.
const MAX_REMEMBERED: usize = 20_000;

/// Checks that a key belongs to the actor it names.
///
/// `key_id` is what the signature said, `owner` what the key's document says (`owner`, `controller`), and `listed` the key
/// ids in the actor document that was fetched from `owner`. Key and owner must have the same origin (scheme, host and
/// port), and the actor must list exactly this key: a document anywhere may claim any owner.
///
/// # Errors
/// `Refused`.
pub fn check_key_owner(key_id: &str, owner: &str, listed: &[&str]) -> Result<(), SignatureError> {
    let origin = |text: &str| {
        Url::parse(text)
            .map(|url| url.origin())
            .ok()
            .filter(url::Origin::is_tuple)
    };
    match (origin(key_id), origin(owner)) {
        (Some(key), Some(actor)) if key == actor => {}
        _ => return Err(SignatureError::Refused("key and owner differ in origin")),
    }
    if listed.contains(&key_id) {
        Ok(())
    } else {
        Err(SignatureError::Refused("the owner does not list this key"))
    }
}

/// Remembers when keys were last fetched, successfully or not, so that bad signatures cause no stream of fetches.
#[derive(Debug, Default)]
pub struct KeyFetches {
    last: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl KeyFetches {
    /// Whether `key_id` may be fetched at `now`. A yes counts as the fetch.
    pub fn allow(&self, key_id: &str, now: DateTime<Utc>) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= MAX_REMEMBERED {
            last.retain(|_, fetched| now - *fetched < REFETCH_AFTER);
        }
        let recent = last
            .get(key_id)
            .is_some_and(|fetched| now - *fetched < REFETCH_AFTER);
        let full = last.len() >= MAX_REMEMBERED && !last.contains_key(key_id);
        if recent || full {
            return false;
        }
        last.insert(key_id.to_owned(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    const KEY: &str = "https://a.test/u#main-key";

    #[test]
    fn sec_R016_a_key_is_that_of_its_owner_only_if_both_say_so() {
        for (key_id, owner, listed, accepted) in [
            (KEY, "https://a.test/u", &[KEY][..], true),
            (KEY, "https://A.TEST:443/u", &[KEY], true),
            (KEY, "https://a.test/u", &["https://a.test/u#other", KEY], true),
            (
                "https://a.test/keys/1",
                "https://a.test/u",
                &["https://a.test/keys/1"],
                true,
            ),
            // A document at evil.test that says it belongs to a.test, listed there or not.
            ("https://evil.test/key", "https://a.test/u", &[KEY], false),
            (
                "https://evil.test/key",
                "https://a.test/u",
                &["https://evil.test/key"],
                false,
            ),
            (KEY, "http://a.test/u", &[KEY], false),
            (KEY, "https://a.test:8443/u", &[KEY], false),
            (KEY, "https://b.a.test/u", &[KEY], false),
            // The actor has other keys, or none.
            (KEY, "https://a.test/u", &["https://a.test/u#other"], false),
            (KEY, "https://a.test/u", &["https://a.test/u"], false),
            (KEY, "https://a.test/u", &[], false),
            ("data:,x", "data:,x", &["data:,x"], false),
            ("", "", &[""], false),
        ] {
            let found = check_key_owner(key_id, owner, listed).is_ok();
            assert_eq!(found, accepted, "{key_id} {owner} {listed:?}");
        }
    }

    #[test]
    fn sec_R017_a_thousand_bad_signatures_cause_one_fetch() {
        let fetches = KeyFetches::default();
        let start: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        let allowed = (0..1000)
            .filter(|step| fetches.allow(KEY, start + TimeDelta::milliseconds(step * 299)))
            .count();
        assert_eq!(allowed, 1);
        assert!(fetches.allow("https://b.test/u#main-key", start));
        assert!(!fetches.allow(KEY, start + TimeDelta::seconds(299)));
        assert!(fetches.allow(KEY, start + TimeDelta::seconds(300)));
    }

    #[test]
    fn sec_R017_invented_keys_fill_no_memory() {
        let fetches = KeyFetches::default();
        let start: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        let allowed = (0..MAX_REMEMBERED + 100)
            .filter(|number| fetches.allow(&format!("https://evil.test/{number}"), start))
            .count();
        assert_eq!(allowed, MAX_REMEMBERED);
        assert!(fetches.allow(KEY, start + REFETCH_AFTER));
        assert_eq!(fetches.last.lock().unwrap().len(), 1);
    }
}
