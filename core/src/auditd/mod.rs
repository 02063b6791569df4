//! Linux audit records in, Elastic Common Schema out: what Auditbeat or Auditd Manager would have made of the same `audit.log`.
//!
//! ```text
//! line -> record (header) -> reassemble (records of one event) -> coalesce (one event) -> ecs (fields) -> JSON, or an engine's slots
//! ```
//!
//! ```
//! use eqlite_core::auditd::{Auditd, AuditdOptions};
//!
//! let mut auditd = Auditd::new(AuditdOptions { host_id: Some("web1".into()), ..AuditdOptions::default() });
//! let mut documents = String::new();
//! for line in [
//!     r#"type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=0 a2=10 a3=0 ppid=1 pid=7 comm="nc""#,
//!     "type=SOCKADDR msg=audit(1700000000.200:17): saddr=02000035C63364070000000000000000",
//!     "type=EOE msg=audit(1700000000.200:17): ",
//! ] {
//!     auditd.push_line(line.as_bytes(), &mut |event| event.write_json(&mut documents))?;
//! }
//! assert!(documents.contains(r#""destination":{"ip":"198.51.100.7","port":"53"}"#));
//! assert!(documents.contains(r#""action":"connected-to""#));
//! # Ok::<(), eqlite_core::auditd::RecordError>(())
//! ```
//!
//! Where the reference implementation (go-libaudit, with Auditbeat's module around it) is at fault we are not, and `docs/auditd.md` lists each
//! difference; [`Compat::GoLibaudit`] reproduces it, faults and all.

mod coalesce;
mod decode;
mod doctor;
mod ecs;
mod event;
mod fields;
mod head;
mod normalize;
mod reassemble;
mod record;
mod scan;
mod sink;
mod slots;
mod sockaddr;
mod socket;
mod socketcall;
mod stats;
mod tables;
mod wanted;

use alloc::{borrow::Cow, boxed::Box, string::String, vec::Vec};

pub use decode::{DecodeError, Decoded};
pub use doctor::Doctor;
pub use event::{Account, AuditEvent, Peer, Process, Summary, Users, Warning};
pub use fields::{Field, Fields, Text};
pub use reassemble::EventRecord;
pub use record::{Record, RecordError, RecordType};
pub use sink::{EcsField, FieldSink, JsonDocument, Path};
pub use slots::{SlotMap, SlotSink};
pub use stats::{AuditdStats, Gap};

use crate::{
    Timestamp,
    event::Slots,
    state::{Reader, State},
};
use head::LastHead;
use reassemble::{Bounds, Pending, Reassembler};
use tables::SyscallTables;
use wanted::Wanted;

/// Whose documents are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// As Auditbeat publishes them.
    #[default]
    Auditbeat,
    /// As they are after the ingest pipeline of the Auditd Manager integration.
    AuditdManager,
}

/// Whether faults of the reference implementation are reproduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// No: each event is read as the kernel meant it.
    #[default]
    None,
    /// Yes, those of go-libaudit.
    GoLibaudit,
}

/// What an [`Auditd`] is to make of the records, and how much it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditdOptions {
    /// `host.id`. The log doesn't hold it; without it the `node=` of the record stands in, where there is one.
    pub host_id: Option<String>,
    /// `host.name`, or else the `node=`.
    pub host_name: Option<String>,
    /// `host.os.type`, which Elastic's rules ask for.
    ///
    /// ### Default: `linux`
    pub os_type: Option<String>,
    /// Whose documents.
    pub profile: Profile,
    /// With whose faults.
    pub compat: Compat,
    /// The records themselves under `event.original`.
    pub include_raw: bool,
    /// What could not be read under `error.message`, and the records of such an event.
    pub include_warnings: bool,
    /// Names of users and groups, where the log holds them (`log_format = ENRICHED`). They are those of the machine that wrote the log.
    pub enriched_names: bool,
    /// Events whose records are still coming in. Beyond it the oldest is closed as it is.
    ///
    /// ### Default: 1,024
    pub max_in_flight: usize,
    /// Event time after which an event is complete though its end never came, in milliseconds.
    ///
    /// ### Default: 2,000, as in auditd
    pub timeout_ms: u32,
    /// Records of one event. Beyond it a record is left out.
    ///
    /// ### Default: 16,384
    pub max_event_records: usize,
    /// Bytes of the records of one event. Beyond it a record is left out.
    ///
    /// ### Default: 8 MiB (an execve may have arguments of 2 MiB, in hex twice that)
    pub max_event_bytes: usize,
    /// Bytes of the records of all events in flight. Beyond it the oldest event is closed as it is.
    ///
    /// ### Default: 64 MiB
    pub max_bytes: usize,
}

