//! `spec/expressions`: a condition and documents, with the open schema or a mapping; which documents it matches, in a search and in the
//! stream alike.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Config, Correlator, Plan, Rule, Schema,
    search::{Hits, Index, SearchOptions, search},
};
use serde::Deserialize;
use serde_json::Value as Json;
use std::{fs, path::Path};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// `properties` of an Elasticsearch mapping, as JSON; the open schema without it. What it does not name is mapped as it comes.
    mapping: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    condition: String,
    /// Documents, as JSON.
    #[serde(default)]
    matches: Vec<String>,
    #[serde(default)]
    rejects: Vec<String>,
}

fn mapped(mapping: Option<&String>, documents: &[&String]) -> Schema {
    let Some(mapping) = mapping else { return Schema::open() };
    let mut schema = Schema::from_mapping(&format!("{{\"properties\": {mapping}}}")).unwrap();
    documents.iter().for_each(|document| schema.learn(&serde_json::from_str::<Json>(document).unwrap()));
    schema
}

fn searched(query: &str, schema: Schema, document: &str) -> bool {
    let mut index = Index::with_schema("i", schema);
    index.push(document).unwrap();
    match search(query, &[index], &SearchOptions::default()).unwrap_or_else(|error| panic!("{query}: {error}")).hits {
        Hits::Events(hits) => hits.len() == 1,
        Hits::Sequences(_) => false,
    }
}

fn streamed(query: &str, schema: Schema, document: &str) -> bool {
    let mut builder = Plan::builder().schema(schema);
    let rule = Rule { kind: "eql".into(), query: query.into(), ..Rule::default() };
    builder.add(rule).unwrap_or_else(|found| panic!("{query}: {found:?}"));
    let mut correlator = Correlator::new(builder.build(), Config::default());
    correlator.feed_event(document.as_bytes()).unwrap();
    correlator.drain_alerts().len() == 1
}

#[test]
fn conditions_match_the_documents_of_their_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/expressions");
    let mut failures = Vec::new();
    let mut asked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let file: File =
            toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for case in &file.case {
            let query = format!("any where {}", case.condition);
            let documents =
                case.matches.iter().map(|text| (text, true)).chain(case.rejects.iter().map(|text| (text, false)));
            for (document, expected) in documents {
                let schema = mapped(file.mapping.as_ref(), &[document]);
                let found = (searched(&query, schema.clone(), document), streamed(&query, schema, document));
                if found != (expected, expected) {
                    failures.push(format!("{name}: {} on {document}: (search, stream) is {found:?}", case.condition));
                }
                asked += 1;
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(asked > 250, "spec/expressions was not found");
}
