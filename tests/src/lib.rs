//! What the black-box suites in `tests/tests/it` share: real servers, their users, and patience.
//!
//! Nothing here knows a crate of the server. A suite starts the `pouet` binary in a folder of its own, speaks HTTP
//! and WebSocket to it as any app would, and looks at the effects through the client API of each side.
//!
//! | variable | meaning |
//! |---|---|
//! | `POUET_BIN` | the binary under test; without it, `pouet` in the target directory of the test executable |
//! | `POUET_TEST_POSTGRES_URL` | a PostgreSQL server on which databases may be created; without it the PostgreSQL variants are skipped |
//! | `POUET_TEST_PYTHON` | a Python with the clients of `tests/clients/requirements.txt`; without it they are installed into the cache folder |
//! | `POUET_TEST_PEER` | a folder with the `node_modules` of `tests/peer`; without it the suites with the Fedify peer are skipped |
//! | `POUET_TEST_SEED` | the seed of the crash suites and the walk, to repeat a run |
//! | `POUET_TEST_WALK_ACTS` | how long the walk on three servers is; 150 acts if not set |
//! | `POUET_TEST_FLEET_HOSTS`, `POUET_TEST_FLEET_FOLLOWERS` | the size of the fleet that a post is sent to; 100 hosts if not set, with ten followers each |
//! | `CI` | when `true`, what would be skipped is a failure |
#![expect(
    clippy::missing_panics_doc,
    reason = "every helper ends the test with a message when its expectation does not hold"
)]

pub mod account;
pub mod browser;
pub mod chance;
pub mod client;
pub mod database;
pub mod fleet;
pub mod http;
pub mod pair;
pub mod peer;
pub mod png;
pub mod port;
pub mod server;
pub mod stream;
pub mod wait;

pub use account::Account;
pub use browser::Browser;
pub use client::Client;
pub use database::Database;
pub use http::Reply;
pub use pair::Pair;
pub use peer::Peer;
pub use server::{Options, Server};
pub use wait::eventually;
