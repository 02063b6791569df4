//! A reading place in a pattern, shared by the two parsers.

use super::PatternError;
use crate::span::Span;
use alloc::format;

/// Groups and classes may nest this deep; the compiled form is walked recursively.
pub(super) const MAX_DEPTH: usize = 64;
/// Highest number of a `{n,m}`; more would not fit the automaton anyway.
const MAX_REPEAT: u32 = 100_000;

/// A place in the pattern and how deep its groups are.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Cursor { text, at: 0, depth: 0 }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at = self.at.saturating_add(c.len_utf8());
        Some(c)
    }

    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at = self.at.saturating_add(wanted.len());
        }
        found
    }

    /// The text up to `end`, which is eaten too.
    pub(super) fn until(&mut self, end: &str) -> Option<&'a str> {
        let (text, _) = self.rest().split_once(end)?;
        self.at = self.at.saturating_add(text.len()).saturating_add(end.len());
        Some(text)
    }

    pub(super) const fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    pub(super) fn error(&self, start: usize, message: &str) -> PatternError {
        PatternError::new(self.since(start), message)
    }

    /// The pattern has been read; where it has not, a `)` was in the way.
    pub(super) fn end(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.error(start, "this ')' closes no group").with_help("a literal one is '\\)'")),
        }
    }

    /// The group or class that was opened at `start` has no end.
    pub(super) fn unclosed(&self, start: usize, bracket: char) -> PatternError {
        let (what, open) = if bracket == ')' { ("group", '(') } else { ("class", '[') };
        let help = format!("a literal '{open}' is '\\{open}'");
        self.error(start, &format!("the '{bracket}' of this {what} is missing")).with_help(help)
    }

    /// How often `?`, `*`, `+` or `{n,m}` repeats what stands in front of it; nothing is read where something else stands.
    pub(super) fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        let start = self.at;
        let counts = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => {
                self.next();
                return self.repetition(start).map(Some);
            }
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(counts))
    }

    /// Goes one group deeper; [`Cursor::leave`] comes back.
    pub(super) fn enter(&mut self, start: usize) -> Result<(), PatternError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH { Err(self.error(start, "the pattern is nested too deeply")) } else { Ok(()) }
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.rest();
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let length = rest.len().saturating_sub(digits.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or("")
    }

    /// `n}`, `n,}` or `n,m}`, after the brace that opens.
    fn repetition(&mut self, start: usize) -> Result<(u32, Option<u32>), PatternError> {
        let number = |digits: &str| digits.parse().ok().filter(|number| *number <= MAX_REPEAT);
        let digits = self.digits();
        if digits.is_empty() {
            return Err(self
                .error(start, "a number is missing after '{'")
                .with_help("write {2}, {2,} or {2,5}; a literal brace is '\\{'"));
        }
        let min = number(digits);
        let max = if self.eat(",") {
            match self.digits() {
                "" => Some(None),
                digits => number(digits).map(Some),
            }
        } else {
            min.map(Some)
        };
        if !self.eat("}") {
            return Err(self.error(start, "the '}' of this repetition is missing"));
        }
        let (Some(min), Some(max)) = (min, max) else {
            return Err(self.error(start, "the number of repetitions is too large"));
        };
        if max.is_some_and(|max| max < min) {
            return Err(self.error(start, "the second number of a repetition must not be below the first"));
        }
        Ok((min, max))
    }
}
