//! Posting a status.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, User},
    ids::{AccountId, AppId, ConversationId, MediaId, StatusId},
    interaction::{Choice, Interaction, Policy},
    quote::QuoteChoice,
    status::{Mention, Status, Visibility},
};
use pouet_storage::{Conn, accounts, idempotency, policies};

use super::{
    approval::hold,
    expire,
    insert::{Attachments, Insertion, Thread, insert},
    validate,
};
use crate::{
    composition::{self, Composition},
    error::{Error, Result},
    instance::Instance,
    interactions,
    jobs::{self, Job},
    notifications::policy,
    quotes,
    tag_rules::check_usable,
    visibility::find_visible,
};

/// How long an Idempotency-Key stands for the status first posted with it.
const IDEMPOTENCY_TTL: TimeDelta = TimeDelta::hours(1);

/// A poll to post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPoll {
    /// Plain texts, in order.
    pub options: Vec<String>,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// Several answers may be chosen.
    pub multiple: bool,
    /// Totals stay hidden until the end.
    pub hide_totals: bool,
}

/// A status to post.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#create>
#[derive(Clone, Debug, Default)]
pub struct NewStatus {
    /// Text as typed.
    pub text: String,
    /// Content warning; empty: none.
    pub spoiler_text: String,
    /// Hide media; `None`: the author's preference, or because of a content warning.
    pub sensitive: Option<bool>,
    /// Who may see it; `None`: the author's preference, or narrower if the status answered is.
    pub visibility: Option<Visibility>,
    /// ISO 639 code; `None` or nonsense: the author's preference.
    pub language: Option<String>,
    /// What it answers.
    pub in_reply_to_id: Option<StatusId>,
    /// Uploaded files, in order.
    pub media_ids: Vec<MediaId>,
    /// A poll.
    pub poll: Option<NewPoll>,
    /// Who may do what with it; `None`: as the author prefers for its audience.
    pub interactions: Option<Choice>,
    /// What it is written with.
    pub application_id: Option<AppId>,
    /// Repeating a request with the same key posts nothing new.
    pub idempotency_key: Option<String>,
    /// Refuse the post if it would mention anybody else.
    pub allowed_mentions: Option<Vec<AccountId>>,
    /// What it quotes.
    pub quoted_status_id: Option<StatusId>,
    /// Who may quote it; `None`: the author's preference.
    pub quote_policy: Option<QuoteChoice>,
    /// It stays on this instance, as what it answers or quotes does.
    pub local_only: bool,
    /// Seconds from now until it is removed: 5 minutes to a year.
    pub expires_in: Option<i64>,
    /// When it is removed, if that is not said in seconds.
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewStatus {
    /// What is plain text beside the text itself: the warning and the answers of the poll.
    fn plain_texts(&self) -> impl Iterator<Item = &str> {
        let answers = self.poll.iter().flat_map(|poll| &poll.options);
        answers.chain([&self.spoiler_text]).map(String::as_str)
    }
}

/// Posts a status and returns its id; with an Idempotency-Key used within the last hour, the id of what was
/// posted then.
///
/// # Errors
/// `Invalid` for what breaks a rule; `NotFound` if the status answered or a file is not there for the author;
/// a private message to somebody who refuses those of the author is such a thing; `UnexpectedMentions` if somebody
/// is mentioned who should not be; `Forbidden` if the author of the status answered does
/// not want this.
pub async fn post(instance: &Instance, author: &User, new: NewStatus) -> Result<StatusId> {
    post_taking(instance, author, new, |_| Ok(())).await
}

/// [`post`], for what is kept in a row until it is posted: `take` removes the row in the same transaction, or fails,
/// and then nothing is posted.
pub(super) async fn post_taking(
    instance: &Instance,
    author: &User,
    new: NewStatus,
    take: impl FnOnce(&mut Conn) -> Result<()> + Send + 'static,
) -> Result<StatusId> {
    let account_id = author.account_id;
    let key = new.idempotency_key.clone().filter(|key| !key.is_empty());
    if let Some(id) = posted_before(instance, account_id, key.as_deref()).await? {
        return Ok(id);
    }
    let new = normalised(new);
    validate::text(
        instance.limits(),
        &new.text,
        &new.spoiler_text,
        !new.media_ids.is_empty() || new.poll.is_some() || new.quoted_status_id.is_some(),
    )?;
    validate::media(instance.limits(), &new.media_ids, new.poll.is_some())?;
    validate::end(new.expires_in, new.expires_at, instance.now())?;
    let composition = composition::compose_with(instance, &new.text, new.plain_texts()).await?;
    check_mentions(&composition, account_id, new.allowed_mentions.as_deref())?;
    let (writer, user, again) = (instance.clone(), author.clone(), key.clone());
    let result = instance
        .write(move |tx| {
            take(tx)?;
            post_in(tx, &writer, &user, &new, &composition, key.as_deref())
        })
        .await;
    match result {
        // Another request with the same key was quicker: its status is the answer to both.
        Err(Error::Conflict(_)) if again.is_some() => posted_before(instance, account_id, again.as_deref())
            .await?
            .ok_or(Error::Busy),
        other => other,
    }
}

async fn posted_before(
    instance: &Instance,
    account: AccountId,
    key: Option<&str>,
) -> Result<Option<StatusId>> {
    let Some(key) = key.map(str::to_owned) else {
        return Ok(None);
    };
    let since = instance.now() - IDEMPOTENCY_TTL;
    instance
        .read(move |conn| Ok(idempotency::find_idempotent(conn, account, &key, since)?))
        .await
}

/// A content warning without a text is the text, as on Mastodon.
fn normalised(mut new: NewStatus) -> NewStatus {
    let says_more = !new.media_ids.is_empty() || new.poll.is_some() || new.quoted_status_id.is_some();
    if new.text.trim().is_empty() && !says_more {
        new.text = std::mem::take(&mut new.spoiler_text);
    }
    new
}

fn check_mentions(composition: &Composition, author: AccountId, allowed: Option<&[AccountId]>) -> Result<()> {
    let Some(allowed) = allowed else { return Ok(()) };
    let unexpected: Vec<AccountId> = composition
        .mentioned
        .iter()
        .map(|account| account.id)
        .filter(|id| *id != author && !allowed.contains(id))
        .collect();
    if unexpected.is_empty() {
        Ok(())
    } else {
        Err(Error::UnexpectedMentions(unexpected))
    }
}

fn post_in(
    tx: &mut Conn,
    instance: &Instance,
    user: &User,
    new: &NewStatus,
    composition: &Composition,
    key: Option<&str>,
) -> Result<StatusId> {
    let now = instance.now();
    if let Some(key) = key
        && let Some(id) = idempotency::find_idempotent(tx, user.account_id, key, now - IDEMPOTENCY_TTL)?
    {
        return Ok(id);
    }
    check_usable(tx, "text", "Text", &composition.tags)?;
    let author = accounts::find_account(tx, user.account_id)?.ok_or(Error::NotFound)?;
    let (parent, waits_for) = match new.in_reply_to_id {
        Some(answered) => {
            let (parent, waits) = parent_of(tx, instance, &author, answered)?;
            let waits_for = waits.then_some(parent.id);
            (Some(parent), waits_for)
        }
        None => (None, None),
    };
    let id: StatusId = instance.next_id();
    let poll = match &new.poll {
        Some(poll) => Some(validate::poll(
            instance.limits(),
            poll,
            instance.next_id(),
            id,
            &author,
            now,
        )?),
        None => None,
    };
    let quoted = match new.quoted_status_id {
        Some(id) => Some(quotes::quotable(tx, &author, id)?),
        None => None,
    };
    let mut status = Status {
        poll_id: poll.as_ref().map(|poll| poll.id),
        ..status_row(
            id,
            user,
            new,
            composition,
            parent.as_ref(),
            instance.next_id(),
            now,
        )
    };
    status.expires_at = validate::end(new.expires_in, new.expires_at, now)?;
    status.local_only = new.local_only || parent.as_ref().is_some_and(|parent| parent.local_only);
    if let Some(quoted) = &quoted {
        status.local_only |= quoted.status.local_only;
        status.visibility = quoted.narrowed(status.visibility);
        quoted.check_audience(&author, status.visibility, &composition.mentioned)?;
        status.content.insert_str(0, &quotes::fallback(instance, quoted));
    }
    check_recipients(tx, instance, &author, &status, composition)?;
    let mentions: Vec<Mention> = composition
        .mentioned
        .iter()
        .map(|account| Mention {
            account_id: account.id,
            silent: false,
        })
        .collect();
    let visibility = status.visibility;
    if waits_for.is_some() {
        status.visibility = Visibility::Direct;
    }
    let insertion = Insertion {
        thread: if parent.is_some() {
            Thread::Known
        } else {
            Thread::New { uri: None }
        },
        mentions,
        tags: composition.tags.clone(),
        attachments: Attachments::Uploaded(new.media_ids.clone()),
        poll,
        quiet: waits_for.is_some(),
        held: waits_for.is_some(),
        status,
    };
    insert(tx, instance, &author, &insertion, now)?;
    write_policies(tx, &insertion.status, visibility, user, new)?;
    if let Some(quoted) = &quoted {
        quotes::insert_own(tx, instance, &insertion.status, quoted, now)?;
    }
    match waits_for {
        Some(target) => hold(tx, instance, &insertion.status, target, visibility)?,
        None => quotes::tell(tx, instance, id, now)?,
    }
    if let Some(key) = key {
        idempotency::insert_idempotent(tx, author.id, key, id, now)?;
    }
    enqueue_jobs(tx, instance, &insertion, now)?;
    Ok(id)
}

/// What is to be done later: telling other servers, and ending the poll and the status itself.
fn enqueue_jobs(tx: &mut Conn, instance: &Instance, new: &Insertion, now: DateTime<Utc>) -> Result<()> {
    let status_id = new.status.id;
    if !new.status.local_only {
        jobs::enqueue(tx, instance.next_id(), &Job::Publish { status_id }, now, now)?;
    }
    expire::schedule(tx, instance, status_id, new.status.expires_at, now)?;
    if let Some(poll) = &new.poll
        && let Some(end) = poll.expires_at
    {
        let job = Job::EndPoll { poll_id: poll.id };
        jobs::enqueue(tx, instance.next_id(), &job, end, now)?;
    }
    Ok(())
}

/// Whether those whom a private message names would have it.
fn check_recipients(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    status: &Status,
    composition: &Composition,
) -> Result<()> {
    if status.visibility != Visibility::Direct {
        return Ok(());
    }
    let recipients: Vec<&Account> = composition.mentioned.iter().collect();
    policy::check_message(tx, instance, author, &recipients, Some(status.conversation_id))
}

/// Writes who may quote `status` and who may interact with it; `visibility` is the audience that it is to
/// have, which may be wider than its present one.
fn write_policies(
    tx: &mut Conn,
    status: &Status,
    visibility: Visibility,
    user: &User,
    new: &NewStatus,
) -> Result<()> {
    let meant = Status {
        visibility,
        ..status.clone()
    };
    let policy = new.quote_policy.unwrap_or(user.default_quote_policy);
    quotes::write_policy(tx, &meant, &policy.into())?;
    let choice = match new.interactions {
        Some(choice) => choice,
        None => policies::load_defaults(tx, status.account_id)?
            .remove(&visibility)
            .unwrap_or_default(),
    };
    if choice != Choice::default() {
        policies::replace_policy(tx, status.id, Some(&Policy::Own(choice)))?;
    }
    Ok(())
}

/// The status that an answer goes to, and whether the answer waits for its author's approval.
fn parent_of(tx: &mut Conn, instance: &Instance, author: &Account, id: StatusId) -> Result<(Status, bool)> {
    let (parent, answered) = answerable(tx, author, id)?;
    let waits = interactions::check(tx, instance, Interaction::Reply, &parent, &answered, author.id)?;
    Ok((parent, waits))
}

/// The status that an answer goes to: one that the author may see, and of a boost, what it boosts.
pub(super) fn answerable(tx: &mut Conn, author: &Account, id: StatusId) -> Result<(Status, Account)> {
    let found = find_visible(tx, Some(author.id), id)?;
    match found.0.reblog_of_id {
        Some(original) => find_visible(tx, Some(author.id), original),
        None => Ok(found),
    }
}

/// The audience of an answer whose author did not say who may see it: not wider than what it answers (security rule R042).
pub(super) fn narrowed(by_default: Visibility, parent: &Status) -> Visibility {
    postable(by_default.max(parent.visibility))
}

/// Whom a circle elsewhere holds is not known here: who answers it addresses those they name.
fn postable(visibility: Visibility) -> Visibility {
    match visibility {
        Visibility::Limited => Visibility::Direct,
        visibility => visibility,
    }
}

fn status_row(
    id: StatusId,
    user: &User,
    new: &NewStatus,
    composition: &Composition,
    parent: Option<&Status>,
    fresh_conversation: ConversationId,
    now: DateTime<Utc>,
) -> Status {
    let chosen = new.visibility.unwrap_or(user.default_visibility);
    let visibility = match parent.filter(|_| new.visibility.is_none()) {
        Some(parent) => narrowed(chosen, parent),
        None => postable(chosen),
    };
    let language = validate::language(new.language.as_deref()).or_else(|| user.default_language.clone());
    let hidden = new.sensitive.unwrap_or(user.default_sensitive) || !new.spoiler_text.is_empty();
    Status {
        id,
        account_id: user.account_id,
        uri: None,
        url: None,
        in_reply_to_id: parent.map(|parent| parent.id),
        in_reply_to_account_id: parent.map(|parent| parent.account_id),
        in_reply_to_uri: None,
        reblog_of_id: None,
        conversation_id: parent.map_or(fresh_conversation, |parent| parent.conversation_id),
        text: new.text.clone(),
        content: composition.html.clone(),
        spoiler_text: new.spoiler_text.clone(),
        sensitive: hidden,
        visibility,
        language,
        poll_id: None,
        application_id: new.application_id,
        emojis: composition.emojis.clone(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at: now,
        edited_at: None,
        local_only: false,
        expires_at: None,
    }
}
