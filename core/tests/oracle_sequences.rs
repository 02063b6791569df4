//! Sequences and samples against their plain twins, on random streams with few keys and many ties: stream, search and twin agree,
//! however the bytes are cut, and in whatever order events come within the allowed lateness.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator};
use serde_json::{Value as Json, json};
use support::{
    Found, drained, plan_of,
    random::Random,
    rule,
    sample::sample_keys,
    searched,
    sequence::{Event, Shape, Stage},
    shown, sorted, streamed,
};

const LETTERS: [char; 4] = ['A', 'B', 'C', 'D'];

/// Fields to join by: `k` for the stages, `j` beside it.
fn keys(random: &mut Random) -> Vec<(&'static str, bool)> {
    match random.below(5) {
        0 => Vec::new(),
        1 => vec![("k", true)],
        2 => vec![("k", false), ("j", random.chance(50))],
        _ => vec![("k", false)],
    }
}

fn shape(random: &mut Random) -> Shape {
    let by = keys(random);
    let own = |random: &mut Random| {
        // The other field, or the other optionality, at the same place.
        let mut by = by.clone();
        if random.chance(10) {
            by.iter_mut().for_each(|(field, _)| *field = "j");
        }
        by
    };
    let some_missing = random.chance(50);
    let mut stages = random.some(2, 4, |random| Stage {
        kind: *random.one(&LETTERS),
        by: own(random),
        missing: some_missing && random.chance(40),
        runs: if random.chance(15) { 2 } else { 1 },
    });
    let positive = random.below(stages.len());
    stages[positive].missing = false;
    let missing = stages.iter().any(|stage| stage.missing);
    let until =
        random.chance(30).then(|| Stage { kind: *random.one(&LETTERS), by: own(random), missing: false, runs: 1 });
    let maxspan = (missing || random.chance(60)).then(|| 1 + random.below(8) as i64);
    Shape { maxspan, stages, until }
}

fn value(random: &mut Random) -> Json {
    if random.chance(70) {
        return json!(1);
    }
    random.one(&[json!(2), json!("1"), json!(1.0), json!(true), json!(null)]).clone()
}

fn field(random: &mut Random) -> Vec<Json> {
    match random.below(10) {
        0 => Vec::new(),
        1 => random.some(2, 3, value),
        _ => vec![value(random)],
    }
}

/// Events in the order of their arrival, times ascending with many ties; `distinct`: no two at the same time.
fn events(random: &mut Random, count: usize, distinct: bool) -> Vec<Event> {
    let mut millis = 1_000;
    let nanos = random.chance(20);
    let ties = random.chance(30);
    (0..count)
        .map(|number| {
            millis += if distinct { 1 + random.below(3) as i64 } else { random.below(3) as i64 };
            let least = usize::from(random.chance(80));
            let kinds = random.some(least, 2, |random| *random.one(&LETTERS));
            Event {
                name: format!("e{number}"),
                millis,
                sub_nanos: if nanos { number as u32 } else { 0 },
                tie: (ties && random.chance(70)).then(|| random.below(4) as i64),
                kinds,
                fields: vec![("k", field(random)), ("j", field(random))],
            }
        })
        .collect()
}

fn documents(events: &[Event]) -> Vec<Json> {
    events.iter().map(Event::document).collect()
}

fn trailing(shape: &Shape) -> bool {
    shape.stages.last().unwrap().missing
}

#[test]
fn stream_and_search_find_what_the_plain_matcher_finds() {
    let mut random = Random(11);
    let (mut results, mut with_missing) = (0, 0);
    for round in 0..300 {
        let shape = shape(&mut random);
        if shape.stages.iter().map(|stage| stage.runs).sum::<usize>() < 2 {
            continue;
        }
        let count = 4 + random.below(40);
        let events = events(&mut random, count, false);
        let query = shape.query();
        let expected = shape.find(&events);
        let documents = documents(&events);
        let tell = || {
            let lines: Vec<String> = documents.iter().map(Json::to_string).collect();
            format!("round {round}: {query}\n{}", lines.join("\n"))
        };
        let search = searched(&query, Some("tie"), &documents);
        assert_eq!(shown(&search), shown(&expected), "search, {}", tell());
        let mut rule = rule(&query);
        rule.tiebreaker_field = Some("tie".into());
        let chunk = 1 + random.below(200);
        let stream = streamed(rule, Config::default(), &documents, chunk);
        if trailing(&shape) {
            // Told in the order in which the absences were proved.
            assert_eq!(shown(&sorted(stream)), shown(&sorted(expected.clone())), "stream, {}", tell());
        } else {
            assert_eq!(shown(&stream), shown(&expected), "stream, {}", tell());
        }
        results += expected.len();
        with_missing += expected.iter().filter(|found| found.events.contains(&"-".into())).count();
    }
    assert!(results > 300 && with_missing > 150, "too little is found to be a test: {results}, {with_missing}");
}

