//! The fields that the loaded rules name, and the trie by which a document's keys lead to them.
//!
//! `process.pid` and `process.parent.pid` become fields 1 and 2 and the trie `process -> {pid: 1, parent -> {pid: 2}}`.
//! A document may nest (`{"process": {"pid": 1}}`), use dotted keys (`{"process.pid": 1}`) or mix both: the walk is the same.

use alloc::{boxed::Box, vec::Vec};
use hashbrown::HashMap;

/// The number of a field within one [`FieldTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(u32);

impl FieldId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in the trie: the keys walked so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

impl NodeId {
    pub(crate) const ROOT: NodeId = NodeId(0);
}

/// Every distinct field path of a plan, each with a small number.
#[derive(Clone, Debug)]
pub struct FieldTable {
    paths: Vec<Box<str>>,
    ids: HashMap<Box<str>, FieldId, foldhash::quality::FixedState>,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    field: Option<FieldId>,
    /// Open addressing, a power of two and at most half full, so that a probe ends soon; empty where there are no children.
    slots: Vec<Option<(Box<str>, NodeId)>>,
    children: usize,
}

impl Default for FieldTable {
    fn default() -> Self {
        FieldTable {
            paths: Vec::new(),
            ids: HashMap::with_hasher(foldhash::quality::FixedState::default()),
            nodes: alloc::vec![Node::default()],
        }
    }
}

impl FieldTable {
    /// The number of `path`, new or known.
    pub fn intern(&mut self, path: &str) -> FieldId {
        if let Some(&id) = self.ids.get(path) {
            return id;
        }
        let id = FieldId(u32::try_from(self.paths.len()).unwrap_or(u32::MAX));
        self.paths.push(path.into());
        self.ids.insert(path.into(), id);
        let end = path.split('.').fold(NodeId::ROOT, |node, key| self.grow(node, key));
        if let Some(node) = self.nodes.get_mut(end.0 as usize) {
            node.field = Some(id);
        }
        id
    }

    /// The number of `path`, where a rule names it.
    pub fn get(&self, path: &str) -> Option<FieldId> {
        self.ids.get(path).copied()
    }

    /// The dotted path of a field.
    pub fn path(&self, id: FieldId) -> &str {
        self.paths.get(id.index()).map_or("", |path| path)
    }

    /// All fields in order.
    pub fn ids(&self) -> impl Iterator<Item = FieldId> {
        (0..).map(FieldId).take(self.paths.len())
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether no rule names any field.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Where `key` leads from `node`; a dotted key walks several steps.
    #[inline]
    pub(crate) fn descend(&self, node: NodeId, key: &str) -> Option<NodeId> {
        if let Some(child) = self.child(node, key) {
            return Some(child);
        }
        memchr::memchr(b'.', key.as_bytes())?;
        key.split('.').try_fold(node, |node, part| self.child(node, part))
    }

    /// The field that ends at `node`.
    #[inline]
    pub(crate) fn field(&self, node: NodeId) -> Option<FieldId> {
        self.nodes.get(node.0 as usize).and_then(|node| node.field)
    }

    #[inline]
    fn child(&self, node: NodeId, key: &str) -> Option<NodeId> {
        let slots = &self.nodes.get(node.0 as usize)?.slots;
        let mask = slots.len().checked_sub(1)?;
        let mut at = hash(key) & mask;
        while let Some(Some((name, child))) = slots.get(at) {
            if **name == *key {
                return Some(*child);
            }
            at = at.wrapping_add(1) & mask;
        }
        None
    }

    fn grow(&mut self, node: NodeId, key: &str) -> NodeId {
        if let Some(child) = self.child(node, key) {
            return child;
        }
        let child = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node::default());
        if let Some(parent) = self.nodes.get_mut(node.0 as usize) {
            parent.add(key.into(), child);
        }
        child
    }
}

impl Node {
    fn add(&mut self, key: Box<str>, child: NodeId) {
        self.children = self.children.saturating_add(1);
        if self.children.saturating_mul(2) > self.slots.len() {
            let larger = self.children.saturating_mul(2).next_power_of_two();
            let old = core::mem::replace(&mut self.slots, alloc::vec![None; larger]);
            for (key, child) in old.into_iter().flatten() {
                self.place(key, child);
            }
        }
        self.place(key, child);
    }

    fn place(&mut self, key: Box<str>, child: NodeId) {
        let mask = self.slots.len().saturating_sub(1);
        let mut at = hash(&key) & mask;
        while let Some(Some(_)) = self.slots.get(at) {
            at = at.wrapping_add(1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some((key, child));
        }
    }
}

/// Cheap and good enough for a few dozen field names that the rules' authors, not the attackers, choose.
#[inline]
fn hash(key: &str) -> usize {
    let bytes = key.as_bytes();
    let (head, tail) = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(head), Some(tail)) => (u32::from_le_bytes(*head), u32::from_le_bytes(*tail)),
        _ => bytes.iter().fold((0, 0), |(all, _), &byte| ((all << 8) | u32::from(byte), 0)),
    };
    let mixed = (head ^ tail.rotate_left(15) ^ (bytes.len() as u32)).wrapping_mul(0x9e37_79b1);
    (mixed ^ (mixed >> 15)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_dotted_keys_lead_to_the_same_field() {
        let mut table = FieldTable::default();
        let pid = table.intern("process.pid");
        let parent = table.intern("process.parent.pid");
        assert_eq!(table.intern("process.pid"), pid);
        let process = table.descend(NodeId::ROOT, "process").unwrap();
        assert_eq!(table.descend(process, "pid").and_then(|node| table.field(node)), Some(pid));
        assert_eq!(table.descend(process, "parent.pid").and_then(|node| table.field(node)), Some(parent));
        assert_eq!(table.descend(NodeId::ROOT, "process.parent.pid").and_then(|node| table.field(node)), Some(parent));
        assert_eq!(table.descend(NodeId::ROOT, "process.name"), None);
        assert_eq!(table.field(process), None);
    }

    #[test]
    fn many_keys_in_one_node_are_all_found() {
        let mut table = FieldTable::default();
        let names: Vec<_> = (0..500).map(|n| alloc::format!("field{n}")).collect();
        let ids: Vec<_> = names.iter().map(|name| table.intern(name)).collect();
        for (name, id) in names.iter().zip(ids) {
            assert_eq!(table.descend(NodeId::ROOT, name).and_then(|node| table.field(node)), Some(id));
        }
    }
}
