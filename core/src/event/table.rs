//! The fields that the loaded rules name, and the trie by which a document's keys lead to them.
//!
//! `process.pid` and `process.parent.pid` become fields 1 and 2 and the trie `process -> {pid: 1, parent -> {pid: 2}}`.
//! A document may nest (`{"process": {"pid": 1}}`), use dotted keys (`{"process.pid": 1}`) or mix both: the walk is the same.

use super::scan;
use alloc::{boxed::Box, vec::Vec};
use hashbrown::HashMap;

/// The number of a field within one [`FieldTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(u32);

impl FieldId {
    pub(super) const FIRST: FieldId = FieldId(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in the trie: the keys walked so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(u32);

impl NodeId {
    pub(super) const ROOT: NodeId = NodeId(0);
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
    /// By how a key begins: one beyond the place of the last child whose name begins so, or 0. Most keys of a document lead nowhere, which
    /// this nearly always says. Empty where there are no children.
    begins: Vec<u32>,
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    key: Box<str>,
    node: NodeId,
    /// One beyond the place of another child whose name begins so, or 0.
    next: u32,
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

    #[inline(always)]
    fn step(&self, node: NodeId) -> Step<'_> {
        Step { table: self, node: self.nodes.get(node.0 as usize) }
    }

    /// Where `key` leads from `node`; a dotted key walks several steps.
    pub(super) fn descend(&self, node: NodeId, key: &[u8]) -> Option<NodeId> {
        let step = self.step(node);
        step.along(step.begin(two_of(key)), key)
    }

    #[cold]
    fn descend_dotted(&self, from: Step<'_>, key: &[u8]) -> Option<NodeId> {
        let mut parts = key.split(|byte| *byte == b'.');
        let first = parts.next().unwrap_or(&[]);
        let node = from.child(from.begin(two_of(first)), first)?;
        parts.try_fold(node, |node, part| self.child(node, part))
    }

    /// The field that ends at `node`.
    #[inline]
    pub(super) fn field(&self, node: NodeId) -> Option<FieldId> {
        match self.nodes.get(node.0 as usize) {
            Some(node) => node.field,
            None => None,
        }
    }

    fn child(&self, node: NodeId, key: &[u8]) -> Option<NodeId> {
        let step = self.step(node);
        step.child(step.begin(two_of(key)), key)
    }

    fn grow(&mut self, node: NodeId, key: &str) -> NodeId {
        if let Some(child) = self.child(node, key.as_bytes()) {
            return child;
        }
        let child = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node::default());
        if let Some(parent) = self.nodes.get_mut(node.0 as usize) {
            parent.add(key, child);
        }
        child
    }
}

impl Node {
    fn add(&mut self, key: &str, node: NodeId) {
        self.begins.resize(1 << BEGIN_BITS, 0);
        self.file(two_of(key.as_bytes()), key, node);
        // What follows a single letter may be the dot of a longer key.
        if let [letter] = key.as_bytes() {
            self.file([*letter, b'.'], key, node);
        }
    }

    fn file(&mut self, begin: [u8; 2], key: &str, node: NodeId) {
        let Some(first) = self.begins.get_mut(place(begin)) else { return };
        self.children.push(Child { key: key.into(), node, next: *first });
        *first = u32::try_from(self.children.len()).unwrap_or(0);
    }
}

/// How many bits the place of a beginning has.
const BEGIN_BITS: u32 = 7;

/// How a key begins: what follows a single letter is the quote behind it.
#[inline(always)]
fn two_of(key: &[u8]) -> [u8; 2] {
    match key {
        [one, two, ..] => [*one, *two],
        [one] => [*one, b'"'],
        [] => [b'"', b'"'],
    }
}

#[inline(always)]
fn place(begin: [u8; 2]) -> usize {
    (u32::from(u16::from_le_bytes(begin)).wrapping_mul(0x9e37_79b1) >> 32_u32.wrapping_sub(BEGIN_BITS)) as usize
}

/// A place in the trie, from which keys lead on.
#[derive(Clone, Copy)]
struct Step<'t> {
    table: &'t FieldTable,
    node: Option<&'t Node>,
}

