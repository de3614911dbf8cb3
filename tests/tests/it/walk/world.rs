//! The three servers, their people, and what these see.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use pouet_tests::account::{id_of, list, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::{Account, Options, Server};
use serde_json::Value;

use super::model::{Model, PLACES, Sight, USERS, User, place};

/// How long an effect on another server may take.
const LIMIT: Duration = Duration::from_secs(45);

/// Pause between two looks; shorter than elsewhere, because a walk looks thousands of times.
const PAUSE: Duration = Duration::from_millis(15);

pub(super) struct World {
    /// Kept so that they run.
    _servers: Vec<Server>,
    pub(super) people: Vec<Account>,
    /// By server: the id there of each person.
    ids: Vec<Vec<String>>,
    /// URIs of the model's statuses, by number.
    pub(super) uris: Vec<String>,
}

/// Waits until `look` succeeds.
pub(super) async fn until(
    what: &str,
    mut look: impl AsyncFnMut() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        match look().await {
            Ok(()) => return Ok(()),
            Err(error) if started.elapsed() > LIMIT => {
                return Err(error).with_context(|| format!("waited {} s for {what}", LIMIT.as_secs()));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

impl World {
    /// Three servers, the last one on PostgreSQL if there is one, and people who all know each other's names.
    pub(super) async fn start() -> Self {
        let third = if Backend::Postgres.is_available() {
            Backend::Postgres
        } else {
            Backend::Sqlite
        };
        let backends = [Backend::Sqlite, Backend::Sqlite, third];
        let mut servers = Vec::new();
        for backend in backends {
            servers.push(Server::start(Options::new(backend)).await);
        }
        let mut people = Vec::new();
        for user in 0..USERS {
            people.push(servers[place(user)].account(&format!("walker{user}")).await);
        }
        let mut ids = Vec::new();
        for there in 0..PLACES {
            let asking: &Account = &people[there];
            let mut known = Vec::new();
            for person in &people {
                let id = if asking.client.base() == person.client.base() {
                    person.id.clone()
                } else {
                    id_of(&asking.resolve(&person.handle).await)
                };
                known.push(id);
            }
            ids.push(known);
        }
        Self {
            _servers: servers,
            people,
            ids,
            uris: Vec::new(),
        }
    }

    /// The id of `other` on the server of `user`.
    pub(super) fn id(&self, user: User, other: User) -> &str {
        &self.ids[place(user)][other]
    }

    /// What `user` sees of a status, by its URI and without asking another server.
    pub(super) async fn look(&self, user: User, number: usize) -> anyhow::Result<Option<Value>> {
        let query = [
            ("q", self.uris[number].as_str()),
            ("type", "statuses"),
            ("resolve", "false"),
        ];
        let reply = self.people[user].client.find("/api/v2/search", &query).await;
        ensure!(reply.status == 200, "{}", reply.summary());
        Ok(reply.json()["statuses"].get(0).cloned())
    }

    /// The same for something that must be there.
    pub(super) async fn see(&self, user: User, number: usize) -> anyhow::Result<Value> {
        let seen = self.look(user, number).await?;
        seen.with_context(|| {
            format!(
                "walker{user} does not see status {number} ({})",
                self.uris[number]
            )
        })
    }

    /// The relationship of `user` with `other`.
    pub(super) async fn relationship(&self, user: User, other: User) -> anyhow::Result<Value> {
        let query = [("id[]", self.id(user, other))];
        let reply = self.people[user]
            .client
            .find("/api/v1/accounts/relationships", &query)
            .await;
        ensure!(reply.status == 200, "{}", reply.summary());
        Ok(reply.json()[0].clone())
    }

    /// Waits until both sides tell of the two what the model says.
    pub(super) async fn agree(&self, model: &Model, one: User, other: User) -> anyhow::Result<()> {
        let what = format!("walker{one} and walker{other} to agree about each other");
        until(&what, async || {
            compare_relationship(model, one, other, &self.relationship(one, other).await?)?;
            compare_relationship(model, other, one, &self.relationship(other, one).await?)
        })
        .await
    }

    /// Waits until everybody who must see a status does, in its present version, and nobody who must not.
    pub(super) async fn agree_on(&self, model: &Model, number: usize) -> anyhow::Result<()> {
        until(
            &format!("status {number} to be seen by those who must"),
            async || {
                // One reader of each server tells what has arrived; all of them are asked at the end.
                let mut asked = BTreeSet::new();
                for user in 0..USERS {
                    let sight = model.sight(user, number);
                    if sight != Sight::May && asked.insert((place(user), sight == Sight::Must)) {
                        self.compare_status(model, user, number).await?;
                    }
                }
                Ok(())
            },
        )
        .await
    }

    async fn compare_status(&self, model: &Model, user: User, number: usize) -> anyhow::Result<()> {
        let status = &model.statuses[number];
        match (model.sight(user, number), self.look(user, number).await?) {
            (Sight::Must, None) => bail!("walker{user} must see status {number}: {status:?}"),
            (Sight::MustNot, Some(seen)) => {
                bail!("walker{user} must not see status {number}, and sees {seen}: {status:?}")
            }
            (Sight::Must, Some(seen)) if !status.stale.contains(&place(user)) => {
                let content = seen["content"].to_string();
                ensure!(
                    content.contains(&super::acts::text(number, status.version)),
                    "walker{user} sees an old version of status {number}: {content}; {status:?}"
                );
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Compares everything that everybody sees with the model.
    pub(super) async fn compare(&self, model: &Model) -> anyhow::Result<()> {
        for user in 0..USERS {
            for other in (0..USERS).filter(|other| *other != user) {
                let seen = self.relationship(user, other).await?;
                compare_relationship(model, user, other, &seen)?;
            }
            for number in 0..model.statuses.len() {
                self.compare_status(model, user, number).await?;
            }
            self.compare_home(model, user).await?;
        }
        for (number, status) in model.statuses.iter().enumerate().filter(|(_, it)| !it.deleted) {
            let seen = self.see(status.author, number).await?;
            let counts = (seen["favourites_count"].as_u64(), seen["reblogs_count"].as_u64());
            let wanted = (
                Some(status.favourites.len() as u64),
                Some(status.boosts.len() as u64),
            );
            ensure!(
                counts == wanted,
                "favourites and boosts of status {number}: {counts:?}, {status:?}"
            );
        }
        Ok(())
    }

    async fn compare_home(&self, model: &Model, user: User) -> anyhow::Result<()> {
        let numbers: BTreeMap<&str, usize> = self
            .uris
            .iter()
            .enumerate()
            .map(|(number, uri)| (uri.as_str(), number))
            .collect();
        let home = self.people[user]
            .client
            .all("/api/v1/timelines/home?limit=40")
            .await;
        let mut shown = BTreeSet::new();
        for item in &home {
            let boost = &item["reblog"];
            let original = if boost.is_null() { item } else { boost };
            let uri = uri_of(original);
            let number = *numbers
                .get(uri.as_str())
                .with_context(|| format!("a foreign status {uri}"))?;
            let status = &model.statuses[number];
            if boost.is_null() {
                ensure!(
                    model.at_home(user, number) != Sight::MustNot,
                    "status {number} must not stand in the home timeline of walker{user}: {status:?}"
                );
                ensure!(
                    shown.insert(number),
                    "status {number} stands twice before walker{user}"
                );
                continue;
            }
            let id = item["account"]["id"].as_str().unwrap_or_default();
            let by = (0..USERS).find(|other| self.id(user, *other) == id);
            let by = by.with_context(|| format!("a boost by a stranger: {item}"))?;
            let fits = status.boosts.contains(&by)
                && (by == user || model.follows.contains(&(user, by)))
                && !model.hides(user, by)
                && !model.hides(user, status.author)
                && model.sight(user, number) != Sight::MustNot;
            ensure!(
                fits,
                "walker{by}'s boost of status {number} must not stand before walker{user}: {status:?}"
            );
        }
        for number in 0..model.statuses.len() {
            ensure!(
                model.at_home(user, number) != Sight::Must || shown.contains(&number),
                "status {number} must stand in the home timeline of walker{user}: {:?}",
                model.statuses[number]
            );
        }
        Ok(())
    }

    /// Those who ask to follow `user`.
    pub(super) async fn asking(&self, user: User) -> anyhow::Result<Vec<User>> {
        let requests = list(
            self.people[user]
                .client
                .get("/api/v1/follow_requests?limit=80")
                .await
                .ok(),
        );
        let known = &self.ids[place(user)];
        let who = |request: &Value| {
            let id = id_of(request);
            known
                .iter()
                .position(|other| *other == id)
                .context("a request of a stranger")
        };
        requests.iter().map(who).collect()
    }
}

fn compare_relationship(model: &Model, user: User, other: User, seen: &Value) -> anyhow::Result<()> {
    let facts = [
        ("following", model.follows.contains(&(user, other))),
        ("requested", model.requests.contains(&(user, other))),
        ("followed_by", model.follows.contains(&(other, user))),
        ("requested_by", model.requests.contains(&(other, user))),
        ("blocking", model.blocks.contains(&(user, other))),
        ("muting", model.mutes.contains(&(user, other))),
    ];
    for (name, wanted) in facts {
        ensure!(
            seen[name] == wanted,
            "walker{user} with walker{other}: {name} is not {wanted}: {seen}"
        );
    }
    Ok(())
}
