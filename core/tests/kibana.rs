//! Alerts as Kibana's documents and as ECS signals, held to the cases of `spec/kibana` byte for byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{Config, Correlator, KibanaContext, Plan, Rule, ecs_signal, kibana_documents, rule::read_rules};
use serde_json::Value;
use std::{fs, path::PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The alerts of a rule over a file, each as its Kibana documents and its signal.
fn run(rule: &Rule, input: &[u8], context: &KibanaContext) -> Vec<(Vec<Value>, Value)> {
    let mut builder = Plan::builder();
    builder.add(rule.clone()).unwrap();
    let mut correlator = Correlator::new(builder.build(), Config::default());
    correlator.feed(input);
    correlator.finish();
    let alerts = correlator.drain_alerts();
    alerts.iter().map(|alert| (kibana_documents(alert, rule, context), ecs_signal(alert, rule))).collect()
}

#[test]
fn the_cases_hold() {
    let mut cases = 0;
    for entry in fs::read_dir(root().join("spec/kibana")).unwrap() {
        let directory = entry.unwrap().path();
        let Ok(case) = fs::read_to_string(directory.join("case.json")) else { continue };
        let case: Value = serde_json::from_str(&case).unwrap();
        let context: KibanaContext = serde_json::from_value(case["context"].clone()).unwrap();
        let input = fs::read(root().join(case["input"].as_str().unwrap())).unwrap();
        let (mut documents, mut signals) = (String::new(), String::new());
        for name in case["rules"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            for rule in read_rules(&fs::read_to_string(root().join(name)).unwrap(), name).rules {
                for (all, signal) in run(&rule.unwrap(), &input, &context) {
                    all.iter().for_each(|document| documents.push_str(&format!("{document}\n")));
                    signals.push_str(&format!("{signal}\n"));
                }
            }
        }
        for (file, made) in [("expected.ndjson", documents), ("signal.ndjson", signals)] {
            let file = directory.join(file);
            if std::env::var_os("EQLITE_TAKE_DOWN").is_some() {
                fs::write(&file, &made).unwrap();
            }
            assert_eq!(fs::read_to_string(&file).unwrap(), made, "{}", file.display());
        }
        cases += 1;
    }
    assert!(cases >= 4);
}

#[test]
fn the_same_events_give_the_same_ids_whenever_they_are_found() {
    let rule = "[rule]\nrule_id='r'\nname='R'\ntype='eql'\nquery='sequence by k [any where a == 1] [any where a == 2]'";
    let rule = read_rules(rule, "r.toml").rules.remove(0).unwrap();
    let input = b"{\"@timestamp\":1,\"k\":1,\"a\":1}\n{\"@timestamp\":2,\"k\":1,\"a\":2}\n";
    let at = |now: i64, space: &str| {
        let context = serde_json::json!({"now": now, "space": space, "ruleUuid": "u"});
        let documents = run(&rule, input, &serde_json::from_value(context).unwrap()).remove(0).0;
        let ids: Vec<String> = documents.iter().map(|d| d["kibana.alert.uuid"].as_str().unwrap().to_owned()).collect();
        (ids, documents)
    };
    let ((ids, early), (later_ids, later)) = (at(1_000, "default"), at(2_000, "default"));
    assert_eq!((ids.len(), &ids), (3, &later_ids));
    assert_ne!(early, later);
    // The shell's original time is when its first block was made, which is not when anything happened.
    assert_eq!(early[0]["kibana.alert.original_time"], "1970-01-01T00:00:01.000Z");
    assert_eq!(early[1]["kibana.alert.original_time"], "1970-01-01T00:00:00.001Z");
    assert_eq!(early[0]["kibana.alert.depth"], 2);
    assert!(early[0].get("kibana.alert.building_block_type").is_none());
    assert_eq!(early[0]["kibana.alert.ancestors"].as_array().unwrap().len(), 4);
}
