//! Where the fields of an ECS document go: into a JSON text ([`JsonDocument`]), or straight into the slots of an engine.
//!
//! [`ecs`](super::ecs) names each field once; both ways out read it from there.

use crate::sort::sort_by;
use alloc::{string::String, vec::Vec};
use core::{cmp::Ordering, ops::RangeInclusive};

use super::fields::{Fields, Text};
use crate::Timestamp;

macro_rules! ecs_fields {
    ($($field:ident = $path:literal,)*) => {
        /// A field of the document, or the object under which fields stand whose names come from the log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each is what its path says")]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum EcsField { $($field,)* }

        impl EcsField {
            /// Every field, in the order of their numbers (`field as usize`).
            pub const ALL: &'static [EcsField] = &[$(EcsField::$field,)*];

            /// The dotted path, as in `process.parent.pid`.
            pub const fn path(self) -> &'static str {
                match self { $(EcsField::$field => $path,)* }
            }
        }
    };
}

ecs_fields! {
    Timestamp = "@timestamp",
    AuditdData = "auditd.data",
    AuditdFileSelinux = "auditd.file.selinux",
    AuditdMessageType = "auditd.message_type",
    AuditdPaths = "auditd.paths",
    AuditdResult = "auditd.result",
    AuditdSequence = "auditd.sequence",
    AuditdSession = "auditd.session",
    AuditdActorPrimary = "auditd.summary.actor.primary",
    AuditdActorSecondary = "auditd.summary.actor.secondary",
    AuditdHow = "auditd.summary.how",
    AuditdObjectPrimary = "auditd.summary.object.primary",
    AuditdObjectSecondary = "auditd.summary.object.secondary",
    AuditdObjectType = "auditd.summary.object.type",
    AuditdUser = "auditd.user",
    AuditdWarnings = "auditd.warnings",
    DestinationAddress = "destination.address",
    DestinationIp = "destination.ip",
    DestinationPath = "destination.path",
    DestinationPort = "destination.port",
    EcsVersion = "ecs.version",
    EqliteSocketFamily = "eqlite.socket.family",
    EqliteSocketFd = "eqlite.socket.fd",
    EqliteSocketType = "eqlite.socket.type",
    ErrorMessage = "error.message",
    EventAction = "event.action",
    EventCategory = "event.category",
    EventDataset = "event.dataset",
    EventId = "event.id",
    EventKind = "event.kind",
    EventModule = "event.module",
    EventOriginal = "event.original",
    EventOutcome = "event.outcome",
    EventSequence = "event.sequence",
    EventType = "event.type",
    FileDevice = "file.device",
    FileGid = "file.gid",
    FileGroup = "file.group",
    FileInode = "file.inode",
    FileMode = "file.mode",
    FileOwner = "file.owner",
    FilePath = "file.path",
    FileSelinux = "file.selinux",
    FileUid = "file.uid",
    GroupId = "group.id",
    GroupName = "group.name",
    HostId = "host.id",
    HostName = "host.name",
    HostOsType = "host.os.type",
    NetworkDirection = "network.direction",
    ProcessArgs = "process.args",
    ProcessExecutable = "process.executable",
    ProcessName = "process.name",
    ProcessParentPid = "process.parent.pid",
    ProcessPid = "process.pid",
    ProcessTitle = "process.title",
    ProcessWorkingDirectory = "process.working_directory",
    RelatedUser = "related.user",
    ServiceType = "service.type",
    SourceAddress = "source.address",
    SourceIp = "source.ip",
    SourcePath = "source.path",
    SourcePort = "source.port",
    Tags = "tags",
    User = "user",
    UserId = "user.id",
    UserName = "user.name",
    UserGroupId = "user.group.id",
    UserGroupName = "user.group.name",
    UserEffectiveId = "user.effective.id",
    UserEffectiveName = "user.effective.name",
    UserEffectiveGroupId = "user.effective.group.id",
    UserEffectiveGroupName = "user.effective.group.name",
    UserTargetId = "user.target.id",
    UserTargetName = "user.target.name",
}

/// A place in the document: a field, and for those of the log the rest of the path below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<'p> {
    /// The field, or the object.
    pub field: EcsField,
    /// What follows the path of the object, dotted; empty for a field. `auditd.data` and `socket.addr` is `auditd.data.socket.addr`.
    pub rest: &'p str,
}

impl Path<'_> {
    /// Adds the dotted path to a text.
    pub fn write(&self, out: &mut String) {
        out.push_str(self.field.path());
        if !self.rest.is_empty() {
            out.push('.');
            out.push_str(self.rest);
        }
    }
}

impl core::convert::From<EcsField> for Path<'static> {
    fn from(field: EcsField) -> Self {
        Path { field, rest: "" }
    }
}

