//! Audit records on their way to the rules: from the reader of the log straight into the slots, with no document in between.
//!
//! A document is written only for an event that a rule keeps.

use crate::{
    auditd::{AuditEvent, Auditd, AuditdOptions, EcsField, FieldSink, Fields, Path},
    event::{FieldTable, NodeId, Slots, Value},
    time::Timestamp,
};
use alloc::{boxed::Box, string::String, vec::Vec};

/// Reads audit records for one plan.
#[derive(Debug)]
pub(super) struct AuditReader {
    pub(super) auditd: Auditd,
    /// For each field of the ECS document, where it leads in the plan's field table.
    nodes: Vec<Option<NodeId>>,
}

impl AuditReader {
    pub(super) fn new(fields: &FieldTable, options: AuditdOptions) -> Self {
        let nodes = EcsField::ALL.iter().map(|field| fields.descend(NodeId::ROOT, field.path())).collect();
        AuditReader { auditd: Auditd::new(options), nodes }
    }

    /// Runs `read` on the log reader; each event that it completes fills `slots` and is given to `observe`.
    pub(super) fn read<T>(
        &mut self,
        table: &FieldTable,
        slots: &mut Slots,
        observe: &mut dyn FnMut(&Slots, &AuditEvent<'_>),
        read: impl FnOnce(&mut Auditd, &mut dyn FnMut(&AuditEvent<'_>)) -> T,
    ) -> T {
        let nodes = &self.nodes;
        read(&mut self.auditd, &mut |event| {
            slots.clear(table.len());
            event.fields(&mut SlotSink { table, nodes, slots });
            observe(slots, event);
        })
    }
}

/// The ECS document of an event, on one line.
pub(super) fn document(event: &AuditEvent<'_>) -> Box<str> {
    let mut out = String::new();
    event.write_json(&mut out);
    out.into()
}

/// Puts the fields that a rule names into their slots.
struct SlotSink<'a> {
    table: &'a FieldTable,
    nodes: &'a [Option<NodeId>],
    slots: &'a mut Slots,
}

impl SlotSink<'_> {
    fn node(&self, path: Path<'_>) -> Option<NodeId> {
        let node = self.nodes.get(path.field as usize).copied().flatten()?;
        if path.rest.is_empty() { Some(node) } else { self.table.descend(node, path.rest) }
    }

    fn push(&mut self, path: Path<'_>, value: Value<'_>) {
        if let Some(field) = self.node(path).and_then(|node| self.table.field(node)) {
            self.slots.push(field, value);
        }
    }
}

impl FieldSink for SlotSink<'_> {
    fn time(&mut self, time: Timestamp) {
        self.push(EcsField::Timestamp.into(), Value::Date(time));
    }

    fn text(&mut self, path: Path<'_>, value: &str) {
        self.push(path, Value::Text(value));
    }

    fn int(&mut self, path: Path<'_>, value: i64) {
        self.push(path, Value::Int(value));
    }

    fn texts(&mut self, path: Path<'_>, values: &mut dyn Iterator<Item = &str>) {
        if let Some(field) = self.node(path).and_then(|node| self.table.field(node)) {
            values.for_each(|value| self.slots.push(field, Value::Text(value)));
        }
    }

    fn objects(&mut self, path: Path<'_>, rows: &[Fields<'_>]) {
        let Some(node) = self.node(path) else { return };
        for field in rows.iter().flat_map(Fields::iter) {
            if let Some(id) = self.table.descend(node, field.key).and_then(|node| self.table.field(node)) {
                self.slots.push(id, Value::Text(&field.value));
            }
        }
    }
}
