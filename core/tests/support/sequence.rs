//! The plain twin of the sequence matcher: lists of in-flight sequences, and missing events looked up in all the data at the end.
//!
//! Written from the reference, not from the engine: an event takes, of the in-flight sequences of the stage before, the latest that ends
//! strictly before it, and that one and all older ones are gone. Stages are asked from the first to the last here (the engine goes the
//! other way), since "strictly before" already keeps an event from filling two stages. [Elasticsearch: SequenceMatcher, TumblingWindow]

use super::{Found, Key};
use serde_json::{Value as Json, json};
use std::cmp::Ordering;

/// An event as the shapes see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) millis: i64,
    pub(crate) sub_nanos: u32,
    pub(crate) tie: Option<i64>,
    /// The stages that it fits, by letter.
    pub(crate) kinds: Vec<char>,
    /// Its fields; several values make an array.
    pub(crate) fields: Vec<(&'static str, Vec<Json>)>,
}

impl Event {
    pub(crate) fn document(&self) -> Json {
        let kinds: Vec<String> = self.kinds.iter().map(char::to_string).collect();
        let mut document =
            json!({"@timestamp": super::iso(self.millis, self.sub_nanos), "name": self.name, "kind": kinds});
        for (field, values) in &self.fields {
            document[*field] = if let [value] = &values[..] { value.clone() } else { json!(values) };
        }
        if let Some(tie) = self.tie {
            document["tie"] = json!(tie);
        }
        document
    }

    fn nanos(&self) -> i128 {
        i128::from(self.millis) * 1_000_000 + i128::from(self.sub_nanos)
    }

