//! Holds the state of every rule and moves it with each event.
//!
//! An event is asked once which stages it matches. Rules of single events alert at once, samples take it as it comes, sequences when its turn
//! has come. Whatever still needs the event holds it in one store.

use super::{
    Config, KeyHash, Stats,
    reorder::{Ordinal, Reorder, Waiting},
    routing::Router,
    sample::{SampleState, by_key},
    sequence::{Completed, Ground, SequenceState, Turn},
    sift::Passing,
    stats::RuleStats,
    store::{EventId, EventStore, Kept},
    suppress::{Budget, Suppressor, Verdict},
};
use crate::{
    alert::{Alert, AlertEvent, AlertKind, Suppression},
    auditd::Documents,
    event::{EventView, key_values, keys},
    plan::{Candidates, Memo, Plan, PlanKind, PlanRule, StageId},
    state::{Reader, State},
    time::{LastMinute, Timestamp},
};
use alloc::{boxed::Box, collections::VecDeque, sync::Arc, vec::Vec};

/// The state of all rules.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    plan: Arc<Plan>,
    rules: Vec<RuleState>,
    memo: Memo,
    candidates: Candidates,
    minute: LastMinute,
    router: Router,
    store: EventStore,
    /// Makes documents of kept audit records.
    documents: Documents,
    reorder: Reorder,
    /// The latest event time seen, and what the host has promised.
    latest: Option<Timestamp>,
    promised: Option<Timestamp>,
    /// Sequences have been told that nothing before this comes any more.
    released: Option<Timestamp>,
    /// The watermark at which a rule has something to forget or to prove; never later than it should be.
    next_due: i64,
    alerts: VecDeque<Alert>,
    /// Bytes of the events and keys in `alerts`.
    alert_bytes: usize,
    pub(super) stats: Stats,
}

#[derive(Clone, Debug)]
struct RuleState {
    kind: StateKind,
    /// The latest time by which a rule's look-back goes, where that is a time of its own.
    clock: Option<Timestamp>,
    suppressor: Option<Suppressor>,
    budget: Budget,
    stats: RuleStats,
}

#[derive(Clone, Debug)]
enum StateKind {
    Event,
    Sample(SampleState),
    Sequence(SequenceState),
}

impl Machine {
    pub(super) fn new(plan: Arc<Plan>, config: &Config) -> Self {
        let hash = KeyHash::with_seed(config.seed);
        let state = |rule: &PlanRule| RuleState {
            kind: match &rule.kind {
                PlanKind::Event => StateKind::Event,
                PlanKind::Sample { stages } => {
                    StateKind::Sample(SampleState::new(*stages, rule.rule.look_back, hash.clone()))
                }
                PlanKind::Sequence(sequence) => StateKind::Sequence(SequenceState::new(sequence, hash.clone())),
            },
            clock: None,
            suppressor: rule.suppression.as_ref().map(|_| Suppressor::new(hash.clone())),
            budget: Budget::default(),
            stats: RuleStats {
                id: rule.rule.id.clone(),
                stages: alloc::vec![0; rule.stages()],
                ..RuleStats::default()
            },
        };
        Machine {
            rules: plan.rules.iter().map(state).collect(),
            plan,
            memo: Memo::default(),
            candidates: Candidates::default(),
            minute: LastMinute::default(),
            router: Router::new(config.routing, hash.clone()),
            store: EventStore::default(),
            documents: Documents::new(config.audit_options()),
            reorder: Reorder::default(),
            latest: None,
            promised: None,
            released: None,
            next_due: i64::MAX,
            alerts: VecDeque::new(),
            alert_bytes: 0,
            stats: Stats::default(),
        }
    }

