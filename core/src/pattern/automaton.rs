//! Regular expressions of two languages (Lucene's for fields, Java's for computed text), compiled to one automaton.
//!
//! The parsers ([`lucene`](super::lucene), [`java`](super::java)) give a [`Node`]. Here the parts that any automaton can express become one
//! search, all alternatives together; Lucene's `~` (not) and `&` (and) become a boolean combination of searches where they stand at the
//! top of the pattern. Patterns with deeper ones get a table of their own ([`derivative`]).
//!
//! A pattern always means the whole text. `.*sh.*` is therefore searched as `sh` anywhere, which is much faster than running through `.*`.

use super::{PatternError, derivative, java, lucene};
use crate::span::Span;
use alloc::{boxed::Box, format, vec, vec::Vec};
use regex_automata::{meta, nfa::thompson::WhichCaptures};
use regex_syntax::hir::{self, ClassUnicode, ClassUnicodeRange, Hir, Look};

/// What one automaton may take, in bytes. `(a{1,1000}){1,1000}` does not fit and is refused.
const AUTOMATON_BYTES: usize = 4 << 20;
/// What a search may cache of its lazily built states, in bytes.
const CACHE_BYTES: usize = 1 << 20;

/// A compiled regular expression that is matched against whole texts.
#[derive(Clone, Debug)]
pub struct Regex {
    matcher: Matcher,
}

impl Regex {
    /// A regular expression of Lucene with all its optional operators, as `regex` means it on a field. `insensitive` folds ASCII letters.
    ///
    /// # Errors
    /// A pattern that Lucene refuses, or that is too large.
    pub fn lucene(pattern: &str, insensitive: bool) -> Result<Regex, PatternError> {
        Regex::lucene_any(&[pattern], insensitive)
    }

    /// Any of several patterns of Lucene, as one automaton.
    ///
    /// # Errors
    /// As for [`Regex::lucene`]; [`PatternError::pattern`] says which one.
    pub fn lucene_any<P: AsRef<str>>(patterns: &[P], insensitive: bool) -> Result<Regex, PatternError> {
        Regex::any(patterns, |pattern| lucene::parse(pattern, insensitive))
    }

    /// A regular expression of Java, as `regex` means it on something computed. `insensitive` folds by the whole of Unicode.
    ///
    /// # Errors
    /// A pattern that Java refuses, that is too large, or that needs look-around, back-references or possessive quantifiers.
    pub fn java(pattern: &str, insensitive: bool) -> Result<Regex, PatternError> {
        Regex::java_any(&[pattern], insensitive)
    }

    /// Any of several patterns of Java, as one automaton.
    ///
    /// # Errors
    /// As for [`Regex::java`]; [`PatternError::pattern`] says which one.
    pub fn java_any<P: AsRef<str>>(patterns: &[P], insensitive: bool) -> Result<Regex, PatternError> {
        Regex::any(patterns, |pattern| java::parse(pattern, insensitive))
    }

    fn any<P: AsRef<str>>(
        patterns: &[P],
        parse: impl Fn(&str) -> Result<Node, PatternError>,
    ) -> Result<Regex, PatternError> {
        let mut nodes = Vec::with_capacity(patterns.len());
        for (index, pattern) in patterns.iter().enumerate() {
            let node = parse(pattern.as_ref());
            nodes.push(node.map_err(|error| PatternError { pattern: index, ..error })?);
        }
        Ok(Regex { matcher: Matcher::new(Node::Union(nodes))? })
    }

    /// Does the whole text match?
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.matches(text)
    }
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Matches nothing at all (`#`).
    Nothing,
    /// One character out of a class.
    Class(ClassUnicode),
    /// A place, not a character.
    Look(Look),
    /// One after the other; none is the empty text.
    Concat(Vec<Node>),
    /// Any of these.
    Union(Vec<Node>),
    /// `min` to `max` times.
    Repeat(Box<Node>, u32, Option<u32>),
    /// All of these, on the same text (`&`).
    All(Vec<Node>, Span),
    /// Every text but these (`~`).
    Not(Box<Node>, Span),
}

impl Node {
    /// The empty text.
    pub(super) const fn empty() -> Node {
        Node::Concat(Vec::new())
    }

    /// One given character.
    pub(super) fn char(c: char) -> Node {
        Node::Class(ClassUnicode::new([ClassUnicodeRange::new(c, c)]))
    }

