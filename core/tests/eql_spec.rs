//! `spec/errors`: queries that are refused, and what is then printed. `spec/syntax`: queries that are read, and their canonical form.
//!
//! `EQLITE_BLESS=1 cargo test -p eqlite-core --test eql_spec` writes what comes out into the files: look at the difference before you keep it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{Schema, eql};
use serde::Deserialize;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
struct File {
    /// What the file is about: the comment at its top.
    about: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    query: String,
    /// An Elasticsearch mapping; the open schema where there is none.
    mapping: Option<String>,
    #[serde(default)]
    expected: String,
}

fn measure(folder: &str, outcome: impl Fn(&Case) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let mut file: File = toml::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let mut differs = Vec::new();
        for case in &mut file.case {
            let found = outcome(case);
            if found.trim_end() != case.expected.trim_end() {
                differs.push(format!("{}\nexpected\n{}\nfound\n{found}", case.query, case.expected));
            }
            case.expected = found;
        }
        if std::env::var_os("EQLITE_BLESS").is_some() {
            fs::write(&path, written(&file)).unwrap();
        } else {
            assert!(differs.is_empty(), "{}:\n{}", path.display(), differs.join("\n"));
        }
    }
}

fn written(file: &File) -> String {
    let mut text = format!("about = {}\n", quoted(&file.about));
    for case in &file.case {
        write!(text, "\n[[case]]\nquery = {}\n", quoted(&case.query)).unwrap();
        if let Some(mapping) = &case.mapping {
            writeln!(text, "mapping = {}", quoted(mapping)).unwrap();
        }
        writeln!(text, "expected = {}", quoted(&case.expected)).unwrap();
    }
    text
}

/// Text as TOML, as plain as it can be written.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c == '\n' || !c.is_control());
    match text.contains('\n') {
        true if plain && !text.contains("'''") => format!("'''\n{text}'''"),
        false if plain && !text.contains('\'') => format!("'{text}'"),
        _ => serde_json::to_string(text).unwrap(),
    }
}

#[test]
fn errors() {
    measure("errors", |case| {
        let schema =
            case.mapping.as_deref().map_or_else(Schema::open, |mapping| Schema::from_mapping(mapping).unwrap());
        let found = match eql::parse(&case.query) {
            Ok(query) => eql::check(&query, &schema),
            Err(found) => found,
        };
        assert!(!found.is_empty(), "accepted: {}", case.query);
        let drawn: String = found.iter().map(|diagnostic| diagnostic.render(&case.query, "query")).collect();
        drawn.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    });
}

#[test]
fn syntax() {
    measure("syntax", |case| {
        let draw = |found: Vec<eqlite_core::Diagnostic>| -> String {
            panic!("{}", found.iter().map(|diagnostic| diagnostic.render(&case.query, "query")).collect::<String>())
        };
        let query = eql::parse(&case.query).unwrap_or_else(|found| panic!("{}", draw(found)));
        let schema =
            case.mapping.as_deref().map_or_else(Schema::open, |mapping| Schema::from_mapping(mapping).unwrap());
        let found = eql::check(&query, &schema);
        if !found.is_empty() {
            draw(found);
        }
        eql::print(&query)
    });
}
