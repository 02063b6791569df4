//! `spec/engine`: what surrounds a query, told by cases. And the same against plain twins on random streams.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../../tests/spec/holds.rs"]
mod holds;

use eqlite_core::{
    Alert, AlertEvent, Config, Correlator, Plan, Schema, Timestamp,
    eql::print_expression,
    plan::Outcome,
    rule::{read_rules, translate_exception, translate_filters},
};
use holds::holds;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

fn read<T: for<'d> Deserialize<'d>>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/engine").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn filters_become_conditions() {
    let cases: Vec<Value> = read("filters.json");
    for case in cases {
        let filter = &case["filter"];
        let schema = match &case["mapping"] {
            Value::Null => Schema::open(),
            mapping => Schema::from_mapping(&mapping.to_string()).unwrap(),
        };
        let said = translate_filters(std::slice::from_ref(filter), &schema);
        let said_text: Vec<String> = said.expressions.iter().map(print_expression).collect();
        let refused: Vec<&str> = said.refused.iter().map(|refused| refused.message.as_str()).collect();
        match (&case["eql"], &case["refused"]) {
            (Value::String(eql), _) => assert_eq!((said_text, refused), (vec![eql.clone()], vec![]), "{filter}"),
            (_, Value::String(why)) => assert!(refused.len() == 1 && refused[0].contains(why), "{filter} {refused:?}"),
            _ => assert!(case["disabled"] == true && said_text.is_empty() && refused.is_empty(), "{filter}"),
        }
    }
}

#[test]
fn exceptions_become_conditions() {
    let cases: Vec<Value> = read("exceptions.json");
    for case in cases {
        let item = case["item"].as_object().unwrap();
        match (translate_exception(item), &case["eql"], &case["refused"]) {
            (Ok((exception, warning)), Value::String(eql), _) => {
                assert_eq!(&print_expression(&exception.condition), eql);
                assert_eq!(exception.until.map(Timestamp::to_iso).as_deref(), case["until"].as_str());
                let wanted = case["warning"].as_str();
                assert_eq!(warning.is_some(), wanted.is_some(), "{warning:?}");
                assert!(warning.unwrap_or_default().contains(wanted.unwrap_or_default()));
            }
            (Err(why), _, Value::String(wanted)) => assert!(why.contains(wanted), "{why}"),
            (found, ..) => panic!("{case}: {found:?}"),
        }
    }
}

/// 2026-11-24T10:00:00Z
const BASE: i64 = 1_795_514_400_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    about: String,
    rules: Vec<Value>,
    #[serde(default)]
    config: Config,
    input: Vec<Map<String, Value>>,
    loaded: Option<Vec<Outcome>>,
    alerts: Vec<Value>,
    #[serde(default)]
    stats: Map<String, Value>,
}

fn told(alert: &Alert, plan: &Plan) -> Value {
    let events: Vec<Value> = alert
        .events
        .iter()
        .map(|event| match event {
            AlertEvent::Found { source, .. } => serde_json::from_str::<Value>(source).unwrap()["n"].clone(),
            AlertEvent::Missing => Value::Null,
        })
        .collect();
    let mut told = json!({"rule": plan.rules().nth(alert.rule_index).unwrap().id, "events": events});
    if let Some(suppression) = &alert.suppression {
        told["suppressed_before"] = suppression.suppressed_before.into();
    }
    told
}

#[test]
fn runs() {
    for name in ["exceptions-run.json", "loading.json", "routing.json", "suppression.json", "time.json"] {
        for run in read::<Vec<Run>>(name) {
            let about = format!("{name}: {}", run.about);
            let mut builder = Plan::builder();
            let loaded = builder.load([read_rules(&Value::from(run.rules.clone()).to_string(), name)]);
            let outcomes: Vec<Outcome> = loaded.iter().map(|rule| rule.outcome).collect();
            let wanted = run.loaded.unwrap_or_else(|| vec![Outcome::Loaded; loaded.len()]);
            assert_eq!(outcomes, wanted, "{about} {loaded:?}");
            let plan = builder.build();
            for rule in &loaded {
                assert_eq!(
                    rule.index.map(|index| &plan.rules().nth(index).unwrap().name),
                    rule.index.map(|_| &rule.name)
                );
            }
            let mut correlator = Correlator::new(Arc::clone(&plan), run.config);
            for mut event in run.input {
                if let Some(seconds) = event.get("advance").and_then(Value::as_i64) {
                    correlator.advance(Timestamp::from_millis(BASE + seconds * 1000));
                    continue;
                }
                if let Some(at) = event.remove("at") {
                    let at = Timestamp::from_millis(BASE + at.as_i64().unwrap() * 1000);
                    event.insert("@timestamp".into(), at.to_iso().into());
                }
                correlator.feed(format!("{}\n", Value::Object(event)).as_bytes());
            }
            correlator.finish();
            let alerts: Vec<Value> = correlator.drain_alerts().iter().map(|alert| told(alert, &plan)).collect();
            assert_eq!(alerts, run.alerts, "{about}");
            assert!(correlator.drain_problems().is_empty(), "{about}");
            let stats = serde_json::to_value(correlator.stats()).unwrap();
            assert!(holds(&Value::Object(run.stats), &stats), "{about}: {stats:#}");
        }
    }
}

