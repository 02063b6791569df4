//! The running half: events in, alerts out.
//!
//! ```text
//! bytes -> splitter -> documents and record lines -> slots -> stages that match (plan) -> state of each rule (machine) -> alerts
//! ```
//! Event time only; the same input gives the same alerts, however it is cut into chunks.

mod keys;
mod machine;
mod reorder;
mod routing;
mod sample;
mod sequence;
mod sift;
mod slab;
mod snapshot;
mod stats;
mod store;
mod suppress;

pub use crate::event::KeyValue;
pub use routing::Routing;
pub use snapshot::SnapshotError;
pub use stats::{RuleStats, Stats};

pub(crate) use sequence::{Completed, Ground, SequenceState, Turn};
pub(crate) use store::EventStore;

use crate::{
    alert::Alert,
    auditd::{Auditd, AuditdOptions, Gathered, SlotMap},
    event::{BulkLines, EventView, Format, Item, Place, Reader, Slots, Splitter, Value},
    limits::Limits,
    plan::Plan,
    time::Timestamp,
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use machine::Machine;
use serde::{Deserialize, Serialize};

pub(crate) use crate::state::KeyHash;

/// What audit records do not say of their host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Host {
    /// `host.id`; where it is not given, the records' `node=` stands in.
    pub id: Option<String>,
    /// `host.name`.
    pub name: Option<String>,
}

/// Settings of a correlator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// How input is read.
    pub format: Format,
    /// Host of audit records.
    pub host: Host,
    /// What may be held.
    pub limits: Limits,
    /// How late an event may come, in milliseconds of event time, and still be put in order. Sequences wait that long.
    ///
    /// ### Default: 0
    pub allowed_lateness: u64,
    /// Whether an event that says its index or data stream is offered only to the rules whose index patterns cover it.
    ///
    /// ### Default: auto
    pub routing: Routing,
    /// How far ahead of the time given by [`advance`](Correlator::advance) an event may be, in milliseconds, before it is counted as of the future.
    /// Such an event takes part, but does not move the watermark. `None`: however far.
    ///
    /// ### Default: none
    pub max_future: Option<u64>,
    /// Raises no more alerts of a rule than its `max_signals` in one interval of its schedule, by event time; building blocks do not count. In
    /// Kibana that limit belongs to the schedule, which a stream does not have.
    ///
    /// ### Default: false
    pub max_signals: bool,
    /// Raises every alert, also where a rule's `alert_suppression` makes several of them one.
    ///
    /// ### Default: false
    pub ignore_suppression: bool,
    /// Seeds the hash of join keys, which attackers choose. Give it something unpredictable; results do not depend on it.
    pub seed: u64,
}

impl Config {
    /// How audit records are read.
    fn audit_options(&self) -> AuditdOptions {
        AuditdOptions {
            host_id: self.host.id.clone(),
            host_name: self.host.name.clone(),
            max_in_flight: self.limits.audit_in_flight,
            ..AuditdOptions::default()
        }
    }
}

/// Something about the input that a person should hear of. The stream goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Stable code: `I001` not JSON, `I002` not UTF-8, `I003` too long, `I004` not an audit record.
    pub code: &'static str,
    /// Line of the input, from 1, counted over all chunks.
    pub line: u64,
    /// Byte of the input, from 0, counted over all chunks.
    pub offset: u64,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    /// Every code.
    pub const CODES: &[&str] = &["I001", "I002", "I003", "I004"];

    /// A problem at a place of the input.
    pub fn new(code: &'static str, place: Place, message: String) -> Self {
        Problem { code, line: place.line, offset: place.offset, message }
    }
}

/// Takes events and gives alerts back.
#[derive(Debug)]
pub struct Correlator {
    splitter: Splitter,
    room: Room,
}

