//! Samples: a key alerts at the event that completes a set of distinct events, one per stage, in any order, all within one window.
//!
//! ```text
//! stages    execve  socket  connect        window 9 min
//! pid 7     10:00           10:08          nothing yet
//!                   10:05                  completes: alert (execve 10:00, socket 10:05, connect 10:08)
//!                           10:08:30       nothing: the execve and the socket are spent
//! ```
//! An event that serves an alert is spent, so a long-lived process raises one alert and not one per packet. Elasticsearch takes a snapshot
//! and gives one sample a key and run; over data within one window both find the same keys.

use super::{
    expiry::Expiry,
    store::{EventId, EventStore},
};
use crate::{
    sort::{sort, sort_by_key},
    state::state,
    time::Timestamp,
};
use alloc::{sync::Arc, vec::Vec};
use hashbrown::HashMap;

/// The stages that an event fits, a bit each. Elasticsearch allows five.
pub(crate) type StageSet = u8;

/// The running state of one sample rule.
#[derive(Clone, Debug)]
pub(crate) struct SampleState {
    stages: usize,
    /// Milliseconds; the first and the last event of a set may lie this far apart.
    window: u64,
    keys: HashMap<Arc<[u8]>, Entry, super::KeyHash>,
    expiry: Expiry,
    counters: SampleCounters,
}

/// What a sample rule lost, and why.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SampleCounters {
    /// Keys that went with the window.
    pub(crate) expired: u64,
    /// Keys dropped for want of room.
    pub(crate) evicted: u64,
    /// Events replaced by newer ones of the same key and stage; only a much older event could still have needed them.
    pub(crate) superseded: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    held: Vec<Held>,
    bucket: i64,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    event: EventId,
    timestamp: Timestamp,
    stages: StageSet,
}

impl SampleState {
    pub(crate) fn new(stages: usize, window: u64, hash: super::KeyHash) -> Self {
        SampleState {
            stages,
            window,
            keys: HashMap::with_hasher(hash),
            expiry: Expiry::new(Some(window)),
            counters: SampleCounters::default(),
        }
    }

    /// Adds an event to a key. Where it completes a set, returns the set's events in the order of the stages, still held: they are
    /// the caller's now.
    pub(crate) fn push(
        &mut self,
        key: &[u8],
        event: (EventId, Timestamp),
        stages: StageSet,
        limits: &crate::Limits,
        store: &mut EventStore,
    ) -> Option<Vec<EventId>> {
        let new = Held { event: event.0, timestamp: event.1, stages };
        store.hold(new.event);
        if let Some(entry) = self.keys.get_mut(key) {
            entry.held.push(new);
            let found = entry.find(new, self.stages, self.window);
            if let Some(found) = found {
                entry.held.retain(|held| !found.contains(&held.event));
                return Some(found);
            }
            let dropped = entry.trim(stages, limits.events_per_stage, store);
            self.counters.superseded = self.counters.superseded.saturating_add(dropped);
            return None;
        }
        while self.keys.len() >= limits.keys_per_rule.max(1) && self.evict(store) {}
        let key: Arc<[u8]> = key.into();
        let bucket = self.expiry.bucket(deadline(new.timestamp, self.window));
        self.expiry.schedule(bucket, Arc::clone(&key));
        store.add_key(&key);
        self.keys.insert(key, Entry { held: alloc::vec![new], bucket });
        None
    }

    /// Forgets what lies more than a window before `watermark`.
    pub(crate) fn advance(&mut self, watermark: Timestamp, store: &mut EventStore) {
        while let Some((bucket, key)) = self.expiry.due(watermark.millis) {
            let Some(entry) = self.keys.get_mut(&key) else { continue };
            if entry.bucket != bucket {
                continue;
            }
            let window = self.window;
            entry.held.retain(|held| {
                let alive = deadline(held.timestamp, window) >= watermark.millis;
                if !alive {
                    store.release(held.event);
                }
                alive
            });
            match entry.held.iter().map(|held| held.timestamp).max() {
                Some(latest) => {
                    entry.bucket = self.expiry.bucket(deadline(latest, window));
                    self.expiry.schedule(entry.bucket, key);
                }
                None => {
                    self.keys.remove(&key);
                    store.drop_key(&key);
                    self.counters.expired = self.counters.expired.saturating_add(1);
                }
            }
        }
    }

    /// Drops the key that would expire first; false where there is none.
    pub(crate) fn evict(&mut self, store: &mut EventStore) -> bool {
        while let Some((bucket, key)) = self.expiry.earliest() {
            let Some(entry) = self.keys.get_mut(&key) else { continue };
            if entry.bucket != bucket {
                continue;
            }
            let latest = entry.held.iter().map(|held| held.timestamp).max();
            let actual = latest.map_or(bucket, |latest| self.expiry.bucket(deadline(latest, self.window)));
            if actual > bucket {
                entry.bucket = actual;
                self.expiry.schedule(actual, key);
                continue;
            }
            if let Some(entry) = self.keys.remove(&key) {
                store.release_all(entry.held.iter().map(|held| held.event));
                store.drop_key(&key);
            }
            self.counters.evicted = self.counters.evicted.saturating_add(1);
            return true;
        }
        false
    }

