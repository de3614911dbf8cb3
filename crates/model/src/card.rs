//! Preview cards: what the page behind a link says of itself.

use chrono::{DateTime, Utc};
use url::Url;

use crate::{
    domain::matches_rule,
    ids::{AccountId, CardId},
    status::Size,
};

/// Longest address of a link that gets a card, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// Parameters that tell where a reader came from and not what is read. `utm_` and what follows are dropped besides.
const TRACKING: [&str; 30] = [
    "_hsenc",
    "_hsmi",
    "at_campaign",
    "at_medium",
    "at_format",
    "at_ptr_name",
    "dclid",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "ref_src",
    "ref_url",
    "s_cid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
];

/// How far a card has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CardState {
    /// Its page has not been read yet.
    #[default]
    Waiting,
    /// There is something to show.
    Ready,
    /// The page is none, or says nothing of itself.
    Empty,
    /// The page could not be read.
    Failed,
}

impl CardState {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Empty => "empty",
            Self::Failed => "failed",
        }
    }

    /// Reads a name of the database.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "waiting" => Self::Waiting,
            "ready" => Self::Ready,
            "empty" => Self::Empty,
            "failed" => Self::Failed,
            _ => return None,
        })
    }
}

/// A picture of a card, kept in our media store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardImage {
    /// Key in the media store.
    pub file: String,
    /// Where it came from.
    pub url: String,
    /// In pixels.
    pub size: Size,
    /// Placeholder shown while loading.
    pub blurhash: String,
}

/// What the page behind a link says of itself; all texts are plain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreviewCard {
    /// Our id.
    pub id: CardId,
    /// The address that it is known by, see [`normalise_link`].
    pub url: String,
    /// How far it has come.
    pub state: CardState,
    /// Never empty if it is [`CardState::Ready`].
    pub title: String,
    /// May be empty.
    pub description: String,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// Name of its author as the page has it; may be empty.
    pub author_name: String,
    /// Page of its author; may be empty.
    pub author_url: String,
    /// The account that the page names as its author. Whether that is so is for the account to say: see
    /// [`PreviewCard::is_attributable_to`].
    pub author_account_id: Option<AccountId>,
    /// Name of the site; may be empty.
    pub provider_name: String,
    /// Origin of the site; may be empty.
    pub provider_url: String,
    /// Host of the page that answered, after redirects; empty before it did.
    pub page_host: String,
    /// Its picture.
    pub image: Option<CardImage>,
    /// Alternative text of the picture; may be empty.
    pub image_description: String,
    /// Whether the page brings a player for a video or a sound.
    pub has_player: bool,
    /// When the page was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When the page was last asked for, whatever came of it.
    pub checked_at: Option<DateTime<Utc>>,
    /// How often in a row it could not be read.
    pub failures: i64,
    /// When it was first linked to.
    pub created_at: DateTime<Utc>,
}

impl PreviewCard {
    /// Whether an account that names `domains` as sites which may name it is rightly named: the address that is linked
    /// to and the page that answered are both on one of them, or on a host below.
    ///
    /// Source: <https://docs.joinmastodon.org/methods/accounts/#update_credentials> (`attribution_domains`)
    pub fn is_attributable_to(&self, domains: &[String]) -> bool {
        let linked = Url::parse(&self.url).ok();
        let linked = linked.as_ref().and_then(Url::host_str).unwrap_or_default();
        let is_theirs = |host: &str| domains.iter().any(|domain| matches_rule(host, domain));
        is_theirs(linked) && is_theirs(&self.page_host)
    }
}

/// The address that a link is known by, so that the same page is fetched and counted once: without fragment, without
/// parameters that only tell where readers came from, and https where nothing but the scheme says otherwise.
///
/// `None` if there is no card for such a link: other schemes, a user name, no host, too long.
pub fn normalise_link(link: &str) -> Option<Url> {
    let mut url = Url::parse(link.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    if url.scheme() == "http" && url.port().is_none() {
        url.set_scheme("https").ok()?;
    }
    url.set_fragment(None);
    if let Some(query) = url.query() {
        let kept: Vec<&str> = query
            .split('&')
            .filter(|part| !part.is_empty() && !is_tracking(part))
            .collect();
        let kept = (!kept.is_empty()).then(|| kept.join("&"));
        url.set_query(kept.as_deref());
    }
    (url.as_str().len() <= MAX_URL_BYTES).then_some(url)
}

fn is_tracking(part: &str) -> bool {
    let name = part.split('=').next().unwrap_or(part).to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_page_has_one_address() {
        for (written, known) in [
            ("https://A.test/x#top", Some("https://a.test/x")),
            ("https://a.test", Some("https://a.test/")),
            ("http://a.test/x", Some("https://a.test/x")),
            ("http://a.test:8080/x", Some("http://a.test:8080/x")),
            (
                "https://a.test/x?utm_source=y&id=3&UTM_medium=z&fbclid=1",
                Some("https://a.test/x?id=3"),
            ),
            ("https://a.test/x?utm_source=y", Some("https://a.test/x")),
            ("https://a.test/x?", Some("https://a.test/x")),
            ("https://a.test/x?b=2&a=1", Some("https://a.test/x?b=2&a=1")),
            ("https://a.test/?q=%C3%A9&v", Some("https://a.test/?q=%C3%A9&v")),
            ("https://user@a.test/", None),
            ("ftp://a.test/", None),
            ("mailto:x@a.test", None),
            ("not an address", None),
        ] {
            let found = normalise_link(written);
            assert_eq!(found.as_ref().map(Url::as_str), known, "{written}");
        }
        assert_eq!(
            normalise_link(&format!("https://a.test/{}", "x".repeat(3000))),
            None
        );
    }

    #[test]
    fn an_author_is_named_by_their_own_sites_only() {
        let card = |url: &str, host: &str| PreviewCard {
            id: CardId(1),
            url: url.to_owned(),
            state: CardState::Ready,
            title: "x".to_owned(),
            description: String::new(),
            language: None,
            author_name: String::new(),
            author_url: String::new(),
            author_account_id: Some(AccountId(1)),
            provider_name: String::new(),
            provider_url: String::new(),
            page_host: host.to_owned(),
            image: None,
            image_description: String::new(),
            has_player: false,
            published_at: None,
            checked_at: None,
            failures: 0,
            created_at: DateTime::default(),
        };
        let domains = ["news.test".to_owned(), "ada.test".to_owned()];
        for (url, host, theirs) in [
            ("https://news.test/1", "news.test", true),
            ("https://www.news.test/1", "news.test", true),
            ("https://news.test/1", "evil.test", false),
            ("https://evil.test/1", "news.test", false),
            ("https://evilnews.test/1", "evilnews.test", false),
            ("https://news.test.evil.test/1", "news.test.evil.test", false),
        ] {
            let found = card(url, host).is_attributable_to(&domains);
            assert_eq!(found, theirs, "{url} on {host}");
        }
        assert!(!card("https://news.test/1", "news.test").is_attributable_to(&[]));
        assert!(!card("https://news.test/1", "").is_attributable_to(&[String::new()]));
    }
}
