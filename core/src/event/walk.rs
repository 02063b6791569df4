//! Reads a document by its shape: from bracket to bracket and from key to key. What no field lies in is not looked at again.

use super::{
    FieldTable, Slots, json,
    shape::{Bracket, Shape},
    step,
    table::NodeId,
};
use alloc::string::String;

/// A document whose grammar has been checked.
pub(super) struct Walk<'a> {
    pub(super) document: &'a str,
    pub(super) table: &'a FieldTable,
    pub(super) shape: &'a Shape,
    pub(super) brackets: &'a [Bracket],
    pub(super) slots: &'a mut Slots,
}

/// Brackets are told by their number.
impl Walk<'_> {
    /// The members of an object, whose keys lead on from `node`; gives its closing bracket.
    pub(super) fn object(&mut self, opening: usize, node: NodeId) -> usize {
        let (bytes, step) = (self.document.as_bytes(), self.table.step(node));
        let (mut last, mut from) = (opening, self.place(opening));
        loop {
            let next = last.wrapping_add(1);
            let until = self.place(next);
            // Between two brackets all keys are of one object; the last may be that of what the second opens.
            let mut child = None;
            for key in self.shape.keys(from, until) {
                let start = key.wrapping_add(1);
                let two = [step::peek(bytes, start), step::peek(bytes, start.wrapping_add(1))];
                child = match step.written(two) {
                    Some(begin) => self.member(start, until, node, begin),
                    None => None,
                };
            }
            match self.bracket(next, until, child) {
                Some(end) => (last, from) = (end, self.place(end)),
                None => return next,
            }
        }
    }

    /// The elements of an array that stands where `node` is; gives its closing bracket.
    fn array(&mut self, opening: usize, node: NodeId) -> usize {
        let bytes = self.document.as_bytes();
        let mut last = opening;
        loop {
            let mut at = self.place(last).wrapping_add(1);
            let next = last.wrapping_add(1);
            let until = self.place(next);
            while at < until {
                at = match step::peek(bytes, at) {
                    b',' | b' ' => at.wrapping_add(1),
                    _ => self.value(at, node),
                };
            }
            match self.bracket(next, until, Some(node)) {
                Some(end) => last = end,
                None => return next,
            }
        }
    }

    /// What a bracket opens, which is read where it leads somewhere: its end. `None` for a closing bracket.
    #[inline(always)]
    fn bracket(&mut self, number: usize, place: usize, node: Option<NodeId>) -> Option<usize> {
        match (step::peek(self.document.as_bytes(), place), node) {
            (b'{', Some(node)) => Some(self.object(number, node)),
            (b'[', Some(node)) => Some(self.array(number, node)),
            (b'{' | b'[', None) => self.brackets.get(number).map(|bracket| bracket.end()),
            _ => None,
        }
    }

    #[inline(always)]
    fn place(&self, bracket: usize) -> usize {
        match self.brackets.get(bracket) {
            Some(bracket) => bracket.place(),
            None => self.document.len(),
        }
    }

    /// The key whose first letter is at `start`, and its value, unless that is beyond `until`; gives where the key leads.
    #[inline(always)]
    fn member(&mut self, start: usize, until: usize, node: NodeId, begin: u32) -> Option<NodeId> {
        let bytes = self.document.as_bytes();
        let end = self.shape.quote(start);
        let key = bytes.get(start..end)?;
        let child = if key.is_empty() || self.shape.escapes && key.contains(&b'\\') {
            let mut decoded = String::new();
            json::unescape(self.document.get(start..end)?, &mut decoded);
            self.table.descend(node, decoded.as_bytes())?
        } else {
            self.table.step(node).along(begin, key)?
        };
        let colon = step::blank(bytes, end.wrapping_add(1));
        let value = step::blank(bytes, colon.wrapping_add(1));
        if value < until {
            self.value(value, child);
        }
        Some(child)
    }

    /// A value that is no object and no array; gives the place after it.
    fn value(&mut self, at: usize, node: NodeId) -> usize {
        let bytes = self.document.as_bytes();
        if step::peek(bytes, at) != b'"' {
            return json::scalar(self.document, at, self.table.field(node), self.slots).unwrap_or(bytes.len());
        }
        let start = at.wrapping_add(1);
        let end = self.shape.quote(start);
        if let Some(field) = self.table.field(node) {
            let escaped = self.shape.escapes && bytes.get(start..end).unwrap_or(&[]).contains(&b'\\');
            json::text(self.document, start..end, escaped, field, self.slots);
        }
        end.wrapping_add(1)
    }
}
