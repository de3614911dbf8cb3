//! Events: what happened, told to every stream, cache and worker of every process of the instance.
//!
//! An operation writes its events in its own transaction. Each process reads the table of events after its own
//! commits at once and after those of other processes (the command line, another web process) within
//! [`POLL_INTERVAL`], and hands them to [`Hub`].

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::{AccountId, AnnouncementId, ListId, NotificationId, SavedSearchId, StatusId, TokenId};
use pouet_storage::{Conn, events as rows};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// How often a process looks for events of other processes.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Events that a slow reader may lag behind before it misses some.
const CAPACITY: usize = 4096;
/// Ids before the newest one that are looked at again, because PostgreSQL may show ids out of order.
const OVERLAP: i64 = 500;
/// How long events are kept.
const RETENTION: TimeDelta = TimeDelta::minutes(10);

/// Something that happened. Holds ids only: readers load what they show, so that nobody is sent what they may
/// not see at that moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A status or boost was added.
    StatusCreated {
        /// It.
        status_id: StatusId,
        /// Local accounts whose home timeline it entered.
        home: Vec<AccountId>,
        /// Lists whose timeline it entered.
        lists: Vec<ListId>,
    },
    /// A status that streams have been told of entered more timelines.
    StatusEntered {
        /// It.
        status_id: StatusId,
        /// Local accounts whose home timeline it entered.
        home: Vec<AccountId>,
        /// Lists whose timeline it entered.
        lists: Vec<ListId>,
    },
    /// A status was edited.
    StatusEdited {
        /// It.
        status_id: StatusId,
    },
    /// A status or boost was removed.
    StatusDeleted {
        /// It.
        status_id: StatusId,
        /// Local accounts in whose home timeline it was.
        home: Vec<AccountId>,
        /// Lists in whose timeline it was.
        lists: Vec<ListId>,
        /// It was in public timelines.
        public: bool,
        /// It was in the local timeline.
        local: bool,
        /// Its hashtags, folded.
        tags: Vec<String>,
    },
    /// A notification was made.
    Notified {
        /// Whose it is.
        account_id: AccountId,
        /// It.
        notification_id: NotificationId,
    },
    /// What was held back for somebody has joined their notifications.
    NotificationsMerged {
        /// Whose they are.
        account_id: AccountId,
    },
    /// A direct conversation has a new status or was read.
    ConversationChanged {
        /// Who sees it.
        account_id: AccountId,
        /// Their view of it.
        view_id: i64,
    },
    /// A user changed their filters.
    FiltersChanged {
        /// Who.
        account_id: AccountId,
    },
    /// A saved search asks for something else, or is gone.
    SavedSearchChanged {
        /// It.
        id: SavedSearchId,
    },
    /// Access tokens stopped being valid: their streams end and caches forget them.
    TokensRevoked {
        /// They.
        token_ids: Vec<TokenId>,
    },
    /// An account's row changed (profile, keys, suspension...).
    AccountChanged {
        /// It.
        account_id: AccountId,
    },
    /// An announcement is shown from now on, or shows something else.
    AnnouncementChanged {
        /// It.
        announcement_id: AnnouncementId,
    },
    /// Somebody put an emoji on an announcement, or took it off.
    AnnouncementReaction {
        /// What it is on.
        announcement_id: AnnouncementId,
        /// The emoji, or the shortcode of one of ours.
        name: String,
    },
    /// An announcement is shown no longer.
    AnnouncementDeleted {
        /// It.
        announcement_id: AnnouncementId,
    },
    /// A setting of the instance changed.
    SettingsChanged,
    /// Somebody wants what waits for a host to be sent at once.
    DeliveriesDue {
        /// It.
        host: String,
    },
}

/// Writes an event in the transaction of what it tells.
pub(crate) fn emit(tx: &mut Conn, event: &Event, now: DateTime<Utc>) -> Result<()> {
    let payload = serde_json::to_string(event).map_err(Error::internal)?;
    Ok(rows::insert_event(tx, &payload, now)?)
}

/// Hands the events of all processes to whoever listens in this one.
#[derive(Clone, Debug)]
pub struct Hub(broadcast::Sender<Arc<Event>>);

impl Hub {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }

    /// Hands an event on; nobody listening is fine.
    pub(crate) fn send(&self, event: Event) {
        drop(self.0.send(Arc::new(event)));
    }

    /// All events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.subscribe()
    }
}

/// Reads events as they are committed and hands them to the hub, until `stop` turns true.
///
/// # Errors
/// Only if the newest event cannot be read at the start; later failures are logged and tried again.
pub async fn run(instance: Instance, mut stop: watch::Receiver<bool>) -> Result<()> {
    let committed = instance.store.committed();
    let mut newest = instance.read(|conn| Ok(rows::newest_event_id(conn)?)).await?;
    let old = instance
        .read(move |conn| Ok(rows::list_events_after(conn, newest - OVERLAP)?))
        .await?;
    let mut seen: HashSet<i64> = old.into_iter().map(|(id, _)| id).collect();
    let mut pruned_at = instance.now();
    loop {
        // Listening begins before reading, so that a commit in between is not slept over.
        let news = committed.notified();
        tokio::pin!(news);
        news.as_mut().enable();
        if let Err(error) = pass_on(&instance, &mut newest, &mut seen).await {
            tracing::warn!(%error, "events cannot be read");
        }
        let now = instance.now();
        if now - pruned_at > RETENTION {
            pruned_at = now;
            if let Err(error) = instance
                .write(move |tx| Ok(rows::delete_events_before(tx, now - RETENTION)?))
                .await
            {
                tracing::warn!(%error, "old events cannot be removed");
            }
        }
        tokio::select! {
            () = news => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
}

async fn pass_on(instance: &Instance, newest: &mut i64, seen: &mut HashSet<i64>) -> Result<()> {
    let overlap = if instance.store.is_sqlite() { 0 } else { OVERLAP };
    let after = *newest - overlap;
    for (id, payload) in instance
        .read(move |conn| Ok(rows::list_events_after(conn, after)?))
        .await?
    {
        if !seen.insert(id) {
            continue;
        }
        *newest = id.max(*newest);
        match serde_json::from_str::<Event>(&payload) {
            Ok(event) => instance.heed(event),
            Err(error) => tracing::warn!(%error, id, "an event is unreadable"),
        }
    }
    seen.retain(|id| *id > *newest - OVERLAP);
    Ok(())
}
