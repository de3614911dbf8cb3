//! Access to the database from asynchronous code: reads from a pool, writes through one writer.
//!
//! Closures are synchronous and run on blocking threads, so no `.await` and no network call can happen inside
//! a transaction.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{Connection, connection::SimpleConnection, r2d2::Pool};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    conn::{Access, Conn, DatabaseUrl, Manager},
    error::{Error, Result},
    migrate,
};

/// Most closures that share one commit on SQLite.
const GROUP_LIMIT: usize = 256;

/// How the database is reached.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Connections for reading (SQLite) or for everything (PostgreSQL), at least 1.
    pub pool_size: u32,
    /// Count statements, for tests that assert how many a page costs.
    pub count_statements: bool,
}

/// A handle to the database; clones share it.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    /// SQLite only: PostgreSQL takes many writers.
    writer: Option<mpsc::UnboundedSender<WriteTask>>,
    committed: Arc<Notify>,
    statements: Arc<AtomicU64>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("writer", &self.writer.is_some())
            .finish_non_exhaustive()
    }
}

/// Tells the caller of a write how the shared commit went: given its error, if it failed.
type Reply = Box<dyn FnOnce(Option<&Error>) + Send>;

/// A waiting write: runs in a savepoint, says whether to keep its changes, and answers after the commit. Given an
/// error instead of a connection, that is its result.
type WriteTask = Box<dyn FnOnce(Result<&mut Conn>) -> (bool, Reply) + Send>;

impl Store {
    /// Opens the database and brings it to the newest schema.
    ///
    /// # Errors
    /// `Open` if it cannot be reached, or was migrated by a newer program.
    pub fn open(settings: &StoreSettings) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let manager = |access| Manager {
            url: settings.url.clone(),
            access,
            statements: settings.count_statements.then(|| statements.clone()),
        };
        let mut first = manager(Access::Write).open()?;
        migrate::run(&mut first)?;
        let is_sqlite = matches!(first, Conn::Sqlite(_));
        let pool = Pool::builder()
            .max_size(settings.pool_size.max(1))
            .min_idle(Some(1))
            .test_on_check_out(!is_sqlite)
            .connection_timeout(Duration::from_secs(10))
            .build(manager(if is_sqlite { Access::Read } else { Access::Write }))
            .map_err(|error| Error::Open(error.to_string()))?;
        let committed = Arc::new(Notify::new());
        let writer = if is_sqlite {
            Some(start_writer(first, committed.clone())?)
        } else {
            None
        };
        Ok(Self {
            pool,
            writer,
            committed,
            statements,
        })
    }

    /// Runs `f` on a connection for reading.
    ///
    /// # Errors
    /// What `f` returns; `Busy` if no connection becomes free within 10 seconds.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let pool = self.pool.clone();
        blocking(move || f(&mut *pool.get().map_err(|_| Error::Busy)?)).await
    }

    /// Runs `f` in a transaction that is committed and on disk when this returns `Ok`, and undone when `f`
    /// returns an error or panics.
    ///
    /// # Errors
    /// What `f` returns; `Busy` if another process holds the lock for longer than 10 seconds, or no connection
    /// becomes free within them, or the commit failed; `Full` if there is no space; `Stopped` if `f` panicked.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let result = if let Some(writer) = &self.writer {
            write_in_group(writer, f).await
        } else {
            let pool = self.pool.clone();
            blocking(move || in_transaction(&mut *pool.get().map_err(|_| Error::Busy)?, f)).await
        };
        if result.is_ok() {
            self.committed.notify_waiters();
        }
        result
    }

    /// Woken after each write of this process, so that workers and streams look for news.
    pub fn committed(&self) -> Arc<Notify> {
        self.committed.clone()
    }

    /// Statements run so far, if they are counted.
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    /// Whether the embedded database is used.
    pub fn is_sqlite(&self) -> bool {
        self.writer.is_some()
    }
}

async fn blocking<T, E>(f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    tokio::task::spawn_blocking(f)
        .await
        .unwrap_or_else(|_| Err(Error::Stopped.into()))
}

/// An error of the closure or of the transaction around it.
enum TransactionError<E> {
    Closure(E),
    Driver(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for TransactionError<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Driver(error)
    }
}

fn in_transaction<T, E: From<Error>>(
    conn: &mut Conn,
    f: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    conn.transaction(|tx| f(tx).map_err(TransactionError::Closure))
        .map_err(|error| match error {
            TransactionError::Closure(error) => error,
            TransactionError::Driver(error) => Error::from(error).into(),
        })
}

