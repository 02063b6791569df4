//! How much may be held. Every buffer has a limit here, a counter in [`Stats`](crate::correlate::Stats), and a rule for the overflow.

use serde::{Deserialize, Serialize};

/// The limits of a [`Correlator`](crate::Correlator). What does not fit is dropped and counted; nothing is ever invented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Limits {
    /// Longest line or document, in bytes. A longer one is counted as malformed and skipped.
    ///
    /// ### Default: 1 MiB
    pub line_bytes: usize,
    /// Deepest nesting of a document.
    ///
    /// ### Default: 64
    pub json_depth: usize,
    /// Join keys held per rule. Beyond it the key that would expire first goes.
    ///
    /// ### Default: 100,000
    pub keys_per_rule: usize,
    /// Events held per join key and stage of a sample; 8 at least, so that distinct events are always left to choose from. Beyond it the oldest goes.
    ///
    /// ### Default: 16
    pub events_per_stage: usize,
    /// Groups of alerts remembered per rule for `alert_suppression`. Beyond it the one whose alert is oldest goes.
    ///
    /// ### Default: 10,000
    pub suppression_groups: usize,
    /// Bytes of events and join keys held for correlation, all rules together. Beyond it the earliest waiting event goes on before its
    /// time, or the key that would expire first goes.
    ///
    /// ### Default: 64 MiB
    pub state_bytes: usize,
    /// Alerts that wait to be drained. Beyond it, or where their events would take more than `state_bytes`, the newest is dropped.
    ///
    /// ### Default: 10,000
    pub alerts: usize,
    /// Problems that wait to be drained. Beyond it the newest is only counted.
    ///
    /// ### Default: 100
    pub problems: usize,
    /// Audit events whose records are still coming in. Beyond it the oldest is closed as it is.
    ///
    /// ### Default: 1,024
    pub audit_in_flight: usize,
    /// Events held until the watermark passes them (sequences need order). Beyond it the earliest goes on.
    ///
    /// ### Default: 100,000
    pub reorder_events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            line_bytes: 1 << 20,
            json_depth: 64,
            keys_per_rule: 100_000,
            events_per_stage: 16,
            suppression_groups: 10_000,
            state_bytes: 64 << 20,
            alerts: 10_000,
            problems: 100,
            audit_in_flight: 1024,
            reorder_events: 100_000,
        }
    }
}
