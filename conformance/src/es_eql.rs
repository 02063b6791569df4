//! Elasticsearch's own EQL integration suite, loaded and run as its harness does (DataLoader.java, BaseEqlSpecTestCase.java).

use crate::report::Report;
use eqlite_core::{
    schema::Schema,
    search::{Index, ResultPosition, SearchOptions, search},
};
use serde_json::{Value, json};
use std::path::Path;

/// A group of test files that run against the same indices.
struct Group {
    files: &'static [&'static str],
    indices: &'static [&'static str],
    tiebreaker: Option<&'static str>,
    /// The field whose values the expected ids are.
    id: &'static str,
}

const GROUPS: &[Group] = &[
    Group {
        files: &["test_queries.toml", "additional_test_queries.toml", "test_queries_date.toml"],
        indices: &["endgame-140"],
        tiebreaker: Some("serial_event_id"),
        id: "serial_event_id",
    },
    Group {
        files: &["test_queries_date_nanos.toml"],
        indices: &["endgame-140-nanos"],
        tiebreaker: Some("serial_event_id"),
        id: "serial_event_id",
    },
    Group { files: &["test_extra.toml"], indices: &["extra"], tiebreaker: Some("sequence"), id: "sequence" },
    Group {
        files: &["test_missing_events.toml"],
        indices: &["missing-events"],
        tiebreaker: Some("sequence"),
        id: "sequence",
    },
    Group { files: &["test_sample.toml"], indices: &["sample1", "sample2", "sample3"], tiebreaker: None, id: "id" },
    Group { files: &["test_sample_multi.toml"], indices: &["sample-multi"], tiebreaker: None, id: "id" },
    Group {
        files: &["test_failing_shards.toml"],
        indices: &["endgame-140", "endgame-shard-failures"],
        tiebreaker: Some("serial_event_id"),
        id: "serial_event_id",
    },
];

pub fn run(corpora: &Path, report: &mut Report) {
    let folder = corpora.join("es-eql");
    if !folder.is_dir() {
        return report.skip("es-eql not found");
    }
    for group in GROUPS {
        let indices = group.indices.iter().map(|name| load(&folder, name)).collect::<Result<Vec<_>, _>>();
        let indices = match indices {
            Ok(indices) => indices,
            Err(error) => {
                report.case(group.indices[0], Err(error));
                continue;
            }
        };
        for file in group.files {
            let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            match tests(&text) {
                Ok(tests) => tests.iter().for_each(|test| run_test(file, test, group, &indices, report)),
                Err(error) => report.case(file, Err(error)),
            }
        }
    }
}

fn run_test(file: &str, test: &toml::Table, group: &Group, indices: &[Index], report: &mut Report) {
    let name = format!("{file} {}", test.get("name").and_then(toml::Value::as_str).unwrap_or("?"));
    if test.get("expect_shard_failures").and_then(toml::Value::as_bool) == Some(true) {
        return report.skip("about failing shards, which there are none of here");
    }
    let query = test.get("query").and_then(toml::Value::as_str).unwrap_or_default();
    let number = |key: &str| test.get(key).and_then(toml::Value::as_integer).and_then(|n| usize::try_from(n).ok());
    for position in [ResultPosition::Head, ResultPosition::Tail] {
        let mut options = SearchOptions::default();
        options.size = number("size").unwrap_or(50);
        options.max_samples_per_key = number("max_samples_per_key").unwrap_or(1);
        options.result_position = position;
        options.tiebreaker_field = group.tiebreaker.map(str::to_owned);
        let outcome = match search(query, indices, &options) {
            Ok(response) => compare(test, group.id, &serde_json::from_str(&response.to_json()).unwrap_or_default()),
            Err(error) => Err(format!("{error}; {query}")),
        };
        report.case(&format!("{name} {position:?}"), outcome);
    }
}

