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

/// How many values are remembered at most, and how many bytes what they rule out may take: with many stages there are fewer.
const VALUES: usize = 1 << 12;
const BYTES: usize = 1 << 22;
/// How long the values of a field may be together, and how many stages they may show.
const LONGEST: usize = 64;
const MOST: usize = 256;

/// The values of fields as they were seen, for the stages of one plan.
#[derive(Clone, Debug, Default)]
pub(super) struct ShownMemory {
    /// Each in one of two places that lie beside each other. Empty until something is learned.
    values: Vec<Known>,
    /// By place: hashes of values that came once.
    seen: Vec<u32>,
}

/// Values of a field, and what they say.
#[derive(Clone, Debug, Default)]
struct Known {
    handle: Handle,
    text: Vec<u8>,
    shown: Vec<StageId>,
    /// Empty where there are none.
    ruled_out: StageBits,
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
        let known = self.find(key.handle).filter(|known| same(&known.text, key.text))?;
        known.shown.iter().for_each(|stage| shown.add(*stage));
        ruled_out.add_all(&known.ruled_out);
        Some(known.handle)
    }

    /// Whether the values, which are not remembered, came before. Of `words` are sets of stages.
    pub(super) fn came(&mut self, key: Key<'_>, words: usize) -> bool {
        if self.values.is_empty() {
            // A power of two, with room for what all of them may rule out.
            let most = BYTES.checked_div(words.saturating_mul(8)).unwrap_or(VALUES).clamp(2, VALUES);
            self.values.resize_with(most.saturating_add(1).next_power_of_two() / 2, Known::default);
            self.seen.resize(VALUES, 0);
        }
        let hash = key.handle.hash;
        let Some(seen) = self.seen.get_mut((hash >> 32) as usize & VALUES.wrapping_sub(1)) else { return false };
        core::mem::replace(seen, hash as u32) == hash as u32
    }

    /// Remembers that these stages are what the values show, if they are not too many.
    pub(super) fn learn(&mut self, key: Key<'_>, shown: &[StageId]) -> Option<Handle> {
        if shown.len() > MOST {
            return None;
        }
        let place = self.place(key.handle);
        if self.find(key.handle).is_none() {
            self.values.swap(place, place ^ 1);
        }
        let known = self.values.get_mut(place)?;
        known.handle = key.handle;
        known.text.clear();
        known.text.extend_from_slice(key.text);
        known.shown.clear();
        known.shown.extend_from_slice(shown);
        known.ruled_out.clear(0);
        Some(key.handle)
    }

    /// Notes that the values rule out a stage, if they are still remembered.
    pub(super) fn rule_out(&mut self, handle: Handle, stage: StageId, words: usize) {
        if let Some(known) = self.find(handle) {
            if known.ruled_out.is_none() {
                known.ruled_out.clear(words);
            }
            known.ruled_out.add(stage);
        }
    }
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
        assert!(!memory.came(one, 2) && memory.came(one, 2));
        assert_eq!(told(&mut memory, one), None);
        let handle = memory.learn(one, &[1, 70]).unwrap();
        assert_eq!(told(&mut memory, one), Some((bits(&[1, 70]), bits(&[]))));
        memory.rule_out(handle, 70, 2);
        memory.rule_out(handle, 5, 2);
        assert_eq!(told(&mut memory, one), Some((bits(&[1, 70]), bits(&[5, 70]))));
        assert_eq!(memory.learn(key(9, "many"), &vec![0; MOST + 1]), None);
    }

    /// Whoever chooses the values can make them: then the last one is remembered, and nothing is said of the other.
    #[test]
    fn values_of_the_same_hash_are_not_mistaken_for_each_other() {
        let mut memory = ShownMemory::default();
        let (one, other, third) = (key(7, "one"), key(7, "other"), key(7 + (1 << 40), "third"));
        memory.came(one, 2);
        memory.learn(one, &[1]);
        memory.learn(third, &[3]);
        let handle = memory.learn(other, &[2]).unwrap();
        memory.rule_out(handle, 1, 2);
        assert_eq!(told(&mut memory, one), None);
        assert_eq!(told(&mut memory, other), Some((bits(&[2]), bits(&[1]))));
        assert_eq!(told(&mut memory, third), Some((bits(&[3]), bits(&[]))));
    }

    #[test]
    fn with_many_stages_fewer_values_are_remembered() {
        for (words, values) in [(1, VALUES), (128, VALUES), (129, VALUES / 2), (1 << 20, 2), (0, VALUES)] {
            let mut memory = ShownMemory::default();
            memory.came(key(1, "x"), words);
            assert_eq!(memory.values.len(), values, "{words}");
        }
    }
}
