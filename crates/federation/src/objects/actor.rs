//! Actors of our own.
//!
//! Source: FEP-521a; <https://docs.joinmastodon.org/spec/activitypub/#profile-properties>

use pouet_model::{
    account::{Account, ActorType, Picture},
    domain::without_port,
    emoji::CustomEmoji,
    time::{iso, iso_day},
    urls::Urls,
};
use pouet_service::{
    Instance, Result, accounts,
    signing_keys::{self, ProofKey},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An actor, without `@context`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    preferred_username: String,
    webfinger: String,
    name: String,
    summary: String,
    url: String,
    published: String,
    inbox: String,
    outbox: String,
    followers: String,
    following: String,
    featured: String,
    featured_tags: String,
    endpoints: Endpoints,
    manually_approves_followers: bool,
    discoverable: bool,
    indexable: bool,
    memorial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended: Option<bool>,
    also_known_as: Vec<String>,
    attribution_domains: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image>,
    tag: Vec<EmojiTag>,
    attachment: Vec<PropertyValue>,
    public_key: PublicKey,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assertion_method: Vec<Multikey>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    shared_inbox: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'static str>,
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    summary: String,
}

#[derive(Clone, Debug, Serialize)]
struct EmojiTag {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    icon: Image,
}

#[derive(Clone, Debug, Serialize)]
struct PropertyValue {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
}

#[derive(Clone, Debug, Serialize)]
struct PublicKey {
    id: String,
    owner: String,
    #[serde(rename = "publicKeyPem")]
    pem: String,
}

/// A key that documents are signed with, after FEP-521a.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Multikey {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    controller: String,
    public_key_multibase: String,
}

impl Multikey {
    fn of(key: &ProofKey, controller: &str) -> Self {
        Self {
            id: key.key_id.clone(),
            kind: "Multikey",
            controller: controller.to_owned(),
            public_key_multibase: key.multikey.clone(),
        }
    }
}

/// The actor of a local account, with its keys.
///
/// # Errors
/// `NotFound` if it has no key.
pub async fn load(instance: &Instance, account: &Account) -> Result<Actor> {
    let key = signing_keys::signing_key(instance, Some(account.id)).await?;
    let proof_key = signing_keys::proof_key(instance, Some(account.id)).await?;
    let moved_to = match account.moved_to {
        Some(target) => accounts::find_any(instance, target).await?,
        None => None,
    };
    let urls = instance.urls();
    let moved_to = moved_to.map(|target| urls.account_uri(&target));
    let mut actor = Actor::of(urls, account, &key.public_key_pem, moved_to);
    actor
        .assertion_method
        .extend(proof_key.map(|key| Multikey::of(&key, &actor.id)));
    Ok(actor)
}

/// The actor of the instance itself, with its keys.
///
/// # Errors
/// If its keys cannot be read or made.
pub async fn load_instance_actor(instance: &Instance) -> Result<Value> {
    let key = signing_keys::signing_key(instance, None).await?;
    let proof_key = signing_keys::proof_key(instance, None).await?;
    Ok(instance_actor(
        instance.urls(),
        &key.public_key_pem,
        proof_key.as_deref(),
    ))
}

impl Actor {
    /// The actor of a local account, without the key that documents are signed with. `public_key_pem`: the key it signs
    /// requests with, SPKI PEM; `moved_to`: id of the actor it moved to. A suspended account shows nothing of itself.
    pub fn of(urls: &Urls, account: &Account, public_key_pem: &str, moved_to: Option<String>) -> Self {
        let id = urls.local_account(account.id);
        let below = |name: &str| format!("{id}/{name}");
        let shown = account.suspended_at.is_none();
        let text = |text: &str| if shown { text.to_owned() } else { String::new() };
        Self {
            kind: account.actor_type.as_str(),
            preferred_username: account.username.clone(),
            webfinger: format!("{}@{}", account.username, urls.handle_domain()),
            name: text(&account.display_name),
            summary: text(&account.note),
            url: urls.account_url(account),
            // The hour is nobody's business.
            published: format!("{}T00:00:00Z", iso_day(account.created_at)),
            inbox: below("inbox"),
            outbox: below("outbox"),
            followers: urls.followers(account.id),
            following: below("following"),
            featured: below("collections/featured"),
            featured_tags: below("collections/tags"),
            endpoints: Endpoints {
                shared_inbox: urls.shared_inbox(),
            },
            manually_approves_followers: account.locked,
            discoverable: shown && account.discoverable,
            indexable: shown && account.indexable,
            memorial: account.memorial,
            suspended: (!shown).then_some(true),
            also_known_as: account.also_known_as.clone(),
            attribution_domains: if shown {
                account.attribution_domains.clone()
            } else {
                Vec::new()
            },
            moved_to,
            icon: picture(
                urls,
                account.avatar.as_ref().filter(|_| shown),
                &account.avatar_description,
            ),
            image: picture(
                urls,
                account.header.as_ref().filter(|_| shown),
                &account.header_description,
            ),
            tag: if shown {
                emoji_tags(urls, &account.emojis)
            } else {
                Vec::new()
            },
            attachment: if shown { fields(account) } else { Vec::new() },
            public_key: public_key(urls.key_id(account.id), &id, public_key_pem),
            assertion_method: Vec::new(),
            id,
        }
    }

