//! `cargo xtask demo`: from a fresh clone to alerts.
//!
//! Builds the component and the command line (wasmtime without optimisation: that halves the first build, and the component
//! runs at full speed all the same, since wasmtime compiles it), scans the sample log, says how to go on.

use crate::{
    build,
    sh::{cargo, command, run as run_command, step, target},
};
use anyhow::Result;
use std::time::Instant;

const SAMPLE: &str = "samples/udp-shell.raw.log";

/// The task.
pub fn run() -> Result<()> {
    let begun = Instant::now();
    // The module is linked by one core, and wasmtime can be built meanwhile: without a component to put in, the program compiles too.
    let mut wasmtime = cargo("build --quiet --package eqlite-host --lib").spawn()?;
    let component = build::component();
    wasmtime.wait()?;
    component?;
    let eqlite = host()?;
    step(&format!("scan {SAMPLE} in wasmtime"), || {
        run_command(&mut command(&eqlite, ["scan", "--output", "table", SAMPLE]))
    })?;
    eprintln!("    all of it in {:.0} s", begun.elapsed().as_secs_f64());
    println!(
        "
The alerts as JSON, with their events:   {eqlite} scan {SAMPLE}
The browser demo, offline:               cargo xtask serve     and open http://127.0.0.1:8000/
Your own logs, your own rules:           {eqlite} scan --rules RULE.toml --host-id THIS_HOST /var/log/audit/audit.log"
    );
    Ok(())
}

/// Builds the command line and gives its path. The component must have been built: it goes into the binary.
pub fn host() -> Result<String> {
    step("build the command line, with wasmtime", || {
        run_command(&mut cargo("build --quiet --package eqlite-host"))?;
        Ok(target().join("debug/eqlite").display().to_string())
    })
}
