//! A detection rule: its query and all that its author says about it.
//!
//! [`read_rules`] makes rules of any file in which Elastic and Kibana keep them:
//!
//! ```
//! let file = eqlite_core::rule::read_rules(
//!     r#"
//!     [rule]
//!     rule_id = "4711"
//!     name = "Shell"
//!     type = "eql"
//!     query = '''process where process.name == "sh"'''
//!     "#,
//!     "shell.toml",
//! );
//! let rule = file.rules[0].as_ref().unwrap();
//! assert_eq!((rule.id.as_str(), rule.max_signals, rule.look_back), ("4711", 100, 360_000));
//! ```

mod build;
mod codes;
mod exceptions;
mod filters;
mod read_json;
mod read_toml;
mod toml;
mod translate;

pub use codes::CODES;
pub(crate) use codes::{DEPRECATED, DUPLICATE, EXCEPTION_UNSAID, NOT_EQL};
pub use exceptions::{Exception, Exceptions, translate_exception};
pub use filters::{Filters, translate_filters};

use crate::{
    diagnostic::Diagnostic,
    object::{Json, object, put},
    span::Span,
};
use alloc::{string::String, vec::Vec};
use serde::Serialize;
use serde_json::{Map, Value};

/// A detection rule as loaded, with the metadata that an alert carries. Defaults are Kibana's.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rule {
    /// `rule_id`: stable over versions. The saved object's `id`, or the name, where there is none.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// `version`; 1 where none is given.
    pub version: u64,
    /// `eql`, or another type of Elastic's that is listed but not run.
    #[serde(rename = "type")]
    pub kind: String,
    /// `eql`, `kuery`, `esql`...; empty where not said.
    pub language: String,
    /// The query text, to which all spans refer.
    pub query: String,
    /// Where the query text starts in the file, in bytes; only where it stands there without escapes, so that its spans can be moved there.
    pub query_offset: Option<usize>,
    /// What it looks for, in prose.
    pub description: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// 0 to 100.
    pub risk_score: u32,
    /// False for a rule that is kept but shall not run.
    pub enabled: bool,
    /// `production`, `development`, `deprecated`...: of rules published as TOML.
    pub maturity: Option<String>,
    /// The start of the look-back as written: `now-9m`.
    pub from: String,
    /// The look-back in milliseconds: `now-9m` is 540,000. The window of samples.
    pub look_back: u64,
    /// How often Kibana runs it, in milliseconds.
    pub interval: u64,
    /// Most alerts of one run.
    pub max_signals: u32,
    /// Index patterns; empty for all.
    pub index: Vec<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// MITRE ATT&CK and other frameworks.
    pub threat: Vec<Threat>,
    /// The field that decides whether an event is in the look-back, instead of `@timestamp`.
    pub timestamp_override: Option<String>,
    /// Events without the override are not taken by their `@timestamp` either.
    pub timestamp_override_fallback_disabled: bool,
    /// The field that orders events; `@timestamp` where not said.
    pub timestamp_field: Option<String>,
    /// The field that orders events of the same time.
    pub tiebreaker_field: Option<String>,
    /// The field that holds the category; `event.category` where not said.
    pub event_category_override: Option<String>,
    /// `default` for a rule whose alerts only build others.
    pub building_block_type: Option<String>,
    /// The field whose value names the alert.
    pub rule_name_override: Option<String>,
    /// Severity by field values.
    pub severity_mapping: Vec<Value>,
    /// Risk score by field values.
    pub risk_score_mapping: Vec<Value>,
    /// The exception lists that apply: `{id, list_id, type, namespace_type}`.
    pub exceptions_list: Vec<Value>,
    /// Which alerts are one.
    pub alert_suppression: Option<AlertSuppression>,
    /// Filters of Elasticsearch's query language that events must pass.
    pub filters: Vec<Value>,
    /// Pages about the threat.
    pub references: Vec<String>,
    /// What else may trigger it.
    pub false_positives: Vec<String>,
    /// The investigation guide, Markdown.
    pub note: String,
    /// How to get the data, Markdown.
    pub setup: String,
    /// Who wrote it.
    pub author: Vec<String>,
    /// Under which licence.
    pub license: String,
    /// All other keys of the rule, as they stand.
    pub extra: Map<String, Value>,
    /// The `[metadata]` of rules published as TOML, as it stands.
    pub metadata: Map<String, Value>,
}

/// `alert_suppression`: alerts that agree in some fields are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AlertSuppression {
    /// The fields.
    pub group_by: Vec<String>,
    /// How long, in milliseconds; `None` for one run of the rule.
    pub duration: Option<u64>,
    /// What happens to events that lack one of the fields.
    pub missing_fields: MissingFields,
}

