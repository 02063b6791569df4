// The room behind the doors of `wasm/`, run natively: the same code without WebAssembly.

use crate::cases::{Door, Make};
use eqlite_wasm::engine::Engine;
use serde_json::Value;

/// Makes one.
pub(crate) const NATIVE: Make<'static> = &|options| Box::new(Native(Engine::new(options, 1).unwrap()));

struct Native(Engine);

impl Door for Native {
    fn feed(&mut self, chunk: &[u8]) {
        self.0.feed(chunk);
    }
    fn sift(&mut self, piece: &[u8]) -> Vec<u8> {
        self.0.sift(piece)
    }
    fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]) {
        self.0.feed_sifted(piece, sifted);
    }
    fn advance(&mut self, millis: i64) {
        self.0.advance(millis);
    }
    fn finish(&mut self) {
        self.0.finish();
    }
    fn alerts(&mut self) -> String {
        self.0.drain_alert_lines()
    }
    fn problems(&mut self) -> Vec<u64> {
        self.0.drain_problems().iter().map(|problem| problem.line).collect()
    }
    fn stats(&mut self) -> Value {
        serde_json::from_str(&self.0.stats_json()).unwrap()
    }
    fn snapshot(&mut self) -> Vec<u8> {
        self.0.snapshot()
    }
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.0.restore(snapshot).map_err(|failure| failure.message)
    }
}
