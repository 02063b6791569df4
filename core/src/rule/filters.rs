//! The `filters` of a rule, Elasticsearch's query language in Kibana's wrapping, said in EQL:
//!
//! ```text
//! {"meta": {"negate": true}, "query": {"wildcard": {"file.path": "/tmp/*"}}}
//!   -> not file.path like "/tmp/*"
//! ```
//! Elasticsearch takes the filters before it correlates: an event that does not pass them is as if it had not come, for `until` and missing
//! events too. What EQL cannot say is refused, since a rule without its filter raises more alerts than its author wanted.

use super::{
    codes::FILTER_UNSAID,
    translate::{
        Unsaid, all, always, any, compare, equal, exists, matches, not, number, readings, starts_with, wildcard,
    },
};
use crate::{
    diagnostic::Diagnostic,
    eql::ast::{CompareOp, Expr, MatchOp},
    net::Ip,
    schema::{Lookup, Schema},
    span::Span,
    time::Timestamp,
};
use alloc::{format, string::ToString, vec::Vec};
use serde_json::{Map, Value};

/// Deepest nesting of queries.
const MAX_DEPTH: usize = 32;

/// The filters of a rule, said in EQL.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Filters {
    /// Each a condition that an event must meet; those that are disabled left out.
    pub expressions: Vec<Expr>,
    /// An error for each that EQL cannot say.
    pub refused: Vec<Diagnostic>,
}

/// Says the filters in EQL. The schema is asked what the bounds of a range mean.
pub fn translate_filters(filters: &[Value], schema: &Schema) -> Filters {
    let mut translated = Filters::default();
    for (number, filter) in (1_usize..).zip(filters) {
        match wrapped(filter, schema, MAX_DEPTH) {
            Ok(None) => {}
            Ok(Some(expression)) => translated.expressions.push(expression),
            Err(unsaid) => {
                let message = format!("filter {number} of the rule cannot be applied: {unsaid}");
                let refused = Diagnostic::error(FILTER_UNSAID, Span::default(), message);
                let help = "say it in the query, or let the rule run without such filters";
                translated.refused.push(refused.with_help(help));
            }
        }
    }
    translated
}

/// A filter as Kibana keeps it: `{"meta": {..}, "query": {..}}`, older ones with the query at the top; `None` for a disabled one.
fn wrapped(filter: &Value, schema: &Schema, depth: usize) -> Result<Option<Expr>, Unsaid> {
    let depth = deeper(depth)?;
    let Some(keys) = filter.as_object() else { return Err("it is no object".to_string()) };
    let meta = keys.get("meta").and_then(Value::as_object);
    let flag = |name| meta.and_then(|meta| meta.get(name)).and_then(Value::as_bool) == Some(true);
    if flag("disabled") {
        return Ok(None);
    }
    let combined = meta.filter(|meta| meta.get("type").and_then(Value::as_str) == Some("combined"));
    let expression = match (keys.get("query"), combined) {
        (_, Some(meta)) => {
            let parts = meta.get("params").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let parts = parts.iter().filter_map(|part| wrapped(part, schema, depth).transpose());
            let parts = parts.collect::<Result<Vec<Expr>, Unsaid>>()?;
            if meta.get("relation").and_then(Value::as_str) == Some("OR") { any(parts) } else { all(parts) }
        }
        (Some(query), None) => translate(query, schema, depth)?,
        (None, None) => {
            let mut query = keys.clone();
            query.retain(|key, _| key != "meta" && !key.starts_with('$'));
            translate(&Value::Object(query), schema, depth)?
        }
    };
    Ok(Some(if flag("negate") { not(expression) } else { expression }))
}

fn deeper(depth: usize) -> Result<usize, Unsaid> {
    depth.checked_sub(1).ok_or_else(|| format!("it nests deeper than {MAX_DEPTH} queries"))
}

/// One query: an object with one key, its type.
fn translate(query: &Value, schema: &Schema, depth: usize) -> Result<Expr, Unsaid> {
    let depth = deeper(depth)?;
    let mut keys = query.as_object().into_iter().flatten();
    let (Some((kind, body)), None) = (keys.next(), keys.next()) else {
        return Err(format!("a query has one key, its type, not {}", short(query)));
    };
    match kind.as_str() {
        "match_all" => Ok(always(true)),
        "match_none" => Ok(always(false)),
        "bool" => boolean(body, schema, depth),
        "constant_score" => translate(body.get("filter").unwrap_or(&Value::Null), schema, depth),
        "exists" => match body.get("field").and_then(Value::as_str) {
            Some(path) => Ok(exists(path)),
            None => Err("exists names no field".to_string()),
        },
        "term" | "match" | "match_phrase" => leaf(body, &["value", "query"], &["operator"], equal),
        "terms" => terms(body),
        "wildcard" => {
            leaf(body, &["value", "wildcard"], &["rewrite"], |path, value, case| Ok(wildcard(path, text(value)?, case)))
        }
        "prefix" => leaf(body, &["value"], &["rewrite"], |path, value, case| Ok(starts_with(path, text(value)?, case))),
        "regexp" => leaf(body, &["value"], &["rewrite", "max_determinized_states"], |path, value, case| {
            let op = if case { MatchOp::RegexInsensitive } else { MatchOp::Regex };
            Ok(matches(path, op, text(value)?))
        }),
        "range" => range(body, schema),
        other => Err(format!("EQL has nothing like the query '{other}'")),
    }
}

