//! Emoji put on statuses, by people here and elsewhere.

use std::sync::Arc;

use pouet_model::{
    account::Account,
    emoji::CustomEmoji,
    ids::{AccountId, StatusId},
    interaction::Interaction,
    notification::NotificationType,
    reaction::{MAX_REACTIONS, ReactionEmoji, unicode_emoji},
    status::Status,
};
use pouet_storage::{
    Conn, accounts, emojis, notifications,
    reactions::{self as rows, ReactionRow},
    statuses,
};

use super::favourite::likeable;
use crate::{
    error::{Error, Result},
    instance::Instance,
    interactions::{Wish, check, withdraw, withdraw_by_uri},
    jobs::{self, Job},
    notifications::notify,
    visibility::{find_target, find_visible, load_accounts},
};

pub use pouet_storage::reactions::ReactionCount;

/// Different emoji on one status: more are not kept, so that nobody can make a status long to show.
const MAX_DISTINCT: usize = 100;
/// Reactions whose makers are listed.
const LISTED: i64 = 400;

/// An emoji on a status with those who put it there.
#[derive(Clone, Debug)]
pub struct Reactors {
    /// The emoji, how many there are, and whether the viewer is among them.
    pub reaction: ReactionCount,
    /// Who they are, the first one leading.
    pub accounts: Vec<Arc<Account>>,
}

/// What a client wrote for an emoji.
enum Wanted {
    Unicode(String),
    /// Shortcode and domain.
    Custom(String, Option<String>),
}

impl Wanted {
    fn read(instance: &Instance, text: &str) -> Self {
        if let Some(emoji) = unicode_emoji(text) {
            return Self::Unicode(emoji);
        }
        let text = text.trim_matches(':');
        match text.split_once('@') {
            Some((name, domain)) if !instance.urls().is_own_domain(domain) => {
                Self::Custom(name.to_owned(), Some(domain.to_owned()))
            }
            Some((name, _)) => Self::Custom(name.to_owned(), None),
            None => Self::Custom(text.to_owned(), None),
        }
    }

    fn is(&self, emoji: &ReactionEmoji) -> bool {
        match (self, emoji) {
            (Self::Unicode(text), ReactionEmoji::Unicode(other)) => text == other,
            (Self::Custom(name, domain), ReactionEmoji::Custom(other)) => {
                *name == other.shortcode && *domain == other.domain
            }
            _ => false,
        }
    }

    /// The emoji, if people here may use it on the status: those of Unicode, our own, and others that are there already.
    fn find(self, tx: &mut Conn, status: StatusId) -> Result<Option<ReactionEmoji>> {
        match &self {
            Self::Unicode(text) => Ok(Some(ReactionEmoji::Unicode(text.clone()))),
            Self::Custom(name, None) => {
                let found = emojis::load_local_emojis(tx, std::slice::from_ref(name))?;
                Ok(found.into_iter().next().map(ReactionEmoji::Custom))
            }
            Self::Custom(_, Some(_)) => {
                let there = rows::list_emojis_on(tx, status, MAX_DISTINCT)?;
                Ok(there.into_iter().find(|emoji| self.is(emoji)))
            }
        }
    }
}

/// Puts an emoji on a status; doing it again changes nothing. `emoji`: one of Unicode, the shortcode of one of ours, or
/// `shortcode@domain` of one that is on the status already. Colons around a shortcode do not matter.
///
/// # Errors
/// `NotFound` if the actor may not see the status; `Forbidden` if its author does not want this; `Invalid` if it is no
/// emoji, or too many of theirs are there.
///
/// Source: <https://docs.pleroma.social/backend/development/API/pleroma_api/#put-apiv1pleromastatusesidreactionsemoji>
pub async fn react(instance: &Instance, actor: AccountId, id: StatusId, emoji: &str) -> Result<()> {
    let wanted = Wanted::read(instance, emoji);
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let (status, author) = find_target(tx, actor, id)?;
            let waits = check(tx, &writer, Interaction::Like, &status, &author, actor)?;
            let refuse = |reason: &str| Err(Error::invalid("emoji", "ERR_INVALID", reason));
            let Some(emoji) = wanted.find(tx, status.id)? else {
                return refuse("Emoji is not one that can be used here");
            };
            let reaction = ReactionRow {
                id: writer.next_id(),
                status_id: status.id,
                emoji,
            };
            if waits && author.is_local() {
                let account = writer.urls().local_account(actor);
                let uri = format!("{account}#reactions/{}", reaction.id);
                let wish = Wish {
                    emoji: Some(reaction.emoji),
                    ..Wish::new(Interaction::Like, &status, actor, uri)
                };
                return wish.ask(tx, &writer);
            }
            match add(tx, &writer, actor, &author, &reaction, None)? {
                Added::New => {}
                Added::Known => return Ok(()),
                Added::TooMany => return refuse("You have put too many emoji on this post"),
            }
            tell(tx, &writer, actor, &author, reaction, false)
        })
        .await
}

