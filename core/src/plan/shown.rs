//! What the values of a field say of the stages, remembered: the same names, users and categories come again in event after event.
//!
//! ```text
//! process.name = "nc"    shows the stages that are filed under "nc"
//!                        rules out those that did not match when it came before, because they ask for another name
//! ```
//! Values are learned when they come the second time. What they rule out is learned bit by bit: whenever a stage was asked, did not match,
//! and this field alone was why.

use super::index::{StageBits, StageId};
use crate::event::{EventView, FieldId, Value, Values, same};
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};
use foldhash::quality::FixedState;

/// How many values are remembered at first and at most, and how many bytes what they say may take: with many stages there are fewer.
const FIRST: usize = 1 << 6;
const VALUES: usize = 1 << 12;
const BYTES: usize = 1 << 22;
/// How long the values of a field may be together, and how many stages they may show.
const LONGEST: usize = 64;
const MOST: usize = 256;

/// The values of fields as they were seen, for the stages of one plan.
#[derive(Clone, Debug, Default)]
pub(super) struct ShownMemory {
    /// Each in one of two places that lie beside each other. A power of two, as small as the values that come again allow: what is looked up in
    /// every event should lie close together. Empty until something is learned.
    values: Vec<Known>,
    /// By place: hashes of values that came once.
    seen: Vec<u32>,
}

/// Values of a field, and what they say.
#[derive(Clone, Debug, Default)]
struct Known {
    handle: Handle,
    /// How long the text is, and how many stages it shows.
    length: u32,
    shows: u32,
    /// Where in `said` the stages begin that it shows, and where those that it rules out.
    shown_at: u32,
    ruled_out_at: u32,
    /// The text, filled up with zeros; the stages that it shows, two in a word; and, as bits, those that it rules out, if there are any. All of it
    /// beside each other, since it is all looked at.
    said: Vec<Word>,
}

type Word = [u8; 8];

impl Known {
    #[inline(always)]
    fn text(&self) -> &[u8] {
        self.said.as_flattened().get(..self.length as usize).unwrap_or(&[])
    }

    /// The stages that the text shows.
    #[inline(always)]
    fn shown(&self) -> impl Iterator<Item = StageId> {
        let words = self.said.get(self.shown_at as usize..self.ruled_out_at as usize).unwrap_or(&[]);
        let (stages, _) = words.as_flattened().as_chunks();
        stages.iter().take(self.shows as usize).map(|stage| StageId::from_le_bytes(*stage))
    }

    /// Those that it rules out.
    #[inline(always)]
    fn ruled_out(&self) -> &[Word] {
        self.said.get(self.ruled_out_at as usize..).unwrap_or(&[])
    }
}

/// The values of a field, to be found by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'k> {
    handle: Handle,
    text: &'k [u8],
}

/// Tells values that are remembered, as long as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handle {
    hash: u64,
    field: u32,
}

impl Default for Handle {
    /// That of no values.
    fn default() -> Self {
        Handle { hash: 0, field: u32::MAX }
    }
}

impl<'k> Key<'k> {
    /// That of the values of a field, whose number in the index is `place`; `None` where they are too long, or of a kind that hardly comes
    /// again. `spelled` is room for it.
    #[inline(always)]
    pub(super) fn new(place: u32, field: FieldId, view: EventView<'k>, spelled: &'k mut Vec<u8>) -> Option<Self> {
        let text = match view.only_text(field) {
            Some(text) => text.as_bytes(),
            None => spell(view.values(field), spelled)?,
        };
        let mut hasher = FixedState::with_seed(u64::from(place)).build_hasher();
        hasher.write(text);
        let hash = hasher.finish();
        (text.len() <= LONGEST).then_some(Key { handle: Handle { hash, field: place }, text })
    }
}

