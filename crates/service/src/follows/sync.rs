//! Followers synchronisation: two servers compare who of the one follows an account of the other, by a digest that comes
//! with what only followers get.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md>

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use moka::sync::Cache;
use pouet_model::{
    account::Account,
    ids::AccountId,
    urls::{LocalUri, Urls},
};
use pouet_storage::{Conn, accounts, follows as rows, timelines};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::change;
use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
};

/// Accounts with so many followers are not synchronised (as Mastodon has it).
const MAX_FOLLOWERS: i64 = 25_000;
/// Accounts whose digests are kept ready.
const CACHED: u64 = 1000;
const IDLE: Duration = Duration::from_mins(10);
/// Followers looked at in one transaction.
const BATCH: usize = 100;

/// Exclusive or of the SHA-256 of ids of followers: the same for the same set, in whatever order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FollowersDigest([u8; 32]);

impl FollowersDigest {
    /// The digest of these ids, each of which must occur once.
    pub fn of<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut digest = Self::default();
        ids.into_iter().for_each(|id| digest.toggle(id));
        digest
    }

    /// Adds an id, or removes one that is in it.
    fn toggle(&mut self, id: &str) {
        for (byte, other) in self.0.iter_mut().zip(Sha256::digest(id.as_bytes())) {
            *byte ^= other;
        }
    }
}

/// 64 hexadecimal digits, small.
impl std::fmt::Display for FollowersDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Digests of accounts' followers by the origin of their ids, with the version of the set that they are of.
#[derive(Debug)]
pub(crate) struct FollowerDigests(Cache<AccountId, (i64, Arc<ByOrigin>)>);

type ByOrigin = HashMap<String, FollowersDigest>;

impl FollowerDigests {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(CACHED).time_to_idle(IDLE).build())
    }
}

/// Scheme, host and port of an id or address.
fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    url.host_str()?;
    Some(url.origin().ascii_serialization())
}

/// What the server of `inbox` is told about its people among the followers of a local account: the digest of their ids.
/// `None` for an account with very many followers.
pub async fn digest_for(
    instance: &Instance,
    account: AccountId,
    inbox: &str,
) -> Result<Option<FollowersDigest>> {
    let Some(origin) = origin_of(inbox) else {
        return Ok(None);
    };
    let digests = digests_of(instance, account).await?;
    // Nobody there follows: that is worth knowing, too.
    Ok(digests.map(|digests| digests.get(&origin).copied().unwrap_or_default()))
}

/// The digests of the followers of a local account; `None` for one with very many followers.
async fn digests_of(instance: &Instance, account: AccountId) -> Result<Option<Arc<ByOrigin>>> {
    let state = instance
        .read(move |conn| Ok(rows::find_followers_version(conn, account)?))
        .await?;
    let Some((version, count)) = state else {
        return Ok(None);
    };
    if count >= MAX_FOLLOWERS {
        return Ok(None);
    }
    let known = instance.follower_digests.0.get(&account);
    if let Some((_, digests)) = known.filter(|(of, _)| *of == version) {
        return Ok(Some(digests));
    }
    let digests = instance.read(move |conn| by_origin(conn, account)).await?;
    let digests = Arc::new(digests);
    let entry = (version, Arc::clone(&digests));
    instance.follower_digests.0.insert(account, entry);
    Ok(Some(digests))
}

fn by_origin(conn: &mut Conn, account: AccountId) -> Result<ByOrigin> {
    let mut digests = ByOrigin::new();
    for uri in rows::list_remote_follower_uris(conn, account)? {
        if let Some(origin) = origin_of(&uri) {
            digests.entry(origin).or_default().toggle(&uri);
        }
    }
    Ok(digests)
}

/// Ids of the followers of a local account that are on the server of `reader`, an id.
///
/// # Errors
/// `NotFound` for an account with very many followers, of whom no digest is told either.
pub async fn followers_on(instance: &Instance, account: AccountId, reader: &str) -> Result<Vec<String>> {
    let origin = origin_of(reader).ok_or(Error::NotFound)?;
    let digests = digests_of(instance, account).await?.ok_or(Error::NotFound)?;
    // All followers are gone through only for servers that have some.
    if !digests.contains_key(&origin) {
        return Ok(Vec::new());
    }
    let mut found = instance
        .read(move |conn| Ok(rows::list_remote_follower_uris(conn, account)?))
        .await?;
    found.retain(|uri| origin_of(uri).as_ref() == Some(&origin));
    Ok(found)
}

