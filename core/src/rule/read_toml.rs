//! Rules as Elastic publishes them: `[metadata]`, `[rule]`, `[[rule.threat]]`. Every key keeps its place in the file.

use super::{
    RawRule, RuleError, RuleFile,
    build::build,
    codes::{NO_RULE, NOT_TOML},
};
use crate::{diagnostic::Diagnostic, span::Span};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::ops::Range;
use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

pub(super) fn read(text: &str, name: &str) -> RuleFile {
    RuleFile { rules: vec![rule(text, name)], ..RuleFile::default() }
}

fn rule(text: &str, name: &str) -> Result<super::Rule, RuleError> {
    // The whole of the file is parsed even where something is wrong, so that all of it is told.
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let told = errors.iter().map(|error| {
            let place = error.span().map_or(Span::new(0, text.len()), span);
            Diagnostic::error(NOT_TOML, place, format!("{name} is not TOML: {}", error.message()))
        });
        return Err(RuleError::file(told.collect()));
    }
    let mut raw = RawRule {
        keys: Map::new(),
        metadata: Map::new(),
        places: BTreeMap::new(),
        whole: Span::new(0, text.len()),
        query_offset: None,
    };
    let mut found = false;
    for (key, value) in table.get_ref() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("rule", DeValue::Table(rule)) => {
                found = true;
                raw.whole = span(key.span());
                for (key, value) in rule {
                    let place = span(value.span());
                    if let ("query", DeValue::String(query)) = (key.get_ref().as_ref(), value.get_ref()) {
                        raw.query_offset = text_offset(text, place, query);
                    }
                    raw.places.insert(key.get_ref().to_string(), place);
                    raw.keys.insert(key.get_ref().to_string(), json(value.get_ref()));
                }
            }
            ("metadata", DeValue::Table(metadata)) => raw.metadata = object(metadata),
            _ => {}
        }
    }
    if !found {
        let message = format!("{name} has no [rule] table");
        return Err(RuleError::file(vec![Diagnostic::error(NO_RULE, raw.whole, message)]));
    }
    for (key, value) in table.get_ref() {
        // Such as `[transform]`, which goes with the rule.
        if !matches!(key.get_ref().as_ref(), "rule" | "metadata") {
            raw.keys.entry(key.get_ref().to_string()).or_insert_with(|| json(value.get_ref()));
        }
    }
    build(raw)
}

fn span(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
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

fn object(table: &DeTable<'_>) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
}

/// The same in JSON; dates become text. (The parser bounds the nesting.)
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(digits) => {
            let whole = i64::from_str_radix(digits.as_str(), digits.radix());
            whole.map_or_else(|_| Value::String(digits.as_str().to_string()), Value::from)
        }
        DeValue::Float(digits) => {
            let number = digits.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or_else(|| Value::String(digits.as_str().to_string()), Value::Number)
        }
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(values) => Value::Array(values.iter().map(|value| json(value.get_ref())).collect::<Vec<_>>()),
        DeValue::Table(table) => Value::Object(object(table)),
    }
}
