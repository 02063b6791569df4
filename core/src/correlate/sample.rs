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
    keys::Keys,
    slab::{Chain, Chains},
    store::{EventId, EventStore},
};
use crate::{
    sort::{sort, sort_by_key},
    state::{Reader, State, state},
    time::Timestamp,
};
use alloc::{boxed::Box, vec::Vec};

/// The stages that an event fits, a bit each. Elasticsearch allows five.
pub(crate) type StageSet = u8;

/// The running state of one sample rule.
#[derive(Clone, Debug)]
pub(crate) struct SampleState {
    stages: usize,
    /// Milliseconds; the first and the last event of a set may lie this far apart.
    window: u64,
    keys: Keys,
    /// The events of the keys.
    held: Chains<Held>,
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
            keys: Keys::new(Some(window), hash),
            held: Chains::default(),
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
        let Some(number) = self.keys.find(key) else {
            while self.keys.len() >= limits.keys_per_rule.max(1) && self.evict(store) {}
            store.add_key(key);
            let number = self.keys.add(key, deadline(new.timestamp, self.window));
            self.held.push(&mut self.keys.get_mut(number)?.held, new);
            return None;
        };
        let entry = self.keys.get_mut(number)?;
        self.held.push(&mut entry.held, new);
        let all = self.held.iter(entry.held).fold(0, |all, held| all | held.stages);
        if all.count_ones() as usize == self.stages
            && let Some(found) = find(&self.held.oldest_first(entry.held), new, self.stages, self.window)
        {
            self.held.retain(&mut entry.held, |held| !found.contains(&held.event));
            return Some(found);
        }
        let dropped = trim(&mut self.held, &mut entry.held, stages, limits.events_per_stage, store);
        self.counters.superseded = self.counters.superseded.saturating_add(dropped);
        None
    }

    /// Forgets what lies more than a window before `watermark`.
    pub(crate) fn advance(&mut self, watermark: Timestamp, store: &mut EventStore) {
        let window = self.window;
        while let Some(number) = self.keys.due(watermark.millis) {
            let Some(entry) = self.keys.get_mut(number) else { continue };
            self.held.retain(&mut entry.held, |held| {
                let alive = deadline(held.timestamp, window) >= watermark.millis;
                if !alive {
                    store.release(held.event);
                }
                alive
            });
            match self.deadline(number) {
                Some(deadline) => self.keys.schedule(deadline, number),
                None => {
                    self.forget(number, store);
                    self.counters.expired = self.counters.expired.saturating_add(1);
                }
            }
        }
    }

    /// Drops the key that would expire first; false where there is none.
    pub(crate) fn evict(&mut self, store: &mut EventStore) -> bool {
        while let Some((bucket, number)) = self.keys.earliest() {
            if let Some(deadline) = self.deadline(number)
                && self.keys.bucket(deadline) > bucket
            {
                self.keys.schedule(deadline, number);
                continue;
            }
            self.forget(number, store);
            self.counters.evicted = self.counters.evicted.saturating_add(1);
            return true;
        }
        false
    }

    /// The last millisecond at which an event of a key can still matter; `None` where it holds none.
    fn deadline(&self, number: u32) -> Option<i64> {
        let latest = self.held.iter(self.keys.get(number)?.held).map(|held| held.timestamp).max()?;
        Some(deadline(latest, self.window))
    }

    /// Drops a key with all that it holds.
    fn forget(&mut self, number: u32, store: &mut EventStore) {
        let Some(entry) = self.keys.remove(number) else { return };
        store.release_all(self.held.take(entry.held).into_iter().map(|held| held.event));
        store.drop_key(&entry.key);
    }

    /// When [`advance`](Self::advance) has something to do, in milliseconds of the watermark.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.keys.next_due()
    }

    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Keys that hold an event.
    pub(crate) fn partials(&self) -> usize {
        self.keys.entries().filter(|entry| !entry.held.is_empty()).count()
    }

    pub(crate) fn counters(&self) -> SampleCounters {
        self.counters
    }
}

/// The stages that an event fits, gathered by join key, keys ascending.
pub(super) fn by_key(hits: Vec<(usize, Vec<Box<[u8]>>)>) -> Vec<(Box<[u8]>, StageSet)> {
    let mut found: Vec<(Box<[u8]>, StageSet)> = Vec::new();
    for (stage, keys) in hits {
        for key in keys {
            match found.iter_mut().find(|(known, _)| *known == key) {
                Some((_, stages)) => *stages |= 1 << stage,
                None => found.push((key, 1 << stage)),
            }
        }
    }
    sort(&mut found);
    found
}

fn deadline(timestamp: Timestamp, window: u64) -> i64 {
    timestamp.millis.saturating_add_unsigned(window)
}

/// A set of distinct events, one per stage, within `window`, that holds `new`; `held` begins with what came first.
fn find(held: &[Held], new: Held, stages: usize, window: u64) -> Option<Vec<EventId>> {
    // In a stream in order the new event is the latest, and one window that ends with it holds every candidate. Otherwise each
    // candidate may begin a window.
    let span = i128::from(window).saturating_mul(1_000_000);
    let near = |a: Timestamp, b: Timestamp| a.as_nanos().abs_diff(b.as_nanos()) <= span.unsigned_abs();
    let times = held.iter().map(|held| held.timestamp);
    let mut starts: Vec<Timestamp> = times.filter(|&t| t <= new.timestamp && near(t, new.timestamp)).collect();
    sort(&mut starts);
    starts.dedup();
    let late = held.iter().any(|held| held.timestamp > new.timestamp);
    if !late {
        starts.truncate(1);
    }
    starts.into_iter().find_map(|start| {
        let within = held.iter().filter(|held| held.timestamp >= start && near(held.timestamp, start));
        assign(&within.copied().collect::<Vec<Held>>(), new, stages)
    })
}

/// Keeps the newest `limit` events of each of the stages; returns how many times an event left a stage.
fn trim(held: &mut Chains<Held>, chain: &mut Chain, stages: StageSet, limit: usize, store: &mut EventStore) -> u64 {
    let mut dropped = 0_u64;
    for stage in (0..StageSet::BITS).map(|bit| 1 << bit).filter(|bit| stages & bit != 0) {
        let fits = || held.iter(*chain).filter(|held| held.stages & stage != 0);
        // A set takes at most one event per stage of the rule, so this many distinct ones always leave a choice.
        if fits().count() <= limit.max(StageSet::BITS as usize) {
            continue;
        }
        let oldest = fits().map(|held| (held.timestamp, held.event)).min();
        held.retain(chain, |held| {
            if Some((held.timestamp, held.event)) == oldest {
                held.stages &= !stage;
                dropped = dropped.saturating_add(1);
            }
            if held.stages == 0 {
                store.release(held.event);
            }
            held.stages != 0
        });
    }
    dropped
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

impl SampleState {
    /// Appends the state.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        self.keys.save(out, &|entry, out| self.held.oldest_first(entry.held).save(out));
        self.counters.save(out);
    }

    /// Reads the state into one that is new.
    pub(crate) fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        let SampleState { keys, held, .. } = self;
        keys.load(input, &mut |entry, input| {
            for one in Vec::load(input)? {
                held.push(&mut entry.held, one);
            }
            Some(())
        })?;
        self.counters = State::load(input)?;
        Some(())
    }
}

state!(SampleCounters { expired, evicted, superseded });
state!(Held { event, timestamp, stages });
