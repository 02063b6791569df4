//! The plain twin of [`TextSet`](super::TextSet): one wildcard pattern by the textbook table, obviously right and slow.

use super::Case;
use crate::lowercase::lowercase;
use alloc::{string::String, vec, vec::Vec};

/// Does the text match the pattern? `*` is any run of characters, `?` exactly one, all else stands for itself; there is no escape.
pub fn naive_wildcard(pattern: &str, text: &str, case: Case) -> bool {
    let (pattern, text) = (fold(pattern, case), fold(text, case));
    // reachable[i]: the pattern so far matches the first i characters.
    let mut reachable = vec![false; text.len().saturating_add(1)];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for p in pattern {
        let mut next = vec![false; reachable.len()];
        let mut any_before = false;
        for (i, slot) in next.iter_mut().enumerate() {
            let here = reachable.get(i).copied().unwrap_or(false);
            any_before |= here;
            let before = i.checked_sub(1);
            let step = before.and_then(|b| reachable.get(b).copied()).unwrap_or(false);
            let c = before.and_then(|b| text.get(b).copied());
            *slot = match p {
                '*' => any_before,
                '?' => step,
                p => step && c == Some(p),
            };
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or(false)
}

fn fold(text: &str, case: Case) -> Vec<char> {
    let folded: String = match case {
        Case::Sensitive => text.into(),
        Case::AsciiInsensitive => text.to_ascii_lowercase(),
        Case::UnicodeInsensitive => lowercase(text),
    };
    folded.chars().collect()
}
