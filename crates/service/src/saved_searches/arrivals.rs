//! What arrives, compared with the saved searches that streams listen to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use moka::sync::Cache;
use pouet_model::{
    ids::{AccountId, SavedSearchId, StatusId, first_id_at},
    search::{Document, Query},
};
use pouet_storage::saved_searches as rows;

use crate::{
    error::Result,
    events::Event,
    instance::Instance,
    search::{
        documents::load_documents,
        texts::{Reader, Wanted, prepare, visible},
    },
    view::{StatusView, load_views},
};

/// Searches and documents kept ready for streams, and for how long.
const CAPACITY: u64 = 2000;
const LIFETIME: Duration = Duration::from_mins(1);

/// Accounts that came to be known shortly before a search was made ready may have been missed: they were being written.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// A search that a stream listens to.
#[derive(Debug)]
struct Ready {
    owner: AccountId,
    wanted: Wanted,
    /// Accounts from this id on may be authors whom the query names and who were not known yet.
    known_below: AccountId,
}

impl Ready {
    /// Whether the author of something that arrived may be one whom the query names and who was not known yet.
    fn may_name(&self, author: AccountId) -> bool {
        self.wanted.names_strangers && author >= self.known_below
    }
}

/// What is kept ready for streams.
#[derive(Debug)]
pub(crate) struct Arrivals {
    /// Documents of statuses that arrived a moment ago.
    documents: Cache<StatusId, Option<Arc<Document>>>,
    /// Searches that streams listen to.
    searches: Cache<SavedSearchId, Arc<Ready>>,
    /// How often something was forgotten.
    forgotten: AtomicU64,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        Self {
            documents: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(LIFETIME)
                .build(),
            searches: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(LIFETIME)
                .build(),
            forgotten: AtomicU64::new(0),
        }
    }

    /// Forgets what an event made untrue.
    pub(crate) fn heed(&self, event: &Event) {
        match event {
            Event::StatusEdited { status_id } | Event::StatusDeleted { status_id, .. } => {
                self.forgotten.fetch_add(1, Ordering::SeqCst);
                self.documents.invalidate(status_id);
            }
            Event::SavedSearchChanged { id } => {
                self.forgotten.fetch_add(1, Ordering::SeqCst);
                self.searches.invalidate(id);
            }
            _ => {}
        }
    }

    /// To be asked before something is read that is then [kept](Self::keep_document).
    fn begin(&self) -> u64 {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// Keeps what was read since `begun`, unless something was forgotten meanwhile: it may be what was read, as it was
    /// before. What is forgotten from here on is forgotten in the cache.
    fn keep_document(&self, begun: u64, id: StatusId, document: Option<Arc<Document>>) {
        self.documents.insert(id, document);
        if self.begin() != begun {
            self.documents.invalidate(&id);
        }
    }

    /// [`keep_document`](Self::keep_document) for a search.
    fn keep_search(&self, begun: u64, id: SavedSearchId, search: Arc<Ready>) {
        self.searches.insert(id, search);
        if self.begin() != begun {
            self.searches.invalidate(&id);
        }
    }
}

/// A status that arrived or was edited, if it fits a saved search of `owner` and is for them to see; `None` too if
/// they have no such search (any more).
pub async fn arrived(
    instance: &Instance,
    owner: AccountId,
    id: SavedSearchId,
    status: StatusId,
) -> Result<Option<StatusView>> {
    let Some(mut search) = ready(instance, owner, id).await? else {
        return Ok(None);
    };
    let Some(document) = document_of(instance, status).await? else {
        return Ok(None);
    };
    if search.may_name(document.author()) {
        let Some(anew) = make_ready(instance, owner, id).await? else {
            return Ok(None);
        };
        search = anew;
    }
    let expression = &search.wanted.expression;
    if search.owner != owner || !expression.covers(status) || !expression.matches(&document) {
        return Ok(None);
    }
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = visible(conn, Reader::Member(owner), &search.wanted, &[status], now)?;
            Ok(load_views(conn, Some(owner), &found, now)?.pop())
        })
        .await
}

async fn ready(instance: &Instance, owner: AccountId, id: SavedSearchId) -> Result<Option<Arc<Ready>>> {
    match instance.arrivals.searches.get(&id) {
        Some(search) => Ok(Some(search)),
        None => make_ready(instance, owner, id).await,
    }
}

async fn make_ready(instance: &Instance, owner: AccountId, id: SavedSearchId) -> Result<Option<Arc<Ready>>> {
    let (begun, now) = (instance.arrivals.begin(), instance.now());
    let row = instance
        .read(move |conn| Ok(rows::find_saved_search(conn, owner, id)?))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let search = Arc::new(Ready {
        owner,
        wanted: prepare(instance, owner, &Query::parse(&row.query)).await?,
        known_below: AccountId(first_id_at(now - MARGIN)),
    });
    instance.arrivals.keep_search(begun, id, Arc::clone(&search));
    Ok(Some(search))
}

/// The document of a status, taken apart once for all streams of this process.
async fn document_of(instance: &Instance, id: StatusId) -> Result<Option<Arc<Document>>> {
    if let Some(document) = instance.arrivals.documents.get(&id) {
        return Ok(document);
    }
    let begun = instance.arrivals.begin();
    let found = instance.read(move |conn| load_documents(conn, &[id])).await?;
    let document = found.into_iter().next().map(|(_, document)| Arc::new(document));
    instance.arrivals.keep_document(begun, id, document.clone());
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_it_changed_is_not_kept() {
        let arrivals = Arrivals::new();
        let (status, other, search) = (StatusId(1), StatusId(2), SavedSearchId(3));
        let kept = |arrivals: &Arrivals, id: StatusId| arrivals.documents.get(&id).is_some();
        arrivals.keep_document(arrivals.begin(), status, None);
        assert!(kept(&arrivals, status));
        let begun = arrivals.begin();
        arrivals.heed(&Event::StatusEdited { status_id: status });
        assert!(!kept(&arrivals, status));
        // What reads at the same time ends after it.
        arrivals.keep_document(begun, status, None);
        assert!(!kept(&arrivals, status));
        arrivals.keep_document(arrivals.begin(), other, None);
        assert!(kept(&arrivals, other));

        let ready = Arc::new(Ready {
            owner: AccountId(4),
            wanted: Wanted {
                expression: Query::parse("tiger").expression(|_| None),
                scope: pouet_model::search::Scope::Public,
                names_strangers: true,
            },
            known_below: AccountId(5),
        });
        assert!(!ready.may_name(AccountId(4)) && ready.may_name(AccountId(5)));
        let begun = arrivals.begin();
        arrivals.heed(&Event::SavedSearchChanged { id: search });
        arrivals.keep_search(begun, search, Arc::clone(&ready));
        assert!(arrivals.searches.get(&search).is_none());
        arrivals.keep_search(arrivals.begin(), search, ready);
        assert!(arrivals.searches.get(&search).is_some());
    }
}
