//! Reading members of an object in whatever shape they came.

use chrono::{DateTime, NaiveDateTime, Utc};
use pouet_model::time::from_millis;
use serde_json::{Map, Value};

/// An object of a received document. Every reader gives nothing for a member that is absent or makes no sense.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(&'a Map<String, Value>);

/// Prefixes under which types and terms of the vocabularies that we know are written out.
const PREFIXES: [&str; 5] = [
    "https://www.w3.org/ns/activitystreams#",
    "http://www.w3.org/ns/activitystreams#",
    "http://litepub.social/ns#",
    "as:",
    "litepub:",
];

impl<'a> Object<'a> {
    /// The object that `value` is.
    pub fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// A member as it is; JSON's `null` counts as absent.
    pub fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The values of a member that may be one or many.
    pub fn many(self, name: &str) -> &'a [Value] {
        match self.get(name) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// The first of the values of a member.
    pub fn first(self, name: &str) -> Option<&'a Value> {
        self.many(name).first()
    }

    /// The first of the values, if it is an object.
    pub fn object(self, name: &str) -> Option<Self> {
        self.first(name).and_then(Self::of)
    }

    /// The objects among the values of a member.
    pub fn objects(self, name: &str) -> impl Iterator<Item = Self> {
        self.many(name).iter().filter_map(Self::of)
    }

    /// The text of a member; of a language map `nameMap` beside `name`, its first value.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.first(name)
            .and_then(text_of)
            .or_else(|| self.language_map(name).next().map(|(_, text)| text))
    }

    /// The entries of the language map beside `name`: language tags and texts.
    pub fn language_map(self, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let map = self.0.get(&format!("{name}Map")).and_then(Value::as_object);
        map.into_iter()
            .flatten()
            .filter_map(|(language, text)| Some((language.as_str(), text_of(text)?)))
    }

    /// The id that a member refers to, by itself or by an object that has it.
    pub fn id(self, name: &str) -> Option<&'a str> {
        self.first(name).and_then(id_of)
    }

    /// All ids that a member refers to.
    pub fn ids(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.many(name).iter().filter_map(id_of)
    }

    /// The address of a page or file: a text, or a `Link` with its `href`.
    pub fn href(self, name: &str) -> Option<&'a str> {
        self.first(name).and_then(|value| match Self::of(value) {
            Some(link) => link.text("href").or_else(|| link.text("url")),
            None => value.as_str(),
        })
    }

    /// Whether a member is `true`. Absent: `None`.
    pub fn flag(self, name: &str) -> Option<bool> {
        self.first(name).and_then(Value::as_bool)
    }

    /// A whole number that is not negative.
    pub fn count(self, name: &str) -> Option<i64> {
        self.first(name)
            .and_then(Value::as_i64)
            .filter(|count| (0..=i64::from(i32::MAX)).contains(count))
    }

    /// A point in time in milliseconds, as RFC 3339 or without a zone, which then is UTC. Years before 1970 or after 9999
    /// make no sense.
    ///
    /// Finer digits are dropped: the database has none, and a time that is read again must not seem newer.
    pub fn time(self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        // Threads writes the zone without a colon.
        let zoned = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .map(|time| time.to_utc());
        let time = zoned.or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc())
        });
        let milliseconds = time.ok()?.timestamp_millis();
        (0..=253_402_300_799_999)
            .contains(&milliseconds)
            .then(|| from_millis(milliseconds))
    }

    /// The types of the object, without the prefix of their vocabulary.
    pub fn types(self) -> impl Iterator<Item = &'a str> {
        self.many("type").iter().filter_map(Value::as_str).map(|name| {
            PREFIXES
                .iter()
                .find_map(|prefix| name.strip_prefix(prefix))
                .unwrap_or(name)
        })
    }

    /// Whether the object has this type.
    pub fn is(self, kind: &str) -> bool {
        self.types().any(|name| name == kind)
    }

    /// The object's own id.
    pub fn own_id(self) -> Option<&'a str> {
        self.get("id").and_then(Value::as_str).filter(|id| is_http(id))
    }
}

