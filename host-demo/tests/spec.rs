//! The cases of `spec/alerts` and `spec/kibana` on the component in wasmtime; and states that go between it and the same code run natively.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../../tests/spec/cases.rs"]
mod cases;
#[path = "../../tests/spec/holds.rs"]
mod holds;
#[path = "../../tests/spec/native.rs"]
mod native;

use cases::{Case, Door, Make, cases, failures, run};
use eqlite_host::{
    cli::Sandbox,
    engine::{Correlator, Host, Refused},
};
use native::NATIVE;
use serde_json::{Value, json};
use std::{
    sync::OnceLock,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

/// Compiled once for all tests: that takes seconds where wasmtime itself is not optimised.
fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::new(&Sandbox::default()).unwrap())
}

struct Component(Correlator);

impl Door for Component {
    fn feed(&mut self, chunk: &[u8]) {
        self.0.feed(chunk).unwrap();
    }
    fn sift(&mut self, piece: &[u8]) -> Vec<u8> {
        self.0.sift(piece).unwrap()
    }
    fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]) {
        self.0.feed_sifted(piece, sifted).unwrap();
    }
    fn advance(&mut self, millis: i64) {
        self.0.advance(millis).unwrap();
    }
    fn finish(&mut self) {
        self.0.finish().unwrap();
    }
    fn alerts(&mut self) -> String {
        self.0.drain_alerts().unwrap().into_iter().map(|alert| alert + "\n").collect()
    }
    fn problems(&mut self) -> Vec<u64> {
        self.0.drain_problems().unwrap().iter().map(|problem| problem.line).collect()
    }
    fn stats(&mut self) -> Value {
        self.0.stats().unwrap().0
    }
    fn snapshot(&mut self) -> Vec<u8> {
        self.0.snapshot().unwrap()
    }
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.0.restore(snapshot).map_err(String::from)
    }
}

const COMPONENT: Make<'static> = &|options| Box::new(Component(host().correlator(options).unwrap()));

/// What is wrong with the cases, told by `check`; two threads share the work.
fn wrong(cases: &[Case], check: impl Fn(&Case) -> Vec<String> + Sync) -> Vec<String> {
    let check = &check;
    thread::scope(|scope| {
        let halves: Vec<_> = cases
            .chunks(cases.len().div_ceil(2))
            .map(|cases| scope.spawn(move || cases.iter().flat_map(check).collect::<Vec<_>>()))
            .collect();
        halves
            .into_iter()
            .flat_map(|half| half.join().unwrap_or_else(|_| vec!["a thread panicked".to_string()]))
            .collect()
    })
}

#[test]
fn every_case_at_every_chunk_size() {
    let wrong = wrong(&cases(), |case| failures(case, COMPONENT));
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// Begun natively and gone on with in the component, or the other way round, broken anywhere: the state has the same bytes in both, and the
/// alerts are those of a run without a break.
#[test]
fn a_state_goes_from_host_to_host() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    eprintln!("seed {seed}");
    let wrong = wrong(&cases(), |case| {
        let mut random =
            seed ^ case.name.bytes().fold(0, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let whole = run(case, 4096, NATIVE, None).alerts;
        let mut wrong = Vec::new();
        for (from, to, way) in [(NATIVE, COMPONENT, "native to component"), (COMPONENT, NATIVE, "component to native")]
        {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (random >> 4) as usize % (case.input.len() + 1);
            let ran = run(case, 4096, from, Some((at, to)));
            let how = format!("{}, {way} at {at}", case.name);
            wrong.extend(ran.wrong.iter().map(|wrong| format!("{how}: {wrong}")));
            if ran.alerts != whole {
                wrong.push(format!("{how}: expected\n{whole}but got\n{}", ran.alerts));
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_refused_rule_says_where() {
    let rule = json!({"rule_id": "bad", "name": "bad", "type": "eql", "language": "eql", "severity": "low", "risk_score": 1,
        "query": "process wher true"});
    let options = json!({"rules": [{"file": "bad.json", "text": rule.to_string()}]});
    let Err(Refused::Failure(failure)) = host().correlator(&options.to_string()) else { panic!("it was taken") };
    assert_eq!(failure.code, "rules");
    let finding = &failure.diagnostics[0];
    assert_eq!((finding.rule.as_deref(), finding.file.as_deref(), finding.line), (Some("bad"), Some("bad.json"), 1));
    assert!(finding.rendered.contains("process wher true"), "{}", finding.rendered);
}

#[test]
fn memory_is_limited() {
    let host = Host::new(&Sandbox { memory_mb: 1, ..Sandbox::default() }).unwrap();
    let large = json!({"rules": [{"file": "large.toml", "text": "#".repeat(2 << 20)}]}).to_string();
    let Err(Refused::Stopped(message)) = host.correlator(&large) else { panic!("it fits into 1 MiB") };
    assert!(message.contains("--memory-mb"), "{message}");
}
