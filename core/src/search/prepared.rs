//! A search made ready: the documents that match some stage of the query, with their times and join keys.
//!
//! Reading documents and asking the leaves is what costs. That is done once; any range of the documents found can then be searched
//! again and again, as a rule on a schedule does it.

use super::{Index, sample};
use crate::{
    correlate::{EventStore, Ground, KeyHash, SequenceState, Turn},
    event::{EventView, FieldId, Reader, Slots, keys},
    functions::EvalError,
    limits::Limits,
    plan::{Candidates, Memo, Plan, PlanKind, PlanRule, SequencePlan, date},
    schema::Coercions,
    sort::sort_by,
    time::Timestamp,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};

/// The documents that match some stage of one rule of a plan.
pub(crate) struct Prepared {
    pub(crate) plan: Arc<Plan>,
    rule: usize,
    /// In the order of their times; for a sample in that of the indices.
    pub(crate) found: Vec<Matched>,
}

/// A document that matched a stage of the query.
pub(crate) struct Matched {
    /// Which index, and which of its documents.
    pub(crate) index: usize,
    pub(crate) document: usize,
    pub(crate) timestamp: Option<Timestamp>,
    tiebreaker: (bool, Box<[u8]>),
    /// The times at which the fields stand that the caller asked for, in order.
    pub(crate) times: Vec<Option<Timestamp>>,
    /// Terms that it matches, ascending, with its join keys for each.
    pub(super) hits: Vec<(usize, Vec<Box<[u8]>>)>,
}

/// One result: the join key, and for each term the place of its event in [`Prepared::found`]; `None` for a missing term.
pub(crate) struct Found {
    pub(crate) key: Box<[u8]>,
    pub(crate) events: Vec<Option<usize>>,
}

impl Prepared {
    /// Reads all documents once, for every rule of the plan. `times` names, by the number of the rule, fields whose times are kept for each
    /// document that matches. Beside the searches, the first thing that could not be computed.
    pub(crate) fn new(plan: &Arc<Plan>, indices: &[Index], times: &[Vec<FieldId>]) -> (Vec<Self>, Option<EvalError>) {
        let (found, error) = find(plan, indices, times);
        let prepare = |(rule, found)| Prepared { plan: Arc::clone(plan), rule, found };
        (found.into_iter().enumerate().map(prepare).collect(), error)
    }

    /// The rule that is searched by.
    pub(crate) fn rule(&self) -> Option<&PlanRule> {
        self.plan.rules.get(self.rule)
    }

    /// All results over some of the documents, given by their places in ascending order. Samples in the order of their keys, others in that of
    /// their last events; nothing is cut.
    pub(crate) fn results(&self, places: &[usize], samples_per_key: usize) -> Vec<Found> {
        let Some(rule) = self.rule() else { return Vec::new() };
        let matched: Vec<&Matched> = places.iter().filter_map(|&place| self.found.get(place)).collect();
        let place = |local: usize| places.get(local).copied();
        match &rule.kind {
            PlanKind::Event => {
                places.iter().map(|&place| Found { key: Box::default(), events: [Some(place)].into() }).collect()
            }
            PlanKind::Sample { stages } => sample::samples(*stages, samples_per_key, &matched)
                .into_iter()
                .map(|(key, events)| Found { key, events: events.into_iter().map(place).collect() })
                .collect(),
            PlanKind::Sequence(shape) => sequences(shape, &matched)
                .into_iter()
                .map(|(key, events)| Found { key, events: events.into_iter().map(|event| place(event?)).collect() })
                .collect(),
        }
    }
}

