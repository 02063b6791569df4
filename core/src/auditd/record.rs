//! One line of an audit log, read as far as its header.
//!
//! ```text
//! node=web1 type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e syscall=42 success=yes ...
//! └─ node ─┘ └─ kind ──┘           └─ time ─────┘ serial └─ body
//! ```
//!
//! The body is left as it is; [`decode`](super::decode) reads it once the event is complete.

use alloc::{string::String, vec::Vec};
use core::fmt;

use super::tables;
use crate::{
    Timestamp,
    state::{Reader, State},
};

/// The type of a record: `SYSCALL`, `USER_LOGIN`, or a number without a name, `UNKNOWN[1450]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(u16);

impl RecordType {
    /// The call that an event is about.
    pub const SYSCALL: RecordType = RecordType(1300);
    pub(super) const PATH: RecordType = RecordType(1302);
    pub(super) const SOCKETCALL: RecordType = RecordType(1304);
    pub(super) const CONFIG_CHANGE: RecordType = RecordType(1305);
    pub(super) const SOCKADDR: RecordType = RecordType(1306);
    pub(super) const CWD: RecordType = RecordType(1307);
    pub(super) const EXECVE: RecordType = RecordType(1309);
    /// The end of an event of several records.
    pub const EOE: RecordType = RecordType(1320);
    pub(super) const SECCOMP: RecordType = RecordType(1326);
    pub(super) const PROCTITLE: RecordType = RecordType(1327);
    pub(super) const URINGOP: RecordType = RecordType(1336);
    pub(super) const AVC: RecordType = RecordType(1400);
    pub(super) const LOGIN: RecordType = RecordType(1006);
    pub(super) const CRED_DISP: RecordType = RecordType(1104);
    pub(super) const USER_START: RecordType = RecordType(1105);
    pub(super) const USER_END: RecordType = RecordType(1106);
    pub(super) const USER_LOGIN: RecordType = RecordType(1112);
    pub(super) const USER_CMD: RecordType = RecordType(1123);
    pub(super) const USER_TTY: RecordType = RecordType(1124);
    pub(super) const TTY: RecordType = RecordType(1319);

    /// The type with a name as auditd writes it, or `UNKNOWN[number]`.
    pub fn from_name(name: &str) -> Option<RecordType> {
        if let Some(number) = tables::record_type(name) {
            return Some(RecordType(number));
        }
        name.strip_prefix("UNKNOWN[")?.strip_suffix(']')?.parse().ok().map(RecordType)
    }

    /// The type with whose name and a blank a text begins, and what stands behind the blank. The common ones first, each compared as a whole: this is
    /// asked for every record.
    #[inline(never)]
    pub(super) fn begin(text: &str) -> Option<(RecordType, &str)> {
        let common = after(text, b"EOE ").map(|rest| (RecordType::EOE, rest));
        let common = common.or_else(|| after(text, b"SYSCALL ").map(|rest| (RecordType::SYSCALL, rest)));
        let common = common.or_else(|| after(text, b"PROCTITLE ").map(|rest| (RecordType::PROCTITLE, rest)));
        let common = common.or_else(|| after(text, b"PATH ").map(|rest| (RecordType::PATH, rest)));
        let common = common.or_else(|| after(text, b"CWD ").map(|rest| (RecordType::CWD, rest)));
        let common = common.or_else(|| after(text, b"EXECVE ").map(|rest| (RecordType::EXECVE, rest)));
        let common = common.or_else(|| after(text, b"SOCKADDR ").map(|rest| (RecordType::SOCKADDR, rest)));
        common.or_else(|| RecordType::begin_rare(text))
    }

    #[cold]
    fn begin_rare(text: &str) -> Option<(RecordType, &str)> {
        let (name, rest) = cut(text, b' ')?;
        Some((RecordType::from_name(name)?, rest))
    }

    /// The number that the kernel gives the type.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The name, where the type has one.
    pub fn known_name(self) -> Option<&'static str> {
        tables::record_type_name(self.0)
    }

    /// True for a record that tells more of a call, and is no event of its own.
    pub(crate) fn is_auxiliary(self) -> bool {
        matches!(self.0, 1302..=1304 | 1306..=1318 | 1321..=1323 | 1327 | 1402)
    }

    /// True for a record after which no other comes for its event: PROCTITLE, and those that are events by themselves
    /// (audit-userspace, auparse/common.c: audit_is_last_record).
    pub(super) fn ends_event(self) -> bool {
        self == RecordType::PROCTITLE || self.0 <= 1299 || self.0 >= 2100
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_name() {
            Some(name) => f.write_str(name),
            None => write!(f, "UNKNOWN[{}]", self.0),
        }
    }
}

