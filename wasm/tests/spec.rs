//! The cases of `spec/alerts` and `spec/kibana`, natively: the room behind the doors, without WebAssembly.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../../tests/spec/cases.rs"]
mod cases;

use cases::{Door, cases, failures};
use eqlite_wasm::engine::Engine;
use serde_json::Value;

impl Door for Engine {
    fn feed(&mut self, chunk: &[u8]) {
        Engine::feed(self, chunk);
    }
    fn advance(&mut self, millis: i64) {
        Engine::advance(self, millis);
    }
    fn finish(&mut self) {
        Engine::finish(self);
    }
    fn alerts(&mut self) -> String {
        self.drain_alert_lines()
    }
    fn problems(&mut self) -> Vec<u64> {
        self.drain_problems().iter().map(|problem| problem.line).collect()
    }
    fn stats(&mut self) -> Value {
        serde_json::from_str(&self.stats_json()).unwrap()
    }
    fn snapshot(&mut self) -> Vec<u8> {
        Engine::snapshot(self)
    }
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        Engine::restore(self, snapshot).map_err(|failure| failure.message)
    }
}

#[test]
fn every_case_at_every_chunk_size() {
    let make = |options: &str| Box::new(Engine::new(options, 1).unwrap()) as Box<dyn Door>;
    let wrong: Vec<String> = cases().iter().flat_map(|case| failures(case, &make)).collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