/// Takes an emoji off a status again; one that is not there is left alone.
///
/// # Errors
/// `NotFound` if the actor may not see the status.
pub async fn unreact(instance: &Instance, actor: AccountId, id: StatusId, emoji: &str) -> Result<()> {
    let wanted = Wanted::read(instance, emoji);
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let (status, author) = find_target(tx, actor, id)?;
            withdraw(tx, actor, status.id, Interaction::Like, |emoji| {
                emoji.is_some_and(|emoji| wanted.is(emoji))
            })?;
            let own = rows::list_reactions_by(tx, actor, status.id)?;
            let Some(reaction) = own.into_iter().find(|row| wanted.is(&row.emoji)) else {
                return Ok(());
            };
            remove(tx, actor, author.id, &reaction)?;
            tell(tx, &writer, actor, &author, reaction, true)
        })
        .await
}

/// Has the author's server told, if it is another.
fn tell(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    author: &Account,
    reaction: ReactionRow,
    undo: bool,
) -> Result<()> {
    if author.is_local() {
        return Ok(());
    }
    let now = instance.now();
    let job = Job::SendReaction {
        reaction_id: reaction.id,
        account_id: actor,
        status_id: reaction.status_id,
        emoji: reaction.emoji,
        undo,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// What became of a reaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Added {
    New,
    Known,
    TooMany,
}

fn add(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    author: &Account,
    reaction: &ReactionRow,
    uri: Option<&str>,
) -> Result<Added> {
    let now = instance.now();
    let own = rows::list_reactions_by(tx, actor, reaction.status_id)?;
    if own.iter().any(|row| is_same(&row.emoji, &reaction.emoji)) {
        return Ok(Added::Known);
    }
    let there = rows::list_emojis_on(tx, reaction.status_id, MAX_DISTINCT)?;
    let joins = there.iter().any(|emoji| is_same(emoji, &reaction.emoji));
    if own.len() >= MAX_REACTIONS || (!joins && there.len() >= MAX_DISTINCT) {
        return Ok(Added::TooMany);
    }
    if !rows::insert_reaction(tx, actor, reaction, uri, now)? {
        return Ok(Added::Known);
    }
    notify(
        tx,
        author.id,
        NotificationType::EmojiReaction,
        actor,
        Some(reaction.status_id),
        now,
    )?;
    Ok(Added::New)
}

fn is_same(one: &ReactionEmoji, other: &ReactionEmoji) -> bool {
    one.name() == other.name() && one.domain() == other.domain()
}

fn remove(tx: &mut Conn, actor: AccountId, author: AccountId, reaction: &ReactionRow) -> Result<()> {
    rows::delete_reaction(tx, reaction.id)?;
    // One notification stands for all emoji of somebody on a status.
    if rows::list_reactions_by(tx, actor, reaction.status_id)?.is_empty() {
        let kind = NotificationType::EmojiReaction;
        notifications::delete_notifications_of(tx, author, kind, actor, Some(reaction.status_id))?;
    }
    Ok(())
}

/// Puts an emoji on a member's status that the member has approved.
pub(crate) fn accept_reaction(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    actor: &Account,
    uri: &str,
    emoji: ReactionEmoji,
) -> Result<()> {
    let author = accounts::find_account(tx, status.account_id)?.ok_or(Error::NotFound)?;
    let reaction = ReactionRow {
        id: instance.next_id(),
        status_id: status.id,
        emoji,
    };
    let uri = (!actor.is_local()).then_some(uri);
    add(tx, instance, actor.id, &author, &reaction, uri).map(|_| ())
}

/// Takes in an emoji that a remote account put on a local status that it may see. Others, repetitions, and what is over
/// the limits are left alone.
pub async fn receive_reaction(
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: StatusId,
    emoji: ReactionEmoji,
) -> Result<()> {
    let uri = uri.map(str::to_owned);
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let Some(liked) = likeable(tx, &writer, actor, uri.as_deref(), target, Some(&emoji))? else {
                return Ok(());
            };
            let reaction = ReactionRow {
                id: writer.next_id(),
                status_id: target,
                emoji,
            };
            if add(tx, &writer, actor, &liked.author, &reaction, uri.as_deref())? == Added::New
                && let Some(custom) = reaction.emoji.custom()
            {
                crate::emojis::remember(tx, &writer, std::slice::from_ref(custom))?;
            }
            Ok(())
        })
        .await
}

