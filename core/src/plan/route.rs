//! Which rules an event is for, by the index or data stream that it says it is from.
//!
//! ```text
//! rule     index = ["logs-endpoint.events.*", "auditbeat-*", "-*-old"]
//! event    {"data_stream": {"type": "logs", "dataset": "endpoint.events.process", "namespace": "default"}}   it is for the rule
//!          {"_index": ".ds-logs-nginx.access-default-2026.11.24-000007"}   it is not
//!          {"event": {"dataset": "nginx.access"}}   it does not say its whole name: it is for all rules
//! ```
//! What an event says is its `_index`, or else `data_stream.type` and `data_stream.dataset` (with `data_stream.namespace`, or `default`). A dataset
//! alone is half a name, which processors and tests set without a data stream in mind: it keeps an event from no rule.

use crate::{
    event::{EventView, FieldId, FieldTable, Value},
    pattern::{Case, naive_wildcard},
    rule::Rule,
};
use alloc::{boxed::Box, string::String, vec::Vec};

/// The index patterns of all rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    rules: Vec<Patterns>,
    /// `None` where no rule has patterns.
    fields: Option<Fields>,
}

#[derive(Clone, Copy, Debug)]
struct Fields {
    index: FieldId,
    kind: FieldId,
    dataset: FieldId,
    namespace: FieldId,
}

/// The index patterns of one rule, in order; none for all indices.
#[derive(Clone, Debug, Default)]
struct Patterns {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    exclude: bool,
    /// A pattern for the name of a remote cluster.
    cluster: Option<Box<str>>,
    name: Box<str>,
}

impl Routes {
    pub(crate) fn new<'r>(rules: impl Iterator<Item = &'r Rule>, fields: &mut FieldTable) -> Self {
        let rules: Vec<Patterns> = rules.map(|rule| Patterns::new(&rule.index)).collect();
        let fields = rules.iter().any(|patterns| !patterns.patterns.is_empty()).then(|| Fields {
            index: fields.intern("_index"),
            kind: fields.intern("data_stream.type"),
            dataset: fields.intern("data_stream.dataset"),
            namespace: fields.intern("data_stream.namespace"),
        });
        Routes { rules, fields }
    }

    /// The field in which an event says its index, where somebody asks.
    pub(crate) fn index_field(&self) -> Option<FieldId> {
        self.fields.map(|fields| fields.index)
    }

    /// Writes the name of where the event is from into `out`; false where it does not say.
    pub(crate) fn origin(&self, view: EventView<'_>, out: &mut String) -> bool {
        out.clear();
        let Some(fields) = self.fields else { return false };
        let text = |field| match view.first(field) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        if let Some(index) = text(fields.index) {
            out.push_str(index);
            return true;
        }
        let (Some(kind), Some(dataset)) = (text(fields.kind), text(fields.dataset)) else { return false };
        let namespace = text(fields.namespace).unwrap_or("default");
        [kind, "-", dataset, "-", namespace].into_iter().for_each(|part| out.push_str(part));
        true
    }

    /// For each rule, whether events of this origin are for it.
    pub(crate) fn decide(&self, origin: &str) -> Box<[bool]> {
        self.rules.iter().map(|rule| rule.cover(origin)).collect()
    }
}

