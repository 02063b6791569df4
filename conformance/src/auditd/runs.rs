//! Real runs of UDP shells and ordinary programs: from their raw records must come the fields that their ECS events hold.
//!
//! The events were written by hand beside the records and differ from what any Auditbeat gives in a few places, which are not compared:
//! `data_stream` and `ecs.version` (the Agent's), `user.name` (a look-up), `auditd.session` and `auditd.data.tty` (the records say another
//! one), `destination.path` (the pipeline renames it). Numbers under `auditd.data` may be
//! text, and a title may be longer than the kernel logs it.

use super::documents::all;
use crate::report::Report;
use eqlite_core::auditd::{AuditdOptions, Profile};
use serde_json::Value;
use std::path::Path;

const LEFT_OUT: [&str; 6] =
    ["data_stream", "ecs.version", "user.name", "auditd.session", "auditd.data.tty", "destination.path"];

pub(super) fn run(corpora: &Path, report: &mut Report) {
    let Ok(text) = std::fs::read_to_string(corpora.join("udp-shell/cases.ndjson")) else {
        report.skip("no file 'udp-shell/cases.ndjson'");
        return;
    };
    for case in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let log = match &case["audit_log"] {
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let events = case["events"].as_array().map_or(&[][..], Vec::as_slice);
        let host = events.first().map_or(&Value::Null, |event| &event["host"]);
        let options = AuditdOptions {
            host_id: host["id"].as_str().map(str::to_owned),
            host_name: host["name"].as_str().map(str::to_owned),
            profile: Profile::AuditdManager,
            ..AuditdOptions::default()
        };
        let outcome = all(options, log.lines().map(str::as_bytes)).and_then(|got| {
            if got.len() != events.len() {
                return Err(format!("expected {} events, got {}", events.len(), got.len()));
            }
            events.iter().zip(&got).enumerate().try_for_each(|(place, (one, other))| match held("", one, other) {
                Some(difference) => Err(format!("[{place}] {difference}")),
                None => Ok(()),
            })
        });
        report.case(&format!("run {}", case["case"]), outcome);
    }
}

/// The first field of `expected` that `got` does not hold.
fn held(path: &str, expected: &Value, got: &Value) -> Option<String> {
    if LEFT_OUT.contains(&path) {
        return None;
    }
    match (expected, got) {
        (Value::Object(fields), _) => fields.iter().find_map(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            held(&path, value, &got[key])
        }),
        (Value::String(text), Value::Number(number))
            if path.starts_with("auditd.data.") && *text == number.to_string() =>
        {
            None
        }
        // The kernel cuts a title at 128 bytes.
        (Value::String(whole), Value::String(cut))
            if path == "process.title" && cut.len() >= 127 && whole.starts_with(cut) =>
        {
            None
        }
        _ if expected == got => None,
        _ => Some(format!("{path}: expected {expected}, got {got}")),
    }
}
