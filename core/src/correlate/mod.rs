//! The running half: events in, alerts out.

pub use crate::event::Format;
use crate::{Diagnostic, Timestamp, limits::Limits, rule::Rule};
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// What audit records do not say of their host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Host {
    /// `host.id`; where it is not given, the records' `node=` stands in.
    pub id: Option<String>,
    /// `host.name`.
    pub name: Option<String>,
}

/// Settings of a correlator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// How input is read.
    pub format: Format,
    /// Host of audit records.
    pub host: Host,
    /// What may be held.
    pub limits: Limits,
    /// How late an event may come, in milliseconds of event time, and still be put in order. Sequences wait that long.
    ///
    /// ### Default: 0
    pub allowed_lateness: u64,
    /// Seeds the hash of join keys, which attackers choose. Give it something unpredictable; results do not depend on it.
    pub seed: u64,
}

/// Rules, compiled once. Immutable.
#[derive(Clone, Debug, Default)]
pub struct Plan {}

impl Plan {
    /// An empty plan to add rules to.
    pub fn builder() -> PlanBuilder {
        PlanBuilder {}
    }
}

/// Gathers rules into a [`Plan`].
#[derive(Debug, Default)]
pub struct PlanBuilder {}

impl PlanBuilder {
    /// Adds a rule, or says all that is wrong with its query (spans refer to `rule.query`). A refused rule leaves the builder as it was.
    pub fn add(&mut self, _rule: Rule) -> Result<(), Vec<Diagnostic>> {
        Ok(())
    }

    /// Compiles what was added.
    pub fn build(self) -> Plan {
        Plan {}
    }
}

/// Something about the input that a person should hear of. The stream goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Stable code, e.g. `I001`.
    pub code: &'static str,
    /// Line of the input, from 1, counted over all chunks.
    pub line: u64,
    /// Byte of the input, from 0, counted over all chunks.
    pub offset: u64,
    /// What is wrong.
    pub message: String,
}

/// What went in, what came out, and what was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stats {
    /// Bytes fed.
    pub bytes: u64,
    /// Events read.
    pub events: u64,
    /// Events that matched a stage of a rule.
    pub matched: u64,
    /// Lines or documents that could not be read.
    pub malformed: u64,
    /// Alerts made.
    pub alerts: u64,
}

/// Takes events and gives alerts back.
#[derive(Debug)]
pub struct Correlator {}

impl Correlator {
    /// A correlator without history.
    pub fn new(_plan: Plan, _config: Config) -> Self {
        Correlator {}
    }

    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, _chunk: &[u8]) {}

    /// Feeds one whole ECS document; says how many stages of rules it matched.
    pub fn feed_event(&mut self, _document: &[u8]) -> Result<u32, Problem> {
        Ok(0)
    }

    /// Says that no event before this time will come any more.
    pub fn advance(&mut self, _watermark: Timestamp) {}

    /// The end of the input: reads what is left of the last line, closes open audit events, and lets waiting events through.
    /// The correlator can go on afterwards.
    pub fn finish(&mut self) {}

    /// The alerts since the last call, oldest first.
    pub fn drain_alerts(&mut self) -> Vec<Alert> {
        Vec::new()
    }

    /// The problems since the last call, oldest first.
    pub fn drain_problems(&mut self) -> Vec<Problem> {
        Vec::new()
    }

    /// Counters since the beginning.
    pub fn stats(&self) -> Stats {
        Stats::default()
    }
}

/// What a rule found.
#[derive(Clone, Debug)]
pub struct Alert {}

impl Alert {
    /// One line of JSON, without the line's end:
    /// `{"rule":{"id","name","version","severity","risk_score","threat"},"kind":"sample","join_keys":{..},"first_timestamp","last_timestamp","events":[{"stage":0,"timestamp","source":{..}},..]}`.
    pub fn to_json(&self) -> String {
        String::new()
    }
}
