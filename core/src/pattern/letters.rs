//! The letters of a pattern: characters that no class of it tells apart are one. `.*[0-9]x` has three: digits, `x`, and all else.
//!
//! An automaton over letters has short tables, and never sees how text is encoded.

use super::class::{Class, after};
use crate::sort::sort;
use alloc::{vec, vec::Vec};

/// Which letter each character is.
#[derive(Debug)]
pub(super) struct Letters {
    /// By character, as most are ASCII.
    ascii: Vec<u16>,
    /// First characters of runs of one letter, ascending; the first run starts at 0.
    starts: Vec<char>,
    /// The letter of each run.
    runs: Vec<u16>,
    count: usize,
}

impl Letters {
    /// The letters that these classes need; `None` where they are more than 65,535.
    pub(super) fn new(mut classes: Vec<Class>) -> Option<Letters> {
        sort(&mut classes);
        classes.dedup();
        let mut starts = vec!['\0'];
        for (first, last) in classes.iter().flat_map(Class::ranges) {
            starts.push(*first);
            starts.extend(after(*last));
        }
        sort(&mut starts);
        starts.dedup();
        let mut letters = Letters { ascii: Vec::new(), runs: vec![0; starts.len()], starts, count: 1 };
        for class in &classes {
            letters.split(class)?;
        }
        letters.ascii = ('\0'..='\x7f').map(|c| letters.search(c)).collect();
        Some(letters)
    }

    /// Each letter with runs both within the class and outside becomes two.
    fn split(&mut self, class: &Class) -> Option<()> {
        let mut inside = vec![false; self.runs.len()];
        for (first, last) in class.ranges() {
            let (from, to) = (self.run(*first), self.run(*last));
            inside.get_mut(from..=to)?.fill(true);
        }
        // How many runs of each letter are outside, and what those inside become.
        let mut outside = vec![false; self.count];
        for (letter, _) in self.runs.iter().zip(&inside).filter(|(_, inside)| !**inside) {
            *outside.get_mut(usize::from(*letter))? = true;
        }
        let mut renamed: Vec<Option<u16>> = vec![None; self.count];
        for (letter, _) in self.runs.iter_mut().zip(&inside).filter(|(_, inside)| **inside) {
            let old = usize::from(*letter);
            if !*outside.get(old)? {
                continue;
            }
            let new = renamed.get_mut(old)?;
            *letter = match *new {
                Some(new) => new,
                None => {
                    let fresh = u16::try_from(self.count).ok()?;
                    self.count = self.count.saturating_add(1);
                    *new.insert(fresh)
                }
            };
        }
        Some(())
    }

    fn run(&self, c: char) -> usize {
        self.starts.partition_point(|start| *start <= c).saturating_sub(1)
    }

    fn search(&self, c: char) -> u16 {
        self.runs.get(self.run(c)).copied().unwrap_or(0)
    }

    /// How many letters there are; at least one.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The letter of a character, below [`count`](Self::count).
    pub(super) fn of(&self, c: char) -> usize {
        let letter = usize::try_from(u32::from(c)).ok().and_then(|place| self.ascii.get(place).copied());
        usize::from(letter.unwrap_or_else(|| self.search(c)))
    }

    /// For each letter, whether the class has it; the class must be among those that the letters were made of.
    pub(super) fn within(&self, class: &Class) -> Vec<bool> {
        let mut within = vec![false; self.count];
        for (first, last) in class.ranges() {
            for letter in self.runs.get(self.run(*first)..=self.run(*last)).unwrap_or_default() {
                if let Some(slot) = within.get_mut(usize::from(*letter)) {
                    *slot = true;
                }
            }
        }
        within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_no_class_tells_apart_are_one_letter() {
        let word = Class::new(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
        let letters = Letters::new(vec![word.clone(), Class::any(), Class::of('x'), Class::of('é')]).unwrap();
        assert_eq!(letters.count(), 4);
        assert!(letters.of('0') == letters.of('Q') && letters.of('-') == letters.of('😀'));
        assert!(letters.of('x') != letters.of('y') && letters.of('é') != letters.of('ê'));
        assert_eq!(letters.within(&word).iter().filter(|within| **within).count(), 2);
    }
}
