//! Which of many literals stand in a text, in one pass.
//!
//! Each literal is known by two neighbouring bytes of it, the pair that the fewest others have: of `\\temp\\a` and `\\temp\\b` these are `\\a`
//! and `\\b`. At each place of the text a small bit set says whether some literal may be known by the pair that stands there; nearly always
//! none is. That is as fast as an automaton of hundreds of literals, and much smaller.

use crate::sort::sort;
use alloc::{boxed::Box, vec, vec::Vec};
use hashbrown::HashMap;

/// Bits of the filter.
const FILTER_BITS: usize = 4096;

/// A set of literals of two bytes or more.
#[derive(Clone, Debug)]
pub(super) struct Literals {
    /// By the hash of a pair.
    filter: Box<[u64]>,
    /// The pair that a literal is known by, where in it that stands, and the literal's number; sorted.
    known: Vec<(u16, usize, usize)>,
    literals: Vec<Box<[u8]>>,
}

impl Literals {
    /// Literals by number. (Where letters fold they are lower-case.)
    pub(super) fn new(literals: Vec<Box<[u8]>>) -> Literals {
        let mut uses: HashMap<u16, usize, foldhash::fast::FixedState> = HashMap::default();
        for (_, pair) in literals.iter().flat_map(|literal| pairs(literal)) {
            let count = uses.entry(pair).or_insert(0);
            *count = count.saturating_add(1);
        }
        let mut set = Literals { filter: vec![0; FILTER_BITS / 64].into_boxed_slice(), known: Vec::new(), literals };
        for (number, literal) in set.literals.iter().enumerate() {
            let rarest = pairs(literal).min_by_key(|(_, pair)| uses.get(pair).copied().unwrap_or(0));
            if let Some((place, pair)) = rarest {
                set.known.push((pair, place, number));
                let (word, bit) = filter_bit(pair);
                if let Some(word) = set.filter.get_mut(word) {
                    *word |= bit;
                }
            }
        }
        sort(&mut set.known);
        set
    }

    /// Calls `found` with the numbers of literals that stand in the text, each perhaps more than once, until it returns true; was that so?
    pub(super) fn any(&self, text: &[u8], fold: bool, mut found: impl FnMut(usize) -> bool) -> bool {
        let lower = |byte: u8| if fold { byte.to_ascii_lowercase() } else { byte };
        let mut bytes = text.iter().enumerate();
        let Some((_, first)) = bytes.next() else { return false };
        let mut before = lower(*first);
        for (end, byte) in bytes {
            let byte = lower(*byte);
            let pair = u16::from_le_bytes([before, byte]);
            before = byte;
            let (word, bit) = filter_bit(pair);
            if self.filter.get(word).is_none_or(|word| word & bit == 0) {
                continue;
            }
            let from = self.known.partition_point(|(known, _, _)| *known < pair);
            for (known, place, number) in self.known.get(from..).unwrap_or_default() {
                if *known != pair {
                    break;
                }
                let start = end.checked_sub(place.saturating_add(1));
                let (Some(start), Some(literal)) = (start, self.literals.get(*number)) else { continue };
                let here = text.get(start..start.saturating_add(literal.len())).unwrap_or_default();
                let stands = here.len() == literal.len() && here.iter().zip(literal).all(|(t, l)| lower(*t) == *l);
                if stands && found(*number) {
                    return true;
                }
            }
        }
        false
    }
}

/// The pairs of neighbouring bytes, with their places.
fn pairs(literal: &[u8]) -> impl Iterator<Item = (usize, u16)> + '_ {
    let pairs = literal.iter().zip(literal.iter().skip(1));
    pairs.map(|(first, second)| u16::from_le_bytes([*first, *second])).enumerate()
}

fn filter_bit(pair: u16) -> (usize, u64) {
    let hash = usize::from(pair ^ pair.wrapping_shr(4)) % FILTER_BITS;
    (hash / 64, 1_u64.wrapping_shl(u32::from(pair ^ pair.wrapping_shr(4)) % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn finds_what_a_search_for_each_finds() {
        let mut seed = 3_u64;
        let mut below = |limit: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % limit
        };
        let mut text = |least: u64, most: u64| -> String {
            (0..least + below(most)).map(|_| ['a', 'b', 'c', 'd', 'é'][below(5) as usize]).collect()
        };
        let mut seen = 0;
        for round in 0..500 {
            let literals: Vec<String> = (0..round % 40).map(|_| text(2, 3)).collect();
            let set = Literals::new(literals.iter().map(|literal| literal.as_bytes().into()).collect());
            let text = text(0, 30);
            let mut found = vec![false; literals.len()];
            assert!(!set.any(text.to_uppercase().replace('É', "é").as_bytes(), true, |number| {
                found[number] = true;
                false
            }));
            let expected: Vec<bool> = literals.iter().map(|literal| text.contains(literal.as_str())).collect();
            assert_eq!(found, expected, "{literals:?} in {text}");
            seen += expected.iter().filter(|seen| **seen).count();
        }
        assert!(seen > 500, "{seen}");
    }
}
