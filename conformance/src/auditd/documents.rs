//! ECS documents, field by field: `*.auditbeat.json`, `*.auditd_manager.json`, and the `auditbeat` of the edge cases.

use super::{edge_cases, files, json_file, lines, read, reference, same_lists};
use crate::report::Report;
use eqlite_core::auditd::{AuditdOptions, Profile};
use serde_json::Value;
use std::path::Path;

pub(super) fn run(folder: &Path, report: &mut Report) {
    for (suffix, profile) in [(".auditbeat.json", Profile::Auditbeat), (".auditd_manager.json", Profile::AuditdManager)]
    {
        for expected in files(&folder.join("oracle")) {
            let Some(name) =
                expected.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(suffix))
            else {
                continue;
            };
            let outcome = json_file(&expected).and_then(|list| {
                let text = std::fs::read(folder.join(name.replace("__", "/"))).map_err(|error| error.to_string())?;
                let options = AuditdOptions { profile, include_raw: true, include_warnings: true, ..reference() };
                let got = all(options, text.split(|&byte| byte == b'\n'))?;
                same_lists(&sorted(list), &got)
            });
            report.case(&format!("document {name}{suffix}"), outcome);
        }
    }
    for case in edge_cases(folder) {
        let options = AuditdOptions { include_warnings: true, ..reference() };
        let outcome = all(options, lines(&case)).and_then(|got| same_lists(&sorted(case["auditbeat"].clone()), &got));
        report.case(&format!("document {}", case["name"]), outcome);
    }
}

pub(super) fn all<'l>(options: AuditdOptions, lines: impl Iterator<Item = &'l [u8]>) -> Result<Vec<Value>, String> {
    let mut documents = Vec::new();
    read(options, lines, |event| {
        let mut json = String::new();
        event.write_json(&mut json);
        documents.push(json);
    });
    let values: Result<Vec<Value>, _> = documents
        .iter()
        .map(|json| serde_json::from_str(json).map_err(|error| format!("no JSON: {error}: {json}")))
        .collect();
    Ok(sorted(Value::Array(values?)))
}

/// The documents, warnings in one order: the reference takes them out of a map.
fn sorted(list: Value) -> Vec<Value> {
    let Value::Array(mut documents) = list else { return Vec::new() };
    for document in &mut documents {
        for path in ["/error/message", "/auditd/warnings"] {
            match document.pointer_mut(path) {
                Some(Value::Array(messages)) => messages.sort_by_key(ToString::to_string),
                Some(Value::String(text)) => {
                    let mut messages: Vec<&str> = text.lines().collect();
                    messages.sort_unstable();
                    *text = messages.join("\n");
                }
                _ => {}
            }
        }
    }
    documents
}