/// Compares what a remote account's server says about its local followers with what we know. If they differ, a job asks
/// for the list at `url`, which the caller has found to be on that server.
pub async fn compare(instance: &Instance, account: AccountId, url: &str, digest: &str) -> Result<()> {
    let (writer, url, digest) = (instance.clone(), url.to_owned(), digest.to_ascii_lowercase());
    let ours = instance
        .read(move |conn| local_digest(conn, writer.urls(), account))
        .await?;
    if ours.to_string() == digest {
        return Ok(());
    }
    let (writer, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let job = Job::SyncFollowers {
                account_id: account,
                url,
                digest,
            };
            jobs::enqueue(tx, writer.next_id(), &job, now, now)
        })
        .await
}

fn local_digest(conn: &mut Conn, urls: &Urls, account: AccountId) -> Result<FollowersDigest> {
    let mut digest = FollowersDigest::default();
    for follower in timelines::list_local_followers(conn, account)? {
        digest.toggle(&urls.local_account(follower.id()));
    }
    Ok(digest)
}

/// Goes by the list of local followers that a remote account's server has given.
///
/// Who is on it has been accepted if they had asked; for whom we know no follow, the server is told that there is none.
/// Only if `is_whole`, the list being complete and the one that the digest was made of, do those end who are not on it.
pub async fn settle(
    instance: &Instance,
    account: AccountId,
    listed: &[String],
    is_whole: bool,
) -> Result<()> {
    let ids: HashSet<AccountId> = listed
        .iter()
        .filter_map(|uri| match instance.urls().parse(uri) {
            Some(LocalUri::Account(id)) => Some(id),
            _ => None,
        })
        .collect();
    let ids: Arc<[AccountId]> = ids.into_iter().collect();
    let mut start = 0;
    while start < ids.len() {
        let (writer, ids) = (instance.clone(), Arc::clone(&ids));
        let end = (start + BATCH).min(ids.len());
        instance
            .write(move |tx| confirm(tx, &writer, account, &ids[start..end]))
            .await?;
        start = end;
    }
    if is_whole {
        end_unlisted(instance, account, &ids).await?;
    }
    Ok(())
}

/// Ends the follows of `account` by locals who are not among `listed`.
async fn end_unlisted(instance: &Instance, account: AccountId, listed: &[AccountId]) -> Result<()> {
    let listed: HashSet<AccountId> = listed.iter().copied().collect();
    let followers = instance
        .read(move |conn| Ok(timelines::list_local_followers(conn, account)?))
        .await?;
    let mut unlisted: Vec<AccountId> = followers.into_iter().map(|follower| follower.id()).collect();
    unlisted.retain(|id| !listed.contains(id));
    unlisted.sort_unstable();
    for batch in unlisted.chunks(BATCH) {
        let batch = batch.to_vec();
        instance
            .write(move |tx| {
                for follower in batch {
                    change::end_silently(tx, follower, account)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// Makes sure that these follow `account`, or that its server learns that they do not.
fn confirm(tx: &mut Conn, instance: &Instance, account: AccountId, followers: &[AccountId]) -> Result<()> {
    let now = instance.now();
    let Some(target) = accounts::find_account(tx, account)?.filter(|account| !account.is_local()) else {
        return Ok(());
    };
    for follower in accounts::load_admitted_accounts(tx, followers)? {
        if !follower.is_local() || follower.deleted_at.is_some() {
            continue;
        }
        match rows::find_follow(tx, follower.id, account)? {
            Some(follow) => change::accept(tx, instance, &follow, &follower, &target, now)?,
            None => send_undo(tx, instance, &follower, &target)?,
        }
    }
    Ok(())
}

fn send_undo(tx: &mut Conn, instance: &Instance, follower: &Account, target: &Account) -> Result<()> {
    let now = instance.now();
    let job = Job::SendUndoFollow {
        // Of no row: the embedded Follow says between whom it is.
        follow_id: instance.next_id(),
        account_id: follower.id,
        target_id: target.id,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "https://testing.example.org/users/1";
    const TWO: &str = "https://testing.example.org/users/2";

    #[test]
    fn fed_099_digests_are_those_of_the_proposal() {
        let of = |ids: &[&str]| FollowersDigest::of(ids.iter().copied()).to_string();
        assert_eq!(of(&[]), "0".repeat(64));
        let one = "3a06e99569547f444c352ab7f52e4bab207abec5ca6f07b0045cfdc9723f8fa9";
        assert_eq!(of(&[ONE]), one);
        // The example of FEP-8fcf.
        let both = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f";
        assert_eq!(of(&[ONE, TWO]), both);
        assert_eq!(of(&[TWO, ONE]), both);
    }

    #[test]
    fn fed_099_followers_are_told_apart_by_scheme_host_and_port() {
        assert_eq!(
            origin_of("https://a.test/users/1"),
            origin_of("https://A.test:443/inbox")
        );
        for other in [
            "http://a.test/x",
            "https://a.test:8443/x",
            "https://b.a.test/x",
            "a.test",
        ] {
            assert_ne!(origin_of("https://a.test/users/1"), origin_of(other), "{other}");
        }
    }
}
