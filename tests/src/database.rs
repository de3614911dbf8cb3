//! The databases that a server under test may use.

use std::process::Command;

use url::Url;

use crate::chance;

/// Which database a server uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the server's data folder.
    Sqlite,
    /// A database of its own on the server named by `POUET_TEST_POSTGRES_URL`.
    Postgres,
}

impl Backend {
    /// Whether this backend can be tested here. When it cannot, says so; with `CI=true` that is a failure.
    pub fn is_available(self) -> bool {
        if self == Self::Sqlite || postgres_url().is_some() {
            return true;
        }
        let text = "POUET_TEST_POSTGRES_URL is not set: the PostgreSQL variant is skipped";
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{text}, which CI=true forbids"
        );
        eprintln!("{text}");
        false
    }
}

fn postgres_url() -> Option<Url> {
    let text = std::env::var("POUET_TEST_POSTGRES_URL")
        .ok()
        .filter(|text| !text.is_empty())?;
    Some(Url::parse(&text).expect("POUET_TEST_POSTGRES_URL is a URL"))
}

/// A database made for one server; a PostgreSQL one is removed when dropped.
#[derive(Debug)]
pub enum Database {
    /// Nothing to make: the server creates its file.
    Sqlite,
    /// A freshly created database.
    Postgres {
        /// The server's maintenance database, through which this one was created.
        server: Url,
        /// Its name.
        name: String,
    },
}

impl Database {
    /// Makes an empty database.
    pub fn create(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::Sqlite,
            Backend::Postgres => {
                let server = postgres_url().expect("Backend::is_available was asked before");
                let name = format!("pouet_test_{}", chance::name());
                psql(&server, &format!("CREATE DATABASE {name}")).expect("the database can be created");
                Self::Postgres { server, name }
            }
        }
    }

    /// The value for `POUET_DATABASE__URL`; `None` leaves the server to its default.
    pub fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres { server, name } => {
                let mut url = server.clone();
                url.set_path(name);
                Some(url.to_string())
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Err(reason) = psql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        {
            eprintln!("the database {name} stays: {reason}");
        }
    }
}

/// Runs one statement with the client program `psql`.
fn psql(server: &Url, statement: &str) -> Result<(), String> {
    let done = Command::new("psql")
        .args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--command",
            statement,
            "--dbname",
        ])
        .arg(server.as_str())
        .output()
        .map_err(|error| format!("psql cannot be run: {error}"))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}