    /// Takes one event; `source` gives its document where it must be kept. Returns how many stages it matched.
    pub(super) fn observe(
        &mut self,
        plan: &Plan,
        view: EventView<'_>,
        config: &Config,
        source: &mut dyn FnMut() -> Box<str>,
    ) -> u32 {
        let event = Passing::new(plan, view, &mut self.minute);
        let timestamp = event.timestamp;
        self.count(&event);
        let mut candidates = core::mem::take(&mut self.candidates);
        plan.matches(view, &mut self.memo, &mut candidates);
        let away = self.router.route(plan, view, &mut candidates.stages);
        self.stats.routed_away = self.stats.routed_away.saturating_add(away);
        if !candidates.stages.is_empty() {
            self.stats.matched = self.stats.matched.saturating_add(1);
            let event = self.store.keep(timestamp, source());
            self.correlate(plan, view, config, event, &candidates.stages);
            self.store.release(event);
            self.fit(config);
        }
        let matched = u32::try_from(candidates.stages.len()).unwrap_or(u32::MAX);
        self.candidates = candidates;
        self.clock(timestamp, config);
        matched
    }

    /// What is left of an event, of which only the plan's scouts were read, if it can match no stage.
    pub(super) fn foresee_by_scouts(&mut self, plan: &Plan, view: EventView<'_>) -> Option<Passing> {
        (!plan.may_match(view, &mut self.memo, &mut self.candidates))
            .then(|| Passing::new(plan, view, &mut self.minute))
    }

    /// The same, of an event of which all was read; `None` also where something of it could not be computed, which is to be counted by who
    /// takes it.
    pub(super) fn foresee(&mut self, plan: &Plan, view: EventView<'_>) -> Option<Passing> {
        let errors = self.memo.errors;
        plan.matches(view, &mut self.memo, &mut self.candidates);
        let failed = core::mem::replace(&mut self.memo.errors, errors) != errors;
        (self.candidates.stages.is_empty() && !failed).then(|| Passing::new(plan, view, &mut self.minute))
    }

    /// Takes an event that matches no stage.
    pub(super) fn passed(&mut self, event: &Passing, config: &Config) {
        self.count(event);
        self.clock(event.timestamp, config);
    }

    fn count(&mut self, event: &Passing) {
        self.stats.events = self.stats.events.saturating_add(1);
        if event.timestamp.is_none() {
            let counter = match event.unreadable {
                true => &mut self.stats.unreadable_time,
                false => &mut self.stats.without_time,
            };
            *counter = counter.saturating_add(1);
        }
    }

    /// The time is what the event says.
    fn clock(&mut self, timestamp: Option<Timestamp>, config: &Config) {
        if self.is_future(timestamp, config) {
            self.stats.future = self.stats.future.saturating_add(1);
        } else if timestamp.is_some() && timestamp >= self.latest {
            // An event of the same time as the latest has its turn as well: what it completes must not wait for a later one.
            self.latest = timestamp;
            self.release(config);
        }
    }

