//! Kibana's schedule beside the stream: what it finds, misses, and finds in other events.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Rule, Schema,
    replay::{Replay, ReplayOptions, RuleReplay, Why, replay},
    rule::read_rules,
    search::{Hits, Index, SearchOptions, search},
};
use serde_json::json;
use std::{collections::BTreeMap, fs, path::PathBuf};

const MINUTE: i64 = 60_000;

fn rule(query: &str) -> Rule {
    let text = json!({"rule_id": "r", "name": "R", "type": "eql", "query": query, "from": "now-6m", "interval": "5m"});
    read_rules(&text.to_string(), "r.json").rules.remove(0).unwrap()
}

fn sequence() -> Rule {
    rule("sequence by k [any where a == 1] [any where a == 2]")
}

/// An event so many seconds after the hour.
fn event(second: i64, k: i64, a: i64) -> String {
    json!({"@timestamp": second * 1000, "k": k, "a": a}).to_string()
}

fn run(rule: &Rule, events: &[String], options: &ReplayOptions) -> RuleReplay {
    let mut all = replay(std::slice::from_ref(rule), events.iter().map(String::as_str), &Schema::open(), options);
    assert_eq!(all.rules.len(), 1);
    all.rules.remove(0)
}

fn plain(rule: &Rule, events: &[String]) -> RuleReplay {
    run(rule, events, &ReplayOptions::default())
}

fn options(value: serde_json::Value) -> ReplayOptions {
    serde_json::from_value(value).unwrap()
}

fn counts(replay: &RuleReplay) -> (usize, usize, usize) {
    (replay.both.len(), replay.missed.len(), replay.extra.len())
}

