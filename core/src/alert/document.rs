//! The event of an alert as a JSON tree whose fields are found whether they nest or have dots in their keys.
//!
//! ```text
//! {"process": {"name": "nc"}}   {"process.name": "nc"}   {"process": {"args.count": 3}}
//! ```

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value};

/// The first value of a field, whichever way its keys are written; `None` where there is none or null.
pub(crate) fn field<'v>(document: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    if let Some(value) = document.get(path).filter(|value| !value.is_null()) {
        return Some(value);
    }
    let dots = path.match_indices('.').filter_map(|(at, _)| path.split_at_checked(at));
    dots.filter_map(|(head, tail)| Some((document.get(head)?, tail.strip_prefix('.')?)))
        .find_map(|(inner, tail)| within(inner, tail))
}

fn within<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    match value {
        Value::Object(keys) => field(keys, path),
        Value::Array(items) => items.iter().find_map(|item| within(item, path)),
        _ => None,
    }
}

/// The values of a field as texts: all elements of an array, numbers as they are written.
pub(crate) fn texts(document: &Map<String, Value>, path: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    match field(document, path) {
        Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Several values in one line, as Kibana shows them.
pub(crate) fn joined(document: &Map<String, Value>, path: &str) -> Option<String> {
    let texts = texts(document, path);
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// Everything under `group`, as `(key below the group, value)` with dots for nesting: of `event`, `("action", ..)`, `("sequence", ..)`.
pub(crate) fn flattened(document: &Map<String, Value>, group: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (key, value) in document {
        if key == group {
            if let Value::Object(keys) = value {
                keys.iter().for_each(|(key, value)| flatten(key.clone(), value, &mut found));
            }
        } else if let Some(rest) = key.strip_prefix(group).and_then(|rest| rest.strip_prefix('.')) {
            flatten(rest.to_string(), value, &mut found);
        }
    }
    found
}

fn flatten(key: String, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(keys) => keys.iter().for_each(|(inner, value)| flatten(format!("{key}.{inner}"), value, found)),
        value => found.push((key, value.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_nested_dotted_and_mixed() {
        let text = r#"{"a":{"b":{"c":1}},"d.e":"x","f":{"g.h":[true,null]},"i":[{"j":2},{"k":3}],"n":null}"#;
        let document: Map<String, Value> = serde_json::from_str(text).unwrap();
        let shown = |path| joined(&document, path);
        assert_eq!(shown("a.b.c").as_deref(), Some("1"));
        assert_eq!(shown("d.e").as_deref(), Some("x"));
        assert_eq!(shown("f.g.h").as_deref(), Some("true"));
        assert_eq!(shown("i.k").as_deref(), Some("3"));
        assert_eq!((shown("n"), shown("a.b"), shown("d"), shown("a.b.c.d")), (None, None, None, None));
        let flat = flattened(&document, "a");
        assert_eq!(flat, [("b.c".to_string(), Value::from(1))]);
        assert_eq!(flattened(&document, "d"), [("e".to_string(), Value::from("x"))]);
    }
}
