//! What a host is told when something is refused: `{"code", "message", "diagnostics": [..]}`, the same at every door.

use eqlite_core::{Diagnostic, Problem, Severity, Span};
use serde::Serialize;
use std::fmt;

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// `options`, `rules` or `event`: which of the things given was refused. Stable.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// All findings about rules.
    pub diagnostics: Vec<Finding>,
}

/// A [`Diagnostic`] with its place worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable and never reused, e.g. `E0101`.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// One sentence: what is wrong.
    pub message: String,
    /// Bytes of the text that `line` and `column` refer to.
    pub span: Place,
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

/// A half-open range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Failure {
    /// The options are wrong.
    pub(crate) fn options(message: String) -> Self {
        Failure { code: "options", message, diagnostics: Vec::new() }
    }

    /// At least one rule was refused.
    pub(crate) fn rules(diagnostics: Vec<Finding>) -> Self {
        let message = match diagnostics.iter().find(|finding| finding.severity == "error") {
            None => "a rule was refused".to_string(),
            Some(first) => {
                let of =
                    first.rule.as_ref().or(first.file.as_ref()).map(|name| format!("{name}: ")).unwrap_or_default();
                let errors = diagnostics.iter().filter(|finding| finding.severity == "error").count();
                let more = match errors.saturating_sub(1) {
                    0 => String::new(),
                    more => format!(" (and {more} more)"),
                };
                format!("{of}{}:{}: {} [{}]{more}", first.line, first.column, first.message, first.code)
            }
        };
        Failure { code: "rules", message, diagnostics }
    }

    /// A document is none.
    pub(crate) fn event(problem: &Problem) -> Self {
        Failure { code: "event", message: format!("{} [{}]", problem.message, problem.code), diagnostics: Vec::new() }
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
    /// Puts `diagnostic`, whose span refers to `source`, into words.
    pub(crate) fn new(diagnostic: &Diagnostic, source: &str, rule: Option<&str>, file: Option<&str>) -> Self {
        let (line, column) = line_and_column(source, diagnostic.span.start);
        let severity = match diagnostic.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let code = diagnostic.code.0;
        Finding {
            code,
            severity,
            message: diagnostic.message.clone(),
            span: Place { start: diagnostic.span.start, end: diagnostic.span.end },
            line,
            column,
            help: diagnostic.help.clone(),
            rule: rule.map(str::to_string),
            file: file.map(str::to_string),
            rendered: render(diagnostic, severity, source, file.or(rule).unwrap_or("rule"), line, column),
        }
    }
}

/// Where the byte `offset` of `source` is: line and column from 1, the column in characters.
fn line_and_column(source: &str, offset: usize) -> (u32, u32) {
    let before = source.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c);
    before.fold((1u32, 1u32), |(line, column), c| match c {
        '\n' => (line.saturating_add(1), 1),
        _ => (line, column.saturating_add(1)),
    })
}

/// The finding as compilers print it.
///
/// ```text
/// error[E0101]: unknown word
///   --> rule.toml:2:9
///    |
///  2 | process wher true
///    |         ^^^^
///    = help: did you mean `where`?
/// ```
fn render(diagnostic: &Diagnostic, severity: &str, source: &str, name: &str, line: u32, column: u32) -> String {
    let text = source.split('\n').nth(line.saturating_sub(1) as usize).unwrap_or("").trim_end_matches('\r');
    // Tabs stay tabs below the line too, so that the mark stands where the eye sees the place.
    let indent: String =
        text.chars().take(column.saturating_sub(1) as usize).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let Span { start, .. } = diagnostic.span;
    let marked = diagnostic.span.of(source).split('\n').next().unwrap_or("").chars().count();
    let marks = "^".repeat(marked.max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let mut out = format!("{severity}[{}]: {}\n", diagnostic.code.0, diagnostic.message);
    if start <= source.len() && !source.is_empty() {
        out.push_str(&format!("{gutter} --> {name}:{line}:{column}\n{gutter}  |\n"));
        out.push_str(&format!("{number}  | {text}\n{gutter}  | {indent}{marks}\n"));
    } else {
        out.push_str(&format!("{gutter} --> {name}\n"));
    }
    if let Some(help) = &diagnostic.help {
        out.push_str(&format!("{gutter}  = help: {help}\n"));
    }
    out
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
    use eqlite_core::Code;

    #[test]
    fn a_place_is_counted_in_characters() {
        assert_eq!(line_and_column("aä\nö wher", 7), (2, 3));
        assert_eq!(line_and_column("", 0), (1, 1));
        assert_eq!(line_and_column("ab", 99), (1, 3), "beyond the end is the end");
    }

    #[test]
    fn a_finding_marks_its_place() {
        let source = "process\n\twher true";
        let diagnostic = Diagnostic::error(Code("E0101"), Span::new(9, 13), "unknown word").with_help("write `where`");
        let finding = Finding::new(&diagnostic, source, Some("my-rule"), Some("a.toml"));
        assert_eq!((finding.line, finding.column), (2, 2));
        let expected = "error[E0101]: unknown word\n  --> a.toml:2:2\n   |\n2  | \twher true\n   | \t^^^^\n   = help: write `where`\n";
        assert_eq!(finding.rendered, expected);
        let failure = Failure::rules(vec![finding.clone(), finding]);
        assert_eq!(failure.message, "my-rule: 2:2: unknown word [E0101] (and 1 more)");
    }
}
