//! From keys and values, of whatever format, to a typed [`Rule`]: defaults, ranges, and every complaint at once.

use super::{
    AlertSuppression, MissingFields, RawRule, Reference, Rule, RuleError, Technique, Threat,
    codes::{BAD_DURATION, MISSING_KEY, WRONG_VALUE},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    time::parse_duration,
};
use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value};

/// Makes the rule, or says all that is wrong with it.
pub(super) fn build(raw: RawRule) -> Result<Rule, RuleError> {
    let mut reader = Reader { raw, diagnostics: Vec::new() };
    let rule = reader.rule();
    if reader.diagnostics.is_empty() {
        return Ok(rule);
    }
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    Err(RuleError {
        id: known(rule.id),
        name: known(rule.name),
        kind: known(rule.kind),
        diagnostics: reader.diagnostics,
    })
}

struct Reader {
    raw: RawRule,
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn rule(&mut self) -> Rule {
        let name = self.text("name");
        let object_id = self.text("id");
        let id = self.text("rule_id").or(object_id).or_else(|| name.clone());
        if id.is_none() {
            self.complain(MISSING_KEY, "name", "the rule has neither a name nor a rule_id");
        }
        let language = self.text("language").unwrap_or_default();
        let kind =
            self.text("type").unwrap_or_else(|| if language == "eql" { language.clone() } else { String::new() });
        if kind.is_empty() {
            self.complain(MISSING_KEY, "type", "the rule has no type; EQL rules say type = \"eql\"");
        }
        let query = self.text("query");
        if kind == "eql" && query.as_ref().is_none_or(|query| query.trim().is_empty()) {
            self.complain(MISSING_KEY, "query", "an EQL rule needs a query");
        }
        let severity = self.text("severity").unwrap_or_else(|| "low".to_owned());
        if !matches!(severity.as_str(), "low" | "medium" | "high" | "critical") {
            let message = format!("severity is low, medium, high or critical, not '{severity}'");
            self.complain(WRONG_VALUE, "severity", message);
        }
        let from = self.text("from").unwrap_or_else(|| "now-6m".to_owned());
        let interval = self.text("interval").unwrap_or_else(|| "5m".to_owned());
        let version = self.number("version", 0, u64::MAX);
        let metadata_version = self.raw.metadata.get("version").and_then(Value::as_u64);
        Rule {
            id: id.unwrap_or_default(),
            version: version.or(metadata_version).unwrap_or(1),
            query: query.unwrap_or_default(),
            query_offset: self.raw.query_offset,
            description: self.text("description").unwrap_or_default(),
            risk_score: self.number("risk_score", 0, 100).and_then(|score| u32::try_from(score).ok()).unwrap_or(21),
            enabled: self.flag("enabled").unwrap_or(true),
            maturity: self.raw.metadata.get("maturity").and_then(Value::as_str).map(str::to_owned),
            look_back: self.duration("from", &from, "now-9m"),
            interval: self.duration("interval", &interval, "5m"),
            max_signals: self
                .number("max_signals", 1, u64::from(u32::MAX))
                .and_then(|most| u32::try_from(most).ok())
                .unwrap_or(100),
            index: self.texts("index"),
            tags: self.texts("tags"),
            threat: self.threat(),
            timestamp_override: self.text("timestamp_override"),
            timestamp_override_fallback_disabled: self.flag("timestamp_override_fallback_disabled").unwrap_or(false),
            timestamp_field: self.text("timestamp_field"),
            tiebreaker_field: self.text("tiebreaker_field"),
            event_category_override: self.text("event_category_override"),
            building_block_type: self.text("building_block_type"),
            rule_name_override: self.text("rule_name_override"),
            severity_mapping: self.list("severity_mapping"),
            risk_score_mapping: self.list("risk_score_mapping"),
            exceptions_list: self.list("exceptions_list"),
            alert_suppression: self.suppression(),
            filters: self.list("filters"),
            references: self.texts("references"),
            false_positives: self.texts("false_positives"),
            note: self.text("note").unwrap_or_default(),
            setup: self.text("setup").unwrap_or_default(),
            author: self.texts("author"),
            license: self.text("license").unwrap_or_default(),
            extra: core::mem::take(&mut self.raw.keys),
            metadata: core::mem::take(&mut self.raw.metadata),
            name: name.unwrap_or_default(),
            kind,
            language,
            severity,
            from,
        }
    }

    fn complain(&mut self, code: Code, key: &str, message: impl Into<String>) {
        let span = self.raw.places.iter().find(|(known, _)| known == key).map_or(self.raw.whole, |(_, span)| *span);
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }

    fn wrong(&mut self, key: &str, expected: &str, found: &Value) {
        let mut shown = found.to_string();
        if shown.len() > 60 {
            shown = match found {
                Value::Array(_) => "a list",
                Value::Object(_) => "a table",
                _ => "a long text",
            }
            .to_owned();
        }
        self.complain(WRONG_VALUE, key, format!("{key} must be {expected}, not {shown}"));
    }

