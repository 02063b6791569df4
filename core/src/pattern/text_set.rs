//! Any of many texts and wildcards: `process.name : ("bash", "python*", "*sh", "*.tmp?exe")`, built for lists of hundreds.
//!
//! Exact values go to a hash table, `prefix*` and `*suffix` to sorted lists (one binary search), all else is a [`Glob`] that is only asked
//! when the longest literal it needs was seen in the text: one pass finds these [`Literals`] for all patterns at once.
//! Asking does not allocate: ASCII letters fold byte by byte. (Only [`Case::UnicodeInsensitive`] lower-cases a text that is not ASCII.)

use super::{Case, glob::Glob, literals::Literals};
use crate::{lowercase::lowercase, sort::sort};
use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    string::String,
    vec::Vec,
};
use core::cmp::Ordering;
use hashbrown::HashTable;

/// Up to so many globs are asked one after the other; most leaves have one or two.
const FEW_GLOBS: usize = 4;
/// Globs that are looked for together; a bit set of them lives on the stack.
const GLOBS_PER_GROUP: usize = 512;

/// Any of many texts, some with wildcards.
///
/// `*` stands for any run of characters, `?` for exactly one, and nothing escapes them (Elasticsearch: a backslash is an ordinary character).
#[derive(Clone, Debug)]
pub struct TextSet {
    case: Case,
    /// `*` is among the patterns.
    any: bool,
    exact: Exact,
    prefixes: Affixes,
    suffixes: Affixes,
    /// Few patterns, or such without a literal of two bytes: `???`.
    unfiltered: Vec<Glob>,
    filtered: Vec<GlobGroup>,
    /// A literal of each pattern that is not exact, or `None` where one of them needs none.
    literals: Option<Vec<String>>,
}

impl TextSet {
    /// Compiles the patterns; without `wildcards` they are texts, in which `*` and `?` mean themselves (`==`, `in~`).
    pub fn new<P: AsRef<str>>(patterns: &[P], case: Case, wildcards: bool) -> TextSet {
        let mut set = TextSet {
            case,
            any: false,
            exact: Exact::default(),
            prefixes: Affixes::default(),
            suffixes: Affixes::default(),
            unfiltered: Vec::new(),
            filtered: Vec::new(),
            literals: Some(Vec::new()),
        };
        let mut globs: Vec<(String, Glob)> = Vec::new();
        for pattern in patterns {
            let pattern = folded(pattern.as_ref(), case);
            if wildcards && pattern.contains(['*', '?']) {
                set.add_wildcard(&pattern, &mut globs);
            } else {
                set.exact.insert(pattern.into_owned());
            }
        }
        set.prefixes.finish();
        set.suffixes.finish();
        if globs.len() <= FEW_GLOBS {
            set.unfiltered.extend(globs.drain(..).map(|(_, glob)| glob));
        }
        for group in globs.chunks(GLOBS_PER_GROUP) {
            set.filtered.push(GlobGroup::new(group));
        }
        set
    }

    fn add_wildcard(&mut self, pattern: &str, globs: &mut Vec<(String, Glob)>) {
        let inner = pattern.trim_matches('*');
        let literal = pattern.split(['*', '?']).max_by_key(|literal| literal.len()).unwrap_or("");
        match &mut self.literals {
            Some(literals) if !literal.is_empty() => literals.push(literal.to_owned()),
            none => *none = None,
        }
        if inner.is_empty() {
            self.any = true;
        } else if literal == inner && !pattern.starts_with('*') {
            self.prefixes.add(inner.bytes().collect());
        } else if literal == inner && !pattern.ends_with('*') {
            self.suffixes.add(inner.bytes().rev().collect());
        } else if literal.len() < 2 {
            self.unfiltered.push(Glob::new(pattern));
        } else {
            globs.push((literal.to_owned(), Glob::new(pattern)));
        }
    }

    /// Is the text among them?
    pub fn matches(&self, text: &str) -> bool {
        if self.any {
            return true;
        }
        if self.case == Case::UnicodeInsensitive && !text.is_ascii() {
            return self.matches_bytes(lowercase(text).as_bytes());
        }
        self.matches_bytes(text.as_bytes())
    }

    fn matches_bytes(&self, text: &[u8]) -> bool {
        let fold = self.folds();
        self.exact.contains(text, fold)
            || self.prefixes.any(fold, text.len(), || text.iter())
            || self.suffixes.any(fold, text.len(), || text.iter().rev())
            || self.unfiltered.iter().any(|glob| glob.matches(text, fold))
            || self.filtered.iter().any(|group| group.matches(text, fold))
    }

    fn folds(&self) -> bool {
        self.case != Case::Sensitive
    }

    /// Which letters are the same.
    pub fn case(&self) -> Case {
        self.case
    }

