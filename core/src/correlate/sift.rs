//! Reading ahead in another thread: which events of a piece of the input match no stage of any rule.
//!
//! ```text
//! piece  -> sift, by a correlator of the same rules  ->  lines 1, 2, 4: nothing, from 10:00:01, 10:00:02, 10:00:04
//! piece and that  -> feed_sifted  ->  what feed(piece) does; only line 3 is read
//!
//! SYSCALL :17 | PATH :17 | PROCTITLE :17 | SYSCALL :18 | SYSCALL :19 | PATH :18  ->  lines 1 to 3: nothing, from 10:00:05
//! ```
//! An event that matches nothing leaves no trace but its time. Reading events and asking the rules is most of the work, and hangs on nothing that
//! came before; what hangs on it (state, order, alerts) is done by the one correlator that is fed. Lines that may be something other than they look
//! (in the middle of a document, after the action of a bulk body) are read again there.
//!
//! Of audit records those are sifted that stand side by side and are one event from its first record to its last, which nearly all do. The one that is
//! fed reads them all the same where it holds a record of that event from before, or may not have the room. Where it steps over them it does what the
//! first of them does to other events: counts a gap in the serials, closes those that are too old or too many.

use super::{Correlator, KeyHash, Room, typed};
use crate::{
    auditd::{Auditd, Record},
    event::{BulkLines, EventView, Item, line_end},
    plan::Plan,
    state::{Reader, State, state},
    time::{LastMinute, Timestamp},
};
use alloc::vec::Vec;
use core::ops::Range;
use memchr::memchr_iter;

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
    pub(super) fn new(plan: &Plan, view: EventView<'_>, minute: &mut LastMinute) -> Self {
        let timestamp = plan.timestamp(view, minute);
        Passing { timestamp, unreadable: timestamp.is_none() && plan.has_timestamp(view) }
    }
}

/// Lines of a piece that are one event, which matches nothing: a document, or records.
#[derive(Clone, Copy, Debug)]
struct Passed {
    /// Bytes between the lines before, or the piece's begin, and these; and how many they have, their ends included.
    gap: usize,
    length: usize,
    event: Passing,
}

state!(Passed { gap, length, event });

/// What was found so far of a piece.
#[derive(Debug, Default)]
struct Found {
    passed: Vec<Passed>,
    /// Where the last of them ends.
    end: usize,
}

impl Found {
    fn add(&mut self, lines: Range<usize>, event: Option<Passing>) {
        if let Some(event) = event {
            let gap = lines.start.saturating_sub(self.end);
            self.passed.push(Passed { gap, length: lines.len(), event });
            self.end = lines.end;
        }
    }
}

/// Records of one event that stand side by side.
#[derive(Debug)]
struct Run<'p> {
    first: Record<'p>,
    /// Where in the piece.
    begin: usize,
    /// Their event, once it is complete.
    event: Option<Passing>,
    /// They may be more than one event, or less, or match something.
    spoilt: bool,
}

impl<'p> Run<'p> {
    fn new(first: Record<'p>, begin: usize) -> Self {
        // What only tells more of a call has its call further up, or in the piece before.
        Run { first, begin, event: None, spoilt: first.kind.is_auxiliary() }
    }
}

impl Correlator {
    /// Finds the events of `piece` that match no stage, for another correlator of the same rules and settings to be [fed](Self::feed_sifted) with.
    /// The piece may be cut anywhere. Nothing of it is fed to this one.
    pub fn sift(&mut self, piece: &[u8]) -> Vec<u8> {
        let Correlator { splitter, room } = self;
        let mut found = Found::default();
        let mut run: Option<Run<'_>> = None;
        let mut at = 0_usize;
        while let Some(rest) = piece.get(at..)
            && let Some(end) = line_end(rest)
        {
            let next = at.saturating_add(end).saturating_add(1);
            let item = splitter.whole(rest.get(..end).unwrap_or(&[]));
            let record = match item {
                Some(Item::Audit(line)) => record_of(line),
                _ => None,
            };
            if let Some(ended) = run.take_if(|run| record.is_none_or(|record| !record.is_beside(&run.first))) {
                found.add(ended.begin..at, room.end(ended));
            }
            if let Some(record) = record {
                room.gather(record, run.get_or_insert_with(|| Run::new(record, at)));
            }
            if let Some(Item::Json(document @ [b'{', ..])) = item {
                found.add(at..next, room.foresee(document));
            }
            at = next;
        }
        if let Some(ended) = run {
            found.add(ended.begin..at, room.end(ended));
        }
        let mut out = Vec::new();
        found.passed.save(&mut out);
        out
    }