    fn correlate(&mut self, plan: &Plan, view: EventView<'_>, config: &Config, event: EventId, stages: &[StageId]) {
        let watermark = self.watermark(config);
        let rule_of = |id: &StageId| plan.stage(*id).map(|stage| stage.rule);
        // Stages are numbered rule by rule, so those of one rule stand together.
        for group in stages.chunk_by(|a, b| rule_of(a) == rule_of(b)) {
            let Some(number) = group.first().and_then(rule_of) else { continue };
            let (Some(rule), Some(state)) = (plan.rules.get(number), self.rules.get_mut(number)) else { continue };
            let mut hits = Vec::new();
            for stage in group.iter().filter_map(|id| plan.stage(*id)) {
                if let Some(count) = state.stats.stages.get_mut(stage.term) {
                    *count = count.saturating_add(1);
                }
                let (keys, dropped) = keys(view, &stage.keys);
                state.stats.keys_dropped = state.stats.keys_dropped.saturating_add(dropped);
                if keys.is_empty() {
                    state.stats.without_key = state.stats.without_key.saturating_add(1);
                } else {
                    hits.push((stage.term, keys));
                }
            }
            if hits.is_empty() {
                continue;
            }
            let timestamp = match state.kind {
                StateKind::Sample(_) => rule.look_back_time(view),
                _ => rule.timestamp(view),
            };
            match (&mut state.kind, timestamp) {
                (StateKind::Event, _) => {
                    self.store.hold(event);
                    self.alert(config, number, rule, &[], alloc::vec![event]);
                }
                (_, None) => {}
                (StateKind::Sample(sample), Some(time)) => {
                    let window = i64::try_from(rule.rule.look_back).unwrap_or(i64::MAX);
                    let watermark = if rule.has_own_clock() {
                        state.clock = state.clock.max(Some(time));
                        let clock = state.clock.map(|clock| earlier(clock, config.allowed_lateness));
                        clock.into_iter().for_each(|clock| sample.advance(clock, &mut self.store));
                        clock.max(watermark)
                    } else {
                        watermark
                    };
                    if watermark.is_some_and(|mark| time.millis.saturating_add(window) < mark.millis) {
                        state.stats.late = state.stats.late.saturating_add(1);
                        self.stats.late = self.stats.late.saturating_add(1);
                        continue;
                    }
                    let mut found = Vec::new();
                    for (key, stages) in by_key(hits) {
                        let set = sample.push(&key, (event, time), stages, &config.limits, &mut self.store);
                        found.extend(set.map(|events| (key, events)));
                    }
                    self.next_due = self.next_due.min(state.kind.next_due().unwrap_or(i64::MAX));
                    for (key, events) in found {
                        self.alert(config, number, rule, &key, events);
                    }
                }
                (StateKind::Sequence(_), Some(time)) if self.released.is_some_and(|released| time < released) => {
                    state.stats.late = state.stats.late.saturating_add(1);
                    self.stats.late = self.stats.late.saturating_add(1);
                }
                (StateKind::Sequence(_), Some(timestamp)) => {
                    let ordinal: Ordinal = (timestamp, rule.tiebreaker(view), self.stats.events, number);
                    self.store.hold(event);
                    hits.iter().flat_map(|(_, keys)| keys).for_each(|key| self.store.add_key(key));
                    self.reorder.push(ordinal, Waiting { event, timestamp, rule: number, hits });
                    if self.reorder.len() > config.limits.reorder_events
                        && let Some(waiting) = self.reorder.pop_earliest()
                    {
                        self.turn(config, waiting);
                    }
                }
            }
        }
    }

    /// What nothing can come before any more.
    fn watermark(&self, config: &Config) -> Option<Timestamp> {
        let seen = self.latest.map(|latest| earlier(latest, config.allowed_lateness));
        seen.max(self.promised)
    }

    /// Whether an event is from a time that, by what the host last said, has not come yet.
    fn is_future(&self, timestamp: Option<Timestamp>, config: &Config) -> bool {
        match (timestamp, self.promised, config.max_future) {
            (Some(time), Some(promised), Some(most)) => time.millis > promised.millis.saturating_add_unsigned(most),
            _ => false,
        }
    }

    /// The host promises that nothing before `watermark` comes any more.
    pub(super) fn advance(&mut self, watermark: Timestamp, config: &Config) {
        self.promised = self.promised.max(Some(watermark));
        self.release(config);
    }

