//! The command line `eqlite`.

use clap::Parser;
use eqlite_host::{
    check,
    cli::{Cli, Command},
    doctor, ecs, scan, search,
};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Scan(scan) => scan::run(&scan),
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
