//! The settings of a correlator as hosts write them: one JSON object, the same at every door.
//!
//! `{"rules": ["[rule]\nname = ..."], "format": "auditd", "host": {"id": "web-1"}}`
//! becomes [`Options`]. Names are camelCase, as in JavaScript; unknown names are refused, so that a slip does not pass.

use crate::failure::Failure;
use eqlite_core::{Config, Format, Host, Limits};
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
    /// How late an event may come, in milliseconds of event time.
    pub allowed_lateness: u64,
    /// Seeds the hash of join keys; results do not depend on it.
    pub seed: Option<u64>,
    /// Lists rules that cannot run instead of refusing all.
    pub skip_invalid: bool,
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
        config.seed = self.seed.unwrap_or(seed);
        config
    }
}
