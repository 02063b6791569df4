//! The room behind every door: options in, a [`Correlator`] with its rules, and the verbs that all hosts know.
//!
//! Nothing here knows which door is open, so that the same input gives the same bytes at each.

use crate::{
    failure::{Failure, Finding},
    options::Options,
    rules::{self, Loaded, RuleInfo},
};
use eqlite_core::{Correlator, Plan, Problem, Severity, Timestamp};

/// A correlator with the list of its rules.
#[derive(Debug)]
pub struct Engine {
    correlator: Correlator,
    rules: Vec<RuleInfo>,
    findings: Vec<Finding>,
}

impl Engine {
    /// Reads the options, compiles the rules. Says all that is wrong, not the first thing alone.
    /// `seed` is taken where the options have none.
    pub fn new(options: &str, seed: u64) -> Result<Self, Failure> {
        let options = Options::parse(options)?;
        let mut plan = Plan::builder().ignore_filters(options.ignore_filters);
        let Loaded { rules, findings } = rules::load(&options, &mut plan);
        if !options.skip_invalid && findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(Failure::rules(findings));
        }
        Ok(Engine { correlator: Correlator::new(plan.build(), options.config(seed)), rules, findings })
    }

    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.correlator.feed(chunk);
    }

    /// Feeds one whole ECS document; says how many stages of rules it matched.
    pub fn feed_event(&mut self, document: &[u8]) -> Result<u32, Failure> {
        self.correlator.feed_event(document).map_err(|problem| Failure::event(&problem))
    }

    /// Says that no event before this time will come any more, in milliseconds since 1970.
    pub fn advance(&mut self, watermark: i64) {
        self.correlator.advance(Timestamp::from_millis(watermark));
    }

    /// The end of the input.
    pub fn finish(&mut self) {
        self.correlator.finish();
    }

    /// The alerts since the last call, oldest first: one JSON object each, without the line's end.
    pub fn drain_alerts(&mut self) -> Vec<String> {
        self.correlator.drain_alerts().iter().map(|alert| alert.to_json()).collect()
    }

    /// The same as NDJSON: each alert ends its line.
    pub fn drain_alert_lines(&mut self) -> String {
        let mut lines = String::new();
        for alert in self.correlator.drain_alerts() {
            lines.push_str(&alert.to_json());
            lines.push('\n');
        }
        lines
    }

    /// The problems since the last call, oldest first.
    pub fn drain_problems(&mut self) -> Vec<Problem> {
        self.correlator.drain_problems()
    }

    /// Counters since the beginning, as a JSON object.
    pub fn stats_json(&self) -> String {
        json(&self.correlator.stats())
    }

    /// All rules that were given, those skipped included.
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// Warnings about rules that run, and the findings about rules that were skipped.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// JSON of something that always has one.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_string())
}
