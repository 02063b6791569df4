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
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
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

/// Other numbers each time; the seed is told, for when one fails.
struct Random(u32);

impl Random {
    fn new() -> Random {
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() | 1;
        eprintln!("seed {seed}");
        Random(seed)
    }

    fn below(&mut self, most: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % most
    }
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
    let mut random = Random::new();
    // A new watch begins with the log as it is: it must have begun before anything is rotated away.
    append(&all, line(0).as_bytes());
    append(&log, line(0).as_bytes());
    let mut first = watch(&folder, &[]);
    let begun = |state: &[u8]| String::from_utf8_lossy(state).contains("inode");
    let mut state = Vec::new();
    while !begun(&state) {
        state = state_after(&folder, &state);
    }
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let (mut number, mut rotated) = (1, 0);
            while number < 100 || !stop.load(Ordering::Relaxed) {
                let text = line(number);
                // Lines come in two halves, and logs are rotated between them too.
                let (one, two) = text.as_bytes().split_at(number as usize * 7 % text.len());
                append(&all, text.as_bytes());
                append(&log, one);
                thread::sleep(Duration::from_millis(10));
                append(&log, two);
                number += 1;
                if number % 40 == 0 {
                    rotated += 1;
                    fs::rename(&log, folder.join(format!("a.log.{rotated}"))).unwrap();
                }
            }
        });
        for round in 0..8 {
            let mut next_one = (round > 0).then(|| watch(&folder, &[]));
            let child = next_one.as_mut().unwrap_or(&mut first);
            state = state_after(&folder, &state);
            for _ in 0..random.below(4) {
                state = state_after(&folder, &state);
            }
            thread::sleep(Duration::from_micros(random.below(20_000).into()));
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

/// Reads a POST and answers with this status; its key and its body. `None` where the sender is gone before all of it came.
fn take(stream: TcpStream, status: &str) -> Option<(String, Value)> {
    let mut reader = BufReader::new(stream);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).ok()? == 0 {
            return None;
        }
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
    reader.read_exact(&mut body).ok()?;
    // Whoever was killed after it had sent does not hear the answer.
    write!(reader.get_mut(), "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").ok();
    Some((key, serde_json::from_slice(&body).unwrap()))
}

#[test]
fn a_webhook_hears_of_every_alert_and_of_none_under_two_keys() {
    let folder = folder("watch-webhook-killed");
    let log: String = (0..2500).map(line).collect();
    append(&folder.join("a.log"), log.as_bytes());
    let (code, expected, error) =
        ran(eqlite(&folder).args(["scan", "--rules", "rules.json", "--format", "ecs", "a.log"]));
    assert_eq!(code, 0, "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let seen = Mutex::new(Vec::new());
    let stop = AtomicBool::new(false);
    let mut random = Random::new();
    let watch = |more: &[&str]| {
        let args = [
            "watch",
            "a.log",
            "--rules",
            "rules.json",
            "--format",
            "ecs",
            "--poll-ms",
            "5",
            "--state",
            "s",
            "--webhook",
            &url,
        ];
        eqlite(&folder).args(args).args(more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let taken = take(stream.unwrap(), "200 OK");
                seen.lock().unwrap().extend(taken);
            }
        });
        let count = || seen.lock().unwrap().len();
        for _ in 0..4 {
            let mut child = watch(&[]);
            // Killed after some more alerts, somewhere among those of a piece of the log.
            let until = count() + 1 + random.below(250) as usize;
            while count() < until && child.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_micros(200));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(watch(&["--idle-exit", "100"]).wait().unwrap().success());
        stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(url.trim_start_matches("http://").trim_end_matches('/'));
    });
    let seen = seen.into_inner().unwrap();
    let mut by_number: BTreeMap<u64, &Value> = BTreeMap::new();
    for (key, alert) in &seen {
        let number = key.rsplit_once('-').unwrap().1.parse().unwrap();
        assert_eq!(*by_number.entry(number).or_insert(alert), alert, "what comes again is the same under the same key");
    }
    let runs: BTreeSet<&str> = seen.iter().map(|(key, _)| key.rsplit_once('-').unwrap().0).collect();
    assert_eq!(runs.len(), 1);
    let expected: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(by_number.into_values().eq(&expected), "{} posts, {} alerts expected", seen.len(), expected.len());
    assert!(seen.len() >= expected.len() && expected.len() > 900, "{} {}", seen.len(), expected.len());
}

#[test]
fn a_webhook_is_asked_again_with_the_same_key() {
    let folder = folder("watch-webhook");
    (0..5).for_each(|number| append(&folder.join("a.log"), line(number).as_bytes()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/alerts", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let statuses = ["503 Unavailable", "200 OK", "204 No Content"];
        statuses.map(|status| take(listener.accept().unwrap().0, status).unwrap())
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
