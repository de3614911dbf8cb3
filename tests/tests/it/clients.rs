//! Real clients: Mastodon.py and toot, installed from `tests/clients/requirements.txt`.

use std::path::Path;
use std::process::Command;

use pouet_tests::database::Backend;
use pouet_tests::server::PASSWORD;
use pouet_tests::{Options, Server};

/// The exit code with which `run.sh` says that the clients cannot be installed here.
const NOT_INSTALLED: i32 = 3;

/// Runs a script of `tests/clients` against a fresh server with the accounts that it expects.
async fn run(client: &str) {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    for name in ["ada", "ben"] {
        server.create_account(name, &[]);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let mut command = Command::new(folder.join("run.sh"));
    command
        .arg(client)
        .env("BASE", server.url())
        .env("AUTHORIZE_PASSWORD", PASSWORD);
    let done = command.output().expect("the script can be started");
    let said = [
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    ]
    .concat();
    if done.status.code() == Some(NOT_INSTALLED) && std::env::var("CI").as_deref() != Ok("true") {
        eprintln!("{client} cannot be installed here, its run is skipped:\n{said}");
        return;
    }
    assert!(
        done.status.success(),
        "{client} ended with {}:\n{said}",
        done.status
    );
}

#[tokio::test]
async fn a_day_with_mastodon_py() {
    run("mastodonpy").await;
}

#[tokio::test]
async fn a_day_with_toot() {
    run("toot").await;
}
