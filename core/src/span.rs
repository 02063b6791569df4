//! Where something stands in a query text: a half-open range of bytes.

/// A half-open byte range `start..end` of a source text.
///
/// ```
/// # use eqlite_core::Span;
/// let source = "process where true";
/// assert_eq!(Span::new(8, 13).of(source), "where");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The piece of `source` that the span names; empty where it does not fit.
    pub fn of(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or("")
    }

    /// The span moved right by `offset` bytes: a query's span within the file that holds the query.
    #[must_use]
    pub fn shift(self, offset: usize) -> Span {
        Span { start: self.start.saturating_add(offset), end: self.end.saturating_add(offset) }
    }
}
