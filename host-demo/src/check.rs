//! `eqlite check`: every finding about rule files, with carets for people or as one JSON object a rule.

use crate::{
    cli::{Check, Outcome},
    engine::Host,
    input,
    output::at,
    rules,
};
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    path::Path,
};

/// Files that are checked in one call, which has a deadline.
const AT_ONCE: usize = 32;

/// Runs the command.
pub fn run(check: &Check) -> Result<Outcome, String> {
    let mut outcome = Outcome::Done;
    let files = rules::read(&check.paths, &mut outcome);
    let schema = match check.schema.as_deref() {
        None => Value::Null,
        Some(ecs) if ecs == Path::new("ecs") => "ecs".into(),
        Some(path) => input::text(path).map_err(|error| format!("{}: {error}", path.display()))?.into(),
    };
    let host = Host::new(&check.sandbox)?;
    let mut out = io::stdout().lock();
    let mut counts = Counts::default();
    for files in files.chunks(AT_ONCE) {
        for line in host.check(&json!({"rules": files, "schema": schema}).to_string())? {
            let report: Value = serde_json::from_str(&line).map_err(|error| format!("the component: {error}"))?;
            counts.add(&report);
            let text = if check.json { line } else { for_people(&report) };
            if !text.is_empty() && writeln!(out, "{text}").is_err() {
                return Ok(outcome);
            }
        }
    }
    if counts.error > 0 {
        outcome = Outcome::Incomplete;
    }
    let Counts { ok, error, unsupported } = counts;
    let rules = ok.saturating_add(error).saturating_add(unsupported);
    eprintln!("{rules} rules: {ok} ok, {error} with errors, {unsupported} of other types than eql");
    Ok(outcome)
}

#[derive(Default)]
struct Counts {
    ok: u64,
    error: u64,
    unsupported: u64,
}

impl Counts {
    fn add(&mut self, report: &Value) {
        let count = match at(report, "status").as_str() {
            Some("ok") => &mut self.ok,
            Some("unsupported") => &mut self.unsupported,
            _ => &mut self.error,
        };
        *count = count.saturating_add(1);
    }
}

/// The findings as they are drawn; nothing for a rule that is fine, or of another type.
fn for_people(report: &Value) -> String {
    if at(report, "status") == "unsupported" {
        return String::new();
    }
    let found = at(report, "diagnostics").as_array().into_iter().flatten();
    let drawn: Vec<&str> = found.filter_map(|found| at(found, "rendered").as_str()).map(str::trim_end).collect();
    drawn.join("\n")
}
