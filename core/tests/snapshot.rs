//! Snapshots: cut a stream anywhere, go on elsewhere, and nothing is different.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator, Plan, Rule, SnapshotError, Timestamp, rule::read_rules};
use serde_json::json;
use std::sync::Arc;
use support::{drained, plan_of, random::Random, rule, shown};

const UDP: &str = include_str!("../../rules/linux/udp_reverse_shell.toml");

/// Rules of every kind over the events of the samples.
const QUERIES: &[&str] = &[
    "process where process.name : \"socat\"",
    "sequence by host.id, process.pid with maxspan=1m [process where true] [network where true]",
    "sequence by host.id with maxspan=2s [process where process.name : \"nc\"] ![network where event.outcome == \"failure\"]",
    "sequence by host.id [process where true] with runs=3 until [network where destination.port == \"53\"]",
    "sample by host.id [process where auditd.data.syscall == \"socket\"] [network where true]",
];

fn plan(queries: &[&str]) -> Arc<Plan> {
    let mut builder = Plan::builder();
    builder.add(read_rules(UDP, "udp").rules.remove(0).unwrap()).unwrap();
    for (number, query) in queries.iter().enumerate() {
        let rule = Rule {
            id: number.to_string(),
            kind: "eql".into(),
            query: (*query).into(),
            look_back: 60_000,
            ..Rule::default()
        };
        builder.add(rule).unwrap();
    }
    builder.build()
}

fn config(seed: u64) -> Config {
    let mut config = Config::default();
    config.seed = seed;
    config.host.id = Some("h".into());
    config.allowed_lateness = 1000;
    config
}

fn drain(correlator: &mut Correlator, out: &mut String) {
    for alert in correlator.drain_alerts() {
        out.push_str(&alert.to_json());
        out.push('\n');
    }
}

#[test]
fn a_break_anywhere_changes_nothing() {
    let plan = plan(QUERIES);
    for input in [
        &include_bytes!("../../samples/udp-shell.raw.log")[..],
        include_bytes!("../../samples/udp-shell.ndjson"),
        include_bytes!("../../samples/trouble.raw.log"),
        include_bytes!("../../samples/trouble.ndjson"),
    ] {
        let (mut whole, mut expected) = (Correlator::new(plan.clone(), config(1)), String::new());
        whole.feed(input);
        whole.finish();
        drain(&mut whole, &mut expected);
        assert!(!expected.is_empty());
        let problems = whole.drain_problems();
        for cut in (0..12).map(|part| input.len() * part / 12 + part * 7) {
            let cut = cut.min(input.len());
            let mut first = Correlator::new(plan.clone(), config(2));
            first.feed(&input[..cut]);
            let mut found = String::new();
            // Half of the time the alerts so far travel in the snapshot.
            if cut % 2 == 0 {
                drain(&mut first, &mut found);
            }
            let snapshot = first.snapshot();
            let mut second = Correlator::new(plan.clone(), config(3));
            second.restore(&snapshot).unwrap();
            assert_eq!(second.snapshot(), snapshot, "the same state has the same bytes");
            assert_eq!(second.stats(), first.stats());
            second.feed(&input[cut..]);
            second.finish();
            drain(&mut second, &mut found);
            assert_eq!(found, expected, "cut at {cut}");
            assert_eq!(second.stats(), whole.stats());
            assert_eq!(second.drain_problems(), problems);
        }
    }
}

