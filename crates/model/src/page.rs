//! Pages of lists, newest first, keyed by an id.

/// Which part of a list is asked for.
///
/// `max_id` is exclusive and combines with either of the others. `since_id` gives the newest items above it,
/// `min_id` those immediately above it. All give results newest first.
///
/// Source: <https://docs.joinmastodon.org/api/guidelines/#pagination>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Only items below this id.
    pub max_id: Option<i64>,
    /// Only items above this id, newest first.
    pub since_id: Option<i64>,
    /// Only items above this id, starting right above it.
    pub min_id: Option<i64>,
    /// Greatest number of items, at least 1.
    pub limit: i64,
}

impl Page {
    /// The newest `limit` items.
    pub fn first(limit: i64) -> Self {
        Self {
            max_id: None,
            since_id: None,
            min_id: None,
            limit,
        }
    }

    /// The lower bound that applies, exclusive: `min_id` wins over `since_id`.
    pub fn lower(&self) -> Option<i64> {
        self.min_id.or(self.since_id)
    }

    /// Whether the store has to read oldest first (and the reader to turn the result round).
    pub fn is_ascending(&self) -> bool {
        self.min_id.is_some()
    }

    /// Whether `id` lies in the asked range, the limit left aside.
    pub fn contains(&self, id: i64) -> bool {
        self.max_id.is_none_or(|max| id < max) && self.lower().is_none_or(|min| id > min)
    }

    /// Applies the page to a list held in memory, newest first.
    pub fn apply<T>(&self, newest_first: impl IntoIterator<Item = T>, key: impl Fn(&T) -> i64) -> Vec<T> {
        let mut items: Vec<T> = newest_first
            .into_iter()
            .filter(|item| self.contains(key(item)))
            .collect();
        let limit = usize::try_from(self.limit).unwrap_or(0);
        if self.is_ascending() {
            items.drain(..items.len().saturating_sub(limit));
        } else {
            items.truncate(limit);
        }
        items
    }
}

/// Items of a page with the key of each, for lists that are paged by a row that is not in the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keyed<T> {
    /// Key of the row that relates the item to the list.
    pub key: i64,
    /// The item.
    pub item: T,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn min_id_gives_the_page_right_above() {
        let newest_first: Vec<i64> = (1..=10).rev().collect();
        let page = |max_id, since_id, min_id| Page {
            max_id,
            since_id,
            min_id,
            limit: 3,
        };
        let apply = |page: Page| page.apply(newest_first.clone(), |id| *id);
        assert_eq!(apply(page(None, None, None)), [10, 9, 8]);
        assert_eq!(apply(page(Some(5), None, None)), [4, 3, 2]);
        assert_eq!(apply(page(None, Some(5), None)), [10, 9, 8]);
        assert_eq!(apply(page(None, None, Some(5))), [8, 7, 6]);
        assert_eq!(apply(page(Some(8), None, Some(5))), [7, 6]);
        assert_eq!(apply(page(Some(8), Some(6), None)), [7]);
    }

    proptest! {
        #[test]
        fn walking_by_max_id_visits_everything_once(mut ids in prop::collection::hash_set(1i64..10_000, 0..60), limit in 1i64..9) {
            let mut newest_first: Vec<i64> = ids.drain().collect();
            newest_first.sort_unstable_by(|a, b| b.cmp(a));
            let (mut seen, mut page) = (Vec::new(), Page::first(limit));
            loop {
                let items = page.apply(newest_first.clone(), |id| *id);
                let Some(last) = items.last().copied() else { break };
                seen.extend(items);
                page.max_id = Some(last);
            }
            prop_assert_eq!(seen, newest_first);
        }

        #[test]
        fn walking_by_min_id_visits_everything_once(ids in prop::collection::hash_set(1i64..10_000, 0..60), limit in 1i64..9) {
            let mut newest_first: Vec<i64> = ids.into_iter().collect();
            newest_first.sort_unstable_by(|a, b| b.cmp(a));
            let (mut seen, mut page) = (Vec::new(), Page { min_id: Some(0), ..Page::first(limit) });
            loop {
                let items = page.apply(newest_first.clone(), |id| *id);
                let Some(first) = items.first().copied() else { break };
                seen.splice(0..0, items);
                page.min_id = Some(first);
            }
            prop_assert_eq!(seen, newest_first);
        }
    }
}
