//! Every address of this instance, computed from ids: local URIs are never stored.

use url::Url;

use crate::{
    account::Account,
    ids::{AccountId, CollectionId, ConversationId, StatusId},
    status::Status,
};

/// Makes and reads the addresses of this instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Urls {
    base: String,
    authority: String,
    handle_domain: String,
}

/// What one of our own ActivityPub ids names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalUri {
    /// The instance actor.
    InstanceActor,
    /// An account.
    Account(AccountId),
    /// A status of an account, or its Create or Announce activity.
    Status(AccountId, StatusId),
    /// A conversation.
    Conversation(ConversationId),
}

impl Urls {
    /// From the origin of the instance (`https://s.pouet.example`) and the domain of its handles.
    ///
    /// `handle_domain`: `None` if it is the origin's own host (and port, where it is not the default).
    pub fn new(origin: &Url, handle_domain: Option<&str>) -> Self {
        let base = origin.as_str().trim_end_matches('/').to_owned();
        let authority = base
            .split_once("://")
            .map_or(base.as_str(), |(_, rest)| rest)
            .to_owned();
        let handle_domain = handle_domain.map_or_else(|| authority.clone(), str::to_owned);
        Self {
            base,
            authority,
            handle_domain,
        }
    }

    /// Origin without a final slash.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Host, with the port where it is not the default of the scheme.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Domain of local handles.
    pub fn handle_domain(&self) -> &str {
        &self.handle_domain
    }

    /// Whether the origin is https.
    pub fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Whether `domain` (ASCII, lower case, port where not default) is one of ours.
    pub fn is_own_domain(&self, domain: &str) -> bool {
        domain == self.authority || domain == self.handle_domain
    }

    /// `path` (beginning with a slash) on this instance.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Base address of WebSocket streaming.
    pub fn streaming(&self) -> String {
        self.base.replacen("http", "ws", 1)
    }

    /// Id of the instance actor.
    pub fn instance_actor(&self) -> String {
        self.path("/ap/actor")
    }

    /// Inbox shared by all actors.
    pub fn shared_inbox(&self) -> String {
        self.path("/ap/inbox")
    }

    /// ActivityPub id of a local account.
    pub fn local_account(&self, id: AccountId) -> String {
        format!("{}/ap/users/{id}", self.base)
    }

    /// ActivityPub id of any account.
    pub fn account_uri(&self, account: &Account) -> String {
        account
            .uri
            .clone()
            .unwrap_or_else(|| self.local_account(account.id))
    }

    /// Page for humans of any account.
    pub fn account_url(&self, account: &Account) -> String {
        if account.is_local() {
            format!("{}/@{}", self.base, account.username)
        } else {
            account
                .url
                .clone()
                .or_else(|| account.uri.clone())
                .unwrap_or_default()
        }
    }

    /// Page of a collection of a local account.
    pub fn collection(&self, id: CollectionId) -> String {
        format!("{}/collections/{id}", self.base)
    }

    /// The collection whose page is at `address`.
    pub fn parse_collection(&self, address: &str) -> Option<CollectionId> {
        let path = address.strip_prefix(self.base())?;
        path.strip_prefix("/collections/")?.parse().ok()
    }

    /// Id of an account's key that signs requests.
    pub fn key_id(&self, id: AccountId) -> String {
        format!("{}#main-key", self.local_account(id))
    }

    /// Followers collection of a local account.
    pub fn followers(&self, id: AccountId) -> String {
        format!("{}/followers", self.local_account(id))
    }

    /// Where a server reads which of its people follow a local account.
    pub fn followers_synchronization(&self, id: AccountId) -> String {
        format!("{}/followers_synchronization", self.local_account(id))
    }

    /// Followers collection of any account, if it is known.
    pub fn followers_of(&self, account: &Account) -> Option<String> {
        match &account.remote {
            None => Some(self.followers(account.id)),
            Some(remote) => remote.followers.clone(),
        }
    }

    /// ActivityPub id of a local status.
    pub fn local_status(&self, account: AccountId, id: StatusId) -> String {
        format!("{}/ap/users/{account}/posts/{id}", self.base)
    }

    /// ActivityPub id of any status (of a boost: of its Announce).
    pub fn status_uri(&self, status: &Status) -> String {
        match &status.uri {
            Some(uri) => uri.clone(),
            None if status.reblog_of_id.is_some() => self.status_activity(status.account_id, status.id),
            None => self.local_status(status.account_id, status.id),
        }
    }

    /// Id of the Create or Announce of a local status.
    pub fn status_activity(&self, account: AccountId, id: StatusId) -> String {
        format!("{}/activity", self.local_status(account, id))
    }

