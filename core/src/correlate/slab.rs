//! Many small things, each known by a number; and chains of them.
//!
//! ```text
//! slab      0 a   1 b   2 c       1 is given back: the next thing gets number 1, then 3
//! chains    x: 7 -> 4 -> 0        9 is pushed: x: 9 -> 7 -> 4 -> 0, the newest first
//! ```
//! What a million keys hold would be millions of allocations, if each had a vector of its own. Here things of one kind lie side by side and
//! cost what they are; a number takes four bytes. A slab grows by chunks: nothing moves, and never is more than a chunk in store.

use crate::state::{Reader, State};
use alloc::vec::Vec;

/// Things in a chunk.
const CHUNK: usize = 1024;

/// Things by number.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    /// All full but the last.
    chunks: Vec<Vec<T>>,
    /// Numbers that were given back; the last one is the next to be used.
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { chunks: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Takes in a thing.
    pub(crate) fn insert(&mut self, thing: T) -> u32 {
        if let Some(number) = self.free.pop()
            && let Some(place) = self.get_mut(number)
        {
            *place = thing;
            return number;
        }
        let number = u32::try_from(self.numbers()).unwrap_or(u32::MAX);
        self.append(thing);
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        let number = number as usize;
        self.chunks.get(number / CHUNK)?.get(number % CHUNK)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let number = number as usize;
        self.chunks.get_mut(number / CHUNK)?.get_mut(number % CHUNK)
    }

    /// Gives a number back, whose thing means nothing from now on.
    pub(crate) fn free(&mut self, number: u32) {
        self.free.push(number);
    }

    /// How many things there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers().saturating_sub(self.free.len())
    }

    /// All things, what is left of those that were given back included.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    /// The numbers in use and those given back.
    fn numbers(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1).saturating_mul(CHUNK);
        full.saturating_add(self.chunks.last().map_or(0, Vec::len))
    }

    fn append(&mut self, thing: T) {
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push(thing),
            None => {
                // Most rules hold little: the first chunk grows with what is in it.
                let mut chunk = Vec::with_capacity(if self.chunks.is_empty() { 0 } else { CHUNK });
                chunk.push(thing);
                self.chunks.push(chunk);
            }
        }
    }
}

/// As it lies: the numbers stay.
impl<T: State> State for Slab<T> {
    fn save(&self, out: &mut Vec<u8>) {
        self.numbers().save(out);
        self.iter().for_each(|thing| thing.save(out));
        self.free.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let mut slab = Slab::default();
        for _ in 0..input.count()? {
            slab.append(T::load(input)?);
        }
        slab.free = State::load(input)?;
        Some(slab)
    }
}

/// The number of a chain's newest thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain(u32);

impl Default for Chain {
    /// Without a thing.
    fn default() -> Self {
        Chain(u32::MAX)
    }
}

impl Chain {
    pub(crate) fn is_empty(self) -> bool {
        self == Chain::default()
    }
}

/// Chains in one slab.
#[derive(Clone, Debug)]
pub(crate) struct Chains<T> {
    links: Slab<Link<T>>,
}

#[derive(Clone, Copy, Debug)]
struct Link<T> {
    thing: T,
    older: Chain,
}

impl<T> Default for Chains<T> {
    fn default() -> Self {
        Chains { links: Slab::default() }
    }
}

impl<T: Copy> Chains<T> {
    pub(crate) fn push(&mut self, chain: &mut Chain, thing: T) {
        *chain = Chain(self.links.insert(Link { thing, older: *chain }));
    }

    /// Takes out the newest thing.
    pub(crate) fn pop(&mut self, chain: &mut Chain) -> Option<T> {
        let Link { thing, older } = *self.links.get(chain.0)?;
        self.links.free(chain.0);
        *chain = older;
        Some(thing)
    }

