//! The room of those who write rules: why does one not alert ([`explain()`]), and what would Kibana's schedule miss ([`replay()`])?
//!
//! Both look at data that are complete: documents or an audit log, all at once, held in memory.
//!
//! ```
//! use eqlite_wasm::engineering::explain;
//!
//! let rules = r#"[{"rule_id": "a", "name": "A", "type": "eql", "query": "process where user.id == \"0\""}]"#;
//! let events = br#"{"event": {"category": "process"}, "user": {"id": "33"}}"#;
//! let text = explain(rules, events, r#"{"output": "text"}"#)?;
//! assert!(text.contains("A (a): no alert from 1 events"), "{text}");
//! # Ok::<(), eqlite_wasm::failure::Failure>(())
//! ```

use crate::{
    check::schema,
    failure::Failure,
    input::{self, Input, Taker},
    options::{Options, RuleSource},
    rules::{self, Loaded},
    settings::{self, Fault, Setting, settings, words, wrong},
};
use eqlite_core::{
    Config, Format, Host, KibanaContext, Limits, Plan, Rule, Severity,
    auditd::AuditEvent,
    event::json::JsonError,
    explain as core_explain,
    replay::{self as core_replay, ReplayOptions},
    time::parse_duration,
};
use serde_json::Value;

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// With everything.
    #[default]
    Json,
    /// For a person.
    Text,
}

#[derive(Debug, Default)]
struct ExplainOptions {
    id: Option<String>,
    output: Form,
    format: Format,
    host: Host,
    limits: Limits,
    schema: Value,
    ignore_filters: bool,
}

#[derive(Debug, Default)]
struct ReplaySettings {
    output: Form,
    format: Format,
    host: Host,
    limits: Limits,
    schema: Value,
    skip_invalid: bool,
    ignore_filters: bool,
    interval: Option<Millis>,
    look_back: Option<Millis>,
    offset: Option<Millis>,
    ingested: Option<bool>,
    allowed_lateness: Option<Millis>,
    max_signals: bool,
    kibana: KibanaContext,
}

words!(Form { "json" => Json, "text" => Text });
settings!(ExplainOptions {
    "id" => id,
    "output" => output,
    "format" => format,
    "host" => host,
    "limits" => limits,
    "schema" => schema,
    "ignoreFilters" => ignore_filters,
});
settings!(ReplaySettings {
    "output" => output,
    "format" => format,
    "host" => host,
    "limits" => limits,
    "schema" => schema,
    "skipInvalid" => skip_invalid,
    "ignoreFilters" => ignore_filters,
    "interval" => interval,
    "lookBack" => look_back,
    "offset" => offset,
    "ingested" => ingested,
    "allowedLateness" => allowed_lateness,
    "maxSignals" => max_signals,
    "kibana" => kibana,
});

/// A length of time: milliseconds, or `5m`.
#[derive(Debug)]
struct Millis(u64);

impl Setting for Millis {
    fn read(value: Value) -> Result<Self, Fault> {
        let time = match &value {
            Value::String(text) => parse_duration(text),
            other => other.as_u64(),
        };
        time.map_or_else(|| wrong("a duration such as 30s, 5m or 1h, or milliseconds", &value), |time| Ok(Millis(time)))
    }
}

/// Why a rule alerts or not, see [`eqlite_core::explain`].
///
/// `rules` is a JSON array, as that of a correlator; `id` of the options says which one is meant, where there are several. `documents` are
/// whatever a correlator can be fed. `options`: `{"id", "output": "json" | "text", "format", "host", "limits", "schema"}`, each may be left out.
pub fn explain(rules: &str, documents: &[u8], options: &str) -> Result<String, Failure> {
    let options: ExplainOptions = settings::parse(options)?;
    let ExplainOptions { id, output, format, host, limits, schema: types, ignore_filters } = options;
    let types = schema(&types)?;
    // Rules beside the one that is meant may be of any kind.
    let (rules, loaded) = load(rules, true, ignore_filters)?;
    let rule = match &id {
        Some(id) => rules.iter().find(|rule| rule.id == *id),
        None => rules.first().filter(|_| loaded.rules.len() == 1),
    };
    let rule = rule.ok_or_else(|| not_found(id.as_deref(), &loaded))?;
    let documents = read(documents, format, host, limits);
    let explanation =
        core_explain::explain(rule, &documents, &types).map_err(|found| Failure::query(&rule.query, &found))?;
    Ok(match output {
        Form::Json => explanation.to_json(),
        Form::Text => explanation.to_text(),
    })
}

/// The alerts of the schedule that Kibana would have run beside those of the stream, see [`eqlite_core::replay`].
///
/// `rules` and `documents` as for [`explain()`]. `options`: `{"interval", "lookBack", "offset", "ingested": true, "allowedLateness",
/// "kibana": {..}, "output": "json" | "text", "format", "host", "limits", "schema", "skipInvalid", "ignoreFilters"}`, each may be left out.
/// Times are milliseconds, or text such as `5m`.
pub fn replay(rules: &str, documents: &[u8], options: &str) -> Result<String, Failure> {
    let settings: ReplaySettings = settings::parse(options)?;
    let types = schema(&settings.schema)?;
    let (rules, loaded) = load(rules, settings.skip_invalid, settings.ignore_filters)?;
    if !settings.skip_invalid && loaded.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Failure::rules(loaded.findings));
    }
    let mut stream = Config::default();
    stream.limits = settings.limits.clone();
    stream.allowed_lateness = settings.allowed_lateness.map_or(0, |Millis(time)| time);
    stream.max_signals = settings.max_signals;
    let mut options = ReplayOptions::default();
    options.interval = settings.interval.map(|Millis(time)| time);
    options.look_back = settings.look_back.map(|Millis(time)| time);
    options.offset = settings.offset.map_or(0, |Millis(time)| time);
    options.ingested = settings.ingested.unwrap_or(true);
    options.kibana = settings.kibana;
    options.stream = stream;
    let documents = read(documents, settings.format, settings.host, settings.limits);
    let replay = core_replay::replay(&rules, documents.iter().map(String::as_str), &types, &options);
    Ok(match settings.output {
        Form::Json => replay.to_json(),
        Form::Text => replay.to_text(),
    })
}

