//! Who an event is, and who an alert is: the ids by which Kibana knows that it has raised an alert before.
//!
//! An alert's id is a SHA-256 over the ids of its events and the rule, so that two runs that find the same events make the same alert.

use crate::{
    alert::document::{field, joined},
    object::{self, object, put},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::Write;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::KibanaContext;

/// One event of an alert, with what Elasticsearch calls it.
pub(super) struct SourceEvent {
    pub(super) id: String,
    pub(super) index: String,
    /// Its fields, without `_id` and `_index`.
    pub(super) source: Map<String, Value>,
}

impl SourceEvent {
    /// Reads the document of an event. See the docs of [`super`] for where `_id` and `_index` come from.
    pub(super) fn read(document: &str, context: &KibanaContext) -> Self {
        let mut source = object::parse(document);
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let id = text(source.remove("_id")).unwrap_or_else(|| sha256([document]));
        let index = text(source.remove("_index"))
            .or_else(|| data_stream(&source))
            .unwrap_or_else(|| context.event_index.clone());
        SourceEvent { id, index, source }
    }

    /// The event as an ancestor: itself, after those that it has if it is an alert.
    pub(super) fn ancestors(&self) -> Vec<Value> {
        let mut all = match field(&self.source, "kibana.alert.ancestors") {
            Some(Value::Array(before)) => before.clone(),
            _ => Vec::new(),
        };
        let mut own = object! {"id": self.id, "type": "event", "index": self.index, "depth": self.depth()};
        if let Some(rule) = joined(&self.source, "kibana.alert.rule.uuid") {
            put(&mut own, "type", "signal".into());
            put(&mut own, "rule", rule.into());
        }
        all.push(own.into());
        all
    }

    /// 0 for an event; an alert says how many rules stand before it.
    pub(super) fn depth(&self) -> u64 {
        field(&self.source, "kibana.alert.depth").and_then(Value::as_u64).unwrap_or(0)
    }
}

/// `logs-auditd_manager.auditd-default`: the name of the data stream that the event says it belongs to.
fn data_stream(source: &Map<String, Value>) -> Option<String> {
    let part = |name: &str| joined(source, &format!("data_stream.{name}"));
    Some(format!("{}-{}-{}", part("type")?, part("dataset")?, part("namespace")?))
}

/// The id of the alert of a single event. Search hits of EQL carry no version, so that Kibana hashes the word "undefined" in its place.
/// [Kibana: generateId]
pub(super) fn event_alert_id(event: &SourceEvent, context: &KibanaContext) -> String {
    sha256([&*event.index, &event.id, "undefined", &context.space, ":", &context.rule_uuid])
}

/// The ids of the building blocks, and what all of them share in the hash: the ancestors of each block, then the rule.
/// [Kibana: generateBuildingBlockIds]
pub(super) fn block_ids(ancestors: &[Vec<Value>], context: &KibanaContext) -> Vec<String> {
    let mut base = chain(ancestors.iter().flatten());
    base.push_str(&context.rule_uuid);
    (0..ancestors.len()).map(|index| sha256([&*base, &index.to_string()])).collect()
}

/// The id of a shell, by all its ancestors: each event followed by its block. [Kibana: generateAlertId]
pub(super) fn shell_id(ancestors: &[Value], context: &KibanaContext) -> String {
    sha256([&*chain(ancestors.iter()), &context.rule_uuid])
}

fn chain<'v>(ancestors: impl Iterator<Item = &'v Value>) -> String {
    let mut out = String::new();
    for ancestor in ancestors {
        for key in ["id", "index"] {
            out.push_str(ancestor.get(key).and_then(Value::as_str).unwrap_or(""));
        }
    }
    out
}

/// The hash of the parts one after the other, in hexadecimal.
pub(crate) fn sha256<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part.as_bytes()));
    hash.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
