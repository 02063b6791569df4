//! The shape of a document, found by bits: sixty-four bytes at a look, a bit for each, and hardly a branch.
//!
//! ```text
//!            {"pid":42,"args":["a \" b","c"]}
//! quotes      ^   ^    ^    ^  ^      ^ ^ ^
//! keys        ^        ^
//! brackets   ^                ^              ^^
//! ```
//! What reads the document then goes from bracket to bracket and from key to key, over whole subtrees in one step ([`walk`](super::walk)).
//!
//! All of JSON's grammar is checked on the way, mostly by asking of each token what stands before it: a value follows an opening bracket, a comma
//! or a colon, a comma follows a value, in an object a key, and a colon follows that. What stands before is one shift of the bits away, or one
//! addition, whose carry runs over the spaces between two tokens, or through a string to its end. Only brackets, scalars and escapes are looked
//! at one by one. [After Langdale and Lemire, "Parsing Gigabytes of JSON per Second"]

use super::{
    scan::{any, equal, quarters},
    step,
};
use alloc::vec::Vec;
use wide::u8x16;

/// How deep the documents may nest that are read so; deeper ones are read by [`plain`](super::plain).
const DEPTH: usize = 64;

/// How many brackets a document may have that is read so: the memory for them stays.
const BRACKETS: usize = 1 << 16;

/// The shape of one document; reused from document to document.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// One for each 64 bytes, and perhaps more.
    blocks: Vec<Block>,
    /// In order, and perhaps more.
    brackets: Vec<Bracket>,
    count: usize,
    /// Some string has an escape.
    pub(super) escapes: bool,
    /// There are blanks between tokens.
    pub(super) blanks: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// Where strings begin and end.
    quotes: u64,
    /// Those that begin keys.
    keys: u64,
}

/// A bracket of any kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bracket {
    place: u32,
    end: u32,
}

impl Bracket {
    /// Where it stands.
    #[inline(always)]
    pub(super) fn place(self) -> usize {
        self.place as usize
    }

    /// Of an opening one: the number of the one that closes it.
    #[inline(always)]
    pub(super) fn end(self) -> usize {
        self.end as usize
    }
}

impl Shape {
    /// Finds the shape; false where the document is no JSON object, or one that is too large, too deep, of too many parts or printed over several
    /// lines.
    pub(super) fn find(&mut self, bytes: &[u8], depth: usize) -> bool {
        (self.count, self.escapes, self.blanks) = (0, false, false);
        let (whole, rest) = bytes.as_chunks::<64>();
        let count = whole.len().wrapping_add(1);
        // A place is 32 bits.
        if u32::try_from(bytes.len()).is_err() {
            return false;
        }
        if self.blocks.len() < count {
            self.blocks.resize(count, Block::default());
        }
        let mut finder = Finder::new(bytes, depth.min(DEPTH));
        let mut base = 0;
        for (index, block) in whole.iter().enumerate() {
            let Some(found) = self.block(&mut finder, block, base, !0) else { return false };
            self.blocks.get_mut(index).into_iter().for_each(|block| *block = found);
            base = base.wrapping_add(64);
        }
        let mut last = [b' '; 64];
        if let Some(to) = last.get_mut(..rest.len()) {
            to.copy_from_slice(rest);
        }
        let there = 1_u64.wrapping_shl(rest.len() as u32).wrapping_sub(1);
        let Some(found) = self.block(&mut finder, &last, base, there) else { return false };
        self.blocks.get_mut(whole.len()).into_iter().for_each(|block| *block = found);
        let has_control = finder.least.simd_eq(u8x16::splat(b' ')).to_bitmask() != 0xffff;
        !has_control && self.is_one_object(bytes) && finder.depth == 0 && finder.in_string == 0
    }

    /// Whether the first bracket is that of an object, the last one closes it, and nothing stands before or after.
    fn is_one_object(&self, bytes: &[u8]) -> bool {
        let brackets = self.brackets();
        let (Some(first), Some(last)) = (brackets.first(), brackets.last()) else { return false };
        let end = step::blank(bytes, last.place().wrapping_add(1));
        step::blank(bytes, 0) == first.place()
            && step::peek(bytes, first.place()) == b'{'
            && first.end().wrapping_add(1) == brackets.len()
            && end >= bytes.len()
    }

    /// All brackets in order.
    #[inline(always)]
    pub(super) fn brackets(&self) -> &[Bracket] {
        self.brackets.get(..self.count).unwrap_or(&[])
    }

    /// The first quote at a place or after it.
    #[inline(always)]
    pub(super) fn quote(&self, from: usize) -> usize {
        let mut index = from >> 6;
        let mut left = self.blocks.get(index).map_or(0, |block| block.quotes) & u64::MAX.wrapping_shl(from as u32);
        while left == 0 {
            index = index.wrapping_add(1);
            let Some(block) = self.blocks.get(index) else { return self.blocks.len() << 6 };
            left = block.quotes;
        }
        (index << 6).wrapping_add(left.trailing_zeros() as usize)
    }