/// Takes a received emoji back, named by the id of its activity or by what it was put on. False if there is none such;
/// then nothing is remembered, because the activity may have been a favourite.
pub async fn receive_unreact(
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: Option<StatusId>,
    emoji: Option<ReactionEmoji>,
) -> Result<bool> {
    let uri = uri.map(str::to_owned);
    instance
        .write(move |tx| {
            if let Some(uri) = &uri
                && withdraw_by_uri(tx, actor, uri)?
            {
                return Ok(true);
            }
            let by_uri = match &uri {
                Some(uri) => rows::find_reaction_by_uri(tx, actor, uri)?,
                None => None,
            };
            let found = match (by_uri, target, emoji) {
                (Some(found), _, _) => Some(found),
                (None, Some(target), Some(emoji)) => rows::list_reactions_by(tx, actor, target)?
                    .into_iter()
                    .find(|row| is_same(&row.emoji, &emoji)),
                _ => None,
            };
            let Some(reaction) = found else { return Ok(false) };
            let Some(status) = statuses::find_status(tx, reaction.status_id)? else {
                return Ok(false);
            };
            remove(tx, actor, status.account_id, &reaction)?;
            Ok(true)
        })
        .await
}

/// Who put which emoji on a status, of what the viewer may see. `emoji`: only this one.
///
/// # Errors
/// `NotFound` if the viewer may not see the status.
pub async fn reactors(
    instance: &Instance,
    viewer: Option<AccountId>,
    id: StatusId,
    emoji: Option<&str>,
) -> Result<Vec<Reactors>> {
    let wanted = emoji.map(|emoji| Wanted::read(instance, emoji));
    instance
        .read(move |conn| {
            find_visible(conn, viewer, id)?;
            let counts = rows::load_reactions(conn, viewer, &[id])?.remove(&id);
            let made = rows::list_reactors(conn, id, LISTED)?;
            let people: Vec<AccountId> = made.iter().map(|(_, account)| *account).collect();
            let people = load_accounts(conn, &people)?;
            let reactors = |reaction: ReactionCount| {
                let who = made.iter().filter(|(emoji, _)| is_same(emoji, &reaction.emoji));
                let accounts = who.filter_map(|(_, account)| people.get(account));
                Reactors {
                    accounts: accounts.filter(|account| account.is_active()).cloned().collect(),
                    reaction,
                }
            };
            let counts = counts.unwrap_or_default().into_iter();
            Ok(counts
                .filter(|count| wanted.as_ref().is_none_or(|wanted| wanted.is(&count.emoji)))
                .map(reactors)
                .collect())
        })
        .await
}

/// The emoji of this instance with a shortcode.
pub async fn own_emoji(instance: &Instance, shortcode: &str) -> Result<Option<CustomEmoji>> {
    let shortcodes = [shortcode.to_owned()];
    let found = instance
        .read(move |conn| Ok(emojis::load_local_emojis(conn, &shortcodes)?))
        .await?;
    Ok(found.into_iter().next())
}
