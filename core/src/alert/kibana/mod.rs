//! Alerts as the documents that Kibana's detection engine writes, so that a Kibana user recognises them and both can be compared.
//!
//! ```text
//! event rule          one alert
//! sequence, sample    the shell, with what all events share, then one building block for each event
//! ```
//! Keys of the form `kibana.alert.*` and `event.*` are flat, those copied from the event stay as the event has them, as Kibana has it.
//! Ids are Kibana's (see [`identity`]), so that an alert found twice is one.
//!
//! An event's `_id` and `_index` are those that stand in its document beside its fields, where an exporter has put them; both are taken out.
//! Otherwise the id is the SHA-256 of the document's text, and the index the data stream that it says it belongs to
//! (`data_stream.type`, `.dataset` and `.namespace`), or else [`KibanaContext::event_index`].
//!
//! A missing event has no document: no block stands for it, and the blocks are numbered without it.

mod identity;
mod overrides;
mod rule_fields;

use super::{Alert, AlertEvent, AlertKind, Suppression, document, intersect::intersection, reason::reason};
use crate::{
    event::KeyValue,
    object::{Json, object, put, put_some},
    rule::Rule,
    time::Timestamp,
};
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use identity::{SourceEvent, block_ids, event_alert_id, shell_id};
use overrides::Overrides;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use identity::sha256;
pub(crate) use rule_fields::duration;

/// What Kibana knows and neither the alert nor its rule does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct KibanaContext {
    /// The space in which the rule runs.
    ///
    /// ### Default: `default`
    pub space: String,
    /// The id of the rule's saved object, which the ids of alerts are made with. Empty for the rule's `rule_id`.
    ///
    /// ### Default: empty
    pub rule_uuid: String,
    /// The index of events that do not say theirs.
    ///
    /// ### Default: empty
    pub event_index: String,
    /// When the alerts are made, in milliseconds since 1970.
    ///
    /// ### Default: none, the time of the alert's last event
    pub now: Option<i64>,
    /// `kibana.version`.
    ///
    /// ### Default: none, and then left out
    pub version: Option<String>,
    /// Where Kibana is reached from outside (`https://kibana.example`), for `kibana.alert.url`.
    ///
    /// ### Default: none, and then left out
    pub public_base_url: Option<String>,
}

impl Default for KibanaContext {
    fn default() -> Self {
        KibanaContext {
            space: "default".to_owned(),
            rule_uuid: String::new(),
            event_index: String::new(),
            now: None,
            version: None,
            public_base_url: None,
        }
    }
}

/// The documents that Kibana would write for an alert of `rule`, in its order: the shell before its blocks. `_id` is `kibana.alert.uuid`.
///
/// There are none where an event of the alert was itself raised by this rule.
pub fn kibana_documents(alert: &Alert, rule: &Rule, context: &KibanaContext) -> Vec<Value> {
    let maker = Maker::new(alert, rule, context);
    maker.documents(&maker.events(alert)).into_iter().map(Value::Object).collect()
}

/// The ids of these documents, without making them.
pub(crate) fn kibana_ids(alert: &Alert, rule: &Rule, context: &KibanaContext) -> Vec<String> {
    let maker = Maker::new(alert, rule, context);
    maker.ids(&maker.events(alert))
}

/// Makes the documents of one alert.
struct Maker<'r> {
    rule: &'r Rule,
    suppression: Option<&'r Suppression>,
    context: KibanaContext,
    single: bool,
    /// `@timestamp` of the documents: when they are made.
    now: Timestamp,
}

impl<'r> Maker<'r> {
    fn new(alert: &'r Alert, rule: &'r Rule, context: &KibanaContext) -> Self {
        let mut context = context.clone();
        if context.rule_uuid.is_empty() {
            context.rule_uuid.clone_from(&rule.id);
        }
        let now = context.now.map(Timestamp::from_millis).or_else(|| alert.last_timestamp());
        let suppression = alert.suppression.as_ref();
        Maker { rule, suppression, context, single: alert.kind == AlertKind::Event, now: now.unwrap_or_default() }
    }

