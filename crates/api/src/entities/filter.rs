//! <https://docs.joinmastodon.org/entities/Filter/>, <https://docs.joinmastodon.org/entities/FilterResult/> and
//! <https://docs.joinmastodon.org/entities/V1_Filter/>

use pouet_model::{
    filter::{
        Filter as Model, FilterAction, FilterKeyword as ModelKeyword, FilterMatch,
        FilterStatus as ModelStatus,
    },
    ids::{FilterId, FilterKeywordId, FilterStatusId, StatusId},
};
use serde::Serialize;

use super::time::Iso;

/// A filter. Its keywords and statuses are there where the filter itself is asked for.
#[derive(Serialize)]
pub(crate) struct Filter<'a> {
    id: FilterId,
    title: &'a str,
    context: Vec<&'static str>,
    expires_at: Option<Iso>,
    filter_action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    keywords: Option<Vec<FilterKeyword<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<Vec<FilterStatus>>,
}

impl<'a> Filter<'a> {
    /// The filter alone, as statuses name it.
    fn named(filter: &'a Model) -> Self {
        Self {
            id: filter.id,
            title: &filter.title,
            context: context(filter),
            expires_at: filter.expires_at.map(Iso),
            filter_action: filter.action.as_str(),
            keywords: None,
            statuses: None,
        }
    }

    /// The filter with its rules.
    pub(crate) fn from_model(filter: &'a Model) -> Self {
        Self {
            keywords: Some(filter.keywords.iter().map(FilterKeyword::from_model).collect()),
            statuses: Some(filter.statuses.iter().map(FilterStatus::from_model).collect()),
            ..Self::named(filter)
        }
    }
}

fn context(filter: &Model) -> Vec<&'static str> {
    filter.contexts.iter().map(|context| context.as_str()).collect()
}

/// A word or phrase of a filter.
#[derive(Serialize)]
pub(crate) struct FilterKeyword<'a> {
    id: FilterKeywordId,
    keyword: &'a str,
    whole_word: bool,
}

impl<'a> FilterKeyword<'a> {
    /// As it is.
    pub(crate) fn from_model(keyword: &'a ModelKeyword) -> Self {
        Self {
            id: keyword.id,
            keyword: &keyword.keyword,
            whole_word: keyword.whole_word,
        }
    }
}

/// A status hidden by a filter.
#[derive(Serialize)]
pub(crate) struct FilterStatus {
    id: FilterStatusId,
    status_id: StatusId,
}

impl FilterStatus {
    /// As it is.
    pub(crate) fn from_model(status: &ModelStatus) -> Self {
        Self {
            id: status.id,
            status_id: status.status_id,
        }
    }
}

/// A filter of the viewer that a status matches, and by what.
#[derive(Serialize)]
pub(crate) struct FilterResult<'a> {
    filter: Filter<'a>,
    keyword_matches: Option<&'a [String]>,
    status_matches: Option<&'a [StatusId]>,
}

impl<'a> FilterResult<'a> {
    /// Members without matches are null.
    pub(crate) fn from_model(found: &'a FilterMatch) -> Self {
        Self {
            filter: Filter::named(&found.filter),
            keyword_matches: Some(found.keywords.as_slice()).filter(|words| !words.is_empty()),
            status_matches: Some(found.statuses.as_slice()).filter(|ids| !ids.is_empty()),
        }
    }
}

/// A filter of the first version of the API: one keyword, which gives it its id.
#[derive(Serialize)]
pub(crate) struct V1Filter<'a> {
    id: FilterKeywordId,
    phrase: &'a str,
    context: Vec<&'static str>,
    whole_word: bool,
    expires_at: Option<Iso>,
    irreversible: bool,
}

impl<'a> V1Filter<'a> {
    /// `keyword` of `filter`.
    pub(crate) fn from_model(filter: &'a Model, keyword: &'a ModelKeyword) -> Self {
        Self {
            id: keyword.id,
            phrase: &keyword.keyword,
            context: context(filter),
            whole_word: keyword.whole_word,
            expires_at: filter.expires_at.map(Iso),
            irreversible: filter.action == FilterAction::Hide,
        }
    }

    /// One for each keyword of `filters`.
    pub(crate) fn list(filters: &'a [Model]) -> Vec<Self> {
        filters
            .iter()
            .flat_map(|filter| {
                filter
                    .keywords
                    .iter()
                    .map(move |keyword| Self::from_model(filter, keyword))
            })
            .collect()
    }
}
