//! `cargo xtask conformance --corpora PATH`: runs the crate `eqlite-conformance`, which is apart because outside suites are
//! measured with it but are no part of the repository.

use crate::sh::{cargo, run as run_command};
use anyhow::Result;

/// Hands the arguments on.
pub fn run(args: &[String]) -> Result<()> {
    run_command(cargo("run --quiet --release --package eqlite-conformance --").args(args))
}
