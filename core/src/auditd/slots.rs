//! The fields of an event straight into the slots of an engine, with no JSON between: only those that a rule names.
//!
//! ```text
//! rules name process.pid and auditd.data.a1    ->    [ProcessPid -> field 0]    [auditd.data: a1 -> field 1]
//! ```

use alloc::{boxed::Box, vec::Vec};
use core::ops::RangeInclusive;

use super::{
    fields::{Fields, mark},
    sink::{EcsField, FieldSink, Path},
    wanted::Wanted,
};
use crate::{
    Timestamp,
    event::{FieldId, FieldTable, Slots, Value, same},
};

/// Which fields of the document the rules name. Made once for a plan.
#[derive(Clone, Debug)]
pub struct SlotMap {
    fields: usize,
    /// By the number of the [`EcsField`].
    known: Vec<Option<FieldId>>,
    /// Fields below an object: the object and the rest of the path.
    below: Vec<(EcsField, Box<str>, FieldId)>,
    /// The marks of the rests.
    marks: u64,
    /// A bit for each field that is wanted, or below which one is.
    bits: u128,
    /// What they are made from.
    pub(super) wanted: Wanted,
}

impl SlotMap {
    /// Looks up every field that the table leads to.
    pub fn new(table: &FieldTable) -> Self {
        let known: Vec<_> = EcsField::ALL.iter().map(|field| table.get(field.path())).collect();
        let mut below: Vec<(EcsField, Box<str>, FieldId)> = Vec::new();
        for id in table.ids().filter(|&id| table.get(table.path(id)) == Some(id)) {
            for &field in EcsField::ALL {
                let rest = table.path(id).strip_prefix(field.path()).and_then(|rest| rest.strip_prefix('.'));
                below.extend(rest.map(|rest| (field, rest.into(), id)));
            }
        }
        let marks = below.iter().fold(0, |all, (_, rest, _)| all | mark(rest));
        let named = EcsField::ALL.iter().filter(|field| known.get(**field as usize).is_some_and(Option::is_some));
        let named = named.map(|&field| Path::from(field));
        let wanted = Wanted::of(named.chain(below.iter().map(|(field, rest, _)| Path { field: *field, rest })));
        let named = EcsField::ALL.iter().filter(|field| known.get(**field as usize).is_some_and(Option::is_some));
        let bits = named.chain(below.iter().map(|(field, ..)| field)).fold(0, |all, field| all | 1 << *field as u8);
        SlotMap { fields: table.len(), known, below, marks, bits, wanted }
    }

    fn get(&self, path: Path<'_>) -> Option<FieldId> {
        if path.rest.is_empty() {
            return self.known.get(path.field as usize).copied().flatten();
        }
        if self.marks & mark(path.rest) == 0 {
            return None;
        }
        let is_it = |(field, rest, _): &&(EcsField, Box<str>, FieldId)| {
            *field == path.field && same(rest.as_bytes(), path.rest.as_bytes())
        };
        self.below.iter().find(is_it).map(|(_, _, id)| *id)
    }

    #[inline(always)]
    fn any_below(&self, object: EcsField) -> bool {
        self.below.iter().any(|(field, _, _)| *field == object)
    }

    /// A sink that fills these slots, to be viewed with `records`, which is what the event's records say: its texts are mostly parts of that, and not
    /// copied. What the slots held is forgotten.
    pub fn sink<'s>(&'s self, slots: &'s mut Slots, records: &'s str) -> SlotSink<'s> {
        slots.clear(self.fields);
        SlotSink { map: self, slots, records }
    }
}

/// Fills slots with the fields of one event.
#[derive(Debug)]
pub struct SlotSink<'s> {
    map: &'s SlotMap,
    slots: &'s mut Slots,
    /// Most texts are parts of it.
    records: &'s str,
}

