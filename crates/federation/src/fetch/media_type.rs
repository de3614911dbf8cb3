//! Which content types are ActivityPub.
//!
//! Source: rule R023.

/// The profile that makes JSON-LD ActivityPub.
const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// What the `Accept` header of a fetch says.
pub(crate) const ACCEPT: &str =
    r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;

/// Whether a `Content-Type` is that of an ActivityPub document. Plain JSON is not: an upload of a user could be that.
pub(crate) fn is_activity(content_type: &str) -> bool {
    let mut parts = parts(content_type).into_iter();
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let (mut utf8, mut profiled) = (true, false);
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return false;
        };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "charset" => utf8 &= value.eq_ignore_ascii_case("utf-8"),
            "profile" => profiled |= has_profile(value),
            _ => {}
        }
    }
    utf8 && match essence.as_str() {
        "application/activity+json" => true,
        "application/ld+json" => profiled,
        _ => false,
    }
}

/// The essence and the parameters of a media type, with whatever white space there was around them; a semicolon in quotes
/// separates nothing.
fn parts(content_type: &str) -> Vec<&str> {
    let mut quoted = false;
    content_type
        .split(|c: char| {
            quoted ^= c == '"';
            c == ';' && !quoted
        })
        .map(str::trim)
        .collect()
}

/// Whether the body of a POST may be an activity; peers leave out the profile.
pub(crate) fn is_postable(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["application/activity+json", "application/ld+json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

fn has_profile(value: &str) -> bool {
    value.split_ascii_whitespace().any(|profile| profile == PROFILE)
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
            ("application/activity+json ; charset = \"UTF-8\" ;", true),
            ("application/activity+json; x", false),
            (
                r#"application/ld+json; x="; profile=https://www.w3.org/ns/activitystreams""#,
                false,
            ),
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
