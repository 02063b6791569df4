//! An alert as one document of the Elastic Common Schema: `event.kind: signal`, with `rule.*`, `threat.*` and what its events share.
//!
//! ```text
//! {"@timestamp":"..","event":{"kind":"signal","severity":47,"start":"..","end":"..","reason":".."},"rule":{"id":"..","name":".."},
//!  "threat":{"framework":"MITRE ATT&CK","tactic":{"id":["TA0002"],..}},"host":{"id":"..","name":"web-01"},"process":{"pid":4338}}
//! ```
//! For any store that knows ECS and not Kibana's detection engine.

use super::{Alert, AlertEvent, document::field, intersect::intersection, kibana::sha256, reason::reason};
use crate::{
    object::{self, Json, object, put},
    rule::{Reference, Rule, Technique, Threat},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value};

/// The version of the schema that the document follows.
const ECS_VERSION: &str = "8.17.0";

/// The alert of `rule` as one ECS document. Its time is that of its last event, its id a hash of the rule and the events.
pub fn ecs_signal(alert: &Alert, rule: &Rule) -> Value {
    let sources: Vec<&str> = alert.events.iter().filter_map(AlertEvent::source).collect();
    let events: Vec<Map<String, Value>> = sources.iter().map(|source| object::parse(source)).collect();
    let mut fields = intersection(events.iter());
    let why = reason(&fields, &rule.severity, &rule.name);
    for key in ["_id", "_index"] {
        fields.remove(key);
    }
    let of_event = |path: &str| field(&fields, path).cloned();
    let mut event = object! {
        "kind": "signal",
        "id": sha256([&*rule.id].into_iter().chain(sources)),
        "category": of_event("event.category"),
        "type": of_event("event.type"),
        "action": of_event("event.action"),
        "outcome": of_event("event.outcome"),
        "module": of_event("event.module"),
        "dataset": of_event("event.dataset"),
        "reason": why,
        "severity": severity(&rule.severity),
        "risk_score": rule.risk_score,
        "start": alert.first_timestamp(),
        "end": alert.last_timestamp(),
    };
    drop_empty(&mut event);
    fields.retain(|key, _| key != "event" && !key.starts_with("event."));
    put(&mut fields, "event", event.into());
    put(&mut fields, "@timestamp", alert.last_timestamp().json());
    put(&mut fields, "ecs", object! {"version": ECS_VERSION}.into());
    put(&mut fields, "tags", rule.tags.json());
    let mut about = object! {
        "id": rule.id,
        "name": rule.name,
        "version": rule.version.to_string(),
        "description": rule.description.trim(),
        "author": rule.author,
        "license": rule.license,
        "reference": rule.references.first(),
    };
    drop_empty(&mut about);
    put(&mut fields, "rule", about.into());
    put(&mut fields, "threat", threat(&rule.threat).into());
    drop_empty(&mut fields);
    Value::Object(fields)
}

/// The number that Kibana gives a severity for its risk score.
fn severity(word: &str) -> Option<u32> {
    match word {
        "low" => Some(21),
        "medium" => Some(47),
        "high" => Some(73),
        "critical" => Some(99),
        _ => None,
    }
}

/// ECS keeps one framework, and lists of ids, names and pages beside each other.
fn threat(threats: &[Threat]) -> Map<String, Value> {
    let tactics = threats.iter().map(|threat| &threat.tactic);
    let techniques: Vec<&Technique> = threats.iter().flat_map(|threat| &threat.technique).collect();
    let references: Vec<Reference> = techniques
        .iter()
        .map(|t| Reference { id: t.id.clone(), name: t.name.clone(), reference: t.reference.clone() })
        .collect();
    let mut technique = lists(references.iter());
    let below = lists(techniques.iter().flat_map(|technique| &technique.subtechnique));
    put(&mut technique, "subtechnique", below.into());
    drop_empty(&mut technique);
    let mut all = object! {
        "framework": threats.first().map(|threat| &threat.framework),
        "tactic": lists(tactics),
        "technique": technique,
    };
    drop_empty(&mut all);
    all
}

fn lists<'r>(references: impl Iterator<Item = &'r Reference>) -> Map<String, Value> {
    let (mut ids, mut names, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for Reference { id, name, reference } in references {
        ids.push(id);
        names.push(name);
        pages.push(reference);
    }
    let mut lists = object! {"id": ids, "name": names, "reference": pages};
    drop_empty(&mut lists);
    lists
}

/// Leaves out the keys that say nothing: null, empty texts, lists and objects.
fn drop_empty(keys: &mut Map<String, Value>) {
    keys.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(keys) => !keys.is_empty(),
        _ => true,
    });
}
