//! Puts events in order for the sequences: each waits until the watermark says that nothing earlier comes any more.
//!
//! ```text
//! allowed lateness 2 s
//! arrives   10:00:01  10:00:03  10:00:02  10:00:05
//! released  10:00:01 when 03 is there, 10:00:02 and 10:00:03 when 05 is
//! ```
//! Without allowed lateness an event is released as soon as it comes, and one that comes behind its time is late. Events of the same time keep
//! the order of their arrival, unless a tiebreaker orders them (a null one last).

use super::store::EventId;
use crate::{state::state, time::Timestamp};
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};

/// The terms of one rule that an event matched, ascending, with its join keys for each.
pub(crate) type Hits = Vec<(usize, Vec<Box<[u8]>>)>;

/// An event with what it matched of one rule.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) event: EventId,
    pub(crate) timestamp: Timestamp,
    pub(crate) rule: usize,
    pub(crate) hits: Hits,
}

/// When an event's turn is: its time, its tiebreaker (none sorts last), its arrival [Elasticsearch: Ordinal]; and the rule whose turn it is.
pub(crate) type Ordinal = (Timestamp, (bool, Box<[u8]>), u64, usize);

/// Events that wait for their turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reorder {
    waiting: BTreeMap<Ordinal, Waiting>,
}

impl Reorder {
    /// Adds an event.
    pub(crate) fn push(&mut self, ordinal: Ordinal, event: Waiting) {
        self.waiting.insert(ordinal, event);
    }

    /// The earliest event, if the watermark has reached it; with a tiebreaker, if it has passed it.
    pub(crate) fn pop(&mut self, watermark: Timestamp, tiebreaker: bool) -> Option<Waiting> {
        let entry = self.waiting.first_entry()?;
        let timestamp = entry.key().0;
        let due = if tiebreaker { timestamp < watermark } else { timestamp <= watermark };
        due.then(|| entry.remove())
    }

    /// The earliest event, due or not.
    pub(crate) fn pop_earliest(&mut self) -> Option<Waiting> {
        self.waiting.pop_first().map(|(_, event)| event)
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

state!(Waiting { event, timestamp, rule, hits });
state!(Reorder { waiting });