    /// The quotes between two places that begin keys.
    #[inline(always)]
    pub(super) fn keys(&self, from: usize, until: usize) -> Keys<'_> {
        let blocks = self.blocks.get(from >> 6..).unwrap_or(&[]);
        let (first, rest) = blocks.split_first().map_or((0, blocks), |(first, rest)| (first.keys, rest));
        Keys { rest, left: first & u64::MAX.wrapping_shl(from as u32), base: from & !63, until }
    }

    /// The block's quotes and keys; `None` where it is no JSON. `there` are the bits of the bytes that belong to the document.
    #[inline(always)]
    fn block(&mut self, finder: &mut Finder<'_>, block: &[u8; 64], base: usize, there: u64) -> Option<Block> {
        let classes = Classes::of(block, &mut finder.least);
        let mut quotes = classes.quote;
        if classes.has_backslash || finder.escaped != 0 {
            quotes &= !self.escaped(finder, block, base)?;
        }
        // From an opening quote to the byte before the closing one.
        let strings = odd(quotes) ^ finder.in_string;
        finder.in_string = (strings >> 63).wrapping_neg();
        let outside = !(strings | quotes);
        let brackets = classes.bracket & outside;
        let (comma, colon) = (classes.comma & outside, classes.colon & outside);
        let mut scalars = outside & !(brackets | comma | colon);
        let mut blanks = 0;
        if scalars | finder.in_scalar != 0 {
            blanks = equal(quarters(block), b' ') & scalars;
            self.blanks |= blanks & there != 0;
            scalars &= !blanks;
            let starts = scalars & !(scalars << 1 | finder.in_scalar);
            finder.in_scalar = scalars >> 63;
            if !finder.scalars(starts, base) {
                return None;
            }
            scalars = starts;
        }

        let nest = self.nest(finder, block, base, brackets)?;
        let opening = brackets & !nest.closing;
        let value_due = follow(opening | comma | colon, blanks, &mut finder.value_due);
        let key_due = follow(opening | comma, blanks, &mut finder.member_due) & nest.objects;
        let openers = quotes & strings;
        let keys = openers & key_due;
        let (through, beyond) = strings.overflowing_add(keys | finder.in_key);
        finder.in_key = u64::from(beyond);
        let colon_due = follow(through & quotes & !strings, blanks, &mut finder.colon_due);

        let values = openers | opening | scalars;
        let wrong = values & !value_due | comma & value_due | key_due & !(openers | nest.closing) | colon_due ^ colon;
        let empty = nest.closing & value_due;
        let fits = wrong == 0 && (empty == 0 || finder.are_empty(empty, base));
        fits.then_some(Block { quotes, keys })
    }

    /// Takes the block's brackets in; `None` where they do not fit.
    #[inline(always)]
    fn nest(&mut self, finder: &mut Finder<'_>, block: &[u8; 64], base: usize, mut left: u64) -> Option<Nest> {
        let mut nest = Nest { objects: (finder.within & 1).wrapping_neg(), closing: 0 };
        let (mut number, mut is_bracket) = (self.count, 1);
        if self.brackets.len() < number.wrapping_add(64) {
            self.grow()?;
        }
        let brackets = self.brackets.as_mut_slice();
        while left != 0 {
            let at = left.trailing_zeros();
            let rest = left & left.wrapping_sub(1);
            let bit = left ^ rest;
            left = rest;
            let byte = block.get(at as usize & 63).copied()?;
            let is_object = u64::from(byte >> 5 & 1);
            brackets.get_mut(number)?.place = (base as u32).wrapping_add(at);
            let was_object = finder.within & 1;
            if byte & 2 != 0 {
                *finder.open.get_mut(finder.depth & 63)? = number as u32;
                finder.depth = finder.depth.wrapping_add(1);
                finder.within = finder.within << 1 | is_object;
                if finder.depth > finder.limit {
                    return None;
                }
            } else {
                finder.depth = finder.depth.wrapping_sub(1);
                let opened = *finder.open.get(finder.depth & 63)?;
                brackets.get_mut(opened as usize)?.end = number as u32;
                finder.within >>= 1;
                nest.closing |= bit;
                // Too many are closed, or not what was opened.
                if finder.depth > finder.limit || was_object != is_object {
                    return None;
                }
            }
            is_bracket &= byte >> 1 ^ byte >> 2;
            // Beyond the bracket.
            nest.objects ^= bit.wrapping_add(bit).wrapping_neg() & (was_object ^ finder.within & 1).wrapping_neg();
            number = number.wrapping_add(1);
        }
        self.count = number;
        (is_bracket & 1 == 1).then_some(nest)
    }

    #[cold]
    fn grow(&mut self) -> Option<()> {
        let larger = self.brackets.len().saturating_mul(2).max(256);
        if larger > BRACKETS {
            return None;
        }
        self.brackets.resize(larger, Bracket::default());
        Some(())
    }

    /// Which bytes of a block with backslashes are escaped; `None` where JSON has no such escape.
    #[inline(never)]
    fn escaped(&mut self, finder: &mut Finder<'_>, block: &[u8; 64], base: usize) -> Option<u64> {
        let mut left = (0_u32..).zip(block).fold(0, |all, (at, byte)| all | u64::from(*byte == b'\\') << at);
        let mut escaped = finder.escaped;
        left &= !escaped;
        self.escapes |= left != 0;
        finder.escaped = 0;
        while left != 0 {
            let place = left.trailing_zeros();
            step::escape(finder.bytes, base.wrapping_add(place as usize)).ok()?;
            let bit = 1_u64.wrapping_shl(place);
            finder.escaped = bit >> 63;
            escaped |= bit << 1;
            left &= !(bit | bit << 1);
        }
        Some(escaped)
    }
}

