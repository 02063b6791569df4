//! `eqlite watch` killed again and again while its log grows and rotates; and what else is new on the command line.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use serde_json::{Value, json};
use std::{
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let rule = |id: &str, query: &str| json!({"rule_id": id, "name": id, "type": "eql", "severity": "low", "risk_score": 21, "query": query, "from": "now-6m", "interval": "5m"});
    let rules = json!([
        rule(
            "pair",
            "sequence by user.name with maxspan=1h [any where event.action == \"in\"] [any where event.action == \"out\"]"
        ),
        rule("odd", "any where event.action == \"odd\""),
    ]);
    fs::write(folder.join("rules.json"), rules.to_string()).unwrap();
    folder
}

fn line(number: u64) -> String {
    let action = ["in", "noise", "out", "noise", "odd"][number as usize % 5];
    let at = format!("2026-11-24T{:02}:{:02}:{:02}.000Z", number / 3600 % 24, number / 60 % 60, number % 60);
    json!({"@timestamp": at, "event": {"action": action, "sequence": number}, "user": {"name": format!("u{}", number / 5 % 7)}}).to_string() + "\n"
}

fn eqlite(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqlite"));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ran(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(bytes).unwrap();
}

fn watch(folder: &Path, more: &[&str]) -> Child {
    eqlite(folder)
        .args(["watch", "a.log", "--rules", "rules.json", "--format", "ecs", "--output", "alerts", "--poll-ms", "5"])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Waits until the state is another than `before`.
fn state_after(folder: &Path, before: &[u8]) -> Vec<u8> {
    loop {
        let state = fs::read(folder.join("alerts.state")).unwrap_or_default();
        if state != before && !state.is_empty() {
            return state;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn killed_at_any_time_it_loses_and_doubles_nothing() {
    let folder = folder("watch-killed");
    let log = folder.join("a.log");
    let all = folder.join("whole.ndjson");
    let stop = AtomicBool::new(false);
    let mut random = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() | 1;
    eprintln!("seed {random}");
    let mut next = move |below: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) % below
    };
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let (mut number, mut rotated) = (0, 0);
            while !stop.load(Ordering::Relaxed) {
                let text = line(number);
                // Lines come in two halves, and logs are rotated between them too.
                let (one, two) = text.as_bytes().split_at(number as usize * 7 % text.len());
                append(&all, text.as_bytes());
                append(&log, one);
                thread::sleep(Duration::from_millis(1));
                append(&log, two);
                number += 1;
                if number % 40 == 0 {
                    rotated += 1;
                    fs::rename(&log, folder.join(format!("a.log.{rotated}"))).unwrap();
                }
            }
        });
        let mut state = Vec::new();
        for _ in 0..4 {
            let mut child = watch(&folder, &[]);
            state = state_after(&folder, &state);
            for _ in 0..next(4) {
                state = state_after(&folder, &state);
            }
            thread::sleep(Duration::from_micros(next(20_000).into()));
            child.kill().unwrap();
            child.wait().unwrap();
            state = fs::read(folder.join("alerts.state")).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
    });
    assert!(watch(&folder, &["--idle-exit", "300"]).wait().unwrap().success());
    let (code, expected, error) =
        ran(eqlite(&folder).args(["scan", "--rules", "rules.json", "--format", "ecs", "whole.ndjson"]));
    assert_eq!(code, 0, "{error}");
    let alerts = fs::read_to_string(folder.join("alerts")).unwrap();
    assert!(alerts.lines().count() > 20, "{}", alerts.lines().count());
    assert!(alerts == expected, "{} alerts, expected {}", alerts.lines().count(), expected.lines().count());
}

#[test]
fn what_went_out_after_the_state_is_cut_back() {
    let folder = folder("watch-cut");
    (0..50).for_each(|number| append(&folder.join("a.log"), line(number).as_bytes()));
    append(&folder.join("alerts"), b"{\"from\":\"before\"}\n");
    assert!(watch(&folder, &["--idle-exit", "50"]).wait().unwrap().success());
    let alerts = fs::read_to_string(folder.join("alerts")).unwrap();
    assert!(alerts.starts_with("{\"from\":\"before\"}\n") && alerts.lines().count() > 10, "{alerts}");
    append(&folder.join("alerts"), b"{\"half of an al");
    assert!(watch(&folder, &["--idle-exit", "50"]).wait().unwrap().success());
    assert_eq!(fs::read_to_string(folder.join("alerts")).unwrap(), alerts);

    fs::write(
        folder.join("rules.json"),
        json!([{"rule_id": "other", "name": "o", "type": "eql", "query": "any where true"}]).to_string(),
    )
    .unwrap();
    let other = eqlite(&folder)
        .args(["watch", "a.log", "--rules", "rules.json", "--output", "alerts", "--idle-exit", "1"])
        .output()
        .unwrap();
    let error = String::from_utf8(other.stderr).unwrap();
    assert_eq!(other.status.code(), Some(1), "{error}");
    assert!(error.contains("other rules") && error.contains("--state"), "{error}");
}

