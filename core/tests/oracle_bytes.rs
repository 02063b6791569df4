//! Any bytes, in any format, cut anywhere: no panic, and the same alerts, problems and counters as in one piece, and as sifted by another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator, Format, Plan, Problem, Stats, Timestamp};
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

/// A log of records: events of several nodes, whose records mostly stand side by side, with all that may go wrong.
fn records(random: &mut Random) -> Vec<u8> {
    const BODIES: &[&str] = &[
        "SYSCALL arch=c000003e syscall=41 success=yes exit=3 a0=2 a1=2 a2=0 items=0 pid=2 comm=\"nc\" exe=\"/usr/bin/nc\"",
        "SYSCALL arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=5 a2=10 items=0 pid=2 comm=\"nc\" exe=\"/usr/bin/nc\"",
        "SYSCALL arch=c000003e syscall=59 success=yes exit=0 items=1 pid=3 comm=\"ls\" exe=\"/usr/bin/ls\"",
        "SYSCALL syscall=59",
        "SOCKADDR saddr=020001BB01020304000000000000000000",
        "PATH item=0 name=\"/bin/ls\" inode=1 mode=0100755 ouid=0",
        "CWD cwd=\"/\"",
        "USER_LOGIN pid=1 uid=0 msg='op=login res=success'",
    ];
    const ENDS: &[&str] = &["PROCTITLE proctitle=6E63", "EOE"];
    const OTHERS: &[&[u8]] = &[
        b"{\"process\":{\"name\":\"nc\"},\"@timestamp\":1700000000500}\n",
        b"{\"process\":{\"name\":\"ls\"},\"@timestamp\":1700000000500}\n",
        b"{\"index\":{}}\n",
        b"type=SYSCALL msg=audit(1700000000.x:7): \n",
        b"\n",
        b" ",
        b"{\n",
        b"[",
        b"]\n",
    ];
    let mut serial = *random.one(&[7, u32::MAX - 2]);
    let mut millis = 1_700_000_000_000_u64;
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for _ in 0..random.below(12) {
        serial = match random.below(8) {
            0 => serial,
            1 => serial.wrapping_sub(random.below(4) as u32),
            2 => serial.wrapping_add(random.below(4) as u32),
            _ => serial.wrapping_add(1),
        };
        millis += *random.one(&[0, 0, 1, 1, 300, 1_999, 2_000, 5_000]);
        let node = *random.one(&["", "", "node=a ", "node=b "]);
        let line = |body: &&str| {
            let (kind, body) = body.split_once(' ').unwrap_or((body, ""));
            let (seconds, millis) = (millis / 1_000, millis % 1_000);
            format!("{node}type={kind} msg=audit({seconds}.{millis:03}:{serial}): {body}\n").into_bytes()
        };
        let mut event: Vec<&str> = random.some(0, 3, |random| *random.one(BODIES));
        event.extend(random.some(0, 2, |random| *random.one(ENDS)));
        lines.extend(event.iter().map(line));
        if random.chance(10) {
            lines.push(random.one(OTHERS).to_vec());
        }
    }
    for _ in 0..random.below(4) {
        if lines.is_empty() {
            break;
        }
        // Records of one event come in between those of another, late, twice, torn, or not at all.
        let (one, other) = (random.below(lines.len()), random.below(lines.len()));
        match random.below(7) {
            0 => lines.swap(one, other),
            1 => lines.insert(one, lines[other].clone()),
            2 => drop(lines.remove(one)),
            3 => {
                let at = random.below(lines[one].len());
                lines[one][at] = *random.one(b"\n \r=:.\"0{\xff");
            }
            4 => lines[one].truncate(1 + random.below(40)),
            5 => lines[one].insert(0, b' '),
            _ => lines.insert(one, b"\r\n".to_vec()),
        }
    }
    lines.concat()
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

/// Holds a correlator that others help against one that is fed, after each piece; how many alerts there are, and events that were passed over.
fn hold_sifted_against_fed(plan: &Arc<Plan>, config: &Config, bytes: &[u8], random: &mut Random) -> (usize, usize) {
    let correlator = || Correlator::new(Arc::clone(plan), config.clone());
    let (mut plain, mut fed, mut sifters) = (correlator(), correlator(), [correlator(), correlator()]);
    let mut passed = 0;
    for cut in cuts(random, bytes).windows(2) {
        let piece = &bytes[cut[0]..cut[1]];
        let sifter = &mut sifters[random.below(2)];
        let sifted = sifter.sift(piece);
        plain.feed(piece);
        fed.feed_sifted(piece, &sifted);
        assert_eq!(plain.snapshot(), fed.snapshot(), "with {config:?} at {cut:?} of\n{}", bytes.escape_ascii());
        passed += usize::from(sifted[0]);
        if random.chance(5) {
            let time = Timestamp::from_millis(1_700_000_000_000 + random.below(9_000) as i64);
            plain.advance(time);
            fed.advance(time);
        }
    }
    sifters.iter().for_each(|sifter| assert_eq!(sifter.snapshot(), correlator().snapshot(), "who sifts takes nothing"));
    plain.finish();
    fed.finish();
    let all = |mut correlator: Correlator| {
        let found: Vec<String> = correlator.drain_alerts().iter().map(eqlite_core::Alert::to_json).collect();
        (found, correlator.drain_problems(), correlator.stats())
    };
    let (plain, fed) = (all(plain), all(fed));
    assert_eq!(plain, fed, "with {config:?}\n{}", bytes.escape_ascii());
    (plain.0.len(), passed)
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
        let (raised, stepped) = hold_sifted_against_fed(plan, &config, &bytes, &mut random);
        (alerts, passed) = (alerts + raised, passed + stepped);
    }
    assert!(alerts > 300 && passed > 1_000, "too little to be a test: {alerts} alerts, {passed} events passed");
}

