//! The logs of `spec/auditd` against the documents beside them, by every way through the reader.
//!
//! `EQLITE_WRITE_SPEC=1 cargo test -p eqlite-core --test auditd` writes the documents anew; read the difference before you keep it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Timestamp,
    auditd::{AuditEvent, Auditd, AuditdOptions, Compat, EcsField, FieldSink, Fields, Path, Profile},
    event::{Format, Item, Splitter},
};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec/auditd")
}

/// Name, log and options of each case.
fn cases() -> Vec<(String, Vec<u8>, AuditdOptions)> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let logs = names.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    let cases: Vec<_> = logs
        .map(|path| {
            let options = fs::read_to_string(path.with_extension("options.json"))
                .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
            let text = |key: &str| options[key].as_str().map(str::to_owned);
            let flag = |key: &str| options[key].as_bool().unwrap_or(false);
            let options = AuditdOptions {
                host_id: text("host_id"),
                host_name: text("host_name"),
                profile: if text("profile").as_deref() == Some("auditd-manager") {
                    Profile::AuditdManager
                } else {
                    Profile::Auditbeat
                },
                compat: if text("compat").as_deref() == Some("go-libaudit") {
                    Compat::GoLibaudit
                } else {
                    Compat::None
                },
                include_raw: flag("include_raw"),
                include_warnings: flag("include_warnings"),
                enriched_names: flag("enriched_names"),
                ..AuditdOptions::default()
            };
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap(), options)
        })
        .collect();
    assert!(cases.len() >= 10, "spec/auditd is not there");
    cases
}

fn documents(log: &[u8], options: &AuditdOptions, chunk: usize) -> Vec<String> {
    let mut documents = Vec::new();
    let mut auditd = Auditd::new(options.clone());
    let mut emit = |event: &AuditEvent<'_>| {
        let mut json = String::new();
        event.write_json(&mut json);
        documents.push(json);
    };
    let mut splitter = Splitter::new(Format::Auditd, 1 << 20);
    let mut line = |item: Item<'_>, _| {
        if let Item::Audit(line) = item {
            let _ = auditd.push_line(line, &mut emit);
        }
    };
    for chunk in log.chunks(chunk) {
        splitter.push(chunk, &mut line);
    }
    splitter.finish(&mut line);
    auditd.flush(&mut emit);
    documents
}

#[test]
fn each_log_gives_the_documents_beside_it() {
    for (name, log, options) in cases() {
        let got = documents(&log, &options, 4096);
        let path = folder().join(format!("{name}.ndjson"));
        if std::env::var_os("EQLITE_WRITE_SPEC").is_some() {
            fs::write(&path, got.iter().map(|json| format!("{json}\n")).collect::<String>()).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let expected: Vec<&str> = expected.lines().collect();
        for (number, (expected, got)) in expected.iter().zip(&got).enumerate() {
            assert_eq!(expected, got, "{name}, document {}", number + 1);
        }
        assert_eq!(expected.len(), got.len(), "{name}: documents");
    }
}

#[test]
fn how_the_bytes_are_cut_does_not_matter() {
    for (name, log, options) in cases() {
        let whole = documents(&log, &options, usize::MAX);
        for chunk in [1, 7, 100] {
            assert_eq!(documents(&log, &options, chunk), whole, "{name} in chunks of {chunk}");
        }
    }
}

/// The plain way out: every field by its dotted path.
#[derive(Default)]
struct Flat(BTreeMap<String, Vec<Value>>);

impl Flat {
    fn add(&mut self, path: Path<'_>, values: Vec<Value>) {
        let mut name = String::new();
        path.write(&mut name);
        assert!(self.0.insert(name.clone(), values).is_none(), "{name} comes twice");
    }
}

impl FieldSink for Flat {
    fn time(&mut self, time: Timestamp) {
        self.add(EcsField::Timestamp.into(), vec![time.to_iso().into()]);
    }
    fn text(&mut self, path: Path<'_>, value: &str) {
        self.add(path, vec![value.into()]);
    }
    fn int(&mut self, path: Path<'_>, value: i64) {
        self.add(path, vec![value.into()]);
    }
    fn texts(&mut self, path: Path<'_>, values: &mut dyn Iterator<Item = &str>) {
        self.add(path, values.map(Value::from).collect());
    }
    fn objects(&mut self, path: Path<'_>, rows: &[Fields<'_>]) {
        let rows = rows
            .iter()
            .map(|row| row.iter().map(|field| (field.key.to_owned(), Value::from(field.value.as_ref()))).collect());
        self.add(path, rows.map(Value::Object).collect());
    }
}

