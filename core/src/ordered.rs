//! The one ordered map of the crate for what is not looked up per event. The standard library's tree is compiled anew, ten kilobytes each
//! time, for every type of keys and values; here one tree orders all keys as bytes, and says where an entry lies.
//!
//! `{"b": 1, "a": 2}` lies as `[("b", 1), ("a", 2)]`, and the tree holds `"a" -> 1, "b" -> 0`.

use alloc::{borrow::Cow, collections::BTreeMap, string::String, vec::Vec};

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

/// Events of a finding: a missing one comes before all others.
impl Key for Vec<Option<usize>> {
    fn bytes(&self) -> Cow<'_, [u8]> {
        let number = |event: &Option<usize>| event.map_or(0, |event| event.saturating_add(1)).to_be_bytes();
        Cow::Owned(self.iter().flat_map(number).collect())
    }
}

/// A map that gives its entries in the order of their keys. Entries cannot be taken out.
#[derive(Clone, Debug)]
pub(crate) struct OrderedMap<K, V> {
    places: BTreeMap<Vec<u8>, usize>,
    entries: Vec<(K, V)>,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        OrderedMap { places: BTreeMap::new(), entries: Vec::new() }
    }
}

impl<K: Key, V> OrderedMap<K, V> {
    pub(crate) fn get<Q: Key + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The entry whose key has the same bytes.
    pub(crate) fn entry<Q: Key + ?Sized>(&self, key: &Q) -> Option<&(K, V)> {
        self.entries.get(place(&self.places, &key.bytes())?)
    }

    pub(crate) fn contains<Q: Key + ?Sized>(&self, key: &Q) -> bool {
        place(&self.places, &key.bytes()).is_some()
    }

    /// The value of a key, which is made where there is none.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        let (place, new) = claim(&mut self.places, &key.bytes(), self.entries.len());
        if new {
            self.entries.push((key, make()));
        }
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let (place, new) = claim(&mut self.places, &key.bytes(), self.entries.len());
        match self.entries.get_mut(place) {
            Some((_, known)) if !new => *known = value,
            _ => self.entries.push((key, value)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// By ascending keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(K, V)> + Clone {
        self.places.values().filter_map(|&place| self.entries.get(place))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// The first entry whose key is not below this one.
    pub(crate) fn first_from(&self, key: &str) -> Option<&(K, V)> {
        let place = self.places.range(key.as_bytes().to_vec()..).next()?.1;
        self.entries.get(*place)
    }
}

/// Where the entry of a key lies.
fn place(places: &BTreeMap<Vec<u8>, usize>, key: &[u8]) -> Option<usize> {
    places.get(key).copied()
}

/// Where the entry of a key lies, or `next` for a new one; and whether it is new.
fn claim(places: &mut BTreeMap<Vec<u8>, usize>, key: &[u8], next: usize) -> (usize, bool) {
    match places.get(key) {
        Some(place) => (*place, false),
        None => {
            places.insert(key.to_vec(), next);
            (next, true)
        }
    }
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
                if seed & 1 == 0 {
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
            let again: OrderedMap<_, _> = theirs.into_iter().rev().collect();
            assert!(again == ours);
        }
    }

    #[test]
    fn the_first_from_a_text() {
        let map: OrderedMap<&str, u8> = [("b.c", 1), ("a", 2), ("b", 3)].into_iter().collect();
        assert_eq!(map.first_from("b."), Some(&("b.c", 1)));
        assert_eq!(map.first_from("c"), None);
    }
}
