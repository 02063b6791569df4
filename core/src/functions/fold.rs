//! Constant folding: `1 + 2 == 3` is `true` before any event comes.
//!
//! An expression without fields has one value, computed here by the same functions and operators that run on events. `and`, `or` and `not`
//! over constants follow SQL's three-valued tables (`null and false` is false); `false and f` is false whatever the field.

use super::{EvalError, EvalErrorKind, Function, Scalar, arithmetic, compare, negate};
use crate::{
    eql::ast::{CompareOp, Expr, ExprKind, Literal, MatchOp},
    lowercase::lowercase,
    pattern::{Case, Regex, TextSet},
    span::Span,
};
use alloc::{borrow::Cow, format, vec::Vec};

/// The value of a constant expression; `None` where it depends on the event.
///
/// # Errors
/// The computation fails, whatever the event: `1 / 0`, `number("x")`; with the place of the part that fails.
pub fn fold(expr: &Expr) -> Result<Option<Scalar<'_>>, (Span, EvalError)> {
    let at = |error| (expr.span, error);
    match &expr.kind {
        ExprKind::Literal(literal) => Ok(Some(scalar(literal))),
        ExprKind::Field(_) => Ok(None),
        ExprKind::Not(inner) => match fold(inner)? {
            None => Ok(None),
            Some(value) => Ok(Some(boolean(truth(&value).map_err(at)?.map(|holds| !holds)))),
        },
        ExprKind::And(parts) => junction(expr, parts, false),
        ExprKind::Or(parts) => junction(expr, parts, true),
        ExprKind::Compare { op, left, right } => {
            let sides = (fold(left)?, fold(right)?);
            // A comparison with the literal null asks whether the other side is null.
            if let CompareOp::Eq | CompareOp::Ne = op
                && (is_null_literal(left) || is_null_literal(right))
            {
                let other = if is_null_literal(left) { sides.1 } else { sides.0 };
                return Ok(other.map(|other| Scalar::Bool(other.is_null() == (*op == CompareOp::Eq))));
            }
            let (Some(left), Some(right)) = sides else { return Ok(None) };
            Ok(Some(boolean(compare(*op, &left, &right))))
        }
        ExprKind::In { value, list, negated, case_insensitive } => {
            let (Some(value), Some(list)) = (fold(value)?, fold_all(list)?) else { return Ok(None) };
            Ok(Some(boolean(among(&value, &list, *case_insensitive).map(|found| found != *negated))))
        }
        ExprKind::Match { op, value, patterns } => {
            let (Some(value), Some(patterns)) = (fold(value)?, fold_all(patterns)?) else { return Ok(None) };
            matches(*op, &value, &patterns).map(Some).map_err(at)
        }
        ExprKind::Arithmetic { op, left, right } => {
            let (Some(left), Some(right)) = (fold(left)?, fold(right)?) else { return Ok(None) };
            arithmetic(*op, &left, &right).map(Some).map_err(at)
        }
        ExprKind::Negate(inner) => match fold(inner)? {
            None => Ok(None),
            Some(value) => negate(&value).map(Some).map_err(at),
        },
        ExprKind::Call { name, case_insensitive, args } => {
            let Some(function) = Function::lookup(&name.text) else {
                let message = format!("unknown function [{}]", name.text);
                return Err((name.span, EvalError::new(EvalErrorKind::WrongArgument, message)));
            };
            let Some(args) = fold_all(args)? else { return Ok(None) };
            function.call(*case_insensitive, &args).map(Some).map_err(at)
        }
    }
}

/// A literal as a value.
fn scalar(literal: &Literal) -> Scalar<'_> {
    match literal {
        Literal::Null => Scalar::Null,
        Literal::Bool(value) => Scalar::Bool(*value),
        Literal::Int(value) => Scalar::Int(*value),
        Literal::Unsigned(value) => Scalar::Unsigned(*value),
        Literal::Float(value) => Scalar::Float(*value),
        Literal::Text(text) => Scalar::text(text),
    }
}