/// A query about one field: `{"field": value}` or `{"field": {"value": .., options}}`.
fn leaf(
    body: &Value,
    value_names: &[&str],
    harmless: &[&str],
    make: impl FnOnce(&str, &Value, bool) -> Result<Expr, Unsaid>,
) -> Result<Expr, Unsaid> {
    let (path, value) = one_field(body)?;
    let Some(options) = value.as_object() else { return make(path, value, false) };
    let mut any_case = false;
    let mut wanted = None;
    for (name, option) in options {
        match (name.as_str(), option) {
            ("case_insensitive", Value::Bool(flag)) => any_case = *flag,
            (name, option) if value_names.contains(&name) => wanted = Some(option),
            ("boost" | "_name", _) => {}
            ("type", kind) if kind == "phrase" => {}
            (name, _) if harmless.contains(&name) => {}
            (name, _) => return Err(format!("EQL has nothing like the option '{name}'")),
        }
    }
    match wanted {
        Some(value) => make(path, value, any_case),
        None => Err(format!("{} holds no value", short(value))),
    }
}

/// The field that a query is about, with what it says of it.
fn one_field(body: &Value) -> Result<(&str, &Value), Unsaid> {
    let keys = body.as_object();
    let mut fields = keys.into_iter().flatten().filter(|(name, _)| !matches!(name.as_str(), "boost" | "_name"));
    match (fields.next(), fields.next()) {
        (Some((path, value)), None) => Ok((path, value)),
        _ => Err(format!("{} is not about one field", short(body))),
    }
}

fn terms(body: &Value) -> Result<Expr, Unsaid> {
    let (path, values) = one_field(body)?;
    match values {
        Value::Array(values) => {
            Ok(any(values.iter().map(|value| equal(path, value, false)).collect::<Result<Vec<Expr>, Unsaid>>()?))
        }
        _ => Err("the terms are to be looked up in an index".to_string()),
    }
}

fn range(body: &Value, schema: &Schema) -> Result<Expr, Unsaid> {
    let (path, bounds) = one_field(body)?;
    let Some(bounds) = bounds.as_object() else { return Err(format!("{} has no bounds", short(body))) };
    let mut parts = Vec::new();
    for (name, bound) in bounds {
        let op = match name.as_str() {
            "gt" => CompareOp::Gt,
            "gte" => CompareOp::Ge,
            "lt" => CompareOp::Lt,
            "lte" => CompareOp::Le,
            "format" if bound == "strict_date_optional_time" => continue,
            "boost" | "_name" => continue,
            other => return Err(format!("EQL has nothing like the option '{other}' of a range")),
        };
        if bound.is_null() {
            continue;
        }
        let mut readings = readings(bound)?;
        let literal = match bound {
            Value::String(text) if matches!(schema.field(path), Lookup::Open) => {
                let number = number(text);
                if number.is_none() && (Timestamp::parse(text).is_some() || text.contains("now")) {
                    return Err(format!("without a schema nothing says that {path} holds dates"));
                }
                if number.is_none() && Ip::parse(text).is_some() {
                    return Err(format!("without a schema nothing says that {path} holds addresses"));
                }
                number.or_else(|| readings.drain(..).next())
            }
            _ => readings.drain(..).next(),
        };
        parts.extend(literal.map(|literal| compare(path, op, literal)));
    }
    // A range without bounds asks that there be a value.
    Ok(if parts.is_empty() { exists(path) } else { all(parts) })
}

/// `bool`: what must hold, what may not, and how many of the rest.
fn boolean(body: &Value, schema: &Schema, depth: usize) -> Result<Expr, Unsaid> {
    let empty = Map::new();
    let keys = body.as_object().unwrap_or(&empty);
    let list = |name: &str| -> Result<Vec<Expr>, Unsaid> {
        match keys.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(queries)) => queries.iter().map(|query| translate(query, schema, depth)).collect(),
            Some(query) => Ok([translate(query, schema, depth)?].into()),
        }
    };
    let known =
        ["must", "filter", "should", "must_not", "minimum_should_match", "boost", "_name", "adjust_pure_negative"];
    if let Some(other) = keys.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("EQL has nothing like the option '{other}' of a bool query"));
    }
    let mut parts = list("must")?;
    parts.extend(list("filter")?);
    let should = list("should")?;
    // Elasticsearch: where nothing else must hold, one of the optional ones must.
    let least = match keys.get("minimum_should_match") {
        None | Some(Value::Null) => u64::from(parts.is_empty()),
        Some(Value::Number(number)) => number.as_u64().unwrap_or(u64::MAX),
        Some(Value::String(text)) => text.parse().unwrap_or(u64::MAX),
        Some(_) => u64::MAX,
    };
    parts.extend(list("must_not")?.into_iter().map(not));
    match least {
        _ if should.is_empty() => {}
        0 => {}
        1 => parts.push(any(should)),
        count if count == should.len() as u64 => parts.extend(should),
        _ => return Err("minimum_should_match is neither 0, nor 1, nor all".to_string()),
    }
    Ok(all(parts))
}

fn text(value: &Value) -> Result<&str, Unsaid> {
    value.as_str().ok_or_else(|| format!("{} is no text", short(value)))
}

/// A value in a message, not too long.
fn short(value: &Value) -> alloc::string::String {
    let shown = value.to_string();
    match shown.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", shown.get(..end).unwrap_or("")),
        None => shown,
    }
}
