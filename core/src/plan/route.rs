//! Which rules an event is for, by the index or data stream that it says it is from.
//!
//! ```text
//! rule     index = ["logs-endpoint.events.*", "auditbeat-*", "-*-old"]
//! event    {"data_stream": {"dataset": "endpoint.events.process"}}   logs-endpoint.events.process-default: it is for the rule
//!          {"_index": ".ds-logs-nginx.access-default-2026.11.24-000007"}   it is not
//!          {"process": {..}}                                         it does not say: it is for all rules
//! ```
//! What an event says is, in this order: `_index`; `data_stream.dataset` with `data_stream.type` (`logs` where absent) and
//! `data_stream.namespace` (`default`); `event.dataset` of an integration (it has a dot: `nginx.access`). The last is a hint only: beats
//! write it too, so it keeps an event from a rule only where all patterns of the rule are of data streams.

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
    event_dataset: FieldId,
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
            event_dataset: fields.intern("event.dataset"),
        });
        Routes { rules, fields }
    }

    /// Writes the name of where the event is from into `out`; false where it does not say. A name that is only hinted at begins with `~`.
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
        let hint = text(fields.event_dataset).filter(|dataset| dataset.contains('.'));
        let (mark, dataset) = match (text(fields.dataset), hint) {
            (Some(dataset), _) => ("", dataset),
            (None, Some(dataset)) => (HINT, dataset),
            (None, None) => return false,
        };
        let parts = [mark, text(fields.kind).unwrap_or("logs"), "-", dataset, "-"];
        parts.into_iter().for_each(|part| out.push_str(part));
        out.push_str(text(fields.namespace).unwrap_or("default"));
        true
    }

    /// For each rule, whether events of this origin are for it.
    pub(crate) fn decide(&self, origin: &str) -> Box<[bool]> {
        let (hint, name) = match origin.strip_prefix(HINT) {
            Some(name) => (true, name),
            None => (false, origin),
        };
        self.rules.iter().map(|rule| rule.cover(name) || (hint && !rule.only_data_streams())).collect()
    }
}

const HINT: &str = "~";

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

    fn only_data_streams(&self) -> bool {
        let of_stream = |name: &str| ["logs-", "metrics-", "traces-"].iter().any(|kind| name.starts_with(kind));
        !self.patterns.is_empty() && self.patterns.iter().all(|pattern| pattern.exclude || of_stream(&pattern.name))
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

    #[test]
    fn a_hint_decides_only_among_data_streams() {
        assert!(!covers(&["logs-a.b-*"], "~logs-nginx.access-default"));
        assert!(covers(&["logs-a.b-*", "filebeat-*"], "~logs-nginx.access-default"));
        assert!(covers(&["logs-nginx.*"], "~logs-nginx.access-default"));
    }
}
