//! Emoji on a status, as Pleroma and the forks of Mastodon that have them write them. Mastodon itself has none: its
//! clients pass over these members.
//!
//! Source: <https://docs.pleroma.social/backend/development/API/differences_in_mastoapi_responses/#statuses>,
//! <https://docs.pleroma.social/backend/development/API/pleroma_api/#get-apiv1pleromastatusesidreactions>

use std::borrow::Cow;

use pouet_model::{reaction::ReactionEmoji, urls::Urls};
use pouet_service::statuses::{ReactionCount, Reactors};
use serde::Serialize;

use super::account::Account;

/// An emoji on a status. The addresses belong to custom ones, as does the domain in the name.
#[derive(Clone, Serialize)]
pub(crate) struct Reaction<'a> {
    name: String,
    count: i64,
    me: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    static_url: Option<Cow<'a, str>>,
}

/// The member `pleroma` of a status.
#[derive(Serialize)]
pub(crate) struct PleromaStatus<'a> {
    emoji_reactions: Vec<Reaction<'a>>,
}

/// An emoji with those who put it there.
#[derive(Serialize)]
pub(crate) struct ReactionWithAccounts<'a> {
    #[serde(flatten)]
    reaction: Reaction<'a>,
    accounts: Vec<Account<'a>>,
}

/// Address of the picture of a custom emoji.
pub(crate) fn picture<'a>(emoji: &'a ReactionEmoji, urls: &Urls) -> Option<Cow<'a, str>> {
    let custom = emoji.custom()?;
    Some(match custom.domain {
        None => Cow::Owned(urls.media(&custom.image)),
        Some(_) => Cow::Borrowed(custom.image.as_str()),
    })
}

impl<'a> Reaction<'a> {
    fn from_view(view: &'a ReactionCount, urls: &Urls) -> Self {
        let url = picture(&view.emoji, urls);
        Self {
            name: view.emoji.label(),
            count: view.count,
            me: view.me,
            static_url: url.clone(),
            url,
        }
    }

    /// All of a status.
    pub(crate) fn list(views: &'a [ReactionCount], urls: &Urls) -> Vec<Self> {
        views.iter().map(|view| Self::from_view(view, urls)).collect()
    }
}

impl<'a> PleromaStatus<'a> {
    /// `None` for a status without emoji.
    pub(crate) fn of(reactions: &[Reaction<'a>]) -> Option<Self> {
        (!reactions.is_empty()).then(|| Self {
            emoji_reactions: reactions.to_vec(),
        })
    }
}

impl<'a> ReactionWithAccounts<'a> {
    /// An emoji with its accounts.
    pub(crate) fn from_view(view: &'a Reactors, urls: &Urls) -> Self {
        Self {
            reaction: Reaction::from_view(&view.reaction, urls),
            accounts: Account::list(view.accounts.iter().map(AsRef::as_ref), urls),
        }
    }
}