/// Why a line is no audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// It does not begin with `type=` (after an optional `node=`), or has no `msg=audit(`.
    NotARecord,
    /// The type has no number that we know.
    UnknownType,
    /// What stands in `audit(SECONDS.MILLISECONDS:SERIAL)` are not those numbers.
    BadHeader,
    /// The event of the record has more or longer records than are held; the record is left out.
    EventTooLarge,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecordError::NotARecord => {
                "not an audit record: expected 'type=TYPE msg=audit(SECONDS.MILLISECONDS:SERIAL): ...', perhaps after 'node=NAME '"
            }
            RecordError::UnknownType => "unknown record type: expected a name such as SYSCALL, or UNKNOWN[number]",
            RecordError::BadHeader => "bad header: expected 'audit(SECONDS.MILLISECONDS:SERIAL)' with whole numbers and at most 999 milliseconds",
            RecordError::EventTooLarge => "the event has too many records, or too long ones: this one is left out",
        })
    }
}

impl core::error::Error for RecordError {}

/// The head of a record, and where its parts stand in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The `node=` that the daemon put in front.
    pub node: Option<&'a str>,
    /// The record type.
    pub kind: RecordType,
    /// Event time: when the kernel made the record, to the millisecond.
    pub time: Timestamp,
    /// Number of the event within a boot.
    pub serial: u32,
    /// `audit(...): body` without blanks at the end.
    pub message: &'a str,
    /// What follows the header.
    pub body: &'a str,
}

impl<'a> Record<'a> {
    /// Reads one line, without its end.
    ///
    /// # Errors
    /// A line that is not an audit record, or is torn within its header.
    pub fn parse(line: &'a str) -> Result<Record<'a>, RecordError> {
        Record::parse_parts(line).map(|(record, _)| record)
    }

    /// The record, and the line from its type on.
    pub(super) fn parse_parts(line: &'a str) -> Result<(Record<'a>, &'a str), RecordError> {
        let mut rest = match line.as_bytes() {
            // Nothing to trim, nearly always.
            [b'!'..=b'~', .., b'!'..=b'~'] => line,
            _ => line.trim(),
        };
        let mut node = None;
        if let Some(named) = after(rest, b"node=") {
            let (name, kind) = cut(named, b' ').ok_or(RecordError::NotARecord)?;
            node = Some(name);
            rest = trim_start(kind);
        }
        let typed = after(rest, b"type=").ok_or(RecordError::NotARecord)?;
        let (kind, rest) = match RecordType::begin(typed) {
            Some((kind, rest)) => (Ok(kind), rest),
            None => (Err(RecordError::UnknownType), cut(typed, b' ').ok_or(RecordError::NotARecord)?.1),
        };
        let message = after(trim_start(rest), b"msg=").ok_or(RecordError::NotARecord)?;
        after(message, b"audit(").ok_or(RecordError::NotARecord)?;
        let kind = kind?;
        Record::of_message(node, kind, message).map(|record| (record, typed))
    }

    /// Whether both are of one event.
    pub(crate) fn is_beside(&self, other: &Record<'_>) -> bool {
        self.serial == other.serial && self.time == other.time && self.node == other.node
    }

    /// Reads what stands behind `msg=`.
    fn of_message(node: Option<&'a str>, kind: RecordType, message: &'a str) -> Result<Record<'a>, RecordError> {
        let (time, serial, body) = stamp_of(message).ok_or(RecordError::BadHeader)?;
        Ok(Record { node, kind, time, serial, message, body: body_of(body) })
    }

    /// Appends it without its node, in short: the number of its type and its message, on one line.
    pub(super) fn keep(kind: RecordType, message: &str, out: &mut String) {
        decimal(u32::from(kind.0), out);
        out.extend([" ", message, "\n"]);
    }

    /// Reads what [`keep`](Self::keep) wrote.
    pub(super) fn of_kept(node: Option<&'a str>, line: &'a str) -> Option<Record<'a>> {
        let (kind, message) = cut(line, b' ')?;
        Record::of_message(node, RecordType(kind.parse().ok()?), message).ok()
    }
}

