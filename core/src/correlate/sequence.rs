//! Sequences: events in order, each the next stage of the newest partial of its join key.
//!
//! ```text
//! stages     A  B            per key one slot a stage, the newest partial in it
//! events     A1 A2 B3        A1 -> slot 0; A2 -> slot 0, A1 is gone; B3 takes A2: complete (A2, B3)
//! ```
//! An event is offered to the last stage first, so that it never fills two stages of one sequence, but may end one and begin another.
//! A partial that is taken is gone, even where `maxspan` or a missing event then rejects it. Elasticsearch keeps lists and takes the latest
//! partial before the event; with events in order that is the same. [Elasticsearch: SequenceMatcher, KeyToSequences, TumblingWindow]
//!
//! Missing events `![..]` are judged in whole milliseconds and strictly between (or before, or after) the positive ones. What rests on an
//! absence *after* the last event waits here until the watermark has passed the last moment at which the forbidden event could come.

use super::{
    expiry::Expiry,
    store::{EventId, EventStore},
};
use crate::{limits::Limits, ordered::OrderedMap, plan::SequencePlan, state::state, time::Timestamp};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use hashbrown::HashMap;

/// The running state of one sequence rule.
#[derive(Clone, Debug)]
pub(crate) struct SequenceState {
    keys: HashMap<Arc<[u8]>, Entry, super::KeyHash>,
    expiry: Expiry,
    /// Complete but for an absence: by the last millisecond that could still refute it, then in the order of completion.
    waiting: OrderedMap<(i64, u64), Completed>,
    completions: u64,
    /// The last leading forbidden event that was forgotten with its key. A new key may be that one: it counts as seen there, so that want
    /// of room loses sequences and never makes one up.
    forgotten: Option<i64>,
    counters: SequenceCounters,
}

/// What became of the partials of a sequence rule.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SequenceCounters {
    /// Partials replaced by a newer one in their slot.
    pub(crate) overwritten: u64,
    /// Partials that ran out of `maxspan`.
    pub(crate) over_maxspan: u64,
    /// Partials ended by `until`.
    pub(crate) until: u64,
    /// Complete ones refuted by an event that had to be missing.
    pub(crate) refuted: u64,
    /// Keys dropped for want of room.
    pub(crate) evicted: u64,
}

/// A sequence that holds.
#[derive(Clone, Debug)]
pub(crate) struct Completed {
    pub(crate) key: Arc<[u8]>,
    /// One event per positive term, in order, still held: they are the caller's now.
    pub(crate) events: Vec<EventId>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// The newest partial that has filled stage `i`; the last stage has none.
    slots: Box<[Option<Partial>]>,
    /// Per missing term, the last two distinct milliseconds at which it was seen.
    seen: Box<[Seen]>,
    /// Deadlines and numbers of this key's sequences in `waiting`.
    waiting: Vec<Waiting>,
    bucket: i64,
}

#[derive(Clone, Debug)]
struct Partial {
    first: Timestamp,
    last: Timestamp,
    events: Vec<EventId>,
    /// The last leading forbidden event before the first event.
    leading: Option<i64>,
    /// A forbidden event lies between two of its events: it goes on, consumes its predecessors, and gives nothing.
    refuted: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    latest: Option<i64>,
    before: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    deadline: i64,
    number: u64,
    /// The millisecond of its last event.
    end: i64,
}

impl Seen {
    fn note(&mut self, millis: i64) {
        if self.latest != Some(millis) {
            *self = Seen { latest: Some(millis), before: self.latest };
        }
    }

    /// The last sighting strictly before `millis`; everything seen so far is at or before the event at hand.
    fn last_before(&self, millis: i64) -> Option<i64> {
        self.latest.filter(|&at| at < millis).or(self.before.filter(|&at| at < millis))
    }
}

/// What a sequence stands on while it moves.
pub(crate) struct Ground<'a> {
    pub(crate) plan: &'a SequencePlan,
    pub(crate) limits: &'a Limits,
    pub(crate) store: &'a mut EventStore,
}

/// An event in its turn, with what it matched.
pub(crate) struct Turn<'a> {
    pub(crate) event: EventId,
    pub(crate) timestamp: Timestamp,
    /// Terms that it matches, ascending, with the join keys it has for each.
    pub(crate) hits: &'a [(usize, Vec<Box<[u8]>>)],
}

