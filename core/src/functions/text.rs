//! The functions on text. Positions and lengths count UTF-16 code units, as Java's do: `length("😀")` is 2.
//!
//! For ASCII (nearly everything that is logged) a code unit is a byte and the text is cut in place; other text goes through code units.
//! A cut between the two halves of a surrogate pair leaves half a character in Java; here that half becomes U+FFFD.

use super::{EvalError, EvalErrorKind, Kind, Param, Row, Scalar, Signature};
use crate::lowercase::lowercase;
use alloc::{borrow::Cow, format, string::String, vec::Vec};

pub(super) const ROWS: &[Row] = &[
    Row {
        signature: Signature {
            name: "between",
            case_variant: true,
            params: &[
                Param::new("source", Kind::Text),
                Param::new("left", Kind::Text),
                Param::new("right", Kind::Text),
                Param::new("greedy", Kind::Bool).optional(),
            ],
            returns: Kind::Text,
            doc: "What stands between left and right; with greedy, up to the last right",
        },
        code: between,
    },
    Row {
        signature: Signature {
            name: "concat",
            case_variant: false,
            params: &[Param::new("value", Kind::Any).variadic()],
            returns: Kind::Text,
            doc: "All values as text, one after the other",
        },
        code: concat,
    },
    Row {
        signature: Signature {
            name: "endsWith",
            case_variant: true,
            params: &[Param::new("source", Kind::Text), Param::new("end", Kind::Text)],
            returns: Kind::Bool,
            doc: "Does the text end so?",
        },
        code: |insensitive, args| predicate(insensitive, args, |source, end| source.ends_with(end)),
    },
    Row {
        signature: Signature {
            name: "indexOf",
            case_variant: true,
            params: &[
                Param::new("source", Kind::Text),
                Param::new("substring", Kind::Text),
                Param::new("start", Kind::Number).optional(),
            ],
            returns: Kind::Int,
            doc: "Where the substring stands first, at or after start; null where nowhere",
        },
        code: index_of,
    },
    Row {
        signature: Signature {
            name: "length",
            case_variant: false,
            params: &[Param::new("source", Kind::Text)],
            returns: Kind::Int,
            doc: "How long the text is",
        },
        code: |_, args| match args {
            [Scalar::Text(text)] => Ok(Scalar::Int(count(utf16_length(text)))),
            _ => Ok(Scalar::Null),
        },
    },
    Row {
        signature: Signature {
            name: "startsWith",
            case_variant: true,
            params: &[Param::new("source", Kind::Text), Param::new("start", Kind::Text)],
            returns: Kind::Bool,
            doc: "Does the text start so?",
        },
        code: |insensitive, args| predicate(insensitive, args, |source, start| source.starts_with(start)),
    },
    Row {
        signature: Signature {
            name: "stringContains",
            case_variant: true,
            params: &[Param::new("source", Kind::Text), Param::new("substring", Kind::Text)],
            returns: Kind::Bool,
            doc: "Is the substring anywhere in the text? Never where one of them is empty",
        },
        // Elasticsearch: `startsWith(s, "")` is true, `stringContains(s, "")` is not.
        code: |insensitive, args| {
            predicate(insensitive, args, |source, part| !part.is_empty() && source.contains(part))
        },
    },
    Row {
        signature: Signature {
            name: "substring",
            case_variant: false,
            params: &[
                Param::new("source", Kind::Text),
                Param::new("start", Kind::Number),
                Param::new("end", Kind::Number).optional(),
            ],
            returns: Kind::Text,
            doc: "From start up to end; negative positions count from the end of the text",
        },
        code: substring,
    },
];

/// `startsWith`, `endsWith`, `stringContains`: null where either is; `~` lower-cases both, by the whole of Unicode.
fn predicate<'a>(
    insensitive: bool,
    args: &[Scalar<'a>],
    holds: fn(&str, &str) -> bool,
) -> Result<Scalar<'a>, EvalError> {
    let [Scalar::Text(source), Scalar::Text(part)] = args else { return Ok(Scalar::Null) };
    Ok(Scalar::Bool(if insensitive { holds(&lowercase(source), &lowercase(part)) } else { holds(source, part) }))
}

fn concat<'a>(_: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    let mut all = String::new();
    for arg in args {
        match arg.to_text() {
            Some(text) => all.push_str(&text),
            None => return Ok(Scalar::Null),
        }
    }
    Ok(Scalar::Text(Cow::Owned(all)))
}

