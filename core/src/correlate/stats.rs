//! What went in, what came out, and what was lost: nothing is dropped without a number here.

use crate::state::state;
use alloc::{string::String, vec::Vec};
use serde::Serialize;

/// Counters of a correlator since its beginning, and what it holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stats {
    /// Bytes fed.
    pub bytes: u64,
    /// Events read.
    pub events: u64,
    /// Events that matched a stage of a rule.
    pub matched: u64,
    /// Lines or documents that could not be read.
    pub malformed: u64,
    /// Lines of `_bulk` bodies that are no events: actions, and the documents of updates.
    pub bulk_lines: u64,
    /// Events that are from a time ahead of the host's, see [`Config::max_future`](crate::Config::max_future).
    pub future: u64,
    /// Rules that an event matched and was not offered to, by where it is from: one for each event and rule.
    pub routed_away: u64,
    /// Events whose time cannot be read; otherwise like those without one.
    pub unreadable_time: u64,
    /// Events without a time. They raise alerts of single-event rules only.
    pub without_time: u64,
    /// Matched events that came too late for sequences, or a whole window behind for samples.
    pub late: u64,
    /// Leaves that could not be computed (an overflow, `number("x")`); they count as not matched.
    pub eval_errors: u64,
    /// Alerts made.
    pub alerts: u64,
    /// Alerts that were one with an earlier one.
    pub suppressed: u64,
    /// Alerts dropped because nobody drained them.
    pub alerts_dropped: u64,
    /// Problems that were only counted, because nobody drained them.
    pub problems_dropped: u64,
    /// Join keys dropped for want of room.
    pub evicted: u64,
    /// Audit records read.
    pub audit_records: u64,
    /// Audit events closed before their end, for want of room or because the input ended.
    pub audit_incomplete: u64,
    /// Serial numbers of audit events that never came.
    pub audit_lost: u64,
    /// Join keys held now.
    pub keys: u64,
    /// Events held now.
    pub held_events: u64,
    /// Bytes of the events and join keys held now.
    pub held_bytes: u64,
    /// Events that wait for their turn now.
    pub waiting: u64,
    /// The same for each rule, in the order of the plan.
    pub rules: Vec<RuleStats>,
}

/// Counters of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleStats {
    /// The rule's id.
    pub id: String,
    /// Events that matched each stage.
    pub stages: Vec<u64>,
    /// Partial sequences, those that wait for an absence to be proved included, or keys of a sample that hold an event: now.
    pub partials: u64,
    /// Sequences, samples or single events that were complete: `alerts`, `suppressed` and `over_max_signals` together.
    pub completed: u64,
    /// Alerts made.
    pub alerts: u64,
    /// Of these, alerts dropped because nobody drained them.
    pub alerts_dropped: u64,
    /// Alerts that were one with an earlier one (`alert_suppression`).
    pub suppressed: u64,
    /// Groups of such alerts that are known now.
    pub suppression_groups: u64,
    /// Groups forgotten for want of room: their next alert is raised, whenever it comes.
    pub suppression_forgotten: u64,
    /// Alerts beyond the rule's `max_signals`.
    pub over_max_signals: u64,
    /// Events that lacked a join key.
    pub without_key: u64,
    /// Join keys of events that had too many at once, or too long ones.
    pub keys_dropped: u64,
    /// Events that came too late.
    pub late: u64,
    /// Join keys held now.
    pub keys: u64,
    /// Join keys dropped for want of room.
    pub evicted: u64,
    /// Join keys, or partial sequences, that ran out of time.
    pub expired: u64,
    /// Events of a sample replaced by newer ones of the same key and stage, or partial sequences replaced by newer ones.
    pub replaced: u64,
    /// Partial sequences ended by `until`.
    pub until: u64,
    /// Complete sequences refuted by an event that had to be missing.
    pub refuted: u64,
}

state!(Stats {
    bytes,
    events,
    matched,
    malformed,
    bulk_lines,
    future,
    routed_away,
    unreadable_time,
    without_time,
    late,
    eval_errors,
    alerts,
    suppressed,
    alerts_dropped,
    problems_dropped,
    evicted,
    audit_records,
    audit_incomplete,
    audit_lost,
    keys,
    held_events,
    held_bytes,
    waiting,
    rules
});
state!(RuleStats {
    id,
    stages,
    partials,
    completed,
    alerts,
    alerts_dropped,
    suppressed,
    suppression_groups,
    suppression_forgotten,
    over_max_signals,
    without_key,
    keys_dropped,
    late,
    keys,
    evicted,
    expired,
    replaced,
    until,
    refuted
});
