//! What an alert says of its rule: `kibana.alert.rule.*` and `kibana.alert.rule.parameters`.
//!
//! Only what a rule file can tell is here. Who created the rule in Kibana and when, its actions, its timeline: they are copied where an exported
//! rule has them and left out otherwise.

use super::KibanaContext;
use crate::rule::Rule;
use alloc::{
    format,
    string::{String, ToString},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

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
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(format!("kibana.alert.rule.{name}"), value);
        }
    };
    for name in REPEATED.into_iter().chain(["timeline_id", "timeline_title"]) {
        put(name, parameters.get(name).cloned().unwrap_or_default());
    }
    for name in SAVED {
        put(name, rule.extra.get(name).cloned().unwrap_or_default());
    }
    if let Some(Value::Object(meta)) = rule.extra.get("meta") {
        meta.iter().for_each(|(key, value)| put(&format!("meta.{key}"), value.clone()));
    }
    put("actions", rule.extra.get("actions").cloned().unwrap_or(json!([])));
    put("category", "Event Correlation Rule".into());
    put("consumer", "siem".into());
    put("enabled", rule.enabled.into());
    put("execution.type", "scheduled".into());
    put("indices", plain(&rule.index));
    put("interval", duration(rule.interval).into());
    put("name", name.into());
    put("producer", "siem".into());
    put("rule_type_id", "siem.eqlRule".into());
    put("tags", plain(&rule.tags));
    put("type", "eql".into());
    put("uuid", context.rule_uuid.clone().into());
    fields.insert("kibana.alert.rule.parameters".to_string(), Value::Object(parameters));
    fields
}

/// The rule's parameters by the names that its file gives them. What says nothing is left out, apart from the lists that Kibana always writes.
fn parameters(rule: &Rule) -> Map<String, Value> {
    let all = json!({
        "alert_suppression": rule.extra.get("alert_suppression"),
        "author": rule.author,
        "building_block_type": rule.building_block_type,
        "description": rule.description,
        "event_category_override": rule.event_category_override,
        "exceptions_list": rule.exceptions_list,
        "false_positives": rule.false_positives,
        "filters": if rule.filters.is_empty() { Value::Null } else { plain(&rule.filters) },
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
    });
    let mut parameters = match all {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    for key in KEPT {
        if let Some(value) = rule.extra.get(key) {
            parameters.insert(key.to_string(), value.clone());
        }
    }
    parameters.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    parameters
}

fn plain(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
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
