//! The join keys that a rule knows: what each holds, and when it may be forgotten, without ever looking at all keys.
//!
//! ```text
//! map        "web-1" -> 0, "web-2" -> 1              keys by hash, as numbers
//! entries    0 "web-1" holds ..   1 "web-2" holds ..  each key once
//! buckets    10:00 -> 1, 0   10:05 -> ..             numbers by deadline, in the order in which they came
//! ```
//! Deadlines are gathered in buckets of event time, so that a key costs one push and one pop however many keys there are. A number stands in
//! exactly one bucket. Whoever takes it out forgets the key, or schedules it again where it lives on.

use super::{
    KeyHash,
    slab::{Chain, Slab},
};
use crate::{
    ordered::OrderedMap,
    state::{Reader, State},
};
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};
use core::{hash::BuildHasher, ops::Deref};
use hashbrown::HashTable;

/// Join keys by number and by deadline.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    map: HashTable<u32>,
    hash: KeyHash,
    entries: Slab<Entry>,
    buckets: OrderedMap<i64, VecDeque<u32>>,
    /// Milliseconds of event time in a bucket.
    width: i64,
    /// Nothing expires: the buckets only say what was touched longest ago.
    forever: bool,
}

/// A join key with what it holds; where, its rule knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) key: JoinKey,
    pub(crate) held: Chain,
    /// What is complete but for an absence; sequences only.
    pub(crate) waiting: Chain,
}

/// The bytes of a join key, in place where they are few.
#[derive(Clone, Debug)]
pub(crate) enum JoinKey {
    Short { length: u8, bytes: [u8; 22] },
    Long(Box<[u8]>),
}

impl Keys {
    /// For keys that live about `window` milliseconds; for ever without one.
    pub(crate) fn new(window: Option<u64>, hash: KeyHash) -> Self {
        Keys {
            map: HashTable::new(),
            hash,
            entries: Slab::default(),
            buckets: OrderedMap::default(),
            width: i64::try_from(window.unwrap_or(64_000) / 64).unwrap_or(i64::MAX).max(1),
            forever: window.is_none(),
        }
    }

    /// The number of a key that is known.
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        let known = |number: &u32| self.entries.get(*number).is_some_and(|entry| *entry.key == *key);
        self.map.find(self.hash.hash_one(key), known).copied()
    }

    /// Takes in a key that is new.
    pub(crate) fn add(&mut self, key: &[u8], deadline: i64) -> u32 {
        self.add_to(self.bucket(deadline), key.into())
    }

    fn add_to(&mut self, bucket: i64, key: JoinKey) -> u32 {
        let Keys { map, hash, entries, .. } = self;
        let hash_of = |key: &[u8]| hash.hash_one(key);
        let of_key = hash_of(&key);
        let number = entries.insert(Entry { key, ..Entry::default() });
        map.insert_unique(of_key, number, |&number| entries.get(number).map_or(0, |entry| hash_of(&entry.key)));
        self.put(bucket, number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Entry> {
        self.entries.get_mut(number)
    }

    /// Forgets a key that was taken out of its bucket.
    pub(crate) fn remove(&mut self, number: u32) -> Option<Entry> {
        let entry = core::mem::take(self.entries.get_mut(number)?);
        let place = self.map.find_entry(self.hash.hash_one(&*entry.key), |known| *known == number).ok()?;
        place.remove();
        self.entries.free(number);
        Some(entry)
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// All keys, and some that hold nothing.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The bucket of a deadline.
    pub(crate) fn bucket(&self, deadline: i64) -> i64 {
        deadline.checked_div_euclid(self.width).unwrap_or(0)
    }

    /// Puts a key that was taken out where it comes up once its deadline is past.
    pub(crate) fn schedule(&mut self, deadline: i64, number: u32) {
        self.put(self.bucket(deadline), number);
    }

    fn put(&mut self, bucket: i64, number: u32) {
        if let Some(numbers) = self.buckets.get_or_insert_with(bucket, VecDeque::new) {
            numbers.push_back(number);
        }
    }

    /// Takes out one key of the earliest bucket, if that lies wholly before `watermark`.
    pub(crate) fn due(&mut self, watermark: i64) -> Option<u32> {
        if self.next_due()? <= watermark { self.earliest().map(|(_, number)| number) } else { None }
    }

    /// The first watermark at which a key is due.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let (earliest, _) = self.buckets.first_key_value().filter(|_| !self.forever)?;
        Some(earliest.saturating_add(1).saturating_mul(self.width))
    }

    /// Takes out one key of the earliest bucket, with the bucket: the one that came first, otherwise a flood of keys within one bucket would
    /// push out each newer one and keep the oldest.
    pub(crate) fn earliest(&mut self) -> Option<(i64, u32)> {
        let (&bucket, numbers) = self.buckets.first_mut()?;
        let number = numbers.pop_front()?;
        if numbers.is_empty() {
            self.buckets.pop_first();
        }
        Some((bucket, number))
    }

    /// Appends the keys as they stand in their buckets, so that the same state gives the same bytes whatever the seed of the hash; with each
    /// what `rest` appends of it.
    pub(crate) fn save(&self, out: &mut Vec<u8>, rest: &dyn Fn(&Entry, &mut Vec<u8>)) {
        self.buckets.len().save(out);
        for (bucket, numbers) in self.buckets.iter() {
            bucket.save(out);
            numbers.len().save(out);
            for entry in numbers.iter().filter_map(|&number| self.entries.get(number)) {
                entry.key.save(out);
                rest(entry, out);
            }
        }
    }

    /// Reads keys into what is empty yet.
    pub(crate) fn load(
        &mut self,
        input: &mut Reader<'_>,
        rest: &mut dyn FnMut(&mut Entry, &mut Reader<'_>) -> Option<()>,
    ) -> Option<()> {
        for _ in 0..input.count()? {
            let bucket = i64::load(input)?;
            for _ in 0..input.count()? {
                let key = JoinKey::load(input)?;
                if self.find(&key).is_some() {
                    return None;
                }
                let number = self.add_to(bucket, key);
                rest(self.entries.get_mut(number)?, input)?;
            }
        }
        Some(())
    }
}

impl From<&[u8]> for JoinKey {
    fn from(key: &[u8]) -> Self {
        let mut bytes = [0; 22];
        match (bytes.get_mut(..key.len()), u8::try_from(key.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(key);
                JoinKey::Short { length, bytes }
            }
            _ => JoinKey::Long(key.into()),
        }
    }
}

impl Default for JoinKey {
    fn default() -> Self {
        JoinKey::Short { length: 0, bytes: [0; 22] }
    }
}

impl Deref for JoinKey {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            JoinKey::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            JoinKey::Long(bytes) => bytes,
        }
    }
}

