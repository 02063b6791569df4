//! One record a line, decoded: `auparse` goldens, and the `records` of the edge cases.

use super::{edge_cases, files, json_file, lines, object, reference, same_lists};
use crate::report::Report;
use eqlite_core::auditd::{Decoded, Record, decode_record};
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn run(folder: &Path, report: &mut Report) {
    for golden in files(&folder.join("go-libaudit/auparse/testdata")) {
        let Some(log) = golden.to_str().and_then(|name| name.strip_suffix(".golden")) else { continue };
        let name = golden.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let outcome = json_file(&golden).and_then(|expected| {
            let text = std::fs::read(log).map_err(|error| error.to_string())?;
            let got: Vec<Value> = text.split(|&byte| byte == b'\n').filter_map(as_golden).collect();
            same_lists(expected.as_array().map_or(&[], Vec::as_slice), &got)
        });
        report.case(&format!("records {name}"), outcome);
    }
    for case in edge_cases(folder) {
        let got: Vec<Value> = lines(&case).enumerate().map(|(number, line)| as_edge_case(number + 1, line)).collect();
        let expected = case["records"].as_array().map_or(&[][..], Vec::as_slice);
        report.case(&format!("records {}", case["name"]), same_lists(expected, &got));
    }
}

/// As the goldens have it: lines that are no record are left out.
fn as_golden(line: &[u8]) -> Option<Value> {
    let text = eqlite_core::auditd::text_of(line);
    let record = Record::parse(&text).ok()?;
    let Decoded { fields, tags, error, .. } = decode_record(&record, reference().compat);
    let mut value = json!({
        "@timestamp": iso(record.time.millis, true),
        "record_type": record.kind.to_string().to_lowercase(),
        "sequence": record.serial,
        "raw_msg": record.message,
    });
    if !fields.is_empty() {
        value["data"] = Value::Object(object(&fields));
    }
    if !tags.is_empty() {
        value["tags"] = json!(tags);
    }
    if let Some(error) = error {
        value["error"] = json!(error.to_string());
    }
    Some(value)
}

/// As the edge cases have it: everything in one flat object of texts.
fn as_edge_case(number: usize, line: &[u8]) -> Value {
    let text = eqlite_core::auditd::text_of(line);
    match Record::parse(&text) {
        // The reference has other words for a bad line.
        Err(_) => json!({ "error": "invalid audit message header", "line": number }),
        Ok(record) => {
            let Decoded { fields, tags, error, .. } = decode_record(&record, reference().compat);
            let mut value = object(&fields);
            value.insert("@timestamp".into(), json!(iso(record.time.millis, false)));
            value.insert("record_type".into(), json!(record.kind.to_string()));
            value.insert("sequence".into(), json!(record.serial.to_string()));
            if !tags.is_empty() {
                value.insert("tags".into(), json!(tags));
            }
            if let Some(error) = error {
                value.insert("error".into(), json!(error.to_string()));
            }
            Value::Object(value)
        }
    }
}

/// A time as Go writes it: without the zeros at the end of the fraction; in JSON, or as its `String()` does.
pub(super) fn iso(millis: i64, json: bool) -> String {
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_string();
    if json { time } else { time.replace('T', " ").replace('Z', " +0000 UTC") }
}
