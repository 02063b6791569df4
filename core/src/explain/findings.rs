//! What stood between the events and an alert: the join keys that came furthest, and for each what was lacking.

use super::{
    Candidate, Difference, Finding, Role, Step,
    observe::{Event, Hit, Look, Observed, Observer, candidate},
    trace::{Turn, trace},
};
use crate::{
    event::{key_values, keys},
    object::Json,
    ordered::OrderedMap,
    plan::PlanKind,
    sort::{sort, sort_by_key},
};
use alloc::{string::String, vec::Vec};
use serde_json::Value;

/// How many join keys are told of.
const KEYS: usize = 2;
/// How many events of a stage are named.
const EVENTS: usize = 3;

/// How many events of a key are looked through for the closest ones.
const TURNS: usize = 1_000;

/// The places of a key's events in [`Observed::events`], by term.
type ByTerm = OrderedMap<usize, Vec<usize>>;

pub(super) fn find(
    observer: &mut Observer<'_>,
    observed: &Observed,
    documents: &[String],
    alerts: &[Vec<Option<usize>>],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let needed: Vec<usize> = observer
        .stages
        .iter()
        .filter(|stage| stage.role == Role::Needed)
        .flat_map(|stage| stage.terms.clone())
        .collect();
    for (number, (stage, seen)) in observer.stages.iter().zip(&observed.stages).enumerate() {
        if stage.role == Role::Needed && seen.matched == 0 {
            findings.push(Finding::NoEvent { stage: number });
        }
    }
    if matches!(observer.rule().map(|rule| &rule.kind), Some(PlanKind::Event) | None) {
        return findings;
    }
    let by_key = by_key(observed);
    let told = |events: &ByTerm| {
        let places = events.values().flatten().filter_map(|&place| observed.events.get(place));
        let mut numbers: Vec<usize> = places.map(|event| event.number).collect();
        sort(&mut numbers);
        alerts.iter().any(|alert| alert.iter().flatten().all(|number| numbers.binary_search(number).is_ok()))
    };
    let reach = |events: &ByTerm| needed.iter().filter(|term| events.contains(*term)).count();
    let mut far: Vec<(&&[u8], &ByTerm)> = by_key
        .iter()
        .map(|(key, events)| (key, events))
        .filter(|(_, events)| reach(events) > 0 && !told(events))
        .collect();
    sort_by_key(&mut far, |(_, events)| {
        (needed.len().saturating_sub(reach(events)), events.values().flatten().min().copied())
    });
    far.truncate(if alerts.is_empty() { KEYS } else { 1 });
    if far.is_empty() && alerts.is_empty() {
        // Nothing has a key: the first event of each stage that lacks one.
        for &term in &needed {
            let lacking = |event: &&Event| event.hits.iter().any(|hit| hit.term == term && !hit.lacks.is_empty());
            if let Some(event) = observed.events.iter().find(lacking) {
                findings.extend(lacks(observer, event, term));
            }
        }
    }
    for (key, events) in far {
        findings.push(told_key(observer, observed, key, events));
        let lacking: Vec<usize> = needed.iter().copied().filter(|term| !events.contains(term)).collect();
        for &term in &lacking {
            let near = events.values().flatten().min().and_then(|&place| observed.events.get(place));
            findings.extend(closest(observer, documents, key, term));
            findings.extend(near.and_then(|near| other_key(observer, observed, key, term, near)));
        }
        if lacking.is_empty() {
            findings.extend(limits(observer, observed, events));
        }
    }
    findings
}

fn by_key(observed: &Observed) -> OrderedMap<&[u8], ByTerm> {
    let mut by_key: OrderedMap<&[u8], ByTerm> = OrderedMap::default();
    for (place, event) in observed.events.iter().enumerate().filter(|(_, event)| event.time.is_some()) {
        for hit in &event.hits {
            for key in &hit.keys {
                let by_term = by_key.get_or_insert_with(key, ByTerm::default);
                if let Some(places) = by_term.and_then(|by_term| by_term.get_or_insert_with(hit.term, Vec::new)) {
                    places.push(place);
                }
            }
        }
    }
    by_key
}

