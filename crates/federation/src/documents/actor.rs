//! Actors of other servers.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#profile-federation>

use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account, ActorType, Field, RemoteActor},
    domain::{Handle, normalise, parse_handle},
    emoji::CustomEmoji,
    html::sanitise,
};
use pouet_service::accounts::ActorData;
use serde_json::Value;

use super::{Tags, plain, truncate};
use crate::{
    error::{Error, Result},
    json::{Object, id_of},
    origin::{domain_of, same_origin},
};

/// Characters of a display name.
const MAX_NAME: usize = 2048;
/// Characters of a biography's HTML.
const MAX_NOTE: usize = 20_000;
/// Rows of the profile table.
const MAX_FIELDS: usize = 50;
/// Characters of a field's name or value.
const MAX_FIELD: usize = 2047;
/// Other ids of the same person; sites that may name it.
const MAX_ALIASES: usize = 256;
/// Keys that are looked at.
const MAX_KEYS: usize = 10;
/// Bytes of a user name.
const MAX_USERNAME: usize = 2048;
/// Characters of an alternative text.
const MAX_DESCRIPTION: usize = 10_000;

/// A public key that an actor names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyRef {
    /// It is in the actor document.
    Inline {
        /// Its id, under the actor's own.
        id: String,
        /// PEM or multibase text.
        text: String,
    },
    /// It has a document of its own, which has to name the actor.
    Elsewhere(String),
}

/// What an actor document says.
#[derive(Clone, Debug)]
pub struct ActorDocument {
    /// Its id.
    pub id: String,
    /// Keys that it lists.
    pub keys: Vec<KeyRef>,
    preferred_username: Option<String>,
    webfinger: Option<Handle>,
    data: ActorData,
}

impl ActorDocument {
    /// Reads an actor.
    ///
    /// # Errors
    /// `Refused` for what is no actor, and for one that cannot be addressed: without id, inbox, or any name.
    pub fn read(document: &Value) -> Result<Self> {
        let object = Object::of(document).ok_or(Error::Refused("actor is not an object"))?;
        let id = object.own_id().ok_or(Error::Refused("actor without id"))?;
        let actor_type = actor_type(object).ok_or(Error::Refused("not a type of actor"))?;
        let remote = addresses(object, id).ok_or(Error::Refused("actor without inbox"))?;
        let preferred_username = object.text("preferredUsername").map(str::to_owned);
        let webfinger = object
            .text("webfinger")
            .and_then(parse_handle)
            .filter(|handle| handle.domain.is_some());
        if preferred_username.is_none() && webfinger.is_none() {
            return Err(Error::Refused("actor without name"));
        }
        if preferred_username
            .as_ref()
            .is_some_and(|name| name.len() > MAX_USERNAME)
        {
            return Err(Error::Refused("actor with too long a name"));
        }
        let data = profile(object, id, actor_type, remote);
        Ok(Self {
            id: id.to_owned(),
            keys: keys(object, id),
            preferred_username,
            webfinger,
            data,
        })
    }

    /// Whether a value has a type of actor.
    pub fn is_actor(document: &Value) -> bool {
        Object::of(document).is_some_and(|object| actor_type(object).is_some())
    }

    /// The handle that the actor claims: FEP-2c59's `webfinger`, or its name on the host of its id.
    pub fn claimed_handle(&self) -> Option<Handle> {
        self.webfinger.clone().or_else(|| {
            let username = self.preferred_username.as_ref()?;
            let domain = domain_of(&self.id)?;
            parse_handle(&format!("{username}@{domain}"))
        })
    }

    /// Whether the actor says itself on which domain its handle is.
    pub fn names_its_domain(&self) -> bool {
        self.webfinger.is_some()
    }

    /// Whether the document lacks addresses that the account is known to have: servers answer so to readers whose
    /// signature they do not understand.
    pub fn is_stripped_of(&self, known: &Account) -> bool {
        let had_followers = known
            .remote
            .as_ref()
            .is_some_and(|remote| remote.followers.is_some());
        had_followers && self.data.remote.followers.is_none()
    }

    /// The account, once its handle and keys are proved. Keys are ids and texts.
    pub fn into_data(
        self,
        username: String,
        domain: String,
        keys: Vec<(String, String)>,
        now: DateTime<Utc>,
    ) -> ActorData {
        let mut data = ActorData {
            username,
            keys,
            ..self.data
        };
        for emoji in &mut data.emojis {
            emoji.domain = Some(domain.clone());
        }
        data.domain = domain;
        data.remote.fetched_at = now;
        data
    }
}

fn actor_type(object: Object<'_>) -> Option<ActorType> {
    object.types().find_map(ActorType::parse)
}

/// Inboxes and collections. Visibility hangs on `followers`, so it has to be the actor's own host's.
fn addresses(object: Object<'_>, id: &str) -> Option<RemoteActor> {
    let address = |name: &str| object.id(name).map(str::to_owned);
    let own = |name: &str| address(name).filter(|uri| same_origin(uri, id));
    let endpoints = object.object("endpoints");
    let shared_inbox = endpoints
        .and_then(|endpoints| endpoints.id("sharedInbox"))
        .or_else(|| object.id("sharedInbox"))
        .filter(|uri| domain_of(uri).is_some());
    Some(RemoteActor {
        inbox: address("inbox").filter(|uri| domain_of(uri).is_some())?,
        shared_inbox: shared_inbox.map(str::to_owned),
        outbox: own("outbox"),
        followers: own("followers"),
        following: own("following"),
        featured: own("featured"),
        fetched_at: DateTime::UNIX_EPOCH,
    })
}

