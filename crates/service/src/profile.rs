//! The profile of a local account, and what its user's new statuses are like.
//!
//! Source: <https://docs.joinmastodon.org/methods/accounts/#update_credentials>

use bytes::Bytes;
use pouet_model::{
    account::{Account, ActorType, Field, Picture, User},
    domain::normalise,
    html::{link_fields, strip_bidi_controls},
    notification_policy::Correspondents,
    page::Page,
    quote::QuoteChoice,
    search::fold_name,
    status::Visibility,
    text::{Rendering, character_count},
};
use pouet_storage::{
    Conn,
    accounts::{self as rows, ProfileRow, domains_json, emojis_json, fields_json},
    media as media_rows,
    users::{self as user_rows, PostingDefaults},
};

use crate::{
    composition::{compose_as, emojis_in},
    error::{Error, FieldError, Result},
    events::{self, Event},
    follows,
    instance::Instance,
    jobs::{self, Job},
    media::{self, PictureKind},
    notifications::policy::{self, PolicyChange},
    statuses::validate,
    verified_links,
};

/// Follow requests that are accepted at a time when an account is no longer locked.
const REQUESTS: i64 = 80;

/// Sites that may name an account as the author of their pages, as on Mastodon.
const MAX_ATTRIBUTION_DOMAINS: usize = 100;

/// What becomes of an avatar or header.
#[derive(Clone, Debug)]
pub enum PictureChange {
    /// This file takes its place.
    Set(Bytes),
    /// The default takes its place.
    Remove,
}

/// A change of a profile; `None` leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// Plain text; may be empty.
    pub display_name: Option<String>,
    /// Biography as typed; may be empty.
    pub note: Option<String>,
    /// Profile table, name and value of each row as typed; rows without either are left out.
    pub fields: Option<Vec<(String, String)>>,
    /// Avatar.
    pub avatar: Option<PictureChange>,
    /// Header.
    pub header: Option<PictureChange>,
    /// Alternative text of the avatar.
    pub avatar_description: Option<String>,
    /// Alternative text of the header.
    pub header_description: Option<String>,
    /// Follows need approval. Waiting requests are accepted when they no longer do.
    pub locked: Option<bool>,
    /// The account is automated.
    pub bot: Option<bool>,
    /// May be shown in directory and trends.
    pub discoverable: Option<bool>,
    /// Public statuses may be found by search.
    pub indexable: Option<bool>,
    /// Followers and following are not listed.
    pub hide_collections: Option<bool>,
    /// Domains of sites that may name the account as the author of their pages; empty ones are left out.
    pub attribution_domains: Option<Vec<String>>,
    /// Visibility of new statuses: any but direct.
    pub visibility: Option<Visibility>,
    /// Media of new statuses are hidden.
    pub sensitive: Option<bool>,
    /// Language of new statuses; empty: none in particular.
    pub language: Option<String>,
    /// Who may quote new statuses.
    pub quote_policy: Option<QuoteChoice>,
    /// Whose private messages the user asks for.
    pub direct_messages: Option<Correspondents>,
}

/// Changes the profile of a user's account, and returns the account as it is now. Followers elsewhere are told.
///
/// # Errors
/// `Validation` with everything that is too long or otherwise wrong; `Invalid` if a picture cannot be used.
pub async fn update(instance: &Instance, user: &User, change: ProfileChange) -> Result<Account> {
    let errors = check(instance, &change);
    if !errors.is_empty() {
        return Err(Error::Validation(errors));
    }
    let account_id = user.account_id;
    let before = instance
        .read(move |conn| rows::find_account(conn, account_id)?.ok_or(Error::NotFound))
        .await?;
    let is_profile = change.touches_profile();
    let mut row = texts(instance, &before, &change).await?;
    row.avatar_file = store(instance, change.avatar, PictureKind::Avatar).await?;
    row.header_file = store(instance, change.header, PictureKind::Header).await?;
    let unlocked = before.locked && row.locked == Some(false);
    let stored: Vec<String> = [&row.avatar_file, &row.header_file]
        .into_iter()
        .filter_map(|file| file.clone().flatten())
        .collect();
    let (writer, user_id) = (instance.clone(), user.id);
    let (visibility, sensitive, quote_policy) = (change.visibility, change.sensitive, change.quote_policy);
    let direct_messages = change.direct_messages;
    let language = change.language.map(|tag| validate::language(Some(&tag)));
    let written = instance
        .write(move |tx| {
            let now = writer.now();
            trash_replaced(tx, &writer, account_id, &row)?;
            rows::update_profile(tx, account_id, &row)?;
            let defaults = PostingDefaults {
                visibility,
                sensitive,
                language: language.as_ref().map(Option::as_deref),
                quote_policy,
            };
            user_rows::update_posting_defaults(tx, user_id, defaults)?;
            let policy = PolicyChange {
                direct_messages,
                ..PolicyChange::default()
            };
            policy::change_in(tx, account_id, policy)?;
            events::emit(tx, &Event::AccountChanged { account_id }, now)?;
            if is_profile {
                jobs::enqueue(tx, writer.next_id(), &Job::SendProfile { account_id }, now, now)?;
            }
            let after = rows::find_account(tx, account_id)?.ok_or(Error::NotFound)?;
            if row.fields.is_some() {
                verified_links::schedule(tx, &writer, &after, now)?;
            }
            Ok(after)
        })
        .await;
    if written.is_err() {
        for file in stored {
            instance.media.remove(&file).await?;
        }
    }
    let account = written?;
    instance.heed(Event::AccountChanged { account_id });
    if unlocked {
        accept_requests(instance, &account).await?;
    }
    Ok(account)
}

