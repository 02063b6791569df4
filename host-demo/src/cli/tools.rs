//! The arguments of `search`, `check`, `ecs` and `doctor`.

use super::{EXIT_CODES, InputArgs, RuleArgs, Sandbox};
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum,
    error::{Error, ErrorKind},
    value_parser,
};
use serde_json::{Value, json};
use std::path::PathBuf;

/// `eqlite search`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Search {
    /// The query, in EQL
    #[arg(value_name = "EQL")]
    pub query: String,

    /// What is searched.
    #[command(flatten)]
    pub sources: Sources,

    /// The most results; 10 where not given
    #[arg(long, value_name = "N")]
    pub size: Option<u64>,

    /// Which of them where there are more; the last ones where not given
    #[arg(long, value_enum, value_name = "END")]
    pub result_position: Option<Position>,

    /// The most samples of one join key; 1 where not given
    #[arg(long, value_name = "N")]
    pub max_samples_per_key: Option<u64>,

    /// The field that says when an event happened; @timestamp where not given
    #[arg(long, value_name = "FIELD")]
    pub timestamp_field: Option<String>,

    /// The field that orders events of the same time
    #[arg(long, value_name = "FIELD")]
    pub tiebreaker_field: Option<String>,

    /// The field that holds an event's category; event.category where not given
    #[arg(long, value_name = "FIELD")]
    pub event_category_field: Option<String>,

    /// How the input is read.
    #[command(flatten)]
    pub input: InputArgs,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,
}

/// `eqlite check`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Check {
    /// Rule files (TOML, JSON, NDJSON) or folders of them; `-` is the standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// One JSON object a rule, instead of drawings for people
    #[arg(long)]
    pub json: bool,

    /// What types the fields have: `ecs`, or a file with an Elasticsearch mapping; whatever events bring where not given
    #[arg(long, value_name = "ecs|FILE")]
    pub schema: Option<PathBuf>,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,
}

/// `eqlite ecs`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Ecs {
    /// Whose documents
    #[arg(long, value_enum, default_value_t = Profile::Auditbeat)]
    pub profile: Profile,

    /// With the faults of the reference implementation
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub compat: Option<Compat>,

    /// The records under event.original
    #[arg(long)]
    pub include_raw: bool,

    /// What could not be read under error.message, with the records
    #[arg(long)]
    pub include_warnings: bool,

    /// Names of users and groups, where the log holds them (log_format = ENRICHED)
    #[arg(long)]
    pub enriched_names: bool,

    /// The host of the records.
    #[command(flatten)]
    pub host: HostArgs,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,

    /// Audit logs, read in this order as one stream (oldest first); `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `eqlite doctor`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Doctor {
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// The report as one JSON object
    #[arg(long)]
    pub json: bool,

    /// The host of the records.
    #[command(flatten)]
    pub host: HostArgs,

    /// What the component may use.
    #[command(flatten)]
    pub sandbox: Sandbox,

    /// Audit logs, read in this order as one stream (oldest first); `-` is the standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// What audit records do not say of their host.
#[derive(Args, Clone, Debug, Default)]
pub struct HostArgs {
    /// host.id of audit records; `node=` stands in where it is not given
    #[arg(long = "host-id", value_name = "ID")]
    pub id: Option<String>,

    /// host.name of audit records
    #[arg(long = "hostname", alias = "host-name", value_name = "NAME")]
    pub name: Option<String>,
}

impl HostArgs {
    /// As the component takes it.
    pub(crate) fn to_json(&self) -> Value {
        json!({"id": self.id, "name": self.name})
    }
}

/// Which end of the results is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Position {
    /// The first ones
    Head,
    /// The last ones
    Tail,
}

impl Position {
    /// The name in the component's options.
    pub fn name(self) -> &'static str {
        match self {
            Position::Head => "head",
            Position::Tail => "tail",
        }
    }
}

/// Whose documents are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// As Auditbeat publishes them
    Auditbeat,
    /// As they are after the ingest pipeline of Auditd Manager
    AuditdManager,
}

impl Profile {
    /// The name in the component's options.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Auditbeat => "auditbeat",
            Profile::AuditdManager => "auditd-manager",
        }
    }
}

/// Whose faults are reproduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compat {
    /// Those of go-libaudit, which docs/auditd.md lists
    GoLibaudit,
}

impl Compat {
    /// The name in the component's options.
    pub fn name(self) -> &'static str {
        match self {
            Compat::GoLibaudit => "go-libaudit",
        }
    }
}

/// One index: a file, and its mapping where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The documents; `-` is the standard input.
    pub data: PathBuf,
    /// An Elasticsearch mapping.
    pub mapping: Option<PathBuf>,
}

/// `(--data FILE [--mapping FILE])...`: each mapping is that of the file before it, which takes the order of arguments to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(pub Vec<Source>);

impl Args for Sources {
    fn augment_args(command: Command) -> Command {
        let path = |name: &'static str| {
            Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).action(ArgAction::Append)
        };
        command
            .arg(path("data").required(true).help(
                "Documents (NDJSON, a JSON array, a _bulk body) or an audit log; `-` is the standard input. Given several times, each is an index, and all are searched together",
            ))
            .arg(path("mapping").help("Elasticsearch mapping of the --data before it; without one, types follow the values"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Sources {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = |name: &str| -> Vec<(usize, PathBuf)> {
            let places = matches.indices_of(name).into_iter().flatten();
            places.zip(matches.get_many::<PathBuf>(name).into_iter().flatten().cloned()).collect()
        };
        let mut sources: Vec<(usize, Source)> =
            given("data").into_iter().map(|(place, data)| (place, Source { data, mapping: None })).collect();
        for (place, mapping) in given("mapping") {
            let wrong = |what: &str| {
                Error::raw(ErrorKind::ArgumentConflict, format!("--mapping {}: {what}\n", mapping.display()))
            };
            let before = sources.iter_mut().rfind(|(data, _)| *data < place);
            match before {
                None => return Err(wrong("it comes before any --data; a mapping follows the data it is for")),
                Some((_, Source { mapping: Some(_), data })) => {
                    return Err(wrong(&format!("{} has a mapping already", data.display())));
                }
                Some((_, source)) => source.mapping = Some(mapping),
            }
        }
        Ok(Sources(sources.into_iter().map(|(_, source)| source).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