    /// Lets events through whose turn has come, proves absences, forgets what is over.
    fn release(&mut self, config: &Config) {
        let Some(watermark) = self.watermark(config) else { return };
        while let Some(waiting) = self.reorder.pop(watermark, self.plan.tiebreakers) {
            self.turn(config, waiting);
        }
        self.released = self.released.max(Some(watermark));
        if watermark.millis < self.next_due {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let mut completed = Vec::new();
        for (number, (rule, state)) in plan.rules.iter().zip(&mut self.rules).enumerate() {
            match (&mut state.kind, &rule.kind) {
                (StateKind::Sample(sample), _) => sample.advance(watermark, &mut self.store),
                (StateKind::Sequence(sequence), PlanKind::Sequence(shape)) => {
                    let mut out = Vec::new();
                    sequence.advance(shape, watermark, &mut self.store, &mut out);
                    completed.extend(out.into_iter().map(|done| (number, done)));
                }
                _ => {}
            }
        }
        self.next_due = self.rules.iter().filter_map(|state| state.kind.next_due()).min().unwrap_or(i64::MAX);
        for (number, done) in completed {
            self.sequence_alert(config, number, done);
        }
    }

    /// The end of the input: every event has its turn, every absence is proved.
    pub(super) fn finish(&mut self, config: &Config) {
        while let Some(waiting) = self.reorder.pop_earliest() {
            self.turn(config, waiting);
        }
        let mut completed = Vec::new();
        for (number, state) in self.rules.iter_mut().enumerate() {
            if let StateKind::Sequence(sequence) = &mut state.kind {
                let mut out = Vec::new();
                sequence.finish(&mut out);
                completed.extend(out.into_iter().map(|done| (number, done)));
            }
        }
        for (number, done) in completed {
            self.sequence_alert(config, number, done);
        }
    }

    /// An event's turn in its sequences.
    fn turn(&mut self, config: &Config, waiting: Waiting) {
        let plan = Arc::clone(&self.plan);
        self.released = self.released.max(Some(waiting.timestamp));
        let number = waiting.rule;
        if let (Some(rule), Some(state)) = (plan.rules.get(number), self.rules.get_mut(number))
            && let (StateKind::Sequence(sequence), PlanKind::Sequence(shape)) = (&mut state.kind, &rule.kind)
        {
            let mut ground = Ground { plan: shape, limits: &config.limits, store: &mut self.store };
            let turn = Turn { event: waiting.event, timestamp: waiting.timestamp, hits: &waiting.hits };
            let mut completed = Vec::new();
            sequence.push(&mut ground, &turn, &mut completed);
            self.next_due = self.next_due.min(sequence.next_due().unwrap_or(i64::MAX));
            for done in completed {
                self.sequence_alert(config, number, done);
            }
        }
        waiting.hits.iter().flat_map(|(_, keys)| keys).for_each(|key| self.store.drop_key(key));
        self.store.release(waiting.event);
    }

    fn sequence_alert(&mut self, config: &Config, number: usize, done: Completed) {
        let plan = Arc::clone(&self.plan);
        if let Some(rule) = plan.rules.get(number) {
            self.alert(config, number, rule, &done.key, done.events);
        }
    }

    /// Whether an alert of these events is to be raised, and what it says of those that were not. `None` where it is not.
    fn judge(
        &mut self,
        config: &Config,
        rule: &PlanRule,
        number: usize,
        events: &[EventId],
    ) -> Option<Option<Suppression>> {
        let Some(state) = self.rules.get_mut(number) else { return Some(None) };
        let kept = || events.iter().filter_map(|&id| self.store.get(id));
        let latest = kept().filter_map(Kept::timestamp).max();
        let now = latest.or(self.latest).unwrap_or_default();
        let mut told = None;
        if let (Some(plan), Some(suppressor), false) =
            (&rule.suppression, &mut state.suppressor, config.ignore_suppression)
        {
            let (verdict, forgotten) = suppressor.judge(plan, kept().map(|event| &*event.source), now, &config.limits);
            state.stats.suppression_forgotten = state.stats.suppression_forgotten.saturating_add(forgotten);
            match verdict {
                Verdict::Raise(suppression) => told = suppression,
                Verdict::Suppress => {
                    state.stats.suppressed = state.stats.suppressed.saturating_add(1);
                    return None;
                }
            }
        }
        if config.max_signals && !state.budget.take(now, rule.rule.interval, rule.rule.max_signals) {
            state.stats.over_max_signals = state.stats.over_max_signals.saturating_add(1);
            return None;
        }
        Some(told)
    }

    /// Makes an alert of events that are held for it, and lets go of them.
    fn alert(&mut self, config: &Config, number: usize, rule: &PlanRule, key: &[u8], events: Vec<EventId>) {
        for &id in &events {
            self.store.rewrite(id, |kept| self.documents.of(kept));
        }
        let Some(suppression) = self.judge(config, rule, number, &events) else {
            return self.store.release_all(events);
        };
        self.stats.alerts = self.stats.alerts.saturating_add(1);
        if let Some(state) = self.rules.get_mut(number) {
            state.stats.alerts = state.stats.alerts.saturating_add(1);
        }
        let sources = events.iter().filter_map(|&id| self.store.get(id)).map(|kept| kept.source.len());
        let bytes = sources.fold(self.alert_bytes.saturating_add(key.len()), usize::saturating_add);
        let room = self.alerts.is_empty() || bytes <= config.limits.state_bytes;
        if self.alerts.len() >= config.limits.alerts || !room {
            self.stats.alerts_dropped = self.stats.alerts_dropped.saturating_add(1);
            if let Some(state) = self.rules.get_mut(number) {
                state.stats.alerts_dropped = state.stats.alerts_dropped.saturating_add(1);
            }
        } else {
            let mut found = events.iter().map(|&id| match self.store.get(id) {
                Some(kept) => AlertEvent::Found { timestamp: kept.timestamp(), source: kept.source.clone() },
                None => AlertEvent::Missing,
            });
            let (kind, slots) = match &rule.kind {
                PlanKind::Event => (AlertKind::Event, found.collect()),
                PlanKind::Sample { .. } => (AlertKind::Sample, found.collect()),
                PlanKind::Sequence(shape) => {
                    let positive = |term| shape.positives.binary_search(&term).is_ok();
                    let slot = |term| if positive(term) { found.next() } else { None };
                    let slots = (0..shape.terms).map(slot).map(|slot| slot.unwrap_or(AlertEvent::Missing));
                    (AlertKind::Sequence, slots.collect())
                }
            };
            let join_keys = rule.key_names.iter().cloned().zip(key_values(key)).collect();
            let header = Arc::clone(&rule.header);
            self.alert_bytes = bytes;
            self.alerts.push_back(Alert {
                rule: header,
                rule_index: number,
                kind,
                join_keys,
                events: slots,
                suppression,
            });
        }
        self.store.release_all(events);
    }

    /// Makes what is held fit its limit: where more events wait for their turn than any rule has keys the earliest goes on, otherwise a
    /// key of that rule goes.
    fn fit(&mut self, config: &Config) {
        while self.store.bytes() > config.limits.state_bytes {
            let plan = Arc::clone(&self.plan);
            let largest = plan.rules.iter().zip(&mut self.rules).max_by_key(|(_, state)| state.kind.keys());
            let Some((rule, state)) = largest else { return };
            if self.reorder.len() < state.kind.keys() && state.kind.evict(rule, &mut self.store) {
                continue;
            }
            let Some(waiting) = self.reorder.pop_earliest() else { return };
            self.turn(config, waiting);
        }
    }

    pub(super) fn drain_alerts(&mut self) -> Vec<Alert> {
        self.alert_bytes = 0;
        self.alerts.drain(..).collect()
    }

    /// The counters, with what is held now.
    pub(super) fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        stats.eval_errors = self.memo.errors;
        stats.held_events = self.store.len() as u64;
        stats.held_bytes = self.store.bytes() as u64;
        stats.waiting = self.reorder.len() as u64;
        stats.rules = self.rules.iter().map(RuleState::stats).collect();
        stats.keys = stats.rules.iter().map(|rule| rule.keys).fold(0, u64::saturating_add);
        stats.suppressed = stats.rules.iter().map(|rule| rule.suppressed).fold(0, u64::saturating_add);
        stats.evicted = stats.rules.iter().map(|rule| rule.evicted).fold(0, u64::saturating_add);
        stats
    }
}

