//! Why a rule does not alert, on our samples and on written cases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Rule, Schema,
    explain::{Explanation, Finding, Step, explain},
    rule::read_rules,
};
use std::{fs, path::PathBuf};

fn read(path: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

fn udp_rule() -> Rule {
    read_rules(&read("rules/linux/udp_reverse_shell.toml"), "udp").rules.remove(0).unwrap()
}

fn of(query: &str, events: &[&str]) -> Explanation {
    let rule = Rule {
        id: "r".into(),
        name: "R".into(),
        kind: "eql".into(),
        query: query.into(),
        look_back: 60_000,
        ..Rule::default()
    };
    explain(&rule, events, &Schema::open()).unwrap()
}

/// `"5 a k=1"`: an event of second 5 with `a` and the key.
fn events(lines: &[&str]) -> Vec<String> {
    let event = |line: &&str| {
        let mut words = line.split(' ');
        let (second, kind) = (words.next().unwrap(), words.next().unwrap());
        let mut fields = format!("\"@timestamp\":{second}000,\"kind\":\"{kind}\"");
        for word in words {
            let (name, value) = word.split_once('=').unwrap();
            fields.push_str(&format!(",\"{name}\":{value}"));
        }
        format!("{{{fields}}}")
    };
    lines.iter().map(event).collect()
}

fn explained(query: &str, lines: &[&str]) -> Explanation {
    let events = events(lines);
    of(query, &events.iter().map(String::as_str).collect::<Vec<_>>())
}

fn steps(explanation: &Explanation) -> Vec<Step> {
    let found = explanation.findings.iter().find_map(|finding| match finding {
        Finding::Steps { steps } => Some(steps.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no steps in {:#?}", explanation.findings))
}

#[test]
fn join_keys_stand_in_the_order_of_the_rule() {
    let explanation =
        explained("sequence by z, a [any where kind == \"x\"] [any where kind == \"y\"]", &["1 x z=1 a=2"]);
    assert!(explanation.to_text().contains("z=1 a=2: has stage 1: 1"), "{}", explanation.to_text());
    assert!(explanation.to_json().contains(r#""key":{"z":1,"a":2}"#), "{}", explanation.to_json());
}

#[test]
fn the_socket_type_decides_against_perl() {
    let text = read("samples/runs/perl-io-socket.ndjson");
    let events: Vec<&str> = text.lines().collect();
    let explanation = explain(&udp_rule(), &events, &Schema::open()).unwrap();
    assert!(explanation.alerts.is_empty());
    assert_eq!(explanation.stages.iter().map(|stage| stage.matched > 0).collect::<Vec<_>>(), [true, false, true]);
    let failed = &explanation.stages[1].candidates[0].failed;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].values["auditd.data.a1"].to_string(), "[\"80002\"]");
    assert_eq!(failed[0].span.of(&udp_rule().query).replace(' ', ""), failed[0].leaf.replace(' ', ""));
    assert!(explanation.findings.contains(&Finding::NoEvent { stage: 1 }));
    assert!(explanation.findings.iter().any(|finding| matches!(finding, Finding::Closest { stage: 1, .. })));
    let shown = explanation.to_text();
    assert!(shown.contains("auditd.data.a1: \"80002\"") && shown.lines().count() <= 40, "{shown}");
    assert!(serde_json::from_str::<serde_json::Value>(&explanation.to_json()).unwrap()["findings"].is_array());
}

#[test]
fn an_alert_is_told_by_its_events() {
    let text = read("samples/runs/nc-udp-statsd.ndjson");
    let events: Vec<&str> = text.lines().collect();
    let explanation = explain(&udp_rule(), &events, &Schema::open()).unwrap();
    assert_eq!(explanation.alerts.len(), 1);
    let sequence = |event: &Option<usize>| {
        let event: serde_json::Value = serde_json::from_str(events[event.unwrap() - 1]).unwrap();
        event["event"]["sequence"].as_u64().unwrap()
    };
    assert_eq!(explanation.alerts[0].iter().map(sequence).collect::<Vec<_>>(), [1005, 1010, 1011]);
}

#[test]
fn leaves_are_told_by_the_alternative_that_came_closest() {
    let explanation = of(
        "process where (a == 1 and b == 2 and c == 3) or (a == 1 and not d : \"x*\")",
        &[
            r#"{"event":{"category":"process"},"a":1,"d":["xy","z"]}"#,
            r#"{"event":{"category":"network"},"a":1}"#,
            "[]",
        ],
    );
    let candidates = &explanation.stages[0].candidates;
    let failed =
        |candidate: usize| -> Vec<&str> { candidates[candidate].failed.iter().map(|f| f.leaf.as_str()).collect() };
    assert_eq!(failed(0), ["not d : \"x*\""]);
    assert_eq!(candidates[0].failed[0].values["d"].to_string(), r#"["xy","z"]"#);
    assert_eq!(failed(1), ["event.category == \"process\""]);
    assert_eq!((explanation.stages[0].leaves, explanation.unreadable), (4, 1));
}

#[test]
fn events_alike_are_told_once() {
    let lines = ["1 b x=1", "2 b x=1", "3 b x=2", "4 c x=1"];
    let explanation = explained("any where kind == \"a\" and x == 9", &lines);
    let seen: Vec<(usize, usize)> = explanation.stages[0].candidates.iter().map(|c| (c.event, c.alike)).collect();
    assert_eq!(seen, [(1, 1), (3, 0), (4, 0)]);
}

#[test]
fn a_join_key_is_missing_or_differs() {
    let query = "sequence by host, pid [any where kind == \"a\"] [any where kind == \"b\"]";
    let explanation = explained(
        query,
        &["1 a host=\"h\" pid=7", "2 b host=\"h\" pid=8", "9 b host=\"g\" pid=9", "3 c host=\"h\" pid=7"],
    );
    let differs = explanation.findings.iter().find_map(|finding| match finding {
        Finding::KeyDiffers { stage, event, fields } => Some((*stage, *event, fields.clone())),
        _ => None,
    });
    let (stage, event, fields) = differs.unwrap();
    assert_eq!((stage, event, fields.len()), (1, 2, 1));
    assert_eq!(
        (fields[0].field.as_str(), fields[0].value.as_u64(), fields[0].wanted.as_u64()),
        ("pid", Some(8), Some(7))
    );
    assert!(
        explanation
            .findings
            .iter()
            .any(|f| matches!(f, Finding::Closest { stage: 1, candidate } if candidate.event == 4))
    );

    let explanation = explained(query, &["1 a host=\"h\" pid=7", "2 b host=\"h\""]);
    let missing = Finding::KeyMissing { stage: 1, event: 2, fields: vec!["pid".into()] };
    assert!(explanation.findings.contains(&missing), "{:#?}", explanation.findings);
    assert_eq!(explanation.stages[1].without_key, 1);
}

#[test]
fn what_ended_a_sequence_is_told() {
    let query =
        "sequence with maxspan=10s [any where kind == \"a\"] [any where kind == \"b\"] until [any where kind == \"u\"]";
    let over = Step::OverMaxspan { event: 3, stage: 1, first: 2, span: 11_500, maxspan: 10_000, over: 1_500 };
    let explanation = of(
        query,
        &[r#"{"@timestamp":0,"kind":"a"}"#, r#"{"@timestamp":2000,"kind":"a"}"#, r#"{"@timestamp":13500,"kind":"b"}"#],
    );
    assert_eq!(steps(&explanation), [Step::Replaced { event: 2, stage: 0, old: vec![1] }, over]);
    assert_eq!(
        steps(&explained(query, &["1 a", "2 u", "3 b"])),
        [Step::Until { event: 2, events: vec![1] }, Step::NothingBefore { event: 3, stage: 1 }]
    );
    assert_eq!(
        steps(&explained(query, &["4 a", "3 b"])),
        [Step::NothingBefore { event: 2, stage: 1 }, Step::Open { events: vec![1], stage: 1 }]
    );
    let query =
        "sequence with maxspan=10s [any where kind == \"a\"] ![any where kind == \"m\"] [any where kind == \"b\"]";
    let explanation = explained(query, &["1 a", "2 m", "3 b"]);
    assert_eq!(steps(&explanation), [Step::Refuted { events: vec![1, 3], by: 2 }]);
    assert!(explanation.to_text().contains("event 2 had to be missing"), "{}", explanation.to_text());
    // Stages of the query, not of the plan, where `with runs` makes several.
    let explanation =
        explained("sequence [any where kind == \"a\"] with runs=2 [any where kind == \"b\"]", &["1 a", "2 b"]);
    assert_eq!(
        steps(&explanation),
        [Step::NothingBefore { event: 2, stage: 1 }, Step::Open { events: vec![1], stage: 0 }]
    );
}

#[test]
fn a_sample_is_too_wide_or_has_too_few_events() {
    let query = "sample by k [any where kind == \"a\"] [any where kind in (\"a\", \"b\")]";
    let explanation = explained(query, &["1 a k=1", "100 b k=1"]);
    let wide = Finding::OutsideWindow { events: vec![1, 2], span: 99_000, window: 60_000, over: 39_000 };
    assert!(explanation.findings.contains(&wide), "{:#?}", explanation.findings);
    let explanation = explained(query, &["1 a k=1"]);
    assert!(explanation.findings.contains(&Finding::SameEvent { events: vec![1] }), "{:#?}", explanation.findings);
    assert!(explained(query, &["100 b k=1", "90 a k=1"]).findings.is_empty());
}

#[test]
fn hits_of_a_search_and_bad_queries() {
    let hit = r#"{"_index":"i","_id":"1","_source":{"event":{"category":"process"},"a":1}}"#;
    assert_eq!(of("process where a == 1", &[hit]).alerts, [[Some(1)]]);
    let rule = Rule { kind: "eql".into(), query: "process where".into(), ..Rule::default() };
    assert!(explain(&rule, &["{}"], &Schema::open()).is_err());
}
