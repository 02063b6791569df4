//! The plain twin of the sample matcher: which keys have a set of distinct events, one per stage, in all the data.

use super::{
    Key,
    sequence::{Event, Stage},
};

/// The keys, ascending.
pub(crate) fn sample_keys(stages: &[Stage], events: &[Event]) -> Vec<Vec<Key>> {
    let mut keys: Vec<Vec<Key>> = Vec::new();
    for key in events.iter().flat_map(|event| event.keys(&stages[0].by)) {
        if !keys.contains(&key) && distinct(stages, events, &key, &mut Vec::new()) {
            keys.push(key);
        }
    }
    keys.sort_by(|a, b| a.partial_cmp(b).unwrap());
    keys
}

/// Tries every event for every stage.
fn distinct(stages: &[Stage], events: &[Event], key: &Vec<Key>, chosen: &mut Vec<usize>) -> bool {
    let Some((stage, rest)) = stages.split_first() else { return true };
    (0..events.len()).any(|place| {
        let event = &events[place];
        if chosen.contains(&place) || !event.kinds.contains(&stage.kind) || !event.keys(&stage.by).contains(key) {
            return false;
        }
        chosen.push(place);
        let all = distinct(rest, events, key, chosen);
        chosen.pop();
        all
    })
}