impl Step<'_> {
    /// The children whose names begin so, and perhaps more; 0 where there is none.
    #[inline(always)]
    fn begin(self, two: [u8; 2]) -> u32 {
        match self.node {
            Some(node) => node.begins.get(place(two)).copied().unwrap_or(0),
            None => 0,
        }
    }

    /// Where a key leads that begins so.
    #[inline(always)]
    fn along(self, begin: u32, key: &[u8]) -> Option<NodeId> {
        match self.child(begin, key) {
            None if begin != 0 && has_dot(key) => self.table.descend_dotted(self, key),
            child => child,
        }
    }

    #[inline(always)]
    fn child(self, begin: u32, key: &[u8]) -> Option<NodeId> {
        let children = self.node.map_or(&[][..], |node| &node.children);
        let mut at = begin;
        while let Some(child) = children.get((at as usize).wrapping_sub(1)) {
            if same(child.key.as_bytes(), key) {
                return Some(child.node);
            }
            at = child.next;
        }
        None
    }
}

/// Cheap and good enough for a few dozen names that the rules' authors, not the attackers, choose.
#[inline]
pub(crate) fn hash(key: &[u8]) -> u32 {
    let (head, tail) = match (four(key, 0), four(key, key.len().wrapping_sub(4))) {
        (Some(head), Some(tail)) => (head, tail),
        _ => {
            let mut all = 0;
            for byte in key {
                all = all << 8 | u32::from(*byte);
            }
            (all, 0)
        }
    };
    let mixed = (head ^ tail.rotate_left(15) ^ (key.len() as u32)).wrapping_mul(0x9e37_79b1);
    mixed ^ (mixed >> 15)
}

/// Four bytes as a number, where there are so many.
#[inline(always)]
fn four(bytes: &[u8], at: usize) -> Option<u32> {
    match bytes.get(at..) {
        Some([a, b, c, d, ..]) => Some(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

/// Eight bytes as a number, where there are so many.
#[inline(always)]
pub(super) fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    match bytes.get(at..) {
        Some([a, b, c, d, e, f, g, h, ..]) => Some(u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h])),
        _ => None,
    }
}

/// Whether two texts are equal. Up to 64 bytes without a call: by words, the last of which may overlap the one before.
#[inline(always)]
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let length = one.len();
    if length != other.len() {
        return false;
    }
    match length {
        8..=16 => {
            let tail = length.wrapping_sub(8);
            eight(one, 0) == eight(other, 0) && eight(one, tail) == eight(other, tail)
        }
        4..8 => {
            let tail = length.wrapping_sub(4);
            four(one, 0) == four(other, 0) && four(one, tail) == four(other, tail)
        }
        0..4 => one.iter().eq(other),
        17..=32 => {
            let tail = length.wrapping_sub(16);
            sixteen(one, 0) == sixteen(other, 0) && sixteen(one, tail) == sixteen(other, tail)
        }
        33..=64 => {
            let tail = length.wrapping_sub(32);
            thirty_two(one, other, 0) & thirty_two(one, other, tail)
        }
        _ => one == other,
    }
}

/// Whether thirty-two bytes are the same, with nothing to foresee.
#[inline(always)]
fn thirty_two(one: &[u8], other: &[u8], at: usize) -> bool {
    match (one.get(at..).and_then(<[u8]>::first_chunk), other.get(at..).and_then(<[u8]>::first_chunk)) {
        (Some(one), Some(other)) => scan::alike(one, other),
        _ => false,
    }
}

/// Sixteen bytes as a number, where there are so many.
#[inline(always)]
pub(super) fn sixteen(bytes: &[u8], at: usize) -> Option<u128> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u128::from_le_bytes(*bytes))
}

/// Whether a key has a dot: eight bytes at a time, the last ones a second time where the key is no multiple.
#[inline(always)]
fn has_dot(key: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut at = 0_usize;
    let last = key.len().wrapping_sub(8);
    while let Some(word) = eight(key, at) {
        let dots = word ^ ONES.wrapping_mul(b'.' as u64);
        if dots.wrapping_sub(ONES) & !dots & ONES.wrapping_mul(0x80) != 0 {
            return true;
        }
        if at == last {
            return false;
        }
        at = at.wrapping_add(8).min(last);
    }
    key.contains(&b'.')
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
        let text: Vec<u8> = (128..208).collect();
        for length in 0..70 {
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
