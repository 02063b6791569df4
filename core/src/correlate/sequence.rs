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
    keys::{JoinKey, Keys},
    slab::{Chain, Chains},
    store::{EventId, EventStore},
};
use crate::{
    limits::Limits,
    ordered::OrderedMap,
    plan::SequencePlan,
    state::{Reader, State, state},
    time::Timestamp,
};
use alloc::{boxed::Box, vec::Vec};
use core::num::NonZeroU64;

/// The running state of one sequence rule.
#[derive(Clone, Debug)]
pub(crate) struct SequenceState {
    keys: Keys,
    /// What the keys hold.
    held: Chains<Held>,
    /// The events of the partials.
    events: Chains<EventId>,
    /// Complete but for an absence: by the last millisecond that could still refute it, then in the order of completion.
    waiting: OrderedMap<(i64, u64), Completed>,
    /// By key, which of them are its.
    waiting_of: Chains<Waiting>,
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
    pub(crate) key: JoinKey,
    /// One event per positive term, in order, still held: they are the caller's now.
    pub(crate) events: Vec<EventId>,
}

/// What a key holds: no more than one partial a stage, no more than one sighting a missing term.
#[derive(Clone, Copy, Debug)]
enum Held {
    Partial(Partial),
    Seen(Seen),
}

/// The newest partial that has filled a stage; the last stage has none, since what fills it is complete.
#[derive(Clone, Copy, Debug)]
struct Partial {
    first: Timestamp,
    /// The millisecond of its last event.
    last: i64,
    /// How long before the first event the last leading forbidden one was, in milliseconds.
    lead: Option<NonZeroU64>,
    events: Chain,
    stage: u16,
    /// A forbidden event lies between two of its events: it goes on, consumes its predecessors, and gives nothing.
    refuted: bool,
}