impl Patterns {
    fn new(index: &[String]) -> Self {
        let parts = index.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|part| !part.is_empty());
        let patterns: Vec<Pattern> = parts.map(Pattern::new).collect();
        // A pattern with date math (`<logs-{now/d}>`) is one that only a clock can read.
        let all = patterns.iter().any(|pattern| pattern.name.starts_with('<') || &*pattern.name == "_all");
        Patterns { patterns: if all { Vec::new() } else { patterns } }
    }

    /// Whether the index, data stream, or backing index of one is among them. Elasticsearch: an exclusion takes from what stands before it.
    fn cover(&self, origin: &str) -> bool {
        let (cluster, index) = match origin.split_once(':') {
            Some((cluster, index)) => (Some(cluster), index),
            None => (None, origin),
        };
        let names = [index, stream_of(index)];
        let mut covered = self.patterns.first().is_none_or(|first| first.exclude);
        for pattern in &self.patterns {
            if names.iter().any(|name| pattern.matches(cluster, name)) {
                covered = !pattern.exclude;
            }
        }
        covered
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let (exclude, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (cluster, name) = match text.split_once(':') {
            Some((cluster, name)) => (Some(cluster.into()), name),
            None => (None, text),
        };
        Pattern { exclude, cluster, name: name.into() }
    }

    /// An event that names no cluster may be of any.
    fn matches(&self, cluster: Option<&str>, name: &str) -> bool {
        let in_cluster = match (&self.cluster, cluster) {
            (Some(pattern), Some(cluster)) => glob(pattern, cluster),
            (None, Some(_)) => false,
            (_, None) => true,
        };
        in_cluster && glob(&self.name, name)
    }
}

/// Index patterns know the asterisk only. Decisions are kept, so the plain matcher will do.
fn glob(pattern: &str, name: &str) -> bool {
    naive_wildcard(&pattern.replace('?', "\u{1}"), name, Case::Sensitive)
}

/// The data stream of a backing index (`.ds-NAME-2026.11.24-000001`, also `partial-.ds-..`), or the index itself.
fn stream_of(index: &str) -> &str {
    let mounted = index.strip_prefix("partial-").or_else(|| index.strip_prefix("restored-")).unwrap_or(index);
    let Some(backing) = mounted.strip_prefix(".ds-") else { return mounted };
    let is = |text: &str, digit: fn(char) -> bool| !text.is_empty() && text.chars().all(digit);
    match backing.rsplit_once('-').and_then(|(rest, generation)| Some((rest.rsplit_once('-')?, generation))) {
        Some(((name, date), generation))
            if is(generation, |c| c.is_ascii_digit()) && is(date, |c| c.is_ascii_digit() || c == '.') =>
        {
            name
        }
        _ => backing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    fn covers(patterns: &[&str], origin: &str) -> bool {
        let rule = Rule { index: patterns.iter().map(|&text| text.to_owned()).collect(), ..Rule::default() };
        Routes::new([rule].iter(), &mut FieldTable::default()).decide(origin).first().copied().unwrap()
    }

    #[test]
    fn patterns_cover_names() {
        for (patterns, origin, covered) in [
            (&["logs-a.*"][..], "logs-a.b-default", true),
            (&["logs-a.*"], "logs-ab-default", false),
            (&["logs-a.b*, metrics-*"], "metrics-x-default", true),
            (&[], "anything", true),
            (&["_all"], "anything", true),
            (&["logs-*", "-logs-old*"], "logs-old.x-default", false),
            (&["-logs-old*", "logs-*"], "logs-old.x-default", true),
            (&["-logs-old*"], "logs-new.x-default", true),
            (&["logs-a?b-*"], "logs-a.b-default", false),
            (&["logs-a.b-*"], ".ds-logs-a.b-default-2026.11.24-000003", true),
            (&["logs-a.b-default"], "partial-.ds-logs-a.b-default-2026.11.24-000003", true),
            (&[".ds-logs-a.b-default-*"], ".ds-logs-a.b-default-2026.11.24-000003", true),
            (&["auditbeat-*"], ".ds-auditbeat-9.1.0-2026.11.24-000001", true),
            (&["*:logs-*"], "berlin:logs-a.b-default", true),
            (&["paris:logs-*"], "berlin:logs-a.b-default", false),
            (&["logs-*"], "berlin:logs-a.b-default", false),
            (&["*:logs-*"], "logs-a.b-default", true),
            (&["<logs-{now/d}>"], "other", true),
        ] {
            assert_eq!(covers(patterns, origin), covered, "{patterns:?} {origin}");
        }
    }
}
