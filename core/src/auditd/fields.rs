//! The body of a record as keys and values: `a0="sh" a1=41 key=(null)` is a0 = `sh` (quoted), a1 = `41` (bare), and no key.
//!
//! Whether a value was quoted is kept (in [`Field::raw`]), since it is all that tells the text `41` from the hex of `A`.

use super::scan::{Scan, is_key};
use crate::sort::sort_by_key;
use alloc::{borrow::Cow, vec::Vec};

/// A text that is part of the record, or was decoded from it.
pub type Text<'a> = Cow<'a, str>;

/// One key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The key, as in `comm`.
    pub key: &'a str,
    /// The value, quotes off, decoded as far as its record type says.
    pub value: Text<'a>,
    /// The value as it stands in the record, quotes and all.
    pub raw: &'a str,
}

/// The fields of a record. A key is there once.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a>(Vec<Field<'a>>, u64);

impl PartialEq for Fields<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Fields<'_> {}

/// A bit of a key. Where no key has left its bit, there is no key to be found: most look-ups end here.
#[inline(always)]
pub(super) const fn mark(key: &str) -> u64 {
    mark_of(key.as_bytes())
}

#[inline(always)]
const fn mark_of(key: &[u8]) -> u64 {
    let (first, last) = match key {
        [first, .., last] => (*first, *last),
        [only] => (*only, *only),
        [] => (0, 0),
    };
    let ends = (last as u32) << 8 | first as u32;
    1 << ((ends ^ (key.len() as u32) << 4).wrapping_mul(0x9e37_79b1) >> 26)
}

/// How values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// As go-libaudit's regular expression reads them: `\"` does not end a text, empty values are dropped, lower-case keys only.
    Reference,
    /// As the kernel writes them: there are no escapes, a text ends at the next quote. Empty values are dropped.
    Kernel,
    /// As the kernel writes them, in EXECVE: keys such as `a2[1]`, and every value counts, `""` and `"?"` too.
    Arguments,
}

impl<'a> Fields<'a> {
    /// The fields whose keys have these marks.
    pub(super) fn parse(body: &'a str, grammar: Grammar, keys: u64) -> Fields<'a> {
        // Most records are SYSCALL or PATH, of about 27 and 14 fields.
        let room = (keys.count_ones() as usize).min(body.len().min(240) >> 3);
        let mut fields = Fields(Vec::with_capacity(room), 0);
        fields.read(body, grammar, keys, 0);
        fields
    }

    fn read(&mut self, body: &'a str, grammar: Grammar, keys: u64, depth: u8) {
        let bytes = body.as_bytes();
        let (mut scan, mut start) = (Scan::new(bytes), 0);
        while let Some(equals) = scan.equals(start) {
            // What stands before a key is text without keys.
            let mut begin = scan.key(start, equals);
            if grammar == Grammar::Arguments {
                while begin > start && bytes.get(begin.wrapping_sub(1)).is_some_and(|byte| grammar.is_key(*byte)) {
                    begin = begin.wrapping_sub(1);
                }
            }
            let (key, after) = (bytes.get(begin..equals).unwrap_or_default(), equals.wrapping_add(1));
            let message = matches!(key, [b'm', b's', b'g']);
            let end = grammar.end(message, bytes, after, &mut scan);
            start = if key.is_empty() { after } else { end };
            if start == after || keys & mark_of(key) == 0 && !message {
                continue;
            }
            let (key, raw) = (body.get(begin..equals).unwrap_or_default(), body.get(after..end).unwrap_or_default());
            let value = grammar.unquote(raw);
            let nothing = matches!(value.as_bytes(), [] | [b'?'] | [b'?', b','] | [b'(', b'n', b'u', b'l', b'l', b')']);
            if nothing && grammar != Grammar::Arguments {
                continue;
            }
            // The message of a user-space program is written with the same grammar. Nothing nests deeper.
            if message && depth < 3 {
                self.read(value, grammar, keys, depth.saturating_add(1));
            } else {
                self.set(key, Cow::Borrowed(value), raw);
            }
        }
    }

    /// The value of a key.
    #[inline(always)]
    pub fn get(&self, key: &str) -> Option<&Text<'a>> {
        if self.1 & mark(key) == 0 {
            None
        } else {
            self.search(key).and_then(|place| self.0.get(place)).map(|field| &field.value)
        }
    }

