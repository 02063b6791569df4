//! Samples over finished data: for each join key the first sets of distinct documents, one per filter.
//!
//! A key counts where every filter has a document with it. Of these each filter takes the first few, as many as distinctness can need, and the
//! sets are tried in order, the last filter's documents fastest. Different samples of one key may share documents. [Elasticsearch: SampleIterator]

use super::prepared::Matched;
use crate::ordered::OrderedMap;
use alloc::{boxed::Box, vec::Vec};

/// The samples by key, ascending; each the places of its documents in `found`, one per filter.
pub(super) fn samples(filters: usize, per_key: usize, found: &[&Matched]) -> Vec<(Box<[u8]>, Vec<usize>)> {
    let fetch = filters.saturating_add(per_key).saturating_sub(1);
    let mut by_key: OrderedMap<&[u8], Vec<Vec<usize>>> = OrderedMap::default();
    for (place, event) in found.iter().enumerate() {
        for (filter, keys) in &event.hits {
            for key in keys {
                let documents = by_key.get_or_insert_with(key, || alloc::vec![Vec::new(); filters]);
                if let Some(documents) = documents.and_then(|documents| documents.get_mut(*filter))
                    && documents.len() < fetch
                {
                    documents.push(place);
                }
            }
        }
    }
    let mut samples = Vec::new();
    for (key, documents) in by_key.iter() {
        let mut sets = Vec::new();
        choose(documents, per_key, &mut Vec::new(), &mut sets);
        samples.extend(sets.into_iter().map(|set| ((*key).into(), set)));
    }
    samples
}

/// Depth first: all ways to take a document of each filter, no document twice, up to `most`.
fn choose(documents: &[Vec<usize>], most: usize, chosen: &mut Vec<usize>, sets: &mut Vec<Vec<usize>>) {
    let Some((first, rest)) = documents.split_first() else {
        sets.push(chosen.clone());
        return;
    };
    for &document in first {
        if sets.len() >= most {
            return;
        }
        if !chosen.contains(&document) {
            chosen.push(document);
            choose(rest, most, chosen, sets);
            chosen.pop();
        }
    }
}
