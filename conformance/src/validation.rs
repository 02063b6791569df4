//! Queries that must be accepted or refused, with the schema that each case names.
//!
//! `detection-rules/validation-cases.ndjson`: the schemas are named in words (`ECS + endpoint`); they are put together here from
//! `ecs-9.5-types.json` and `field-types.json` of the same folder. Where the case notes that Elasticsearch differs from the tool of which
//! the answer was observed, Elasticsearch's answer is expected.

use crate::report::Report;
use eqlite_core::{
    Schema, Severity,
    diagnostic::codes,
    eql,
    schema::{FieldKind, FieldType},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{fs, path::Path};

#[derive(Deserialize)]
struct Case {
    language: String,
    query: String,
    expect: String,
    schema: Option<String>,
    why: Option<String>,
    elasticsearch_note_unverified: Option<String>,
}

pub fn run(corpora: &Path, report: &mut Report) {
    let folder = corpora.join("detection-rules");
    let Ok(cases) = fs::read_to_string(folder.join("validation-cases.ndjson")) else {
        return report.skip("detection-rules/validation-cases.ndjson not found");
    };
    let types = |name: &str| -> Map<String, Value> {
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let (ecs, fields) = (types("ecs-9.5-types.json"), types("field-types.json"));
    published(&folder, &schema(Some("ECS + all"), &ecs, &fields), report);
    for (index, line) in cases.lines().enumerate() {
        let name = format!("validation-cases.ndjson:{}", index + 1);
        match serde_json::from_str::<Case>(line) {
            Ok(case) if case.language == "eql" => {
                let schema = schema(case.schema.as_deref(), &ecs, &fields);
                report.case(&name, measure(&case, &schema));
            }
            Ok(case) => report.skip(&format!("language {}", case.language)),
            Err(why) => report.case(&name, Err(why.to_string())),
        }
    }
}

/// The published EQL rules pass the checks with the types of all integrations.
fn published(folder: &Path, schema: &Schema, report: &mut Report) {
    #[derive(Deserialize)]
    struct Rule {
        rule_id: String,
        #[serde(rename = "type")]
        kind: String,
        #[serde(default)]
        query: String,
    }
    let rules = fs::read_to_string(folder.join("rules.ndjson")).unwrap_or_default();
    for rule in
        rules.lines().filter_map(|line| serde_json::from_str::<Rule>(line).ok()).filter(|rule| rule.kind == "eql")
    {
        let found = eql::parse(&rule.query).map_or_else(|found| found, |query| eql::check(&query, schema));
        let errors = found.iter().filter(|found| found.severity == Severity::Error);
        // The files do not know every field of every integration, nor the sub-fields of text.
        let (unknown, errors): (Vec<_>, Vec<_>) =
            errors.partition(|found| found.code == codes::UNKNOWN_FIELD || found.code == codes::TEXT_WITHOUT_EXACT);
        if errors.is_empty() && !unknown.is_empty() {
            report.skip("published rule with a field that field-types.json does not know");
            continue;
        }
        let drawn: String = errors.iter().map(|found| found.render(&rule.query, "query")).collect();
        report.case(&rule.rule_id, if drawn.is_empty() { Ok(()) } else { Err(drawn) });
    }
}

fn measure(case: &Case, schema: &Schema) -> Result<(), String> {
    let found = match eql::parse(&case.query) {
        Ok(query) => eql::check(&query, schema),
        Err(found) => found,
    };
    let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
    let elasticsearch = case.elasticsearch_note_unverified.as_deref().unwrap_or("");
    // The remark on `join` and the old pipes stands in `why`.
    let remark = case.why.as_deref().unwrap_or("");
    let refuses = |remark: &str| {
        remark.contains("not supported") || remark.contains("supports only") || remark.contains("invalid")
    };
    let invalid = case.expect == "invalid" || refuses(elasticsearch) || remark.contains("not in ES");
    match (invalid, errors.is_empty()) {
        (true, true) => Err(format!("accepted, although {remark}: {}", case.query)),
        (false, false) => Err(errors.iter().map(|found| found.render(&case.query, "query")).collect()),
        _ => Ok(()),
    }
}

/// ECS where the case names it, and every type that `field-types.json` knows where it names more than ECS. Open where it names none.
fn schema(name: Option<&str>, ecs: &Map<String, Value>, fields: &Map<String, Value>) -> Schema {
    let Some(name) = name else { return Schema::open() };
    let mut schema = Schema::from_mapping(r#"{"properties": {}}"#).unwrap_or_else(|_| Schema::open());
    let mut insert = |path: &str, kind: Option<&Value>| {
        if let Some(kind) = kind.and_then(Value::as_str) {
            schema.insert(path, FieldType::new(FieldKind::from_name(kind)));
        }
    };
    for (path, entry) in ecs {
        insert(path, entry.get("type"));
    }
    if name != "ECS" {
        for (path, entry) in fields.iter().filter(|(path, _)| !ecs.contains_key(*path)) {
            let integration = entry.get("integrations").and_then(Value::as_array).and_then(|types| types.first());
            insert(path, entry.get("endpoint").or(integration).or(entry.get("non_ecs_schema")));
        }
    }
    schema
}