/// The rules that run, and what became of all.
fn load(rules: &str, skip_invalid: bool, ignore_filters: bool) -> Result<(Vec<Rule>, Loaded), Failure> {
    let rules: Vec<RuleSource> = settings::read(rules)
        .map_err(|fault| Failure::options(format!("the rules cannot be read, a JSON array is expected: {fault}")))?;
    let options = Options { rules, skip_invalid, ignore_filters, ..Options::default() };
    let mut plan = Plan::builder().ignore_filters(ignore_filters);
    let loaded = rules::load(&options, &mut plan);
    Ok((plan.build().rules().cloned().collect(), loaded))
}

/// Why the rule that is meant cannot be explained.
fn not_found(id: Option<&str>, loaded: &Loaded) -> Failure {
    let given = loaded.rules.iter().find(|rule| id.is_none_or(|id| rule.id == id));
    match (id, given) {
        (Some(id), None) => Failure::of("rule", format!("there is no rule {id}")),
        (None, None) => Failure::of("rule", "no rule was given".to_string()),
        (None, Some(_)) if loaded.rules.len() > 1 => {
            Failure::of("rule", format!("there are {} rules: say by `id` which one is meant", loaded.rules.len()))
        }
        (_, Some(rule)) => {
            let mut found = loaded.findings.clone();
            found.retain(|finding| finding.rule.as_deref().is_none_or(|of| of == rule.id));
            match found.iter().any(|finding| finding.severity == Severity::Error) {
                true => Failure::rules(found),
                false => {
                    let why = rule.skipped.as_deref().unwrap_or("it does not run");
                    Failure::of("rule", format!("{}: {why}", rule.id))
                }
            }
        }
    }
}

/// Every document; what is none is an empty text, which is counted as unreadable.
fn read(bytes: &[u8], format: Format, host: Host, limits: Limits) -> Vec<String> {
    let mut documents = Documents(Vec::new());
    let mut input = Input::new(format, input::audit_options(host), limits);
    input.feed(bytes, &mut documents);
    input.finish(&mut documents);
    let Documents(mut documents) = documents;
    documents.extend(input.drain_problems().iter().map(|_| String::new()));
    documents
}

struct Documents(Vec<String>);

impl Taker for Documents {
    fn event(&mut self, event: &AuditEvent<'_>) {
        let mut document = String::new();
        event.write_json(&mut document);
        self.0.push(document);
    }

    fn document(&mut self, document: &str) -> Result<(), JsonError> {
        self.0.push(document.to_string());
        Ok(())
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
mod tests {
    use super::*;
    use serde_json::json;

    const PAIR: &str =
        "sequence by user.name with maxspan=10m [any where event.action == \"in\"] [any where event.action == \"out\"]";

    fn rules() -> String {
        let rule = |id: &str, query: &str| json!({"rule_id": id, "name": id, "type": "eql", "query": query, "interval": "5m", "from": "now-6m"});
        json!([rule("pair", PAIR), rule("bad", "any wher true"), {"rule_id": "other", "name": "o", "type": "query", "query": "*"}]).to_string()
    }

    fn event(time: &str, action: &str) -> String {
        json!({"@timestamp": format!("2026-11-24T{time}Z"), "event": {"action": action}, "user": {"name": "ann"}})
            .to_string()
            + "\n"
    }

    #[test]
    fn the_rule_that_is_meant_is_explained() {
        let log = event("10:00:00", "in") + "no json\n" + &event("10:20:00", "out");
        let explained = explain(&rules(), log.as_bytes(), r#"{"id": "pair", "format": "ecs"}"#).unwrap();
        let explained: Value = serde_json::from_str(&explained).unwrap();
        assert_eq!((&explained["documents"], &explained["unreadable"]), (&json!(3), &json!(1)));
        assert!(explained["findings"].to_string().contains("over-maxspan"), "{explained}");
        let code = |options: &str| explain(&rules(), log.as_bytes(), options).unwrap_err();
        assert_eq!(code("{}").code, "rule");
        assert_eq!(code(r#"{"id": "bad"}"#).code, "rules");
        assert!(code(r#"{"id": "other"}"#).message.contains("rules of type query are not run"));
        assert!(code(r#"{"id": "none"}"#).message.contains("there is no rule none"));
        assert_eq!(explain("{}", b"", "").unwrap_err().code, "options");
    }

    #[test]
    fn what_the_schedule_misses_is_told() {
        let log = event("10:01:00", "in") + &event("10:08:10", "out");
        let options = r#"{"skipInvalid": true, "interval": "5m"}"#;
        let replayed: Value = serde_json::from_str(&replay(&rules(), log.as_bytes(), options).unwrap()).unwrap();
        let rule = &replayed["rules"][0];
        assert_eq!((&rule["stream"], &rule["schedule"]), (&json!(1), &json!(0)));
        assert_eq!(rule["missed"][0]["why"]["reason"], "look-back", "{rule}");
        assert_eq!(replay(&rules(), b"", "").unwrap_err().code, "rules");
        assert_eq!(replay("[]", b"", r#"{"interval": "often"}"#).unwrap_err().code, "options");
    }
}
