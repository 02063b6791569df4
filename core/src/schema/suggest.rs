//! "Did you mean": the candidate nearest to a misspelt word.

use alloc::vec::Vec;

/// Words shorter than this are near to every other; no field that is meant is longer.
const COMPARED: core::ops::RangeInclusive<usize> = 3..=128;

/// The candidate that needs the fewest edits (a letter added, dropped, changed, or two neighbours swapped), if that is at most one in four
/// letters. Case does not count. Of equals the first.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if !COMPARED.contains(&word.len()) {
        return None;
    }
    let letters: Vec<u8> = word.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let most = letters.len().div_ceil(4);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // As many edits as the lengths differ are needed at least.
        if candidate.len().abs_diff(letters.len()) > most {
            continue;
        }
        let edits = distance(&letters, candidate);
        if edits <= most && best.is_none_or(|(fewest, _)| edits < fewest) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance, one row per letter of `right`.
fn distance(left: &[u8], right: &str) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=left.len()).collect();
    let mut last_byte = None;
    for (row, byte) in right.bytes().map(|byte| byte.to_ascii_lowercase()).enumerate() {
        let mut next = Vec::with_capacity(last.len());
        next.push(row.saturating_add(1));
        for (column, letter) in left.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let changed = at(&last, column).saturating_add(usize::from(*letter != byte));
            let added = at(&last, column.saturating_add(1)).saturating_add(1);
            let dropped = at(&next, column).saturating_add(1);
            let mut fewest = changed.min(added).min(dropped);
            let neighbour = column.checked_sub(1).and_then(|before| left.get(before));
            if neighbour == Some(&byte) && last_byte == Some(*letter) {
                fewest = fewest.min(at(&before, column.saturating_sub(1)).saturating_add(1));
            }
            next.push(fewest);
        }
        before = core::mem::replace(&mut last, next);
        last_byte = Some(byte);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, expected) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("abc", "ab", 1),
            ("abc", "xbcd", 2),
            ("kitten", "sitting", 3),
            ("Abc", "aBC", 0),
        ] {
            let lower: Vec<u8> = left.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
            assert_eq!(distance(&lower, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn nearest_words() {
        let names = ["process.name", "process.pid", "process.parent.name"];
        assert_eq!(nearest("proces.name", names.into_iter()), Some("process.name"));
        assert_eq!(nearest("process.parnet.name", names.into_iter()), Some("process.parent.name"));
        assert_eq!(nearest("network", names.into_iter()), None);
    }
}
