//! The plain twin of the plan: a condition's syntax tree walked over a `serde_json` document, as slow and obvious as can be.
//!
//! Between leaves there are two values: a leaf is matched or not, `not` is the complement. Within a leaf that computes, null is unknown.
//! A leaf holds where any combination of the values of its fields makes it true. Written from the reference, for the open schema; only the
//! functions themselves and regular expressions are the crate's own, which the tables of `spec/functions` hold to their word.

use eqlite_core::{
    Span,
    eql::ast::{CompareOp, Expr, ExprKind, Literal, MatchOp},
    functions::{Function, Scalar, arithmetic, compare, negate},
    pattern::{Case, Regex, naive_wildcard},
};
use serde_json::Value as Json;
use std::net::IpAddr;

/// Whether the document matches the condition.
pub(crate) fn holds(expr: &Expr, document: &Json) -> bool {
    // Only among constants does null stay null: `not null` does not hold.
    if let Some(constant) = constant(expr) {
        return constant == Literal::Bool(true);
    }
    match &expr.kind {
        ExprKind::And(parts) => parts.iter().all(|part| holds(part, document)),
        ExprKind::Or(parts) => parts.iter().any(|part| holds(part, document)),
        ExprKind::Not(inner) => !holds(inner, document),
        ExprKind::Field(field) => values(document, &field.path).contains(&Json::Bool(true)),
        ExprKind::In { value, list, negated, case_insensitive } => {
            let found = match plain(value) {
                Some(path) => values(document, path).iter().any(|value| {
                    list.iter().any(|item| match (literal(item), value) {
                        (Literal::Text(item), Json::String(text))
                            if *case_insensitive && text.eq_ignore_ascii_case(&item) =>
                        {
                            true
                        }
                        (item, value) => field_compares(CompareOp::Eq, value, &item),
                    })
                }),
                None => leaf(document, &without_not(expr), |value| *value == Scalar::Bool(true)),
            };
            found != *negated
        }
        ExprKind::Compare { op, left, right } => comparison(expr, *op, left, right, document),
        ExprKind::Match { op, value, patterns } => match plain(value) {
            Some(path) => values(document, path).iter().any(|value| {
                let Json::String(text) = value else { return false };
                matches(*op, text, &texts(patterns), Case::AsciiInsensitive)
            }),
            None => leaf(document, expr, |value| *value == Scalar::Bool(true)),
        },
        ExprKind::Call { name, case_insensitive, args } => call(expr, &name.text, *case_insensitive, args, document),
        _ => leaf(document, expr, |value| *value == Scalar::Bool(true)),
    }
}

fn comparison(expr: &Expr, op: CompareOp, left: &Expr, right: &Expr, document: &Json) -> bool {
    let (side, constant, op) = match (&constant(left), &constant(right)) {
        (_, Some(constant)) => (left, constant.clone(), op),
        (Some(constant), _) => (right, constant.clone(), mirrored(op)),
        _ => return leaf(document, expr, |value| *value == Scalar::Bool(true)),
    };
    if constant == Literal::Null {
        let null = match plain(side) {
            Some(path) => values(document, path).is_empty(),
            None => leaf(document, side, |value| *value == Scalar::Null),
        };
        return match op {
            CompareOp::Eq => null,
            CompareOp::Ne => !null,
            _ => false,
        };
    }
    match plain(side) {
        // `fn(x) == false` is `not fn(x)`.
        None if matches!(constant, Literal::Bool(_)) && matches!(op, CompareOp::Eq | CompareOp::Ne) => {
            holds(side, document) == ((constant == Literal::Bool(true)) == (op == CompareOp::Eq))
        }
        // The complement: no element equals it.
        Some(path) if op == CompareOp::Ne => {
            !values(document, path).iter().any(|value| field_compares(CompareOp::Eq, value, &constant))
        }
        Some(path) => values(document, path).iter().any(|value| field_compares(op, value, &constant)),
        None => leaf(document, expr, |value| *value == Scalar::Bool(true)),
    }
}

