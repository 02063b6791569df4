//! One event of the audit log: all that its records say, in one place, before it gets the names of ECS.

use alloc::vec::Vec;
use core::fmt;

use super::{
    AuditdOptions,
    decode::DecodeError,
    fields::{Fields, Text},
    reassemble::{EventRecord, Pending},
    record::RecordType,
};
use crate::Timestamp;

/// An event. Lives as long as the call that hands it out; [`write_json`](AuditEvent::write_json) and [`fields`](AuditEvent::fields) give
/// its ECS document.
#[derive(Debug)]
#[non_exhaustive]
pub struct AuditEvent<'a> {
    /// The type that stands for the event: `SYSCALL`, or that of the record which came before it.
    pub kind: RecordType,
    /// The family of the type, in one word, as in `audit-rule`.
    pub family: &'static str,
    /// `success`, `fail` or `unknown`.
    pub result: &'static str,
    /// The login session: a number, or `unset`.
    pub session: Option<Text<'a>>,
    /// Keys of the audit rules that matched.
    pub tags: Vec<Text<'a>>,
    /// User and group numbers by their key: `auid`, `uid`, `egid` ...
    pub ids: Fields<'a>,
    /// Names for those numbers and for `ouid`, `ogid` of the paths, where the log holds them and they were asked for.
    pub names: Fields<'a>,
    /// The security context of the process: `user`, `role`, `domain`, `level`, `category`.
    pub selinux: Vec<(&'a str, Text<'a>)>,
    /// Everything that has no other place.
    pub data: Fields<'a>,
    /// The address that a call was given: `family`, `addr`, `port`, `path` ...
    pub socket: Fields<'a>,
    /// The PATH records, in their order.
    pub paths: Vec<Fields<'a>>,
    /// Names of the owners of the paths, where asked for.
    pub(super) path_names: Vec<Fields<'a>>,
    /// Who, or what, the event is about.
    pub process: Process<'a>,
    /// Index of the path that is the object of the action.
    pub file: Option<usize>,
    /// What the socket's address is to the process.
    pub peer: Option<Peer>,
    /// Where a login came from.
    pub source_ip: Option<Text<'a>>,
    /// Which way the data go: `ingress` or `egress`.
    pub direction: Option<&'static str>,
    /// The event in one line.
    pub summary: Summary<'a>,
    /// `event.kind`, where it isn't `event`.
    pub event_kind: &'static str,
    /// `event.category`; empty where the event has no meaning in ECS: then its family stands there.
    pub categories: Vec<&'static str>,
    /// `event.type`.
    pub types: Vec<&'static str>,
    /// The action of the call, where another record stands for the event.
    pub call_action: &'static str,
    /// Users and groups that the event concerns.
    pub users: Users<'a>,
    /// What could not be read.
    pub warnings: Vec<Warning<'a>>,
    /// True where the records make no event (the reference gives an error and no fields).
    pub broken: bool,
    pub(super) pending: &'a Pending,
    pub(super) options: &'a AuditdOptions,
}

/// What the records say of the process.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Process<'a> {
    /// Process id, a number in text.
    pub pid: Option<Text<'a>>,
    /// Id of its parent.
    pub ppid: Option<Text<'a>>,
    /// The name it goes by: `comm`, at most 15 bytes.
    pub name: Option<Text<'a>>,
    /// Path of the program.
    pub executable: Option<Text<'a>>,
    /// Arguments with blanks between, at most 128 bytes.
    pub title: Option<Text<'a>>,
    /// Working directory.
    pub directory: Option<Text<'a>>,
    /// Arguments of an execve.
    pub arguments: Vec<Text<'a>>,
}

/// What an address is to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Data come from it.
    Source,
    /// Data go to it.
    Destination,
}

