//! JSON kept in text columns.

use serde::{Serialize, de::DeserializeOwned};

/// `None` if the text is not what it should be.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The stored form of a value without maps of odd keys, which always has one.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
