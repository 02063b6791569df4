//! Reads a document token by token, wherever its end is: where there are no vectors, and where the shape of a document could not be found, which
//! says at last what is wrong with it and where.

use super::{
    FieldTable, Slots,
    json::{self, Result},
    step,
    table::NodeId,
};
use alloc::string::String;

/// Reads the object.
pub(super) fn read(document: &str, table: &FieldTable, slots: &mut Slots, depth: usize) -> Result<()> {
    let bytes = document.as_bytes();
    let mut reader = Reader { bytes, document, table, slots };
    let begin = step::blank(bytes, 0);
    if step::peek(bytes, begin) != b'{' {
        return step::fail(bytes, begin, "an object");
    }
    let end = reader.object(begin, NodeId::ROOT, depth)?;
    let end = step::blank(bytes, end);
    if end < bytes.len() { step::fail(bytes, end, "the end of the document") } else { Ok(()) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    document: &'a str,
    table: &'a FieldTable,
    slots: &'a mut Slots,
}

/// Every method is given the place of the first byte and gives the one after the last.
impl Reader<'_> {
    /// Any value; its keys lead on from `node`.
    fn value(&mut self, at: usize, node: NodeId, depth: usize) -> Result<usize> {
        let bytes = self.bytes;
        let at = step::blank(bytes, at);
        match step::peek(bytes, at) {
            b'"' => self.text(at, node),
            b'{' => self.object(at, node, depth),
            b'[' => self.array(at, node, depth),
            _ => json::scalar(self.document, at, self.table.field(node), self.slots),
        }
    }

    fn object(&mut self, at: usize, node: NodeId, depth: usize) -> Result<usize> {
        let bytes = self.bytes;
        let Some(depth) = depth.checked_sub(1) else { return step::fail(bytes, at, "less nesting") };
        let mut at = step::blank(bytes, at.wrapping_add(1));
        if step::peek(bytes, at) == b'}' {
            return Ok(at.wrapping_add(1));
        }
        loop {
            let (start, end, escaped, place) = step::key(bytes, at)?;
            let child = if escaped {
                let mut key = String::new();
                json::unescape(self.document.get(start..end).unwrap_or(""), &mut key);
                self.table.descend(node, key.as_bytes())
            } else {
                self.table.descend(node, bytes.get(start..end).unwrap_or(&[]))
            };
            at = match child {
                Some(child) => self.value(place, child, depth)?,
                None => step::value(bytes, place, depth)?,
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

    fn text(&mut self, at: usize, node: NodeId) -> Result<usize> {
        let start = at.wrapping_add(1);
        let (end, escaped) = step::string(self.bytes, start)?;
        if let Some(field) = self.table.field(node) {
            json::text(self.document, start..end, escaped, field, self.slots);
        }
        Ok(end.wrapping_add(1))
    }
}
