//! What a host is told when something is refused: `{"code", "message", "diagnostics": [..]}`, the same at every door.

use eqlite_core::{Code, Diagnostic, Problem, Severity, Span};
use serde::Serialize;
use std::fmt;

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// `options`, `rules`, `event`, `query`, `mapping`, `eval`, `snapshot`, `rule`: which of the things given was refused. Stable.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// All findings about rules, or about the query.
    pub diagnostics: Vec<Finding>,
}

/// A [`Diagnostic`] with its place worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable and never reused, e.g. `E0101`.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence: what is wrong.
    pub message: String,
    /// The text that `span`, `line` and `column` refer to.
    pub within: Within,
    /// In bytes.
    pub span: Span,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The id of the rule, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The file of the rule, where the host gave its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The finding for a person, the place underlined.
    pub rendered: String,
}

/// What a place is a place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// The text of the rule file.
    File,
    /// The query of the rule, where the file holds it in another form (JSON with escapes) or is none (a rule as an object).
    Query,
}

impl Failure {
    /// Something is wrong that has no place in a text.
    pub(crate) fn of(code: &'static str, message: String) -> Self {
        Failure { code, message, diagnostics: Vec::new() }
    }

    /// The options are wrong.
    pub(crate) fn options(message: String) -> Self {
        Failure::of("options", message)
    }

    /// The query of a search was refused.
    pub(crate) fn query(query: &str, diagnostics: &[Diagnostic]) -> Self {
        let found = diagnostics.iter().map(|diagnostic| Finding::new(diagnostic, (Within::Query, query), None, None));
        Failure { code: "query", ..Failure::rules(found.collect()) }
    }

    /// At least one rule was refused.
    pub(crate) fn rules(diagnostics: Vec<Finding>) -> Self {
        let message = match diagnostics.iter().find(|finding| finding.severity == Severity::Error) {
            None => "a rule was refused".to_string(),
            Some(first) => {
                let of =
                    first.rule.as_ref().or(first.file.as_ref()).map(|name| format!("{name}: ")).unwrap_or_default();
                let errors = diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
                let more = match errors.saturating_sub(1) {
                    0 => String::new(),
                    more => format!(" (and {more} more)"),
                };
                format!("{of}{}:{}: {} [{}]{more}", first.line, first.column, first.message, first.code.0)
            }
        };
        Failure { code: "rules", message, diagnostics }
    }

    /// A document is none.
    pub(crate) fn event(problem: &Problem) -> Self {
        Failure::of("event", format!("{} [{}]", problem.message, problem.code))
    }

    /// `{"code", "message", "diagnostics"}`.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|_| r#"{"code":"internal","message":"","diagnostics":[]}"#.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl Finding {
    /// Puts `diagnostic`, whose span refers to `text`, into words.
    pub(crate) fn new(diagnostic: &Diagnostic, text: (Within, &str), rule: Option<&str>, file: Option<&str>) -> Self {
        let (within, source) = text;
        let (line, column) = diagnostic.line_column(source);
        let name = match within {
            Within::File => file.or(rule).unwrap_or("rule").to_string(),
            Within::Query => rule.or(file).map_or("query".to_string(), |rule| format!("query of {rule}")),
        };
        Finding {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            within,
            span: diagnostic.span,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            help: diagnostic.help.clone(),
            rule: rule.map(str::to_string),
            file: file.map(str::to_string),
            rendered: diagnostic.render(source, &name),
        }
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

    #[test]
    fn a_finding_knows_its_place() {
        let diagnostic = Diagnostic::error(Code("E0101"), Span::new(9, 13), "unknown word").with_help("write `where`");
        let text = (Within::File, "process\n\twher true");
        let finding = Finding::new(&diagnostic, text, Some("my-rule"), Some("a.toml"));
        assert_eq!((finding.line, finding.column), (2, 2));
        assert!(finding.rendered.contains("a.toml:2:2"), "{}", finding.rendered);
        let failure = Failure::rules(vec![finding.clone(), finding]);
        assert_eq!(failure.message, "my-rule: 2:2: unknown word [E0101] (and 1 more)");
        let json = failure.to_json();
        assert!(json.contains(r#""code":"E0101","severity":"error""#), "{json}");
        assert!(json.contains(r#""within":"file","span":{"start":9,"end":13},"line":2,"column":2"#), "{json}");
    }
}
