//! What a search elsewhere found, read as an event.

use crate::event::json;
use alloc::string::{String, ToString};
use serde_json::Value;

/// The event within a hit of Elasticsearch (`{"_index": .., "_id": .., "_source": {..}}`), with `_id` and `_index` beside its fields; any other
/// document as it is. On one line.
pub(crate) fn event_of(document: &str) -> String {
    if document.contains("\"_source\"")
        && let Ok(Value::Object(mut hit)) = serde_json::from_str(document)
        && let Some(Value::Object(mut source)) = hit.remove("_source")
    {
        for key in ["_id", "_index"] {
            if let Some(value) = hit.remove(key) {
                source.insert(key.to_string(), value);
            }
        }
        return Value::Object(source).to_string();
    }
    json::minify(document)
}