/// Receives the fields of one document. Each path comes once, in no promised order.
pub trait FieldSink {
    /// Whether anything is done with the field (or with what is below it): what costs more than a look at the event isn't made otherwise.
    fn wants(&self, field: EcsField) -> bool {
        self.wants_any(field..=field)
    }
    /// Whether anything is done with any of these fields.
    fn wants_any(&self, fields: RangeInclusive<EcsField>) -> bool {
        let _ = fields;
        true
    }
    /// The time of the event, under `@timestamp`.
    fn time(&mut self, time: Timestamp);
    /// A text.
    fn text(&mut self, path: Path<'_>, value: &str);
    /// A whole number.
    fn int(&mut self, path: Path<'_>, value: i64);
    /// Several texts under one path.
    fn texts(&mut self, path: Path<'_>, values: &mut dyn Iterator<Item = &str>);
    /// A list of objects of texts, each sorted by key (`auditd.paths`).
    fn objects(&mut self, path: Path<'_>, rows: &[Fields<'_>]);
    /// An object without fields. Only a document shows it.
    fn empty(&mut self, path: Path<'_>) {
        let _ = path;
    }
}

/// Collects the fields of one document and writes it as JSON on one line, keys sorted.
#[derive(Debug, Default)]
pub struct JsonDocument {
    paths: String,
    values: String,
    entries: Vec<Entry>,
}

/// Where the path and the finished JSON of a value end; they begin where those of the entry before it end.
#[derive(Clone, Copy, Debug)]
struct Entry {
    field: EcsField,
    path: (usize, usize),
    value: (usize, usize),
}

impl JsonDocument {
    /// An empty document.
    pub fn new() -> Self {
        // Room for most documents, so that none is moved as it grows.
        JsonDocument {
            paths: String::with_capacity(2048),
            values: String::with_capacity(2048),
            entries: Vec::with_capacity(96),
        }
    }

    /// Forgets the fields, keeps the memory.
    pub fn clear(&mut self) {
        self.paths.clear();
        self.values.clear();
        self.entries.clear();
    }

    fn entry(&mut self, path: Path<'_>, write: impl FnOnce(&mut String)) {
        let (path_start, value_start) = (self.paths.len(), self.values.len());
        path.write(&mut self.paths);
        write(&mut self.values);
        self.entries.push(Entry {
            field: path.field,
            path: (path_start, self.paths.len()),
            value: (value_start, self.values.len()),
        });
    }

    /// Adds the document to a text. Where a path stands for a value and for an object both, the value wins.
    pub fn write(&mut self, out: &mut String) {
        let JsonDocument { paths, values, entries } = self;
        let path = |entry: &Entry| paths.get(entry.path.0..entry.path.1).unwrap_or_default();
        // Fields are numbered in the order of their paths, but for those of `user`, which come last and stand among names of the log.
        sort_by(entries, |one, other| match one.field.cmp(&other.field) {
            apart if apart.is_ne() && one.field.min(other.field) < EcsField::User => apart,
            _ => by_segments(path(one), path(other)),
        });
        out.reserve(paths.len().saturating_add(values.len()));
        out.push('{');
        // The objects that are open, as the start of the path of the last value.
        let mut last = "";
        let mut first = true;
        for entry in entries.iter() {
            let (path, value) = (path(entry), values.get(entry.value.0..entry.value.1).unwrap_or_default());
            if !last.is_empty() && path.strip_prefix(last).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            {
                continue;
            }
            let shared = shared_objects(last, path);
            let (open, rest) = path.split_at_checked(shared).unwrap_or(("", path));
            for _ in 0..last.get(open.len()..).unwrap_or_default().matches('.').count() {
                out.push('}');
            }
            if !first {
                out.push(',');
            }
            let mut names = rest.split('.').peekable();
            while let Some(name) = names.next() {
                write_text(name, out);
                out.push(':');
                if names.peek().is_some() {
                    out.push('{');
                }
            }
            out.push_str(value);
            (last, first) = (path, false);
        }
        for _ in 0..last.matches('.').count() {
            out.push('}');
        }
        out.push('}');
    }
}

/// The order of dotted paths, segment by segment: `a.z` stands before `a-b`.
fn by_segments(one: &str, other: &str) -> Ordering {
    let rank = |byte: u8| if byte == b'.' { 0 } else { byte };
    // Many begin with the same object.
    let (words, others) = (one.as_bytes().as_chunks::<8>().0, other.as_bytes().as_chunks::<8>().0);
    let same = words.iter().zip(others).take_while(|(one, other)| one == other).count().saturating_mul(8);
    let (one, other) = (one.as_bytes().get(same..).unwrap_or(&[]), other.as_bytes().get(same..).unwrap_or(&[]));
    match one.iter().copied().zip(other.iter().copied()).find(|(one, other)| one != other) {
        Some((one, other)) => rank(one).cmp(&rank(other)),
        None => one.len().cmp(&other.len()),
    }
}

/// The length of the objects that two paths share, dots included: `a.b.c` and `a.b.d` share `a.b.`.
fn shared_objects(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.get(..same).and_then(|shared| shared.rfind('.')).map_or(0, |dot| dot.saturating_add(1))
}

/// A JSON string.
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (plain, after) = rest.split_at(place);
        out.push_str(plain);
        let mut characters = after.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(control) => {
                out.push_str("\\u00");
                let code = u32::from(control);
                for digit in [code >> 4, code & 15] {
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn write_list<'v>(values: impl Iterator<Item = &'v str>, out: &mut String) {
    out.push('[');
    for (place, value) in values.enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_text(value, out);
    }
    out.push(']');
}

impl FieldSink for JsonDocument {
    fn time(&mut self, time: Timestamp) {
        self.entry(EcsField::Timestamp.into(), |out| write_text(&time.to_iso(), out));
    }

    fn text(&mut self, path: Path<'_>, value: &str) {
        self.entry(path, |out| write_text(value, out));
    }

    fn int(&mut self, path: Path<'_>, value: i64) {
        self.entry(path, |out| {
            use core::fmt::Write as _;
            let _ = write!(out, "{value}");
        });
    }

    fn texts(&mut self, path: Path<'_>, values: &mut dyn Iterator<Item = &str>) {
        self.entry(path, |out| write_list(values, out));
    }

    fn objects(&mut self, path: Path<'_>, rows: &[Fields<'_>]) {
        self.entry(path, |out| {
            out.push('[');
            for (place, row) in rows.iter().enumerate() {
                out.push_str(if place > 0 { ",{" } else { "{" });
                for (place, field) in row.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(field.key, out);
                    out.push(':');
                    write_text(&field.value, out);
                }
                out.push('}');
            }
            out.push(']');
        });
    }

