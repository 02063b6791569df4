//! Every published rule file loads, with the metadata that its object form in `rules.ndjson` tells.

use crate::report::Report;
use eqlite_core::rule::{Rule, read_rules};
use serde_json::Value;
use std::{collections::HashMap, fs, path::Path};

pub fn run(corpora: &Path, report: &mut Report) {
    let folder = corpora.join("detection-rules");
    let Ok(objects) = fs::read_to_string(folder.join("rules.ndjson")) else {
        report.skip("detection-rules/rules.ndjson was not found");
        return;
    };
    let objects: HashMap<String, Value> = objects
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|object| Some((object["rule_id"].as_str()?.to_owned(), object)))
        .collect();
    let Ok(files) = fs::read_dir(folder.join("toml")) else {
        report.skip("detection-rules/toml was not found");
        return;
    };
    for file in files.flatten() {
        let path = file.path();
        let name = file.file_name().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(&path) else {
            report.case(&name, Err("the file cannot be read".to_owned()));
            continue;
        };
        report.case(&name, check(&text, &name, &objects));
    }
}

fn check(text: &str, name: &str, objects: &HashMap<String, Value>) -> Result<(), String> {
    let file = read_rules(text, name);
    let rule = match file.rules.as_slice() {
        [Ok(rule)] => rule,
        [Err(error)] => return Err(format!("{:?}", error.diagnostics)),
        others => return Err(format!("{} rules instead of one", others.len())),
    };
    let object = objects.get(&rule.id).ok_or("rules.ndjson has no such rule")?;
    if rule.kind == "eql" && rule.query_offset.is_none_or(|at| !text[at..].starts_with(&rule.query)) {
        return Err("the place of the query in the file was not found".to_owned());
    }
    compare(rule, object)
}

fn compare(rule: &Rule, object: &Value) -> Result<(), String> {
    let list = |values: &[String]| Value::from(values.to_vec());
    let mut tactics: Vec<String> = rule.threat.iter().map(|threat| threat.tactic.id.clone()).collect();
    tactics.sort();
    tactics.dedup();
    let ours = [
        ("name", Value::from(rule.name.as_str())),
        ("type", Value::from(rule.kind.as_str())),
        ("query", Value::from(rule.query.as_str())),
        ("risk_score", Value::from(rule.risk_score)),
        ("severity", Value::from(rule.severity.as_str())),
        ("maturity", Value::from(rule.maturity.as_deref())),
        ("timestamp_override", Value::from(rule.timestamp_override.as_deref())),
        ("index", list(&rule.index)),
        ("tags", list(&rule.tags)),
        ("tactics", list(&tactics)),
    ];
    for (key, ours) in ours {
        let theirs = &object[key];
        let empty = |value: &Value| value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
        if ours != *theirs && !(empty(&ours) && empty(theirs)) {
            return Err(format!("{key} is {ours}, expected {theirs}"));
        }
    }
    Ok(())
}
