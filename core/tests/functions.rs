//! The tables of `spec/functions`: each function, operator and kind of pattern, on constants.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    eql::parse_expression,
    functions::{EvalErrorKind, Function, Scalar, fold},
    pattern::{Case, Regex, TextSet},
};
use serde::Deserialize;
use std::{collections::BTreeSet, fs, path::Path};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    case: Vec<Row>,
    #[serde(default)]
    pattern: Vec<Pattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    expression: String,
    is: Option<toml::Value>,
    /// A part of the message.
    error: Option<String>,
    #[serde(default)]
    parse_error: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    kind: String,
    pattern: String,
    #[serde(default)]
    insensitive: bool,
    #[serde(default)]
    matches: Vec<String>,
    #[serde(default)]
    rejects: Vec<String>,
    error: Option<String>,
}

fn tables() -> Vec<(String, Table)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/functions");
    let mut tables = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let table =
            toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        tables.push((name, table));
    }
    assert!(tables.len() >= 6, "spec/functions was not found");
    tables
}

#[test]
fn every_expression_has_the_value_of_its_table() {
    let mut failures = Vec::new();
    for (file, table) in tables() {
        for row in table.case {
            let text = &row.expression;
            let Ok(tree) = parse_expression(text) else {
                if !row.parse_error {
                    failures.push(format!("{file}: {text} does not parse"));
                }
                continue;
            };
            let expected = match &row.is {
                None => Scalar::Null,
                Some(toml::Value::Boolean(value)) => Scalar::Bool(*value),
                Some(toml::Value::Integer(value)) => Scalar::Int(*value),
                Some(toml::Value::Float(value)) => Scalar::Float(*value),
                Some(toml::Value::String(value)) => Scalar::text(value),
                Some(other) => panic!("{file}: {text} is {other:?}"),
            };
            let right = match (fold(&tree), &row.error) {
                (Ok(Some(value)), None) => value == expected && !row.parse_error,
                (Err((_, error)), Some(part)) => error.message.contains(part.as_str()),
                _ => false,
            };
            if !right {
                failures.push(format!("{file}: {text} gives {:?}", fold(&tree)));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A compiled pattern of any kind.
type Matcher = Box<dyn Fn(&str) -> bool>;

#[test]
fn every_pattern_matches_as_its_table_says() {
    for (file, table) in tables() {
        for row in table.pattern {
            let what = format!("{file}: {} {}", row.kind, row.pattern);
            let case = if row.insensitive { Case::AsciiInsensitive } else { Case::Sensitive };
            let compiled: Result<Matcher, _> = match row.kind.as_str() {
                "wildcard" => {
                    let set = TextSet::new(&[&row.pattern], case, true);
                    Ok(Box::new(move |t: &str| set.matches(t)))
                }
                "lucene" => Regex::lucene(&row.pattern, row.insensitive)
                    .map(|regex| Box::new(move |t: &str| regex.matches(t)) as _),
                "java" => Regex::java(&row.pattern, row.insensitive)
                    .map(|regex| Box::new(move |t: &str| regex.matches(t)) as _),
                other => panic!("{file}: unknown kind {other}"),
            };
            match (compiled, row.error) {
                (Ok(matches), None) => {
                    assert!(!row.matches.is_empty() || !row.rejects.is_empty(), "{what}: no texts");
                    row.matches.iter().for_each(|text| assert!(matches(text), "{what} must match {text:?}"));
                    row.rejects.iter().for_each(|text| assert!(!matches(text), "{what} must not match {text:?}"));
                }
                (Err(error), Some(part)) => assert!(error.message.contains(&part), "{what}: {error}"),
                (Err(error), None) => panic!("{what}: {error}"),
                (Ok(_), Some(part)) => panic!("{what} must fail: {part}"),
            }
        }
    }
}

#[test]
fn there_are_sixteen_functions_and_each_has_cases() {
    let names: Vec<_> = Function::all().map(|function| function.signature().name).collect();
    assert_eq!(names.len(), 16);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 16);
    let all: String =
        tables().iter().flat_map(|(_, table)| table.case.iter().map(|row| row.expression.as_str())).collect();
    for function in Function::all() {
        let signature = function.signature();
        assert!(all.contains(&format!("{}(", signature.name)), "no case for {}", signature.name);
        assert_eq!(Function::lookup(&signature.name.to_uppercase()), Some(function));
        let tilde = all.to_lowercase().contains(&format!("{}~(", signature.name.to_lowercase()));
        assert_eq!(tilde, signature.case_variant, "{}~", signature.name);
    }
    let with_tilde: Vec<_> =
        Function::all().filter(|f| f.signature().case_variant).map(|f| f.signature().name).collect();
    assert_eq!(with_tilde, ["between", "endsWith", "indexOf", "startsWith", "stringContains"]);
    assert_eq!(Function::lookup("wildcard"), None);
}

#[test]
fn signatures_tell_how_to_call() {
    let text = |name| Function::lookup(name).unwrap().signature().to_string();
    assert_eq!(text("between"), "between(source, left, right[, greedy])");
    assert_eq!(text("cidrMatch"), "cidrMatch(ip, cidr, ...)");
    let signature = Function::lookup("cidrMatch").unwrap().signature();
    assert_eq!((signature.min_args(), signature.max_args()), (2, None));
    assert!(signature.param(7).unwrap().constant);
}

#[test]
fn what_depends_on_a_field_is_left_unless_a_constant_decides() {
    for (text, expected) in [
        ("length(process.name) > 5", None),
        ("process.pid == 1 and 1 == 2", Some(Scalar::Bool(false))),
        ("process.pid == 1 or 1 == 1", Some(Scalar::Bool(true))),
        ("process.pid == 1 and 1 == 1", None),
        ("process.pid == null", None),
        ("not process.pid == 1", None),
    ] {
        assert_eq!(fold(&parse_expression(text).unwrap()).unwrap(), expected, "{text}");
    }
    let text = "process.pid == 1 and 1 / 0 == 2";
    let tree = parse_expression(text).unwrap();
    let (span, error) = fold(&tree).unwrap_err();
    assert_eq!((span.of(text), error.kind), ("1 / 0", EvalErrorKind::DivisionByZero));
}
