//! A local and a remote account for tests.

use pouet_model::{
    account::{Account, ActorType, RemoteActor},
    ids::AccountId,
};

/// alice, who lives here.
pub(crate) fn alice() -> Account {
    Account {
        id: AccountId(1001),
        username: "alice".to_owned(),
        domain: None,
        uri: None,
        url: None,
        actor_type: ActorType::Person,
        display_name: "Alice".to_owned(),
        note: "<p>bio</p>".to_owned(),
        note_source: "bio".to_owned(),
        fields: Vec::new(),
        avatar: None,
        header: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: false,
        hide_collections: false,
        memorial: false,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        moved_to: None,
        statuses_count: 0,
        followers_count: 0,
        following_count: 0,
        last_status_at: None,
        created_at: "2026-11-01T08:30:00Z".parse().unwrap(),
        suspended_at: None,
        silenced_at: None,
        deleted_at: None,
        remote: None,
    }
}

/// bob, who lives at far.example.
pub(crate) fn bob() -> Account {
    Account {
        id: AccountId(2002),
        username: "bob".to_owned(),
        domain: Some("far.example".to_owned()),
        uri: Some("https://far.example/users/bob".to_owned()),
        remote: Some(RemoteActor {
            inbox: "https://far.example/users/bob/inbox".to_owned(),
            shared_inbox: Some("https://far.example/inbox".to_owned()),
            ..RemoteActor::default()
        }),
        ..alice()
    }
}