#[test]
fn an_alert_tells_of_its_group() {
    let rule = json!({"rule_id": "r", "name": "R", "type": "eql", "query": "any where true",
        "alert_suppression": {"group_by": ["host.id", "x"], "duration": {"value": 1, "unit": "s"}}});
    let mut builder = Plan::builder();
    builder.load([read_rules(&rule.to_string(), "r")]);
    let mut correlator = Correlator::new(builder.build(), Config::default());
    correlator.feed_event(br#"{"@timestamp": 5, "host": {"id": ["b", "a"]}}"#).unwrap();
    let alert: Value = serde_json::from_str(&correlator.drain_alerts()[0].to_json()).unwrap();
    let wanted =
        json!({"terms": {"host.id": ["a", "b"], "x": []}, "start": "1970-01-01T00:00:00.005Z", "suppressed_before": 0});
    assert_eq!(alert["suppression"], wanted);
}

#[test]
fn findings_about_exceptions_and_filters() {
    let load = |lenient: bool, rule: Value, more: &[Value]| {
        let mut file = vec![rule];
        file.extend_from_slice(more);
        let mut builder = Plan::builder().ignore_filters(lenient);
        let rule = builder.load([read_rules(&Value::from(file).to_string(), "r")]).remove(0);
        (rule.outcome, rule.diagnostics.iter().map(|found| (found.code.0, found.severity)).collect::<Vec<_>>())
    };
    use eqlite_core::Severity::{Error, Warning};
    let rule = |more: Value| {
        let mut rule = json!({"rule_id": "r", "name": "R", "type": "eql", "query": "any where true"});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let unsaid = rule(json!({"filters": [{"query": {"script": {}}}, {"query": {"match_all": {}}}]}));
    assert_eq!(load(false, unsaid.clone(), &[]), (Outcome::Error, vec![("R008", Error)]));
    assert_eq!(load(true, unsaid, &[]), (Outcome::Loaded, vec![("R008", Warning)]));
    let named = rule(json!({"exceptions_list": [{"list_id": "l"}]}));
    assert_eq!(load(false, named.clone(), &[]), (Outcome::Loaded, vec![("R009", Warning)]));
    assert_eq!(load(false, named.clone(), &[json!({"list_id": "l", "type": "detection"})]), (Outcome::Loaded, vec![]));
    let item =
        json!({"list_id": "l", "item_id": "i", "entries": [{"field": "a", "type": "list", "operator": "included"}]});
    assert_eq!(load(false, named, &[item.clone(), item]), (Outcome::Loaded, vec![("R009", Warning)]));
}

/// Small numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn stream(seed: u64, events: u64) -> Vec<Value> {
    let mut dice = Dice(seed * 2 + 1);
    let mut at = 0;
    let event = |n| {
        at += dice.roll(2000);
        let category = ["process", "network", "file"][dice.roll(3) as usize];
        let mut event = json!({"n": n, "@timestamp": BASE + at as i64, "event": {"category": category}});
        for (key, values) in [("host.id", 4), ("user.id", 3), ("process.pid", 3), ("x", 2)] {
            if dice.roll(6) > 0 {
                event[key] = dice.roll(values).into();
            }
        }
        event
    };
    (0..events).map(event).collect()
}

fn plan_of(rules: &[Value]) -> Arc<Plan> {
    let mut builder = Plan::builder();
    let loaded = builder.load([read_rules(&Value::from(rules.to_vec()).to_string(), "rules")]);
    assert!(loaded.iter().all(|rule| rule.outcome == Outcome::Loaded), "{loaded:?}");
    builder.build()
}

fn rule(number: usize, query: &str, more: Value) -> Value {
    let mut rule =
        json!({"rule_id": format!("r{number}"), "name": query, "type": "eql", "from": "now-10s", "query": query});
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

fn alerts_of(correlator: &mut Correlator) -> Vec<String> {
    correlator.finish();
    correlator.drain_alerts().iter().map(Alert::to_json).collect()
}

/// What is excepted, or does not pass a filter, might as well not have come.
#[test]
fn guards_are_the_same_as_leaving_events_out() {
    let queries = [
        "any where true",
        "sequence by host.id [process where true] [network where true]",
        "sequence by host.id with maxspan=9s [process where true] ![file where true] [network where true] until [any where x == 1]",
        "sequence by host.id with maxspan=5s [process where true] ![file where true]",
        "sample by user.id [process where true] [network where true]",
    ];
    let plain: Vec<Value> = (0..).zip(queries).map(|(number, query)| rule(number, query, json!({}))).collect();
    let guard = json!({"exceptions_list": [{"list_id": "l"}], "filters": [{"meta": {"negate": true}, "query": {"term": {"user.id": 2}}}]});
    let mut guarded: Vec<Value> =
        (0..).zip(queries).map(|(number, query)| rule(number, query, guard.clone())).collect();
    guarded.push(json!({"list_id": "l", "item_id": "i", "entries": [
        {"field": "process.pid", "type": "match", "operator": "included", "value": "1"},
        {"field": "x", "type": "exists", "operator": "excluded"}]}));
    let mut found = 0;
    for seed in 0..15 {
        let mut with = Correlator::new(plan_of(&guarded), Config::default());
        let mut without = Correlator::new(plan_of(&plain), Config::default());
        for event in stream(seed, 80) {
            let document = event.to_string();
            with.feed_event(document.as_bytes()).unwrap();
            let excepted = event["process.pid"] == 1 && event["x"].is_null();
            if !excepted && event["user.id"] != 2 {
                without.feed_event(document.as_bytes()).unwrap();
            }
        }
        // Time that passes with events left out is time that passes: what expires, and when, is the same at the end.
        let (mut with, mut without) = (alerts_of(&mut with), alerts_of(&mut without));
        with.sort();
        without.sort();
        found += with.len();
        assert_eq!(with, without, "seed {seed}");
    }
    assert!(found > 400);
}

/// Shards raise together what one correlator raises.
#[test]
fn partitions_can_be_sharded() {
    let rules = [
        rule(0, "sequence by host.id, process.pid [process where true] [network where true]", json!({})),
        rule(1, "sample by host.id, user.id [process where true] [network where true]", json!({})),
        rule(
            2,
            "sequence by host.id with maxspan=5s [process where true] ![file where true] [network where true] until [any where x == 1]",
            json!({}),
        ),
        rule(3, "sequence by user.id [process where true] by process.pid [network where true] by x", json!({})),
        rule(4, "process where x == 1", json!({})),
        rule(5, "sequence by ?host.id [process where true] [network where true]", json!({})),
        rule(6, "sequence [process where true] by x [network where true] by process.pid", json!({})),
        rule(
            7,
            "network where true",
            json!({"alert_suppression": {"group_by": ["user.id", "x"], "duration": {"value": 9, "unit": "s"}}}),
        ),
        rule(
            8,
            "sequence by host.id, user.id [process where true] [network where true]",
            json!({"alert_suppression": {"group_by": ["user.id"]}}),
        ),
        rule(
            9,
            "sequence by host.id [process where true] [network where true]",
            json!({"alert_suppression": {"group_by": ["user.id"]}}),
        ),
    ];
    let plan = plan_of(&rules);
    let partitions = plan.partitioning();
    let shown: Vec<(Vec<&str>, bool, &[usize])> =
        partitions.iter().map(|p| (p.keys.iter().map(String::as_str).collect(), p.whole, p.rules.as_slice())).collect();
    assert_eq!(
        shown,
        [(vec!["user.id"], false, &[1, 3, 4, 7, 8][..]), (vec!["host.id"], false, &[0, 2]), (vec![], true, &[5, 6, 9]),]
    );
    let alerts_by_rule = |rules: &[Value], events: &[Value]| {
        let mut correlator = Correlator::new(plan_of(rules), Config::default());
        events.iter().for_each(|event| {
            correlator.feed_event(event.to_string().as_bytes()).unwrap();
        });
        let mut alerts: Vec<Value> =
            alerts_of(&mut correlator).iter().map(|alert| serde_json::from_str(alert).unwrap()).collect();
        alerts.sort_by_key(Value::to_string);
        alerts
    };
    for seed in 0..8 {
        let events = stream(seed, 120);
        let whole = alerts_by_rule(&rules, &events);
        let mut sharded = Vec::new();
        for partition in &partitions {
            let part: Vec<Value> = partition.rules.iter().map(|&number| rules[number].clone()).collect();
            let mut shards: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for event in &events {
                let shard: Vec<&Value> = partition.keys.iter().map(|key| &event[key]).collect();
                shards.entry(format!("{shard:?}")).or_default().push(event.clone());
            }
            assert!(partition.whole || shards.len() > 1);
            shards.values().for_each(|events| sharded.extend(alerts_by_rule(&part, events)));
        }
        sharded.sort_by_key(Value::to_string);
        assert!(!whole.is_empty());
        assert_eq!(whole, sharded, "seed {seed}");
    }
}

#[test]
fn rules_of_single_events_can_be_sharded_anyhow() {
    let partitions = plan_of(&[rule(0, "any where true", json!({}))]).partitioning();
    assert_eq!((partitions.len(), partitions[0].whole, &partitions[0].rules[..]), (1, false, &[0][..]));
    assert!(partitions[0].keys.is_empty());
}
