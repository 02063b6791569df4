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

/// How many texts are kept (two in each of so many places), the longest, and how many wanted values one may have: some 2 MiB at most.
const PLACE_BITS: u32 = 9;
const LONGEST: usize = 1 << 10;
const WANTED: usize = 64;
/// How often a text that came again is spared where another one wants its place.
const SPARED: u8 = 3;

/// Where the values of a member are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    /// Two places of the text, eight bytes at each of which tell which one it is.
    probes: [u32; 2],
    /// The last place at which all texts have eight bytes.
    last: u32,
    patience: Patience,
}

impl Default for Habit {
    fn default() -> Self {
        Habit { probes: [0; 2], last: u32::MAX, patience: Patience::default() }
    }
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

    /// Looks within a text from now on, and not at what stands behind it, which may be another thing each time.
    fn fit(&mut self, text: &[u8]) {
        self.last = self.last.min(text.len().saturating_sub(8) as u32);
        self.probes = self.probes.map(|probe| probe.min(self.last));
    }

    /// Looks where two texts differ from now on, if it can.
    fn tell_apart(&mut self, one: &[u8], other: &[u8]) {
        if let Some(place) = one.iter().zip(other).position(|(one, other)| one != other)
            && place < (self.last as usize).saturating_add(8)
        {
            self.probes = [(place.saturating_sub(4) as u32).min(self.last), self.probes[0]];
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Repeats {
    /// By place; at most one has a sign. Empty until something is learned.
    texts: Vec<[Repeat; 2]>,
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
    /// How often others are still turned away for it.
    spared: u8,
    /// Places are counted from the text's first byte.
    wanted: Vec<Wanted>,
}

impl Repeats {
    /// How long a member is with which a text begins, if it has a value that it had before, and what is wanted of it, counted from there.
    #[inline(always)]
    pub(super) fn find(
        &mut self,
        id: MemberId,
        habit: &mut Habit,
        depth: usize,
        text: &[u8],
    ) -> Option<(usize, &[Wanted])> {
        if habit.patience.is_over() {
            return None;
        }
        let sign = habit.sign(id, depth, text);
        let [one, other] = self.texts.get_mut(place(sign))?;
        let repeat = if one.sign == sign { one } else { other };
        let is = repeat.sign == sign && repeat.id == Some(id) && repeat.depth == depth as u32;
        if !is || !scan::begins(text, &repeat.text, repeat.length as usize) {
            return None;
        }
        repeat.spared = SPARED;
        habit.patience.worth_it();
        Some((repeat.length as usize, &repeat.wanted))
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
        if !(8..=LONGEST).contains(&text.len()) || wanted.len() > WANTED || !habit.patience.tries() {
            return;
        }
        habit.patience.in_vain();
        if self.texts.is_empty() {
            self.texts.resize_with(1 << PLACE_BITS, Default::default);
        }
        habit.fit(text);
        let sign = habit.sign(id, depth, text);
        let pair = self.texts.get(place(sign));
        if let Some(other) = pair.and_then(|pair| pair.iter().find(|other| other.sign == sign && other.id == Some(id)))
        {
            habit.tell_apart(other.text.as_flattened(), text);
        }
        let sign = habit.sign(id, depth, text);
        let Some(pair) = self.texts.get_mut(place(sign)) else { return };
        let free =
            pair.iter().position(|repeat| repeat.sign == sign).or(pair.iter().position(|repeat| repeat.spared == 0));
        let Some(repeat) = free.and_then(|free| pair.get_mut(free)) else {
            pair.iter_mut().for_each(|repeat| repeat.spared = repeat.spared.saturating_sub(1));
            return;
        };
        (repeat.sign, repeat.id, repeat.depth, repeat.spared) = (sign, Some(id), depth as u32, 0);
        repeat.length = text.len() as u32;
        repeat.text.clear();
        repeat.text.resize((text.len() >> 6).wrapping_add(1), [0; 64]);
        repeat.text.as_flattened_mut().iter_mut().zip(text).for_each(|(here, byte)| *here = *byte);
        repeat.wanted.clear();
        repeat.wanted.extend(wanted.iter().map(|one| one.moved(start.wrapping_neg())));
    }
}

/// Where the text of a sign is kept: its highest bits.
#[inline(always)]
fn place(sign: u64) -> usize {
    sign.wrapping_shr(u64::BITS.wrapping_sub(PLACE_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String};

    /// A stream of texts of one member: how many of them were found, all others are learned.
    fn found(repeats: &mut Repeats, habit: &mut Habit, texts: impl Iterator<Item = String>) -> usize {
        let seen = texts.enumerate().filter(|(number, text)| {
            // What stands behind a text is another thing each time.
            let document = format!("{text},\"number\":{number},{}", "-".repeat(64));
            let found = repeats.find(MemberId::DOCUMENT, habit, 1, document.as_bytes()).map(|(length, _)| length);
            if found.is_none() {
                repeats.learn(MemberId::DOCUMENT, habit, 1, text.as_bytes(), &[], 0);
            }
            assert!(found.is_none_or(|length| length == text.len()), "{text}");
            found.is_some()
        });
        seen.count()
    }

    #[test]
    fn texts_of_any_length_are_told_apart_by_their_own_bytes() {
        let names = ["id", "sh", "nc", "cat", "bash", "python3", "systemd", "nginx", "node", "postgres"];
        let text = |number: usize| {
            let (name, kind) = (names[number * 7 % 10], ["file", "socket"][number / 3 % 2]);
            format!("\"object\":{{\"primary\":\"/usr/bin/{name}\",\"type\":\"{kind}\"}}")
        };
        let (mut repeats, mut habit) = (Repeats::default(), Habit::default());
        found(&mut repeats, &mut habit, (0..400).map(text));
        let again = found(&mut repeats, &mut habit, (400..1_400).map(text));
        assert!(again > 900, "{again}");
    }

    #[test]
    fn what_came_again_stays_where_others_never_do() {
        let (mut repeats, mut habit) = (Repeats::default(), Habit::default());
        let text = |host: usize| format!("\"host\":{{\"name\":\"web-{host:02}\"}}");
        let mut again = 0;
        for round in 0..100 {
            again = found(&mut repeats, &mut habit, (0..40).map(text));
            let mut other = Habit { probes: [10; 2], ..Habit::default() };
            let never = (0..100).map(|number| format!("\"data\":{{\"n\":{:08}}}", round * 100 + number));
            assert_eq!(found(&mut repeats, &mut other, never), 0);
        }
        assert!(again > 35, "{again}");
    }
}
