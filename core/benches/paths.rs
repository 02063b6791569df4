//! Whole paths, bytes in to alerts out, each beside the cost of merely reading the same bytes, taking turns in one run.
//!
//! ```text
//! cargo bench -p eqlite-core --bench paths [-- --rules FOLDER] [--events N] [--rounds N] [--only NAME] [--unchecked]
//! cargo bench -p eqlite-core --bench paths -- --write FOLDER [--events N]     only writes the input, for other hosts to be measured with
//! ```
//! Before anything is timed its alerts are held against those that the generator has written down. Lines that begin with `result` are for
//! `cargo xtask bench`, which makes docs/benchmarks.md of them.
#![allow(
    clippy::field_reassign_with_default,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_bench::{
    Input, SEED, audit_input, ecs_input,
    measure::{Contestant, race},
    rules::made,
};
use eqlite_core::{Config, Correlator, KeyValue, Plan, Rule, rule};
use serde::de::IgnoredAny;
use std::{path::Path, sync::Arc};

const UDP_RULE: &str = include_str!("../../rules/linux/udp_reverse_shell.toml");
/// As a host reads a file.
const CHUNK: usize = 64 * 1024;

struct Options {
    rules: Option<String>,
    events: usize,
    rounds: usize,
    only: Option<String>,
    /// For callgrind, which should see the work once.
    unchecked: bool,
    write: Option<String>,
}

fn main() {
    let options = options();
    if let Some(folder) = &options.write {
        return write(Path::new(folder), options.events);
    }
    if options.only.is_none() {
        // First, while the heap is small.
        partials();
        load();
    }
    let ecs = ecs_input(SEED, options.events);
    let audit = audit_input(SEED, options.events);
    println!("{} events: {} bytes of ECS, {} of records", ecs.events, ecs.bytes.len(), audit.bytes.len());
    if !options.unchecked {
        check("ECS", &ecs, &udp_plan());
        check("audit records", &audit, &udp_plan());
    }

    let mut subjects: Vec<(String, &Input, Option<Arc<Plan>>)> = Vec::new();
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| name == only);
    for name in ["newline scan", "skip", "value"] {
        subjects.extend(wanted(name).then(|| (name.into(), &ecs, None)));
    }
    for (what, input, counts) in [("rules", &ecs, &[1, 10, 100, 1_000][..]), ("audit", &audit, &[1, 1_000])] {
        for count in counts {
            let name = format!("{what} {count}");
            subjects.extend(wanted(&name).then(|| (name.clone(), input, Some(made_plan(*count)))));
        }
    }
    if let Some(folder) = &options.rules {
        let (count, plan) = published_plan(Path::new(folder));
        subjects.push((format!("published {count}"), &ecs, Some(plan)));
    }

    // What reading is compared with need not even look for line ends.
    let documents: Vec<&[u8]> = ecs.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let contestants = subjects
        .iter()
        .map(|(name, input, plan)| {
            let bytes = input.bytes.as_slice();
            match (plan, name.as_str()) {
                (Some(plan), _) => Contestant::new(name, move || run(plan, bytes).0.len() as u64),
                (None, "newline scan") => {
                    Contestant::new(name, move || memchr::memchr_iter(b'\n', bytes).count() as u64)
                }
                (None, "skip") => Contestant::new(name, || documents.iter().map(|line| read::<IgnoredAny>(line)).sum()),
                (None, _) => {
                    Contestant::new(name, || documents.iter().map(|line| read::<serde_json::Value>(line)).sum())
                }
            }
        })
        .collect();
    let timings = race(contestants, options.rounds);
    let skip = timings.iter().find(|timing| timing.name == "skip").map(|timing| timing.nanos_each(ecs.events));
    for (timing, (_, input, _)) in timings.iter().zip(&subjects) {
        let each = timing.nanos_each(input.events);
        let rate = bytes_per_second(input, each);
        let ratio = skip.map_or(String::new(), |skip| format!("{:6.2} x skip", each / skip));
        println!("{:<16} {each:9.0} ns an event {ratio} {rate:7.0} MB/s", timing.name);
        println!("result\t{}\t{each:.1}", timing.name);
    }
}

