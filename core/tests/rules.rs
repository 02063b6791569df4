//! Rule files in every format, with what is wrong in them told at its place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::Plan;
use eqlite_core::rule::{CODES, MissingFields, Rule, RuleError, read_rules};

const TOML: &str = r#"[metadata]
creation_date = "2026/01/02"
maturity = "deprecated"
integration = ["auditd_manager"]
version = 5

[rule]
author = ["Someone"]
description = "A shell that talks."
from = "now-9m"
index = ["auditbeat-*"]
interval = "10m"
license = "MIT"
max_signals = 33
name = "Talking Shell"
risk_score = 47
rule_id = "11111111-2222-3333-4444-555555555555"
severity = "medium"
tags = ["Linux", "Execution"]
type = "eql"
language = "eql"
tiebreaker_field = "event.sequence"
timestamp_override = "event.ingested"
building_block_type = "default"
future_key = { a = [1, 2.5, true] }
query = '''
process where process.name == "sh"
'''

[rule.alert_suppression]
group_by = ["host.id"]
missing_fields_strategy = "doNotSuppress"
[rule.alert_suppression.duration]
value = 5
unit = "m"

[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0002"
name = "Execution"
reference = "https://attack.mitre.org/tactics/TA0002/"
[[rule.threat.technique]]
id = "T1059"
name = "Command and Scripting Interpreter"
reference = "https://attack.mitre.org/techniques/T1059/"
[[rule.threat.technique.subtechnique]]
id = "T1059.004"
name = "Unix Shell"
reference = "https://attack.mitre.org/techniques/T1059/004/"
"#;

fn only(text: &str) -> Result<Rule, RuleError> {
    let file = read_rules(text, "test");
    assert_eq!(file.rules.len(), 1, "{:?}", file.rules);
    file.rules.into_iter().next().unwrap()
}

#[test]
fn toml_keeps_all_metadata() {
    let rule = only(TOML).unwrap();
    assert_eq!(rule.id, "11111111-2222-3333-4444-555555555555");
    assert_eq!((rule.version, rule.risk_score, rule.max_signals), (5, 47, 33));
    assert_eq!((rule.look_back, rule.interval), (540_000, 600_000));
    assert_eq!(rule.maturity.as_deref(), Some("deprecated"));
    assert!(rule.enabled);
    assert_eq!(rule.tiebreaker_field.as_deref(), Some("event.sequence"));
    assert_eq!(rule.timestamp_override.as_deref(), Some("event.ingested"));
    assert_eq!(rule.threat[0].technique[0].subtechnique[0].id, "T1059.004");
    let suppression = rule.alert_suppression.unwrap();
    assert_eq!(suppression.group_by, ["host.id"]);
    assert_eq!(suppression.duration, Some(300_000));
    assert_eq!(suppression.missing_fields, MissingFields::DoNotSuppress);
    assert_eq!(rule.extra["future_key"].to_string(), r#"{"a":[1,2.5,true]}"#);
    assert_eq!(rule.metadata["integration"][0], "auditd_manager");
}

#[test]
fn the_query_is_found_in_the_file() {
    let rule = only(TOML).unwrap();
    assert!(TOML[rule.query_offset.unwrap()..].starts_with("process where"));
    for (literal, found) in [
        ("'any where true'", true),
        ("\"any where true\"", true),
        ("\"\"\"\nany where true\"\"\"", true),
        ("\"any where \\u0074rue\"", false),
    ] {
        let text = format!("[rule]\nname = 'x'\ntype = 'eql'\nquery = {literal}\n");
        let rule = only(&text).unwrap();
        assert_eq!(rule.query, "any where true");
        assert_eq!(
            rule.query_offset.map(|at| text[at..].starts_with("any where true")),
            found.then_some(true),
            "{literal}"
        );
    }
}

#[test]
fn defaults_are_those_of_kibana() {
    let rule = only(r#"{"name": "x", "rule_id": null, "type": "eql", "query": "any where true"}"#).unwrap();
    assert_eq!((rule.id.as_str(), rule.version, rule.enabled), ("x", 1, true));
    assert_eq!((rule.look_back, rule.interval, rule.max_signals), (360_000, 300_000, 100));
}

#[test]
fn json_in_every_form() {
    let rule =
        r#"{"rule_id": "r", "name": "x", "type": "eql", "query": "any where true", "version": 3, "risk_score": 47.0}"#;
    for text in [
        rule.to_owned(),
        format!("\u{feff}[{rule}]"),
        format!(r#"{{"page": 1, "total": 1, "data": [{rule}]}}"#),
        format!(r#"{{"id": "r_3", "type": "security-rule", "attributes": {rule}}}"#),
        format!(r#"{{"metadata": {{"maturity": "production"}}, "rule": {rule}}}"#),
        format!("{rule}\n{{\"exported_count\": 1, \"exported_rules_count\": 1}}\n"),
    ] {
        let rule = only(&text).unwrap();
        assert_eq!((rule.id.as_str(), rule.version, rule.risk_score), ("r", 3, 47), "{text}");
    }
}

#[test]
fn an_export_brings_its_exceptions() {
    let text = r#"{"rule_id": "a", "name": "a", "type": "eql", "query": "any where true", "enabled": false}
{"list_id": "l", "type": "detection", "name": "list"}
{"list_id": "l", "item_id": "i", "type": "simple", "entries": []}
{"rule_id": "b", "name": "b", "type": "query", "query": "x:1", "language": "kuery"}
{broken
{"exported_count": 4}"#;
    let file = read_rules(text, "export.ndjson");
    assert_eq!(file.rules.len(), 3);
    assert!(!file.rules[0].as_ref().unwrap().enabled);
    assert_eq!(file.rules[1].as_ref().unwrap().kind, "query");
    let error = file.rules[2].as_ref().unwrap_err();
    assert_eq!(error.diagnostics[0].code.0, "R002");
    assert_eq!(&text[error.diagnostics[0].span.start..][..1], "b");
    assert_eq!((file.exception_lists.len(), file.exception_items.len()), (1, 1));
}

#[test]
fn everything_wrong_is_told_at_its_place() {
    let text = "[rule]\nname = 'x'\ntype = 'eql'\nrisk_score = 101\nseverity = 'bad'\nfrom = 'yesterday'\ntags = [1]\nmax_signals = 0\n";
    let error = only(text).unwrap_err();
    assert_eq!((error.name.as_deref(), error.kind.as_deref()), (Some("x"), Some("eql")));
    let told: Vec<_> = error.diagnostics.iter().map(|d| (d.code.0, d.span.of(text))).collect();
    let expected =
        [("R004", "rule"), ("R005", "'bad'"), ("R005", "101"), ("R006", "'yesterday'"), ("R005", "0"), ("R005", "[1]")];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for wanted in expected {
        assert!(told.contains(&wanted), "{wanted:?} in {told:?}");
    }
}

#[test]
fn each_code_has_an_example_that_triggers_it() {
    for info in CODES {
        let file = read_rules(info.example, "example");
        let loaded = Plan::builder().load([file]);
        let diagnostics: Vec<_> = loaded.into_iter().flat_map(|rule| rule.diagnostics).collect();
        assert!(diagnostics.iter().any(|told| told.code == info.code), "{}: {diagnostics:?}", info.code.0);
    }
}

#[test]
fn no_text_is_too_strange() {
    for text in [
        "",
        "[",
        "{",
        "[]",
        "[[1]]",
        "null",
        "[rule]",
        "\u{feff}",
        "{}",
        "[[[[",
        "{\"data\": []}",
        "[[rule]]\nname = 1",
    ] {
        let file = read_rules(text, "strange");
        assert!(file.rules.iter().all(Result::is_err) && !file.rules.is_empty(), "{text:?}");
    }
    assert!(read_rules(&"[".repeat(100_000), "deep").rules[0].is_err());
    assert!(read_rules(&format!("a = {}", "[".repeat(100_000)), "deep").rules[0].is_err());
}