    /// The events that are there, each with its time; none where one of them comes of this very rule.
    fn events(&self, alert: &Alert) -> Vec<(SourceEvent, Option<Timestamp>)> {
        let found = alert.events.iter().filter_map(|event| match event {
            AlertEvent::Found { timestamp, source } => Some((SourceEvent::read(source, &self.context), *timestamp)),
            AlertEvent::Missing => None,
        });
        let events: Vec<_> = found.collect();
        let own = |ancestor: &Value| ancestor.get("rule").and_then(Value::as_str) == Some(&*self.context.rule_uuid);
        let itself = events.iter().any(|(event, _)| event.ancestors().iter().any(own));
        if itself { Vec::new() } else { events }
    }

    fn ids(&self, events: &[(SourceEvent, Option<Timestamp>)]) -> Vec<String> {
        if self.single {
            return events.iter().map(|(event, _)| event_alert_id(event, &self.context)).collect();
        }
        if events.is_empty() {
            return Vec::new();
        }
        let ancestors: Vec<Vec<Value>> = events.iter().map(|(event, _)| event.ancestors()).collect();
        let blocks = block_ids(&ancestors, &self.context);
        let shell = shell_id(&self.shell_ancestors(events, &blocks), &self.context);
        [shell].into_iter().chain(blocks).collect()
    }

    fn documents(&self, events: &[(SourceEvent, Option<Timestamp>)]) -> Vec<Map<String, Value>> {
        let mut ids = self.ids(events).into_iter();
        if self.single {
            let made = events.iter().zip(ids).map(|((event, time), id)| {
                let overrides = Overrides::of(self.rule, &event.source);
                let mut alert = self.of_event(event, *time, &overrides);
                self.name(&mut alert, &id);
                self.suppress(&mut alert);
                alert
            });
            return made.collect();
        }
        let Some(shell_id) = ids.next() else { return Vec::new() };
        let block_ids: Vec<String> = ids.collect();
        let overrides = Overrides::none(self.rule);
        let mut blocks: Vec<_> = events.iter().map(|(event, time)| self.of_event(event, *time, &overrides)).collect();
        let common = intersection(blocks.iter());
        let ancestors = self.shell_ancestors(events, &block_ids);
        let mut shell = self.alert(common, (ancestors, self.block_depth(events)), Some(self.now), &overrides);
        self.name(&mut shell, &shell_id);
        self.suppress(&mut shell);
        put(&mut shell, "kibana.alert.group.id", shell_id.clone().into());
        for (index, (block, id)) in blocks.iter_mut().zip(&block_ids).enumerate() {
            self.name(block, id);
            put(block, "kibana.alert.building_block_type", "default".into());
            put(block, "kibana.alert.group.id", shell_id.clone().into());
            put(block, "kibana.alert.group.index", index.into());
        }
        [shell].into_iter().chain(blocks).collect()
    }

    /// Of each event its ancestors, then its block.
    fn shell_ancestors(&self, events: &[(SourceEvent, Option<Timestamp>)], block_ids: &[String]) -> Vec<Value> {
        let each = events.iter().zip(block_ids).flat_map(|((event, _), id)| {
            let depth = event.depth().saturating_add(1);
            // A block is not yet written, and has no index.
            let block =
                object! {"id": id, "type": "signal", "index": "", "depth": depth, "rule": self.context.rule_uuid};
            event.ancestors().into_iter().chain([block.into()])
        });
        each.collect()
    }

    fn block_depth(&self, events: &[(SourceEvent, Option<Timestamp>)]) -> u64 {
        events.iter().map(|(event, _)| event.depth().saturating_add(1)).max().unwrap_or(0)
    }

