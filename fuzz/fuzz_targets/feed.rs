//! Any bytes, cut anywhere: nothing panics, and the pieces do not matter.
#![no_main]

use eqlite_core::{Config, Correlator, Plan, rule};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let mut builder = Plan::builder();
    builder.load([rule::read_rules(include_str!("../../rules/linux/udp_reverse_shell.toml"), "rule")]);
    builder.build()
});

fn run(bytes: &[u8], size: usize) -> Vec<String> {
    let mut correlator = Correlator::new(PLAN.clone(), Config::default());
    bytes.chunks(size).for_each(|piece| correlator.feed(piece));
    correlator.finish();
    let problems = correlator.drain_problems().into_iter().map(|problem| format!("{problem:?}"));
    let alerts = correlator.drain_alerts().into_iter().map(|alert| format!("{alert:?}"));
    problems.chain(alerts).chain([format!("{:?}", correlator.stats())]).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let whole = run(bytes, usize::MAX);
    assert_eq!(whole, run(bytes, 1));
    assert_eq!(whole, run(bytes, 7));
});
