//! Where the tokens of a document are, sixty-four bytes at a look and hardly a branch: the first of two passes where the target has vectors.
//!
//! ```text
//! {"pid": 42, "args": ["a", "b"]}
//! ^^   ^^ ^ ^ ^    ^^ ^^ ^^ ^ ^^^     brackets, commas, colons, both quotes of each string, the first byte of anything else
//! ```
//! What is in a string is no token, so that whatever lies between two quotes is the string and nothing need look for its end. Strings
//! are done with here: no control character, no escape that JSON does not know. [`walk`](super::walk) checks the rest.
//! [How to find the strings: Langdale and Lemire, "Parsing Gigabytes of JSON per Second"]

use super::step;
use alloc::vec::Vec;

/// The tokens of one document; reused from document to document.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    places: Vec<u32>,
    /// Some string has an escape.
    pub(super) escapes: bool,
    /// No blank stands between tokens.
    pub(super) dense: bool,
}

/// How many places behind the last token can be asked for; all are the document's end.
const BEYOND: usize = 8;

/// What one block hands on to the next.
#[derive(Default)]
struct Carry {
    /// All bits: a string goes on.
    in_string: u64,
    /// One: the first byte is escaped.
    escaped: u64,
    /// One: a token that is no string goes on.
    scalar: u64,
}

/// A bit for each byte of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Classes {
    quote: u64,
    backslash: u64,
    /// Below the space.
    control: u64,
    space: u64,
    /// `{}[]:,`
    bracket: u64,
}

impl Marks {
    /// Finds the tokens; `None` where the document is surely no JSON.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<()> {
        self.escapes = false;
        self.dense = true;
        let mut carry = Carry::default();
        let mut count = 0;
        let (blocks, rest) = bytes.as_chunks::<64>();
        let mut base = 0;
        for block in blocks {
            count = self.block(block, bytes, base, &mut carry, count)?;
            base = base.wrapping_add(64);
        }
        if !rest.is_empty() {
            let mut last = [b'\n'; 64];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            let dense = self.dense;
            count = self.block(&last, bytes, base, &mut carry, count)?;
            self.dense = dense && !rest.iter().any(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        }
        let end = bytes.len() as u32;
        self.room(count).get_mut(..BEYOND)?.fill(end);
        (carry.in_string == 0).then_some(())
    }

    /// The place of a token.
    #[inline(always)]
    pub(super) fn at(&self, token: usize) -> usize {
        self.places.get(token).copied().unwrap_or(u32::MAX) as usize
    }

    /// The places of a token and the five after it: a key, its end, a colon, a value, its end, and what follows.
    #[inline(always)]
    pub(super) fn six(&self, token: usize) -> Option<&[u32; 6]> {
        self.places.get(token..)?.first_chunk()
    }

    /// The places from `count` on, of which there are 64.
    #[inline(always)]
    fn room(&mut self, count: usize) -> &mut [u32] {
        if self.places.len() < count.wrapping_add(64) {
            self.grow(count);
        }
        self.places.get_mut(count..).unwrap_or(&mut [])
    }

    #[cold]
    fn grow(&mut self, count: usize) {
        self.places.resize(count.saturating_mul(2).saturating_add(512), 0);
    }