impl Default for AuditdOptions {
    fn default() -> Self {
        AuditdOptions {
            host_id: None,
            host_name: None,
            os_type: Some(String::from("linux")),
            profile: Profile::default(),
            compat: Compat::default(),
            include_raw: false,
            include_warnings: false,
            enriched_names: false,
            max_in_flight: 1024,
            timeout_ms: 2000,
            max_event_records: 16_384,
            max_event_bytes: 8 << 20,
            max_bytes: 64 << 20,
        }
    }
}

/// Makes events of the lines of an audit log. Same lines, same events: there is no clock.
#[derive(Debug)]
pub struct Auditd {
    options: AuditdOptions,
    reassembler: Reassembler,
    syscalls: SyscallTables,
    stats: AuditdStats,
    last: LastHead,
}

/// The records of one event, of which nothing is decoded before it is asked for.
#[derive(Debug)]
pub(crate) struct Gathered<'a> {
    pending: &'a Pending,
    options: &'a AuditdOptions,
    syscalls: &'a mut SyscallTables,
}

impl Gathered<'_> {
    /// Makes the event, and gives it to `each`: it is large, and stays where it is made.
    fn event(&mut self, wanted: Wanted, each: &mut dyn FnMut(&AuditEvent<'_>)) {
        let Gathered { pending, options, syscalls } = self;
        let mut event = AuditEvent::new(pending, options);
        coalesce::coalesce(&mut event, &mut |arch, number, reference| syscalls.get(arch, number, reference), wanted);
        each(&event);
    }

    /// What the records say.
    pub(crate) fn text(&self) -> &str {
        self.pending.text()
    }

    /// Fills slots with the fields of the map, for a view of the [text](Self::text).
    pub(crate) fn fill(&mut self, map: &SlotMap, slots: &mut Slots) {
        // What is wanted is known for documents as Auditbeat's.
        let plain = self.options.profile == Profile::Auditbeat && self.options.compat == Compat::None;
        let wanted = if plain { map.wanted } else { Wanted::ALL };
        let records = self.pending.text();
        self.event(wanted, &mut |event| event.fields(&mut map.sink(slots, records)));
    }

    /// The records as one text, of which [`Documents`] makes the event's document when it is asked for.
    pub(crate) fn kept(&self) -> Box<str> {
        self.pending.kept()
    }
}

/// Makes the documents of events that were kept as their records.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    options: AuditdOptions,
    syscalls: SyscallTables,
}

impl Documents {
    pub(crate) fn new(options: AuditdOptions) -> Self {
        Documents { options, syscalls: SyscallTables::default() }
    }

    /// The document of [kept](Gathered::kept) records; of a document, nothing.
    pub(crate) fn of(&mut self, kept: &str) -> Option<Box<str>> {
        let pending = Pending::of_kept(kept)?;
        let Documents { options, syscalls } = self;
        let mut document = String::new();
        let mut gathered = Gathered { pending: &pending, options, syscalls };
        gathered.event(Wanted::ALL, &mut |event| event.write_json(&mut document));
        Some(document.into())
    }
}

impl Auditd {
    /// A reader with nothing read.
    pub fn new(options: AuditdOptions) -> Self {
        let bounds = Bounds {
            // The reference holds 50, and waits for none by time.
            in_flight: if options.compat == Compat::GoLibaudit {
                options.max_in_flight.min(50)
            } else {
                options.max_in_flight.max(1)
            },
            timeout_ms: options.timeout_ms,
            records: options.max_event_records,
            bytes: options.max_event_bytes,
            all_bytes: options.max_bytes,
        };
        Auditd {
            reassembler: Reassembler::new(bounds, options.compat),
            options,
            syscalls: SyscallTables::default(),
            stats: AuditdStats::default(),
            last: LastHead::default(),
        }
    }

