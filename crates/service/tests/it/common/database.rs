//! Databases for tests: a file in a folder of its own, or a schema of its own on a PostgreSQL server.

use std::process::Command;

use pouet_storage::DatabaseUrl;
use tempfile::TempDir;

/// Which database a test uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    /// The embedded one.
    Sqlite,
    /// The server named by `POUET_TEST_POSTGRES_URL`.
    Postgres,
}

impl Backend {
    /// Whether it can be tested here. When it cannot, says so; with `CI=true` that is a failure.
    pub(crate) fn is_available(self) -> bool {
        if self == Self::Sqlite || server_url().is_some() {
            return true;
        }
        let text = "POUET_TEST_POSTGRES_URL is not set: PostgreSQL is skipped";
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{text}, which CI=true forbids"
        );
        eprintln!("{text}");
        false
    }
}

fn server_url() -> Option<String> {
    std::env::var("POUET_TEST_POSTGRES_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

/// An empty database, removed when dropped.
pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres { server: String, schema: String },
}

impl Database {
    pub(crate) fn create(backend: Backend) -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        match backend {
            Backend::Sqlite => Self::Sqlite(folder),
            Backend::Postgres => {
                let server = server_url().expect("Backend::is_available was asked before");
                // The folder's name was free, so the schema's is.
                let unique = folder.path().file_name().unwrap().to_str().unwrap();
                let schema = format!(
                    "test_{}_{}",
                    std::process::id(),
                    unique.trim_start_matches(".tmp")
                );
                psql(&server, &format!("CREATE SCHEMA \"{schema}\"")).expect("a schema can be made");
                Self::Postgres { server, schema }
            }
        }
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        match self {
            Self::Sqlite(folder) => {
                let file = folder.path().join("test.sqlite3");
                DatabaseUrl::Sqlite(file.to_str().expect("a plain path").to_owned())
            }
            Self::Postgres { server, schema } => {
                let joint = if server.contains('?') { '&' } else { '?' };
                // Quoted, because the name has capitals.
                DatabaseUrl::Postgres(format!("{server}{joint}options=-csearch_path%3D%22{schema}%22"))
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { server, schema } = self
            && let Err(reason) = psql(server, &format!("DROP SCHEMA \"{schema}\" CASCADE"))
        {
            eprintln!("the schema {schema} stays: {reason}");
        }
    }
}

/// Runs one statement with the client program `psql`.
fn psql(server: &str, statement: &str) -> Result<(), String> {
    let done = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
        .args(["--command", statement, "--dbname", server])
        .output()
        .map_err(|error| format!("psql cannot be run: {error}"))?;
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}
