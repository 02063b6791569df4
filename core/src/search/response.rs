//! The answer to a search, in the shape of Elasticsearch's `_eql/search`.

use crate::event::KeyValue;
use alloc::{boxed::Box, string::String, string::ToString, vec::Vec};
use serde::Serialize;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SearchResponse {
    /// The results.
    pub hits: Hits,
}

/// Results in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub enum Hits {
    /// Of a query for events.
    Events(Vec<Hit>),
    /// Of a sequence or a sample.
    Sequences(Vec<HitGroup>),
}

/// Events that belong together.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HitGroup {
    /// The values of the join keys: those of the whole query, then the terms' own.
    pub join_keys: Vec<KeyValue>,
    /// One per term; `None` for a missing event.
    pub events: Vec<Option<Hit>>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hit {
    /// The name of its index.
    pub index: String,
    /// Its number within the index, from 0.
    pub id: String,
    /// The document as one line of JSON.
    pub source: Box<str>,
}

impl SearchResponse {
    pub(super) fn new(hits: Hits) -> Self {
        SearchResponse { hits }
    }

    /// How many results there are.
    pub fn total(&self) -> usize {
        match &self.hits {
            Hits::Events(events) => events.len(),
            Hits::Sequences(groups) => groups.len(),
        }
    }

    /// One JSON object, as Elasticsearch answers:
    ///
    /// ```json
    /// {"is_partial":false,"is_running":false,"took":0,"timed_out":false,"hits":{"total":{"value":1,"relation":"eq"},
    ///  "sequences":[{"join_keys":["web-01"],"events":[{"_index":"..","_id":"0","_source":{..}},{"_index":"","_id":"","missing":true}]}]}}
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = String::from(
            "{\"is_partial\":false,\"is_running\":false,\"took\":0,\"timed_out\":false,\"hits\":{\"total\":{\"value\":",
        );
        out.push_str(&self.total().to_string());
        out.push_str(",\"relation\":\"eq\"},");
        match &self.hits {
            Hits::Events(events) => {
                out.push_str("\"events\":");
                list(&mut out, events, |out, event| hit(out, Some(event)));
            }
            Hits::Sequences(groups) => {
                out.push_str("\"sequences\":");
                list(&mut out, groups, |out, group| {
                    out.push_str("{\"join_keys\":");
                    list(out, &group.join_keys, json);
                    out.push_str(",\"events\":");
                    list(out, &group.events, |out, event| hit(out, event.as_ref()));
                    out.push('}');
                });
            }
        }
        out.push_str("}}");
        out
    }
}

fn list<T>(out: &mut String, items: &[T], each: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

fn hit(out: &mut String, hit: Option<&Hit>) {
    let (index, id) = hit.map_or(("", ""), |hit| (&hit.index, &hit.id));
    out.push_str("{\"_index\":");
    json(out, &index);
    out.push_str(",\"_id\":");
    json(out, &id);
    match hit {
        Some(hit) => {
            out.push_str(",\"_source\":");
            out.push_str(&hit.source);
        }
        None => out.push_str(",\"missing\":true"),
    }
    out.push('}');
}

/// Appends plain data as JSON, which cannot fail for it.
fn json<T: Serialize>(out: &mut String, value: &T) {
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
}

/// A key of a sample: dates as text of their milliseconds. [Elasticsearch: SampleIterator]
pub(super) fn sample_key(value: KeyValue) -> KeyValue {
    match value {
        KeyValue::Date(time) => KeyValue::Text(time.millis.to_string()),
        other => other,
    }
}
