//! What Elasticsearch's verifier refuses in a query whose grammar is right: the shape of sequences and samples here, names and types in
//! `expr`, the types themselves in `types`.
//!
//! ```
//! use eqlite_core::{Schema, eql};
//! let query = eql::parse("sequence by host.id [process where true] ![network where lenght(user.name)]").unwrap();
//! let found: Vec<&str> = eql::check(&query, &Schema::open()).iter().map(|diagnostic| diagnostic.code.0).collect();
//! assert_eq!(found, ["E0306", "E0405"]); // a missing event without maxspan, an unknown function
//! ```

mod expr;
mod types;

use super::ast::{EventQuery, Field, Query, QueryKind, Sample, Sequence, Term};
use crate::sort::sort_by_key;
use crate::{
    diagnostic::{Code, Diagnostic, codes},
    schema::{Lookup, Schema},
    span::Span,
};
use alloc::{format, string::String, vec::Vec};
use types::Type;

/// The field in which an event's category stands, unless the caller says otherwise.
pub const CATEGORY_FIELD: &str = "event.category";

/// Elasticsearch: a sequence has at most 256 terms, a sample at most five.
const MAX_TERMS: u64 = 256;
const MAX_SAMPLE_TERMS: usize = 5;
const MAX_RUNS: u32 = 100;

/// After so many the rest is not looked at.
const MAX_DIAGNOSTICS: usize = 100;

/// All that is wrong with the query against the schema, in the order of the text. It runs if none of it is an error.
pub fn check(query: &Query, schema: &Schema) -> Vec<Diagnostic> {
    check_with_category(query, schema, CATEGORY_FIELD)
}

/// The same where the category stands in another field than [`CATEGORY_FIELD`].
pub fn check_with_category(query: &Query, schema: &Schema, category_field: &str) -> Vec<Diagnostic> {
    let mut checker = Checker { schema, category_field, found: Vec::new(), unknown: Vec::new() };
    match &query.kind {
        QueryKind::Event(event) => checker.event(event),
        QueryKind::Sequence(sequence) => checker.sequence(sequence),
        QueryKind::Sample(sample) => {
            checker.sample(sample);
            if let Some(pipe) = query.pipes.first() {
                let help = "leave the pipe away; the number of samples is a setting of the search";
                checker.error(codes::SAMPLE_PIPE, pipe.span, "a sample takes no pipes", help);
            }
        }
    }
    sort_by_key(&mut checker.found, |diagnostic| diagnostic.span.start);
    checker.found.truncate(MAX_DIAGNOSTICS);
    checker.found
}

struct Checker<'a> {
    schema: &'a Schema,
    category_field: &'a str,
    found: Vec<Diagnostic>,
    /// Unknown fields that are reported already.
    unknown: Vec<String>,
}

