//! The tests of the plain module's Python host, in a virtual environment below `target/`.

use crate::sh::{at, command, is_there, output, run, target};
use anyhow::{Result, bail};
use std::{fs, process::Command};

/// What came of it.
pub enum Outcome {
    /// The tests ran and passed.
    Passed,
    /// There is no Python here.
    Skipped,
}

/// Makes the environment if it is not there, and runs the tests.
pub fn test() -> Result<Outcome> {
    if !is_there("python3") {
        if std::env::var_os("CI").is_some() {
            bail!("python3 is not installed, and CI must run its tests");
        }
        return Ok(Outcome::Skipped);
    }
    let environment = target().join("python");
    let python = environment.join("bin/python").display().to_string();
    let wanted = fs::read_to_string(at("tests/python/requirements.txt"))?;
    let stamp = environment.join("requirements.txt");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        make_environment(&environment.display().to_string())?;
        run(&mut command(
            &python,
            ["-m", "pip", "install", "--quiet", "--requirement", "tests/python/requirements.txt"],
        ))?;
        fs::write(&stamp, wanted)?;
    }
    run(&mut command(
        &python,
        ["-m", "unittest", "discover", "--start-directory", "tests/python", "--pattern", "*_test.py"],
    ))?;
    Ok(Outcome::Passed)
}

fn make_environment(path: &str) -> Result<()> {
    let make = || run(&mut command("python3", ["-m", "venv", "--clear", path]));
    // Debian keeps a part of venv in a package of its own.
    make().or_else(|error| {
        if !is_root() || !is_there("apt-get") {
            return Err(error.context("install Python's venv (on Debian: apt-get install python3-venv)"));
        }
        install("python3-venv")?;
        make()
    })
}

/// Whether system packages may be installed.
pub fn is_root() -> bool {
    output(&mut command("id", ["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// Installs a Debian package.
pub fn install(package: &str) -> Result<()> {
    eprintln!("    installing the system package {package}");
    let apt = |args: &[&str]| {
        let mut command: Command = command("apt-get", args);
        run(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-qq"])?;
    apt(&["install", "-y", "-qq", "--no-install-recommends", package])
}