    /// All tuples of its values for the fields, distinct; null only where it is optional.
    pub(crate) fn keys(&self, by: &[(&'static str, bool)]) -> Vec<Vec<Key>> {
        let mut tuples = vec![Vec::new()];
        for (field, optional) in by {
            let all = self.fields.iter().filter(|(name, _)| name == field).flat_map(|(_, values)| values);
            let mut values: Vec<Key> = all.filter(|value| !value.is_null()).map(Key::of).collect();
            if values.is_empty() && *optional {
                values.push(Key::Null);
            }
            let mut longer: Vec<Vec<Key>> = Vec::new();
            for tuple in &tuples {
                for value in &values {
                    let mut tuple: Vec<Key> = tuple.clone();
                    tuple.push(value.clone());
                    if !longer.contains(&tuple) {
                        longer.push(tuple);
                    }
                }
            }
            tuples = longer;
        }
        tuples
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) kind: char,
    pub(crate) by: Vec<(&'static str, bool)>,
    pub(crate) missing: bool,
    pub(crate) runs: usize,
}

impl Stage {
    fn hit(&self, event: &Event, key: &[Key]) -> bool {
        event.kinds.contains(&self.kind) && event.keys(&self.by).iter().any(|own| own == key)
    }

    fn text(&self) -> String {
        let by: Vec<String> =
            self.by.iter().map(|(field, optional)| format!("{}{field}", if *optional { "?" } else { "" })).collect();
        let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
        let runs = if self.runs == 1 { String::new() } else { format!(" with runs={}", self.runs) };
        format!("{}[{}]{by}{runs}", if self.missing { "!" } else { "" }, self.kind)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) maxspan: Option<i64>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) until: Option<Stage>,
}

impl Shape {
    pub(crate) fn query(&self) -> String {
        let maxspan = self.maxspan.map_or(String::new(), |span| format!(" with maxspan={span}ms"));
        let stages: Vec<String> = self.stages.iter().map(Stage::text).collect();
        let until = self.until.as_ref().map_or(String::new(), |until| format!(" until {}", until.text()));
        format!("sequence{maxspan} {}{until}", stages.join(" "))
    }

    /// All that it finds, in order.
    pub(crate) fn find(&self, arrived: &[Event]) -> Vec<Found> {
        let mut events: Vec<&Event> = arrived.iter().collect();
        // Stable: what is equal stays in the order of its arrival. No tiebreaker sorts last.
        events.sort_by_key(|event| (event.nanos(), event.tie.is_none(), event.tie));
        let terms: Vec<&Stage> = self.stages.iter().flat_map(|stage| std::iter::repeat_n(stage, stage.runs)).collect();
        let positives: Vec<&Stage> = terms.iter().filter(|stage| !stage.missing).copied().collect();
        let mut keys: Vec<Vec<Key>> = Vec::new();
        for key in events.iter().flat_map(|event| terms.iter().flat_map(|stage| event.keys(&stage.by))) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let mut found: Vec<(usize, Vec<Key>, Vec<usize>)> = Vec::new();
        for key in keys {
            for sequence in self.in_flight(&positives, &events, &key) {
                if self.absent(&terms, &positives, &events, &key, &sequence) {
                    found.push((*sequence.last().unwrap(), key.clone(), sequence));
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.partial_cmp(&b.1).unwrap_or(Ordering::Equal)));
        let slots = |sequence: Vec<usize>| {
            let mut places = sequence.into_iter();
            terms
                .iter()
                .map(|stage| if stage.missing { "-".into() } else { events[places.next().unwrap()].name.clone() })
                .collect()
        };
        found.into_iter().map(|(_, key, sequence)| Found { key, events: slots(sequence) }).collect()
    }

    /// The sequences of positive stages of one key, each as places in `events`.
    fn in_flight(&self, positives: &[&Stage], events: &[&Event], key: &[Key]) -> Vec<Vec<usize>> {
        let mut lists: Vec<Vec<Vec<usize>>> = vec![Vec::new(); positives.len()];
        for (place, event) in events.iter().enumerate() {
            for (number, stage) in positives.iter().enumerate() {
                if !stage.hit(event, key) {
                    continue;
                }
                let mut sequence = Vec::new();
                if number > 0 {
                    let before = &mut lists[number - 1];
                    let Some(latest) = before.iter().rposition(|sequence| *sequence.last().unwrap() < place) else {
                        continue;
                    };
                    sequence = before[latest].clone();
                    before.drain(..=latest);
                    let lasted = event.nanos() - events[sequence[0]].nanos();
                    if self.maxspan.is_some_and(|span| lasted > i128::from(span) * 1_000_000) {
                        continue;
                    }
                }
                sequence.push(place);
                lists[number].push(sequence);
            }
            if self.until.as_ref().is_some_and(|until| until.hit(event, key)) {
                let (_, open) = lists.split_last_mut().unwrap();
                open.iter_mut().for_each(Vec::clear);
            }
        }
        lists.pop().unwrap()
    }

    /// Whether the missing stages are.
    fn absent(
        &self,
        terms: &[&Stage],
        positives: &[&Stage],
        events: &[&Event],
        key: &[Key],
        sequence: &[usize],
    ) -> bool {
        let time = |place: usize| events[sequence[place]].millis;
        let (start, end) = (time(0), time(sequence.len() - 1));
        let (mut leading, mut trailing) = (None, None);
        let mut passed = 0;
        for stage in terms {
            if !stage.missing {
                passed += 1;
                continue;
            }
            let hits = events.iter().filter(|event| stage.hit(event, key)).map(|event| event.millis);
            if passed == 0 {
                let last: &mut Option<Option<i64>> = &mut leading;
                let own = hits.filter(|&at| at < start).max();
                *last = Some(last.flatten().max(own));
            } else if passed == positives.len() {
                let first: &mut Option<Option<i64>> = &mut trailing;
                let own = hits.filter(|&at| at > end).min();
                *first = Some(first.flatten().into_iter().chain(own).min());
            } else if hits.into_iter().any(|at| time(passed - 1) < at && at < time(passed)) {
                return false;
            }
        }
        let span = self.maxspan.unwrap_or(0);
        match (leading, trailing) {
            (None, None) | (Some(None), _) | (_, Some(None)) => true,
            (Some(Some(left)), Some(Some(right))) => right - left > span,
            (Some(Some(left)), None) => end - left > span,
            (None, Some(Some(right))) => right - start > span,
        }
    }
}
