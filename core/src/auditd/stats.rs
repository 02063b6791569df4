//! What was read, and what was lost.

use crate::state::state;
use alloc::vec::Vec;

/// Counters of an [`Auditd`](super::Auditd). A loss is always counted, never filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditdStats {
    /// Lines that were records.
    pub records: u64,
    /// Lines that were none: torn, or something else.
    pub malformed: u64,
    /// Events that were complete, or closed as they were.
    pub events: u64,
    /// Events closed because a record two seconds newer came, or time was advanced.
    pub timed_out: u64,
    /// Events closed because too many were in flight.
    pub evicted: u64,
    /// Records left out because their event has too many or too long ones.
    pub oversized: u64,
    /// Events that never came, by the gaps in the serials. The kernel lost them (backlog), the log is in parts, or a filter took them out.
    pub lost_serials: u64,
    /// Times the serials began anew: a reboot, or another log.
    pub restarts: u64,
    /// The first gaps that are still open, for a report.
    pub gaps: Vec<Gap>,
}

/// Serials that are missing, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first missing serial.
    pub first: u32,
    /// The last missing serial; lower than the first where the counter rolled over between.
    pub last: u32,
}

impl AuditdStats {
    /// Gaps that are kept by name.
    const GAPS: usize = 256;

    pub(super) fn gap(&mut self, after: u32, missing: u32) {
        if missing == 0 {
            return;
        }
        self.lost_serials = self.lost_serials.saturating_add(u64::from(missing));
        if self.gaps.len() < Self::GAPS {
            self.gaps.push(Gap { first: after.wrapping_add(1), last: after.wrapping_add(missing) });
        }
    }

    /// An event with a serial that was counted as missing came after all.
    pub(super) fn late(&mut self, serial: u32) {
        let holds = |gap: &Gap| serial.wrapping_sub(gap.first) <= gap.last.wrapping_sub(gap.first);
        let Some(place) = self.gaps.iter().rposition(holds) else {
            // A second event of that serial, or a gap beyond those kept by name.
            if self.gaps.len() >= Self::GAPS {
                self.lost_serials = self.lost_serials.saturating_sub(1);
            }
            return;
        };
        self.lost_serials = self.lost_serials.saturating_sub(1);
        let gap = self.gaps.remove(place);
        let before = Gap { first: gap.first, last: serial.wrapping_sub(1) };
        let after = Gap { first: serial.wrapping_add(1), last: gap.last };
        if serial != gap.last {
            self.gaps.insert(place, after);
        }
        if serial != gap.first {
            self.gaps.insert(place, before);
        }
    }
}

state!(AuditdStats { records, malformed, events, timed_out, evicted, oversized, lost_serials, restarts, gaps });
state!(Gap { first, last });

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_late_event_closes_its_part_of_the_gap() {
        let mut stats = AuditdStats::default();
        stats.gap(u32::MAX - 1, 3);
        assert_eq!((stats.lost_serials, stats.gaps.clone()), (3, vec![Gap { first: u32::MAX, last: 1 }]));
        stats.late(0);
        assert_eq!(stats.gaps, [Gap { first: u32::MAX, last: u32::MAX }, Gap { first: 1, last: 1 }]);
        stats.late(0);
        assert_eq!(stats.lost_serials, 2);
        stats.late(1);
        stats.late(u32::MAX);
        assert_eq!((stats.lost_serials, stats.gaps.len()), (0, 0));
    }
}
