//! A JSON document read once: values of wanted fields go to their slots, everything else is checked and skipped unbuilt.
//!
//! ```text
//! {"agent":{"id":"x","build":[1,{"n":2}]},"process":{"pid":7}}     wanted: process.pid
//!          ^ nobody looks here: stepped over     ^ a key that leads somewhere; 7 goes to its slot
//! ```
//! There is no tree and no allocation. Arrays are flattened (any element counts, as in Elasticsearch), objects in arrays too.
//! The whole of JSON is checked, also in what is skipped, so that a malformed document is noticed wherever it breaks.

use super::{FieldTable, Slots, Value, scan, table::NodeId};
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

type Result<T> = core::result::Result<T, JsonError>;

/// Reads the object `document` into `slots`. `depth` is how deep it may nest.
pub fn project(document: &str, table: &FieldTable, slots: &mut Slots, depth: usize) -> Result<()> {
    slots.clear(table.len());
    let mut reader = Reader { bytes: document.as_bytes(), document, at: 0, table, slots };
    if reader.blank() != b'{' {
        return reader.fail("an object");
    }
    reader.value(Some(NodeId::ROOT), depth)?;
    reader.blank();
    if reader.at < reader.bytes.len() { reader.fail("the end of the document") } else { Ok(()) }
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
            b'"' => at = string_end(bytes, at.saturating_add(1)).map_or(bytes.len(), |(end, _)| end.saturating_add(1)),
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

struct Reader<'a> {
    bytes: &'a [u8],
    document: &'a str,
    at: usize,
    table: &'a FieldTable,
    slots: &'a mut Slots,
}

