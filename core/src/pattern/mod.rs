//! Text patterns: sets of exact values and wildcards ([`TextSet`]), and regular expressions ([`Regex`]), compiled once per rule.
//!
//! ```
//! use eqlite_core::pattern::{Case, Regex, TextSet};
//! let shells = TextSet::new(&["bash", "python*", "?sh"], Case::AsciiInsensitive, true);
//! assert!(shells.matches("Python3.11") && shells.matches("zsh") && !shells.matches("bash5"));
//! let ports = Regex::lucene("1<30-45>", false).unwrap();
//! assert!(ports.matches("137") && !ports.matches("146"));
//! ```

mod automaton;
mod class;
mod cursor;
mod glob;
mod java;
mod letters;
mod literals;
mod lucene;
mod naive;
mod program;
mod states;
mod text_set;

pub use automaton::Regex;
pub use naive::naive_wildcard;
pub use text_set::TextSet;

use crate::span::Span;
use alloc::string::String;
use core::fmt;

/// Which letters are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// Only equal ones.
    Sensitive,
    /// `a` and `A`, but not `é` and `É`: leaves on a plain field (Elasticsearch's automata fold ASCII only).
    AsciiInsensitive,
    /// All of Unicode, by lower-casing both sides: leaves on something computed.
    UnicodeInsensitive,
}

/// Why a pattern cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Which of several patterns.
    pub pattern: usize,
    /// Where in that pattern, in bytes of the pattern (not of the query: the literal may have had escapes).
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do, where something can be said.
    pub help: Option<String>,
}

impl PatternError {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        PatternError { pattern: 0, span, message: message.into(), help: None }
    }

    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl core::error::Error for PatternError {}
