//! The head of the last record: the next one, mostly of the same event, has the same but for its type, and then nothing of it is read again.
//!
//! ```text
//! node=web1 type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e ...
//! └─ before ────┘        └─ behind ─────────────────┘
//! node=web1 type=PATH    msg=audit(1700000000.200:17): item=0 ...
//! ```
//! A head is read from its begin on, so that the same bytes say the same.

use super::record::{Record, RecordError, RecordType, body_of};
use crate::{Timestamp, event::same};
use alloc::string::String;

/// What stood around the type of the last record, and what that said.
#[derive(Debug, Default)]
pub(super) struct LastHead {
    /// All up to the type, `type=` included; empty where nothing is remembered.
    before: String,
    /// From `msg=` to the bracket after the serial.
    behind: String,
    /// Length of the node's name, which follows `node=`.
    node: Option<usize>,
    time: Timestamp,
    serial: u32,
}

const NODE: usize = "node=".len();
const MESSAGE: usize = "msg=".len();

impl LastHead {
    /// Longer heads are not remembered.
    const LONGEST: usize = 512;

    /// Does what [`Record::parse`] does.
    #[inline(always)]
    pub(super) fn parse<'a>(&mut self, line: &'a str) -> Result<Record<'a>, RecordError> {
        match self.again(line) {
            Some(record) => Ok(record),
            None => self.read(line),
        }
    }

    /// The record, where its head is the last one's.
    #[inline(always)]
    fn again<'a>(&self, line: &'a str) -> Option<Record<'a>> {
        // A head has nothing to trim before it; what has to be trimmed behind is rare.
        let Some(b'!'..=b'~') = line.as_bytes().last() else { return None };
        let (kind, rest) = RecordType::begin(behind(line, &self.before)?)?;
        let body = behind(rest, &self.behind)?;
        let node = match self.node {
            Some(length) => Some(line.get(NODE..length.wrapping_add(NODE))?),
            None => None,
        };
        let message = rest.get(MESSAGE..)?;
        Some(Record { node, kind, time: self.time, serial: self.serial, message, body: body_of(body) })
    }

    #[inline(never)]
    fn read<'a>(&mut self, line: &'a str) -> Result<Record<'a>, RecordError> {
        let line = line.trim();
        let (record, typed) = Record::parse_parts(line)?;
        let place = |rest: &str| line.len().saturating_sub(rest.len());
        let (before, message) = (place(typed), place(record.message).saturating_sub(MESSAGE));
        // Between the bracket and the body stand a colon and blanks at most.
        let behind = line.get(message..place(record.body)).and_then(|head| head.get(..=head.rfind(')')?));
        self.before.clear();
        self.behind.clear();
        if let (Some(before), Some(behind)) = (line.get(..before), behind)
            && message <= Self::LONGEST
        {
            self.before.push_str(before);
            self.behind.push_str(behind);
            (self.node, self.time, self.serial) = (record.node.map(str::len), record.time, record.serial);
        }
        Ok(record)
    }
}

/// What follows this text, if there is any and it stands here.
#[inline(always)]
fn behind<'t>(text: &'t str, first: &str) -> Option<&'t str> {
    let (begin, rest) = text.split_at_checked(first.len())?;
    (same(begin.as_bytes(), first.as_bytes()) && !first.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_those_that_are_read_each_on_its_own() {
        let heads = [
            ("node=web1 type=", "msg=audit(1700000000.020:17)"),
            ("type=", "msg=audit(1700000000.020:17)"),
            ("node= type=", "msg=audit(1700000000.021:4294967295)"),
            ("  node=web2 \u{a0} type=", " msg=audit(0.0:0)"),
            ("node=a-very-long-name-that-is-longer-than-thirty-two-bytes.example type=", "msg=audit(0.0:1)"),
        ];
        let kinds = ["CWD ", "SYSCALL ", "USER_LOGIN  ", "UNKNOWN[1450] ", "FOO ", "CWD", " "];
        let bodies = [": cwd=\"/\"", ": ", "", " config changed", ":a=b )", ": a=b \u{85}", ":\u{a0}x"];
        let (mut state, mut again, mut refused) = (9_u64, 0, 0);
        let mut last = LastHead::default();
        let mut head = heads[0];
        for _ in 0..40_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let pick = |shift: u32, of: usize| (state >> shift) as usize % of;
            if pick(3, 4) == 0 {
                head = heads[pick(8, heads.len())];
            }
            let mut line = [head.0, kinds[pick(16, kinds.len())], head.1, bodies[pick(24, bodies.len())]].concat();
            if pick(32, 3) == 0 {
                let places: alloc::vec::Vec<usize> = line.char_indices().map(|(place, _)| place).collect();
                let place = places[pick(34, places.len())];
                line.insert_str(place, ["", " ", "0", "1", "x", ")", ":"][pick(50, 7)]);
            }
            again += usize::from(last.again(&line).is_some());
            let found = last.parse(&line);
            assert_eq!(found, Record::parse(&line), "{line:?}");
            refused += usize::from(found.is_err());
        }
        assert!(again > 4_000 && refused > 4_000, "{again} {refused}");
    }
}
