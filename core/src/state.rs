//! Plain data to bytes and back, for snapshots.
//!
//! ```text
//! state!(Held { event, timestamp, stages });      each field in turn, numbers as LEB128, lengths before what they count
//! ```
//! The codec is our own since it is small: a general one costs the Wasm module more than all that it would save here. Bytes that were not
//! written by it give `None`, never a panic, and no more memory than they have bytes for.

use crate::{
    ordered::{Key, OrderedMap},
    time::Timestamp,
};
use alloc::{boxed::Box, collections::VecDeque, string::String, sync::Arc, vec::Vec};
use hashbrown::{HashMap, HashSet};

/// Hashes keys that attackers choose.
pub(crate) type KeyHash = foldhash::quality::FixedState;

/// Data that a snapshot holds.
pub(crate) trait State: Sized {
    /// Appends it.
    fn save(&self, out: &mut Vec<u8>);
    /// Reads it; `None` where the bytes are not such data.
    fn load(input: &mut Reader<'_>) -> Option<Self>;
}

/// Bytes being read, with what the data need beside them.
pub(crate) struct Reader<'b> {
    bytes: &'b [u8],
    /// Hashes the keys of the maps that are made anew.
    pub(crate) hash: KeyHash,
    /// Keys are shared, as they were.
    keys: HashSet<Arc<[u8]>, KeyHash>,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8], hash: KeyHash) -> Self {
        Reader { bytes, keys: HashSet::with_hasher(hash.clone()), hash }
    }

    /// Whether everything was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(head)
    }

    /// Bytes behind their number.
    pub(crate) fn bytes(&mut self) -> Option<&'b [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    /// The number of elements that follow. Each has at least one byte.
    pub(crate) fn count(&mut self) -> Option<usize> {
        usize::load(self).filter(|count| *count <= self.bytes.len())
    }
}

/// Implements [`State`] for a struct by its fields.
macro_rules! state {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::state::State for $name {
            fn save(&self, out: &mut alloc::vec::Vec<u8>) {
                $($crate::state::State::save(&self.$field, out);)*
            }
            fn load(input: &mut $crate::state::Reader<'_>) -> Option<Self> {
                Some($name { $($field: $crate::state::State::load(input)?),* })
            }
        }
    };
}
pub(crate) use state;

