//! Any bytes, in any format, cut anywhere: no panic, and the same alerts, problems and counters as in one piece.
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
    "{\n  \"kind\": \"A\",\n  \"@timestamp\": 3\n}\n",
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
    for _ in 0..1_000 {
        let bytes = bytes(&mut random);
        let mut config = Config::default();
        config.format = *random.one(&[Format::Auto, Format::Auto, Format::Ecs, Format::Auditd]);
        config.limits.line_bytes = *random.one(&[40, 200, 1 << 20]);
        config.allowed_lateness = *random.one(&[0, 700]);
        let whole = run(&plan, &config, [&bytes[..]].into_iter());
        let mut cuts: Vec<usize> = random.some(0, 6, |random| random.below(bytes.len() + 1));
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = run(&plan, &config, cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]));
        assert_eq!(whole, pieces, "cut at {cuts:?} with {config:?}\n{}", bytes.escape_ascii());
        let single = run(&plan, &config, bytes.chunks(1));
        assert_eq!(whole, single, "byte by byte with {config:?}\n{}", bytes.escape_ascii());
        alerts += whole.0.len();
    }
    assert!(alerts > 500, "too few alerts to be a test: {alerts}");
}
