//! What becomes of notifications and private messages that nobody asked for.

use serde::{Deserialize, Serialize};

/// What becomes of a notification. The stricter one is the greater.
///
/// Source: <https://docs.joinmastodon.org/entities/NotificationPolicy/>
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// It is made.
    #[default]
    Accept,
    /// It is made, and held back until its owner lets its sender through.
    Filter,
    /// It is not made.
    Drop,
}

impl Treatment {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Filter => "filter",
            Self::Drop => "drop",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Accept, Self::Filter, Self::Drop]
            .into_iter()
            .find(|treatment| treatment.as_str() == name)
    }
}

/// Whose private messages somebody wants. What becomes of those of others is
/// [`for_private_mentions`](NotificationPolicy::for_private_mentions).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Correspondents {
    /// Everybody's.
    Anyone,
    /// Those of people whom they follow or who follow them.
    #[default]
    Related,
    /// Those of people whom they follow, as on Mastodon.
    Followed,
    /// Those of their followers.
    Followers,
    /// Nobody's but answers to their own: all others are refused.
    Nobody,
}

impl Correspondents {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Related => "related",
            Self::Followed => "followed",
            Self::Followers => "followers",
            Self::Nobody => "nobody",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Anyone,
            Self::Related,
            Self::Followed,
            Self::Followers,
            Self::Nobody,
        ];
        all.into_iter().find(|who| who.as_str() == name)
    }
}

/// What an account wants to become of notifications, by who causes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotificationPolicy {
    /// Of people whom it does not follow.
    pub for_not_following: Treatment,
    /// Of people who do not follow it, or only for a few days.
    pub for_not_followers: Treatment,
    /// Of accounts that are younger than a month.
    pub for_new_accounts: Treatment,
    /// Private messages of people whose messages it did not ask for.
    pub for_private_mentions: Treatment,
    /// Of accounts that moderators limited, unless it follows them.
    pub for_limited_accounts: Treatment,
    /// Of automated accounts that it does not follow.
    pub for_bots: Treatment,
    /// Whose private messages it asks for.
    pub direct_messages: Correspondents,
}

impl Default for NotificationPolicy {
    /// As on Mastodon, where private messages of people whom one does not follow wait, and limited accounts do.
    fn default() -> Self {
        Self {
            for_not_following: Treatment::Accept,
            for_not_followers: Treatment::Accept,
            for_new_accounts: Treatment::Accept,
            for_private_mentions: Treatment::Filter,
            for_limited_accounts: Treatment::Filter,
            for_bots: Treatment::Accept,
            direct_messages: Correspondents::default(),
        }
    }
}

/// What a policy decides from: how somebody who causes a notification stands to its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sender {
    /// The owner follows them.
    pub followed: bool,
    /// They follow the owner.
    pub follows: bool,
    /// They have followed the owner for more than a few days.
    pub follows_for_days: bool,
    /// Their account is younger than a month.
    pub is_new: bool,
    /// Moderators limited them.
    pub is_limited: bool,
    /// They are automated.
    pub is_bot: bool,
    /// What they wrote is a private message.
    pub is_private: bool,
    /// It answers a private message of the owner to them.
    pub is_answer: bool,
}

impl NotificationPolicy {
    /// What becomes of a notification that `sender` causes: the strictest of what applies.
    pub fn treatment(&self, sender: Sender) -> Treatment {
        let rules = [
            (self.for_not_following, !sender.followed),
            (self.for_not_followers, !sender.follows_for_days),
            (self.for_new_accounts, sender.is_new && !sender.followed),
            (self.for_limited_accounts, sender.is_limited && !sender.followed),
            (self.for_bots, sender.is_bot && !sender.followed),
        ];
        rules
            .into_iter()
            .filter_map(|(treatment, applies)| applies.then_some(treatment))
            .fold(self.of_message(sender), Ord::max)
    }

