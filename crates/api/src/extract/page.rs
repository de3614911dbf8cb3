//! The page of a list that a request asks for.

use pouet_model::page::Page;

use super::params::Params;
use crate::error::{ApiError, Result};

/// Default and greatest number of items of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Items where the client asks for no number.
    pub(crate) default: i64,
    /// Most items of a page.
    pub(crate) max: i64,
}

/// Lists of statuses and conversations.
pub(crate) const STATUSES: Sizes = Sizes { default: 20, max: 40 };
/// Lists of accounts and notifications.
pub(crate) const ACCOUNTS: Sizes = Sizes { default: 40, max: 80 };
/// Lists of domains.
pub(crate) const DOMAINS: Sizes = Sizes {
    default: 100,
    max: 200,
};
/// Lists of followed hashtags.
pub(crate) const TAGS: Sizes = Sizes {
    default: 100,
    max: 200,
};
/// Lists of hashtags and links that trend.
pub(crate) const TRENDS: Sizes = Sizes { default: 10, max: 20 };
/// Greatest number of entries that a request may leave out.
pub(crate) const MAX_OFFSET: i64 = 100_000;
/// Counts of unread notifications.
pub(crate) const COUNTS: Sizes = Sizes {
    default: 100,
    max: 1000,
};

/// The `limit` of a request: at least 1, at most the greatest size, a negative number without its sign. What is not
/// a number counts as absent.
pub(crate) fn limit(params: &Params, sizes: Sizes) -> i64 {
    match params.int("limit") {
        None | Some(0) => sizes.default,
        Some(limit) => limit.saturating_abs().min(sizes.max),
    }
}

/// The page that a request asks for.
///
/// # Errors
/// `Invalid` if a cursor is not an id.
pub(crate) fn page(params: &Params, sizes: Sizes) -> Result<Page> {
    Ok(Page {
        max_id: cursor(params, "max_id")?,
        since_id: cursor(params, "since_id")?,
        min_id: cursor(params, "min_id")?,
        limit: limit(params, sizes),
    })
}

fn cursor(params: &Params, name: &'static str) -> Result<Option<i64>> {
    params
        .text(name)
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse()
                .map_err(|_| ApiError::invalid(name, "ERR_INVALID", "the cursor is not an id"))
        })
        .transpose()
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use super::*;

    #[test]
    fn sec_R095_limits_are_clamped() {
        let table = [
            ("", 20),
            ("limit=5", 5),
            ("limit=0", 20),
            ("limit=-5", 5),
            ("limit=1000000", 40),
            ("limit=abc", 20),
            ("limit=-9223372036854775808", 40),
        ];
        for (query, expected) in table {
            let params = Params::parse_form(query).unwrap();
            assert_eq!(limit(&params, STATUSES), expected, "{query}");
        }
    }

    #[test]
    fn sec_R095_cursors_are_ids() {
        let read = |query| page(&Params::parse_form(query).unwrap(), STATUSES);
        let asked = read("max_id=9&min_id=3&since_id=").unwrap();
        assert_eq!(
            (asked.max_id, asked.min_id, asked.since_id),
            (Some(9), Some(3), None)
        );
        for query in ["max_id=x", "min_id=1%27", "since_id=99999999999999999999"] {
            assert_eq!(read(query).unwrap_err().status().as_u16(), 422, "{query}");
        }
    }
}
