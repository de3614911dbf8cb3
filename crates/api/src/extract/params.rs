//! Parameters of a request, wherever they stand: query, form, multipart or JSON.
//!
//! Names are nested as Rack does it: `poll[options][]=a`, `source[privacy]=public`,
//! `media_attributes[][id]=1&media_attributes[][focus]=0,0` (a name repeated inside `[]` begins the next
//! element), `fields_attributes[0][name]=x`. JSON may write numbers and booleans as strings and lists as objects
//! keyed by index.
//!
//! Source: <https://docs.joinmastodon.org/client/intro/#parameters>

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::error::{ApiError, Result};

/// Deepest nesting of parameters (R092).
pub(crate) const MAX_DEPTH: usize = 32;
/// Most elements of one list (R092).
const MAX_ITEMS: usize = 1_000;
/// Most parameters of a form or query, elements of lists left aside (R092).
const MAX_NAMES: usize = 200;

/// What no text of a person holds, and PostgreSQL does not store.
const NUL: char = '\0';
const HOLDS_NUL: ApiError = ApiError::Malformed("a parameter holds U+0000");

/// Parameters by name; values are texts, lists or groups of parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Map<String, Value>);

/// A step into a nested name.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Step<'a> {
    Key(&'a str),
    Push,
}

impl Params {
    /// Reads `a=1&b[]=2`, percent-encoded.
    pub(crate) fn parse_form(text: &str) -> Result<Self> {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            params.insert(&name, Value::String(value.into_owned()))?;
        }
        Ok(params)
    }

    /// Reads a JSON body; anything but an object holds no parameters.
    pub(crate) fn parse_json(bytes: &[u8]) -> Result<Self> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let value =
            serde_json::from_slice(bytes).map_err(|_| ApiError::Malformed("the body is not valid JSON"))?;
        check(&value, 0)?;
        Ok(match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        })
    }

    /// Adds one parameter under a nested name.
    pub(crate) fn insert(&mut self, name: &str, value: Value) -> Result<()> {
        if name.contains(NUL) || value.as_str().is_some_and(|text| text.contains(NUL)) {
            return Err(HOLDS_NUL);
        }
        let (first, steps) = split(name);
        if first.is_empty() {
            return Ok(());
        }
        if steps.len() >= MAX_DEPTH {
            return Err(ApiError::Malformed("parameters are nested too deeply"));
        }
        if !self.0.contains_key(first) && self.0.len() >= MAX_NAMES {
            return Err(ApiError::Malformed("there are too many parameters"));
        }
        put(self.0.entry(first).or_insert(Value::Null), &steps, value)
    }

    /// Adds the parameters of `other`, which win over these.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether there is a parameter `name`, be it null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text; numbers and booleans count as texts. `None` if it is absent or null.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(scalar)
    }

    /// A text that must be there and must not be empty.
    pub(crate) fn required(&self, name: &'static str) -> Result<String> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or(ApiError::MissingParameter(name))
    }

    /// A boolean: `false`, `0`, `f` and `off` in either case are false, absent, null and empty are `None`,
    /// everything else is true.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        let text = self.text(name)?;
        match text.to_ascii_lowercase().as_str() {
            "" => None,
            "false" | "0" | "f" | "off" => Some(false),
            _ => Some(true),
        }
    }

    /// Whether the boolean `name` is there and true.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.flag(name).unwrap_or(false)
    }

    /// An integer; `None` if it is absent or not a number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// An id. `None` if it is absent or empty.
    ///
    /// # Errors
    /// `NotFound` if it is no id: nothing is called so.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|_| ApiError::not_found()))
            .transpose()
    }

    /// A list of texts: `name[]=a&name[]=b`, or `name=a` as a list of one. `None` if it is absent or null.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name)? {
            Value::Null => None,
            Value::Array(items) => Some(items.iter().filter_map(scalar).collect()),
            Value::Object(map) => Some(in_order(map).filter_map(scalar).collect()),
            one => Some(scalar(one).into_iter().collect()),
        }
    }

    /// A list of ids; what is no id names nothing and is left out.
    pub(crate) fn ids<T: FromStr>(&self, name: &str) -> Vec<T> {
        self.list(name)
            .unwrap_or_default()
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect()
    }

    /// A group of parameters: `poll[expires_in]`. `None` if it is absent or not a group.
    pub(crate) fn group(&self, name: &str) -> Option<Self> {
        match self.0.get(name)? {
            Value::Object(map) => Some(Self(map.clone())),
            _ => None,
        }
    }

    /// A list of groups, in order: a list, or an object keyed by index. `None` if it is absent.
    pub(crate) fn groups(&self, name: &str) -> Option<Vec<Self>> {
        let group = |value: &Value| match value {
            Value::Object(map) => Some(Self(map.clone())),
            _ => None,
        };
        match self.0.get(name)? {
            Value::Array(items) => Some(items.iter().filter_map(group).collect()),
            Value::Object(map) => Some(in_order(map).filter_map(group).collect()),
            _ => None,
        }
    }
}

