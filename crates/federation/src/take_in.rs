//! Taking in what other servers say: from a document to a stored account or status.
//!
//! Source: rules R022, R036.

use chrono::TimeDelta;
use pouet_model::{
    account::Account,
    audience::Audience,
    domain::parse_handle,
    ids::StatusId,
    interaction::Interaction,
    status::{Mention, Visibility},
};
use pouet_service::{
    Error as ServiceError, accounts,
    quotes::RemoteQuote,
    statuses::{self, Arrival, RemoteStatus},
    view::TagView,
};
use serde_json::Value;

use crate::{
    approval,
    budget::Budget,
    context::Federation,
    documents::{ActorDocument, MentionTag, NoteDocument},
    error::{Error, Result},
    fetch::{check_target, document, settle_keys},
    json::Object,
    origin::{is_own, same_origin},
    webfinger,
};

/// Accounts are asked for again after this time, when they are needed.
const STALE: TimeDelta = TimeDelta::days(1);
/// Silent mentions of local accounts that are addressed without being named.
const MAX_ADDRESSED: usize = 100;

/// Stores the actor that a document describes, once its handle and keys are proved.
///
/// # Errors
/// `Refused` for what is no actor, whose handle is somebody else's, or which lacks what we know it to have; `Gone` if we
/// know it to be deleted; those of the network.
pub(crate) async fn actor(federation: &Federation, value: &Value, budget: &Budget) -> Result<Account> {
    let document = ActorDocument::read(value)?;
    check_target(federation, &document.id).await?;
    let instance = &federation.instance;
    let known = accounts::find_by_uri(instance, &document.id).await?;
    if known.as_ref().is_some_and(|known| known.deleted_at.is_some()) {
        return Err(Error::Gone);
    }
    if known.as_ref().is_some_and(|known| document.is_stripped_of(known)) {
        return Err(Error::Refused("actor document lacks what it had"));
    }
    let (username, domain) = prove_handle(federation, &document, known.as_ref(), budget).await?;
    let keys = settle_keys(federation, &document, budget).await?;
    let data = document.into_data(username, domain, keys, instance.now());
    Ok(accounts::receive_actor(instance, data).await?)
}

/// User name and domain of an actor: as we know them, or as WebFinger confirms them in both directions.
async fn prove_handle(
    federation: &Federation,
    document: &ActorDocument,
    known: Option<&Account>,
    budget: &Budget,
) -> Result<(String, String)> {
    let claimed = document
        .claimed_handle()
        .ok_or(Error::Refused("name of the actor is not valid"))?;
    let domain = claimed.domain.ok_or(Error::Refused("handle without domain"))?;
    if federation.urls().is_own_domain(&domain) {
        return Err(Error::Refused("handle of this instance"));
    }
    if let Some(known) = known
        && known.username.eq_ignore_ascii_case(&claimed.username)
        && let Some(known_domain) = &known.domain
        && (known_domain == &domain || !document.names_its_domain())
    {
        return Ok((claimed.username, known_domain.clone()));
    }
    let confirmed = webfinger::confirm(federation, &claimed.username, &domain, budget).await?;
    if confirmed.actor != document.id {
        return Err(Error::Refused("webfinger names another actor"));
    }
    if federation.urls().is_own_domain(&confirmed.domain) || federation.is_denied(&confirmed.domain).await? {
        return Err(Error::Denied);
    }
    Ok((confirmed.username, confirmed.domain))
}

/// The account with this id: ours, one that we know, or fetched. One that was not asked for in a day is asked for again; if
/// that fails, what we know stays.
///
/// # Errors
/// `Gone` for deleted accounts; those of [`actor`] and the network.
pub(crate) async fn account(federation: &Federation, uri: &str, budget: &Budget) -> Result<Account> {
    let instance = &federation.instance;
    let known = accounts::find_by_uri(instance, uri).await?;
    if is_own(federation.urls(), uri) {
        return known
            .filter(|account| account.deleted_at.is_none())
            .ok_or(Error::Missing);
    }
    if let Some(known) = known {
        return if known.deleted_at.is_some() {
            Err(Error::Gone)
        } else if is_stale(federation, &known) {
            Ok(refresh(federation, uri, budget).await.unwrap_or(known))
        } else {
            Ok(known)
        };
    }
    let _alone = federation.alone_on(uri).await;
    if let Some(known) = accounts::find_by_uri(instance, uri).await? {
        return Ok(known);
    }
    fetched(federation, uri, budget).await
}