impl RuleState {
    fn stats(&self) -> RuleStats {
        let mut stats = self.stats.clone();
        stats.completed =
            [stats.suppressed, stats.over_max_signals].iter().fold(stats.alerts, |sum, n| sum.saturating_add(*n));
        stats.keys = self.kind.keys() as u64;
        stats.suppression_groups = self.suppressor.as_ref().map_or(0, |suppressor| suppressor.groups() as u64);
        match &self.kind {
            StateKind::Event => {}
            StateKind::Sample(sample) => {
                stats.partials = sample.partials() as u64;
                let counters = sample.counters();
                stats.evicted = counters.evicted;
                stats.expired = counters.expired;
                stats.replaced = counters.superseded;
            }
            StateKind::Sequence(sequence) => {
                stats.partials = sequence.partials() as u64;
                let counters = sequence.counters();
                stats.evicted = counters.evicted;
                stats.expired = counters.over_maxspan;
                stats.replaced = counters.overwritten;
                stats.until = counters.until;
                stats.refuted = counters.refuted;
            }
        }
        stats
    }
}

impl StateKind {
    fn keys(&self) -> usize {
        match self {
            StateKind::Event => 0,
            StateKind::Sample(sample) => sample.keys(),
            StateKind::Sequence(sequence) => sequence.keys(),
        }
    }