    fn search(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|field| same(field.key, key))
    }

    /// Makes room for so many.
    pub(super) fn with_room(more: usize) -> Self {
        Fields(Vec::with_capacity(more), 0)
    }

    #[inline(always)]
    pub(super) fn field_mut(&mut self, key: &str) -> Option<&mut Field<'a>> {
        if self.1 & mark(key) == 0 { None } else { self.search(key).and_then(|place| self.0.get_mut(place)) }
    }

    #[inline(always)]
    pub(super) fn take(&mut self, key: &str) -> Option<Field<'a>> {
        if self.1 & mark(key) == 0 { None } else { self.remove(key) }
    }

    fn remove(&mut self, key: &str) -> Option<Field<'a>> {
        let place = self.search(key)?;
        Some(self.0.swap_remove(place))
    }

    /// Sets a value; a later one for the same key replaces the earlier.
    pub(super) fn set(&mut self, key: &'a str, value: Text<'a>, raw: &'a str) {
        match self.field_mut(key) {
            Some(field) => *field = Field { key, value, raw },
            None => self.push(Field { key, value, raw }),
        }
    }

    /// Adds a field where there is none with its key yet; false where there is.
    pub(super) fn add(&mut self, field: Field<'a>) -> bool {
        let new = self.get(field.key).is_none();
        if new {
            self.push(field);
        }
        new
    }

    /// Adds a field whose key is known to be new.
    pub(super) fn push(&mut self, field: Field<'a>) {
        self.1 |= mark(field.key);
        self.0.push(field);
    }

    /// Takes the next field out, from this place on, whose key is like that.
    pub(super) fn take_from(&mut self, place: &mut usize, is: impl Fn(&str) -> bool) -> Option<Field<'a>> {
        while !is(self.0.get(*place)?.key) {
            *place = place.saturating_add(1);
        }
        Some(self.0.swap_remove(*place))
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fields sorted by key.
    pub(super) fn sort(&mut self) {
        sort_by_key(&mut self.0, |field| field.key);
    }

    /// The fields, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Field<'a>> {
        self.0.iter_mut()
    }

    /// True where there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[inline(always)]
fn same(one: &str, other: &str) -> bool {
    crate::event::same(one.as_bytes(), other.as_bytes())
}

