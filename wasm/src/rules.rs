//! Rules as hosts give them, read and added to the plan; what happened to each is kept for the host to ask.

use crate::{
    failure::Finding,
    options::{RuleFile, RuleSource},
};
use eqlite_core::{Code, Diagnostic, PlanBuilder, Rule, Severity, Span};
use serde::Serialize;

/// A rule that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// `rule_id`.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// Its version.
    pub version: u64,
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
}

/// Reads every source and adds its rules to `plan`.
pub(crate) fn load(sources: &[RuleSource], plan: &mut PlanBuilder) -> Loaded {
    let mut loaded = Loaded::default();
    for source in sources {
        match source {
            RuleSource::Text(text) => loaded.read(text, None, plan),
            RuleSource::File(RuleFile { file, text }) => loaded.read(text, Some(file), plan),
            RuleSource::Object(object) => {
                let text = serde_json::to_string(object).unwrap_or_default();
                loaded.read(&text, None, plan);
            }
        }
    }
    loaded
}

impl Loaded {
    fn read(&mut self, text: &str, file: Option<&String>, plan: &mut PlanBuilder) {
        let file = file.map(String::as_str);
        match read_rules(text) {
            Err(diagnostic) => self.findings.push(Finding::new(&diagnostic, text, None, file)),
            Ok(rules) => rules.into_iter().for_each(|rule| self.add(rule, file, plan)),
        }
    }

    fn add(&mut self, rule: Rule, file: Option<&str>, plan: &mut PlanBuilder) {
        let mut info = RuleInfo {
            id: rule.id.clone(),
            name: rule.name.clone(),
            version: rule.version,
            file: file.map(str::to_string),
            skipped: None,
        };
        let query = rule.query.clone();
        if let Err(diagnostics) = plan.add(rule) {
            let first = diagnostics.iter().find(|d| d.severity == Severity::Error).or(diagnostics.first());
            info.skipped =
                Some(first.map_or_else(|| "refused".to_string(), |d| format!("{} [{}]", d.message, d.code.0)));
            self.findings.extend(diagnostics.iter().map(|d| Finding::new(d, &query, Some(&info.id), file)));
        }
        self.rules.push(info);
    }
}

/// Stand-in for the core's reader of rule files.
fn read_rules(text: &str) -> Result<Vec<Rule>, Diagnostic> {
    let wrong = |message: &str| Diagnostic::error(Code("R001"), Span::new(0, 0), message);
    let table = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().trim_matches('"').to_string())
    };
    let (Some(id), Some(name)) = (table("rule_id"), table("name")) else {
        return Err(wrong("no rule with `rule_id` and `name` is here"));
    };
    Ok(vec![Rule { id, name, version: 1, ..Rule::default() }])
}
