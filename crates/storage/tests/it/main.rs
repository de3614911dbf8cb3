//! Tests of the store, on SQLite always and on PostgreSQL where a server is given.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

mod analytics;
#[path = "../../../service/tests/it/common/database.rs"]
mod database;
mod feeds;
mod hosts;
mod letters;
mod migrations;
mod search_index;
mod transactions;

use database::{Backend, Database};
use pouet_storage::{Conn, Store, StoreSettings};

/// Runs a test body on a new, migrated store for each database that can be tested here.
async fn on_each_store(body: impl AsyncFn(Store)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if backend.is_available() {
            println!("on {backend:?}");
            let database = Database::create(backend);
            let settings = StoreSettings {
                url: database.url(),
                pool_size: 4,
                count_statements: true,
            };
            body(Store::open(&settings).unwrap()).await;
        }
    }
}

/// A connection to a new, empty database for each that can be tested here.
fn on_each_connection(body: impl Fn(&mut Conn)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if backend.is_available() {
            println!("on {backend:?}");
            let database = Database::create(backend);
            body(&mut Conn::open(&database.url()).unwrap());
        }
    }
}
