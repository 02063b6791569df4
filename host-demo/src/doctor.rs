//! `eqlite doctor`: what an audit log can show of what the rules ask for, in words or as JSON.

use crate::{
    cli::{Doctor as Arguments, Outcome},
    engine::{Host, Problem},
    input::{self, Reader},
    output::{at, printable},
    rules,
    tools::Doctor,
};
use serde_json::{Value, json};
use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
};

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Outcome, String> {
    let mut outcome = Outcome::Done;
    let rules = rules::read_or_built_in(&arguments.rules.paths, &mut outcome);
    let options = json!({"rules": rules, "host": arguments.host.to_json()});
    let mut patient = Patient(Host::new(&arguments.sandbox)?.doctor(&options.to_string())?);
    if input::read(&arguments.files, &mut patient)?.outcome == Outcome::Incomplete {
        outcome = Outcome::Incomplete;
    }
    let report = patient.0.report()?;
    let text = if arguments.json {
        report + "\n"
    } else {
        let report: Value = serde_json::from_str(&report).map_err(|error| format!("the component: {error}"))?;
        let mut text = String::new();
        write(&mut text, &report).map_err(|error| error.to_string())?;
        text
    };
    // Whoever reads may have left; there is nobody to tell.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(outcome)
}

struct Patient(Doctor);

impl Reader for Patient {
    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.0.feed(piece)
    }

    fn problems(&mut self) -> Result<Vec<Problem>, String> {
        self.0.drain_problems()
    }
}

fn write(out: &mut String, report: &Value) -> fmt::Result {
    let text = |name: &str| at(report, name).as_str().unwrap_or("-");
    writeln!(
        out,
        "{} events of {} records, {} malformed lines, from {} to {}",
        at(report, "events"),
        at(report, "records"),
        at(report, "malformed"),
        text("first"),
        text("last")
    )?;

    let calls = list(report, "calls");
    let needed = |call: &&Value| !list(call, "neededBy").is_empty();
    writeln!(out, "\nCalls that the rules ask for:")?;
    if !calls.iter().any(|call| needed(&call)) {
        writeln!(out, "  none: no rule names a system call or an action of one")?;
    }
    for call in calls.iter().filter(needed) {
        writeln!(out, "  {:<12} {}", name(call), occurrence(call))?;
    }
    let others: Vec<String> = calls
        .iter()
        .filter(|call| !needed(call))
        .map(|call| format!("{} ({})", name(call), occurrence(call)))
        .collect();
    if !others.is_empty() {
        writeln!(out, "\nOther calls: {}", others.join(", "))?;
    }

    let gaps = list(report, "gaps");
    if !gaps.is_empty() {
        let range = |gap: &Value| match (at(gap, "first"), at(gap, "last")) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        };
        let shown: Vec<String> = gaps.iter().take(20).map(range).collect();
        let more = if gaps.len() > shown.len() { ", ..." } else { "" };
        writeln!(out, "\nMissing serial numbers: {}{more}", shown.join(", "))?;
    }
    if at(report, "restarts").as_u64().unwrap_or(0) > 0 {
        writeln!(out, "\nThe serial numbers began anew {} times (reboots, or several logs).", at(report, "restarts"))?;
    }

    let findings = list(report, "findings");
    writeln!(out, "\n{}", if findings.is_empty() { "Nothing is amiss." } else { "What is amiss:" })?;
    for finding in findings {
        let text = |name: &str| at(finding, name).as_str().unwrap_or_default();
        writeln!(out, "  [{}] {}", text("code"), printable(text("message")))?;
        writeln!(out, "         {}", text("help"))?;
    }
    let unreadable: Vec<&str> = list(report, "unreadableRules").iter().filter_map(Value::as_str).collect();
    if !unreadable.is_empty() {
        writeln!(out, "  rules that cannot be read (see `eqlite check`): {}", unreadable.join(", "))?;
    }

    let rules: Vec<&str> = list(report, "auditRules").iter().filter_map(Value::as_str).collect();
    if !rules.is_empty() {
        writeln!(out, "\nThe least to audit for these rules, as a file in /etc/audit/rules.d (augenrules --load):")?;
        rules.iter().try_for_each(|rule| writeln!(out, "  {}", printable(rule)))?;
    }
    Ok(())
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    at(value, name).as_array().map_or(&[], Vec::as_slice)
}

fn name(call: &Value) -> String {
    printable(at(call, "name").as_str().unwrap_or_default())
}

/// `12 on x86_64, 3 of them failed`, or that it never occurs.
fn occurrence(call: &Value) -> String {
    let by_arch = at(call, "byArch").as_object().into_iter().flatten();
    let counts: Vec<String> = by_arch.map(|(arch, count)| format!("{count} on {}", printable(arch))).collect();
    match (counts.is_empty(), at(call, "failed").as_u64().unwrap_or(0)) {
        (true, _) => "never".to_string(),
        (false, 0) => counts.join(", "),
        (false, failed) => format!("{}; {failed} failed", counts.join(", ")),
    }
}
