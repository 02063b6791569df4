//! The rules in tau-engine's YAML. It has no samples, no sequences and no correlation, so only matching is measured.

use crate::lines;
use eqlite_bench::rules::{Made, Stage, Values};
use serde_json::{Map, Value, json};

/// Every stage of the made rules as a rule.
pub(crate) struct Rules(Vec<tau_engine::Rule>);

impl Rules {
    pub(crate) fn new(rules: &[Made]) -> Self {
        let stages = rules.iter().flat_map(|rule| &rule.stages);
        let load = |stage: &Stage| {
            let rule = tau_engine::Rule::from_str(&rule(stage).to_string()).expect("the rule is tau's");
            rule.optimise(tau_engine::Optimisations::default())
        };
        Rules(stages.map(load).collect())
    }

    pub(crate) fn matches(&self, bytes: &[u8]) -> u64 {
        let matches = |line| {
            let value: Value = serde_json::from_slice(line).expect("events are JSON");
            self.0.iter().filter(|rule| rule.matches(&value)).count() as u64
        };
        lines(bytes).map(matches).sum()
    }
}

fn rule(stage: &Stage) -> Value {
    let mut detection = Map::new();
    let mut condition = vec!["category".to_string()];
    detection.insert("category".into(), json!({ "event.category": stage.category }));
    for (index, test) in stage.tests.iter().enumerate() {
        let values = match &test.values {
            Values::Exact(texts) => json!(texts.iter().map(|text| plain(text)).collect::<Vec<_>>()),
            Values::Wild(texts) => json!(texts.iter().map(|text| wild(text)).collect::<Vec<_>>()),
            Values::Numbers(numbers) => json!(numbers),
        };
        let name = format!("t{index}");
        condition.push(if test.not { format!("not {name}") } else { name.clone() });
        detection.insert(name, json!({ test.field: values }));
    }
    detection.insert("condition".into(), condition.join(" and ").into());
    json!({ "detection": detection, "true_positives": [], "true_negatives": [] })
}

/// In quotes, since a bare `>` or `?` would mean something.
fn plain(text: &str) -> String {
    format!("'{text}'")
}

/// A star within needs a regular expression; those at the ends do not. `i` folds case.
fn wild(text: &str) -> String {
    let inner = text.trim_matches('*');
    if inner.contains('*') {
        let escaped = inner.replace('.', "\\.").replace('*', ".*");
        let begin = if text.starts_with('*') { "" } else { "^" };
        let end = if text.ends_with('*') { "" } else { "$" };
        format!("i?{begin}{escaped}{end}")
    } else {
        format!("i{text}")
    }
}
