//! Alerts that are not raised: those that are one with an earlier alert (`alert_suppression`), and those beyond a rule's `max_signals`.
//!
//! ```text
//! group_by host.id, duration 5 min
//! 10:00 web-1   alert
//! 10:02 web-1   suppressed: one with that of 10:00
//! 10:03 web-2   alert
//! 10:06 web-1   alert, which says that one was suppressed since 10:00
//! ```
//! Kibana raises its alert late, at the end of a run, and goes back to it to raise `docs_count`. A stream raises the first alert at once and cannot
//! go back: what was suppressed is told by the next alert of the group, and by the rule's counters.

use crate::{
    alert::Suppression,
    event::{Slots, json, key_of, key_values},
    ordered::OrderedMap,
    plan::SuppressionPlan,
    sort::sort,
    state::state,
    time::Timestamp,
};
use alloc::{boxed::Box, string::ToString, sync::Arc, vec::Vec};
use hashbrown::{HashMap, hash_map::Entry};

/// The groups of one rule's alerts.
#[derive(Clone, Debug)]
pub(super) struct Suppressor {
    groups: HashMap<Arc<[u8]>, Group, super::KeyHash>,
    /// The groups by their first alert: the oldest goes first.
    by_start: OrderedMap<(i64, Arc<[u8]>), ()>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    start: i64,
    count: u64,
}

/// What is to be done with an alert.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is an alert.
    Raise(Option<Suppression>),
    /// It is one with an earlier one.
    Suppress,
}

impl Suppressor {
    pub(super) fn new(hash: super::KeyHash) -> Self {
        Suppressor { groups: HashMap::with_hasher(hash), by_start: OrderedMap::default() }
    }

    /// Judges an alert made of these documents at this time. Also says how many groups were forgotten for want of room.
    pub(super) fn judge<'d>(
        &mut self,
        plan: &SuppressionPlan,
        documents: impl Iterator<Item = &'d str>,
        now: Timestamp,
        limits: &crate::Limits,
    ) -> (Verdict, u64) {
        let terms = terms(plan, documents, limits.json_depth);
        if plan.needs_all && terms.iter().any(Vec::is_empty) {
            return (Verdict::Raise(None), 0);
        }
        let told = |count| {
            let values = terms.iter().map(|values| values.iter().flat_map(|value| key_values(value)).collect());
            let names = plan.group_by.iter().map(|&field| plan.table.path(field).to_string());
            Suppression { terms: names.zip(values).collect(), start: now, suppressed_before: count }
        };
        let id: Arc<[u8]> = instance(&terms).into();
        match self.groups.entry(Arc::clone(&id)) {
            Entry::Occupied(mut entry) => {
                let group = *entry.get();
                if now.millis <= group.start.saturating_add_unsigned(plan.duration) {
                    entry.get_mut().count = group.count.saturating_add(1);
                    return (Verdict::Suppress, 0);
                }
                *entry.get_mut() = Group { start: now.millis, count: 0 };
                self.by_start.remove(&(group.start, Arc::clone(&id)));
                self.by_start.insert((now.millis, id), ());
                (Verdict::Raise(Some(told(group.count))), 0)
            }
            Entry::Vacant(entry) => {
                entry.insert(Group { start: now.millis, count: 0 });
                self.by_start.insert((now.millis, id), ());
                let mut forgotten = 0_u64;
                while self.groups.len() > limits.suppression_groups.max(1)
                    && let Some((oldest, ())) = self.by_start.first_key_value()
                {
                    self.groups.remove(&oldest.1);
                    self.by_start.pop_first();
                    forgotten = forgotten.saturating_add(1);
                }
                (Verdict::Raise(Some(told(0))), forgotten)
            }
        }
    }

    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }
}

/// For each field of the groups its values, encoded, ascending: those that all documents of the alert share. Kibana looks at the alert of
/// a sequence, which holds what its events have in common.
fn terms<'d>(plan: &SuppressionPlan, documents: impl Iterator<Item = &'d str>, depth: usize) -> Vec<Vec<Box<[u8]>>> {
    let mut slots = Slots::default();
    let mut shared: Option<Vec<Vec<Box<[u8]>>>> = None;
    for document in documents {
        if json::project(document, &plan.table, &mut slots, depth).is_err() {
            slots.clear(plan.table.len());
        }
        let view = slots.view(document);
        let of = |&field| {
            let mut values: Vec<Box<[u8]>> = view.values(field).map(|value| key_of(Some(value))).collect();
            sort(&mut values);
            values.dedup();
            values
        };
        let own: Vec<Vec<Box<[u8]>>> = plan.group_by.iter().map(of).collect();
        shared = Some(match shared {
            None => own,
            Some(mut shared) => {
                shared.iter_mut().zip(&own).for_each(|(all, own)| all.retain(|value| own.contains(value)));
                shared
            }
        });
    }
    shared.unwrap_or_else(|| alloc::vec![Vec::new(); plan.group_by.len()])
}

/// One name for the group: each field's values behind their number.
fn instance(terms: &[Vec<Box<[u8]>>]) -> Vec<u8> {
    let mut id = Vec::new();
    for values in terms {
        id.extend_from_slice(&(values.len() as u64).to_be_bytes());
        values.iter().for_each(|value| id.extend_from_slice(value));
    }
    id
}

/// How many alerts a rule has raised in the interval of event time at hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Budget {
    interval: Option<i64>,
    raised: u32,
}

impl Budget {
    /// Whether one more may be raised. An alert of an interval that is over counts in the present one.
    pub(super) fn take(&mut self, now: Timestamp, interval: u64, most: u32) -> bool {
        let width = i64::try_from(interval).unwrap_or(i64::MAX).max(1);
        let number = now.millis.checked_div_euclid(width);
        if number > self.interval {
            *self = Budget { interval: number, raised: 0 };
        }
        let room = self.raised < most;
        if room {
            self.raised = self.raised.saturating_add(1);
        }
        room
    }
}

state!(Suppressor { groups, by_start });
state!(Group { start, count });
state!(Budget { interval, raised });