/// `missing_fields_strategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingFields {
    /// Null is a value of its own.
    #[default]
    Suppress,
    /// They become alerts of their own.
    DoNotSuppress,
}

impl Rule {
    /// What an alert says of its rule, as one JSON object.
    pub(crate) fn header(&self) -> String {
        #[derive(Serialize)]
        struct Header<'r> {
            id: &'r str,
            name: &'r str,
            version: u64,
            severity: &'r str,
            risk_score: u32,
            threat: &'r [Threat],
        }
        let Rule { id, name, version, severity, risk_score, threat, .. } = self;
        let header = Header { id, name, version: *version, severity, risk_score: *risk_score, threat };
        serde_json::to_string(&header).unwrap_or_default()
    }
}

/// One `[[rule.threat]]`: a tactic with the techniques that serve it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Threat {
    /// `MITRE ATT&CK`.
    pub framework: String,
    /// The tactic.
    pub tactic: Reference,
    /// The techniques.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub technique: Vec<Technique>,
}

/// Something of a framework: its id, name and page.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reference {
    /// `TA0002`
    pub id: String,
    /// `Execution`
    pub name: String,
    /// Its page.
    pub reference: String,
}

/// A technique with its sub-techniques.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Technique {
    /// `T1059`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub reference: String,
    /// Sub-techniques.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subtechnique: Vec<Reference>,
}

impl Json for Threat {
    fn json(&self) -> Value {
        let Threat { framework, tactic, technique } = self;
        let mut keys = object! {"framework": framework, "tactic": tactic};
        if !technique.is_empty() {
            put(&mut keys, "technique", technique.json());
        }
        keys.into()
    }
}

impl Json for Reference {
    fn json(&self) -> Value {
        let Reference { id, name, reference } = self;
        object! {"id": id, "name": name, "reference": reference}.into()
    }
}

impl Json for Technique {
    fn json(&self) -> Value {
        let Technique { id, name, reference, subtechnique } = self;
        let mut keys = object! {"id": id, "name": name, "reference": reference};
        if !subtechnique.is_empty() {
            put(&mut keys, "subtechnique", subtechnique.json());
        }
        keys.into()
    }
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RuleFile {
    /// Its rules in order, of whatever type, and those that cannot be read.
    pub rules: Vec<Result<Rule, RuleError>>,
    /// Exception lists that Kibana exported with the rules: `{list_id, type, ...}`.
    pub exception_lists: Vec<Map<String, Value>>,
    /// Their items: `{list_id, item_id, entries, ...}`.
    pub exception_items: Vec<Map<String, Value>>,
}

/// A rule that cannot be read: all that is wrong with it, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RuleError {
    /// Its `rule_id`, where it has one.
    pub id: Option<String>,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its type, where it has one.
    pub kind: Option<String>,
    /// What is wrong. The spans are bytes of the file, not of the query.
    pub diagnostics: Vec<Diagnostic>,
}

impl RuleError {
    fn file(diagnostics: Vec<Diagnostic>) -> Self {
        RuleError { id: None, name: None, kind: None, diagnostics }
    }
}

/// Reads the rules of a file: Elastic's TOML (`[metadata]`, `[rule]`), Kibana's exported NDJSON, the JSON of its API (one rule, an array,
/// or `{"data": [..]}`), or prebuilt rules (`{"type": "security-rule", "attributes": {..}}`). The content decides which.
///
/// `name` is the file's, for messages. One bad rule does not keep the others from being read. A rule of another type than `eql` is read too.
pub fn read_rules(text: &str, name: &str) -> RuleFile {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    // A TOML file may start with `[rule]`, but not with a brace, nor with a bracket before a brace.
    let is_json = start.starts_with('{')
        || start
            .strip_prefix('[')
            .is_some_and(|rest| rest.trim_start().starts_with(['{', ']', '[']) && !rest.starts_with('['));
    if is_json { read_json::read(text, name) } else { read_toml::read(text, name) }
}

/// The keys and values of one rule on their way to a [`Rule`], with the place of each key where the format tells it.
struct RawRule {
    keys: Map<String, Value>,
    metadata: Map<String, Value>,
    places: Vec<(String, Span)>,
    whole: Span,
    query_offset: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An alert of Kibana's says the same as our own.
    #[test]
    fn threats_are_one_json_however_it_is_made() {
        let named = |id: &str| Reference { id: id.into(), name: "n".into(), reference: "r".into() };
        let technique = |subtechnique| Technique { id: "T1".into(), subtechnique, ..Technique::default() };
        for technique in [Vec::new(), [technique(Vec::new()), technique([named("T1.1")].into())].into()] {
            let threat = Threat { framework: "f".into(), tactic: named("TA1"), technique };
            assert_eq!(threat.json(), serde_json::to_value(&threat).unwrap());
        }
    }
}
