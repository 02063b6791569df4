//! `eqlite scan`: files, piece by piece, through the component; alerts to stdout, all else to stderr.

use crate::{
    cli::{Behaviour, Format, Outcome, Output, Routing, Scan},
    engine::{Correlator, Host, Problem, Severity},
    engineering,
    input::{self, Reader, Stop},
    output::Printer,
    rules,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, thread, time::Instant};

/// Runs the command.
pub fn run(scan: &Scan) -> Result<Outcome, String> {
    if let Some(interval) = &scan.as_kibana {
        return engineering::as_kibana(scan, interval);
    }
    let mut outcome = Outcome::Done;
    let rules = rules::read_or_built_in(&scan.rules, &mut outcome);
    let output = scan.output.unwrap_or(Output::Ndjson);
    let mut options = options(rules, scan.format, (&scan.host_id, &scan.host_name), output, &scan.behaviour);
    let host = Host::new(&scan.sandbox)?;
    options["share"] = json!({"number": 0, "of": scan.threads});
    let correlator = correlator(&host, &options, &mut outcome)?;
    let mut others = Vec::new();
    for number in 1..scan.threads {
        options["share"]["number"] = number.into();
        others.push(host.correlator(&options.to_string())?);
    }

    let begun = Instant::now();
    let mut scanner = Scanner { correlator, others, printer: Printer::new(output) };
    let done = input::read(&scan.files, &mut scanner)?;
    if done.outcome == Outcome::Incomplete {
        outcome = Outcome::Incomplete;
    }
    if !done.reader_left {
        summary(&mut scanner, begun)?;
    }
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

/// Prints the alerts as they come.
struct Scanner {
    correlator: Correlator,
    /// Those that have the other shares of the rules, and are given the same events.
    others: Vec<Correlator>,
    printer: Printer,
}

impl Scanner {
    /// Does the same with every correlator, each in a thread of its own.
    fn each<T: Send>(
        &mut self,
        work: impl Fn(&mut Correlator) -> Result<T, String> + Send + Sync,
    ) -> Result<Vec<T>, String> {
        thread::scope(|scope| {
            let work = &work;
            let threads: Vec<_> =
                self.others.iter_mut().map(|correlator| scope.spawn(move || work(correlator))).collect();
            let mut done = vec![work(&mut self.correlator)?];
            for thread in threads {
                done.push(thread.join().map_err(|_| "a thread broke, this is a bug".to_string())??);
            }
            Ok(done)
        })
    }
}

impl Reader for Scanner {
    /// Alerts of different threads are put together piece by piece, and their order must not depend on how fast the input comes.
    fn whole_pieces(&self) -> bool {
        !self.others.is_empty()
    }

    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.each(|correlator| correlator.feed(piece)).map(drop)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.each(Correlator::finish).map(drop)
    }

    fn problems(&mut self) -> Result<Vec<Problem>, String> {
        // All have met the same ones.
        self.others.iter_mut().try_for_each(|other| other.drain_problems().map(drop))?;
        self.correlator.drain_problems()
    }

    fn output(&mut self) -> Result<(), Stop> {
        for correlator in std::iter::once(&mut self.correlator).chain(&mut self.others) {
            let alerts = correlator.drain_alerts().map_err(Stop::Engine)?;
            self.printer.alerts(&alerts).map_err(|_| Stop::ReaderLeft)?;
        }
        Ok(())
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

fn summary(scanner: &mut Scanner, begun: Instant) -> Result<(), String> {
    let seconds = begun.elapsed().as_secs_f64();
    let all = scanner.each(Correlator::stats)?;
    let sum = |name: &str| all.iter().map(|stats| stats.get(name)).fold(0, u64::saturating_add);
    let stats = all.first().ok_or("no correlator")?;
    let rate = stats.get("events") as f64 / seconds.max(f64::EPSILON);
    eprintln!(
        "{} events, {} matches, {} malformed lines, {} alerts in {seconds:.2} s ({rate:.0} events/s)",
        stats.get("events"),
        sum("matched"),
        stats.get("malformed"),
        sum("alerts")
    );
    Ok(())
}

/// Something that those who choose join keys cannot know.
fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u8)
}
