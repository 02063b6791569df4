//! Which alerts of a rule are one, compiled: `alert_suppression` of the rule with the fields that its groups are made of.

use crate::{
    event::{FieldId, FieldTable},
    rule::{MissingFields, Rule},
};
use alloc::vec::Vec;

/// `alert_suppression`, compiled.
#[derive(Clone, Debug)]
pub(crate) struct SuppressionPlan {
    /// The fields of the groups alone: they are read from the documents of an alert, not from each event.
    pub(crate) table: FieldTable,
    /// In the rule's order.
    pub(crate) group_by: Vec<FieldId>,
    /// How long a group lasts from its first alert on, in milliseconds.
    pub(crate) duration: u64,
    /// An alert that lacks a field is an alert of its own.
    pub(crate) needs_all: bool,
}

impl SuppressionPlan {
    /// `None` where the rule suppresses nothing.
    pub(crate) fn new(rule: &Rule) -> Option<Self> {
        let suppression = rule.alert_suppression.as_ref().filter(|suppression| !suppression.group_by.is_empty())?;
        let mut table = FieldTable::default();
        let group_by = suppression.group_by.iter().map(|path| table.intern(path)).collect();
        Some(SuppressionPlan {
            table,
            group_by,
            // Without a duration Kibana brings the alerts of one run together: one interval of the schedule.
            duration: suppression.duration.unwrap_or(rule.interval),
            needs_all: suppression.missing_fields == MissingFields::DoNotSuppress,
        })
    }
}