/// Functions of a plain field and constants that are searches of their own.
fn call(expr: &Expr, name: &str, insensitive: bool, args: &[Expr], document: &Json) -> bool {
    let case = if insensitive { Case::AsciiInsensitive } else { Case::Sensitive };
    let any_text = |test: &dyn Fn(&str) -> bool| {
        let path = plain(&args[0]).unwrap();
        values(document, path).iter().any(|value| matches!(value, Json::String(text) if test(text)))
    };
    let constant = match args.get(1).and_then(constant) {
        Some(Literal::Text(text)) if plain(&args[0]).is_some() => text,
        _ => return leaf(document, expr, |value| *value == Scalar::Bool(true)),
    };
    match &*name.to_lowercase() {
        "cidrmatch" => any_text(&|text| texts(&args[1..]).iter().any(|block| in_block(text, block))),
        // The constant is pasted between asterisks, so that its own wildcards work.
        "endswith" if !constant.is_empty() => any_text(&|text| naive_wildcard(&format!("*{constant}"), text, case)),
        "stringcontains" if !constant.is_empty() => {
            any_text(&|text| naive_wildcard(&format!("*{constant}*"), text, case))
        }
        "startswith" if !constant.is_empty() && !constant.contains(['*', '?']) => any_text(&|text| {
            let head = text.get(..constant.len());
            head.is_some_and(|head| if insensitive { head.eq_ignore_ascii_case(&constant) } else { head == constant })
        }),
        _ => leaf(document, expr, |value| *value == Scalar::Bool(true)),
    }
}

/// One value of a plain field against a constant, both with their own types.
fn field_compares(op: CompareOp, value: &Json, constant: &Literal) -> bool {
    let ordering = match (value, constant) {
        (Json::Bool(value), Literal::Bool(constant)) => value.cmp(constant),
        (Json::String(text), Literal::Text(constant)) if op == CompareOp::Eq => {
            return text == constant || (constant.contains('/') && in_block(text, constant));
        }
        (Json::String(text), Literal::Text(constant)) => text.as_bytes().cmp(constant.as_bytes()),
        (Json::Number(number), Literal::Int(_) | Literal::Float(_)) => {
            let constant = match constant {
                Literal::Int(value) => *value as f64,
                Literal::Float(value) => *value,
                _ => f64::NAN,
            };
            number.as_f64().unwrap().partial_cmp(&constant).unwrap()
        }
        _ => return false,
    };
    match op {
        CompareOp::Eq => ordering.is_eq(),
        CompareOp::Ne => ordering.is_ne(),
        CompareOp::Lt => ordering.is_lt(),
        CompareOp::Le => ordering.is_le(),
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::Ge => ordering.is_ge(),
    }
}

fn in_block(text: &str, block: &str) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    };
    let Ok(address) = text.parse::<IpAddr>() else { return false };
    let (network, length) = block.split_once('/').unwrap_or((block, "128"));
    let Ok(network) = network.parse::<IpAddr>() else { return false };
    let length: u32 = length.parse().unwrap();
    let length = if network.is_ipv4() && block.contains('/') { length + 96 } else { length };
    (0..length).all(|bit| (bits(address) ^ bits(network)) >> (127 - bit) & 1 == 0)
}

/// Whether any combination of the values of the fields in `expr` gives what is `wanted`. Where a combination cannot be computed, no.
fn leaf(document: &Json, expr: &Expr, wanted: fn(&Scalar<'_>) -> bool) -> bool {
    let mut choices = Vec::new();
    occurrences(expr, document, &mut choices);
    if boolean_in_argument(expr, false) {
        choices.iter_mut().for_each(|(_, values)| values.truncate(1));
    }
    let mut combinations: Vec<Vec<(Span, Json)>> = vec![Vec::new()];
    for (place, values) in choices {
        let values = if values.is_empty() { vec![Json::Null] } else { values };
        combinations = combinations
            .iter()
            .flat_map(|begun| values.iter().map(|value| [&begun[..], &[(place, value.clone())]].concat()))
            .collect();
    }
    for combination in combinations {
        match compute(expr, &combination) {
            Some(value) if wanted(&value) => return true,
            Some(_) => {}
            None => return false,
        }
    }
    false
}

/// The values of each field at each place where it is named, from left to right.
fn occurrences(expr: &Expr, document: &Json, out: &mut Vec<(Span, Vec<Json>)>) {
    match &expr.kind {
        ExprKind::Field(field) => out.push((expr.span, values(document, &field.path))),
        _ => children(expr).into_iter().for_each(|child| occurrences(child, document, out)),
    }
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Field(_) => Vec::new(),
        ExprKind::Not(inner) | ExprKind::Negate(inner) => vec![inner],
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Call { args: parts, .. } => parts.iter().collect(),
        ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => vec![left, right],
        ExprKind::In { value, list, .. } => [value.as_ref()].into_iter().chain(list).collect(),
        ExprKind::Match { value, .. } => vec![value],
    }
}