impl SequenceState {
    pub(crate) fn new(plan: &SequencePlan, hash: super::KeyHash) -> Self {
        SequenceState {
            keys: HashMap::with_hasher(hash),
            expiry: Expiry::new(plan.maxspan),
            waiting: OrderedMap::default(),
            completions: 0,
            forgotten: None,
            counters: SequenceCounters::default(),
        }
    }

    /// Takes the next event in order; what it completes is appended to `out`.
    pub(crate) fn push(&mut self, ground: &mut Ground<'_>, turn: &Turn<'_>, out: &mut Vec<Completed>) {
        let plan = ground.plan;
        for (term, keys) in turn.hits.iter().rev() {
            if let Ok(stage) = plan.positives.binary_search(term) {
                for key in keys {
                    self.fill_stage(ground, stage, key, turn, out);
                }
            }
        }
        for (term, keys) in turn.hits {
            if let Some(index) = plan.missing.iter().position(|missing| missing.term == *term) {
                for key in keys {
                    self.forbidden(ground, index, key, turn.timestamp);
                }
            }
        }
        for (_, keys) in turn.hits.iter().filter(|(term, _)| *term == plan.terms) {
            for key in keys {
                let Some(entry) = self.keys.get_mut(&**key) else { continue };
                for partial in entry.slots.iter_mut().filter_map(Option::take) {
                    ground.store.release_all(partial.events);
                    self.counters.until = self.counters.until.saturating_add(1);
                }
            }
        }
    }

    /// The event fills a stage: it begins a partial, or takes the one of the stage before.
    fn fill_stage(
        &mut self,
        ground: &mut Ground<'_>,
        stage: usize,
        key: &[u8],
        turn: &Turn<'_>,
        out: &mut Vec<Completed>,
    ) {
        let plan = ground.plan;
        let now = turn.timestamp;
        let mut partial = if let Some(previous) = stage.checked_sub(1) {
            let Some(entry) = self.keys.get_mut(key) else { return };
            let Some(mut partial) = entry.slots.get_mut(previous).and_then(Option::take) else { return };
            if plan.over_maxspan(partial.first, now) {
                ground.store.release_all(partial.events);
                self.counters.over_maxspan = self.counters.over_maxspan.saturating_add(1);
                return;
            }
            partial.refuted |= entry.last_seen(plan, stage, now).is_some_and(|at| at > partial.last.millis);
            partial.last = now;
            partial
        } else {
            let entry = self.entry(ground, key, now);
            let leading = entry.last_seen(plan, 0, now);
            Partial { first: now, last: now, events: Vec::new(), leading, refuted: false }
        };
        ground.store.hold(turn.event);
        partial.events.push(turn.event);
        if partial.events.len() == plan.positives.len() {
            self.complete(ground, key, partial, out);
        } else if let Some(entry) = self.keys.get_mut(key)
            && let Some(slot) = entry.slots.get_mut(stage)
            && let Some(old) = slot.replace(partial)
        {
            ground.store.release_all(old.events);
            self.counters.overwritten = self.counters.overwritten.saturating_add(1);
        }
    }

    /// All positive events are there: it holds, it is refuted, or it waits for an absence to be proved.
    fn complete(&mut self, ground: &mut Ground<'_>, key: &[u8], partial: Partial, out: &mut Vec<Completed>) {
        let plan = ground.plan;
        let Some((key, _)) = self.keys.get_key_value(key) else { return };
        let key = Arc::clone(key);
        let (start, end) = (partial.first.millis, partial.last.millis);
        let leading = plan.missing.iter().any(|missing| missing.before == 0);
        let trailing = plan.missing.iter().any(|missing| missing.before == plan.positives.len());
        let maxspan = plan.maxspan.unwrap_or(0);
        // The last millisecond at which a forbidden event would still refute it; the end itself where none can.
        let deadline = match (leading, partial.leading, trailing) {
            _ if partial.refuted => None,
            (true, None, _) | (false, _, false) => Some(end),
            (true, Some(last), false) => (end.saturating_sub_unsigned(maxspan) > last).then_some(end),
            (true, Some(last), true) => Some(last.saturating_add_unsigned(maxspan)),
            (false, _, true) => Some(start.saturating_add_unsigned(maxspan)),
        };
        let completed = Completed { key: Arc::clone(&key), events: partial.events };
        match deadline {
            None => {
                ground.store.release_all(completed.events);
                self.counters.refuted = self.counters.refuted.saturating_add(1);
            }
            Some(deadline) if deadline <= end => out.push(completed),
            Some(deadline) => {
                self.completions = self.completions.saturating_add(1);
                let number = self.completions;
                if let Some(entry) = self.keys.get_mut(&key) {
                    entry.waiting.push(Waiting { deadline, number, end });
                }
                self.waiting.insert((deadline, number), completed);
            }
        }
    }

