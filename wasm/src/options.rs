//! The settings of a correlator as hosts write them: one JSON object, the same at every door.
//!
//! `{"rules": ["[rule]\nname = ..."], "format": "auditd", "host": {"id": "web-1"}}`
//! becomes [`Options`]. Names are camelCase, as in JavaScript; unknown names are refused, so that a slip does not pass.

use crate::{
    failure::Failure,
    settings::{self, Fault, Setting, settings, words, wrong},
};
use eqlite_core::{Config, Format, Host, KibanaContext, Limits, Routing};
use serde_json::Value;
use std::borrow::Cow;

/// What a host asks for.
#[derive(Debug, Default)]
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
}

/// The form of alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Debug)]
pub enum RuleSource {
    /// The text of a rule file: TOML, JSON or NDJSON.
    Text(String),
    /// The same with the name that diagnostics shall give it.
    File(RuleFile),
    /// One rule as an object, as Kibana's API gives it.
    Object(serde_json::Map<String, Value>),
}

/// The text of a rule file and its name.
#[derive(Debug, Default)]
pub struct RuleFile {
    /// Whatever a person knows it by; it is never opened.
    pub file: String,
    /// TOML, JSON or NDJSON.
    pub text: String,
}

settings!(Options {
    "rules" => rules,
    "format" => format,
    "host" => host,
    "limits" => limits,
    "output" => output,
    "kibana" => kibana,
    "allowedLateness" => allowed_lateness,
    "routing" => routing,
    "maxFuture" => max_future,
    "maxSignals" => max_signals,
    "ignoreSuppression" => ignore_suppression,
    "ignoreFilters" => ignore_filters,
    "seed" => seed,
    "skipInvalid" => skip_invalid,
});
settings!(RuleFile { "file" => file, "text" => text });
words!(Output { "alert" => Alert, "kibana" => Kibana, "signal" => Signal });

/// An object with just the keys of a [`RuleFile`] is one; any other is a rule.
impl Setting for RuleSource {
    fn read(value: Value) -> Result<Self, Fault> {
        match value {
            Value::String(text) => Ok(RuleSource::Text(text)),
            Value::Object(keys) if keys.len() == 2 && keys.contains_key("file") && keys.contains_key("text") => {
                RuleFile::read(Value::Object(keys)).map(RuleSource::File)
            }
            Value::Object(keys) => Ok(RuleSource::Object(keys)),
            other => wrong("a rule as text, {file, text} or an object", &other),
        }
    }
}

impl RuleSource {
    /// The name that the host gave it, and its text.
    pub(crate) fn parts(&self) -> (Option<&str>, Cow<'_, str>) {
        match self {
            RuleSource::Text(text) => (None, text.into()),
            RuleSource::File(RuleFile { file, text }) => (Some(file), text.into()),
            RuleSource::Object(object) => (None, crate::engine::json(object).into()),
        }
    }
}

impl Options {
    /// Reads the JSON object. An empty text stands for `{}`.
    pub fn parse(json: &str) -> Result<Options, Failure> {
        settings::parse(json)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What `eqlite.wit` tells hosts: every option, with the value that holds where it is left out.
    #[test]
    fn the_options_of_the_interface_are_the_defaults() {
        let wit = include_str!("../wit/eqlite.wit");
        let lines = wit.lines().map(|line| line.trim().trim_start_matches("///"));
        let told: String =
            lines.skip_while(|line| line.trim() != "```json").skip(1).take_while(|line| line.trim() != "```").collect();
        let fields: serde_json::Map<String, Value> = serde_json::from_str(&told).unwrap();
        let options = Options::parse(&told).unwrap();
        let mut expected = Options::default().config(1);
        expected.host = Host { id: Some("web-1".to_string()), name: Some("web-1.example".to_string()) };
        assert_eq!(options.config(0), expected);
        assert_eq!((options.output, &options.kibana), (Output::Alert, &KibanaContext::default()));
        assert_eq!((options.rules.len(), options.ignore_filters, options.skip_invalid), (3, false, false));
        assert_eq!(fields.len(), 14, "every option is told");
    }
}
