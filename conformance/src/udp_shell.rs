//! The real runs of `udp-shell/cases.ndjson`: each as ECS documents and as raw audit records, at several chunk sizes, must raise alerts for
//! exactly the expected join keys of our UDP rule.

use crate::report::Report;
use eqlite_core::{Config, Correlator, Plan, rule::read_rules};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};

const RULE: &str = include_str!("../../rules/linux/udp_reverse_shell.toml");

pub fn run(corpora: &Path, report: &mut Report) {
    let Ok(text) = std::fs::read_to_string(corpora.join("udp-shell/cases.ndjson")) else {
        return report.skip("udp-shell/cases.ndjson not found");
    };
    let Some(Ok(rule)) = read_rules(RULE, "udp_reverse_shell.toml").rules.into_iter().next() else {
        return report.case("the rule is read", Err("it is not".to_owned()));
    };
    let mut builder = Plan::builder();
    if let Err(diagnostics) = builder.add(rule) {
        return report.case("the rule compiles", Err(format!("{diagnostics:?}")));
    }
    let plan = builder.build();
    for case in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let name = case["case"].as_str().unwrap_or_default();
        let expected: BTreeSet<String> =
            case["expected_join_keys"].as_array().into_iter().flatten().map(Value::to_string).collect();
        let events = case["events"].as_array().into_iter().flatten();
        let ecs: String = events.map(|event| format!("{event}\n")).collect();
        let raw = case["audit_log"].as_str().unwrap_or_default();
        let host = case["events"][0]["host"]["id"].as_str().unwrap_or_default();
        for (form, input) in [("ecs", ecs.as_str()), ("raw", raw)] {
            for size in [1, 7, 4096] {
                let mut config = Config::default();
                config.host.id = Some(host.to_owned());
                let mut correlator = Correlator::new(plan.clone(), config);
                input.as_bytes().chunks(size).for_each(|chunk| correlator.feed(chunk));
                correlator.finish();
                let alerts = correlator.drain_alerts();
                let keys = alerts
                    .iter()
                    .map(|alert| json!(alert.join_keys.iter().map(|(_, value)| value).collect::<Vec<_>>()));
                let found: BTreeSet<String> = keys.map(|key| key.to_string()).collect();
                let outcome =
                    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) };
                report.case(&format!("{name} {form} by {size}"), outcome);
            }
        }
    }
}
