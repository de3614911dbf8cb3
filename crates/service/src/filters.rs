//! Filters of a user: words and statuses that they do not want to see. What a filter matches is decided where
//! statuses are viewed; here is only what the filters say.
//!
//! Another user's filter is `NotFound`, as one that does not exist. The first version of the API shows each keyword
//! as a filter of its own, under the keyword's id: [`find_keyword`] gives both.
//!
//! Source: <https://docs.joinmastodon.org/methods/filters/>

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    filter::{Filter, FilterAction, FilterContext, FilterKeyword, FilterStatus},
    ids::{AccountId, FilterId, FilterKeywordId, FilterStatusId, StatusId},
};
use pouet_storage::{Conn, filters as rows, users};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    visibility::find_visible,
};

/// Filters of a user, at most (R095).
const MAX_FILTERS: i64 = 200;
/// Keywords of a filter, at most (R095).
const MAX_KEYWORDS: usize = 100;
/// Characters of a keyword, at most (R095).
const MAX_KEYWORD_CHARS: usize = 200;
/// Characters of a title, at most (R095).
const MAX_TITLE_CHARS: usize = 200;
/// Statuses of a filter, at most.
const MAX_STATUSES: usize = 2000;
/// Longest life of a filter, seconds: a hundred years. More counts as this.
const MAX_SECONDS: i64 = 100 * 365 * 86_400;

/// When a filter ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expiry {
    /// Never.
    Never,
    /// After this many seconds from now; 0 or less: at once.
    In(i64),
}

/// What a filter is made with or changed to; `None` keeps what it is, or the default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FilterChange {
    /// Name chosen by the user. A new filter needs one.
    pub title: Option<String>,
    /// Where it applies. A new filter needs at least one place.
    pub contexts: Option<Vec<FilterContext>>,
    /// What apps do with matches. Default: warn.
    pub action: Option<FilterAction>,
    /// When it ends. Default: never.
    pub expires_in: Option<Expiry>,
    /// Keywords to add, change or remove; others stay.
    pub keywords: Vec<KeywordChange>,
}

/// A keyword to add, change or remove.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeywordChange {
    /// The keyword to change or remove; `None`: a new one.
    pub id: Option<FilterKeywordId>,
    /// Literal text. A new keyword needs one.
    pub keyword: Option<String>,
    /// Only match at word boundaries. Default: false.
    pub whole_word: Option<bool>,
    /// Remove it.
    pub destroy: bool,
}

fn blank(field: &'static str, name: &str) -> Error {
    Error::invalid(field, "ERR_BLANK", format!("{name} can't be blank"))
}

fn too_long(field: &'static str, name: &str, most: usize) -> Error {
    let reason = format!("{name} is too long (maximum is {most} characters)");
    Error::invalid(field, "ERR_TOO_LONG", reason)
}

fn too_many(field: &'static str, name: &str, most: impl std::fmt::Display) -> Error {
    Error::invalid(
        field,
        "ERR_INVALID",
        format!("{name} are too many (maximum is {most})"),
    )
}

impl KeywordChange {
    fn apply(&self, keyword: &mut FilterKeyword) {
        if let Some(text) = &self.keyword {
            text.trim().clone_into(&mut keyword.keyword);
        }
        keyword.whole_word = self.whole_word.unwrap_or(keyword.whole_word);
    }
}

impl FilterChange {
    /// The filter as it will be.
    ///
    /// # Errors
    /// `NotFound` if a keyword is not the filter's; `Invalid` if the result breaks a rule.
    fn apply(&self, instance: &Instance, mut filter: Filter, now: DateTime<Utc>) -> Result<Filter> {
        if let Some(title) = &self.title {
            title.trim().clone_into(&mut filter.title);
        }
        if let Some(contexts) = &self.contexts {
            filter.contexts = FilterContext::ALL
                .into_iter()
                .filter(|context| contexts.contains(context))
                .collect();
        }
        filter.action = self.action.unwrap_or(filter.action);
        match self.expires_in {
            Some(Expiry::Never) => filter.expires_at = None,
            Some(Expiry::In(seconds)) => {
                filter.expires_at = Some(now + TimeDelta::seconds(seconds.clamp(0, MAX_SECONDS)));
            }
            None => {}
        }
        for change in &self.keywords {
            change_keyword(instance, &mut filter, change)?;
        }
        check(&filter)?;
        Ok(filter)
    }
}

fn change_keyword(instance: &Instance, filter: &mut Filter, change: &KeywordChange) -> Result<()> {
    match change.id {
        Some(id) => {
            let known = filter.keywords.iter().position(|keyword| keyword.id == id);
            let at = known.ok_or(Error::NotFound)?;
            if change.destroy {
                filter.keywords.remove(at);
            } else {
                change.apply(&mut filter.keywords[at]);
            }
        }
        None if change.destroy => {}
        None => {
            let mut keyword = FilterKeyword {
                id: instance.next_id(),
                filter_id: filter.id,
                keyword: String::new(),
                whole_word: false,
            };
            change.apply(&mut keyword);
            filter.keywords.push(keyword);
        }
    }
    Ok(())
}

