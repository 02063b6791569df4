//! Records into events. The records of one event carry the same time and serial; those of events on other CPUs stand in between:
//!
//! ```text
//! SYSCALL :17 | SYSCALL :18 | SOCKADDR :17 | PROCTITLE :18 -> event 18 | EOE :17 -> event 17
//! ```
//!
//! An event is complete with its PROCTITLE or EOE, at once where its record type stands alone, and in any case when another record of the
//! same node is [two seconds](super::AuditdOptions::timeout_ms) newer: audit-userspace (end_of_event_timeout) does the same. There is no
//! clock here, so an event that nothing follows waits for [`flush`](super::Auditd::flush) or [`advance`](super::Auditd::advance).

use alloc::{boxed::Box, collections::VecDeque, string::String, vec::Vec};

use super::{
    Compat,
    record::{Record, RecordError, RecordType},
    stats::AuditdStats,
};
use crate::{
    Timestamp,
    state::{Reader, State, state},
};

/// The records of one event, as they came.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) time: Timestamp,
    pub(super) serial: u32,
    /// Length of the node's name, which stands first in `text`.
    node: Option<usize>,
    /// The node's name, and then the `audit(...): body` of each record.
    text: String,
    records: Vec<Part>,
    complete: bool,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    kind: RecordType,
    start: usize,
    body: usize,
    end: usize,
}

/// One record of a complete event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRecord<'a> {
    /// The record type.
    pub kind: RecordType,
    /// The record from `audit(` on, as it stood in the log.
    pub message: &'a str,
    /// What follows its header.
    pub body: &'a str,
}

impl Pending {
    pub(super) fn node(&self) -> Option<&str> {
        self.node.and_then(|length| self.text.get(..length))
    }

    /// What the records say, one behind the other.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn records(&self) -> impl Iterator<Item = EventRecord<'_>> + Clone {
        self.records.iter().map(|part| self.record_of(part))
    }

    /// The types of the records, in their order, without a look at what they say.
    pub(super) fn kinds(&self) -> impl Iterator<Item = RecordType> + Clone {
        self.records.iter().map(|part| part.kind)
    }

    /// One of the records, by its place among them.
    pub(super) fn record(&self, place: usize) -> Option<EventRecord<'_>> {
        self.records.get(place).map(|part| self.record_of(part))
    }

    fn record_of(&self, part: &Part) -> EventRecord<'_> {
        EventRecord {
            kind: part.kind,
            message: self.text.get(part.start..part.end).unwrap_or_default(),
            body: self.text.get(part.body..part.end).unwrap_or_default(),
        }
    }

    /// As one text: `node=web1` where there is a node, then a line for each record.
    pub(super) fn kept(&self) -> Box<str> {
        let mut out = String::with_capacity(self.text.len().saturating_add(self.records.len().saturating_mul(8)));
        if let Some(node) = self.node() {
            out.extend([NODE, node, "\n"]);
        }
        self.records().for_each(|record| Record::keep(record.kind, record.message, &mut out));
        out.into()
    }

    /// The event of such a text.
    pub(super) fn of_kept(text: &str) -> Option<Pending> {
        let (mut event, mut rest, mut node) = (Pending::default(), text, None);
        if let Some(named) = text.strip_prefix(NODE) {
            let (name, records) = named.split_once('\n')?;
            (node, rest) = (Some(name), records);
        }
        for line in rest.strip_suffix('\n')?.split('\n') {
            let record = Record::of_kept(node, line)?;
            if event.records.is_empty() {
                event.begin(&record);
            }
            event.push(&record);
        }
        Some(event)
    }

    fn begin(&mut self, record: &Record<'_>) {
        (self.time, self.serial, self.complete) = (record.time, record.serial, false);
        self.text.clear();
        self.records.clear();
        self.node = record.node.map(|node| {
            self.text.push_str(node);
            node.len()
        });
    }

    fn push(&mut self, record: &Record<'_>) {
        let start = self.text.len();
        self.text.push_str(record.message);
        let end = self.text.len();
        self.records.push(Part { kind: record.kind, start, body: end.saturating_sub(record.body.len()), end });
    }
}

/// Whether two nodes are one, without a call: this is asked for every record, of a collector's every host.
#[inline(always)]
fn same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => crate::event::same(one.as_bytes(), other.as_bytes()),
        _ => one.is_none() && other.is_none(),
    }
}

/// What stands before the node's name.
const NODE: &str = "node=";

