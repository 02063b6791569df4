//! `rule-events/positives.ndjson` and `near-misses.ndjson`: documents that each published EQL rule must, or must not, match.
//!
//! The documents have no time: they are given rising ones, a millisecond apart; those of a `gap` case lie farther apart than any `maxspan`.

use crate::report::Report;
use eqlite_core::{Config, Correlator, Plan, Rule, Timestamp, plan::Outcome, rule::read_rules};
use serde_json::{Value, json};
use std::{collections::HashMap, path::Path, sync::Arc};

/// Cases whose documents hold keys with back-quotes in them, as no event has.
const BROKEN_KEY: &str = "the document's keys were made of a back-quoted name, quotes and all";

pub fn run(corpora: &Path, report: &mut Report) {
    let Ok(rules) = std::fs::read_dir(corpora.join("detection-rules/toml")) else {
        return report.skip("detection-rules/toml not found");
    };
    let mut plans: HashMap<String, Result<Arc<Plan>, String>> = HashMap::new();
    for path in rules.flatten().map(|entry| entry.path()) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for rule in read_rules(&text, &path.display().to_string()).rules.into_iter().flatten() {
            if rule.kind == "eql" {
                plans.insert(rule.id.clone(), plan(rule));
            }
        }
    }
    together(corpora, report);
    for (id, plan) in &plans {
        report.case(&format!("rule {id} compiles"), plan.as_ref().map(drop).map_err(Clone::clone));
    }
    for (file, must_match) in [("positives.ndjson", true), ("near-misses.ndjson", false)] {
        let Ok(text) = std::fs::read_to_string(corpora.join("rule-events").join(file)) else {
            report.skip(&format!("rule-events/{file} not found"));
            continue;
        };
        for entry in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let id = entry["rule_id"].as_str().unwrap_or_default();
            if entry["type"] != "eql" {
                report.skip("not an EQL rule");
                continue;
            }
            let Some(Ok(plan)) = plans.get(id) else {
                report.skip("its rule is not in detection-rules/toml");
                continue;
            };
            for (number, case) in entry["cases"].as_array().into_iter().flatten().enumerate() {
                if case["second_check"] == "rejected" {
                    report.skip("doubtful: its second check rejected it");
                    continue;
                }
                if must_match && case["events"].to_string().contains('`') {
                    report.skip(BROKEN_KEY);
                    continue;
                }
                let alerts = alerts(Arc::clone(plan), case);
                let outcome = if (alerts > 0) == must_match {
                    Ok(())
                } else {
                    Err(format!("{alerts} alerts; {} {}", case["why"], case["events"]))
                };
                report.case(&format!("{file} {} #{number}", entry["path"].as_str().unwrap_or_default()), outcome);
            }
        }
    }
}

fn plan(rule: Rule) -> Result<Arc<Plan>, String> {
    let mut builder = Plan::builder();
    builder.add(rule).map_err(|diagnostics| format!("{diagnostics:?}"))?;
    Ok(builder.build())
}

fn alerts(plan: Arc<Plan>, case: &Value) -> usize {
    let gap = !case["gap"].is_null();
    let mut correlator = Correlator::new(plan, Config::default());
    for (number, event) in (0..).zip(case["events"].as_array().into_iter().flatten()) {
        let mut event = event.clone();
        let millis: i64 = 1_790_000_000_000 + number * if gap { 400 * 86_400_000 } else { 1 };
        event["@timestamp"] = json!(millis);
        if correlator.feed_event(event.to_string().as_bytes()).is_err() {
            return usize::MAX;
        }
    }
    correlator.finish();
    correlator.drain_alerts().len()
}

/// All rules at once over all confirmed documents in one stream: each rule must fire where one of its cases has come.
fn together(corpora: &Path, report: &mut Report) {
    let Ok(directory) = std::fs::read_dir(corpora.join("detection-rules/toml")) else { return };
    let mut paths: Vec<_> = directory.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let texts =
        paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default()));
    let mut builder = Plan::builder();
    let loaded = builder.load(texts.map(|(name, text)| read_rules(&text, &name)));
    let plan = builder.build();
    for rule in &loaded {
        let listed = matches!((rule.outcome, rule.kind.as_str()), (Outcome::Loaded, "eql"))
            || (rule.outcome == Outcome::Unsupported && rule.kind != "eql");
        let outcome = if listed { Ok(()) } else { Err(format!("{:?} {:?}", rule.outcome, rule.diagnostics)) };
        report.case(&format!("together: {} {} is listed", rule.kind, rule.id), outcome);
    }
    let Ok(text) = std::fs::read_to_string(corpora.join("rule-events/positives.ndjson")) else { return };
    let mut correlator = Correlator::new(Arc::clone(&plan), Config::default());
    let mut millis: i64 = 1_790_000_000_000;
    for entry in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let index = plan.rules().position(|rule| entry["rule_id"] == rule.id.as_str());
        for (number, case) in entry["cases"].as_array().into_iter().flatten().enumerate() {
            if case["second_check"] == "rejected" || case["events"].to_string().contains('`') {
                continue;
            }
            // Cases lie apart, so that none completes what another began.
            millis += 400 * 86_400_000;
            for event in case["events"].as_array().into_iter().flatten() {
                millis += 1;
                let mut event = event.clone();
                event["@timestamp"] = json!(millis);
                let _ = correlator.feed_event(event.to_string().as_bytes());
            }
            // What waits for an absence is not proved before the next case has come.
            correlator.advance(Timestamp::from_millis(millis + 200 * 86_400_000));
            let fired = correlator.drain_alerts().iter().any(|alert| Some(alert.rule_index) == index);
            if index.is_some() {
                let name = entry["path"].as_str().unwrap_or_default();
                let outcome =
                    if fired { Ok(()) } else { Err(format!("did not fire among all rules: {}", case["events"])) };
                report.case(&format!("together: {name} #{number}"), outcome);
            }
        }
    }
}
