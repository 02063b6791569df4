//! The command line `eqlite`.

use clap::Parser;
use eqlite_host::{
    cli::{Cli, Command},
    engineering, scan,
};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Scan(scan) => scan::run(&scan),
        Command::Watch(watch) => follow(&watch),
        Command::Explain(explain) => engineering::explain(&explain),
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
