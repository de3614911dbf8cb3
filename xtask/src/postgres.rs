//! A PostgreSQL cluster that lives as long as a test run.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::Read as _,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::tools::{path_folders, succeeds};

/// The variable by which tests find a PostgreSQL server on which they may create databases.
pub(crate) const VARIABLE: &str = "POUET_TEST_POSTGRES_URL";

/// Settings for a database that need not outlive the run.
const SETTINGS: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
                        -c listen_addresses=127.0.0.1";

/// What runs beside a cluster: it waits until its input is closed, which happens when we end in whatever way, Ctrl-C
/// and kill included, and then stops the server and removes the folder.
/// Arguments: the folder, then the words of the command that stops the server.
const KEEPER: &str = r#"trap "" INT TERM HUP; folder=$1; shift; cat; "$@"; rm -rf -- "$folder""#;

/// The folder of the PostgreSQL programs: of those on the path first, then of the newest version installed.
pub(crate) fn find_programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    versions.sort_by_key(|path| {
        path.file_name()
            .and_then(|name| name.to_str()?.parse::<u32>().ok())
    });
    let installed = versions.into_iter().rev().map(|version| version.join("bin"));
    let local = ["/usr/local/bin", "/usr/local/pgsql/bin"].map(PathBuf::from);
    let has_all = |folder: &PathBuf| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| folder.join(program).exists())
    };
    path_folders()
        .into_iter()
        .chain(installed)
        .chain(local)
        .find(has_all)
}

/// A running server with an empty cluster in a folder of its own.
pub(crate) struct Cluster {
    url: String,
    keeper: Child,
}

impl Cluster {
    /// Makes a cluster and starts its server on a free port of 127.0.0.1, with a password that nobody knows.
    ///
    /// PostgreSQL refuses to run as root; then it runs as `postgres` or `nobody`.
    pub(crate) fn start(programs: &Path) -> Result<Self> {
        let user = unprivileged_user()?;
        let folder = private_folder()?;
        let run = |program: &str| user.command(&programs.join(program));

        let mut stop = run("pg_ctl");
        stop.arg("--pgdata")
            .arg(folder.join("data"))
            .args(["--mode", "immediate", "--silent", "stop"]);
        let mut cluster = Self {
            url: String::new(),
            keeper: keep(&folder, &stop)?,
        };

        let password = random_password()?;
        fs::write(folder.join("password"), &password).context("write the password")?;
        user.give(&folder)?;
        let mut initdb = run("initdb");
        initdb.arg("--pgdata").arg(folder.join("data"));
        initdb.arg("--pwfile").arg(folder.join("password"));
        initdb.args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        complete(&mut initdb)?;

        let port = free_port()?;
        let mut start = run("pg_ctl");
        start
            .arg("--pgdata")
            .arg(folder.join("data"))
            .arg("--log")
            .arg(folder.join("log"));
        start
            .arg("--options")
            .arg(format!("{SETTINGS} -c port={port} -k {}", folder.display()));
        start.args(["--wait", "--timeout", "60", "--silent", "start"]);
        if let Err(error) = complete(&mut start) {
            bail!(
                "{error:#}\n{}",
                fs::read_to_string(folder.join("log")).unwrap_or_default()
            );
        }
        cluster.url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        Ok(cluster)
    }

    /// Address of its database `postgres`, for a user who may create others.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("warning: cannot wait for PostgreSQL to stop: {error}");
        }
    }
}

/// A new folder that others may not look into.
fn private_folder() -> Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix("pouet-postgres-")
        .permissions(fs::Permissions::from_mode(0o700));
    Ok(builder.tempdir().context("make a folder")?.keep())
}

/// Starts the keeper of `folder`, which will run `stop`.
fn keep(folder: &Path, stop: &Command) -> Result<Child> {
    Command::new("sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(folder)
        .arg(stop.get_program())
        .args(stop.get_args())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("run sh")
}

/// Who runs the server.
enum User {
    /// Whoever runs us.
    Same,
    /// The user of this name, because root may not.
    Named(&'static str),
}

impl User {
    /// A command that runs `program` as this user, in a folder that every user may enter.
    fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Same => Command::new(program),
            Self::Named(name) => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid", name, "--regid", &primary_group(name), "--clear-groups"])
                    .arg(program);
                command
            }
        };
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    /// Makes `folder` and what is in it this user's.
    fn give(&self, folder: &Path) -> Result<()> {
        match self {
            Self::Same => Ok(()),
            Self::Named(name) => complete(Command::new("chown").args(["-R", name]).arg(folder)),
        }
    }
}

fn unprivileged_user() -> Result<User> {
    if output_of("id", &["-u"])? != "0" {
        return Ok(User::Same);
    }
    ensure!(
        succeeds(Command::new("setpriv").arg("--version")),
        "root needs setpriv (of util-linux)"
    );
    let name = ["postgres", "nobody"]
        .into_iter()
        .find(|name| succeeds(Command::new("id").args(["-u", name])));
    name.map(User::Named)
        .context("there is neither a user postgres nor a user nobody")
}

/// The number of the primary group of a user that exists.
fn primary_group(user: &str) -> String {
    output_of("id", &["-g", user]).unwrap_or_else(|_| user.to_owned())
}

/// Runs a command to its end; what it printed is in the error.
fn complete(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    // A server that pg_ctl leaves behind would keep a pipe open, so the output goes through a file.
    let mut printed = tempfile::tempfile().context("make a file")?;
    let handle = |file: &File| Ok::<_, anyhow::Error>(Stdio::from(file.try_clone()?));
    let status = command
        .stdout(handle(&printed)?)
        .stderr(handle(&printed)?)
        .status();
    let status = status.with_context(|| format!("run {program}"))?;
    if !status.success() {
        let mut text = String::new();
        std::io::Seek::rewind(&mut printed)?;
        printed.read_to_string(&mut text)?;
        bail!("{program} failed: {}", text.trim());
    }
    Ok(())
}

fn output_of(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("run {program}"))?;
    ensure!(output.status.success(), "{program} failed");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// 16 random bytes in hexadecimal.
fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("read /dev/urandom")?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("find a free port")?;
    Ok(listener.local_addr().context("find a free port")?.port())
}
