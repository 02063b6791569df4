//! Sets of characters: `[a-z0-9_]`.

use crate::sort::sort;
use alloc::{vec, vec::Vec};

/// A set of characters, as ranges that are sorted and neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    ranges: Vec<(char, char)>,
}

impl Class {
    /// All characters of some ranges, both ends included.
    pub(super) fn new(ranges: &[(char, char)]) -> Class {
        let mut class = Class { ranges: ranges.to_vec() };
        class.tidy();
        class
    }

    /// One character.
    pub(super) fn of(c: char) -> Class {
        Class { ranges: vec![(c, c)] }
    }

    /// `\d`
    pub(super) fn digits() -> Class {
        Class { ranges: vec![('0', '9')] }
    }

    /// `\w`
    pub(super) fn words() -> Class {
        Class { ranges: vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')] }
    }

    /// Every character.
    pub(super) fn any() -> Class {
        Class { ranges: vec![('\0', char::MAX)] }
    }

    pub(super) fn ranges(&self) -> &[(char, char)] {
        &self.ranges
    }

    /// Is the character one of the set?
    pub(super) fn contains(&self, c: char) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
    }

    /// The only character of the set.
    pub(super) fn single(&self) -> Option<char> {
        match self.ranges.as_slice() {
            [(first, last)] if first == last => Some(*first),
            _ => None,
        }
    }

    pub(super) fn union(&mut self, other: &Class) {
        self.ranges.extend_from_slice(&other.ranges);
        self.tidy();
    }

    pub(super) fn intersect(&mut self, other: &Class) {
        let mut outside = other.clone();
        outside.negate();
        self.negate();
        self.union(&outside);
        self.negate();
    }

    pub(super) fn negate(&mut self) {
        let mut gaps = Vec::with_capacity(self.ranges.len().saturating_add(1));
        let mut free = Some('\0');
        for (first, last) in &self.ranges {
            if let (Some(start), Some(end)) = (free, before(*first))
                && start <= end
            {
                gaps.push((start, end));
            }
            free = after(*last);
        }
        gaps.extend(free.map(|start| (start, char::MAX)));
        self.ranges = gaps;
    }

    fn tidy(&mut self) {
        sort(&mut self.ranges);
        let mut tidy: Vec<(char, char)> = Vec::with_capacity(self.ranges.len());
        for (first, last) in &self.ranges {
            match tidy.last_mut() {
                Some((_, end)) if after(*end).is_none_or(|next| *first <= next) => *end = (*end).max(*last),
                _ => tidy.push((*first, *last)),
            }
        }
        self.ranges = tidy;
    }
}

/// The next character; the gap of the surrogates is stepped over.
pub(super) fn after(c: char) -> Option<char> {
    (c..=char::MAX).nth(1)
}

fn before(c: char) -> Option<char> {
    ('\0'..=c).nth_back(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_add_cut_and_turn() {
        let mut class = Class::new(&[('m', 'z'), ('a', 'c'), ('d', 'f')]);
        assert_eq!(class.ranges(), [('a', 'f'), ('m', 'z')]);
        class.intersect(&Class::new(&[('b', 'n')]));
        assert_eq!(class.ranges(), [('b', 'f'), ('m', 'n')]);
        class.negate();
        assert_eq!(class.ranges(), [('\0', 'a'), ('g', 'l'), ('o', char::MAX)]);
        class.negate();
        class.union(&Class::of('g'));
        assert_eq!(class.ranges(), [('b', 'g'), ('m', 'n')]);
        let mut all = Class::any();
        all.negate();
        assert_eq!(all, Class::default());
        all.negate();
        assert_eq!(all, Class::any());
    }

    #[test]
    fn surrogates_are_no_gap() {
        let mut class = Class::new(&[('\u{d000}', '\u{d7ff}'), ('\u{e000}', '\u{e001}')]);
        assert_eq!(class.ranges(), [('\u{d000}', '\u{e001}')]);
        class.negate();
        assert_eq!(class.ranges(), [('\0', '\u{cfff}'), ('\u{e002}', char::MAX)]);
    }
}