/// The account with this id as its server describes it now.
///
/// # Errors
/// Those of [`actor`] and the network.
pub(crate) async fn refresh(federation: &Federation, uri: &str, budget: &Budget) -> Result<Account> {
    let (_alone, waited) = federation.after_others_on(uri).await;
    // Who waited gets what the other one was told just now.
    if waited
        && let Some(known) = accounts::find_by_uri(&federation.instance, uri).await?
        && known.deleted_at.is_none()
    {
        return Ok(known);
    }
    fetched(federation, uri, budget).await
}

async fn fetched(federation: &Federation, uri: &str, budget: &Budget) -> Result<Account> {
    let value = document(federation, uri, budget, None).await?;
    actor(federation, &value, budget).await
}

fn is_stale(federation: &Federation, account: &Account) -> bool {
    let now = federation.instance.now();
    account
        .remote
        .as_ref()
        .is_some_and(|remote| now - remote.fetched_at > STALE)
}

/// Stores the status that a document describes; `None` if it does not concern us.
///
/// `around`: the activity that carried it. Its author must already be proved to be who sent it, or the document be fetched
/// from its own address.
///
/// # Errors
/// `Refused` for what is no status, or not its author's; those of the network.
pub(crate) async fn status(
    federation: &Federation,
    value: &Value,
    around: Option<Object<'_>>,
    arrival: Arrival,
    budget: &Budget,
) -> Result<Option<StatusId>> {
    let status = remote_status(federation, value, around, budget).await?;
    store(federation, value, status, arrival, budget).await
}

/// Stores a status that was read from `value`; `None` if it does not concern us.
///
/// # Errors
/// `Refused` for an answer without the approval that it needs; those of the network.
pub(crate) async fn store(
    federation: &Federation,
    value: &Value,
    status: RemoteStatus,
    arrival: Arrival,
    budget: &Budget,
) -> Result<Option<StatusId>> {
    if !is_approved(federation, value, &status, budget).await? {
        return Err(Error::Refused("answer without the approval that it needs"));
    }
    Ok(statuses::receive(&federation.instance, status, arrival).await?)
}

/// Whether the author of what a status answers lets it.
async fn is_approved(
    federation: &Federation,
    value: &Value,
    status: &RemoteStatus,
    budget: &Budget,
) -> Result<bool> {
    let (Some(parent), Some(object)) = (&status.in_reply_to_uri, Object::of(value)) else {
        return Ok(true);
    };
    let Some(author) = accounts::find_any(&federation.instance, status.account_id).await? else {
        return Ok(true);
    };
    let (kind, uri) = (Interaction::Reply, status.uri.as_str());
    approval::is_approved(federation, kind, object, uri, &author, parent, budget).await
}

/// What a document says as a status of an account that we know, its mentions looked up.
///
/// # Errors
/// As [`status`].
pub(crate) async fn remote_status(
    federation: &Federation,
    value: &Value,
    around: Option<Object<'_>>,
    budget: &Budget,
) -> Result<RemoteStatus> {
    let mut note = NoteDocument::read(value, around, federation.instance.now())?;
    if is_own(federation.urls(), &note.id) || is_own(federation.urls(), &note.author) {
        return Err(Error::Refused("an id of this instance"));
    }
    if !same_origin(&note.id, &note.author) {
        return Err(Error::Refused("status and author differ in origin"));
    }
    let author = author(federation, &note, budget).await?;
    if !author.is_active() {
        return Err(Error::Refused("author is suspended"));
    }
    let followers = author
        .remote
        .as_ref()
        .and_then(|remote| remote.followers.as_deref());
    let visibility = note.audience.visibility(followers);
    let (mentions, has_unnamed) = mentions(federation, &note, &author, budget).await?;
    let visibility = narrowed(&note, visibility, has_unnamed);
    let quote = note.quote.take().map(|quote| RemoteQuote {
        quoted_uri: quote.quoted,
        legacy: quote.legacy,
        stamp_uri: quote.authorization,
        depth: budget.quote_depth(),
    });
    Ok(RemoteStatus {
        quote,
        ..convert(federation, note, &author, visibility, mentions)
    })
}

/// What looks like a letter, but goes to somebody here who is not named in it, or is said to be none, was written to a
/// circle: `Limited`.
///
/// Source: <https://docs.joinmastodon.org/spec/activitypub/#properties-used>; Mastodon shows such posts as `private`.
fn narrowed(note: &NoteDocument, visibility: Visibility, has_unnamed: bool) -> Visibility {
    let is_letter = note.direct_message.unwrap_or(!has_unnamed);
    if visibility == Visibility::Direct && !is_letter {
        Visibility::Limited
    } else {
        visibility
    }
}

