//! Rule files into a plan, and what became of each rule: nothing that a file holds is dropped in silence.
//!
//! ```
//! use eqlite_core::{Plan, plan::Outcome, rule::read_rules};
//! let file = read_rules(
//!     r#"[{"rule_id": "a", "name": "A", "type": "eql", "query": "any where true", "version": 1},
//!         {"rule_id": "a", "name": "A", "type": "eql", "query": "process where true", "version": 2},
//!         {"rule_id": "b", "name": "B", "type": "eql", "query": "any where true", "enabled": false},
//!         {"rule_id": "c", "name": "C", "type": "threshold", "query": "*"}]"#,
//!     "rules.json",
//! );
//! let mut builder = Plan::builder();
//! let outcomes: Vec<Outcome> = builder.load([file]).into_iter().map(|rule| rule.outcome).collect();
//! assert_eq!(outcomes, [Outcome::Duplicate, Outcome::Loaded, Outcome::Disabled, Outcome::Unsupported]);
//! assert_eq!(builder.build().rules().next().unwrap().version, 2);
//! ```

use super::{PlanBuilder, has_error};
use crate::sort::sort;
use crate::{
    diagnostic::Diagnostic,
    rule::{DEPRECATED, DUPLICATE, NOT_EQL, Rule, RuleError, RuleFile},
    span::Span,
};
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Outcome {
    /// It runs.
    Loaded,
    /// It is kept but shall not run (`enabled: false`).
    Disabled,
    /// Another rule with its id runs, or is disabled, in its place.
    Duplicate,
    /// It is of a type that is not run.
    Unsupported,
    /// It cannot run; its diagnostics say why.
    Error,
}

/// A rule of a file, and what became of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoadedRule {
    /// The number of its file among those that were given.
    pub file: usize,
    /// `rule_id`; empty where it could not be read.
    pub id: String,
    /// What a person calls it; empty where it could not be read.
    pub name: String,
    /// Its version; 0 where it could not be read.
    pub version: u64,
    /// `eql`, or another type; empty where it could not be read.
    pub kind: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its place in the plan, where it runs.
    pub index: Option<usize>,
    /// What its author should know.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that the places of the diagnostics are in; `None` where that is the file.
    pub query: Option<String>,
}

impl PlanBuilder {
    /// Adds the rules of the files, with the exceptions that the files hold. Returns all rules in the order of the files.
    ///
    /// Of rules with the same id the highest version counts; of the same version the first.
    pub fn load(&mut self, files: impl IntoIterator<Item = RuleFile>) -> Vec<LoadedRule> {
        let files: Vec<RuleFile> = files.into_iter().collect();
        files.iter().for_each(|file| self.exceptions.add(file));
        let rules = (0..).zip(files).flat_map(|(number, file)| file.rules.into_iter().map(move |rule| (number, rule)));
        let rules: Vec<(usize, Result<Rule, RuleError>)> = rules.collect();
        let chosen = choose(&rules);
        let place = |(place, (file, rule)): (usize, (usize, Result<Rule, RuleError>))| match rule {
            Err(error) => refused(file, error),
            Ok(rule) => {
                let found = chosen.binary_search_by_key(&&*rule.id, |(id, ..)| id).ok();
                match found.and_then(|found| chosen.get(found)) {
                    Some(&(_, Reverse(version), other)) if other != place => duplicate(file, rule, version),
                    _ => self.load_one(file, rule),
                }
            }
        };
        (0..).zip(rules).map(place).collect()
    }

    fn load_one(&mut self, file: usize, rule: Rule) -> LoadedRule {
        let mut loaded = LoadedRule::of(file, &rule);
        let deprecated = rule.maturity.as_deref() == Some("deprecated");
        let (enabled, offset) = (rule.enabled, rule.query_offset);
        if rule.kind != "eql" {
            loaded.outcome = Outcome::Unsupported;
            let message = format!("a rule of type \"{}\" is not run, only \"eql\" is", rule.kind);
            loaded.diagnostics.push(Diagnostic::error(NOT_EQL, Span::default(), message));
        } else if !enabled {
            loaded.outcome = Outcome::Disabled;
        } else {
            match self.add(rule) {
                Ok(diagnostics) => {
                    loaded.outcome = Outcome::Loaded;
                    loaded.index = self.rules.len().checked_sub(1);
                    loaded.diagnostics = diagnostics;
                    if deprecated {
                        let message = "the rule is deprecated";
                        loaded.diagnostics.push(Diagnostic::warning(DEPRECATED, Span::default(), message));
                    }
                }
                Err(diagnostics) => loaded.diagnostics = diagnostics,
            }
        }
        if let Some(offset) = offset {
            loaded.query = None;
            loaded.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.span = diagnostic.span.shift(offset));
        }
        debug_assert!(loaded.outcome != Outcome::Error || has_error(&loaded.diagnostics));
        loaded
    }
}

impl LoadedRule {
    /// A rule of which nothing is known yet but what it is.
    fn of(file: usize, rule: &Rule) -> Self {
        LoadedRule {
            file,
            id: rule.id.clone(),
            name: rule.name.clone(),
            version: rule.version,
            kind: rule.kind.clone(),
            outcome: Outcome::Error,
            index: None,
            diagnostics: Vec::new(),
            query: Some(rule.query.clone()),
        }
    }
}

/// For each id, ascending, the version and place of the rule that counts: the first of the latest version.
fn choose(rules: &[(usize, Result<Rule, RuleError>)]) -> Vec<(String, Reverse<u64>, usize)> {
    let read = rules.iter().zip(0..).filter_map(|((_, rule), place)| Some((rule.as_ref().ok()?, place)));
    let mut chosen: Vec<_> = read.map(|(rule, place)| (rule.id.clone(), Reverse(rule.version), place)).collect();
    sort(&mut chosen);
    chosen.dedup_by(|later, first| later.0 == first.0);
    chosen
}

fn refused(file: usize, error: RuleError) -> LoadedRule {
    let RuleError { id, name, kind, diagnostics, .. } = error;
    LoadedRule {
        file,
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        version: 0,
        kind: kind.unwrap_or_default(),
        outcome: Outcome::Error,
        index: None,
        diagnostics,
        query: None,
    }
}

fn duplicate(file: usize, rule: Rule, version: u64) -> LoadedRule {
    let message = if version == rule.version {
        format!("version {version} of the rule '{}' was given before", rule.id)
    } else {
        format!("version {version} of the rule '{}' was given too", rule.id)
    };
    let place = rule.query_offset.map_or(Span::default(), |offset| Span::default().shift(offset));
    LoadedRule {
        outcome: Outcome::Duplicate,
        diagnostics: [Diagnostic::warning(DUPLICATE, place, message)].into(),
        query: rule.query_offset.is_none().then(|| rule.query.to_owned()),
        ..LoadedRule::of(file, &rule)
    }
}
