//! Which functions run for each event. These are compiled for speed, some of them with an eye on size; all others as small as can be, which is a
//! tenth of what is packed, and takes its time where nobody waits: loading rules, explaining, searching.
//!
//! Rust chooses that by crate. LLVM takes it by function, but only by name, and names end in a hash that nobody can foresee; so a module is
//! built twice: once to learn the names, and again with a list of those that are hot. Names do not hang on what LLVM is told.
//!
//! Hot is what lies in [`HOT`] and not in [`COLD`], and what of the library such a function calls itself; [`HOTTEST`] is that part of it in which most
//! of an event's time goes. A function that the lists miss is compiled small, and that is all that happens to it.

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

/// Where the loops are: reading, finding what an event can match, decoding records.
const HOTTEST: &[&str] = &[
    "eqlite_core::auditd::Auditd::gather_line",
    "eqlite_core::auditd::decode",
    "eqlite_core::auditd::fields",
    "eqlite_core::auditd::head",
    "eqlite_core::auditd::reassemble",
    "eqlite_core::auditd::record",
    "eqlite_core::auditd::scan",
    "eqlite_core::auditd::slots",
    "eqlite_core::event::members",
    "eqlite_core::event::reader",
    "eqlite_core::event::repeats",
    "eqlite_core::event::scan",
    "eqlite_core::event::split",
    "eqlite_core::event::step",
    "eqlite_core::event::table",
    "eqlite_core::event::view",
    "eqlite_core::plan::index",
    "eqlite_core::plan::shown",
    "eqlite_core::plan::signs",
];

/// What of it an event does not come by: making ready, and telling what was done.
const COLD: &[&str] = &[
    "Keys::load",
    "Keys::save",
    "State::load",
    "State::save",
    "eqlite_core::auditd::doctor",
    "eqlite_core::auditd::slots::SlotMap::new",
    "eqlite_core::auditd::stats",
    "eqlite_core::auditd::wanted::Wanted::add",
    "eqlite_core::correlate::Correlator::new",
    "eqlite_core::correlate::Correlator::stats",
    "eqlite_core::correlate::machine::Machine::alert",
    "eqlite_core::correlate::snapshot",
    "eqlite_core::correlate::stats",
    "eqlite_core::event::table::FieldTable::lead",
    "eqlite_core::plan::Compiler",
    "eqlite_core::plan::PlanBuilder",
    "eqlite_core::plan::guard",
    "eqlite_core::plan::index::Demand",
    "eqlite_core::plan::index::StageIndex::new",
    "eqlite_core::plan::index::signs",
    "eqlite_core::plan::leaf::LeafTable",
    "eqlite_core::plan::load",
    "eqlite_core::plan::lower",
    "eqlite_core::plan::partition",
    "eqlite_core::plan::shown::ShownMemory::make_room",
    "eqlite_core::plan::types",
    "eqlite_core::state",
    "eqlite_core::time::duration",
    "eqlite_core::time::java_pattern",
    "eqlite_core::time::range",
];

/// What of the library is not hot because a hot function calls it.
const SELDOM: &[&str] = &["alloc::collections", "core::fmt", "core::ptr::drop_in_place", "serde"];

/// But for what each event drops.
const DROPPED: &[&str] = &[
    "core::ptr::drop_in_place<eqlite_core::auditd::event::",
    "core::ptr::drop_in_place<eqlite_core::auditd::fields::Fields",
    "core::ptr::drop_in_place<core::option::Option<alloc::borrow::Cow<str>>>",
];

/// The functions of a module that are hot, by their names.
#[derive(Clone, Debug, Default)]
pub struct Hot {
    hot: BTreeSet<String>,
    /// Those of them that are the hottest.
    hottest: BTreeSet<String>,
}

impl Hot {
    /// Those of a module that has names.
    pub fn new(module: &[u8]) -> Result<Hot> {
        let linked = Linked::new(module)?;
        let (mut hot, mut hottest, mut library) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (function, name) in &linked.names {
            let path = path(name);
            let lies_in = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
            let is_seldom = lies_in(SELDOM) && !lies_in(DROPPED);
            if COLD.iter().any(|place| path.contains(place)) || is_seldom {
                continue;
            }
            if lies_in(HOT) {
                hot.insert(*function);
                if lies_in(HOTTEST) {
                    hottest.insert(*function);
                }
            } else if !path.starts_with("eqlite") {
                library.insert(*function);
            }
        }
        ensure!(!hottest.is_empty(), "no function is hot: are there names?");
        let named = |functions: &BTreeSet<usize>| -> BTreeSet<String> {
            let bodies =
                functions.iter().filter_map(|function| linked.bodies.get(function.checked_sub(linked.imported)?));
            let used = bodies.flat_map(|body| linked.uses(&places(body.range())));
            let called = used.filter_map(|(_, symbol)| match linked.symbols[*symbol] {
                Symbol::Function(function) if library.contains(&function) => Some(function),
                _ => None,
            });
            functions.iter().copied().chain(called).map(|function| linked.names[&function].to_string()).collect()
        };
        Ok(Hot { hot: named(&hot), hottest: named(&hottest) })
    }

    /// What rustc is told so that LLVM compiles all functions small but these, and of these all but the hottest with an eye on size. A line each.
    pub fn flags(&self) -> String {
        let all = ["minsize", "optsize"].map(|attribute| format!("-Cllvm-args=-force-attribute={attribute}\n"));
        let but = |names: &BTreeSet<String>, attribute: &str| -> String {
            names.iter().map(|name| format!("-Cllvm-args=-force-remove-attribute={name}:{attribute}\n")).collect()
        };
        all.concat() + &but(&self.hot, "minsize") + &but(&self.hottest, "optsize")
    }

    /// Makes sure that a module has most of the functions that were to be hot (some are put into others): under other names they would all have
    /// been compiled small, and nothing else would tell.
    pub fn found(&self, module: &[u8]) -> Result<()> {
        let linked = Linked::new(module)?;
        let (there, all) = (linked.names.values().filter(|name| self.hot.contains(**name)).count(), self.hot.len());
        ensure!(there * 2 > all, "of {all} functions that are hot {there} are in the module: names changed");
        Ok(())
    }
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
    fn all_is_small_but_what_is_hot() {
        let set = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let hot = Hot { hot: set(&["f", "g"]), hottest: set(&["g"]) };
        let told = [
            "-force-attribute=minsize",
            "-force-attribute=optsize",
            "-force-remove-attribute=f:minsize",
            "-force-remove-attribute=g:minsize",
            "-force-remove-attribute=g:optsize",
        ];
        assert_eq!(hot.flags(), told.map(|flag| format!("-Cllvm-args={flag}\n")).concat());
    }
}
