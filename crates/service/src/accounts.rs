//! Accounts: finding them, and taking in what other servers say of theirs.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, ActorType, Field, Picture, RemoteActor},
    domain::parse_handle,
    emoji::CustomEmoji,
    ids::AccountId,
    time::from_millis,
    urls::LocalUri,
};
use pouet_storage::{
    Conn,
    accounts::{self as rows, RemoteAccountRow},
    media, users,
};

use crate::{
    emojis,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
    policy,
    statuses::erase_of,
    upkeep,
    users::end_access,
    verified_links,
};

/// Statuses and boosts removed per transaction when an account is deleted: short enough not to hold up other writers.
const DELETE_BATCH: i64 = 100;

/// When it is seen to that everything of a deleted local account is gone.
const CONTENT_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// A remote actor as `federation` read it: sanitised and within limits.
#[derive(Clone, Debug)]
pub struct ActorData {
    /// ActivityPub id.
    pub uri: String,
    /// Name, proved by WebFinger.
    pub username: String,
    /// Domain of the handle, proved by WebFinger.
    pub domain: String,
    /// Page for humans.
    pub url: Option<String>,
    /// Kind of actor.
    pub actor_type: ActorType,
    /// Plain text.
    pub display_name: String,
    /// Safe HTML.
    pub note: String,
    /// Profile table, with safe HTML.
    pub fields: Vec<Field>,
    /// Address of the avatar.
    pub avatar_url: Option<String>,
    /// Address of the header.
    pub header_url: Option<String>,
    /// Alternative text of the avatar.
    pub avatar_description: String,
    /// Alternative text of the header.
    pub header_description: String,
    /// Custom emoji in name, biography and fields.
    pub emojis: Vec<CustomEmoji>,
    /// Follows need approval.
    pub locked: bool,
    /// May be shown in directory and trends.
    pub discoverable: bool,
    /// Public statuses may be found by search.
    pub indexable: bool,
    /// Followers and following are not listed.
    pub hide_collections: bool,
    /// In memory of somebody.
    pub memorial: bool,
    /// Its own server has suspended it.
    pub suspended: bool,
    /// Other ids of the same person.
    pub also_known_as: Vec<String>,
    /// Domains of sites that may name it as the author of their pages.
    pub attribution_domains: Vec<String>,
    /// Id of the actor that it moved to.
    pub moved_to_uri: Option<String>,
    /// Addresses.
    pub remote: RemoteActor,
    /// Address of the hashtags that it shows.
    pub featured_tags: Option<String>,
    /// When it was made, as it says.
    pub created_at: Option<DateTime<Utc>>,
    /// Its public keys: ids and PEM or multibase text.
    pub keys: Vec<(String, String)>,
}

impl ActorData {
    fn into_account(self, id: AccountId, now: DateTime<Utc>) -> Account {
        Account {
            id,
            username: self.username,
            domain: Some(self.domain),
            uri: Some(self.uri),
            url: self.url,
            actor_type: self.actor_type,
            display_name: self.display_name,
            note: self.note,
            note_source: String::new(),
            fields: self.fields,
            avatar: self.avatar_url.map(Picture::Remote),
            header: self.header_url.map(Picture::Remote),
            avatar_description: self.avatar_description,
            header_description: self.header_description,
            emojis: self.emojis,
            locked: self.locked,
            discoverable: self.discoverable,
            indexable: self.indexable,
            hide_collections: self.hide_collections,
            memorial: self.memorial,
            also_known_as: self.also_known_as,
            attribution_domains: self.attribution_domains,
            moved_to: None,
            statuses_count: 0,
            followers_count: 0,
            following_count: 0,
            last_status_at: None,
            created_at: self
                .created_at
                .map_or(now, |at| from_millis(at.timestamp_millis())),
            suspended_at: None,
            silenced_at: None,
            deleted_at: None,
            remote: Some(self.remote),
        }
    }
}

/// The accounts with these ids, in the given order; unknown ids are left out, and those whose registration waits for
/// approval.
pub async fn load(instance: &Instance, ids: &[AccountId]) -> Result<Vec<Arc<Account>>> {
    let ids = ids.to_vec();
    instance
        .read(move |conn| {
            let found: HashMap<AccountId, Arc<Account>> = rows::load_admitted_accounts(conn, &ids)?
                .into_iter()
                .map(|account| (account.id, Arc::new(account)))
                .collect();
            Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
        })
        .await
}

