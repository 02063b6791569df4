//! `cargo xtask TASK`: everything a person or CI runs, by name. One file per task.

mod bench;
mod browser;
mod build;
mod conformance;
mod demo;
mod hot;
mod imports;
mod module;
mod pack;
mod python;
mod serve;
mod sh;
mod shrink;
mod size;
mod test;
mod unpanic;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
usage: cargo xtask TASK

  demo         build, scan the sample log in wasmtime, print the alerts and how to open the page
  test         everything: format, lints, docs, sizes, and the tests of every host (what CI runs)
  build        the npm package, the component and the plain module, into pkg/
    build npm | component | abi      one of them
  serve        the browser demo on http://127.0.0.1:8000 [--port N]
  size         how big the modules are, against their budgets
  conformance  measure against outside suites: --corpora PATH [--suite NAME] [--verbose]
  bench        speed beside plain reading and other engines, into docs/benchmarks.md: [--rules FOLDER] [--no-peers] [--quick]
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let (task, rest) = match args.split_first() {
        None => ("help", &[] as &[String]),
        Some((task, rest)) => (task.as_str(), rest),
    };
    match task {
        "demo" => demo::run(),
        "test" => test::run(rest),
        "build" => build::run(rest),
        "serve" => serve::run(rest),
        "size" => size::run(),
        "conformance" => conformance::run(rest),
        "bench" => bench::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("there is no task '{other}'\n\n{HELP}"),
    }
}
