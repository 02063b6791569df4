//! Alerts: what a rule found, with the events that it found it in.

mod document;
mod intersect;
mod kibana;
mod reason;
mod signal;

pub use kibana::{KibanaContext, kibana_documents};
pub(crate) use kibana::{duration, kibana_ids};
pub use signal::ecs_signal;

use crate::state::{Reader, State, state};
use crate::{event::KeyValue, time::Timestamp};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use serde::Serialize;

/// What kind of rule raised an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// One event.
    Event,
    /// Events in order.
    Sequence,
    /// Events in any order.
    Sample,
}

/// What a rule found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alert {
    /// The rule as JSON: id, name, version, severity, risk_score, threat.
    pub(crate) rule: Arc<str>,
    /// The place of the rule in its plan.
    pub rule_index: usize,
    /// What kind of rule it is.
    pub kind: AlertKind,
    /// The join keys by the names of the first stage; none for single events.
    pub join_keys: Vec<(String, KeyValue)>,
    /// One per stage, in the order of the stages.
    pub events: Vec<AlertEvent>,
    /// The group that the alert opens, where its rule makes several alerts one.
    pub suppression: Option<Suppression>,
}

/// `alert_suppression` as an alert tells of it: it is the first of its group, those that follow within the rule's duration are not raised.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Suppression {
    /// The fields of the group with their values; none where the alert lacks the field.
    pub terms: Vec<(String, Vec<KeyValue>)>,
    /// When the group begins: the time of this alert.
    pub start: Timestamp,
    /// How many alerts were suppressed since the last one with the same values.
    pub suppressed_before: u64,
}

/// One slot of an alert.
#[derive(Clone, Debug)]
pub enum AlertEvent {
    /// The event that filled it.
    Found {
        /// When it happened; `None` where the event does not say.
        timestamp: Option<Timestamp>,
        /// The event, as one line of JSON.
        source: Box<str>,
    },
    /// It had to stay empty, and did.
    Missing,
}

impl AlertEvent {
    /// The event's document, where there is one.
    pub(crate) fn source(&self) -> Option<&str> {
        match self {
            AlertEvent::Found { source, .. } => Some(source),
            AlertEvent::Missing => None,
        }
    }
}

impl Alert {
    /// When the earliest of its events happened.
    pub fn first_timestamp(&self) -> Option<Timestamp> {
        self.timestamps().min()
    }

    /// When the latest of its events happened.
    pub fn last_timestamp(&self) -> Option<Timestamp> {
        self.timestamps().max()
    }

    fn timestamps(&self) -> impl Iterator<Item = Timestamp> {
        self.events.iter().filter_map(|event| match event {
            AlertEvent::Found { timestamp, .. } => *timestamp,
            AlertEvent::Missing => None,
        })
    }

    /// One line of JSON, without the line's end:
    ///
    /// ```json
    /// {"rule":{"id":"..","name":"..","version":5,"severity":"medium","risk_score":47,"threat":[..]},
    ///  "kind":"sample","join_keys":{"host.id":"..","process.pid":4338},
    ///  "first_timestamp":"2026-11-24T02:33:46.657Z","last_timestamp":"2026-11-24T02:33:46.668Z",
    ///  "events":[{"stage":0,"timestamp":"2026-11-24T02:33:46.657Z","source":{..}},{"stage":1,"missing":true}]}
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"rule\":");
        out.push_str(&self.rule);
        out.push_str(match self.kind {
            AlertKind::Event => ",\"kind\":\"event\",\"join_keys\":{",
            AlertKind::Sequence => ",\"kind\":\"sequence\",\"join_keys\":{",
            AlertKind::Sample => ",\"kind\":\"sample\",\"join_keys\":{",
        });
        for (index, (name, value)) in self.join_keys.iter().enumerate() {
            comma(&mut out, index);
            json(&mut out, name);
            out.push(':');
            json(&mut out, value);
        }
        out.push_str("},\"first_timestamp\":");
        json(&mut out, &self.first_timestamp());
        out.push_str(",\"last_timestamp\":");
        json(&mut out, &self.last_timestamp());
        out.push_str(",\"events\":[");
        for (stage, event) in self.events.iter().enumerate() {
            comma(&mut out, stage);
            out.push_str("{\"stage\":");
            json(&mut out, &stage);
            match event {
                AlertEvent::Found { timestamp, source } => {
                    out.push_str(",\"timestamp\":");
                    json(&mut out, timestamp);
                    out.push_str(",\"source\":");
                    out.push_str(source);
                }
                AlertEvent::Missing => out.push_str(",\"missing\":true"),
            }
            out.push('}');
        }
        out.push(']');
        if let Some(suppression) = &self.suppression {
            suppression.write(&mut out);
        }
        out.push('}');
        out
    }
}

impl Suppression {
    /// `,"suppression":{"terms":{"host.id":["a"]},"start":"..","suppressed_before":2}`
    fn write(&self, out: &mut String) {
        out.push_str(",\"suppression\":{\"terms\":{");
        for (index, (name, values)) in self.terms.iter().enumerate() {
            comma(out, index);
            json(out, name);
            out.push(':');
            json(out, values);
        }
        out.push_str("},\"start\":");
        json(out, &self.start);
        out.push_str(",\"suppressed_before\":");
        json(out, &self.suppressed_before);
        out.push('}');
    }
}

fn comma(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

/// Appends plain data as JSON, which cannot fail for it.
fn json(out: &mut String, value: &impl Serialize) {
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
}

state!(Suppression { terms, start, suppressed_before });

/// Without the rule's JSON, which the plan has.
impl State for Alert {
    fn save(&self, out: &mut Vec<u8>) {
        let Alert { rule: _, rule_index, kind, join_keys, events, suppression } = self;
        rule_index.save(out);
        (*kind as u8).save(out);
        join_keys.save(out);
        events.save(out);
        suppression.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        Some(Alert {
            rule: Arc::from(""),
            rule_index: State::load(input)?,
            kind: match u8::load(input)? {
                0 => AlertKind::Event,
                1 => AlertKind::Sequence,
                2 => AlertKind::Sample,
                _ => return None,
            },
            join_keys: State::load(input)?,
            events: State::load(input)?,
            suppression: State::load(input)?,
        })
    }
}

impl State for AlertEvent {
    fn save(&self, out: &mut Vec<u8>) {
        match self {
            AlertEvent::Found { timestamp, source } => {
                true.save(out);
                timestamp.save(out);
                source.save(out);
            }
            AlertEvent::Missing => false.save(out),
        }
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        Some(match bool::load(input)? {
            true => AlertEvent::Found { timestamp: State::load(input)?, source: State::load(input)? },
            false => AlertEvent::Missing,
        })
    }
}
