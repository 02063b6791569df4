//! The room of `search`: data in, a query, and Elasticsearch's answer out.
//!
//! ```
//! use eqlite_wasm::search::Search;
//!
//! let mut search = Search::new(r#"{"format": "ecs"}"#)?;
//! search.add("logs", None)?;
//! search.feed(b"{\"@timestamp\": 1, \"event\": {\"category\": \"process\"}, \"process\": {\"name\": \"nc\"}}\n");
//! let response = search.run(r#"process where process.name : "NC""#, r#"{"size": 5}"#)?;
//! assert!(response.contains(r#""events":[{"_index":"logs","_id":"0","_source":{"@timestamp":1,"#));
//! # Ok::<(), eqlite_wasm::failure::Failure>(())
//! ```

use crate::{
    failure::Failure,
    input::{self, Input, Taker},
    settings::{self, settings},
};
use eqlite_core::{
    Format, Host, Limits, Problem, Schema,
    auditd::AuditEvent,
    event::json::JsonError,
    search::{Index, SearchError, SearchOptions, search},
};

/// How data are read: `{"format", "host", "limits"}`, all optional.
#[derive(Clone, Debug, Default)]
struct Options {
    format: Format,
    host: Host,
    limits: Limits,
}

settings!(Options { "format" => format, "host" => host, "limits" => limits });

/// Indices that are filled one after the other, and then searched together. All that they hold is in memory.
#[derive(Debug)]
pub struct Search {
    options: Options,
    indices: Vec<Index>,
    /// What the last index is being read from.
    input: Option<Input>,
    problems: Vec<Problem>,
}

impl Search {
    /// Without data. `options` is a JSON object: `{"format": "auto", "host": {"id": "web-1"}, "limits": {..}}`.
    pub fn new(options: &str) -> Result<Self, Failure> {
        Ok(Search { options: settings::parse(options)?, indices: Vec::new(), input: None, problems: Vec::new() })
    }

    /// Begins an index: what is fed from now on is its. `mapping` is an Elasticsearch mapping; without one the types follow the values.
    pub fn add(&mut self, name: &str, mapping: Option<&str>) -> Result<(), Failure> {
        let index = match mapping {
            None => Index::open(name),
            Some(mapping) => {
                let schema = Schema::from_mapping(mapping).map_err(|error| {
                    Failure::of("mapping", format!("the mapping of {name} cannot be read: {error}"))
                })?;
                Index::with_schema(name, schema)
            }
        };
        self.finish();
        self.indices.push(index);
        Ok(())
    }

    /// Feeds bytes to the index that was begun last, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.indices.is_empty() {
            self.indices.push(Index::open("data"));
        }
        let Options { format, host, limits } = &self.options;
        let new = || Input::new(*format, input::audit_options(host.clone()), limits.clone());
        if let Some(index) = self.indices.last_mut() {
            self.input.get_or_insert_with(new).feed(chunk, &mut Filler(index));
        }
    }

    /// The last index has come to its end.
    fn finish(&mut self) {
        if let (Some(mut input), Some(index)) = (self.input.take(), self.indices.last_mut()) {
            input.finish(&mut Filler(index));
            self.problems.extend(input.drain_problems());
        }
    }

    /// Searches all indices. `options` is a JSON object of `size`, `resultPosition`, `maxSamplesPerKey`, `timestampField`,
    /// `tiebreakerField`, `eventCategoryField`, `now`, or the same names as Elasticsearch writes them. The answer is its `_eql/search`.
    pub fn run(&mut self, query: &str, options: &str) -> Result<String, Failure> {
        let options: SearchOptions = settings::parse(options)?;
        self.finish();
        match search(query, &self.indices, &options) {
            Ok(response) => Ok(response.to_json()),
            Err(SearchError::Query(diagnostics)) => Err(Failure::query(query, &diagnostics)),
            Err(error) => Err(Failure::of("eval", format!("the query cannot be computed on these data: {error}"))),
        }
    }

    /// The problems of the data since the last call, index by index.
    pub fn drain_problems(&mut self) -> Vec<Problem> {
        let mut problems = std::mem::take(&mut self.problems);
        problems.extend(self.input.iter_mut().flat_map(Input::drain_problems));
        problems
    }
}

