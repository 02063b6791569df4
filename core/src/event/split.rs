//! Cuts a stream of chunks, which may end anywhere, into documents and record lines.
//!
//! ```text
//! {"a":1}\n{"a":2}\n           -> two documents, one a line (NDJSON)
//! [{"a":1},\n {"a":2}]         -> two documents (a JSON array, printed any way)
//! {\n  "a": 1\n}               -> one document (printed over several lines)
//! type=SYSCALL msg=...\n       -> one record line
//! ```
//! With [`Format::Auto`] each line says by its first byte what it is, so that files of both kinds can follow each other.

use super::scan;
use crate::state::{Reader, State, state};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How a stream of bytes is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Told by the first byte of each line: `{` or `[` begin JSON, anything else is an audit record.
    #[default]
    Auto,
    /// ECS documents: one a line, a JSON array of them, or Elasticsearch `_bulk` bodies.
    Ecs,
    /// Linux audit records, RAW or ENRICHED.
    Auditd,
}

/// A piece of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// One JSON document.
    Json(&'a [u8]),
    /// One audit record line, without its end.
    Audit(&'a [u8]),
    /// A line or document over the limit; its bytes are gone.
    TooLong,
}

/// Where an item begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line of the stream, from 1.
    pub line: u64,
    /// Byte of the stream, from 0.
    pub offset: u64,
}

/// The state between two chunks.
#[derive(Clone, Debug)]
pub struct Splitter {
    format: Format,
    limit: usize,
    /// What the last chunk left unfinished; it begins at `start`.
    carry: Vec<u8>,
    start: Place,
    /// The next byte of the stream.
    here: Place,
    /// The carry went over the limit: drop bytes up to the end of this line or document.
    overflow: bool,
    nest: Option<Nest>,
}

/// Within JSON that does not keep to lines.
#[derive(Clone, Copy, Debug, Default)]
struct Nest {
    in_array: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Within something that is no object and no array, which the reader will refuse.
    junk: bool,
}

impl Splitter {
    /// A splitter at the beginning of a stream; a line or document may have up to `limit` bytes.
    pub fn new(format: Format, limit: usize) -> Self {
        let here = Place { line: 1, offset: 0 };
        Splitter { format, limit, carry: Vec::new(), start: here, here, overflow: false, nest: None }
    }

