//! A JSON document read once: values of wanted fields go to their slots, everything else is checked and skipped unbuilt.
//!
//! ```text
//! {"agent":{"id":"x","build":[1,{"n":2}]},"process":{"pid":7}}     wanted: process.pid
//!          ^ nobody looks here: stepped over     ^ a key that leads somewhere; 7 goes to its slot
//! ```
//! There is no tree. Arrays are flattened (any element counts, as in Elasticsearch), objects in arrays too.
//! The whole of JSON is checked, also in what is skipped, so that a malformed document is noticed wherever it breaks.

use super::{FieldId, FieldTable, Slots, Value, members::Members, reader::Found, step};
use crate::number::float;
use alloc::string::String;
use core::fmt;

/// Why a document could not be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Byte within the document.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not JSON: expected {} at byte {}", self.expected, self.offset)
    }
}

pub(super) type Result<T> = core::result::Result<T, JsonError>;

/// Reads the object `document` into `slots`, on its own: a [`Reader`](super::Reader) is faster for many. `depth` is how deep it may nest.
///
/// # Errors
/// Where it is not one.
pub fn project(document: &str, table: &FieldTable, slots: &mut Slots, depth: usize) -> Result<()> {
    let mut found = Found::default();
    found.read(document.as_bytes(), table, &mut Members::forgotten(), depth)?;
    slots.clear(table.len());
    found.wanted().iter().for_each(|wanted| wanted.fill(document, slots));
    Ok(())
}

/// Whether `document` is a JSON object.
///
/// # Errors
/// Where it is not.
pub fn check(document: &str) -> Result<()> {
    project(document, &FieldTable::default(), &mut Slots::default(), crate::Limits::default().json_depth)
}

/// The document without the blanks between its tokens, as it is kept in an alert. Give it only what [`project`] has accepted.
pub fn minify(document: &str) -> String {
    let bytes = document.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut copied = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = step::string(bytes, at.saturating_add(1)).map_or(bytes.len(), |(end, _)| end.saturating_add(1))
            }
            b' ' | b'\t' | b'\n' | b'\r' => {
                out.push_str(document.get(copied..at).unwrap_or(""));
                at = at.saturating_add(1);
                copied = at;
            }
            _ => at = at.saturating_add(1),
        }
    }
    out.push_str(document.get(copied..).unwrap_or(""));
    out
}

/// A number, `true`, `false` or `null`, and nothing else, goes to its field.
#[inline(always)]
pub(super) fn scalar(text: &str, field: FieldId, slots: &mut Slots) {
    let bytes = text.as_bytes();
    match step::peek(bytes, 0) {
        b't' => slots.push(field, Value::Bool(true)),
        b'f' => slots.push(field, Value::Bool(false)),
        b'n' => slots.push_null(field),
        _ => slots.push(field, number(text, bytes.iter().all(|byte| matches!(byte, b'-' | b'0'..=b'9')))),
    }
}

/// A JSON number as a value: whole where it is written so and fits.
fn number(text: &str, whole: bool) -> Value<'static> {
    if whole {
        if let Ok(value) = text.parse() {
            return Value::Int(value);
        }
        if let Ok(value) = text.parse() {
            return Value::Unsigned(value);
        }
    }
    Value::Float(float(text).unwrap_or(f64::NAN))
}

/// Decodes the escapes of a string's content; half a surrogate pair becomes U+FFFD.
pub(super) fn unescape(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escape.chars();
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let (decoded, after) = unicode(escape);
                out.push(decoded);
                rest = after;
                continue;
            }
            Some(other) => out.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// `escape` begins with `uXXXX`: the character it means (with the low surrogate that may follow), and what comes after.
fn unicode(escape: &str) -> (char, &str) {
    let unit = |text: &str| text.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let after = escape.get(5..).unwrap_or("");
    let Some(first) = unit(escape) else { return (char::REPLACEMENT_CHARACTER, after) };
    if let Some(low_escape) = after.strip_prefix('\\').filter(|low| low.starts_with('u'))
        && let Some(low) = unit(low_escape)
        && (0xd800..0xdc00).contains(&first)
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x10000_u32.wrapping_add((first & 0x3ff) << 10).wrapping_add(low & 0x3ff);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), low_escape.get(5..).unwrap_or(""));
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), after)
}