    /// Any character, line ends included.
    pub(super) fn any_char() -> Node {
        Node::Class(ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)]))
    }

    /// `min` to `max` times.
    pub(super) fn repeat(self, min: u32, max: Option<u32>) -> Node {
        Node::Repeat(Box::new(self), min, max)
    }

    /// The nodes one after the other; one alone stays itself.
    pub(super) fn concat(mut nodes: Vec<Node>) -> Node {
        match (nodes.len(), nodes.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                nodes.push(last);
                Node::Concat(nodes)
            }
            (_, None) => Node::empty(),
        }
    }

    /// Any of the nodes; one alone stays itself.
    pub(super) fn union(mut nodes: Vec<Node>) -> Node {
        match (nodes.len(), nodes.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                nodes.push(last);
                Node::Union(nodes)
            }
            (_, None) => Node::Nothing,
        }
    }

    /// `.*`, also as `.*?` or `(.*)*`: any text at all.
    fn is_any_text(&self) -> bool {
        match self {
            Node::Repeat(inner, 0, None) => **inner == Node::any_char() || inner.is_any_text(),
            Node::Repeat(inner, _, _) => inner.is_any_text(),
            Node::Concat(nodes) => matches!(nodes.as_slice(), [only] if only.is_any_text()),
            _ => false,
        }
    }

    /// Does a `~` or `&` stand in it, at any depth?
    fn has_boolean(&self) -> bool {
        match self {
            Node::All(..) | Node::Not(..) => true,
            Node::Concat(nodes) | Node::Union(nodes) => nodes.iter().any(Node::has_boolean),
            Node::Repeat(node, _, _) => node.has_boolean(),
            Node::Nothing | Node::Class(_) | Node::Look(_) => false,
        }
    }

    /// The same for the library; nodes with booleans go another way.
    fn to_hir(&self) -> Hir {
        match self {
            Node::Nothing | Node::All(..) | Node::Not(..) => Hir::fail(),
            Node::Class(class) => Hir::class(hir::Class::Unicode(class.clone())),
            Node::Look(look) => Hir::look(*look),
            Node::Concat(nodes) => Hir::concat(nodes.iter().map(Node::to_hir).collect()),
            Node::Union(nodes) => Hir::alternation(nodes.iter().map(Node::to_hir).collect()),
            Node::Repeat(node, min, max) => {
                Hir::repetition(hir::Repetition { min: *min, max: *max, greedy: true, sub: Box::new(node.to_hir()) })
            }
        }
    }

    /// The pattern with the ends of the text around it, and without a needless `.*` there.
    fn anchored(&self) -> Hir {
        let parts = match self {
            Node::Concat(nodes) => nodes.as_slice(),
            other => core::slice::from_ref(other),
        };
        let (open_start, parts) = match parts.split_first() {
            Some((first, rest)) if first.is_any_text() => (true, rest),
            _ => (false, parts),
        };
        let (open_end, parts) = match parts.split_last() {
            Some((last, rest)) if last.is_any_text() => (true, rest),
            _ => (false, parts),
        };
        let start = if open_start { Hir::empty() } else { Hir::look(Look::Start) };
        let end = if open_end { Hir::empty() } else { Hir::look(Look::End) };
        Hir::concat(vec![start, Hir::concat(parts.iter().map(Node::to_hir).collect()), end])
    }
}

/// A boolean combination of searches; nearly always one search.
#[derive(Clone, Debug)]
enum Matcher {
    Search(meta::Regex),
    Any(Vec<Matcher>),
    All(Vec<Matcher>),
    Not(Box<Matcher>),
    /// A pattern with booleans inside of a part.
    Table(derivative::Table),
}

impl Matcher {
    fn new(node: Node) -> Result<Matcher, PatternError> {
        match node {
            Node::Union(nodes) => {
                let (booleans, plain): (Vec<_>, Vec<_>) = nodes.into_iter().partition(Node::has_boolean);
                let mut matchers = booleans.into_iter().map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
                if !plain.is_empty() || matchers.is_empty() {
                    matchers.push(Matcher::search(&plain)?);
                }
                Ok(Matcher::Any(matchers))
            }
            Node::All(nodes, _) => Ok(Matcher::All(nodes.into_iter().map(Matcher::new).collect::<Result<_, _>>()?)),
            Node::Not(node, _) => Ok(Matcher::Not(Box::new(Matcher::new(*node)?))),
            nested if nested.has_boolean() => derivative::Table::new(&nested).map(Matcher::Table),
            plain => Matcher::search(&[plain]),
        }
    }

    fn search(alternatives: &[Node]) -> Result<Matcher, PatternError> {
        // A union inside of the list has its own ends to open: `(a.*)|(.*b)`.
        let hirs = alternatives.iter().flat_map(|node| match node {
            Node::Union(nodes) => nodes.as_slice(),
            other => core::slice::from_ref(other),
        });
        let hir = Hir::alternation(hirs.map(Node::anchored).collect());
        let config = meta::Config::new()
            .nfa_size_limit(Some(AUTOMATON_BYTES))
            .hybrid_cache_capacity(CACHE_BYTES)
            .which_captures(WhichCaptures::None);
        let regex = meta::Builder::new().configure(config).build_from_hir(&hir);
        regex.map(Matcher::Search).map_err(|error| {
            let message = match error.size_limit() {
                Some(limit) => format!("the pattern is too large: its automaton takes more than {limit} bytes"),
                None => format!("the pattern cannot be compiled: {error}"),
            };
            PatternError::new(Span::default(), message).with_help("use smaller repetitions such as {1,20}, or '*'")
        })
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Matcher::Search(regex) => regex.is_match(text),
            Matcher::Any(matchers) => matchers.iter().any(|matcher| matcher.matches(text)),
            Matcher::All(matchers) => matchers.iter().all(|matcher| matcher.matches(text)),
            Matcher::Not(matcher) => !matcher.matches(text),
            Matcher::Table(table) => table.matches(text),
        }
    }
}
