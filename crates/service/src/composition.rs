//! From what a local author typed to what is shown: mentions resolved, links and hashtags marked up.

use std::collections::HashMap;

use pouet_model::{
    account::Account,
    emoji::CustomEmoji,
    text::{self, MentionRef, MentionTarget, ParsedText, Rendering},
    urls::Urls,
};
use pouet_storage::{accounts, emojis, tags::TagRow};

use crate::{error::Result, instance::Instance};

/// A text with all that it refers to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Composition {
    /// Safe HTML.
    pub(crate) html: String,
    /// Accounts mentioned, each once, in order.
    pub(crate) mentioned: Vec<Account>,
    /// Hashtags, each once, in order.
    pub(crate) tags: Vec<TagRow>,
    /// Custom emoji of this instance that occur.
    pub(crate) emojis: Vec<CustomEmoji>,
}

/// Reads a text. Mentioned accounts that we do not know are fetched, before and outside any transaction; those
/// that cannot be found stay plain text.
pub(crate) async fn compose(instance: &Instance, source: &str) -> Result<Composition> {
    compose_as(instance, Rendering::STATUS, source).await
}

/// [`compose`], for other places than a status.
pub(crate) async fn compose_as(instance: &Instance, layout: Rendering, source: &str) -> Result<Composition> {
    let parsed = text::parse(source);
    let mut targets: HashMap<(String, Option<String>), Account> = HashMap::new();
    let mut mentioned: Vec<Account> = Vec::new();
    for mention in parsed.mentions() {
        if let Some(account) = find_mentioned(instance, mention).await? {
            targets.insert(key(mention), account.clone());
            if mentioned.iter().all(|known| known.id != account.id) {
                mentioned.push(account);
            }
        }
    }
    let emojis = load_emojis(instance, named_in(&parsed)).await?;
    Ok(Composition {
        html: render(instance.urls(), layout, source, &parsed, &targets, &mentioned),
        tags: parsed
            .hashtags()
            .into_iter()
            .map(|tag| TagRow {
                name: tag.name.clone(),
                display_name: tag.display.clone(),
            })
            .collect(),
        mentioned,
        emojis,
    })
}

/// [`compose`], with the custom emoji of other plain texts that belong to it: a warning, and the answers of a poll.
pub(crate) async fn compose_with<'a>(
    instance: &Instance,
    source: &str,
    others: impl IntoIterator<Item = &'a str>,
) -> Result<Composition> {
    let mut composition = compose(instance, source).await?;
    for emoji in emojis_in(instance, others).await? {
        if !composition.emojis.contains(&emoji) {
            composition.emojis.push(emoji);
        }
    }
    Ok(composition)
}

/// Custom emoji of this instance that occur in plain texts.
pub(crate) async fn emojis_in<'a>(
    instance: &Instance,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<CustomEmoji>> {
    let mut shortcodes = Vec::new();
    for text in texts {
        for shortcode in named_in(&text::parse(text)) {
            if !shortcodes.contains(&shortcode) {
                shortcodes.push(shortcode);
            }
        }
    }
    load_emojis(instance, shortcodes).await
}

fn named_in(parsed: &text::ParsedText) -> Vec<String> {
    parsed.shortcodes().into_iter().map(str::to_owned).collect()
}

async fn load_emojis(instance: &Instance, shortcodes: Vec<String>) -> Result<Vec<CustomEmoji>> {
    if shortcodes.is_empty() {
        return Ok(Vec::new());
    }
    instance
        .read(move |conn| Ok(emojis::load_local_emojis(conn, &shortcodes)?))
        .await
}

fn key(mention: &MentionRef) -> (String, Option<String>) {
    (mention.username.to_lowercase(), mention.domain.clone())
}

async fn find_mentioned(instance: &Instance, mention: &MentionRef) -> Result<Option<Account>> {
    let username = mention.username.clone();
    let domain = mention
        .domain
        .clone()
        .filter(|domain| !instance.urls().is_own_domain(domain));
    let known = {
        let (username, domain) = (username.clone(), domain.clone());
        instance
            .read(move |conn| {
                Ok(accounts::find_account_by_handle(
                    conn,
                    &username,
                    domain.as_deref(),
                )?)
            })
            .await?
    };
    match (known, domain) {
        (Some(account), _) => Ok(Some(account).filter(Account::is_active)),
        (None, None) => Ok(None),
        (None, Some(domain)) => {
            // A server that does not answer must not keep anybody from posting.
            let found = match instance.resolver() {
                Ok(resolver) => resolver.account_by_handle(&username, &domain).await,
                Err(error) => Err(error),
            };
            Ok(found
                .inspect_err(|error| tracing::debug!(%error, %domain, "a mention cannot be resolved"))
                .ok()
                .filter(Account::is_active))
        }
    }
}

fn render(
    urls: &Urls,
    layout: Rendering,
    source: &str,
    parsed: &ParsedText,
    targets: &HashMap<(String, Option<String>), Account>,
    mentioned: &[Account],
) -> String {
    let target = |mention: &MentionRef| {
        let account = targets.get(&key(mention))?;
        let namesakes = mentioned
            .iter()
            .filter(|other| other.username == account.username)
            .count();
        Some(MentionTarget {
            url: urls.account_url(account),
            acct_username: if namesakes > 1 {
                account.acct()
            } else {
                account.username.clone()
            },
        })
    };
    text::render_as(layout, source, parsed, target, |tag| urls.tag(tag))
}