    /// A missing term was seen: it refutes what waits for its absence.
    fn forbidden(&mut self, ground: &mut Ground<'_>, index: usize, key: &[u8], timestamp: Timestamp) {
        let positives = ground.plan.positives.len();
        let trailing = ground.plan.missing.get(index).is_some_and(|missing| missing.before == positives);
        let millis = timestamp.millis;
        let entry = self.entry(ground, key, timestamp);
        if let Some(seen) = entry.seen.get_mut(index) {
            seen.note(millis);
        }
        if !trailing {
            return;
        }
        let refutes = |waiting: &mut Waiting| waiting.end < millis && millis <= waiting.deadline;
        let refuted: Vec<Waiting> = entry.waiting.extract_if(.., refutes).collect();
        for Waiting { deadline, number, .. } in refuted {
            if let Some(completed) = self.waiting.remove(&(deadline, number)) {
                ground.store.release_all(completed.events);
                self.counters.refuted = self.counters.refuted.saturating_add(1);
            }
        }
    }

    /// No event before `watermark` comes any more: absences are proved, what is over is forgotten.
    pub(crate) fn advance(
        &mut self,
        plan: &SequencePlan,
        watermark: Timestamp,
        store: &mut EventStore,
        out: &mut Vec<Completed>,
    ) {
        while let Some((&(deadline, number), _)) = self.waiting.first_key_value()
            && deadline < watermark.millis
        {
            self.prove(deadline, number, out);
        }
        while let Some((bucket, key)) = self.expiry.due(watermark.millis) {
            let Some(entry) = self.keys.get_mut(&key) else { continue };
            if entry.bucket != bucket {
                continue;
            }
            match entry.deadline(plan.maxspan) {
                Some(deadline) if deadline >= watermark.millis => {
                    entry.bucket = self.expiry.bucket(deadline);
                    self.expiry.schedule(entry.bucket, key);
                }
                _ => {
                    for partial in entry.slots.iter_mut().filter_map(Option::take) {
                        store.release_all(partial.events);
                        self.counters.over_maxspan = self.counters.over_maxspan.saturating_add(1);
                    }
                    self.keys.remove(&key);
                    store.drop_key(&key);
                }
            }
        }
    }

    /// No event comes any more at all: every absence is proved.
    pub(crate) fn finish(&mut self, out: &mut Vec<Completed>) {
        while let Some((&(deadline, number), _)) = self.waiting.first_key_value() {
            self.prove(deadline, number, out);
        }
    }

    fn prove(&mut self, deadline: i64, number: u64, out: &mut Vec<Completed>) {
        if let Some(completed) = self.waiting.remove(&(deadline, number)) {
            if let Some(entry) = self.keys.get_mut(&completed.key) {
                entry.waiting.retain(|waiting| waiting.number != number);
            }
            out.push(completed);
        }
    }

    /// The state of a key, new or known.
    fn entry(&mut self, ground: &mut Ground<'_>, key: &[u8], timestamp: Timestamp) -> &mut Entry {
        let plan = ground.plan;
        if !self.keys.contains_key(key) {
            while self.keys.len() >= ground.limits.keys_per_rule.max(1) && self.evict(plan, ground.store) {}
        }
        let (expiry, forgotten) = (&mut self.expiry, self.forgotten);
        match self.keys.entry_ref(key) {
            hashbrown::hash_map::EntryRef::Occupied(entry) => entry.into_mut(),
            hashbrown::hash_map::EntryRef::Vacant(entry) => {
                let key: Arc<[u8]> = key.into();
                let bucket = expiry.bucket(timestamp.millis.saturating_add_unsigned(plan.maxspan.unwrap_or(0)));
                expiry.schedule(bucket, Arc::clone(&key));
                ground.store.add_key(&key);
                entry.insert_with_key(
                    key,
                    Entry {
                        // What fills the last stage is complete, and is not kept.
                        slots: alloc::vec![None; plan.positives.len().saturating_sub(1)].into(),
                        seen: plan
                            .missing
                            .iter()
                            .map(|missing| Seen { latest: forgotten.filter(|_| missing.before == 0), before: None })
                            .collect(),
                        waiting: Vec::new(),
                        bucket,
                    },
                )
            }
        }
    }

