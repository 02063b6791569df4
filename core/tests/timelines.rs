//! `spec/timelines`: sequences and samples as pictures, each run as a search and as a stream in several chunk sizes.
//!
//! ```text
//! time    0   1   2s          when the event of each column happened: milliseconds, or seconds with an `s`
//! A       a1  a2  .           stages that it fits: its name under their letters
//! B       .   .   b3
//! k       1   1   1,"x"       its fields: JSON values, several with a comma; `.` is none
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator, Rule, Timestamp};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{fs, path::Path};
use support::{drained, feed, plan_of, rule, searched, shown};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    query: String,
    /// The field that orders events of the same time.
    tiebreaker: Option<String>,
    /// Milliseconds that the window of a sample is long.
    look_back: Option<u64>,
    /// How late events may come, in milliseconds.
    #[serde(default)]
    lateness: u64,
    events: String,
    /// What a search finds, in order; and the stream, where it is not told otherwise.
    matches: Vec<String>,
    /// What the stream finds, where it is documented to differ or to tell in another order.
    stream: Option<Vec<String>>,
    /// What the stream has found once the host has promised that nothing before this millisecond comes any more.
    #[serde(default)]
    proved: Vec<(i64, Vec<String>)>,
}

fn documents(picture: &str) -> Vec<Json> {
    let mut documents: Vec<Json> = Vec::new();
    for line in picture.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let row = words.next().unwrap();
        let cells: Vec<&str> = words.collect();
        if row == "time" {
            documents = cells.iter().map(|cell| json!({"@timestamp": time(cell)})).collect();
            continue;
        }
        assert_eq!(cells.len(), documents.len(), "the row {row} of\n{picture}");
        for (document, cell) in documents.iter_mut().zip(cells).filter(|(_, cell)| *cell != ".") {
            if row.starts_with(char::is_uppercase) {
                document["name"] = json!(cell);
                let kinds = document["kind"].as_array().cloned().unwrap_or_default();
                document["kind"] = [kinds, vec![json!(row)]].concat().into();
            } else if cell.contains(',') {
                document[row] = serde_json::from_str(&format!("[{cell}]")).unwrap();
            } else {
                document[row] = serde_json::from_str(cell).unwrap_or_else(|error| panic!("{cell}: {error}"));
            }
        }
    }
    documents
}

/// `1500`, `1.5s`, or `.` for an event that does not say.
fn time(cell: &str) -> Json {
    if cell == "." {
        return Json::Null;
    }
    let (number, digits) = cell.strip_suffix('s').map_or((cell, 6), |seconds| (seconds, 9));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let nanos: i64 = format!("{whole}{fraction:0<digits$}").parse().unwrap();
    json!(support::iso(nanos.div_euclid(1_000_000), nanos.rem_euclid(1_000_000) as u32))
}

fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/timelines");
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let file: File =
            toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        cases.extend(file.case.into_iter().map(|case| (format!("{name}, {}", case.name), case)));
    }
    assert!(cases.len() > 60, "spec/timelines was not found");
    cases
}

fn rule_of(case: &Case) -> (Rule, Config) {
    let mut rule = rule(&case.query);
    rule.tiebreaker_field = case.tiebreaker.clone();
    rule.look_back = case.look_back.unwrap_or(rule.look_back);
    let mut config = Config::default();
    config.allowed_lateness = case.lateness;
    (rule, config)
}

#[test]
fn a_search_finds_what_the_picture_shows() {
    let mut failures = Vec::new();
    for (name, case) in cases() {
        let found = shown(&searched(&case.query, case.tiebreaker.as_deref(), &documents(&case.events)));
        if found != case.matches {
            failures.push(format!("{name}: {found:?} and not {:?}", case.matches));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn the_stream_finds_it_however_the_bytes_are_cut() {
    let mut failures = Vec::new();
    for (name, case) in cases() {
        let documents = documents(&case.events);
        let expected = case.stream.as_ref().unwrap_or(&case.matches);
        for chunk in [1, 7, 64, 4096] {
            let (rule, config) = rule_of(&case);
            let mut correlator = Correlator::new(plan_of([rule]), config);
            feed(&mut correlator, &documents, chunk);
            let mut found = Vec::new();
            for (watermark, proved) in &case.proved {
                correlator.advance(Timestamp::from_millis(*watermark));
                found.extend(shown(&drained(&mut correlator)));
                if found != *proved {
                    failures.push(format!("{name}: {found:?} at {watermark} and not {proved:?}"));
                }
            }
            correlator.finish();
            found.extend(shown(&drained(&mut correlator)));
            if found != *expected {
                failures.push(format!("{name}: {found:?} and not {expected:?}, in chunks of {chunk}"));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
