//! What several documents have in common, all the way down: the shell of an alert group holds nothing else of its events.
//!
//! ```text
//! {"host":{"id":"h"},"process":{"pid":7,"args":["a","b"]}}
//! {"host":{"id":"h"},"process":{"pid":8,"args":["b","c"]}}   ->   {"host":{"id":"h"},"process":{"args":["b"]}}
//! ```
//! Equal scalars are kept, arrays keep the elements that all have, objects are gone through, and what holds nothing in common is left out.
//! [Kibana: objectPairIntersection]

use crate::object::of_pairs;
use alloc::{string::String, vec::Vec};
use serde_json::{Map, Value};

/// The intersection of all documents; empty where there are none.
pub(crate) fn intersection<'d>(mut documents: impl Iterator<Item = &'d Map<String, Value>>) -> Map<String, Value> {
    let first = documents.next().cloned().unwrap_or_default();
    documents.fold(first, |common, document| pair(&common, document))
}

fn pair(a: &Map<String, Value>, b: &Map<String, Value>) -> Map<String, Value> {
    of_pairs(&mut a.iter().filter_map(|(key, left)| Some((key.clone(), common(left, b.get(key)?)?))))
}

/// The nesting is that of documents which the engine has read, and bounded there.
fn common(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let both = pair(a, b);
            (!both.is_empty()).then_some(Value::Object(both))
        }
        (Value::Array(a), Value::Array(b)) => {
            let mut both: Vec<Value> = Vec::new();
            for item in a.iter().filter(|item| b.contains(item)) {
                if !both.contains(item) {
                    both.push(item.clone());
                }
            }
            (!both.is_empty()).then_some(Value::Array(both))
        }
        (a, b) => (a == b && !a.is_null()).then(|| a.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_all_have_remains() {
        let documents = [
            json!({"a": 1, "b": "x", "c": [1, 2, 2, {"k": 1}], "d": {"e": {"f": true, "g": 1}}, "h": null, "i": [1], "j": {"k": 1}}),
            json!({"a": 1, "b": "y", "c": [2, 3, {"k": 1}], "d": {"e": {"f": true, "g": 2}}, "h": null, "i": [2], "j": 1}),
            json!({"a": 1, "b": "x", "c": [{"k": 1}, 2], "d": {"e": {"f": true}, "x": 1}, "h": null, "i": [1]}),
        ];
        let all = intersection(documents.iter().map(|document| document.as_object().unwrap()));
        assert_eq!(Value::Object(all), json!({"a": 1, "c": [2, {"k": 1}], "d": {"e": {"f": true}}}));
        assert!(intersection(core::iter::empty()).is_empty());
    }
}