/// What one of a million live partials takes, beside the bytes of its event: of a sequence, and of a sample.
fn partials() {
    let sequence = partials_of("sequence by k with maxspan=1h [any where s == 1] [any where s == 2]");
    println!("{:.0} bytes a live partial of a sequence beside the bytes of its event", sequence.1);
    println!("result\tpartial bytes\t{:.1}", sequence.1);
    let sample = partials_of("sample by k [any where s == 1] [any where s == 2]");
    println!("{:.0} bytes a live partial of a sample beside the bytes of its event", sample.1);
    println!("result\tpartial bytes of a sample\t{:.1}", sample.1);
}

/// A correlator with a million partials, and the bytes that one takes. It lives on, so that the next one gets memory of its own.
fn partials_of(query: &str) -> (Correlator, f64) {
    const PARTIALS: usize = 1_000_000;
    let mut config = Config::default();
    config.limits.keys_per_rule = PARTIALS;
    config.limits.state_bytes = usize::MAX;
    let mut rule = rule_of("partials", query);
    rule.look_back = 3_600_000;
    let mut correlator = Correlator::new(plan(vec![rule]), config);
    let before = resident();
    for number in 0..PARTIALS {
        let event = format!(r#"{{"@timestamp":"2026-11-24T00:00:00.000Z","k":{number},"s":1}}"#);
        correlator.feed_event(event.as_bytes()).unwrap();
    }
    correlator.advance(eqlite_core::Timestamp::parse("2026-11-24T00:00:01Z").unwrap());
    let stats = correlator.stats();
    assert_eq!((stats.keys, stats.held_events), (PARTIALS as u64, PARTIALS as u64));
    let documents = r#"{"@timestamp":"2026-11-24T00:00:00.000Z","k":,"s":1}"#.len() * PARTIALS
        + (0..PARTIALS).map(|number| number.to_string().len()).sum::<usize>();
    let each = (resident() - before).saturating_sub(documents) as f64 / PARTIALS as f64;
    (correlator, each)
}

/// Bytes of memory that this process has (Linux; elsewhere 0).
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

/// From texts of rules to a plan.
fn load() {
    let options = made_options();
    let contestants = vec![Contestant::new("load 1000", || {
        let rules = options["rules"].as_array().unwrap().iter();
        let text = |rule: &serde_json::Value| rule.as_str().map_or_else(|| rule.to_string(), str::to_string);
        let files = rules.map(|rule| rule::read_rules(&text(rule), "rule"));
        let mut builder = Plan::builder();
        builder.load(files);
        builder.build().rules().count() as u64
    })];
    for timing in race(contestants, 5) {
        println!("{:<16} {:9.1} ms", timing.name, timing.median.as_secs_f64() * 1e3);
        println!("result\tload 1000\t{}", timing.median.as_nanos());
    }
}

/// The input and the options of correlators, as files.
fn write(folder: &Path, events: usize) {
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    put("ecs.ndjson", &ecs_input(SEED, events).bytes);
    put("audit.log", &audit_input(SEED, events).bytes);
    put("udp.json", serde_json::json!({ "rules": [UDP_RULE] }).to_string().as_bytes());
    put("made.json", made_options().to_string().as_bytes());
    put("events.json", serde_json::json!({ "events": events }).to_string().as_bytes());
}

/// The options of a correlator with 1,000 rules: the UDP rule and made ones.
fn made_options() -> serde_json::Value {
    let mut rules = vec![serde_json::json!(UDP_RULE)];
    rules.extend(made(SEED, 999).iter().map(|made| {
        serde_json::json!({"rule_id": made.name, "name": made.name, "type": "eql", "risk_score": 1, "severity": "low", "query": made.eql()})
    }));
    serde_json::json!({ "rules": rules })
}

fn rule_of(name: &str, query: &str) -> Rule {
    let mut rule = Rule::default();
    rule.kind = "eql".into();
    rule.id = name.into();
    rule.name = name.into();
    rule.query = query.into();
    rule
}

fn bytes_per_second(input: &Input, nanos_an_event: f64) -> f64 {
    input.bytes.len() as f64 / input.events as f64 / nanos_an_event * 1_000.0
}

/// Feeds all bytes to a new correlator.
fn run(plan: &Arc<Plan>, bytes: &[u8]) -> (Vec<eqlite_core::Alert>, eqlite_core::Stats) {
    let mut correlator = Correlator::new(Arc::clone(plan), Config::default());
    let mut alerts = Vec::new();
    for chunk in bytes.chunks(CHUNK) {
        correlator.feed(chunk);
        alerts.extend(correlator.drain_alerts());
    }
    correlator.finish();
    alerts.extend(correlator.drain_alerts());
    (alerts, correlator.stats())
}

fn read<'b, T: serde::Deserialize<'b>>(line: &'b [u8]) -> u64 {
    u64::from(serde_json::from_slice::<T>(line).is_ok())
}

/// The alerts must be those that the generator has written down, and nothing may be lost.
fn check(what: &str, input: &Input, plan: &Arc<Plan>) {
    let (alerts, stats) = run(plan, &input.bytes);
    let number = |key: &KeyValue| match key {
        KeyValue::Int(value) => u32::try_from(*value).unwrap(),
        other => panic!("{other:?} is no pid"),
    };
    let mut found: Vec<(u32, u32)> =
        alerts.iter().map(|alert| (number(&alert.join_keys[1].1), number(&alert.join_keys[2].1))).collect();
    let mut expected: Vec<(u32, u32)> = input.expected.iter().map(|(_, pid, parent)| (*pid, *parent)).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "{what}: alerts");
    assert_eq!((stats.events, stats.malformed), (input.events as u64, 0), "{what}: {stats:?}");
    println!("{what}: {} alerts, as expected; {} events matched a stage", found.len(), stats.matched);
}

