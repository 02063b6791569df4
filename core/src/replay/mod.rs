//! The schedule that Kibana would have run over finished data, held against the stream: which alerts does it find, miss, or find with other
//! events?
//!
//! ```text
//! events        e1 10:01    e2 10:08         rule: sequence [..] [..], every 5 min, looking back 6 min
//! run 10:05     sees e1
//! run 10:10     sees e2 alone: missed         the stream: alert (e1, e2)
//! ```
//! At each multiple of the interval the rule's search runs over the events of its look-back, both ends included, by the primary timestamp
//! (`timestamp_override` or `@timestamp`); the latest `max_signals` results become alerts, those that Kibana knows by their ids are dropped, and
//! what is left is cut to `max_signals`, building blocks counted. Exceptions, suppression and routing by index are not applied.
//!
//! An event that says when it was ingested (`event.ingested`) is seen by no run before that.

mod compare;
mod report;
mod schedule;

pub use compare::{Extra, Missed, Summary, Why};

use crate::{
    alert::{Alert, KibanaContext},
    correlate::{Config, Correlator, Routing},
    plan::Plan,
    rule::Rule,
    schema::Schema,
    search::{Index, Prepared, event_of},
};
use alloc::{format, string::String, vec::Vec};
use schedule::{Runs, Schedule};
use serde::{Deserialize, Serialize};

/// Settings of a replay.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReplayOptions {
    /// How often the rules run, in milliseconds.
    ///
    /// ### Default: as each rule says
    pub interval: Option<u64>,
    /// How far the rules look back, in milliseconds.
    ///
    /// ### Default: as each rule says
    pub look_back: Option<u64>,
    /// How long after each multiple of the interval since 1970 the rules run, in milliseconds.
    ///
    /// ### Default: 0
    pub offset: u64,
    /// Events are seen once they were ingested (`event.ingested`), where they say so.
    ///
    /// ### Default: true
    pub ingested: bool,
    /// What the ids of the alerts are made with.
    pub kibana: KibanaContext,
    /// How the stream is read that the schedule is compared with. The format is always that of single documents.
    pub stream: Config,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        ReplayOptions {
            interval: None,
            look_back: None,
            offset: 0,
            ingested: true,
            kibana: KibanaContext::default(),
            stream: Config::default(),
        }
    }
}

/// What the schedule found beside the stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Replay {
    /// Documents read.
    pub documents: usize,
    /// Documents that are no JSON objects.
    pub unreadable: usize,
    /// Leaves that could not be computed. Elasticsearch fails a run that comes upon one; here such a leaf counts as not matched.
    pub eval_errors: u64,
    /// One for each rule, in order.
    pub rules: Vec<RuleReplay>,
    /// Rules that are not run, with the reason.
    pub refused: Vec<Refused>,
}

/// A rule that is not run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Refused {
    /// The rule's id.
    pub id: String,
    /// Why.
    pub message: String,
}

/// The comparison for one rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RuleReplay {
    /// The rule's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Milliseconds between runs.
    pub interval: u64,
    /// Milliseconds that a run looks back.
    pub look_back: u64,
    /// The most results of a run, and the most documents it writes.
    pub max_signals: u32,
    /// Runs that saw an event of the rule.
    pub runs: usize,
    /// Alerts of the stream.
    pub stream: usize,
    /// Alerts of the schedule, building blocks not counted.
    pub schedule: usize,
    /// Documents that found no room within `max_signals` in their run; later runs may have written them.
    pub cut: usize,
    /// Events that came too late for the stream.
    pub late: u64,
    /// Alerts that both found.
    pub both: Vec<Summary>,
    /// Alerts that only the stream found.
    pub missed: Vec<Missed>,
    /// Alerts that only the schedule found.
    pub extra: Vec<Extra>,
}

/// Runs the schedule of each rule over `documents`, given in the order of their arrival, and the stream beside it.
pub fn replay<'d>(
    rules: &[Rule],
    documents: impl IntoIterator<Item = &'d str>,
    schema: &Schema,
    options: &ReplayOptions,
) -> Replay {
    let mut replay = Replay::default();
    let mut builder = Plan::builder().schema(schema.clone());
    let (timestamp, ingested) = (builder.field("@timestamp"), builder.field("event.ingested"));
    let mut times = Vec::new();
    for rule in rules {
        // The runs do not suppress, so the stream shall not either.
        match builder.add(Rule { alert_suppression: None, ..rule.clone() }) {
            Ok(_) => {
                let own = rule.timestamp_override.as_deref().map_or(timestamp, |path| builder.field(path));
                times.push(alloc::vec![own, timestamp, ingested]);
            }
            Err(diagnostics) => {
                let texts = diagnostics.iter().map(|d| format!("{} {}", d.code.0, d.message));
                let message = texts.collect::<Vec<_>>().join("; ");
                replay.refused.push(Refused { id: rule.id.clone(), message });
            }
        }
    }
    let plan = builder.build();
    let mut index = Index::with_schema("", schema.clone());
    let stream_config = Config { routing: Routing::Off, ..options.stream.clone() };
    let mut correlator = Correlator::new(plan.clone(), stream_config);
    let mut stream: Vec<Vec<Alert>> = plan.rules().map(|_| Vec::new()).collect();
    let mut drain = |correlator: &mut Correlator| {
        for alert in correlator.drain_alerts() {
            if let Some(alerts) = stream.get_mut(alert.rule_index) {
                alerts.push(alert);
            }
        }
    };
    for document in documents {
        replay.documents = replay.documents.saturating_add(1);
        let document = event_of(document);
        if index.push(&document).is_err() {
            replay.unreadable = replay.unreadable.saturating_add(1);
            continue;
        }
        // What cannot be read was counted above.
        let _ = correlator.feed_event(document.as_bytes());
        drain(&mut correlator);
    }
    correlator.finish();
    drain(&mut correlator);
    let stats = correlator.stats();
    replay.eval_errors = stats.eval_errors;
    let indices = [index];
    let (prepared, _) = Prepared::new(&plan, &indices, &times);
    let [index] = &indices;
    for (number, (prepared, stream)) in prepared.iter().zip(stream).enumerate() {
        let Some(rule) = prepared.rule() else { continue };
        let schedule = Schedule::new(&rule.rule, options);
        let runs = Runs::new(prepared, index, &schedule, options);
        let late = stats.rules.get(number).map_or(0, |rule| rule.late);
        replay.rules.push(compare::compare(&rule.rule, &stream, &runs, &schedule, late, &options.kibana));
    }
    replay
}