    /// Page for humans of any status.
    pub fn status_url(&self, status: &Status, author: &Account) -> String {
        if author.is_local() {
            format!("{}/@{}/{}", self.base, author.username, status.id)
        } else {
            status
                .url
                .clone()
                .or_else(|| status.uri.clone())
                .unwrap_or_default()
        }
    }

    /// Id of a local conversation.
    pub fn conversation(&self, id: ConversationId) -> String {
        format!("{}/ap/contexts/{id}", self.base)
    }

    /// Page of a hashtag.
    pub fn tag(&self, name: &str) -> String {
        let mut url = format!("{}/tags/", self.base);
        url.extend(percent_encoding::utf8_percent_encode(
            name,
            percent_encoding::NON_ALPHANUMERIC,
        ));
        url
    }

    /// Address of a file in the media store.
    pub fn media(&self, key: &str) -> String {
        format!("{}/media/{key}", self.base)
    }

    /// What `uri` names here; `None` if it is not one of our ids.
    ///
    /// Fragments (`#main-key`, `#follows/3`) are ignored, so that the owner of a key or activity is found.
    pub fn parse(&self, uri: &str) -> Option<LocalUri> {
        let uri = uri.split('#').next().unwrap_or(uri);
        let path = uri.strip_prefix(&self.base)?.strip_prefix("/ap/")?;
        let segments: Vec<&str> = path.split('/').collect();
        match *segments.as_slice() {
            ["actor"] => Some(LocalUri::InstanceActor),
            ["users", id] => Some(LocalUri::Account(id.parse().ok()?)),
            ["users", account, "posts", id] | ["users", account, "posts", id, "activity"] => {
                Some(LocalUri::Status(account.parse().ok()?, id.parse().ok()?))
            }
            ["contexts", id] => Some(LocalUri::Conversation(id.parse().ok()?)),
            _ => None,
        }
    }

    /// The account or status that a page of ours (`/@user`, `/@user/ID`) shows: its name and status id.
    pub fn parse_page(&self, url: &str) -> Option<(String, Option<StatusId>)> {
        let path = url.strip_prefix(&self.base)?.strip_prefix("/@")?;
        match *path
            .trim_end_matches('/')
            .split('/')
            .collect::<Vec<_>>()
            .as_slice()
        {
            [name] => Some((name.to_owned(), None)),
            [name, id] => Some((name.to_owned(), Some(id.parse().ok()?))),
            _ => None,
        }
    }

    /// Whether `uri` lies on this instance, whatever it names.
    pub fn is_own(&self, uri: &str) -> bool {
        Url::parse(uri).is_ok_and(|url| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let host = url
                .host_str()
                .unwrap_or_default()
                .trim_end_matches('.')
                .to_ascii_lowercase();
            self.is_own_domain(&format!("{host}{port}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> Urls {
        Urls::new(&Url::parse("http://localhost:8081").expect("valid"), None)
    }

    #[test]
    fn ids_are_read_back() {
        let urls = urls();
        let (account, status) = (AccountId(12), StatusId(34));
        assert_eq!(
            urls.parse(&urls.local_account(account)),
            Some(LocalUri::Account(account))
        );
        assert_eq!(
            urls.parse(&urls.key_id(account)),
            Some(LocalUri::Account(account))
        );
        assert_eq!(
            urls.parse(&urls.local_status(account, status)),
            Some(LocalUri::Status(account, status))
        );
        assert_eq!(
            urls.parse(&urls.status_activity(account, status)),
            Some(LocalUri::Status(account, status))
        );
        assert_eq!(urls.parse(&urls.instance_actor()), Some(LocalUri::InstanceActor));
        assert_eq!(urls.parse("http://localhost:8082/ap/users/12"), None);
        assert_eq!(urls.parse("http://localhost:8081/ap/users/x"), None);
        let collection = CollectionId(56);
        let page = urls.collection(collection);
        assert_eq!(urls.parse_collection(&page), Some(collection));
        assert_eq!(urls.parse_collection(&format!("{page}/x")), None);
        assert_eq!(
            urls.parse_collection("http://localhost:8082/collections/56"),
            None
        );
        assert_eq!(urls.handle_domain(), "localhost:8081");
        assert_eq!(urls.streaming(), "ws://localhost:8081");
    }

    #[test]
    fn fed_141_own_addresses_are_known_in_every_spelling() {
        let urls = Urls::new(
            &Url::parse("https://s.pouet.example").expect("valid"),
            Some("pouet.example"),
        );
        for spelling in [
            "https://s.pouet.example/x",
            "https://S.POUET.example/x",
            "https://s.pouet.example:443/x",
            "https://s.pouet.example./x",
            "https://pouet.example/x",
            "http://pouet.example/x",
        ] {
            assert!(urls.is_own(spelling), "{spelling}");
        }
        assert!(!urls.is_own("https://s.pouet.example.evil.test/x"));
        assert!(!urls.is_own("https://t.pouet.example/x"));
    }
}
