//! An explanation in words, for a person at a terminal.

use super::{Candidate, Explanation, Failed, Finding, Role, Step};
use crate::time::duration_text;
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::Value;

/// The longest piece of a query that is shown.
const TEXT: usize = 88;
/// The most lines about the steps of a sequence, and about the leaves of one event.
const LINES: usize = 6;
/// The most alerts that are told one by one.
const ALERTS: usize = 3;

impl Explanation {
    /// As JSON, with everything.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As text, about a screen. Stages and events count from 1.
    pub fn to_text(&self) -> String {
        let alerts = match self.alerts.len() {
            0 => "no alert".to_string(),
            1 => "1 alert".to_string(),
            count => format!("{count} alerts"),
        };
        let mut out = format!("{} ({}): {alerts} from {} events", self.name, self.id, self.documents);
        if self.unreadable > 0 {
            out.push_str(&format!(", {} of them unreadable", self.unreadable));
        }
        out.push('\n');
        for alert in self.alerts.iter().take(ALERTS) {
            let events = alert.iter().map(|event| event.map_or("none".to_string(), |event| event.to_string()));
            out.push_str(&format!("  alert: events {}\n", events.collect::<Vec<_>>().join(", ")));
        }
        out.push('\n');
        for (number, stage) in self.stages.iter().enumerate() {
            let role = match stage.role {
                Role::Needed => "",
                Role::Missing => "must be missing, ",
                Role::Until => "until, ",
            };
            let lacking = match stage.without_key {
                0 => String::new(),
                count => format!(", {count} without a join key"),
            };
            out.push_str(&format!(
                "stage {}  {}\n         {role}{} events match{lacking}\n",
                number.saturating_add(1),
                cut(&stage.text),
                stage.matched
            ));
            if stage.matched == 0 {
                let fewest = stage.candidates.first().map_or(0, |candidate| candidate.failed.len());
                let near = |candidate: &&Candidate| candidate.failed.len() <= fewest.saturating_add(1);
                for candidate in stage.candidates.iter().take(2).filter(near) {
                    tell(candidate, stage.leaves, &mut out);
                }
            }
        }
        if !self.findings.is_empty() {
            out.push('\n');
        }
        self.findings.iter().for_each(|finding| self.finding(finding, &mut out));
        out
    }

    fn finding(&self, finding: &Finding, out: &mut String) {
        match finding {
            Finding::NoEvent { stage } => out.push_str(&format!("No event matches stage {}.\n", one(stage))),
            Finding::Key { key, events } => {
                let events = events.iter().map(|(stage, events)| format!("stage {}: {}", one(stage), list(events)));
                let events = events.collect::<Vec<_>>().join("; ");
                let named = if key.is_empty() { "Events".to_string() } else { pairs(key) };
                out.push_str(&format!("{named}: has {events}.\n"));
            }
            Finding::Closest { stage, candidate } => {
                let told = self.stages.get(*stage).filter(|stage| stage.matched == 0);
                if told.and_then(|stage| stage.candidates.first()).is_some_and(|first| first.event == candidate.event) {
                    out.push_str(&format!(
                        "  stage {}: event {}, as above, has this key.\n",
                        one(stage),
                        candidate.event
                    ));
                    return;
                }
                out.push_str(&format!("  stage {} with this key, closest:\n", one(stage)));
                let leaves = self.stages.get(*stage).map_or(0, |stage| stage.leaves);
                tell(candidate, leaves, out);
            }
            Finding::NothingElse { stage } => {
                out.push_str(&format!("  stage {}: no other event has this key.\n", one(stage)));
            }
            Finding::KeyMissing { stage, event, fields } => out.push_str(&format!(
                "  stage {}: event {event} matches, and has no {}.\n",
                one(stage),
                fields.join(", ")
            )),
            Finding::KeyDiffers { stage, event, fields } => {
                let each = fields.iter().map(|f| format!("{} is {}, not {}", f.field, f.value, f.wanted));
                let each = each.collect::<Vec<_>>().join("; ");
                out.push_str(&format!("  stage {}: event {event} matches, but {each}.\n", one(stage)));
            }
            Finding::OutsideWindow { events, span, window, over } => out.push_str(&format!(
                "  events {} lie {} apart; the rule looks back {}: {} too much.\n",
                list(events),
                time(*span),
                time(*window),
                time(*over)
            )),
            Finding::SameEvent { events } => out.push_str(&format!(
                "  events {}: each stage needs an event of its own, and there are too few.\n",
                list(events)
            )),
            Finding::Steps { steps } => {
                let from = steps.len().saturating_sub(LINES);
                if from > 0 {
                    out.push_str(&format!("  {from} steps before these\n"));
                }
                for step in steps.iter().skip(from) {
                    out.push_str(&format!("  {}\n", step_text(step)));
                }
            }
        }
    }
}

fn step_text(step: &Step) -> String {
    match step {
        Step::NothingBefore { event, stage } => {
            format!("event {event} fits stage {}, and there was nothing at the stage before", one(stage))
        }
        Step::OverMaxspan { event, stage, first, span, maxspan, over } => format!(
            "event {event} fits stage {}, and came {} after event {first}; maxspan is {}: {} too late",
            one(stage),
            time(*span),
            time(*maxspan),
            time(*over)
        ),
        Step::Replaced { event, stage, old } => {
            format!("event {event} at stage {} took the place of {}: the newest one counts", one(stage), list(old))
        }
        Step::Refuted { events, by } => {
            format!("events {} are complete, but event {by} had to be missing", list(events))
        }
        Step::Until { event, events } => format!("event {event} (until) ended {}", list(events)),
        Step::Open { events, stage } => {
            format!("after {} nothing came that fits stage {}", list(events), one(stage))
        }
    }
}

fn tell(candidate: &Candidate, leaves: usize, out: &mut String) {
    let Candidate { event, timestamp, failed, alike } = candidate;
    let when = timestamp.map_or(String::new(), |time| format!(" of {}", time.to_iso()));
    let alike = match alike {
        0 => String::new(),
        count => format!(", and {count} more like it"),
    };
    let passed = leaves.saturating_sub(failed.len());
    out.push_str(&format!("         event {event}{when} passes {passed} of {leaves}{alike}; against it:\n"));
    for Failed { leaf, values, span } in failed.iter().take(LINES) {
        out.push_str(&format!("           {}  [{}..{}]\n", cut(leaf), span.start, span.end));
        for (field, values) in values {
            let shown = match values.as_array().map(Vec::as_slice) {
                Some([]) | None => "it has none".to_string(),
                Some([only]) => only.to_string(),
                Some(_) => values.to_string(),
            };
            out.push_str(&format!("             {field}: {}\n", cut(&shown)));
        }
    }
    if let Some(rest @ 1..) = failed.len().checked_sub(LINES) {
        out.push_str(&format!("           and {rest} more\n"));
    }
}

fn one(stage: &usize) -> usize {
    stage.saturating_add(1)
}

fn time(millis: i64) -> String {
    duration_text(millis.unsigned_abs())
}

fn list(events: &[usize]) -> String {
    let events: Vec<String> = events.iter().map(ToString::to_string).collect();
    events.join(", ")
}

fn pairs(key: &[(String, Value)]) -> String {
    key.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// Text that fits on a line.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or("")),
        None => text.to_string(),
    }
}