fn check(filter: &Filter) -> Result<()> {
    if filter.title.is_empty() {
        return Err(blank("title", "Title"));
    }
    if filter.title.chars().count() > MAX_TITLE_CHARS {
        return Err(too_long("title", "Title", MAX_TITLE_CHARS));
    }
    if filter.contexts.is_empty() {
        return Err(blank("context", "Context"));
    }
    if filter.keywords.len() > MAX_KEYWORDS {
        return Err(too_many("keywords", "Keywords", MAX_KEYWORDS));
    }
    if filter.statuses.len() > MAX_STATUSES {
        return Err(too_many("statuses", "Statuses", MAX_STATUSES));
    }
    for keyword in &filter.keywords {
        if keyword.keyword.is_empty() {
            return Err(blank("keyword", "Keyword"));
        }
        if keyword.keyword.chars().count() > MAX_KEYWORD_CHARS {
            return Err(too_long("keyword", "Keyword", MAX_KEYWORD_CHARS));
        }
    }
    Ok(())
}

fn find_own(conn: &mut Conn, viewer: AccountId, id: FilterId) -> Result<Filter> {
    rows::find_filter(conn, viewer, id)?.ok_or(Error::NotFound)
}

fn tell(tx: &mut Conn, viewer: AccountId, now: DateTime<Utc>) -> Result<()> {
    events::emit(tx, &Event::FiltersChanged { account_id: viewer }, now)
}

/// Applies a change to a stored filter, and tells the user's streams.
fn write(
    tx: &mut Conn,
    instance: &Instance,
    viewer: AccountId,
    old: &Filter,
    change: &FilterChange,
) -> Result<Filter> {
    let now = instance.now();
    let new = change.apply(instance, old.clone(), now)?;
    rows::update_filter(tx, &new)?;
    for keyword in &old.keywords {
        if !new.keywords.iter().any(|kept| kept.id == keyword.id) {
            rows::delete_keyword(tx, keyword.id)?;
        }
    }
    for keyword in &new.keywords {
        match old.keywords.iter().find(|known| known.id == keyword.id) {
            None => rows::insert_keyword(tx, keyword)?,
            Some(known) if known != keyword => rows::update_keyword(tx, keyword)?,
            Some(_) => {}
        }
    }
    tell(tx, viewer, now)?;
    Ok(new)
}

/// All filters of `viewer`, oldest first, those that have ended too.
pub async fn all(instance: &Instance, viewer: AccountId) -> Result<Vec<Filter>> {
    instance
        .read(move |conn| Ok(rows::list_filters(conn, viewer)?))
        .await
}

/// A filter of `viewer`, with its keywords and statuses.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn find(instance: &Instance, viewer: AccountId, id: FilterId) -> Result<Filter> {
    instance.read(move |conn| find_own(conn, viewer, id)).await
}

/// Makes a filter.
///
/// # Errors
/// `Invalid` if title, contexts or keywords are missing, too long or too many, or the user has as many filters as
/// allowed.
pub async fn create(instance: &Instance, viewer: AccountId, change: FilterChange) -> Result<Filter> {
    let now = instance.now();
    let empty = Filter {
        id: instance.next_id(),
        title: String::new(),
        contexts: Vec::new(),
        action: FilterAction::default(),
        expires_at: None,
        keywords: Vec::new(),
        statuses: Vec::new(),
    };
    let filter = change.apply(instance, empty, now)?;
    instance
        .write(move |tx| {
            users::lock_user_of(tx, viewer)?;
            if rows::count_filters(tx, viewer)? >= MAX_FILTERS {
                return Err(too_many("base", "Filters", MAX_FILTERS));
            }
            rows::insert_filter(tx, viewer, &filter, now)?;
            tell(tx, viewer, now)?;
            Ok(filter)
        })
        .await
}

/// Changes a filter of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such, or a keyword is not its own; `Invalid` as for [`create`].
pub async fn update(
    instance: &Instance,
    viewer: AccountId,
    id: FilterId,
    change: FilterChange,
) -> Result<Filter> {
    let handle = instance.clone();
    instance
        .write(move |tx| {
            users::lock_user_of(tx, viewer)?;
            let old = find_own(tx, viewer, id)?;
            write(tx, &handle, viewer, &old, &change)
        })
        .await
}

/// Removes a filter of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn delete(instance: &Instance, viewer: AccountId, id: FilterId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            if !rows::delete_filter(tx, viewer, id)? {
                return Err(Error::NotFound);
            }
            tell(tx, viewer, now)
        })
        .await
}

