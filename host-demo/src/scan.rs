//! `eqlite scan`: files, piece by piece, through the component; alerts to stdout, all else to stderr.

use crate::{
    cli::{Behaviour, Format, Outcome, Output, Routing, Scan},
    engine::{Correlator, Host, Severity},
    engineering,
    output::Printer,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    time::Instant,
};

/// How much is read and fed at once.
const PIECE: usize = 64 * 1024;

/// What is run where no rule is named.
const BUILT_IN: (&str, &str) =
    ("rules/linux/udp_reverse_shell.toml", include_str!("../../rules/linux/udp_reverse_shell.toml"));

/// Runs the command.
pub fn run(scan: &Scan) -> Result<Outcome, String> {
    if let Some(interval) = &scan.as_kibana {
        return engineering::as_kibana(scan, interval);
    }
    let mut outcome = Outcome::Done;
    let rules = read_rules(&scan.rules, &mut outcome);
    let output = scan.output.unwrap_or(Output::Ndjson);
    let options = options(rules, scan.format, (&scan.host_id, &scan.host_name), output, &scan.behaviour);
    let correlator = correlator(&Host::new(&scan.sandbox)?, &options, &mut outcome)?;

    let mut stream = Stream { correlator, printer: Printer::new(output), lines: 0, lines_before: 0, whole: true };
    let begun = Instant::now();
    for path in &scan.files {
        match stream.file(path) {
            Ok(()) => {}
            Err(Stop::File(error)) => {
                eprintln!("eqlite: {}: {error}", path.display());
                outcome = Outcome::Incomplete;
            }
            Err(Stop::Engine(message)) => return Err(format!("{}: {message}", path.display())),
            Err(Stop::ReaderLeft) => return Ok(outcome),
        }
    }
    match stream.end() {
        Ok(()) => {}
        Err(Stop::Engine(message)) => return Err(message),
        Err(Stop::File(_) | Stop::ReaderLeft) => return Ok(outcome),
    }
    summary(&mut stream.correlator, begun)?;
    Ok(outcome)
}

/// Options of a correlator.
pub(crate) fn options(
    rules: Vec<Value>,
    format: Format,
    (host_id, host_name): (&Option<String>, &Option<String>),
    output: Output,
    behaviour: &Behaviour,
) -> Value {
    json!({
        "rules": rules,
        "format": format.name(),
        "host": {"id": host_id, "name": host_name},
        "output": output.form(),
        "ignoreSuppression": behaviour.ignore_suppression,
        "maxSignals": behaviour.max_signals,
        "ignoreFilters": behaviour.ignore_filters,
        "routing": match behaviour.routing {
            Routing::Auto => "auto",
            Routing::Off => "off",
        },
        "allowedLateness": behaviour.allowed_lateness,
        "seed": seed(),
        "skipInvalid": true,
    })
}

/// A correlator of these options. What is wrong with its rules goes to stderr; one that could run none is refused.
pub(crate) fn correlator(host: &Host, options: &Value, outcome: &mut Outcome) -> Result<Correlator, String> {
    let mut correlator = host.correlator(&options.to_string())?;
    if !report_rules(&mut correlator)? {
        *outcome = Outcome::Incomplete;
    }
    if correlator.rules()?.iter().all(|rule| rule.skipped.is_some()) {
        return Err("there is no rule to run".to_string());
    }
    Ok(correlator)
}

/// The input so far, all files as one stream.
struct Stream {
    correlator: Correlator,
    printer: Printer,
    /// Lines ended so far; the engine counts them over all files.
    lines: u64,
    /// What `lines` was when the present file began.
    lines_before: u64,
    /// Whether the last byte fed ended a line.
    whole: bool,
}

/// Why a file was not read to its end.
enum Stop {
    /// It could not be read.
    File(io::Error),
    /// The engine was stopped.
    Engine(String),
    /// Nobody reads the alerts any more.
    ReaderLeft,
}

impl Stream {
    fn file(&mut self, path: &Path) -> Result<(), Stop> {
        let is_stdin = path == Path::new("-");
        let name = if is_stdin { "standard input".to_string() } else { path.display().to_string() };
        let (input, length): (Box<dyn Read>, Option<u64>) = if is_stdin {
            (Box::new(io::stdin().lock()), None)
        } else {
            let file = File::open(path).map_err(Stop::File)?;
            let about = file.metadata().map_err(Stop::File)?;
            (Box::new(file), about.is_file().then(|| about.len()))
        };
        self.lines_before = self.lines;
        let read = self.pieces(input, &name, &progress(length));
        // A log that does not end its last line must not run into the first line of the next one.
        if !self.whole && matches!(read, Ok(()) | Err(Stop::File(_))) {
            self.feed(b"\n", &name)?;
        }
        read
    }

