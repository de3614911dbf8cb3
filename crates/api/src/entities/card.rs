//! <https://docs.joinmastodon.org/entities/PreviewCard/>

use pouet_model::urls::Urls;
use pouet_service::{cards::CardView, trends::LinkDetails};
use serde::Serialize;

use super::{account::Account, tag::History, time::Iso};

/// What the page behind a link says of itself. `html` and `embed_url` are always empty: nothing of a page is shown as
/// HTML.
#[derive(Serialize)]
pub(crate) struct PreviewCard<'a> {
    url: &'a str,
    title: &'a str,
    description: &'a str,
    language: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    authors: Vec<Author<'a>>,
    author_name: &'a str,
    author_url: &'a str,
    provider_name: &'a str,
    provider_url: &'a str,
    html: &'static str,
    width: u32,
    height: u32,
    image: Option<String>,
    image_description: &'a str,
    embed_url: &'static str,
    blurhash: Option<&'a str>,
    published_at: Option<Iso>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_attribution: Option<bool>,
}

/// Who wrote the page.
#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    url: &'a str,
    account: Option<Account<'a>>,
}

impl<'a> PreviewCard<'a> {
    /// `view` as its viewer sees it.
    pub(crate) fn from_view(view: &'a CardView, urls: &Urls) -> Self {
        let card = &view.card;
        let image = card.image.as_ref();
        let author = Author {
            name: &card.author_name,
            url: &card.author_url,
            account: view
                .author
                .as_ref()
                .map(|account| Account::from_model(account, urls)),
        };
        let is_named = author.account.is_some() || !(author.name.is_empty() && author.url.is_empty());
        Self {
            url: &view.url,
            title: &card.title,
            description: &card.description,
            language: card.language.as_deref(),
            kind: "link",
            authors: is_named.then_some(author).into_iter().collect(),
            author_name: &card.author_name,
            author_url: &card.author_url,
            provider_name: &card.provider_name,
            provider_url: &card.provider_url,
            html: "",
            width: image.map_or(0, |image| image.size.width),
            height: image.map_or(0, |image| image.size.height),
            image: image.map(|image| urls.media(&image.file)),
            image_description: &card.image_description,
            embed_url: "",
            blurhash: image.map(|image| image.blurhash.as_str()),
            published_at: card.published_at.map(Iso),
            missing_attribution: view.missing_attribution,
        }
    }
}

/// A link that trends.
///
/// Source: <https://docs.joinmastodon.org/entities/Trends_Link/>
#[derive(Serialize)]
pub(crate) struct TrendsLink<'a> {
    #[serde(flatten)]
    card: PreviewCard<'a>,
    history: Vec<History>,
}

impl<'a> TrendsLink<'a> {
    /// `link` with its use by day.
    pub(crate) fn from_view(link: &'a LinkDetails, urls: &Urls) -> Self {
        Self {
            card: PreviewCard::from_view(&link.card, urls),
            history: History::list(&link.history),
        }
    }
}