/// The text that a value is; JSON-LD's `{"@value": ...}` is understood.
pub fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(map) => map.get("@value").and_then(Value::as_str),
        _ => None,
    }
}

/// The http(s) id that a value is, or that the object it is has.
pub fn id_of(value: &Value) -> Option<&str> {
    let id = match value {
        Value::String(id) => id,
        Value::Object(map) => map.get("id")?.as_str()?,
        _ => return None,
    };
    (is_http(id) || pouet_model::audience::is_public(id)).then_some(id)
}

fn is_http(id: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        id.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fed_030_one_or_many_and_text_or_object_read_alike() {
        for value in [
            json!("https://a.test/1"),
            json!(["https://a.test/1"]),
            json!({"type": "Note", "id": "https://a.test/1"}),
            json!([{"id": "https://a.test/1"}]),
        ] {
            let document = json!({"inReplyTo": value});
            let object = Object::of(&document).unwrap();
            assert_eq!(object.id("inReplyTo"), Some("https://a.test/1"), "{document}");
            assert_eq!(object.ids("inReplyTo").count(), 1);
        }
        for value in [
            json!(null),
            json!([]),
            json!(7),
            json!({"id": 7}),
            json!("urn:x"),
            json!("1"),
        ] {
            let document = json!({"inReplyTo": value});
            assert_eq!(Object::of(&document).unwrap().id("inReplyTo"), None, "{document}");
        }
    }

    #[test]
    fn texts_in_all_their_shapes() {
        for (document, text) in [
            (json!({"name": "x"}), Some("x")),
            (json!({"name": ["x", "y"]}), Some("x")),
            (json!({"name": {"@value": "x", "@language": "fr"}}), Some("x")),
            (json!({"nameMap": {"fr": "x"}}), Some("x")),
            (json!({"name": null, "nameMap": {"fr": "x"}}), Some("x")),
            (json!({"name": 7}), None),
            (json!({}), None),
        ] {
            assert_eq!(Object::of(&document).unwrap().text("name"), text, "{document}");
        }
    }

    #[test]
    fn types_lose_the_prefix_of_their_vocabulary() {
        for (kind, expected) in [
            (json!("Note"), "Note"),
            (json!(["Note", "x"]), "Note"),
            (json!("as:Note"), "Note"),
            (json!("https://www.w3.org/ns/activitystreams#Note"), "Note"),
            (json!("http://litepub.social/ns#EmojiReact"), "EmojiReact"),
            (json!("litepub:EmojiReact"), "EmojiReact"),
        ] {
            let document = json!({"type": kind});
            assert!(Object::of(&document).unwrap().is(expected), "{document}");
        }
    }

    #[test]
    fn fed_043_times_that_make_no_sense_are_absent() {
        for (text, millis) in [
            ("2026-11-23T10:00:00Z", Some(1_795_428_000_000)),
            ("2026-11-23T11:00:00.000+01:00", Some(1_795_428_000_000)),
            ("2026-11-23T10:00:00", Some(1_795_428_000_000)),
            ("2026-11-23T02:00:00-0800", Some(1_795_428_000_000)),
            ("2026-11-23T10:00:00.123456Z", Some(1_795_428_000_123)),
            ("10000-01-01T00:00:00Z", None),
            ("+10000-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            let document = json!({"published": text});
            let time = Object::of(&document).unwrap().time("published");
            assert_eq!(time.map(|time| time.timestamp_millis()), millis, "{text}");
            let digits = time.map_or(0, |time| time.timestamp_subsec_nanos() % 1_000_000);
            assert_eq!(digits, 0, "{text}");
        }
    }

    #[test]
    fn fed_045_counts_that_make_no_sense_are_absent() {
        for (count, expected) in [
            (json!(3), Some(3)),
            (json!(0), Some(0)),
            (json!(-1), None),
            (json!(1e30), None),
            (json!("3"), None),
            (json!(2_147_483_648_i64), None),
        ] {
            let document = json!({"totalItems": count});
            assert_eq!(
                Object::of(&document).unwrap().count("totalItems"),
                expected,
                "{document}"
            );
        }
    }
}