    fn pieces(&mut self, mut input: Box<dyn Read>, name: &str, bar: &ProgressBar) -> Result<(), Stop> {
        let mut piece = vec![0; PIECE];
        loop {
            match input.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    self.feed(piece.get(..read).unwrap_or_default(), name)?;
                    bar.inc(read as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Stop::File(error)),
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn feed(&mut self, piece: &[u8], name: &str) -> Result<(), Stop> {
        self.correlator.feed(piece).map_err(Stop::Engine)?;
        self.drain(name)?;
        self.lines = self.lines.saturating_add(piece.iter().filter(|byte| **byte == b'\n').count() as u64);
        self.whole = piece.last() == Some(&b'\n');
        Ok(())
    }

    fn end(&mut self) -> Result<(), Stop> {
        self.correlator.finish().map_err(Stop::Engine)?;
        self.drain("end of the input")
    }

    fn drain(&mut self, name: &str) -> Result<(), Stop> {
        for problem in self.correlator.drain_problems().map_err(Stop::Engine)? {
            let line = problem.line.saturating_sub(self.lines_before);
            eprintln!("{name}:{line}: {} [{}]", problem.message, problem.code);
        }
        let alerts = self.correlator.drain_alerts().map_err(Stop::Engine)?;
        self.printer.alerts(&alerts).map_err(|_| Stop::ReaderLeft)
    }
}

/// A bar where a person looks on and the end is known.
fn progress(length: Option<u64>) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} to go");
    match (length, style) {
        (Some(length), Ok(style)) if io::stderr().is_terminal() => ProgressBar::new(length).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

/// Rule files as the component takes them: a name and a text.
pub(crate) fn read_rules(paths: &[PathBuf], outcome: &mut Outcome) -> Vec<Value> {
    if paths.is_empty() {
        return vec![json!({"file": BUILT_IN.0, "text": BUILT_IN.1})];
    }
    let mut files = Vec::new();
    for path in paths {
        if let Err((path, error)) = gather(path, &mut files) {
            eprintln!("eqlite: {}: {error}", path.display());
            *outcome = Outcome::Incomplete;
        }
    }
    let mut rules = Vec::new();
    for path in files {
        match fs::read_to_string(&path) {
            Ok(text) => rules.push(json!({"file": path.display().to_string(), "text": text})),
            Err(error) => {
                eprintln!("eqlite: {}: {error}", path.display());
                *outcome = Outcome::Incomplete;
            }
        }
    }
    rules
}

/// The file, or the rule files below the folder in the order of their names.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let here = |error| (path.to_path_buf(), error);
    if !fs::metadata(path).map_err(here)?.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(here)?;
    let mut below =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(here)?;
    below.sort();
    for entry in below {
        let rule = entry.extension().is_some_and(|ext| ["toml", "json", "ndjson"].iter().any(|known| ext == *known));
        if rule || entry.is_dir() {
            gather(&entry, files)?;
        }
    }
    Ok(())
}

/// Says what is wrong with the rules, and which are not run. False: at least one was refused.
fn report_rules(correlator: &mut Correlator) -> Result<bool, String> {
    let findings = correlator.diagnostics()?;
    for finding in &findings {
        eprintln!("{}", finding.rendered.trim_end());
    }
    let rules = correlator.rules()?;
    let mut others = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.skipped.is_some() && !rule.kind.is_empty() && rule.kind != "eql") {
        let count: &mut u64 = others.entry(rule.kind.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    if !others.is_empty() {
        let list: Vec<String> = others.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        eprintln!("eqlite: rules of other types than eql are not run: {}", list.join(", "));
    }
    Ok(findings.iter().all(|finding| finding.severity != Severity::Error))
}

fn summary(correlator: &mut Correlator, begun: Instant) -> Result<(), String> {
    let seconds = begun.elapsed().as_secs_f64();
    let stats = correlator.stats()?;
    let rate = stats.get("events") as f64 / seconds.max(f64::EPSILON);
    eprintln!(
        "{} events, {} matches, {} malformed lines, {} alerts in {seconds:.2} s ({rate:.0} events/s)",
        stats.get("events"),
        stats.get("matched"),
        stats.get("malformed"),
        stats.get("alerts")
    );
    Ok(())
}

/// Something that those who choose join keys cannot know.
fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u8)
}
