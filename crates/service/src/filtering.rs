//! Matching statuses with a user's filters: the server's task, what to do with matches is the client's.
//!
//! Source: <https://docs.joinmastodon.org/entities/FilterResult/>

use pouet_model::{
    filter::{Filter, FilterMatch},
    html::to_plain_text,
    keyword::KeywordMatcher,
};

use crate::view::StatusView;

/// The filters of a user, ready to be matched.
#[derive(Default)]
pub(crate) struct Matcher(Vec<(Filter, KeywordMatcher)>);

impl Matcher {
    pub(crate) fn new(filters: Vec<Filter>) -> Self {
        let compile = |filter: Filter| {
            let keywords: Vec<(&str, bool)> = filter
                .keywords
                .iter()
                .map(|keyword| (keyword.keyword.as_str(), keyword.whole_word))
                .collect();
            let matcher = KeywordMatcher::new(&keywords);
            (filter, matcher)
        };
        Self(filters.into_iter().map(compile).collect())
    }

    /// The filters that match the status: by a keyword in its text, warning, poll options or alternative texts, or
    /// by naming it. Own statuses match too; the embedded filter goes without its keywords.
    pub(crate) fn matches(&self, view: &StatusView) -> Vec<FilterMatch> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let text = searchable_text(view);
        let matched = |(filter, matcher): &(Filter, KeywordMatcher)| {
            let keywords = matcher.matches(&text);
            let named = filter
                .statuses
                .iter()
                .any(|entry| entry.status_id == view.status.id);
            (named || !keywords.is_empty()).then(|| FilterMatch {
                filter: filter.clone(),
                keywords,
                statuses: if named { vec![view.status.id] } else { Vec::new() },
            })
        };
        self.0.iter().filter_map(matched).collect()
    }
}

fn searchable_text(view: &StatusView) -> String {
    let mut parts = vec![
        view.status.spoiler_text.clone(),
        to_plain_text(&view.status.content),
    ];
    if let Some(poll) = &view.poll {
        parts.extend(poll.poll.options.iter().map(|option| option.title.clone()));
    }
    parts.extend(view.media.iter().filter_map(|media| media.description.clone()));
    parts.join("\n")
}