/// Everything but the splitter, which gives its pieces to the room.
#[derive(Debug)]
struct Room {
    plan: Arc<Plan>,
    config: Config,
    machine: Machine,
    auditd: Auditd,
    /// Puts records together that are sifted, and holds none of them for longer; once there are any.
    sieve: Option<Box<Auditd>>,
    /// Where the fields of audit events go: all that rules name, and those that decide whether a stage can match.
    audit_slots: SlotMap,
    audit_scouts: Option<SlotMap>,
    reader: Reader,
    slots: Slots,
    /// Where the values go once a schema's types are applied.
    coerced: Slots,
    bulk: BulkLines,
    problems: Vec<Problem>,
}

impl Correlator {
    /// A correlator without history.
    pub fn new(plan: Arc<Plan>, config: Config) -> Self {
        let machine = Machine::new(Arc::clone(&plan), &config);
        let splitter = Splitter::new(config.format, config.limits.line_bytes);
        let audit_slots = SlotMap::new(&plan.fields);
        let mut reader = Reader::new(Arc::clone(&plan.fields), config.limits.json_depth);
        if let Some(scouts) = &plan.scouts {
            reader = reader.with_scouts(scouts);
        }
        let room = Room {
            auditd: Auditd::new(config.audit_options()),
            sieve: None,
            audit_scouts: plan.scouts.as_ref().map(SlotMap::new),
            config,
            machine,
            audit_slots,
            reader,
            plan,
            slots: Slots::default(),
            coerced: Slots::default(),
            bulk: BulkLines::default(),
            problems: Vec::new(),
        };
        Correlator { splitter, room }
    }

    /// Feeds bytes, cut anywhere. What cannot be read is counted and reported as a [`Problem`]; the stream goes on.
    pub fn feed(&mut self, chunk: &[u8]) {
        let Correlator { splitter, room } = self;
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = match room.line(splitter, rest) {
                Some(length) => length,
                None => splitter.step(rest, &mut |item, place| room.item(item, place)),
            };
            rest = rest.get(used..).unwrap_or(&[]);
        }
    }

    /// Feeds one whole ECS document; says how many stages of rules it matched.
    pub fn feed_event(&mut self, document: &[u8]) -> Result<u32, Problem> {
        let place = Place { line: self.room.machine.stats.events.saturating_add(1), offset: 0 };
        self.room.document(document).map_err(|(code, message)| {
            let malformed = &mut self.room.machine.stats.malformed;
            *malformed = malformed.saturating_add(1);
            Problem { code, line: place.line, offset: place.offset, message }
        })
    }

    /// Says that no event before this time will come any more.
    pub fn advance(&mut self, watermark: Timestamp) {
        self.room.audit(|auditd, each| auditd.gather_until(watermark, each));
        self.room.machine.advance(watermark, &self.room.config);
    }

    /// The end of the input: reads what is left of the last line, closes open audit events, and lets waiting events through.
    /// The correlator can go on afterwards.
    pub fn finish(&mut self) {
        let Correlator { splitter, room } = self;
        splitter.finish(&mut |item, place| room.item(item, place));
        room.audit(Auditd::gather_rest);
        room.machine.finish(&room.config);
    }

    /// The alerts since the last call, oldest first.
    pub fn drain_alerts(&mut self) -> Vec<Alert> {
        self.room.machine.drain_alerts()
    }

    /// The problems since the last call, oldest first.
    pub fn drain_problems(&mut self) -> Vec<Problem> {
        core::mem::take(&mut self.room.problems)
    }

    /// Counters since the beginning.
    pub fn stats(&self) -> Stats {
        let audit = self.room.auditd.stats();
        Stats {
            bytes: self.splitter.bytes(),
            audit_records: audit.records,
            audit_incomplete: audit.timed_out.saturating_add(audit.evicted),
            audit_lost: audit.lost_serials,
            ..self.room.machine.stats()
        }
    }

    /// The rules that run here.
    pub fn plan(&self) -> &Plan {
        &self.room.plan
    }
}

