//! The members of objects as they have been written so far: a few hundred texts, which come again in nearly every document.
//!
//! ```text
//! {"process":{"pid":7,"name":"sh"},"host":{"name":"web"}}
//!  `"process":{`   `"pid":`   `"name":"`   `"host":{`   `"name":"`       five members of three objects
//! ```
//! A text goes from the quote of the key to the first byte of the value, so that finding it tells the key, where it leads, and what kind of
//! value follows, and takes one comparison. What came next the last time is tried first; but in whatever order members come they are found, by how
//! they begin: Auditbeat writes them as Go's maps have them.

use super::{
    FieldId,
    reader::Wanted,
    repeats::{Habit, Repeats},
    step,
    table::{NodeId, same, sixteen},
};
use alloc::vec::Vec;

/// What a value is, by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    Text,
    /// A number, `true`, `false` or `null`.
    Scalar,
    Object,
    Array,
}

impl Kind {
    #[inline(always)]
    pub(super) fn of(first: u8) -> Kind {
        match first {
            b'"' => Kind::Text,
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            _ => Kind::Scalar,
        }
    }
}

/// The number of a member; that of a document is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemberId(u32);

impl MemberId {
    pub(super) const DOCUMENT: MemberId = MemberId(0);

    /// One that is not remembered.
    const NONE: MemberId = MemberId(u32::MAX >> 1);

    #[inline(always)]
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    /// What comes after it, and what comes first in its value.
    #[inline(always)]
    pub(super) fn after(self) -> Link {
        Link(self.0 << 1)
    }

    #[inline(always)]
    pub(super) fn within(self) -> Link {
        Link(self.0 << 1 | 1)
    }
}

/// A place at which a member stands: after another, or first in an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link(u32);

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// What its value is, and where that leads.
    pub(super) kind: Kind,
    pub(super) node: Option<NodeId>,
    pub(super) field: Option<FieldId>,
}

/// How many members are remembered, and how long their texts may be together. Where keys are values there are more: then all are forgotten
/// before the next document, and learned anew.
const MEMBERS: usize = 1 << 13;
const TEXTS: usize = 1 << 18;
/// A document may bring as many again.
const MOST: usize = 1 << 14;

#[derive(Clone, Debug)]
pub(super) struct Members {
    /// By how a text begins: the last that begins so, or 0. Empty until something is learned.
    begins: Vec<u32>,
    /// By number. The first stands for the document.
    known: Vec<Known>,
    /// Which member stood there the last time, or 0.
    links: Vec<u32>,
    texts: Vec<u8>,
    repeats: Repeats,
    /// How many there may be at most.
    most: usize,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// The first sixteen bytes of the text, or what there are, and the bits of those.
    head: [u64; 2],
    mask: [u64; 2],
    /// Where the text is.
    start: u32,
    length: u32,
    member: Member,
    /// The member whose value the object is.
    owner: MemberId,
    /// Another one whose text begins so, or 0.
    other: u32,
    habit: Habit,
}

impl Default for Members {
    fn default() -> Self {
        let document = Known {
            // No text has such bytes.
            head: [u64::MAX; 2],
            mask: [u64::MAX; 2],
            start: 0,
            length: 0,
            member: Member { kind: Kind::Object, node: Some(NodeId::ROOT), field: None },
            owner: MemberId::NONE,
            other: 0,
            habit: Habit::default(),
        };
        Members {
            begins: Vec::new(),
            known: alloc::vec![document],
            links: alloc::vec![0; 2],
            texts: Vec::new(),
            repeats: Repeats::default(),
            most: MOST,
        }
    }
}

