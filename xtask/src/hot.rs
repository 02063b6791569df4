//! Which functions run for each event. These are compiled as the profile says (`"s"`), all others as small as can be (`"z"`), which is a tenth
//! of what is packed, and takes its time where nobody waits: loading rules, explaining, searching.
//!
//! Rust chooses that by crate. LLVM takes it by function, but only by name, and names end in a hash that nobody can foresee; so a module is
//! built twice: once to learn the names, and again with a list of those that are hot. Names do not hang on what LLVM is told.
//!
//! Hot is what lies in [`HOT`] and not in [`COLD`], and what of the library such a function calls itself. A function that the list misses is
//! compiled small, and that is all that happens to it.

use crate::module::{Linked, Symbol, places};
use anyhow::{Result, ensure};
use std::collections::BTreeSet;

/// What of the core events come by, one after the other. Patterns, functions, addresses and numbers are not here: what they say of a value is mostly
/// remembered.
const HOT: &[&str] = &[
    "eqlite_core::auditd",
    "eqlite_core::correlate",
    "eqlite_core::event",
    "eqlite_core::plan",
    "eqlite_core::time",
    "foldhash",
    "hashbrown::table",
    "memchr",
];

/// What of it an event does not come by: making ready, and telling what was done.
const COLD: &[&str] = &[
    "eqlite_core::auditd::doctor",
    "eqlite_core::auditd::stats",
    "eqlite_core::correlate::snapshot",
    "eqlite_core::correlate::stats",
    "eqlite_core::plan::Compiler",
    "eqlite_core::plan::PlanBuilder",
    "eqlite_core::plan::guard",
    "eqlite_core::plan::load",
    "eqlite_core::plan::lower",
    "eqlite_core::plan::partition",
    "eqlite_core::plan::types",
    "eqlite_core::state",
    "eqlite_core::time::duration",
    "eqlite_core::time::java_pattern",
    "eqlite_core::time::range",
];

/// What of the library is not hot because a hot function calls it.
const SELDOM: &[&str] = &["alloc::collections", "core::fmt", "core::ptr::drop_in_place", "serde"];

/// What LLVM is told so that all functions are compiled small but those of these names.
pub fn small_but<'a>(hot: impl IntoIterator<Item = &'a str>) -> String {
    let small = "-Cllvm-args=-force-attribute=minsize\n".to_string();
    hot.into_iter().fold(small, |told, name| told + &format!("-Cllvm-args=-force-remove-attribute={name}:minsize\n"))
}

/// The names of the functions of a module that are hot.
pub fn names(module: &[u8]) -> Result<BTreeSet<String>> {
    let linked = Linked::new(module)?;
    let paths = linked.names.iter().map(|(function, name)| (*function, path(name)));
    let (mut hot, mut library) = (BTreeSet::new(), BTreeSet::new());
    for (function, path) in paths {
        let lies_in = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
        if COLD.iter().any(|place| path.contains(place)) || lies_in(SELDOM) {
            continue;
        }
        if lies_in(HOT) {
            hot.insert(function);
        } else if !path.starts_with("eqlite") {
            library.insert(function);
        }
    }
    ensure!(!hot.is_empty(), "no function is hot: are there names?");
    let bodies = hot.iter().filter_map(|function| linked.bodies.get(function.checked_sub(linked.imported)?));
    let used = bodies.flat_map(|body| linked.uses(&places(body.range())));
    let called: Vec<usize> = used
        .filter_map(|(_, symbol)| match linked.symbols[*symbol] {
            Symbol::Function(function) if library.contains(&function) => Some(function),
            _ => None,
        })
        .collect();
    hot.extend(called);
    Ok(hot.iter().map(|function| linked.names[function].to_string()).collect())
}

/// Makes sure that a module has most of the functions that were to be hot (some are put into others): under other names they would all have
/// been compiled small, and nothing else would tell.
pub fn found(hot: &BTreeSet<String>, module: &[u8]) -> Result<()> {
    let linked = Linked::new(module)?;
    let there = linked.names.values().filter(|name| hot.contains(**name)).count();
    ensure!(there * 2 > hot.len(), "of {} functions that are hot {there} are in the module: names changed", hot.len());
    Ok(())
}

/// Where a function lies, as it is written in Rust: of a method, where its type does.
fn path(name: &str) -> String {
    let path = format!("{:#}", rustc_demangle::demangle(name));
    path.trim_start_matches('<').trim_start_matches('&').trim_start_matches("mut ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_lie_where_their_type_does() {
        let name = "_ZN91_$LT$eqlite_core..event..view..Values$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17h5a335cadaacc2d0dE";
        assert!(path(name).starts_with("eqlite_core::event::view::Values as core"), "{}", path(name));
        assert_eq!(
            path("_ZN11eqlite_core5event4json7project17hb7ec7c9156e2e50cE"),
            "eqlite_core::event::json::project"
        );
        assert_eq!(path("eqlite_feed"), "eqlite_feed");
    }

    #[test]
    fn all_is_small_but_what_is_named() {
        assert_eq!(
            small_but(["f"]),
            "-Cllvm-args=-force-attribute=minsize\n-Cllvm-args=-force-remove-attribute=f:minsize\n"
        );
    }
}