    /// What becomes of what `sender` writes as far as it is a private message.
    pub fn of_message(&self, sender: Sender) -> Treatment {
        let asked_for = match self.direct_messages {
            Correspondents::Anyone => true,
            Correspondents::Related => sender.followed || sender.follows,
            Correspondents::Followed => sender.followed,
            Correspondents::Followers => sender.follows,
            Correspondents::Nobody => false,
        };
        if !sender.is_private || sender.is_answer || asked_for {
            Treatment::Accept
        } else if self.direct_messages == Correspondents::Nobody {
            Treatment::Drop
        } else {
            self.for_private_mentions
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Sender = Sender {
        followed: false,
        follows: false,
        follows_for_days: false,
        is_new: false,
        is_limited: false,
        is_bot: false,
        is_private: false,
        is_answer: false,
    };

    #[test]
    fn by_default_private_messages_of_strangers_and_limited_accounts_wait() {
        let policy = NotificationPolicy::default();
        let private = Sender {
            is_private: true,
            ..STRANGER
        };
        for (sender, expected) in [
            (STRANGER, Treatment::Accept),
            (private, Treatment::Filter),
            (
                Sender {
                    followed: true,
                    ..private
                },
                Treatment::Accept,
            ),
            (
                Sender {
                    follows: true,
                    ..private
                },
                Treatment::Accept,
            ),
            (
                Sender {
                    is_answer: true,
                    ..private
                },
                Treatment::Accept,
            ),
            (
                Sender {
                    is_limited: true,
                    ..STRANGER
                },
                Treatment::Filter,
            ),
            (
                Sender {
                    is_limited: true,
                    followed: true,
                    ..STRANGER
                },
                Treatment::Accept,
            ),
            (
                Sender {
                    is_bot: true,
                    is_new: true,
                    ..STRANGER
                },
                Treatment::Accept,
            ),
        ] {
            assert_eq!(policy.treatment(sender), expected, "{sender:?}");
        }
    }

    #[test]
    fn the_strictest_rule_that_applies_decides() {
        let policy = NotificationPolicy {
            for_not_following: Treatment::Filter,
            for_new_accounts: Treatment::Drop,
            ..NotificationPolicy::default()
        };
        assert_eq!(policy.treatment(STRANGER), Treatment::Filter);
        let new = Sender {
            is_new: true,
            ..STRANGER
        };
        assert_eq!(policy.treatment(new), Treatment::Drop);
        assert_eq!(
            policy.treatment(Sender {
                followed: true,
                ..new
            }),
            Treatment::Accept
        );
    }

    #[test]
    fn who_may_write_is_for_the_recipient_to_say() {
        let private = Sender {
            is_private: true,
            ..STRANGER
        };
        let known = Sender {
            followed: true,
            ..private
        };
        let follower = Sender {
            follows: true,
            ..private
        };
        let table = [
            (Correspondents::Anyone, [Treatment::Accept; 3]),
            (
                Correspondents::Related,
                [Treatment::Filter, Treatment::Accept, Treatment::Accept],
            ),
            (
                Correspondents::Followed,
                [Treatment::Filter, Treatment::Accept, Treatment::Filter],
            ),
            (
                Correspondents::Followers,
                [Treatment::Filter, Treatment::Filter, Treatment::Accept],
            ),
            (Correspondents::Nobody, [Treatment::Drop; 3]),
        ];
        for (direct_messages, expected) in table {
            let policy = NotificationPolicy {
                direct_messages,
                ..NotificationPolicy::default()
            };
            let found = [private, known, follower].map(|sender| policy.of_message(sender));
            assert_eq!(found, expected, "{direct_messages:?}");
            assert_eq!(
                Correspondents::parse(direct_messages.as_str()),
                Some(direct_messages)
            );
            let answer = Sender {
                is_answer: true,
                ..private
            };
            assert_eq!(
                policy.of_message(answer),
                Treatment::Accept,
                "{direct_messages:?}"
            );
        }
    }
}
