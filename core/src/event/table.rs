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
    slots: Vec<Option<Child>>,
    children: usize,
    /// The first two bytes of the children's names, a bit for each pair of them: most keys of a document lead nowhere, which this nearly
    /// always says, also of dotted ones.
    begins: u64,
}

#[derive(Clone, Debug)]
struct Child {
    /// Of the key, so that other keys are told apart without going where their names are.
    hash: u32,
    node: NodeId,
    key: Box<str>,
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
        self.lead(path, id);
        id
    }

    fn lead(&mut self, path: &str, id: FieldId) {
        let end = path.split('.').fold(NodeId::ROOT, |node, key| self.grow(node, key));
        if let Some(node) = self.nodes.get_mut(end.0 as usize) {
            node.field = Some(id);
        }
    }

    /// A table that leads to these fields only, with the same numbers.
    pub(crate) fn only(&self, fields: &[FieldId]) -> FieldTable {
        let mut table = FieldTable { paths: self.paths.clone(), ..FieldTable::default() };
        for &id in fields {
            table.ids.insert(self.path(id).into(), id);
            table.lead(self.path(id), id);
        }
        table
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
    pub(crate) fn descend(&self, node: NodeId, key: &[u8]) -> Option<NodeId> {
        if key
            .first_chunk()
            .is_some_and(|two| self.nodes.get(node.0 as usize).is_none_or(|node| node.begins & begin(two) == 0))
        {
            return None;
        }
        if let Some(child) = self.child(node, key) {
            return Some(child);
        }
        if !has_dot(key) {
            return None;
        }
        self.descend_dotted(node, key)
    }

    #[cold]
    fn descend_dotted(&self, node: NodeId, key: &[u8]) -> Option<NodeId> {
        key.split(|byte| *byte == b'.').try_fold(node, |node, part| self.child(node, part))
    }

    /// The field that ends at `node`.
    #[inline]
    pub(crate) fn field(&self, node: NodeId) -> Option<FieldId> {
        self.nodes.get(node.0 as usize).and_then(|node| node.field)
    }

    #[inline]
    fn child(&self, node: NodeId, key: &[u8]) -> Option<NodeId> {
        let slots = &self.nodes.get(node.0 as usize)?.slots;
        let mask = slots.len().checked_sub(1)?;
        let hash = hash(key);
        let mut at = hash as usize & mask;
        while let Some(Some(child)) = slots.get(at) {
            if child.hash == hash && same(child.key.as_bytes(), key) {
                return Some(child.node);
            }
            at = at.wrapping_add(1) & mask;
        }
        None
    }

    fn grow(&mut self, node: NodeId, key: &str) -> NodeId {
        if let Some(child) = self.child(node, key.as_bytes()) {
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
    fn add(&mut self, key: Box<str>, node: NodeId) {
        self.children = self.children.saturating_add(1);
        self.begins |= match key.as_bytes() {
            // A dot or the end may follow.
            [] | [_] => u64::MAX,
            [one, two, ..] => begin(&[*one, *two]),
        };
        if self.children.saturating_mul(2) > self.slots.len() {
            let larger = self.children.saturating_mul(2).next_power_of_two();
            let old = core::mem::replace(&mut self.slots, alloc::vec![None; larger]);
            old.into_iter().flatten().for_each(|child| self.place(child));
        }
        self.place(Child { hash: hash(key.as_bytes()), node, key });
    }

    fn place(&mut self, child: Child) {
        let mask = self.slots.len().saturating_sub(1);
        let mut at = child.hash as usize & mask;
        while let Some(Some(_)) = self.slots.get(at) {
            at = at.wrapping_add(1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(child);
        }
    }
}

/// The bit of a key that begins so.
#[inline]
fn begin(two: &[u8; 2]) -> u64 {
    1_u64.wrapping_shl(u32::from(u16::from_le_bytes(*two)).wrapping_mul(0x9e37_79b1) >> 26)
}

/// Cheap and good enough for a few dozen field names that the rules' authors, not the attackers, choose.
#[inline]
pub(crate) fn hash(key: &[u8]) -> u32 {
    let (head, tail) = match (key.first_chunk::<4>(), key.last_chunk::<4>()) {
        (Some(head), Some(tail)) => (u32::from_le_bytes(*head), u32::from_le_bytes(*tail)),
        _ => (key.iter().fold(0, |all, &byte| (all << 8) | u32::from(byte)), 0),
    };
    let mixed = (head ^ tail.rotate_left(15) ^ (key.len() as u32)).wrapping_mul(0x9e37_79b1);
    mixed ^ (mixed >> 15)
}

/// Whether two short texts are equal: up to 16 bytes without a call, by words that may overlap.
#[inline]
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let half = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        8..=16 => {
            one.first_chunk().map(word) == other.first_chunk().map(word)
                && one.last_chunk().map(word) == other.last_chunk().map(word)
        }
        4..8 => {
            one.first_chunk().map(half) == other.first_chunk().map(half)
                && one.last_chunk().map(half) == other.last_chunk().map(half)
        }
        _ => one == other,
    }
}

/// Whether a key has a dot: eight bytes at a time, the last ones a second time where the key is no multiple.
#[inline]
fn has_dot(key: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let dot_in = |word: u64| {
        let dots = word ^ ONES.wrapping_mul(b'.' as u64);
        dots.wrapping_sub(ONES) & !dots & ONES.wrapping_mul(0x80) != 0
    };
    match (key.last_chunk(), key.first_chunk(), key.last_chunk()) {
        (Some(last), ..) => {
            let (words, _) = key.as_chunks::<8>();
            dot_in(u64::from_le_bytes(*last)) || words.iter().any(|word| dot_in(u64::from_le_bytes(*word)))
        }
        (None, Some(first), Some(last)) => {
            dot_in(u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32)
        }
        _ => key.contains(&b'.'),
    }
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
        let process = table.descend(NodeId::ROOT, b"process").unwrap();
        assert_eq!(table.descend(process, b"pid").and_then(|node| table.field(node)), Some(pid));
        assert_eq!(table.descend(process, b"parent.pid").and_then(|node| table.field(node)), Some(parent));
        assert_eq!(table.descend(NodeId::ROOT, b"process.parent.pid").and_then(|node| table.field(node)), Some(parent));
        assert_eq!(table.descend(NodeId::ROOT, b"process.name"), None);
        assert_eq!(table.field(process), None);
    }

    #[test]
    fn short_texts_are_equal_where_all_of_their_bytes_are() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..40 {
            assert!(same(&text[..length], &text.clone()[..length]));
            assert!(!same(&text[..length], &text[..length + 1]));
            for at in 0..length {
                let mut other = text[..length].to_vec();
                other[at] ^= 0x80;
                assert!(!same(&text[..length], &other), "{length} {at}");
                other[at] = b'.';
                assert!(has_dot(&other) && !has_dot(&text[..length]), "{length} {at}");
            }
        }
    }

    #[test]
    fn many_keys_in_one_node_are_all_found() {
        let mut table = FieldTable::default();
        let names: Vec<_> = (0..500).map(|n| alloc::format!("field{n}")).collect();
        let ids: Vec<_> = names.iter().map(|name| table.intern(name)).collect();
        for (name, id) in names.iter().zip(ids) {
            assert_eq!(table.descend(NodeId::ROOT, name.as_bytes()).and_then(|node| table.field(node)), Some(id));
        }
    }
}
