//! Every limit is reached: what does not fit is dropped and counted, what is held stays within bounds, nothing is made up, the stream goes on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator, Limits, Timestamp};
use serde_json::{Value as Json, json};
use support::{Found, drained, feed, plan_of, random::Random, rule, shown};

fn limited(query: &str, change: impl FnOnce(&mut Limits)) -> Correlator {
    let mut config = Config::default();
    change(&mut config.limits);
    Correlator::new(plan_of([rule(query)]), config)
}

fn event(name: &str, kind: &str, millis: i64, key: Json) -> Json {
    json!({"name": name, "kind": kind, "@timestamp": support::iso(millis, 0), "k": key})
}

fn codes(correlator: &mut Correlator) -> Vec<&'static str> {
    correlator.drain_problems().iter().map(|problem| problem.code).collect()
}

#[test]
fn line_bytes() {
    let mut correlator = limited("any where k == 1", |limits| limits.line_bytes = 200);
    let long = event(&"x".repeat(300), "A", 0, json!(1));
    feed(&mut correlator, &[long, event("a", "A", 1, json!(1))], 50);
    assert_eq!(codes(&mut correlator), ["I003"]);
    assert_eq!(correlator.stats().malformed, 1);
    assert_eq!(shown(&drained(&mut correlator)), ["a"]);
}

#[test]
fn json_depth() {
    let mut correlator = limited("any where k == 1", |limits| limits.json_depth = 4);
    let nested = json!({"k": 1, "name": "deep", "x": [[[[]]]]});
    feed(&mut correlator, &[nested, json!({"k": 1, "name": "a", "x": [[[]]]})], 50);
    assert_eq!(codes(&mut correlator), ["I001"]);
    assert_eq!(shown(&drained(&mut correlator)), ["a"]);
}

#[test]
fn keys_per_rule() {
    for query in ["sample by k [A] [B]", "sequence by k with maxspan=1m [A] [B]", "sequence by k [A] [B]"] {
        let mut correlator = limited(query, |limits| limits.keys_per_rule = 10);
        for number in 0..500_i64 {
            feed(&mut correlator, &[event(&format!("a{number}"), "A", number * 100, json!(number))], 4096);
            assert!(correlator.stats().keys <= 10, "{query}");
        }
        assert_eq!(correlator.stats().evicted + correlator.stats().rules[0].expired, 490, "{query}");
        let last = [event("b0", "B", 50_000, json!(0)), event("b499", "B", 50_000, json!(499))];
        feed(&mut correlator, &last, 4096);
        correlator.finish();
        assert_eq!(
            shown(&drained(&mut correlator)),
            ["499: a499 b499"],
            "{query}: the oldest key went, the newest did not"
        );
    }
}

#[test]
fn events_per_stage() {
    let mut correlator = limited("sample by k [A] [B]", |limits| limits.events_per_stage = 8);
    for number in 0..100 {
        feed(&mut correlator, &[event(&format!("a{number}"), "A", number, json!(1))], 4096);
    }
    let stats = correlator.stats();
    assert_eq!((stats.held_events, stats.rules[0].replaced), (8, 92));
    feed(&mut correlator, &[event("b", "B", 100, json!(1))], 4096);
    assert_eq!(shown(&drained(&mut correlator)), ["1: a92 b"], "the oldest of those kept");
}

#[test]
fn state_bytes() {
    const LIMIT: usize = 20_000;
    for query in [
        "sample by k [A] [B]",
        "sequence by k with maxspan=1m [A] [B]",
        "sequence by k [A] [B]",
        "sequence by k with maxspan=1m [A] ![B] [C]",
    ] {
        let mut correlator = limited(query, |limits| limits.state_bytes = LIMIT);
        for number in 0..300_i64 {
            let mut document = event(&format!("a{number}"), "A", number, json!(number));
            document["ballast"] = json!("x".repeat(1000));
            feed(&mut correlator, &[document], 4096);
            let held = correlator.stats().held_bytes;
            assert!(held <= LIMIT as u64, "{query}: {held}");
        }
        assert!(correlator.stats().evicted > 250, "{query}");
        let kind = if query.contains("[C]") { "C" } else { "B" };
        feed(&mut correlator, &[event("last", kind, 400, json!(299)), event("first", kind, 400, json!(0))], 4096);
        correlator.finish();
        let found = drained(&mut correlator);
        assert_eq!(found.len(), 1, "{query}: {:?}", shown(&found));
        assert_eq!((found[0].events[0].as_str(), found[0].events.last().unwrap().as_str()), ("a299", "last"));
    }
}

