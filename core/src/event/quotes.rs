//! Where the strings of a document begin and end, sixty-four bytes at a look and hardly a branch: a first pass where the target has vectors.
//!
//! ```text
//! {"pid":42,"args":["a \" b","c"]}
//!  ^   ^    ^    ^  ^      ^ ^ ^
//! ```
//! Reading then steps from quote to quote, whatever is between them. Strings are checked here: no control character, no escape that JSON does
//! not know. [After Langdale and Lemire, "Parsing Gigabytes of JSON per Second"]

use super::{
    json::Result,
    step::{self, Strings},
};
use alloc::vec::Vec;

/// The quotes of one document; reused from document to document.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    places: Vec<u32>,
    count: usize,
    /// Some string has an escape.
    escapes: bool,
}

/// A bit for each byte of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Classes {
    quote: u64,
    backslash: u64,
    /// Below the space.
    control: u64,
}

impl Quotes {
    /// Finds the quotes; `None` where the document is surely no JSON, or larger than 4 GiB.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<()> {
        // A place is 32 bits.
        u32::try_from(bytes.len()).ok()?;
        (self.count, self.escapes) = (0, false);
        let (blocks, rest) = bytes.as_chunks::<64>();
        let (mut base, mut escaped) = (0, 0);
        for block in blocks {
            self.block(block, bytes, base, &mut escaped)?;
            base = base.wrapping_add(64);
        }
        if !rest.is_empty() {
            let mut last = [b' '; 64];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.block(&last, bytes, base, &mut escaped)?;
        }
        (self.count & 1 == 0).then_some(())
    }

    /// The strings in order.
    pub(super) fn strings(&self) -> Between<'_> {
        Between { left: self.places.get(..self.count).unwrap_or(&[]), escapes: self.escapes }
    }

    /// Whether no blank stands between the tokens of the document.
    pub(super) fn dense(&self, bytes: &[u8]) -> bool {
        let mut from = 0;
        let mut strings = self.strings();
        loop {
            let string = strings.next();
            let (until, next) = string.unwrap_or((bytes.len(), 0));
            if bytes.get(from..until).unwrap_or(&[]).iter().any(|byte| *byte <= b' ') {
                return false;
            }
            if string.is_none() {
                return true;
            }
            from = next;
        }
    }

    #[inline(always)]
    fn block(&mut self, block: &[u8; 64], bytes: &[u8], base: usize, escaped: &mut u64) -> Option<()> {
        let classes = Classes::of(block);
        let mut quote = classes.quote;
        if classes.backslash | classes.control | *escaped != 0 {
            quote &= !self.unusual(classes, block, bytes, base, escaped)?;
        }
        let found = quote.count_ones() as usize;
        if self.places.len() < self.count.wrapping_add(64) {
            self.grow();
        }
        let mut places = self.places.get_mut(self.count..)?;
        self.count = self.count.wrapping_add(found);
        // Eight at a time without asking whether they are there: what is too much is written over by the next block.
        loop {
            let (eight, rest) = places.split_first_chunk_mut::<8>()?;
            for place in eight {
                *place = (base as u32).wrapping_add(quote.trailing_zeros());
                quote &= quote.wrapping_sub(1);
            }
            if quote == 0 {
                return Some(());
            }
            places = rest;
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.places.resize(self.places.len().saturating_mul(2).saturating_add(512), 0);
    }

    /// Which bytes of a block with backslashes or control characters are escaped; `None` where one may not be where it is.
    #[inline(never)]
    fn unusual(
        &mut self,
        classes: Classes,
        block: &[u8; 64],
        bytes: &[u8],
        base: usize,
        carry: &mut u64,
    ) -> Option<u64> {
        let mut escaped = *carry;
        let mut left = classes.backslash & !escaped;
        self.escapes |= left != 0;
        *carry = 0;
        while left != 0 {
            let place = left.trailing_zeros();
            step::escape(bytes, base.wrapping_add(place as usize)).ok()?;
            let bit = 1_u64.wrapping_shl(place);
            *carry = bit >> 63;
            escaped |= bit << 1;
            left &= !(bit | bit << 1);
        }
        // Below the space there are three blanks, between tokens only.
        let in_string = odd(classes.quote & !escaped) ^ (self.count as u64 & 1).wrapping_neg();
        let mut left = classes.control;
        while left != 0 {
            let place = left.trailing_zeros();
            let byte = block.get(place as usize).copied().unwrap_or(0);
            if in_string >> place & 1 == 1 || !matches!(byte, b'\t' | b'\n' | b'\r') {
                return None;
            }
            left &= left.wrapping_sub(1);
        }
        Some(escaped)
    }
}

