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
#[path = "../../tests/spec/holds.rs"]
mod holds;
#[path = "../../tests/spec/native.rs"]
mod native;

use cases::{cases, failures};
use native::NATIVE;

#[test]
fn every_case_at_every_chunk_size() {
    let wrong: Vec<String> = cases().iter().flat_map(|case| failures(case, NATIVE)).collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
