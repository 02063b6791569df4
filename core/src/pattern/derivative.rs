//! Patterns with `~` or `&` inside of a part: `a~bc` is an a, anything but a b, a c.
//!
//! The library's automata have no complement, so these few patterns are determinized here, by Brzozowski's derivatives: the derivative of a
//! pattern by a character is the pattern of what may follow that character. `~` and `&` derive as easily as the rest
//! (`d(~p) = ~d(p)`). Patterns that derive to the same term are one state; characters that no class tells apart are one letter.
//! The table is made once; a match then is one step per character. Lucene determinizes too, with a limit of its own.

use super::{PatternError, automaton::Node};
use crate::span::Span;
use alloc::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    vec,
    vec::Vec,
};
use regex_syntax::hir::ClassUnicode;

/// Most states of a table.
const MAX_STATES: usize = 2000;
/// Most parts of all terms together, as the work that making them is.
const MAX_WORK: usize = 1_000_000;

/// A determinized pattern: state 0 is the start.
#[derive(Clone, Debug)]
pub(super) struct Table {
    letters: Letters,
    /// `next[state * letters + letter]`.
    next: Vec<u16>,
    accepting: Vec<bool>,
}

impl Table {
    pub(super) fn new(node: &Node) -> Result<Table, PatternError> {
        let letters = Letters::new(node);
        let mut work = Work { left: MAX_WORK };
        let start = work.term(node, &letters).ok_or_else(too_large)?;
        let mut states = BTreeMap::from([(start.clone(), 0_u16)]);
        let mut terms = vec![start];
        let (mut next, mut accepting) = (Vec::new(), Vec::new());
        let mut state = 0;
        while let Some(term) = terms.get(state).cloned() {
            accepting.push(term.is_nullable());
            for letter in 0..letters.count() {
                let after = work.derive(&term, letter).ok_or_else(too_large)?;
                let index = match states.get(&after) {
                    Some(index) => *index,
                    None if terms.len() >= MAX_STATES => return Err(too_large()),
                    None => {
                        let index = u16::try_from(terms.len()).map_err(|_| too_large())?;
                        states.insert(after.clone(), index);
                        terms.push(after);
                        index
                    }
                };
                next.push(index);
            }
            state = state.saturating_add(1);
        }
        Ok(Table { letters, next, accepting })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let mut state = 0_usize;
        for c in text.chars() {
            let row = state.saturating_mul(self.letters.count());
            state = self.next.get(row.saturating_add(self.letters.of(c))).map_or(0, |next| usize::from(*next));
        }
        self.accepting.get(state).copied().unwrap_or(false)
    }
}

fn too_large() -> PatternError {
    PatternError::new(Span::default(), "the pattern is too large to have '~' or '&' within a part of it")
        .with_help("write the condition with 'and' and 'not', or a literal '~' or '&' as '\\~' or '\\&'")
}

/// The characters, cut where some class starts or ends; what lies between two cuts is one letter.
#[derive(Clone, Debug)]
struct Letters {
    /// First characters of all letters but the first, ascending.
    cuts: Vec<char>,
}

impl Letters {
    fn new(node: &Node) -> Letters {
        let mut cuts = BTreeSet::new();
        collect_cuts(node, &mut cuts);
        Letters { cuts: cuts.into_iter().collect() }
    }

    fn count(&self) -> usize {
        self.cuts.len().saturating_add(1)
    }

    fn of(&self, c: char) -> usize {
        self.cuts.partition_point(|cut| *cut <= c)
    }

    fn of_class(&self, class: &ClassUnicode) -> BTreeSet<usize> {
        class.iter().flat_map(|range| self.of(range.start())..=self.of(range.end())).collect()
    }
}

