//! Tests of what relates two accounts, with people who exist for one test.

mod blocks;
mod bought;
mod domain_policy;
mod domain_rules;
mod federated;
mod filters;
mod follows;
mod lists;
mod markers;
mod mutes;
mod pages;
mod search;
mod sync;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, ActorType, Relationship, RemoteActor},
    ids::{AccountId, ConversationId, StatusId},
    notification::NotificationType,
    page::Page,
    search::{Document, Source},
    status::{Status, Visibility},
};
use pouet_service::{
    Error, Instance,
    accounts::{self, ActorData},
    events::Event,
    jobs::Job,
    notifications::{self, NotificationQuery},
    policy::{self, NewRule},
    relationships,
};
use pouet_storage::{accounts as rows, conversations, jobs, search_index, statuses, timelines};
use tokio::sync::broadcast::Receiver;

use crate::common::World;

/// A local account, not locked, whose public statuses may be found.
async fn local(world: &World, username: &str) -> AccountId {
    let account = rows::NewLocalAccount {
        id: world.next_id(),
        username: username.to_owned(),
        created_at: world.now(),
        locked: false,
        discoverable: true,
        indexable: true,
    };
    let id = account.id;
    world
        .store()
        .write(move |tx| rows::insert_local_account(tx, &account))
        .await
        .unwrap();
    id
}

/// Local accounts of these names.
async fn locals<const N: usize>(world: &World, usernames: [&str; N]) -> [AccountId; N] {
    let mut ids = [AccountId(0); N];
    for (id, username) in ids.iter_mut().zip(usernames) {
        *id = local(world, username).await;
    }
    ids
}

/// Locks a local account.
async fn lock(world: &World, id: AccountId) {
    let profile = rows::ProfileRow {
        locked: Some(true),
        ..rows::ProfileRow::default()
    };
    world
        .store()
        .write(move |tx| rows::update_profile(tx, id, &profile))
        .await
        .unwrap();
}

/// A remote actor as it would be received.
fn actor(username: &str, domain: &str) -> ActorData {
    let uri = format!("https://{domain}/users/{username}");
    ActorData {
        username: username.to_owned(),
        domain: domain.to_owned(),
        url: Some(format!("https://{domain}/@{username}")),
        actor_type: ActorType::Person,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar_url: None,
        header_url: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        memorial: false,
        suspended: false,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        moved_to_uri: None,
        remote: RemoteActor {
            inbox: format!("{uri}/inbox"),
            shared_inbox: Some(format!("https://{domain}/inbox")),
            followers: Some(format!("{uri}/followers")),
            ..RemoteActor::default()
        },
        featured_tags: None,
        created_at: None,
        keys: Vec::new(),
        uri,
    }
}

/// A remote account.
async fn remote(world: &World, username: &str, domain: &str) -> AccountId {
    accounts::receive_actor(world, actor(username, domain))
        .await
        .unwrap()
        .id
}

async fn account(world: &World, id: AccountId) -> Account {
    accounts::find_any(world, id).await.unwrap().unwrap()
}

/// How `viewer` stands to `other`.
async fn relationship(world: &World, viewer: AccountId, other: AccountId) -> Relationship {
    relationships::of(world, viewer, &[other])
        .await
        .unwrap()
        .remove(0)
}

/// Followers of `target` and accounts followed by `follower`, as their profiles count them.
async fn assert_counts(world: &World, follower: AccountId, target: AccountId, count: i64) {
    assert_eq!(account(world, follower).await.following_count, count, "following");
    assert_eq!(account(world, target).await.followers_count, count, "followers");
}

/// The jobs that wait, which are taken away.
async fn take_jobs(world: &World) -> Vec<Job> {
    let now = world.now();
    let claimed = world
        .store()
        .write(move |tx| {
            let claimed =
                jobs::claim_jobs(tx, now, now + TimeDelta::minutes(1), 1000, jobs::Turns::default())?;
            let ids: Vec<_> = claimed.iter().map(|job| job.id).collect();
            jobs::delete_jobs(tx, &ids)?;
            Ok::<_, pouet_storage::Error>(claimed)
        })
        .await
        .unwrap();
    claimed
        .iter()
        .map(|job| serde_json::from_str(&job.payload).unwrap())
        .collect()
}

/// Types and causes of the notifications of an account, newest first.
async fn told(world: &World, owner: AccountId) -> Vec<(NotificationType, AccountId)> {
    let page = Page::first(40);
    notifications::list(world, owner, NotificationQuery::default(), page)
        .await
        .unwrap()
        .into_iter()
        .map(|view| (view.notification.kind, view.from.id))
        .collect()
}

/// A status as it is stored.
async fn write(world: &World, author: AccountId, visibility: Visibility, text: &str) -> StatusId {
    write_at(world, author, visibility, text, world.now()).await
}

async fn write_at(
    world: &World,
    author: AccountId,
    visibility: Visibility,
    text: &str,
    created_at: DateTime<Utc>,
) -> StatusId {
    let id: StatusId = world.next_id();
    let conversation: ConversationId = world.next_id();
    let is_local = account(world, author).await.is_local();
    let status = Status {
        id,
        account_id: author,
        uri: (!is_local).then(|| format!("https://far.example/statuses/{id}")),
        url: (!is_local).then(|| format!("https://far.example/@somebody/{id}")),
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: None,
        conversation_id: conversation,
        text: text.to_owned(),
        content: format!("<p>{text}</p>"),
        spoiler_text: String::new(),
        sensitive: false,
        visibility,
        language: None,
        poll_id: None,
        application_id: None,
        emojis: Vec::new(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at,
        edited_at: None,
        local_only: false,
        expires_at: None,
    };
    world
        .store()
        .write(move |tx| {
            conversations::insert_conversation(tx, conversation, None)?;
            statuses::insert_status(tx, &status, false)?;
            let document = Document::new(&Source {
                author,
                texts: vec![status.text],
                tags: Vec::new(),
                language: None,
                properties: Vec::new(),
            });
            search_index::insert_document(tx, id, &document)
        })
        .await
        .unwrap();
    id
}

/// What stands ready in a home timeline, newest first.
async fn home(world: &World, owner: AccountId) -> Vec<StatusId> {
    world
        .store()
        .read(move |conn| timelines::list_home(conn, owner, &Page::first(100)))
        .await
        .unwrap()
}

/// The events of a process of this world, which has begun to read them: it has heard of a change that concerns
/// nobody.
async fn news_of(world: &World, process: &Instance) -> Receiver<Arc<Event>> {
    let mut news = process.hub.subscribe();
    for _ in 0..20 {
        let rule = NewRule {
            domain: "unrelated.example".to_owned(),
            ..NewRule::default()
        };
        policy::set(world, rule).await.unwrap();
        if tokio::time::timeout(Duration::from_secs(1), news.recv())
            .await
            .is_ok()
        {
            return news;
        }
    }
    panic!("no event arrives");
}

/// Whether an operation was refused as if its object did not exist.
fn is_not_found<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::NotFound))
}

/// Whether input was refused because of this field.
fn is_invalid<T>(result: &Result<T, Error>, wanted: &str) -> bool {
    matches!(result, Err(Error::Invalid { field, .. }) if *field == wanted)
}
