//! A replay in words: a table of the rules, then what the schedule missed and what it found besides, with the reasons.

use super::{Replay, RuleReplay, Summary, Why};
use crate::{
    alert::duration,
    time::{Timestamp, duration_text},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// How many alerts of a kind are told one by one.
const SHOWN: usize = 10;

impl Replay {
    /// As JSON, with every alert.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As text for a person: rules that found nothing on either side are only counted.
    pub fn to_text(&self) -> String {
        let told: Vec<&RuleReplay> = self.rules.iter().filter(|rule| rule.stream > 0 || rule.schedule > 0).collect();
        let mut out = format!(
            "{} documents ({} unreadable); rules: {}, with alerts: {}\n",
            self.documents,
            self.unreadable,
            self.rules.len(),
            told.len()
        );
        if self.eval_errors > 0 {
            out.push_str(&format!("{} leaves could not be computed.\n", self.eval_errors));
        }
        for refused in &self.refused {
            out.push_str(&format!("not run: {} ({})\n", refused.id, refused.message));
        }
        if !told.is_empty() {
            out.push_str("\n  stream  schedule  both  missed  other   runs  every  looks back  rule\n");
        }
        for rule in &told {
            out.push_str(&format!(
                "{:>8}{:>10}{:>6}{:>8}{:>7}{:>7}{:>7}{:>12}  {}\n",
                rule.stream,
                rule.schedule,
                rule.both.len(),
                rule.missed.len(),
                rule.extra.len(),
                rule.runs,
                duration(rule.interval),
                duration(rule.look_back),
                rule.name
            ));
        }
        told.iter().for_each(|rule| details(rule, &mut out));
        out
    }
}

fn details(rule: &RuleReplay, out: &mut String) {
    if rule.missed.is_empty() && rule.extra.is_empty() && rule.cut == 0 && rule.late == 0 {
        return;
    }
    out.push_str(&format!("\n{} ({})\n", rule.name, rule.id));
    if rule.late > 0 {
        out.push_str(&format!("  {} events came too late for the stream\n", rule.late));
    }
    if rule.cut > 0 {
        out.push_str(&format!("  {} documents found no room in a run of max_signals {}\n", rule.cut, rule.max_signals));
    }
    for missed in rule.missed.iter().take(SHOWN) {
        out.push_str(&format!("  missed  {}\n          {}\n", line(&missed.alert), missed.why.to_text()));
    }
    more(rule.missed.len(), out);
    for extra in rule.extra.iter().take(SHOWN) {
        let why = match &extra.instead_of {
            Some(id) => format!("the stream has other events in it: alert {}", short(id)),
            None => "the stream does not raise it".to_string(),
        };
        out.push_str(&format!("  other   {}\n          {why}\n", line(&extra.alert)));
    }
    more(rule.extra.len(), out);
}

fn more(count: usize, out: &mut String) {
    if let Some(rest @ 1..) = count.checked_sub(SHOWN) {
        out.push_str(&format!("          and {rest} more\n"));
    }
}

/// `2026-11-24T02:33:46.657Z .. 02:33:46.668Z  host.id="web-01" process.pid=4338  (5f1c2ab0)`
fn line(alert: &Summary) -> String {
    let times = || alert.events.iter().flatten().copied();
    let mut out = match (times().min(), times().max()) {
        (Some(first), Some(last)) if first != last => format!("{} .. {}", first.to_iso(), last.to_iso()),
        (Some(only), _) => only.to_iso(),
        _ => "at no known time".to_string(),
    };
    for (name, value) in &alert.join_keys {
        out.push_str(&format!(" {name}={value}"));
    }
    out.push_str(&format!("  ({})", short(&alert.id)));
    if let Some(run) = alert.run {
        out.push_str(&format!(" by the run of {}", run.to_iso()));
    }
    out
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

impl Why {
    /// The reason as half a sentence.
    pub fn to_text(&self) -> String {
        let span = |millis: &i64| duration_text(millis.unsigned_abs());
        let at = |run: &Timestamp| run.to_iso();
        match self {
            Why::LookBack { span: apart, look_back } => {
                format!("its events lie {} apart, and a run looks back {}", span(apart), span(look_back))
            }
            Why::BetweenRuns { interval, look_back } => {
                format!(
                    "no run saw all of its events: they come every {} and look back {}",
                    span(interval),
                    span(look_back)
                )
            }
            Why::Ingested { delay } => {
                format!("no run saw all of its events: one was ingested {} after it happened", span(delay))
            }
            Why::MaxSignals { run } => format!("the run of {} found it and had no room for it (max_signals)", at(run)),
            Why::OtherPairing { run, instead } => {
                format!("the run of {} raised {} from one of its events", at(run), short(instead))
            }
            Why::OnePerKey { run, instead } => {
                format!("a run gives a key one sample, and that of {} gave it {}", at(run), short(instead))
            }
            Why::NoTime => "one of its events has no time that a run could go by".to_string(),
            Why::Search => {
                "runs saw all of its events, and their search pairs the events of their window otherwise".to_string()
            }
        }
    }
}
