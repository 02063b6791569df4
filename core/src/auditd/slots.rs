//! The fields of an event straight into the slots of an engine, with no JSON between: only those that a rule names.
//!
//! ```text
//! rules name process.pid and auditd.data.a1    ->    [ProcessPid -> field 0]    [auditd.data: a1 -> field 1]
//! ```

use crate::sort::sort_by;
use alloc::vec::Vec;

use super::{
    coalesce::Wanted,
    fields::{Fields, mark},
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
    /// The marks of the rests.
    marks: u64,
}

impl SlotMap {
    /// Looks up every field of the table.
    pub fn new(table: &FieldTable) -> Self {
        let known = EcsField::ALL.iter().map(|field| table.get(field.path())).collect();
        let mut below: Vec<(EcsField, alloc::boxed::Box<str>, FieldId)> = Vec::new();
        for id in table.ids() {
            for &field in EcsField::ALL {
                let rest = table.path(id).strip_prefix(field.path()).and_then(|rest| rest.strip_prefix('.'));
                below.extend(rest.map(|rest| (field, rest.into(), id)));
            }
        }
        sort_by(&mut below, |one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        let marks = below.iter().fold(0, |all, (_, rest, _)| all | mark(rest));
        SlotMap { fields: table.len(), known, below, marks }
    }

    /// The records that say something of a field that a rule names.
    pub(super) fn wanted(&self) -> Wanted {
        let any = |of: &[&str]| {
            let named = |field: &EcsField| of.iter().any(|start| field.path().starts_with(start)) && self.wants(*field);
            EcsField::ALL.iter().any(named)
        };
        Wanted {
            paths: any(&["auditd.paths", "auditd.file", "auditd.summary.object", "file."]),
            arguments: any(&["process.args"]) || self.get(Path { field: EcsField::AuditdData, rest: "argc" }).is_some(),
            directory: any(&["process.working_directory"]),
            title: any(&["process.title"]),
        }
    }

    fn wants(&self, field: EcsField) -> bool {
        self.get(field.into()).is_some() || self.any_below(field)
    }

    fn get(&self, path: Path<'_>) -> Option<FieldId> {
        if path.rest.is_empty() {
            return self.known.get(path.field as usize).copied().flatten();
        }
        if self.marks & mark(path.rest) == 0 {
            return None;
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
        self.map.wants(field)
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

#[cfg(test)]
mod tests {
    use super::super::{Auditd, AuditdOptions};
    use super::*;
    use alloc::{format, string::String, vec};

    /// What the events hold for the fields of the table, and their documents, where only some records are decoded or all.
    fn read(log: &str, table: &FieldTable, only: bool) -> Vec<String> {
        let map = SlotMap::new(table);
        let mut auditd = Auditd::new(AuditdOptions::default());
        if only {
            auditd = auditd.only(&map);
        }
        let (mut slots, mut found) = (Slots::default(), Vec::new());
        let mut each = |event: &crate::auditd::AuditEvent<'_>| {
            event.fields(&mut map.sink(&mut slots));
            let mut said = String::new();
            event.write_json(&mut said);
            for id in table.ids() {
                said.push_str(&format!("{:?}", slots.view("").values(id).collect::<Vec<_>>()));
            }
            found.push(said);
        };
        for line in log.lines() {
            let _ = auditd.push_line(line.as_bytes(), &mut each);
        }
        auditd.flush(&mut each);
        found
    }

    #[test]
    fn fields_are_the_same_whichever_records_are_decoded() {
        let torn = "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 success=yes exit=0 pid=7\n\
            type=CWD msg=audit(1.000:1): cwd=\"/\" odd=1\n\
            type=EXECVE msg=audit(1.000:1): argc=2 a0=\"sh\" a1=\"-c\"\n\
            type=PATH msg=audit(1.000:1): item=0 name=\"/bin/sh\" inode=1 mode=0100755 ouid=0\n\
            type=PROCTITLE msg=audit(1.000:1): proctitle=\"sh=1\" even=2\n";
        let log = [&String::from_utf8(eqlite_bench::audit_input(1, 12).bytes).unwrap(), torn].concat();
        let below =
            ["auditd.data.argc", "auditd.data.odd", "auditd.data.even", "auditd.paths.name", "file.selinux.role"];
        for path in EcsField::ALL.iter().map(|field| field.path()).chain(below) {
            for paths in [vec![path], vec!["process.name", path]] {
                let mut table = FieldTable::default();
                for path in paths {
                    table.intern(path);
                }
                assert!(read(&log, &table, true) == read(&log, &table, false), "{path}");
            }
        }
    }
}
