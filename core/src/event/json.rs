//! A JSON document read once: values of wanted fields go to their slots, everything else is checked and skipped unbuilt.
//!
//! ```text
//! {"agent":{"id":"x","build":[1,{"n":2}]},"process":{"pid":7}}     wanted: process.pid
//!          ^ nobody looks here: stepped over     ^ a key that leads somewhere; 7 goes to its slot
//! ```
//! There is no tree and no allocation. Arrays are flattened (any element counts, as in Elasticsearch), objects in arrays too.
//! The whole of JSON is checked, also in what is skipped, so that a malformed document is noticed wherever it breaks.

use super::{
    FieldId, FieldTable, Slots, Value,
    step::{self, Scan, Strings},
    table::NodeId,
};
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

/// Whether there are vectors to find all strings of a document with before it is read. Without, each is found on the way.
const VECTORS: bool = cfg!(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"));

/// Reads the object `document` into `slots`. `depth` is how deep it may nest.
///
/// # Errors
/// Where it is not one.
pub fn project(document: &str, table: &FieldTable, slots: &mut Slots, depth: usize) -> Result<()> {
    if VECTORS && slots.quotes.find(document.as_bytes()).is_none() {
        return explain(document.as_bytes(), depth);
    }
    project_again(document, table, slots, depth)
}

/// Reads what [`project`] has just accepted, with another table.
pub(crate) fn project_again(document: &str, table: &FieldTable, slots: &mut Slots, depth: usize) -> Result<()> {
    slots.clear(table.len());
    if !VECTORS {
        return read(document, table, slots, Scan, depth);
    }
    let quotes = core::mem::take(&mut slots.quotes);
    let outcome = read(document, table, slots, quotes.strings(), depth);
    slots.quotes = quotes;
    outcome
}

/// What is wrong with a document that has a string with a fault.
#[cold]
fn explain(bytes: &[u8], depth: usize) -> Result<()> {
    let begin = step::blank(bytes, 0);
    if step::peek(bytes, begin) != b'{' {
        return step::fail(bytes, begin, "an object");
    }
    let end = step::value(bytes, &mut Scan, begin, depth)?;
    step::fail(bytes, step::blank(bytes, end), "the end of the document")
}

/// Reads the object; `strings` finds the ends of its strings.
pub(super) fn read<S: Strings>(
    document: &str,
    table: &FieldTable,
    slots: &mut Slots,
    strings: S,
    depth: usize,
) -> Result<()> {
    let bytes = document.as_bytes();
    let mut reader = Reader { bytes, document, table, slots, strings };
    let begin = step::blank(bytes, 0);
    if step::peek(bytes, begin) != b'{' {
        return step::fail(bytes, begin, "an object");
    }
    let end = reader.object(begin, NodeId::ROOT, depth)?;
    let end = step::blank(bytes, end);
    if end < bytes.len() { step::fail(bytes, end, "the end of the document") } else { Ok(()) }
}

/// Whether `document` is a JSON object.
///
/// # Errors
/// Where it is not.
pub fn check(document: &str) -> Result<()> {
    project(document, &FieldTable::default(), &mut Slots::default(), crate::Limits::default().json_depth)
}

/// The document that [`project`] has just read into `slots`, without the blanks between its tokens.
pub(crate) fn kept(document: &str, slots: &Slots) -> alloc::boxed::Box<str> {
    if VECTORS && slots.quotes.dense(document.as_bytes()) { document.into() } else { minify(document).into() }
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

struct Reader<'a, S> {
    bytes: &'a [u8],
    document: &'a str,
    table: &'a FieldTable,
    slots: &'a mut Slots,
    strings: S,
}

/// Every method is given the place of the first byte and gives the one after the last.
impl<S: Strings> Reader<'_, S> {
    /// Any value; its keys lead on from `node`.
    fn value(&mut self, at: usize, node: NodeId, depth: usize) -> Result<usize> {
        let bytes = self.bytes;
        let at = step::blank(bytes, at);
        match step::peek(bytes, at) {
            b'"' => self.text(at, node),
            b'{' => self.object(at, node, depth),
            b'[' => self.array(at, node, depth),
            b't' => self.bool(step::word(bytes, at, "true")?, node, true),
            b'f' => self.bool(step::word(bytes, at, "false")?, node, false),
            b'n' => {
                let end = step::word(bytes, at, "null")?;
                if let Some(field) = self.field(node) {
                    self.slots.push_null(field);
                }
                Ok(end)
            }
            b'-' | b'0'..=b'9' => {
                let (end, whole) = step::number(bytes, at)?;
                if let Some(field) = self.field(node) {
                    self.slots.push(field, number(self.document.get(at..end).unwrap_or(""), whole));
                }
                Ok(end)
            }
            _ => step::fail(bytes, at, "a value"),
        }
    }

    #[inline(always)]
    fn field(&self, node: NodeId) -> Option<FieldId> {
        self.table.field(node)
    }

    fn object(&mut self, at: usize, node: NodeId, depth: usize) -> Result<usize> {
        let bytes = self.bytes;
        let Some(depth) = depth.checked_sub(1) else { return step::fail(bytes, at, "less nesting") };
        let mut at = step::blank(bytes, at.wrapping_add(1));
        if step::peek(bytes, at) == b'}' {
            return Ok(at.wrapping_add(1));
        }
        loop {
            let (start, end, escaped, place) = step::key(bytes, &mut self.strings, at)?;
            let child = if escaped {
                let mut key = String::new();
                unescape(self.document.get(start..end).unwrap_or(""), &mut key);
                self.table.descend(node, key.as_bytes())
            } else {
                self.table.descend(node, bytes.get(start..end).unwrap_or(&[]))
            };
            at = match child {
                Some(child) => self.value(place, child, depth)?,
                None if step::peek(bytes, place) == b'"' => {
                    self.strings.end(bytes, place.wrapping_add(1))?.0.wrapping_add(1)
                }
                None => step::value(bytes, &mut self.strings, place, depth)?,
            };
            at = step::blank(bytes, at);
            match step::peek(bytes, at) {
                b',' => at = at.wrapping_add(1),
                b'}' => return Ok(at.wrapping_add(1)),
                _ => return step::fail(bytes, at, "',' or '}'"),
            }
        }
    }

    fn array(&mut self, at: usize, node: NodeId, depth: usize) -> Result<usize> {
        let bytes = self.bytes;
        let Some(depth) = depth.checked_sub(1) else { return step::fail(bytes, at, "less nesting") };
        let mut at = step::blank(bytes, at.wrapping_add(1));
        if step::peek(bytes, at) == b']' {
            return Ok(at.wrapping_add(1));
        }
        loop {
            at = step::blank(bytes, self.value(at, node, depth)?);
            match step::peek(bytes, at) {
                b',' => at = step::blank(bytes, at.wrapping_add(1)),
                b']' => return Ok(at.wrapping_add(1)),
                _ => return step::fail(bytes, at, "',' or ']'"),
            }
        }
    }

    #[inline(always)]
    fn text(&mut self, at: usize, node: NodeId) -> Result<usize> {
        let start = at.wrapping_add(1);
        let (end, escaped) = self.strings.end(self.bytes, start)?;
        if let Some(field) = self.field(node) {
            if escaped {
                let raw = self.document.get(start..end).unwrap_or("");
                self.slots.push_decoded(field, |out| unescape(raw, out));
            } else {
                self.slots.push_range(field, start, end);
            }
        }
        Ok(end.wrapping_add(1))
    }

    fn bool(&mut self, end: usize, node: NodeId, value: bool) -> Result<usize> {
        if let Some(field) = self.field(node) {
            self.slots.push(field, Value::Bool(value));
        }
        Ok(end)
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
fn unescape(raw: &str, out: &mut String) {
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
