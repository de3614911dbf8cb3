//! Downwards: the answers to a status, the answers to those, and so on.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use futures_util::{StreamExt, stream};
use pouet_model::{ids::StatusId, status::Status};
use pouet_service::threads;
use serde_json::Value;

use super::{
    one,
    pages::{self, Limits, Pages},
    parents,
};
use crate::{
    budget::Budget,
    context::Federation,
    documents::NoteDocument,
    error::Result,
    json::id_of,
    origin::{is_own, same_origin},
};

/// Pages of all collections of a thread.
const MAX_PAGES: u32 = 500;
/// Statuses of a thread that are looked at.
const MAX_ITEMS: usize = 1_000;
/// How far below the status that was opened.
const MAX_DEPTH: usize = 20;
/// Answers to one status, or statuses of one conversation.
const COLLECTION: Limits = Limits {
    pages: 100,
    items: 500,
};
/// Documents asked for at the same time.
const AT_ONCE: usize = 16;
/// New statuses after which it is told how far it has come.
const REPORT_EVERY: i64 = 10;

/// One walk through a thread, with what it may still do.
pub(super) struct Walk<'a> {
    federation: &'a Federation,
    budget: Budget,
    pages: Pages,
    /// The status that was opened, if somebody waits for news.
    reports_on: Option<StatusId>,
    seen: Mutex<HashSet<String>>,
    items: AtomicUsize,
    found: AtomicI64,
}

/// A status whose answers are looked for.
struct Node {
    uri: String,
    /// What its document says of them, if that was read just now.
    replies: Option<Value>,
}

impl<'a> Walk<'a> {
    /// A walk that nobody waits for.
    pub(super) fn new(federation: &'a Federation) -> Self {
        Self {
            federation,
            budget: Budget::of_thread(),
            pages: Pages::new(MAX_PAGES),
            reports_on: None,
            seen: Mutex::default(),
            items: AtomicUsize::new(0),
            found: AtomicI64::new(0),
        }
    }

    /// A walk that tells how far it has come, for who opened `status`.
    pub(super) fn reporting(federation: &'a Federation, status: StatusId) -> Self {
        Self {
            reports_on: Some(status),
            ..Self::new(federation)
        }
    }

    /// Statuses that were new.
    pub(super) fn found(&self) -> i64 {
        self.found.load(Ordering::Relaxed)
    }