#[test]
fn join_keys_stand_in_the_order_of_the_rule() {
    let rule = rule("sequence by k, b [any where a == 1] [any where a == 2]");
    let event = |second: i64, a: i64| json!({"@timestamp": second * 1000, "k": 1, "b": 2, "a": a}).to_string();
    let events = [event(0, 1), event(1200, 2)];
    let all = replay(&[rule], events.iter().map(String::as_str), &Schema::open(), &ReplayOptions::default());
    assert!(all.to_text().contains(" k=1 b=2  ("), "{}", all.to_text());
    assert!(all.to_json().contains(r#""join_keys":{"k":1,"b":2}"#), "{}", all.to_json());
}

#[test]
fn what_fits_into_one_run_is_found_once() {
    // The overlap of two runs sees both events twice.
    let found = plain(&sequence(), &[event(250, 1, 1), event(290, 1, 2)]);
    assert_eq!((counts(&found), found.runs, found.schedule), ((1, 0, 0), 2, 1));
    assert_eq!(found.both[0].run.unwrap().millis, 5 * MINUTE);
}

#[test]
fn a_sequence_longer_than_the_look_back_is_missed() {
    let found = plain(&sequence(), &[event(10, 1, 1), event(500, 1, 2)]);
    assert_eq!(counts(&found), (0, 1, 0));
    assert_eq!(found.missed[0].why, Why::LookBack { span: 490_000, look_back: 360_000 });
    // The same with a look-back that is long enough.
    let found = run(&sequence(), &[event(10, 1, 1), event(500, 1, 2)], &options(json!({"lookBack": 600_000})));
    assert_eq!(counts(&found), (1, 0, 0));
}

#[test]
fn runs_may_come_at_the_wrong_time() {
    // 350 s fit into six minutes, but the runs at 10:00 and 10:05 see one of the two each.
    let events = [event(200, 1, 1), event(550, 1, 2)];
    assert_eq!(plain(&sequence(), &events).missed[0].why, Why::BetweenRuns { interval: 300_000, look_back: 360_000 });
    assert_eq!(counts(&run(&sequence(), &events, &options(json!({"offset": 255_000})))), (1, 0, 0));
    assert_eq!(counts(&run(&sequence(), &events, &options(json!({"interval": 5_000})))), (1, 0, 0));
}

#[test]
fn both_ends_of_the_look_back_are_in_it() {
    assert_eq!(counts(&plain(&sequence(), &[event(240, 1, 1), event(600, 1, 2)])), (1, 0, 0));
    let earlier = [json!({"@timestamp": 239_999, "k": 1, "a": 1}).to_string(), event(600, 1, 2)];
    assert_eq!(counts(&plain(&sequence(), &earlier)), (0, 1, 0));
}

#[test]
fn late_ingestion_hides_an_event() {
    let late = json!({"@timestamp": 20_000, "k": 1, "a": 1, "event": {"ingested": 900_000}}).to_string();
    let events = [late, event(30, 1, 2)];
    let found = plain(&sequence(), &events);
    assert_eq!(found.missed[0].why, Why::Ingested { delay: 880_000 });
    assert_eq!(counts(&run(&sequence(), &events, &options(json!({"ingested": false})))), (1, 0, 0));
    // With the override the look-back goes by the ingestion, and only one event has it: without fallback the other is nowhere.
    let mut rule = sequence();
    rule.timestamp_override = Some("event.ingested".into());
    assert_eq!(plain(&rule, &events).missed[0].why, Why::LookBack { span: 870_000, look_back: 360_000 });
    rule.timestamp_override_fallback_disabled = true;
    assert_eq!(counts(&plain(&rule, &events)), (0, 0, 0));
}

#[test]
fn a_window_may_pair_other_events() {
    // The stream takes the newest start; the first run does not see the second start yet, and pairs the older one.
    let sample = rule("sample by k [any where a == 1] [any where a == 2]");
    let events: Vec<String> = vec![event(100, 1, 1), event(200, 1, 2), event(210, 1, 1), event(220, 1, 2)];
    let found = plain(&sample, &events);
    // One sample a key and run, where the stream goes on with what is left.
    assert_eq!((found.stream, found.schedule), (2, 1));
    assert!(matches!(found.missed[0].why, Why::OnePerKey { .. }), "{:?}", found.missed);
    // A forbidden event that the run cannot see yet.
    let missing = rule("sequence by k with maxspan=5m [any where a == 1] [any where a == 2] ![any where a == 3]");
    let found = plain(&missing, &[event(200, 1, 1), event(290, 1, 2), event(310, 1, 3)]);
    assert_eq!((counts(&found), &found.extra[0].instead_of), ((0, 0, 1), &None));
    // The first event has left the window of the second run: the pair becomes another.
    let triple = rule("sequence by k [any where a == 1] [any where a == 1] [any where a == 2]");
    let found = plain(&triple, &[event(100, 1, 1), event(250, 1, 1), event(290, 1, 1), event(310, 1, 2)]);
    assert_eq!(counts(&found), (1, 0, 0), "{found:#?}");
}

#[test]
fn max_signals_cuts_building_blocks_too() {
    let mut rule = sequence();
    rule.max_signals = 4;
    let pairs = |start: i64| -> Vec<String> {
        let each = |a: i64| (0..3).map(move |k| event(start + 10 * a + k, k, a));
        each(1).chain(each(2)).collect()
    };
    let events = pairs(0);
    let found = plain(&rule, &events);
    // Four documents: a shell and two blocks, and the next shell alone.
    assert_eq!((counts(&found), found.cut), ((2, 1, 0), 5));
    assert!(matches!(found.missed[0].why, Why::MaxSignals { .. }));
    // A later run that still sees the events writes what was left.
    let events = pairs(270);
    assert_eq!(counts(&plain(&rule, &events)), (3, 0, 0));
}

#[test]
fn quiet_time_costs_no_runs() {
    let events = [event(10, 1, 1), event(20, 1, 2), event(4_000_000_000, 2, 1), event(4_000_000_010, 2, 2)];
    let found = plain(&sequence(), &events);
    assert_eq!((counts(&found), found.runs), ((2, 0, 0), 2));
}

#[test]
fn the_sample_rule_on_our_sample() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let rules = fs::read_to_string(root.join("rules/linux/udp_reverse_shell.toml")).unwrap();
    let rules: Vec<Rule> = read_rules(&rules, "r").rules.into_iter().map(Result::unwrap).collect();
    let text = fs::read_to_string(root.join("samples/udp-shell.ndjson")).unwrap();
    let all: Replay = replay(&rules, text.lines(), &Schema::open(), &ReplayOptions::default());
    assert_eq!((all.rules[0].stream, all.refused.len(), all.unreadable), (5, 0, 0));
    // The heartbeat's one process raises a new alert in each run that sees a new pair of its calls, or none: whatever it is, it is told.
    assert_eq!(all.rules[0].both.len() + all.rules[0].missed.len(), 5);
    assert!(all.to_text().contains("Potential Reverse Shell via UDP"));
    assert!(serde_json::from_str::<serde_json::Value>(&all.to_json()).is_ok());
}

#[test]
fn bad_rules_and_documents_are_counted() {
    let rules = [rule("any where"), sequence()];
    let all = replay(
        &rules,
        ["[]", r#"{"_id":"1","_index":"i","_source":{"a":1}}"#],
        &Schema::open(),
        &ReplayOptions::default(),
    );
    assert_eq!((all.documents, all.unreadable, all.refused.len(), all.rules.len()), (2, 1, 1, 1));
}

/// Each run by itself: a search over an index that holds only what the run sees.
fn naive(rule: &Rule, events: &[(i64, String)], last: i64) -> BTreeMap<Vec<Option<i64>>, i64> {
    let mut raised = BTreeMap::new();
    let time =
        |source: &str| serde_json::from_str::<serde_json::Value>(source).unwrap()["@timestamp"].as_i64().unwrap();
    for run in (0..=last + 6 * MINUTE).step_by(5 * MINUTE as usize) {
        let mut index = Index::open("i");
        for (time, event) in events {
            if (run - 6 * MINUTE..=run).contains(time) {
                index.push(event).unwrap();
            }
        }
        let mut options = SearchOptions::default();
        options.size = 100;
        let groups: Vec<Vec<Option<i64>>> = match search(&rule.query, &[index], &options).unwrap().hits {
            Hits::Events(events) => events.iter().map(|hit| vec![Some(time(&hit.source))]).collect(),
            Hits::Sequences(groups) => groups
                .iter()
                .map(|group| group.events.iter().map(|hit| hit.as_ref().map(|hit| time(&hit.source))).collect())
                .collect(),
        };
        for group in groups {
            raised.entry(group).or_insert(run);
        }
    }
    raised
}

#[test]
fn the_schedule_is_one_search_a_run() {
    let queries = [
        "any where a == 1",
        "sequence by k [any where a == 1] [any where a == 2]",
        "sequence by k with maxspan=4m [any where a == 1] ![any where a == 3] [any where a == 2]",
        "sequence by k with maxspan=4m [any where a == 1] [any where a == 2] ![any where a == 3]",
        "sequence [any where a < 3] with runs=2 [any where a == 3] until [any where a == 4]",
        "sample by k [any where a == 1] [any where a < 3] [any where a == 3]",
    ];
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut found = 0;
    for round in 0..120 {
        let rule = rule(queries[round % queries.len()]);
        let mut times: Vec<i64> = (0..20).map(|_| next(2_000_000) as i64).collect();
        times.sort_unstable();
        times.dedup();
        let event = |&time: &i64| (time, json!({"@timestamp": time, "k": next(2), "a": next(4) + 1}).to_string());
        let events: Vec<(i64, String)> = times.iter().map(event).collect();
        let documents: Vec<String> = events.iter().map(|(_, event)| event.clone()).collect();
        let replay = plain(&rule, &documents);
        let raised = replay.both.iter().chain(replay.extra.iter().map(|extra| &extra.alert));
        let raised: BTreeMap<Vec<Option<i64>>, i64> = raised
            .map(|alert| (alert.events.iter().map(|time| time.map(|t| t.millis)).collect(), alert.run.unwrap().millis))
            .collect();
        found += raised.len();
        assert_eq!(raised, naive(&rule, &events, *times.last().unwrap()), "{} {documents:#?}", rule.query);
        assert_eq!(replay.schedule, raised.len());
        assert_eq!(replay.stream, replay.both.len() + replay.missed.len());
    }
    assert!(found > 100, "{found}");
}
