//! What stands where something was.

use serde_json::{Value, json};

use super::collection::CONTEXT;

/// The document of something that is deleted.
pub fn tombstone(id: &str) -> Value {
    json!({ "@context": CONTEXT, "id": id, "type": "Tombstone" })
}
