//! The command line `eqlite`.

use clap::Parser;
use eqlite_host::{
    cli::{Cli, Command},
    scan,
};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Scan(scan) => scan::run(&scan),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(message) => {
            eprintln!("eqlite: {message}");
            ExitCode::FAILURE
        }
    }
}