/// Keys that come and go, under limits that are reached all the time: a correlator that is restored again and again is the one that goes on.
#[test]
fn a_break_anywhere_changes_nothing_where_room_is_short() {
    let queries = [
        "sequence by k with maxspan=50ms [A] [B]",
        "sequence by k [A] [B] [C] until [M]",
        "sequence by k with maxspan=80ms ![M] [A] ![C] [B] [D]",
        "sequence by k with maxspan=40ms ![M] [A] [B] ![M] until [D]",
        "sequence by k with maxspan=300ms [A] with runs=3 [B] until [C]",
        "sample by k [A] [B] [C]",
        "sample by k [A] [A] [B]",
    ];
    let mut random = Random(41);
    let (mut alerts, mut evicted) = (0, 0);
    for round in 0..80 {
        let mut config = Config::default();
        config.limits.keys_per_rule = 1 + random.below(8);
        config.limits.state_bytes = 1_500 + random.below(12_000);
        config.limits.reorder_events = 1 + random.below(20);
        config.allowed_lateness = random.below(40) as u64;
        let rules = random.some(1, 3, |random| Rule { look_back: 60, ..rule(random.one::<&str>(&queries)) });
        let plan = plan_of(rules);
        let mut whole = Correlator::new(plan.clone(), config.clone());
        let mut broken = Correlator::new(plan.clone(), config.clone());
        let mut millis = 1_000;
        for number in 0..120 {
            millis += random.below(6) as i64;
            let kinds = random.some(1, 2, |random| *random.one(&["A", "B", "C", "D", "M", "A", "B"]));
            let keys = random.some(1, 2, |random| format!("{}{}", random.below(10), "x".repeat(random.below(2) * 30)));
            let at = support::iso(millis - random.below(20) as i64, 0);
            let event = json!({"name": format!("e{number}"), "kind": kinds, "@timestamp": at, "k": keys}).to_string();
            let forward = random.chance(5).then(|| Timestamp::from_millis(millis - random.below(50) as i64));
            for correlator in [&mut whole, &mut broken] {
                correlator.feed_event(event.as_bytes()).unwrap();
                forward.into_iter().for_each(|watermark| correlator.advance(watermark));
            }
            assert_eq!(whole.stats(), broken.stats(), "round {round}, event {number}");
            if random.chance(20) {
                let snapshot = broken.snapshot();
                assert!(whole.snapshot() == snapshot, "round {round}, event {number}");
                config.seed = random.next();
                broken = Correlator::new(plan.clone(), config.clone());
                broken.restore(&snapshot).unwrap();
                assert!(broken.snapshot() == snapshot, "round {round}, event {number}");
            }
        }
        whole.finish();
        broken.finish();
        let found = drained(&mut whole);
        assert_eq!(shown(&found), shown(&drained(&mut broken)), "round {round}");
        alerts += found.len();
        evicted += whole.stats().evicted;
    }
    assert!(alerts > 300 && evicted > 3_000, "too little happens to be a test: {alerts} alerts, {evicted} evicted");
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let input = include_bytes!("../../samples/udp-shell.ndjson");
    let mut correlator = Correlator::new(plan(QUERIES), config(1));
    correlator.feed(input);
    let snapshot = correlator.snapshot();
    let mut other = Correlator::new(plan(&QUERIES[..2]), config(1));
    assert_eq!(other.restore(&snapshot), Err(SnapshotError::OtherRules));
    assert_eq!(other.restore(b"{}"), Err(SnapshotError::NotASnapshot));
    let mut newer = snapshot.clone();
    newer[6] = 77;
    assert_eq!(other.restore(&newer), Err(SnapshotError::Version { found: 77 }));
    for cut in [7, 8, 40, snapshot.len() / 2, snapshot.len() - 1] {
        assert_eq!(correlator.restore(&snapshot[..cut]), Err(SnapshotError::Damaged), "cut at {cut}");
    }
    // What was looked for, or told apart, in another way is another rule, also under the same id, version and query.
    type Change = fn(&mut Rule);
    let changes: [Change; 5] = [
        |rule| rule.tiebreaker_field = Some("event.sequence".into()),
        |rule| rule.timestamp_override = Some("event.ingested".into()),
        |rule| rule.event_category_override = Some("kind".into()),
        |rule| rule.look_back += 1,
        |rule| rule.alert_suppression.as_mut().unwrap().group_by = vec!["user.name".into()],
    ];
    let suppressed = serde_json::json!({"rule_id": "r", "name": "R", "type": "eql", "query": "any where true",
        "alert_suppression": {"group_by": ["host.id"]}});
    let rule = read_rules(&suppressed.to_string(), "r").rules.remove(0).unwrap();
    let of = |rule: Rule| {
        let mut builder = Plan::builder();
        builder.add(rule).unwrap();
        Correlator::new(builder.build(), config(1))
    };
    let saved = of(rule.clone()).snapshot();
    for change in changes {
        let mut other = rule.clone();
        change(&mut other);
        assert_eq!(of(other).restore(&saved), Err(SnapshotError::OtherRules));
    }
    assert_eq!(of(rule).restore(&saved), Ok(()));
    let mut changed = snapshot.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert_eq!(correlator.restore(&changed), Err(SnapshotError::Damaged));
    assert_eq!(correlator.snapshot(), snapshot);
}

/// Whoever forges a state, check and all, gets a wrong state or a refusal, and never a broken engine.
#[test]
fn a_forged_state_breaks_nothing() {
    use sha2::{Digest, Sha256};
    let input = include_bytes!("../../samples/udp-shell.ndjson");
    let half = input.len() / 2;
    let plan = plan(QUERIES);
    let mut correlator = Correlator::new(plan.clone(), config(1));
    correlator.feed(&input[..half]);
    let snapshot = correlator.snapshot();
    let body = snapshot.len() - 8;
    let mut random = 7_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..100 {
        let mut forged = snapshot[..body].to_vec();
        for _ in 0..=next(3) {
            let place = 39 + next(body - 39);
            match next(3) {
                0 => forged[place] = [0, 1, 127, 255][next(4)],
                1 => forged[place] ^= 1 << next(8),
                _ => {
                    forged.remove(place);
                    forged.push(0);
                }
            }
        }
        let check = Sha256::digest(&forged);
        forged.extend_from_slice(&check[..8]);
        let mut other = Correlator::new(plan.clone(), config(1));
        match other.restore(&forged) {
            Ok(()) => taken += 1,
            Err(error) => {
                assert_eq!(error, SnapshotError::Damaged);
                refused += 1;
            }
        }
        other.feed(&input[half..half + 20_000]);
        other.finish();
        other.drain_alerts().iter().for_each(|alert| drop(alert.to_json()));
        drop((other.stats(), other.snapshot()));
    }
    assert!(taken > 10 && refused > 10, "{taken} taken, {refused} refused");
}
