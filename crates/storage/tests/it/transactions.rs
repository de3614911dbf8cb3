//! What a write promises.

use diesel::connection::SimpleConnection as _;
use pouet_storage::{Conn, Error, Store, StoreSettings, settings};

use crate::{
    database::{Backend, Database},
    on_each_store,
};

async fn value(store: &Store, key: &'static str) -> Option<String> {
    store
        .read(move |conn| settings::find_setting(conn, key))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_failed_write_undoes_itself_alone() {
    on_each_store(async |store| {
        let good = store.write(|tx| settings::upsert_setting(tx, "good", "1"));
        let bad = store.write(|tx| {
            settings::upsert_setting(tx, "bad", "1")?;
            Err::<(), Error>(Error::Busy)
        });
        let (good, bad) = tokio::join!(good, bad);
        good.unwrap();
        assert!(matches!(bad, Err(Error::Busy)));
        assert_eq!(value(&store, "good").await.as_deref(), Some("1"));
        assert_eq!(value(&store, "bad").await, None);
    })
    .await;
}

#[tokio::test]
async fn a_panic_in_a_write_leaves_no_trace_and_the_store_goes_on() {
    on_each_store(async |store| {
        let panicked = store
            .write(|tx| -> Result<(), Error> {
                settings::upsert_setting(tx, "half", "1")?;
                panic!("in the middle")
            })
            .await;
        assert!(matches!(panicked, Err(Error::Stopped)));
        assert_eq!(value(&store, "half").await, None);
        store
            .write(|tx| settings::upsert_setting(tx, "after", "1"))
            .await
            .unwrap();
        assert_eq!(value(&store, "after").await.as_deref(), Some("1"));
    })
    .await;
}

#[tokio::test]
async fn many_writers_at_once_are_all_kept() {
    on_each_store(async |store| {
        let writes = (0..200).map(|n: i32| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |tx| settings::upsert_setting(tx, &format!("key {n}"), &n.to_string()))
                    .await
            })
        });
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap().unwrap();
        }
        for n in 0..200 {
            let key = format!("key {n}");
            let found = store
                .read(move |conn| settings::find_setting(conn, &key))
                .await
                .unwrap();
            assert_eq!(found, Some(n.to_string()));
        }
    })
    .await;
}

#[tokio::test]
async fn reading_connections_of_sqlite_cannot_write() {
    on_each_store(async |store| {
        let written = store
            .read(|conn| settings::upsert_setting(conn, "by a reader", "1"))
            .await;
        assert_eq!(written.is_err(), store.is_sqlite());
    })
    .await;
}

/// PostgreSQL locks rows, and its transactions begin without asking anybody.
#[tokio::test]
async fn while_another_process_holds_the_lock_of_sqlite_writers_are_told_to_come_back() {
    let database = Database::create(Backend::Sqlite);
    let store = Store::open(&StoreSettings {
        url: database.url(),
        pool_size: 1,
        count_statements: false,
    })
    .unwrap();
    let be_impatient = |tx: &mut Conn| Ok::<_, Error>(tx.batch_execute("PRAGMA busy_timeout = 250")?);
    store.write(be_impatient).await.unwrap();
    let mut other_process = Conn::open(&database.url()).unwrap();
    for round in ["first", "second"] {
        other_process.batch_execute("BEGIN IMMEDIATE").unwrap();
        let write = |key| store.write(move |tx| settings::upsert_setting(tx, key, "1"));
        let (one, two, three) = tokio::join!(write("one"), write("two"), write("three"));
        for refused in [one, two, three] {
            assert!(matches!(refused, Err(Error::Busy)), "{round}: {refused:?}");
        }
        assert_eq!(value(&store, "one").await, None, "{round}");
        other_process.batch_execute("COMMIT").unwrap();
        store
            .write(move |tx| settings::upsert_setting(tx, round, "1"))
            .await
            .expect("the lock is free again");
        assert_eq!(value(&store, round).await.as_deref(), Some("1"));
    }
}

/// What the disk refuses is told apart, reads go on, and writes do again when there is space.
#[tokio::test]
async fn sec_R098_a_full_disk_refuses_writes_and_nothing_else() {
    let database = Database::create(Backend::Sqlite);
    let store = Store::open(&StoreSettings {
        url: database.url(),
        pool_size: 1,
        count_statements: false,
    })
    .unwrap();
    let pages = |limit: u32| {
        let pragma = format!("PRAGMA max_page_count = {limit}");
        store.write(move |tx| Ok::<_, Error>(tx.batch_execute(&pragma)?))
    };
    // A limit below the size is taken as the size.
    pages(1).await.unwrap();
    let large = || {
        let value = "x".repeat(1_000_000);
        store.write(move |tx| settings::upsert_setting(tx, "large", &value))
    };
    let refused = large().await;
    assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
    assert_eq!(value(&store, "large").await, None);
    // Those that share its transaction are told what became of theirs.
    let small = |key| store.write(move |tx| settings::upsert_setting(tx, key, "1"));
    for key in ["one", "two", "three", "four", "five"] {
        let (told, _, again) = tokio::join!(small(key), large(), small("again"));
        assert_eq!(
            told.is_ok(),
            value(&store, key).await.is_some(),
            "{key}: {told:?}"
        );
        if let Err(error) = again {
            assert!(matches!(error, Error::Busy | Error::Full), "{error:?}");
        }
    }
    pages(1_000_000).await.unwrap();
    large().await.unwrap();
    assert_eq!(
        value(&store, "large").await.map(|value| value.len()),
        Some(1_000_000)
    );
}
