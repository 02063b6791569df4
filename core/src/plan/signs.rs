//! The signs by which the stages that look at one field are found from its values.
//!
//! A value is folded to lower case once, into a buffer that stays. Then it is looked up whole, and every four letters of it (three, two,
//! where a pattern has no more) are looked up too: by the first two of them in a bit map, which nearly always says no.

use super::{
    index::{StageBits, StageId},
    leaf::Number,
};
use crate::event::{Value, Values, field_hash, same};
use alloc::{vec, vec::Vec};
use hashbrown::HashTable;

/// Something that an event shows in one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sign {
    /// A text that is this one, folded.
    Text(Vec<u8>),
    /// A text with these letters somewhere.
    Part(Gram),
    /// This number.
    Number(i128),
    /// Any value.
    Value,
}

/// Two to four bytes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Gram {
    width: u8,
    bytes: u32,
}

impl Gram {
    /// The gram at a place of a text, where so many bytes are left.
    #[inline(always)]
    fn at(text: &[u8], at: usize, width: u8) -> Option<Gram> {
        let bytes = match (width, text.get(at..)) {
            (4, Some([a, b, c, d, ..])) => [*a, *b, *c, *d],
            (3, Some([a, b, c, ..])) => [*a, *b, *c, 0],
            (2, Some([a, b, ..])) => [*a, *b, 0, 0],
            _ => return None,
        };
        Some(Gram { width, bytes: u32::from_le_bytes(bytes) })
    }

    /// The grams of a literal, the widest that it has; none of a single byte.
    pub(super) fn all_of(literal: &[u8]) -> Vec<Gram> {
        let width = literal.len().min(4) as u8;
        (0..literal.len()).map_while(|at| Gram::at(literal, at, width)).collect()
    }

