//! `cargo xtask bench`: speed of the core.

use crate::sh::{cargo, run as run_command};
use anyhow::Result;

/// Hands the arguments on.
pub fn run(args: &[String]) -> Result<()> {
    run_command(cargo("bench --package eqlite-core").args(args))
}