/// For each rule the documents that match some stage, in the order of their times.
fn find(plan: &Plan, indices: &[Index], times: &[Vec<FieldId>]) -> (Vec<Vec<Matched>>, Option<EvalError>) {
    let (mut slots, mut coerced) = (Slots::default(), Slots::default());
    let mut reader = Reader::new(Arc::clone(&plan.fields), Limits::default().json_depth);
    let (mut memo, mut candidates) = (Memo::default(), Candidates::default());
    let mut all: Vec<Vec<Matched>> = plan.rules.iter().map(|_| Vec::new()).collect();
    for (index, Index { schema, documents, .. }) in indices.iter().enumerate() {
        let coercions = (!schema.is_open()).then(|| Coercions::new(schema, &plan.fields));
        for (document, text) in documents.iter().enumerate() {
            // It was read once when it was added.
            let Ok(()) = reader.read(text) else { continue };
            reader.fill(text, &mut slots);
            let mut view: EventView<'_> = slots.view(text);
            if let Some(coercions) = &coercions {
                coercions.apply(view, &mut coerced);
                view = coerced.view("");
            }
            plan.matches(view, &mut memo, &mut candidates);
            let stages: Vec<_> = candidates.stages.iter().filter_map(|&id| plan.stage(id)).collect();
            // Stages are numbered rule by rule, so those of one rule stand together.
            for group in stages.chunk_by(|a, b| a.rule == b.rule) {
                let Some(number) = group.first().map(|stage| stage.rule) else { continue };
                let (Some(rule), Some(found)) = (plan.rules.get(number), all.get_mut(number)) else { continue };
                let hits: Vec<_> = group
                    .iter()
                    .map(|stage| (stage.term, keys(view, &stage.keys).0))
                    .filter(|(_, keys)| !keys.is_empty())
                    .collect();
                if !hits.is_empty() {
                    let (timestamp, tiebreaker) = (rule.timestamp(view), rule.tiebreaker(view));
                    let times = times.get(number).map_or(&[][..], Vec::as_slice);
                    let times = times.iter().map(|&field| view.first(field).and_then(date)).collect();
                    found.push(Matched { index, document, timestamp, tiebreaker, times, hits });
                }
            }
        }
    }
    for (rule, found) in plan.rules.iter().zip(&mut all) {
        // A sample knows no time: its documents stay in the order in which they were stored.
        if !matches!(rule.kind, PlanKind::Sample { .. }) {
            sort_by(found, |a, b| {
                let order = |found: &Matched| (found.timestamp.is_none(), found.timestamp);
                order(a).cmp(&order(b)).then_with(|| a.tiebreaker.cmp(&b.tiebreaker))
            });
        }
    }
    (all, memo.first_error)
}

/// A join key, and for each term the place of its event in `found`; `None` for a missing term.
type Sequence = (Box<[u8]>, Vec<Option<usize>>);

/// All sequences, in the order of their last events; those of one event by their keys.
fn sequences(shape: &SequencePlan, found: &[&Matched]) -> Vec<Sequence> {
    let limits = Limits { keys_per_rule: usize::MAX, ..Limits::default() };
    let mut store = EventStore::default();
    let mut state = SequenceState::new(shape, KeyHash::default());
    let mut completed = Vec::new();
    for event in found {
        // Each event is kept, and none let go: the number in the store is the place in `found`.
        let id = store.keep(event.timestamp, Box::default());
        if let Some(timestamp) = event.timestamp {
            let mut ground = Ground { plan: shape, limits: &limits, store: &mut store };
            state.push(&mut ground, &Turn { event: id, timestamp, hits: &event.hits }, &mut completed);
        }
    }
    state.finish(&mut completed);
    sort_by(&mut completed, |a, b| (a.events.last(), &*a.key).cmp(&(b.events.last(), &*b.key)));
    let sequence = |done: crate::correlate::Completed| {
        let mut events = done.events.into_iter();
        let slot = |term| shape.positives.binary_search(&term).ok().and_then(|_| events.next());
        let slots = (0..shape.terms).map(slot).map(|event| event.map(|event| event.index())).collect();
        ((*done.key).into(), slots)
    };
    completed.into_iter().map(sequence).collect()
}
