//! Who may know whom: the arrows between the parts of the crate point one way, downwards.
//!
//! The test reads every `crate::` path of the source and fails on an arrow that the table does not have. A part is a folder or file of
//! `core/src`; the syntax tree, which is plain data, is a part of its own below the rest of `eql`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// From the bottom to the top: a part, and what it may know. Whoever adds an arrow says so here.
const LAYERS: &[(&str, &[&str])] = &[
    ("span", &[]),
    ("limits", &[]),
    ("net", &[]),
    ("version", &[]),
    ("diagnostic", &["span"]),
    ("eql::ast", &["span"]),
    ("time", &["eql::ast"]),
    ("pattern", &["span"]),
    ("lowercase", &[]),
    ("number", &[]),
    ("object", &[]),
    ("ordered", &[]),
    ("sort", &[]),
    ("state", &["time"]),
    ("event", &["limits", "net", "state", "time", "version"]),
    ("auditd", &["diagnostic", "event", "state", "time"]),
    ("functions", &["eql::ast", "event", "net", "pattern", "span"]),
    ("schema", &["event", "functions", "net", "time"]),
    ("eql", &["diagnostic", "functions", "net", "schema", "span"]),
    // Its exceptions and filters become conditions of the syntax tree, by the types of the schema.
    ("rule", &["diagnostic", "eql::ast", "net", "schema", "span", "time"]),
    (
        "plan",
        &[
            "diagnostic",
            "eql",
            "eql::ast",
            "event",
            "functions",
            "net",
            "pattern",
            "rule",
            "schema",
            "span",
            "time",
            "version",
        ],
    ),
    ("alert", &["event", "rule", "state", "time"]),
    // Neither the language nor its functions: what the matchers need to know, the plan carries.
    ("correlate", &["alert", "auditd", "event", "limits", "plan", "state", "time"]),
    (
        "search",
        &["correlate", "diagnostic", "eql::ast", "event", "functions", "limits", "plan", "rule", "schema", "time"],
    ),
    (
        "explain",
        &[
            "alert",
            "correlate",
            "diagnostic",
            "eql",
            "eql::ast",
            "event",
            "limits",
            "plan",
            "rule",
            "schema",
            "search",
            "span",
            "state",
            "time",
        ],
    ),
    ("replay", &["alert", "correlate", "diagnostic", "event", "plan", "rule", "schema", "search", "time"]),
];

/// What every part may use, as it uses the standard library.
const EVERYWHERE: [&str; 5] = ["lowercase", "number", "object", "ordered", "sort"];

/// Names that `lib.rs` gives again.
const AGAIN: &[(&str, &str)] = &[
    ("Alert", "alert"),
    ("AlertEvent", "alert"),
    ("Code", "diagnostic"),
    ("Diagnostic", "diagnostic"),
    ("Limits", "limits"),
    ("Rule", "rule"),
    ("Schema", "schema"),
    ("Span", "span"),
    ("Timestamp", "time"),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The paths of a use tree: `event::{Slots, json::{self}}` gives `event::Slots` and `event::json::self`.
fn flatten(tree: &str, prefix: &str, out: &mut Vec<String>) -> usize {
    let mut end = 0;
    let mut name = String::new();
    for (at, c) in tree.char_indices() {
        end = at + c.len_utf8();
        match c {
            _ if c.is_alphanumeric() || matches!(c, ':' | '_') => name.push(c),
            '{' => {
                let prefix = format!("{prefix}{name}");
                let mut rest = end;
                loop {
                    rest += flatten(&tree[rest..], &prefix, out);
                    match tree[rest..].chars().next() {
                        Some(',') => rest += 1,
                        _ => return rest + 1,
                    }
                }
            }
            _ if c.is_whitespace() && name.is_empty() => {}
            _ => {
                end = at;
                break;
            }
        }
    }
    if !name.is_empty() {
        out.push(format!("{prefix}{name}"));
    }
    end
}

fn part(path: &str) -> String {
    let first = path.split("::").next().unwrap();
    let first = AGAIN.iter().find(|(name, _)| *name == first).map_or(first, |(_, part)| part);
    if path.starts_with("eql::ast") { "eql::ast".into() } else { first.into() }
}

#[test]
fn arrows_point_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = BTreeSet::new();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let name =
            file.strip_prefix(&root).unwrap().to_str().unwrap().trim_end_matches(".rs").replace(['/', '\\'], "::");
        let from = part(name.trim_end_matches("::mod"));
        if from == "lib" {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code: String =
            code.lines().map(|line| line.split("//").next().unwrap()).flat_map(|line| [line, "\n"]).collect();
        let mut paths = Vec::new();
        for (at, found) in code.match_indices("crate::") {
            flatten(&code[at + found.len()..], "", &mut paths);
        }
        for to in paths.iter().map(|path| part(path)).filter(|to| *to != from && !EVERYWHERE.contains(&to.as_str())) {
            let allowed = LAYERS.iter().find(|(name, _)| *name == from).map(|(_, allowed)| *allowed);
            if !allowed.unwrap_or_else(|| panic!("{from} has no layer")).contains(&to.as_str()) {
                wrong.insert(format!("{name}: {from} must not know {to}"));
            }
            arrows.entry(from.clone()).or_default().insert(to);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (number, (from, allowed)) in LAYERS.iter().enumerate() {
        for to in *allowed {
            let below = LAYERS[..number].iter().any(|(name, _)| name == to);
            assert!(below, "{from} may know {to}, which is not below it");
        }
    }
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 30, "the arrows are not found: {arrows:?}");
}

#[test]
fn use_trees_are_taken_apart() {
    let mut out = Vec::new();
    flatten("{\n    a::{self, b::{C, D}, e},\n    F,\n};", "", &mut out);
    flatten("g::h(1)", "", &mut out);
    assert_eq!(out, ["a::self", "a::b::C", "a::b::D", "a::e", "F", "g::h"]);
}