fn udp_plan() -> Arc<Plan> {
    plan(rules_of(UDP_RULE, "udp_reverse_shell.toml"))
}

/// The UDP rule and `count - 1` made ones.
fn made_plan(count: usize) -> Arc<Plan> {
    let mut rules = rules_of(UDP_RULE, "udp_reverse_shell.toml");
    rules.extend(made(SEED, count - 1).iter().map(|made| rule_of(&made.name, &made.eql())));
    plan(rules)
}

/// All EQL rules of a folder of published ones (TOML).
fn published_plan(folder: &Path) -> (usize, Arc<Plan>) {
    let mut files: Vec<_> = walk(folder);
    files.sort();
    let mut rules = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        rules.extend(rules_of(&text, &file.to_string_lossy()));
    }
    rules.retain(|rule| rule.kind == "eql");
    (rules.len(), plan(rules))
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => walk(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect()
}

fn rules_of(text: &str, name: &str) -> Vec<Rule> {
    rule::read_rules(text, name).rules.into_iter().flatten().collect()
}

fn plan(rules: Vec<Rule>) -> Arc<Plan> {
    let mut builder = Plan::builder();
    for rule in rules {
        let query = rule.query.clone();
        if let Err(problems) = builder.add(rule) {
            panic!("{query}\n{problems:?}");
        }
    }
    builder.build()
}

fn options() -> Options {
    let mut options = Options { rules: None, events: 20_000, rounds: 9, only: None, unchecked: false, write: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
        match word.as_str() {
            "--rules" => options.rules = Some(value()),
            "--events" => options.events = value().parse().unwrap(),
            "--rounds" => options.rounds = value().parse().unwrap(),
            "--only" => options.only = Some(value()),
            "--write" => options.write = Some(value()),
            "--unchecked" => options.unchecked = true,
            // Cargo says it to every benchmark.
            "--bench" => {}
            other => panic!(
                "{other}: what is that? --rules FOLDER, --events N, --rounds N, --only NAME, --unchecked, --write FOLDER"
            ),
        }
    }
    options
}
