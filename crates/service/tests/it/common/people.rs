//! People for tests: local accounts without passwords, and remote ones without a server.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::DateTime;
use pouet_model::{
    account::{Account, ActorType, RemoteActor, Role, User},
    ids::{AccountId, JobId, StatusId, UserId},
    quote::{QuoteChoice, QuotePolicy},
    status::Visibility,
};
use pouet_service::{
    Instance,
    accounts::{self, ActorData},
    jobs::{Job, JobError, JobHandler, Worker},
    statuses::{self, NewStatus, RemoteStatus},
};
use pouet_storage::{
    accounts::{NewLocalAccount, insert_local_account},
    users::{NewUserRow, insert_user},
};

use super::World;

impl World {
    /// A local user who can post at once.
    pub(crate) async fn local(&self, username: &str) -> User {
        let (id, user_id): (AccountId, UserId) = (self.next_id(), self.next_id());
        let now = self.now();
        let new = NewLocalAccount {
            id,
            username: username.to_owned(),
            created_at: now,
            locked: false,
            discoverable: true,
            indexable: true,
        };
        let user = User {
            id: user_id,
            account_id: id,
            email: format!("{username}@pouet.example"),
            role: Role::User,
            confirmed_at: Some(now),
            approved: true,
            disabled_at: None,
            locale: "en".to_owned(),
            default_visibility: Visibility::Public,
            default_sensitive: false,
            default_language: None,
            default_quote_policy: QuoteChoice::default(),
            created_at: now,
        };
        let row = user.clone();
        self.store()
            .write(move |tx| {
                insert_local_account(tx, &new)?;
                insert_user(
                    tx,
                    &NewUserRow {
                        user: &row,
                        password_hash: None,
                        sign_up_reason: None,
                    },
                )
            })
            .await
            .expect("a new name");
        user
    }

    /// An account of another server, `username@domain`.
    pub(crate) async fn remote(&self, username: &str, domain: &str) -> Account {
        accounts::receive_actor(&self.instance, actor(username, domain))
            .await
            .expect("a new actor")
    }

    /// The account as it is now.
    pub(crate) async fn account(&self, id: AccountId) -> Account {
        accounts::find_any(&self.instance, id)
            .await
            .expect("readable")
            .expect("there")
    }
}

/// What a remote actor says of itself.
pub(crate) fn actor(username: &str, domain: &str) -> ActorData {
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
            outbox: None,
            followers: Some(format!("{uri}/followers")),
            following: None,
            featured: None,
            fetched_at: DateTime::UNIX_EPOCH,
        },
        featured_tags: None,
        created_at: None,
        keys: Vec::new(),
        uri,
    }
}

/// A status to post.
pub(crate) fn new_status(text: &str, visibility: Visibility) -> NewStatus {
    NewStatus {
        text: text.to_owned(),
        visibility: Some(visibility),
        ..NewStatus::default()
    }
}

/// Posts a status.
pub(crate) async fn post(instance: &Instance, author: &User, text: &str, visibility: Visibility) -> StatusId {
    statuses::post(instance, author, new_status(text, visibility))
        .await
        .expect("posted")
}

/// A public status of a remote account.
pub(crate) fn note(world: &World, author: &Account, number: u32) -> RemoteStatus {
    RemoteStatus {
        uri: format!("{}/statuses/{number}", author.uri.as_deref().expect("remote")),
        url: None,
        account_id: author.id,
        in_reply_to_uri: None,
        conversation_uri: None,
        content: format!("<p>number {number}</p>"),
        spoiler_text: String::new(),
        sensitive: false,
        visibility: Visibility::Public,
        language: None,
        published: world.now(),
        updated: None,
        mentions: Vec::new(),
        tags: Vec::new(),
        media: Vec::new(),
        poll: None,
        emojis: Vec::new(),
        rules: None,
        quote: None,
        quote_policy: QuotePolicy::default(),
        replies: Vec::new(),
        expires_at: None,
    }
}

/// Runs all jobs that are due. Those that need other servers are not run but returned.
pub(crate) async fn run_jobs(world: &World) -> Vec<Job> {
    let told = Arc::new(Told::default());
    let mut worker = Worker::new(world.instance.clone(), told.clone());
    worker.run_due().await.expect("a readable queue");
    let mut jobs = told.0.lock().expect("nobody panicked");
    std::mem::take(&mut *jobs)
}

/// What other servers would have been told.
#[derive(Default)]
struct Told(Mutex<Vec<Job>>);

#[async_trait]
impl JobHandler for Told {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        self.0.lock().expect("nobody panicked").push(job);
        Ok(())
    }
}