    fn next_due(&self) -> Option<i64> {
        match self {
            StateKind::Event => None,
            StateKind::Sample(sample) => sample.next_due(),
            StateKind::Sequence(sequence) => sequence.next_due(),
        }
    }

    fn evict(&mut self, rule: &PlanRule, store: &mut EventStore) -> bool {
        match (self, &rule.kind) {
            (StateKind::Sample(sample), _) => sample.evict(store),
            (StateKind::Sequence(sequence), PlanKind::Sequence(shape)) => sequence.evict(shape, store),
            _ => false,
        }
    }
}

impl Machine {
    /// Appends the state of all rules.
    pub(super) fn save(&self, out: &mut Vec<u8>) {
        self.rules.iter().for_each(|state| state.save(out));
        self.memo.errors.save(out);
        self.store.save(out);
        self.reorder.save(out);
        self.latest.save(out);
        self.promised.save(out);
        self.released.save(out);
        self.next_due.save(out);
        self.alerts.save(out);
        self.alert_bytes.save(out);
        self.stats.save(out);
    }

    /// Goes on where the saved one was; this one is new, and has the same rules.
    pub(super) fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        for state in &mut self.rules {
            state.load(input)?;
        }
        self.memo.errors = State::load(input)?;
        self.store = State::load(input)?;
        self.reorder = State::load(input)?;
        self.latest = State::load(input)?;
        self.promised = State::load(input)?;
        self.released = State::load(input)?;
        self.next_due = State::load(input)?;
        self.alerts = State::load(input)?;
        self.alert_bytes = State::load(input)?;
        self.stats = State::load(input)?;
        for alert in &mut self.alerts {
            alert.rule = Arc::clone(&self.plan.rules.get(alert.rule_index)?.header);
        }
        Some(())
    }
}

impl RuleState {
    fn save(&self, out: &mut Vec<u8>) {
        let RuleState { kind, clock, suppressor, budget, stats } = self;
        match kind {
            StateKind::Event => {}
            StateKind::Sample(sample) => sample.save(out),
            StateKind::Sequence(sequence) => sequence.save(out),
        }
        clock.save(out);
        suppressor.save(out);
        budget.save(out);
        stats.save(out);
    }

    fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        match &mut self.kind {
            StateKind::Event => {}
            StateKind::Sample(sample) => sample.load(input)?,
            StateKind::Sequence(sequence) => sequence.load(input)?,
        }
        self.clock = State::load(input)?;
        self.suppressor = State::load(input)?;
        self.budget = State::load(input)?;
        self.stats = State::load(input)?;
        Some(())
    }
}

/// The time by which nothing earlier is expected any more, given the latest that was seen.
fn earlier(latest: Timestamp, lateness: u64) -> Timestamp {
    Timestamp { millis: latest.millis.saturating_sub_unsigned(lateness), ..latest }
}
