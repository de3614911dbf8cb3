//! A person with a token, and what people do.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::http::Part;
use crate::png;
use crate::wait::{DELIVERED, eventually};

/// A local account of one server, acting through its own app.
#[derive(Debug, Clone)]
pub struct Account {
    /// The app.
    pub client: Client,
    /// Id on its own server.
    pub id: String,
    /// User name.
    pub name: String,
    /// `name@domain`, as other servers write it.
    pub handle: String,
}

impl Account {
    /// The id of the actor, as the own server's WebFinger tells it to others.
    pub async fn actor_id(&self) -> String {
        let resource = format!("acct:{}", self.handle);
        let found = self
            .client
            .find("/.well-known/webfinger", &[("resource", &resource)])
            .await
            .ok();
        let links = found["links"].as_array().cloned().unwrap_or_default();
        let link = links.iter().find(|link| link["rel"] == "self");
        text_of(
            link.unwrap_or_else(|| panic!("no link to the actor: {found}")),
            "href",
        )
    }

    /// Publishes a plain status and returns it.
    pub async fn publish(&self, text: &str) -> Value {
        self.publish_with(json!({ "status": text })).await
    }

    /// Publishes a status with any parameters of the method and returns it.
    pub async fn publish_with(&self, parameters: Value) -> Value {
        self.client.post("/api/v1/statuses", &parameters).await.ok()
    }

    /// Uploads an image of 64 by 48 pixels with a description and the focal point (0.25, -0.5); returns its id.
    pub async fn upload_image(&self, description: &str) -> String {
        let image = png::gradient(64, 48);
        let parts = [
            Part {
                name: "file",
                file: Some(("harbour.png", "image/png")),
                bytes: &image,
            },
            Part {
                name: "description",
                file: None,
                bytes: description.as_bytes(),
            },
            Part {
                name: "focus",
                file: None,
                bytes: b"0.25,-0.5",
            },
        ];
        let reply = self.client.parts(Method::POST, "/api/v2/media", &parts).await;
        assert!(matches!(reply.status, 200 | 202), "{}", reply.summary());
        let id = id_of(&reply.json());
        let path = format!("/api/v1/media/{id}");
        eventually("the image to be processed", DELIVERED, async || {
            let reply = self.client.get(&path).await;
            ensure!(reply.status == 200, "{}", reply.summary());
            Ok(())
        })
        .await;
        id
    }

    /// Has private messages of strangers arrive like all others, which wait in requests otherwise.
    pub async fn let_anyone_write(&self) {
        let rule = json!({ "direct_messages": "anyone" });
        self.client.patch("/api/pouet/v1/preferences", &rule).await.ok();
    }

    /// Does something to a status: `favourite`, `unfavourite`, `reblog`, `unreblog`, `bookmark`...; returns the answer.
    pub async fn act_on(&self, status_id: &str, verb: &str) -> Value {
        self.client
            .act(&format!("/api/v1/statuses/{status_id}/{verb}"))
            .await
            .ok()
    }

    /// Does something to an account: `follow`, `unfollow`, `block`...; returns the relationship.
    pub async fn relate(&self, account_id: &str, verb: &str) -> Value {
        self.client
            .act(&format!("/api/v1/accounts/{account_id}/{verb}"))
            .await
            .ok()
    }

    /// The relationship with an account.
    pub async fn relationship(&self, account_id: &str) -> Value {
        let list = self
            .client
            .find("/api/v1/accounts/relationships", &[("id[]", account_id)])
            .await
            .ok();
        list[0].clone()
    }

    /// Finds somebody by handle, asking their server if need be; returns the account as this server knows it.
    pub async fn resolve(&self, handle: &str) -> Value {
        let reply = self.search(&format!("@{handle}"), true).await;
        let found = reply["accounts"]
            .as_array()
            .and_then(|list| list.first())
            .cloned();
        found.unwrap_or_else(|| panic!("{handle} was not found from {}: {reply}", self.handle))
    }

    /// `GET /api/v2/search`.
    pub async fn search(&self, query: &str, resolve: bool) -> Value {
        let resolve = if resolve { "true" } else { "false" };
        self.client
            .find("/api/v2/search", &[("q", query), ("resolve", resolve)])
            .await
            .ok()
    }

