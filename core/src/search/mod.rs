//! One search over finished data, as Elasticsearch's `_eql/search` does it, with the matchers of the stream.
//!
//! ```
//! use eqlite_core::search::{Index, SearchOptions, search};
//! let mut index = Index::open("logs");
//! index.push(r#"{"@timestamp": 1, "event": {"category": "process"}, "process": {"name": "nc"}}"#).unwrap();
//! let response = search(r#"process where process.name : "NC""#, &[index], &SearchOptions::default()).unwrap();
//! assert!(response.to_json().contains(r#""events":[{"_index":"logs","_id":"0","_source":{"@timestamp":1,"#));
//! ```
//!
//! Where a result rests on the absence of an event, the data are taken to be complete.

mod limit;
mod response;
mod sample;

pub use response::{Hit, HitGroup, Hits, SearchResponse};

use crate::sort::sort_by;
use crate::{
    correlate::{EventStore, Ground, KeyHash, SequenceState, Turn, key_values, keys},
    diagnostic::Diagnostic,
    event::{EventView, Slots, json},
    functions::EvalError,
    limits::Limits,
    plan::{Candidates, Memo, Plan, PlanKind, PlanRule, SequencePlan},
    rule::Rule,
    schema::{Coercions, Schema},
    time::Timestamp,
};
use alloc::{
    borrow::ToOwned,
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use limit::Limiter;
use serde::{Deserialize, Serialize};

/// Documents searched together, with the types of their fields.
#[derive(Clone, Debug)]
pub struct Index {
    /// `_index` of its hits.
    pub name: String,
    /// The types; [`Schema::open`] where there is no mapping.
    pub schema: Schema,
    documents: Vec<Box<str>>,
}

impl Index {
    /// An empty index without a mapping: types follow the values.
    pub fn open(name: &str) -> Self {
        Index { name: name.to_owned(), schema: Schema::open(), documents: Vec::new() }
    }

    /// An empty index with a mapping. Fields that documents have and the mapping does not name are mapped as they come.
    pub fn with_schema(name: &str, schema: Schema) -> Self {
        Index { name: name.to_owned(), schema, documents: Vec::new() }
    }

    /// Adds a document.
    ///
    /// # Errors
    /// It is not a JSON object, and is left out.
    pub fn push(&mut self, document: &str) -> Result<(), json::JsonError> {
        json::check(document)?;
        if !self.schema.is_open()
            && let Ok(value) = serde_json::from_str(document)
        {
            self.schema.learn(&value);
        }
        self.documents.push(json::minify(document).into());
        Ok(())
    }
}

/// Settings of a search. The defaults are Elasticsearch's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SearchOptions {
    /// The most results.
    ///
    /// ### Default: 10
    pub size: usize,
    /// Which of them where there are more.
    ///
    /// ### Default: tail
    pub result_position: ResultPosition,
    /// The most samples of one join key.
    ///
    /// ### Default: 1
    pub max_samples_per_key: usize,
    /// The field that says when an event happened.
    ///
    /// ### Default: `@timestamp`
    pub timestamp_field: Option<String>,
    /// The field that orders events of the same time.
    ///
    /// ### Default: none, the order of the documents
    pub tiebreaker_field: Option<String>,
    /// The field that holds an event's category.
    ///
    /// ### Default: `event.category`
    pub event_category_field: Option<String>,
    /// What `now` means in date constants, in milliseconds since 1970.
    ///
    /// ### Default: none, such constants are refused
    pub now: Option<i64>,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions {
            size: 10,
            result_position: ResultPosition::Tail,
            max_samples_per_key: 1,
            timestamp_field: None,
            tiebreaker_field: None,
            event_category_field: None,
            now: None,
        }
    }
}