    /// What a line is where nothing is unfinished before it, if it begins with it and can be [stepped over](Self::step_over).
    pub(crate) fn whole<'a>(&self, line: &'a [u8]) -> Option<Item<'a>> {
        let indented = line.first()?.is_ascii_whitespace();
        self.classify(line).filter(|_| !indented && self.fits(line.len()))
    }

    /// Whether a line begins here, and nothing is unfinished.
    #[inline]
    pub(crate) fn begins_line(&self) -> bool {
        self.is_fresh() && self.nest.is_none()
    }

    /// Steps over so many lines, of which the first [begins here](Self::begins_line): how many bytes they have, and the last of them, ends included.
    #[inline]
    pub(crate) fn step_over(&mut self, lines: usize, bytes: usize, last: usize) {
        let Place { line, offset } = self.here;
        self.here = Place { line: line.saturating_add(lines as u64), offset: offset.saturating_add(bytes as u64) };
        self.start =
            Place { line: self.here.line.saturating_sub(1), offset: self.here.offset.saturating_sub(last as u64) };
    }

    /// Whether nothing of a line or document is left from before.
    fn is_fresh(&self) -> bool {
        self.carry.is_empty() && !self.overflow
    }

    /// Bytes seen so far.
    pub fn bytes(&self) -> u64 {
        self.here.offset
    }

    /// Cuts `chunk`, giving each finished item to `each`.
    pub fn push(&mut self, chunk: &[u8], each: &mut dyn FnMut(Item<'_>, Place)) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = self.step(rest, each);
            rest = rest.get(used..).unwrap_or(&[]);
        }
    }

    /// Takes bytes up to the end of a line, or of what else begins or goes on here; returns how many.
    pub(crate) fn step(&mut self, bytes: &[u8], each: &mut dyn FnMut(Item<'_>, Place)) -> usize {
        if self.nest.is_some() { self.nested(bytes, each) } else { self.line(bytes, each) }
    }

    /// The end of the stream: what is left counts as a whole line.
    pub fn finish(&mut self, each: &mut dyn FnMut(Item<'_>, Place)) {
        let carry = core::mem::take(&mut self.carry);
        if core::mem::take(&mut self.overflow) {
            each(Item::TooLong, self.start);
        } else if self.nest.take().is_some() {
            if !carry.is_empty() {
                each(Item::Json(&carry), self.start);
            }
        } else if let Some(item) = self.classify(&carry) {
            each(item, self.start);
        }
        self.start = self.here;
    }

    /// Takes bytes up to the end of the line; returns how many.
    fn line(&mut self, bytes: &[u8], each: &mut dyn FnMut(Item<'_>, Place)) -> usize {
        let fresh = self.is_fresh();
        if fresh {
            let blanks = bytes.len().saturating_sub(bytes.trim_ascii_start().len());
            if blanks > 0 {
                self.walk(bytes.get(..blanks).unwrap_or(&[]));
                return blanks;
            }
            self.start = self.here;
            if bytes.first() == Some(&b'[') && self.format != Format::Auditd {
                self.nest = Some(Nest::default());
                return 0;
            }
        }
        let Some(end) = scan::line_end(bytes) else {
            self.keep(bytes);
            self.here.offset = self.here.offset.saturating_add(bytes.len() as u64);
            return bytes.len();
        };
        let used = end.saturating_add(1);
        self.here.offset = self.here.offset.saturating_add(used as u64);
        self.here.line = self.here.line.saturating_add(1);
        let line = bytes.get(..end).unwrap_or(&[]);
        if fresh && self.fits(line.len()) && line.trim_ascii() != b"{" {
            if let Some(item) = self.classify(line) {
                each(item, self.start);
            }
            return used;
        }
        self.keep(line);
        if self.carry.trim_ascii() == b"{" && self.format != Format::Auditd {
            self.keep(b"\n");
            self.nest = Some(Nest { depth: 1, ..Nest::default() });
            return used;
        }
        let mut carry = core::mem::take(&mut self.carry);
        if core::mem::take(&mut self.overflow) {
            each(Item::TooLong, self.start);
        } else if let Some(item) = self.classify(&carry) {
            each(item, self.start);
        }
        carry.clear();
        self.carry = carry;
        used
    }

    fn walk(&mut self, bytes: &[u8]) {
        self.here.offset = self.here.offset.saturating_add(bytes.len() as u64);
        let lines = memchr::memchr_iter(b'\n', bytes).count();
        self.here.line = self.here.line.saturating_add(lines as u64);
    }

    fn classify<'a>(&self, line: &'a [u8]) -> Option<Item<'a>> {
        let line = line.trim_ascii();
        match (line.first()?, self.format) {
            (_, Format::Ecs) | (b'{' | b'[', Format::Auto) => Some(Item::Json(line)),
            _ => Some(Item::Audit(line)),
        }
    }

    /// Whether so many bytes more are not too long for a line.
    fn fits(&self, more: usize) -> bool {
        self.carry.len().saturating_add(more) <= self.limit
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.overflow {
            return;
        }
        if self.fits(bytes.len()) {
            self.carry.extend_from_slice(bytes);
        } else {
            self.overflow = true;
            self.carry.clear();
        }
    }

    /// Takes bytes up to the end of a document, or of the nested JSON; returns how many.
    fn nested(&mut self, bytes: &[u8], each: &mut dyn FnMut(Item<'_>, Place)) -> usize {
        let Some(mut nest) = self.nest else { return 0 };
        let mut kept_from = 0;
        let mut used = 0_usize;
        for &byte in bytes {
            let at = used;
            used = used.saturating_add(1);
            let before = self.here;
            self.here.offset = self.here.offset.saturating_add(1);
            if byte == b'\n' {
                self.here.line = self.here.line.saturating_add(1);
            }
            if nest.depth == 0 {
                if nest.junk && matches!(byte, b',' | b']' | b'{' | b'[' | b'\n') {
                    self.keep(bytes.get(kept_from..at).unwrap_or(&[]));
                    self.close(each);
                    nest.junk = false;
                }
                match byte {
                    b'{' => {
                        nest.depth = 1;
                        self.start = before;
                        kept_from = at;
                    }
                    b'[' if !nest.in_array => nest.in_array = true,
                    b']' => {
                        self.nest = None;
                        return used;
                    }
                    b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ if nest.junk => {}
                    _ => {
                        nest.junk = true;
                        self.start = before;
                        kept_from = at;
                    }
                }
                continue;
            }
            match byte {
                _ if nest.escaped => nest.escaped = false,
                b'\\' if nest.in_string => nest.escaped = true,
                b'"' => nest.in_string = !nest.in_string,
                _ if nest.in_string => {}
                b'{' | b'[' => nest.depth = nest.depth.saturating_add(1),
                b'}' | b']' => nest.depth = nest.depth.saturating_sub(1),
                _ => {}
            }
            if nest.depth == 0 {
                self.keep(bytes.get(kept_from..used).unwrap_or(&[]));
                self.close(each);
                self.nest = nest.in_array.then_some(nest);
                return used;
            }
        }
        if nest.depth > 0 || nest.junk {
            self.keep(bytes.get(kept_from..).unwrap_or(&[]));
        }
        self.nest = Some(nest);
        used
    }

    /// The carry is a whole document.
    fn close(&mut self, each: &mut dyn FnMut(Item<'_>, Place)) {
        let mut carry = core::mem::take(&mut self.carry);
        let overflow = core::mem::take(&mut self.overflow);
        each(if overflow { Item::TooLong } else { Item::Json(carry.trim_ascii()) }, self.start);
        carry.clear();
        self.carry = carry;
    }
}

state!(Place { line, offset });
state!(Nest { in_array, depth, in_string, escaped, junk });

impl Splitter {
    /// Appends what is between two chunks.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        let Splitter { format: _, limit: _, carry, start, here, overflow, nest } = self;
        carry.save(out);
        start.save(out);
        here.save(out);
        overflow.save(out);
        nest.save(out);
    }

    /// Goes on where the saved one was.
    pub(crate) fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        self.carry = State::load(input)?;
        self.start = State::load(input)?;
        self.here = State::load(input)?;
        self.overflow = State::load(input)?;
        self.nest = State::load(input)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String, string::ToString};

    fn cut(format: Format, limit: usize, input: &str, size: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut each = |item: Item<'_>, place: Place| {
            out.push(match item {
                Item::Json(bytes) => format!("{}:{} J {}", place.line, place.offset, String::from_utf8_lossy(bytes)),
                Item::Audit(bytes) => format!("{}:{} A {}", place.line, place.offset, String::from_utf8_lossy(bytes)),
                Item::TooLong => format!("{}:{} L", place.line, place.offset),
            });
        };
        let mut splitter = Splitter::new(format, limit);
        for chunk in input.as_bytes().chunks(size) {
            splitter.push(chunk, &mut each);
        }
        splitter.finish(&mut each);
        assert_eq!(splitter.bytes(), input.len() as u64);
        out
    }

    #[test]
    fn any_chunking_gives_the_same_items() {
        let cases: &[(&str, &[&str])] = &[
            ("{\"a\":1}\n{\"a\":2}", &["1:0 J {\"a\":1}", "2:8 J {\"a\":2}"]),
            ("\r\n{\"a\":1}\r\n\ntype=X\r\n{}\n", &["2:2 J {\"a\":1}", "4:12 A type=X", "5:20 J {}"]),
            (
                "[{\"a\":\"]}\\\"\"},\n {\"b\":[{}]}]\ntype=Y",
                &["1:1 J {\"a\":\"]}\\\"\"}", "2:16 J {\"b\":[{}]}", "3:28 A type=Y"],
            ),
            ("{\n \"a\": 1\n}\n{\"b\":2}\n", &["1:0 J {\n \"a\": 1\n}", "4:12 J {\"b\":2}"]),
            ("[]\n[true , {}]", &["2:4 J true", "2:11 J {}"]),
            ("[{\"a\":1},{\"b\"", &["1:1 J {\"a\":1}", "1:9 J {\"b\""]),
            ("{\"long\":12345678901234567890}\n{}\n", &["1:0 L", "2:30 J {}"]),
            ("[{\"long\":12345678901234567890}, {}]", &["1:1 L", "1:32 J {}"]),
        ];
        for (input, expected) in cases {
            for size in [1, 2, 3, 5, 7, 4096] {
                let got = cut(Format::Auto, 25, input, size);
                assert_eq!(got, expected.iter().map(ToString::to_string).collect::<Vec<_>>(), "{input:?} by {size}");
            }
        }
    }

    #[test]
    fn a_given_format_is_obeyed() {
        assert_eq!(cut(Format::Ecs, 99, "type=X\n", 99), ["1:0 J type=X"]);
        assert_eq!(cut(Format::Auditd, 99, "{\n[1]\n", 99), ["1:0 A {", "2:2 A [1]"]);
    }
}