impl ProfileChange {
    /// Whether more changes than what new statuses are like.
    fn touches_profile(&self) -> bool {
        let Self {
            display_name,
            note,
            fields,
            avatar,
            header,
            avatar_description,
            header_description,
            locked,
            bot,
            discoverable,
            indexable,
            hide_collections,
            attribution_domains,
            visibility: _,
            sensitive: _,
            language: _,
            quote_policy: _,
            direct_messages: _,
        } = self;
        display_name.is_some()
            || note.is_some()
            || fields.is_some()
            || avatar.is_some()
            || header.is_some()
            || avatar_description.is_some()
            || header_description.is_some()
            || locked.is_some()
            || bot.is_some()
            || discoverable.is_some()
            || indexable.is_some()
            || hide_collections.is_some()
            || attribution_domains.is_some()
    }
}

fn check(instance: &Instance, change: &ProfileChange) -> Vec<FieldError> {
    let limits = instance.limits();
    let too_long = |field, count: usize, limit: usize, unit: &str| {
        (count > limit).then(|| {
            let description = format!("is too long (maximum is {limit} {unit})");
            FieldError::new(field, "ERR_TOO_LONG", description)
        })
    };
    let chars = |field, text: &Option<String>, limit| {
        let count = text.as_deref().map_or(0, |text| text.chars().count());
        too_long(field, count, limit, "characters")
    };
    let note = change.note.as_deref().unwrap_or_default();
    let fields = change.fields.as_deref().unwrap_or_default();
    let longest = fields
        .iter()
        .map(|(name, value)| name.chars().count().max(value.chars().count()))
        .max();
    let nameless = |(name, value): &(String, String)| name.trim().is_empty() && !value.trim().is_empty();
    [
        chars("display_name", &change.display_name, limits.display_name_chars),
        too_long("note", character_count(note, ""), limits.note_chars, "characters"),
        too_long("fields", fields.len(), limits.profile_fields, "rows"),
        too_long("fields", longest.unwrap_or(0), limits.field_chars, "characters"),
        fields
            .iter()
            .any(nameless)
            .then(|| FieldError::new("fields", "ERR_BLANK", "need a name in each row")),
        chars(
            "avatar_description",
            &change.avatar_description,
            limits.media_description_chars,
        ),
        chars(
            "header_description",
            &change.header_description,
            limits.media_description_chars,
        ),
        check_domains(change.attribution_domains.as_deref().unwrap_or_default()),
        (change.visibility == Some(Visibility::Direct)).then(|| not_in_list("privacy")),
        change
            .language
            .as_deref()
            .filter(|tag| !tag.is_empty() && validate::language(Some(tag)).is_none())
            .map(|_| not_in_list("language")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Sites that may name an account: not too many, and each a domain.
fn check_domains(typed: &[String]) -> Option<FieldError> {
    let invalid = |code, why: &str| Some(FieldError::new("attribution_domains", code, why));
    if typed.len() > MAX_ATTRIBUTION_DOMAINS {
        return invalid("ERR_TOO_LONG", "are too many (maximum is 100)");
    }
    let is_wrong = |domain: &&String| !domain.trim().is_empty() && normalise(domain.trim()).is_err();
    if typed.iter().any(|domain| is_wrong(&domain)) {
        return invalid("ERR_INVALID", "contains an entry that is not a valid domain name");
    }
    None
}

/// Domains in their normal form, each once.
fn read_domains(typed: &[String]) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for domain in typed.iter().filter_map(|domain| normalise(domain.trim()).ok()) {
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    domains
}

fn not_in_list(field: &'static str) -> FieldError {
    FieldError::new(field, "ERR_INCLUSION", "is not included in the list")
}

/// A text for one line.
pub(crate) fn one_line(text: &str) -> String {
    strip_bidi_controls(text)
        .replace(|c: char| c.is_control(), " ")
        .trim()
        .to_owned()
}

/// The columns of a change, pictures left aside.
async fn texts(instance: &Instance, before: &Account, change: &ProfileChange) -> Result<ProfileRow> {
    let display_name = change.display_name.as_deref().map(one_line);
    let mut row = ProfileRow {
        display_name_folded: display_name.as_deref().map(fold_name),
        display_name,
        fields: change
            .fields
            .as_deref()
            .map(|fields| fields_json(&read_fields(fields, before))),
        avatar_description: change.avatar_description.clone(),
        header_description: change.header_description.clone(),
        actor_type: change.bot.map(|bot| {
            let kind = match (bot, before.actor_type) {
                (true, _) => ActorType::Service,
                // Apps say with every change that a group is no bot.
                (false, ActorType::Group) => ActorType::Group,
                (false, _) => ActorType::Person,
            };
            kind.as_str().to_owned()
        }),
        locked: change.locked,
        discoverable: change.discoverable,
        indexable: change.indexable,
        hide_collections: change.hide_collections,
        attribution_domains: change
            .attribution_domains
            .as_deref()
            .map(|typed| domains_json(&read_domains(typed))),
        ..ProfileRow::default()
    };
    if let Some(note) = &change.note {
        let note = note.trim();
        row.note = Some(compose_as(instance, Rendering::BIO, note).await?.html);
        row.note_source = Some(note.to_owned());
    }
    if change.display_name.is_some() || change.note.is_some() || change.fields.is_some() {
        let name = row.display_name.as_ref().unwrap_or(&before.display_name);
        let note = row.note_source.as_ref().unwrap_or(&before.note_source);
        let mut texts = vec![name.as_str(), note.as_str()];
        match &change.fields {
            Some(fields) => texts.extend(
                fields
                    .iter()
                    .flat_map(|(name, value)| [name.as_str(), value.as_str()]),
            ),
            None => texts.extend(
                before
                    .fields
                    .iter()
                    .flat_map(|field| [field.name.as_str(), field.source.as_str()]),
            ),
        }
        row.emojis = Some(emojis_json(&emojis_in(instance, texts).await?));
    }
    Ok(row)
}

/// The profile table. A link that was verified stays so while its row is not changed.
fn read_fields(typed: &[(String, String)], before: &Account) -> Vec<Field> {
    typed
        .iter()
        .map(|(name, value)| (one_line(name), one_line(value)))
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
        .map(|(name, source)| Field {
            verified_at: before
                .fields
                .iter()
                .find(|known| known.name == name && known.source == source)
                .and_then(|known| known.verified_at),
            value: link_fields(&source),
            name,
            source,
        })
        .collect()
}

/// Stores a picture: `Some(key)` if there is a new one, `Some(None)` if the default takes its place.
async fn store(
    instance: &Instance,
    change: Option<PictureChange>,
    kind: PictureKind,
) -> Result<Option<Option<String>>> {
    let bytes = match change {
        None => return Ok(None),
        Some(PictureChange::Remove) => return Ok(Some(None)),
        Some(PictureChange::Set(bytes)) => bytes,
    };
    let field = match kind {
        PictureKind::Avatar => "avatar",
        PictureKind::Header => "header",
    };
    match media::store_picture(instance, bytes, kind).await {
        Ok(key) => Ok(Some(Some(key))),
        Err(Error::Invalid { code, reason, .. }) => Err(Error::invalid(field, code, reason)),
        Err(other) => Err(other),
    }
}

/// Hands the files of pictures that are replaced to the job that removes files.
fn trash_replaced(
    tx: &mut Conn,
    instance: &Instance,
    id: pouet_model::ids::AccountId,
    row: &ProfileRow,
) -> Result<()> {
    let before = rows::find_account(tx, id)?.ok_or(Error::NotFound)?;
    for (changed, old) in [
        (row.avatar_file.is_some(), before.avatar),
        (row.header_file.is_some(), before.header),
    ] {
        if let (true, Some(Picture::Stored(file))) = (changed, old) {
            media_rows::insert_trash(tx, &file, instance.now())?;
        }
    }
    Ok(())
}

/// An account that is no longer locked has no requests waiting.
async fn accept_requests(instance: &Instance, owner: &Account) -> Result<()> {
    loop {
        let requests = follows::requests(instance, owner.id, Page::first(REQUESTS)).await?;
        if requests.is_empty() {
            return Ok(());
        }
        for request in requests {
            match follows::accept(instance, owner.id, request.item.id).await {
                // Taken back meanwhile.
                Ok(()) | Err(Error::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
    }
}