/// The last two distinct milliseconds at which a missing term was seen.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Its place among the missing terms.
    index: u16,
    latest: i64,
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
    /// The last sighting strictly before `millis`; everything seen so far is at or before the event at hand.
    fn last_before(&self, millis: i64) -> Option<i64> {
        Some(self.latest).filter(|&at| at < millis).or(self.before.filter(|&at| at < millis))
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
            keys: Keys::new(plan.maxspan, hash),
            held: Chains::default(),
            events: Chains::default(),
            waiting: OrderedMap::default(),
            waiting_of: Chains::default(),
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
                if let Some(number) = self.keys.find(key) {
                    let ended = self.end(number, ground.store);
                    self.counters.until = self.counters.until.saturating_add(ended);
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
        let (number, mut partial) = if let Some(previous) = stage.checked_sub(1) {
            let Some(number) = self.keys.find(key) else { return };
            let Some(mut partial) = self.take(number, previous) else { return };
            if plan.over_maxspan(partial.first, now) {
                release(&mut self.events, partial.events, ground.store);
                self.counters.over_maxspan = self.counters.over_maxspan.saturating_add(1);
                return;
            }
            partial.refuted |= self.last_seen(number, plan, stage, now).is_some_and(|at| at > partial.last);
            partial.last = now.millis;
            (number, partial)
        } else {
            let number = self.number(ground, key, now);
            let leading = self.last_seen(number, plan, 0, now);
            let lead = leading.and_then(|at| NonZeroU64::new(now.millis.abs_diff(at)));
            let events = Chain::default();
            (number, Partial { first: now, last: now.millis, lead, events, stage: 0, refuted: false })
        };
        ground.store.hold(turn.event);
        self.events.push(&mut partial.events, turn.event);
        if stage.saturating_add(1) == plan.positives.len() {
            return self.complete(ground, number, partial, out);
        }
        if let Some(old) = self.take(number, stage) {
            release(&mut self.events, old.events, ground.store);
            self.counters.overwritten = self.counters.overwritten.saturating_add(1);
        }
        if let (Some(entry), Ok(stage)) = (self.keys.get_mut(number), u16::try_from(stage)) {
            self.held.push(&mut entry.held, Held::Partial(Partial { stage, ..partial }));
        }
    }

    /// Takes the partial that has filled a stage.
    fn take(&mut self, number: u32, stage: usize) -> Option<Partial> {
        let entry = self.keys.get_mut(number)?;
        let mut taken = None;
        self.held.retain(&mut entry.held, |held| match held {
            Held::Partial(partial) if usize::from(partial.stage) == stage => {
                taken = Some(*partial);
                false
            }
            _ => true,
        });
        taken
    }

    /// Ends all partials of a key; says how many.
    fn end(&mut self, number: u32, store: &mut EventStore) -> u64 {
        let Some(entry) = self.keys.get_mut(number) else { return 0 };
        let mut ended = 0_u64;
        self.held.retain(&mut entry.held, |held| match held {
            Held::Partial(partial) => {
                release(&mut self.events, partial.events, store);
                ended = ended.saturating_add(1);
                false
            }
            Held::Seen(_) => true,
        });
        ended
    }

    /// All positive events are there: it holds, it is refuted, or it waits for an absence to be proved.
    fn complete(&mut self, ground: &mut Ground<'_>, number: u32, partial: Partial, out: &mut Vec<Completed>) {
        let plan = ground.plan;
        let Some(entry) = self.keys.get_mut(number) else { return };
        let (start, end) = (partial.first.millis, partial.last);
        let lead = partial.lead.map(|lead| start.saturating_sub_unsigned(lead.get()));
        let leading = plan.missing.iter().any(|missing| missing.before == 0);
        let trailing = plan.missing.iter().any(|missing| missing.before == plan.positives.len());
        let maxspan = plan.maxspan.unwrap_or(0);
        // The last millisecond at which a forbidden event would still refute it; the end itself where none can.
        let deadline = match (leading, lead, trailing) {
            _ if partial.refuted => None,
            (true, None, _) | (false, _, false) => Some(end),
            (true, Some(last), false) => (end.saturating_sub_unsigned(maxspan) > last).then_some(end),
            (true, Some(last), true) => Some(last.saturating_add_unsigned(maxspan)),
            (false, _, true) => Some(start.saturating_add_unsigned(maxspan)),
        };
        let Some(deadline) = deadline else {
            self.counters.refuted = self.counters.refuted.saturating_add(1);
            return release(&mut self.events, partial.events, ground.store);
        };
        let completed = Completed { key: entry.key.clone(), events: self.events.take(partial.events) };
        if deadline <= end {
            out.push(completed);
        } else {
            self.completions = self.completions.saturating_add(1);
            let number = self.completions;
            self.waiting_of.push(&mut entry.waiting, Waiting { deadline, number, end });
            self.waiting.insert((deadline, number), completed);
        }
    }

    /// A missing term was seen: it refutes what waits for its absence.
    fn forbidden(&mut self, ground: &mut Ground<'_>, index: usize, key: &[u8], timestamp: Timestamp) {
        let positives = ground.plan.positives.len();
        let trailing = ground.plan.missing.get(index).is_some_and(|missing| missing.before == positives);
        let millis = timestamp.millis;
        let number = self.number(ground, key, timestamp);
        self.note(number, index, millis);
        let Some(entry) = self.keys.get_mut(number).filter(|_| trailing) else { return };
        self.waiting_of.retain(&mut entry.waiting, |waiting| {
            let refuted = waiting.end < millis && millis <= waiting.deadline;
            if refuted && let Some(completed) = self.waiting.remove(&(waiting.deadline, waiting.number)) {
                ground.store.release_all(completed.events);
                self.counters.refuted = self.counters.refuted.saturating_add(1);
            }
            !refuted
        });
    }

    /// Notes that a missing term was seen.
    fn note(&mut self, number: u32, index: usize, millis: i64) {
        let (Some(entry), Ok(index)) = (self.keys.get_mut(number), u16::try_from(index)) else { return };
        let mut known = false;
        self.held.retain(&mut entry.held, |held| {
            if let Held::Seen(seen) = held
                && seen.index == index
            {
                known = true;
                if seen.latest != millis {
                    *seen = Seen { index, latest: millis, before: Some(seen.latest) };
                }
            }
            true
        });
        if !known {
            self.held.push(&mut entry.held, Held::Seen(Seen { index, latest: millis, before: None }));
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
        while let Some(number) = self.keys.due(watermark.millis) {
            match self.deadline(number, plan.maxspan) {
                Some(deadline) if deadline >= watermark.millis => self.keys.schedule(deadline, number),
                _ => {
                    let ended = self.forget(number, store);
                    self.counters.over_maxspan = self.counters.over_maxspan.saturating_add(ended);
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
            let known = self.keys.find(&completed.key);
            if let Some(entry) = known.and_then(|key| self.keys.get_mut(key)) {
                self.waiting_of.retain(&mut entry.waiting, |waiting| waiting.number != number);
            }
            out.push(completed);
        }
    }

    /// The number of a key, new or known.
    fn number(&mut self, ground: &mut Ground<'_>, key: &[u8], timestamp: Timestamp) -> u32 {
        let plan = ground.plan;
        if let Some(number) = self.keys.find(key) {
            return number;
        }
        while self.keys.len() >= ground.limits.keys_per_rule.max(1) && self.evict(plan, ground.store) {}
        ground.store.add_key(key);
        let deadline = timestamp.millis.saturating_add_unsigned(plan.maxspan.unwrap_or(0));
        let number = self.keys.add(key, deadline);
        if let Some(forgotten) = self.forgotten {
            let leading = plan.missing.iter().enumerate().filter(|(_, missing)| missing.before == 0);
            leading.for_each(|(index, _)| self.note(number, index, forgotten));
        }
        number
    }

    /// Drops the key that would expire first (without `maxspan`: the one longest untouched); false where there is none.
    pub(crate) fn evict(&mut self, plan: &SequencePlan, store: &mut EventStore) -> bool {
        while let Some((bucket, number)) = self.keys.earliest() {
            if let Some(deadline) = self.deadline(number, plan.maxspan)
                && self.keys.bucket(deadline) > bucket
            {
                self.keys.schedule(deadline, number);
                continue;
            }
            self.forgotten = self.forgotten.max(self.last_leading(number, plan));
            self.forget(number, store);
            self.counters.evicted = self.counters.evicted.saturating_add(1);
            return true;
        }
        false
    }

    /// Drops a key with all that it holds; says how many partials that were.
    fn forget(&mut self, number: u32, store: &mut EventStore) -> u64 {
        let ended = self.end(number, store);
        let Some(mut entry) = self.keys.remove(number) else { return ended };
        store.drop_key(&entry.key);
        self.held.retain(&mut entry.held, |_| false);
        self.waiting_of.retain(&mut entry.waiting, |waiting| {
            if let Some(completed) = self.waiting.remove(&(waiting.deadline, waiting.number)) {
                store.release_all(completed.events);
            }
            false
        });
        ended
    }

    /// When [`advance`](Self::advance) has something to do, in milliseconds of the watermark.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let waiting = self.waiting.first_key_value().map(|((deadline, _), _)| deadline.saturating_add(1));
        [waiting, self.keys.next_due()].into_iter().flatten().min()
    }

    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Sequences that have begun and are neither complete nor over, and those that are complete but for an absence.
    pub(crate) fn partials(&self) -> usize {
        let held = self.keys.entries().flat_map(|entry| self.held.iter(entry.held));
        held.filter(|held| matches!(held, Held::Partial(_))).count().saturating_add(self.waiting.len())
    }

    pub(crate) fn counters(&self) -> SequenceCounters {
        self.counters
    }

    /// The last forbidden event strictly before `now` of the missing terms that stand before positive stage `stage`.
    fn last_seen(&self, number: u32, plan: &SequencePlan, stage: usize, now: Timestamp) -> Option<i64> {
        self.seen(number, plan, stage).filter_map(|seen| seen.last_before(now.millis)).max()
    }

    /// The last leading forbidden event.
    fn last_leading(&self, number: u32, plan: &SequencePlan) -> Option<i64> {
        self.seen(number, plan, 0).map(|seen| seen.latest).max()
    }

    /// What was seen of the missing terms that stand before positive stage `stage`.
    fn seen(&self, number: u32, plan: &SequencePlan, stage: usize) -> impl Iterator<Item = &Seen> {
        let chain = self.keys.get(number).map(|entry| entry.held).unwrap_or_default();
        self.held.iter(chain).filter_map(move |held| match held {
            Held::Seen(seen) => {
                plan.missing.get(usize::from(seen.index)).filter(|missing| missing.before == stage).map(|_| seen)
            }
            Held::Partial(_) => None,
        })
    }

    /// The last millisecond at which something of a key can still matter; `None` where nothing can.
    fn deadline(&self, number: u32, maxspan: Option<u64>) -> Option<i64> {
        let entry = self.keys.get(number)?;
        let held = self.held.iter(entry.held).map(|held| match held {
            Held::Partial(partial) if maxspan.is_some() => partial.first.millis,
            Held::Partial(partial) => partial.last,
            Held::Seen(seen) => seen.latest,
        });
        let counted = held.map(|millis| millis.saturating_add_unsigned(maxspan.unwrap_or(0)));
        counted.chain(self.waiting_of.iter(entry.waiting).map(|waiting| waiting.deadline)).max()
    }
}

/// Lets go of the events of a partial.
fn release(events: &mut Chains<EventId>, mut chain: Chain, store: &mut EventStore) {
    while let Some(event) = events.pop(&mut chain) {
        store.release(event);
    }
}

impl SequenceState {
    /// Appends the state.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        self.keys.save(out, &|entry, out| {
            let held = self.held.oldest_first(entry.held);
            held.len().save(out);
            held.iter().for_each(|held| self.save_held(held, out));
            self.waiting_of.oldest_first(entry.waiting).save(out);
        });
        self.waiting.save(out);
        self.completions.save(out);
        self.forgotten.save(out);
        self.counters.save(out);
    }

    fn save_held(&self, held: &Held, out: &mut Vec<u8>) {
        match held {
            Held::Partial(Partial { first, last, lead, events, stage, refuted }) => {
                true.save(out);
                first.save(out);
                last.save(out);
                lead.map_or(0, NonZeroU64::get).save(out);
                self.events.oldest_first(*events).save(out);
                stage.save(out);
                refuted.save(out);
            }
            Held::Seen(seen) => {
                false.save(out);
                seen.save(out);
            }
        }
    }

    /// Reads the state into one that is new.
    pub(crate) fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        let SequenceState { keys, held, events, waiting_of, .. } = self;
        keys.load(input, &mut |entry, input| {
            for _ in 0..input.count()? {
                held.push(&mut entry.held, load_held(events, input)?);
            }
            for waiting in Vec::load(input)? {
                waiting_of.push(&mut entry.waiting, waiting);
            }
            Some(())
        })?;
        self.waiting = State::load(input)?;
        self.completions = State::load(input)?;
        self.forgotten = State::load(input)?;
        self.counters = State::load(input)?;
        Some(())
    }
}

fn load_held(events: &mut Chains<EventId>, input: &mut Reader<'_>) -> Option<Held> {
    if !bool::load(input)? {
        return Seen::load(input).map(Held::Seen);
    }
    let mut partial = Partial {
        first: State::load(input)?,
        last: State::load(input)?,
        lead: NonZeroU64::new(State::load(input)?),
        events: Chain::default(),
        stage: 0,
        refuted: false,
    };
    for event in Vec::load(input)? {
        events.push(&mut partial.events, event);
    }
    partial.stage = State::load(input)?;
    partial.refuted = State::load(input)?;
    Some(Held::Partial(partial))
}

state!(SequenceCounters { overwritten, over_maxspan, until, refuted, evicted });
state!(Completed { key, events });
state!(Seen { index, latest, before });
state!(Waiting { deadline, number, end });

#[cfg(test)]
mod tests {
    use super::*;

    /// A partial takes what `docs/performance.md` says: what it holds, and a link of four bytes.
    #[test]
    fn a_partial_is_small() {
        assert!(size_of::<Held>() <= 40, "{}", size_of::<Held>());
    }
}
