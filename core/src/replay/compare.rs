//! The alerts of the stream against those of the schedule, by Kibana's ids, and why one has what the other lacks.

use super::{
    RuleReplay,
    schedule::{Raised, Runs, Schedule, Seen},
};
use crate::{
    alert::{Alert, AlertEvent, AlertKind, KibanaContext, kibana_ids},
    event::in_order,
    object::Json,
    ordered::OrderedMap,
    rule::Rule,
    time::Timestamp,
};
use alloc::{string::String, vec::Vec};
use serde::Serialize;
use serde_json::Value;

/// An alert in few words.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// `kibana.alert.uuid`; of a sequence or sample that of its shell.
    pub id: String,
    /// The join keys by their names, in the rule's order.
    #[serde(serialize_with = "in_order")]
    pub join_keys: Vec<(String, Value)>,
    /// When each of its events happened.
    pub events: Vec<Option<Timestamp>>,
    /// The run that raised it; `None` where only the stream did.
    pub run: Option<Timestamp>,
}

/// An alert of the stream that the schedule did not raise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Missed {
    /// The alert.
    pub alert: Summary,
    /// Why.
    pub why: Why,
}

/// An alert of the schedule that the stream did not raise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Extra {
    /// The alert.
    pub alert: Summary,
    /// The alert of the stream with which it shares an event: the same thing, seen in other events.
    pub instead_of: Option<String>,
}

/// Why no run raised an alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
#[non_exhaustive]
pub enum Why {
    /// Its events lie further apart than a run looks back.
    LookBack {
        /// Milliseconds from the first to the last.
        span: i64,
        /// Milliseconds that a run looks back.
        look_back: i64,
    },
    /// They would fit into one look-back, but no run came at the right time.
    BetweenRuns {
        /// Milliseconds between runs.
        interval: i64,
        /// Milliseconds that a run looks back.
        look_back: i64,
    },
    /// One of them was ingested so late that no run saw all of them.
    Ingested {
        /// Milliseconds from its time to its ingestion.
        delay: i64,
    },
    /// A run found it and had no room for it.
    MaxSignals {
        /// The run.
        run: Timestamp,
    },
    /// A run that saw all of its events raised another alert from one of them.
    OtherPairing {
        /// The run.
        run: Timestamp,
        /// The alert that it raised.
        instead: String,
    },
    /// A run gives a join key one sample, and gave it another.
    OnePerKey {
        /// The run.
        run: Timestamp,
        /// The alert that it raised.
        instead: String,
    },
    /// An event has no primary timestamp, and is in no run's look-back.
    NoTime,
    /// Runs saw all of its events, and the search pairs them otherwise within their windows.
    Search,
}

