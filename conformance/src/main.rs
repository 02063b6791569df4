//! `cargo xtask conformance --corpora PATH [--suite NAME] [--verbose]`: one line per outside suite, passed / failed / skipped with the reason.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // indexing JSON gives null, not a panic

mod auditd;
mod es_eql;
mod functions;
mod parser;
mod report;
mod rule_events;
mod rules;
mod udp_shell;
mod validation;

use report::Report;
use std::{path::Path, process::ExitCode};

/// A suite: its name and what measures it.
type Suite = (&'static str, fn(&Path, &mut Report));

/// Every suite.
const SUITES: &[Suite] = &[
    ("es-eql", es_eql::run),
    ("parser", parser::run),
    ("validation", validation::run),
    ("rules", rules::run),
    ("rule-events", rule_events::run),
    ("udp-shell", udp_shell::run),
    ("functions", functions::run),
    ("auditd", auditd::run),
];

fn main() -> ExitCode {
    let mut corpora = None;
    let mut only = None;
    let mut verbose = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--corpora" => corpora = args.next(),
            "--suite" => only = args.next(),
            "--verbose" => verbose = true,
            other => {
                eprintln!("conformance: unknown argument '{other}'; usage: --corpora PATH [--suite NAME] [--verbose]");
                return ExitCode::from(2);
            }
        }
    }
    let Some(corpora) = corpora else {
        eprintln!("conformance: --corpora PATH is missing: the folder that holds the outside suites");
        return ExitCode::from(2);
    };
    let mut clean = true;
    for (name, run) in SUITES.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| *name == only)) {
        let mut report = Report::new(verbose);
        run(Path::new(&corpora), &mut report);
        clean &= report.print(name);
    }
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