    /// Takes out all things, the oldest first.
    pub(crate) fn take(&mut self, mut chain: Chain) -> Vec<T> {
        let mut things = Vec::new();
        while let Some(thing) = self.pop(&mut chain) {
            things.push(thing);
        }
        things.reverse();
        things
    }

    /// From the newest to the oldest.
    pub(crate) fn iter(&self, chain: Chain) -> impl Iterator<Item = &T> {
        core::iter::successors(self.links.get(chain.0), |link| self.links.get(link.older.0)).map(|link| &link.thing)
    }

    /// The things of a chain, the oldest first.
    pub(crate) fn oldest_first(&self, chain: Chain) -> Vec<T> {
        let mut things: Vec<T> = self.iter(chain).copied().collect();
        things.reverse();
        things
    }

    /// Keeps of a chain what `keep` says, and may change, from the newest to the oldest.
    pub(crate) fn retain(&mut self, chain: &mut Chain, mut keep: impl FnMut(&mut T) -> bool) {
        let (mut at, mut kept) = (*chain, Chain::default());
        while let Some(link) = self.links.get_mut(at.0) {
            let older = link.older;
            if keep(&mut link.thing) {
                kept = at;
            } else {
                self.links.free(at.0);
                match self.links.get_mut(kept.0) {
                    Some(newer) => newer.older = older,
                    None => *chain = older,
                }
            }
            at = older;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlate::KeyHash;
    use alloc::collections::BTreeMap;

    /// Random numbers, the same each time.
    fn random() -> impl FnMut(usize) -> usize {
        let mut seed = 5_u64;
        move |below| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        }
    }

    #[test]
    fn a_slab_is_a_map_that_chooses_its_keys() {
        let mut random = random();
        for most in [3, 50, 3 * CHUNK] {
            let (mut slab, mut map) = (Slab::default(), BTreeMap::new());
            for step in 0..6 * most {
                let number = random(most) as u32;
                if map.len() < most && random(10) < 6 {
                    assert_eq!(map.insert(slab.insert(step), step), None, "a number in use is not given away");
                } else if map.remove(&number).is_some() {
                    slab.free(number);
                }
                if step % 977 == 0 {
                    let mut bytes = Vec::new();
                    slab.save(&mut bytes);
                    slab = State::load(&mut Reader::new(&bytes, KeyHash::default())).unwrap();
                    let cut = random(bytes.len());
                    assert!(Slab::<usize>::load(&mut Reader::new(&bytes[..cut], KeyHash::default())).is_none());
                }
            }
            assert_eq!(slab.len(), map.len());
            assert!(map.iter().all(|(&number, thing)| slab.get(number) == Some(thing)));
            assert!(slab.numbers() <= most, "numbers are used again");
            assert!(slab.chunks.iter().rev().skip(1).all(|chunk| chunk.len() == CHUNK));
        }
    }

    #[test]
    fn chains_are_vectors() {
        let mut random = random();
        let mut chains = Chains::default();
        let mut twins: Vec<(Chain, Vec<usize>)> = alloc::vec![(Chain::default(), Vec::new()); 20];
        for step in 0..20_000 {
            let (chain, twin) = &mut twins[random(20)];
            match random(8) {
                0 => assert_eq!(chains.pop(chain), twin.pop()),
                1 => {
                    let lost = random(3);
                    chains.retain(chain, |thing| *thing % 3 != lost);
                    twin.retain(|thing| thing % 3 != lost);
                }
                2 => {
                    chains.retain(chain, |thing| {
                        *thing += 1;
                        true
                    });
                    twin.iter_mut().for_each(|thing| *thing += 1);
                }
                _ => {
                    chains.push(chain, step);
                    twin.push(step);
                }
            }
            assert_eq!(chains.oldest_first(*chain), *twin);
            assert_eq!(chain.is_empty(), twin.is_empty());
        }
        assert_eq!(chains.links.len(), twins.iter().map(|(_, twin)| twin.len()).sum::<usize>());
        assert!(chains.links.numbers() < 1000, "places are used again");
    }
}
