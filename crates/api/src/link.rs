//! The `Link` header, by which clients walk through lists.
//!
//! Source: <https://docs.joinmastodon.org/api/guidelines/#pagination>

use std::fmt::Display;

/// Which cursor leads to the page before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Previous {
    /// `min_id`: the page immediately above.
    MinId,
    /// `since_id`: the newest page above.
    SinceId,
}

/// Parameters that a link replaces or must not repeat.
const CURSORS: [&str; 5] = ["max_id", "since_id", "min_id", "offset", "access_token"];

/// The header of a page: links to what follows and to what came before, which repeat all parameters of the request
/// but its cursors. They are absolute, because clients read them without a base address.
///
/// `address` is the absolute address without query; `query` the raw query of the request. `next` is the last id of
/// the page, if there may be more; `prev` the first.
pub(crate) fn by_id(
    address: &str,
    query: &str,
    next: Option<impl Display>,
    prev: Option<(Previous, impl Display)>,
) -> Option<String> {
    let mut links = Vec::new();
    if let Some(id) = next {
        links.push(link(address, query, "max_id", &id, "next"));
    }
    if let Some((cursor, id)) = prev {
        let name = match cursor {
            Previous::MinId => "min_id",
            Previous::SinceId => "since_id",
        };
        links.push(link(address, query, name, &id, "prev"));
    }
    (!links.is_empty()).then(|| links.join(", "))
}

/// The header of a part of a list that is paged by offset, as [`by_id`]. `next` and `prev` are the offsets of its neighbours.
pub(crate) fn by_offset(address: &str, query: &str, next: Option<i64>, prev: Option<i64>) -> Option<String> {
    let links: Vec<String> = [(next, "next"), (prev, "prev")]
        .into_iter()
        .filter_map(|(offset, rel)| Some(link(address, query, "offset", &offset?, rel)))
        .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

fn link(address: &str, query: &str, cursor: &str, id: &impl Display, rel: &str) -> String {
    let mut url = format!("<{address}?");
    for pair in query.split('&').filter(|pair| is_kept(pair)) {
        url.push_str(pair);
        url.push('&');
    }
    format!("{url}{cursor}={id}>; rel=\"{rel}\"")
}

/// Whether a raw `name=value` is repeated in links. Angle brackets would end the link early.
fn is_kept(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    !name.is_empty() && !CURSORS.contains(&name) && !pair.contains(['<', '>', '"', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://pouet.example/api/v1/timelines/home";

    #[test]
    fn links_are_absolute_and_repeat_the_filters() {
        let header = by_id(
            HOME,
            "limit=2&max_id=9&exclude_types[]=follow&exclude_types%5B%5D=poll&access_token=x",
            Some(5),
            Some((Previous::MinId, 8)),
        );
        assert_eq!(
            header.as_deref(),
            Some(
                "<https://pouet.example/api/v1/timelines/home?limit=2&exclude_types[]=follow&\
                 exclude_types%5B%5D=poll&max_id=5>; rel=\"next\", \
                 <https://pouet.example/api/v1/timelines/home?limit=2&exclude_types[]=follow&\
                 exclude_types%5B%5D=poll&min_id=8>; rel=\"prev\""
            )
        );
    }

    #[test]
    fn lists_by_offset_have_links() {
        let header = by_offset(HOME, "limit=5&offset=5", Some(10), Some(0));
        assert_eq!(
            header.as_deref(),
            Some(
                "<https://pouet.example/api/v1/timelines/home?limit=5&offset=10>; rel=\"next\", \
                 <https://pouet.example/api/v1/timelines/home?limit=5&offset=0>; rel=\"prev\""
            )
        );
        assert_eq!(by_offset(HOME, "", None, None), None);
    }

    #[test]
    fn an_empty_page_has_no_links() {
        assert_eq!(by_id(HOME, "limit=2", None::<i64>, None::<(_, i64)>), None);
    }

    #[test]
    fn nothing_breaks_out_of_a_link() {
        let header = by_id(
            HOME,
            "a=1>; rel=\"next\"&b=2",
            Some(1),
            Some((Previous::SinceId, 2)),
        );
        assert_eq!(
            header.as_deref(),
            Some(
                "<https://pouet.example/api/v1/timelines/home?b=2&max_id=1>; rel=\"next\", \
                 <https://pouet.example/api/v1/timelines/home?b=2&since_id=2>; rel=\"prev\""
            )
        );
    }
}