    /// The alert of one event, without its id.
    fn of_event(&self, event: &SourceEvent, time: Option<Timestamp>, overrides: &Overrides) -> Map<String, Value> {
        let not_copied = |key: &str| {
            ["event", "kibana", "signal"]
                .iter()
                .any(|group| key.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        let mut fields = event.source.clone();
        fields.retain(|key, _| !not_copied(key));
        for (key, value) in document::flattened(&event.source, "event") {
            fields.insert(format!("kibana.alert.original_event.{key}"), value.clone());
            fields.insert(format!("event.{key}"), value);
        }
        self.alert(fields, (event.ancestors(), event.depth()), time, overrides)
    }

    /// What stands in every alert, on top of the `fields` of its events. `parents` are its ancestors and the greatest depth among its parents.
    fn alert(
        &self,
        mut fields: Map<String, Value>,
        parents: (Vec<Value>, u64),
        original_time: Option<Timestamp>,
        overrides: &Overrides,
    ) -> Map<String, Value> {
        let (ancestors, depth) = parents;
        let reason = reason(&fields, &overrides.severity, &overrides.name);
        let now = self.now.to_iso();
        let mut say = |key: &str, value: Value| put_some(&mut fields, key, value);
        say("@timestamp", now.clone().into());
        say("event.kind", "signal".into());
        say("kibana.space_ids", [self.context.space.as_str()][..].json());
        say("kibana.version", self.context.version.clone().into());
        say("kibana.alert.ancestors", ancestors.into());
        say("kibana.alert.building_block_type", self.rule.building_block_type.clone().into());
        say("kibana.alert.depth", depth.saturating_add(1).into());
        say("kibana.alert.original_time", original_time.map(Timestamp::to_iso).into());
        say("kibana.alert.reason", reason.into());
        say("kibana.alert.risk_score", overrides.risk_score.clone());
        say("kibana.alert.severity", overrides.severity.clone().into());
        say("kibana.alert.status", "active".into());
        say("kibana.alert.workflow_status", "open".into());
        say("kibana.alert.workflow_tags", Value::Array(Vec::new()));
        say("kibana.alert.workflow_assignee_ids", Value::Array(Vec::new()));
        for key in ["start", "last_detected", "intended_timestamp", "rule.execution.timestamp"] {
            say(&format!("kibana.alert.{key}"), now.clone().into());
        }
        fields.extend(rule_fields::rule_fields(self.rule, &overrides.name, &self.context));
        fields
    }

    /// Says which group of alerts this one stands for. Those that follow are counted by the stream, not here.
    fn suppress(&self, alert: &mut Map<String, Value>) {
        let Some(suppression) = self.suppression else { return };
        let term = |(field, values): &(String, Vec<KeyValue>)| Value::Object(object! {"field": field, "value": values});
        let terms: Vec<Value> = suppression.terms.iter().map(term).collect();
        let terms = Value::from(terms);
        // Kibana hashes the same three by a library of JavaScript: one group has one id here as there, and not the same one.
        let instance = sha256([&*format!("{terms}"), &self.context.rule_uuid, &self.context.space]);
        put(alert, "kibana.alert.instance.id", instance.into());
        let mut say = |key: &str, value: Value| put(alert, &format!("kibana.alert.suppression.{key}"), value);
        say("terms", terms);
        say("start", suppression.start.json());
        say("end", suppression.start.json());
        say("docs_count", 0.into());
    }

    /// Gives an alert its id, and the page that shows it.
    fn name(&self, alert: &mut Map<String, Value>, id: &str) {
        put(alert, "kibana.alert.uuid", id.into());
        if let Some(base) = &self.context.public_base_url {
            let space = &self.context.space;
            let in_space = if space == "default" { String::new() } else { format!("/s/{space}") };
            let url = format!(
                "{}{in_space}/app/security/alerts/redirect/{id}?index=.alerts-security.alerts-{space}&timestamp={}",
                base.trim_end_matches('/'),
                self.now.to_iso()
            );
            put(alert, "kibana.alert.url", url.into());
        }
    }
}
