//! When which key may be forgotten, without ever looking at all keys.
//!
//! Deadlines are gathered in buckets of event time, so that a key costs one push and one pop however many keys there are. A key that lives
//! on past its bucket is put into a later one when the bucket comes up; the caller says so by its answer.

use crate::{ordered::OrderedMap, state::state};
use alloc::{collections::VecDeque, sync::Arc};

/// Keys by the bucket of their deadline.
#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    /// Milliseconds of event time in a bucket.
    width: i64,
    /// Nothing expires: the buckets only say what was touched longest ago.
    forever: bool,
    buckets: OrderedMap<i64, VecDeque<Arc<[u8]>>>,
}

impl Expiry {
    /// For keys that live about `window` milliseconds; for ever without one.
    pub(crate) fn new(window: Option<u64>) -> Self {
        let width = i64::try_from(window.unwrap_or(64_000) / 64).unwrap_or(i64::MAX).max(1);
        Expiry { width, forever: window.is_none(), buckets: OrderedMap::default() }
    }

    /// The bucket of a deadline.
    pub(crate) fn bucket(&self, deadline: i64) -> i64 {
        deadline.checked_div_euclid(self.width).unwrap_or(0)
    }

    /// Puts a key where it comes up once its deadline is past.
    pub(crate) fn schedule(&mut self, bucket: i64, key: Arc<[u8]>) {
        if let Some(keys) = self.buckets.get_or_insert_with(bucket, VecDeque::new) {
            keys.push_back(key);
        }
    }

    /// Takes out one key of the earliest bucket that lies wholly before `watermark`, with its bucket.
    pub(crate) fn due(&mut self, watermark: i64) -> Option<(i64, Arc<[u8]>)> {
        if self.next_due()? <= watermark { self.earliest() } else { None }
    }

    /// The first watermark at which a key is due.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let (earliest, _) = self.buckets.first_key_value().filter(|_| !self.forever)?;
        Some(earliest.saturating_add(1).saturating_mul(self.width))
    }

    /// Takes out one key of the earliest bucket, the one that came first: otherwise a flood of keys within one bucket would push out each
    /// newer one and keep the oldest.
    pub(crate) fn earliest(&mut self) -> Option<(i64, Arc<[u8]>)> {
        loop {
            let (&bucket, keys) = self.buckets.first_mut()?;
            match keys.pop_front() {
                Some(key) => return Some((bucket, key)),
                None => drop(self.buckets.pop_first()),
            }
        }
    }
}

state!(Expiry { width, forever, buckets });