/// `auditd.summary`: who did what, to what, by what means.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary<'a> {
    /// Who: most often the login user.
    pub actor_primary: Option<Text<'a>>,
    /// As whom.
    pub actor_secondary: Option<Text<'a>>,
    /// What was done; also `event.action`.
    pub action: &'static str,
    /// The kind of thing it was done to.
    pub object_type: &'static str,
    /// The thing.
    pub object_primary: Option<Text<'a>>,
    /// More of the thing.
    pub object_secondary: Option<Text<'a>>,
    /// The means: most often the program.
    pub how: Option<Text<'a>>,
}

/// A user or group by number or name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account<'a> {
    /// Its number.
    pub id: Option<Text<'a>>,
    /// Its name.
    pub name: Option<Text<'a>>,
}

impl Account<'_> {
    /// True where neither is known.
    pub fn is_empty(&self) -> bool {
        self.id.is_none() && self.name.is_none()
    }
}

/// The accounts of an event of logins or account management.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Users<'a> {
    /// Who did it.
    pub user: Account<'a>,
    /// As whom.
    pub effective: Account<'a>,
    /// To whom.
    pub target: Account<'a>,
    /// To which group.
    pub group: Account<'a>,
}

/// Something that could not be read. The texts are those of the reference implementation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning<'a> {
    /// Nothing is known of what this record type means.
    NoMeaning,
    /// Two records have the same key; the first counts.
    Duplicate(Text<'a>, RecordType),
    /// What of the event would have been under one of these keys is not there.
    NotFound(&'static str, &'static [&'static str]),
    /// A record could not be decoded.
    Record(RecordType, DecodeError),
    /// A socket's address without the call that it was given to.
    NoCall,
    /// Several records without a SYSCALL record (for the reference: no event).
    MissingSyscall,
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NoMeaning => f.write_str("no normalization found for event"),
            Warning::Duplicate(key, kind) => write!(f, "duplicate key ({key}) from {kind} message"),
            Warning::NotFound(what, keys) => {
                write!(f, "failed to set {what} using keys=[")?;
                for (place, key) in keys.iter().enumerate() {
                    write!(f, "{}{key}", if place == 0 { "" } else { " " })?;
                }
                f.write_str("] because they were not found")
            }
            Warning::Record(kind, error) => write!(f, "failed to parse {kind} message: {error}"),
            Warning::NoCall => f.write_str("syscall key not found in event data"),
            Warning::MissingSyscall => f.write_str("missing syscall message in compound event"),
        }
    }
}

impl<'a> AuditEvent<'a> {
    /// An event of which nothing is read yet.
    pub(super) fn new(pending: &'a Pending, options: &'a AuditdOptions) -> Self {
        AuditEvent {
            kind: RecordType::SYSCALL,
            family: "",
            result: "unknown",
            session: None,
            tags: Vec::new(),
            ids: Fields::default(),
            names: Fields::default(),
            selinux: Vec::new(),
            data: Fields::default(),
            socket: Fields::default(),
            paths: Vec::new(),
            path_names: Vec::new(),
            process: Process::default(),
            file: None,
            peer: None,
            source_ip: None,
            direction: None,
            summary: Summary::default(),
            event_kind: "",
            categories: Vec::new(),
            types: Vec::new(),
            call_action: "",
            users: Users::default(),
            warnings: Vec::new(),
            broken: false,
            pending,
            options,
        }
    }

    /// This type stands for it.
    pub(super) fn is_of(&mut self, kind: RecordType) {
        (self.kind, self.family) = (kind, super::normalize::family(kind));
    }

    /// Event time.
    pub fn timestamp(&self) -> Timestamp {
        self.pending.time
    }

    /// Number of the event within a boot.
    pub fn serial(&self) -> u32 {
        self.pending.serial
    }

    /// The `node=` of its records.
    pub fn node(&self) -> Option<&'a str> {
        self.pending.node()
    }

    /// Its records, as they stood in the log.
    pub fn records(&self) -> impl Iterator<Item = EventRecord<'a>> + Clone {
        self.pending.records()
    }
}