/// How much may be held, and how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) in_flight: usize,
    pub(super) timeout_ms: u32,
    pub(super) records: usize,
    pub(super) bytes: usize,
    pub(super) all_bytes: usize,
}

/// The serial that was last seen of a node.
#[derive(Debug)]
struct Last {
    node: Option<String>,
    serial: u32,
}

/// Events whose records are still coming in, in the order in which they began.
#[derive(Debug)]
pub(super) struct Reassembler {
    bounds: Bounds,
    compat: Compat,
    pending: VecDeque<Pending>,
    /// None of them is from before this, in milliseconds: mostly none is too old, which this says at once.
    earliest: i64,
    /// Bytes of all pending events.
    held: usize,
    /// Complete events, or emptied ones whose memory is used again.
    spare: Vec<Pending>,
    lasts: Vec<Last>,
}

impl Reassembler {
    /// Nodes of which serials are followed. A collector of more loses the count of gaps for the rest, nothing else.
    const NODES: usize = 1024;
    /// A serial this far from the last is another boot, or another log, and no gap.
    const RESTART: i32 = 1 << 20;

    pub(super) fn new(bounds: Bounds, compat: Compat) -> Self {
        Reassembler {
            bounds,
            compat,
            pending: VecDeque::new(),
            earliest: i64::MAX,
            held: 0,
            spare: Vec::new(),
            lasts: Vec::new(),
        }
    }

    /// Takes a record in; `done` gets each event that is complete by it.
    #[inline(never)]
    pub(super) fn push(
        &mut self,
        record: &Record<'_>,
        stats: &mut AuditdStats,
        done: &mut dyn FnMut(&Pending),
    ) -> Result<(), RecordError> {
        let reference = self.compat == Compat::GoLibaudit;
        if !reference {
            self.expire(record.time, Some(record.node), stats, done);
        }
        let place = match self.place_of(record) {
            Some(place) => place,
            // The end of an event that is complete already.
            None if record.kind == RecordType::EOE => return Ok(()),
            None => {
                self.make_room(record, stats, done);
                let mut event = self.spare.pop().unwrap_or_default();
                event.begin(record);
                self.earliest = self.earliest.min(record.time.millis);
                self.held = self.held.saturating_add(event.text.len());
                self.pending.push_back(event);
                self.pending.len().saturating_sub(1)
            }
        };
        let mut outcome = Ok(());
        if let Some(event) = self.pending.get_mut(place) {
            if record.kind == RecordType::EOE {
                event.complete = true;
            } else if event.records.len() >= self.bounds.records
                || event.text.len().saturating_add(record.message.len()) > self.bounds.bytes
            {
                stats.oversized = stats.oversized.saturating_add(1);
                outcome = Err(RecordError::EventTooLarge);
            } else {
                event.push(record);
                self.held = self.held.saturating_add(record.message.len());
            }
            event.complete |= record.kind.ends_event();
            if reference {
                self.emit_in_order(stats, done);
            } else if event.complete {
                self.close(place, stats, done);
            }
        }
        while self.held > self.bounds.all_bytes && self.pending.len() > 1 {
            stats.evicted = stats.evicted.saturating_add(1);
            self.close(0, stats, done);
        }
        outcome
    }

    /// Does what pushing all records of one event does that stand side by side, of which `first` is one and which have at most so many bytes: all but
    /// to give that event to `done`. False, and nothing is done, where it may come out another way.
    pub(super) fn step_over(
        &mut self,
        first: &Record<'_>,
        bytes: usize,
        stats: &mut AuditdStats,
        done: &mut dyn FnMut(&Pending),
    ) -> bool {
        // The reference waits for other events, and without any time to wait an event is too old for its own second record.
        let is_alone = self.compat == Compat::None && self.bounds.timeout_ms > 0 && self.place_of(first).is_none();
        if !is_alone || self.held.saturating_add(bytes) > self.bounds.all_bytes {
            return false;
        }
        self.expire(first.time, Some(first.node), stats, done);
        self.make_room(first, stats, done);
        stats.events = stats.events.saturating_add(1);
        true
    }

    /// Where the event of this record is pending.
    fn place_of(&self, record: &Record<'_>) -> Option<usize> {
        let reference = self.compat == Compat::GoLibaudit;
        let is_it = |event: &Pending| {
            event.serial == record.serial
                && (reference || (event.time == record.time && same(event.node(), record.node)))
        };
        // Mostly the one that began last. Written out: what is compiled small calls adapters of iterators.
        let mut place = self.pending.len();
        while let Some(event) = self.pending.get(place.wrapping_sub(1)) {
            place = place.wrapping_sub(1);
            if is_it(event) {
                return Some(place);
            }
        }
        None
    }