fn flatten(path: &str, value: &Value, out: &mut BTreeMap<String, Vec<Value>>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, out);
            }
        }
        Value::Array(values) => drop(out.insert(path.to_owned(), values.clone())),
        value => drop(out.insert(path.to_owned(), vec![value.clone()])),
    }
}

#[test]
fn a_sink_gets_what_the_document_holds() {
    for (name, log, options) in cases() {
        for profile in [Profile::Auditbeat, Profile::AuditdManager] {
            for compat in [Compat::None, Compat::GoLibaudit] {
                let mut auditd = Auditd::new(AuditdOptions { profile, compat, ..options.clone() });
                let mut emit = |event: &AuditEvent<'_>| {
                    let (mut flat, mut json, mut expected) = (Flat::default(), String::new(), BTreeMap::new());
                    event.fields(&mut flat);
                    event.write_json(&mut json);
                    flatten("", &serde_json::from_str(&json).unwrap(), &mut expected);
                    assert_eq!(flat.0, expected, "{name}");
                };
                for line in log.split(|&byte| byte == b'\n') {
                    let _ = auditd.push_line(line, &mut emit);
                }
                auditd.flush(&mut emit);
            }
        }
    }
}

/// Numbers that look random, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

#[test]
fn events_that_interleave_are_the_same_events() {
    let log: Vec<u8> = ["execve", "execve-long", "sockets", "security-modules"]
        .iter()
        .flat_map(|name| fs::read(folder().join(name).with_extension("log")).unwrap())
        .collect();
    let lines: Vec<&[u8]> = log.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    let options = AuditdOptions::default();
    let mut expected = documents(&log, &options, 4096);
    expected.sort();
    // The records of each event keep their order among themselves; otherwise any order will do.
    let key = |line: &[u8]| {
        String::from_utf8_lossy(line).split_once("audit(").unwrap().1.split_once(')').unwrap().0.to_owned()
    };
    let mut random = Random(7);
    for _ in 0..12 {
        let mut events: BTreeMap<String, std::collections::VecDeque<&[u8]>> = BTreeMap::new();
        for line in &lines {
            events.entry(key(line)).or_default().push_back(line);
        }
        let mut shuffled = Vec::new();
        while !events.is_empty() {
            let chosen = events.keys().nth(random.below(events.len())).unwrap().clone();
            let records = events.get_mut(&chosen).unwrap();
            shuffled.extend_from_slice(records.pop_front().unwrap());
            shuffled.push(b'\n');
            if records.is_empty() {
                events.remove(&chosen);
            }
        }
        let mut got = documents(&shuffled, &options, 4096);
        got.sort();
        assert_eq!(got, expected);
    }
}

#[test]
fn damaged_logs_are_read_to_their_end() {
    let mut random = Random(42);
    for (name, log, options) in cases() {
        for round in 0..40 {
            let mut damaged = log.clone();
            for _ in 0..=random.below(12) {
                let place = random.below(damaged.len());
                match random.below(5) {
                    0 => damaged[place] = random.below(256) as u8,
                    1 => damaged.truncate(place.max(1)),
                    2 => {
                        let odd = b"\"'=[](){}\n\x1d\x00 0A,:";
                        damaged.insert(place, odd[random.below(odd.len())]);
                    }
                    3 => drop(damaged.drain(place..(place + random.below(40)).min(damaged.len()))),
                    _ => {
                        let from = random.below(damaged.len());
                        let part = damaged[from..(from + random.below(80)).min(damaged.len())].to_vec();
                        damaged.splice(place..place, part);
                    }
                }
                if damaged.is_empty() {
                    damaged.push(b'x');
                }
            }
            for compat in [Compat::None, Compat::GoLibaudit] {
                let options = AuditdOptions {
                    compat,
                    include_raw: true,
                    include_warnings: true,
                    enriched_names: true,
                    ..options.clone()
                };
                let mut auditd = Auditd::new(options);
                let mut events = 0;
                let mut emit = |event: &AuditEvent<'_>| {
                    let mut json = String::new();
                    event.write_json(&mut json);
                    let document: Value = serde_json::from_str(&json)
                        .unwrap_or_else(|error| panic!("{name}, round {round}: {error}: {json}"));
                    assert!(document.is_object());
                    events += 1;
                };
                let lines: Vec<&[u8]> = damaged.split(|&byte| byte == b'\n').collect();
                for line in &lines {
                    let _ = auditd.push_line(line, &mut emit);
                }
                auditd.flush(&mut emit);
                let stats = auditd.stats();
                let read = lines.iter().filter(|line| !line.trim_ascii().is_empty()).count() as u64;
                assert_eq!(stats.records + stats.malformed, read, "{name}: every line is a record or counted as none");
                assert_eq!(stats.events, events);
            }
        }
    }
}
