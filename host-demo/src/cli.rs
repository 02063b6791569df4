//! What can be asked for on the command line.

mod tools;

pub use tools::{Check, Compat, Doctor, Ecs, HostArgs, Position, Profile, Search, Source, Sources};

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;
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
    /// Follow a log that grows and rotates, and go on after an interruption
    Watch(Watch),
    /// Say why a rule raises no alert from a log
    Explain(Explain),
}

/// `eqlite scan`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Scan {
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// How the input is read.
    #[command(flatten)]
    pub input: InputArgs,

    /// How alerts are printed [default: ndjson]
    #[arg(long, value_enum)]
    pub output: Option<Output>,

    /// Compare with the schedule that Kibana would have run: how often, as 5m; `rule` for each rule's own interval
    #[arg(long, value_name = "INTERVAL")]
    pub as_kibana: Option<String>,

    /// Share the work among so many threads: all but one tell which of the events to come match nothing
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64), conflicts_with = "as_kibana")]
    pub threads: u32,

    /// How rules are run.
    #[command(flatten)]
    pub behaviour: Behaviour,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,

    /// Logs, read in this order as one stream; `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `eqlite watch`
#[derive(Debug, Args)]
#[command(after_help = WATCH)]
pub struct Watch {
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// How the input is read.
    #[command(flatten)]
    pub input: InputArgs,

    /// The form of alerts
    #[arg(long, value_enum, default_value_t = Output::Ndjson)]
    pub form: Output,

    /// Append alerts to this file, each exactly once; stdout where neither this nor --webhook is given
    #[arg(long, value_name = "FILE", conflicts_with = "webhook")]
    pub output: Option<PathBuf>,

    /// POST each alert to this address (http://), again and again until it is taken
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,

    /// Keep in this file what is needed to go on after an interruption [default: the name of --output with `.state`]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// How often to look for more, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    pub poll_ms: u64,

    /// Take the clock for the time of events while the log is quiet: none older than this will come, in milliseconds
    #[arg(long, value_name = "MS")]
    pub clock_lag: Option<u64>,

    /// End when nothing has come for this long, as `scan` ends at the end of a file, in milliseconds
    #[arg(long, value_name = "MS")]
    pub idle_exit: Option<u64>,

    /// How rules are run.
    #[command(flatten)]
    pub behaviour: Behaviour,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,

    /// The log
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

const WATCH: &str = "\
With a state file, a killed watch goes on without a lost or doubled alert in the file of --output. Readers of stdout, and
webhooks, may get an alert twice after a kill: its Idempotency-Key says so. See docs/watch.md.";

/// `eqlite explain`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Explain {
    /// The id of the rule; not needed where there is only one
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,

    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// How the input is read.
    #[command(flatten)]
    pub input: InputArgs,

    /// How the explanation is printed
    #[arg(long, value_enum, default_value_t = Explained::Text)]
    pub output: Explained,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,

    /// Logs, read whole; `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// Which rules are run.
#[derive(Args, Clone, Debug, Default)]
pub struct RuleArgs {
    /// Rule file (TOML, JSON, NDJSON), a folder of them, or a pattern in quotes ('rules/**/linux_*.toml'); the UDP reverse shell rule
    /// where none is given
    #[arg(long = "rules", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// How the input is read.
#[derive(Args, Clone, Debug)]
pub struct InputArgs {
    /// What the input is
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub format: Format,

    /// The host of audit records.
    #[command(flatten)]
    pub host: HostArgs,
}

impl InputArgs {
    /// The options of the component that say so.
    pub(crate) fn add_to(&self, options: &mut Value) {
        if let Some(options) = options.as_object_mut() {
            options.insert("format".to_string(), self.format.name().into());
            options.insert("host".to_string(), self.host.to_json());
        }
    }
}

/// How rules are run; docs/engine.md says what each of these means.
#[derive(Args, Clone, Debug, Default)]
pub struct Behaviour {
    /// Raise also the alerts that `alert_suppression` makes one with an earlier one
    #[arg(long)]
    pub ignore_suppression: bool,

    /// Raise no more alerts of a rule than its max_signals in one interval of event time
    #[arg(long)]
    pub max_signals: bool,

    /// Run rules without those of their filters that cannot be applied
    #[arg(long)]
    pub ignore_filters: bool,

    /// Whether an event that says its index is offered only to the rules whose index patterns cover it
    #[arg(long, value_enum, default_value_t = Routing::Auto)]
    pub routing: Routing,

    /// How late an event may come, in milliseconds of event time
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub allowed_lateness: u64,

    /// Most events and join keys that are held, in MiB [default: 64]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub state_mb: Option<u64>,

    /// Most join keys that are held for each rule [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub keys_per_rule: Option<u64>,
}

/// Whether index patterns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Routing {
    /// Events that say their index go to the rules that want it
    #[default]
    Auto,
    /// All events go to all rules
    Off,
}

/// How an explanation is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Explained {
    /// About a screen, for people
    Text,
    /// One JSON object with everything
    Json,
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

    /// Compile the component anew, and keep nothing of it in the user's folder of caches
    #[arg(long)]
    pub no_cache: bool,
}

impl Default for Sandbox {
    fn default() -> Self {
        Sandbox { epoch_ms: 10_000, memory_mb: 512, component: None, no_cache: false }
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
    /// The documents that Kibana writes, one a line: an alert over several events is its shell, then a building block for each
    Kibana,
    /// One ECS document a line (event.kind: signal)
    Signal,
}

impl Output {
    /// The form that the component is asked for.
    pub fn form(self) -> &'static str {
        match self {
            Output::Ndjson | Output::Table => "alert",
            Output::Kibana => "kibana",
            Output::Signal => "signal",
        }
    }
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
