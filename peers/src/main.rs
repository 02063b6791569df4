//! The same events through other engines: rsigma-eval and tau-engine on ECS, linux-audit-parser on records.
//!
//! ```text
//! cargo run --release --manifest-path peers/Cargo.toml [-- --events N] [--rounds N]
//! ```
//! Every engine reads the same bytes. What it finds is held against what eqlite finds before anything is timed: for the UDP rule the
//! alerts, for the made rules how many events match each stage (others know no EQL sequences, so every stage is a rule of its own).

mod sigma;
mod tau;

use eqlite_bench::{
    Input, SEED, audit_input, ecs_input,
    measure::{Contestant, race},
    rules::{Made, made},
};
use eqlite_core::{Config, Correlator, Plan, Rule, rule};
use std::sync::Arc;

const UDP_RULE: &str = include_str!("../../rules/linux/udp_reverse_shell.toml");
const RULES: &[usize] = &[10, 100, 1_000];

fn main() {
    let number = |name: &str, default: usize| {
        let words: Vec<String> = std::env::args().collect();
        let at = words.iter().position(|word| word == name);
        at.and_then(|at| words.get(at + 1)).map_or(default, |word| word.parse().expect("a number"))
    };
    let (events, rounds) = (number("--events", 2_000), number("--rounds", 5));
    let (ecs, audit) = (ecs_input(SEED, events), audit_input(SEED, events));
    let udp = udp_plan();
    assert!(!ecs.expected.is_empty(), "too few events for an alert to be found");
    let mut contestants = Vec::new();

    let found = sigma::Udp::new().alerts(&ecs.bytes);
    assert_eq!(found, ecs.expected.len(), "rsigma-eval: alerts of the UDP rule");
    assert_eq!(eqlite_alerts(&udp, &ecs.bytes), ecs.expected.len(), "eqlite: alerts of the UDP rule");
    contestants.push(Contestant::new("eqlite 1", || eqlite_alerts(&udp, &ecs.bytes) as u64));
    contestants.push(Contestant::new("rsigma-eval 1", || sigma::Udp::new().alerts(&ecs.bytes) as u64));

    let sets: Vec<(usize, Vec<Made>)> = RULES.iter().map(|count| (*count, made(SEED, *count))).collect();
    for (count, rules) in &sets {
        let plan = plan(rules);
        let expected = eqlite_matches(&plan, &ecs.bytes);
        let (sigma, tau) = (sigma::Rules::new(rules), tau::Rules::new(rules));
        let found = (sigma.matches(&ecs.bytes), tau.matches(&ecs.bytes));
        assert_eq!(found, (expected, expected), "matching stages of {count} rules: rsigma-eval, tau-engine, and eqlite's");
        println!("{count} rules: {expected} matches, the same from all");
        let bytes = &ecs.bytes;
        contestants.push(Contestant::new(format!("eqlite {count}"), move || eqlite_matches(&plan, bytes)));
        contestants.push(Contestant::new(format!("rsigma-eval {count}"), move || sigma.matches(bytes)));
        contestants.push(Contestant::new(format!("tau-engine {count}"), move || tau.matches(bytes)));
    }

    assert_eq!(parse_records(&audit), audit.lines as u64, "linux-audit-parser: lines that it can read");
    contestants.push(Contestant::new("eqlite audit", || eqlite_alerts(&udp, &audit.bytes) as u64));
    contestants.push(Contestant::new("linux-audit-parser audit", || parse_records(&audit)));

    for timing in race(contestants, rounds) {
        let each = timing.nanos_each(events);
        println!("{:<26} {each:11.0} ns an event", timing.name);
        println!("result\t{}\t{each:.1}", timing.name);
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Only parses: no events are put together, no rule is asked.
fn parse_records(audit: &Input) -> u64 {
    let mut line_with_end = Vec::new();
    lines(&audit.bytes)
        .filter(|line| {
            line_with_end.clear();
            line_with_end.extend_from_slice(line);
            line_with_end.push(b'\n');
            linux_audit_parser::parse(&line_with_end, true).is_ok()
        })
        .count() as u64
}

fn eqlite_alerts(plan: &Arc<Plan>, bytes: &[u8]) -> usize {
    let mut correlator = Correlator::new(Arc::clone(plan), Config::default());
    correlator.feed(bytes);
    correlator.finish();
    correlator.drain_alerts().len()
}

fn eqlite_matches(plan: &Arc<Plan>, bytes: &[u8]) -> u64 {
    let mut correlator = Correlator::new(Arc::clone(plan), Config::default());
    correlator.feed(bytes);
    correlator.finish();
    correlator.drain_alerts();
    correlator.stats().rules.iter().flat_map(|rule| &rule.stages).sum()
}

fn udp_plan() -> Arc<Plan> {
    let mut builder = Plan::builder();
    for rule in rule::read_rules(UDP_RULE, "udp_reverse_shell.toml").rules {
        builder.add(rule.expect("our own rule can be read")).expect("our own rule compiles");
    }
    builder.build()
}

fn plan(rules: &[Made]) -> Arc<Plan> {
    let mut builder = Plan::builder();
    for made in rules {
        let mut rule = Rule::default();
        rule.kind = "eql".into();
        rule.id = made.name.clone();
        rule.query = made.eql();
        builder.add(rule).expect("a made rule compiles");
    }
    builder.build()
}
