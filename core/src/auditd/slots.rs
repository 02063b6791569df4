//! The fields of an event straight into the slots of an engine, with no JSON between: only those that a rule names.
//!
//! ```text
//! rules name process.pid and auditd.data.a1    ->    [ProcessPid -> field 0]    [auditd.data: a1 -> field 1]
//! ```

use crate::sort::sort_by;
use alloc::vec::Vec;

use super::{
    fields::Fields,
    sink::{EcsField, FieldSink, Path},
};
use crate::{
    Timestamp,
    event::{FieldId, FieldTable, Slots, Value},
};

/// Which fields of the document the rules name. Made once for a plan.
#[derive(Clone, Debug)]
pub struct SlotMap {
    fields: usize,
    /// By the number of the [`EcsField`].
    known: Vec<Option<FieldId>>,
    /// Fields below an object: the object, the rest of the path, sorted.
    below: Vec<(EcsField, alloc::boxed::Box<str>, FieldId)>,
}

impl SlotMap {
    /// Looks up every field of the table.
    pub fn new(table: &FieldTable) -> Self {
        let known = EcsField::ALL.iter().map(|field| table.get(field.path())).collect();
        let mut below = Vec::new();
        for id in table.ids() {
            for &field in EcsField::ALL {
                let rest = table.path(id).strip_prefix(field.path()).and_then(|rest| rest.strip_prefix('.'));
                below.extend(rest.map(|rest| (field, rest.into(), id)));
            }
        }
        sort_by(&mut below, |one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        SlotMap { fields: table.len(), known, below }
    }

    fn get(&self, path: Path<'_>) -> Option<FieldId> {
        if path.rest.is_empty() {
            return self.known.get(path.field as usize).copied().flatten();
        }
        let place = self
            .below
            .binary_search_by(|(field, rest, _)| (*field, rest.as_ref()).cmp(&(path.field, path.rest)))
            .ok()?;
        self.below.get(place).map(|(_, _, id)| *id)
    }

    fn any_below(&self, object: EcsField) -> bool {
        self.below.iter().any(|(field, _, _)| *field == object)
    }

    /// A sink that fills these slots. What they held is forgotten.
    pub fn sink<'s>(&'s self, slots: &'s mut Slots) -> SlotSink<'s> {
        slots.clear(self.fields);
        SlotSink { map: self, slots }
    }
}

/// Fills slots with the fields of one event.
#[derive(Debug)]
pub struct SlotSink<'s> {
    map: &'s SlotMap,
    slots: &'s mut Slots,
}

impl FieldSink for SlotSink<'_> {
    fn wants(&self, field: EcsField) -> bool {
        self.map.get(field.into()).is_some() || self.map.any_below(field)
    }

    fn time(&mut self, time: Timestamp) {
        if let Some(id) = self.map.get(EcsField::Timestamp.into()) {
            self.slots.push(id, Value::Date(time));
        }
    }

    fn text(&mut self, path: Path<'_>, value: &str) {
        if let Some(id) = self.map.get(path) {
            self.slots.push(id, Value::Text(value));
        }
    }

    fn int(&mut self, path: Path<'_>, value: i64) {
        if let Some(id) = self.map.get(path) {
            self.slots.push(id, Value::Int(value));
        }
    }

    fn texts(&mut self, path: Path<'_>, values: &mut dyn Iterator<Item = &str>) {
        if let Some(id) = self.map.get(path) {
            for value in values {
                self.slots.push(id, Value::Text(value));
            }
        }
    }

    fn objects(&mut self, path: Path<'_>, rows: &[Fields<'_>]) {
        if self.map.any_below(path.field) {
            for field in rows.iter().flat_map(Fields::iter) {
                self.text(Path { field: path.field, rest: field.key }, &field.value);
            }
        }
    }
}
