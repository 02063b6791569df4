//! The settings of a correlator as hosts write them: one JSON object, the same at every door.
//!
//! `{"rules": ["[rule]\nname = ..."], "format": "auditd", "host": {"id": "web-1"}}`
//! becomes [`Options`]. Names are camelCase, as in JavaScript; unknown names are refused, so that a slip does not pass.

use crate::failure::Failure;
use eqlite_core::{Config, Format, Host, KibanaContext, Limits, Routing, plan::Share};
use serde::Deserialize;
use serde_json::Value;

/// What a host asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Options {
    /// The rules to run.
    pub rules: Vec<RuleSource>,
    /// How input is read.
    pub format: Format,
    /// Host of audit records, which do not say it.
    pub host: Host,
    /// What may be held.
    pub limits: Limits,
    /// The form of the alerts.
    pub output: Output,
    /// What the documents of `kibana` are made with.
    pub kibana: KibanaContext,
    /// How late an event may come, in milliseconds of event time.
    pub allowed_lateness: u64,
    /// `auto`: an event that says its index or data stream is offered to the rules whose patterns cover it; `off`: to all.
    pub routing: Routing,
    /// How far ahead of the watermark given by the host an event may be, in milliseconds, before it is counted as of the future.
    pub max_future: Option<u64>,
    /// Keeps rules to their `max_signals` in each interval.
    pub max_signals: bool,
    /// Raises also what `alert_suppression` would not.
    pub ignore_suppression: bool,
    /// Lets rules run without those of their filters that cannot be applied.
    pub ignore_filters: bool,
    /// Seeds the hash of join keys; results do not depend on it.
    pub seed: Option<u64>,
    /// Lists rules that cannot run instead of refusing all.
    pub skip_invalid: bool,
    /// Which of the rules run here, where several correlators are given the same events: every `of`th, from `number` on.
    pub share: Share,
}

/// The form of alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// The own one: `{"rule": .., "kind": .., "join_keys": .., "events": [..]}`.
    #[default]
    Alert,
    /// The documents that Kibana writes: for an alert over several events its shell, then a building block for each.
    Kibana,
    /// One ECS document, `event.kind: signal`.
    Signal,
}

/// One entry of `rules`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum RuleSource {
    /// The text of a rule file: TOML, JSON or NDJSON.
    Text(String),
    /// The same with the name that diagnostics shall give it.
    File(RuleFile),
    /// One rule as an object, as Kibana's API gives it.
    Object(serde_json::Map<String, Value>),
}

/// The text of a rule file and its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Whatever a person knows it by; it is never opened.
    pub file: String,
    /// TOML, JSON or NDJSON.
    pub text: String,
}

impl Options {
    /// Reads the JSON object. An empty text stands for `{}`.
    pub fn parse(json: &str) -> Result<Options, Failure> {
        if json.trim().is_empty() {
            return Ok(Options::default());
        }
        serde_json::from_str(json).map_err(|error| Failure::options(format!("the options cannot be read: {error}")))
    }

    /// The part of the options that the core takes, seeded with `seed` unless the host has chosen.
    pub(crate) fn config(&self, seed: u64) -> Config {
        let mut config = Config::default();
        config.format = self.format;
        config.host = self.host.clone();
        config.limits = self.limits.clone();
        config.allowed_lateness = self.allowed_lateness;
        config.routing = self.routing;
        config.max_future = self.max_future;
        config.max_signals = self.max_signals;
        config.ignore_suppression = self.ignore_suppression;
        config.seed = self.seed.unwrap_or(seed);
        config
    }
}
