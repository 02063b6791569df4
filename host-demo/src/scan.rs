//! `eqlite scan`: files, piece by piece, through the component; alerts to stdout, all else to stderr.

use crate::{
    cli::{Behaviour, InputArgs, Outcome, Output, Routing, Scan},
    engine::{Correlator, Host, Problem, Rule, Severity, Stats},
    engineering,
    input::{self, Reader, Stop},
    output::{Printer, at},
    rules,
    sifters::Sifters,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Instant};

/// Runs the command.
pub fn run(scan: &Scan) -> Result<Outcome, String> {
    if let Some(interval) = &scan.as_kibana {
        return engineering::as_kibana(scan, interval);
    }
    let mut outcome = Outcome::Done;
    let rules = rules::read_or_built_in(&scan.rules.paths, &mut outcome);
    let output = scan.output.unwrap_or(Output::Ndjson);
    let options = options(rules, &scan.input, output, &scan.behaviour);
    let host = Host::new(&scan.sandbox)?;
    let sifters = Sifters::new(&host, &options, scan.threads.saturating_sub(1));
    let correlator = correlator(&host, &options, &mut outcome)?;

    let begun = Instant::now();
    let mut scanner = Scanner { correlator, sifters, printer: Printer::new(output) };
    let done = input::read(&scan.files, &mut scanner)?;
    if done.outcome == Outcome::Incomplete {
        outcome = Outcome::Incomplete;
    }
    if !done.reader_left {
        summary(&mut scanner, begun)?;
    }
    Ok(outcome)
}

/// Options of a correlator, as it takes them.
pub(crate) fn options(rules: Vec<Value>, input: &InputArgs, output: Output, behaviour: &Behaviour) -> String {
    let mut limits = Map::new();
    if let Some(mib) = behaviour.state_mb {
        limits.insert("stateBytes".to_string(), mib.saturating_mul(1 << 20).into());
    }
    if let Some(keys) = behaviour.keys_per_rule {
        limits.insert("keysPerRule".to_string(), keys.into());
    }
    let mut options = json!({
        "rules": rules,
        "limits": limits,
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
    });
    input.add_to(&mut options);
    options.to_string()
}

/// A correlator of these options. What is wrong with its rules goes to stderr; one that could run none is refused.
pub(crate) fn correlator(host: &Host, options: &str, outcome: &mut Outcome) -> Result<Correlator, String> {
    let mut correlator = host.correlator(options)?;
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
    sifters: Sifters,
    printer: Printer,
}

impl Reader for Scanner {
    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.sifters.feed(&mut self.correlator, piece)
    }

    fn settle(&mut self) -> Result<(), String> {
        self.sifters.settle(&mut self.correlator)
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
    // What is disabled or a duplicate has no finding of an error, and is said all the same.
    let quiet =
        |rule: &&Rule| rule.kind == "eql" && !findings.iter().any(|found| found.rule.as_ref() == Some(&rule.id));
    for rule in rules.iter().filter(quiet) {
        if let Some(why) = &rule.skipped {
            eprintln!("eqlite: {} ({}) is not run: {why}", rule.name, rule.id);
        }
    }
    Ok(findings.iter().all(|finding| finding.severity != Severity::Error))
}

fn summary(scanner: &mut Scanner, begun: Instant) -> Result<(), String> {
    let seconds = begun.elapsed().as_secs_f64();
    let stats = scanner.correlator.stats()?;
    let rate = stats.get("events") as f64 / seconds.max(f64::EPSILON);
    eprintln!(
        "{} events, {} matches, {} malformed lines, {} alerts in {seconds:.2} s ({rate:.0} events/s)",
        stats.get("events"),
        stats.get("matched"),
        stats.get("malformed"),
        stats.get("alerts")
    );
    losses(&stats).iter().for_each(|line| eprintln!("{line}"));
    Ok(())
}

/// What did not become an alert, or was not looked at, for want of room or by the rules' own wish: a line for all, and one for each rule.
pub(crate) fn losses(stats: &Stats) -> Vec<String> {
    let counted = |of: &Value, names: &[(&str, &str)]| -> Vec<String> {
        let count = |name: &str| at(of, name).as_u64().filter(|count| *count > 0);
        names.iter().filter_map(|(name, told)| count(name).map(|count| format!("{count} {told}"))).collect()
    };
    let all = counted(
        &stats.0,
        &[
            ("withoutTime", "events without a time"),
            ("unreadableTime", "events with a time that cannot be read"),
            ("future", "events of the future"),
            ("alertsDropped", "alerts dropped"),
            ("problemsDropped", "bad lines only counted"),
            ("auditIncomplete", "audit events closed before their end"),
            ("auditLost", "audit events missing"),
        ],
    );
    let mut lines = Vec::new();
    if !all.is_empty() {
        lines.push(format!("  {}", all.join(", ")));
    }
    for rule in at(&stats.0, "rules").as_array().into_iter().flatten() {
        let own = counted(
            rule,
            &[
                ("evicted", "join keys evicted"),
                ("late", "events late"),
                ("suppressed", "alerts suppressed"),
                ("overMaxSignals", "alerts over max_signals"),
                ("suppressionForgotten", "groups of alerts forgotten"),
                ("keysDropped", "join keys dropped"),
            ],
        );
        if !own.is_empty() {
            lines.push(format!("  {}: {}", at(rule, "id").as_str().unwrap_or_default(), own.join(", ")));
        }
    }
    lines
}

/// Something that those who choose join keys cannot know.
fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u8)
}