/// Values of an object keyed by index, in the order of the indices.
fn in_order(map: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let mut entries: Vec<(u64, &Value)> = map
        .iter()
        .map(|(key, value)| (key.parse().unwrap_or(u64::MAX), value))
        .collect();
    entries.sort_by_key(|(index, _)| *index);
    entries.into_iter().map(|(_, value)| value)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Refuses what is too deep or too long before anybody walks through it.
fn check(value: &Value, depth: usize) -> Result<()> {
    let too_deep = ApiError::Malformed("parameters are nested too deeply");
    match value {
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => Err(too_deep),
        Value::String(text) if text.contains(NUL) => Err(HOLDS_NUL),
        Value::Array(items) if items.len() > MAX_ITEMS => Err(ApiError::Malformed("a list is too long")),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(map) if map.len() > MAX_ITEMS => {
            Err(ApiError::Malformed("there are too many parameters"))
        }
        Value::Object(map) if map.keys().any(|name| name.contains(NUL)) => Err(HOLDS_NUL),
        Value::Object(map) => map.values().try_for_each(|item| check(item, depth + 1)),
        _ => Ok(()),
    }
}

/// `a[b][]` as its first name and the steps into it. Brackets that are not closed belong to the name.
fn split(name: &str) -> (&str, Vec<Step<'_>>) {
    let Some(open) = name.find('[').filter(|at| *at > 0 && name.ends_with(']')) else {
        return (name, Vec::new());
    };
    let steps = name[open + 1..name.len() - 1]
        .split("][")
        .map(|part| {
            if part.is_empty() {
                Step::Push
            } else {
                Step::Key(part)
            }
        })
        .collect();
    (&name[..open], steps)
}

fn put(slot: &mut Value, steps: &[Step<'_>], value: Value) -> Result<()> {
    let mixed = || ApiError::Malformed("a parameter is both a list and a group");
    match steps {
        [] => {
            *slot = value;
            Ok(())
        }
        [Step::Key(key), rest @ ..] => {
            if slot.is_null() {
                *slot = Value::Object(Map::new());
            }
            let map = slot.as_object_mut().ok_or_else(mixed)?;
            if map.len() >= MAX_ITEMS && !map.contains_key(*key) {
                return Err(ApiError::Malformed("there are too many parameters"));
            }
            put(map.entry(*key).or_insert(Value::Null), rest, value)
        }
        [Step::Push, rest @ ..] => {
            if slot.is_null() {
                *slot = Value::Array(Vec::new());
            }
            let items = slot.as_array_mut().ok_or_else(mixed)?;
            if let Some(last) = items
                .last_mut()
                .filter(|last| last.is_object() && !has(last, rest))
            {
                return put(last, rest, value);
            }
            if items.len() >= MAX_ITEMS {
                return Err(ApiError::Malformed("a list is too long"));
            }
            items.push(Value::Null);
            let last = items.last_mut().expect("an element was just pushed");
            put(last, rest, value)
        }
    }
}

/// Whether an element of a list has the parameter already, so that the next one begins.
fn has(element: &Value, steps: &[Step<'_>]) -> bool {
    match steps {
        [] => true,
        [Step::Push, ..] => false,
        [Step::Key(key), rest @ ..] => element.get(*key).is_some_and(|inner| has(inner, rest)),
    }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use pouet_model::ids::AccountId;
    use serde_json::json;

    use super::*;

    fn form(text: &str) -> Value {
        Value::Object(Params::parse_form(text).unwrap().0)
    }

    #[test]
    fn names_nest_as_in_rack() {
        let table = [
            ("a=1&b=%20x", json!({"a": "1", "b": " x"})),
            ("id[]=1&id[]=2", json!({"id": ["1", "2"]})),
            (
                "poll[options][]=a&poll[options][]=b&poll[multiple]=true",
                json!({"poll": {"options": ["a", "b"], "multiple": "true"}}),
            ),
            (
                "m[][id]=1&m[][focus]=0,0&m[][id]=2",
                json!({"m": [{"id": "1", "focus": "0,0"}, {"id": "2"}]}),
            ),
            ("m[][t][]=a&m[][t][]=b", json!({"m": [{"t": ["a", "b"]}]})),
            (
                "f[0][name]=x&f[0][value]=y",
                json!({"f": {"0": {"name": "x", "value": "y"}}}),
            ),
            ("[]=1&=2&a[=3", json!({"[]": "1", "a[": "3"})),
        ];
        for (text, expected) in table {
            assert_eq!(form(text), expected, "{text}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        for text in ["a[]=1&a[b]=2", "a=1&a[b]=2", "a=1&a[]=2"] {
            assert!(Params::parse_form(text).is_err(), "{text}");
        }
    }

    #[test]
    fn booleans_are_lenient() {
        let params = Params::parse_json(
            br#"{"a": false, "b": "off", "c": 0, "d": "F", "e": "yes", "f": 1, "g": "", "h": null}"#,
        )
        .unwrap();
        let flags: Vec<Option<bool>> = "abcdefghi"
            .chars()
            .map(|name| params.flag(&name.to_string()))
            .collect();
        let (no, yes) = (Some(false), Some(true));
        assert_eq!(flags, [no, no, no, no, yes, yes, None, None, None]);
    }

    #[test]
    fn lists_and_groups_have_two_forms() {
        let params = Params::parse_json(
            br#"{"one": "x", "many": [1, "2", null], "by_index": {"10": {"n": "c"}, "2": {"n": "b"}}, "id": "7"}"#,
        )
        .unwrap();
        assert_eq!(params.list("one").unwrap(), ["x"]);
        assert_eq!(params.list("many").unwrap(), ["1", "2"]);
        assert_eq!(params.list("none"), None);
        let names: Vec<_> = params
            .groups("by_index")
            .unwrap()
            .iter()
            .map(|group| group.text("n").unwrap())
            .collect();
        assert_eq!(names, ["b", "c"]);
        assert_eq!(params.ids::<AccountId>("id"), [AccountId(7)]);
        assert!(params.id::<AccountId>("one").is_err());
    }

    #[test]
    fn query_and_body_are_merged() {
        let mut params = Params::parse_form("visibility=unlisted&a=1").unwrap();
        params.merge(Params::parse_json(br#"{"status": "x", "a": 2}"#).unwrap());
        assert_eq!(params.text("visibility").unwrap(), "unlisted");
        assert_eq!(params.text("status").unwrap(), "x");
        assert_eq!(params.text("a").unwrap(), "2");
    }

    #[test]
    fn no_parameter_holds_nul() {
        for form in ["q=ada%00", "q%00=ada", "q[]=%00", "q[a%00]=x"] {
            assert!(Params::parse_form(form).is_err(), "{form}");
        }
        for json in [
            r#"{"q": "ada\u0000"}"#,
            r#"{"q\u0000": "ada"}"#,
            r#"{"q": [{"a": ["\u0000"]}]}"#,
        ] {
            assert!(Params::parse_json(json.as_bytes()).is_err(), "{json}");
        }
        assert!(Params::parse_form("q=%2500").is_ok(), "a sign, and two digits");
    }

    #[test]
    fn sec_R092_depth_and_length_are_bounded() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Params::parse_json(deep.as_bytes()).is_err());
        let nested = format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40));
        assert!(Params::parse_json(nested.as_bytes()).is_err());
        assert!(Params::parse_form(&format!("a{}=1", "[b]".repeat(40))).is_err());
        let list = vec!["a[]=1"; MAX_ITEMS + 1].join("&");
        assert!(Params::parse_form(&list).is_err());
        let names: Vec<String> = (0..=MAX_NAMES).map(|n| format!("n{n}=1")).collect();
        assert!(Params::parse_form(&names.join("&")).is_err());
        let json_list = format!(r#"{{"a": [{}]}}"#, vec!["1"; MAX_ITEMS + 1].join(","));
        assert!(Params::parse_json(json_list.as_bytes()).is_err());
    }
}