fn collect_cuts(node: &Node, cuts: &mut BTreeSet<char>) {
    match node {
        Node::Class(class) => {
            for range in class.iter() {
                cuts.insert(range.start());
                // The next character; the gap of the surrogates is stepped over.
                cuts.extend((range.end()..=char::MAX).nth(1));
            }
            cuts.remove(&'\0');
        }
        Node::Concat(nodes) | Node::Union(nodes) | Node::All(nodes, _) => {
            nodes.iter().for_each(|node| collect_cuts(node, cuts))
        }
        Node::Repeat(node, _, _) | Node::Not(node, _) => collect_cuts(node, cuts),
        Node::Nothing | Node::Look(_) => {}
    }
}

/// A pattern in normal form: equal terms mean the same pattern. (Not all that mean the same are equal, but enough to end.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Term {
    /// One of these letters.
    Letter(BTreeSet<usize>),
    /// At least one, none of them a concatenation or empty; `Concat([])` is the empty text.
    Concat(Vec<Arc<Term>>),
    /// None of them a union; `Or({})` matches nothing.
    Or(BTreeSet<Arc<Term>>),
    /// None of them an intersection; `And({})` matches everything.
    And(BTreeSet<Arc<Term>>),
    Not(Arc<Term>),
    Repeat(Arc<Term>, u32, Option<u32>),
}

impl Term {
    fn is_nullable(&self) -> bool {
        match self {
            Term::Letter(_) => false,
            Term::Concat(terms) => terms.iter().all(|term| term.is_nullable()),
            Term::Or(terms) => terms.iter().any(|term| term.is_nullable()),
            Term::And(terms) => terms.iter().all(|term| term.is_nullable()),
            Term::Not(term) => !term.is_nullable(),
            Term::Repeat(term, min, _) => *min == 0 || term.is_nullable(),
        }
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Term::Or(terms) if terms.is_empty())
            || matches!(self, Term::Letter(letters) if letters.is_empty())
    }

    fn is_everything(&self) -> bool {
        matches!(self, Term::And(terms) if terms.is_empty())
    }

    fn is_empty_text(&self) -> bool {
        matches!(self, Term::Concat(terms) if terms.is_empty())
    }
}

fn nothing() -> Arc<Term> {
    Arc::new(Term::Or(BTreeSet::new()))
}

fn everything() -> Arc<Term> {
    Arc::new(Term::And(BTreeSet::new()))
}

/// Makes terms, until the work allowed is done; `None` then.
struct Work {
    left: usize,
}

impl Work {
    fn spend(&mut self, parts: usize) -> Option<()> {
        self.left = self.left.checked_sub(parts.saturating_add(1))?;
        Some(())
    }

    fn term(&mut self, node: &Node, letters: &Letters) -> Option<Arc<Term>> {
        let all = |work: &mut Work, nodes: &[Node]| -> Option<Vec<Arc<Term>>> {
            nodes.iter().map(|node| work.term(node, letters)).collect()
        };
        match node {
            // Places are Java's, which has no booleans.
            Node::Nothing | Node::Look(_) => Some(nothing()),
            Node::Class(class) => Some(Arc::new(Term::Letter(letters.of_class(class)))),
            Node::Concat(nodes) => {
                let terms = all(self, nodes)?;
                self.concat(terms)
            }
            Node::Union(nodes) => {
                let terms = all(self, nodes)?;
                self.or(terms)
            }
            Node::All(nodes, _) => {
                let terms = all(self, nodes)?;
                self.and(terms)
            }
            Node::Not(node, _) => self.term(node, letters).map(not),
            Node::Repeat(node, min, max) => {
                let term = self.term(node, letters)?;
                let any = matches!(&*term, Term::Letter(set) if set.len() == letters.count());
                if any && *min == 0 && max.is_none() { Some(everything()) } else { Some(repeat(term, *min, *max)) }
            }
        }
    }

