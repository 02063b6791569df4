//! Rules as hosts give them, read and added to the plan; what happened to each is kept for the host to ask.

use crate::{
    failure::{Finding, Within},
    options::{Options, RuleFile, RuleSource},
};
use eqlite_core::{
    Diagnostic, PlanBuilder, Rule, Severity,
    rule::{RuleError, read_rules},
};
use serde::Serialize;

/// A rule that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// `rule_id`; empty where it could not be read.
    pub id: String,
    /// What a person calls it; empty where it could not be read.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// `eql`, or another type of Elastic's, which is not run; empty where it could not be read.
    #[serde(rename = "type")]
    pub kind: String,
    /// The file it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Why it does not run; absent where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// What came of all that was given.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) findings: Vec<Finding>,
    skip_invalid: bool,
}

/// Reads every source and adds its rules to `plan`.
pub(crate) fn load(options: &Options, plan: &mut PlanBuilder) -> Loaded {
    let mut loaded = Loaded { skip_invalid: options.skip_invalid, ..Loaded::default() };
    for source in &options.rules {
        match source {
            RuleSource::Text(text) => loaded.read(text, None, plan),
            RuleSource::File(RuleFile { file, text }) => loaded.read(text, Some(file), plan),
            RuleSource::Object(object) => loaded.read(&crate::engine::json(object), None, plan),
        }
    }
    loaded
}

impl Loaded {
    fn read(&mut self, text: &str, file: Option<&str>, plan: &mut PlanBuilder) {
        for rule in read_rules(text, file.unwrap_or("rule")).rules {
            match rule {
                Ok(rule) => self.add(rule, text, file, plan),
                Err(error) => self.refuse(error, text, file),
            }
        }
    }

    fn add(&mut self, rule: Rule, text: &str, file: Option<&str>, plan: &mut PlanBuilder) {
        let mut info = RuleInfo {
            id: rule.id.clone(),
            name: rule.name.clone(),
            version: rule.version,
            kind: rule.kind.clone(),
            file: file.map(str::to_string),
            skipped: None,
        };
        if !rule.enabled {
            info.skipped = Some("it is disabled".to_string());
        } else if rule.kind != "eql" && self.skip_invalid {
            // Rules come in folders of many types: that one is of another type is nothing to find fault with.
            info.skipped = Some(format!("rules of type {} are not run", rule.kind));
        } else {
            let (query, offset) = (rule.query.clone(), rule.query_offset);
            if let Err(diagnostics) = plan.add(rule) {
                info.skipped = Some(why(&diagnostics));
                self.findings.extend(diagnostics.into_iter().map(|mut diagnostic| {
                    let text = match offset {
                        None => (Within::Query, query.as_str()),
                        Some(offset) => {
                            diagnostic.span = diagnostic.span.shift(offset);
                            (Within::File, text)
                        }
                    };
                    Finding::new(&diagnostic, text, Some(&info.id), file)
                }));
            }
        }
        self.rules.push(info);
    }

    fn refuse(&mut self, error: RuleError, text: &str, file: Option<&str>) {
        let RuleError { id, name, kind, diagnostics, .. } = error;
        let found =
            diagnostics.iter().map(|diagnostic| Finding::new(diagnostic, (Within::File, text), id.as_deref(), file));
        self.findings.extend(found);
        self.rules.push(RuleInfo {
            id: id.unwrap_or_default(),
            name: name.unwrap_or_default(),
            version: 1,
            kind: kind.unwrap_or_default(),
            file: file.map(str::to_string),
            skipped: Some(why(&diagnostics)),
        });
    }
}

/// The first error in short.
fn why(diagnostics: &[Diagnostic]) -> String {
    let first = diagnostics.iter().find(|d| d.severity == Severity::Error).or(diagnostics.first());
    first.map_or_else(|| "it was refused".to_string(), |d| format!("{} [{}]", d.message, d.code.0))
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
    use crate::engine::Engine;
    use serde_json::{Value, json};

    fn rule(id: &str, more: Value) -> Value {
        let mut rule = json!({"rule_id": id, "name": id, "type": "eql", "risk_score": 1, "severity": "low", "query": "any where true"});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    }

    #[test]
    fn all_rules_are_listed_with_what_became_of_them() {
        let rules = json!([
            rule("good", json!({})),
            rule("off", json!({"enabled": false})),
            rule("other", json!({"type": "query", "language": "kuery"})),
            rule("bad", json!({"query": "any wher true"})),
            {"file": "none.toml", "text": "[metadata]\n"},
        ]);
        let engine = Engine::new(&json!({"rules": rules, "skipInvalid": true}).to_string(), 0).unwrap();
        let list: Vec<(&str, bool)> =
            engine.rules().iter().map(|rule| (rule.id.as_str(), rule.skipped.is_none())).collect();
        assert_eq!(list, [("good", true), ("off", false), ("other", false), ("bad", false), ("", false)]);
        let found: Vec<Option<&str>> = engine.findings().iter().map(|finding| finding.rule.as_deref()).collect();
        assert_eq!(found, [Some("bad"), None]);
        let failure = Engine::new(&json!({"rules": rules}).to_string(), 0).unwrap_err();
        assert_eq!(
            (failure.code, failure.diagnostics.len()),
            ("rules", 3),
            "the other type counts too, unless it may be skipped"
        );
    }

    #[test]
    fn places_are_those_of_the_file_where_the_query_stands_in_it() {
        let toml = "[rule]\nrule_id = \"r\"\nname = \"r\"\ntype = \"eql\"\nquery = '''\nprocess wher true\n'''\n";
        let failure = Engine::new(&json!({"rules": [{"file": "r.toml", "text": toml}]}).to_string(), 0).unwrap_err();
        let finding = &failure.diagnostics[0];
        assert_eq!((finding.line, finding.file.as_deref()), (6, Some("r.toml")), "{}", finding.rendered);
        assert!(finding.rendered.contains("r.toml:6:"), "{}", finding.rendered);
    }
}