/// Spells values that are more than one text. A byte that no text has tells the kind of each, so that nothing else is spelled the same.
fn spell<'k>(values: Values<'_>, out: &'k mut Vec<u8>) -> Option<&'k [u8]> {
    out.clear();
    for value in values {
        match value {
            Value::Text(text) => {
                out.extend([0xff, u8::try_from(text.len()).ok()?]);
                out.extend_from_slice(text.as_bytes());
            }
            Value::Bool(value) => out.extend([0xfe, u8::from(value)]),
            Value::Int(value) => number(0xfd, value as u64, out),
            Value::Unsigned(value) => number(0xfc, value, out),
            Value::Float(value) => number(0xfb, value.to_bits(), out),
            Value::Ip(_) | Value::Date(_) => return None,
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(out)
}

fn number(kind: u8, value: u64, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&value.to_le_bytes());
}

impl ShownMemory {
    #[inline(always)]
    fn place(&self, handle: Handle) -> usize {
        handle.hash as usize & self.values.len().wrapping_sub(1)
    }

    /// The values of a handle, now in the first of their two places, so that what is seldom used gives way. No others have the same handle.
    #[inline(always)]
    fn find(&mut self, handle: Handle) -> Option<&mut Known> {
        let place = self.place(handle);
        let is = |known: Option<&Known>| known.is_some_and(|known| known.handle == handle);
        if !is(self.values.get(place)) {
            if !is(self.values.get(place ^ 1)) {
                return None;
            }
            self.values.swap(place, place ^ 1);
        }
        self.values.get_mut(place)
    }

    /// Adds what the values say, if they are remembered.
    #[inline(always)]
    pub(super) fn tell(&mut self, key: Key<'_>, shown: &mut StageBits, ruled_out: &mut StageBits) -> Option<Handle> {
        let known = self.find(key.handle)?;
        if !same(known.text(), key.text) {
            return None;
        }
        known.shown().for_each(|stage| shown.add(stage));
        ruled_out.add_words(known.ruled_out());
        Some(known.handle)
    }

    /// Whether the values, which are not remembered, came before.
    pub(super) fn came(&mut self, key: Key<'_>) -> bool {
        self.seen.resize(VALUES, 0);
        let hash = key.handle.hash;
        let Some(seen) = self.seen.get_mut((hash >> 32) as usize & VALUES.wrapping_sub(1)) else { return false };
        core::mem::replace(seen, hash as u32) == hash as u32
    }

    /// Remembers that these stages, of which sets have so many words, are what the values show, if they are not too many.
    pub(super) fn learn(&mut self, key: Key<'_>, shown: &[StageId], words: usize) -> Option<Handle> {
        if shown.len() > MOST {
            return None;
        }
        if self.find(key.handle).is_none() {
            self.make_room(key.handle, words);
        }
        let place = self.place(key.handle);
        let known = self.values.get_mut(place)?;
        (known.handle, known.length, known.shows) = (key.handle, key.text.len() as u32, shown.len() as u32);
        known.said.clear();
        known.said.extend(key.text.chunks(8).map(word));
        known.shown_at = known.said.len() as u32;
        let two = |two: &[StageId]| two.iter().rev().fold(0, |all, stage| all << 32 | u64::from(*stage)).to_le_bytes();
        known.said.extend(shown.chunks(2).map(two));
        known.ruled_out_at = known.said.len() as u32;
        Some(key.handle)
    }

    /// Makes the first place of values free that are not remembered, among more places if others need both.
    #[inline(never)]
    fn make_room(&mut self, handle: Handle, words: usize) {
        let most = BYTES.checked_div(words.saturating_mul(8)).unwrap_or(VALUES).clamp(2, VALUES);
        let most = most.saturating_add(1).next_power_of_two() / 2;
        let place = self.place(handle);
        if !self.is_free(place) && !self.is_free(place ^ 1) && self.values.len() < most {
            let more = self.values.len().saturating_mul(2).max(FIRST).min(most);
            let old = core::mem::take(&mut self.values);
            self.values.resize_with(more, Known::default);
            for known in old.into_iter().filter(|known| known.handle != Handle::default()) {
                let place = self.free_place(known.handle);
                if let Some(there) = self.values.get_mut(place) {
                    *there = known;
                }
            }
        }
        self.free_place(handle);
    }

    fn is_free(&self, place: usize) -> bool {
        self.values.get(place).is_some_and(|known| known.handle == Handle::default())
    }

    /// The first place for the values of a handle. What was there is in the second now.
    fn free_place(&mut self, handle: Handle) -> usize {
        let place = self.place(handle);
        if !self.is_free(place) {
            self.values.swap(place, place ^ 1);
        }
        place
    }

    /// Notes that the values rule out a stage, if they are still remembered.
    pub(super) fn rule_out(&mut self, handle: Handle, stage: StageId, words: usize) {
        let Some(known) = self.find(handle) else { return };
        let begin = known.ruled_out_at as usize;
        known.said.resize(begin.saturating_add(words), Word::default());
        let at = begin.saturating_add(stage as usize / 64);
        if let Some(word) = known.said.get_mut(at) {
            *word = (u64::from_le_bytes(*word) | 1_u64.wrapping_shl(stage)).to_le_bytes();
        }
    }
}

/// Up to eight bytes, filled up with zeros.
fn word(bytes: &[u8]) -> Word {
    core::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn key(hash: u64, text: &str) -> Key<'_> {
        Key { handle: Handle { hash, field: 3 }, text: text.as_bytes() }
    }

    /// What is said of a key: the stages that it shows, and those that it rules out.
    fn told(memory: &mut ShownMemory, key: Key<'_>) -> Option<(StageBits, StageBits)> {
        let (mut shown, mut ruled_out) = (StageBits::default(), StageBits::default());
        shown.clear(2);
        ruled_out.clear(2);
        memory.tell(key, &mut shown, &mut ruled_out).map(|_| (shown, ruled_out))
    }

    fn bits(stages: &[StageId]) -> StageBits {
        let mut bits = StageBits::default();
        bits.clear(2);
        stages.iter().for_each(|stage| bits.add(*stage));
        bits
    }

    #[test]
    fn values_are_learned_the_second_time() {
        let mut memory = ShownMemory::default();
        let one = key(7, "one");
        assert!(!memory.came(one) && memory.came(one));
        assert_eq!(told(&mut memory, one), None);
        let handle = memory.learn(one, &[1, 70], 2).unwrap();
        assert_eq!(told(&mut memory, one), Some((bits(&[1, 70]), bits(&[]))));
        memory.rule_out(handle, 70, 2);
        memory.rule_out(handle, 5, 2);
        assert_eq!(told(&mut memory, one), Some((bits(&[1, 70]), bits(&[5, 70]))));
        assert_eq!(memory.learn(key(9, "many"), &vec![0; MOST + 1], 2), None);
    }

    /// Whoever chooses the values can make them: then the last one is remembered, and nothing is said of the other.
    #[test]
    fn values_of_the_same_hash_are_not_mistaken_for_each_other() {
        let mut memory = ShownMemory::default();
        let (one, other, third) = (key(7, "one"), key(7, "other"), key(7 + (1 << 40), "third"));
        memory.learn(one, &[1], 2);
        memory.learn(third, &[3], 2);
        let handle = memory.learn(other, &[2], 2).unwrap();
        memory.rule_out(handle, 1, 2);
        assert_eq!(told(&mut memory, one), None);
        assert_eq!(told(&mut memory, other), Some((bits(&[2]), bits(&[1]))));
        assert_eq!(told(&mut memory, third), Some((bits(&[3]), bits(&[]))));
    }

    /// What is remembered stays where more places are made, and there are never more than what they say may take.
    #[test]
    fn places_grow_with_the_values_that_come_again() {
        for (words, most) in [(1, VALUES), (128, VALUES), (129, VALUES / 2), (1 << 20, 2)] {
            let mut memory = ShownMemory::default();
            for number in 0..(3 * most as u64) {
                let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let few = memory.values.len() <= FIRST && most > FIRST;
                let handle = memory.learn(key(hash >> 20, "x"), &[], words).unwrap();
                assert_eq!(memory.find(handle).map(|known| known.handle), Some(handle));
                if few && memory.values.len() > FIRST {
                    let kept = (0..number).filter(|number| {
                        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
                        memory.find(Handle { hash, field: 3 }).is_some()
                    });
                    assert!(kept.count() as u64 > number * 9 / 10, "{number}");
                }
            }
            assert_eq!(memory.values.len(), most, "{words}");
        }
    }
}