/// What stands behind `audit(...)`, without the colon.
#[inline(always)]
pub(super) fn body_of(behind: &str) -> &str {
    trim_start(after(behind, b":").unwrap_or(behind))
}

/// Appends a number in decimal.
pub(super) fn decimal(number: u32, out: &mut String) {
    if number > 9 {
        decimal(number / 10, out);
    }
    out.push(char::from(b'0'.wrapping_add((number % 10) as u8)));
}

/// What stands behind this text: compared byte by byte in place, since a call costs more than that.
#[inline(always)]
fn after<'t, const N: usize>(text: &'t str, first: &[u8; N]) -> Option<&'t str> {
    if text.as_bytes().first_chunk() == Some(first) { text.get(N..) } else { None }
}

/// What stands before and after the first such byte. The parts of a head are short: not worth a search that sets out for long ones.
#[inline(always)]
fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let mut at = 0;
    while *text.as_bytes().get(at)? != byte {
        at = at.wrapping_add(1);
    }
    Some((text.get(..at)?, text.get(at.wrapping_add(1)..)?))
}

/// The time and the serial of `audit(1700000000.200:17)`, and what follows it.
fn stamp_of(message: &str) -> Option<(Timestamp, u32, &str)> {
    let mut rest = after(message, b"audit(")?.as_bytes();
    let (seconds, millis, serial) = (digits(&mut rest, b'.')?, digits(&mut rest, b':')?, digits(&mut rest, b')')?);
    let millis = Some(millis).filter(|&millis| millis <= 999)?;
    let millis = i64::try_from(seconds).ok()?.checked_mul(1000)?.checked_add_unsigned(millis)?;
    let body = message.get(message.len().saturating_sub(rest.len())..)?;
    Some((Timestamp::from_millis(millis), u32::try_from(serial).ok()?, body))
}

/// Takes a whole number of nothing but digits (no sign, as `parse` would let through) with the byte that must follow it.
#[inline(always)]
fn digits(rest: &mut &[u8], end: u8) -> Option<u64> {
    let (mut number, mut left) = (0_u64, *rest);
    while let [byte, after @ ..] = left {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            let count = rest.len().wrapping_sub(left.len());
            let text = core::mem::replace(rest, after);
            // So many digits fit in any case.
            return match count {
                _ if *byte != end => None,
                0 => None,
                1..=19 => Some(number),
                _ => long(text.get(..count)?),
            };
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        left = after;
    }
    None
}

/// A number that may be too large, or have zeros in front.
#[cold]
fn long(text: &[u8]) -> Option<u64> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// Nothing to trim, but for one blank at most, nearly always.
#[inline(always)]
fn trim_start(text: &str) -> &str {
    let text = after(text, b" ").unwrap_or(text);
    if let [b'!'..=b'~', ..] = text.as_bytes() { text } else { text.trim_start() }
}