fn told_key(observer: &Observer<'_>, observed: &Observed, key: &[u8], events: &ByTerm) -> Finding {
    let names = observer.key_names(0);
    let values = key_values(key).into_iter().map(|value| value.json());
    let mut numbers: OrderedMap<usize, Vec<usize>> = OrderedMap::default();
    for (term, places) in events.iter() {
        if let Some(stage) = stage_of(observer, *term) {
            let named = places.iter().take(EVENTS).filter_map(|&place| observed.events.get(place));
            numbers.get_or_insert_with(stage, || named.map(|event| event.number).collect());
        }
    }
    Finding::Key { key: names.into_iter().zip(values).collect(), events: numbers.iter().cloned().collect() }
}

/// The stage of the query that a term comes of.
fn stage_of(observer: &Observer<'_>, term: usize) -> Option<usize> {
    observer.stages.iter().position(|stage| stage.terms.contains(&term))
}

/// Of the events that have the key and serve no stage, the one that fails the fewest leaves of a term.
fn closest(observer: &mut Observer<'_>, documents: &[String], key: &[u8], term: usize) -> Option<Finding> {
    let number = stage_of(observer, term)?;
    let (plan, rule) = (observer.plan, observer.rule()?);
    let (stage, of_plan) = (observer.stages.get(number)?, observer.terms().nth(term)?);
    let mut best: Option<Candidate> = None;
    for (place, document) in documents.iter().enumerate() {
        let Some(Look { view, rules, terms }) = observer.look(document) else { continue };
        // One that serves another stage is no near miss.
        if !terms.is_empty() || !keys(view, &of_plan.keys).0.iter().any(|own| **own == *key) {
            continue;
        }
        let new = candidate(plan, stage, view, &rules, (place.saturating_add(1), rule.timestamp(view)));
        if best.as_ref().is_none_or(|best| new.failed.len() < best.failed.len()) {
            best = Some(new);
        }
    }
    Some(match best {
        Some(candidate) => Finding::Closest { stage: number, candidate },
        None => Finding::NothingElse { stage: number },
    })
}

/// Of the events that match a term under another key or none, the one that is nearest: in its key, then in time.
fn other_key(observer: &Observer<'_>, observed: &Observed, key: &[u8], term: usize, near: &Event) -> Option<Finding> {
    let wanted: Vec<Value> = json_values(key);
    let apart = |event: &Event| match (event.time, near.time) {
        (Some(a), Some(b)) => a.as_nanos().abs_diff(b.as_nanos()),
        _ => u128::MAX,
    };
    let differences = |hit: &Hit| {
        let each = hit.keys.iter().map(|own| json_values(own));
        each.min_by_key(|own| own.iter().zip(&wanted).filter(|(a, b)| a != b).count())
    };
    let events = observed.events.iter().flat_map(|event| event.hits.iter().map(move |hit| (event, hit)));
    let (event, hit) = events.filter(|(_, hit)| hit.term == term).min_by_key(|(event, hit)| {
        let differing = differences(hit).map(|own| own.iter().zip(&wanted).filter(|(a, b)| a != b).count());
        (differing.unwrap_or(hit.lacks.len()), apart(event))
    })?;
    if !hit.lacks.is_empty() {
        return lacks(observer, event, term);
    }
    let names = observer.key_names(term);
    let own = differences(hit)?;
    let pairs = names.into_iter().zip(own.into_iter().zip(wanted)).filter(|(_, (own, wanted))| own != wanted);
    let fields = pairs.map(|(field, (value, wanted))| Difference { field, value, wanted }).collect();
    Some(Finding::KeyDiffers { stage: stage_of(observer, term)?, event: event.number, fields })
}

fn json_values(key: &[u8]) -> Vec<Value> {
    key_values(key).into_iter().map(|value| value.json()).collect()
}

