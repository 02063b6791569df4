//! Reading ahead in another thread: which events of a piece of the input match no stage of any rule.
//!
//! ```text
//! piece  -> sift, by a correlator of the same rules  ->  lines 1, 2, 4: nothing, from 10:00:01, 10:00:02, 10:00:04
//! piece and that  -> feed_sifted  ->  what feed(piece) does; only line 3 is read
//! ```
//! An event that matches nothing leaves no trace but its time. Reading events and asking the rules is most of the work, and hangs on nothing that
//! came before; what hangs on it (state, order, alerts) is done by the one correlator that is fed. Lines that may be something other than they look
//! (in the middle of a document, after the action of a bulk body) are read again there, and so are audit records: an event has several.

use super::{Correlator, KeyHash, Room, typed};
use crate::{
    event::{BulkLines, EventView, Format, line_end},
    plan::Plan,
    state::{Reader, State, state},
    time::Timestamp,
};
use alloc::vec::Vec;

/// What an event is to those that it does not match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passing {
    /// When it happened.
    pub(super) timestamp: Option<Timestamp>,
    /// Whether it says that, and cannot be read.
    pub(super) unreadable: bool,
}

state!(Passing { timestamp, unreadable });

impl Passing {
    pub(super) fn new(plan: &Plan, view: EventView<'_>) -> Self {
        let timestamp = plan.timestamp(view);
        Passing { timestamp, unreadable: timestamp.is_none() && plan.has_timestamp(view) }
    }
}

/// A line of a piece whose event matches nothing.
#[derive(Clone, Copy, Debug)]
struct Passed {
    /// Bytes between the line before, or the piece's begin, and this one; and how many it has, its end included.
    gap: usize,
    length: usize,
    event: Passing,
}

state!(Passed { gap, length, event });

impl Correlator {
    /// Finds the events of `piece` that match no stage, for another correlator of the same rules and settings to be [fed](Self::feed_sifted) with.
    /// The piece may be cut anywhere. Nothing of it is fed to this one.
    pub fn sift(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut passed = Vec::new();
        let Correlator { splitter, room } = self;
        let (mut at, mut behind) = (0_usize, 0_usize);
        while splitter.format() != Format::Auditd
            && let Some(rest) = piece.get(at..)
            && let Some(end) = line_end(rest)
        {
            let next = at.saturating_add(end).saturating_add(1);
            let line = rest.get(..end).unwrap_or(&[]);
            if line.first() == Some(&b'{')
                && splitter.fits(line.len())
                && let Some(event) = room.foresee(line.trim_ascii_end())
            {
                passed.push(Passed { gap: at.saturating_sub(behind), length: next.saturating_sub(at), event });
                behind = next;
            }
            at = next;
        }
        let mut out = Vec::new();
        passed.save(&mut out);
        out
    }

    /// Does what [`feed`](Self::feed) does, with less work: `sifted` is what [`sift`](Self::sift) said of the same piece. Where it is of another piece
    /// the result is another; where it is nothing of the kind, the piece is read as if nobody had sifted it.
    pub fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]) {
        let mut rest = piece;
        for passed in Vec::<Passed>::load(&mut Reader::new(sifted, KeyHash::with_seed(0))).unwrap_or_default() {
            let Some((gap, line)) = rest.split_at_checked(passed.gap) else { break };
            let Some((line, behind)) = line.split_at_checked(passed.length) else { break };
            self.feed(gap);
            let Correlator { splitter, room } = self;
            if room.bulk.is_idle() && splitter.step_over(line.len()) {
                room.machine.passed(&passed.event, &room.config);
            } else {
                self.feed(line);
            }
            rest = behind;
        }
        self.feed(rest);
    }
}

impl Room {
    /// What is left of the event of a line, if it matches no stage.
    fn foresee(&mut self, line: &[u8]) -> Option<Passing> {
        let text = simdutf8::compat::from_utf8(line).ok()?;
        if BulkLines::default().skips(text) {
            return None;
        }
        let Room { plan, reader, slots, coerced, machine, .. } = self;
        reader.read(text).ok()?;
        if plan.scouts.is_some() {
            reader.fill_scouts(text, slots);
            if let Some(event) = machine.foresee_by_scouts(plan, slots.view(text)) {
                return Some(event);
            }
        }
        reader.fill(text, slots);
        machine.foresee(plan, typed(plan, slots.view(text), coerced))
    }
}
