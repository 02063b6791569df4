//! The one ordered map of the crate. The standard library's tree is compiled anew, ten kilobytes each time, for every type of keys and
//! values; here one tree orders all keys as bytes, and says where an entry lies.
//!
//! `{"b": 1, "a": 2}` lies as `[("b", 1), ("a", 2)]`, and the tree holds `"a" -> 1, "b" -> 0`. The place of an entry that is taken out goes to
//! the next that is new.

use alloc::{borrow::Cow, collections::BTreeMap, string::String, sync::Arc, vec::Vec};

/// A key as bytes whose order is the order of the keys.
pub(crate) trait Key {
    fn bytes(&self) -> Cow<'_, [u8]>;
}

impl Key for str {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }
}

impl Key for &str {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }
}

impl Key for String {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }
}

impl Key for &[u8] {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

impl Key for usize {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.to_be_bytes().to_vec())
    }
}

impl Key for i64 {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(rising(*self).to_vec())
    }
}

impl Key for (i64, u64) {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned([rising(self.0), self.1.to_be_bytes()].concat())
    }
}

impl Key for (i64, Arc<[u8]>) {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned([&rising(self.0), &*self.1].concat())
    }
}

/// A number as bytes of the same order: the negative ones first.
pub(crate) fn rising(number: i64) -> [u8; 8] {
    (number ^ i64::MIN).to_be_bytes()
}

/// Events of a finding: a missing one comes before all others.
impl Key for Vec<Option<usize>> {
    fn bytes(&self) -> Cow<'_, [u8]> {
        let number = |event: &Option<usize>| event.map_or(0, |event| event.saturating_add(1)).to_be_bytes();
        Cow::Owned(self.iter().flat_map(number).collect())
    }
}

/// A map that gives its entries in the order of their keys.
#[derive(Clone, Debug)]
pub(crate) struct OrderedMap<K, V> {
    places: BTreeMap<Vec<u8>, usize>,
    entries: Vec<Option<(K, V)>>,
    /// Places without an entry.
    free: Vec<usize>,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        OrderedMap { places: BTreeMap::new(), entries: Vec::new(), free: Vec::new() }
    }
}

impl<K: Key, V> OrderedMap<K, V> {
    pub(crate) fn get<Q: Key + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The entry whose key has the same bytes.
    pub(crate) fn entry<Q: Key + ?Sized>(&self, key: &Q) -> Option<&(K, V)> {
        self.at(*self.places.get(&*key.bytes())?)
    }

    pub(crate) fn contains<Q: Key + ?Sized>(&self, key: &Q) -> bool {
        self.entry(key).is_some()
    }

    /// The value of a key, which is made where there is none.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        let place = self.claim(key.bytes());
        let entry = self.entries.get_mut(place)?.get_or_insert_with(|| (key, make()));
        Some(&mut entry.1)
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let place = self.claim(key.bytes());
        if let Some(entry) = self.entries.get_mut(place) {
            *entry = Some((key, value));
        }
    }

    /// Takes out the value of a key.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.places.remove(&*key.bytes())?;
        self.take(place)
    }

    pub(crate) fn first_key_value(&self) -> Option<(&K, &V)> {
        let (key, value) = self.iter().next()?;
        Some((key, value))
    }

    /// The first key, and its value to be changed.
    pub(crate) fn first_mut(&mut self) -> Option<(&K, &mut V)> {
        let place = *self.places.values().next()?;
        let (key, value) = self.entries.get_mut(place)?.as_mut()?;
        Some((key, value))
    }

    pub(crate) fn pop_first(&mut self) -> Option<V> {
        let place = self.places.pop_first()?.1;
        self.take(place)
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// By ascending keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(K, V)> + Clone {
        self.places.values().filter_map(|&place| self.at(place))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// The first entry whose key is not below this one.
    pub(crate) fn first_from(&self, key: &str) -> Option<&(K, V)> {
        self.at(*self.places.range(key.as_bytes().to_vec()..).next()?.1)
    }

    fn at(&self, place: usize) -> Option<&(K, V)> {
        self.entries.get(place)?.as_ref()
    }

    /// The place of a key, which is empty where the key is new.
    fn claim(&mut self, key: Cow<'_, [u8]>) -> usize {
        let place = claim(&mut self.places, &mut self.free, key, self.entries.len());
        if place == self.entries.len() {
            self.entries.push(None);
        }
        place
    }

    fn take(&mut self, place: usize) -> Option<V> {
        self.free.push(place);
        self.entries.get_mut(place)?.take().map(|(_, value)| value)
    }
}

/// Where the entry of a key lies; for a new one a free place, or else the next.
fn claim(places: &mut BTreeMap<Vec<u8>, usize>, free: &mut Vec<usize>, key: Cow<'_, [u8]>, next: usize) -> usize {
    if let Some(place) = places.get(&*key) {
        return *place;
    }
    let place = free.pop().unwrap_or(next);
    places.insert(key.into_owned(), place);
    place
}

impl<K: Key + PartialEq, V: PartialEq> PartialEq for OrderedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other.iter()).all(|(one, other)| one == other)
    }
}

impl<K: Key, V> FromIterator<(K, V)> for OrderedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = OrderedMap::default();
        entries.into_iter().for_each(|(key, value)| map.insert(key, value));
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_map_of_the_standard_library() {
        let mut seed = 1_u64;
        for length in [0, 1, 2, 50, 500] {
            let (mut ours, mut theirs) = (OrderedMap::default(), BTreeMap::new());
            for value in 0..length {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let key = (seed >> 40) as usize % 300;
                if seed & 7 == 1 {
                    assert_eq!(ours.remove(&key), theirs.remove(&key));
                } else if seed & 31 == 3 {
                    assert_eq!(ours.pop_first(), theirs.pop_first().map(|(_, value)| value));
                } else if seed & 1 == 0 {
                    ours.insert(key, value);
                    theirs.insert(key, value);
                } else {
                    let own = ours.get_or_insert_with(key, || value).copied();
                    assert_eq!(own, Some(*theirs.entry(key).or_insert(value)));
                }
            }
            assert!(ours.iter().map(|(key, value)| (key, value)).eq(&theirs));
            assert!((0..300_usize).all(|key| ours.get(&key) == theirs.get(&key)));
            assert_eq!(ours.len(), theirs.len());
            assert!(ours.entries.len() <= 300, "free places are used again");
            assert_eq!(ours.first_key_value(), theirs.first_key_value());
            assert_eq!(
                ours.first_mut().map(|(key, value)| (*key, *value)),
                theirs.first_key_value().map(|(key, value)| (*key, *value))
            );
            let again: OrderedMap<_, _> = theirs.into_iter().rev().collect();
            assert!(again == ours);
        }
    }

    #[test]
    fn keys_of_numbers_keep_their_order() {
        let numbers = [i64::MIN, -257, -256, -1, 0, 1, 255, 256, i64::MAX];
        let one = |number: i64| (number.bytes().into_owned(), (number, 7_u64).bytes().into_owned());
        assert!(numbers.map(one).is_sorted());
        assert!((1_i64, u64::MAX).bytes() < (2_i64, 0_u64).bytes());
        assert!((-1_i64, Arc::<[u8]>::from(&b"z"[..])).bytes() < (0_i64, Arc::<[u8]>::from(&b""[..])).bytes());
    }

    #[test]
    fn the_first_from_a_text() {
        let map: OrderedMap<&str, u8> = [("b.c", 1), ("a", 2), ("b", 3)].into_iter().collect();
        assert_eq!(map.first_from("b."), Some(&("b.c", 1)));
        assert_eq!(map.first_from("c"), None);
    }
}
