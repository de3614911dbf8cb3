//! Accounts as shown on pages.

use chrono::{DateTime, Utc};

use super::{Emojis, SafeHtml};
use crate::text::plain_name;

/// An account in one line: face, name, handle.
#[derive(Clone, Debug)]
pub struct AccountCard {
    /// `ada` for a local account, `ada@example.org` for a remote one.
    pub acct: String,
    /// The full handle, `ada@example.org`, for local accounts too.
    pub handle: String,
    /// The display name, free of control characters; the user name if the account has none.
    pub name: String,
    /// The profile page: ours for local accounts, the home server's for remote ones.
    pub url: String,
    /// The picture, served by this instance.
    pub avatar: String,
    /// Another server's account.
    pub remote: bool,
    /// Follows must be approved.
    pub locked: bool,
    /// Run by a program.
    pub bot: bool,
    /// Custom emoji in its name; of a whole profile, in all its texts.
    pub emojis: Emojis,
}

impl AccountCard {
    /// Builds a card; `name` falls back to the user name in `acct` when nothing visible is left of it.
    pub fn new(acct: &str, domain: &str, name: &str, url: String, avatar: String) -> Self {
        let remote = acct.contains('@');
        let name = plain_name(name);
        let user_name = acct.split('@').next().unwrap_or(acct);
        Self {
            acct: acct.to_owned(),
            handle: if remote {
                acct.to_owned()
            } else {
                format!("{acct}@{domain}")
            },
            name: if name.is_empty() {
                user_name.to_owned()
            } else {
                name
            },
            url,
            avatar,
            remote,
            locked: false,
            bot: false,
            emojis: Emojis::default(),
        }
    }

    /// The display name with its custom emoji.
    pub fn name_html(&self) -> SafeHtml {
        self.emojis.text(&self.name)
    }

    /// `nofollow noopener` for links that leave this instance.
    pub fn rel(&self) -> &'static str {
        if self.remote {
            "nofollow noopener"
        } else {
            "author"
        }
    }
}

/// One row of the table on a profile.
#[derive(Clone, Debug)]
pub struct FieldView {
    /// The label, plain text.
    pub name: String,
    /// The value, sanitised.
    pub value: SafeHtml,
    /// When the link back was last seen; `None` if it never was.
    pub verified_at: Option<DateTime<Utc>>,
}

/// A whole profile.
#[derive(Clone, Debug)]
pub struct ProfileView {
    /// Face, name, handle.
    pub account: AccountCard,
    /// The wide picture, served by this instance.
    pub header: String,
    /// The biography, sanitised.
    pub note: SafeHtml,
    /// Up to four rows.
    pub fields: Vec<FieldView>,
    /// Statuses that the public may count.
    pub statuses: i64,
    /// Accounts followed.
    pub following: i64,
    /// Accounts following.
    pub followers: i64,
    /// The day the account was made.
    pub created_at: DateTime<Utc>,
    /// The `ActivityPub` document of this account.
    pub actor_uri: String,
    /// False when the account asked not to be found by search engines.
    pub indexable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_back_to_the_user_name() {
        let card = |acct, name| AccountCard::new(acct, "here.test", name, "/@x".into(), "/a.png".into());
        let ada = card("ada", " \u{202e}\n ");
        assert_eq!((ada.name.as_str(), ada.handle.as_str()), ("ada", "ada@here.test"));
        assert_eq!(ada.rel(), "author");
        let bob = card("bob@there.test", "Bob");
        assert_eq!(
            (bob.name.as_str(), bob.handle.as_str()),
            ("Bob", "bob@there.test")
        );
        assert_eq!(bob.rel(), "nofollow noopener");
    }
}