impl State for u64 {
    fn save(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = u64::from(*input.take(1)?.first()?);
            value |= (byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

macro_rules! as_u64 {
    ($($number:ty),*) => {$(
        impl State for $number {
            fn save(&self, out: &mut Vec<u8>) {
                (*self as u64).save(out);
            }
            fn load(input: &mut Reader<'_>) -> Option<Self> {
                u64::load(input)?.try_into().ok()
            }
        }
    )*};
}
as_u64!(u8, u16, u32, usize);

impl State for i64 {
    fn save(&self, out: &mut Vec<u8>) {
        // Small negative numbers are short too.
        (((*self << 1) ^ (*self >> 63)) as u64).save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let folded = u64::load(input)?;
        Some((folded >> 1) as i64 ^ (folded as i64 & 1).wrapping_neg())
    }
}

impl State for bool {
    fn save(&self, out: &mut Vec<u8>) {
        u8::from(*self).save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        match u8::load(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

state!(Timestamp { millis, sub_nanos });

impl<T: State> State for Option<T> {
    fn save(&self, out: &mut Vec<u8>) {
        self.is_some().save(out);
        if let Some(value) = self {
            value.save(out);
        }
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        if bool::load(input)? { T::load(input).map(Some) } else { Some(None) }
    }
}

impl<A: State, B: State> State for (A, B) {
    fn save(&self, out: &mut Vec<u8>) {
        self.0.save(out);
        self.1.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        Some((A::load(input)?, B::load(input)?))
    }
}

impl<A: State, B: State, C: State, D: State> State for (A, B, C, D) {
    fn save(&self, out: &mut Vec<u8>) {
        self.0.save(out);
        self.1.save(out);
        self.2.save(out);
        self.3.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        Some((A::load(input)?, B::load(input)?, C::load(input)?, D::load(input)?))
    }
}

impl State for String {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        out.extend_from_slice(self.as_bytes());
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        core::str::from_utf8(input.bytes()?).ok().map(Into::into)
    }
}

impl State for Box<str> {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        out.extend_from_slice(self.as_bytes());
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        String::load(input).map(Into::into)
    }
}

impl State for Arc<[u8]> {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        out.extend_from_slice(self);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let bytes = input.bytes()?;
        Some(Arc::clone(input.keys.get_or_insert_with(bytes, |bytes| Arc::from(bytes))))
    }
}

/// Saves a collection as its length and its elements.
fn save_all<'t, T: State + 't>(items: impl ExactSizeIterator<Item = &'t T>, out: &mut Vec<u8>) {
    items.len().save(out);
    items.for_each(|item| item.save(out));
}

impl<T: State> State for Vec<T> {
    fn save(&self, out: &mut Vec<u8>) {
        save_all(self.iter(), out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let count = input.count()?;
        (0..count).map(|_| T::load(input)).collect()
    }
}

impl<T: State> State for Box<[T]> {
    fn save(&self, out: &mut Vec<u8>) {
        save_all(self.iter(), out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        Vec::load(input).map(Vec::into_boxed_slice)
    }
}

impl<T: State> State for VecDeque<T> {
    fn save(&self, out: &mut Vec<u8>) {
        save_all(self.iter(), out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        Vec::load(input).map(Into::into)
    }
}

/// Nothing: a map to it is a set.
impl State for () {
    fn save(&self, _: &mut Vec<u8>) {}
    fn load(_: &mut Reader<'_>) -> Option<Self> {
        Some(())
    }
}

impl<K: State + Key, V: State> State for OrderedMap<K, V> {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        for (key, value) in self.iter() {
            key.save(out);
            value.save(out);
        }
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let mut map = OrderedMap::default();
        for _ in 0..input.count()? {
            map.insert(K::load(input)?, V::load(input)?);
        }
        Some(map)
    }
}

/// By ascending keys, so that the same state gives the same bytes whatever the seed of the hash.
impl<V: State> State for HashMap<Arc<[u8]>, V, KeyHash> {
    fn save(&self, out: &mut Vec<u8>) {
        let mut entries: Vec<(&Arc<[u8]>, &V)> = self.iter().collect();
        crate::sort::sort_by_key(&mut entries, |(key, _)| *key);
        entries.len().save(out);
        for (key, value) in entries {
            key.save(out);
            value.save(out);
        }
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let count = input.count()?;
        let mut map = HashMap::with_capacity_and_hasher(count, input.hash.clone());
        for _ in 0..count {
            map.insert(Arc::load(input)?, V::load(input)?);
        }
        Some(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round<T: State + PartialEq + core::fmt::Debug>(value: T) {
        let mut bytes = Vec::new();
        value.save(&mut bytes);
        let mut reader = Reader::new(&bytes, KeyHash::default());
        assert_eq!(T::load(&mut reader), Some(value));
        assert!(reader.is_empty());
        for cut in 0..bytes.len() {
            assert_eq!(T::load(&mut Reader::new(&bytes[..cut], KeyHash::default())), None);
        }
    }

    #[test]
    fn data_come_back_and_cut_ones_are_refused() {
        [0, 1, 127, 128, u64::MAX].into_iter().for_each(round);
        [0, -1, 63, -64, i64::MIN, i64::MAX].into_iter().for_each(round);
        round(alloc::vec![Some(String::from("é")), None, Some(String::new())]);
        round(OrderedMap::from_iter([((1_i64, 2_u64), true), ((-1, 0), false)]));
        round(Timestamp { millis: -5, sub_nanos: 999_999 });
        round(alloc::vec![Arc::<[u8]>::from([1, 2]), Arc::from([1, 2]), Arc::from([])]);
    }

    #[test]
    fn a_lie_about_a_length_costs_no_memory() {
        let mut bytes = Vec::new();
        u64::MAX.save(&mut bytes);
        assert_eq!(Vec::<u64>::load(&mut Reader::new(&bytes, KeyHash::default())), None);
        assert_eq!(String::load(&mut Reader::new(&bytes, KeyHash::default())), None);
    }
}