impl State for RecordType {
    fn save(&self, out: &mut Vec<u8>) {
        self.0.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        u16::load(input).map(RecordType)
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_with_or_without_a_node() {
        let record = Record::parse("node=web1 type=CWD msg=audit(1700000000.020:17): cwd=\"/\" \r").unwrap();
        assert_eq!((record.node, record.serial, record.body), (Some("web1"), 17, "cwd=\"/\""));
        assert_eq!((record.kind, record.time.millis), (RecordType(1307), 1_700_000_000_020));
        assert_eq!(record.message, "audit(1700000000.020:17): cwd=\"/\"");
    }

    #[test]
    fn old_daemons_write_no_colon() {
        let record = Record::parse("type=DAEMON_CONFIG msg=audit(1490239800.477:34) config changed").unwrap();
        assert_eq!(record.body, "config changed");
    }

    #[test]
    fn types_without_a_name_have_a_number() {
        let record = Record::parse("type=UNKNOWN[1450] msg=audit(1.000:1): a=b").unwrap();
        assert_eq!(alloc::format!("{}", record.kind), "UNKNOWN[1450]");
        let named = Record::parse("type=UNKNOWN[1334] msg=audit(1.000:1): a=b").unwrap();
        assert_eq!(alloc::format!("{}", named.kind), "BPF");
    }

    #[test]
    fn torn_lines_are_errors() {
        for (line, error) in [
            ("", RecordError::NotARecord),
            ("CKADDR msg=audit(1.000:1): saddr=00", RecordError::NotARecord),
            ("type=SYSCALL", RecordError::NotARecord),
            ("type=SYSCALL msg=g", RecordError::NotARecord),
            ("type=SYSCALL audit(1.2:3): a=b", RecordError::NotARecord),
            ("type=FOO msg=audit(1.000:1): a=b", RecordError::UnknownType),
            ("type=CWD msg=audit(1.000:1", RecordError::BadHeader),
            ("type=CWD msg=audit(1.1000:1): ", RecordError::BadHeader),
            ("type=CWD msg=audit(+1.000:1): ", RecordError::BadHeader),
            ("type=CWD msg=audit(1.000:4294967296): ", RecordError::BadHeader),
            ("type=CWD msg=audit(99999999999999999999.000:1): ", RecordError::BadHeader),
        ] {
            assert_eq!(Record::parse(line), Err(error), "{line}");
        }
    }

    /// The head as the library's own functions read it.
    fn plainly(line: &str) -> Result<Record<'_>, RecordError> {
        let mut rest = line.trim();
        let mut node = None;
        if let Some(named) = rest.strip_prefix("node=") {
            let (name, after) = named.split_once(' ').ok_or(RecordError::NotARecord)?;
            node = Some(name);
            rest = after.trim_start();
        }
        let rest = rest.strip_prefix("type=").ok_or(RecordError::NotARecord)?;
        let (kind, rest) = rest.split_once(' ').ok_or(RecordError::NotARecord)?;
        let message = rest.trim_start().strip_prefix("msg=").filter(|rest| rest.starts_with("audit("));
        let message = message.ok_or(RecordError::NotARecord)?;
        let kind = RecordType::from_name(kind).ok_or(RecordError::UnknownType)?;
        let stamp = |message: &'_ str| {
            let (stamp, _) = message.strip_prefix("audit(")?.split_once(')')?;
            let (time, serial) = stamp.split_once(':')?;
            let (seconds, millis) = time.split_once('.')?;
            if [seconds, millis, serial].iter().any(|number| number.bytes().any(|byte| !byte.is_ascii_digit())) {
                return None;
            }
            let millis = millis.parse::<u64>().ok().filter(|millis| *millis <= 999)?;
            let millis =
                i64::try_from(seconds.parse::<u64>().ok()?).ok()?.checked_mul(1000)?.checked_add_unsigned(millis)?;
            Some((
                Timestamp::from_millis(millis),
                serial.parse::<u64>().ok().and_then(|serial| u32::try_from(serial).ok())?,
            ))
        };
        let (time, serial) = stamp(message).ok_or(RecordError::BadHeader)?;
        let (_, body) = message.split_once(')').unwrap();
        Ok(Record { node, kind, time, serial, message, body: body.strip_prefix(':').unwrap_or(body).trim_start() })
    }

    #[test]
    fn heads_are_read_as_the_plain_twin_reads_them() {
        let heads = [
            "node=web1 type=CWD msg=audit(1700000000.020:17): cwd=\"/\"",
            "type=UNKNOWN[1450] msg=audit(0000000000000000000001.0:4294967295):a=b",
            "  type=USER_LOGIN  msg=audit(18446744073709551615.999:0)  b ",
            "type=EOE msg=audit(9223372036854775.001:00000000000000000000000017): ",
        ];
        let letters = [
            " ",
            "\u{a0}",
            "\u{85}",
            "\t",
            "0",
            "9",
            "18446744073709551616",
            ":",
            ".",
            ")",
            "(",
            "=",
            "e",
            "",
            "\u{b}",
            "+",
        ];
        let mut state = 5_u64;
        let (mut read, mut refused) = (0, 0);
        for round in 0..40_000 {
            let mut line = String::from(heads[round % heads.len()]);
            for _ in 0..round % 4 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let places: Vec<usize> = line.char_indices().map(|(place, _)| place).collect();
                let place = places[state as usize / 64 % places.len()];
                let end =
                    if state & 32 == 0 { place } else { place + line[place..].chars().next().unwrap().len_utf8() };
                line.replace_range(place..end, letters[state as usize % letters.len()]);
            }
            let found = Record::parse(&line);
            assert_eq!(found, plainly(&line), "{line:?}");
            *if found.is_ok() { &mut read } else { &mut refused } += 1;
            if let Ok(record) = found {
                let mut kept = String::new();
                Record::keep(record.kind, record.message, &mut kept);
                assert_eq!(Record::of_kept(record.node, kept.strip_suffix('\n').unwrap()), Some(record));
            }
        }
        assert!(read > 10_000 && refused > 10_000);
    }
}
