//! What one event holds for the fields of a [`FieldTable`](super::FieldTable): slots that are filled, read and filled again, without
//! an allocation per event.
//!
//! ```text
//! {"process":{"pid":7,"args":["a","b"]}}   fields 1 = process.pid, 2 = process.args
//! slots: 1 -> Int(7)    2 -> Text("a") -> Text("b")
//! ```
//! Text without escapes stays where it is in the document; text with escapes is decoded into one scratch buffer.

use super::{FieldId, Value};
use crate::{net::Ip, time::Timestamp};
use alloc::{string::String, vec::Vec};

/// The reusable memory behind an [`EventView`].
#[derive(Clone, Debug, Default)]
pub struct Slots {
    heads: Vec<Head>,
    cells: Vec<Cell>,
    scratch: String,
    /// Fields that have a value, each once.
    present: Vec<FieldId>,
    /// Fields at which the document has a null, once for each.
    nulls: Vec<FieldId>,
    /// A head counts only where its epoch is this one, so that clearing costs nothing.
    epoch: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Head {
    epoch: u32,
    first: u32,
    last: u32,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    raw: Raw,
    next: u32,
}

const END: u32 = u32::MAX;

/// A value whose text is a range of the document or of the scratch buffer.
#[derive(Clone, Copy, Debug)]
enum Raw {
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Ip(Ip),
    Date(Timestamp),
    Document(u32, u32),
    Scratch(u32, u32),
}

impl Slots {
    /// Forgets the last event and makes room for `fields` fields.
    pub fn clear(&mut self, fields: usize) {
        self.cells.clear();
        self.scratch.clear();
        self.nulls.clear();
        self.present.clear();
        self.epoch = self.epoch.wrapping_add(1);
        if self.heads.len() != fields || self.epoch == 0 {
            self.heads.clear();
            self.heads.resize(fields, Head::default());
            self.epoch = 1;
        }
    }

    /// Adds a value. Text is copied.
    pub fn push(&mut self, field: FieldId, value: Value<'_>) {
        let raw = match value {
            Value::Bool(value) => Raw::Bool(value),
            Value::Int(value) => Raw::Int(value),
            Value::Unsigned(value) => Raw::Unsigned(value),
            Value::Float(value) => Raw::Float(value),
            Value::Ip(value) => Raw::Ip(value),
            Value::Date(value) => Raw::Date(value),
            Value::Text(text) => {
                let start = self.scratch.len();
                self.scratch.push_str(text);
                self.scratch_since(start)
            }
        };
        self.push_raw(field, raw);
    }

    /// Notes a null, which is no value.
    pub(super) fn push_null(&mut self, field: FieldId) {
        self.nulls.push(field);
    }

    /// Adds the text that stands at `start..end` of the document.
    #[inline]
    pub(super) fn push_range(&mut self, field: FieldId, start: usize, end: usize) {
        self.push_raw(field, Raw::Document(start as u32, end as u32));
    }

    /// Adds a text. One that is a part of the document is not copied.
    #[inline]
    pub(crate) fn push_text(&mut self, field: FieldId, text: &str, document: &str) {
        // What lies within the document's bytes is that part of it.
        let start = text.as_ptr().addr().wrapping_sub(document.as_ptr().addr());
        match start.checked_add(text.len()) {
            Some(end) if end <= document.len() && u32::try_from(end).is_ok() => self.push_range(field, start, end),
            _ => self.push(field, Value::Text(text)),
        }
    }

    /// Adds the text that `decode` appends to the buffer it is given.
    pub(super) fn push_decoded(&mut self, field: FieldId, decode: impl FnOnce(&mut String)) {
        let start = self.scratch.len();
        decode(&mut self.scratch);
        let raw = self.scratch_since(start);
        self.push_raw(field, raw);
    }

    fn scratch_since(&self, start: usize) -> Raw {
        Raw::Scratch(start as u32, self.scratch.len() as u32)
    }

    #[inline]
    fn push_raw(&mut self, field: FieldId, raw: Raw) {
        let cell = self.cells.len() as u32;
        let Some(head) = self.heads.get_mut(field.index()) else { return };
        if head.epoch == self.epoch {
            if let Some(last) = self.cells.get_mut(head.last as usize) {
                last.next = cell;
            }
            head.last = cell;
        } else {
            *head = Head { epoch: self.epoch, first: cell, last: cell };
            self.present.push(field);
        }
        self.cells.push(Cell { raw, next: END });
    }

    /// The slots together with the document that they point into.
    pub fn view<'a>(&'a self, document: &'a str) -> EventView<'a> {
        EventView { slots: self, document }
    }
}

/// One event as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct EventView<'a> {
    slots: &'a Slots,
    document: &'a str,
}

impl<'a> EventView<'a> {
    /// The values of a field, in the document's order; none where it is absent, null or an empty array.
    #[inline]
    pub fn values(self, field: FieldId) -> Values<'a> {
        let next = match self.slots.heads.get(field.index()) {
            Some(head) if head.epoch == self.slots.epoch => head.first,
            _ => END,
        };
        Values { view: self, next }
    }

    /// The value of a field that has only one, if that is text.
    #[inline(always)]
    pub(crate) fn only_text(self, field: FieldId) -> Option<&'a str> {
        let head = self.slots.heads.get(field.index())?;
        let cell = self.slots.cells.get(head.first as usize)?;
        let is_only = head.epoch == self.slots.epoch && head.first == head.last;
        match cell.raw {
            Raw::Document(start, end) if is_only => self.document.get(start as usize..end as usize),
            Raw::Scratch(start, end) if is_only => self.slots.scratch.get(start as usize..end as usize),
            _ => None,
        }
    }

    /// The fields that have a value, each once.
    #[inline]
    pub(crate) fn present(self) -> &'a [FieldId] {
        &self.slots.present
    }

    /// The first value of a field.
    #[inline]
    pub fn first(self, field: FieldId) -> Option<Value<'a>> {
        self.values(field).next()
    }

    /// How many nulls the document has at the field; to most queries they are nothing.
    pub(crate) fn nulls(self, field: FieldId) -> usize {
        self.slots.nulls.iter().filter(|null| **null == field).count()
    }

    /// Whether the field has a value.
    #[inline]
    pub fn has(self, field: FieldId) -> bool {
        self.values(field).next != END
    }
}

/// The values of one field.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    view: EventView<'a>,
    next: u32,
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        let slots = self.view.slots;
        let cell = slots.cells.get(self.next as usize)?;
        self.next = cell.next;
        Some(match cell.raw {
            Raw::Bool(value) => Value::Bool(value),
            Raw::Int(value) => Value::Int(value),
            Raw::Unsigned(value) => Value::Unsigned(value),
            Raw::Float(value) => Value::Float(value),
            Raw::Ip(value) => Value::Ip(value),
            Raw::Date(value) => Value::Date(value),
            Raw::Document(start, end) => {
                Value::Text(self.view.document.get(start as usize..end as usize).unwrap_or(""))
            }
            Raw::Scratch(start, end) => Value::Text(slots.scratch.get(start as usize..end as usize).unwrap_or("")),
        })
    }
}
