//! The runs of one rule: at each tick the search over its window, and of the results the alerts that are new.

use super::ReplayOptions;
use crate::{
    alert::{Alert, AlertEvent, AlertKind, kibana_ids},
    event::key_values,
    ordered::OrderedMap,
    plan::PlanKind,
    rule::Rule,
    search::{Found, Index, Prepared, SearchOptions, limited},
    sort::{sort, sort_by_key},
    time::Timestamp,
};
use alloc::{string::String, sync::Arc, vec::Vec};

/// Kibana runs nothing more often than once a second.
const LEAST_INTERVAL: i64 = 1_000;

/// When a rule runs, what it sees, and how much it may write.
pub(super) struct Schedule {
    pub(super) interval: i64,
    pub(super) offset: i64,
    pub(super) look_back: i64,
    pub(super) max_signals: usize,
    /// The primary timestamp is another field than `@timestamp`, and events without it are not taken by that.
    strict: bool,
    ingested: bool,
}

/// When an event can be seen: by runs at `from` or later whose window begins at or before `time`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Milliseconds of the primary timestamp.
    pub(super) time: i64,
    /// Milliseconds from which it is there.
    pub(super) from: i64,
}

/// An alert of the schedule.
pub(super) struct Raised {
    pub(super) id: String,
    pub(super) run: i64,
    pub(super) alert: Alert,
}

/// A result of a search as the alert it is, with the ids of its documents.
struct Made {
    alert: Alert,
    ids: Vec<String>,
}

/// What all runs did.
#[derive(Default)]
pub(super) struct Runs {
    /// Runs that saw an event of the rule.
    pub(super) count: usize,
    /// Alerts written, in order; building blocks are not here.
    pub(super) raised: Vec<Raised>,
    /// Results that some run found and had no room for, by the ids of their alerts: the first such run.
    pub(super) cut_alerts: OrderedMap<String, i64>,
    /// Documents that found no room.
    pub(super) cut: usize,
    /// When the events of the rule can be seen, by their documents.
    pub(super) seen: OrderedMap<String, Option<Seen>>,
}

impl Schedule {
    pub(super) fn new(rule: &Rule, options: &ReplayOptions) -> Self {
        let millis = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Schedule {
            interval: millis(options.interval.unwrap_or(rule.interval)).max(LEAST_INTERVAL),
            offset: millis(options.offset),
            look_back: millis(options.look_back.unwrap_or(rule.look_back)),
            max_signals: usize::try_from(rule.max_signals).unwrap_or(usize::MAX),
            strict: rule.timestamp_override.is_some() && rule.timestamp_override_fallback_disabled,
            ingested: options.ingested,
        }
    }

    /// The first run at or after a time.
    pub(super) fn tick(&self, time: i64) -> i64 {
        let since = time.saturating_sub(self.offset);
        let rest = since.checked_rem_euclid(self.interval).unwrap_or(0);
        if rest == 0 { time } else { time.saturating_add(self.interval.saturating_sub(rest)) }
    }

    /// From the primary timestamp, `@timestamp` and `event.ingested` of an event.
    fn seen(&self, times: &[Option<Timestamp>]) -> Option<Seen> {
        let [primary, timestamp, ingested] = times else { return None };
        let primary = if self.strict { *primary } else { primary.or(*timestamp) };
        let time = primary?.millis;
        let ingested = ingested.filter(|_| self.ingested).map_or(time, |time| time.millis);
        Some(Seen { time, from: ingested.max(time) })
    }
}