fn lacks(observer: &Observer<'_>, event: &Event, term: usize) -> Option<Finding> {
    let hit = event.hits.iter().find(|hit| hit.term == term)?;
    Some(Finding::KeyMissing { stage: stage_of(observer, term)?, event: event.number, fields: hit.lacks.clone() })
}

/// A key has events for all stages, and yet there is no alert.
fn limits(observer: &Observer<'_>, observed: &Observed, events: &ByTerm) -> Option<Finding> {
    let rule = observer.rule()?;
    let mut turns: OrderedMap<usize, Turn> = OrderedMap::default();
    for (term, places) in events.iter() {
        for &place in places {
            let Some(event) = observed.events.get(place) else { continue };
            let Some(time) = event.time else { continue };
            let turn = || Turn { event: event.number, time, terms: Vec::new() };
            if let Some(turn) = turns.get_or_insert_with(place, turn) {
                turn.terms.push(*term);
            }
        }
    }
    let turns: Vec<Turn> = turns.values().cloned().collect();
    match &rule.kind {
        PlanKind::Event => None,
        PlanKind::Sequence(shape) => {
            let mut steps = trace(shape, &turns).0;
            for stage in steps.iter_mut().filter_map(Step::stage_mut) {
                let term = shape.positives.get(*stage).copied().unwrap_or_default();
                *stage = stage_of(observer, term).unwrap_or_default();
            }
            Some(Finding::Steps { steps })
        }
        PlanKind::Sample { stages } => {
            let window = i64::try_from(rule.rule.look_back).unwrap_or(i64::MAX);
            match nearest(turns.get(..TURNS).unwrap_or(&turns), *stages) {
                None => Some(Finding::SameEvent { events: turns.iter().take(EVENTS).map(|turn| turn.event).collect() }),
                Some((span, events)) => match span.checked_sub(window) {
                    Some(over @ 1..) => Some(Finding::OutsideWindow { events, span, window, over }),
                    _ => None,
                },
            }
        }
    }
}

/// The shortest time that holds a different event for each stage, with those events.
fn nearest(turns: &[Turn], stages: usize) -> Option<(i64, Vec<usize>)> {
    let mut best: Option<(i64, Vec<usize>)> = None;
    let mut from = 0_usize;
    for (to, last) in turns.iter().enumerate() {
        while let Some(window) = turns.get(from..=to).filter(|window| !window.is_empty())
            && let Some(chosen) = assign(window, stages)
        {
            let span = window.first().map_or(0, |first| last.time.millis.saturating_sub(first.time.millis));
            if best.as_ref().is_none_or(|(known, _)| span < *known) {
                best = Some((span, chosen));
            }
            from = from.saturating_add(1);
        }
    }
    best
}

/// A different event for each stage, by augmenting paths.
fn assign(turns: &[Turn], stages: usize) -> Option<Vec<usize>> {
    let mut owner: Vec<Option<usize>> = alloc::vec![None; turns.len()];
    for stage in 0..stages {
        if !augment(turns, stage, &mut owner, &mut alloc::vec![false; turns.len()]) {
            return None;
        }
    }
    let event = |stage| owner.iter().zip(turns).find(|(owner, _)| **owner == Some(stage)).map(|(_, turn)| turn.event);
    (0..stages).map(event).collect()
}

/// Finds an event for `stage`, moving those that hold one where need be. As deep as there are stages, at most.
fn augment(turns: &[Turn], stage: usize, owner: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for (place, _) in turns.iter().enumerate().filter(|(_, turn)| turn.terms.contains(&stage)) {
        let Some(tried_here) = tried.get_mut(place) else { continue };
        if core::mem::replace(tried_here, true) {
            continue;
        }
        let held = owner.get(place).copied().flatten();
        if held.is_none_or(|other| augment(turns, other, owner, tried)) {
            if let Some(slot) = owner.get_mut(place) {
                *slot = Some(stage);
            }
            return true;
        }
    }
    false
}
