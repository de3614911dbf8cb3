//! A running `pouet`: started, stopped, killed and started again by the tests.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::Value;
use tempfile::TempDir;

use crate::account::{Account, id_of};
use crate::client::Client;
use crate::database::{Backend, Database};
use crate::http::{Reply, http};
use crate::port::Port;
use crate::wait::eventually;

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "boats in the fog 47";

/// The scopes of every token that the harness makes.
const SCOPES: &str = "read write follow push";

/// How long a start may take before the test fails.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long a stop may take: requests in flight and jobs at work are finished first.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// How many lines of log a failed test prints per server.
const LOG_LINES: usize = 120;

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Options {
    backend: Backend,
    environment: Vec<(String, String)>,
}

impl Options {
    /// A server on that database which federates on loopback, has no throttle, and retries failed deliveries fast.
    pub fn new(backend: Backend) -> Self {
        let environment = [
            ("POUET_FEDERATION__ALLOW_PRIVATE_ADDRESSES", "127.0.0.0/8,::1/128"),
            ("POUET_FEDERATION__ALLOW_HTTP", "true"),
            ("POUET_RATE_LIMITS__ENABLED", "false"),
            ("POUET_DELIVERY__RETRY_FIRST", "1s"),
            ("POUET_DELIVERY__BREAKER__FIRST_PROBE", "1s"),
        ];
        let environment = environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        Self { backend, environment }
    }

    /// Sets one more environment variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets more environment variables.
    #[must_use]
    pub fn with_all(self, variables: &[(&str, &str)]) -> Self {
        variables
            .iter()
            .fold(self, |options, (name, value)| options.with(name, value))
    }
}

/// Memory of a process that is in RAM, in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// At most since the process began.
    pub peak: u64,
}

/// The binary under test.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("POUET_BIN") {
        return PathBuf::from(path);
    }
    let own = std::env::current_exe().expect("a running test knows its path");
    let target = own
        .ancestors()
        .nth(2)
        .expect("a test executable lies in target/PROFILE/deps");
    let path = target.join("pouet");
    assert!(
        path.exists(),
        "{} does not exist: build pouet first, or set POUET_BIN",
        path.display()
    );
    path
}

/// A server with a folder, a database and a port of its own.
#[derive(Debug)]
pub struct Server {
    environment: Vec<(String, String)>,
    port: Port,
    folder: TempDir,
    child: Option<Child>,
    _database: Database,
}

impl Server {
    /// Starts a server in an empty folder and waits until it answers.
    pub async fn start(options: Options) -> Self {
        let mut server = Self::prepare(options);
        server.start_again().await;
        server
    }

    /// A server with all it needs, not started yet.
    pub fn prepare(options: Options) -> Self {
        let (port, database) = (Port::take(), Database::create(options.backend));
        let folder = tempfile::Builder::new()
            .prefix("pouet-test-")
            .tempdir()
            .expect("a temporary folder");
        let mut environment = vec![
            (
                "POUET_DATA_DIR".to_owned(),
                folder.path().join("data").display().to_string(),
            ),
            ("POUET_LISTEN".to_owned(), format!("127.0.0.1:{}", port.number())),
            (
                "POUET_URL".to_owned(),
                format!("http://localhost:{}", port.number()),
            ),
        ];
        environment.extend(database.url().map(|url| ("POUET_DATABASE__URL".to_owned(), url)));
        environment.extend(options.environment);
        Self {
            environment,
            port,
            folder,
            child: None,
            _database: database,
        }
    }

    /// Starts the stopped server on the same folder, database and port, and waits until it answers.
    pub async fn start_again(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let log = self.open_log();
        let errors = log.try_clone().expect("a file handle can be cloned");
        let child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn();
        self.child = Some(child.expect("the binary can be started"));

        let address = format!("{}/api/v2/instance", self.url());
        eventually("the server to answer", START_LIMIT, async || {
            if let Some(status) = self.exited() {
                panic!("the server ended while starting ({status}):\n{}", self.log_tail());
            }
            let reply = Reply::of(http().get(&address)).await?;
            ensure!(reply.status == 200, "{}", reply.summary());
            Ok(())
        })
        .await;
    }

    /// Asks the server to end (SIGTERM), waits for it, and fails unless it reports success.
    pub fn stop(&mut self) {
        self.ask_to_end();
        self.await_end();
    }

