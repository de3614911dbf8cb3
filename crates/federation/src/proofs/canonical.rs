//! The one text of a JSON value: members in order, numbers as ECMAScript writes them, no space.
//!
//! Source: RFC 8785 (JCS).

use serde_json::{Number, Value};

use super::ProofError;

/// Largest number up to which all integers are told apart by a reader with floating-point numbers: 2^53.
const LARGEST: u64 = 1 << 53;

/// The canonical text of a value.
///
/// # Errors
/// `Refused` for numbers beyond 2^53 either way: readers disagree about which number is meant.
pub fn canonical(value: &Value) -> Result<Vec<u8>, ProofError> {
    if !is_safe(value) {
        return Err(ProofError::Refused(
            "a number that is not the same to every reader",
        ));
    }
    serde_json_canonicalizer::to_vec(value).map_err(|_| ProofError::Refused("no canonical form"))
}

fn is_safe(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_safe_number(number),
        Value::Array(items) => items.iter().all(is_safe),
        Value::Object(members) => members.values().all(is_safe),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn is_safe_number(number: &Number) -> bool {
    if let Some(number) = number.as_i64() {
        return number.unsigned_abs() <= LARGEST;
    }
    number
        .as_f64()
        .is_some_and(|number| number.abs() <= LARGEST as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn text(json: &str) -> Option<String> {
        let value = json::parse(json.as_bytes()).unwrap();
        canonical(&value)
            .ok()
            .map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn texts_are_those_of_the_specification() {
        // RFC 8785, section 3.2.2 and 3.2.3.
        assert_eq!(
            text(
                r#"{
                    "numbers": [333333333.33333329, 1E15, 4.50, 2e-3, 0.000000000000000000000000001],
                    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                    "literals": [null, true, false]
                }"#
            )
            .unwrap(),
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1000000000000000,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        assert_eq!(
            text(
                r#"{"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7}"#
            )
            .unwrap(),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}",
            "in order of UTF-16"
        );
    }

    #[test]
    fn numbers_are_those_of_every_reader_or_refused() {
        // RFC 8785, appendix B, as far as the numbers are small.
        for (number, expected) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("-0.0", Some("0")),
            ("1.0", Some("1")),
            ("5e-324", Some("5e-324")),
            ("9007199254740992", Some("9007199254740992")),
            ("-9007199254740992", Some("-9007199254740992")),
            ("0.000001", Some("0.000001")),
            ("9.999999999999997e-7", Some("9.999999999999997e-7")),
            ("333333333.3333332", Some("333333333.3333332")),
            ("9007199254740993", None),
            ("-9007199254740993", None),
            ("18446744073709551615", None),
            ("18446744073709551616", None),
            ("1e21", None),
        ] {
            assert_eq!(
                text(&format!("[{number}]")),
                expected.map(|text| format!("[{text}]")),
                "{number}"
            );
        }
    }
}
