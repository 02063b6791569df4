//! The room of `check`: rule files in, one report a rule out.
//!
//! ```
//! let options = r#"{"rules": [{"file": "a.json", "text": "{\"rule_id\": \"a\", \"name\": \"A\", \"type\": \"eql\", \"query\": \"any wher true\"}"}]}"#;
//! let reports = eqlite_wasm::check::check(options)?;
//! assert_eq!((&reports[0]["rule_id"], &reports[0]["status"]), (&"a".into(), &"error".into()));
//! assert_eq!(reports[0]["diagnostics"][0]["column"], 5);
//! # Ok::<(), eqlite_wasm::failure::Failure>(())
//! ```

use crate::{
    failure::{Failure, Within},
    options::RuleSource,
    rules::findings,
    settings::{self, settings},
};
use eqlite_core::{
    Plan, Schema, Severity,
    plan::{LoadedRule, Outcome},
    rule::{RuleFile, read_rules},
};
use serde_json::{Value, json};

#[derive(Debug, Default)]
struct Options {
    rules: Vec<RuleSource>,
    schema: Value,
}

settings!(Options { "rules" => rules, "schema" => schema });

/// Checks rules. `options` is a JSON object: `rules` as for a correlator, and `schema`, the types that fields have: `"ecs"`, an Elasticsearch
/// mapping, or nothing, where types follow the values. For each rule:
///
/// ```json
/// {"file": "a.toml", "rule_id": "a", "name": "A", "type": "eql", "status": "error",
///  "diagnostics": [{"code": "E0101", "severity": "error", "message": "..", "line": 6, "column": 9, "span": {"start": 90, "end": 94},
///                   "help": null, "within": "file", "rendered": ".."}]}
/// ```
///
/// `status` is `ok`, `error`, or `unsupported` for a rule of another type than EQL. What was not given or cannot be read is null.
pub fn check(options: &str) -> Result<Vec<Value>, Failure> {
    let options: Options = settings::parse(options)?;
    let schema = schema(&options.schema)?;
    let mut reports = Vec::new();
    for source in &options.rules {
        let (file, text) = source.parts();
        let mut read = read_rules(&text, file.unwrap_or("rule"));
        for rule in std::mem::take(&mut read.rules) {
            // One plan a rule: neither a rule of the same id nor one that is switched off goes unchecked.
            let mut one = read.clone();
            one.rules = vec![rule.map(|mut rule| {
                rule.enabled = true;
                rule
            })];
            reports.extend(load(one, &schema).iter().map(|rule| report(rule, &text, file)));
        }
    }
    Ok(reports)
}

fn load(file: RuleFile, schema: &Schema) -> Vec<LoadedRule> {
    Plan::builder().schema(schema.clone()).load([file])
}

pub(crate) fn schema(schema: &Value) -> Result<Schema, Failure> {
    let text = match schema {
        Value::Null => return Ok(Schema::open()),
        Value::String(name) if name == "ecs" => return Ok(Schema::ecs()),
        Value::String(text) => text.clone(),
        mapping => mapping.to_string(),
    };
    let wrong = |error| Failure::of("mapping", format!("`schema` is `ecs` or an Elasticsearch mapping: {error}"));
    Schema::from_mapping(&text).map_err(wrong)
}

fn report(rule: &LoadedRule, text: &str, file: Option<&str>) -> Value {
    let some = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let diagnostics = findings(rule, text, file).into_iter().map(|finding| {
        json!({
            "code": finding.code.0,
            "severity": if finding.severity == Severity::Error { "error" } else { "warning" },
            "message": finding.message,
            "line": finding.line,
            "column": finding.column,
            "span": {"start": finding.span.start, "end": finding.span.end},
            "help": finding.help,
            "within": if finding.within == Within::File { "file" } else { "query" },
            "rendered": finding.rendered,
        })
    });
    json!({
        "file": file,
        "rule_id": some(&rule.id),
        "name": some(&rule.name),
        "type": some(&rule.kind),
        "status": match rule.outcome {
            Outcome::Unsupported => "unsupported",
            Outcome::Error => "error",
            _ => "ok",
        },
        "diagnostics": diagnostics.collect::<Vec<_>>(),
    })
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

    fn rule(id: &str, more: Value) -> Value {
        let mut rule =
            json!({"rule_id": id, "name": id, "type": "eql", "query": "process where process.name == \"sh\""});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    }

    #[test]
    fn every_rule_has_a_status() {
        let rules = json!([
            rule("good", json!({})),
            rule("good", json!({"query": "any wher true"})),
            rule("off", json!({"enabled": false, "query": "any where foo("})),
            rule("other", json!({"type": "esql"})),
            {"file": "none.toml", "text": "[metadata]\n"},
        ]);
        let reports = check(&json!({"rules": rules}).to_string()).unwrap();
        let status: Vec<_> =
            reports.iter().map(|report| (report["rule_id"].as_str(), report["status"].as_str().unwrap())).collect();
        let expected = [
            (Some("good"), "ok"),
            (Some("good"), "error"),
            (Some("off"), "error"),
            (Some("other"), "unsupported"),
            (None, "error"),
        ];
        assert_eq!(status, expected);
        assert_eq!((&reports[4]["file"], &reports[4]["diagnostics"][0]["code"]), (&json!("none.toml"), &json!("R003")));
        assert_eq!(reports[0]["diagnostics"], json!([]));
    }

    #[test]
    fn a_schema_finds_more() {
        let rules = json!([rule("r", json!({"query": "any where process.nam == \"sh\""}))]);
        let codes = |schema: Value| -> Vec<Value> {
            let reports = check(&json!({"rules": rules, "schema": schema}).to_string()).unwrap();
            reports[0]["diagnostics"].as_array().unwrap().clone()
        };
        assert_eq!(codes(Value::Null).len(), 0);
        let ecs = codes(json!("ecs"));
        assert!(ecs[0]["help"].as_str().unwrap().contains("process.name"), "{ecs:?}");
        let mapping = json!({"properties": {"process": {"properties": {"nam": {"type": "long"}}}}});
        assert_eq!(codes(mapping.clone()).len(), 1, "a number is not text");
        assert_eq!(codes(json!(mapping.to_string())).len(), 1);
        assert_eq!(check(r#"{"rules": [], "schema": "exs"}"#).unwrap_err().code, "mapping");
        assert_eq!(check(r#"{"files": []}"#).unwrap_err().code, "options");
    }

    #[test]
    fn places_are_those_of_the_file() {
        let toml = "[rule]\nrule_id = \"r\"\nname = \"r\"\ntype = \"eql\"\nquery = '''\nprocess wher true\n'''\n";
        let reports = check(&json!({"rules": [{"file": "r.toml", "text": toml}]}).to_string()).unwrap();
        let found = &reports[0]["diagnostics"][0];
        assert_eq!((&found["line"], &found["column"], &found["within"]), (&json!(6), &json!(9), &json!("file")));
        let start = found["span"]["start"].as_u64().unwrap() as usize;
        assert!(toml[start..].starts_with("wher"), "{found}");
        assert!(found["rendered"].as_str().unwrap().contains("r.toml:6:9"), "{found}");
    }
}
