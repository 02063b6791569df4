//! Objects and arrays that come again as they are: what a host, an agent or a user is said to be is the same in event after event.
//!
//! ```text
//! "host":{"name":"web","os":{"type":"linux"}}     said once for each host: known by some bytes of it, compared as a whole,
//!                                                 and then its values are where they were
//! ```
//! Which bytes tell such texts apart is learned for each member: where one differs from another that had the same. Members whose values do
//! not repeat are noticed and left alone for a while.

use super::{
    members::MemberId,
    patience::Patience,
    reader::Wanted,
    scan::{self, Block},
    table::eight,
};
use alloc::vec::Vec;

/// How many texts are kept, the longest, and how many wanted values one may have: some 2 MiB at most.
const TEXTS: usize = 1 << 10;
const LONGEST: usize = 1 << 10;
const WANTED: usize = 64;

/// Where the values of a member are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habit {
    /// Two places of the text, eight bytes at each of which tell which one it is.
    probes: [u32; 2],
    patience: Patience,
}

impl Habit {
    /// By which a text of a member's, at a given depth, is known.
    #[inline(always)]
    fn sign(&self, id: MemberId, depth: usize, text: &[u8]) -> u64 {
        let [one, other] = self.probes;
        let place = (id.index() as u64) << 32 ^ depth as u64;
        let at = |probe: u32| eight(text, probe as usize).unwrap_or(0);
        let mixed = at(one) ^ at(other).rotate_left(32) ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Repeats {
    /// Each in one of two places that lie beside each other. Empty until something is learned.
    texts: Vec<Repeat>,
}

/// A member with its value.
#[derive(Clone, Debug, Default)]
struct Repeat {
    sign: u64,
    /// What the sign was made of, since others may have the same.
    id: Option<MemberId>,
    depth: u32,
    /// Filled up with zeros, to blocks of 64 bytes.
    text: Vec<Block>,
    length: u32,
    /// Places are counted from the text's first byte.
    wanted: Vec<Wanted>,
}

impl Repeats {
    /// How long a member is with which a text begins, if it has a value that it had before, and what is wanted of it, counted from there.
    #[inline(always)]
    pub(super) fn find(
        &self,
        id: MemberId,
        habit: &mut Habit,
        depth: usize,
        text: &[u8],
    ) -> Option<(usize, &[Wanted])> {
        let sign = habit.sign(id, depth, text);
        let repeat = self.at(sign)?;
        let is = repeat.sign == sign && repeat.id == Some(id) && repeat.depth == depth as u32;
        if !is || !scan::begins(text, &repeat.text, repeat.length as usize) {
            return None;
        }
        habit.patience.worth_it();
        Some((repeat.length as usize, &repeat.wanted))
    }

    /// What is kept under a sign, or something else.
    #[inline(always)]
    fn at(&self, sign: u64) -> Option<&Repeat> {
        let place = place(sign);
        let (first, second) = (self.texts.get(place)?, self.texts.get(place ^ 1)?);
        Some(if first.sign == sign { first } else { second })
    }

    /// Keeps a member with its value, and what is wanted of it, if it is worth it. It begins at `start` of the document.
    pub(super) fn learn(
        &mut self,
        id: MemberId,
        habit: &mut Habit,
        depth: usize,
        text: &[u8],
        wanted: &[Wanted],
        start: usize,
    ) {
        if text.len() > LONGEST || wanted.len() > WANTED {
            return;
        }
        if !habit.patience.tries() {
            return;
        }
        habit.patience.in_vain();
        if self.texts.is_empty() {
            self.texts.resize_with(TEXTS, Repeat::default);
        }
        let sign = habit.sign(id, depth, text);
        if let Some(other) = self.at(sign).filter(|other| other.sign == sign && other.id == Some(id)) {
            let differs = other.text.as_flattened().iter().zip(text).position(|(one, other)| one != other);
            habit.probes = [differs.unwrap_or(0).saturating_sub(4) as u32, habit.probes[0]];
        }
        let sign = habit.sign(id, depth, text);
        let place = place(sign);
        self.texts.swap(place, place ^ 1);
        let Some(repeat) = self.texts.get_mut(place) else { return };
        (repeat.sign, repeat.id, repeat.depth) = (sign, Some(id), depth as u32);
        repeat.length = text.len() as u32;
        repeat.text.clear();
        repeat.text.resize((text.len() >> 6).wrapping_add(1), [0; 64]);
        repeat.text.as_flattened_mut().iter_mut().zip(text).for_each(|(here, byte)| *here = *byte);
        repeat.wanted.clear();
        repeat.wanted.extend(wanted.iter().map(|one| one.moved(start.wrapping_neg())));
    }
}

/// Where the text of a sign is kept.
#[inline(always)]
fn place(sign: u64) -> usize {
    (sign >> 54) as usize
}