impl Reader<'_> {
    fn fail<T>(&self, expected: &'static str) -> Result<T> {
        Err(JsonError { offset: self.at.min(self.bytes.len()), expected })
    }

    /// The byte at hand; 0, which no token begins with, at the end.
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    /// Steps over blanks; the byte after them. Documents of one line seldom have any.
    #[inline(always)]
    fn blank(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' { byte } else { self.blanks() }
    }

    #[cold]
    fn blanks(&mut self) -> u8 {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.step();
        }
        self.peek()
    }

    /// Reads any value. `node` is where its keys lead; `None` where no rule looks any more.
    fn value(&mut self, node: Option<NodeId>, depth: usize) -> Result<()> {
        match self.peek() {
            b'{' => self.object(node, depth),
            b'[' => self.array(node, depth),
            b'"' => self.text(node),
            b't' => self.word("true", node, Some(true)),
            b'f' => self.word("false", node, Some(false)),
            b'n' => self.word("null", node, None),
            b'-' | b'0'..=b'9' => self.number(node),
            _ => self.fail("a value"),
        }
    }

    /// Steps over a value that nobody wants, checking it: the same as `value(None, depth)`, but without a call for each value within.
    fn skip(&mut self, depth: usize) -> Result<()> {
        // What we are within, the innermost in the lowest bit: 1 for an object, 0 for an array. The highest bit says where it ends.
        let mut within = 1_u64;
        let mut left = depth;
        loop {
            match self.peek() {
                b'"' => {
                    self.string()?;
                }
                b'-' | b'0'..=b'9' => self.number(None)?,
                open @ (b'{' | b'[') => {
                    if within >> 63 != 0 {
                        self.value(None, left)?;
                    } else {
                        let Some(less) = left.checked_sub(1) else { return self.fail("less nesting") };
                        self.step();
                        let is_object = open == b'{';
                        let next = self.blank();
                        if next == if is_object { b'}' } else { b']' } {
                            self.step();
                        } else {
                            left = less;
                            within = within << 1 | u64::from(is_object);
                            if is_object {
                                self.key()?;
                            }
                            continue;
                        }
                    }
                }
                _ => self.value(None, left)?,
            }
            // A value has ended, and with it perhaps what it stands in.
            loop {
                if within == 1 {
                    return Ok(());
                }
                let is_object = within & 1 == 1;
                match (self.blank(), is_object) {
                    (b',', _) => {
                        self.step();
                        self.blank();
                        if is_object {
                            self.key()?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.step();
                        within >>= 1;
                        left = left.wrapping_add(1);
                    }
                    (_, true) => return self.fail("',' or '}'"),
                    (_, false) => return self.fail("',' or ']'"),
                }
            }
        }
    }

    /// Steps over a key that nobody wants, up to its value.
    #[inline(always)]
    fn key(&mut self) -> Result<()> {
        if self.peek() != b'"' {
            return self.fail("a key in quotes");
        }
        self.string()?;
        self.colon()
    }

    #[inline(always)]
    fn colon(&mut self) -> Result<()> {
        if self.blank() != b':' {
            return self.fail("':' after the key");
        }
        self.step();
        self.blank();
        Ok(())
    }

    fn object(&mut self, node: Option<NodeId>, depth: usize) -> Result<()> {
        let Some(depth) = depth.checked_sub(1) else { return self.fail("less nesting") };
        self.step();
        if self.blank() == b'}' {
            self.step();
            return Ok(());
        }
        loop {
            if self.peek() != b'"' {
                return self.fail("a key in quotes");
            }
            let key_start = self.at.wrapping_add(1);
            let (key_end, escaped) = self.string()?;
            let child = match node {
                None => None,
                Some(node) if !escaped => self.table.descend(node, self.bytes.get(key_start..key_end).unwrap_or(&[])),
                Some(node) => {
                    let mut key = String::new();
                    unescape(self.document.get(key_start..key_end).unwrap_or(""), &mut key);
                    self.table.descend(node, key.as_bytes())
                }
            };
            self.colon()?;
            match child {
                None => self.skip(depth)?,
                child => self.value(child, depth)?,
            }
            match self.blank() {
                b',' => self.step(),
                b'}' => {
                    self.step();
                    return Ok(());
                }
                _ => return self.fail("',' or '}'"),
            }
            self.blank();
        }
    }

    fn array(&mut self, node: Option<NodeId>, depth: usize) -> Result<()> {
        let Some(depth) = depth.checked_sub(1) else { return self.fail("less nesting") };
        self.step();
        if self.blank() == b']' {
            self.step();
            return Ok(());
        }
        loop {
            self.value(node, depth)?;
            match self.blank() {
                b',' => self.step(),
                b']' => {
                    self.step();
                    return Ok(());
                }
                _ => return self.fail("',' or ']'"),
            }
            self.blank();
        }
    }

    fn text(&mut self, node: Option<NodeId>) -> Result<()> {
        let start = self.at.wrapping_add(1);
        let (end, escaped) = self.string()?;
        if let Some(field) = node.and_then(|node| self.table.field(node)) {
            if escaped {
                let raw = self.document.get(start..end).unwrap_or("");
                self.slots.push_decoded(field, |out| unescape(raw, out));
            } else {
                self.slots.push_range(field, start, end);
            }
        }
        Ok(())
    }

    /// Steps over the string at hand; where its content ends, and whether it has escapes. They are checked here.
    #[inline(always)]
    fn string(&mut self) -> Result<(usize, bool)> {
        let start = self.at.wrapping_add(1);
        // Nearly all strings are short and without escapes.
        if let Some(block) = self.bytes.get(start..).and_then(<[u8]>::first_chunk)
            && let Some(length) = scan::first_special(block)
        {
            let end = start.wrapping_add(length);
            if self.bytes.get(end) == Some(&b'"') {
                self.at = end.wrapping_add(1);
                return Ok((end, false));
            }
        }
        self.long_string()
    }

    fn long_string(&mut self) -> Result<(usize, bool)> {
        match string_end(self.bytes, self.at.wrapping_add(1)) {
            Ok((end, escaped)) => {
                self.at = end.wrapping_add(1);
                Ok((end, escaped))
            }
            Err(error) => Err(error),
        }
    }

    #[inline(always)]
    fn word(&mut self, word: &'static str, node: Option<NodeId>, value: Option<bool>) -> Result<()> {
        let end = self.at.saturating_add(word.len());
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return self.fail("a value");
        }
        self.at = end;
        if let Some(field) = node.and_then(|node| self.table.field(node)) {
            match value {
                Some(value) => self.slots.push(field, Value::Bool(value)),
                None => self.slots.push_null(field),
            }
        }
        Ok(())
    }

    fn number(&mut self, node: Option<NodeId>) -> Result<()> {
        let start = self.at;
        let mut whole = true;
        if self.peek() == b'-' {
            self.step();
        }
        match self.peek() {
            b'0' => self.step(),
            b'1'..=b'9' => self.digits(),
            _ => return self.fail("a digit"),
        }
        if self.peek() == b'.' {
            whole = false;
            self.step();
            if !self.peek().is_ascii_digit() {
                return self.fail("a digit");
            }
            self.digits();
        }
        if matches!(self.peek(), b'e' | b'E') {
            whole = false;
            self.step();
            if matches!(self.peek(), b'+' | b'-') {
                self.step();
            }
            if !self.peek().is_ascii_digit() {
                return self.fail("a digit");
            }
            self.digits();
        }
        if let Some(field) = node.and_then(|node| self.table.field(node)) {
            let text = self.document.get(start..self.at).unwrap_or("");
            self.slots.push(field, number(text, whole));
        }
        Ok(())
    }

    #[inline]
    fn digits(&mut self) {
        while self.peek().is_ascii_digit() {
            self.step();
        }
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
    Value::Float(text.parse().unwrap_or(f64::NAN))
}

/// From the first byte of a string's content to its closing quote; whether there were escapes.
#[inline]
fn string_end(bytes: &[u8], start: usize) -> Result<(usize, bool)> {
    let mut at = start;
    let mut escaped = false;
    loop {
        at = at.wrapping_add(scan::plain_run(bytes.get(at..).unwrap_or(&[])));
        match bytes.get(at) {
            Some(b'"') => return Ok((at, escaped)),
            Some(b'\\') => {
                escaped = true;
                at = at.wrapping_add(escape_len(bytes, at)?);
            }
            Some(_) => return Err(JsonError { offset: at, expected: "an escaped control character" }),
            None => return Err(JsonError { offset: bytes.len(), expected: "the string's closing quote" }),
        }
    }
}

/// The length of the escape that begins at `at`.
fn escape_len(bytes: &[u8], at: usize) -> Result<usize> {
    match bytes.get(at.wrapping_add(1)) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => {
            let digits = bytes.get(at.wrapping_add(2)..at.wrapping_add(6)).unwrap_or(&[]);
            if digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit) {
                Ok(6)
            } else {
                Err(JsonError { offset: at, expected: "four hex digits after \\u" })
            }
        }
        _ => Err(JsonError { offset: at, expected: "an escape that JSON knows" }),
    }
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