    /// Drops the key that would expire first (without `maxspan`: the one longest untouched); false where there is none.
    pub(crate) fn evict(&mut self, plan: &SequencePlan, store: &mut EventStore) -> bool {
        while let Some((bucket, key)) = self.expiry.earliest() {
            let Some(entry) = self.keys.get_mut(&key) else { continue };
            if entry.bucket != bucket {
                continue;
            }
            let actual = entry.deadline(plan.maxspan).map_or(bucket, |deadline| self.expiry.bucket(deadline));
            if actual > bucket {
                entry.bucket = actual;
                self.expiry.schedule(actual, key);
                continue;
            }
            if let Some(entry) = self.keys.remove(&key) {
                self.forgotten = self.forgotten.max(entry.last_leading(plan));
                store.drop_key(&key);
                store.release_all(entry.slots.into_iter().flatten().flat_map(|partial| partial.events));
                for Waiting { deadline, number, .. } in entry.waiting {
                    if let Some(completed) = self.waiting.remove(&(deadline, number)) {
                        store.release_all(completed.events);
                    }
                }
            }
            self.counters.evicted = self.counters.evicted.saturating_add(1);
            return true;
        }
        false
    }

    /// When [`advance`](Self::advance) has something to do, in milliseconds of the watermark.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let waiting = self.waiting.first_key_value().map(|((deadline, _), _)| deadline.saturating_add(1));
        [waiting, self.expiry.next_due()].into_iter().flatten().min()
    }

    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Sequences that have begun and are neither complete nor over, and those that are complete but for an absence.
    pub(crate) fn partials(&self) -> usize {
        let begun = self.keys.values().map(|entry| entry.slots.iter().flatten().count()).sum::<usize>();
        begun.saturating_add(self.waiting.len())
    }

    pub(crate) fn counters(&self) -> SequenceCounters {
        self.counters
    }
}

impl Entry {
    /// The last forbidden event strictly before `now` of the missing terms that stand before positive stage `stage`.
    fn last_seen(&self, plan: &SequencePlan, stage: usize, now: Timestamp) -> Option<i64> {
        let terms = plan.missing.iter().zip(&self.seen).filter(|(missing, _)| missing.before == stage);
        terms.filter_map(|(_, seen)| seen.last_before(now.millis)).max()
    }

    /// The last leading forbidden event.
    fn last_leading(&self, plan: &SequencePlan) -> Option<i64> {
        let leading = plan.missing.iter().zip(&self.seen).filter(|(missing, _)| missing.before == 0);
        leading.filter_map(|(_, seen)| seen.latest).max()
    }

    /// The last millisecond at which something here can still matter; `None` where nothing can.
    fn deadline(&self, maxspan: Option<u64>) -> Option<i64> {
        let span = maxspan.unwrap_or(0);
        let partials = self.slots.iter().flatten().map(|partial| match maxspan {
            Some(_) => partial.first.millis,
            None => partial.last.millis,
        });
        let seen = self.seen.iter().filter_map(|seen| seen.latest);
        let counted = partials.chain(seen).map(|millis| millis.saturating_add_unsigned(span));
        counted.chain(self.waiting.iter().map(|waiting| waiting.deadline)).max()
    }
}

state!(SequenceState { keys, expiry, waiting, completions, forgotten, counters });
state!(SequenceCounters { overwritten, over_maxspan, until, refuted, evicted });
state!(Completed { key, events });
state!(Entry { slots, seen, waiting, bucket });
state!(Partial { first, last, events, leading, refuted });
state!(Seen { latest, before });
state!(Waiting { deadline, number, end });
