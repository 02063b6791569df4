//! Any bytes, in any format, cut anywhere: no panic, and the same alerts, problems and counters as in one piece, and as sifted by another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator, Format, Plan, Problem, Stats};
use std::sync::Arc;
use support::{plan_of, random::Random, rule};

const PIECES: &[&str] = &[
    "{\"name\":\"a\",\"kind\":\"A\",\"@timestamp\":1000,\"k\":1}\n",
    "{\"name\":\"b\",\"kind\":[\"B\",\"A\"],\"@timestamp\":\"1970-01-01T00:00:01.5Z\",\"k\":[1,2,\"x\"]}\n",
    "{\"name\":\"c\",\"kind\":\"C\",\"@timestamp\":\"not a date\",\"k\":null}\r\n",
    "{\"name\":\"a\",\"kind\":\"C\",\"@timestamp\":1002,\"k\":0}\n",
    "{\n  \"kind\": \"A\",\n  \"@timestamp\": 3\n}\n",
    "{\"kind\":\"A\",\n\"@timestamp\":3}\n",
    "[{\"kind\":\"A\",\"@timestamp\":2000,\"k\":1}, {\"kind\":\"B\",\"@timestamp\":2001,\"k\":1}]\n",
    "{\"index\":{}}\n",
    "{\"update\":{}}\n",
    "type=SYSCALL msg=audit(1700000000.001:7): arch=c000003e syscall=41 success=yes exit=3 a0=2 a1=2 a2=0 a3=0 items=0 \
     ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm=\"nc\" exe=\"/usr/bin/nc\"\n",
    "type=SOCKADDR msg=audit(1700000000.001:7): saddr=020001BB01020304000000000000000000\n",
    "node=n type=EOE msg=audit(1700000000.001:7): \n",
    "type=PROCTITLE msg=audit(1700000000.001:7): proctitle=6E63\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u00e9",
    "\\ud800",
    ":",
    ",",
    "\n",
    "\r\n",
    " ",
    "null",
    "1e999",
    "-",
    "\u{e9}",
    "\u{1f600}",
    "\u{0}",
    "type=",
    "msg=audit(",
    "\"k\":",
    "\"@timestamp\":",
    "99999999999999999999",
];

fn bytes(random: &mut Random) -> Vec<u8> {
    let mut bytes: Vec<u8> = random.some(0, 30, |random| random.one(PIECES).as_bytes().to_vec()).concat();
    for _ in 0..random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] = random.next() as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            _ => bytes.insert(at, random.next() as u8),
        }
    }
    bytes
}

fn run<'a>(
    plan: &Arc<Plan>,
    config: &Config,
    chunks: impl Iterator<Item = &'a [u8]>,
) -> (Vec<String>, Vec<Problem>, Stats) {
    let mut correlator = Correlator::new(Arc::clone(plan), config.clone());
    chunks.for_each(|chunk| correlator.feed(chunk));
    correlator.finish();
    let alerts = correlator.drain_alerts().iter().map(eqlite_core::Alert::to_json).collect();
    (alerts, correlator.drain_problems(), correlator.stats())
}

/// Any bytes, and a configuration.
fn input(random: &mut Random) -> (Vec<u8>, Config) {
    let bytes = bytes(random);
    let mut config = Config::default();
    config.format = *random.one(&[Format::Auto, Format::Auto, Format::Ecs, Format::Auditd]);
    config.limits.line_bytes = *random.one(&[40, 200, 1 << 20]);
    config.allowed_lateness = *random.one(&[0, 700]);
    (bytes, config)
}

/// Some places of the bytes, both ends among them.
fn cuts(random: &mut Random, bytes: &[u8]) -> Vec<usize> {
    let mut cuts: Vec<usize> = random.some(0, 6, |random| random.below(bytes.len() + 1));
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts
}

#[test]
fn any_bytes_give_the_same_however_they_are_cut() {
    let plan = plan_of(
        [
            "any where kind == \"A\"",
            "any where auditd.data.syscall == \"socket\" or length(name) > 0",
            "sample by k [A] [B]",
            "sequence by ?k with maxspan=1s [A] [B] ![C]",
        ]
        .map(rule),
    );
    let mut random = Random(41);
    let mut alerts = 0;
    for _ in 0..5_000 {
        let (bytes, config) = input(&mut random);
        let whole = run(&plan, &config, [&bytes[..]].into_iter());
        let cuts = cuts(&mut random, &bytes);
        let pieces = run(&plan, &config, cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]));
        assert_eq!(whole, pieces, "cut at {cuts:?} with {config:?}\n{}", bytes.escape_ascii());
        // No document stands on a line whose end is there, so that lines are found before they are read.
        let single = run(&plan, &config, bytes.chunks(1));
        assert_eq!(whole, single, "byte by byte with {config:?}\n{}", bytes.escape_ascii());
        alerts += whole.0.len();
    }
    assert!(alerts > 500, "too few alerts to be a test: {alerts}");
}

#[test]
fn any_bytes_give_the_same_where_another_has_sifted_them() {
    // Few stages, which can be told by few fields; and one that could be any, so that all are read.
    let few = ["sequence by ?k with maxspan=1s [A where k == 1] [B] ![D]", "any where kind == \"B\" and k == \"x\""];
    let computing = ["any where 1 / k > 2", "any where name == \"z\"", "any where 1 / k > 0 and name != \"a\""];
    let plans = [plan_of(few.map(rule)), plan_of(few.into_iter().chain(computing).map(rule))];
    let mut random = Random(43);
    let (mut alerts, mut passed) = (0, 0);
    for _ in 0..20_000 {
        let (bytes, config) = input(&mut random);
        let plan = random.one(&plans);
        let correlator = || Correlator::new(Arc::clone(plan), config.clone());
        let (mut plain, mut fed, mut sifters) = (correlator(), correlator(), [correlator(), correlator()]);
        for cut in cuts(&mut random, &bytes).windows(2) {
            let piece = &bytes[cut[0]..cut[1]];
            let sifter = &mut sifters[random.below(2)];
            let sifted = sifter.sift(piece);
            assert_eq!(sifter.stats(), correlator().stats(), "who sifts takes nothing");
            plain.feed(piece);
            fed.feed_sifted(piece, &sifted);
            assert_eq!(plain.snapshot(), fed.snapshot(), "{}", bytes.escape_ascii());
            passed += usize::from(sifted[0]);
        }
        plain.finish();
        fed.finish();
        let all = |mut correlator: Correlator| {
            let found: Vec<String> = correlator.drain_alerts().iter().map(eqlite_core::Alert::to_json).collect();
            (found, correlator.drain_problems(), correlator.stats())
        };
        let (plain, fed) = (all(plain), all(fed));
        assert_eq!(plain, fed, "with {config:?}\n{}", bytes.escape_ascii());
        alerts += plain.0.len();
    }
    assert!(alerts > 300 && passed > 1_000, "too little to be a test: {alerts} alerts, {passed} events passed");
}

#[test]
fn what_nobody_has_sifted_is_read_all_the_same() {
    let plan = plan_of(["any where kind == \"A\""].map(rule));
    let piece = PIECES[0].repeat(3);
    for sifted in [&b""[..], b"\xff\xff\xff\xff", b"\x01\xff\xff\x03\x01\x00\x00", b"nothing of the kind"] {
        let mut correlator = Correlator::new(Arc::clone(&plan), Config::default());
        correlator.feed_sifted(piece.as_bytes(), sifted);
        assert_eq!(correlator.drain_alerts().len(), 3, "{sifted:?}");
    }
}
