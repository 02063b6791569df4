//! A document read token by token, once [`marks`](super::marks) has found them: no byte within a string is looked at unless it is wanted.
//!
//! ```text
//! {"agent":{"id":"x","build":[1,{"n":2}]},"process":{"pid":7}}     wanted: process.pid
//!          ^ seventeen tokens to pass over: each must be of a kind that may stand there
//! ```
//! It accepts what the reader in [`json`](super::json) accepts, its plain twin, and fills the same slots. What is wrong with a document it
//! does not say.

use super::{FieldId, FieldTable, Slots, Value, json, marks::Marks, step, table::NodeId};
use alloc::string::String;

/// Reads the object that `marks` were found in. `None` where it is not one, or nests deeper than `depth`.
pub(super) fn walk(document: &str, marks: &Marks, table: &FieldTable, slots: &mut Slots, depth: usize) -> Option<()> {
    let mut walker = Walker { bytes: document.as_bytes(), document, marks, table, slots };
    if walker.byte(0) != b'{' {
        return None;
    }
    let end = walker.object(0, NodeId::ROOT, depth)?;
    (marks.at(end) == document.len()).then_some(())
}

struct Walker<'a> {
    bytes: &'a [u8],
    document: &'a str,
    marks: &'a Marks,
    table: &'a FieldTable,
    slots: &'a mut Slots,
}