/// The accounts with these ids, which something that is shown names, in the given order; unknown ids are left out.
pub(crate) fn load_in_order(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Arc<Account>>> {
    let found = crate::visibility::load_accounts(conn, ids)?;
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// The account with this id.
///
/// # Errors
/// `NotFound` if there is none, it is deleted, or its registration waits for approval.
pub async fn find(instance: &Instance, id: AccountId) -> Result<Arc<Account>> {
    let found = find_any(instance, id).await?;
    found
        .filter(|account| account.deleted_at.is_none())
        .map(Arc::new)
        .ok_or(Error::NotFound)
}

/// The account with this id, even if it is deleted. `None` also while its registration waits for approval.
pub async fn find_any(instance: &Instance, id: AccountId) -> Result<Option<Account>> {
    instance
        .read(move |conn| Ok(rows::find_admitted_account(conn, id)?))
        .await
}

/// The local account of this name, in any case; deleted ones too, because their documents answer that they are
/// gone. Those that wait for approval are shown to nobody: whoever is turned down has never been here.
pub async fn find_local(instance: &Instance, username: &str) -> Result<Option<Account>> {
    find_by_handle(instance, username, None).await
}

/// The account `username@domain` that we know, in any case. `None` or one of our own domains: a local account.
pub async fn find_by_handle(
    instance: &Instance,
    username: &str,
    domain: Option<&str>,
) -> Result<Option<Account>> {
    let username = username.to_owned();
    let domain = domain
        .filter(|domain| !instance.urls().is_own_domain(domain))
        .map(str::to_owned);
    instance
        .read(move |conn| Ok(rows::find_account_by_handle(conn, &username, domain.as_deref())?))
        .await
}

/// The account with this ActivityPub id that we know; our own ids are understood.
pub async fn find_by_uri(instance: &Instance, uri: &str) -> Result<Option<Account>> {
    if instance.urls().is_own(uri) {
        return match instance.urls().parse(uri) {
            Some(LocalUri::Account(id)) => Ok(find_any(instance, id).await?.filter(Account::is_local)),
            _ => Ok(None),
        };
    }
    let uri = uri.to_owned();
    instance
        .read(move |conn| Ok(rows::find_account_by_uri(conn, &uri)?))
        .await
}

/// The account that `user` or `user@domain` names, among those we know.
///
/// # Errors
/// `NotFound` if we know none of that name.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#lookup>
pub async fn lookup(instance: &Instance, acct: &str) -> Result<Arc<Account>> {
    let handle = parse_handle(acct).ok_or(Error::NotFound)?;
    let found = find_by_handle(instance, &handle.username, handle.domain.as_deref()).await?;
    found
        .filter(Account::is_active)
        .map(Arc::new)
        .ok_or(Error::NotFound)
}

/// The account that `user` or `user@domain` names, fetched from its server if we do not know it.
///
/// # Errors
/// `NotFound` if there is none; others if its server does not answer as it should.
pub async fn find_or_fetch(instance: &Instance, acct: &str) -> Result<Arc<Account>> {
    let handle = parse_handle(acct).ok_or(Error::NotFound)?;
    let domain = handle
        .domain
        .as_deref()
        .filter(|domain| !instance.urls().is_own_domain(domain));
    if let Some(known) = find_by_handle(instance, &handle.username, domain).await? {
        return Ok(Arc::new(known));
    }
    let domain = domain.ok_or(Error::NotFound)?;
    let found = instance
        .resolver()?
        .account_by_handle(&handle.username, domain)
        .await;
    found.map(Arc::new)
}

/// Takes in what a remote actor says of itself: a new account, or a known one as it is now.
///
/// A name that belongs to another id of the same server moves to the new id: the caller has proved by WebFinger
/// that it is its. Our own suspension of an account is never lifted by this.
///
/// # Errors
/// `Gone` if the account was deleted for good. `Forbidden` for an id of our own.
pub async fn receive_actor(instance: &Instance, actor: ActorData) -> Result<Account> {
    if instance.urls().is_own(&actor.uri) || instance.urls().is_own_domain(&actor.domain) {
        return Err(Error::Forbidden("a local account cannot be received"));
    }
    let instance = instance.clone();
    let handle = instance.clone();
    handle.write(move |tx| receive_in(tx, &instance, actor)).await
}

fn receive_in(tx: &mut Conn, instance: &Instance, actor: ActorData) -> Result<Account> {
    let now = instance.now();
    let known = rows::find_account_by_uri(tx, &actor.uri)?;
    if known.as_ref().is_some_and(|account| account.deleted_at.is_some()) {
        return Err(Error::Gone);
    }
    let holder = rows::find_account_by_handle(tx, &actor.username, Some(&actor.domain))?;
    if let Some(holder) = holder.filter(|holder| known.as_ref().is_none_or(|known| known.id != holder.id)) {
        rows::invalidate_handle(tx, holder.id)?;
    }
    let id = known
        .as_ref()
        .map_or_else(|| instance.next_id(), |known| known.id);
    let (keys, suspended, moved_to_uri) = (actor.keys.clone(), actor.suspended, actor.moved_to_uri.clone());
    let featured = fetch_featured(&actor, id);
    let mut account = actor.into_account(id, now);
    let before = known.as_ref().map_or(&[][..], |known| known.fields.as_slice());
    let has_new_fields = account.fields.iter().any(|field| {
        !before
            .iter()
            .any(|known| known.name == field.name && known.value == field.value)
    });
    verified_links::keep_verified(&mut account.fields, before);
    let row = RemoteAccountRow {
        account: &account,
        keys: &keys,
        now,
    };
    if known.is_some() {
        rows::update_remote_account(tx, &row)?;
    } else {
        rows::insert_remote_account(tx, &row)?;
        policy::receive_new_account(tx, instance, &account, now)?;
    }
    emojis::remember(tx, instance, &account.emojis)?;
    if has_new_fields {
        verified_links::schedule(tx, instance, &account, now)?;
    }
    apply_remote_suspension(tx, known.as_ref(), id, suspended)?;
    let target = match moved_to_uri {
        Some(uri) => find_moved_to(tx, instance, &uri)?,
        None => None,
    };
    rows::update_moved_to(tx, id, target.filter(|target| *target != id))?;
    // An account that becomes known would otherwise lead to those it names in its pins, and these to others without end.
    if let Some(job) = featured.filter(|_| known.is_some())
        && upkeep::is_needed(tx, id, now)?
    {
        jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
    }
    events::emit(tx, &Event::AccountChanged { account_id: id }, now)?;
    rows::find_account(tx, id)?.ok_or(Error::NotFound)
}

/// What is on a profile is read anew with the profile, if its document says where it is and somebody here needs it.
fn fetch_featured(actor: &ActorData, account_id: AccountId) -> Option<Job> {
    let tags = actor.featured_tags.clone();
    let shows_something = !actor.suspended && (tags.is_some() || actor.remote.featured.is_some());
    shows_something.then_some(Job::FetchFeatured { account_id, tags })
}

/// The account that an actor says it moved to, if we know it; it may be one of ours.
fn find_moved_to(tx: &mut Conn, instance: &Instance, uri: &str) -> Result<Option<AccountId>> {
    if let Some(LocalUri::Account(id)) = instance.urls().parse(uri) {
        let local = rows::find_admitted_account(tx, id)?.filter(Account::is_local);
        return Ok(local.map(|local| local.id));
    }
    Ok(rows::find_account_by_uri(tx, uri)?.map(|target| target.id))
}

/// The origin's suspension is marked by the epoch as its time, so that only it is lifted by the origin.
fn apply_remote_suspension(
    tx: &mut Conn,
    known: Option<&Account>,
    id: AccountId,
    suspended: bool,
) -> Result<()> {
    let by_origin = DateTime::UNIX_EPOCH;
    let current = known.and_then(|account| account.suspended_at);
    if suspended && current.is_none() {
        rows::update_suspended(tx, id, Some(by_origin))?;
    } else if !suspended && current == Some(by_origin) {
        rows::update_suspended(tx, id, None)?;
    }
    Ok(())
}

/// Notes that the server of a handle says that it is gone: the account is suspended as by its origin, and a job deletes it if its
/// own document is gone too.
pub async fn receive_gone_handle(instance: &Instance, username: &str, domain: &str) -> Result<()> {
    let known = find_by_handle(instance, username, Some(domain)).await?;
    let Some(known) = known.filter(|known| !known.is_local() && known.deleted_at.is_none()) else {
        return Ok(());
    };
    let (id, now, job_id) = (known.id, instance.now(), instance.next_id());
    instance
        .write(move |tx| {
            apply_remote_suspension(tx, Some(&known), id, true)?;
            let job = Job::DeleteGoneAccount { account_id: id };
            jobs::enqueue(tx, job_id, &job, now, now)?;
            events::emit(tx, &Event::AccountChanged { account_id: id }, now)
        })
        .await
}

/// Deletes a remote account and all that it made: its own server has deleted it.
pub async fn receive_delete(instance: &Instance, id: AccountId) -> Result<()> {
    delete_content(instance, id).await?;
    let now = instance.now();
    instance
        .write(move |tx| {
            rows::mark_account_deleted(tx, id, now)?;
            rows::delete_relations_of(tx, id)?;
            events::emit(tx, &Event::AccountChanged { account_id: id }, now)
        })
        .await
}

/// Removes a remote account and all that it made as if it had never been here: it may come back later.
pub(crate) async fn purge(instance: &Instance, id: AccountId) -> Result<()> {
    delete_content(instance, id).await?;
    let now = instance.now();
    instance
        .write(move |tx| {
            let Some(account) = rows::find_account(tx, id)?.filter(|account| !account.is_local()) else {
                return Ok(());
            };
            for picture in [account.avatar, account.header] {
                if let Some(Picture::Stored(file)) = picture {
                    media::insert_trash(tx, &file, now)?;
                }
            }
            rows::delete_relations_of(tx, id)?;
            rows::delete_account(tx, id)?;
            events::emit(tx, &Event::AccountChanged { account_id: id }, now)
        })
        .await
}

/// Deletes a local account for good: its content and login at once, its copies on other servers by a job. The
/// name is never given out again, and the signing key stays until everybody has been told.
///
/// # Errors
/// `NotFound` if there is no such local account.
pub async fn delete_local(instance: &Instance, id: AccountId) -> Result<()> {
    let account = instance
        .read(move |conn| Ok(rows::find_account(conn, id)?))
        .await?;
    if !account.is_some_and(|account| account.is_local() && account.deleted_at.is_none()) {
        return Err(Error::NotFound);
    }
    let now = instance.now();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let account_id = id;
            let tell = Job::SendAccountDelete { account_id };
            jobs::enqueue(tx, writer.next_id(), &tell, now, now)?;
            // What is removed below is too much for one transaction: were it cut short, the job would do the rest.
            let finish = Job::DeleteContent { account_id };
            jobs::enqueue(tx, writer.next_id(), &finish, now + CONTENT_AGAIN, now)?;
            rows::mark_account_deleted(tx, id, now)?;
            rows::delete_relations_of(tx, id)?;
            delete_login(tx, id, now)?;
            events::emit(tx, &Event::AccountChanged { account_id: id }, now)
        })
        .await?;
    instance.heed(Event::AccountChanged { account_id: id });
    delete_content(instance, id).await
}

/// Removes the login of an account; what it was signed in to ends.
fn delete_login(tx: &mut Conn, id: AccountId, now: DateTime<Utc>) -> Result<()> {
    let Some(user) = users::find_user_of(tx, id)? else {
        return Ok(());
    };
    end_access(tx, user.id, now)?;
    Ok(users::delete_user(tx, user.id)?)
}

/// Removes what an account wrote and boosted, oldest first, in short transactions.
pub(crate) async fn delete_content(instance: &Instance, id: AccountId) -> Result<()> {
    loop {
        let now = instance.now();
        let is_over = instance
            .write(move |tx| erase_of(tx, id, DELETE_BATCH, now))
            .await?;
        if is_over {
            return Ok(());
        }
    }
}