    /// The document that is served: the actor with its `@context`.
    pub fn document(&self) -> Value {
        with_context(context(), self)
    }
}

/// The actor of the instance itself. It signs what nobody here does in their own name, and must be readable without any
/// signature.
fn instance_actor(urls: &Urls, public_key_pem: &str, proof_key: Option<&ProofKey>) -> Value {
    let id = urls.instance_actor();
    let key = public_key(format!("{id}#main-key"), &id, public_key_pem);
    let mut actor = json!({
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/v1",
            Value::Object(multikey_terms()),
        ],
        "id": id,
        "type": ActorType::Application.as_str(),
        "preferredUsername": without_port(urls.handle_domain()),
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "endpoints": { "sharedInbox": urls.shared_inbox() },
        "url": urls.path("/about"),
        "manuallyApprovesFollowers": true,
        "publicKey": key,
    });
    if let Some(key) = proof_key {
        actor["assertionMethod"] = json!([Multikey::of(key, &id)]);
    }
    actor
}

/// The terms of FEP-521a, as <https://www.w3.org/ns/cid/v1> has them. They stand in the document, because that context also
/// protects `alsoKnownAs`, which actors have always defined themselves.
fn multikey_terms() -> Map<String, Value> {
    [
        ("sec", json!("https://w3id.org/security#")),
        (
            "assertionMethod",
            json!({ "@id": "sec:assertionMethod", "@type": "@id", "@container": "@set" }),
        ),
        ("Multikey", json!("sec:Multikey")),
        ("controller", json!({ "@id": "sec:controller", "@type": "@id" })),
        (
            "publicKeyMultibase",
            json!({ "@id": "sec:publicKeyMultibase", "@type": "sec:multibase" }),
        ),
    ]
    .into_iter()
    .map(|(name, meaning)| (name.to_owned(), meaning))
    .collect()
}

/// The terms that actors use beside those of ActivityStreams.
fn context() -> Value {
    let mut context = json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://purl.archive.org/socialweb/webfinger",
        {
            "as": "https://www.w3.org/ns/activitystreams#",
            "toot": "http://joinmastodon.org/ns#",
            "schema": "http://schema.org#",
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "movedTo": { "@id": "as:movedTo", "@type": "@id" },
            "alsoKnownAs": { "@id": "as:alsoKnownAs", "@type": "@id" },
            "featured": { "@id": "toot:featured", "@type": "@id" },
            "featuredTags": { "@id": "toot:featuredTags", "@type": "@id" },
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "suspended": "toot:suspended",
            "memorial": "toot:memorial",
            "attributionDomains": { "@id": "toot:attributionDomains", "@container": "@set" },
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
            "Emoji": "toot:Emoji",
        },
    ]);
    if let Some(terms) = context[3].as_object_mut() {
        terms.extend(multikey_terms());
    }
    context
}

fn with_context(context: Value, object: &impl Serialize) -> Value {
    let mut document = Map::new();
    document.insert("@context".to_owned(), context);
    if let Ok(Value::Object(members)) = serde_json::to_value(object) {
        document.extend(members);
    }
    Value::Object(document)
}

fn picture(urls: &Urls, picture: Option<&Picture>, description: &str) -> Option<Image> {
    let Some(Picture::Stored(key)) = picture else {
        return None;
    };
    Some(Image {
        kind: "Image",
        media_type: media_type(key),
        url: urls.media(key),
        summary: description.to_owned(),
    })
}

/// MIME type of a stored picture, whose key ends with an extension that we chose.
fn media_type(key: &str) -> Option<&'static str> {
    Some(match key.rsplit_once('.')?.1 {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => return None,
    })
}

fn emoji_tags(urls: &Urls, emojis: &[CustomEmoji]) -> Vec<EmojiTag> {
    emojis
        .iter()
        .map(|emoji| EmojiTag {
            id: emoji.uri.clone(),
            kind: "Emoji",
            name: format!(":{}:", emoji.shortcode),
            updated: emoji.updated_at.map(iso),
            icon: Image {
                kind: "Image",
                media_type: media_type(&emoji.image),
                url: match emoji.domain {
                    None => urls.media(&emoji.image),
                    Some(_) => emoji.image.clone(),
                },
                summary: String::new(),
            },
        })
        .collect()
}

fn fields(account: &Account) -> Vec<PropertyValue> {
    account
        .fields
        .iter()
        .map(|field| PropertyValue {
            kind: "PropertyValue",
            name: field.name.clone(),
            value: field.value.clone(),
        })
        .collect()
}

fn public_key(id: String, owner: &str, pem: &str) -> PublicKey {
    PublicKey {
        id,
        owner: owner.to_owned(),
        pem: pem.to_owned(),
    }
}