/// Puts documents into an index.
struct Filler<'i>(&'i mut Index);

impl Taker for Filler<'_> {
    fn event(&mut self, event: &AuditEvent<'_>) {
        let mut document = String::new();
        event.write_json(&mut document);
        // What the core writes is a document.
        let _ = self.0.push(&document);
    }

    fn document(&mut self, document: &str) -> Result<(), JsonError> {
        self.0.push(document)
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
mod tests {
    use super::*;
    use serde_json::Value;

    const DATA: &str = "{\"@timestamp\": 1, \"event\": {\"category\": \"process\"}, \"pid\": 1}\n{\"@timestamp\": 2, \"event\": {\"category\": \"process\"}, \"pid\": 2}";

    fn ids(response: &str) -> Vec<String> {
        let response: Value = serde_json::from_str(response).unwrap();
        let hits = response["hits"]["events"].as_array().unwrap();
        hits.iter().map(|hit| format!("{}/{}", hit["_index"].as_str().unwrap(), hit["_id"].as_str().unwrap())).collect()
    }

    #[test]
    fn any_chunking_and_any_form_gives_the_same_documents() {
        let bulk = format!("{{\"create\": {{}}}}\n{}", DATA.replace('\n', "\n{\"index\": {}}\n"));
        for text in [DATA.to_string(), format!("[{}]", DATA.replace('\n', ",")), bulk] {
            for size in [1, 7, 4096] {
                let mut search = Search::new("").unwrap();
                text.as_bytes().chunks(size).for_each(|chunk| search.feed(chunk));
                assert_eq!(ids(&search.run("any where true", "").unwrap()), ["data/0", "data/1"], "{text} by {size}");
                assert_eq!(search.drain_problems(), []);
            }
        }
    }

    #[test]
    fn several_indices_are_searched_together() {
        let mut search = Search::new("{}").unwrap();
        for name in ["a", "b"] {
            search.add(name, Some(r#"{"properties": {"pid": {"type": "long"}, "@timestamp": {"type": "date"}, "event": {"properties": {"category": {"type": "keyword"}}}}}"#)).unwrap();
            search.feed(DATA.as_bytes());
        }
        let two = search.run("any where pid == 2", r#"{"size": 3}"#).unwrap();
        assert_eq!(ids(&two), ["a/1", "b/1"]);
        assert_eq!(ids(&search.run("any where true", r#"{"size": 1, "resultPosition": "head"}"#).unwrap()), ["a/0"]);
        assert_eq!(ids(&search.run("any where true", r#"{"size": 1, "result_position": "tail"}"#).unwrap()), ["b/1"]);
        let failure = search.run("any where pip == 2", "").unwrap_err();
        assert_eq!((failure.code, failure.diagnostics.len()), ("query", 1));
        assert!(failure.diagnostics[0].help.as_deref().is_some_and(|help| help.contains("pid")), "{failure:?}");
        assert!(failure.diagnostics[0].rendered.contains("^^^"), "{}", failure.diagnostics[0].rendered);
    }

    #[test]
    fn audit_records_are_searched_as_the_events_that_they_are() {
        let mut search = Search::new(r#"{"host": {"id": "web-1"}}"#).unwrap();
        search.feed(b"type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=7 comm=\"nc\"\ntorn\n");
        let response = search.run(r#"process where event.action == "executed" and host.id == "web-1""#, "").unwrap();
        assert!(response.contains(r#""name":"nc""#), "{response}");
        let problems = search.drain_problems();
        assert_eq!((problems.len(), problems[0].line, problems[0].code), (1, 2, "I004"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(Search::new(r#"{"formatt": "ecs"}"#).unwrap_err().code, "options");
        let mut search = Search::new("").unwrap();
        assert_eq!(search.add("a", Some("[]")).unwrap_err().code, "mapping");
        let unknown = search.run("any where true", r#"{"sise": 1}"#).unwrap_err();
        assert_eq!(unknown.code, "options");
        assert!(unknown.message.contains("sise"), "{}", unknown.message);
        let refused = search.run("any wher true", "").unwrap_err();
        assert!(refused.message.starts_with("1:5: "), "{}", refused.message);
        search.feed(DATA.as_bytes());
        assert_eq!(search.run("any where number(event.category) == 1", "").unwrap_err().code, "eval");
    }
}
