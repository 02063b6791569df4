//! When which key may be forgotten, without ever looking at all keys.
//!
//! Deadlines are gathered in buckets of event time, so that a key costs one push and one pop however many keys there are. A key that lives
//! on past its bucket is put into a later one when the bucket comes up; the caller says so by its answer.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

/// Keys by the bucket of their deadline.
#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    /// Milliseconds of event time in a bucket.
    width: i64,
    buckets: BTreeMap<i64, Vec<Arc<[u8]>>>,
}

impl Expiry {
    /// For keys that live about `window` milliseconds.
    pub(crate) fn new(window: u64) -> Self {
        let width = i64::try_from(window / 64).unwrap_or(i64::MAX).max(1);
        Expiry { width, buckets: BTreeMap::new() }
    }

    /// The bucket of a deadline.
    pub(crate) fn bucket(&self, deadline: i64) -> i64 {
        deadline.checked_div_euclid(self.width).unwrap_or(0)
    }

    /// Puts a key where it comes up once its deadline is past.
    pub(crate) fn schedule(&mut self, bucket: i64, key: Arc<[u8]>) {
        self.buckets.entry(bucket).or_default().push(key);
    }

    /// Takes out one key of the earliest bucket that lies wholly before `watermark`, with its bucket.
    pub(crate) fn due(&mut self, watermark: i64) -> Option<(i64, Arc<[u8]>)> {
        let current = self.bucket(watermark);
        let earliest = *self.buckets.first_key_value()?.0;
        if earliest < current { self.earliest() } else { None }
    }

    /// Takes out one key of the earliest bucket.
    pub(crate) fn earliest(&mut self) -> Option<(i64, Arc<[u8]>)> {
        loop {
            let mut entry = self.buckets.first_entry()?;
            let bucket = *entry.key();
            match entry.get_mut().pop() {
                Some(key) => return Some((bucket, key)),
                None => drop(entry.remove()),
            }
        }
    }
}
