//! What several tests share: reproducible random numbers, running a query both ways, and the plain twins of the engine.
//!
//! A query is written in short: `sequence by k [A] ![B] until [C]` stands for stages `[any where kind == "A"]`. Each event of such a test
//! has a name in `name`, and results are told by these names.

// Each test takes its own part of this.
#![allow(dead_code)]

pub(crate) mod naive;
pub(crate) mod random;
pub(crate) mod sample;
pub(crate) mod sequence;

use eqlite_core::{
    Alert, AlertEvent, Config, Correlator, Plan, Rule, Timestamp,
    search::{Hits, Index, SearchOptions, search},
};
use serde_json::{Value as Json, json};
use std::{fmt, sync::Arc};

/// A value of a join key, as plain as it can be; in the order of the values.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Key {
    pub(crate) fn of(value: &Json) -> Key {
        match value {
            Json::Null => Key::Null,
            Json::Bool(value) => Key::Bool(*value),
            Json::Number(number) => Key::Number(number.as_f64().unwrap()),
            Json::String(text) => Key::Text(text.clone()),
            other => panic!("{other} is no key"),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Null => f.write_str("null"),
            Key::Bool(value) => write!(f, "{value}"),
            Key::Number(value) => write!(f, "{value}"),
            Key::Text(value) => write!(f, "{value:?}"),
        }
    }
}

/// One result: its join key, and the names of its events; `-` for one that had to be missing.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) struct Found {
    pub(crate) key: Vec<Key>,
    pub(crate) events: Vec<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            let key: Vec<String> = self.key.iter().map(Key::to_string).collect();
            write!(f, "{}: ", key.join(","))?;
        }
        f.write_str(&self.events.join(" "))
    }
}

/// In an order of their own, for comparing sets.
pub(crate) fn sorted(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    found
}

pub(crate) fn shown(found: &[Found]) -> Vec<String> {
    found.iter().map(Found::to_string).collect()
}

/// `[A]` written out.
pub(crate) fn written_out(query: &str) -> String {
    let mut out = String::new();
    for piece in query.split_inclusive('[') {
        let closed = piece.split_once(']').filter(|(name, _)| name.chars().all(char::is_alphanumeric));
        match closed {
            Some((name, rest)) if out.ends_with('[') => {
                out.push_str(&format!("any where kind == \"{name}\"]{rest}"));
            }
            _ => out.push_str(piece),
        }
    }
    out
}

pub(crate) fn rule(query: &str) -> Rule {
    Rule { kind: "eql".into(), query: written_out(query), look_back: 540_000, ..Rule::default() }
}

pub(crate) fn plan_of(rules: impl IntoIterator<Item = Rule>) -> Arc<Plan> {
    let mut builder = Plan::builder();
    for rule in rules {
        let query = rule.query.clone();
        builder.add(rule).unwrap_or_else(|found| panic!("{query}\n{found:?}"));
    }
    builder.build()
}

fn name(source: &str) -> String {
    let document: Json = serde_json::from_str(source).unwrap();
    document["name"].as_str().unwrap_or("?").to_owned()
}

pub(crate) fn found(alert: &Alert) -> Found {
    Found {
        key: alert.join_keys.iter().map(|(_, value)| Key::of(&json!(value))).collect(),
        events: alert
            .events
            .iter()
            .map(|event| match event {
                AlertEvent::Found { source, .. } => name(source),
                AlertEvent::Missing => "-".into(),
            })
            .collect(),
    }
}

/// What a correlator has raised since the last call.
pub(crate) fn drained(correlator: &mut Correlator) -> Vec<Found> {
    correlator.drain_alerts().iter().map(found).collect()
}

/// Feeds the documents, one a line, in chunks of `size` bytes.
pub(crate) fn feed(correlator: &mut Correlator, documents: &[Json], size: usize) {
    let bytes: String = documents.iter().map(|document| format!("{document}\n")).collect();
    bytes.as_bytes().chunks(size.max(1)).for_each(|chunk| correlator.feed(chunk));
}

/// What the stream finds in the documents, to its end.
pub(crate) fn streamed(rule: Rule, config: Config, documents: &[Json], chunk: usize) -> Vec<Found> {
    let mut correlator = Correlator::new(plan_of([rule]), config);
    feed(&mut correlator, documents, chunk);
    correlator.finish();
    drained(&mut correlator)
}

/// What a search finds in them.
pub(crate) fn searched(query: &str, tiebreaker: Option<&str>, documents: &[Json]) -> Vec<Found> {
    let mut index = Index::open("i");
    documents.iter().for_each(|document| index.push(&document.to_string()).unwrap());
    let mut options = SearchOptions::default();
    options.size = 1_000_000;
    options.tiebreaker_field = tiebreaker.map(str::to_owned);
    let response = search(&written_out(query), &[index], &options).unwrap();
    match response.hits {
        Hits::Events(hits) => {
            hits.iter().map(|hit| Found { key: Vec::new(), events: vec![name(&hit.source)] }).collect()
        }
        Hits::Sequences(groups) => groups
            .iter()
            .map(|group| Found {
                key: group.join_keys.iter().map(|key| Key::of(&json!(key))).collect(),
                events: group
                    .events
                    .iter()
                    .map(|event| event.as_ref().map_or("-".into(), |hit| name(&hit.source)))
                    .collect(),
            })
            .collect(),
    }
}

/// A time as documents write it, from milliseconds and the nanoseconds beyond them.
pub(crate) fn iso(millis: i64, sub_nanos: u32) -> String {
    Timestamp { millis, sub_nanos }.to_iso()
}