/// Holds the ids and join keys of a response against those of the test.
fn compare(test: &toml::Table, id: &str, response: &Value) -> Result<(), String> {
    let hits = &response["hits"];
    let groups = hits["sequences"].as_array();
    let events = groups.into_iter().flatten().flat_map(|group| group["events"].as_array().into_iter().flatten());
    let events = events.chain(hits["events"].as_array().into_iter().flatten());
    let ids: Vec<i64> = events
        .map(|event| if event["missing"] == true { -1 } else { event["_source"][id].as_i64().unwrap_or(i64::MIN) })
        .collect();
    let expected: Value = test.get("expected_event_ids").map(|ids| json!(ids)).unwrap_or_default();
    let alternatives: Vec<Value> = match expected.as_array() {
        Some(list) if list.first().is_some_and(Value::is_array) => list.clone(),
        _ => vec![expected],
    };
    if !alternatives.contains(&json!(ids)) {
        return Err(format!("expected {alternatives:?}, found {ids:?}"));
    }
    if let Some(keys) = test.get("join_keys").and_then(toml::Value::as_array) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let groups = hits["sequences"].as_array().into_iter().flatten();
        let found: Vec<String> =
            groups.flat_map(|group| group["join_keys"].as_array().into_iter().flatten()).map(text).collect();
        let expected: Vec<String> = keys.iter().map(|key| text(&json!(key))).collect();
        if found != expected {
            return Err(format!("expected join keys {expected:?}, found {found:?}"));
        }
    }
    Ok(())
}

/// Reads a test file. `null` within `join_keys` is no TOML, and is read as text.
fn tests(text: &str) -> Result<Vec<toml::Table>, String> {
    let mut in_keys = false;
    let mut fixed = String::new();
    for line in text.lines() {
        in_keys |= line.trim_start().starts_with("join_keys");
        if in_keys {
            let mut words = line.replace("\"null\"", "null");
            words = words.replace("null", "\"null\"");
            fixed.push_str(&words);
            in_keys = !line.contains(']');
        } else {
            fixed.push_str(line);
        }
        fixed.push('\n');
    }
    let file: toml::Table = fixed.parse().map_err(|error| format!("{error}"))?;
    let queries = file.get("queries").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    Ok(queries.into_iter().filter_map(|query| query.as_table().cloned()).collect())
}

fn load(folder: &Path, name: &str) -> Result<Index, String> {
    let data = if name.starts_with("endgame-140") { "test_data.json".to_owned() } else { format!("{name}.data") };
    let read = |file: &str| std::fs::read_to_string(folder.join("data").join(file)).map_err(|e| format!("{file}: {e}"));
    let mapping =
        without_comments(&read(&format!("{name}.mapping"))?).replace("[runtime_random_keyword_type]", "keyword");
    let schema = Schema::from_mapping(&mapping).map_err(|error| format!("{name}.mapping: {error}"))?;
    let documents: Vec<Value> =
        serde_json::from_str(&without_comments(&read(&data)?)).map_err(|error| format!("{data}: {error}"))?;
    let mut index = Index::with_schema(name, schema);
    for mut document in documents {
        transform(name, &mut document);
        index.push(&document.to_string()).map_err(|error| error.to_string())?;
    }
    Ok(index)
}

fn without_comments(text: &str) -> String {
    let comment = |line: &&str| line.trim_start().starts_with('#') || line.trim_start().starts_with("////");
    text.lines().filter(|line| !comment(line)).flat_map(|line| [line, "\n"]).collect()
}

/// What DataLoader.java makes of a document's time.
fn transform(name: &str, document: &mut Value) {
    let ticks = document["timestamp"].as_i64().unwrap_or_default();
    match name {
        "endgame-140" | "endgame-shard-failures" => {
            document["@timestamp"] = json!(ticks / 10_000 - 11_644_473_600_000);
        }
        "endgame-140-nanos" => {
            let (millis, nanos) = (ticks / 1_000_000, ticks % 1_000_000);
            let text = if nanos == 0 { millis.to_string() } else { format!("{millis}.{nanos:06}") };
            document["@timestamp"] = json!(text);
            document["timestamp"] = json!(millis);
        }
        _ => {}
    }
}