    /// Reads one line, without its end; a carriage return or blanks at the end don't matter, an empty line is nothing. Events that are
    /// complete by it are emitted.
    ///
    /// # Errors
    /// A line that is no record. It is counted, and the stream goes on.
    pub fn push_line(&mut self, line: &[u8], emit: &mut dyn FnMut(&AuditEvent<'_>)) -> Result<(), RecordError> {
        self.gather_line(line, &mut |mut gathered| gathered.event(Wanted::ALL, emit))
    }

    /// Emits what is in flight as it is: at the end of the input, or when the host has waited long enough.
    pub fn flush(&mut self, emit: &mut dyn FnMut(&AuditEvent<'_>)) {
        self.gather_rest(&mut |mut gathered| gathered.event(Wanted::ALL, emit));
    }

    /// Emits what is older than the timeout at this event time.
    pub fn advance(&mut self, time: Timestamp, emit: &mut dyn FnMut(&AuditEvent<'_>)) {
        self.gather_until(time, &mut |mut gathered| gathered.event(Wanted::ALL, emit));
    }

    /// As [`push_line`](Self::push_line), with nothing decoded.
    pub(crate) fn gather_line(&mut self, line: &[u8], each: &mut dyn FnMut(Gathered<'_>)) -> Result<(), RecordError> {
        let line = decode::lossy(line.trim_ascii());
        if line.is_empty() {
            return Ok(());
        }
        let mut outcome = self.last.parse(&line);
        // The reference knows no nodes: it reads the line without.
        if self.options.compat == Compat::GoLibaudit
            && let Ok(record) = &mut outcome
        {
            record.node = None;
        }
        match outcome {
            Ok(record) => self.gather(&record, each),
            Err(error) => {
                self.stats.malformed = self.stats.malformed.saturating_add(1);
                Err(error)
            }
        }
    }

    /// Takes a record, with nothing decoded.
    pub(crate) fn gather(
        &mut self,
        record: &Record<'_>,
        each: &mut dyn FnMut(Gathered<'_>),
    ) -> Result<(), RecordError> {
        let Auditd { options, reassembler, syscalls, stats, .. } = self;
        stats.records = stats.records.saturating_add(1);
        reassembler.push(record, stats, &mut |pending| each(Gathered { pending, options, syscalls }))
    }

    /// Does what `count` records of at most so many bytes do, which are one event and stand side by side, but for giving that event. False, and nothing is
    /// done, where it may come out another way: they are to be gathered then.
    pub(crate) fn step_over(
        &mut self,
        first: &Record<'_>,
        (count, bytes): (usize, usize),
        each: &mut dyn FnMut(Gathered<'_>),
    ) -> bool {
        let Auditd { options, reassembler, syscalls, stats, .. } = self;
        let each = &mut |pending: &Pending| each(Gathered { pending, options, syscalls });
        let is_alone = reassembler.step_over(first, bytes, stats, each);
        if is_alone {
            stats.records = stats.records.saturating_add(count as u64);
        }
        is_alone
    }

    /// As [`flush`](Self::flush), with nothing decoded.
    pub(crate) fn gather_rest(&mut self, each: &mut dyn FnMut(Gathered<'_>)) {
        let Auditd { options, reassembler, syscalls, stats, .. } = self;
        reassembler.flush(stats, &mut |pending| each(Gathered { pending, options, syscalls }));
    }

    /// As [`advance`](Self::advance), with nothing decoded.
    pub(crate) fn gather_until(&mut self, time: Timestamp, each: &mut dyn FnMut(Gathered<'_>)) {
        let Auditd { options, reassembler, syscalls, stats, .. } = self;
        reassembler.expire(time, None, stats, &mut |pending| each(Gathered { pending, options, syscalls }));
    }

    /// What was read so far, and what was lost.
    pub fn stats(&self) -> &AuditdStats {
        &self.stats
    }

    /// Appends the events whose records are still coming in, and the counters.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        self.reassembler.save(out);
        self.stats.save(out);
    }

    /// Goes on where the saved one was.
    pub(crate) fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        self.reassembler.load(input)?;
        self.stats = State::load(input)?;
        Some(())
    }

    /// The options it was made with.
    pub fn options(&self) -> &AuditdOptions {
        &self.options
    }
}

/// One record by itself: its decoded fields, sorted by key. An event has more meaning than its records; this is for those who want records.
pub fn decode_record<'a>(record: &Record<'a>, compat: Compat) -> Decoded<'a> {
    coalesce::decode_alone(record, compat)
}

/// Bytes as text; each byte that is no UTF-8 becomes U+FFFD.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    decode::lossy(bytes)
}
