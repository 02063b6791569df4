//! The texts that a query asks of a field: `auditd.data.syscall in ("connect", "sendto")` asks for two.

use super::ast::{CompareOp, EventQuery, Expr, ExprKind, Field, Literal, MatchOp, Query, QueryKind, Term};
use alloc::{string::String, vec::Vec};

/// The texts, each once, that `query` compares the field at `path` with, by `==`, `in`, `:` or `like`, outside of `not`; those with wildcards are left out.
///
/// ```
/// let query = eqlite_core::eql::parse(r#"process where a == "x" and not a == "y" or a : ("z", "z*")"#).unwrap();
/// assert!(eqlite_core::eql::texts_asked_of(&query, "a").into_iter().eq(["x", "z"]));
/// ```
pub fn texts_asked_of(query: &Query, path: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut event = |event: &EventQuery| condition(&event.condition, path, &mut texts);
    let mut terms = |terms: &[Term]| terms.iter().filter(|term| !term.missing).for_each(|term| event(&term.event));
    match &query.kind {
        QueryKind::Event(query) => event(query),
        QueryKind::Sequence(sequence) => terms(&sequence.terms),
        QueryKind::Sample(sample) => terms(&sample.terms),
    }
    texts
}

/// As deep as the parser lets expressions nest.
fn condition(expr: &Expr, path: &str, texts: &mut Vec<String>) {
    let is_field = |expr: &Expr| matches!(&expr.kind, ExprKind::Field(Field { path: own, .. }) if own == path);
    let mut take = |expr: &Expr, wildcards: bool| match &expr.kind {
        ExprKind::Literal(Literal::Text(text))
            if (!wildcards || !text.contains(['*', '?'])) && !texts.contains(text) =>
        {
            texts.push(text.clone());
        }
        _ => {}
    };
    match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| condition(part, path, texts)),
        ExprKind::Compare { op: CompareOp::Eq, left, right } if is_field(left) => take(right, false),
        ExprKind::Compare { op: CompareOp::Eq, left, right } if is_field(right) => take(left, false),
        ExprKind::In { value, list, negated: false, .. } if is_field(value) => {
            list.iter().for_each(|item| take(item, false));
        }
        ExprKind::Match { op: MatchOp::Seq | MatchOp::Like | MatchOp::LikeInsensitive, value, patterns }
            if is_field(value) =>
        {
            patterns.iter().for_each(|pattern| take(pattern, true));
        }
        _ => {}
    }
}
