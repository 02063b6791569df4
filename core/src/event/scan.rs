//! Looking at many bytes at once: for line ends, for what ends or interrupts a JSON string, and for the bytes of a block that are alike.
//!
//! Where the target is known to have vectors (x86-64 and 64-bit ARM always, WebAssembly built with `simd128`) they are used, through `wide`,
//! which makes them safe; elsewhere words do, or `memchr`. Written out, without loops and closures: what is built for size has neither
//! unrolled nor inlined.

use wide::u8x16;

/// Whether the target has vectors.
pub(crate) const VECTORS: bool =
    cfg!(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"));

/// Sixty-four bytes, as many as are looked at together.
pub(super) type Block = [u8; 64];

/// A block in vectors.
#[inline(always)]
pub(super) fn quarters(block: &Block) -> [u8x16; 4] {
    match block.as_chunks::<16>() {
        ([a, b, c, d], []) => [u8x16::new(*a), u8x16::new(*b), u8x16::new(*c), u8x16::new(*d)],
        _ => [u8x16::splat(0); 4],
    }
}

/// A bit for each byte that is this one.
#[inline(always)]
pub(super) fn equal([a, b, c, d]: [u8x16; 4], byte: u8) -> u64 {
    let byte = u8x16::splat(byte);
    bits([a.simd_eq(byte), b.simd_eq(byte), c.simd_eq(byte), d.simd_eq(byte)])
}

/// A bit for each byte, its highest.
#[inline(always)]
fn bits([a, b, c, d]: [u8x16; 4]) -> u64 {
    u64::from(a.to_bitmask())
        | u64::from(b.to_bitmask()) << 16
        | u64::from(c.to_bitmask()) << 32
        | u64::from(d.to_bitmask()) << 48
}

/// Whether any byte is this one, which takes less than to say where.
#[inline(always)]
pub(super) fn any([a, b, c, d]: [u8x16; 4], byte: u8) -> bool {
    let byte = u8x16::splat(byte);
    (a.simd_eq(byte) | b.simd_eq(byte) | c.simd_eq(byte) | d.simd_eq(byte)).to_bitmask() != 0
}

/// Whether two blocks are the same.
#[inline(always)]
pub(super) fn alike(one: &[u8; 32], other: &[u8; 32]) -> bool {
    match (one.as_chunks::<16>(), other.as_chunks::<16>()) {
        (([a, b], []), ([c, d], [])) if VECTORS => {
            (u8x16::new(*a).simd_eq(u8x16::new(*c)) & u8x16::new(*b).simd_eq(u8x16::new(*d))).to_bitmask() == 0xffff
        }
        (([a, b], []), ([c, d], [])) => {
            (u128::from_le_bytes(*a) ^ u128::from_le_bytes(*c)) | (u128::from_le_bytes(*b) ^ u128::from_le_bytes(*d))
                == 0
        }
        _ => false,
    }
}

/// Whether bytes begin with a text of so many, which lies in blocks: in all but the last one whole. How much of that it fills need not be foreseen.
#[inline(always)]
pub(super) fn begins(bytes: &[u8], text: &[Block], length: usize) -> bool {
    let (here, _) = bytes.as_chunks::<64>();
    match (text.split_last(), here.get(text.len().wrapping_sub(1))) {
        (Some((last, full)), Some(here_last)) if VECTORS => {
            let mut same = u8x16::splat(0xff);
            for (one, other) in full.iter().zip(here) {
                let [a, b, c, d] = alike_bytes(one, other);
                same &= a & b & c & d;
            }
            let beyond = u64::MAX.wrapping_shl(length as u32);
            bits(alike_bytes(last, here_last)) | beyond == u64::MAX && same.to_bitmask() == 0xffff
        }
        _ => begins_plainly(bytes, text, length),
    }
}

#[inline(always)]
fn alike_bytes(one: &Block, other: &Block) -> [u8x16; 4] {
    let ([a, b, c, d], [e, f, g, h]) = (quarters(one), quarters(other));
    [a.simd_eq(e), b.simd_eq(f), c.simd_eq(g), d.simd_eq(h)]
}

/// Without vectors, and where bytes end before the block does; the twin that the other is tested against.
fn begins_plainly(bytes: &[u8], text: &[Block], length: usize) -> bool {
    bytes.get(..length).is_some_and(|here| text.as_flattened().get(..length) == Some(here))
}

/// The first line end.
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    if VECTORS { line_end_by_vector(bytes) } else { memchr::memchr(b'\n', bytes) }
}