async fn write_in_group<T, E, F>(writer: &mpsc::UnboundedSender<WriteTask>, f: F) -> Result<T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let task: WriteTask = Box::new(move |conn| {
        let result = conn.map_err(E::from).and_then(f);
        let keep = result.is_ok();
        let reply: Reply = Box::new(move |lost| {
            // Nobody waits any more if the request was dropped; the write stands all the same.
            let _ = answer.send(match lost {
                Some(Error::Full) if keep => Err(Error::Full.into()),
                Some(_) if keep => Err(Error::Busy.into()),
                _ => result,
            });
        });
        (keep, reply)
    });
    writer.send(task).map_err(|_| Error::Stopped)?;
    answered.await.unwrap_or_else(|_| Err(Error::Stopped.into()))
}

fn start_writer(conn: Conn, committed: Arc<Notify>) -> Result<mpsc::UnboundedSender<WriteTask>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::Builder::new()
        .name("sqlite-writer".to_owned())
        .spawn(move || run_writer(conn, receiver, &committed))
        .map_err(|error| Error::Open(format!("no thread for the writer: {error}")))?;
    Ok(sender)
}

/// Takes all waiting writes, runs each in a savepoint of one transaction, commits once, then answers them all.
fn run_writer(mut conn: Conn, mut tasks: mpsc::UnboundedReceiver<WriteTask>, committed: &Notify) {
    while let Some(first) = tasks.blocking_recv() {
        if let Err(error) = conn.batch_execute("BEGIN IMMEDIATE") {
            tracing::error!(%error, "cannot begin a transaction");
            refuse(first, &mut tasks, error.into());
            continue;
        }
        let mut replies = Vec::new();
        let mut next = Some(first);
        let mut is_open = true;
        while let Some(task) = next.filter(|_| is_open) {
            let (reply, ended) = run_in_savepoint(&mut conn, task);
            replies.extend(reply);
            is_open = ended.is_ok();
            next = if is_open && replies.len() < GROUP_LIMIT {
                tasks.try_recv().ok()
            } else {
                None
            };
        }
        let result = if is_open {
            conn.batch_execute("COMMIT").map_err(Error::from)
        } else {
            Err(Error::Busy)
        };
        if let Err(error) = &result {
            tracing::error!(%error, "cannot commit");
            // Where the disk is full, SQLite may have done so itself.
            if let Err(error) = conn.batch_execute("ROLLBACK") {
                tracing::debug!(%error, "nothing to roll back");
            }
        }
        committed.notify_waiters();
        for reply in replies {
            reply(result.as_ref().err());
        }
    }
}

/// Answers a write that could not begin. If somebody else holds the lock, those that queued meanwhile are answered
/// too: were each to wait for the lock in turn, the last would wait for hours.
fn refuse(task: WriteTask, waiting: &mut mpsc::UnboundedReceiver<WriteTask>, error: Error) {
    // Those that come from here on may find the lock free.
    let queued = if matches!(error, Error::Busy) {
        waiting.len()
    } else {
        0
    };
    answer(task, error);
    for _ in 0..queued {
        let Ok(task) = waiting.try_recv() else { return };
        answer(task, Error::Busy);
    }
}

fn answer(task: WriteTask, error: Error) {
    let (_, reply) = task(Err(error));
    reply(None);
}

/// Runs a write. The reply is `None` if it panicked: its caller sees a closed channel. The error says that the transaction is
/// no longer open: SQLite ends it by itself where a disk is full or fails, and what would follow were a transaction of its own.
fn run_in_savepoint(conn: &mut Conn, task: WriteTask) -> (Option<Reply>, Result<()>) {
    if let Err(error) = conn.batch_execute("SAVEPOINT task") {
        tracing::error!(%error, "cannot begin a savepoint");
        let (_, reply) = task(Err(Error::from(error)));
        return (Some(reply), Err(Error::Busy));
    }
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| task(Ok(conn))));
    let keep = matches!(outcome, Ok((true, _)));
    let end = if keep {
        "RELEASE task"
    } else {
        "ROLLBACK TO task; RELEASE task"
    };
    let ended = conn.batch_execute(end).map_err(|error| {
        tracing::error!(%error, "cannot end a savepoint");
        Error::from(error)
    });
    (outcome.ok().map(|(_, reply)| reply), ended)
}
