//! The table of codes: each example triggers its code, and `docs/errors.md` says the same as the table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Diagnostic, Plan, Rule, Schema,
    diagnostic::codes::{ALL, Entry},
    rule::{CODES, read_rules},
};
use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

/// What is said when a rule of this query is loaded.
fn diagnostics(entry: &Entry) -> Vec<Diagnostic> {
    let schema = entry.mapping.map_or_else(Schema::open, |mapping| Schema::from_mapping(mapping).unwrap());
    let rule = Rule { kind: "eql".to_owned(), query: entry.example.to_owned(), ..Rule::default() };
    Plan::builder().schema(schema).add(rule).unwrap_or_else(|errors| errors)
}

/// What is said when a rule file of this text is loaded.
fn file_diagnostics(entry: &Entry) -> Vec<Diagnostic> {
    let loaded = Plan::builder().load([read_rules(entry.example, "rule")]);
    loaded.into_iter().flat_map(|rule| rule.diagnostics).collect()
}

#[test]
fn every_example_triggers_its_code() {
    for entry in ALL {
        let found = diagnostics(entry);
        assert!(
            found.iter().any(|diagnostic| diagnostic.code == entry.code),
            "{} {:?}: {found:#?}",
            entry.code.0,
            entry.example
        );
    }
}

#[test]
fn an_example_triggers_nothing_else() {
    for entry in ALL {
        let codes: BTreeSet<&str> = diagnostics(entry).iter().map(|diagnostic| diagnostic.code.0).collect();
        assert_eq!(codes, BTreeSet::from([entry.code.0]), "{:?}", entry.example);
    }
}

#[test]
fn numbers_are_unique_and_in_order() {
    let numbers: Vec<&str> = ALL.iter().map(|entry| &entry.code.0[1..]).collect();
    let mut sorted: Vec<&str> = numbers.clone();
    sorted.sort_unstable();
    let errors = ALL.iter().filter(|entry| entry.code.0.starts_with('E')).count();
    assert_eq!(&numbers[..errors], {
        let mut head = numbers[..errors].to_vec();
        head.sort_unstable();
        head
    });
    let unique: BTreeSet<&str> = ALL.iter().map(|entry| entry.code.0).collect();
    assert_eq!(unique.len(), ALL.len());
}

/// `EQLITE_BLESS=1 cargo test -p eqlite-core --test eql_codes` writes the file anew.
#[test]
fn the_document_says_the_same() {
    let mut text = String::from(
        "# Diagnostics\n\n\
         Every finding about a query or a rule file has a stable code. Below: what it means, the shortest text that triggers it, and what is then\n\
         printed. `E` are errors and `W` warnings of queries, `R` findings of whole rule files.\n\
         This file is made from `core/src/diagnostic/codes.rs` and `core/src/rule/codes.rs`; a test holds them together.\n",
    );
    let of_queries = ALL.iter().map(|entry| (entry, "query", diagnostics(entry)));
    let of_files = CODES.iter().map(|entry| (entry, "rule", file_diagnostics(entry)));
    for (entry, origin, found) in of_queries.chain(of_files) {
        let shown = found.iter().find(|diagnostic| diagnostic.code == entry.code).unwrap();
        let rendered = shown.render(entry.example, origin);
        write!(text, "\n## {}: {}\n\n{}\n", entry.code.0, entry.title, entry.explanation).unwrap();
        if let Some(mapping) = entry.mapping {
            write!(text, "\nWith the mapping `{mapping}`:\n").unwrap();
        }
        let rendered: String = rendered.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        write!(text, "\n```text\n{rendered}```\n").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    if std::env::var_os("EQLITE_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, text, "docs/errors.md is out of date; run this test with EQLITE_BLESS=1");
}