#[inline(always)]
fn line_end_by_vector(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut at = 0_usize;
    for block in blocks {
        let block = quarters(block);
        if any(block, b'\n') {
            return Some(at.wrapping_add(equal(block, b'\n').trailing_zeros() as usize));
        }
        at = at.wrapping_add(64);
    }
    rest.iter().position(|byte| *byte == b'\n').map(|place| at.wrapping_add(place))
}

/// How many bytes from the start are neither quote, backslash nor control character.
#[inline]
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<32>();
    for (index, block) in blocks.iter().enumerate() {
        if let Some(at) = first_special(block) {
            return index.wrapping_mul(32).wrapping_add(at);
        }
    }
    let done = blocks.len().wrapping_mul(32);
    done.wrapping_add(rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len()))
}

/// Quote, backslash or control character?
fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The first byte of the block that is a quote, a backslash or a control character. Most strings end within one block, wherever that is, so
/// that nothing has to be foreseen.
#[inline(always)]
pub(super) fn first_special(block: &[u8; 32]) -> Option<usize> {
    if VECTORS { first_by_vector(block) } else { first_by_words(block) }
}

#[inline(always)]
fn first_by_vector(block: &[u8; 32]) -> Option<usize> {
    let (low, high) = match block.as_chunks::<16>() {
        ([low, high], []) => (special(u8x16::new(*low)), special(u8x16::new(*high))),
        _ => (0, 0),
    };
    let mask = low | high << 16;
    (mask != 0).then(|| mask.trailing_zeros() as usize)
}

#[inline(always)]
fn special(bytes: u8x16) -> u32 {
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    // With this bit turned the quote is 0x20, and control characters are still those below.
    let turned = bytes ^ u8x16::splat(b'"' ^ 0x20);
    let other = turned.min(u8x16::splat(0x20)).simd_eq(turned);
    (backslash | other).to_bitmask()
}

/// Without vectors; the twin that they are tested against.
#[inline(always)]
fn first_by_words(block: &[u8; 32]) -> Option<usize> {
    let (words, _) = block.as_chunks::<8>();
    let mut at = 0_usize;
    for word in words {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at.wrapping_add((found.trailing_zeros() >> 3) as usize));
        }
        at = at.wrapping_add(8);
    }
    None
}

/// The highest bit of each special byte. Borrows only ever mark bytes above the first true one, so the lowest mark is right.
#[inline(always)]
fn marks(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ ONES.wrapping_mul(b'"' as u64));
    let backslash = zero(word ^ ONES.wrapping_mul(b'\\' as u64));
    let control = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
    (quote | backslash | control) & ONES.wrapping_mul(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn texts_begin_where_all_of_their_bytes_stand() {
        let all: Vec<u8> = (0..400_usize).map(|number| (number * 7 % 251) as u8).collect();
        for length in 1..300 {
            let mut text = all[..length].to_vec();
            text.resize(length / 64 * 64 + 64, 0);
            let (blocks, _) = text.as_chunks();
            let both = |bytes: &[u8]| {
                let begins = begins(bytes, blocks, length);
                assert_eq!(begins, begins_plainly(bytes, blocks, length), "{length} of {}", bytes.len());
                begins
            };
            assert!(both(&all) && both(&all[..length]) && !both(&all[..length - 1]));
            for at in 0..length + 2 {
                let mut other = all.clone();
                other[at] ^= 0x80;
                assert_eq!(both(&other), at >= length, "{length} {at}");
            }
        }
    }

    #[test]
    fn blocks_find_what_single_bytes_find() {
        let mut state = 0x1234_5678_9abc_def1_u64;
        for round in 0..100_000 {
            let mut block = [b'x'; 32];
            for byte in &mut block {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Few special bytes in most rounds, any bytes in some.
                let rare = [b'a', b'"', b'\\', 0x1f, 0x20, 0x80, 0xff, b'!', b'\n'];
                *byte = if round % 3 == 0 {
                    state as u8
                } else {
                    rare[if state.is_multiple_of(5) { state as usize / 8 % 9 } else { 0 }]
                };
            }
            let plain = block.iter().position(|byte| is_special(*byte));
            assert_eq!(first_by_vector(&block), plain, "{block:?}");
            assert_eq!(first_by_words(&block), plain, "{block:?}");
            let lines = [block.as_slice(), &block, &block, &block, &block].concat();
            assert_eq!(line_end_by_vector(&lines), lines.iter().position(|byte| *byte == b'\n'));
            let longer = [b"0123456789abcdef0123456789abcdef".as_slice(), &block[..13]].concat();
            assert_eq!(plain_run(&longer), 32 + plain.unwrap_or(13).min(13));
        }
    }
}
