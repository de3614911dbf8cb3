//! `Flag`: another server reports an account of ours.
//!
//! Mastodon names the account and its statuses in one list, Pleroma embeds them, Misskey names the account alone and
//! writes addresses of statuses into its text.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#Flag>

use pouet_model::{
    html::{strip_bidi_controls, to_plain_text},
    ids::{AccountId, StatusId},
    urls::{LocalUri, Urls},
};
use pouet_service::reports::{self, ReceivedReport};

use super::activity;
use crate::{
    context::Context,
    error::{Error, Result},
    origin::{domain_of, is_own},
};

/// Ids that are looked at.
const MAX_OBJECTS: usize = 200;
/// Characters of the text.
const MAX_COMMENT: usize = 5000;

activity! {
    /// A report.
    Flag
}

impl Flag {
    fn check(&self, context: &Context) -> Result<()> {
        let activity = self.0.activity()?;
        let names_us = |id| is_own(context.urls(), id);
        if activity.ids("object").take(MAX_OBJECTS).any(names_us) {
            Ok(())
        } else {
            Err(Error::Refused("report of nobody here"))
        }
    }

    async fn act(self, context: &Context) -> Result<()> {
        let domain = domain_of(self.0.sender_uri()).ok_or(Error::Refused("not an http address"))?;
        // The rule may be about the host, where handles are on another domain.
        if !reports::takes_reports_from(&context.instance, &domain).await? {
            return Err(Error::Refused("reports of this domain are not wanted"));
        }
        let activity = self.0.activity()?;
        let comment = activity.text("content").map(comment).unwrap_or_default();
        let mut named = Named::default();
        for id in activity.ids("object").take(MAX_OBJECTS) {
            named.add(context.urls(), id);
        }
        for address in addresses(context.urls(), &comment).take(MAX_OBJECTS) {
            named.add_status(context.urls(), address);
        }
        let report = ReceivedReport {
            reporter: self.0.sender.id,
            uri: self.0.uri.clone(),
            targets: named.accounts,
            statuses: named.statuses,
            comment,
        };
        Ok(reports::receive_report(&context.instance, report).await?)
    }
}

/// What a report names.
#[derive(Default, PartialEq, Eq, Debug)]
struct Named {
    accounts: Vec<AccountId>,
    statuses: Vec<StatusId>,
}

impl Named {
    fn add(&mut self, urls: &Urls, id: &str) {
        match urls.parse(id) {
            Some(LocalUri::Account(account)) => self.accounts.push(account),
            _ => self.add_status(urls, id),
        }
    }

    /// The status with this id, or whose page this is.
    fn add_status(&mut self, urls: &Urls, address: &str) {
        let status = match urls.parse(address) {
            Some(LocalUri::Status(_, status)) => Some(status),
            _ => urls.parse_page(address).and_then(|(_, status)| status),
        };
        self.statuses.extend(status);
    }
}

/// The text of a report, without markup.
fn comment(content: &str) -> String {
    let text = if content.contains('<') {
        to_plain_text(content)
    } else {
        content.to_owned()
    };
    let text = strip_bidi_controls(text.trim());
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(MAX_COMMENT)
        .collect()
}

/// Addresses of ours in a text.
fn addresses<'a>(urls: &'a Urls, text: &'a str) -> impl Iterator<Item = &'a str> {
    text.split_whitespace()
        .filter_map(|word| word.find(urls.base()).map(|start| &word[start..]))
        .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn fed_080_addresses_in_a_text_name_statuses() {
        let urls = Urls::new(&Url::parse("https://s.pouet.test").unwrap(), None);
        let text = "Note: https://s.pouet.test/ap/users/1/posts/2\n-----\n(https://s.pouet.test/@eve/3). \
                    https://s.pouet.test/@eve https://elsewhere.test/ap/users/1/posts/4 \
                    https://s.pouet.test.evil.test/ap/users/1/posts/5";
        let mut named = Named::default();
        for address in addresses(&urls, text) {
            named.add_status(&urls, address);
        }
        assert_eq!(named.accounts, [], "a text names no accounts");
        assert_eq!(named.statuses, [StatusId(2), StatusId(3)]);
    }

    #[test]
    fn comments_are_plain_and_end() {
        assert_eq!(comment("<p>spam</p><p>again</p>"), "spam\n\nagain");
        assert_eq!(comment("a\u{202e}b\u{7}\nc"), "ab\nc");
        assert_eq!(comment(&"x".repeat(6000)).len(), MAX_COMMENT);
    }
}
