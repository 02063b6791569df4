//! Audit records: what go-libaudit, Auditbeat and the Auditd Manager pipeline make of them, against what we make of them.
//!
//! `records` (one line), `events` (all lines of an event) and `documents` (ECS, field by field) are measured with the reference's faults
//! reproduced; `runs` are real programs, read the way we mean it.

mod documents;
mod events;
mod records;
mod runs;
mod yaml;

use crate::report::Report;
use eqlite_core::auditd::{AuditEvent, Auditd, AuditdOptions, Compat, Fields, RecordError};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Runs every part.
pub fn run(corpora: &Path, report: &mut Report) {
    let folder = corpora.join("auditd");
    if !folder.is_dir() {
        report.skip("no folder 'auditd'");
    } else {
        records::run(&folder, report);
        events::run(&folder, report);
        documents::run(&folder, report);
    }
    runs::run(corpora, report);
}

/// Options that reproduce the reference and add nothing of our own.
fn reference() -> AuditdOptions {
    AuditdOptions { compat: Compat::GoLibaudit, os_type: None, ..AuditdOptions::default() }
}

/// Reads lines to the end; the number and error of each bad one.
fn read<'l>(
    options: AuditdOptions,
    lines: impl Iterator<Item = &'l [u8]>,
    mut emit: impl FnMut(&AuditEvent<'_>),
) -> Vec<(usize, RecordError)> {
    let mut auditd = Auditd::new(options);
    let mut errors = Vec::new();
    for (number, line) in lines.enumerate() {
        if let Err(error) = auditd.push_line(line, &mut emit) {
            errors.push((number + 1, error));
        }
    }
    auditd.flush(&mut emit);
    errors
}

/// Fields as a JSON object.
fn object(fields: &Fields<'_>) -> Map<String, Value> {
    fields.iter().map(|field| (field.key.to_owned(), json!(field.value))).collect()
}

/// The first difference between two values, as `path: expected .., got ..`.
fn difference(path: &str, expected: &Value, got: &Value) -> Option<String> {
    match (expected, got) {
        (Value::Object(one), Value::Object(other)) => {
            let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            one.iter()
                .find_map(|(key, value)| match other.get(key) {
                    Some(found) => difference(&below(key), value, found),
                    None => Some(format!("{}: expected {value}, got nothing", below(key))),
                })
                .or_else(|| {
                    let (key, value) = other.iter().find(|(key, _)| !one.contains_key(*key))?;
                    Some(format!("{}: expected nothing, got {value}", below(key)))
                })
        }
        _ if expected == got => None,
        _ => Some(format!("{path}: expected {expected}, got {got}")),
    }
}

/// Compares lists of values, one by one.
fn same_lists(expected: &[Value], got: &[Value]) -> Result<(), String> {
    for (place, (one, other)) in expected.iter().zip(got).enumerate() {
        if let Some(difference) = difference("", one, other) {
            return Err(format!("[{place}] {difference}"));
        }
    }
    if expected.len() == got.len() {
        Ok(())
    } else {
        Err(format!("expected {} values, got {}", expected.len(), got.len()))
    }
}

/// A JSON file, or why it isn't one.
fn json_file(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// The edge cases, each an object with name, lines, and what they must give.
fn edge_cases(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("synthetic/edge-cases.jsonl")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The lines of an edge case.
fn lines(case: &Value) -> impl Iterator<Item = &[u8]> {
    case["lines"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::as_bytes)
}