impl Room {
    fn item(&mut self, item: Item<'_>, place: Place) {
        let outcome = match item {
            Item::Json(document) => self.document(document).map(drop),
            Item::Audit(line) => {
                self.audit(|auditd, each| auditd.gather_line(line, each)).map_err(|error| ("I004", error.to_string()))
            }
            Item::TooLong => Err(("I003", format!("longer than {} bytes", self.config.limits.line_bytes))),
        };
        if let Err((code, message)) = outcome {
            self.machine.stats.malformed = self.machine.stats.malformed.saturating_add(1);
            if self.problems.len() < self.config.limits.problems {
                self.problems.push(Problem { code, line: place.line, offset: place.offset, message });
            } else {
                self.machine.stats.problems_dropped = self.machine.stats.problems_dropped.saturating_add(1);
            }
        }
    }

    /// Takes the line with which bytes begin, if a document is all that stands on it: how long it is. Then its end was found by reading it. Whatever
    /// else is there, errors too, is left to the splitter, which would give the same document.
    fn line(&mut self, splitter: &mut Splitter, bytes: &[u8]) -> Option<usize> {
        if bytes.first() != Some(&b'{') || !splitter.begins_line() {
            return None;
        }
        let (end, length) = self.reader.read_line(bytes)?;
        let Some(Item::Json(_)) = splitter.whole(bytes.get(..length.checked_sub(1)?)?) else { return None };
        let text = simdutf8::compat::from_utf8(bytes.get(..end)?).ok()?;
        splitter.step_over(1, length, length);
        if !self.skips(text) {
            let index = self.bulk.take_index();
            self.found(text, index);
        }
        Some(length)
    }

    fn document(&mut self, document: &[u8]) -> Result<u32, (&'static str, String)> {
        let text = simdutf8::compat::from_utf8(document)
            .map_err(|error| ("I002", format!("not UTF-8 at byte {}", error.valid_up_to())))?;
        if self.skips(text) {
            return Ok(0);
        }
        let index = self.bulk.take_index();
        self.reader.read(text).map_err(|error| ("I001", error.to_string()))?;
        Ok(self.found(text, index))
    }

    /// Whether it is a line of a bulk body that is no event.
    #[inline]
    fn skips(&mut self, text: &str) -> bool {
        let skips = self.bulk.skips(text);
        if skips {
            self.machine.stats.bulk_lines = self.machine.stats.bulk_lines.saturating_add(1);
        }
        skips
    }

    /// Observes the document last read, for which a bulk body may have named an index; says how many stages it matched.
    fn found(&mut self, text: &str, index: Option<String>) -> u32 {
        let Room { plan, reader, slots, config, .. } = self;
        if plan.scouts.is_some() && index.is_none() {
            reader.fill_scouts(text, slots);
            if let Some(event) = self.machine.foresee_by_scouts(plan, slots.view(text)) {
                self.machine.passed(&event, config);
                return 0;
            }
        }
        reader.fill(text, slots);
        let index = index.zip(self.plan.routes.index_field());
        if let Some((index, field)) = index.filter(|&(_, field)| !self.slots.view(text).has(field)) {
            self.slots.push(field, Value::Text(&index));
        }
        let mut source = || self.reader.kept(text);
        let view = typed(&self.plan, self.slots.view(text), &mut self.coerced);
        self.machine.observe(&self.plan, view, &self.config, &mut source)
    }

    /// Runs `read` on the reader of audit records, and observes the events that it completes.
    fn audit<T>(&mut self, read: impl FnOnce(&mut Auditd, &mut dyn FnMut(Gathered<'_>)) -> T) -> T {
        let Room { plan, config, machine, auditd, audit_slots, audit_scouts, slots, coerced, .. } = self;
        read(auditd, &mut |mut event| {
            if let Some(scouts) = audit_scouts {
                event.fill(scouts, slots);
                if let Some(event) = machine.foresee_by_scouts(plan, slots.view(event.text())) {
                    return machine.passed(&event, config);
                }
            }
            event.fill(audit_slots, slots);
            let view = typed(plan, slots.view(event.text()), coerced);
            machine.observe(plan, view, config, &mut || event.kept());
        })
    }
}

/// The event as the plan's schema types it.
fn typed<'v>(plan: &Plan, view: EventView<'v>, coerced: &'v mut Slots) -> EventView<'v> {
    match &plan.coercions {
        None => view,
        Some(coercions) => {
            coercions.apply(view, coerced);
            coerced.view("")
        }
    }
}
