//! Finding the bytes that end or interrupt a JSON string, sixteen at a time.
//!
//! Most strings of an event are shorter than that, so that one look finds the end. Where the target is known to have vectors (x86-64 and
//! 64-bit ARM always, WebAssembly built with `simd128`) they are used, through `wide`, which makes them safe; elsewhere two words do.

/// The first line end.
pub(super) fn line_end(bytes: &[u8]) -> Option<usize> {
    use wide::u8x16;
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut at = 0_usize;
    for block in blocks {
        let (parts, _) = block.as_chunks::<16>();
        let ends = |part: &[u8; 16]| u8x16::new(*part).simd_eq(u8x16::splat(b'\n'));
        let [a, b, c, d] = parts else { return None };
        let [a, b, c, d] = [ends(a), ends(b), ends(c), ends(d)];
        if (a | b | c | d).to_bitmask() != 0 {
            let low = u64::from(a.to_bitmask()) | u64::from(b.to_bitmask()) << 16;
            let high = u64::from(c.to_bitmask()) | u64::from(d.to_bitmask()) << 16;
            return Some(at.wrapping_add((low | high << 32).trailing_zeros() as usize));
        }
        at = at.wrapping_add(64);
    }
    rest.iter().position(|byte| *byte == b'\n').map(|place| at.wrapping_add(place))
}

/// How many bytes from the start are neither quote, backslash nor control character.
#[inline]
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<16>();
    for (index, block) in blocks.iter().enumerate() {
        if let Some(at) = first_special(block) {
            return index.wrapping_mul(16).wrapping_add(at);
        }
    }
    let done = blocks.len().wrapping_mul(16);
    done.wrapping_add(rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len()))
}

/// Quote, backslash or control character?
fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The first byte of the block that is a quote, a backslash or a control character.
#[inline(always)]
pub(super) fn first_special(block: &[u8; 16]) -> Option<usize> {
    if cfg!(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")) {
        first_by_vector(block)
    } else {
        first_by_words(block)
    }
}

#[inline(always)]
fn first_by_vector(block: &[u8; 16]) -> Option<usize> {
    use wide::u8x16;
    let bytes = u8x16::new(*block);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let mask = (quote | backslash | control).to_bitmask();
    (mask != 0).then(|| mask.trailing_zeros() as usize)
}

/// Without vectors; the twin that they are tested against.
#[inline(always)]
fn first_by_words(block: &[u8; 16]) -> Option<usize> {
    let whole = u128::from_le_bytes(*block);
    let low = marks(whole as u64);
    if low != 0 {
        return Some((low.trailing_zeros() >> 3) as usize);
    }
    let high = marks((whole >> 64) as u64);
    (high != 0).then(|| (high.trailing_zeros() >> 3).wrapping_add(8) as usize)
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

    #[test]
    fn blocks_find_what_single_bytes_find() {
        let mut state = 0x1234_5678_9abc_def1_u64;
        for round in 0..100_000 {
            let mut block = [b'x'; 16];
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
            assert_eq!(line_end(&lines), lines.iter().position(|byte| *byte == b'\n'));
            let longer = [b"0123456789abcdef".as_slice(), &block[..13]].concat();
            assert_eq!(plain_run(&longer), 16 + plain.unwrap_or(13).min(13));
        }
    }
}
