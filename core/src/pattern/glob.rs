//! One wildcard pattern, cut at its stars: `*\Temp\*.ex?` is the segments `\Temp\` and `.ex?`, open at the start.
//!
//! The first segment must stand at the start and the last at the end (unless a star does), the others are found from left to right, each as
//! early as possible. There is nothing to come back to, so the cost is at most text times pattern, without recursion or memory.

use alloc::{boxed::Box, vec::Vec};
use memchr::{memchr, memchr2};

/// A compiled pattern. Where letters fold, its own are lower-case already and the text's are folded byte by byte.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    /// What stands between stars; a `?` within is any one character.
    segments: Vec<Box<[u8]>>,
    open_start: bool,
    open_end: bool,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Glob {
        Glob {
            segments: pattern.split('*').filter(|segment| !segment.is_empty()).map(|s| s.as_bytes().into()).collect(),
            open_start: pattern.starts_with('*'),
            open_end: pattern.ends_with('*'),
        }
    }

    /// `*literal*`: whoever has found the literal need not ask further.
    pub(super) fn is_substring(&self) -> bool {
        match self.segments.as_slice() {
            [segment] => self.open_start && self.open_end && !segment.contains(&b'?'),
            _ => false,
        }
    }

    /// Does the text match? `fold`: upper-case ASCII letters of the text count as lower-case.
    pub(super) fn matches(&self, text: &[u8], fold: bool) -> bool {
        let mut middle = self.segments.as_slice();
        let (mut start, mut end) = (0, text.len());
        if !self.open_start
            && let Some((first, rest)) = middle.split_first()
        {
            let Some(after) = match_at(text, 0, first, fold) else { return false };
            start = after;
            middle = rest;
            if rest.is_empty() && !self.open_end {
                return start == end;
            }
        }
        if !self.open_end
            && let Some((last, rest)) = middle.split_last()
        {
            match match_before(text, end, last, fold) {
                Some(before) if before >= start => end = before,
                _ => return false,
            }
            middle = rest;
        }
        let Some(text) = text.get(..end) else { return false };
        for segment in middle {
            match find(text, start, segment, fold) {
                Some(after) => start = after,
                None => return false,
            }
        }
        // Only a pattern without any star and segment is closed at both ends here: the empty one.
        !self.segments.is_empty() || self.open_start || text.is_empty()
    }
}

const fn lower(byte: u8, fold: bool) -> u8 {
    if fold { byte.to_ascii_lowercase() } else { byte }
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The place after the character that starts at `at`.
fn next_char(text: &[u8], at: usize) -> Option<usize> {
    let after = at.checked_add(1)?;
    text.get(at)?;
    let more = text.get(after..)?.iter().take_while(|byte| is_continuation(**byte)).count();
    after.checked_add(more)
}

/// Where the segment ends that starts exactly at `at`.
fn match_at(text: &[u8], at: usize, segment: &[u8], fold: bool) -> Option<usize> {
    let mut at = at;
    for &wanted in segment {
        if wanted == b'?' {
            at = next_char(text, at)?;
        } else if text.get(at).is_some_and(|byte| lower(*byte, fold) == wanted) {
            at = at.checked_add(1)?;
        } else {
            return None;
        }
    }
    Some(at)
}

/// Where the segment starts that ends exactly at `end`.
fn match_before(text: &[u8], end: usize, segment: &[u8], fold: bool) -> Option<usize> {
    let mut end = end;
    for &wanted in segment.iter().rev() {
        end = end.checked_sub(1)?;
        if wanted == b'?' {
            while text.get(end).is_some_and(|byte| is_continuation(*byte)) {
                end = end.checked_sub(1)?;
            }
        } else if text.get(end).is_none_or(|byte| lower(*byte, fold) != wanted) {
            return None;
        }
    }
    Some(end)
}

/// Where the first occurrence at or after `from` ends.
fn find(text: &[u8], from: usize, segment: &[u8], fold: bool) -> Option<usize> {
    let first = *segment.first()?;
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        at = match first {
            b'?' => at,
            letter if fold => at.checked_add(memchr2(letter, letter.to_ascii_uppercase(), rest)?)?,
            byte => at.checked_add(memchr(byte, rest)?)?,
        };
        if let Some(after) = match_at(text, at, segment, fold) {
            return Some(after);
        }
        at = next_char(text, at)?;
    }
}
