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
use crate::{
    ordered::{Key, OrderedMap, rising},
    state::state,
    time::Timestamp,
};
use alloc::{borrow::Cow, boxed::Box, vec::Vec};

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

impl Key for Ordinal {
    fn bytes(&self) -> Cow<'_, [u8]> {
        let (timestamp, (none, tiebreaker), arrival, rule) = self;
        let mut bytes = rising(timestamp.millis).to_vec();
        bytes.extend_from_slice(&timestamp.sub_nanos.to_be_bytes());
        bytes.push(u8::from(*none));
        // Its end is below all that it could go on with.
        tiebreaker
            .iter()
            .for_each(|byte| bytes.extend_from_slice(if *byte == 0 { &[0, 1] } else { core::slice::from_ref(byte) }));
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&arrival.to_be_bytes());
        bytes.extend_from_slice(&rule.to_be_bytes());
        Cow::Owned(bytes)
    }
}

/// Events that wait for their turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reorder {
    waiting: OrderedMap<Ordinal, Waiting>,
}

impl Reorder {
    /// Adds an event.
    pub(crate) fn push(&mut self, ordinal: Ordinal, event: Waiting) {
        self.waiting.insert(ordinal, event);
    }

    /// The earliest event, if the watermark has reached it; with a tiebreaker, if it has passed it.
    pub(crate) fn pop(&mut self, watermark: Timestamp, tiebreaker: bool) -> Option<Waiting> {
        let (&(timestamp, ..), _) = self.waiting.first_key_value()?;
        let due = if tiebreaker { timestamp < watermark } else { timestamp <= watermark };
        if due { self.waiting.pop_first() } else { None }
    }

    /// The earliest event, due or not.
    pub(crate) fn pop_earliest(&mut self) -> Option<Waiting> {
        self.waiting.pop_first()
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

state!(Waiting { event, timestamp, rule, hits });
state!(Reorder { waiting });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_as_bytes_keep_their_order() {
        let mut ordinals: Vec<Ordinal> = Vec::new();
        for (millis, sub_nanos) in [(-1, 5), (0, 0), (0, 1), (256, 0)] {
            let tiebreakers: [&[u8]; 7] = [b"", b"\0", b"\0\0", b"\0\x01", b"\x01", b"a", b"a\0"];
            for (none, tiebreaker) in tiebreakers.map(|bytes| (false, bytes)).into_iter().chain([(true, &b""[..])]) {
                for (arrival, rule) in [(1, 0), (1, 300), (255, 0), (256, 0)] {
                    ordinals.push((Timestamp { millis, sub_nanos }, (none, tiebreaker.into()), arrival, rule));
                }
            }
        }
        assert!(ordinals.is_sorted());
        assert!(ordinals.is_sorted_by(|one, other| one.bytes() < other.bytes()));
    }
}