#[test]
fn a_webhook_is_asked_again_with_the_same_key() {
    let folder = folder("watch-webhook");
    (0..5).for_each(|number| append(&folder.join("a.log"), line(number).as_bytes()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/alerts", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut seen: Vec<(String, Value)> = Vec::new();
        for status in ["503 Unavailable", "200 OK", "204 No Content"] {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut key, mut length) = (String::new(), 0);
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).unwrap();
                let header = header.trim_end().to_lowercase();
                if header.is_empty() {
                    break;
                }
                if let Some(value) = header.strip_prefix("idempotency-key: ") {
                    key = value.to_string();
                }
                if let Some(value) = header.strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            seen.push((key, serde_json::from_slice(&body).unwrap()));
            write!(reader.get_mut(), "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
        seen
    });
    let args = ["watch", "a.log", "--rules", "rules.json", "--idle-exit", "50", "--state", "s", "--form", "signal"];
    let (code, out, error) = ran(eqlite(&folder).args(args).args(["--webhook", &url]));
    assert_eq!((code, out.as_str()), (0, ""), "{error}");
    let seen = server.join().unwrap();
    assert_eq!(seen[0], seen[1], "the same alert with the same key");
    assert_ne!(seen[1].0, seen[2].0);
    assert!(seen.iter().all(|(_, alert)| alert["event"]["kind"] == "signal"));
    let (code, _, error) = ran(eqlite(&folder).args(args).args(["--webhook", "https://localhost/"]));
    assert!(code == 1 && error.contains("http://"), "{error}");
}

#[test]
fn forms_of_alerts_the_schedule_and_why_not() {
    let folder = folder("forms");
    let at = |time: &str, action: &str| {
        json!({"@timestamp": format!("2026-11-24T{time}Z"), "event": {"action": action}, "user": {"name": "ann"}})
            .to_string()
            + "\n"
    };
    fs::write(folder.join("log"), at("10:01:00", "in") + &at("10:08:10", "out")).unwrap();
    let scan = |more: &[&str]| ran(eqlite(&folder).args(["scan", "--rules", "rules.json", "log"]).args(more));
    let lines = |out: &str| -> Vec<Value> { out.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };

    let (code, kibana, error) = scan(&["--output", "kibana"]);
    assert_eq!(code, 0, "{error}");
    let kibana = lines(&kibana);
    assert_eq!(kibana.len(), 3, "the shell and two blocks");
    assert_eq!(kibana[1]["kibana.alert.building_block_type"], "default");
    assert_eq!(lines(&scan(&["--output", "signal"]).1)[0]["rule"]["id"], "pair");

    let (code, text, error) = scan(&["--as-kibana", "5m"]);
    assert!(code == 0 && text.contains("a run looks back 6m"), "{text}{error}");
    let replay: Value = serde_json::from_str(&scan(&["--as-kibana", "rule", "--output", "ndjson"]).1).unwrap();
    assert_eq!(replay["rules"][0]["missed"][0]["why"]["reason"], "look-back");
    assert_eq!(scan(&["--as-kibana", "5m", "--output", "kibana"]).0, 1);
    assert_eq!(scan(&["--as-kibana", "often"]).0, 1);

    fs::write(folder.join("late"), at("10:01:00", "in") + &at("12:08:10", "out")).unwrap();
    let explain = |more: &[&str]| ran(eqlite(&folder).args(["explain", "--rules", "rules.json", "late"]).args(more));
    let (code, text, error) = explain(&["--rule", "pair"]);
    assert!(code == 0 && text.contains("maxspan is 1h"), "{text}{error}");
    let explained: Value = serde_json::from_str(&explain(&["--rule", "pair", "--output", "json"]).1).unwrap();
    assert_eq!(explained["stages"][0]["matched"], 1);
    let (code, _, error) = explain(&[]);
    assert!(code == 1 && error.contains("say by `id`"), "{error}");
}