impl Members {
    /// Those of one document, which are not worth to be remembered.
    pub(super) fn forgotten() -> Self {
        Members { most: 0, ..Members::default() }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Makes room for those of another document.
    pub(super) fn make_room(&mut self) {
        if self.known.len() >= MEMBERS || self.texts.len() >= TEXTS {
            *self = Members::default();
        }
    }

    /// The member that is expected at a place of a document, if its text stands there, and the place behind it.
    #[inline(always)]
    pub(super) fn expected(&self, link: Link, bytes: &[u8], at: usize) -> Option<(MemberId, Member, usize)> {
        let expected = self.links.get(link.0 as usize).copied().unwrap_or(0);
        let known = self.known.get(expected as usize)?;
        let end = self.is(known, head(bytes, at), bytes, at)?;
        Some((MemberId(expected), known.member, end))
    }

    /// Any member whose text stands at a place of a document, in the object that is the value of `owner`, and the place behind it.
    #[inline(never)]
    pub(super) fn search(
        &mut self,
        owner: MemberId,
        link: Link,
        bytes: &[u8],
        at: usize,
    ) -> Option<(MemberId, Member, usize)> {
        let here = head(bytes, at);
        let mut number = self.begins.get(begin(owner, here)).copied()?;
        while number != 0 {
            let known = self.known.get(number as usize)?;
            if known.owner == owner
                && let Some(end) = self.is(known, here, bytes, at)
            {
                if let Some(link) = self.links.get_mut(link.0 as usize) {
                    *link = number;
                }
                return Some((MemberId(number), known.member, end));
            }
            number = known.other;
        }
        None
    }

    /// Whether the text of a member stands there, and what its value begins with: where that is.
    #[inline(always)]
    fn is(&self, known: &Known, here: [u64; 2], bytes: &[u8], at: usize) -> Option<usize> {
        let differs = (here[0] ^ known.head[0]) & known.mask[0] | (here[1] ^ known.head[1]) & known.mask[1];
        let end = at.wrapping_add(known.length as usize);
        let is = differs == 0
            && (known.length <= 16 || self.goes_on(known, bytes, at, end))
            // The text of a scalar is how all that have its key begin.
            && (known.member.kind != Kind::Scalar || step::begins_scalar(step::peek(bytes, end)));
        is.then_some(end)
    }

    /// Whether a text of more than sixteen bytes stands there to its end.
    #[inline(always)]
    fn goes_on(&self, known: &Known, bytes: &[u8], at: usize, end: usize) -> bool {
        let texts = self.texts.get(known.start as usize..).unwrap_or(&[]);
        let text = texts.get(..known.length as usize).unwrap_or(&[]);
        bytes.get(at..end).is_some_and(|here| same(here, text))
    }

    /// Remembers a member, if there is room: `text` is what it is to be found by.
    #[cold]
    pub(super) fn learn(&mut self, owner: MemberId, link: Link, text: &[u8], member: Member) -> MemberId {
        let full =
            self.known.len() >= self.most || self.texts.len().saturating_add(text.len()) >= TEXTS.saturating_mul(2);
        // Of a shorter text a part of the value would be what it is filed under.
        if full || text.len() < 5 || owner == MemberId::NONE {
            return MemberId::NONE;
        }
        self.begins.resize(1 << BEGIN_BITS, 0);
        let head = head(text, 0);
        let Some(first) = self.begins.get_mut(begin(owner, head)) else { return MemberId::NONE };
        let bits = u128::MAX.checked_shr(128_u32.saturating_sub((text.len() as u32).saturating_mul(8))).unwrap_or(0);
        let mask = [bits as u64, (bits >> 64) as u64];
        let (number, start, length) = (self.known.len() as u32, self.texts.len() as u32, text.len() as u32);
        self.known.push(Known { head, mask, start, length, member, owner, other: *first, habit: Habit::default() });
        *first = number;
        self.texts.extend_from_slice(text);
        self.links.extend([0; 2]);
        if let Some(link) = self.links.get_mut(link.0 as usize) {
            *link = number;
        }
        MemberId(number)
    }

    /// The place behind a member that stands at a place, if it has a value that it had before, and what is wanted of it, counted from there.
    #[inline(always)]
    pub(super) fn repeat(&mut self, id: MemberId, depth: usize, bytes: &[u8], at: usize) -> Option<(usize, &[Wanted])> {
        let habit = &mut self.known.get_mut(id.index())?.habit;
        self.repeats.find(id, habit, depth, bytes.get(at..)?).map(|(length, wanted)| (at.wrapping_add(length), wanted))
    }

    /// Remembers a member with its value, `text`, and what is wanted of it, if it is worth it. It begins at `start` of the document.
    pub(super) fn learn_value(&mut self, id: MemberId, depth: usize, text: &[u8], wanted: &[Wanted], start: usize) {
        if let Some(known) = self.known.get_mut(id.index()) {
            self.repeats.learn(id, &mut known.habit, depth, text, wanted, start);
        }
    }
}

const BEGIN_BITS: u32 = 12;

/// Where a member is filed: by its object and the four bytes behind the quote.
#[inline(always)]
fn begin(owner: MemberId, [head, _]: [u64; 2]) -> usize {
    let mixed = (head >> 8) as u32 ^ owner.0.wrapping_mul(0x85eb_ca6b);
    (mixed.wrapping_mul(0x9e37_79b1) >> 32_u32.wrapping_sub(BEGIN_BITS)) as usize
}

/// Sixteen bytes from a place, zeros beyond the end.
#[inline(always)]
fn head(bytes: &[u8], at: usize) -> [u64; 2] {
    let all = match sixteen(bytes, at) {
        Some(all) => all,
        None => last(bytes, at),
    };
    [all as u64, (all >> 64) as u64]
}

#[cold]
fn last(bytes: &[u8], at: usize) -> u128 {
    let rest = bytes.get(at..).unwrap_or(&[]);
    rest.iter().rev().fold(0, |all, byte| all << 8 | u128::from(*byte))
}
