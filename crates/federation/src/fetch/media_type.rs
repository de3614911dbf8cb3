//! Which content types are ActivityPub.
//!
//! Source: federation.md 12 (step 7), security.md R023.

/// The profile that makes JSON-LD ActivityPub.
const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// What the `Accept` header of a fetch says.
pub(crate) const ACCEPT: &str =
    r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;

/// Whether a `Content-Type` is that of an ActivityPub document. Plain JSON is not: an upload of a user could be that.
pub(crate) fn is_activity(content_type: &str) -> bool {
    let Ok(mime) = content_type.parse::<mime::Mime>() else {
        return false;
    };
    let utf8 = mime
        .get_param(mime::CHARSET)
        .is_none_or(|charset| charset.as_str().eq_ignore_ascii_case("utf-8"));
    let profiled = || {
        mime.params()
            .any(|(name, value)| name.as_str().eq_ignore_ascii_case("profile") && has_profile(value.as_str()))
    };
    utf8 && match mime.essence_str().to_ascii_lowercase().as_str() {
        "application/activity+json" => true,
        "application/ld+json" => profiled(),
        _ => false,
    }
}

/// Whether the body of a POST may be an activity; peers leave out the profile.
pub(crate) fn is_postable(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["application/activity+json", "application/ld+json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

fn has_profile(value: &str) -> bool {
    value
        .trim_matches('"')
        .split_ascii_whitespace()
        .any(|profile| profile == PROFILE)
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn sec_R023_only_activity_types_are_read() {
        for (content_type, accepted) in [
            ("application/activity+json", true),
            ("application/activity+json; charset=utf-8", true),
            ("application/activity+json;charset=UTF-8", true),
            ("Application/Activity+JSON", true),
            (
                r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#,
                true,
            ),
            (
                r#"application/ld+json;profile="https://www.w3.org/ns/activitystreams"; charset=utf-8"#,
                true,
            ),
            (
                r#"application/ld+json; charset=utf-8; Profile="https://w3id.org/x https://www.w3.org/ns/activitystreams""#,
                true,
            ),
            ("application/ld+json", false),
            (
                r#"application/ld+json; profile="https://www.w3.org/ns/json-ld#compacted""#,
                false,
            ),
            (
                r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams2""#,
                false,
            ),
            ("application/activity+json; charset=iso-8859-1", false),
            ("application/json", false),
            ("text/html", false),
            ("text/plain", false),
            ("image/png", false),
            ("application/octet-stream", false),
            ("application/activity+json, text/html", false),
            ("", false),
        ] {
            assert_eq!(is_activity(content_type), accepted, "{content_type}");
        }
    }
}