    #[inline(always)]
    fn block(&mut self, block: &[u8; 64], bytes: &[u8], base: usize, carry: &mut Carry, count: usize) -> Option<usize> {
        let classes = Classes::of(block);
        let escaped = if classes.backslash | carry.escaped == 0 {
            0
        } else {
            self.escapes = true;
            escaped(classes.backslash, bytes, base, &mut carry.escaped)?
        };
        let quote = classes.quote & !escaped;
        let in_string = odd(quote) ^ carry.in_string;
        carry.in_string = ((in_string as i64) >> 63) as u64;
        if classes.control != 0 {
            control(classes.control, in_string, block)?;
        }
        let blank = (classes.space | classes.control) & !in_string;
        self.dense &= blank == 0;
        let bracket = classes.bracket & !in_string;
        let scalar = !(in_string | bracket | quote | blank);
        let begins = scalar & !(scalar << 1 | carry.scalar);
        carry.scalar = scalar >> 63;
        let mut tokens = bracket | quote | begins;
        let found = tokens.count_ones() as usize;
        let mut places = self.room(count);
        // Eight at a time without asking whether they are there: what is too much is written over by the next block.
        loop {
            let (eight, rest) = places.split_first_chunk_mut::<8>()?;
            for place in eight {
                *place = (base as u32).wrapping_add(tokens.trailing_zeros());
                tokens &= tokens.wrapping_sub(1);
            }
            if tokens == 0 {
                return Some(count.wrapping_add(found));
            }
            places = rest;
        }
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

/// The bytes behind backslashes that are not themselves escaped; `None` where that is no escape that JSON knows.
#[cold]
fn escaped(backslash: u64, bytes: &[u8], base: usize, carry: &mut u64) -> Option<u64> {
    let mut escaped = *carry;
    let mut left = backslash & !escaped;
    *carry = 0;
    while left != 0 {
        let place = left.trailing_zeros();
        step::escape(bytes, base.wrapping_add(place as usize)).ok()?;
        let bit = 1_u64.wrapping_shl(place);
        *carry = bit >> 63;
        escaped |= bit << 1;
        left &= !(bit | bit << 1);
    }
    Some(escaped)
}

/// Below the space there are three blanks, between tokens only.
#[cold]
fn control(control: u64, in_string: u64, block: &[u8; 64]) -> Option<()> {
    let blank = |(place, byte): (u32, &u8)| {
        control >> place & 1 == 0 || (in_string >> place & 1 == 0 && matches!(byte, b'\t' | b'\n' | b'\r'))
    };
    (0..).zip(block).all(blank).then_some(())
}

impl Classes {
    #[inline(always)]
    fn of(block: &[u8; 64]) -> Classes {
        use wide::u8x16;
        let mut classes = Classes::default();
        let (parts, _) = block.as_chunks::<16>();
        for (index, part) in (0_u32..).zip(parts) {
            let bytes = u8x16::new(*part);
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            // `{` and `[` differ in one bit, `}` and `]` too.
            let folded = bytes | u8x16::splat(0x20);
            let either = |byte: u8| folded.simd_eq(u8x16::splat(byte));
            let shift = index.wrapping_mul(16);
            let bits = |mask: u8x16| u64::from(mask.to_bitmask()).wrapping_shl(shift);
            classes.quote |= bits(is(b'"'));
            classes.backslash |= bits(is(b'\\'));
            classes.control |= bits(bytes.min(u8x16::splat(0x1f)).simd_eq(bytes));
            classes.space |= bits(is(b' '));
            classes.bracket |= bits(either(b'{') | either(b'}') | is(b',') | is(b':'));
        }
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plain twin of [`Classes::of`].
    fn classes(block: &[u8; 64]) -> Classes {
        let bits = |is: &dyn Fn(u8) -> bool| (0..64).filter(|at| is(block[*at])).fold(0, |all, at| all | 1_u64 << at);
        Classes {
            quote: bits(&|byte| byte == b'"'),
            backslash: bits(&|byte| byte == b'\\'),
            control: bits(&|byte| byte < 0x20),
            space: bits(&|byte| byte == b' '),
            bracket: bits(&|byte| b"{}[]:,".contains(&byte)),
        }
    }

    #[test]
    fn blocks_find_what_single_bytes_find() {
        let mut state = 0x1234_5678_9abc_def1_u64;
        for _ in 0..20_000 {
            let mut block = [b'x'; 64];
            for byte in &mut block {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = if state.is_multiple_of(3) {
                    state as u8
                } else {
                    b"\"\\{}[]:, \n\x1a\x0c"[state as usize / 8 % 12]
                };
            }
            assert_eq!(Classes::of(&block), classes(&block), "{block:?}");
        }
    }

    #[test]
    fn every_token_has_a_place() {
        let mut marks = Marks::default();
        for pad in 0..130 {
            let head = alloc::format!("{{\"{}\":", "k".repeat(pad));
            let text = alloc::format!("{head}[\"a\\\\\\\"b\",-1.5 ,true]}}");
            marks.find(text.as_bytes()).unwrap();
            let places: Vec<usize> = (0..20).map(|token| marks.at(token)).collect();
            let rest = [0, 1, 8, 9, 10, 15, 16, 20, 21];
            let mut expected = alloc::vec![0, 1, pad + 2, pad + 3];
            expected.extend(rest.map(|place| place + head.len()));
            expected.resize(20, text.len());
            assert_eq!(places, expected, "{text}");
            assert!(marks.escapes && !marks.dense);
        }
        assert!(marks.find(b"{\"a\":\"\\x\"}").is_none());
        assert!(marks.find(b"{\"a\":\"\x01\"}").is_none());
        assert!(marks.find(b"{\"a").is_none());
    }
}
