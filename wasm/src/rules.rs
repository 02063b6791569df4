//! Rules as hosts give them, read and added to the plan; what happened to each is kept for the host to ask.

use crate::{
    failure::{Finding, Within},
    options::{Options, RuleSource},
};
use eqlite_core::{
    Diagnostic, PlanBuilder, Severity,
    plan::{LoadedRule, Outcome},
    rule::read_rules,
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
    /// What became of it: `loaded`, `disabled`, `duplicate`, `unsupported` or `error`.
    pub outcome: Outcome,
    /// Why it does not run; absent where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// What came of all that was given.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads every source and adds its rules to `plan`.
pub(crate) fn load(options: &Options, plan: &mut PlanBuilder) -> Loaded {
    let texts: Vec<_> = options.rules.iter().map(RuleSource::parts).collect();
    let rules = plan.load(texts.iter().map(|(file, text)| read_rules(text, file.unwrap_or("rule"))));
    let mut loaded = Loaded::default();
    for rule in rules {
        let (file, text) = texts.get(rule.file).map_or((None, ""), |(file, text)| (*file, &**text));
        // Rules come in folders of many types: that one is of another type is nothing to find fault with.
        if rule.outcome != Outcome::Unsupported || !options.skip_invalid {
            loaded.findings.extend(findings(&rule, text, file));
        }
        loaded.rules.push(info(rule, file));
    }
    loaded
}

/// What was found about a rule of this text, each with its place.
pub(crate) fn findings(rule: &LoadedRule, text: &str, file: Option<&str>) -> Vec<Finding> {
    let within = match &rule.query {
        Some(query) => (Within::Query, query.as_str()),
        None => (Within::File, text),
    };
    let id = Some(rule.id.as_str()).filter(|id| !id.is_empty());
    rule.diagnostics.iter().map(|found| Finding::new(found, within, id, file)).collect()
}

fn info(rule: LoadedRule, file: Option<&str>) -> RuleInfo {
    let skipped = match rule.outcome {
        Outcome::Loaded => None,
        Outcome::Disabled => Some("it is disabled".to_string()),
        Outcome::Unsupported => Some(format!("rules of type {} are not run", rule.kind)),
        _ => Some(why(&rule.diagnostics)),
    };
    RuleInfo {
        id: rule.id,
        name: rule.name,
        version: rule.version,
        kind: rule.kind,
        file: file.map(str::to_string),
        outcome: rule.outcome,
        skipped,
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
