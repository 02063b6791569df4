//! The cases of `spec/alerts` on the component in wasmtime. `spec/alerts/README.md` says what a case is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use eqlite_host::{
    cli::Sandbox,
    engine::{Host, Refused},
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, sync::OnceLock, thread};

/// Compiled once for all tests: that takes seconds where wasmtime itself is not optimised.
fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::new(&Sandbox::default()).unwrap())
}

fn at(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_case_at_every_chunk_size() {
    let mut names: Vec<String> = fs::read_dir(at("spec/alerts"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    let host = host();
    let half = names.len().div_ceil(2);
    let failures: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = names
            .chunks(half)
            .map(|names| scope.spawn(|| names.iter().flat_map(|name| failures(host, name)).collect()))
            .collect();
        runs.into_iter().flat_map(|run| run.join().unwrap_or_else(|_| vec!["a thread panicked".to_string()])).collect()
    });
    assert!(failures.is_empty(), "{} wrong\n{}", failures.len(), failures.join("\n"));
}

/// Runs one case; says what is wrong.
fn failures(host: &Host, name: &str) -> Vec<String> {
    let case: Value = serde_json::from_str(&text(&format!("spec/alerts/{name}/case.json"))).unwrap();
    let mut options = case.get("options").cloned().unwrap_or_else(|| json!({}));
    let rules = case["rules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap());
    options["rules"] = rules.map(|rule| json!({"file": rule, "text": text(rule)})).collect();
    let input = fs::read(at(case["input"].as_str().unwrap())).unwrap();
    let Ok(expected) = fs::read_to_string(at(&format!("spec/alerts/{name}/expected.ndjson"))) else {
        return vec![format!("spec/alerts/{name}/expected.ndjson is missing")];
    };
    let problems: Vec<u64> = case
        .get("problems")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|line| line.as_u64().unwrap())
        .collect();
    let sizes = case.get("chunk_sizes").and_then(Value::as_array);
    let sizes =
        sizes.map_or(vec![1, 7, 4096], |sizes| sizes.iter().map(|size| size.as_u64().unwrap() as usize).collect());

    let mut wrong = Vec::new();
    for size in sizes.into_iter().chain([input.len().max(1)]) {
        let mut correlator = host.correlator(&options.to_string()).unwrap();
        input.chunks(size).for_each(|chunk| correlator.feed(chunk).unwrap());
        correlator.finish().unwrap();
        let alerts: String = correlator.drain_alerts().unwrap().into_iter().map(|alert| alert + "\n").collect();
        let lines: Vec<u64> = correlator.drain_problems().unwrap().into_iter().map(|problem| problem.line).collect();
        if alerts != expected {
            wrong.push(format!("{name}, {size} bytes at once: expected\n{expected}but got\n{alerts}"));
        }
        if lines != problems || correlator.stats().unwrap().get("malformed") != problems.len() as u64 {
            wrong.push(format!("{name}, {size} bytes at once: lines {lines:?} reported, expected {problems:?}"));
        }
    }
    wrong
}

#[test]
fn a_refused_rule_says_where() {
    let rule = json!({"rule_id": "bad", "name": "bad", "type": "eql", "language": "eql", "severity": "low", "risk_score": 1,
        "query": "process wher true"});
    let options = json!({"rules": [{"file": "bad.json", "text": rule.to_string()}]});
    let Err(Refused::Failure(failure)) = host().correlator(&options.to_string()) else { panic!("it was taken") };
    assert_eq!(failure.code, "rules");
    let finding = &failure.diagnostics[0];
    assert_eq!((finding.rule.as_deref(), finding.file.as_deref(), finding.line), (Some("bad"), Some("bad.json"), 1));
    assert!(finding.rendered.contains("process wher true"), "{}", finding.rendered);
}

#[test]
fn memory_is_limited() {
    let host = Host::new(&Sandbox { memory_mb: 1, ..Sandbox::default() }).unwrap();
    let Err(Refused::Stopped(message)) = host.correlator("{}") else { panic!("it fits into 1 MiB") };
    assert!(message.contains("--memory-mb"), "{message}");
}
