//! Severity, risk score and name that an event decides: `severity_mapping`, `risk_score_mapping`, `rule_name_override`.
//!
//! Kibana applies them to the alerts of single events, not to the blocks and shells of sequences and samples.

use crate::{
    alert::document::{joined, texts},
    number::float,
    rule::Rule,
};
use alloc::{string::String, vec::Vec};
use serde_json::{Map, Value};

/// What an alert says in place of its rule.
pub(super) struct Overrides {
    pub(super) severity: String,
    pub(super) risk_score: Value,
    pub(super) name: String,
}

impl Overrides {
    /// The rule's own words.
    pub(super) fn none(rule: &Rule) -> Self {
        Overrides { severity: rule.severity.clone(), risk_score: rule.risk_score.into(), name: rule.name.clone() }
    }

    /// What the event makes of them.
    pub(super) fn of(rule: &Rule, event: &Map<String, Value>) -> Self {
        let mut overrides = Self::none(rule);
        if let Some(severity) = severity(&rule.severity_mapping, event) {
            overrides.severity = severity;
        }
        if let Some(score) = risk_score(&rule.risk_score_mapping, event) {
            overrides.risk_score = score;
        }
        if let Some(name) = rule.rule_name_override.as_deref().and_then(|path| joined(event, path)) {
            overrides.name = name;
        }
        overrides
    }
}

fn text<'m>(mapping: &'m Value, key: &str) -> Option<&'m str> {
    mapping.get(key).and_then(Value::as_str)
}

/// The highest severity whose value the event has.
fn severity(mappings: &[Value], event: &Map<String, Value>) -> Option<String> {
    const RISING: [&str; 4] = ["low", "medium", "high", "critical"];
    let fits = |mapping: &&Value| {
        let wanted = text(mapping, "value").unwrap_or("");
        text(mapping, "field").is_some_and(|path| texts(event, path).iter().any(|value| value == wanted))
    };
    let severities = mappings.iter().filter(fits).filter_map(|mapping| text(mapping, "severity"));
    severities.max_by_key(|severity| RISING.iter().position(|known| known == severity)).map(String::from)
}

/// The value of the first mapping's field, where it is a score; the highest of several.
fn risk_score(mappings: &[Value], event: &Map<String, Value>) -> Option<Value> {
    let path = text(mappings.first()?, "field")?;
    let scores: Vec<f64> = texts(event, path).iter().filter_map(|value| float(value)).collect();
    let score = scores.into_iter().filter(|score| (0.0..=100.0).contains(score)).reduce(f64::max)?;
    Some(if score == f64::from(score as u32) { Value::from(score as u32) } else { Value::from(score) })
}