fn boolean_in_argument(expr: &Expr, argument: bool) -> bool {
    let boolean = matches!(expr.kind, ExprKind::Not(_) | ExprKind::And(_) | ExprKind::Or(_));
    let argument = argument || matches!(expr.kind, ExprKind::Call { .. });
    (boolean && argument) || children(expr).into_iter().any(|child| boolean_in_argument(child, argument))
}

/// The value of an expression, given one value for each place where a field is named. `None` where it cannot be computed.
fn compute(expr: &Expr, fields: &[(Span, Json)]) -> Option<Scalar<'static>> {
    Some(match &expr.kind {
        ExprKind::Literal(literal) => scalar(literal),
        ExprKind::Field(_) => match &fields.iter().find(|(place, _)| *place == expr.span).unwrap().1 {
            Json::Bool(value) => Scalar::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Scalar::Int(value),
                (None, Some(value)) => Scalar::Unsigned(value),
                (None, None) => Scalar::Float(number.as_f64().unwrap()),
            },
            Json::String(text) => Scalar::Text(text.clone().into()),
            _ => Scalar::Null,
        },
        ExprKind::Not(inner) => match compute(inner, fields)? {
            Scalar::Bool(value) => Scalar::Bool(!value),
            _ => Scalar::Null,
        },
        ExprKind::And(parts) | ExprKind::Or(parts) => {
            let or = matches!(expr.kind, ExprKind::Or(_));
            let mut result = Scalar::Bool(!or);
            for part in parts {
                match compute(part, fields)? {
                    // Decided: what comes after it is not computed, and cannot fail.
                    Scalar::Bool(value) if value == or => return Some(Scalar::Bool(or)),
                    Scalar::Bool(_) => {}
                    _ => result = Scalar::Null,
                }
            }
            result
        }
        ExprKind::Compare { op, left, right } => {
            let asks_for_null = [left, right].iter().any(|side| constant(side) == Some(Literal::Null));
            let (left, right) = (compute(left, fields)?, compute(right, fields)?);
            match op {
                CompareOp::Eq if asks_for_null => Scalar::Bool(left.is_null() && right.is_null()),
                CompareOp::Ne if asks_for_null => Scalar::Bool(!left.is_null() || !right.is_null()),
                _ => compare(*op, &left, &right).map_or(Scalar::Null, Scalar::Bool),
            }
        }
        ExprKind::In { value, list, negated, case_insensitive } => {
            let value = compute(value, fields)?;
            let list: Vec<_> = list.iter().map(|item| compute(item, fields)).collect::<Option<_>>()?;
            let same = |item: &Scalar<'_>| match (&value, item) {
                (Scalar::Text(a), Scalar::Text(b)) if *case_insensitive => a.to_lowercase() == b.to_lowercase(),
                _ => compare(CompareOp::Eq, &value, item) == Some(true),
            };
            if value.is_null() { Scalar::Null } else { Scalar::Bool(list.iter().any(same) != *negated) }
        }
        ExprKind::Match { op, value, patterns } => match compute(value, fields)? {
            Scalar::Text(text) => Scalar::Bool(matches(*op, &text, &texts(patterns), Case::UnicodeInsensitive)),
            _ => Scalar::Null,
        },
        ExprKind::Arithmetic { op, left, right } => {
            let (left, right) = (compute(left, fields)?, compute(right, fields)?);
            arithmetic(*op, &left, &right).ok()?
        }
        ExprKind::Negate(inner) => negate(&compute(inner, fields)?).ok()?,
        ExprKind::Call { name, case_insensitive, args } => {
            let args: Vec<_> = args.iter().map(|arg| compute(arg, fields)).collect::<Option<_>>()?;
            Function::lookup(&name.text).unwrap().call(*case_insensitive, &args).ok()?.into_owned()
        }
    })
}