    /// A new event begins: counts the gap before it, and closes the oldest where too many are in flight.
    fn make_room(&mut self, first: &Record<'_>, stats: &mut AuditdStats, done: &mut dyn FnMut(&Pending)) {
        self.count_gap(first, stats);
        if self.compat != Compat::GoLibaudit && self.pending.len() >= self.bounds.in_flight {
            stats.evicted = stats.evicted.saturating_add(1);
            self.close(0, stats, done);
        }
    }

    /// Closes what is older than the timeout at this time: the events of one node (that of a record), or all.
    #[inline]
    pub(super) fn expire(
        &mut self,
        time: Timestamp,
        node: Option<Option<&str>>,
        stats: &mut AuditdStats,
        done: &mut dyn FnMut(&Pending),
    ) {
        let oldest = time.millis.saturating_sub(i64::from(self.bounds.timeout_ms));
        if self.earliest <= oldest {
            self.close_until(oldest, node, stats, done);
        }
    }

    #[inline(never)]
    fn close_until(
        &mut self,
        oldest: i64,
        node: Option<Option<&str>>,
        stats: &mut AuditdStats,
        done: &mut dyn FnMut(&Pending),
    ) {
        let expired = |event: &Pending| event.time.millis <= oldest && node.is_none_or(|node| same(event.node(), node));
        while let Some(place) = self.pending.iter().position(expired) {
            stats.timed_out = stats.timed_out.saturating_add(1);
            self.close(place, stats, done);
        }
        self.earliest = self.pending.iter().map(|event| event.time.millis).min().unwrap_or(i64::MAX);
    }

    /// Closes everything, in the order of arrival.
    pub(super) fn flush(&mut self, stats: &mut AuditdStats, done: &mut dyn FnMut(&Pending)) {
        if self.compat == Compat::GoLibaudit {
            while let Some(place) = self.lowest() {
                self.close(place, stats, done);
            }
        }
        while !self.pending.is_empty() {
            self.close(0, stats, done);
        }
    }

    #[inline(never)]
    fn close(&mut self, place: usize, stats: &mut AuditdStats, done: &mut dyn FnMut(&Pending)) {
        let Some(event) = self.pending.remove(place) else { return };
        self.held = self.held.saturating_sub(event.text.len());
        if !event.records.is_empty() {
            stats.events = stats.events.saturating_add(1);
            done(&event);
        }
        // One long event must not keep its memory for good.
        if self.spare.len() < 16 && event.text.capacity() <= 64 << 10 {
            self.spare.push(event);
        }
    }

    /// The reference gives events in the order of their serials: an incomplete one holds back those after it, until too many wait.
    fn emit_in_order(&mut self, stats: &mut AuditdStats, done: &mut dyn FnMut(&Pending)) {
        while let Some(place) = self.lowest() {
            let complete = self.pending.get(place).is_some_and(|event| event.complete);
            if !complete && self.pending.len() <= self.bounds.in_flight {
                return;
            }
            if !complete {
                stats.evicted = stats.evicted.saturating_add(1);
            }
            self.close(place, stats, done);
        }
    }

    /// The pending event with the lowest serial; where serials are far apart, the counter rolled over and the higher is the lower.
    fn lowest(&self) -> Option<usize> {
        let key = |serial: u32, other: u32| serial.abs_diff(other) > 0x00ff_ffff;
        let (place, _) = self.pending.iter().enumerate().min_by(|(_, one), (_, other)| {
            let order = one.serial.cmp(&other.serial);
            if key(one.serial, other.serial) { order.reverse() } else { order }
        })?;
        Some(place)
    }

    /// Counts serials that were left out before this new event, and takes back one that was only late.
    fn count_gap(&mut self, record: &Record<'_>, stats: &mut AuditdStats) {
        let Some(last) = self.lasts.iter_mut().find(|last| same(last.node.as_deref(), record.node)) else {
            if self.lasts.len() < Self::NODES {
                self.lasts.push(Last { node: record.node.map(String::from), serial: record.serial });
            }
            return;
        };
        // As signed numbers: a late event is a step back, not four thousand million forward; roll-over is a step of one.
        let step = record.serial.wrapping_sub(last.serial).cast_signed();
        if step.checked_abs().is_none_or(|step| step > Self::RESTART) {
            stats.restarts = stats.restarts.saturating_add(1);
            last.serial = record.serial;
        } else if step > 0 {
            stats.gap(last.serial, u32::try_from(step).unwrap_or_default().saturating_sub(1));
            last.serial = record.serial;
        } else if step < 0 {
            stats.late(record.serial);
        }
    }
}

