//! `cargo xtask size`: what is shipped, against its budget.

use crate::{build, sh::at};
use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write};

/// The most that a module may have, packed with gzip.
const BUDGET: usize = 430_000;

/// Where it shall get to: docs/performance.md says what was done for it, and what is left.
const AIM: usize = 300_000;

/// Prints the sizes; fails where one is over the budget.
pub fn run() -> Result<()> {
    for (what, path) in [
        ("npm", format!("{}/dist/eqlite.wasm", build::NPM)),
        ("npm, plain", format!("{}/dist/eqlite.plain.wasm", build::NPM)),
        ("component", build::COMPONENT.to_string()),
        ("plain module", build::ABI.to_string()),
    ] {
        let wasm = fs::read(at(&path)).with_context(|| format!("{path} is not built: cargo xtask build"))?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&wasm)?;
        let packed = packed.finish()?.len();
        println!("{what:<13} {:>9} bytes {packed:>9} packed (budget {BUDGET}, aim {AIM})  {path}", wasm.len());
        ensure!(packed <= BUDGET, "{path} is {packed} bytes packed, over its budget of {BUDGET}");
    }
    Ok(())
}
