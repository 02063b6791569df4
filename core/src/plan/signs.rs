//! The signs by which the stages that look at one field are found from its values.
//!
//! A value is folded to lower case once, into a buffer that stays. Then it is looked up whole, and every four letters of it (three, two,
//! where a pattern has no more) are looked up in a bit map, which nearly always says no; what it does not refuse goes to a table.

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
    /// The grams of a literal, the widest that it has; none of a single byte.
    pub(super) fn all_of(literal: &[u8]) -> Vec<Gram> {
        match literal.len() {
            0 | 1 => Vec::new(),
            2 => Grams::<2>::of(literal).map(|bytes| Gram { width: 2, bytes }).collect(),
            3 => Grams::<3>::of(literal).map(|bytes| Gram { width: 3, bytes }).collect(),
            _ => Grams::<4>::of(literal).map(|bytes| Gram { width: 4, bytes }).collect(),
        }
    }
}

/// The stages that look at one field.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldSigns {
    texts: HashTable<(Vec<u8>, Vec<StageId>)>,
    /// Bit n: some text has n bytes; bit 63: 63 or more.
    lengths: u64,
    four: Grams<4>,
    three: Grams<3>,
    two: Grams<2>,
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
            Sign::Part(Gram { width: 4, bytes }) => self.four.file(bytes, stage),
            Sign::Part(Gram { width: 3, bytes }) => self.three.file(bytes, stage),
            Sign::Part(Gram { bytes, .. }) => self.two.file(bytes, stage),
            Sign::Number(number) => match self.numbers.binary_search_by_key(&number, |(known, _)| *known) {
                Ok(at) => self.numbers.get_mut(at).into_iter().for_each(|(_, stages)| stages.push(stage)),
                Err(at) => self.numbers.insert(at, (number, vec![stage])),
            },
            Sign::Value => self.any_value.push(stage),
        }
    }

    /// All stages are filed.
    pub(super) fn finish(&mut self) {
        self.four.finish();
        self.three.finish();
        self.two.finish();
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
        let parts = self.four.is_used() || self.three.is_used() || self.two.is_used();
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
            self.four.look_up(folded, found);
            self.three.look_up(folded, found);
            self.two.look_up(folded, found);
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

/// Stages by `WIDTH` bytes in a row.
#[derive(Clone, Debug, Default)]
struct Grams<const WIDTH: usize> {
    /// Bit `place` is set where a gram has that place. A power of two of words; empty where there is no gram.
    bits: Vec<u64>,
    shift: u32,
    table: HashTable<(u32, Vec<StageId>)>,
}

impl<const WIDTH: usize> Grams<WIDTH> {
    fn of(text: &[u8]) -> impl Iterator<Item = u32> {
        text.array_windows::<WIDTH>().map(|window| window.iter().rev().fold(0, |all, byte| all << 8 | u32::from(*byte)))
    }

    fn file(&mut self, gram: u32, stage: StageId) {
        let entry = self.table.entry(mix(gram), |(known, _)| *known == gram, |(known, _)| mix(*known));
        entry.or_insert_with(|| (gram, Vec::new())).into_mut().1.push(stage);
    }

    /// Sizes the bit map: about sixteen bits for a gram, so that one in sixteen others is not refused.
    fn finish(&mut self) {
        if self.table.is_empty() {
            return;
        }
        let bits = self.table.len().saturating_mul(16).next_power_of_two().clamp(64, 1 << 17);
        self.bits = vec![0; bits / 64];
        self.shift = 32_u32.saturating_sub(bits.trailing_zeros());
        for (gram, _) in &self.table {
            let place = place(*gram, self.shift);
            if let Some(word) = self.bits.get_mut(place / 64) {
                *word |= 1_u64.wrapping_shl(place as u32);
            }
        }
    }

    fn is_used(&self) -> bool {
        !self.bits.is_empty()
    }

    #[inline]
    fn look_up(&self, text: &[u8], found: &mut StageBits) {
        if self.bits.is_empty() {
            return;
        }
        for gram in Self::of(text) {
            let place = place(gram, self.shift);
            if self.bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
                && let Some((_, stages)) = self.table.find(mix(gram), |(known, _)| *known == gram)
            {
                stages.iter().for_each(|stage| found.add(*stage));
            }
        }
    }
}

fn mix(gram: u32) -> u64 {
    u64::from(gram).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn place(gram: u32, shift: u32) -> usize {
    gram.wrapping_mul(0x9e37_79b1).wrapping_shr(shift) as usize
}
