//! Any text as a file of rules and as a query: it is refused with a place that it has, or it runs.
#![no_main]

use eqlite_core::{Plan, eql, rule};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match eql::parse(text) {
        Ok(query) => {
            let printed = eql::print(&query);
            let again = eql::parse(&printed).expect("what is printed can be read");
            assert_eq!(eql::print(&again), printed);
        }
        Err(problems) => {
            for problem in problems {
                assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len(), "{problem:?}");
            }
        }
    }
    let mut builder = Plan::builder();
    builder.load([rule::read_rules(text, "rule")]);
    builder.build();
});
