//! The parts of the path, one by one: `cargo bench -p eqlite-core --bench parts [-- NAME]`.
//!
//! Every function is given a thousand events, so that what divan prints as Melem/s is a million events a second. What cannot be called
//! from outside (finding candidates, asking leaves) is the difference between `feed` and `project`.
#![allow(
    clippy::field_reassign_with_default,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

use divan::{Bencher, black_box, counter::ItemsCount};
use eqlite_bench::{SEED, audit_input, ecs_input, rules::made};
use eqlite_core::{
    Config, Correlator, Format, Plan, Rule,
    auditd::{Auditd, AuditdOptions, Record},
    event::{FieldTable, Reader, Slots, Splitter},
    rule,
};
use std::sync::Arc;

const UDP_RULE: &str = include_str!("../../rules/linux/udp_reverse_shell.toml");
const EVENTS: usize = 1_000;

fn main() {
    divan::main();
}

fn documents() -> String {
    String::from_utf8(ecs_input(SEED, EVENTS).bytes).unwrap()
}

fn plan(rules: impl IntoIterator<Item = Rule>) -> Arc<Plan> {
    let mut builder = Plan::builder();
    rules.into_iter().for_each(|rule| drop(builder.add(rule).unwrap()));
    builder.build()
}

fn queries<'q>(queries: impl IntoIterator<Item = &'q str>) -> Arc<Plan> {
    plan(queries.into_iter().map(|query| {
        let mut rule = Rule::default();
        rule.kind = "eql".into();
        rule.query = query.into();
        rule
    }))
}

/// 1: the UDP rule; more: made ones.
fn rules(count: usize) -> Arc<Plan> {
    if count == 1 {
        return plan(rule::read_rules(UDP_RULE, "").rules.into_iter().flatten());
    }
    let queries_of_rules: Vec<String> = made(SEED, count).iter().map(|made| made.eql()).collect();
    queries(queries_of_rules.iter().map(String::as_str))
}

#[divan::bench]
fn split(bencher: Bencher) {
    let input = documents();
    bencher.counter(ItemsCount::new(EVENTS)).bench(|| {
        let mut items = 0;
        Splitter::new(Format::Auto, 1 << 20).push(input.as_bytes(), &mut |_, _| items += 1);
        items
    });
}

/// Reading when nobody wants a field, and for the fields of so many rules.
#[divan::bench(args = [0, 1, 1_000])]
fn read(bencher: Bencher, count: usize) {
    let plan = rules(count.max(1));
    let fields = if count == 0 { FieldTable::default() } else { plan.fields().clone() };
    let input = documents();
    let (mut reader, mut slots) = (Reader::new(fields.into(), 64), Slots::default());
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        for line in input.lines() {
            reader.read(black_box(line)).unwrap();
            reader.fill(line, &mut slots);
        }
    });
}

/// `read`, then candidates, leaves, and what they lead to.
#[divan::bench(args = [1, 10, 100, 1_000])]
fn feed(bencher: Bencher, count: usize) {
    let (plan, input) = (rules(count), documents());
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut correlator = Correlator::new(Arc::clone(&plan), Config::default());
        input.lines().map(|line| correlator.feed_event(line.as_bytes()).unwrap()).sum::<u32>()
    });
}

/// Events of which every one goes into the state: a join key, a place in a bucket or a partial.
#[divan::bench(args = ["sample by k [any where s == 1] [any where s == 2]", "sequence by k [any where s == 1] [any where s == 2]"])]
fn correlate(bencher: Bencher, query: &str) {
    let plan = queries([query]);
    let event = |number: usize| {
        let (second, milli) = (number / 1_000, number % 1_000);
        format!(
            "{{\"@timestamp\":\"2026-11-24T00:00:{second:02}.{milli:03}Z\",\"k\":{},\"s\":{}}}",
            number / 2 % 100,
            number % 2 + 1
        )
    };
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut correlator = Correlator::new(Arc::clone(&plan), Config::default());
        events.iter().for_each(|event| drop(correlator.feed_event(event.as_bytes())));
        correlator.finish();
        correlator.drain_alerts().len()
    });
}

/// The records of a thousand events: each parsed by itself.
#[divan::bench]
fn audit_parse(bencher: Bencher) {
    let input = String::from_utf8(audit_input(SEED, EVENTS).bytes).unwrap();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| input.lines().filter(|line| Record::parse(black_box(line)).is_ok()).count());
}

/// Put together into events, of which nothing is asked.
#[divan::bench]
fn audit_reassemble(bencher: Bencher) {
    let input = audit_input(SEED, EVENTS).bytes;
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let (mut auditd, mut events) = (Auditd::new(AuditdOptions::default()), 0);
        for line in input.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            auditd.push_line(line, &mut |_| events += 1).unwrap();
        }
        auditd.flush(&mut |_| events += 1);
        events
    });
}

/// Mapped too: each event decoded, normalized and written as Auditbeat's document.
#[divan::bench]
fn audit_map(bencher: Bencher) {
    let input = audit_input(SEED, EVENTS).bytes;
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let (mut auditd, mut documents) = (Auditd::new(AuditdOptions::default()), String::new());
        for line in input.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            auditd.push_line(line, &mut |event| event.write_json(&mut documents)).unwrap();
        }
        auditd.flush(&mut |event| event.write_json(&mut documents));
        documents.len()
    });
}

/// The whole way of records, with the UDP rule.
#[divan::bench]
fn audit_feed(bencher: Bencher) {
    let (plan, input) = (rules(1), audit_input(SEED, EVENTS).bytes);
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let mut correlator = Correlator::new(Arc::clone(&plan), Config::default());
        correlator.feed(&input);
        correlator.finish();
        correlator.drain_alerts().len()
    });
}
