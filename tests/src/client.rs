//! The client API as an app sees it: one server, with or without a token.

use reqwest::Method;
use serde_json::Value;
use url::form_urlencoded;

use crate::http::{Part, Reply, http, multipart};

/// An app on one server.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
}

impl Client {
    /// An app without a token. `base` is the server's URL without trailing slash.
    pub fn anonymous(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            token: None,
        }
    }

    /// The same app with a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            base: self.base.clone(),
            token: Some(token.to_owned()),
        }
    }

    /// The server's URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The token; fails for an anonymous app.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("this client has a token")
    }

    /// A request to a path of this server, or to a complete address (as `Link` headers give them).
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let address = if path.starts_with('/') {
            format!("{}{path}", self.base)
        } else {
            path.to_owned()
        };
        let request = http().request(method, address);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(request: reqwest::RequestBuilder) -> Reply {
        Reply::of(request)
            .await
            .unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// GET of a path that may carry a query.
    pub async fn get(&self, path: &str) -> Reply {
        Self::send(self.request(Method::GET, path)).await
    }

    /// GET with a query of its own, encoded here.
    pub async fn find(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        self.get(&format!("{path}?{query}")).await
    }

    /// A request with a JSON body.
    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = self
            .request(method, path)
            .header("content-type", "application/json")
            .body(body.to_string());
        Self::send(request).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.json(Method::POST, path, body).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.json(Method::PATCH, path, body).await
    }

    /// POST without a body.
    pub async fn act(&self, path: &str) -> Reply {
        Self::send(self.request(Method::POST, path).header("content-length", "0")).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        Self::send(self.request(Method::DELETE, path)).await
    }

    /// POST of a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.request(Method::POST, path);
        Self::send(
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
        )
        .await
    }

    /// A request with a multipart form.
    pub async fn parts(&self, method: Method, path: &str, parts: &[Part<'_>]) -> Reply {
        let (kind, body) = multipart(parts);
        Self::send(self.request(method, path).header("content-type", kind).body(body)).await
    }

    /// All items of a paginated list, from the first page to the last by the `next` links.
    ///
    /// Fails when a link leads to a page already read, which would make an app loop for ever.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut read = vec![path.to_owned()];
        let mut next = Some(path.to_owned());
        while let Some(address) = next {
            let reply = self.get(&address).await.expect(200);
            next = reply.link("next");
            match reply.json() {
                Value::Array(page) => items.extend(page),
                other => panic!("{} is no list: {other}", reply.asked),
            }
            if let Some(address) = &next {
                assert!(!read.contains(address), "the page {address} comes again");
                read.push(address.clone());
            }
        }
        items
    }
}