    /// What may follow the letter.
    fn derive(&mut self, term: &Arc<Term>, letter: usize) -> Option<Arc<Term>> {
        self.spend(1)?;
        match &**term {
            Term::Letter(letters) => {
                Some(if letters.contains(&letter) { Arc::new(Term::Concat(Vec::new())) } else { nothing() })
            }
            Term::Concat(terms) => {
                // The first part moves on; if it may be empty, so may the second, and so on.
                let mut alternatives = Vec::new();
                for (index, first) in terms.iter().enumerate() {
                    let mut moved = vec![self.derive(first, letter)?];
                    moved.extend(terms.iter().skip(index.saturating_add(1)).cloned());
                    alternatives.push(self.concat(moved)?);
                    if !first.is_nullable() {
                        break;
                    }
                }
                self.or(alternatives)
            }
            Term::Or(terms) => {
                let derived = terms.iter().map(|term| self.derive(term, letter)).collect::<Option<Vec<_>>>()?;
                self.or(derived)
            }
            Term::And(terms) => {
                let derived = terms.iter().map(|term| self.derive(term, letter)).collect::<Option<Vec<_>>>()?;
                self.and(derived)
            }
            Term::Not(term) => self.derive(term, letter).map(not),
            Term::Repeat(inner, min, max) => {
                let rest = repeat(inner.clone(), min.saturating_sub(1), max.map(|max| max.saturating_sub(1)));
                let first = self.derive(inner, letter)?;
                self.concat(vec![first, rest])
            }
        }
    }

    fn concat(&mut self, terms: Vec<Arc<Term>>) -> Option<Arc<Term>> {
        let mut flat: Vec<Arc<Term>> = Vec::with_capacity(terms.len());
        for term in terms {
            match &*term {
                nothing if nothing.is_nothing() => return Some(term),
                Term::Concat(inner) => flat.extend(inner.iter().cloned()),
                // Everything after everything adds nothing.
                everything if everything.is_everything() && flat.last().is_some_and(|last| last.is_everything()) => {}
                _ => flat.push(term),
            }
        }
        self.spend(flat.len())?;
        Some(match flat.as_slice() {
            [only] => only.clone(),
            _ => Arc::new(Term::Concat(flat)),
        })
    }

    fn or(&mut self, terms: Vec<Arc<Term>>) -> Option<Arc<Term>> {
        let mut flat = BTreeSet::new();
        for term in terms {
            match &*term {
                everything if everything.is_everything() => return Some(term),
                nothing if nothing.is_nothing() => {}
                Term::Or(inner) => flat.extend(inner.iter().cloned()),
                _ => _ = flat.insert(term),
            }
        }
        self.spend(flat.len())?;
        Some(match (flat.len(), flat.first()) {
            (1, Some(only)) => only.clone(),
            _ => Arc::new(Term::Or(flat)),
        })
    }

    fn and(&mut self, terms: Vec<Arc<Term>>) -> Option<Arc<Term>> {
        let mut flat = BTreeSet::new();
        for term in terms {
            match &*term {
                nothing if nothing.is_nothing() => return Some(term),
                Term::And(inner) => flat.extend(inner.iter().cloned()),
                _ => _ = flat.insert(term),
            }
        }
        self.spend(flat.len())?;
        Some(match (flat.len(), flat.first()) {
            (1, Some(only)) => only.clone(),
            _ => Arc::new(Term::And(flat)),
        })
    }
}

fn not(term: Arc<Term>) -> Arc<Term> {
    match &*term {
        Term::Not(inner) => inner.clone(),
        nothing if nothing.is_nothing() => everything(),
        everything if everything.is_everything() => nothing(),
        _ => Arc::new(Term::Not(term)),
    }
}

fn repeat(term: Arc<Term>, min: u32, max: Option<u32>) -> Arc<Term> {
    if max == Some(0) || term.is_empty_text() {
        return Arc::new(Term::Concat(Vec::new()));
    }
    if (min, max) == (1, Some(1)) || term.is_everything() && min <= 1 {
        return term;
    }
    Arc::new(Term::Repeat(term, min, max))
}