/// All values, or `None` where one depends on the event.
fn fold_all(exprs: &[Expr]) -> Result<Option<Vec<Scalar<'_>>>, (Span, EvalError)> {
    let values: Result<Vec<_>, _> = exprs.iter().map(fold).collect();
    Ok(values?.into_iter().collect())
}

/// `and` (decided by false) or `or` (decided by true).
fn junction<'a>(expr: &Expr, parts: &'a [Expr], decides: bool) -> Result<Option<Scalar<'a>>, (Span, EvalError)> {
    let (mut decided, mut open, mut null) = (false, false, false);
    for part in parts {
        match fold(part)? {
            None => open = true,
            Some(value) => match truth(&value).map_err(|error| (expr.span, error))? {
                None => null = true,
                Some(holds) => decided |= holds == decides,
            },
        }
    }
    Ok(match (decided, open, null) {
        (true, _, _) => Some(Scalar::Bool(decides)),
        (false, true, _) => None,
        (false, false, true) => Some(Scalar::Null),
        (false, false, false) => Some(Scalar::Bool(!decides)),
    })
}

fn truth(value: &Scalar<'_>) -> Result<Option<bool>, EvalError> {
    match value {
        Scalar::Null => Ok(None),
        Scalar::Bool(value) => Ok(Some(*value)),
        other => {
            let message = format!("a condition must be boolean, found [{}]", other.type_name());
            Err(EvalError::new(EvalErrorKind::WrongArgument, message))
        }
    }
}

fn boolean<'a>(value: Option<bool>) -> Scalar<'a> {
    value.map_or(Scalar::Null, Scalar::Bool)
}

fn is_null_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Null))
}

/// `in`: true where one element is equal; else null where an element is null (it may have been equal), else false.
fn among(value: &Scalar<'_>, list: &[Scalar<'_>], insensitive: bool) -> Option<bool> {
    let lower = |value: &Scalar<'_>| match value {
        Scalar::Text(text) if insensitive => Scalar::Text(Cow::Owned(lowercase(text))),
        other => other.clone().into_owned(),
    };
    let value = lower(value);
    let mut unknown = value.is_null();
    for element in list {
        match compare(CompareOp::Eq, &value, &lower(element)) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown |= element.is_null(),
        }
    }
    if unknown { None } else { Some(false) }
}

/// `: like regex` on a constant: a computed leaf, so letters fold by the whole of Unicode and regular expressions are Java's.
fn matches<'a>(op: MatchOp, value: &Scalar<'_>, patterns: &[Scalar<'_>]) -> Result<Scalar<'a>, EvalError> {
    let text = match value {
        Scalar::Null => return Ok(Scalar::Null),
        Scalar::Text(text) => text,
        other => return Err(not_text(other)),
    };
    let patterns: Result<Vec<&str>, _> = patterns
        .iter()
        .map(|pattern| match pattern {
            Scalar::Text(text) => Ok(text.as_ref()),
            other => Err(not_text(other)),
        })
        .collect();
    let patterns = patterns?;
    let insensitive = matches!(op, MatchOp::Seq | MatchOp::LikeInsensitive | MatchOp::RegexInsensitive);
    let case = if insensitive { Case::UnicodeInsensitive } else { Case::Sensitive };
    let matched = match op {
        MatchOp::Regex | MatchOp::RegexInsensitive => {
            Regex::java_any(&patterns, insensitive).map(|regex| regex.matches(text))
        }
        MatchOp::Seq | MatchOp::Like | MatchOp::LikeInsensitive => {
            Ok(TextSet::new(&patterns, case, true).matches(text))
        }
    };
    matched.map(Scalar::Bool).map_err(|error| EvalError::new(EvalErrorKind::BadPattern, error.message))
}

fn not_text(value: &Scalar<'_>) -> EvalError {
    EvalError::new(EvalErrorKind::WrongArgument, format!("a pattern needs text, found [{}]", value.type_name()))
}