    /// Follows somebody on another server and waits until both sides agree; returns their id here.
    pub async fn follow(&self, other: &Self) -> String {
        let id = id_of(&self.resolve(&other.handle).await);
        self.relate(&id, "follow").await;
        eventually(
            &format!("{} to follow {}", self.handle, other.handle),
            DELIVERED,
            async || {
                let relationship = self.relationship(&id).await;
                ensure!(relationship["following"] == true, "{relationship}");
                other.has_follower(self).await
            },
        )
        .await;
        id
    }

    /// Succeeds when `other` is among the followers that this account's own server lists.
    pub async fn has_follower(&self, other: &Self) -> anyhow::Result<()> {
        let followers = self
            .client
            .all(&format!("/api/v1/accounts/{}/followers", self.id))
            .await;
        let wanted = self.acct_of(other);
        ensure!(
            followers.iter().any(|account| account["acct"] == wanted),
            "{wanted} is not among {followers:?}"
        );
        Ok(())
    }

    /// How this account's server writes `other`: the bare name when both are at home on it.
    pub fn acct_of(&self, other: &Self) -> String {
        if self.client.base() == other.client.base() {
            other.name.clone()
        } else {
            other.handle.clone()
        }
    }

    /// The newest page of the home timeline.
    pub async fn home(&self) -> Vec<Value> {
        list(self.client.get("/api/v1/timelines/home?limit=40").await.ok())
    }

    /// The newest page of notifications.
    pub async fn notifications(&self) -> Vec<Value> {
        list(self.client.get("/api/v1/notifications?limit=40").await.ok())
    }

    /// A status by its id on this server; an error when it is not (yet or any more) there.
    pub async fn status(&self, id: &str) -> anyhow::Result<Value> {
        let reply = self.client.get(&format!("/api/v1/statuses/{id}")).await;
        ensure!(reply.status == 200, "{}", reply.summary());
        Ok(reply.json())
    }

    /// The status with that URI on the newest page of home, or an error that lists what is there.
    pub async fn in_home(&self, uri: &str) -> anyhow::Result<Value> {
        let home = self.home().await;
        let seen: Vec<_> = home
            .iter()
            .map(|status| format!("{} {}", status["uri"], status["content"]))
            .collect();
        let found = home.into_iter().find(|status| status["uri"] == uri);
        found.with_context(|| format!("{uri} is not in the home timeline of {}: {seen:#?}", self.handle))
    }

    /// Waits until the status with that URI stands in the home timeline; returns it as this server knows it.
    pub async fn await_home(&self, uri: &str) -> Value {
        let what = format!("{uri} to reach the home timeline of {}", self.handle);
        eventually(&what, DELIVERED, async || self.in_home(uri).await).await
    }

    /// The newest notification of that type from that account, or an error that lists what is there.
    pub async fn notified(&self, kind: &str, from: &Self) -> anyhow::Result<Value> {
        let (all, from) = (self.notifications().await, self.acct_of(from));
        let seen: Vec<_> = all
            .iter()
            .map(|notification| format!("{} {}", notification["type"], notification["account"]["acct"]))
            .collect();
        let found = all
            .into_iter()
            .find(|it| it["type"] == kind && it["account"]["acct"] == from.as_str());
        found.with_context(|| {
            format!(
                "no {kind} from {from} among the notifications of {}: {seen:?}",
                self.handle
            )
        })
    }

    /// Waits for a notification of that type from that account and returns it.
    pub async fn await_notification(&self, kind: &str, from: &Self) -> Value {
        let what = format!("{} to be told of a {kind} by {}", self.handle, from.handle);
        eventually(&what, DELIVERED, async || self.notified(kind, from).await).await
    }

    /// Changes the own profile and returns the account.
    pub async fn update_profile(&self, parameters: &Value) -> Value {
        self.client
            .json(Method::PATCH, "/api/v1/accounts/update_credentials", parameters)
            .await
            .ok()
    }
}

/// The `id` of an entity, which must be a string.
pub fn id_of(entity: &Value) -> String {
    text_of(entity, "id")
}

/// The `uri` of a status.
pub fn uri_of(status: &Value) -> String {
    text_of(status, "uri")
}

/// A property that must be a string.
pub fn text_of(entity: &Value, property: &str) -> String {
    let value = entity[property].as_str();
    value
        .unwrap_or_else(|| panic!("{property} is no string in {entity}"))
        .to_owned()
}

/// A JSON array as a vector.
pub fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => panic!("no list: {other}"),
    }
}

/// The property of every item, for comparing lists.
pub fn each(items: &[Value], property: &str) -> Vec<Value> {
    items.iter().map(|item| item[property].clone()).collect()
}