#[test]
fn any_records_give_the_same_where_another_has_sifted_them() {
    let few = [
        "any where auditd.data.syscall == \"connect\"",
        "sequence by process.pid with maxspan=1s [any where auditd.data.syscall == \"socket\"] [any where process.name == \"ls\"]",
        "sequence by ?host.id with maxspan=2s [any where event.action == \"logged-in\"] ![any where process.name == \"nc\"]",
    ];
    let computing = ["any where 1 / auditd.data.exit > 0 and process.name == \"ls\""];
    let plans = [plan_of(few.map(rule)), plan_of(few.into_iter().chain(computing).map(rule))];
    let mut random = Random(47);
    let (mut alerts, mut passed) = (0, 0);
    for _ in 0..6_000 {
        let bytes = records(&mut random);
        let mut config = Config::default();
        config.format = *random.one(&[Format::Auto, Format::Auto, Format::Auditd, Format::Ecs]);
        config.limits.line_bytes = *random.one(&[130, 1 << 20]);
        config.limits.audit_in_flight = *random.one(&[0, 1, 2, 1_024]);
        config.allowed_lateness = *random.one(&[0, 700]);
        let plan = random.one(&plans);
        let (raised, stepped) = hold_sifted_against_fed(plan, &config, &bytes, &mut random);
        (alerts, passed) = (alerts + raised, passed + stepped);
    }
    assert!(alerts > 2_000 && passed > 1_000, "too little to be a test: {alerts} alerts, {passed} events passed");
}

#[test]
fn records_that_are_left_out_are_told_where_another_has_sifted_them() {
    let plan = plan_of(["any where process.name == \"nc\""].map(rule));
    let line = |body: &str| format!("type={body}\n").replace('@', "msg=audit(1700000000.001:7):");
    // More records than an event may have.
    let call = line("SYSCALL @ arch=c000003e syscall=59 comm=\"ls\"");
    let log = call + &line("PATH @ item=0").repeat(16_400) + &line("PROCTITLE @ proctitle=6C73");
    let (mut plain, mut fed) = [(); 2].map(|()| Correlator::new(Arc::clone(&plan), Config::default())).into();
    let sifted = Correlator::new(Arc::clone(&plan), Config::default()).sift(log.as_bytes());
    plain.feed(log.as_bytes());
    fed.feed_sifted(log.as_bytes(), &sifted);
    assert_eq!(plain.snapshot(), fed.snapshot());
    assert_eq!(plain.drain_problems().len(), 18);
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