    /// Does what [`feed`](Self::feed) does, with less work: `sifted` is what [`sift`](Self::sift) said of the same piece. Where it is of another piece
    /// the result is another; where it is nothing of the kind, the piece is read as if nobody had sifted it.
    pub fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]) {
        let mut rest = piece;
        for passed in Vec::<Passed>::load(&mut Reader::new(sifted, KeyHash::with_seed(0))).unwrap_or_default() {
            let Some((gap, lines)) = rest.split_at_checked(passed.gap) else { break };
            let Some((lines, behind)) = lines.split_at_checked(passed.length) else { break };
            self.feed(gap);
            if self.step_over(lines) {
                self.room.machine.passed(&passed.event, &self.room.config);
            } else {
                self.feed(lines);
            }
            rest = behind;
        }
        self.feed(rest);
    }

    /// Steps over the lines of an event; false, and nothing is done, where they may be something else here.
    fn step_over(&mut self, lines: &[u8]) -> bool {
        let Correlator { splitter, room } = self;
        if !splitter.begins_line() || !room.bulk.is_idle() {
            return false;
        }
        if lines.first() == Some(&b'{') {
            splitter.step_over(1, lines.len(), lines.len());
            return true;
        }
        let first = line_end(lines).and_then(|end| record_of(lines.get(..end)?));
        let count = memchr_iter(b'\n', lines).count();
        let is_alone =
            first.is_some_and(|first| room.audit(|auditd, each| auditd.step_over(&first, (count, lines.len()), each)));
        if is_alone {
            let last = lines.iter().rev().skip(1).take_while(|byte| **byte != b'\n').count().saturating_add(1);
            splitter.step_over(count, lines.len(), last);
        }
        is_alone
    }
}

/// The record that a line is.
fn record_of(line: &[u8]) -> Option<Record<'_>> {
    Record::parse(simdutf8::compat::from_utf8(line.trim_ascii_end()).ok()?).ok()
}

impl Room {
    /// What is left of the event of a document, if it matches no stage.
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

    /// Puts a record to those beside it, and looks what is left of their event if it is complete.
    fn gather(&mut self, record: Record<'_>, run: &mut Run<'_>) {
        if run.spoilt {
            return;
        }
        let Room { plan, config, machine, sieve, audit_slots, audit_scouts, slots, coerced, .. } = self;
        let sieve = sieve.get_or_insert_with(|| Auditd::new(config.audit_options()).into());
        let taken = sieve.gather(&record, &mut |mut event| {
            let by_scouts = audit_scouts.as_ref().and_then(|scouts| {
                event.fill(scouts, slots);
                machine.foresee_by_scouts(plan, slots.view(event.text()))
            });
            let foreseen = by_scouts.or_else(|| {
                event.fill(audit_slots, slots);
                machine.foresee(plan, typed(plan, slots.view(event.text()), coerced))
            });
            run.spoilt |= run.event.is_some() || foreseen.is_none();
            run.event = foreseen;
        });
        run.spoilt |= taken.is_err();
    }

    /// What is left of the event of these records, if they are all of it and it matches no stage.
    fn end(&mut self, mut run: Run<'_>) -> Option<Passing> {
        if let Some(sieve) = &mut self.sieve {
            sieve.gather_rest(&mut |_| run.spoilt = true);
        }
        run.event.filter(|_| !run.spoilt)
    }
}
