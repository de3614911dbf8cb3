//! Page or document, by the `Accept` header.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// What a reader prefers, each from 0 to 1000.
struct Weights {
    activity: u16,
    page: u16,
}

fn weights(headers: &HeaderMap) -> Weights {
    let mut weights = Weights { activity: 0, page: 0 };
    for value in headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()) {
        for range in split(value) {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(1000, quality);
            match kind.as_str() {
                "application/activity+json" | "application/ld+json" => {
                    weights.activity = weights.activity.max(weight);
                }
                "text/html" | "application/xhtml+xml" => weights.page = weights.page.max(weight),
                _ => {}
            }
        }
    }
    weights
}

/// The ranges of an `Accept` header: commas inside quotes do not part them.
fn split(value: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    value.split(move |c| {
        if c == '"' {
            quoted = !quoted;
        }
        c == ',' && !quoted
    })
}

/// A `q` value in thousandths; nonsense counts as 1.
fn quality(text: &str) -> u16 {
    match text.parse::<f32>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000"
        )]
        Ok(quality) => (quality.clamp(0.0, 1.0) * 1000.0) as u16,
        Err(_) => 1000,
    }
}

/// Whether a reader of a page asks for its ActivityPub document instead.
pub fn prefers_activity(headers: &HeaderMap) -> bool {
    let weights = weights(headers);
    weights.activity > 0 && weights.activity >= weights.page
}

/// Whether a reader of a document asks for its page instead.
pub(super) fn prefers_page(headers: &HeaderMap) -> bool {
    let weights = weights(headers);
    weights.page > weights.activity
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn documents_are_for_those_who_ask_for_them() {
        for (accept, activity, page) in [
            ("application/activity+json", true, false),
            (
                r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#,
                true,
                false,
            ),
            (
                r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams, x", text/html;q=0.1"#,
                true,
                false,
            ),
            ("application/activity+json, text/html;q=0.1", true, false),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                false,
                true,
            ),
            ("text/html, application/activity+json;q=0.5", false, true),
            ("text/html, application/activity+json", true, false),
            ("application/json", false, false),
            ("*/*", false, false),
            ("", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(
                (prefers_activity(&headers), prefers_page(&headers)),
                (activity, page),
                "{accept}"
            );
        }
    }
}
