//! Rules as Kibana gives them: exported NDJSON, the JSON of its API (a rule, an array, `{"data": [..]}`), prebuilt rules, and the object form
//! of a TOML rule (`{"rule": {..}, "metadata": {..}}`).

use super::{
    RawRule, RuleError, RuleFile,
    build::build,
    codes::{NO_RULE, NOT_JSON},
};
use crate::{diagnostic::Diagnostic, span::Span};
use alloc::{format, string::String, vec, vec::Vec};
use serde_json::{Map, Value};

pub(super) fn read(text: &str, name: &str) -> RuleFile {
    let mut file = RuleFile::default();
    let text_start = text.len().saturating_sub(text.trim_start_matches('\u{feff}').len());
    let body = text.get(text_start..).unwrap_or("");
    match serde_json::from_str(body) {
        Ok(value) => add(&mut file, value, Span::new(text_start, text.len())),
        Err(error) => {
            let first = body.trim_start().lines().next().unwrap_or("");
            if serde_json::from_str::<Value>(first).is_ok() {
                lines(&mut file, text, name);
            } else {
                file.rules.push(Err(not_json(body, text_start, name, &error)));
            }
        }
    }
    if file.rules.is_empty() && file.exception_lists.is_empty() && file.exception_items.is_empty() {
        let message = format!("{name} holds no rule");
        let diagnostic = Diagnostic::error(NO_RULE, Span::new(0, text.len()), message);
        file.rules.push(Err(RuleError::file(vec![diagnostic])));
    }
    file
}

/// One object a line; a bad line does not keep the others from being read.
fn lines(file: &mut RuleFile, text: &str, name: &str) {
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start.saturating_add(line.trim_end().len()));
        let body = line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        if !body.is_empty() {
            match serde_json::from_str(body) {
                Ok(value) => add(file, value, span),
                Err(error) => file.rules.push(Err(not_json(line, start, name, &error))),
            }
        }
        start = start.saturating_add(line.len());
    }
}

fn not_json(text: &str, start: usize, name: &str, error: &serde_json::Error) -> RuleError {
    let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = lines_before.map(str::len).sum::<usize>().saturating_add(error.column().saturating_sub(1)).min(text.len());
    let at = start.saturating_add(at);
    RuleError::file(vec![Diagnostic::error(
        NOT_JSON,
        Span::new(at, at.saturating_add(1)),
        format!("{name} is not JSON: {error}"),
    )])
}

/// Sorts one value of the file into rules and exceptions; what else Kibana exports (counts, connectors) is left out.
fn add(file: &mut RuleFile, value: Value, span: Span) {
    let mut keys = match value {
        Value::Array(values) => {
            // Arrays do not nest in any of these formats; one level keeps the recursion bounded.
            values.into_iter().filter(|value| !value.is_array()).for_each(|value| add(file, value, span));
            return;
        }
        Value::Object(keys) => keys,
        other => {
            let message = format!("a rule is an object, not {other}");
            file.rules.push(Err(RuleError::file(vec![Diagnostic::error(NO_RULE, span, message)])));
            return;
        }
    };
    for list in ["data", "rules"] {
        if let Some(Value::Array(_)) = keys.get(list)
            && let Some(values) = keys.remove(list)
        {
            return add(file, values, span);
        }
    }
    match (keys.remove("rule"), keys.remove("metadata"), keys.remove("attributes")) {
        (Some(Value::Object(rule)), Some(Value::Object(metadata)), _) => push(file, rule, metadata, span),
        (Some(Value::Object(rule)), _, _) => push(file, rule, Map::new(), span),
        (_, Some(Value::Object(metadata)), _) => push(file, keys, metadata, span),
        (_, _, Some(Value::Object(attributes))) => {
            // A saved object: its type says what the attributes are.
            if matches!(keys.get("type").and_then(Value::as_str), None | Some("security-rule")) {
                push(file, attributes, Map::new(), span);
            }
        }
        _ if is_summary(&keys) => {}
        _ if keys.contains_key("item_id") => file.exception_items.push(keys),
        _ if keys.contains_key("list_id") => file.exception_lists.push(keys),
        _ => push(file, keys, Map::new(), span),
    }
}

/// The last line of an export counts what was exported.
fn is_summary(keys: &Map<String, Value>) -> bool {
    keys.contains_key("exported_count") || keys.contains_key("exported_rules_count")
}

fn push(file: &mut RuleFile, keys: Map<String, Value>, metadata: Map<String, Value>, span: Span) {
    let raw = RawRule { keys, metadata, places: Vec::new(), whole: span, query_offset: None };
    file.rules.push(build(raw));
}