fn profile(object: Object<'_>, id: &str, actor_type: ActorType, remote: RemoteActor) -> ActorData {
    let suspended = object.flag("suspended").unwrap_or(false);
    let flag = |name: &str| object.flag(name).unwrap_or(false);
    let (avatar_url, avatar_description) = picture(object, "icon");
    let (header_url, header_description) = picture(object, "image");
    ActorData {
        uri: id.to_owned(),
        username: String::new(),
        domain: String::new(),
        url: page(object, id),
        actor_type,
        display_name: object
            .text("name")
            .map(|name| plain(name, MAX_NAME))
            .unwrap_or_default(),
        note: object
            .text("summary")
            .map(|note| sanitise(truncate(note, MAX_NOTE)))
            .unwrap_or_default(),
        fields: fields(object),
        avatar_url,
        header_url,
        avatar_description,
        header_description,
        emojis: emojis(object),
        locked: flag("manuallyApprovesFollowers"),
        discoverable: flag("discoverable"),
        indexable: flag("indexable"),
        hide_collections: false,
        memorial: flag("memorial"),
        suspended,
        also_known_as: object
            .ids("alsoKnownAs")
            .take(MAX_ALIASES)
            .map(str::to_owned)
            .collect(),
        attribution_domains: attribution_domains(object),
        moved_to_uri: object.id("movedTo").map(str::to_owned),
        remote,
        featured_tags: object
            .id("featuredTags")
            .filter(|uri| same_origin(uri, id))
            .map(str::to_owned),
        created_at: object.time("published"),
        keys: Vec::new(),
    }
}

/// The page for humans. A page on another host could pass for that host's, so it is left out.
fn page(object: Object<'_>, id: &str) -> Option<String> {
    let html = object.objects("url").find(|link| {
        let kind = link.text("mediaType").or_else(|| link.text("mimeType"));
        kind.is_some_and(|kind| kind.starts_with("text/html"))
    });
    let url = html
        .and_then(|link| link.text("href"))
        .or_else(|| object.href("url"))?;
    same_origin(url, id).then(|| url.to_owned())
}

/// Address and alternative text of a picture.
fn picture(object: Object<'_>, name: &str) -> (Option<String>, String) {
    // PeerTube offers several sizes.
    let width = |image: &Object<'_>| std::cmp::Reverse(image.count("width").unwrap_or(0));
    let image = object.objects(name).min_by_key(width);
    let url = image
        .and_then(|image| image.href("url"))
        .or_else(|| object.href(name))
        .filter(|url| domain_of(url).is_some());
    let description = image
        .and_then(|image| image.text("summary").or_else(|| image.text("name")))
        .map(|text| truncate(text, MAX_DESCRIPTION).to_owned());
    (url.map(str::to_owned), description.unwrap_or_default())
}

fn fields(object: Object<'_>) -> Vec<Field> {
    object
        .objects("attachment")
        .filter(|field| field.is("PropertyValue") || field.is("http://schema.org#PropertyValue"))
        .filter_map(|field| {
            Some(Field {
                name: plain(field.text("name")?, MAX_FIELD),
                value: sanitise(truncate(field.text("value").unwrap_or_default(), MAX_FIELD)),
                source: String::new(),
                verified_at: None,
            })
        })
        .take(MAX_FIELDS)
        .collect()
}

/// Sites that may name the actor as an author: domains alone, each once.
fn attribution_domains(object: Object<'_>) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    let named = object.many("attributionDomains").iter().take(MAX_ALIASES);
    for domain in named.filter_map(|value| normalise(value.as_str()?).ok()) {
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    domains
}

fn emojis(object: Object<'_>) -> Vec<CustomEmoji> {
    Tags::read(object).emojis
}

/// Keys whose owner is the actor. Ids under the actor's own need no further proof.
fn keys(object: Object<'_>, actor: &str) -> Vec<KeyRef> {
    let public_keys = object
        .many("publicKey")
        .iter()
        .filter_map(|key| public_key(key, actor));
    let methods = object
        .many("assertionMethod")
        .iter()
        .filter_map(|key| multikey(key, actor));
    public_keys.chain(methods).take(MAX_KEYS).collect()
}

fn public_key(key: &Value, actor: &str) -> Option<KeyRef> {
    let id = id_of(key)?;
    if !same_origin(id, actor) {
        return None;
    }
    let Some(object) = Object::of(key) else {
        return Some(KeyRef::Elsewhere(id.to_owned()));
    };
    if object.id("owner") != Some(actor) {
        return None;
    }
    let text = object.text("publicKeyPem")?;
    Some(inline_or_elsewhere(id, text, actor))
}

/// An Ed25519 key of FEP-521a.
fn multikey(key: &Value, actor: &str) -> Option<KeyRef> {
    let Some(object) = Object::of(key) else {
        let id = id_of(key).filter(|id| same_origin(id, actor))?;
        return Some(KeyRef::Elsewhere(id.to_owned()));
    };
    let id = object.own_id()?;
    if !object.is("Multikey") || object.id("controller") != Some(actor) || !same_origin(id, actor) {
        return None;
    }
    let text = object.text("publicKeyMultibase")?;
    // Other kinds of keys begin otherwise.
    text.starts_with("z6Mk")
        .then(|| inline_or_elsewhere(id, text, actor))
}

/// An id that is not under the actor's could be another actor's key.
fn inline_or_elsewhere(id: &str, text: &str, actor: &str) -> KeyRef {
    let below = id
        .strip_prefix(actor)
        .is_some_and(|rest| rest.starts_with(['#', '/', '?']));
    if below {
        KeyRef::Inline {
            id: id.to_owned(),
            text: text.to_owned(),
        }
    } else {
        KeyRef::Elsewhere(id.to_owned())
    }
}