    /// The value of a key, which is taken out; null is absent, as in Kibana's JSON.
    fn take(&mut self, key: &str) -> Option<Value> {
        self.raw.keys.remove(key).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => {
                self.wrong(key, "text", &other);
                None
            }
        }
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        match self.take(key)? {
            Value::Bool(flag) => Some(flag),
            other => {
                self.wrong(key, "true or false", &other);
                None
            }
        }
    }

    fn number(&mut self, key: &str, least: u64, most: u64) -> Option<u64> {
        let value = self.take(key)?;
        // Kibana's JSON may write 47.0.
        let whole = value.as_u64().or_else(|| {
            value
                .as_f64()
                .filter(|number| (0.0..4e9).contains(number) && *number == (*number as u64) as f64)
                .map(|n| n as u64)
        });
        let number = whole.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let expected = match (least, most) {
                (0, u64::MAX) => "a whole number".to_owned(),
                (least, most) => format!("a whole number from {least} to {most}"),
            };
            self.wrong(key, &expected, &value);
        }
        number
    }

    fn list(&mut self, key: &str) -> Vec<Value> {
        match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => {
                self.wrong(key, "a list", &other);
                Vec::new()
            }
        }
    }

    /// A list of texts; one text alone is a list of one.
    fn texts(&mut self, key: &str) -> Vec<String> {
        if let Some(Value::String(text)) = self.raw.keys.get(key) {
            let text = text.clone();
            self.raw.keys.remove(key);
            return [text].into();
        }
        let values = self.list(key);
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::String(text) => texts.push(text),
                other => self.wrong(key, "a list of texts", &other),
            }
        }
        texts
    }

    fn duration(&mut self, key: &str, text: &str, example: &str) -> u64 {
        parse_duration(text).unwrap_or_else(|| {
            self.complain(
                BAD_DURATION,
                key,
                format!("{key} must be a length of time such as '{example}', not '{text}'"),
            );
            0
        })
    }

    fn threat(&mut self) -> Vec<Threat> {
        let mut threats = Vec::new();
        for value in self.list("threat") {
            match threat(&value) {
                Ok(threat) => threats.push(threat),
                Err(key) => self.complain(WRONG_VALUE, "threat", format!("threat has a '{key}' of the wrong type")),
            }
        }
        threats
    }

    fn suppression(&mut self) -> Option<AlertSuppression> {
        let value = self.take("alert_suppression")?;
        let Value::Object(keys) = &value else {
            self.wrong("alert_suppression", "a table", &value);
            return None;
        };
        let group_by = match keys.get("group_by") {
            Some(Value::Array(fields)) => fields.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let missing_fields = match keys.get("missing_fields_strategy").and_then(Value::as_str) {
            None | Some("suppress") => MissingFields::Suppress,
            Some("doNotSuppress") => MissingFields::DoNotSuppress,
            Some(other) => {
                let message = format!("missing_fields_strategy is suppress or doNotSuppress, not '{other}'");
                self.complain(WRONG_VALUE, "alert_suppression", message);
                MissingFields::Suppress
            }
        };
        let duration = match keys.get("duration") {
            None | Some(Value::Null) => None,
            Some(duration) => {
                let millis = suppression_duration(duration);
                if millis.is_none() {
                    let message = "the duration of alert_suppression has a value and a unit (s, m or h)";
                    self.complain(BAD_DURATION, "alert_suppression", message);
                }
                millis
            }
        };
        // A threshold rule suppresses by its own fields and names none here.
        Some(AlertSuppression { group_by, duration, missing_fields })
    }
}

/// `{ value = 5, unit = "m" }` in milliseconds.
fn suppression_duration(duration: &Value) -> Option<u64> {
    let keys: &Map<String, Value> = duration.as_object()?;
    parse_duration(&format!("{}{}", keys.get("value")?.as_u64()?, keys.get("unit")?.as_str()?))
}

/// One entry of `threat`; what it lacks, or has as null, is empty. An error names the key whose value is of the wrong type.
fn threat(value: &Value) -> Result<Threat, &'static str> {
    Ok(Threat {
        framework: word(value, "framework", "threat")?,
        tactic: match value.get("tactic") {
            None | Some(Value::Null) => Reference::default(),
            Some(tactic) => reference(tactic, "tactic")?,
        },
        technique: list(value, "technique", |value| {
            let Reference { id, name, reference: page } = reference(value, "technique")?;
            let subtechnique = list(value, "subtechnique", |value| reference(value, "subtechnique"))?;
            Ok(Technique { id, name, reference: page, subtechnique })
        })?,
    })
}

fn reference(value: &Value, key: &'static str) -> Result<Reference, &'static str> {
    let text = |name| word(value, name, key);
    Ok(Reference { id: text("id")?, name: text("name")?, reference: text("reference")? })
}

/// The text under a key of `value`, which must be an object; `of` is the key that it stands under.
fn word(value: &Value, key: &'static str, of: &'static str) -> Result<String, &'static str> {
    match value.as_object().ok_or(of)?.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(key),
    }
}

fn list<T>(
    value: &Value,
    key: &'static str,
    read: impl Fn(&Value) -> Result<T, &'static str>,
) -> Result<Vec<T>, &'static str> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(read).collect(),
        Some(_) => Err(key),
    }
}