impl FieldSink for SlotSink<'_> {
    fn wants_any(&self, fields: RangeInclusive<EcsField>) -> bool {
        let (first, last) = (*fields.start() as u32, *fields.end() as u32);
        self.map.bits.wrapping_shr(first) & u128::MAX.wrapping_shr(127_u32.saturating_sub(last.saturating_sub(first)))
            != 0
    }

    fn time(&mut self, time: Timestamp) {
        if let Some(id) = self.map.get(EcsField::Timestamp.into()) {
            self.slots.push(id, Value::Date(time));
        }
    }

    fn text(&mut self, path: Path<'_>, value: &str) {
        if let Some(id) = self.map.get(path) {
            self.slots.push_text(id, value, self.records);
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
                self.slots.push_text(id, value, self.records);
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
    extern crate std;

    use super::super::{Auditd, AuditdOptions, Documents, Gathered};
    use super::*;
    use alloc::{collections::BTreeSet, format, string::String};

    /// Writes down which fields there are.
    #[derive(Default)]
    struct Paths(BTreeSet<String>);

    impl FieldSink for Paths {
        fn time(&mut self, _: Timestamp) {}
        fn text(&mut self, path: Path<'_>, _: &str) {
            let mut text = String::new();
            path.write(&mut text);
            self.0.insert(text);
        }
        fn int(&mut self, path: Path<'_>, _: i64) {
            self.text(path, "");
        }
        fn texts(&mut self, path: Path<'_>, _: &mut dyn Iterator<Item = &str>) {
            self.text(path, "");
        }
        fn objects(&mut self, path: Path<'_>, rows: &[Fields<'_>]) {
            rows.iter().flat_map(Fields::iter).for_each(|field| self.text(Path { rest: field.key, ..path }, ""));
        }
    }

    fn table(paths: &[&str]) -> FieldTable {
        let mut table = FieldTable::default();
        paths.iter().for_each(|path| _ = table.intern(path));
        table
    }

    /// What each event holds for each field of the map.
    fn read(log: &[u8], map: &SlotMap, table: &FieldTable) -> Vec<Vec<String>> {
        let mut auditd = Auditd::new(AuditdOptions::default());
        let (mut slots, mut found) = (Slots::default(), Vec::new());
        let mut each = |mut event: Gathered<'_>| {
            event.fill(map, &mut slots);
            let values = |id| slots.view(event.text()).values(id).collect::<Vec<_>>();
            found.push(table.ids().map(|id| format!("{:?}", values(id))).collect());
        };
        for line in log.split(|byte| *byte == b'\n') {
            let _ = auditd.gather_line(line, &mut each);
        }
        auditd.gather_rest(&mut each);
        found
    }

    /// Every log of the cases, and one that is torn.
    fn logs() -> Vec<Vec<u8>> {
        let torn = "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 success=yes exit=0 pid=7\n\
            type=CWD msg=audit(1.000:1): cwd=\"/\" odd=1\n\
            type=EXECVE msg=audit(1.000:1): argc=2 a0=\"sh\" a1=\"-c\"\n\
            type=PATH msg=audit(1.000:1): item=0 name=\"/bin/sh\" inode=1 mode=0100755 ouid=0\n\
            type=PROCTITLE msg=audit(1.000:1): proctitle=\"sh=1\" even=2\n";
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/auditd");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|path| path.extension().is_some_and(|end| end == "log"));
        let mut logs: Vec<Vec<u8>> = logs.map(|path| std::fs::read(path).unwrap()).collect();
        assert!(logs.len() > 5);
        logs.extend([torn.into(), eqlite_bench::audit_input(1, 12).bytes]);
        logs
    }

    /// The logs with bytes here and there changed for others that mean something.
    fn spoilt(log: &[u8], seed: u64) -> Vec<u8> {
        let (mut log, mut state) = (log.to_vec(), seed | 1);
        for _ in 0..log.len() / 60 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let place = state as usize / 64 % log.len();
            // The heads stay, so that there are events.
            if !matches!(log[place], b'\n' | b'(' | b')' | b':' | b'.') {
                log[place] = b"= \"'(aA0\x1d\xff"[state as usize % 10];
            }
        }
        log
    }

    #[test]
    fn fields_are_the_same_whatever_else_is_decoded() {
        let mut logs = logs();
        let spoilt: Vec<_> = logs.iter().zip(1..).map(|(log, seed)| spoilt(log, seed)).collect();
        logs.extend(spoilt);
        let mut paths = Paths::default();
        paths.0.extend(EcsField::ALL.iter().map(|field| field.path().into()));
        for log in &logs {
            let mut auditd = Auditd::new(AuditdOptions::default());
            for line in log.split(|byte| *byte == b'\n') {
                let _ = auditd.push_line(line, &mut |event| event.fields(&mut paths));
            }
            auditd.flush(&mut |event| event.fields(&mut paths));
        }
        assert!(paths.0.len() > 200);
        let logs = logs.concat();
        let all = table(&paths.0.iter().map(String::as_str).collect::<Vec<_>>());
        let whole = read(&logs, &SlotMap { wanted: Wanted::ALL, ..SlotMap::new(&all) }, &all);
        for (number, path) in paths.0.iter().enumerate() {
            // By itself, or beside what most rules name.
            let paths = [path.as_str(), "process.name", "destination.ip"];
            let table = table(&paths[..1 + number % 2 * 2]);
            let part = read(&logs, &SlotMap::new(&table), &table);
            assert_eq!(part.len(), whole.len());
            for (part, whole) in part.iter().zip(&whole) {
                for (value, id) in part.iter().zip(table.ids()) {
                    let path = table.path(id);
                    assert_eq!(*value, whole[all.get(path).unwrap().index()], "{path}");
                }
            }
        }
    }

    #[test]
    fn scouts_are_fields_of_the_same_number() {
        let table = table(&["process.pid", "auditd.data.a1", "process.name"]);
        let (name, a1) = (table.get("process.name").unwrap(), table.get("auditd.data.a1").unwrap());
        let map = SlotMap::new(&table.only(&[name, a1]));
        assert_eq!((map.get(EcsField::ProcessName.into()), map.get(EcsField::ProcessPid.into())), (Some(name), None));
        assert_eq!(map.get(Path { field: EcsField::AuditdData, rest: "a1" }), Some(a1));
    }

    #[test]
    fn documents_of_kept_records_are_those_of_the_events() {
        let mut documents = Documents::new(AuditdOptions::default());
        for log in logs() {
            let (mut auditd, mut count) = (Auditd::new(AuditdOptions::default()), 0);
            let mut each = |mut event: Gathered<'_>| {
                let mut document = String::new();
                event.event(Wanted::ALL, &mut |event| event.write_json(&mut document));
                assert_eq!(documents.of(&event.kept()).as_deref(), Some(document.as_str()));
                assert_eq!(documents.of(&document), None);
                count += 1;
            };
            for line in log.split(|byte| *byte == b'\n') {
                let _ = auditd.gather_line(line, &mut each);
            }
            auditd.gather_rest(&mut each);
            assert!(count > 0);
        }
    }
}
