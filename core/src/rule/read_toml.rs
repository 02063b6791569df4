//! Rules as Elastic publishes them: `[metadata]`, `[rule]`, `[[rule.threat]]`. Every key keeps its place in the file.

use super::{
    RawRule, RuleError, RuleFile,
    build::build,
    codes::{NO_RULE, NOT_TOML},
    toml,
};
use crate::{diagnostic::Diagnostic, span::Span};
use alloc::{format, string::ToString, vec, vec::Vec};
use serde_json::{Map, Value};

pub(super) fn read(text: &str, name: &str) -> RuleFile {
    RuleFile { rules: vec![rule(text, name)], ..RuleFile::default() }
}

fn rule(text: &str, name: &str) -> Result<super::Rule, RuleError> {
    let (table, errors) = toml::parse(text);
    if !errors.is_empty() {
        let told = errors
            .into_iter()
            .map(|(place, message)| Diagnostic::error(NOT_TOML, place, format!("{name} is not TOML: {message}")));
        return Err(RuleError::file(told.collect()));
    }
    let mut raw = RawRule {
        keys: Map::new(),
        metadata: Map::new(),
        places: Vec::new(),
        whole: Span::new(0, text.len()),
        query_offset: None,
    };
    let mut found = false;
    for (key, item) in table.iter() {
        match (key, item.as_table()) {
            ("rule", Some(rule)) => {
                found = true;
                raw.whole = item.span;
                for (key, item) in rule.iter() {
                    let value = item.to_json();
                    if let ("query", Value::String(query)) = (key, &value) {
                        raw.query_offset = text_offset(text, item.span, query);
                    }
                    raw.places.push((key.to_string(), item.span));
                    raw.keys.insert(key.to_string(), value);
                }
            }
            ("metadata", Some(metadata)) => raw.metadata = metadata.to_json(),
            _ => {}
        }
    }
    if !found {
        let message = format!("{name} has no [rule] table");
        return Err(RuleError::file(vec![Diagnostic::error(NO_RULE, raw.whole, message)]));
    }
    for (key, item) in table.iter() {
        // Such as `[transform]`, which goes with the rule.
        if !matches!(key, "rule" | "metadata") {
            raw.keys.entry(key.to_string()).or_insert_with(|| item.to_json());
        }
    }
    build(raw)
}

/// Where the text of a literal starts, if it stands in the file as it is: after the quotes, and the line end that may follow three of them.
fn text_offset(file: &str, literal: Span, value: &str) -> Option<usize> {
    let source = literal.of(file);
    let quotes = if source.starts_with("'''") || source.starts_with("\"\"\"") { 3 } else { 1 };
    let inner = source.get(quotes..)?;
    let newline = match inner.as_bytes() {
        _ if quotes == 1 => 0,
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    };
    let start = literal.start.checked_add(quotes)?.checked_add(newline)?;
    file.get(start..)?.starts_with(value).then_some(start)
}
