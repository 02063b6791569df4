//! What an alert says of its rule: `kibana.alert.rule.*` and `kibana.alert.rule.parameters`.
//!
//! Only what a rule file can tell is here. Who created the rule in Kibana and when, its actions, its timeline: they are copied where an exported
//! rule has them and left out otherwise.

use super::KibanaContext;
use crate::{
    object::{Json, object, put, put_some},
    rule::Rule,
};
use alloc::{format, string::String, vec::Vec};
use serde_json::{Map, Value};

/// Parameters that an alert repeats as `kibana.alert.rule.NAME`.
const REPEATED: [&str; 22] = [
    "author",
    "building_block_type",
    "description",
    "exceptions_list",
    "false_positives",
    "from",
    "immutable",
    "license",
    "max_signals",
    "namespace",
    "note",
    "references",
    "risk_score",
    "risk_score_mapping",
    "rule_id",
    "rule_name_override",
    "severity",
    "severity_mapping",
    "threat",
    "timestamp_override",
    "to",
    "version",
];

/// Keys of an exported rule that are Kibana's, not parameters; an alert carries them under the same names.
const SAVED: [&str; 6] = ["created_at", "created_by", "updated_at", "updated_by", "revision", "throttle"];

/// Keys of an exported rule that are its parameters as they stand.
const KEPT: [&str; 11] = [
    "investigation_fields",
    "meta",
    "namespace",
    "outcome",
    "output_index",
    "related_integrations",
    "required_fields",
    "rule_source",
    "timeline_id",
    "timeline_title",
    "to",
];

/// `kibana.alert.rule.*`, with `name` for the rule's own where the event overrides it.
pub(super) fn rule_fields(rule: &Rule, name: &str, context: &KibanaContext) -> Map<String, Value> {
    let parameters = parameters(rule);
    let mut fields = Map::new();
    let mut say = |name: &str, value: Value| {
        put_some(&mut fields, &format!("kibana.alert.rule.{name}"), value);
    };
    for name in REPEATED.into_iter().chain(["timeline_id", "timeline_title"]) {
        say(name, parameters.get(name).cloned().unwrap_or_default());
    }
    for name in SAVED {
        say(name, rule.extra.get(name).cloned().unwrap_or_default());
    }
    if let Some(Value::Object(meta)) = rule.extra.get("meta") {
        meta.iter().for_each(|(key, value)| say(&format!("meta.{key}"), value.clone()));
    }
    say("actions", rule.extra.get("actions").cloned().unwrap_or(Value::Array(Vec::new())));
    say("category", "Event Correlation Rule".into());
    say("consumer", "siem".into());
    say("enabled", rule.enabled.into());
    say("execution.type", "scheduled".into());
    say("indices", rule.index.json());
    say("interval", duration(rule.interval).into());
    say("name", name.into());
    say("producer", "siem".into());
    say("rule_type_id", "siem.eqlRule".into());
    say("tags", rule.tags.json());
    say("type", "eql".into());
    say("uuid", context.rule_uuid.clone().into());
    put(&mut fields, "kibana.alert.rule.parameters", Value::Object(parameters));
    fields
}

/// The rule's parameters by the names that its file gives them. What says nothing is left out, apart from the lists that Kibana always writes.
fn parameters(rule: &Rule) -> Map<String, Value> {
    let mut parameters = object! {
        "alert_suppression": rule.extra.get("alert_suppression"),
        "author": rule.author,
        "building_block_type": rule.building_block_type,
        "description": rule.description,
        "event_category_override": rule.event_category_override,
        "exceptions_list": rule.exceptions_list,
        "false_positives": rule.false_positives,
        "filters": Some(&rule.filters).filter(|filters| !filters.is_empty()),
        "from": rule.from,
        "immutable": rule.extra.get("immutable").and_then(Value::as_bool).unwrap_or(false),
        "index": rule.index,
        "language": "eql",
        "license": rule.license,
        "max_signals": rule.max_signals,
        "note": rule.note,
        "query": rule.query,
        "references": rule.references,
        "risk_score": rule.risk_score,
        "risk_score_mapping": rule.risk_score_mapping,
        "rule_id": rule.id,
        "rule_name_override": rule.rule_name_override,
        "setup": rule.setup,
        "severity": rule.severity,
        "severity_mapping": rule.severity_mapping,
        "threat": rule.threat,
        "tiebreaker_field": rule.tiebreaker_field,
        "timestamp_field": rule.timestamp_field,
        "timestamp_override": rule.timestamp_override,
        "timestamp_override_fallback_disabled": rule.timestamp_override_fallback_disabled.then_some(true),
        "to": "now",
        "type": "eql",
        "version": rule.version,
    };
    for key in KEPT {
        if let Some(value) = rule.extra.get(key) {
            put(&mut parameters, key, value.clone());
        }
    }
    parameters.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    parameters
}

/// A length of time as a rule writes it: 300,000 is `5m`.
pub(crate) fn duration(millis: u64) -> String {
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] {
        if let (Some(0), Some(count @ 1..)) = (millis.checked_rem(unit), millis.checked_div(unit)) {
            return format!("{count}{name}");
        }
    }
    format!("{millis}ms")
}
