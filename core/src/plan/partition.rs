//! By which keys a rule set can be spread over several correlators.
//!
//! ```text
//! sequence by host.id, process.pid [..] [..]     may be split by host.id, by process.pid, or by both
//! sample by host.id [..] [..]                    by host.id
//! sequence by user.id [..] [..]                  by user.id
//! process where ..                               anyhow
//!   -> {keys: [host.id], rules: the 1st, 2nd and 4th}, {keys: [user.id], rules: the 3rd}
//! ```
//! Each partition is a plan of its own: its correlators are given all events, each event by the values of the keys, and every correlator every
//! watermark. Together they raise the alerts that one correlator would. The keys must have one value an event, as `host.id` has: an event
//! with several would belong to several correlators.

use super::{Plan, PlanKind, PlanRule, Stage};
use crate::event::FieldId;
use crate::ordered::OrderedMap;
use crate::sort::{sort, sort_by_key};
use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// Rules that can be sharded together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partition {
    /// Events that agree in these fields must go to the same correlator; one may shard by all of them or by any of them. None: see `whole`.
    pub keys: Vec<String>,
    /// The rules need all events in one place. Otherwise, without keys, any event may go anywhere.
    pub whole: bool,
    /// Their places in the plan, ascending.
    pub rules: Vec<usize>,
}

impl Plan {
    /// The rules in few groups, each with the keys that it can be sharded by: the key that most rules share first.
    /// Rules of single events are in the first group.
    ///
    /// ```
    /// use eqlite_core::{Plan, rule::read_rules};
    ///
    /// let file = read_rules(r#"[
    ///   {"name": "a", "type": "eql", "query": "sequence by host.id, process.pid [process where true] [network where true]"},
    ///   {"name": "b", "type": "eql", "query": "sample by host.id [process where true] [network where true]"},
    ///   {"name": "c", "type": "eql", "query": "sequence by user.id [process where true] [network where true]"},
    ///   {"name": "d", "type": "eql", "query": "process where true"}]"#, "rules.json");
    /// let mut builder = Plan::builder();
    /// builder.load([file]);
    /// let partitions = builder.build().partitioning();
    /// assert_eq!((partitions[0].keys.join(","), &partitions[0].rules[..]), ("host.id".to_string(), &[0, 1, 3][..]));
    /// assert_eq!((partitions[1].keys.join(","), &partitions[1].rules[..]), ("user.id".to_string(), &[2][..]));
    /// ```
    pub fn partitioning(&self) -> Vec<Partition> {
        let mut free = Vec::new();
        let mut whole = Vec::new();
        let mut keyed: Vec<(usize, Vec<&str>)> = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            match self.shard_keys(number, rule) {
                None => free.push(number),
                Some(keys) if keys.is_empty() => whole.push(number),
                Some(keys) => keyed.push((number, keys)),
            }
        }
        let mut partitions = Vec::new();
        while let Some(key) = most_shared(&keyed) {
            let group: Vec<(usize, Vec<&str>)> = keyed.extract_if(.., |(_, keys)| keys.contains(&key)).collect();
            let mut keys = group.first().map(|(_, keys)| keys.clone()).unwrap_or_default();
            keys.retain(|key| group.iter().all(|(_, other)| other.contains(key)));
            // The key that made the group stands first.
            sort_by_key(&mut keys, |other| *other != key);
            let keys = keys.into_iter().map(str::to_owned).collect();
            partitions.push(Partition { keys, whole: false, rules: group.into_iter().map(|(rule, _)| rule).collect() });
        }
        if !free.is_empty() {
            match partitions.first_mut() {
                Some(first) => {
                    first.rules.extend(free);
                    sort(&mut first.rules);
                }
                None => partitions.push(Partition { rules: free, ..Partition::default() }),
            }
        }
        if !whole.is_empty() {
            partitions.push(Partition { keys: Vec::new(), whole: true, rules: whole });
        }
        partitions
    }

    /// The fields by any of which the rule's events can be told apart; `None` where each event stands for itself.
    fn shard_keys<'p>(&'p self, number: usize, rule: &'p PlanRule) -> Option<Vec<&'p str>> {
        let path = |field: FieldId| self.fields.path(field);
        let group_by = rule.rule.alert_suppression.as_ref().map(|suppression| &suppression.group_by);
        let group_by = group_by.filter(|fields| !fields.is_empty());
        if matches!(rule.kind, PlanKind::Event) {
            return group_by.map(|fields| fields.iter().map(String::as_str).collect());
        }
        let stages: Vec<&Stage> = self.stages.iter().filter(|stage| stage.rule == number).collect();
        let (first, others) = stages.split_first()?;
        let mut keys = Vec::new();
        for (position, key) in first.keys.iter().enumerate() {
            let same = |stage: &&Stage| {
                stage.keys.get(position).is_some_and(|other| other.field == key.field && !other.optional)
            };
            if let Some(field) = key.field.filter(|_| !key.optional && others.iter().all(same)) {
                keys.push(path(field));
            }
        }
        // Its alerts must meet those that they may be one with.
        keys.retain(|key| group_by.is_none_or(|fields| fields.iter().any(|field| field == key)));
        keys.dedup();
        Some(keys)
    }
}

/// The key of most rules; of several the one that comes first in the alphabet.
fn most_shared<'k>(keyed: &[(usize, Vec<&'k str>)]) -> Option<&'k str> {
    let mut counts: OrderedMap<&str, usize> = OrderedMap::default();
    for key in keyed.iter().flat_map(|(_, keys)| keys) {
        if let Some(count) = counts.get_or_insert_with(key, || 0) {
            *count = count.saturating_add(1);
        }
    }
    let most = counts.values().max()?;
    counts.iter().find(|(_, count)| count == most).map(|(key, _)| *key)
}
