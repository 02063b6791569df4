//! A correlator's whole state as bytes: save it, and go on elsewhere as if nothing had happened.
//!
//! ```text
//! "eqlite" version(1 byte) rules(32 bytes) state... check(8 bytes)
//! ```
//! `rules` is a digest of what the state's shape depends on, so that a snapshot is not restored under other rules; `check` is a digest of all
//! that stands before it. The bytes are the same on every host, native or WebAssembly.

use super::{Correlator, KeyHash, Problem};
use crate::{
    plan::Plan,
    state::{Reader, State},
};
use alloc::{string::String, vec::Vec};
use core::fmt;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 6] = b"eqlite";

/// Raised with every change of what is saved.
const VERSION: u8 = 4;

/// Why a snapshot cannot be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The bytes are no snapshot.
    NotASnapshot,
    /// It was made by another version of eqlite, which this one does not read.
    Version {
        /// The format's version that the snapshot has.
        found: u8,
    },
    /// It was made under other rules, or other versions of them, or in another order.
    OtherRules,
    /// It was cut or changed.
    Damaged,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::NotASnapshot => f.write_str("this is no snapshot of a correlator"),
            SnapshotError::Version { found } => {
                write!(f, "the snapshot has version {found} of the format, and only version {VERSION} is read here")
            }
            SnapshotError::OtherRules => f.write_str(
                "the snapshot was made under other rules: load the same rules, of the same versions, in the same order",
            ),
            SnapshotError::Damaged => f.write_str("the snapshot is damaged: it was cut or changed"),
        }
    }
}

impl core::error::Error for SnapshotError {}

impl Correlator {
    /// All that the correlator knows, alerts that were not drained included. Settings and rules are not in it: the next correlator gets them anew.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Vec::from(MAGIC);
        out.push(VERSION);
        out.extend_from_slice(&digest_of_rules(&self.room.plan));
        self.splitter.save(&mut out);
        self.room.auditd.save(&mut out);
        self.room.machine.save(&mut out);
        self.room.bulk.skip_next.save(&mut out);
        self.room.bulk.index.save(&mut out);
        self.room.problems.save(&mut out);
        let check = check(&out);
        out.extend_from_slice(&check);
        out
    }

    /// Goes on where the snapshot was made: the alerts to come are those that would have come there. What this correlator held is gone; where
    /// the snapshot is refused, it is as it was.
    ///
    /// # Errors
    /// See [`SnapshotError`].
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), SnapshotError> {
        let rest = snapshot.strip_prefix(MAGIC).ok_or(SnapshotError::NotASnapshot)?;
        let (&version, rest) = rest.split_first().ok_or(SnapshotError::Damaged)?;
        if version != VERSION {
            return Err(SnapshotError::Version { found: version });
        }
        let (body, tail) = snapshot.split_last_chunk::<8>().ok_or(SnapshotError::Damaged)?;
        if check(body) != *tail {
            return Err(SnapshotError::Damaged);
        }
        let (rules, rest) = rest.split_first_chunk::<32>().ok_or(SnapshotError::Damaged)?;
        if *rules != digest_of_rules(&self.room.plan) {
            return Err(SnapshotError::OtherRules);
        }
        let state = rest.get(..rest.len().saturating_sub(8)).unwrap_or(&[]);
        let mut restored = Correlator::new(self.room.plan.clone(), self.room.config.clone());
        let mut input = Reader::new(state, KeyHash::with_seed(self.room.config.seed));
        restored.load(&mut input).filter(|()| input.is_empty()).ok_or(SnapshotError::Damaged)?;
        *self = restored;
        Ok(())
    }

    fn load(&mut self, input: &mut Reader<'_>) -> Option<()> {
        self.splitter.load(input)?;
        self.room.auditd.load(input)?;
        self.room.machine.load(input)?;
        self.room.bulk.skip_next = State::load(input)?;
        self.room.bulk.index = State::load(input)?;
        self.room.problems = State::load(input)?;
        Some(())
    }
}

/// What the shape of the state depends on: which rules, and what they look for.
fn digest_of_rules(plan: &Plan) -> [u8; 32] {
    let mut hash = Sha256::new();
    for rule in plan.rules() {
        let numbers = [rule.version, rule.look_back, rule.interval];
        let mut text = Vec::new();
        for part in [&rule.id, &rule.query] {
            part.save(&mut text);
        }
        numbers.iter().for_each(|number| number.save(&mut text));
        rule.tiebreaker_field.save(&mut text);
        rule.timestamp_field.save(&mut text);
        rule.timestamp_override.save(&mut text);
        rule.event_category_override.save(&mut text);
        // Groups of alerts are known by the values of these fields.
        rule.alert_suppression.as_ref().map(|suppression| suppression.group_by.clone()).save(&mut text);
        hash.update(&text);
    }
    hash.finalize().into()
}

fn check(bytes: &[u8]) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let [check @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest;
    check
}

impl State for Problem {
    fn save(&self, out: &mut Vec<u8>) {
        let Problem { code, line, offset, message } = self;
        String::from(*code).save(out);
        line.save(out);
        offset.save(out);
        message.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        let code = String::load(input)?;
        let code = Problem::CODES.iter().find(|known| **known == code)?;
        Some(Problem { code, line: State::load(input)?, offset: State::load(input)?, message: State::load(input)? })
    }
}
