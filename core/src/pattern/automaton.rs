//! Regular expressions of two languages (Lucene's for fields, Java's for computed text), compiled to one automaton.
//!
//! The parsers ([`lucene`](super::lucene), [`java`](super::java)) give a [`Node`]. All alternatives together become one [`Program`], whose
//! [`States`] are made as texts come to them; Lucene's `~` (not) and `&` (and) become a boolean combination of programs where they stand at
//! the top of the pattern.
//!
//! A pattern always means the whole text, and nobody asks where in it something was found. That is why this is our own: a library's engines
//! for searching and for groups were a fifth of the module's size.

use super::{
    PatternError,
    class::Class,
    java, lucene,
    program::{Program, TooLarge},
    states::States,
};
use crate::span::Span;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;
use spin::Mutex;

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

/// A place in the text, between characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The start of the text.
    Start,
    /// The end of the text.
    End,
    /// A character of words (ASCII) on one side only.
    WordEdge,
    /// Such characters on both sides or on none.
    NotWordEdge,
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Matches nothing at all (`#`).
    Nothing,
    /// One character out of a class.
    Class(Class),
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
        Node::Class(Class::of(c))
    }

    /// Any character, line ends included.
    pub(super) fn any_char() -> Node {
        Node::Class(Class::any())
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

    /// One of any character, or any text at all: repeated without limit it is `.*`.
    pub(super) fn is_any(&self) -> bool {
        match self {
            Node::Class(class) => *class == Class::any(),
            Node::Repeat(inner, 0, None) => inner.is_any(),
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
}

/// A boolean combination of searches; nearly always one search.
#[derive(Clone, Debug)]
enum Matcher {
    Search(Arc<Search>),
    Any(Vec<Matcher>),
    All(Vec<Matcher>),
    Not(Box<Matcher>),
}

impl Matcher {
    fn new(node: Node) -> Result<Matcher, PatternError> {
        match node {
            Node::Union(nodes) => {
                let (booleans, plain): (Vec<_>, Vec<_>) = nodes.into_iter().partition(Node::has_boolean);
                let mut matchers = booleans.into_iter().map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
                if !plain.is_empty() || matchers.is_empty() {
                    matchers.push(Matcher::search(&Node::union(plain))?);
                }
                Ok(Matcher::Any(matchers))
            }
            Node::All(nodes, _) => Ok(Matcher::All(nodes.into_iter().map(Matcher::new).collect::<Result<_, _>>()?)),
            Node::Not(node, _) => Ok(Matcher::Not(Box::new(Matcher::new(*node)?))),
            other => Matcher::search(&other),
        }
    }

    fn search(node: &Node) -> Result<Matcher, PatternError> {
        let (message, help) = match Program::new(node) {
            Ok((program, first)) => {
                let states = Mutex::new(States::new(&program, first));
                return Ok(Matcher::Search(Arc::new(Search { program, first, states })));
            }
            Err(TooLarge::Steps) => {
                ("the pattern is too large for an automaton", "use smaller repetitions such as {1,20}, or '*'")
            }
            Err(TooLarge::Negated) => (
                "the pattern is too large to have '~' or '&' within a part of it",
                "write the condition with 'and' and 'not', or a literal '~' or '&' as '\\~' or '\\&'",
            ),
        };
        Err(PatternError::new(Span::default(), message).with_help(help))
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Matcher::Search(search) => search.matches(text),
            Matcher::Any(matchers) => matchers.iter().any(|matcher| matcher.matches(text)),
            Matcher::All(matchers) => matchers.iter().all(|matcher| matcher.matches(text)),
            Matcher::Not(matcher) => !matcher.matches(text),
        }
    }
}

/// A program with the states that it has come to so far.
struct Search {
    program: Program,
    /// The program's first step.
    first: u32,
    states: Mutex<States>,
}

impl Search {
    fn matches(&self, text: &str) -> bool {
        match self.states.try_lock() {
            Some(mut states) => states.matches(&self.program, text),
            // Another thread is at it. Nobody waits: this text gets states of its own.
            None => States::new(&self.program, self.first).matches(&self.program, text),
        }
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search")
    }
}
