//! Search for accounts, statuses and hashtags.
//!
//! What is found, at a cost that does not grow with the database:
//! - **an address** (`https://...`): the one account, status or collection behind it, fetched if the viewer may and asks;
//! - **a handle** (`@user@domain`): the account, looked up on its server if the viewer may and asks;
//! - **accounts** whose user name or display name begins with the words, and, among those that the viewer follows
//!   and (where that is too few) the newest ones, whose names contain them; case and diacritics do not count;
//! - **hashtags** that begin with the word and that a public status carries that the viewer may come across;
//! - **statuses** that fit the query (words, phrases and operators, see [`pouet_model::search`]): of those that the viewer
//!   wrote, did something with or is named in, and of public ones by authors who let themselves be found, newest first or, if
//!   the query says so, those first that fit best.
//!   Anonymous viewers find statuses by address only.
//!
//! The index of words ([`documents`], `storage::search_index`) says only where words are. Consent and visibility are decided when
//! one searches, by the same code as everywhere (R038, R046), so that a deletion, a block or a change of mind about being found
//! counts at once. See docs/decisions/search.md.
//!
//! Source: <https://docs.joinmastodon.org/methods/search/>

mod address;
pub(crate) mod documents;
pub(crate) mod names;
mod people;
pub(crate) mod texts;

use std::sync::Arc;

use pouet_model::{
    account::Account,
    domain::parse_handle,
    ids::{AccountId, StatusId},
    search::{Query, Sort},
    text::hashtag_name,
};
use pouet_storage::search as rows;

use crate::{
    collections::CollectionView,
    error::{Error, Result},
    instance::Instance,
    view::{StatusView, TagView},
};

pub use people::accounts;

/// Bytes of a query that are looked at: longer ones find nothing.
const MAX_BYTES: usize = 2048;

/// What kind of thing is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SearchKind {
    /// Accounts.
    Accounts,
    /// Statuses.
    Statuses,
    /// Hashtags.
    Hashtags,
}

/// A search.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchQuery {
    /// Words, an address, a handle or a hashtag.
    pub q: String,
    /// Only this kind; `None`: all.
    pub kind: Option<SearchKind>,
    /// Ask other servers for what is not known. Needs a viewer.
    pub resolve: bool,
    /// Only accounts that the viewer follows.
    pub following: bool,
    /// Only statuses of this account.
    pub account_id: Option<AccountId>,
    /// Results of each kind, at most.
    pub limit: i64,
    /// Results left out, counted with `kind` only. Needs a viewer.
    pub offset: i64,
    /// Only statuses below this id.
    pub max_id: Option<StatusId>,
    /// Only statuses above this id.
    pub min_id: Option<StatusId>,
    /// Which statuses come first; `None`: as the query says.
    pub sort: Option<Sort>,
}

impl SearchQuery {
    fn wants(&self, kind: SearchKind) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }

    /// Offset and limit as counts.
    fn window(&self) -> (usize, usize) {
        let offset = if self.kind.is_some() { self.offset } else { 0 };
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        (count(offset), count(self.limit))
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct SearchResults {
    /// Accounts, the likeliest first.
    pub accounts: Vec<Arc<Account>>,
    /// Statuses, newest first or those first that fit best.
    pub statuses: Vec<StatusView>,
    /// Hashtags, by name.
    pub hashtags: Vec<TagView>,
    /// The collection whose address was looked for.
    pub collections: Vec<CollectionView>,
}

/// Searches as the module says. Nothing found is no error, and neither is a server that does not answer.
///
/// # Errors
/// `Unauthorized` if an anonymous viewer asks for `resolve` or an `offset`.
pub async fn search(
    instance: &Instance,
    viewer: Option<AccountId>,
    query: SearchQuery,
) -> Result<SearchResults> {
    if viewer.is_none() && (query.resolve || query.offset > 0) {
        return Err(Error::Unauthorized(
            "search queries that resolve remote resources or have an offset need a user",
        ));
    }
    let q = query.q.trim();
    if q.is_empty() || q.len() > MAX_BYTES {
        return Ok(SearchResults::default());
    }
    if address::is_address(q) {
        return address::find(instance, viewer, &query, q).await;
    }
    let parsed = Query::parse(q);
    let (tag, with_at) = (q.starts_with(['#', '＃']), q.starts_with('@'));
    // `@bob thanks` looks for words, `@bob` for somebody.
    let handle = with_at && parse_handle(q).is_some();
    // Operators are about statuses.
    let names = !parsed.has_operators();
    let mut found = SearchResults::default();
    if query.wants(SearchKind::Accounts) && names && !tag {
        found.accounts = people::find(instance, viewer, &query, q).await?;
    }
    if query.wants(SearchKind::Statuses)
        && !handle
        && !parsed.is_empty()
        && let Some(viewer) = viewer
    {
        found.statuses = texts::find(instance, viewer, &query, &parsed).await?;
    }
    if query.wants(SearchKind::Hashtags) && names && !with_at {
        found.hashtags = hashtags(instance, viewer, &query, q).await?;
    }
    Ok(found)
}

async fn hashtags(
    instance: &Instance,
    viewer: Option<AccountId>,
    query: &SearchQuery,
    q: &str,
) -> Result<Vec<TagView>> {
    let word = q.trim_start_matches(['#', '＃']);
    if word.contains(char::is_whitespace) {
        return Ok(Vec::new());
    }
    let Some(prefix) = hashtag_name(word) else {
        return Ok(Vec::new());
    };
    let (offset, limit) = query.window();
    instance
        .read(move |conn| {
            Ok(rows::list_public_tags(
                conn,
                &prefix,
                viewer.is_some(),
                limit as i64,
                offset as i64,
            )?)
        })
        .await
}