    /// Sends SIGTERM and does not wait.
    pub fn ask_to_end(&self) {
        let child = self.child.as_ref().expect("the server runs");
        let sent = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "SIGTERM cannot be sent"
        );
    }

    /// Waits for the end of a server that was asked to end, and fails unless it reports success.
    pub fn await_end(&mut self) {
        let status = self.reap().expect("the server ends in time after SIGTERM");
        assert!(
            status.success(),
            "the server ended with {status} after SIGTERM:\n{}",
            self.log_tail()
        );
    }

    /// Kills the server without warning (SIGKILL).
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().expect("our own child can be killed");
        child.wait().expect("our own child can be waited for");
    }

    /// Waits for the process; `None` when it did not end in time and was killed.
    fn reap(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take().expect("the server runs");
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait().expect("our own child can be waited for") {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().expect("our own child can be killed");
        child.wait().expect("our own child can be waited for");
        None
    }

    fn exited(&mut self) -> Option<ExitStatus> {
        self.child
            .as_mut()?
            .try_wait()
            .expect("our own child can be waited for")
    }

    /// Its address as users type it, without trailing slash.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port.number())
    }

    /// The part of handles after the `@`.
    pub fn domain(&self) -> String {
        format!("localhost:{}", self.port.number())
    }

    /// Its own folder, which contains the data folder `data` and the log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An app without token.
    pub fn client(&self) -> Client {
        Client::anonymous(&self.url())
    }

    /// The binary with the same environment as the server, for its other verbs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POUET_"))
        {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder.path());
        command
    }

    /// Runs a verb to its end, with `input` on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary can be started");
        let mut stdin = child.stdin.take().expect("the input is piped");
        // A verb that ends without reading its input closes the pipe; its exit code tells what happened.
        let _unread = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("our own child can be waited for")
    }

    /// Runs a verb that must succeed and returns what it printed, without the last line break.
    pub fn cli(&self, arguments: &[&str], input: &str) -> String {
        let done = self.run(arguments, input);
        let (out, err) = (
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr),
        );
        assert!(
            done.status.success(),
            "pouet {arguments:?} ended with {}: {out}{err}",
            done.status
        );
        out.trim_end().to_owned()
    }

    /// Makes an account with the CLI, with [`PASSWORD`], and gives it a token.
    pub async fn account(&self, name: &str) -> Account {
        self.create_account(name, &[]);
        self.sign_in(name).await
    }

    /// Makes an account with the CLI and [`PASSWORD`]; `more` are further flags such as `--owner`.
    pub fn create_account(&self, name: &str, more: &[&str]) {
        let email = email_of(name);
        let verb = [
            "admin",
            "account",
            "create",
            name,
            "--email",
            &email,
            "--password-stdin",
        ];
        self.cli(&[&verb, more].concat(), &format!("{PASSWORD}\n"));
    }

    /// Gives an existing account a new token made with the CLI.
    pub async fn sign_in(&self, name: &str) -> Account {
        let token = self.cli(&["admin", "token", "create", name, "--scopes", SCOPES], "");
        self.account_with(&token).await
    }

    /// The account that a token belongs to.
    pub async fn account_with(&self, token: &str) -> Account {
        let client = self.client().with_token(token);
        let own: Value = client.get("/api/v1/accounts/verify_credentials").await.ok();
        let name = own["username"]
            .as_str()
            .expect("an account has a username")
            .to_owned();
        Account {
            id: id_of(&own),
            handle: format!("{name}@{}", self.domain()),
            name,
            client,
        }
    }

    /// The memory of the running process.
    pub fn memory(&self) -> Memory {
        let child = self.child.as_ref().expect("the server runs");
        let path = format!("/proc/{}/status", child.id());
        let status = std::fs::read_to_string(path).expect("the system tells the state of our own child");
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kibibytes.expect("the system tells the memory of our own child") / 1024
        };
        Memory {
            resident: mebibytes("VmRSS:"),
            peak: mebibytes("VmHWM:"),
        }
    }

    /// Everything that the server has printed since it was first started.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn open_log(&self) -> File {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("the folder is writable")
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

/// The mail address of an account that the harness made.
pub fn email_of(name: &str) -> String {
    format!("{name}@mail.example")
}

impl Drop for Server {
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        if self.child.is_some() {
            if self.exited().is_none() {
                self.ask_to_end();
            }
            if self.reap().is_none() {
                eprintln!(
                    "{} did not end within {} s after SIGTERM and was killed",
                    self.url(),
                    STOP_LIMIT.as_secs()
                );
            }
        }
        if failed {
            eprintln!(
                "---- log of {} ----\n{}\n---- end ----",
                self.url(),
                self.log_tail()
            );
        }
    }
}
