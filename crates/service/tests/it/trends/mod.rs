//! Trends: what counts, what does not, and what moderators say.

mod counting;
mod duplicates;
mod listing;
mod pushing;
mod simulation;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, Role, User},
    ids::{AccountId, StatusId},
};
use pouet_service::{
    Instance,
    accounts::{self, ActorData},
    follows::{self, FollowOptions, Selector},
    statuses::{self, Arrival, ReceivedReblog, RemoteStatus},
    trends::{self, Window},
    view::TagView,
};

use crate::common::{
    World,
    people::{actor, note},
};

const PUSHED: Arrival = Arrival::Pushed { recipient: None };
const ALL: Window = Window { offset: 0, limit: 40 };

/// The names of the hashtags that trend after a look, best first.
async fn trending_tags(instance: &Instance) -> Vec<String> {
    trends::refresh(instance).await.unwrap();
    let found = trends::tags(instance, None, ALL).await.unwrap();
    found.into_iter().map(|one| one.tag.name).collect()
}

/// The statuses that trend after a look, best first.
async fn trending_statuses(instance: &Instance) -> Vec<StatusId> {
    trends::refresh(instance).await.unwrap();
    let found = trends::statuses(instance, None, ALL).await.unwrap();
    found.into_iter().map(|view| view.status.id).collect()
}

fn tag(name: &str) -> TagView {
    TagView {
        name: name.to_owned(),
        display_name: name.to_owned(),
    }
}

/// An account of another server, a month old for each letter of its name, that `follower` follows.
async fn followed(world: &World, follower: &User, username: &str, domain: &str) -> Account {
    let age = TimeDelta::days(30 * (1 + username.bytes().map(i64::from).sum::<i64>() % 97));
    let new = ActorData {
        created_at: Some(world.now() - age),
        ..actor(username, domain)
    };
    let account = accounts::receive_actor(world, new).await.unwrap();
    follow(world, follower, account.id).await;
    account
}

async fn follow(world: &World, follower: &User, target: AccountId) {
    follows::follow(world, follower.account_id, target, FollowOptions::default())
        .await
        .unwrap();
    let pair = Selector::Pair {
        follower: follower.account_id,
    };
    // Of an account of ours, it counts already.
    follows::receive_accept(world, target, pair).await.ok();
}

/// Numbers for statuses of one test.
fn unique() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A public status of a remote account with hashtags.
fn saying(world: &World, author: &Account, names: &[&str]) -> RemoteStatus {
    RemoteStatus {
        tags: names.iter().map(|name| tag(name)).collect(),
        ..note(world, author, unique())
    }
}

async fn push(world: &World, status: RemoteStatus) -> StatusId {
    statuses::receive(world, status, PUSHED).await.unwrap().unwrap()
}

async fn say(world: &World, author: &Account, names: &[&str]) -> StatusId {
    push(world, saying(world, author, names)).await
}

async fn boost(world: &World, booster: &Account, target: StatusId) {
    let received = ReceivedReblog {
        actor: booster.id,
        uri: format!("{}/boosts/{}", booster.uri.as_deref().unwrap(), unique()),
        target,
        visibility: pouet_model::status::Visibility::Public,
        published: world.now(),
    };
    statuses::receive_reblog(world, received).await.unwrap();
}

/// A moderator.
async fn moderator(world: &World) -> User {
    let mut user = world.local("mod").await;
    world
        .execute(&format!(
            "UPDATE users SET role = 'moderator' WHERE id = {}",
            user.id
        ))
        .await;
    user.role = Role::Moderator;
    user
}
