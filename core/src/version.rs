//! The order of Elasticsearch's `version` field: `1.9.0 < 1.11.3-alpha < 1.11.3 < not-a-version`.
//!
//! Elasticsearch: versions follow Semantic Versioning 2.0 (numbers by value, a pre-release before its release, build metadata last);
//! more or fewer than three numbers are allowed; text that is no version sorts after all versions, by its bytes.

use core::cmp::Ordering;

/// The order of two texts in a `version` field.
///
/// ```
/// use eqlite_core::version::order;
/// assert!(order("1.9.0", "1.11.0").is_lt());
/// assert!(order("1.11.0-rc.1", "1.11.0").is_lt());
/// assert!(order("banana", "99.0.0").is_gt());
/// ```
pub fn order(a: &str, b: &str) -> Ordering {
    match (Version::parse(a), Version::parse(b)) {
        (Some(a), Some(b)) => a.order(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// Is the text a version?
pub fn is_valid(text: &str) -> bool {
    Version::parse(text).is_some()
}

struct Version<'a> {
    numbers: &'a str,
    pre_release: Option<&'a str>,
    build: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (rest, build) = split(text, '+');
        let (numbers, pre_release) = split(rest, '-');
        let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let words = |text: Option<&str>| text.is_none_or(|text| text.split('.').all(word));
        let valid = numbers.split('.').all(number) && words(pre_release) && words(build);
        valid.then_some(Version { numbers, pre_release, build })
    }

    fn order(&self, other: &Self) -> Ordering {
        self.numbers
            .split('.')
            .map(Number)
            .cmp(other.numbers.split('.').map(Number))
            // A release is above its pre-releases, so none is above some.
            .then_with(|| match (self.pre_release, other.pre_release) {
                (Some(a), Some(b)) => a.split('.').map(Identifier).cmp(b.split('.').map(Identifier)),
                (a, b) => a.is_none().cmp(&b.is_none()),
            })
            .then_with(|| self.build.cmp(&other.build))
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Digits of any length, by value.
struct Number<'a>(&'a str);

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.0.trim_start_matches('0'), other.0.trim_start_matches('0'));
        a.len().cmp(&b.len()).then_with(|| a.cmp(b))
    }
}

/// A part of a pre-release: numbers by value and below words, words by their bytes.
struct Identifier<'a>(&'a str);

impl Ord for Identifier<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        match (is_number(self.0), is_number(other.0)) {
            (true, true) => Number(self.0).cmp(&Number(other.0)),
            (false, false) => self.0.cmp(other.0),
            (a, b) => b.cmp(&a),
        }
    }
}

macro_rules! by_ord {
    ($($name:ident)*) => {$(
        impl PartialOrd for $name<'_> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> { Some(self.cmp(other)) }
        }
        impl PartialEq for $name<'_> {
            fn eq(&self, other: &Self) -> bool { self.cmp(other).is_eq() }
        }
        impl Eq for $name<'_> {}
    )*};
}
by_ord!(Number Identifier);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascending() {
        let sorted = [
            "0.9",
            "1",
            "1.0",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1.0.0",
            "1.0.0+build",
            "1.2.0",
            "1.11.3",
            "1.11.3.4",
            "2.0",
            "100000000000000000000.0",
            "",
            "1..2",
            "1.2.x",
            "a",
            "v1",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(order(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn leading_zeros_do_not_count() {
        assert_eq!(order("1.02", "1.2"), Ordering::Equal);
        assert!(is_valid("1.2.3-rc.1+x") && !is_valid("1.2.3-"));
    }
}