state!(Pending { time, serial, node, text, records, complete });
state!(Part { kind, start, body, end });
state!(Last { node, serial });

impl Reassembler {
    /// Appends the events that are not complete.
    pub(super) fn save(&self, out: &mut Vec<u8>) {
        self.pending.save(out);
        self.held.save(out);
        self.lasts.save(out);
    }

    /// Goes on where the saved one was.
    pub(super) fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        self.pending = State::load(input)?;
        self.earliest = i64::MIN;
        self.held = State::load(input)?;
        self.lasts = State::load(input)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Auditd, AuditdOptions, Gathered};
    use super::*;
    use alloc::format;

    /// Gathers the lines; the events that come out, and whether all were taken.
    fn gather(auditd: &mut Auditd, lines: &[String]) -> (Vec<Box<str>>, bool) {
        let (mut events, mut taken) = (Vec::new(), true);
        for line in lines {
            let outcome = auditd.gather_line(line.as_bytes(), &mut |event: Gathered<'_>| events.push(event.kept()));
            taken &= outcome.is_ok();
        }
        (events, taken)
    }

    /// The event of the lines, if they are all of one and nothing else.
    fn alone(options: &AuditdOptions, lines: &[String]) -> Option<Box<str>> {
        let mut auditd = Auditd::new(options.clone());
        let (events, taken) = gather(&mut auditd, lines);
        let [event] = &events[..] else { return None };
        (taken && auditd.reassembler.pending.is_empty()).then(|| event.clone())
    }

    #[test]
    fn an_event_that_is_stepped_over_leaves_what_its_records_leave() {
        let mut state = 1_u64;
        let mut below = |count: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % count
        };
        let (mut stepped, mut refused) = (0, 0);
        for _ in 0..2_000 {
            let options = AuditdOptions {
                max_in_flight: below(4) as usize,
                timeout_ms: [0, 1, 2_000][below(3) as usize],
                max_event_records: 1 + below(5) as usize,
                max_event_bytes: 100 + below(200) as usize,
                max_bytes: 100 + below(400) as usize,
                ..AuditdOptions::default()
            };
            let (mut pushed, mut helped) = (Auditd::new(options.clone()), Auditd::new(options.clone()));
            let (mut serial, mut millis) = (below(5) as u32, 0);
            for _ in 0..40 {
                serial = serial.wrapping_add(below(4) as u32).wrapping_sub(1);
                millis += [0, 0, 1, 700, 2_000][below(5) as usize];
                let node = ["", "node=a ", "node=b "][below(3) as usize];
                let lines = (0..=below(4)).map(|_| {
                    let kind = ["SYSCALL", "PATH", "PATH", "PROCTITLE", "EOE", "LOGIN"][below(6) as usize];
                    let (seconds, millis, body) = (millis / 1_000, millis % 1_000, "x".repeat(below(60) as usize));
                    format!("{node}type={kind} msg=audit({seconds}.{millis:03}:{serial}): {body}\n")
                });
                let lines: Vec<String> = lines.collect();
                let (events, _) = gather(&mut pushed, &lines);
                let mut instead = Vec::new();
                let first = Record::parse(&lines[0]).unwrap();
                let size = (lines.len(), lines.iter().map(String::len).sum());
                match alone(&options, &lines) {
                    Some(event) if helped.step_over(&first, size, &mut |other| instead.push(other.kept())) => {
                        instead.push(event);
                        stepped += 1;
                    }
                    whole => {
                        instead = gather(&mut helped, &lines).0;
                        refused += u32::from(whole.is_some());
                    }
                }
                assert_eq!(instead, events, "{options:?}\n{lines:?}");
                let saved = [&pushed, &helped].map(|auditd| {
                    let mut saved = Vec::new();
                    auditd.save(&mut saved);
                    saved
                });
                assert_eq!(saved[0], saved[1], "{options:?}\n{lines:?}");
            }
        }
        assert!(stepped > 5_000 && refused > 2_000, "too little to be a test: {stepped}, {refused}");
    }
}
