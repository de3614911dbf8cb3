//! Identifiers: one type for each kind of row, and the generator of time-ordered ids.
//!
//! Ids of statuses and accounts are 64-bit snowflakes: milliseconds since the Unix epoch shifted left by
//! 16 bits, with a sequence in the low bits. They sort by time and appear as decimal strings in JSON.

use std::{fmt, num::ParseIntError, str::FromStr, sync::Mutex};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// As a decimal string, which is how the client API writes every id.
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(&self.0)
            }
        }

        /// From a decimal string or an integer.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Raw { Number(i64), Text(String) }
                match Raw::deserialize(d)? {
                    Raw::Number(id) => Ok(Self(id)),
                    Raw::Text(text) => text.parse().map_err(serde::de::Error::custom),
                }
            }
        }
    )*};
}

id_types! {
    /// Something that those who look after the instance should see (snowflake).
    AlertId,
    /// An account: any actor that this instance knows, local or remote (snowflake).
    AccountId,
    /// A user: the login that owns a local account (snowflake).
    UserId,
    /// A status (snowflake; of a remote status, from its clamped `published` time).
    StatusId,
    /// A status that waits for its time (snowflake).
    ScheduledId,
    /// A draft (snowflake).
    DraftId,
    /// A conversation: the thread that statuses belong to (snowflake).
    ConversationId,
    /// A media attachment (snowflake).
    MediaId,
    /// A poll (snowflake).
    PollId,
    /// A hashtag (snowflake).
    TagId,
    /// A list of accounts (snowflake).
    ListId,
    /// A collection of accounts (snowflake).
    CollectionId,
    /// That an account is in a collection (snowflake).
    CollectionItemId,
    /// A filter (snowflake).
    FilterId,
    /// A keyword of a filter (snowflake).
    FilterKeywordId,
    /// A status named by a filter (snowflake).
    FilterStatusId,
    /// A notification: a small database sequence, because apps read it as a JSON number.
    NotificationId,
    /// A query that a user gave a name (snowflake).
    SavedSearchId,
    /// An OAuth application (snowflake).
    AppId,
    /// An OAuth access token (snowflake).
    TokenId,
    /// A preview card of a link (snowflake).
    CardId,
    /// A custom emoji.
    EmojiId,
    /// A site whose pages are linked to (snowflake).
    PublisherId,
    /// An announcement (snowflake).
    AnnouncementId,
    /// A report (snowflake).
    ReportId,
    /// A relay (snowflake).
    RelayId,
    /// A row that relates two things (follow, favourite, block...); pages of relations are keyed by it.
    RelationId,
    /// An activity of ours, stored as it goes over the wire (snowflake).
    ActivityId,
    /// A queued job (snowflake).
    JobId,
}

/// Number of low bits that hold the sequence within a millisecond.
const SEQUENCE_BITS: u32 = 16;

/// Gives out ids that increase strictly, whatever the clock does.
///
/// When the clock steps back, ids go on from the last one given; more than 65,536 ids within a millisecond
/// borrow from the next one.
#[derive(Debug, Default)]
pub struct IdGenerator {
    last: Mutex<i64>,
}

impl IdGenerator {
    /// A generator that has given out nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next id at `now`, larger than every id given before.
    pub fn next(&self, now: DateTime<Utc>) -> i64 {
        let floor = first_id_at(now);
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = floor.max(*last + 1);
        *last
    }
}

/// The smallest id of the millisecond of `time`; times before 1970 count as 1970.
pub fn first_id_at(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis().max(0) << SEQUENCE_BITS
}

/// An id for something that happened at `published`, such as a remote status.
///
/// `published` is clamped to [1970, `now`], so that ids are in time order and nobody writes from the future.
/// `entropy` fills the sequence bits: two remote statuses of one millisecond need different ids.
pub fn id_at(published: DateTime<Utc>, now: DateTime<Utc>, entropy: u16) -> i64 {
    first_id_at(published.min(now)) | i64::from(entropy)
}

/// The time (to the millisecond) that a snowflake id was made at.
pub fn time_of(id: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(id >> SEQUENCE_BITS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_survive_a_clock_that_steps_back() {
        let ids = IdGenerator::new();
        let later = DateTime::from_timestamp_millis(1_700_000_000_000).expect("in range");
        let earlier = DateTime::from_timestamp_millis(1_600_000_000_000).expect("in range");
        let first = ids.next(later);
        let second = ids.next(earlier);
        assert!(second > first);
        assert_eq!(time_of(first), later);
    }

    #[test]
    fn remote_ids_are_clamped() {
        let now = DateTime::from_timestamp_millis(1_700_000_000_000).expect("in range");
        let future = now + chrono::TimeDelta::days(900);
        assert_eq!(time_of(id_at(future, now, 7)), now);
        let ancient = DateTime::from_timestamp_millis(-5).expect("in range");
        assert_eq!(id_at(ancient, now, 7), 7);
    }

    proptest! {
        #[test]
        fn id_order_is_time_order(a in 0i64..4_000_000_000_000, b in 0i64..4_000_000_000_000, x: u16, y: u16) {
            let now = DateTime::from_timestamp_millis(4_000_000_000_000).expect("in range");
            let at = |ms| DateTime::from_timestamp_millis(ms).expect("in range");
            if a < b {
                prop_assert!(id_at(at(a), now, x) < id_at(at(b), now, y));
            }
        }
    }
}
