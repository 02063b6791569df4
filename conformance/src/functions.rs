//! The function cases of Elasticsearch's parser tests: constant expressions and the values that they fold to.
//!
//! A case of `test_unsupported.toml` with the same expression and section is one that Elasticsearch does not run.

use crate::report::Report;
use eqlite_core::{
    eql::parse_expression,
    functions::{Scalar, fold},
};
use std::{collections::BTreeSet, fs, path::Path};
use toml::Value;

pub fn run(corpora: &Path, report: &mut Report) {
    let folder = corpora.join("es-eql/parser");
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok()?.parse::<toml::Table>().ok();
    let (Some(all), Some(unsupported)) = (read("test_string_functions.toml"), read("test_unsupported.toml")) else {
        report.skip("es-eql/parser was not found");
        return;
    };
    let refused: BTreeSet<_> =
        unsupported.values().flat_map(|section| cases(section, &["fold", "tests"])).map(expression).collect();
    for (name, section) in &all {
        let folds = cases(section, &["fold", "tests"]).chain(cases(section, &["tests"]));
        for case in folds {
            let text = expression(case);
            if refused.contains(&text) {
                report.skip("Elasticsearch does not run it either (test_unsupported.toml)");
                continue;
            }
            report.case(&format!("{name}: {text}"), check(&text, case.get("expected")));
        }
        for case in cases(section, &["verifier", "failures"]) {
            let text = expression(case);
            report.case(&format!("{name}: {text}"), check_refused(&text));
        }
    }
}

fn cases<'a>(section: &'a Value, path: &[&str]) -> impl Iterator<Item = &'a Value> + use<'a> {
    let found = path.iter().try_fold(section, |value, key| value.get(key));
    found.and_then(Value::as_array).into_iter().flatten()
}

fn expression(case: &Value) -> String {
    case.get("expression").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn check(text: &str, expected: Option<&Value>) -> Result<(), String> {
    let expected = match expected {
        None => Scalar::Null,
        Some(Value::Boolean(value)) => Scalar::Bool(*value),
        Some(Value::Integer(value)) => Scalar::Int(*value),
        Some(Value::Float(value)) => Scalar::Float(*value),
        Some(Value::String(text)) => Scalar::text(text),
        Some(other) => return Err(format!("the expected value {other:?} is of no known type")),
    };
    let tree = parse_expression(text).map_err(|errors| format!("does not parse: {errors:?}"))?;
    match fold(&tree) {
        Ok(Some(value)) if value == expected => Ok(()),
        Ok(value) => Err(format!("is {value:?}, expected {expected:?}")),
        Err((_, error)) => Err(format!("fails: {error}")),
    }
}

/// A call that Elasticsearch's verifier refuses.
fn check_refused(text: &str) -> Result<(), String> {
    match parse_expression(text) {
        Err(_) => Ok(()),
        Ok(tree) => match fold(&tree) {
            Err(_) => Ok(()),
            Ok(value) => Err(format!("is {value:?}, expected an error")),
        },
    }
}
