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

#[cfg(test)]
mod tests {
    use crate::{
        Schema,
        search::{Hits, Index, SearchOptions, search},
    };
    use alloc::{format, string::String, vec::Vec};

    #[test]
    fn versions_are_reported_in_their_order() {
        let mapping = r#"{"properties": {"v": {"type": "version"}, "n": {"type": "long"}, "e": {"type": "keyword"}}}"#;
        let mut index = Index::with_schema("i", Schema::from_mapping(mapping).unwrap());
        for version in ["10.0.0", "2.0.0", "20.10.0", "20.2.0-rc", "20.2.0", "none"] {
            for (number, event) in [(2, "a"), (1, "b"), (2, "b"), (1, "a")] {
                index.push(&format!(r#"{{"v": "{version}", "n": {number}, "e": "{event}"}}"#)).unwrap();
            }
        }
        let keys = |query: &str| -> Vec<String> {
            let options = SearchOptions { size: 3, ..SearchOptions::default() };
            match search(query, &[index.clone()], &options).unwrap().hits {
                Hits::Sequences(groups) => {
                    groups.iter().map(|group| serde_json::to_string(&group.join_keys).unwrap()).collect()
                }
                Hits::Events(_) => Vec::new(),
            }
        };
        let by_version = keys(r#"sample by v [any where e == "a"] [any where e == "b"]"#);
        assert_eq!(by_version, [r#"["2.0.0"]"#, r#"["10.0.0"]"#, r#"["20.2.0-rc"]"#]);
        let and_number = keys(r#"sample by v, n [any where e == "a"] [any where e == "b"]"#);
        assert_eq!(and_number, [r#"["2.0.0",1]"#, r#"["2.0.0",2]"#, r#"["10.0.0",1]"#]);
    }
}
