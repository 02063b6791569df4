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

mod hit;
mod limit;
mod prepared;
mod response;
mod sample;

pub(crate) use hit::event_of;
pub(crate) use prepared::{Found, Prepared};
pub use response::{Hit, HitGroup, Hits, SearchResponse};

use crate::{
    diagnostic::Diagnostic,
    event::{json, key_order, key_values},
    functions::EvalError,
    plan::{Plan, PlanKind, PlanRule},
    rule::Rule,
    schema::{FieldKind, Lookup, Schema},
    sort::sort_by,
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

    /// A document by its number, as one line.
    pub(crate) fn document(&self, number: usize) -> Option<&str> {
        self.documents.get(number).map(|document| &**document)
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

/// Runs `query` over all documents of all `indices`.
///
/// # Errors
/// See [`SearchError`].
pub fn search(query: &str, indices: &[Index], options: &SearchOptions) -> Result<SearchResponse, SearchError> {
    let schemas: Vec<Schema> = indices.iter().map(|index| index.schema.clone()).collect();
    let schema = if schemas.is_empty() { Schema::open() } else { Schema::merge(&schemas) };
    let mut builder = Plan::builder().schema(schema.clone());
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
    let (prepared, error) = Prepared::new(&builder.build(), indices, &[]);
    if let Some(error) = error {
        return Err(SearchError::Eval(error));
    }
    let Some((prepared, rule)) = prepared.first().and_then(|prepared| Some((prepared, prepared.rule()?))) else {
        return Ok(SearchResponse::new(Hits::Events(Vec::new())));
    };
    let hit = |place: usize| {
        let (index, document) = prepared.found.get(place).map_or((0, 0), |found| (found.index, found.document));
        let index = indices.get(index);
        let source = index.and_then(|index| index.documents.get(document)).cloned().unwrap_or_default();
        let name = index.map_or("", |index| &index.name);
        Hit { index: name.to_owned(), id: document.to_string(), source }
    };
    let found: Vec<usize> = (0..prepared.found.len()).collect();
    let (is_event, is_sample) = (matches!(rule.kind, PlanKind::Event), matches!(rule.kind, PlanKind::Sample { .. }));
    let mut results = prepared.results(&found, options.max_samples_per_key);
    let versions: Vec<bool> = rule.key_names.iter().map(|name| is_version(&schema, name)).collect();
    if is_sample && versions.contains(&true) {
        sort_by(&mut results, |a, b| key_order(&a.key, &b.key, &versions));
    }
    let results = limited(rule, results, options);
    let hits = if is_event {
        Hits::Events(results.iter().flat_map(|result| &result.events).flatten().map(|&place| hit(place)).collect())
    } else {
        let key = |value| if is_sample { response::sample_key(value) } else { value };
        let group = |result: Found| HitGroup {
            join_keys: key_values(&result.key).into_iter().map(key).collect(),
            events: result.events.iter().map(|event| event.map(hit)).collect(),
        };
        Hits::Sequences(results.into_iter().map(group).collect())
    };
    Ok(SearchResponse::new(hits))
}

fn is_version(schema: &Schema, field: &str) -> bool {
    matches!(schema.field(field), Lookup::Mapped { field, .. } if field.kind == FieldKind::Version)
}

/// The results that remain of all.
pub(crate) fn limited(rule: &PlanRule, mut results: Vec<Found>, options: &SearchOptions) -> Vec<Found> {
    match rule.kind {
        PlanKind::Sample { .. } => {
            results.truncate(options.size);
            results
        }
        _ => Limiter::new(&rule.pipes, options).limit(results),
    }
}