    fn hash(self) -> u64 {
        (u64::from(self.bytes) | u64::from(self.width) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// The stages that look at one field.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldSigns {
    texts: HashTable<(Vec<u8>, Vec<StageId>)>,
    /// Bit n: some text has n bytes; bit 63: 63 or more.
    lengths: u64,
    grams: HashTable<(Gram, Vec<StageId>)>,
    /// Bit n: some gram has n bytes.
    widths: u8,
    /// How grams begin, and the grams.
    begins: BitMap,
    whole: BitMap,
    numbers: Vec<(i128, Vec<StageId>)>,
    any_value: Vec<StageId>,
}

impl FieldSigns {
    /// Files a stage under a sign.
    pub(super) fn file(&mut self, sign: Sign, stage: StageId) {
        match sign {
            Sign::Text(text) => {
                self.lengths |= length_bit(text.len());
                let entry = self.texts.entry(spread(&text), |(known, _)| *known == text, |(known, _)| spread(known));
                entry.or_insert_with(|| (text.clone(), Vec::new())).into_mut().1.push(stage);
            }
            Sign::Part(gram) => {
                self.widths |= 1_u8.wrapping_shl(u32::from(gram.width));
                let entry = self.grams.entry(gram.hash(), |(known, _)| *known == gram, |(known, _)| known.hash());
                entry.or_insert_with(|| (gram, Vec::new())).into_mut().1.push(stage);
            }
            Sign::Number(number) => match self.numbers.binary_search_by_key(&number, |(known, _)| *known) {
                Ok(at) => self.numbers.get_mut(at).into_iter().for_each(|(_, stages)| stages.push(stage)),
                Err(at) => self.numbers.insert(at, (number, vec![stage])),
            },
            Sign::Value => self.any_value.push(stage),
        }
    }

    /// Whether no stage is filed here.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.grams.is_empty() && self.numbers.is_empty() && self.any_value.is_empty()
    }

    /// All stages are filed.
    pub(super) fn finish(&mut self) {
        if self.grams.is_empty() {
            return;
        }
        (self.begins, self.whole) = (BitMap::of(self.grams.len()), BitMap::of(self.grams.len()));
        for (gram, _) in &self.grams {
            self.begins.set(begin([gram.bytes as u8, (gram.bytes >> 8) as u8]));
            self.whole.set(gram.hash());
        }
    }

    /// Adds the stages that the values show.
    pub(super) fn look_up(&self, values: Values<'_>, folded: &mut Vec<u8>, found: &mut StageBits) {
        for (index, value) in values.enumerate() {
            if index == 0 {
                self.any_value.iter().for_each(|stage| found.add(*stage));
            }
            match value {
                Value::Text(text) => self.text(text.as_bytes(), folded, found),
                // It is compared as the text that its document has.
                Value::Date(time) => self.text(time.to_iso().as_bytes(), folded, found),
                number => self.number(number, found),
            }
        }
    }

    fn text(&self, text: &[u8], folded: &mut Vec<u8>, found: &mut StageBits) {
        let parts = self.widths != 0;
        let whole = self.lengths & length_bit(text.len()) != 0;
        if !parts && !whole {
            return;
        }
        folded.clear();
        folded.extend_from_slice(text);
        folded.make_ascii_lowercase();
        if whole && let Some((_, stages)) = self.texts.find(spread(folded), |(known, _)| same(known, folded)) {
            stages.iter().for_each(|stage| found.add(*stage));
        }
        if parts {
            self.parts(folded, found);
        }
    }

    fn parts(&self, text: &[u8], found: &mut StageBits) {
        let mut at = 0;
        while let Some([a, b, ..]) = text.get(at..) {
            if self.begins.has(begin([*a, *b])) {
                self.parts_at(text, at, found);
            }
            at = at.wrapping_add(1);
        }
    }

    #[inline(never)]
    fn parts_at(&self, text: &[u8], at: usize, found: &mut StageBits) {
        for width in 2..=4 {
            if self.widths >> width & 1 == 1
                && let Some(gram) = Gram::at(text, at, width)
                && self.whole.has(gram.hash())
                && let Some((_, stages)) = self.grams.find(gram.hash(), |(known, _)| *known == gram)
            {
                stages.iter().for_each(|stage| found.add(*stage));
            }
        }
    }

    fn number(&self, value: Value<'_>, found: &mut StageBits) {
        if self.numbers.is_empty() {
            return;
        }
        let Some(number) = Number::of(value).and_then(Number::whole) else { return };
        if let Ok(at) = self.numbers.binary_search_by_key(&number, |(known, _)| *known) {
            let stages = self.numbers.get(at).into_iter().flat_map(|(_, stages)| stages);
            stages.for_each(|stage| found.add(*stage));
        }
    }
}

fn length_bit(length: usize) -> u64 {
    1_u64.wrapping_shl(u32::try_from(length).unwrap_or(63).min(63))
}

/// The hash of field names, spread over the bits that a table looks at.
fn spread(text: &[u8]) -> u64 {
    u64::from(field_hash(text)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The bits of two letters, spread.
#[inline(always)]
fn begin(two: [u8; 2]) -> u64 {
    u64::from(u16::from_le_bytes(two)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A set of hashes that says of some others that it has them too, about one in sixteen.
#[derive(Clone, Debug, Default)]
struct BitMap {
    /// A power of two of them.
    words: Vec<u64>,
    /// The bits of a hash that do not count.
    shift: u32,
}

impl BitMap {
    fn of(count: usize) -> Self {
        let bits = count.saturating_mul(16).next_power_of_two().clamp(64, 1 << 17);
        BitMap { words: vec![0; bits / 64], shift: 64_u32.saturating_sub(bits.trailing_zeros()) }
    }

    fn set(&mut self, hash: u64) {
        let place = hash.wrapping_shr(self.shift);
        if let Some(word) = self.words.get_mut((place / 64) as usize) {
            *word |= 1_u64.wrapping_shl(place as u32);
        }
    }

    #[inline(always)]
    fn has(&self, hash: u64) -> bool {
        let place = hash.wrapping_shr(self.shift);
        match self.words.get((place / 64) as usize) {
            Some(word) => word.wrapping_shr(place as u32) & 1 == 1,
            None => false,
        }
    }
}