fn find_by_keyword(
    conn: &mut Conn,
    viewer: AccountId,
    id: FilterKeywordId,
) -> Result<(Filter, FilterKeyword)> {
    let filter = rows::find_filter_of_keyword(conn, viewer, id)?.ok_or(Error::NotFound)?;
    let keyword = filter.keywords.iter().find(|keyword| keyword.id == id).cloned();
    Ok((filter, keyword.ok_or(Error::NotFound)?))
}

/// A keyword with the filter of `viewer` that it belongs to.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn find_keyword(
    instance: &Instance,
    viewer: AccountId,
    id: FilterKeywordId,
) -> Result<(Filter, FilterKeyword)> {
    instance.read(move |conn| find_by_keyword(conn, viewer, id)).await
}

/// Adds a keyword to a filter of `viewer`. Only its text and kind are read from `keyword`.
///
/// # Errors
/// `NotFound` if they have no such filter; `Invalid` as for [`create`].
pub async fn add_keyword(
    instance: &Instance,
    viewer: AccountId,
    id: FilterId,
    keyword: KeywordChange,
) -> Result<FilterKeyword> {
    let keyword = KeywordChange {
        id: None,
        destroy: false,
        ..keyword
    };
    let change = FilterChange {
        keywords: vec![keyword],
        ..FilterChange::default()
    };
    let filter = update(instance, viewer, id, change).await?;
    filter.keywords.last().cloned().ok_or(Error::NotFound)
}

/// Changes a keyword of a filter of `viewer`. Only its text and kind are read from `keyword`.
///
/// # Errors
/// `NotFound` if they have none such; `Invalid` as for [`create`].
pub async fn update_keyword(
    instance: &Instance,
    viewer: AccountId,
    id: FilterKeywordId,
    keyword: KeywordChange,
) -> Result<FilterKeyword> {
    change_one_keyword(instance, viewer, id, keyword, false).await?;
    Ok(find_keyword(instance, viewer, id).await?.1)
}

/// Removes a keyword of a filter of `viewer`; the filter stays.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn delete_keyword(instance: &Instance, viewer: AccountId, id: FilterKeywordId) -> Result<()> {
    change_one_keyword(instance, viewer, id, KeywordChange::default(), true).await
}

async fn change_one_keyword(
    instance: &Instance,
    viewer: AccountId,
    id: FilterKeywordId,
    keyword: KeywordChange,
    destroy: bool,
) -> Result<()> {
    let change = FilterChange {
        keywords: vec![KeywordChange {
            id: Some(id),
            destroy,
            ..keyword
        }],
        ..FilterChange::default()
    };
    let handle = instance.clone();
    instance
        .write(move |tx| {
            let (filter, _) = find_by_keyword(tx, viewer, id)?;
            write(tx, &handle, viewer, &filter, &change)?;
            Ok(())
        })
        .await
}

fn find_by_status(conn: &mut Conn, viewer: AccountId, id: FilterStatusId) -> Result<FilterStatus> {
    let filter = rows::find_filter_of_status(conn, viewer, id)?.ok_or(Error::NotFound)?;
    let found = filter.statuses.into_iter().find(|status| status.id == id);
    found.ok_or(Error::NotFound)
}

/// An entry for a single status in a filter of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn find_status(instance: &Instance, viewer: AccountId, id: FilterStatusId) -> Result<FilterStatus> {
    instance.read(move |conn| find_by_status(conn, viewer, id)).await
}

/// Adds a single status to a filter of `viewer`.
///
/// # Errors
/// `NotFound` if they have no such filter or may not see the status; `Invalid` if it is there already.
pub async fn add_status(
    instance: &Instance,
    viewer: AccountId,
    id: FilterId,
    status_id: StatusId,
) -> Result<FilterStatus> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            users::lock_user_of(tx, viewer)?;
            let mut filter = find_own(tx, viewer, id)?;
            find_visible(tx, Some(viewer), status_id)?;
            if filter.statuses.iter().any(|known| known.status_id == status_id) {
                let reason = "Status has already been taken";
                return Err(Error::invalid("status_id", "ERR_TAKEN", reason));
            }
            let status = FilterStatus {
                id: handle.next_id(),
                filter_id: id,
                status_id,
            };
            filter.statuses.push(status);
            check(&filter)?;
            rows::insert_filter_status(tx, &status)?;
            tell(tx, viewer, now)?;
            Ok(status)
        })
        .await
}

/// Removes the entry for a single status from a filter of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn delete_status(instance: &Instance, viewer: AccountId, id: FilterStatusId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            find_by_status(tx, viewer, id)?;
            rows::delete_filter_status(tx, id)?;
            tell(tx, viewer, now)
        })
        .await
}
