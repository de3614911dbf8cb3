//! Collections: accounts that somebody recommends together.
//!
//! Source: <https://docs.joinmastodon.org/entities/Collection/>

use chrono::{DateTime, Utc};

use crate::{
    account::Account,
    ids::{AccountId, CollectionId, CollectionItemId, TagId},
};

/// Accounts in one collection, at most, as on Mastodon.
pub const MAX_ITEMS: usize = 25;
/// Collections of one account, at most: what Mastodon's roles allow unless they are changed.
pub const MAX_COLLECTIONS: i64 = 10;
/// Characters of a name, at most.
pub const MAX_NAME_CHARS: usize = 40;
/// Characters of a description, at most.
pub const MAX_DESCRIPTION_CHARS: usize = 100;

/// Accounts that somebody recommends together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collection {
    /// Our id.
    pub id: CollectionId,
    /// Whose it is.
    pub account_id: AccountId,
    /// What it is called; never empty.
    pub name: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Language of both (ISO 639-1, with a region if there is one).
    pub language: Option<String>,
    /// What its members write may be too much for some.
    pub sensitive: bool,
    /// It is listed with its owner's profile. Who knows its address sees it all the same.
    pub discoverable: bool,
    /// Those who run the instance have its members suggested to everybody.
    pub suggested: bool,
    /// The hashtag that says what it is about.
    pub tag_id: Option<TagId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last described otherwise.
    pub updated_at: DateTime<Utc>,
}

/// Whether an account is shown in a collection.
///
/// Source: <https://docs.joinmastodon.org/entities/CollectionItem/#state>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemState {
    /// It was asked and has not answered.
    Pending,
    /// It is.
    Accepted,
    /// It did not want to be.
    Rejected,
    /// It was, and does not want to be any more.
    Revoked,
}

impl ItemState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Accepted, Self::Rejected, Self::Revoked];

    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a name of the database.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether the account is in the collection, or may come to be.
    pub fn is_standing(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted)
    }
}

/// That an account is in a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectionItem {
    /// Our id.
    pub id: CollectionItemId,
    /// The collection.
    pub collection_id: CollectionId,
    /// The account.
    pub account_id: AccountId,
    /// Whether it is shown.
    pub state: ItemState,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// Whether others may put `account` into their collections: people here who want to be found.
///
/// Of accounts elsewhere nobody here knows whether they may: their servers are not asked.
pub fn may_be_featured(account: &Account) -> bool {
    account.is_local() && account.discoverable && account.is_active()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in ItemState::ALL {
            assert_eq!(ItemState::parse(state.as_str()), Some(state));
        }
        assert_eq!(ItemState::parse("gone"), None);
        assert!(ItemState::Pending.is_standing() && !ItemState::Revoked.is_standing());
    }
}