#[test]
fn without_a_tiebreaker_ties_keep_their_order_of_arrival() {
    let mut random = Random(12);
    for round in 0..80 {
        let shape = shape(&mut random);
        let count = 4 + random.below(20);
        let mut events = events(&mut random, count, false);
        events.iter_mut().for_each(|event| event.tie = None);
        let expected = sorted(shape.find(&events));
        let stream = streamed(rule(&shape.query()), Config::default(), &documents(&events), 1 + random.below(99));
        assert_eq!(shown(&sorted(stream)), shown(&expected), "round {round}: {}", shape.query());
    }
}

#[test]
fn what_comes_out_of_order_within_the_allowed_lateness_changes_nothing() {
    let mut random = Random(13);
    for round in 0..80 {
        let shape = shape(&mut random);
        let count = 4 + random.below(30);
        let events = events(&mut random, count, true);
        let expected = sorted(shape.find(&events));
        let lateness = 1 + random.below(6) as i64;
        let mut arrived: Vec<(i64, Event)> = events
            .into_iter()
            .map(|event| (event.millis + random.below(lateness as usize + 1) as i64, event))
            .collect();
        arrived.sort_by_key(|(at, _)| *at);
        let arrived: Vec<Event> = arrived.into_iter().map(|(_, event)| event).collect();
        let mut config = Config::default();
        config.allowed_lateness = lateness as u64;
        let stream = streamed(rule(&shape.query()), config, &documents(&arrived), 1 + random.below(99));
        assert_eq!(shown(&sorted(stream)), shown(&expected), "round {round}: {}", shape.query());
    }
}

#[test]
fn an_alert_comes_with_the_event_that_completes_it() {
    let mut random = Random(15);
    let mut results = 0;
    for round in 0..60 {
        let shape = shape(&mut random);
        if trailing(&shape) {
            continue;
        }
        let mut events = events(&mut random, 25, false);
        events.iter_mut().for_each(|event| event.tie = None);
        let mut correlator = Correlator::new(plan_of([rule(&shape.query())]), Config::default());
        let mut alerted = Vec::new();
        for (number, document) in documents(&events).iter().enumerate() {
            correlator.feed_event(document.to_string().as_bytes()).unwrap();
            alerted.extend(drained(&mut correlator));
            let expected = shape.find(&events[..=number]);
            assert_eq!(shown(&alerted), shown(&expected), "round {round}, event {number}: {}", shape.query());
        }
        results += alerted.len();
    }
    assert!(results > 50, "too little is found to be a test: {results}");
}

#[test]
fn samples_find_the_keys_of_the_plain_matcher_in_any_order_of_arrival() {
    let mut random = Random(14);
    let mut results = 0;
    for round in 0..150 {
        let mut by = keys(&mut random);
        if by.is_empty() {
            by.push(("k", false));
        }
        let stages: Vec<Stage> =
            random.some(2, 5, |random| Stage { kind: *random.one(&LETTERS), by: by.clone(), missing: false, runs: 1 });
        let names: Vec<String> =
            by.iter().map(|(key, optional)| format!("{}{key}", if *optional { "?" } else { "" })).collect();
        let terms: Vec<String> = stages.iter().map(|stage| format!("[{}]", stage.kind)).collect();
        let query = format!("sample by {} {}", names.join(", "), terms.join(" "));
        let count = 6 + random.below(24);
        let mut events = events(&mut random, count, false);
        let expected = sample_keys(&stages, &events);
        results += expected.len();
        let search: Vec<_> = searched(&query, None, &documents(&events)).into_iter().map(|found| found.key).collect();
        assert_eq!(search, expected, "search, round {round}: {query}");
        random.shuffle(&mut events);
        let mut config = Config::default();
        config.allowed_lateness = 540_000;
        let alerts = streamed(rule(&query), config, &documents(&events), 1 + random.below(99));
        let mut alerted: Vec<_> = alerts.iter().map(|found| found.key.clone()).collect();
        alerted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        alerted.dedup();
        assert_eq!(alerted, expected, "stream, round {round}: {query}");
        spent(&alerts);
    }
    assert!(results > 80, "too little is found to be a test: {results}");
}

/// No event serves two stages, nor two alerts of one key.
fn spent(alerts: &[Found]) {
    let mut used: Vec<(&[support::Key], &String)> = Vec::new();
    for alert in alerts {
        for event in &alert.events {
            assert!(!used.contains(&(&alert.key, event)), "{event} is used twice: {alert}");
            used.push((&alert.key, event));
        }
    }
}