/// Which end of the results is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultPosition {
    /// The first ones.
    Head,
    /// The last ones.
    #[default]
    Tail,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SearchError {
    /// The query cannot run against these fields.
    Query(Vec<Diagnostic>),
    /// Computing failed on a document: an overflow, `number("x")`. Elasticsearch fails the search then.
    Eval(EvalError),
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SearchError::Query(diagnostics) => {
                for diagnostic in diagnostics {
                    writeln!(f, "{}: {}", diagnostic.code.0, diagnostic.message)?;
                }
                Ok(())
            }
            SearchError::Eval(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SearchError {}

/// A document that matched a stage of the query.
struct Found {
    /// Which index, and which of its documents.
    index: usize,
    document: usize,
    timestamp: Option<Timestamp>,
    tiebreaker: (bool, Box<[u8]>),
    /// Terms that it matches, ascending, with its join keys for each.
    hits: Vec<(usize, Vec<Box<[u8]>>)>,
}

/// Runs `query` over all documents of all `indices`.
///
/// # Errors
/// See [`SearchError`].
pub fn search(query: &str, indices: &[Index], options: &SearchOptions) -> Result<SearchResponse, SearchError> {
    let schemas: Vec<Schema> = indices.iter().map(|index| index.schema.clone()).collect();
    let schema = if schemas.is_empty() { Schema::open() } else { Schema::merge(&schemas) };
    let mut builder = Plan::builder().schema(schema);
    if let Some(now) = options.now {
        builder = builder.now(Timestamp::from_millis(now));
    }
    let rule = Rule {
        kind: "eql".to_string(),
        query: query.to_owned(),
        timestamp_field: options.timestamp_field.clone(),
        tiebreaker_field: options.tiebreaker_field.clone(),
        event_category_override: options.event_category_field.clone(),
        ..Rule::default()
    };
    builder.add(rule).map_err(SearchError::Query)?;
    let plan = builder.build();
    let Some(rule) = plan.rules.first() else { return Ok(SearchResponse::new(Hits::Events(Vec::new()))) };
    let found = find(&plan, rule, indices)?;
    let limiter = Limiter::new(&rule.pipes, options);
    let hit = |found: &Found| {
        let index = indices.get(found.index);
        let source = index.and_then(|index| index.documents.get(found.document)).cloned().unwrap_or_default();
        let name = index.map_or("", |index| &index.name);
        Hit { index: name.to_owned(), id: found.document.to_string(), source }
    };
    let hits = match &rule.kind {
        PlanKind::Event => Hits::Events(limiter.limit(found.iter().collect()).into_iter().map(hit).collect()),
        PlanKind::Sample { stages } => {
            let samples = sample::samples(*stages, options.max_samples_per_key, &found);
            Hits::Sequences(
                samples
                    .into_iter()
                    .take(options.size)
                    .map(|(key, events)| HitGroup {
                        join_keys: key_values(&key).into_iter().map(response::sample_key).collect(),
                        events: events.iter().map(|&event| found.get(event).map(hit)).collect(),
                    })
                    .collect(),
            )
        }
        PlanKind::Sequence(shape) => {
            let sequences = sequences(shape, &found);
            Hits::Sequences(
                limiter
                    .limit(sequences)
                    .into_iter()
                    .map(|(key, events)| HitGroup {
                        join_keys: key_values(&key),
                        events: events.iter().map(|event| event.and_then(|event| found.get(event)).map(hit)).collect(),
                    })
                    .collect(),
            )
        }
    };
    Ok(SearchResponse::new(hits))
}

/// The documents that match some stage, in the order of their times.
fn find(plan: &Plan, rule: &PlanRule, indices: &[Index]) -> Result<Vec<Found>, SearchError> {
    let (mut slots, mut coerced) = (Slots::default(), Slots::default());
    let (mut memo, mut candidates) = (Memo::default(), Candidates::default());
    let mut found = Vec::new();
    for (index, Index { schema, documents, .. }) in indices.iter().enumerate() {
        let coercions = (!schema.is_open()).then(|| Coercions::new(schema, &plan.fields));
        for (document, text) in documents.iter().enumerate() {
            // It was read once when it was added.
            let Ok(()) = json::project(text, &plan.fields, &mut slots, Limits::default().json_depth) else { continue };
            let mut view: EventView<'_> = slots.view(text);
            if let Some(coercions) = &coercions {
                coercions.apply(view, &mut coerced);
                view = coerced.view("");
            }
            plan.matches(view, &mut memo, &mut candidates);
            let stages = candidates.stages.iter().filter_map(|&id| plan.stage(id));
            let hits: Vec<_> = stages
                .map(|stage| (stage.term, keys(view, &stage.keys)))
                .filter(|(_, keys)| !keys.is_empty())
                .collect();
            if !hits.is_empty() {
                let (timestamp, tiebreaker) = (rule.timestamp(view), rule.tiebreaker(view));
                found.push(Found { index, document, timestamp, tiebreaker, hits });
            }
        }
    }
    if let Some(error) = memo.first_error {
        return Err(SearchError::Eval(error));
    }
    // A sample knows no time: its documents stay in the order in which they were stored.
    if !matches!(rule.kind, PlanKind::Sample { .. }) {
        sort_by(&mut found, |a, b| {
            let order = |found: &Found| (found.timestamp.is_none(), found.timestamp);
            order(a).cmp(&order(b)).then_with(|| a.tiebreaker.cmp(&b.tiebreaker))
        });
    }
    Ok(found)
}

/// A join key, and for each term the place of its event in `found`; `None` for a missing term.
type Sequence = (Box<[u8]>, Vec<Option<usize>>);

/// All sequences, in the order of their last events; those of one event by their keys.
fn sequences(shape: &SequencePlan, found: &[Found]) -> Vec<Sequence> {
    let limits = Limits { keys_per_rule: usize::MAX, ..Limits::default() };
    let mut store = EventStore::default();
    let mut state = SequenceState::new(shape, KeyHash::default());
    let mut completed = Vec::new();
    for event in found {
        // Each event is kept, and none let go: the number in the store is the place in `found`.
        let id = store.keep(event.timestamp, Box::default());
        if let Some(timestamp) = event.timestamp {
            let mut ground = Ground { plan: shape, limits: &limits, store: &mut store };
            state.push(&mut ground, &Turn { event: id, timestamp, hits: &event.hits }, &mut completed);
        }
    }
    state.finish(&mut completed);
    sort_by(&mut completed, |a, b| (a.events.last(), &a.key).cmp(&(b.events.last(), &b.key)));
    let sequence = |done: crate::correlate::Completed| {
        let mut events = done.events.into_iter();
        let slot = |term| shape.positives.binary_search(&term).ok().and_then(|_| events.next());
        let slots = (0..shape.terms).map(slot).map(|event| event.map(|event| event.index())).collect();
        ((*done.key).into(), slots)
    };
    completed.into_iter().map(sequence).collect()
}