impl Runs {
    /// Runs the schedule from the first event to the last run that can see one.
    pub(super) fn new(prepared: &Prepared, index: &Index, schedule: &Schedule, options: &ReplayOptions) -> Self {
        let mut runs = Runs::default();
        let Some(rule) = prepared.rule() else { return runs };
        let mut by_time: Vec<(Seen, usize)> = Vec::new();
        for (place, matched) in prepared.found.iter().enumerate() {
            let seen = schedule.seen(&matched.times);
            by_time.extend(seen.map(|seen| (seen, place)));
            if let Some(source) = index.document(matched.document) {
                runs.seen.insert(source.into(), seen);
            }
        }
        sort_by_key(&mut by_time, |(seen, place)| (seen.time, *place));
        let search = SearchOptions { size: schedule.max_signals, ..SearchOptions::default() };
        let mut known: OrderedMap<Vec<Option<usize>>, Arc<Made>> = OrderedMap::default();
        let mut written: OrderedMap<String, ()> = OrderedMap::default();
        let (mut before, mut all_written) = (Vec::new(), true);
        let mut next = by_time.first().map(|(seen, _)| schedule.tick(seen.time));
        while let Some(now) = next {
            let start = now.saturating_sub(schedule.look_back);
            let first = by_time.partition_point(|(seen, _)| seen.time < start);
            let end = by_time.partition_point(|(seen, _)| seen.time <= now);
            let window = by_time.get(first..end).unwrap_or(&[]);
            let mut places: Vec<usize> =
                window.iter().filter(|(seen, _)| seen.from <= now).map(|(_, place)| *place).collect();
            let after = now.saturating_add(schedule.interval);
            next = match window.is_empty() {
                false => Some(after),
                true => by_time.get(end).map(|(seen, _)| schedule.tick(seen.time)),
            };
            if next.is_some_and(|next| next <= now) {
                next = None;
            }
            if places.is_empty() {
                continue;
            }
            runs.count = runs.count.saturating_add(1);
            sort(&mut places);
            if places == before && all_written {
                continue;
            }
            let results = prepared.results(&places, search.max_samples_per_key);
            let mut alert_of = |found: &Found| {
                let made = known.get_or_insert_with(found.events.clone(), || {
                    let alert = to_alert(prepared, index, found);
                    let ids = kibana_ids(&alert, &rule.rule, &options.kibana);
                    Arc::new(Made { alert, ids })
                });
                made.cloned()
            };
            let all: Vec<_> = results.iter().filter_map(&mut alert_of).collect();
            let kept: Vec<_> = limited(rule, results, &search).iter().filter_map(&mut alert_of).collect();
            let mut room = schedule.max_signals;
            all_written = kept.len() == all.len();
            for made in kept {
                let Made { alert, ids } = &*made;
                for (place, id) in ids.iter().enumerate() {
                    if written.contains(id) {
                        continue;
                    }
                    let Some(left) = room.checked_sub(1) else {
                        runs.cut = runs.cut.saturating_add(1);
                        all_written = false;
                        continue;
                    };
                    room = left;
                    written.insert(id.clone(), ());
                    if place == 0 {
                        runs.raised.push(Raised { id: id.clone(), run: now, alert: alert.clone() });
                    }
                }
            }
            for id in all.iter().filter_map(|made| made.ids.first()).filter(|id| !written.contains(*id)) {
                runs.cut_alerts.get_or_insert_with(id.clone(), || now);
            }
            before = places;
        }
        runs
    }
}

/// A result of a search as the alert that the stream would make of it.
fn to_alert(prepared: &Prepared, index: &Index, found: &Found) -> Alert {
    let event = |place: &Option<usize>| {
        let matched = place.and_then(|place| prepared.found.get(place));
        let found = matched.and_then(|matched| {
            Some(AlertEvent::Found { timestamp: matched.timestamp, source: index.document(matched.document)?.into() })
        });
        found.unwrap_or(AlertEvent::Missing)
    };
    let rule = prepared.rule();
    let kind = match rule.map(|rule| &rule.kind) {
        Some(PlanKind::Sample { .. }) => AlertKind::Sample,
        Some(PlanKind::Sequence(_)) => AlertKind::Sequence,
        _ => AlertKind::Event,
    };
    let names = rule.map_or(&[][..], |rule| &rule.key_names);
    Alert {
        rule: rule.map_or_else(|| Arc::from("{}"), |rule| Arc::clone(&rule.header)),
        rule_index: 0,
        kind,
        join_keys: names.iter().cloned().zip(key_values(&found.key)).collect(),
        events: found.events.iter().map(event).collect(),
        suppression: None,
    }
}
