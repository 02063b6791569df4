//! Why a rule does not alert: for each stage the events that came closest and the leaf that decided against them, which join key was missing or
//! differed, which time limit ran out, what ended a sequence.
//!
//! ```
//! use eqlite_core::{Rule, Schema, explain::explain};
//! let rule = Rule { kind: "eql".into(), query: r#"process where process.name == "nc" and user.id == "0""#.into(), ..Rule::default() };
//! let events = [r#"{"event":{"category":"process"},"process":{"name":"nc"},"user":{"id":"33"}}"#];
//! let explanation = explain(&rule, &events, &Schema::open()).unwrap();
//! let failed = &explanation.stages[0].candidates[0].failed[0];
//! assert_eq!((failed.leaf.as_str(), failed.values["user.id"].to_string()), (r#"user.id == "0""#, r#"["33"]"#.to_string()));
//! ```
//! The data are finished: they are put in the order of their times, and absences are taken as proved.

mod findings;
mod leaves;
mod observe;
mod report;
mod trace;

use crate::ordered::OrderedMap;
use crate::{
    correlate::{Config, Correlator, Routing},
    diagnostic::Diagnostic,
    eql::{self, ast::QueryKind},
    event::in_order,
    plan::Plan,
    rule::Rule,
    schema::Schema,
    search::event_of,
    span::Span,
    time::Timestamp,
};
use alloc::{string::String, vec::Vec};
use leaves::Tree;
use serde::Serialize;
use serde_json::{Map, Value};

/// Why a rule alerts or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The rule's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Documents read. Events are known by their numbers among them, from 1.
    pub documents: usize,
    /// Documents that are no JSON objects.
    pub unreadable: usize,
    /// The alerts, each by its events; `null` for a missing one.
    pub alerts: Vec<Vec<Option<usize>>>,
    /// The stages of the query in order, `until` last.
    pub stages: Vec<StageReport>,
    /// What stood between the events and an alert, for the join keys that came furthest.
    pub findings: Vec<Finding>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StageReport {
    /// What it asks for, as it stands in the query.
    pub text: String,
    /// Where it stands in the query.
    pub span: Span,
    /// What its events are to a match.
    pub role: Role,
    /// Events that match it.
    pub matched: usize,
    /// Events among them that lack a join key.
    pub without_key: usize,
    /// Leaves that an event must pass.
    pub leaves: usize,
    /// Of the events that do not match, those that fail the fewest leaves.
    pub candidates: Vec<Candidate>,
}

/// What the events of a stage are to a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Needed.
    Needed,
    /// Forbidden: `![..]`.
    Missing,
    /// The end: `until [..]`.
    Until,
}

/// An event that does not match a stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// Its number.
    pub event: usize,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// The leaves that decided against it.
    pub failed: Vec<Failed>,
    /// How many more events fail in the same way.
    pub alike: usize,
}

/// A leaf that decided against an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Failed {
    /// The leaf as EQL.
    pub leaf: String,
    /// Where it stands in the query.
    pub span: Span,
    /// What the event has in the fields that the leaf names: lists, empty where it has nothing.
    pub values: Map<String, Value>,
}

/// Something that stood between events and an alert. Stages count from 0 here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "finding")]
#[non_exhaustive]
pub enum Finding {
    /// No event matches a stage that is needed.
    NoEvent {
        /// The stage.
        stage: usize,
    },
    /// A join key that came far, and the stages that it has events for.
    Key {
        /// The values by their names, in the rule's order.
        #[serde(serialize_with = "in_order")]
        key: Vec<(String, Value)>,
        /// For each stage that has them the numbers of the first events: `{"0": [1, 4], "2": [3]}`.
        #[serde(serialize_with = "in_order")]
        events: Vec<(usize, Vec<usize>)>,
    },
    /// An event has the join key, and matches the stage that is lacking but for some leaves.
    Closest {
        /// The stage.
        stage: usize,
        /// The event.
        candidate: Candidate,
    },
    /// No event has the join key beside those that serve other stages.
    NothingElse {
        /// The stage that is lacking.
        stage: usize,
    },
    /// An event matches the stage that is lacking, and does not have a field of the join key.
    KeyMissing {
        /// The stage.
        stage: usize,
        /// The event.
        event: usize,
        /// The fields.
        fields: Vec<String>,
    },
    /// An event matches the stage that is lacking, and has another join key.
    KeyDiffers {
        /// The stage.
        stage: usize,
        /// The event.
        event: usize,
        /// The fields, with what the event has in them and what it should have.
        fields: Vec<Difference>,
    },
    /// The events of a sample lie too far apart.
    OutsideWindow {
        /// The closest events.
        events: Vec<usize>,
        /// Milliseconds from the first to the last.
        span: i64,
        /// Milliseconds that the rule looks back.
        window: i64,
        /// Milliseconds by which it is too much.
        over: i64,
    },
    /// There are too few different events: one cannot stand for two stages.
    SameEvent {
        /// The events that there are.
        events: Vec<usize>,
    },
    /// What became of the events of a sequence, in order.
    Steps {
        /// The steps.
        steps: Vec<Step>,
    },
}

/// A field of a join key in which an event differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The field.
    pub field: String,
    /// What the event has.
    pub value: Value,
    /// What the other events have.
    pub wanted: Value,
}