fn matches(op: MatchOp, text: &str, patterns: &[String], insensitive: Case) -> bool {
    let computed = insensitive == Case::UnicodeInsensitive;
    patterns.iter().any(|pattern| match op {
        MatchOp::Seq | MatchOp::LikeInsensitive => naive_wildcard(pattern, text, insensitive),
        MatchOp::Like => naive_wildcard(pattern, text, Case::Sensitive),
        // Lucene's language for a field, Java's for what is computed.
        MatchOp::Regex | MatchOp::RegexInsensitive if computed => {
            Regex::java(pattern, op == MatchOp::RegexInsensitive).unwrap().matches(text)
        }
        MatchOp::Regex | MatchOp::RegexInsensitive => {
            Regex::lucene(pattern, op == MatchOp::RegexInsensitive).unwrap().matches(text)
        }
    })
}

/// The values of a field, wherever keys are nested or dotted; arrays are flattened, nulls are nothing.
pub(crate) fn values(document: &Json, path: &str) -> Vec<Json> {
    fn collect(json: &Json, rest: Option<&str>, out: &mut Vec<Json>) {
        match (json, rest) {
            (Json::Array(items), _) => items.iter().for_each(|item| collect(item, rest, out)),
            (Json::Object(map), Some(path)) => {
                for (key, value) in map {
                    if key == path {
                        collect(value, None, out);
                    } else if let Some(below) = path.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.'))
                    {
                        collect(value, Some(below), out);
                    }
                }
            }
            (Json::Null | Json::Object(_), _) | (_, Some(_)) => {}
            (value, None) => out.push(value.clone()),
        }
    }
    let mut out = Vec::new();
    collect(document, Some(path), &mut out);
    out
}

fn plain(expr: &Expr) -> Option<&str> {
    if let ExprKind::Field(field) = &expr.kind { Some(&field.path) } else { None }
}

fn literal(expr: &Expr) -> Literal {
    constant(expr).unwrap_or_else(|| panic!("{expr:?} is no constant"))
}

/// The value of what has no field in it.
fn constant(expr: &Expr) -> Option<Literal> {
    fn has_field(expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Field(_)) || children(expr).into_iter().any(has_field)
    }
    if has_field(expr) {
        return None;
    }
    Some(match compute(expr, &[]).expect("the checker lets only constants through that can be computed") {
        Scalar::Null => Literal::Null,
        Scalar::Bool(value) => Literal::Bool(value),
        Scalar::Int(value) => Literal::Int(value),
        Scalar::Unsigned(value) => Literal::Unsigned(value),
        Scalar::Float(value) => Literal::Float(value),
        Scalar::Text(text) => Literal::Text(text.into_owned()),
    })
}

fn texts(exprs: &[Expr]) -> Vec<String> {
    exprs.iter().map(|expr| if let Literal::Text(text) = literal(expr) { text } else { panic!("{expr:?}") }).collect()
}

fn scalar(literal: &Literal) -> Scalar<'static> {
    match literal {
        Literal::Null => Scalar::Null,
        Literal::Bool(value) => Scalar::Bool(*value),
        Literal::Int(value) => Scalar::Int(*value),
        Literal::Unsigned(value) => Scalar::Unsigned(*value),
        Literal::Float(value) => Scalar::Float(*value),
        Literal::Text(text) => Scalar::Text(text.clone().into()),
    }
}

fn without_not(expr: &Expr) -> Expr {
    let mut expr = expr.clone();
    if let ExprKind::In { negated, .. } = &mut expr.kind {
        *negated = false;
    }
    expr
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}
