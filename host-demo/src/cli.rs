//! What can be asked for on the command line.

mod tools;

pub use tools::{Check, Compat, Doctor, Ecs, HostArgs, Position, Profile, Search, Source, Sources};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{path::PathBuf, process::ExitCode};

/// Elastic's EQL detection rules on your logs, as the events come in.
#[derive(Debug, Parser)]
#[command(name = "eqlite", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 not all could be done (a file, a rule, a query), stderr says what; 2 the command line was wrong.
Lines that cannot be read are reported on stderr and do not change the exit code.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run rules over logs and print the alerts
    Scan(Scan),
    /// Search data that are complete, as Elasticsearch's _eql/search does it
    Search(Search),
    /// Check rules without running them
    Check(Check),
    /// Make ECS documents of Linux audit logs, as Auditbeat or Auditd Manager would
    Ecs(Ecs),
    /// Say what an audit log can show of what rules ask for, and what to audit
    Doctor(Doctor),
}

/// `eqlite scan`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Scan {
    /// Rule file (TOML, JSON, NDJSON) or a folder of them; the UDP reverse shell rule where none is given
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,

    /// How the files are to be read
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub format: Format,

    /// host.id of audit records; `node=` stands in where it is not given
    #[arg(long, value_name = "ID")]
    pub host_id: Option<String>,

    /// host.name of audit records
    #[arg(long, alias = "hostname", value_name = "NAME")]
    pub host_name: Option<String>,

    /// How alerts are printed
    #[arg(long, value_enum, default_value_t = Output::Ndjson)]
    pub output: Output,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,

    /// Logs, read in this order as one stream; `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// What the component may use.
#[derive(Args, Clone, Debug)]
pub struct Sandbox {
    /// Longest time that one piece of the input (64 KiB) may take, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub epoch_ms: u64,

    /// Most memory, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub memory_mb: u32,

    /// Another component than the one inside this program
    #[arg(long, value_name = "PATH")]
    pub component: Option<PathBuf>,
}

impl Default for Sandbox {
    fn default() -> Self {
        Sandbox { epoch_ms: 10_000, memory_mb: 512, component: None }
    }
}

/// How input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `{` and `[` begin JSON, anything else is an audit log
    Auto,
    /// ECS documents: NDJSON, a JSON array, Elasticsearch _bulk bodies
    Ecs,
    /// Linux audit records
    Auditd,
}

impl Format {
    /// The name in the component's options.
    pub fn name(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Ecs => "ecs",
            Format::Auditd => "auditd",
        }
    }
}

/// How alerts are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// One JSON object a line
    Ndjson,
    /// One row a line, for people
    Table,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// Not all could be done; stderr has said what.
    Incomplete,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Incomplete => ExitCode::FAILURE,
        }
    }
}