    /// When [`advance`](Self::advance) has something to do, in milliseconds of the watermark.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.expiry.next_due()
    }

    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Keys that hold an event.
    pub(crate) fn partials(&self) -> usize {
        self.keys.values().filter(|entry| !entry.held.is_empty()).count()
    }

    pub(crate) fn counters(&self) -> SampleCounters {
        self.counters
    }
}

fn deadline(timestamp: Timestamp, window: u64) -> i64 {
    timestamp.millis.saturating_add_unsigned(window)
}

impl Entry {
    /// A set of distinct events, one per stage, within `window`, that holds `new`.
    fn find(&self, new: Held, stages: usize, window: u64) -> Option<Vec<EventId>> {
        let all = self.held.iter().fold(0, |all, held| all | held.stages);
        if all.count_ones() as usize != stages {
            return None;
        }
        // In a stream in order the new event is the latest, and one window that ends with it holds every candidate. Otherwise each
        // candidate may begin a window.
        let span = i128::from(window).saturating_mul(1_000_000);
        let near = |a: Timestamp, b: Timestamp| a.as_nanos().abs_diff(b.as_nanos()) <= span.unsigned_abs();
        let mut starts: Vec<Timestamp> = self
            .held
            .iter()
            .map(|held| held.timestamp)
            .filter(|&t| t <= new.timestamp && near(t, new.timestamp))
            .collect();
        sort(&mut starts);
        starts.dedup();
        let late = self.held.iter().any(|held| held.timestamp > new.timestamp);
        if !late {
            starts.truncate(1);
        }
        starts.into_iter().find_map(|start| {
            let within: Vec<Held> = self
                .held
                .iter()
                .filter(|held| held.timestamp >= start && near(held.timestamp, start))
                .copied()
                .collect();
            assign(&within, new, stages)
        })
    }

    /// Keeps the newest `limit` events of each of the stages; returns how many events went.
    fn trim(&mut self, stages: StageSet, limit: usize, store: &mut EventStore) -> u64 {
        let mut dropped = 0_u64;
        for stage in (0..StageSet::BITS).map(|bit| 1 << bit).filter(|bit| stages & bit != 0) {
            let fits = |held: &&mut Held| held.stages & stage != 0;
            // A set takes at most one event per stage of the rule, so this many distinct ones always leave a choice.
            if self.held.iter_mut().filter(fits).count() > limit.max(StageSet::BITS as usize)
                && let Some(oldest) = self.held.iter_mut().filter(fits).min_by_key(|held| (held.timestamp, held.event))
            {
                oldest.stages &= !stage;
                dropped = dropped.saturating_add(1);
            }
        }
        self.held.retain(|held| {
            if held.stages == 0 {
                store.release(held.event);
            }
            held.stages != 0
        });
        dropped
    }
}

/// Gives each stage an event of its own, the oldest possible; `new`, the newest, to the last stage that leaves a choice for the others,
/// as Elasticsearch would by going through the stages in order, oldest document first.
fn assign(within: &[Held], new: Held, stages: usize) -> Option<Vec<EventId>> {
    // Stages with few candidates first: where there is no solution, that shows at once.
    let mut order: Vec<usize> = (0..stages).collect();
    sort_by_key(&mut order, |&stage| within.iter().filter(|held| held.fits(stage)).count());
    (0..stages).rev().filter(|&stage| new.fits(stage)).find_map(|stage| {
        let rest: Vec<usize> = order.iter().copied().filter(|&other| other != stage).collect();
        let mut chosen = alloc::vec![(stage, new.event)];
        fill(within, &rest, &mut chosen).then(|| {
            sort(&mut chosen);
            chosen.into_iter().map(|(_, event)| event).collect()
        })
    })
}

/// Depth first: an event for each of the `stages`, none of them chosen already.
fn fill(within: &[Held], stages: &[usize], chosen: &mut Vec<(usize, EventId)>) -> bool {
    let Some((&stage, rest)) = stages.split_first() else { return true };
    for held in within.iter().filter(|held| held.fits(stage)) {
        if chosen.iter().all(|&(_, event)| event != held.event) {
            chosen.push((stage, held.event));
            if fill(within, rest, chosen) {
                return true;
            }
            chosen.pop();
        }
    }
    false
}

impl Held {
    fn fits(&self, stage: usize) -> bool {
        self.stages & (1 << stage) != 0
    }
}

state!(SampleState { stages, window, keys, expiry, counters });
state!(SampleCounters { expired, evicted, superseded });
state!(Entry { held, bucket });
state!(Held { event, timestamp, stages });
