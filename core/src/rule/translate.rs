//! The words that filters and exceptions share: small pieces of syntax tree, made of JSON rather than of text.
//!
//! ```text
//! equal("process.pid", "4338")           process.pid == "4338" or process.pid == 4338
//! wildcard("file.path", r"/tmp/*.s?", ..)  file.path like "/tmp/*.s?"
//! wildcard("file.path", r"/tmp/\*", ..)  file.path regex "/tmp/\\*"
//! ```
//! Elasticsearch reads a value by the type of the field: on a numeric field `"4338"` is a number. Where no mapping says the type, the value of
//! the event says it, so both readings are asked for.

use crate::{
    eql::ast::{CompareOp, Expr, ExprKind, Field, Literal, MatchOp, Text},
    span::Span,
};
use alloc::{borrow::ToOwned, boxed::Box, format, string::String, vec::Vec};
use serde_json::Value;

/// What cannot be said in EQL, in words for the rule's author.
pub(super) type Unsaid = String;

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn text(text: &str) -> Expr {
    expr(ExprKind::Literal(Literal::Text(text.to_owned())))
}

/// The field; what the query of a filter names may be mapped nowhere, and then holds nothing.
pub(super) fn field(path: &str) -> Expr {
    expr(ExprKind::Field(Field { path: path.to_owned(), optional: true, span: Span::default() }))
}

pub(super) fn always(value: bool) -> Expr {
    expr(ExprKind::Literal(Literal::Bool(value)))
}

pub(super) fn not(inner: Expr) -> Expr {
    match inner.kind {
        ExprKind::Not(inner) => *inner,
        _ => expr(ExprKind::Not(Box::new(inner))),
    }
}

/// All of `parts`; true where there are none.
pub(super) fn all(parts: Vec<Expr>) -> Expr {
    let flat = |part: Expr| match part.kind {
        ExprKind::And(inner) => inner,
        _ => [part].into(),
    };
    match <[Expr; 1]>::try_from(parts.into_iter().flat_map(flat).collect::<Vec<Expr>>()) {
        Ok([only]) => only,
        Err(parts) if parts.is_empty() => always(true),
        Err(parts) => expr(ExprKind::And(parts)),
    }
}

/// Any of `parts`; false where there are none.
pub(super) fn any(parts: Vec<Expr>) -> Expr {
    let flat = |part: Expr| match part.kind {
        ExprKind::Or(inner) => inner,
        _ => [part].into(),
    };
    match <[Expr; 1]>::try_from(parts.into_iter().flat_map(flat).collect::<Vec<Expr>>()) {
        Ok([only]) => only,
        Err(parts) if parts.is_empty() => always(false),
        Err(parts) => expr(ExprKind::Or(parts)),
    }
}

pub(super) fn compare(path: &str, op: CompareOp, value: Literal) -> Expr {
    expr(ExprKind::Compare { op, left: Box::new(field(path)), right: Box::new(expr(ExprKind::Literal(value))) })
}

pub(super) fn exists(path: &str) -> Expr {
    compare(path, CompareOp::Ne, Literal::Null)
}

/// The ways to read a value of JSON, see the top of this file.
pub(super) fn readings(value: &Value) -> Result<Vec<Literal>, Unsaid> {
    Ok(match value {
        Value::Bool(value) => [Literal::Bool(*value), Literal::Text(format!("{value}"))].into(),
        Value::Number(number) => literal(number).into_iter().chain([Literal::Text(format!("{number}"))]).collect(),
        Value::String(text) => {
            let other = match text.as_str() {
                "true" => Some(Literal::Bool(true)),
                "false" => Some(Literal::Bool(false)),
                text => number(text),
            };
            [Literal::Text(text.clone())].into_iter().chain(other).collect()
        }
        other => return Err(format!("{other} is no single value")),
    })
}

/// The number that a text spells, where it spells one as JSON would.
pub(super) fn number(text: &str) -> Option<Literal> {
    match serde_json::from_str(text).ok()? {
        Value::Number(number) => literal(&number),
        _ => None,
    }
}

fn literal(number: &serde_json::Number) -> Option<Literal> {
    let whole = number.as_i64().map(Literal::Int).or_else(|| number.as_u64().map(Literal::Unsigned));
    whole.or_else(|| number.as_f64().map(Literal::Float))
}

/// Equality with a value, by whatever type the field turns out to have.
pub(super) fn equal(path: &str, value: &Value, any_case: bool) -> Result<Expr, Unsaid> {
    let readings = readings(value)?;
    Ok(any(readings
        .into_iter()
        .map(|literal| match literal {
            Literal::Text(value) if any_case => expr(ExprKind::In {
                value: Box::new(field(path)),
                list: [text(&value)].into(),
                negated: false,
                case_insensitive: true,
            }),
            literal => compare(path, CompareOp::Eq, literal),
        })
        .collect()))
}

/// The beginning of a text.
pub(super) fn starts_with(path: &str, prefix: &str, any_case: bool) -> Expr {
    expr(ExprKind::Call {
        name: Text { text: "startsWith".to_owned(), span: Span::default() },
        case_insensitive: any_case,
        args: [field(path), text(prefix)].into(),
    })
}

/// A wildcard of Elasticsearch's query language, in which a backslash takes the next character as it is. [Lucene: WildcardQuery]
/// EQL has no such escape, so that an escaped asterisk needs a regular expression.
pub(super) fn wildcard(path: &str, pattern: &str, any_case: bool) -> Expr {
    let mut plain = String::new();
    let mut regex = String::new();
    let mut escaped_wildcard = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => {
                let literal = characters.next().unwrap_or('\\');
                escaped_wildcard |= matches!(literal, '*' | '?');
                plain.push(literal);
                push_literal(&mut regex, literal);
                continue;
            }
            other => push_literal(&mut regex, other),
        }
        plain.push(character);
    }
    let (op, pattern) = match (escaped_wildcard, any_case) {
        (false, false) => (MatchOp::Like, plain),
        (false, true) => (MatchOp::Seq, plain),
        (true, false) => (MatchOp::Regex, regex),
        (true, true) => (MatchOp::RegexInsensitive, regex),
    };
    matches(path, op, &pattern)
}

/// Appends one character that means itself in a regular expression of Lucene.
fn push_literal(regex: &mut String, character: char) {
    if ".?+*|{}[]()\"\\#@&<>~".contains(character) {
        regex.push('\\');
    }
    regex.push(character);
}

pub(super) fn matches(path: &str, op: MatchOp, pattern: &str) -> Expr {
    expr(ExprKind::Match { op, value: Box::new(field(path)), patterns: [text(pattern)].into() })
}
