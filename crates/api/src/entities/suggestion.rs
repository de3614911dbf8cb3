//! <https://docs.joinmastodon.org/entities/Suggestion/>

use pouet_model::urls::Urls;
use pouet_service::discovery::{Reason, Suggestion as Model};
use serde::Serialize;

use super::account::Account;

/// An account that somebody may want to follow. `source` is the older form of `sources`.
#[derive(Serialize)]
pub(crate) struct Suggestion<'a> {
    source: &'static str,
    sources: Vec<&'static str>,
    account: Account<'a>,
}

impl<'a> Suggestion<'a> {
    pub(crate) fn from_model(suggestion: &'a Model, urls: &Urls) -> Self {
        let first = suggestion.reasons.first().copied().unwrap_or(Reason::Popular);
        Self {
            source: match first {
                Reason::Staff => "staff",
                Reason::FriendsOfFriends | Reason::SameTags => "past_interactions",
                Reason::Popular => "global",
            },
            sources: suggestion.reasons.iter().map(|reason| name(*reason)).collect(),
            account: Account::from_model(&suggestion.account, urls),
        }
    }
}

/// The client API knows no reason of its own for the same hashtags.
fn name(reason: Reason) -> &'static str {
    match reason {
        Reason::Staff => "featured",
        Reason::FriendsOfFriends => "friends_of_friends",
        Reason::SameTags => "similar_to_recently_followed",
        Reason::Popular => "most_followed",
    }
}
