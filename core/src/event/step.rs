//! Stepping over the tokens of JSON: from the first byte of one to the byte after it. What is stepped over is checked.
//!
//! ```text
//! {"agent":{"id":"x","build":[1,{"n":2}]},"process":...
//!                ^ string(at)
//!                 ^ gives this place
//! ```
//! The place is an argument and a result, never a field, so that it stays in a register.

use super::{
    json::{JsonError, Result},
    scan,
};

/// The byte at a place; 0, which no token begins with, at the end.
#[inline(always)]
pub(super) fn peek(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

#[cold]
pub(super) fn fail<T>(bytes: &[u8], at: usize, expected: &'static str) -> Result<T> {
    Err(JsonError { offset: at.min(bytes.len()), expected })
}

/// The next byte that is no blank. Documents of one line seldom have any.
#[inline(always)]
pub(super) fn blank(bytes: &[u8], at: usize) -> usize {
    if peek(bytes, at) > b' ' { at } else { blanks(bytes, at) }
}

#[cold]
fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(peek(bytes, at), b' ' | b'\t' | b'\n' | b'\r') {
        at = at.wrapping_add(1);
    }
    at
}

/// A string, from the first byte of its content: the place of its closing quote, and whether it has escapes.
#[inline(always)]
pub(super) fn string(bytes: &[u8], start: usize) -> Result<(usize, bool)> {
    // Most end within one block, wherever that is.
    let Some(block) = bytes.get(start..).and_then(<[u8]>::first_chunk) else { return string_slowly(bytes, start) };
    match scan::first_special(block) {
        Some(length) if block.get(length) == Some(&b'"') => Ok((start.wrapping_add(length), false)),
        Some(length) => string_slowly(bytes, start.wrapping_add(length)),
        None => long_string(bytes, start.wrapping_add(32)),
    }
}

#[inline(never)]
fn long_string(bytes: &[u8], start: usize) -> Result<(usize, bool)> {
    let mut at = start;
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        match scan::first_special(block) {
            None => at = at.wrapping_add(32),
            Some(length) => {
                at = at.wrapping_add(length);
                if peek(bytes, at) == b'"' {
                    return Ok((at, false));
                }
                break;
            }
        }
    }
    string_slowly(bytes, at)
}

/// The rest of a string that has escapes, or ends with the document.
#[cold]
fn string_slowly(bytes: &[u8], start: usize) -> Result<(usize, bool)> {
    let mut at = start;
    let mut escaped = false;
    loop {
        at = at.wrapping_add(scan::plain_run(bytes.get(at..).unwrap_or(&[])));
        match bytes.get(at) {
            Some(b'"') => return Ok((at, escaped)),
            Some(b'\\') => {
                escaped = true;
                at = at.wrapping_add(escape(bytes, at)?);
            }
            Some(_) => return fail(bytes, at, "an escaped control character"),
            None => return fail(bytes, at, "the string's closing quote"),
        }
    }
}

/// The length of the escape that begins at `at`.
pub(super) fn escape(bytes: &[u8], at: usize) -> Result<usize> {
    match bytes.get(at.wrapping_add(1)) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => {
            let digits = bytes.get(at.wrapping_add(2)..at.wrapping_add(6)).unwrap_or(&[]);
            if digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit) {
                Ok(6)
            } else {
                fail(bytes, at, "four hex digits after \\u")
            }
        }
        _ => fail(bytes, at, "an escape that JSON knows"),
    }
}

/// A key and its colon, from where the key may begin: its content, whether it has escapes, and the place where its value may begin, blanks
/// aside.
#[inline(always)]
pub(super) fn key(bytes: &[u8], at: usize) -> Result<(usize, usize, bool, usize)> {
    let mut at = at;
    if peek(bytes, at) != b'"' {
        at = blanks(bytes, at);
        if peek(bytes, at) != b'"' {
            return fail(bytes, at, "a key in quotes");
        }
    }
    let start = at.wrapping_add(1);
    let (end, escaped) = string(bytes, start)?;
    let mut at = end.wrapping_add(1);
    if peek(bytes, at) != b':' {
        at = blanks(bytes, at);
        if peek(bytes, at) != b':' {
            return fail(bytes, at, "':' after the key");
        }
    }
    Ok((start, end, escaped, at.wrapping_add(1)))
}

/// Whether a byte is how a number, `true`, `false` or `null` begins.
#[inline(always)]
pub(super) fn begins_scalar(byte: u8) -> bool {
    matches!(byte, b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

/// A number, `true`, `false` or `null`: the place after it, and whether it is a number that is written as a whole one.
#[inline(always)]
pub(super) fn scalar(bytes: &[u8], at: usize) -> Result<(usize, bool)> {
    match peek(bytes, at) {
        b'-' | b'0'..=b'9' => number(bytes, at),
        b't' => word(bytes, at, "true"),
        b'f' => word(bytes, at, "false"),
        b'n' => word(bytes, at, "null"),
        _ => fail(bytes, at, "a value"),
    }
}

fn word(bytes: &[u8], at: usize, word: &'static str) -> Result<(usize, bool)> {
    let end = at.saturating_add(word.len());
    if bytes.get(at..end) == Some(word.as_bytes()) { Ok((end, false)) } else { fail(bytes, at, "a value") }
}

/// A number: the place after it, and whether it is written as a whole one.
#[inline(always)]
fn number(bytes: &[u8], start: usize) -> Result<(usize, bool)> {
    // Mostly there are a few digits and then a comma; however many there are, nothing has to be foreseen.
    if let Some(eight) = bytes.get(start..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*eight);
        let count = leading_digits(word);
        let (first, next) = (word as u8, word.wrapping_shr((count as u32) << 3) as u8);
        if count < 8 && matches!(first, b'1'..=b'9') && matches!(next, b',' | b'}' | b']') {
            return Ok((start.wrapping_add(count), true));
        }
    }
    any_number(bytes, start)
}

/// How many of eight bytes are digits, before one that is none.
#[inline(always)]
fn leading_digits(word: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Beyond a byte that is no digit a carry may do as it likes.
    let low = word ^ ONES.wrapping_mul(b'0' as u64);
    let others = (low | low.wrapping_add(ONES.wrapping_mul(6))) & ONES.wrapping_mul(0xf0);
    (others.trailing_zeros() >> 3) as usize
}

#[inline(never)]
fn any_number(bytes: &[u8], start: usize) -> Result<(usize, bool)> {
    let mut at = start;
    let mut whole = true;
    if peek(bytes, at) == b'-' {
        at = at.wrapping_add(1);
    }
    match peek(bytes, at) {
        b'0' => at = at.wrapping_add(1),
        b'1'..=b'9' => at = digits(bytes, at)?,
        _ => return fail(bytes, at, "a digit"),
    }
    if peek(bytes, at) == b'.' {
        whole = false;
        at = digits(bytes, at.wrapping_add(1))?;
    }
    if matches!(peek(bytes, at), b'e' | b'E') {
        whole = false;
        at = at.wrapping_add(1);
        if matches!(peek(bytes, at), b'+' | b'-') {
            at = at.wrapping_add(1);
        }
        at = digits(bytes, at)?;
    }
    Ok((at, whole))
}

/// One digit and those that follow.
#[inline]
fn digits(bytes: &[u8], start: usize) -> Result<usize> {
    let mut at = start;
    while peek(bytes, at).is_ascii_digit() {
        at = at.wrapping_add(1);
    }
    if at == start { fail(bytes, at, "a digit") } else { Ok(at) }
}