    /// The exact values, lower-cased where letters fold; in no order.
    pub fn exact_values(&self) -> impl Iterator<Item = &str> {
        self.exact.table.iter().map(String::as_str)
    }

    /// Are there exact values only, so that [`exact_values`](Self::exact_values) says it all?
    pub fn is_exact(&self) -> bool {
        self.literals.as_ref().is_some_and(Vec::is_empty)
    }

    /// For each pattern that is not an exact value, a literal that every text it matches contains (lower-cased where letters fold);
    /// `None` where some pattern needs no literal, as `*` and `??`.
    pub fn required_literals(&self) -> Option<&[String]> {
        self.literals.as_deref()
    }
}

/// A pattern as it is stored: lower-cased where letters fold.
fn folded(pattern: &str, case: Case) -> Cow<'_, str> {
    match case {
        Case::Sensitive => Cow::Borrowed(pattern),
        Case::AsciiInsensitive => Cow::Owned(pattern.to_ascii_lowercase()),
        Case::UnicodeInsensitive => Cow::Owned(lowercase(pattern)),
    }
}

fn lower(byte: u8, fold: bool) -> u8 {
    if fold { byte.to_ascii_lowercase() } else { byte }
}

/// A hash table of exact values that can be asked with a text in any case.
#[derive(Clone, Debug, Default)]
struct Exact {
    table: HashTable<String>,
    /// Bit n: some value has n bytes; bit 63: some has 63 or more. Most texts are of another length than all values.
    lengths: u64,
}

impl Exact {
    fn insert(&mut self, value: String) {
        let hash = hash(value.as_bytes(), false);
        if self.table.find(hash, |known| *known == value).is_none() {
            self.lengths |= length_bit(value.len());
            self.table.insert_unique(hash, value, |value| self::hash(value.as_bytes(), false));
        }
    }

    fn contains(&self, text: &[u8], fold: bool) -> bool {
        self.lengths & length_bit(text.len()) != 0
            && self
                .table
                .find(hash(text, fold), |value| {
                    let value = value.as_bytes();
                    value.len() == text.len() && value.iter().zip(text).all(|(v, t)| *v == lower(*t, fold))
                })
                .is_some()
    }
}

fn length_bit(length: usize) -> u64 {
    1_u64.wrapping_shl(u32::try_from(length).unwrap_or(63).min(63))
}

/// FNV-1a over the folded bytes. The keys come from rules, so there is no attacker to be kept from choosing them.
fn hash(bytes: &[u8], fold: bool) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(lower(*byte, fold))).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Sorted prefixes, none a prefix of another. (Suffixes are prefixes of the text read backwards.)
///
/// If some prefix fits a text, then the greatest one that is not above the text does: all between the two start with it.
#[derive(Clone, Debug, Default)]
struct Affixes {
    sorted: Vec<Box<[u8]>>,
}

impl Affixes {
    fn add(&mut self, affix: Vec<u8>) {
        self.sorted.push(affix.into_boxed_slice());
    }

    fn finish(&mut self) {
        sort(&mut self.sorted);
        self.sorted.dedup_by(|later, earlier| later.starts_with(earlier));
    }

    fn any<'t, I: Iterator<Item = &'t u8>>(&self, fold: bool, length: usize, text: impl Fn() -> I) -> bool {
        let folded = || text().map(|byte| lower(*byte, fold));
        let after = self.sorted.partition_point(|affix| affix.iter().copied().cmp(folded()) != Ordering::Greater);
        let candidate = after.checked_sub(1).and_then(|before| self.sorted.get(before));
        candidate.is_some_and(|affix| affix.len() <= length && affix.iter().copied().eq(folded().take(affix.len())))
    }
}

/// Globs behind one set of literals: glob i is asked when literal i was seen.
#[derive(Clone, Debug)]
struct GlobGroup {
    literals: Literals,
    globs: Vec<Glob>,
}

impl GlobGroup {
    fn new(globs: &[(String, Glob)]) -> GlobGroup {
        GlobGroup {
            literals: Literals::new(globs.iter().map(|(literal, _)| literal.as_bytes().into()).collect()),
            globs: globs.iter().map(|(_, glob)| glob.clone()).collect(),
        }
    }

    fn matches(&self, text: &[u8], fold: bool) -> bool {
        let mut asked = [0_u64; GLOBS_PER_GROUP.div_ceil(64)];
        self.literals.any(text, fold, |index| {
            let bit = 1_u64.wrapping_shl(u32::try_from(index % 64).unwrap_or(0));
            let Some(word) = asked.get_mut(index / 64).filter(|word| **word & bit == 0) else { return false };
            *word |= bit;
            self.globs.get(index).is_some_and(|glob| glob.is_substring() || glob.matches(text, fold))
        })
    }
}
