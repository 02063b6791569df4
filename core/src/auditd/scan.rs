//! Where keys begin and end and values end in the body of a record, sixty-four bytes at a look.
//!
//! ```text
//! a0=3 comm="nc" pid=7
//!   ^      ^        ^      equals
//!     ^     ^  ^ ^         stops: blanks and quotes
//!   ^ ^    ^^  ^ ^  ^      others: what no key has
//! ```
//! Three bits a byte are all that reading a body takes: a key is what stands before its `=`, and a bare value ends at a stop.

use crate::event::VECTORS;

/// Reads on in one body, forwards.
#[derive(Debug)]
pub(super) struct Scan<'b> {
    bytes: &'b [u8],
    /// The block that the bits are of.
    block: usize,
    bits: Bits,
}

/// A bit for each byte of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bits {
    equals: u64,
    stops: u64,
    others: u64,
}

/// A letter of a key.
#[inline(always)]
pub(super) fn is_key(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-')
}

impl<'b> Scan<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Scan { bytes, block: usize::MAX, bits: Bits::default() }
    }

    /// The place of the next `=`.
    #[inline(always)]
    pub(super) fn equals(&mut self, from: usize) -> Option<usize> {
        self.next(from, |bits| bits.equals)
    }

    /// The place of the next quote or blank, or else the end.
    #[inline(always)]
    pub(super) fn stop(&mut self, from: usize) -> usize {
        self.next(from, |bits| bits.stops).unwrap_or(self.bytes.len())
    }

    /// The begin of the key that ends at `end`, which [`equals`](Self::equals) has just given.
    #[inline(always)]
    pub(super) fn key(&self, start: usize, end: usize) -> usize {
        let before = self.bits.others & !(u64::MAX << (end & 63));
        let block = end & !63;
        if before != 0 {
            return start.max(block.wrapping_add(64).wrapping_sub(before.leading_zeros() as usize));
        }
        if block <= start { start } else { self.key_across(start, block) }
    }

    /// The key goes on in the block before.
    #[cold]
    fn key_across(&self, start: usize, block: usize) -> usize {
        let mut before = self.bytes.get(start..block).unwrap_or_default();
        while let [rest @ .., byte] = before
            && is_key(*byte)
        {
            before = rest;
        }
        start.wrapping_add(before.len())
    }

    #[inline(always)]
    fn next(&mut self, mut from: usize, of: impl Fn(&Bits) -> u64) -> Option<usize> {
        loop {
            let block = from >> 6;
            if block != self.block {
                self.look(block)?;
            }
            let bits = of(&self.bits) >> (from & 63);
            if bits != 0 {
                return Some(from.wrapping_add(bits.trailing_zeros() as usize));
            }
            from = block.wrapping_add(1) << 6;
        }
    }

    #[inline(never)]
    fn look(&mut self, block: usize) -> Option<()> {
        let rest = self.bytes.get(block << 6..).filter(|rest| !rest.is_empty())?;
        self.block = block;
        self.bits = match rest.first_chunk() {
            Some(block) => Bits::of(block),
            None => {
                let mut last = [b'x'; 64];
                last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                Bits::of(&last)
            }
        };
        Some(())
    }
}

impl Bits {
    #[inline(always)]
    fn of(block: &[u8; 64]) -> Bits {
        if VECTORS { Bits::by_vector(block) } else { Bits::by_bytes(block) }
    }

    #[inline(always)]
    fn by_vector(block: &[u8; 64]) -> Bits {
        use wide::u8x16;
        let (quarters, _) = block.as_chunks::<16>();
        let mut all = Bits::default();
        for quarter in quarters.iter().rev() {
            let bytes = u8x16::new(*quarter);
            let equals = bytes.simd_eq(u8x16::splat(b'='));
            let quotes = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\''));
            let within = |first: u8, last: u8| bytes.max(u8x16::splat(first)).min(u8x16::splat(last)).simd_eq(bytes);
            let lines = within(b'\t', b'\r') ^ bytes.simd_eq(u8x16::splat(0x0b));
            let blanks = bytes.simd_eq(u8x16::splat(b' ')) | lines;
            let dashes = bytes.simd_eq(u8x16::splat(b'_')) | bytes.simd_eq(u8x16::splat(b'-'));
            let keys = within(b'a', b'z') | within(b'0', b'9') | dashes;
            all.equals = all.equals << 16 | u64::from(equals.to_bitmask());
            all.others = all.others << 16 | u64::from(!keys.to_bitmask() & 0xffff);
            all.stops = all.stops << 16 | u64::from((quotes | blanks).to_bitmask());
        }
        all
    }

    /// Without vectors; the twin that they are tested against.
    #[inline(always)]
    fn by_bytes(block: &[u8; 64]) -> Bits {
        let mut all = Bits::default();
        for &byte in block.iter().rev() {
            // One table for all three.
            let class = match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => 0,
                b'=' => 0b101,
                b'\t' | b'\n' | 0x0c | b'\r' | b' ' | b'"' | b'\'' => 0b110,
                _ => 0b100,
            };
            all.equals = all.equals << 1 | class & 1;
            all.stops = all.stops << 1 | class >> 1 & 1;
            all.others = all.others << 1 | class >> 2;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn places_are_those_that_single_bytes_tell() {
        let mut state = 7_u64;
        for length in 0..300 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    if state & 3 == 0 {
                        b"= \"'\t\n\x0b\x0c\r\x00\x0e\x80\xff"[state as usize / 8 % 13]
                    } else {
                        state as u8 | 64
                    }
                })
                .collect();
            let (mut scan, is_stop) = (Scan::new(&bytes), |byte: &u8| b" \"'\t\n\x0c\r".contains(byte));
            for from in 0..=length {
                let rest = &bytes[from..];
                let equals = rest.iter().position(|byte| *byte == b'=').map(|place| from + place);
                assert_eq!(scan.equals(from), equals);
                if let Some(equals) = equals {
                    let other = bytes[from..equals].iter().rposition(|byte| !is_key(*byte));
                    assert_eq!(scan.key(from, equals), other.map_or(from, |place| from + place + 1));
                }
                assert_eq!(scan.stop(from), rest.iter().position(is_stop).map_or(length, |place| from + place));
            }
            for block in bytes.as_chunks::<64>().0 {
                assert_eq!(Bits::by_vector(block), Bits::by_bytes(block));
            }
        }
    }
}
