//! What is told to the author of a rule: a stable code, a place, what is wrong and what to do.
//!
//! The codes stand in [`codes`], each with the shortest query that triggers it. [`Diagnostic::render`] draws one for a person:
//!
//! ```text
//! error[E0202]: '=' does not compare
//!   --> rule.toml:1:28
//!    |
//!  1 | process where process.name = "nc"
//!    |                            ^
//!    = help: write '=='
//! ```

pub mod codes;
mod render;

use crate::span::Span;
use alloc::string::String;
use serde::{Serialize, Serializer};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rule runs, but probably not as its author thinks.
    Warning,
    /// The rule cannot run.
    Error,
}

/// One finding about a query or a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Stable and never reused, e.g. `E0101`; `docs/errors.md` lists them all.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence: what is wrong.
    pub message: String,
    /// Where, in bytes of the query text.
    pub span: Span,
    /// What to do about it, where something can be said.
    pub help: Option<String>,
}

/// The code of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { code, severity: Severity::Error, message: message.into(), span, help: None }
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { code, severity: Severity::Warning, message: message.into(), span, help: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Line and column in `source`, each from 1; a column counts characters.
    pub fn line_column(&self, source: &str) -> (usize, usize) {
        render::line_column(source, self.span.start)
    }

    /// Draws it for a person: where, the line, carets under the place, the advice. `name` is the file, or whatever the text is called.
    pub fn render(&self, source: &str, name: &str) -> String {
        render::render(self, source, name)
    }

    /// The form for machines: `{"code", "severity", "message", "span": {"start", "end"}, "line", "column", "help"}`.
    pub fn located<'a>(&'a self, source: &str) -> Located<'a> {
        let (line, column) = self.line_column(source);
        Located {
            code: self.code,
            severity: self.severity,
            message: &self.message,
            span: self.span,
            line,
            column,
            help: self.help.as_deref(),
        }
    }
}

/// A [`Diagnostic`] with its place as line and column, to be serialised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Located<'a> {
    /// See [`Diagnostic::code`].
    pub code: Code,
    /// See [`Diagnostic::severity`].
    pub severity: Severity,
    /// See [`Diagnostic::message`].
    pub message: &'a str,
    /// See [`Diagnostic::span`].
    pub span: Span,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// See [`Diagnostic::help`].
    pub help: Option<&'a str>,
}
