//! The room behind every door: options in, a [`Correlator`] with its rules, and the verbs that all hosts know.
//!
//! Nothing here knows which door is open, so that the same input gives the same bytes at each.

use crate::{
    failure::{Failure, Finding},
    options::{Options, Output},
    rules::{self, Loaded, RuleInfo},
};
use eqlite_core::{
    Alert, Correlator, KibanaContext, Plan, Problem, Rule, Severity, Timestamp, ecs_signal, kibana_documents,
};
use serde_json::json;

/// A correlator with the list of its rules.
#[derive(Debug)]
pub struct Engine {
    correlator: Correlator,
    rules: Vec<RuleInfo>,
    findings: Vec<Finding>,
    output: Output,
    kibana: KibanaContext,
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
        let correlator = Correlator::new(plan.build(), options.config(seed));
        Ok(Engine { correlator, rules, findings, output: options.output, kibana: options.kibana })
    }

    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.correlator.feed(chunk);
    }

    /// Finds the events of a piece that match no stage, for another engine with the same options to be fed with: see [`Correlator::sift`].
    pub fn sift(&mut self, piece: &[u8]) -> Vec<u8> {
        self.correlator.sift(piece)
    }

    /// Feeds a piece that another engine has sifted.
    pub fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]) {
        self.correlator.feed_sifted(piece, sifted);
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

    /// The alerts since the last call, oldest first: one JSON object each, without the line's end. As documents of Kibana an alert
    /// over several events is several of them.
    pub fn drain_alerts(&mut self) -> Vec<String> {
        let alerts = self.correlator.drain_alerts();
        alerts.iter().flat_map(|alert| self.in_form(alert)).collect()
    }

    /// The same as NDJSON: each ends its line.
    pub fn drain_alert_lines(&mut self) -> String {
        self.drain_alerts().into_iter().map(|line| line + "\n").collect()
    }

    fn in_form(&self, alert: &Alert) -> Vec<String> {
        let rule = || self.correlator.plan().rules().nth(alert.rule_index).cloned().unwrap_or_else(Rule::default);
        match self.output {
            Output::Alert => vec![alert.to_json()],
            Output::Kibana => kibana_documents(alert, &rule(), &self.kibana).iter().map(ToString::to_string).collect(),
            Output::Signal => vec![ecs_signal(alert, &rule()).to_string()],
        }
    }

    /// The whole state, alerts that wait to be drained included: see [`Correlator::snapshot`].
    pub fn snapshot(&self) -> Vec<u8> {
        self.correlator.snapshot()
    }

    /// Goes on where a snapshot was made, under the same rules. Where it is refused, nothing changes.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), Failure> {
        self.correlator.restore(snapshot).map_err(|error| Failure::of("snapshot", error.to_string()))
    }

    /// The groups of rules that can be spread over several correlators: `[{"keys": ["host.id"], "whole": false, "rules": ["ID"]}]`,
    /// see [`Plan::partitioning`].
    pub fn partitioning_json(&self) -> String {
        let ids: Vec<&str> = self.correlator.plan().rules().map(|rule| rule.id.as_str()).collect();
        let partitions = self.correlator.plan().partitioning();
        let partitions = partitions.iter().map(|partition| {
            let rules: Vec<_> = partition.rules.iter().filter_map(|rule| ids.get(*rule)).collect();
            json!({"keys": partition.keys, "whole": partition.whole, "rules": rules})
        });
        json(&partitions.collect::<Vec<_>>())
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