impl<'a> IntoIterator for Fields<'a> {
    type Item = Field<'a>;
    type IntoIter = alloc::vec::IntoIter<Field<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Grammar {
    fn is_key(self, byte: u8) -> bool {
        is_key(byte) || (self == Grammar::Arguments && matches!(byte, b'[' | b']'))
    }

    /// The end of the value that begins at `start`, quotes and all; `start` where there is no value.
    #[inline(always)]
    fn end(self, message: bool, bytes: &[u8], start: usize, scan: &mut Scan<'_>) -> usize {
        match bytes.get(start) {
            Some(quote @ (b'"' | b'\'')) => start.wrapping_add(self.quoted(*quote, message, bytes, start).unwrap_or(0)),
            _ => scan.stop(start),
        }
    }

    /// The length of a quoted text with its quotes; none where it has no end.
    fn quoted(self, quote: u8, message: bool, bytes: &[u8], start: usize) -> Option<usize> {
        let bytes = bytes.get(start..)?;
        // A program's message goes to the last quote: a name such as o'brien may stand in it. Where it was torn its only quote is the first.
        if quote == b'\'' && message && self != Grammar::Reference {
            return memchr::memrchr(quote, bytes).filter(|&place| place > 0).map(|place| place.saturating_add(1));
        }
        let mut from = 1usize;
        let mut escaped = None;
        loop {
            let Some(place) = memchr::memchr(quote, bytes.get(from..)?) else {
                // No end without an escape: then the last escape was none.
                return escaped;
            };
            let end = from.saturating_add(place);
            let escape = self == Grammar::Reference && end > 1 && bytes.get(end.saturating_sub(1)) == Some(&b'\\');
            from = end.saturating_add(1);
            if !escape {
                return Some(from);
            }
            escaped = Some(from);
        }
    }

    pub(super) fn unquote(self, raw: &str) -> &str {
        if self == Grammar::Reference {
            return raw.trim_matches(['\'', '"', ' ']);
        }
        match raw.as_bytes() {
            [b'"', .., b'"'] | [b'\'', .., b'\''] => raw.get(1..raw.len().wrapping_sub(1)).unwrap_or_default(),
            [b'"' | b'\'', ..] => raw.get(1..).unwrap_or_default(),
            _ => raw,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, grammar: Grammar) -> Vec<(&str, &str)> {
        let fields = Fields::parse(body, grammar, u64::MAX);
        fields
            .0
            .iter()
            .map(|field| {
                (
                    field.key,
                    match &field.value {
                        Cow::Borrowed(value) => *value,
                        Cow::Owned(_) => panic!("nothing is copied"),
                    },
                )
            })
            .collect()
    }

    #[test]
    fn quotes_are_off_and_useless_values_dropped() {
        let body = "a=b c=\"d e\" f=? g= h=(null) i=\"\" j='k l' subj==unconfined x=y=z";
        let expected = [("a", "b"), ("c", "d e"), ("j", "k l"), ("subj", "=unconfined"), ("x", "y=z")];
        assert_eq!(read(body, Grammar::Kernel), expected);
        assert_eq!(read(body, Grammar::Reference), expected);
    }

    #[test]
    fn a_message_is_read_with_the_same_grammar() {
        let body = "pid=1 msg='op=login acct=\"o'brien\" res=failed'";
        assert_eq!(
            read(body, Grammar::Kernel),
            [("pid", "1"), ("op", "login"), ("acct", "o'brien"), ("res", "failed")]
        );
        let torn = "pid=1 msg='unit=cron res=success";
        assert_eq!(read(torn, Grammar::Kernel), [("pid", "1"), ("unit", "cron"), ("res", "success")]);
        assert_eq!(read(torn, Grammar::Reference), [("pid", "1"), ("unit", "cron"), ("res", "success")]);
    }

    #[test]
    fn a_name_that_ends_in_a_backslash_swallows_nothing() {
        let body = r#"comm="sh\" exe="/bin/sh" key="k""#;
        assert_eq!(read(body, Grammar::Kernel), [("comm", "sh\\"), ("exe", "/bin/sh"), ("key", "k")]);
        assert_eq!(read(body, Grammar::Reference), [("comm", r#"sh\" exe="#), ("key", "k")]);
    }

    #[test]
    fn arguments_keep_what_is_empty() {
        let body = "argc=3 a0=\"sh\" a1=\"\" a2_len=4 a2[0]=41 a2[1]=\"?\"";
        let expected = [("argc", "3"), ("a0", "sh"), ("a1", ""), ("a2_len", "4"), ("a2[0]", "41"), ("a2[1]", "?")];
        assert_eq!(read(body, Grammar::Arguments), expected);
        assert_eq!(read(body, Grammar::Reference), [("argc", "3"), ("a0", "sh"), ("a2_len", "4")]);
    }

    #[test]
    fn a_later_value_replaces_an_earlier() {
        assert_eq!(read("a=1 b=2 a=3", Grammar::Kernel), [("a", "3"), ("b", "2")]);
    }
}