/// Something that happened to a sequence on its way. Stages count from 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
#[non_exhaustive]
pub enum Step {
    /// The event fits a stage, and there was nothing at the stage before.
    NothingBefore {
        /// The event.
        event: usize,
        /// The stage.
        stage: usize,
    },
    /// The event came too long after the first one; what there was is gone.
    OverMaxspan {
        /// The event.
        event: usize,
        /// The stage.
        stage: usize,
        /// The first event.
        first: usize,
        /// Milliseconds between them.
        span: i64,
        /// Milliseconds that there may be.
        maxspan: i64,
        /// Milliseconds by which it is too much.
        over: i64,
    },
    /// A newer event took the place of what had come as far.
    Replaced {
        /// The newer event.
        event: usize,
        /// The stage.
        stage: usize,
        /// The events that are gone.
        old: Vec<usize>,
    },
    /// The sequence is complete, and an event is there that had to be missing.
    Refuted {
        /// Its events.
        events: Vec<usize>,
        /// The event that had to be missing.
        by: usize,
    },
    /// An `until` event ended it.
    Until {
        /// The event.
        event: usize,
        /// The events that are gone.
        events: Vec<usize>,
    },
    /// The data ended before the next event came.
    Open {
        /// Its events.
        events: Vec<usize>,
        /// The stage that is lacking.
        stage: usize,
    },
}

impl Step {
    fn stage_mut(&mut self) -> Option<&mut usize> {
        match self {
            Step::NothingBefore { stage, .. }
            | Step::OverMaxspan { stage, .. }
            | Step::Replaced { stage, .. }
            | Step::Open { stage, .. } => Some(stage),
            Step::Refuted { .. } | Step::Until { .. } => None,
        }
    }
}

/// A stage of the query with the terms of the plan that come of it (`with runs` makes several).
struct Stage {
    tree: Tree,
    text: String,
    span: Span,
    role: Role,
    terms: core::ops::Range<usize>,
}

/// Explains what `rule` makes of `documents`, in whatever order they are. Hits of a search are taken by their `_source`.
///
/// # Errors
/// All that is wrong with the query.
pub fn explain<D: AsRef<str>>(rule: &Rule, documents: &[D], schema: &Schema) -> Result<Explanation, Vec<Diagnostic>> {
    let documents: Vec<String> = documents.iter().map(|document| event_of(document.as_ref())).collect();
    let alerts = alerts(rule, &documents, schema)?;
    let mut builder = Plan::builder().schema(schema.clone());
    builder.add(rule.clone())?;
    let query = eql::parse(&rule.query)?;
    let mut stages: Vec<Stage> = Vec::new();
    let mut add = |event: &eql::ast::EventQuery, role: Role, runs: u32, builder: &mut crate::plan::PlanBuilder| {
        let start = stages.last().map_or(0, |stage: &Stage| stage.terms.end);
        let runs = usize::try_from(runs).unwrap_or(usize::MAX);
        stages.push(Stage {
            tree: Tree::new(event, rule, builder),
            text: event.span.of(&rule.query).split_whitespace().collect::<Vec<_>>().join(" "),
            span: event.span,
            role,
            terms: start..start.saturating_add(runs),
        });
    };
    match &query.kind {
        QueryKind::Event(event) => add(event, Role::Needed, 1, &mut builder),
        QueryKind::Sample(sample) => {
            sample.terms.iter().for_each(|term| add(&term.event, Role::Needed, 1, &mut builder));
        }
        QueryKind::Sequence(sequence) => {
            for term in &sequence.terms {
                let role = if term.missing { Role::Missing } else { Role::Needed };
                add(&term.event, role, term.runs, &mut builder);
            }
            if let Some(until) = &sequence.until {
                add(&until.event, Role::Until, 1, &mut builder);
            }
        }
    }
    let plan = builder.build();
    let mut observer = observe::Observer::new(&plan, &stages);
    let observed = observer.observe(&documents);
    let findings = findings::find(&mut observer, &observed, &documents, &alerts);
    let report = |(stage, seen): (&Stage, observe::Seen)| StageReport {
        text: stage.text.clone(),
        span: stage.span,
        role: stage.role,
        matched: seen.matched,
        without_key: seen.without_key,
        leaves: stage.tree.size(),
        candidates: if stage.role == Role::Needed { seen.candidates } else { Vec::new() },
    };
    Ok(Explanation {
        id: rule.id.clone(),
        name: rule.name.clone(),
        documents: documents.len(),
        unreadable: observed.unreadable,
        alerts,
        stages: stages.iter().zip(observed.stages).map(report).collect(),
        findings,
    })
}

/// The alerts of the rule over the documents in order of time, by the numbers of their events.
fn alerts(rule: &Rule, documents: &[String], schema: &Schema) -> Result<Vec<Vec<Option<usize>>>, Vec<Diagnostic>> {
    let mut builder = Plan::builder().schema(schema.clone());
    builder.add(Rule { alert_suppression: None, ..rule.clone() })?;
    // Nothing is late, and all is sorted before it is looked at.
    let config = Config { allowed_lateness: u64::MAX, routing: Routing::Off, ..Config::default() };
    let mut correlator = Correlator::new(builder.build(), config);
    let mut numbers: OrderedMap<&str, usize> = OrderedMap::default();
    let mut found = Vec::new();
    for (place, document) in documents.iter().enumerate() {
        // What cannot be read is counted by the observer.
        let _ = correlator.feed_event(document.as_bytes());
        numbers.get_or_insert_with(document, || place.saturating_add(1));
        found.extend(correlator.drain_alerts());
    }
    correlator.finish();
    found.extend(correlator.drain_alerts());
    let number = |event: &crate::AlertEvent| event.source().and_then(|source| numbers.get(source)).copied();
    Ok(found.iter().map(|alert| alert.events.iter().map(number).collect()).collect())
}