/// Bit n: an odd number of bits is set up to there.
fn odd(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

impl Classes {
    #[inline(always)]
    fn of(block: &[u8; 64]) -> Classes {
        use wide::u8x16;
        let mut classes = Classes::default();
        let (parts, _) = block.as_chunks::<16>();
        for (index, part) in (0_u32..).zip(parts) {
            let bytes = u8x16::new(*part);
            let bits = |mask: u8x16| u64::from(mask.to_bitmask()).wrapping_shl(index.wrapping_mul(16));
            classes.quote |= bits(bytes.simd_eq(u8x16::splat(b'"')));
            classes.backslash |= bits(bytes.simd_eq(u8x16::splat(b'\\')));
            classes.control |= bits(bytes.min(u8x16::splat(0x1f)).simd_eq(bytes));
        }
        classes
    }
}

/// Finds the ends of strings by the quotes that are left. Ask for each string, in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between<'q> {
    left: &'q [u32],
    escapes: bool,
}

impl Iterator for Between<'_> {
    /// Where a string's opening quote is, and the place after its closing one.
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let (&[open, close], rest) = self.left.split_first_chunk::<2>()?;
        self.left = rest;
        Some((open as usize, (close as usize).wrapping_add(1)))
    }
}

impl Strings for Between<'_> {
    #[inline(always)]
    fn end(&mut self, bytes: &[u8], start: usize) -> Result<(usize, bool)> {
        let Some((&[_, close], rest)) = self.left.split_first_chunk::<2>() else {
            return step::fail(bytes, start, "the string's closing quote");
        };
        self.left = rest;
        let end = close as usize;
        let escaped = self.escapes && bytes.get(start..end).unwrap_or(&[]).contains(&b'\\');
        Ok((end, escaped))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FieldTable, Slots, json};
    use super::*;
    use alloc::string::String;

    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % n as u64) as usize
        }
    }

    #[test]
    fn blocks_find_what_single_bytes_find() {
        let mut random = Random(0x1234_5678_9abc_def1);
        for _ in 0..20_000 {
            let mut block = [b'x'; 64];
            for byte in &mut block {
                *byte = match random.below(3) {
                    0 => random.below(256) as u8,
                    _ => b"\"\\ \x1f!#[]"[random.below(8)],
                };
            }
            let bits =
                |is: &dyn Fn(u8) -> bool| (0..64).filter(|at| is(block[*at])).fold(0, |all, at| all | 1_u64 << at);
            let plain = Classes {
                quote: bits(&|byte| byte == b'"'),
                backslash: bits(&|byte| byte == b'\\'),
                control: bits(&|byte| byte < 0x20),
            };
            assert_eq!(Classes::of(&block), plain, "{block:?}");
        }
    }

    /// Documents that are nearly right, read by quotes and byte by byte.
    #[test]
    fn both_ways_of_reading_say_the_same() {
        let mut table = FieldTable::default();
        for path in ["a", "a.b", "b", "b.c.a"] {
            table.intern(path);
        }
        let long = "\"long enough to go over a block or two of sixteen bytes each\"";
        let pieces: &[&str] = &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\"a\"",
            "\"b\"",
            "\"b.c\"",
            "\"\\u0061\"",
            "\"x\\\\\"",
            "\"\\\"\"",
            "\"\\q\"",
            "1",
            "-",
            "2.5e3",
            "true",
            "nul",
            "null",
            " ",
            "\n",
            "\x01",
            "é",
            "\"a\":",
            "{\"a\":",
            "\"b\":[",
            "[1,2]",
            "{}",
            "},",
            "],",
            long,
        ];
        let (mut random, mut read) = (Random(0x9e37_79b9_7f4a_7c15), 0);
        let (mut one, mut other) = (Slots::default(), Slots::default());
        for round in 0..200_000 {
            let mut text = String::from("{");
            for _ in 0..round % 24 {
                text.push_str(pieces[random.below(pieces.len())]);
            }
            text.push('}');
            other.clear(table.len());
            let results =
                (json::project(&text, &table, &mut one, 5), json::read(&text, &table, &mut other, step::Scan, 5));
            assert_eq!(results.0, results.1, "{text}");
            if results.0.is_ok() {
                read += 1;
                for id in table.ids() {
                    assert!(one.view(&text).values(id).eq(other.view(&text).values(id)), "{text}");
                }
                assert_eq!(*json::kept(&text, &one), *json::minify(&text), "{text}");
            }
        }
        assert!(read > 1_000, "{read} documents");
    }
}