/// The author. Where their followers collection is not known and decides about visibility, they are asked for it first.
async fn author(federation: &Federation, note: &NoteDocument, budget: &Budget) -> Result<Account> {
    let author = account(federation, &note.author, &budget.deeper()?).await?;
    let knows_followers = author
        .remote
        .as_ref()
        .is_some_and(|remote| remote.followers.is_some());
    let may_be_private =
        !note.audience.visibility(None).is_open() && addresses_collections(&note.audience, &author);
    if knows_followers || !may_be_private {
        return Ok(author);
    }
    Ok(refresh(federation, &note.author, budget).await.unwrap_or(author))
}

/// Whether something on the author's own server is addressed that is not the author.
fn addresses_collections(audience: &Audience, author: &Account) -> bool {
    let uri = author.uri.as_deref().unwrap_or_default();
    audience.iter().any(|id| id != uri && same_origin(id, uri))
}

/// Accounts that a status names, and whether others are addressed here. Who is named without being addressed is not
/// notified; who is addressed here without being named may read it.
async fn mentions(
    federation: &Federation,
    note: &NoteDocument,
    author: &Account,
    budget: &Budget,
) -> Result<(Vec<Mention>, bool)> {
    let mut mentions: Vec<Mention> = Vec::new();
    let push = |account: &Account, silent: bool, mentions: &mut Vec<Mention>| {
        let known = mentions.iter().any(|mention| mention.account_id == account.id);
        if !known && account.id != author.id && account.is_active() {
            mentions.push(Mention {
                account_id: account.id,
                silent,
            });
        }
    };
    for tag in &note.tags.mentions {
        let Some(account) = mentioned(federation, tag, budget).await? else {
            continue;
        };
        let addressed = note.audience.contains(&federation.urls().account_uri(&account));
        push(&account, !addressed, &mut mentions);
    }
    let named = mentions.len();
    let addressed: Vec<&str> = note
        .audience
        .iter()
        .filter(|id| is_own(federation.urls(), id))
        .take(MAX_ADDRESSED)
        .collect();
    for id in addressed {
        if let Some(account) = accounts::find_by_uri(&federation.instance, id).await? {
            push(&account, true, &mut mentions);
        }
    }
    let has_unnamed = mentions.len() > named;
    Ok((mentions, has_unnamed))
}

/// The account that a mention names; `None` if it cannot be had.
async fn mentioned(federation: &Federation, tag: &MentionTag, budget: &Budget) -> Result<Option<Account>> {
    let found = match &tag.href {
        Some(href) => account(federation, href, &budget.deeper()?).await,
        None => by_name(federation, tag.name.as_deref().unwrap_or_default()).await,
    };
    match found {
        Ok(account) => Ok(Some(account)),
        Err(Error::Service(error)) if !matches!(error, ServiceError::NotFound | ServiceError::Gone) => {
            Err(error.into())
        }
        Err(error) => {
            tracing::debug!(%error, "a mention is left out");
            Ok(None)
        }
    }
}

/// The account of a mention without address, if we know it.
async fn by_name(federation: &Federation, name: &str) -> Result<Account> {
    let handle = parse_handle(name).ok_or(Error::Missing)?;
    let domain = handle.domain.ok_or(Error::Missing)?;
    let found = accounts::find_by_handle(&federation.instance, &handle.username, Some(&domain)).await?;
    found.ok_or(Error::Missing)
}

fn convert(
    federation: &Federation,
    note: NoteDocument,
    author: &Account,
    visibility: Visibility,
    mentions: Vec<Mention>,
) -> RemoteStatus {
    let now = federation.instance.now();
    let mut emojis = note.tags.emojis;
    for emoji in &mut emojis {
        emoji.domain.clone_from(&author.domain);
    }
    let hashtags = note.tags.hashtags.into_iter();
    RemoteStatus {
        uri: note.id,
        url: note.url,
        account_id: author.id,
        in_reply_to_uri: note.in_reply_to,
        conversation_uri: note.conversation,
        content: note.content,
        spoiler_text: note.spoiler_text,
        sensitive: note.sensitive,
        visibility,
        language: note.language,
        published: note.published.unwrap_or(now),
        updated: note.updated,
        mentions,
        tags: hashtags
            .map(|(name, display_name)| TagView { name, display_name })
            .collect(),
        media: note.media,
        poll: note.poll.map(|poll| poll.0),
        expires_at: note.expires_at,
        emojis,
        quote: None,
        quote_policy: note.quote_policy.of(author),
        replies: if visibility.is_open() {
            note.replies
        } else {
            Vec::new()
        },
        rules: note.rules,
    }
}
