//! The one sort of the crate: stable, and small. The standard library's sorts are compiled anew, several kilobytes each, for every type
//! and every order; here only the moving of the items is.

use alloc::vec::Vec;
use core::{
    cmp::{Ordering, Ordering::Greater},
    mem,
};

/// Up to so many items are sorted in place, by insertion.
const FEW: usize = 16;

/// Sorts by the items' own order; equal ones keep theirs.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts by a key of each item; items with the same key keep their order.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts by a comparison; equal items keep their order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let count = items.len();
    sort_items(&mut Sorted { items, compare }, count);
}

/// What a sort does with items, whatever they are.
trait Items {
    /// Does the one item belong after the other?
    fn after(&self, one: usize, other: usize) -> bool;
    fn swap(&mut self, one: usize, other: usize);
}

struct Sorted<'i, T, F> {
    items: &'i mut [T],
    compare: F,
}

impl<T, F: Fn(&T, &T) -> Ordering> Items for Sorted<'_, T, F> {
    fn after(&self, one: usize, other: usize) -> bool {
        match (self.items.get(one), self.items.get(other)) {
            (Some(one), Some(other)) => (self.compare)(one, other) == Greater,
            _ => false,
        }
    }

    fn swap(&mut self, one: usize, other: usize) {
        if one.max(other) < self.items.len() {
            self.items.swap(one, other);
        }
    }
}

fn sort_items(items: &mut dyn Items, count: usize) {
    if count <= FEW {
        for end in 1..count {
            let mut at = end;
            while let Some(before) = at.checked_sub(1).filter(|before| items.after(*before, at)) {
                items.swap(before, at);
                at = before;
            }
        }
        return;
    }
    let mut order = order(count, &|one, other| items.after(one, other));
    for start in 0..count {
        // One circle of items that move into each other's places.
        let mut at = start;
        while let Some(place) = order.get_mut(at) {
            let from = mem::replace(place, at);
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Which item comes first, second and so on; a merge sort of their places. `after`: does the one item belong after the other?
fn order(count: usize, after: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..count).collect();
    let mut merged: Vec<usize> = Vec::with_capacity(count);
    let mut run = 1_usize;
    while run < count {
        merged.clear();
        for two in sorted.chunks(run.saturating_mul(2)) {
            let (mut left, mut right) = two.split_at(run.min(two.len()));
            while let (Some((first, rest_left)), Some((second, rest_right))) = (left.split_first(), right.split_first())
            {
                if after(*first, *second) {
                    merged.push(*second);
                    right = rest_right;
                } else {
                    merged.push(*first);
                    left = rest_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        mem::swap(&mut sorted, &mut merged);
        run = run.saturating_mul(2);
    }
    sorted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut seed = 1_u64;
        for length in 0..200_usize {
            for limit in [2, 10, 1000] {
                let items: Vec<(u64, usize)> = (0..length)
                    .map(|place| {
                        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        ((seed >> 33) % limit, place)
                    })
                    .collect();
                let (mut ours, mut theirs) = (items.clone(), items);
                sort_by_key(&mut ours, |item| item.0);
                theirs.sort_by_key(|item| item.0);
                assert_eq!(ours, theirs);
            }
        }
    }
}