    /// Fetches what is missing above and below a status.
    pub(super) async fn around(&self, status: Status) -> Result<()> {
        let root = match parents::climb(self.federation, status.clone(), &self.budget).await {
            Ok((root, new)) => {
                self.count(new).await?;
                root
            }
            Err(error) if error.is_ours() => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "a thread is not known up to its beginning");
                status.clone()
            }
        };
        if self.by_context(&root).await? {
            return Ok(());
        }
        self.by_replies(&status).await
    }

    /// Fetches these statuses, which are said to answer `parent`, and nothing further.
    pub(super) async fn take_in(&self, parent: &Status, uris: &[String]) -> Result<()> {
        let uri = self.federation.urls().status_uri(parent);
        self.see(&uri);
        self.level(uris.to_vec()).await.map(|_| ())
    }

    /// Goes by the collection of the whole conversation, if its beginning has one on its own server. False if that holds
    /// nothing.
    async fn by_context(&self, root: &Status) -> Result<bool> {
        let Some(root_uri) = root.uri.as_deref() else {
            return Ok(false);
        };
        let context = threads::conversation_uri(&self.federation.instance, root).await?;
        let Some(context) = context.filter(|context| same_origin(context, root_uri)) else {
            return Ok(false);
        };
        let items = match self.read(&Value::String(context), root_uri).await {
            Ok(items) => items,
            Err(error) if error.is_ours() => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "a conversation cannot be read as a whole");
                return Ok(false);
            }
        };
        // What others say belongs to a thread does so once something of it is answered.
        for uri in &items {
            self.see(uri);
        }
        self.see(root_uri);
        let all = self.level(items).await?;
        // One that names its beginning alone was not kept up.
        Ok(all.iter().any(|node| node.uri != root_uri))
    }

    /// Goes from answer to answer.
    async fn by_replies(&self, status: &Status) -> Result<()> {
        let below = threads::known_below(&self.federation.instance, status.id, MAX_ITEMS).await?;
        let known = below.iter().chain(std::iter::once(status));
        let mut level: Vec<Node> = known
            .filter_map(|status| status.uri.clone())
            .map(|uri| Node { uri, replies: None })
            .collect();
        for node in &level {
            self.see(&node.uri);
        }
        for _ in 0..MAX_DEPTH {
            if level.is_empty() {
                break;
            }
            let answers: Vec<Result<Vec<String>>> = stream::iter(level)
                .map(|node| self.answers_to(node))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            let answers: Vec<Vec<String>> = answers.into_iter().collect::<Result<_>>()?;
            level = self.level(answers.concat()).await?;
        }
        Ok(())
    }

    /// The ids of what answers a status, as its server says; none if it was asked lately or does not say.
    async fn answers_to(&self, node: Node) -> Result<Vec<String>> {
        if self.federation.replies_read.contains_key(&node.uri) {
            return Ok(Vec::new());
        }
        self.federation.replies_read.insert(node.uri.clone(), ());
        match self.read_answers(node).await {
            Ok(answers) => Ok(answers),
            Err(error) if error.is_ours() => Err(error),
            Err(error) => {
                tracing::debug!(%error, "the answers to a status cannot be read");
                Ok(Vec::new())
            }
        }
    }

    async fn read_answers(&self, node: Node) -> Result<Vec<String>> {
        let replies = match node.replies {
            Some(replies) => Some(replies),
            None => one::replies_of(self.federation, &node.uri, &self.budget).await?,
        };
        match replies {
            Some(replies) => self.read(&replies, &node.uri).await,
            None => Ok(Vec::new()),
        }
    }

    async fn read(&self, collection: &Value, owner: &str) -> Result<Vec<String>> {
        let items = pages::read(
            self.federation,
            (collection, owner),
            COLLECTION,
            (&self.pages, &self.budget),
            |_| true,
        )
        .await?;
        let uris = items.iter().filter_map(id_of);
        Ok(uris.map(str::to_owned).collect())
    }

    /// Takes in what is new of these, and returns all that are known then and live elsewhere.
    async fn level(&self, mut uris: Vec<String>) -> Result<Vec<Node>> {
        uris.sort_unstable();
        uris.dedup();
        let taken: Vec<Result<Option<Node>>> = stream::iter(uris)
            .map(|uri| self.take_in_one(uri))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        taken.into_iter().filter_map(Result::transpose).collect()
    }

    async fn take_in_one(&self, uri: String) -> Result<Option<Node>> {
        let looked_at = self.items.fetch_add(1, Ordering::Relaxed);
        if looked_at >= MAX_ITEMS || is_own(self.federation.urls(), &uri) {
            return Ok(None);
        }
        let belongs = |note: &NoteDocument| self.belongs(note);
        match one::take_in(self.federation, &uri, &belongs, &self.budget).await {
            Ok(taken) => {
                self.see(&uri);
                self.count(i64::from(taken.is_new)).await?;
                Ok(Some(Node {
                    uri,
                    replies: taken.replies,
                }))
            }
            Err(error) if error.is_ours() => Err(error),
            Err(error) => {
                tracing::debug!(%error, "a status of a thread is left out");
                Ok(None)
            }
        }
    }

    /// Whether a status answers something of this thread: a collection may name what it likes.
    fn belongs(&self, note: &NoteDocument) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        note.in_reply_to
            .as_ref()
            .is_some_and(|parent| seen.contains(parent) || is_own(self.federation.urls(), parent))
    }

    fn see(&self, uri: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(uri.to_owned());
    }

    /// Counts new statuses, and tells of them now and then.
    async fn count(&self, new: i64) -> Result<()> {
        let before = self.found.fetch_add(new, Ordering::Relaxed);
        let after = before + new;
        match self.reports_on {
            Some(status) if before / REPORT_EVERY != after / REPORT_EVERY => {
                Ok(threads::note_progress(&self.federation.instance, status, after, false).await?)
            }
            _ => Ok(()),
        }
    }
}