impl Checker<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::error(code, span, message).with_help(help));
    }

    /// Whether enough is found; what would follow helps nobody.
    fn is_full(&self) -> bool {
        self.found.len() >= MAX_DIAGNOSTICS
    }

    fn event(&mut self, event: &EventQuery) {
        if let Some(category) = &event.category
            && self.schema.field(self.category_field) == Lookup::Unmapped
        {
            let message = format!("the category is looked up in '{}', which is not mapped", self.category_field);
            self.error(codes::NO_CATEGORY_FIELD, category.span, message, "write 'any where ..'");
        }
        self.condition(&event.condition);
    }

    fn sequence(&mut self, sequence: &Sequence) {
        self.keys(&sequence.by);
        let mut count: u64 = 0;
        for term in &sequence.terms {
            self.term(term);
            if !(1..=MAX_RUNS).contains(&term.runs) {
                let message = format!("a term runs 1 to {MAX_RUNS} times, not {}", term.runs);
                self.error(codes::RUNS_RANGE, term.span, message, "write for example 'with runs=3'");
            }
            count = count.saturating_add(u64::from(term.runs.max(1)));
            if term.missing && sequence.maxspan.is_none() {
                let help = "write 'sequence by keys with maxspan=5m': how long the event must stay away";
                let message = "a missing event needs a maxspan";
                self.error(codes::MISSING_NEEDS_MAXSPAN, term.span, message, help);
            }
        }
        let whole = hull(&sequence.terms);
        if count < 2 {
            let help = "add a second term, or 'with runs=2'; a single event is 'category where condition'";
            self.error(codes::TOO_FEW_TERMS, whole, "a sequence has at least two terms", help);
        }
        if count > MAX_TERMS {
            let message = format!("a sequence has at most {MAX_TERMS} terms; with its runs this one has {count}");
            self.error(codes::TOO_MANY_TERMS, whole, message, "shorten the sequence or its runs");
        }
        if !sequence.terms.is_empty() && sequence.terms.iter().all(|term| term.missing) {
            let help = "add a term without '!': an event from which time is counted";
            self.error(codes::NO_POSITIVE_TERM, whole, "all terms are missing events", help);
        }
        if let Some(until) = &sequence.until {
            self.term(until);
            if until.missing || until.runs != 1 {
                let help = "write 'until [category where condition]'";
                self.error(codes::UNTIL_MISSING, until.span, "'until' takes an event that occurs, once", help);
            }
        }
        self.join(&sequence.by, sequence.terms.iter().chain(&sequence.until));
    }

    fn sample(&mut self, sample: &Sample) {
        self.keys(&sample.by);
        for term in &sample.terms {
            self.term(term);
            if term.missing {
                let help = "leave '!' away, or write a sequence with maxspan";
                self.error(codes::SAMPLE_MISSING, term.span, "a sample cannot have a missing event", help);
            }
        }
        let whole = hull(&sample.terms);
        if !(2..=MAX_SAMPLE_TERMS).contains(&sample.terms.len()) {
            let message = format!("a sample has two to five terms, not {}", sample.terms.len());
            self.error(codes::SAMPLE_TERMS, whole, message, "a single event is 'category where condition'");
        }
        if sample.by.is_empty() && sample.terms.iter().all(|term| term.by.is_empty()) {
            let help = "write 'sample by field [..] [..]': what its events have in common";
            self.error(codes::SAMPLE_KEY, whole, "a sample needs a join key", help);
        }
        self.join(&sample.by, sample.terms.iter());
    }

    fn term(&mut self, term: &Term) {
        self.event(&term.event);
        self.keys(&term.by);
    }

    fn keys(&mut self, keys: &[Field]) {
        for key in keys {
            self.field(key);
        }
    }

    /// Keys are compared by position: as many in each term, and of comparable types.
    fn join<'t>(&mut self, by: &'t [Field], terms: impl Iterator<Item = &'t Term>) {
        let mut expected: Option<usize> = None;
        let mut positions: Vec<Option<(Type, &Field)>> = Vec::new();
        for term in terms {
            let count = *expected.get_or_insert(term.by.len());
            if term.by.len() != count {
                let (first, own) = (count.saturating_add(by.len()), term.by.len().saturating_add(by.len()));
                let message = format!("the first term has {first} join keys, this one {own}");
                self.error(
                    codes::KEY_COUNT,
                    term.span,
                    message,
                    "give each term as many keys; they are compared by position",
                );
                continue;
            }
            positions.resize(count, None);
            for (position, key) in positions.iter_mut().zip(&term.by) {
                let own = self.field_type(key);
                match position {
                    None if own == Type::Any || own == Type::Null => {}
                    None => *position = Some((own, key)),
                    Some((first, first_key)) if !first.is_comparable(own) => {
                        let message =
                            format!("'{}' is {}, but '{}' is {}", key.path, own.name(), first_key.path, first.name());
                        let help = "join keys at the same position are of comparable types";
                        self.found.push(Diagnostic::error(codes::KEY_TYPES, key.span, message).with_help(help));
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// From the first to the last term.
fn hull(terms: &[Term]) -> Span {
    let last = terms.last().map_or(Span::default(), |term| term.span);
    terms.first().map_or(last, |first| first.span.to(last))
}