#[test]
fn state_bytes_hold_keys_too() {
    // Each key alerts at once, so that no event is held; the keys are, until the window has passed.
    let mut correlator = limited("sample by k [A] [B]", |limits| limits.state_bytes = 50_000);
    for number in 0..100_i64 {
        let key = json!(format!("{number}{}", "x".repeat(4000)));
        feed(&mut correlator, &[event("a", "A", number, key.clone()), event("b", "B", number, key)], 4096);
        assert!(correlator.stats().held_bytes <= 50_000);
    }
    assert_eq!(correlator.stats().alerts, 100);
    assert!(correlator.stats().evicted > 80);
}

#[test]
fn state_bytes_hold_waiting_events_too() {
    let mut config = Config::default();
    config.allowed_lateness = 3_600_000;
    config.limits.state_bytes = 20_000;
    let mut correlator = Correlator::new(plan_of([rule("sequence by k with maxspan=1m [A] [B]")]), config);
    for number in 0..200_i64 {
        let mut document = event(&format!("e{number}"), ["A", "B"][number as usize % 2], number, json!(1));
        document["ballast"] = json!("x".repeat(1000));
        feed(&mut correlator, &[document], 4096);
        assert!(correlator.stats().held_bytes <= 20_000);
    }
    correlator.finish();
    assert_eq!(correlator.stats().alerts, 100, "they came in order: going on before their time costs nothing");
    assert_eq!(correlator.stats().evicted, 0);
}

#[test]
fn alerts() {
    let mut correlator = limited("any where k == 1", |limits| limits.alerts = 5);
    let events: Vec<Json> = (0..20).map(|number| event(&format!("a{number}"), "A", number, json!(1))).collect();
    feed(&mut correlator, &events, 4096);
    assert_eq!(shown(&drained(&mut correlator)), ["a0", "a1", "a2", "a3", "a4"]);
    let stats = correlator.stats();
    assert_eq!((stats.alerts, stats.alerts_dropped, stats.held_events), (20, 15, 0));
    assert_eq!((stats.rules[0].completed, stats.rules[0].alerts_dropped), (20, 15));
    feed(&mut correlator, &events[..1], 4096);
    assert_eq!(shown(&drained(&mut correlator)), ["a0"]);
}

#[test]
fn alerts_of_large_events() {
    let mut correlator = limited("any where k == 1", |limits| limits.state_bytes = 20_000);
    let mut large = event("a", "A", 0, json!(1));
    large["ballast"] = json!("x".repeat(9_000));
    for _ in 0..2 {
        feed(&mut correlator, &[large.clone(), large.clone(), large.clone()], 4096);
        assert_eq!(drained(&mut correlator).len(), 2);
    }
    assert_eq!(correlator.stats().alerts_dropped, 2);
    large["ballast"] = json!("x".repeat(30_000));
    feed(&mut correlator, &[large], 4096);
    assert_eq!(drained(&mut correlator).len(), 1, "one alert always has room");
}

#[test]
fn problems() {
    let mut correlator = limited("any where k == 1", |limits| limits.problems = 3);
    correlator.feed(b"{1}\n{2}\n{3}\n{4}\n{5}\n{\"k\": 1, \"name\": \"a\"}\n");
    assert_eq!(codes(&mut correlator).len(), 3);
    assert_eq!((correlator.stats().malformed, correlator.stats().problems_dropped), (5, 2));
    assert_eq!(drained(&mut correlator).len(), 1);
    correlator.feed(b"{6}\n");
    assert_eq!(codes(&mut correlator).len(), 1);
}

#[test]
fn audit_in_flight() {
    let mut correlator = limited("any where auditd.data.syscall == \"socket\"", |limits| limits.audit_in_flight = 4);
    for serial in 1..=50 {
        let line = format!(
            "type=SYSCALL msg=audit(1700000000.001:{serial}): arch=c000003e syscall=41 success=yes exit=3 a0=2 a1=2 a2=0 a3=0 \
             items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm=\"nc\" \
             exe=\"/usr/bin/nc\" key=(null)\n"
        );
        correlator.feed(line.as_bytes());
    }
    assert_eq!(correlator.stats().audit_incomplete, 46);
    assert_eq!(correlator.drain_alerts().len(), 46, "closed as they are");
    correlator.finish();
    assert_eq!(correlator.drain_alerts().len(), 4);
}