/// What the brackets of a block say.
struct Nest {
    /// Bytes that stand directly in an object, beyond the bracket before them.
    objects: u64,
    closing: u64,
}

/// What one block leaves to the next. Bits that are carried over are the lowest.
struct Finder<'b> {
    bytes: &'b [u8],
    limit: usize,
    depth: usize,
    /// The numbers of the brackets that are open.
    open: [u32; DEPTH],
    /// What we are within, the innermost in the lowest bit: 1 for an object.
    within: u64,
    /// All bits or none.
    in_string: u64,
    escaped: u64,
    in_scalar: u64,
    in_key: u64,
    value_due: u64,
    /// A value, or a key where an object is open.
    member_due: u64,
    colon_due: u64,
    /// The least byte of each sixteenth.
    least: u8x16,
}

impl Finder<'_> {
    fn new(bytes: &[u8], limit: usize) -> Finder<'_> {
        Finder {
            bytes,
            limit,
            depth: 0,
            open: [0; DEPTH],
            within: 0,
            in_string: 0,
            escaped: 0,
            in_scalar: 0,
            in_key: 0,
            value_due: 1,
            member_due: 0,
            colon_due: 0,
            least: u8x16::splat(b' '),
        }
    }

    /// Whether right before these closing brackets something opens.
    #[cold]
    fn are_empty(&self, mut closing: u64, base: usize) -> bool {
        while closing != 0 {
            let before = self.bytes.get(..base.wrapping_add(closing.trailing_zeros() as usize)).unwrap_or(&[]);
            if !matches!(before.iter().rfind(|byte| **byte != b' '), Some(b'{' | b'[')) {
                return false;
            }
            closing &= closing.wrapping_sub(1);
        }
        true
    }

    /// Whether numbers, `true`, `false` and `null` are what begins at these bits.
    #[inline(always)]
    fn scalars(&self, mut starts: u64, base: usize) -> bool {
        while starts != 0 {
            let at = base.wrapping_add(starts.trailing_zeros() as usize);
            starts &= starts.wrapping_sub(1);
            let Ok((end, _)) = step::scalar(self.bytes, at) else { return false };
            if end < self.bytes.len() && !matches!(step::peek(self.bytes, end), b',' | b'}' | b']' | b' ') {
                return false;
            }
        }
        true
    }
}

/// What stands next to the marks, blanks aside.
#[inline(always)]
fn follow(marks: u64, blanks: u64, carry: &mut u64) -> u64 {
    let next = marks << 1 | *carry;
    if blanks == 0 {
        *carry = marks >> 63;
        return next;
    }
    let (over, beyond) = blanks.overflowing_add(next & blanks);
    *carry = marks >> 63 | u64::from(beyond);
    (next | over) & !blanks
}

/// Places of keys.
pub(super) struct Keys<'s> {
    rest: &'s [Block],
    /// Of the block at `base`.
    left: u64,
    base: usize,
    until: usize,
}

impl Iterator for Keys<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.base = self.base.wrapping_add(64);
            if self.base >= self.until {
                return None;
            }
            let (first, rest) = self.rest.split_first()?;
            (self.left, self.rest) = (first.keys, rest);
        }
        let place = self.base.wrapping_add(self.left.trailing_zeros() as usize);
        self.left &= self.left.wrapping_sub(1);
        (place < self.until).then_some(place)
    }
}

/// Bit n: an odd number of bits is set up to there.
#[inline(always)]
fn odd(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// A bit for each byte of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Classes {
    quote: u64,
    /// And some bytes that do not stand outside of strings.
    bracket: u64,
    comma: u64,
    colon: u64,
    has_backslash: bool,
}

impl Classes {
    /// `least` becomes the least byte of each sixteenth.
    #[inline(always)]
    fn of(block: &[u8; 64], least: &mut u8x16) -> Classes {
        let block = quarters(block);
        let [a, b, c, d] = block;
        *least = least.min(a).min(b).min(c.min(d));
        // All four brackets have the bits that are left out here, and but for them `Y`, `_`, `y` and 0x7f.
        let rest = u8x16::splat(0x26);
        Classes {
            quote: equal(block, b'"'),
            bracket: equal([a | rest, b | rest, c | rest, d | rest], 0x7f),
            comma: equal(block, b','),
            colon: equal(block, b':'),
            has_backslash: any(block, b'\\'),
        }
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
