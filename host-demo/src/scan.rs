//! `eqlite scan`: files, piece by piece, through the component; alerts to stdout, all else to stderr.

use crate::{
    cli::{Outcome, Scan},
    engine::{Correlator, Host, Problem, Severity},
    input::{self, Reader, Stop},
    output::Printer,
    rules,
};
use serde_json::json;
use std::{collections::BTreeMap, time::Instant};

/// Runs the command.
pub fn run(scan: &Scan) -> Result<Outcome, String> {
    let mut outcome = Outcome::Done;
    let rules = rules::read_or_built_in(&scan.rules, &mut outcome);
    let options = json!({
        "rules": rules,
        "format": scan.format.name(),
        "host": {"id": scan.host_id, "name": scan.host_name},
        "seed": seed(),
        "skipInvalid": true,
    });
    let mut correlator = Host::new(&scan.sandbox)?.correlator(&options.to_string())?;
    if !report_rules(&mut correlator)? {
        outcome = Outcome::Incomplete;
    }
    if correlator.rules()?.iter().all(|rule| rule.skipped.is_some()) {
        return Err("there is no rule to run".to_string());
    }

    let begun = Instant::now();
    let mut scanner = Scanner { correlator, printer: Printer::new(scan.output) };
    let done = input::read(&scan.files, &mut scanner)?;
    if done.outcome == Outcome::Incomplete {
        outcome = Outcome::Incomplete;
    }
    if !done.reader_left {
        summary(&mut scanner.correlator, begun)?;
    }
    Ok(outcome)
}

/// Prints the alerts as they come.
struct Scanner {
    correlator: Correlator,
    printer: Printer,
}

impl Reader for Scanner {
    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.correlator.feed(piece)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.correlator.finish()
    }

    fn problems(&mut self) -> Result<Vec<Problem>, String> {
        self.correlator.drain_problems()
    }

    fn output(&mut self) -> Result<(), Stop> {
        let alerts = self.correlator.drain_alerts().map_err(Stop::Engine)?;
        self.printer.alerts(&alerts).map_err(|_| Stop::ReaderLeft)
    }
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