/// Compares the alerts of one rule.
pub(super) fn compare(
    rule: &Rule,
    stream: &[Alert],
    runs: &Runs,
    schedule: &Schedule,
    late: u64,
    context: &KibanaContext,
) -> RuleReplay {
    let ids: Vec<String> =
        stream.iter().map(|alert| kibana_ids(alert, rule, context).into_iter().next().unwrap_or_default()).collect();
    let raised: OrderedMap<&str, &Raised> = runs.raised.iter().map(|raised| (&*raised.id, raised)).collect();
    let streamed: OrderedMap<&str, ()> = ids.iter().map(|id| (id.as_str(), ())).collect();
    let by_source = |alerts: &mut dyn Iterator<Item = (usize, &Alert)>| {
        let mut places: OrderedMap<String, Vec<usize>> = OrderedMap::default();
        for (place, alert) in alerts {
            for source in alert.events.iter().filter_map(AlertEvent::source) {
                if let Some(places) = places.get_or_insert_with(source.into(), Vec::new) {
                    places.push(place);
                }
            }
        }
        places
    };
    let stream_by_source = by_source(&mut stream.iter().enumerate());
    let raised_by_source = by_source(&mut runs.raised.iter().map(|raised| &raised.alert).enumerate());
    let (mut both, mut missed) = (Vec::new(), Vec::new());
    for (alert, id) in stream.iter().zip(&ids) {
        match raised.get(id) {
            Some(raised) => both.push(summary(alert, id, Some(raised.run))),
            None => {
                let others: Vec<&Raised> = alert
                    .events
                    .iter()
                    .filter_map(AlertEvent::source)
                    .filter_map(|source| raised_by_source.get(source))
                    .flatten()
                    .filter_map(|&place| runs.raised.get(place))
                    .collect();
                let why = why(alert, id, runs, schedule, &others);
                missed.push(Missed { alert: summary(alert, id, None), why });
            }
        }
    }
    let only_scheduled = runs.raised.iter().filter(|raised| !streamed.contains(&raised.id));
    let extra = only_scheduled.map(|raised| {
        let sources = raised.alert.events.iter().filter_map(AlertEvent::source);
        let mut shared = sources.filter_map(|source| stream_by_source.get(source)).flatten();
        let instead_of = shared.find_map(|&place| ids.get(place)).cloned();
        Extra { alert: summary(&raised.alert, &raised.id, Some(raised.run)), instead_of }
    });
    RuleReplay {
        id: rule.id.clone(),
        name: rule.name.clone(),
        interval: schedule.interval.unsigned_abs(),
        look_back: schedule.look_back.unsigned_abs(),
        max_signals: rule.max_signals,
        runs: runs.count,
        stream: stream.len(),
        schedule: runs.raised.len(),
        cut: runs.cut,
        late,
        both,
        missed,
        extra: extra.collect(),
    }
}

fn summary(alert: &Alert, id: &str, run: Option<i64>) -> Summary {
    let keys = alert.join_keys.iter();
    let keys = keys.map(|(name, value)| (name.clone(), value.json()));
    Summary {
        id: id.into(),
        join_keys: keys.collect(),
        events: alert
            .events
            .iter()
            .map(|event| match event {
                AlertEvent::Found { timestamp, .. } => *timestamp,
                AlertEvent::Missing => None,
            })
            .collect(),
        run: run.map(Timestamp::from_millis),
    }
}

/// `others` are the alerts of the schedule that share an event with it.
fn why(alert: &Alert, id: &str, runs: &Runs, schedule: &Schedule, others: &[&Raised]) -> Why {
    if let Some(&run) = runs.cut_alerts.get(id) {
        return Why::MaxSignals { run: Timestamp::from_millis(run) };
    }
    let seen: Option<Vec<Seen>> = alert
        .events
        .iter()
        .filter_map(AlertEvent::source)
        .map(|source| runs.seen.get(source).copied().flatten())
        .collect();
    let Some(seen) = seen else { return Why::NoTime };
    let times = || seen.iter().map(|seen| seen.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Why::NoTime };
    let there = seen.iter().map(|seen| seen.from).max().unwrap_or(last);
    let over = first.saturating_add(schedule.look_back);
    if last > over {
        return Why::LookBack { span: last.saturating_sub(first), look_back: schedule.look_back };
    }
    if schedule.tick(last) > over {
        return Why::BetweenRuns { interval: schedule.interval, look_back: schedule.look_back };
    }
    if schedule.tick(there) > over {
        let delay = seen.iter().map(|seen| seen.from.saturating_sub(seen.time)).max().unwrap_or(0);
        return Why::Ingested { delay };
    }
    // Some run saw all of it.
    let covering = |run: i64| (there..=over).contains(&run);
    if let Some(other) = others.iter().find(|other| covering(other.run)).or(others.first()) {
        return Why::OtherPairing { run: Timestamp::from_millis(other.run), instead: other.id.clone() };
    }
    let same_key = |raised: &&Raised| raised.alert.join_keys == alert.join_keys;
    match runs.raised.iter().find(same_key) {
        Some(other) if alert.kind == AlertKind::Sample => {
            Why::OnePerKey { run: Timestamp::from_millis(other.run), instead: other.id.clone() }
        }
        _ => Why::Search,
    }
}