impl State for JoinKey {
    fn save(&self, out: &mut Vec<u8>) {
        self.len().save(out);
        out.extend_from_slice(self);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        input.bytes().map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, vec};

    /// A key, some of them too long to stand in place.
    fn key(number: usize) -> Vec<u8> {
        let mut key = vec![7; number % 40];
        key.extend_from_slice(&number.to_be_bytes()[6..]);
        key
    }

    #[test]
    fn keys_are_a_map_and_buckets_of_it() {
        let mut seed = 3_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for most in [5, 300, 3000] {
            let mut keys = Keys::new(Some(6_400), KeyHash::with_seed(1));
            let mut twin: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
            let mut known = 0;
            for step in 0..5 * most {
                let (new, deadline) = (key(random(most)), random(3_000) as i64 - 500);
                let there = twin.values().flatten().any(|key| *key == new);
                assert_eq!(keys.find(&new).is_some(), there);
                if !there && random(10) < 7 {
                    keys.add(&new, deadline);
                    twin.entry(deadline.div_euclid(100)).or_default().push(new);
                    known += 1;
                } else if let Some(mut first) = twin.first_entry() {
                    let watermark = random(3_000) as i64;
                    let due = (first.key() + 1) * 100 <= watermark;
                    let taken = if due { keys.due(watermark) } else { keys.earliest().map(|(_, number)| number) };
                    let taken = taken.unwrap();
                    let expected = first.get_mut().remove(0);
                    assert_eq!(*keys.get(taken).unwrap().key, *expected);
                    if first.get().is_empty() {
                        first.remove();
                    }
                    if random(3) == 0 {
                        keys.schedule(deadline, taken);
                        twin.entry(deadline.div_euclid(100)).or_default().push(expected);
                    } else {
                        assert_eq!(*keys.remove(taken).unwrap().key, *expected);
                        known -= 1;
                    }
                }
                assert_eq!(keys.len(), known);
                assert_eq!(keys.next_due(), twin.keys().next().map(|bucket| (bucket + 1) * 100));
                if step % 701 == 0 {
                    let (mut bytes, mut again) = (Vec::new(), Vec::new());
                    keys.save(&mut bytes, &|_, _| {});
                    keys = Keys::new(Some(6_400), KeyHash::with_seed(step as u64));
                    let mut input = Reader::new(&bytes, KeyHash::default());
                    keys.load(&mut input, &mut |_, _| Some(())).unwrap();
                    assert!(input.is_empty());
                    keys.save(&mut again, &|_, _| {});
                    assert_eq!(bytes, again, "the same state has the same bytes, whatever the seed");
                }
            }
            let mut keep = Vec::new();
            while let Some((bucket, number)) = keys.earliest() {
                keep.push((bucket, keys.remove(number).unwrap().key.to_vec()));
            }
            let twin: Vec<_> =
                twin.iter().flat_map(|(&bucket, keys)| keys.iter().map(move |key| (bucket, key))).collect();
            assert!(keep.iter().map(|(bucket, key)| (*bucket, key)).eq(twin));
            assert!(keys.entries().all(|entry| entry.key.is_empty()) && keys.len() == 0);
        }
    }

    #[test]
    fn a_key_twice_is_refused() {
        let mut bytes = Vec::new();
        let mut keys = Keys::new(None, KeyHash::default());
        keys.add(b"a", 0);
        keys.add(b"b", 0);
        keys.save(&mut bytes, &|_, _| {});
        let place = bytes.iter().position(|byte| *byte == b'b').unwrap();
        bytes[place] = b'a';
        let mut other = Keys::new(None, KeyHash::default());
        assert_eq!(other.load(&mut Reader::new(&bytes, KeyHash::default()), &mut |_, _| Some(())), None);
    }

    #[test]
    fn keys_come_back_from_their_bytes() {
        for length in [0, 1, 21, 22, 23, 300] {
            let bytes: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            assert_eq!(*JoinKey::from(&bytes[..]), *bytes);
        }
        assert!(size_of::<Entry>() <= 32, "{}", size_of::<Entry>());
    }
}
