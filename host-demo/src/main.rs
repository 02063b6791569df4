//! The command line `eqlite`.

use clap::Parser;
use eqlite_host::{
    check,
    cli::{Cli, Command},
    doctor, ecs, engineering, scan, search,
};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Scan(scan) => scan::run(&scan),
        Command::Watch(watch) => follow(&watch),
        Command::Explain(explain) => engineering::explain(&explain),
        Command::Search(search) => search::run(&search),
        Command::Check(check) => check::run(&check),
        Command::Ecs(ecs) => ecs::run(&ecs),
        Command::Doctor(doctor) => doctor::run(&doctor),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(message) => {
            eprintln!("eqlite: {message}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn follow(watch: &eqlite_host::cli::Watch) -> Result<eqlite_host::cli::Outcome, String> {
    eqlite_host::watch::run(watch)
}

/// Files are known by their inodes.
#[cfg(not(unix))]
fn follow(_: &eqlite_host::cli::Watch) -> Result<eqlite_host::cli::Outcome, String> {
    Err("watch needs a Unix".to_string())
}