#[test]
fn reorder_events() {
    let mut config = Config::default();
    config.allowed_lateness = 3_600_000;
    config.limits.reorder_events = 10;
    let mut correlator = Correlator::new(plan_of([rule("sequence by k [A] [B]")]), config);
    for number in 0..100_i64 {
        feed(&mut correlator, &[event(&format!("e{number}"), ["A", "B"][number as usize % 2], number, json!(1))], 4096);
        assert!(correlator.stats().waiting <= 10);
    }
    // What comes behind those that had to go on is late: counted, not put in the wrong order.
    feed(&mut correlator, &[event("late", "B", 0, json!(1))], 4096);
    assert_eq!(correlator.stats().late, 1);
    correlator.finish();
    assert_eq!(drained(&mut correlator).len(), 50);
}

#[test]
fn want_of_room_loses_and_never_makes_up() {
    let mut random = Random(31);
    let queries = [
        "sequence by k with maxspan=50ms [A] [B]",
        "sequence by k with maxspan=50ms [A] ![M] [B]",
        "sequence by k with maxspan=50ms ![M] [A] [B]",
        "sequence by k with maxspan=50ms [A] [B] ![M]",
        "sequence by k with maxspan=50ms ![M] [A] [B] ![M]",
    ];
    for query in queries {
        let (mut all, mut kept) = (0, 0);
        for _ in 0..6 {
            let mut millis = 0;
            let events: Vec<Json> = (0..120)
                .map(|number| {
                    millis += 1 + random.below(5) as i64;
                    let key = json!(random.below(8));
                    event(&format!("e{number}"), ["A", "B", "A", "B", "M"][random.below(5)], millis, key)
                })
                .collect();
            let run = |limits: &dyn Fn(&mut Limits)| {
                let mut correlator = limited(query, limits);
                feed(&mut correlator, &events, 4096);
                correlator.finish();
                (drained(&mut correlator), correlator.stats().evicted)
            };
            let (expected, none): (Vec<Found>, u64) = run(&|_| {});
            let (found, evicted) = run(&|limits| limits.keys_per_rule = 3);
            assert!(none == 0 && evicted > 0, "{query}");
            for one in &found {
                assert!(expected.contains(one), "{query}: {one} is made up");
            }
            all += expected.len();
            kept += found.len();
        }
        assert!(0 < kept && kept < all, "{query}: {kept} of {all}");
    }
}

#[test]
fn a_flood_of_keys_is_held_off() {
    for query in ["sample by k [A] [B]", "sequence by k with maxspan=1m [A] [B]"] {
        let mut correlator = limited(query, |limits| limits.keys_per_rule = 100);
        let flood: String =
            (0..6_000).map(|number| format!("{}\n", event("f", "A", number / 100, json!(number)))).collect();
        feed(&mut correlator, &[event("a", "A", 0, json!("victim"))], 4096);
        correlator.feed(flood.as_bytes());
        let stats = correlator.stats();
        assert!(stats.keys <= 100 && stats.held_events <= 101, "{query}: {stats:?}");
        assert_eq!(stats.evicted, 6_001 - stats.keys, "{query}");
    }
}

#[test]
fn hostile_keys_of_one_event() {
    let mut correlator = limited("sample by k, j, i [A] [B]", |_| {});
    let many: Vec<usize> = (0..64).collect();
    let mut document = event("a", "A", 0, json!(many));
    document["j"] = json!(many);
    document["i"] = json!(many);
    feed(&mut correlator, &[document], 4096);
    let stats = correlator.stats();
    assert!(stats.keys <= 1024 && stats.rules[0].keys_dropped > 0, "{stats:?}");

    // A long value beside many short ones is not copied for each of them.
    let mut correlator = limited("sample by k, j [A] [B]", |_| {});
    let mut document = event("a", "A", 0, json!("x".repeat(100_000)));
    document["j"] = json!((0..500).collect::<Vec<_>>());
    feed(&mut correlator, &[document], 1 << 16);
    let stats = correlator.stats();
    assert!(stats.held_bytes < 2 << 20 && stats.rules[0].keys_dropped > 400, "{stats:?}");
}

#[test]
fn what_is_over_is_forgotten() {
    for query in ["sample by k [A] [B]", "sequence by k with maxspan=1m ![M] [A] [B]"] {
        let mut correlator = limited(query, |_| {});
        for number in 0..1000 {
            let kind = ["A", "M"][number as usize % 2];
            feed(&mut correlator, &[event("a", kind, number, json!(number))], 4096);
        }
        correlator.advance(Timestamp::from_millis(600_000));
        let stats = correlator.stats();
        assert_eq!((stats.keys, stats.held_events, stats.held_bytes), (0, 0, 0), "{query}");
    }
}
