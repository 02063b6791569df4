//! `cargo xtask test [WORD]...`: everything that must hold, step by step; with words, the steps whose names contain one.
//!
//! A step that fails does not keep the others from running. The last line is `N passed, N failed`.

use crate::{
    browser, build,
    python::{self, Outcome},
    sh::{at, cargo, command, is_there, run as run_command, step, target},
    size,
};
use anyhow::{Context, Result, bail, ensure};
use std::fs;

/// A step: its name and what it does.
type Step = (&'static str, fn() -> Result<Outcome>);

/// What is run, in this order: later steps use what earlier ones built.
const STEPS: &[Step] = &[
    ("format", format),
    ("no_std", no_std),
    ("build: component, plain module, npm package, demo; nothing imported", || passed(build::run(&[]))),
    ("sizes", || passed(size::run())),
    ("lints", lints),
    ("docs", docs),
    ("rust tests", || plain(&["cargo test --quiet --workspace"])),
    ("npm: dependencies, packed package", npm),
    ("npm: types", || plain(&["node node_modules/typescript/bin/tsc --project tests/types"])),
    ("npm: publint", || plain(&["node node_modules/publint/src/cli.js run --strict pkg/npm"])),
    ("samples and alert cases: as they are made, and against their notes", || {
        plain(&[
            "node samples/make/index.mjs --check",
            "node spec/alerts/make.mjs --check",
            "node spec/alerts/check.mjs",
            "node spec/kibana/check.mjs",
        ])
    }),
    ("node tests", node),
    ("python tests", python::test),
    ("browser tests", in_browser),
];

/// The task.
pub fn run(words: &[String]) -> Result<()> {
    ensure!(is_there("node") && is_there("npm"), "Node is needed: https://nodejs.org");
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let mut lines = Vec::new();
    let (mut passed, mut failed) = (0, 0);
    for (name, action) in STEPS.iter().filter(|(name, _)| chosen(name)) {
        let line = match step(name, action) {
            Ok(Outcome::Passed) => {
                passed += 1;
                format!("  passed   {name}")
            }
            Ok(Outcome::Skipped) => {
                let warning = format!("  SKIPPED  {name}: what they need is not installed; THIS PART IS NOT TESTED");
                eprintln!("{warning}");
                warning
            }
            Err(error) => {
                failed += 1;
                eprintln!("    {error:#}");
                format!("  FAILED   {name}: {:#}", error.root_cause())
            }
        };
        lines.push(line);
    }
    println!("\n{}\n{passed} passed, {failed} failed", lines.join("\n"));
    if failed > 0 {
        std::process::exit(1);
    }
    if passed == 0 {
        bail!("no step has a name like that");
    }
    Ok(())
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

/// Runs commands without quotes in them.
fn plain(lines: &[&str]) -> Result<Outcome> {
    for line in lines {
        match line.split_once(' ') {
            Some(("cargo", args)) => run_command(&mut cargo(args))?,
            Some((program, args)) => run_command(&mut command(program, args.split(' ')))?,
            None => run_command(&mut command(line, [""; 0]))?,
        }
    }
    Ok(Outcome::Passed)
}

fn format() -> Result<Outcome> {
    component("rustfmt", "cargo-fmt")?;
    plain(&["cargo fmt --all --check"])
}

/// Makes sure that the toolchain in use has a component, told by one of its programs.
fn component(name: &str, program: &str) -> Result<()> {
    if is_there(program) {
        return Ok(());
    }
    ensure!(is_there("rustup"), "{program} is missing, and there is no rustup to add it");
    run_command(&mut command("rustup", ["component", "add", name]))
}

fn no_std() -> Result<Outcome> {
    build::wasm_target("wasm32v1-none")?;
    plain(&["cargo check --quiet --package eqlite-core --no-default-features --target wasm32v1-none"])
}

fn lints() -> Result<Outcome> {
    component("clippy", "cargo-clippy")?;
    build::wasm_target("wasm32-unknown-unknown")?;
    let door = "cargo clippy --quiet --package eqlite-wasm --target wasm32-unknown-unknown --features";
    plain(&["cargo clippy --quiet --workspace --all-targets -- -D warnings"])?;
    plain(
        &["js", "component", "abi"].map(|name| format!("{door} {name} -- -D warnings")).each_ref().map(String::as_str),
    )
}

fn docs() -> Result<Outcome> {
    for args in [
        "doc --quiet --workspace --no-deps",
        "doc --quiet --package eqlite-wasm --features abi --no-deps --target wasm32-unknown-unknown",
    ] {
        run_command(cargo(args).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(Outcome::Passed)
}

/// Installs what the tests need, and the package as users get it: packed, with nothing that `files` leaves out.
fn npm() -> Result<Outcome> {
    plain(&["npm ci --no-fund --no-audit"])?;
    let packed = target().join("npm");
    fs::create_dir_all(&packed)?;
    let folder = packed.display().to_string();
    run_command(&mut command(
        "npm",
        ["pack", "--silent", "--pack-destination", &folder, &format!("./{}", build::NPM)],
    ))?;
    let package = packed.join(format!("eqlite-{}.tgz", env!("CARGO_PKG_VERSION")));
    let installed = at("node_modules/eqlite");
    fs::create_dir_all(&installed)?;
    let mut unpack = command("tar", ["--extract", "--strip-components=1", "--file"]);
    run_command(unpack.arg(&package).arg("--directory").arg(&installed))?;
    Ok(Outcome::Passed)
}

fn node() -> Result<Outcome> {
    run_command(&mut command("node", ["--test", "tests/node/"])).context("node --test tests/node/")?;
    Ok(Outcome::Passed)
}

/// Every script of tests/browser, with the browser's path in `CHROMIUM`.
fn in_browser() -> Result<Outcome> {
    let chromium = browser::find()?;
    let mut scripts: Vec<_> =
        fs::read_dir(at("tests/browser"))?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "mjs"));
    scripts.sort();
    ensure!(!scripts.is_empty(), "tests/browser is empty");
    for script in scripts {
        run_command(command("node", [script]).env("CHROMIUM", &chromium))?;
    }
    Ok(Outcome::Passed)
}