/// Elasticsearch: an empty argument leaves the source as it is; what is not found gives empty text; `~` lower-cases for the search only.
fn between<'a>(insensitive: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    let [Scalar::Text(source), left, right, rest @ ..] = args else { return Ok(Scalar::Null) };
    let (Scalar::Text(left), Scalar::Text(right)) = (left, right) else {
        return Err(null_argument("between() needs a left and a right text, not null"));
    };
    let greedy = match rest.first() {
        None => false,
        Some(Scalar::Bool(greedy)) => *greedy,
        Some(_) => return Err(null_argument("between() needs true or false for greedy, not null")),
    };
    if source.is_empty() || left.is_empty() || right.is_empty() {
        return Ok(Scalar::Text(source.clone()));
    }
    let search = |text: &Cow<'a, str>| if insensitive { Cow::Owned(lowercase(text)) } else { text.clone() };
    let (searched, left, right) = (search(source), search(left), search(right));
    let Some(start) = find(&searched, &left, 0).map(|at| at.saturating_add(utf16_length(&left))) else {
        return Ok(Scalar::text(""));
    };
    let end = if greedy { find_last(&searched, &right) } else { find(&searched, &right, start) };
    let Some(end) = end else { return Ok(Scalar::text("")) };
    // The last `right` may lie before the end of `left`; lower-casing may have changed the length. Java throws in both cases.
    match cut(source, start, end) {
        Some(text) => Ok(Scalar::Text(text)),
        None => {
            let message = format!("between(): {start}..{end} is outside of the text '{source}'");
            Err(EvalError::new(EvalErrorKind::OutOfBounds, message))
        }
    }
}

fn index_of<'a>(insensitive: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    let [Scalar::Text(source), Scalar::Text(part), rest @ ..] = args else { return Ok(Scalar::Null) };
    let start = rest.first().and_then(position).unwrap_or(0);
    let start = usize::try_from(start).unwrap_or(0);
    let (source, part) = match insensitive {
        true => (Cow::Owned(lowercase(source)), Cow::Owned(lowercase(part))),
        false => (source.clone(), part.clone()),
    };
    let found = find(&source, &part, start.min(utf16_length(&source)));
    Ok(found.map_or(Scalar::Null, |at| Scalar::Int(count(at))))
}

/// A slice as Python's: clamped, negative positions from the end. Without a start the source stays whole, whatever the end.
fn substring<'a>(_: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    let [Scalar::Text(source), start, rest @ ..] = args else { return Ok(Scalar::Null) };
    let Some(start) = position(start) else { return Ok(Scalar::Text(source.clone())) };
    let length = count(utf16_length(source));
    let clamp = |at: i64| {
        let from_start = if at < 0 { at.saturating_add(length) } else { at };
        usize::try_from(from_start.clamp(0, length)).unwrap_or(0)
    };
    let end = rest.first().and_then(position).unwrap_or(length);
    let (start, end) = (clamp(start), clamp(end));
    Ok(Scalar::Text(if start < end { cut(source, start, end).unwrap_or_default() } else { Cow::Borrowed("") }))
}

/// A position given as a number; a fraction is cut off, as Java's `intValue` does.
fn position(value: &Scalar<'_>) -> Option<i64> {
    match *value {
        Scalar::Int(at) => Some(at),
        Scalar::Unsigned(_) => Some(i64::MAX),
        Scalar::Float(at) => Some(at as i64),
        _ => None,
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn utf16_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The code units `start..end`; `None` where they don't lie within the text.
fn cut<'a>(text: &Cow<'a, str>, start: usize, end: usize) -> Option<Cow<'a, str>> {
    if !text.is_ascii() {
        let units: Vec<u16> = text.encode_utf16().collect();
        return units.get(start..end).map(|units| Cow::Owned(String::from_utf16_lossy(units)));
    }
    match text {
        Cow::Borrowed(text) => text.get(start..end).map(Cow::Borrowed),
        Cow::Owned(text) => text.get(start..end).map(|part| Cow::Owned(part.into())),
    }
}

/// The first place of `needle` at or after `from`, in code units.
fn find(haystack: &str, needle: &str, from: usize) -> Option<usize> {
    let from = byte_offset(haystack, from);
    let at = haystack.get(from..)?.find(needle)?.saturating_add(from);
    haystack.get(..at).map(utf16_length)
}

/// The last place of `needle`, in code units.
fn find_last(haystack: &str, needle: &str) -> Option<usize> {
    let at = haystack.rfind(needle)?;
    haystack.get(..at).map(utf16_length)
}

/// The byte of the first character that starts at or after this code unit.
fn byte_offset(text: &str, unit: usize) -> usize {
    if text.is_ascii() {
        return unit.min(text.len());
    }
    let mut units = 0_usize;
    for (at, c) in text.char_indices() {
        if units >= unit {
            return at;
        }
        units = units.saturating_add(c.len_utf16());
    }
    text.len()
}

fn null_argument(message: &str) -> EvalError {
    EvalError::new(EvalErrorKind::NullArgument, message)
}