/// Every method is given the number of the first token and gives the one after the last.
impl Walker<'_> {
    /// The first byte of a token.
    #[inline(always)]
    fn byte(&self, token: usize) -> u8 {
        step::peek(self.bytes, self.marks.at(token))
    }

    fn value(&mut self, token: usize, node: NodeId, depth: usize) -> Option<usize> {
        let at = self.marks.at(token);
        match step::peek(self.bytes, at) {
            b'"' => {
                if let Some(field) = self.table.field(node) {
                    self.text(field, at.wrapping_add(1), self.marks.at(token.wrapping_add(1)));
                }
                return Some(token.wrapping_add(2));
            }
            b'{' => return self.object(token, node, depth),
            b'[' => return self.array(token, node, depth),
            _ => {}
        }
        let next = token.wrapping_add(1);
        let (end, whole) = self.scalar(at, self.marks.at(next))?;
        if let Some(field) = self.table.field(node) {
            match step::peek(self.bytes, at) {
                b't' => self.slots.push(field, Value::Bool(true)),
                b'f' => self.slots.push(field, Value::Bool(false)),
                b'n' => self.slots.push_null(field),
                _ => self.slots.push(field, json::number(self.document.get(at..end).unwrap_or(""), whole)),
            }
        }
        Some(next)
    }

    /// A number or a word that begins at `at`: where it ends, which must be where the next token begins or blanks lead to it; and whether it
    /// is a whole number.
    #[inline(always)]
    fn scalar(&self, at: usize, next: usize) -> Option<(usize, bool)> {
        let bytes = self.bytes;
        let (end, whole) = match step::peek(bytes, at) {
            b't' => (step::word(bytes, at, "true").ok()?, false),
            b'f' => (step::word(bytes, at, "false").ok()?, false),
            b'n' => (step::word(bytes, at, "null").ok()?, false),
            _ => step::number(bytes, at).ok()?,
        };
        (end == next || step::blank(bytes, end) == next).then_some((end, whole))
    }

    fn text(&mut self, field: FieldId, start: usize, end: usize) {
        if self.marks.escapes
            && let Some(raw) = self.document.get(start..end)
            && raw.contains('\\')
        {
            self.slots.push_decoded(field, |out| json::unescape(raw, out));
        } else {
            self.slots.push_range(field, start, end);
        }
    }

    fn object(&mut self, token: usize, node: NodeId, depth: usize) -> Option<usize> {
        let depth = depth.checked_sub(1)?;
        let mut token = token.wrapping_add(1);
        if self.byte(token) == b'}' {
            return Some(token.wrapping_add(1));
        }
        loop {
            let &[key, key_end, colon, ..] = self.marks.six(token)?;
            let (key, key_end) = (key as usize, key_end as usize);
            if step::peek(self.bytes, key) != b'"' || step::peek(self.bytes, colon as usize) != b':' {
                return None;
            }
            let child = self.child(node, key.wrapping_add(1), key_end);
            token = match child {
                None => self.pass(token.wrapping_add(3), depth)?,
                Some(child) => self.value(token.wrapping_add(3), child, depth)?,
            };
            match self.byte(token) {
                b',' => token = token.wrapping_add(1),
                b'}' => return Some(token.wrapping_add(1)),
                _ => return None,
            }
        }
    }

    #[inline(always)]
    fn child(&self, node: NodeId, start: usize, end: usize) -> Option<NodeId> {
        let key = self.bytes.get(start..end).unwrap_or(&[]);
        if self.marks.escapes && key.contains(&b'\\') {
            let mut decoded = String::new();
            json::unescape(self.document.get(start..end).unwrap_or(""), &mut decoded);
            return self.table.descend(node, decoded.as_bytes());
        }
        self.table.descend(node, key)
    }

    fn array(&mut self, token: usize, node: NodeId, depth: usize) -> Option<usize> {
        let depth = depth.checked_sub(1)?;
        let mut token = token.wrapping_add(1);
        if self.byte(token) == b']' {
            return Some(token.wrapping_add(1));
        }
        loop {
            token = self.value(token, node, depth)?;
            match self.byte(token) {
                b',' => token = token.wrapping_add(1),
                b']' => return Some(token.wrapping_add(1)),
                _ => return None,
            }
        }
    }

    /// Any value that nobody wants, with all that is in it.
    fn pass(&self, token: usize, depth: usize) -> Option<usize> {
        // What we are within, as in `step::value`.
        let mut within = 1_u64;
        let mut left = depth;
        let mut token = token;
        loop {
            let at = self.marks.at(token);
            let next = token.wrapping_add(1);
            token = match step::peek(self.bytes, at) {
                b'"' => token.wrapping_add(2),
                b'{' | b'[' if within >> 63 != 0 => self.pass(token, left)?,
                open @ (b'{' | b'[') => {
                    let less = left.checked_sub(1)?;
                    let is_object = open == b'{';
                    if self.byte(next) != open.wrapping_add(2) {
                        left = less;
                        within = within << 1 | u64::from(is_object);
                        token = if is_object { self.key(next)? } else { next };
                        continue;
                    }
                    token.wrapping_add(2)
                }
                _ => {
                    self.scalar(at, self.marks.at(next))?;
                    next
                }
            };
            // A value has ended, and with it perhaps what it stands in.
            loop {
                if within == 1 {
                    return Some(token);
                }
                let is_object = within & 1 == 1;
                let next = token.wrapping_add(1);
                match (self.byte(token), is_object) {
                    (b',', true) => {
                        token = self.key(next)?;
                        break;
                    }
                    (b',', false) => {
                        token = next;
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        token = next;
                        within >>= 1;
                        left = left.wrapping_add(1);
                    }
                    _ => return None,
                }
            }
        }
    }

    /// A key and its colon.
    #[inline(always)]
    fn key(&self, token: usize) -> Option<usize> {
        let &[key, _, colon, ..] = self.marks.six(token)?;
        (step::peek(self.bytes, key as usize) == b'"' && step::peek(self.bytes, colon as usize) == b':')
            .then_some(token.wrapping_add(3))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FieldTable, Slots, json};
    use alloc::string::String;

    #[test]
    fn both_readers_say_the_same_of_whatever_is_written() {
        let mut table = FieldTable::default();
        for path in ["a", "a.b", "b", "b.c.a"] {
            table.intern(path);
        }
        let pieces: &[&str] = &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"b.c\"",
            "\"\\u0061\"",
            "\"x\\\\\"",
            "\"\\\"\"",
            "\"\\q\"",
            "\"",
            "\\",
            "1",
            "-",
            "2.5e3",
            "true",
            "nul",
            "null",
            " ",
            "\n",
            "\x01",
            "é",
            "\"a\":",
            "{\"a\":",
            "\"b\":[",
            "\"long enough to go over a block or two of sixteen bytes each\"",
            "[1,2]",
            "{}",
            "},",
            "],",
        ];
        let (mut state, mut read) = (0x9e37_79b9_7f4a_7c15_u64, 0);
        let (mut one, mut other) = (Slots::default(), Slots::default());
        for round in 0..200_000 {
            let mut text = String::from("{");
            for _ in 0..round % 24 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                text.push_str(pieces[state as usize % pieces.len()]);
            }
            text.push('}');
            other.clear(table.len());
            let results =
                (json::project(&text, &table, &mut one, 5), json::project_slowly(&text, &table, &mut other, 5));
            assert_eq!(results.0, results.1, "{text}");
            if results.0.is_ok() {
                read += 1;
                for id in table.ids() {
                    assert!(one.view(&text).values(id).eq(other.view(&text).values(id)), "{text}");
                }
                assert_eq!(*json::kept(&text, &one), *json::minify(&text), "{text}");
            }
        }
        assert!(read > 1_000, "{read} documents");
    }
}