    fn empty(&mut self, path: Path<'_>) {
        self.entry(path, |out| out.push_str("{}"));
    }
}

/// Texts behind `Cow`, as [`FieldSink::texts`] takes them.
pub(super) fn list<'t>(values: &'t [Text<'_>]) -> impl Iterator<Item = &'t str> {
    values.iter().map(|value| value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(fields: &[(EcsField, &str, &str)]) -> String {
        let mut document = JsonDocument::new();
        for &(field, rest, value) in fields {
            document.text(Path { field, rest }, value);
        }
        let mut out = String::new();
        document.write(&mut out);
        out
    }

    #[test]
    fn objects_nest_and_keys_are_sorted() {
        let json = document(&[
            (EcsField::ProcessPid, "", "1"),
            (EcsField::AuditdData, "socket.addr", "2"),
            (EcsField::AuditdData, "a0", "3"),
            (EcsField::AuditdResult, "", "4"),
            (EcsField::ProcessParentPid, "", "5"),
            (EcsField::Tags, "", "6"),
            (EcsField::AuditdData, "socket-x", "7"),
        ]);
        assert_eq!(
            json,
            r#"{"auditd":{"data":{"a0":"3","socket":{"addr":"2"},"socket-x":"7"},"result":"4"},"process":{"parent":{"pid":"5"},"pid":"1"},"tags":"6"}"#
        );
        assert_eq!(document(&[]), "{}");
    }

    #[test]
    fn a_value_beats_an_object_of_the_same_name() {
        let json = document(&[(EcsField::AuditdData, "socket", "1"), (EcsField::AuditdData, "socket.addr", "2")]);
        assert_eq!(json, r#"{"auditd":{"data":{"socket":"1"}}}"#);
    }

    #[test]
    fn texts_are_escaped() {
        let mut out = String::new();
        write_text("a\"b\\c\nd\u{1}é\u{7f}", &mut out);
        assert_eq!(out, "\"a\\\"b\\\\c\\nd\\u0001é\u{7f}\"");
    }

    #[test]
    fn fields_are_numbered_in_order() {
        for (number, field) in EcsField::ALL.iter().enumerate() {
            assert_eq!(*field as usize, number);
        }
        let paths: Vec<&str> = EcsField::ALL.iter().map(|field| field.path()).collect();
        for (one, other) in paths.iter().zip(paths.iter().skip(1)).filter(|(one, _)| !one.starts_with("user")) {
            assert!(by_segments(one, other).is_lt() && *one < "user", "{one} {other}");
            assert!(!other.starts_with(&alloc::format!("{one}.")), "{one} {other}");
        }
    }
}
